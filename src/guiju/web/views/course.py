"""合同全程: a contract from signing through payment to the products and services provided, in one timeline."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.org.masking import mask_name
from guiju.org.operations.looks import note_look
from guiju.reports.course import course_of
from guiju.sales.models import Deal
from guiju.web import formats
from guiju.web.access import cases_of, unit_for
from guiju.web.views import asking


@require_safe
def course(request: HttpRequest, key: int) -> HttpResponse:
    """Show the course of the live contract of a unit."""
    at, by = asking.now(), asking.person(request)
    unit = unit_for(by, key, at)
    deal = Deal.objects.filter(unit=unit, live=True).first()
    found = course_of(deal.pk, cases=cases_of(by, at), today=formats.local(at).date()) if deal else None
    if found is None:
        raise Http404("这套房屋还没有签订合同。")
    masked = asking.masked(request, at, unit)
    if not masked:
        note_look(by, "unit", unit.pk, at=at, company_id=unit.project.company_id)
    buyers = [mask_name(name) if masked else name for name in found.buyers]
    return render(request, "web/course.html", {"unit": unit, "course": found, "buyers": buyers})
