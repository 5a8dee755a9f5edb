"""
What the SOPs achieve in a period: how long their tasks take against the standard, how many are rejected or repeated,
and how well they are done (G-1-c, G-1-d, G-1-e).

* Duration: of the limits that stopped in the period, the mean time from start to stop and the mean standard (start to
  due, both in calendar hours), and the share that stopped in time.
* Errors: (rejected + repeated) ÷ steps taken. Rejected: a vote 退回 or 不同意, or a step that takes the case back to an
  earlier state. Repeated: a step that moves the case, taken again in the same case within the period. Slips are refused
  attempts (``sop.Slip``); they were mended before anything was done and stand beside the rate, not in it.
* Quality: control points dealt with ÷ (dealt with + overridden), and the mean mark of the customers' ratings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, F, Q

from guiju.estate.models import Project
from guiju.kernel import chain
from guiju.kernel.models import Clock, Deviation, Event, Vote
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import Process, processes
from guiju.org.gates import Scope
from guiju.quality.models import Rating
from guiju.sop.models import Slip, Version

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Duration:
    """A limit of an SOP in a period: how many stopped, in time, mean hours taken and mean standard hours."""

    label: str
    count: int
    in_time: int
    hours: Decimal
    standard: Decimal

    @property
    def share(self) -> Decimal:
        """The share that stopped in time, in per cent."""
        return Decimal(100 * self.in_time) / self.count


@dataclass
class Figures:
    """An SOP in a period."""

    code: str
    process: Process
    steps: int = 0
    rejected: int = 0
    repeated: int = 0
    slips: int = 0
    points: int = 0
    overridden: int = 0
    ratings: int = 0
    mark: Decimal | None = None
    durations: list[Duration] = field(default_factory=list)

    @property
    def error_rate(self) -> Decimal | None:
        """Rejected or repeated tasks of a hundred; None when no step was taken."""
        return Decimal(100 * (self.rejected + self.repeated)) / self.steps if self.steps else None

    @property
    def passed(self) -> Decimal | None:
        """Control points dealt with of a hundred; None when there were none."""
        checks = self.points + self.overridden
        return Decimal(100 * self.points) / checks if checks else None


def figures(scope: Scope, *, begin: date, end: date) -> list[Figures]:
    """Return the figures of every SOP with a process, in the order of their codes, within a scope and period."""
    start = datetime.combine(begin, time(), ZONE)
    until = datetime.combine(end + timedelta(days=1), time(), ZONE)
    found = {one.name: Figures(one.sop, one) for one in processes().values()}
    for part in (_steps, _votes, _points, _slips, _durations, _marks):
        part(found, scope, start, until)
    return sorted(found.values(), key=lambda one: (one.code, one.process.name))


def _steps(found: dict[str, Figures], scope: Scope, start: datetime, until: datetime) -> None:
    orders = {name: [state.value for state in one.process.states] for name, one in found.items()}
    rows = (
        Event.objects.filter(
            scope.q("case__chain_id", "case__scope_id"),
            # The index of events names the company and the step before the day.
            chain_id__in=_companies(scope),
            step__in={step.name for one in found.values() for step in one.process.steps},
            case__historic=False,
            happened_at__gte=start,
            happened_at__lt=until,
        )
        .values_list("case__process", "step", "from_state", "to_state")
        .annotate(n=Count("pk"), cases=Count("case_id", distinct=True))
        .order_by()
    )
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for name, step_name, before, after, n, cases in rows:
        one = found.get(name)
        step = one.process.step(step_name) if one is not None else None
        if one is None or step is None:
            continue
        one.steps += n
        order = orders[name]
        if before in order and after in order and order.index(after) < order.index(before):
            one.rejected += n
        elif step.to is not None and not step.opens:
            counted[(name, step_name)][0] += n
            counted[(name, step_name)][1] += cases
    for (name, _), (n, cases) in counted.items():
        found[name].repeated += max(n - cases, 0)


def _companies(scope: Scope) -> set[int]:
    """Return the companies of a scope, those of its projects too."""
    owners = Project.objects.filter(pk__in=scope.projects).values_list("company_id", flat=True)
    return {*scope.companies, *owners} if scope.projects else set(scope.companies)


def _votes(found: dict[str, Figures], scope: Scope, start: datetime, until: datetime) -> None:
    rows = (
        Vote.objects.filter(
            scope.q("request__case__chain_id", "request__case__scope_id"),
            decision__in=[Vote.RETURN, Vote.NO],
            voted_at__gte=start,
            voted_at__lt=until,
        )
        .values_list("request__case__process")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for name, n in rows:
        if name in found:
            found[name].rejected += n


def _points(found: dict[str, Figures], scope: Scope, start: datetime, until: datetime) -> None:
    overridden = (
        Deviation.objects.filter(
            scope.q("case__chain_id", "case__scope_id"),
            used_event__happened_at__gte=start,
            used_event__happened_at__lt=until,
        )
        .values_list("case__process")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for name, n in overridden:
        if name in found:
            found[name].overridden += n
    companies = _companies(scope)
    for name, one in found.items():
        with_points = _steps_with_points(name)
        if not with_points:
            continue
        events = Event.objects.filter(
            scope.q("case__chain_id", "case__scope_id"), chain_id__in=companies, case__process=name,
            step__in=with_points, happened_at__gte=start, happened_at__lt=until,
        )  # fmt: skip
        for body in events.values_list("body", flat=True).iterator(chunk_size=500):
            one.points += len(chain.open_body(body).get("points", {}))


def _steps_with_points(process: str) -> list[str]:
    """Return the steps of a process for which any version of its SOP names control points."""
    found: set[str] = set()
    for content in Version.objects.filter(document__process=process).values_list("content", flat=True):
        found |= {step["step"] for step in content.get("steps", []) if step.get("points")}
    return sorted(found)


def _slips(found: dict[str, Figures], scope: Scope, start: datetime, until: datetime) -> None:
    rows = (
        Slip.objects.filter(
            scope.q("case__chain_id", "case__scope_id"), made_at__gte=start, made_at__lt=until
        )
        .values_list("process")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for name, n in rows:
        if name in found:
            found[name].slips += n


def _durations(found: dict[str, Figures], scope: Scope, start: datetime, until: datetime) -> None:
    rows = (
        Clock.objects.filter(
            scope.q("case__chain_id", "case__scope_id"),
            chain_id__in=_companies(scope),
            state__in=[Clock.MET, Clock.LATE],
            stopped_at__gte=start,
            stopped_at__lt=until,
        )
        .values_list("case__process", "name", "label")
        .annotate(
            n=Count("pk"),
            in_time=Count("pk", filter=Q(state=Clock.MET)),
            taken=Avg(F("stopped_at") - F("started_at")),
            standard=Avg(F("due_at") - F("started_at")),
        )
        .order_by("case__process", "name", "label")
    )
    for name, _, label, n, in_time, taken, standard in rows:
        if name in found:
            found[name].durations.append(Duration(label, n, in_time, _hours(taken), _hours(standard)))


def _hours(length: timedelta) -> Decimal:
    return (Decimal(int(length.total_seconds())) / 3600).quantize(Decimal("0.01"))


def _marks(found: dict[str, Figures], scope: Scope, start: datetime, until: datetime) -> None:
    rows = (
        Rating.objects.filter(
            scope.q("case__chain_id", "case__scope_id"),
            score__isnull=False,
            given_at__gte=start,
            given_at__lt=until,
        )
        .values_list("case__process")
        .annotate(n=Count("pk"), mark=Avg("score"))
        .order_by()
    )
    for name, n, mark in rows:
        if name in found:
            found[name].ratings, found[name].mark = n, Decimal(str(mark)).quantize(Decimal("0.01"))


def slips_of(process: str, within: Q, *, begin: date, end: date, most: int = 100) -> Sequence[Slip]:
    """Return the latest refused attempts at a process in a period, on cases within a condition, with their people."""
    start = datetime.combine(begin, time(), ZONE)
    until = datetime.combine(end + timedelta(days=1), time(), ZONE)
    rows = Slip.objects.filter(within, process=process, made_at__gte=start, made_at__lt=until)
    return list(rows.select_related("case", "made_by").order_by("-pk")[:most])
