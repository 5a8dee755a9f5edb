"""
Reads the lines of cases that figures are made of, from clocks, cases, events and answers. Writes nothing.

Each reader is given the keys of some cases and gives their lines: what a line says and when it belongs depends on its
case only, never on the window that somebody asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from guiju.desk.models import AfterSales, Met, Reception, Skill, Solution, Visit
from guiju.kernel.models import Case, CaseLink, Clock, Event
from guiju.quality.models import Callback, Complaint, Rating
from guiju.quality.surveys import GOOD, RECOMMEND
from guiju.reports.kpi import Line, Place, Reader, Window
from guiju.sales.models import Deal

SERVICE: Final = ("reception", "after_sales", "visit", "paid_service", "complaint", "callback")
SALES: Final = (
    "subscription", "subscription_change", "signing", "contract_approval", "presale_filing", "mortgage", "contract_change",
    "refund",
)  # fmt: skip
FOLLOWED: Final = (*SERVICE, *SALES)
SECOND_WITHIN: Final = timedelta(days=90)
CALLED_WITHIN: Final = timedelta(days=3)
DIAGNOSES: Final = ("diagnose_on_site", "diagnose_remote", "remote_failed")
NOT_COUNTED: Final = frozenset({"void", "voided", "withdrawn", "cancelled", "duplicate", "merged", "dropped"})


class Batch:
    """Some cases, and what several readers ask of them, read once."""

    def __init__(self, keys: Sequence[int]) -> None:
        self.keys = tuple(keys)

    @cached_property
    def repairs(self) -> list[AfterSales]:
        """The after-sales cases among them, without those voided."""
        rows = AfterSales.objects.filter(case_id__in=self.keys).exclude(case__state__in=NOT_COUNTED)
        return list(rows.select_related("case"))

    @cached_property
    def complaints(self) -> list[Complaint]:
        """The complaints among them."""
        return list(Complaint.objects.filter(case_id__in=self.keys).select_related("case"))

    @cached_property
    def sales_clocks_of_all_ends(self) -> list[Clock]:
        """The time limits of the sales cases among them, whatever became of them, in the order in which they began."""
        rows = Clock.objects.filter(case_id__in=self.keys, case__process__in=SALES)
        return list(rows.select_related("case").order_by("pk"))

    @cached_property
    def sales_clocks(self) -> list[Clock]:
        """Those that were kept, missed or run, of cases that were not cancelled."""
        rows = self.sales_clocks_of_all_ends
        return [one for one in rows if one.state in _ENDING and one.case.state not in NOT_COUNTED]

    @cached_property
    def receptions(self) -> list[Reception]:
        """The contacts at the desk among them, without those voided."""
        rows = Reception.objects.filter(case_id__in=self.keys).exclude(case__state__in=NOT_COUNTED)
        return list(rows.select_related("case"))

    @cached_property
    def ratings(self) -> list[Rating]:
        """The last answer about each of them."""
        rows = Rating.objects.filter(case_id__in=self.keys).order_by("given_at", "pk").select_related("case")
        return list({row.case_id: row for row in rows}.values())


def hours(length: timedelta) -> Decimal:
    """Return a length of time in hours."""
    return Decimal(int(length.total_seconds())) / 3600


# --- time limits -----------------------------------------------------------------------------------------------------
_ENDING: Final = (Clock.MET, Clock.LATE, Clock.RUNNING)


def _ended(clock: Clock) -> datetime:
    moment = clock.stopped_at if clock.state == Clock.MET else clock.due_at
    assert moment is not None
    return moment


def limits(processes: Sequence[str]) -> Reader:
    """
    Return the reader of time limits: one line a limit, counted if it was kept. A limit that still runs has its line at
    the moment when it will be missed; one that stands paused has none yet.
    """

    def read(cases: Batch, now: datetime) -> Iterator[Line]:
        rows = Clock.objects.filter(case_id__in=cases.keys, case__process__in=processes, state__in=_ENDING)
        for clock in rows.exclude(case__state__in=NOT_COUNTED):
            kept = clock.state == Clock.MET
            why = "" if kept else ("超期办了" if clock.state == Clock.LATE else "超期未办")
            yield Line(_ended(clock), clock.case_id, kept, why, what=clock.label, part=clock.pk)

    return read


def timely_cases(processes: Sequence[str], linked: str = "") -> Reader:
    """
    Return the reader of cases handled in time: one line a case. It counts if no limit was missed, at the moment when the
    last one was kept; else it is left out at the moment when the first was missed, and stays there.

    ``linked``: limits of cases of this process count for the case that they belong to (visits for their repair).
    """

    def read(cases: Batch, now: datetime) -> Iterator[Line]:
        parents: dict[int, int] = {}
        keys: Sequence[int] = cases.keys
        if linked:
            links = CaseLink.objects.filter(kind="case", key__in=cases.keys, case__process=linked)
            parents = dict(links.values_list("case_id", "key"))
            # A linked case is told of with the case that it belongs to, and by itself if it belongs to none.
            theirs = CaseLink.objects.filter(kind="case", case_id__in=cases.keys, case__process=linked)
            keys = [*(set(keys) - set(theirs.values_list("case_id", flat=True))), *parents]
        wanted = [*processes, linked] if linked else list(processes)
        rows = Clock.objects.filter(case_id__in=keys, case__process__in=wanted, state__in=_ENDING)
        found: dict[int, list[Clock]] = {}
        for clock in rows.exclude(case__state__in=NOT_COUNTED).order_by("pk"):
            if clock.state != Clock.RUNNING or clock.due_at < now:
                found.setdefault(parents.get(clock.case_id, clock.case_id), []).append(clock)
        for case_id, clocks in found.items():
            missed = [clock for clock in clocks if clock.state != Clock.MET]
            why = "、".join(dict.fromkeys(f"「{clock.label}」超期" for clock in missed))
            at = min(map(_ended, missed)) if missed else max(map(_ended, clocks))
            yield Line(at, case_id, not missed, why)

    return read


def first_contact(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the hours from receipt to first contact of after-sales cases (C-1-c)."""
    for row in cases.repairs:
        if row.contacted_at is None:
            yield Line(row.received_at, row.case_id, False, "还没有联系", person_id=row.owner_id)
        else:
            took = hours(row.contacted_at - row.received_at)
            yield Line(
                row.received_at, row.case_id, True, value=took, person_id=row.contacted_by_id or row.owner_id
            )


# --- after-sales -----------------------------------------------------------------------------------------------------
def closed_repairs(place: Place, window: Window) -> QuerySet[AfterSales, AfterSales]:
    """Return the after-sales cases closed in a window, without those voided and those of the past."""
    return AfterSales.objects.filter(
        place.cases("case__"), case__process="after_sales", case__historic=False,
        case__closed_at__gte=window.begin, case__closed_at__lt=window.end,
    ).exclude(case__state__in=NOT_COUNTED)  # fmt: skip


def _closed(cases: Batch) -> Iterator[tuple[AfterSales, datetime]]:
    for row in cases.repairs:
        if row.case.closed_at is not None:
            yield row, row.case.closed_at


def resolution(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the hours from receipt to closing of after-sales cases."""
    for row, end in _closed(cases):
        took = hours(end - row.received_at)
        yield Line(end, row.case_id, True, value=took, person_id=row.worker_id or row.owner_id)


def diagnosis(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the hours from receipt to diagnosis of after-sales cases (C-4.3-a, E-3.2-a)."""
    for row, end in _closed(cases):
        if row.diagnosed_at is None:
            yield Line(end, row.case_id, False, "没有诊断记录", person_id=row.owner_id)
        else:
            took = hours(row.diagnosed_at - row.received_at)
            yield Line(end, row.case_id, True, value=took, person_id=row.diagnosed_by_id or row.owner_id)


def diagnosis_changed(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the diagnosed cases closed; counted are those whose diagnosis was another one later (E-3.2-a)."""
    rows = [(row, end) for row, end in _closed(cases) if row.diagnosed_at is not None]
    keys = [row.case_id for row, _ in rows]
    times: dict[int, int] = {}
    for case_id in Event.objects.filter(case_id__in=keys, step__in=DIAGNOSES).values_list(
        "case_id", flat=True
    ):
        times[case_id or 0] = times.get(case_id or 0, 0) + 1
    said: dict[int, set[str]] = {}
    for case_id, words in Solution.objects.filter(after_sales__case_id__in=keys).values_list(
        "after_sales__case_id", "diagnosis"
    ):
        if words:
            said.setdefault(case_id, set()).add(words)
    for row, end in rows:
        changed = times.get(row.case_id, 0) > 1 or len(said.get(row.case_id, ())) > 1
        why = "" if changed else "诊断没有改过"
        yield Line(end, row.case_id, changed, why, person_id=row.diagnosed_by_id or row.owner_id)


def reopened(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the after-sales cases closed; counted are those that had been opened again (C-1-c)."""
    for row, end in _closed(cases):
        yield Line(end, row.case_id, row.reopened > 0, "" if row.reopened else "没有重新打开过")


def needs_met(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the after-sales cases closed; counted are those whose need was met (C-2-1)."""
    for row, end in _closed(cases):
        met = row.met == Met.FULL.value
        why = "" if met else (row.get_met_display() or "没有问到")
        yield Line(end, row.case_id, met, why, person_id=row.owner_id)


def with_result(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the services closed; counted are those with the customer's answer, or the reason why there is none (E-1.2-b)."""
    found = list(
        Case.objects.filter(
            pk__in=cases.keys, process__in=("after_sales", "complaint"), closed_at__isnull=False
        ).exclude(state__in=NOT_COUNTED)
    )
    keys = [case.pk for case in found]
    rated = set(Rating.objects.filter(case_id__in=keys).values_list("case_id", flat=True))
    told = dict(
        Callback.objects.filter(about_id__in=keys).exclude(why_none="").values_list("about_id", "why_none")
    )
    told |= dict(
        AfterSales.objects.filter(case_id__in=keys)
        .exclude(unrated_why="")
        .values_list("case_id", "unrated_why")
    )
    for case in found:
        assert case.closed_at is not None
        what = "有客户评价" if case.pk in rated else told.get(case.pk, "")
        yield Line(
            case.closed_at, case.pk, bool(what), "" if what else "没有评价，也没有写明原因", what=what or ""
        )


def qualified(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the visits assigned; counted are those whose technician has the trade on record (E-3.3-a, K-2.3-a)."""
    rows = list(
        Visit.objects.filter(case_id__in=cases.keys, technician__isnull=False, assigned_at__isnull=False)
    )
    skills = set(
        Skill.objects.filter(person_id__in={row.technician_id for row in rows}).values_list(
            "person_id", "trade"
        )
    )
    for row in rows:
        assert row.assigned_at is not None
        able = row.trade in ("", "general") or (row.technician_id, row.trade) in skills
        why = "" if able else "没有这个工种的登记"
        yield Line(row.assigned_at, row.case_id, able, why, person_id=row.technician_id)


# --- complaints ------------------------------------------------------------------------------------------------------
def complaints_received(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the complaints received, each counted."""
    for key, opened in Case.objects.filter(pk__in=cases.keys, process="complaint").values_list(
        "pk", "opened_at"
    ):
        yield Line(opened, key, True)


def homes_sold(place: Place, window: Window) -> int:
    """Return how many homes have a live deal that began before the end of the window."""
    mine = place.projects("project__company_id", "project_id")
    return Deal.objects.filter(mine, live=True, opened_at__lt=window.end).count()


#: Causes that lie in how we serve, not in what we built (I-S-q2).
SERVICE_CAUSES: Final = ("attitude", "delay")


def service_complaints(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the complaints received; counted are those that our service caused (I-S-q2)."""
    for row in cases.complaints:
        ours = (row.cause_found or row.cause) in SERVICE_CAUSES or row.about_person_id is not None
        yield Line(row.case.opened_at, row.case_id, ours, "" if ours else "不是服务引起的")


def complaint_response(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the hours from the entry of a complaint to the first answer to the customer (I-S-q3)."""
    rows = cases.complaints
    first: dict[int, datetime] = {}
    answers = Clock.objects.filter(
        case__in=[row.case_id for row in rows], name="contact", stopped_at__isnull=False
    )
    for key, at in answers.exclude(state=Clock.VOID).order_by("-pk").values_list("case_id", "stopped_at"):
        if at is not None:
            first[key] = at
    for row in rows:
        if row.case_id not in first:
            yield Line(row.case.opened_at, row.case_id, False, "还没有联系", person_id=row.handler_id)
        else:
            took = hours(first[row.case_id] - row.case.opened_at)
            yield Line(row.case.opened_at, row.case_id, True, value=took, person_id=row.handler_id)


def complaint_resolution(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the hours from the entry of a complaint to its closing (I-S-q3)."""
    for row in cases.complaints:
        end = row.case.closed_at
        if end is None or row.case.state in NOT_COUNTED:
            continue
        yield Line(end, row.case_id, True, value=hours(end - row.case.opened_at), person_id=row.handler_id)


def second_complaints(cases: Batch, now: datetime) -> Iterator[Line]:
    """
    Give the complaints closed; counted are those after which the same customer or home complained of the same thing
    again within 90 days of closing (I-S-q4, DECISIONS 23).
    """
    closed = [row for row in cases.complaints if row.case.closed_at is not None]
    later: dict[int, list[datetime]] = {}
    for key, opened in Complaint.objects.filter(repeat_of__in=closed).values_list(
        "repeat_of_id", "case__opened_at"
    ):
        later.setdefault(key, []).append(opened)
    for row in closed:
        end = row.case.closed_at
        assert end is not None
        again = [at for at in later.get(row.pk, []) if end <= at <= end + SECOND_WITHIN]
        yield Line(end, row.case_id, bool(again), "" if again else "没有再投诉")


# --- answers ---------------------------------------------------------------------------------------------------------
def latest_ratings(place: Place, window: Window) -> QuerySet[Rating, Rating]:
    """Return the answers of a window, the last one of each case."""
    within = Rating.objects.filter(given_at__gte=window.begin, given_at__lt=window.end)
    later = within.filter(case_id=OuterRef("case_id")).filter(
        Q(given_at__gt=OuterRef("given_at")) | Q(given_at=OuterRef("given_at"), pk__gt=OuterRef("pk"))
    )
    return within.filter(place.cases("case__"), ~Exists(later), case__historic=False)


def satisfied(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the services rated; counted are those with 4 or 5 points."""
    for row in cases.ratings:
        if row.score is None:
            continue
        good = row.score >= GOOD
        why = "" if good else f"{row.score} 分" + ("，没有解决" if row.solved is False else "")
        yield Line(row.given_at, row.case_id, good, why, Decimal(row.score), person_id=row.served_by_id)


def desk_satisfied(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the front desk's receptions rated; counted are those with 4 or 5 points (A-0-e)."""
    for row in cases.ratings:
        if row.score is None or row.case.process != "reception":
            continue
        good = row.score >= GOOD
        yield Line(
            row.given_at, row.case_id, good, "" if good else f"{row.score} 分", Decimal(row.score),
            person_id=row.served_by_id,
        )  # fmt: skip


def item_points(code: str) -> Reader:
    """Return the reader of one question: the marks given, each counted."""

    def read(cases: Batch, now: datetime) -> Iterator[Line]:
        for row in cases.ratings:
            if code in row.items:
                mark = Decimal(int(row.items[code]))
                yield Line(row.given_at, row.case_id, True, value=mark, person_id=row.served_by_id)

    return read


def loyalty(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the answers on recommending us: 9 and 10 count +100, 0 to 6 count -100, the others 0 (F-1-f)."""
    for row in cases.ratings:
        if RECOMMEND not in row.items:
            continue
        mark = int(row.items[RECOMMEND])
        value = Decimal(100 if mark >= 9 else -100 if mark <= 6 else 0)
        yield Line(row.given_at, row.case_id, True, value=value, what=f"{mark} 分")


def called_back(cases: Batch, now: datetime) -> Iterator[Line]:
    """
    Give the planned call-backs due; counted are those answered within 3 days of closing. One that is still open has its
    line at the moment when it will be missed.
    """
    rows = Callback.objects.filter(
        case_id__in=cases.keys,
        kind__in=[Callback.RULE, Callback.SAMPLE, Callback.CARE],
        planned_at__isnull=False,
    ).select_related("rating")
    for row in rows:
        due = row.planned_at + CALLED_WITHIN
        if row.rating_id is not None and row.ended_at is not None:
            good = row.ended_at <= due
            yield Line(min(row.ended_at, due), row.case_id, good, "" if good else "三日以后才回访到")
        elif row.ended_at is not None:
            yield Line(min(row.ended_at, due), row.case_id, False, row.why_none or "没有回访")
        else:
            yield Line(due, row.case_id, False, "三日内没有回访到")


# --- the desk --------------------------------------------------------------------------------------------------------
def contacts(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the contacts at the desk, each counted (A-0-c)."""
    for row in cases.receptions:
        yield Line(
            row.arrived_at, row.case_id, True, what=row.get_channel_display(), person_id=row.case.opened_by
        )


def handling(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the minutes from arrival until a contact was answered, handed on or closed (A-0-c)."""
    for row in cases.receptions:
        end = min((at for at in (row.handed_at, row.closed_at) if at is not None), default=None)
        if end is None:
            yield Line(row.arrived_at, row.case_id, False, "还没有办完", person_id=row.case.opened_by)
        else:
            took = Decimal(int((end - row.arrived_at).total_seconds())) / 60
            yield Line(
                row.arrived_at, row.case_id, True, value=max(took, Decimal(0)), person_id=row.case.opened_by
            )


# --- where defects gather --------------------------------------------------------------------------------------------
DEFECTS: Final = "defects"
GROUPS: Final = {
    "seepage": "渗漏", "hollow": "空鼓抹灰", "openings": "门窗", "floor": "地面", "water": "水暖", "power": "电气",
    "devices": "设备", "other": "其他",
}  # fmt: skip
GROUP_OF: Final = {
    "roof": "seepage", "outer_wall": "seepage", "wet_room": "seepage", "basement": "seepage", "pipe_leak": "seepage",
    "plaster": "hollow", "structure": "hollow", "door_window": "openings", "floor": "floor", "plumbing": "water",
    "pipe_block": "water", "sanitary": "water", "heating": "water", "cooling": "water", "electrical": "power",
    "lamp": "power", "equipment": "devices", "fit_out": "other", "other": "other",
}  # fmt: skip
GROUP_OF_CAUSE: Final = {
    "seepage": "seepage", "crack": "hollow", "opening": "openings", "pipes": "water", "electric": "power",
}  # fmt: skip


def cell_key(building: int, part: str) -> str:
    """Return the key of a cell of the map: a building and a kind of defect."""
    return f"{building}:{part}"


def defects(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give repairs, and complaints about quality, by building and kind of defect."""
    repairs = AfterSales.objects.filter(case_id__in=cases.keys, unit__isnull=False).exclude(
        case__state__in=NOT_COUNTED
    )
    for case_id, at, building, part in repairs.values_list(
        "case_id", "received_at", "unit__building_id", "part"
    ):
        yield Line(at, case_id, True, key=cell_key(building, GROUP_OF.get(part, "other")))
    complaints = Complaint.objects.filter(
        case_id__in=cases.keys, unit__isnull=False, cause__in=list(GROUP_OF_CAUSE)
    )
    for case_id, at, building, cause in complaints.values_list(
        "case_id", "case__opened_at", "unit__building_id", "cause"
    ):
        yield Line(at, case_id, True, key=cell_key(building, GROUP_OF_CAUSE[cause]))
