"""单据: what a case prints, reprints and voids; a draft for a wet signature; the page behind a paper's QR code."""

from __future__ import annotations

from typing import Annotated, Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel import engine, ports
from guiju.kernel.forms import Form, field
from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled, NotYourPost, Refused
from guiju.org.gates import scope_of
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import may_open, require_take_out
from guiju.papers import forms, scans
from guiju.papers.forms import Stamp
from guiju.papers.models import Attachment, Paper, Reprint
from guiju.papers.offers import NotYetPrintable, print_case
from guiju.papers.operations.papers import UnableToIssue, looked_up, print_void, reprint, void
from guiju.web import casepapers, lists, signing
from guiju.web.about import about
from guiju.web.access import case_for, paper_for
from guiju.web.casepage import whys
from guiju.web.sheet import Sheet
from guiju.web.views import asking, steps
from guiju.web.views.files import send

Why = Annotated[str, Field(min_length=2, max_length=200)]


class ReasonForm(Form):
    """A reason, in a line."""

    reason: Why = field("原因")


def _writable(request: HttpRequest, number: str) -> Case:
    """
    Return a case whose papers the person's work has to do with.

    :raises NotYourPost: the person's posts do not need the people on these papers, or the case is confidential.
    """
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    require_take_out(by, case, at=at)
    return case


@require_safe
def case_papers(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a case can print and what was printed."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    if casepapers.may_print(by, case, at):
        note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    return show(request, case)


@require_safe
def offers(request: HttpRequest, number: str) -> HttpResponse:
    """Send the part of the case page that says what can be printed now."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    may = casepapers.may_print(by, case, at)
    return render(
        request,
        "web/parts/offers.html",
        {
            "case": case,
            "offers": casepapers.offered(case, at) if may else [],
            "may_print": may,
            "short": True,
        },
    )


def show(
    request: HttpRequest, case: Case, *, sheets: dict[int, Sheet[Any]] | None = None, **more: Any
) -> HttpResponse:
    """Render the papers of a case; ``sheets`` are forms that were refused, by the key of their paper."""
    at, by = asking.now(), asking.person(request)
    may = casepapers.may_print(by, case, at)
    masked = asking.masked(request, at, case)
    subject = about([case.pk], masked=masked)[case.pk]
    rows = []
    for paper in casepapers.printed(case):
        again = Sheet(ReasonForm, prefix=f"again-{paper.pk}.")
        off = Sheet(ReasonForm, prefix=f"void-{paper.pk}.")
        refused = (sheets or {}).get(paper.pk)
        if refused is not None:
            again, off = (refused, off) if refused.prefix.startswith("again") else (again, refused)
        may_void = may and casepapers.may_void(by, paper, case, at)
        rows.append({"paper": paper, "again": again, "void": off, "may_void": may_void})
    status = max((sheet.status for sheet in (sheets or {}).values()), default=200)
    return render(
        request,
        "web/case_papers.html",
        {
            "case": case,
            "title": lists.title_of(case, subject),
            "may_print": may,
            "offers": casepapers.offered(case, at) if may else [],
            "rows": rows,
            "scans": casepapers.signed_scans(case) if may else [],
            "voiders": casepapers.voiders(),
            **more,
        },
        status=more.pop("status", status),
    )


@require_POST
@asking.tells_refusals
def print_paper(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Print a paper of the case; one that is out with other words is voided first, with the reason given."""
    at, by = asking.now(), asking.person(request)
    case = _writable(request, number)
    offer = next((one for one in casepapers.offered(case, at) if one.name == name), None)
    if offer is not None and offer.paper is not None and offer.changed:
        if not casepapers.may_void(by, offer.paper, case, at):
            raise NotYourPost(f"旧的一份由打印人或{casepapers.voiders()}作废后才能重印")
        sheet = Sheet(ReasonForm, prefix=f"void-{offer.paper.pk}.")
        given = sheet.take(request)
        if given is None:
            return show(request, case, sheets={offer.paper.pk: sheet})
        void(paper=offer.paper, reason=given.reason, by=by, at=at)
    try:
        paper = print_case(case, name, by=by, at=at)
    except (NotYetPrintable, UnableToIssue) as refused:
        return show(request, case, refused=str(refused), status=refused.status)
    messages.success(request, f"已印好：{paper}")
    return redirect(f"{reverse('web:case_papers', args=[case.number])}#paper-{paper.pk}")


@require_POST
@asking.tells_refusals
def print_again(request: HttpRequest, key: int) -> HttpResponse:
    """Reprint a paper with a reason; it is counted and says which reprint it is."""
    at, by = asking.now(), asking.person(request)
    paper = paper_for(by, key, at)
    assert paper.case is not None
    case = _writable(request, paper.case.number)
    sheet = Sheet(ReasonForm, prefix=f"again-{paper.pk}.")
    given = sheet.take(request)
    if given is not None:
        try:
            reprint(paper=paper, reason=given.reason, by=by, at=at)
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"已补打 {paper}，第 {paper.reprints} 次，下面可以打开")
            return redirect(f"{reverse('web:case_papers', args=[case.number])}#paper-{paper.pk}")
    return show(request, case, sheets={paper.pk: sheet})


@require_safe
@asking.tells_refusals
def reprinted(request: HttpRequest, key: int, count: int) -> HttpResponse:
    """Send a counted reprint: the words of the first print, with its mark 补打."""
    by, at = asking.person(request), asking.now()
    paper = paper_for(by, key, at)
    assert paper.case is not None
    _writable(request, paper.case.number)
    row = Reprint.objects.filter(paper=paper, count=count).select_related("reprinted_by").first()
    if row is None:
        raise Http404("没有这一次补打。")
    stamp = Stamp(
        by=row.reprinted_by.name,
        at=row.reprinted_at,
        qr=scans.qr_text(paper.token),
        number=paper.number,
        reprint=count,
    )
    pdf = forms.print_written(
        paper.form, paper.content, stamp=stamp, company=paper.company.name, version=paper.form_version
    )
    return send(pdf, "application/pdf", f"{paper} 补打{count}.pdf", inline=True)


@require_POST
@asking.tells_refusals
def void_paper(request: HttpRequest, key: int) -> HttpResponse:
    """Void a paper with a reason; it stays in the books."""
    at, by = asking.now(), asking.person(request)
    paper = paper_for(by, key, at)
    assert paper.case is not None
    case = _writable(request, paper.case.number)
    if not casepapers.may_void(by, paper, case, at):
        raise NotYourPost(f"单据由打印人或{casepapers.voiders()}作废")
    sheet = Sheet(ReasonForm, prefix=f"void-{paper.pk}.")
    given = sheet.take(request)
    if given is not None:
        try:
            void(paper=paper, reason=given.reason, by=by, at=at)
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"已作废 {paper}，留存备查")
            return redirect("web:case_papers", case.number)
    return show(request, case, sheets={paper.pk: sheet})


@require_safe
@asking.tells_refusals
def voided(request: HttpRequest, key: int) -> HttpResponse:
    """Send a voided paper with 作废 across it, for the file."""
    at, by = asking.now(), asking.person(request)
    paper = paper_for(by, key, at)
    assert paper.case is not None
    _writable(request, paper.case.number)
    if paper.voided_at is None:
        raise Http404("这份单据没有作废。")
    return send(print_void(paper=paper, by=by, at=at), "application/pdf", f"{paper} 作废.pdf", inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def draft(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Print what is filled into a step's form for a wet signature, and show the form again as it was."""
    at, by = asking.now(), asking.person(request)
    case = _writable(request, number)
    if request.method != "POST":
        return redirect("web:step", case.number, step)
    option = next((one for one in engine.options(case, by=by, at=at) if one.name == step), None)
    if option is None or (case.process, step) not in signing.DRAFTS:
        raise Http404("这一步没有要先打印的单据。")
    if not (option.mine and option.here):
        raise NotYourPost("现在不由你办这一步，不能打印")
    entered = steps.typed(request, option.form, [state.point for state in option.points], at)
    again = request.POST.get("draft") == "again"
    reason = request.POST.get("void_reason", "").strip()
    found: dict[str, Any] = {}
    try:
        entered.as_given()
        found["just"] = signing.print_draft(
            case, step, entered.given, by=by, at=at, void_reason=reason if again else None
        )
        status = 200
    except BadlyFilled as wrong:
        entered.errors, status = wrong.errors, wrong.status
    except signing.OtherDraftOut as refused:
        found.update(other=refused.paper, reason=reason)
        status = refused.status
    except UnableToIssue as refused:
        out = Paper.objects.valid().filter(case=case, form=signing.DRAFTS[(case.process, step)].form)
        found.update(other=out.newest_first().first(), reason=reason, error=str(refused))
        status = refused.status
    except Refused as refused:
        policy = ports.policies().get(case.sop_version_id)
        found["reasons"] = whys(refused.reasons, policy)
        status = refused.status
    return steps.show(
        request,
        case,
        option,
        entered,
        status=status,
        signing=signing.panel(case, step, entered.given, **found),
    )


@require_safe
def match(request: HttpRequest, number: str, sha256: str) -> HttpResponse:
    """Say which paper a scan just uploaded is, for the line of the file on the form."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    mine = Q(uploaded_by=by) | Q(uses__case=case)
    attachment = Attachment.objects.filter(mine, company_id=case.chain_id, sha256=sha256).distinct().first()
    if attachment is None:
        raise Http404("没有这个附件。")
    return render(request, "web/parts/scan.html", {"scan": casepapers.scan_of(attachment, case)})


@require_safe
def token(request: HttpRequest, token: str) -> HttpResponse:
    """Show the paper behind a QR code: genuine or not, valid or void, and whose case it is."""
    at, by = asking.now(), asking.person(request)
    paper = looked_up(token.upper())
    scope = scope_of(by, at=at)
    seen = paper is not None and scope.holds(
        paper.case.chain_id if paper.case else paper.company_id, paper.case.scope_id if paper.case else None
    )
    if seen and paper is not None and paper.case is not None:
        seen = may_open(by, paper.case, at=at)
    if paper is None or not seen:
        raise Http404("没有这份单据，或者它不在你的范围里。纸上的二维码也可能不是本系统打印的。")
    case = paper.case
    may = case is None or casepapers.may_print(by, case, at)
    title = ""
    if case is not None:
        subject = about([case.pk], masked=not may)[case.pk]
        title = lists.title_of(case, subject)
        if may:
            note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    return render(
        request, "web/token.html", {"paper": paper, "case": case, "case_title": title, "may_open": may}
    )
