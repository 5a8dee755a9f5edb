"""Dunning 催款 (document J 2.3; domain 2.8).

The day after an instalment fell due a case opens by itself: call the buyer; after a week the 催款通知书 goes by EMS and its
proof of delivery is entered; after a month the lawyer writes; what follows is decided by people only;
a rescission begins the return of the home by itself. A dispute stops the
ladder. Penalty is shown beside what is owed, charged once it is paid, waived only by approval.
"""

from __future__ import annotations

from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    FINANCE,
    SALES,
    SIGNING_SUPERVISOR,
)
from guiju.sales import dunning_forms as forms
from guiju.sales.approving import somebody_approves
from guiju.sales.operations import dunning as acts


class Is(State):
    """Where a dunning case stands."""

    LATE = "late", "待电话催款", "brand"
    CALLED = "called", "已电话催款", "brand"
    WRITTEN = "written", "已发催款通知书", "risk"
    WARNED = "warned", "已发律师函", "risk"
    DISPUTED = "disputed", "有争议，暂停催款", "hold"
    PAID = "paid", "已收清", "done"
    DECIDED = "decided", "移交法务处理", "done"
    STOPPED = "stopped", "停止催款", "done"


DESK = (CS_CLERK, SIGNING_SUPERVISOR, CS_ASSISTANT_MANAGER, FINANCE)
ACTIVE = (Is.LATE, Is.CALLED, Is.WRITTEN, Is.WARNED)
END = ("close_paid", "decide", "stop")

DUNNING = register(
    Process(
        "dunning",
        "催款",
        series="CK",
        sop="KF-CK-01",
        starts=Is.LATE,
        ends=(Is.PAID, Is.DECIDED, Is.STOPPED),
        facts=acts.load,
        steps=(
            Step(
                "begin", "开始催款", (), DESK, "J-2.3-c", to=Is.LATE, opens=True, form=forms.BeginForm,
                needs=(acts.is_late,), does=(acts.begin,),
            ),
            Step(
                "call", "电话催款", (Is.LATE,), (*DESK, SALES), "J-2.3-d", to=Is.CALLED, form=forms.CallForm,
                needs=(acts.still_owed,), does=(acts.call,), todo=acts.call_wanted, main=True,
            ),
            Step(
                "call_again", "再次电话催款", (Is.CALLED, Is.WRITTEN, Is.WARNED), (*DESK, SALES), "J-2.3-d",
                form=forms.CallForm, needs=(acts.still_owed,), does=(acts.call,), todo=acts.promise_broken,
            ),
            Step(
                "promise", "登记付款承诺", ACTIVE, (*DESK, SALES), "J-2.3-d", form=forms.PromiseForm,
                needs=(acts.still_owed, acts.promise_is_ahead), does=(acts.promise,),
            ),
            Step(
                "letter", "寄发催款通知书", (Is.LATE, Is.CALLED), DESK, "J-2.3-d", to=Is.WRITTEN, form=forms.LetterForm,
                needs=(acts.still_owed, acts.a_week_late), does=(acts.letter,), todo=acts.letter_wanted, main=True,
            ),
            Step(
                "deliver", "登记送达", (*ACTIVE, Is.DISPUTED), DESK, "J-2.3-d", form=forms.DeliverForm,
                needs=(acts.letter_was_sent,), does=(acts.deliver,), todo=acts.delivery_wanted,
            ),
            Step(
                "lawyer", "寄发律师函", (Is.WRITTEN,), (CS_ASSISTANT_MANAGER, CS_MANAGER), "J-2.3-d",
                to=Is.WARNED, form=forms.LetterForm,
                needs=(acts.still_owed, acts.a_month_late, acts.letter_was_delivered), does=(acts.letter,),
                todo=acts.lawyer_wanted, main=True,
            ),
            Step(
                "dispute", "登记争议", ACTIVE, (*DESK, SALES, CS_MANAGER), "J-2.3-d", to=Is.DISPUTED, form=WithReason,
            ),
            Step(
                "resume", "争议了结，恢复催款", (Is.DISPUTED,), (CS_ASSISTANT_MANAGER, CS_MANAGER), "J-2.3-d", to=Is.CALLED,
                form=WithReason,
            ),
            Step(
                "waive", "减免违约金", (*ACTIVE, Is.DISPUTED), DESK, "J-2.3-d", form=forms.WaiveForm,
                needs=(somebody_approves("J-2.3-d"), acts.penalty_is_enough), does=(acts.waive,), facts_for_approval=acts.amount_facts,
                approval_facts=("amount",),
            ),
            Step(
                "charge", "收取违约金", ACTIVE, (FINANCE, CS_ASSISTANT_MANAGER), "J-2.3-d", form=forms.ChargeForm,
                needs=(acts.nothing_owed,), does=(acts.charge,),
            ),
            Step(
                "close_paid", "收清结案", (*ACTIVE, Is.DISPUTED), DESK, "J-2.3-d", to=Is.PAID, form=forms.CloseForm,
                needs=(acts.nothing_owed,), todo=acts.closing_wanted, main=True,
            ),
            Step(
                "decide", "决定解除或诉讼", (*ACTIVE, Is.DISPUTED), (CS_MANAGER, DEPUTY_GM), "J-2.3-d", to=Is.DECIDED,
                form=forms.DecideForm,
                needs=(
                    somebody_approves("J-2.3-d"), acts.still_owed, acts.right_has_come, acts.letter_was_delivered,
                    acts.rescission_can_begin,
                ),
                facts_for_approval=acts.owed_facts, approval_facts=("owed",),
            ),
            Step(
                "stop", "停止催款", (*ACTIVE, Is.DISPUTED), (CS_ASSISTANT_MANAGER, CS_MANAGER), "J-2.3-d", to=Is.STOPPED,
                form=WithReason,
            ),
        ),
        clocks=(
            ClockRule(
                "call", "电话催款", starts=("begin",), stops=("call", "dispute", *END), limit="1 日", clause="J-2.3-d"
            ),
            ClockRule(
                "letter", "催款通知书", starts=("begin", "resume"), stops=("letter", "dispute", *END), limit="7 日",
                clause="J-2.3-d", due=acts.letter_due, replans=True,
            ),
            ClockRule(
                "lawyer", "律师函", starts=("begin", "resume"), stops=("lawyer", "dispute", *END), limit="30 日",
                clause="J-2.3-d", due=acts.lawyer_due, replans=True,
            ),
            ClockRule(
                "promise", "付款承诺", starts=("promise",), stops=("call_again", "dispute", *END), limit="7 日", clause="J-2.3-d",
                due=acts.promise_due, replans=True,
            ),
            ClockRule(
                "dispute", "处理争议", starts=("dispute",), stops=("resume", *END), limit="15 日", clause="J-2.3-d"
            ),
        ),
    )
)  # fmt: skip
