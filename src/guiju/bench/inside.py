"""In process: what a step costs beside a bare insert of the same framework, each with its own commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from guiju.bench.bare.models import Line
from guiju.kernel import acts, engine
from guiju.kernel.forms import Nothing
from guiju.kernel.models import Case
from guiju.kernel.process import Process, State, Step, register
from guiju.org.models import Person
from guiju.org.posts import SIGNING_SUPERVISOR

ROUNDS: Final = 9


class Is(State):
    """Where the empty case stands."""

    OPEN = "open", "在办"
    DONE = "done", "已办"


#: No need, no effect, no form, no clock, no to-do: what the door itself costs.
EMPTY: Final = Process(
    "bench_empty", "空流程", series="KLC", sop="", starts=Is.OPEN, ends=(Is.DONE,), untimed=(Is.OPEN,),
    steps=(
        Step("open", "开始", (), (SIGNING_SUPERVISOR,), "", to=Is.OPEN, opens=True, form=Nothing),
        Step("go_on", "继续", (Is.OPEN,), (SIGNING_SUPERVISOR,), "", form=Nothing),
        Step("finish", "结束", (Is.OPEN,), (SIGNING_SUPERVISOR,), "", to=Is.DONE, form=Nothing),
    ),
)  # fmt: skip

Act = Callable[[], object]


@dataclass
class Spent:
    """What one act took, per round: seconds by the clock, and seconds of this process's processor time."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def timed(acts_by_name: dict[str, Iterator[Act]], *, number: int, rounds: int = ROUNDS) -> dict[str, Spent]:
    """Run so many of each act by turns (A B C A B C)."""
    taken = {name: Spent() for name in acts_by_name}
    for act in acts_by_name.values():
        for _ in range(3):
            next(act)()
    for _ in range(rounds):
        for name, act in acts_by_name.items():
            ready = [next(act) for _ in range(number)]
            start, worked = time.perf_counter(), time.process_time()
            for one in ready:
                one()
            taken[name].cpu.append((time.process_time() - worked) / number)
            taken[name].seconds.append((time.perf_counter() - start) / number)
    return taken


def measure(at: datetime, *, number: int) -> dict[str, Spent]:
    """Return per round what was spent on a bare insert, an empty step, a note, a step with a note, a step that moves."""
    if EMPTY.name not in _registered():
        register(EMPTY)
    deng, gao = (Person.objects.get(username=name) for name in ("deng", "gao"))
    sealed = list(
        Case.objects.filter(process="subscription", state="sealed")
        .order_by("-pk")
        .values_list("pk", flat=True)[:200]
    )
    signed = iter(
        Case.objects.filter(process="subscription", state="signed")
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    template = Case.objects.filter(pk=sealed[0]).values().get()
    empty = Case.objects.create(
        **template | {"id": None, "number": f"KLC-{time.time_ns()}", "process": EMPTY.name, "state": "open",
                      "sop_version_id": 0, "due_at": None, "opened_at": at - timedelta(days=1)}
    )  # fmt: skip

    def bare() -> Iterator[Act]:
        while True:
            yield lambda: Line.objects.create(person="邓宇", text="客户答复：本周六上午来签约", made_at=at)

    def go_on() -> Iterator[Act]:
        while True:
            yield lambda: engine.advance(empty.pk, "go_on", by=deng, at=at)

    def noted() -> Iterator[Act]:
        while True:
            for case in sealed:
                yield lambda case=case: acts.note(case, text="客户答复：本周六上午来签约", by=deng, at=at)  # type: ignore[misc]

    def reminded() -> Iterator[Act]:
        while True:
            for case in sealed:
                yield lambda case=case: engine.advance(  # type: ignore[misc]
                    case, "remind_signing", by=deng, at=at, given={"how": "电话", "answer": "客户答复：本周六上午来签约"}
                )  # fmt: skip

    def directed() -> Iterator[Act]:
        for case in signed:
            yield lambda case=case: engine.advance(  # type: ignore[misc]
                case, "director_sign", by=gao, at=at, given={"opinion": "同意"}
            )

    connection.ensure_connection()
    return timed(
        {"bare": bare(), "empty": go_on(), "note": noted(), "remind": reminded(), "director": directed()},
        number=number,
    )


def _registered() -> set[str]:
    from guiju.kernel.process import processes

    return set(processes())
