"""Work of a responsible contractor 责任单位维修 (issue of K-2.4, I-2.8-c; domain 2.15).

It is dispatched with scope and day; the contractor accepts, or refuses after a written notice, and then a third party
does it by approval. The cost is charged to the contractor's retention as far as that is known and left, the rest claimed
by letter; what cannot be had the company bears by a reasoned decision. Somebody else inspects the work.
"""

from __future__ import annotations

from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    FINANCE,
    FOREMAN,
    INSPECTOR,
    QUALITY,
    SERVICE_MANAGER,
    TECHNICIAN,
)
from guiju.quality.forms import compensation as forms
from guiju.quality.operations import charging
from guiju.quality.operations import compensating as acts
from guiju.sales.approving import somebody_approves


class Is(State):
    """Where a contractor's work stands."""

    DISPATCHED = "dispatched", "待责任单位答复", "risk"
    WORKING = "working", "维修中", "brand"
    REFUSED = "refused", "责任单位拒绝", "over"
    DONE = "done", "待验收", "brand"
    ACCEPTED = "accepted", "待费用处理", "ok"
    FINISHED = "finished", "已办结", "done"
    CANCELLED = "cancelled", "已撤销", "done"


DESK = (CS_CLERK, CS_ASSISTANT_MANAGER, AFTER_SALES, FOREMAN, QUALITY, SERVICE_MANAGER)
MONEY = (FINANCE, CS_MANAGER, SERVICE_MANAGER)
JUDGES = (QUALITY, INSPECTOR, FOREMAN, SERVICE_MANAGER)


CONTRACTOR_WORK = register(
    Process(
        "contractor_work",
        "责任单位维修",
        series="ZR",
        sop="KF-ZR-01",
        starts=Is.DISPATCHED,
        ends=(Is.FINISHED, Is.CANCELLED),
        facts=acts.load_work,
        steps=(
            Step(
                "dispatch", "派给责任单位", (), (*DESK, CS_MANAGER, DEPUTY_GM), "I-2.8-c", to=Is.DISPATCHED,
                opens=True, form=forms.DispatchForm, does=(acts.dispatch,), approvable=False,
            ),
            Step(
                "accept", "责任单位接受", (Is.DISPATCHED, Is.REFUSED), DESK, "I-2.8-c", to=Is.WORKING,
                form=forms.AcceptForm, does=(acts.accept,), todo=lambda context: context.case.state == Is.DISPATCHED.value,
                main=True, by_clock=True,
            ),
            Step(
                "refuse", "责任单位拒绝", (Is.DISPATCHED, Is.WORKING), DESK, "I-2.8-c", to=Is.REFUSED,
                form=forms.RefuseForm, needs=(acts.refusal_was_noticed,), does=(acts.refuse,),
            ),
            Step(
                "replace", "改派第三方", (Is.REFUSED,), (CS_MANAGER, QUALITY, SERVICE_MANAGER, DEPUTY_GM), "I-2.8-c",
                to=Is.WORKING, form=forms.ReplaceForm, needs=(somebody_approves("I-2.8-c"),), does=(acts.replace,), todo=True, main=True,
            ),
            Step(
                "report", "报告完工", (Is.WORKING,), (*DESK, TECHNICIAN), "K-2.4-c", to=Is.DONE,
                form=forms.WorkDoneForm, needs=(acts.work_is_tested,), does=(acts.report,), todo=True, main=True,
                by_clock=True,
            ),
            Step(
                "inspect", "验收", (Is.DONE,), JUDGES, "K-2.4-c", to=Is.ACCEPTED, form=forms.InspectForm,
                needs=(acts.inspector_is_another, acts.inspection_is_passed), does=(acts.inspect,), todo=True,
                main=True,
            ),
            Step(
                "redo", "退回返工", (Is.DONE,), JUDGES, "K-2.4-c", to=Is.WORKING, form=WithReason, does=(acts.redo,),
            ),
            Step(
                "verify_retention", "核实质保金", (Is.DISPATCHED, Is.WORKING, Is.REFUSED, Is.DONE, Is.ACCEPTED), MONEY,
                "I-2.8-c", form=forms.RetentionForm, does=(charging.verify,),
            ),
            Step(
                "add_damages", "并入赔偿", (Is.ACCEPTED,), MONEY, "I-2.8-c", form=forms.DamagesForm,
                needs=(charging.damages_fit,), does=(charging.add_damages,),
            ),
            Step(
                "charge", "从质保金扣回", (Is.ACCEPTED,), MONEY, "I-2.8-c", form=forms.ChargeForm,
                needs=(
                    charging.something_is_owed, charging.is_charged_once, charging.something_is_open,
                    charging.retention_is_known, charging.charge_is_covered, somebody_approves("I-2.8-c"),
                ),
                does=(charging.charge,), todo=charging.to_settle,
            ),
            Step(
                "claim", "向责任单位追偿", (Is.ACCEPTED,), (*MONEY, QUALITY), "I-2.8-c", form=forms.ClaimForm,
                needs=(charging.something_is_owed, charging.something_is_open, charging.claim_is_open),
                does=(charging.claim,),
            ),
            Step(
                "recover", "追偿到账", (Is.ACCEPTED,), (FINANCE, CASHIER), "I-2.8-c", form=forms.RecoverForm,
                needs=(charging.was_claimed, charging.paid_is_claimed, charging.voucher_is_new),
                does=(charging.recover,), todo=charging.to_recover,
            ),
            Step(
                "bear", "由公司承担", (Is.ACCEPTED,), (CS_MANAGER, SERVICE_MANAGER, DEPUTY_GM), "I-2.8-c",
                form=forms.BearForm,
                needs=(charging.something_is_owed, charging.something_is_open, charging.borne_is_the_rest, somebody_approves("I-2.8-c")),
                does=(charging.bear,),
            ),
            Step(
                "finish", "办结", (Is.ACCEPTED,), (*DESK, CS_MANAGER), "I-2.8-c", to=Is.FINISHED, form=Nothing,
                needs=(charging.cost_is_settled,), does=(acts.finish,),
                todo=charging.is_settled, main=True,
            ),
            Step(
                "cancel", "撤销", (Is.DISPATCHED, Is.WORKING, Is.REFUSED), (CS_MANAGER, QUALITY, SERVICE_MANAGER), "I-2.8-c",
                to=Is.CANCELLED, form=WithReason, does=(acts.cancel,),
            ),
        ),
        clocks=(
            ClockRule("accept", "接受派单", starts=("dispatch",), stops=("accept", "refuse"), limit="24 小时", clause="I-2.8-c"),
            ClockRule(
                "work", "完成维修", starts=("accept", "replace", "redo"), stops=("report", "refuse"), limit="7 日",
                clause="K-2.4-c", due=acts.finish_due,
            ),
            ClockRule("replace", "改派", starts=("refuse",), stops=("replace", "accept"), limit="2 工作日", clause="I-2.8-c"),
            ClockRule("inspect", "验收", starts=("report",), stops=("inspect", "redo"), limit="2 工作日", clause="K-2.4-c"),
            ClockRule(
                "claim", "追偿到账", starts=("claim",), stops=("recover", "bear"), limit="30 日", clause="I-2.8-c",
                due=charging.pay_by,
            ),
            ClockRule("finish", "费用处理和办结", starts=("inspect",), stops=("finish",), limit="30 日", clause="I-2.8-c"),
        ),
    )
)  # fmt: skip
