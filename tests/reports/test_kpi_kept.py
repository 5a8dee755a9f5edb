"""Kept lines and sums: the same figures as the cases themselves say, whatever was followed, and lists walked by key."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guiju.desk.models import AfterSales
from guiju.kernel.models import Case
from guiju.reports import kpi, kpi_kept
from guiju.reports.kpi import Window
from guiju.reports.kpi_board import BY_CODE
from guiju.reports.kpi_kept import CELL, DEFECTS, PERSON, Behind, Sums
from guiju.reports.models import KpiLine, KpiSum
from tests.desk.servicing import MORNING
from tests.reports.test_kpi import NOW, place, rate

DAY = timedelta(days=1)
SPOKEN = {
    "how": "call",
    "who": "苏清越",
    "where": "主卧飘窗左下角",
    "since": "上周下雨后",
    "effect": "墙皮起泡",
    "minutes": 8,
}
NOTHING_LATE = Behind(frozenset())
# 2025-09-22 is the Monday of these stories.
WINDOWS = [
    kpi.month_of(date(2025, 9, 1)), kpi.days(date(2025, 9, 22), date(2025, 9, 28), "一周"),
    kpi.days(date(2025, 1, 1), date(2025, 12, 31), "一年"), kpi.days(date(2025, 9, 23), date(2025, 9, 23), "一天"),
    kpi.days(date(2025, 10, 1), date(2025, 12, 31), "以后"),
]  # fmt: skip


def told(service, now=NOW, late=None):
    """Return what every figure says of every window, in counts; by person and by cell of the map, too."""
    plain = Sums(place(service), [*BY_CODE], WINDOWS, now, late=late)
    people = Sums(place(service), [*BY_CODE], WINDOWS, now, detail=PERSON, late=late)
    cells = Sums(place(service), [DEFECTS], WINDOWS, now, detail=CELL, late=late)
    return {
        "all": {(code, at): plain.counts(code, one) for code in BY_CODE for at, one in enumerate(WINDOWS)},
        "people": {
            (code, at): people.keys(code, one)
            for code in kpi_kept.OF_PEOPLE
            for at, one in enumerate(WINDOWS)
        },
        "cells": [cells.keys(DEFECTS, one) for one in WINDOWS],
    }


def story(service):
    closed, late = service.closed(), service.record(at=MORNING + timedelta(hours=1), unit=1)
    rate(service, closed, 2, at=MORNING + DAY)
    rate(service, service.done(at=MORNING + timedelta(minutes=7)), 4, items={"recommend": 10, "attitude": 5})
    return closed, late


def test_figures_are_the_same_read_from_the_cases_followed_and_made_again(service):
    closed, late = story(service)

    from_cases = told(service)
    month = {code: from_cases["all"][code, 0][:2] for code in BY_CODE}
    # By hand: three repairs received, two of them contacted; one closed. Two answers count, the last of each case:
    # 2 points of the closed one, 4 of the other. Both answers of Tuesday.
    assert (month["first_contact"], month["resolution"], month["satisfaction"]) == ((2, 3), (1, 1), (1, 2))
    assert month["loyalty"] == month["item_attitude"] == (1, 1)
    assert from_cases["all"]["satisfaction", 3][:2] == (1, 2)
    assert from_cases["all"]["resolution", 1][:2] == (1, 1)
    assert {at: from_cases["all"]["satisfaction", at][:2] for at in (2, 4)} == {2: (1, 2), 4: (0, 0)}

    assert kpi_kept.follow(NOW) >= 3
    assert kpi_kept.behind() == NOTHING_LATE
    assert told(service) == from_cases
    kept = sorted(
        KpiSum.objects.values_list("kind", "begin_date", "code", "key", "counted", "lines", "millionths")
    )
    assert kpi_kept.follow(NOW) == 0

    # Made again from the cases, over what is there and from nothing: not one sum differs.
    kpi_kept.rebuild(NOW)
    KpiLine.objects.all().delete()
    KpiSum.objects.all().delete()
    kpi_kept.rebuild(NOW)
    again = KpiSum.objects.values_list("kind", "begin_date", "code", "key", "counted", "lines", "millionths")
    assert sorted(again) == [row for row in kept if row[5]]
    assert told(service) == from_cases

    # What moves afterwards is read from the case until it is followed, and says the same then.
    service.take(late, "contact", "shen", MORNING + 5 * DAY, **SPOKEN)
    rate(service, closed, 5, at=MORNING + 2 * DAY)
    assert kpi_kept.behind() != NOTHING_LATE
    moved = told(service)
    assert moved["all"]["first_contact", 0][:2] == (3, 3)
    assert (moved["all"]["satisfaction", 0][:2], moved["all"]["satisfaction", 3][:2]) == ((2, 2), (1, 1))
    kpi_kept.follow(NOW)
    assert told(service, late=NOTHING_LATE) == moved

    # A case of the past belongs to no figure.
    Case.objects.update(historic=True)
    kpi_kept.rebuild(NOW)
    assert not KpiLine.objects.exists()
    assert not KpiSum.objects.exists()


def test_a_limit_counts_as_missed_when_its_moment_passes_without_any_event(service):
    service.record()
    kpi_kept.follow(MORNING)
    one = BY_CODE["service_in_place"]

    def of(now):
        return Sums(place(service), [one.code], WINDOWS[:1], now, late=NOTHING_LATE).figure(one, WINDOWS[0])

    assert (of(MORNING + timedelta(hours=23)).of, of(MORNING + timedelta(hours=25)).of) == (0, 1)
    assert of(MORNING + timedelta(hours=25)).counted == 0


def test_a_missed_case_stays_in_the_month_in_which_it_was_missed(service):
    case = service.record()
    one = BY_CODE["repair_in_time"]
    november = kpi.month_of(date(2025, 11, 1))
    now = MORNING + 70 * DAY

    service.take(case, "contact", "shen", MORNING + 60 * DAY, **SPOKEN)

    sums = Sums(place(service), [one.code], [WINDOWS[0], november, WINDOWS[2]], now)
    assert [sums.counts(one.code, window)[:2] for window in (WINDOWS[0], november, WINDOWS[2])] == [
        (0, 1), (0, 0), (0, 1),
    ]  # fmt: skip


def test_lists_are_walked_by_key_forward_and_back_and_leave_nothing_out(service):
    for minute in range(7):
        service.record(at=MORNING + timedelta(minutes=minute // 2))
    AfterSales.objects.filter(pk__in=AfterSales.objects.order_by("pk")[2:4]).update(
        contacted_at=MORNING + timedelta(hours=2), contacted_by=service.kang
    )
    kpi_kept.follow(NOW)
    service.record(at=MORNING + timedelta(minutes=2))
    where, month = place(service), WINDOWS[0]

    def pages(**how):
        found, edge, more = [], None, True
        while more:
            page, more = kpi_kept.walk(where, "first_contact", month, NOW, size=3, **{**how, "after": edge})
            found.append([line.case_id for line in page])
            edge = kpi_kept.read_place(kpi_kept.place_of(page[-1]))
        return found, edge

    (forward, edge), (left, _) = pages(), pages(counted=False)
    assert [len(page) for page in forward] == [3, 3, 2]
    keys = [key for page in forward for key in page]
    assert sorted(keys) == sorted(AfterSales.objects.values_list("case_id", flat=True))
    assert len([key for page in left for key in page]) == 6
    back, more = kpi_kept.walk(where, "first_contact", month, NOW, size=3, before=edge)
    assert ([line.case_id for line in back], more) == (keys[4:7], True)
    assert [kpi_kept.read_place(text) for text in ("", "1", "1-2", "a-b-c", "1-2-3-4", f"{10**17}-1-1")] == [
        None
    ] * 6


moments = st.integers(0, 400 * 24 * 60).map(
    lambda minutes: datetime(2024, 11, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
dates = st.integers(0, 400).map(lambda n: date(2024, 11, 1) + timedelta(days=n))


@given(dates, dates, moments, moments)
def test_months_days_and_the_rest_of_today_are_the_whole_window_once(one, other, now, at):
    window: Window = kpi.days(min(one, other), max(one, other), "")
    spans = kpi_kept._spans(window, now)
    day = at.astimezone(kpi.ZONE).date()

    parts = [
        day.replace(day=1) in spans.months,
        *(part is not None and part[0] <= day < part[1] for part in (spans.days, spans.more_days)),
        spans.lines is not None and spans.lines[0] <= at < spans.lines[1],
    ]
    assert sum(parts) == (window.holds(at) and at < now) or (
        at >= now and day < now.astimezone(kpi.ZONE).date()
    )
