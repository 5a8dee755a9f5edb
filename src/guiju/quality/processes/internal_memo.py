"""Internal memo 内部工作联系单 (J-2.8; domain form 17).

Somebody passes a customer's opinion, a question or a request on to another department or to the leadership. The post it
is for signs for it, may pass it on with an instruction, writes the analysis and the result; the sender takes the
answer, or asks for more.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.quality.forms import memo as forms
from guiju.quality.operations import memos
from guiju.quality.people import ANYBODY
from guiju.quality.record import facts_of


class Is(State):
    """Where a memo stands."""

    SENT = "sent", "待签收", "brand"
    RECEIVED = "received", "办理中", "brand"
    REPLIED = "replied", "已答复", "ok"
    DONE = "done", "已办结", "done"
    WITHDRAWN = "withdrawn", "已撤回", "done"


def _needs_analysis(context: Context) -> bool:
    facts = facts_of(context)
    return facts.row.kind in ("opinion", "investigation") and facts.last("analysis") is None


def _answerable(context: Context) -> bool:
    return not _needs_analysis(context)


INTERNAL_MEMO = register(
    Process(
        "internal_memo",
        "内部工作联系单",
        series="LX",
        sop="KF-LX-01",
        starts=Is.SENT,
        ends=(Is.DONE, Is.WITHDRAWN),
        facts=memos.load,
        steps=(
            Step(
                "send", "发出联系单", (), ANYBODY, "J-2.8-a", to=Is.SENT, opens=True, form=forms.SendForm,
                does=(memos.send,), approvable=False,
            ),
            Step(
                "receive", "签收", (Is.SENT,), ANYBODY, "J-2.8-b", to=Is.RECEIVED, form=forms.ReceiveForm,
                needs=(memos.is_addressed,), does=(memos.receive,), todo=True, main=True,
            ),
            Step(
                "forward", "转交", (Is.SENT, Is.RECEIVED), ANYBODY, "J-2.8-c", to=Is.SENT, form=forms.ForwardForm,
                needs=(memos.is_addressed,), does=(memos.forward,),
            ),
            Step(
                "analyse", "分析", (Is.RECEIVED,), ANYBODY, "J-2.8-c", form=forms.AnalyseForm,
                needs=(memos.is_addressed,), does=(memos.analyse,), todo=_needs_analysis,
            ),
            Step(
                "answer", "答复", (Is.RECEIVED,), ANYBODY, "J-2.8-c", to=Is.REPLIED, form=forms.AnswerForm,
                needs=(memos.is_addressed, memos.is_analysed), does=(memos.answer,), todo=_answerable, main=True,
            ),
            Step(
                "send_back", "退回补充", (Is.REPLIED,), ANYBODY, "J-2.8-c", to=Is.RECEIVED, form=forms.BackForm,
                needs=(memos.is_sender,), does=(memos.send_back,),
            ),
            Step(
                "finish", "确认答复", (Is.REPLIED,), ANYBODY, "J-2.8-a", to=Is.DONE, form=Nothing,
                needs=(memos.is_sender,), does=(memos.finish,), todo=True, main=True,
            ),
            Step(
                "withdraw", "撤回", (Is.SENT, Is.RECEIVED), ANYBODY, "J-2.8-a", to=Is.WITHDRAWN, form=WithReason,
                needs=(memos.is_sender,), does=(memos.withdraw,),
            ),
        ),
        clocks=(
            ClockRule(
                "receive", "签收", starts=("send", "forward"), stops=("receive", "withdraw"), limit="1 工作日",
                clause="J-2.8-b",
            ),
            ClockRule(
                "answer", "答复", starts=("send", "send_back"), stops=("answer", "withdraw"), limit="2 工作日",
                clause="J-2.8-c", due=memos.reply_due,
            ),
            ClockRule("finish", "确认答复", starts=("answer",), stops=("finish", "send_back"), limit="2 工作日", clause="J-2.8-a"),
        ),
    )
)  # fmt: skip
