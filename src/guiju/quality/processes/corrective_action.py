"""Corrective action 纠正措施 (K-2.6, A-2.2-b, F-2.5-d; domain 2.23).

A fact is written down by a person or by a rule; the quality department issues the notice to the responsible department,
which signs for it, puts right what is wrong, finds the cause, plans measures, has them approved and does them. Somebody
else verifies; after a while the effect is judged, and what had none is issued anew.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    GENERAL_MANAGER,
    INSPECTOR,
    QUALITY,
    SERVICE_MANAGER,
)
from guiju.quality.forms import corrective as forms
from guiju.quality.operations import correctives as acts
from guiju.quality.people import ANYBODY
from guiju.quality.record import facts_of


class Is(State):
    """Where a corrective action stands."""

    RAISED = "raised", "待签发", "plain"
    ISSUED = "issued", "待责任部门签收", "risk"
    TAKEN = "taken", "纠正和查因中", "brand"
    DOING = "doing", "措施实施中", "brand"
    REPORTED = "reported", "待验证", "brand"
    VERIFIED = "verified", "观察效果", "ok"
    CLOSED = "closed", "已关闭", "done"
    REISSUED = "reissued", "已重新签发", "done"
    DROPPED = "dropped", "不予签发", "done"


def _uncorrected(context: Context) -> bool:
    return facts_of(context).last("corrected") is None


def _unexplained(context: Context) -> bool:
    return not _uncorrected(context) and facts_of(context).last("cause") is None


def _plannable(context: Context) -> bool:
    return not _uncorrected(context) and facts_of(context).last("cause") is not None


CORRECTIVE_ACTION = register(
    Process(
        "corrective_action",
        "纠正措施",
        series="JZ",
        sop="KF-JZ-01",
        starts=Is.RAISED,
        ends=(Is.CLOSED, Is.REISSUED, Is.DROPPED),
        facts=acts.load,
        steps=(
            Step(
                "raise", "填写通知单", (),
                (QUALITY, CS_MANAGER, CS_ASSISTANT_MANAGER, CS_CLERK, SERVICE_MANAGER, AFTER_SALES, DEPUTY_GM, GENERAL_MANAGER),
                "K-2.6-b", to=Is.RAISED, opens=True, form=forms.RaiseForm, does=(acts.raise_one,), by_clock=True,
                approvable=False,
            ),
            Step(
                "issue", "签发", (Is.RAISED,), (QUALITY, CS_MANAGER, DEPUTY_GM, GENERAL_MANAGER), "K-2.6-c",
                to=Is.ISSUED, form=forms.IssueForm, needs=(acts.department_is_named,), does=(acts.issue,), todo=True,
                main=True,
            ),
            Step(
                "drop", "不予签发", (Is.RAISED,), (QUALITY, CS_MANAGER, DEPUTY_GM), "K-2.6-b", to=Is.DROPPED,
                form=WithReason, does=(acts.drop,),
            ),
            Step(
                "acknowledge", "签收", (Is.ISSUED,), ANYBODY, "K-2.6-c", to=Is.TAKEN, form=Nothing,
                needs=(acts.is_of_department,), does=(acts.acknowledge,), todo=True, main=True,
            ),
            Step(
                "dispute", "退回", (Is.ISSUED,), ANYBODY, "K-2.6-c", to=Is.RAISED, form=WithReason,
                needs=(acts.is_of_department,), does=(acts.refuse_notice,),
            ),
            Step(
                "correct", "纠正", (Is.TAKEN,), ANYBODY, "K-2.6-d", form=forms.CorrectForm,
                needs=(acts.is_of_department,), does=(acts.correct,), todo=_uncorrected,
            ),
            Step(
                "analyse", "查找原因", (Is.TAKEN,), ANYBODY, "K-2.6-d", form=forms.CauseForm,
                needs=(acts.is_of_department,), does=(acts.analyse,), todo=_unexplained,
            ),
            Step(
                "plan", "制定措施", (Is.TAKEN,), ANYBODY, "K-2.6-d", to=Is.DOING, form=forms.PlanForm,
                needs=(acts.is_of_department, acts.is_corrected, acts.cause_is_known), does=(acts.plan,),
                todo=_plannable, main=True, facts_for_approval=acts.plan_facts, approval_facts=("major",),
            ),
            Step(
                "report", "报告完成", (Is.DOING,), ANYBODY, "K-2.6-d", to=Is.REPORTED, form=forms.ReportForm,
                needs=(acts.is_of_department,), does=(acts.report,), todo=True, main=True,
            ),
            Step(
                "verify", "验证", (Is.REPORTED,), (QUALITY, INSPECTOR, CS_MANAGER, DEPUTY_GM), "K-2.6-d",
                to=Is.VERIFIED, form=forms.VerifyForm, needs=(acts.verifier_is_another,), does=(acts.verify,),
                todo=True, main=True,
            ),
            Step(
                "refuse", "验证不通过", (Is.REPORTED,), (QUALITY, INSPECTOR, CS_MANAGER, DEPUTY_GM), "K-2.6-d",
                to=Is.DOING, form=WithReason, needs=(acts.verifier_is_another,), does=(acts.refuse,),
            ),
            Step(
                "evaluate", "效果确认", (Is.VERIFIED,), (QUALITY, CS_MANAGER, DEPUTY_GM), "K-2.6-d", to=Is.CLOSED,
                form=forms.EffectForm, needs=(acts.verifier_is_another, acts.was_watched, acts.is_effective), does=(acts.evaluate,), todo=True,
                main=True,
            ),
            Step(
                "reissue", "重新签发", (Is.VERIFIED,), (QUALITY, CS_MANAGER, DEPUTY_GM), "K-2.6-d", to=Is.REISSUED,
                form=forms.ReissueForm, needs=(acts.verifier_is_another,), does=(acts.reissue,),
            ),
        ),
        clocks=(
            ClockRule("issue", "签发", starts=("raise", "dispute"), stops=("issue", "drop"), limit="1 工作日", clause="K-2.6-b"),
            ClockRule(
                "acknowledge", "签收", starts=("issue",), stops=("acknowledge", "dispute"), limit="1 工作日",
                clause="K-2.6-c",
            ),
            ClockRule("correct", "纠正", starts=("acknowledge",), stops=("correct",), limit="24 小时", clause="K-2.6-d"),
            ClockRule(
                "analyse", "查找原因和制定措施", starts=("acknowledge",), stops=("plan",), limit="3 工作日",
                clause="K-2.6-d",
            ),
            ClockRule(
                "doing", "实施措施", starts=("plan", "refuse"), stops=("report",), limit="7 日", clause="K-2.6-d",
                due=acts.doing_due,
            ),
            ClockRule("verify", "验证", starts=("report",), stops=("verify", "refuse"), limit="3 工作日", clause="K-2.6-d"),
            ClockRule(
                "effect", "效果确认", starts=("verify",), stops=("evaluate", "reissue"), limit="30 日",
                clause="K-2.6-d", due=acts.effect_due,
            ),
        ),
    )
)  # fmt: skip
