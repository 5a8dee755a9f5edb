"""Tickets of another office (12345, domain 1.14): answered there, with its receipt, before what settles them ends.

Who answers the customer has not answered the office that sent the ticket; its limit is that office's own and runs until
the answer. A process takes the step in with ``tickets.step(…)``, the clock with ``tickets.clock(…)``, and puts
``tickets.is_answered(…)`` among the needs of whatever ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from django.db.models import QuerySet
from pydantic import Field

from guiju.kernel.engine import Context
from guiju.kernel.forms import Form, Sha256, field
from guiju.kernel.models import Clock
from guiju.kernel.prepared import prepared
from guiju.kernel.process import ClockRule, Effect, Need, State, Step

STEP, CLOCK = "return_ticket", "ticket"
Plain = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
Number = Annotated[str, Field(max_length=60)]


class TicketForm(Form):
    """回复工单。"""

    words: Plain = field("回复内容", help="照平台的要求写：怎么处理、结果、与市民联系的情况")
    receipt: Number = field("平台回执编号", default="")
    proof: Sha256 | None = field("回执或截图", default=None)


@prepared
def _limits(case_id: int) -> QuerySet[Clock, int]:
    return Clock.objects.filter(case_id=case_id, name=CLOCK, state=Clock.RUNNING).values_list("pk", flat=True)


def waits(context: Context) -> bool:
    """Whether the other office's limit runs on this case: it owes the answer."""
    return bool(_limits(context.case.pk or 0))


def receipt_is_kept(clause: str) -> Need:
    """Return the need that what the other office was told can be proved."""

    def ask(context: Context) -> str | None:
        given = context.given
        assert isinstance(given, TicketForm)
        return None if given.receipt.strip() or given.proof else "请填平台回执编号，或者附回执、截图"

    return Need(ask, clause, given=True)


def is_owed(clause: str, owes: Callable[[Context], bool] = waits) -> Need:
    """Return the need that there is a ticket to answer here."""
    return Need(lambda context: None if owes(context) else "没有待回复的外部工单", clause)


def is_answered(clause: str, owes: Callable[[Context], bool] = waits) -> Need:
    """Return the need that no ticket waits for its answer."""
    return Need(lambda context: "外部工单还没有回复，请先办「回复工单」" if owes(context) else None, clause)


def step(
    states: Sequence[State], by: Sequence[str], clause: str, does: Effect, *,
    owes: Callable[[Context], bool] = waits, todo: Callable[[Context], bool] = waits,
) -> Step:  # fmt: skip
    """Return the step that answers a ticket; ``todo`` says when it is somebody's next act."""
    return Step(
        STEP, "回复工单", tuple(states), tuple(by), clause, form=TicketForm,
        needs=(is_owed(clause, owes), receipt_is_kept(clause)), does=(does,), todo=todo,
    )  # fmt: skip


def clock(clause: str, *, stops: Sequence[str] = ()) -> ClockRule:
    """Return the clock of the other office's own day, which nothing here pauses; ``stops``: steps that end it too."""
    return ClockRule(
        CLOCK, "外部工单期限", starts=(), stops=(STEP, *stops), limit="3 工作日", clause=clause, law=True
    )
