"""员工概览: what each did in a period, how often as the SOP wants it, and who lacks a certificate."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.org.gates import scope_of
from guiju.org.queries import staff_overview
from guiju.web.formats import SHANGHAI, local
from guiju.web.views import asking
from guiju.web.views.people import tabs


def _period(request: HttpRequest, at: datetime) -> tuple[date, date]:
    today = local(at).date()
    first = today.replace(day=1)

    def day(name: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(request.GET.get(name, ""))
        except ValueError:
            return otherwise

    begin, end = day("from", first), day("to", today)
    return (begin, end) if begin <= end else (end, begin)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show everybody's recorded acts, the share done without an override, and missing qualification, for a period."""
    at, by = asking.now(), asking.person(request)
    begin, end = _period(request, at)
    rows = staff_overview(
        scope_of(by, at=at),
        from_at=datetime.combine(begin, time(), tzinfo=SHANGHAI),
        to_at=datetime.combine(end + timedelta(days=1), time(), tzinfo=SHANGHAI),
        at=at,
    )
    acts, overridden = sum(row.acts for row in rows), sum(row.overridden for row in rows)
    most = max((row.acts for row in rows), default=0)
    return render(
        request,
        "web/people/overview.html",
        {
            "tabs": tabs("overview"),
            "begin": begin,
            "end": end,
            "rows": [
                {
                    "row": row,
                    "share": None if row.adherence is None else Decimal(str(row.adherence)) * 100,
                    "width": round(100 * row.acts / most) if most else 0,
                }
                for row in sorted(rows, key=lambda row: (-row.acts, row.person.username))
            ],
            "acts": acts,
            "overridden": overridden,
            "share": Decimal(100) * (acts - overridden) / acts if acts else None,
            "gaps": sum(bool(row.gaps) for row in rows),
        },
    )
