"""工作日历: which days are worked, and from where we know it."""

from __future__ import annotations

import calendar as months_of
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel import calendar, clocks
from guiju.kernel.models import CalendarDay
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import holds_post, require_administrator
from guiju.org.operations.recording import record
from guiju.web import formats
from guiju.web.views import asking

FIRST, LAST = 2000, 2099


def _css(day: CalendarDay | None, on: date, today: date) -> str:
    parts = []
    if day is not None:
        parts.append("day-extra" if day.is_workday else "day-holiday")
    elif on.weekday() >= 5:
        parts.append("day-off")
    if on == today:
        parts.append("day-today")
    return " ".join(parts)


@require_safe
def year(request: HttpRequest) -> HttpResponse:
    """Show a year: rest days, holidays, make-up working days, with the ground of each."""
    at, by = asking.now(), asking.person(request)
    today = formats.local(at).date()
    wanted = formats.whole(request.GET.get("year", ""))
    shown = wanted if wanted is not None and FIRST <= wanted <= LAST else today.year
    rows = list(CalendarDay.objects.filter(date__year=shown).order_by("date"))
    known = {row.date: row for row in rows}
    grid = months_of.Calendar()
    months: list[dict[str, Any]] = []
    for number in range(1, 13):
        weeks = []
        for week in grid.monthdatescalendar(shown, number):
            weeks.append(
                [
                    {
                        "day": on.day,
                        "css": _css(known.get(on), on, today),
                        "words": known[on].note if on in known else "",
                    }
                    if on.month == number
                    else None
                    for on in week
                ]
            )
        months.append({"name": f"{number}月", "weeks": weeks})
    return render(
        request,
        "web/calendar.html",
        {
            "year": shown,
            "months": months,
            "days": rows,
            "provisional": any(row.provisional for row in rows),
            "may_change": holds_post(by, *posts.MAY_ADMINISTER, at=at),
            "workdays": sum(
                1
                for number in range(1, 13)
                for on in grid.itermonthdates(shown, number)
                if on.month == number and (known[on].is_workday if on in known else on.weekday() < 5)
            ),
        },
    )


@require_POST
@asking.tells_refusals
def change(request: HttpRequest) -> HttpResponse:
    """Say of a day whether it is worked; open clocks over it are computed again."""
    at, by = asking.now(), asking.person(request)
    require_administrator(by, company_id=by.company_id, at=at)
    try:
        on = date.fromisoformat(request.POST.get("date", ""))
    except ValueError as error:
        raise Refused("日期：请填 2026-11-20 这样的日期") from error
    worked, note = request.POST.get("worked") == "1", request.POST.get("note", "")
    changed = calendar.change_day(date=on, is_workday=worked, note=note, by=by, at=at)
    record(
        by.company_id,
        "calendar.change",
        by=by,
        at=at,
        given={"date": on.isoformat(), "worked": worked, "note": note.strip()},
    )
    if changed:
        clocks.recompute_open(at=at)
    messages.success(request, f"{on} 已改为{'上班' if worked else '休息'}，未到期的时限已重新计算")
    return redirect(f"{reverse('web:calendar')}?year={on.year}")
