"""The day's unit control (每日销控, I-2.1-c): opening + in − out = closing, counted back from the register."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Sum

from guiju.estate.models import Control, ControlChange, DailyControl, Project, Unit
from guiju.kernel import calendar, engine
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Refused
from guiju.org.models import Person


@dataclass(frozen=True)
class Line:
    """One control state over the day, in units; closing area in ㎡ and list amount in yuan (today's only)."""

    state: Control
    opening: int
    came: int
    went: int
    closing: int
    area: Decimal | None = None
    amount: Decimal | None = None

    @property
    def adds_up(self) -> bool:
        """Whether opening + in − out is closing."""
        return self.opening + self.came - self.went == self.closing


@dataclass(frozen=True)
class Day:
    """A project's day: a line per state, the movements, and whether somebody confirmed it."""

    project: Project
    on: date
    lines: tuple[Line, ...]
    movements: tuple[ControlChange, ...]
    confirmed: DailyControl | None

    @property
    def adds_up(self) -> bool:
        """Whether every line adds up."""
        return all(line.adds_up for line in self.lines)


def bounds(on: date) -> tuple[datetime, datetime]:
    """Return the first moment of the day and of the next (Beijing time)."""
    start = datetime.combine(on, time(), ZONE)
    return start, start + timedelta(days=1)


def day(project: Project, on: date) -> Day:
    """Return the day's figures. States at its end are counted back from now by the register (recorded moments)."""
    start, end = bounds(on)
    closing: Counter[str] = Counter()
    area: dict[str, Decimal | None] = {}
    amount: dict[str, Decimal | None] = {}
    rows = (
        Unit.objects.filter(project=project)
        .values("control")
        .annotate(n=Count("id"), area=Sum("area_contract"), amount=Sum("list_price"))
        .order_by("control")
    )
    for row in rows:
        closing[row["control"]] = row["n"]
        area[row["control"]], amount[row["control"]] = row["area"], row["amount"]
    later = ControlChange.objects.filter(project=project, recorded_at__gte=end)
    for before, after, n in (
        later.values_list("before", "after").annotate(n=Count("id")).order_by("before", "after")
    ):
        closing[after] -= n
        if before:
            closing[before] += n
    movements = tuple(
        ControlChange.objects.filter(project=project, recorded_at__gte=start, recorded_at__lt=end)
        .select_related("unit__building", "case", "changed_by")
        .order_by("recorded_at", "id")
    )
    came = Counter(change.after for change in movements)
    went = Counter(change.before for change in movements if change.before)
    today = not later.exists()
    lines = tuple(
        Line(
            state,
            closing[state.value] - came[state.value] + went[state.value],
            came[state.value],
            went[state.value],
            closing[state.value],
            area.get(state.value) if today else None,
            amount.get(state.value) if today else None,
        )
        for state in Control
    )
    confirmed = DailyControl.objects.filter(project=project, day_date=on, confirmed_at__isnull=False).first()
    return Day(project, on, lines, movements, confirmed)


class UnableToConfirm(Refused):
    """The day cannot be confirmed."""


@transaction.atomic
def confirm(*, project: Project, on: date, by: Person, at: datetime) -> DailyControl:
    """
    Confirm the day's unit control with its figures (I-2.1-c), which are kept as they are.

    :raises UnableToConfirm: the day lies ahead, or was confirmed before.
    """
    if on > at.astimezone(ZONE).date():
        raise UnableToConfirm("还没到这一天")
    found = day(project, on)
    if found.confirmed is not None:
        raise UnableToConfirm("这一天的销控已经确认过")
    figures = {
        line.state.value: {
            "opening": line.opening,
            "in": line.came,
            "out": line.went,
            "closing": line.closing,
        }
        for line in found.lines
    }
    row, _ = DailyControl.objects.update_or_create(
        project=project, day_date=on, defaults={"figures": figures, "confirmed_at": at, "confirmed_by": by}
    )
    engine.record(
        company_id=project.company_id, step="estate.daily_control", by=by, at=at,
        given={"project": project.code, "day": on, "figures": figures},
    )  # fmt: skip
    return row


def unconfirmed(project: Project, *, since: date, until: date) -> list[date]:
    """Return the working days in the range whose unit control nobody confirmed (I-2.1-c: flagged)."""
    done = set(
        DailyControl.objects.filter(
            project=project, day_date__gte=since, day_date__lte=until, confirmed_at__isnull=False
        ).values_list("day_date", flat=True)
    )
    days = calendar.current(project.company_id)
    span = (until - since).days
    wanted = [since + timedelta(days=n) for n in range(span + 1)]
    return [on for on in wanted if on not in done and days.is_workday(on)]
