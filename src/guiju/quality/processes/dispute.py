"""Contract dispute 合同纠纷 (J-2.11).

First the customer is heard, and what is said is written down; only then is anything answered. An explanation rests on a
rule of the law library. What cannot be answered at once is looked into by a day that is set, and reported to the leader
in charge.
"""

from __future__ import annotations

from guiju.desk import promises
from guiju.kernel.engine import Context
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    FRONT_DESK,
    GENERAL_MANAGER,
    REGISTRAR,
    SALES,
    SALES_DIRECTOR,
    SIGNING_SUPERVISOR,
)
from guiju.quality.forms import dispute as forms
from guiju.quality.operations import disputes as acts
from guiju.quality.record import facts_of
from guiju.sales.approving import somebody_approves


class Is(State):
    """Where a dispute stands."""

    HEARD = "heard", "待记录", "plain"
    WRITTEN = "written", "待解释", "brand"
    EXPLAINED = "explained", "已解释待客户答复", "brand"
    INQUIRED = "inquired", "调查中", "hold"
    SETTLED = "settled", "已达成一致", "done"
    ENDED = "ended", "已告知其他途径", "done"


LISTENERS = (
    FRONT_DESK, CS_CLERK, CS_ASSISTANT_MANAGER, CS_MANAGER, SIGNING_SUPERVISOR, REGISTRAR, SALES, SALES_DIRECTOR,
    AFTER_SALES,
)  # fmt: skip
HANDLERS = (CS_CLERK, CS_ASSISTANT_MANAGER, CS_MANAGER, SIGNING_SUPERVISOR, REGISTRAR)
OPEN = (Is.WRITTEN, Is.EXPLAINED, Is.INQUIRED)


def _reported(context: Context) -> bool:
    facts = facts_of(context)
    return facts.since("reported", "instructed") is not None


def _unreported(context: Context) -> bool:
    return facts_of(context).since("reported", "inquired") is None


DISPUTE = register(
    Process(
        "dispute",
        "合同纠纷",
        series="JF",
        sop="KF-JF-01",
        starts=Is.HEARD,
        ends=(Is.SETTLED, Is.ENDED),
        facts=acts.load,
        steps=(
            Step(
                "listen", "接待合同纠纷", (), LISTENERS, "J-2.11-a", to=Is.HEARD, opens=True, form=forms.ListenForm,
                does=(acts.listen,), approvable=False,
            ),
            Step(
                "write", "记录客户反映", (Is.HEARD,), LISTENERS, "J-2.11-b", to=Is.WRITTEN, form=forms.AccountForm,
                needs=(acts.was_read_back,), does=(acts.write,), todo=True, main=True,
            ),
            Step(
                "explain", "向客户解释", (Is.HEARD, *OPEN), HANDLERS, "J-2.11-c", to=Is.EXPLAINED,
                form=forms.ExplainForm,
                needs=(acts.account_is_written, acts.investigation_is_over, acts.rests_on_a_rule),
                does=(acts.explain,), todo=lambda context: context.case.state == Is.WRITTEN.value, main=True,
            ),
            Step(
                "investigate", "调查了解", (Is.HEARD, Is.WRITTEN, Is.EXPLAINED), HANDLERS, "J-2.11-d", to=Is.INQUIRED,
                form=forms.InquireForm, needs=(acts.account_is_written, acts.due_lies_ahead), does=(acts.inquire,),
            ),
            Step(
                "report", "汇报分管领导", OPEN, HANDLERS, "J-2.11-e", form=forms.ReportForm, does=(acts.report,),
                todo=lambda context: context.case.state == Is.INQUIRED.value and _unreported(context),
            ),
            Step(
                "instruct", "领导意见", OPEN, (DEPUTY_GM, GENERAL_MANAGER), "J-2.11-e", form=forms.InstructForm,
                needs=(acts.was_reported,), does=(acts.instruct,), todo=_reported,
            ),
            Step(
                "settle", "达成一致", (Is.EXPLAINED,), HANDLERS, "J-2.11-c", to=Is.SETTLED, form=forms.SettleForm,
                needs=(promises.all_kept,), does=(acts.settle,), todo=True, main=True,
            ),
            Step(
                "end", "转其他途径", (Is.EXPLAINED,), (CS_MANAGER, DEPUTY_GM), "J-2.11-e", to=Is.ENDED,
                form=forms.EndForm, needs=(acts.was_reported, acts.ways_are_told, somebody_approves("J-2.11-e")), does=(acts.end,),
            ),
            *promises.steps(OPEN, HANDLERS, "J-2.11-d"),
        ),
        clocks=(
            ClockRule("write", "记录", starts=("listen",), stops=("write",), limit="1 工作日", clause="J-2.11-b"),
            ClockRule(
                "explain", "解释", starts=("write",), stops=("explain", "investigate"), limit="3 工作日",
                clause="J-2.11-c",
            ),
            ClockRule(
                "investigate", "调查", starts=("investigate",), stops=("explain",), limit="5 工作日",
                clause="J-2.11-d", due=acts.investigation_due,
            ),
            ClockRule("settle", "处理完毕", starts=("listen",), stops=("settle", "end"), limit="30 日", clause="J-2.11-e"),
            promises.clock("J-2.11-d"),
        ),
    )
)  # fmt: skip
