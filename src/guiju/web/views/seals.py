"""用印: who keeps which seal, every use of it with the approval's number, and the times it was lent out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.refusals import BadlyFilled
from guiju.org.gates import scope_of
from guiju.org.models import Person
from guiju.papers.models import Seal, SealLoan, SealUse
from guiju.papers.operations import seals as acts
from guiju.web import formats
from guiju.web.views import asking
from guiju.web.views.receivables import day_of, text_of

SIZE: Final = 50
LOANS_AT_MOST = 50


def _seals(by: Person, at: datetime) -> QuerySet[Seal, Seal]:
    """Return the seals of the companies and projects the person works in."""
    scope = scope_of(by, at=at)
    rows = Seal.objects.filter(
        Q(company_id__in=scope.companies)
        | Q(project_id__in=scope.projects)
        | Q(project_id=None, company__projects__in=scope.projects)
    )
    return rows.select_related("keeper", "company").distinct()


def _seal_for(by: Person, key: int, at: datetime) -> Seal:
    found = _seals(by, at).filter(pk=key).first()
    if found is None:
        raise Http404("没有这枚印章。")
    return found


@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """Show the seals and the register of their use, the newest first."""
    return _seals_page(request)


def _seals_page(request: HttpRequest, wrong: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    mine = list(_seals(by, at).order_by("retired_at", "pk"))
    chosen = formats.whole(request.GET.get("seal", "") or request.POST.get("seal", ""))
    only = [seal for seal in mine if seal.pk == chosen] or mine
    # A seal of the whole company is used for cases of projects in which this person does not work.
    here = Q(case=None) | Q(seal__keeper=by) | scope_of(by, at=at).q("case__chain_id", "case__scope_id")
    uses = SealUse.objects.filter(here, seal__in=only)
    words = request.GET.get("q", "").strip()[:60]
    if words:
        uses = uses.filter(Q(number=words) | Q(approval_number=words) | Q(case__number=words))
    after = formats.whole(request.GET.get("after", ""))
    if after:
        uses = uses.filter(pk__lt=after)
    page = list(uses.select_related("seal", "case", "used_by").order_by("-pk")[: SIZE + 1])
    out = {
        loan.seal_id: loan
        for loan in SealLoan.objects.filter(seal__in=mine, returned_at=None).select_related("borrower")
    }
    loans = SealLoan.objects.filter(seal__in=only).select_related(
        "seal", "borrower", "lent_by", "returned_to"
    )
    return render(
        request,
        "web/seals/seals.html",
        {
            "seals": [_row(seal, out.get(seal.pk), by, at) for seal in mine], "uses": page[:SIZE],
            "after": page[SIZE - 1].pk if len(page) > SIZE else None, "chosen": chosen if len(only) == 1 else None,
            "q": words, "wrong": wrong or {}, "given": request.POST, "loans": loans.order_by("-pk")[:LOANS_AT_MOST],
            "kept": [seal for seal in mine if seal.retired_at is None and acts.keeps(seal, by, scope_id=seal.project_id, at=at)],
            "colleagues": _colleagues(by), "at": at, "tomorrow": local_date(at) + timedelta(days=1),
        },
        status=status,
    )  # fmt: skip


def _row(seal: Seal, out: SealLoan | None, by: Person, at: datetime) -> dict[str, Any]:
    return {
        "seal": seal,
        "out": out,
        "late": out is not None and out.due_at < at,
        "mine": acts.keeps(seal, by, scope_id=seal.project_id, at=at),
    }


def _colleagues(by: Person) -> QuerySet[Person, Person]:
    return (
        Person.objects.filter(company_id=by.company_id, is_active=True)
        .exclude(pk=by.pk)
        .order_by("name", "pk")
    )


@require_POST
@asking.tells_refusals
def use(request: HttpRequest, key: int) -> HttpResponse:
    """Enter a use of the seal that no process enters by itself."""
    at, by = asking.now(), asking.person(request)
    seal = _seal_for(by, key, at)
    try:
        copies = formats.whole(request.POST.get("copies", ""))
        if not copies:
            raise BadlyFilled({"copies": "份数：请填数字"})
        made = acts.register_use(
            seal=seal, by=by, at=at, copies=copies, approval=text_of(request, "approval", "批准依据", 200),
            approval_number=text_of(request, "approval_number", "批准编号", 60),
            reason=text_of(request, "reason", "事由", 200), title=text_of(request, "title", "用印文件", 200),
            across_pages=request.POST.get("across_pages") == "on",
        )  # fmt: skip
    except BadlyFilled as wrong:
        return _seals_page(request, dict(wrong.errors), 422)
    messages.success(request, f"已登记用印 {made.number}")
    return redirect(reverse("web:seals"))


@require_POST
@asking.tells_refusals
def lend(request: HttpRequest, key: int) -> HttpResponse:
    """Lend a seal out."""
    at, by = asking.now(), asking.person(request)
    seal = _seal_for(by, key, at)
    try:
        borrower = _colleagues(by).filter(pk=formats.whole(request.POST.get("borrower", "")) or 0).first()
        if borrower is None:
            raise BadlyFilled({"borrower": "请选择借用人"})
        made = acts.lend_seal(
            seal=seal, borrower=borrower, place=text_of(request, "place", "使用地点", 100),
            purpose=text_of(request, "purpose", "事由", 200),
            approval_number=text_of(request, "approval_number", "批准编号", 60),
            companion=text_of(request, "companion", "同行监督人", 60, needed=False),
            due_at=end_of(day_of(request, "due", "应归还日期")), by=by, at=at,
        )  # fmt: skip
    except BadlyFilled as wrong:
        return _seals_page(request, dict(wrong.errors), 422)
    messages.success(request, f"已登记外借 {made.number}")
    return redirect(reverse("web:seals"))


@require_POST
@asking.tells_refusals
def take_back(request: HttpRequest, key: int) -> HttpResponse:
    """Take a lent seal back."""
    at, by = asking.now(), asking.person(request)
    loan = SealLoan.objects.filter(seal__in=_seals(by, at), pk=key).first()
    if loan is None:
        raise Http404("没有这次外借。")
    acts.take_back_seal(loan=loan, note=request.POST.get("note", "")[:200], by=by, at=at)
    messages.success(request, f"{loan.number} 已归还")
    return redirect(reverse("web:seals"))
