"""Promises to customers (答应客户): a step that makes one, a step that keeps it, and the clock between them.

A process takes them in with three lines::

    steps=(…, *promises.steps((Is.OPEN, Is.WAITING), DESK, "A-2.3-a")),
    clocks=(…, promises.clock("A-2.3-a")),

and an SOP names the steps ``promise`` and ``keep_promise`` and the clock ``promise``. Several promises may be open on a
case; the clock shows the one that falls due first. An effect of another step may make one with ``make``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from django.db.models import QuerySet
from pydantic import Field

from guiju.desk.models import Promise
from guiju.kernel.engine import Context
from guiju.kernel.forms import Form, Moment, field
from guiju.kernel.prepared import prepared
from guiju.kernel.process import ClockRule, State, Step, need
from guiju.kernel.refusals import BadlyFilled
from guiju.org.models import Person

Words = Annotated[str, Field(min_length=2, max_length=200)]
How = Annotated[str, Field(min_length=2, max_length=400, json_schema_extra={"widget": "longtext"})]
Name = Annotated[str, Field(max_length=50)]
STEP, KEEP, CLOCK = "promise", "keep_promise", "promise"


class PromiseForm(Form):
    """答应客户。"""

    what: Words = field("答应什么", help="照对客户说的写，如：周六上午回电说明方案")
    due_at: Moment = field("最迟什么时候")
    owner: Name = field("由谁兑现", default="", help="姓名或账号，不填就是你自己")


class KeepForm(Form):
    """兑现承诺。"""

    number: int | None = field("第几项", default=None, help="有几项时填，不填就是最早到期的一项")
    how: How = field("怎样兑现的")


@prepared
def open_promises(case_id: int) -> QuerySet[Promise, Promise]:
    """The promises of a case that are not kept yet, the one due first in front."""
    return Promise.objects.filter(case_id=case_id, kept_at=None).order_by("due_at", "id")


@need("A-2.3-b", given=True)
def is_ahead(context: Context) -> str | None:
    """A promise lies ahead of the moment it is made."""
    given = context.given
    assert isinstance(given, PromiseForm)
    return None if given.due_at > context.at else "答应客户的时间已经过了，请和客户另约时间"


@need("A-2.3-b")
def something_is_promised(context: Context) -> str | None:
    """There is a promise to keep."""
    return None if open_promises(context.case.pk) else "没有答应客户而未兑现的事"


@need("A-2.3-b")
def all_kept(context: Context) -> str | None:
    """Nothing that was promised is left open; for the steps that end a case."""
    left = list(open_promises(context.case.pk))
    return f"还有 {len(left)} 项答应客户的事没有兑现：{left[0].what}" if left else None


def step(
    when: Sequence[State], by: Sequence[str], clause: str, *, name: str = STEP, label: str = "答应客户"
) -> Step:
    """Return the step that makes a promise in these states."""
    return Step(
        name, label, tuple(when), tuple(by), clause, form=PromiseForm, needs=(is_ahead,), does=(_promise,)
    )


def keeping(when: Sequence[State], by: Sequence[str], clause: str, *, label: str = "兑现承诺") -> Step:
    """Return the step that keeps the promise due first, or the one named."""
    return Step(
        KEEP, label, tuple(when), tuple(by), clause, form=KeepForm, needs=(something_is_promised,), does=(_keep,),
        todo=_is_open,
    )  # fmt: skip


def steps(when: Sequence[State], by: Sequence[str], clause: str) -> tuple[Step, Step]:
    """Return both steps."""
    return step(when, by, clause), keeping(when, by, clause)


def clock(clause: str, *, starts: Sequence[str] = ()) -> ClockRule:
    """Return the clock of the promise due first; ``starts`` names further steps that always make one."""
    return ClockRule(
        CLOCK,
        "兑现承诺",
        starts=(STEP, *starts),
        stops=(KEEP,),
        limit="1 工作日",
        clause=clause,
        due=next_due,
    )


def next_due(context: Context) -> datetime | None:
    """Return when the promise due first falls due."""
    found = open_promises.one(context.case.pk)
    return found.due_at if found is not None else None


def owner_of(context: Context, name: str) -> Person:
    """
    Return the person named by sign-in or full name in the case's company; without a name, whoever acts.

    :raises BadlyFilled: nobody, or more than one, is called so.
    """
    if not name and isinstance(context.by, Person):
        return context.by
    at_work = Person.objects.at_work().filter(company_id=context.case.chain_id, is_active=True)
    found = list(at_work.filter(username=name)[:2]) or list(at_work.filter(name=name)[:2])
    if len(found) != 1:
        problem = "请填由谁兑现" if not name else f"公司里{'有不止一位' if found else '没有'}「{name}」"
        raise BadlyFilled({"owner": f"由谁兑现：{problem}"})
    return found[0]


def make(context: Context, *, what: str, due_at: datetime, owner: Person) -> Promise:
    """Make a promise within the effect of any step, and set the case's clock to the promise due first."""
    made = Promise.objects.create(
        case_id=context.case.pk, what=what, due_at=due_at, owner=owner, made_at=context.at,
        made_by_id=context.by_id,
    )  # fmt: skip
    context.start_clock(CLOCK, due_at=next_due(context))
    context.say(promise=made.pk, promised=what, promise_due=due_at, promise_owner=owner.pk)
    return made


def keep(context: Context, promise: Promise, *, how: str) -> None:
    """Write down that a promise was kept; the clock goes on to the next one, if there is one."""
    promise.kept_at, promise.kept_by_id, promise.kept_how = (
        max(context.at, promise.made_at),
        context.by_id,
        how,
    )
    promise.save(update_fields=["kept_at", "kept_by", "kept_how"])
    context.say(promise=promise.pk, in_time=promise.kept_at <= promise.due_at)
    if (due_at := next_due(context)) is not None:
        context.start_clock(CLOCK, due_at=due_at)


def _promise(context: Context) -> None:
    given = context.given
    assert isinstance(given, PromiseForm)
    make(context, what=given.what, due_at=given.due_at, owner=owner_of(context, given.owner))


def _keep(context: Context) -> None:
    given = context.given
    assert isinstance(given, KeepForm)
    left = list(open_promises(context.case.pk))
    place = (given.number or 1) - 1
    if not 0 <= place < len(left):
        raise BadlyFilled({"number": f"第几项：只有 {len(left)} 项没有兑现"})
    keep(context, left[place], how=given.how)


def _is_open(context: Context) -> bool:
    return bool(open_promises(context.case.pk))
