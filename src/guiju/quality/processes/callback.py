"""
Call-back 回访 (KF-HF-01; A-5, C-3.3, F-2.5, domain 2.24).

A closed repair or complaint, regular care, or somebody's wish leads to a call. It ends with the customer's answers,
or with the reason why there are none; never by itself.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.process import ClockRule, Process, State, Step, need, register
from guiju.org.posts import (
    AFTER_SALES,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FRONT_DESK,
    SERVICE_MANAGER,
)
from guiju.quality.forms.callback import (
    AnsweredForm,
    AttemptForm,
    DeclineForm,
    EndForm,
    PlanForm,
    ResultForm,
)
from guiju.quality.models import Rating
from guiju.quality.operations import callback as operations
from guiju.quality.operations.callback import facts_of


class Is(State):
    """Where a call-back stands."""

    PLANNED = "planned", "待回访", "brand"
    DONE = "done", "已回访", "ok"
    UNREACHED = "unreached", "联系不上", "hold"
    DECLINED = "declined", "客户谢绝", "done"
    DROPPED = "dropped", "不再回访", "done"


@need("A-5.1-a", given=True)
def about_is_known(context: Context) -> str | None:
    """The case that the call is about is there, in the same company."""
    given = context.given
    assert isinstance(given, PlanForm)
    if given.about and not Case.objects.filter(number=given.about, chain_id=context.case.chain_id).exists():
        return f"没有编号为 {given.about} 的事项"
    return None


@need("A-5.1-a", given=True)
def somebody_to_call(context: Context) -> str | None:
    """There is a number to call."""
    given = context.given
    assert isinstance(given, PlanForm)
    if given.contact_phone or context.subject("customer") is not None:
        return None
    return "没有联系电话：填电话，或选客户"


@need("F-2.5-a", given=True)
def answer_is_of_the_case(context: Context) -> str | None:
    """What ends the call is an answer that is there, about the case that the call is about."""
    given = context.given
    assert isinstance(given, AnsweredForm)
    about = facts_of(context).row.about_id or context.case.pk
    if Rating.objects.filter(pk=given.rating, case_id=about).exists():
        return None
    return "没有找到客户对这个事项的评价，不能按已作答结束"


@need("E-1.2-b")
def tried_often_enough(context: Context) -> str | None:
    """Nobody gives up before the attempts of the SOP, spread over its days; a wrong number ends it at once."""
    facts = facts_of(context)
    attempts = int(context.setting("callback_attempts", operations.ATTEMPTS))
    days = int(context.setting("callback_days", operations.DAYS))
    if operations.wrong_number(facts.row):
        return None
    if facts.row.attempts < attempts or facts.days_tried < days:
        return f"已联系 {facts.row.attempts} 次、{facts.days_tried} 天：至少 {attempts} 次，分在 {days} 个不同的日子，才能按联系不上结束"
    return None


CALLERS = (FRONT_DESK, CS_CLERK, AFTER_SALES, CS_ASSISTANT_MANAGER, CS_MANAGER, SERVICE_MANAGER)
ENDS = ("finish", "answered", "give_up", "decline", "drop")

CALLBACK = register(
    Process(
        "callback",
        "回访",
        series="HF",
        sop="KF-HF-01",
        starts=Is.PLANNED,
        ends=(Is.DONE, Is.UNREACHED, Is.DECLINED, Is.DROPPED),
        facts=operations.load,
        steps=(
            Step(
                "plan", "安排回访", (), CALLERS, "A-5.1-a", to=Is.PLANNED, opens=True, by_clock=True, form=PlanForm,
                needs=(about_is_known, somebody_to_call), does=(operations.write_plan,),
            ),
            Step(
                "finish", "记回访结果", (Is.PLANNED,), CALLERS, "F-2.5-a", to=Is.DONE, form=ResultForm,
                does=(operations.write_result,), todo=True, main=True,
            ),
            Step(
                "attempt", "没有联系上", (Is.PLANNED,), CALLERS, "A-5.1-a", form=AttemptForm,
                does=(operations.write_attempt,),
            ),
            Step(
                "give_up", "联系不上，结束", (Is.PLANNED,), CALLERS, "E-1.2-b", to=Is.UNREACHED, form=EndForm,
                needs=(tried_often_enough,), does=(operations.end_without,),
            ),
            Step(
                "decline", "客户不愿回访", (Is.PLANNED,), CALLERS, "E-1.2-b", to=Is.DECLINED, form=DeclineForm,
                does=(operations.end_without,),
            ),
            Step(
                "drop", "不再回访", (Is.PLANNED,), (CS_MANAGER, CS_ASSISTANT_MANAGER, SERVICE_MANAGER), "E-1.2-b",
                to=Is.DROPPED, form=EndForm, does=(operations.end_without,),
            ),
            Step(
                "answered", "客户已从链接作答", (Is.PLANNED,), (), "F-2.5-a", to=Is.DONE, form=AnsweredForm,
                needs=(answer_is_of_the_case,), does=(operations.note_answer,), by_clock=True,
            ),
        ),
        clocks=(
            ClockRule(
                "callback", "回访", starts=("plan",), stops=ENDS, limit="3 日", clause="F-2.5-a",
            ),
        ),
    )
)  # fmt: skip
