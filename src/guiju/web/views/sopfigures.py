"""作业标准书的成效: duration against the standard, error rate and quality of every SOP in a period; slips by step."""

from __future__ import annotations

from collections import Counter

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.kernel.process import processes
from guiju.org.gates import scope_of
from guiju.org.secrecy import listed
from guiju.reports import sop_figures as report
from guiju.sop.models import Slip
from guiju.web.formats import local
from guiju.web.views import asking
from guiju.web.views.registers import period_of


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show every SOP with a process: tasks, duration against the standard, errors, quality, within the reader's scope."""
    at, by = asking.now(), asking.person(request)
    period = period_of(request.GET, local(at).date())
    found = report.figures(scope_of(by, at=at), begin=period.begin, end=period.end)
    return render(
        request,
        "web/registers/sops.html",
        {"period": period, "rows": [one for one in found if one.steps or one.slips or one.ratings]},
    )


@require_safe
def slips(request: HttpRequest, process: str) -> HttpResponse:
    """Show the refused attempts at a process in a period: which fields and clauses, at which step, on which case."""
    at, by = asking.now(), asking.person(request)
    known = processes().get(process)
    if known is None:
        raise Http404("没有这个流程。")
    period = period_of(request.GET, local(at).date())
    within = scope_of(by, at=at).q("case__chain_id", "case__scope_id") & listed(by, at=at, prefix="case__")
    found = report.slips_of(process, within, begin=period.begin, end=period.end)

    def label(slip: Slip) -> str:
        step = known.step(slip.step)
        return step.label if step is not None else slip.step

    counts = Counter((label(slip), slip.get_kind_display()) for slip in found)
    return render(
        request,
        "web/registers/slips.html",
        {
            "process": known,
            "period": period,
            "counts": [{"step": step, "kind": kind, "count": n} for (step, kind), n in counts.most_common()],
            "rows": [{"slip": slip, "step": label(slip), "about": slip.about} for slip in found],
        },
    )
