"""表单库: every form of the house, which process and step make it, and the eight forms of the department as blanks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.org.models import Company
from guiju.papers import forms
from guiju.papers.forms import Stamp
from guiju.sales.blanks import EIGHT, blank_form, works_change_of
from guiju.sop import queries
from guiju.sop.models import day_of
from guiju.web import clausewords, formats
from guiju.web.access import unit_for
from guiju.web.views import asking
from guiju.web.views.files import send


@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """List the forms: the eight of the department first, then the others by number."""
    at, by = asking.now(), asking.person(request)
    clauses = {one.code: one.clause for one in EIGHT}
    said: dict[str, str] = {}
    # Clauses are named as people know them: 第六部分 1, not by the key that programs use.
    numbers: dict[str, str] = {}
    makers: dict[str, list[dict[str, object]]] = defaultdict(list)
    for one in queries.library(company_id=by.company_id, on=day_of(at)):
        if one.in_force is None:
            continue
        content = one.in_force.content
        numbers |= {row["id"]: row["number"] for row in content.get("clauses", []) if row.get("number")}
        for row in content.get("forms", []):
            said.setdefault(row["form"], row.get("clause", ""))
        steps: dict[str, list[str]] = defaultdict(list)
        for step in content.get("steps", []):
            for number in step.get("forms", []):
                steps[number].append(step.get("label") or step["step"])
        for number, names in steps.items():
            makers[number].append({"document": one.document, "steps": names})
    rows = [
        {
            "kind": kind,
            "clause": _number(clauses.get(kind.code) or said.get(kind.number, ""), numbers),
            "makers": makers.get(kind.number, []),
            "blank": kind.code in clauses,
        }
        for kind in sorted(forms.FORMS.values(), key=lambda one: one.number)
    ]
    order = list(clauses)
    eight = sorted((row for row in rows if row["blank"]), key=lambda row: order.index(row["kind"].code))  # type: ignore[attr-defined]
    others = [row for row in rows if not row["blank"]]
    return render(
        request,
        "web/sop/forms.html",
        {"groups": (("第六部分 附则的八种表单", eight), ("其他表单", others))},
    )


def _number(clause: str, numbers: Mapping[str, str]) -> str:
    """Return the number of a clause as people know it: the library's own words first."""
    return numbers.get(clause) or clausewords.known(clause)


@require_safe
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """
    Send one of the eight forms as a blank; the 工程变更申请单 with the deal of ``unit`` filled in.

    :raises Http404: there is no such form, or the unit is not in scope.
    """
    at, by = asking.now(), asking.person(request)
    if code not in {one.code for one in EIGHT}:
        raise Http404("表单库里没有这种空表。")
    kind = forms.form_kind(code)
    key = formats.whole(request.GET.get("unit", ""))
    company = Company.objects.get(pk=by.company_id)
    name = f"{kind.number} {kind.title}"
    if key is not None and code == "works_change":
        unit = unit_for(by, key, at)
        data = works_change_of(unit, masked=asking.masked(request, at, unit))
        name = f"{name} {unit.label}"
    else:
        data = blank_form(code)
        name = f"{name} 空表"
    pdf = forms.print_form(code, data, stamp=Stamp(by=by.name, at=at), company=company.name)
    return send(pdf, "application/pdf", f"{name}.pdf", inline=True)
