"""知识库: articles found, read, written, used beside a case, sent to customers; the glossary of plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel import engine
from guiju.kernel.forms import Form, LongText
from guiju.kernel.forms import field as ask
from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.knowledge import articles, glossary, personal, questions
from guiju.knowledge.forms import WriteForm
from guiju.knowledge.models import Article, ArticleUse, ArticleVersion, Term
from guiju.knowledge.operations import using, writing
from guiju.knowledge.processes.article import REVIEWERS, WRITERS
from guiju.org.gates import holds_post, require_post, scope_of
from guiju.org.models import Person
from guiju.papers.forms import print_form
from guiju.papers.surveying import ArticleSheet
from guiju.web import formats, lists
from guiju.web.access import case_for, cases_of, projects_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send

KINDS = dict(Article.KINDS)
USED = dict(ArticleUse.KINDS)


class TermForm(Form):
    """一个行话。"""

    word: Annotated[str, Field(min_length=2, max_length=30)] = ask("行话")
    plain: Annotated[str, Field(min_length=2, max_length=100)] = ask("对客户怎么说")


class RetireForm(Form):
    """停用一条知识。"""

    reason: Annotated[str, Field(min_length=2, max_length=200)] = ask("停用的原因")


class FromCaseForm(Form):
    """从事项写知识。"""

    title: Annotated[str, Field(min_length=4, max_length=100)] = ask("标题")
    problem: Annotated[str, Field(min_length=4, max_length=5000)] = ask("问题", widget="longtext")
    solution: Annotated[str, Field(min_length=4, max_length=5000)] = ask("解决办法", widget="longtext")
    spoken: Annotated[str, Field(max_length=300)] = ask(
        "一句话答复", default="", widget="longtext", help="电话里念给客户听的话"
    )
    steps: Annotated[list[Annotated[str, Field(min_length=2, max_length=300)]], Field(max_length=20)] = ask(
        "操作步骤", default=[], help="一行一步"
    )
    from_customer: bool = ask("这是客户自己提出的办法", default=False)


class AnswerForm(Form):
    """据此答复。"""

    answer: LongText = ask("告诉客户的话", default="")


def companies_of(by: Person, at: datetime) -> set[int]:
    """Return the companies whose articles a person reads: those in which they work."""
    return set(scope_of(by, at=at).companies) | {one.company_id for one in projects_of(by, at)}


def articles_of(by: Person, at: datetime) -> QuerySet[Article]:
    """Return the articles of the companies that a person works for."""
    return Article.objects.filter(company_id__in=companies_of(by, at))


def article_for(by: Person, key: int, at: datetime) -> Article:
    """
    Return an article of a company that the person works for.

    :raises Http404: there is none, or it is another company's.
    """
    found = (
        articles_of(by, at)
        .filter(pk=key)
        .select_related("current__written_by", "current__published_by")
        .first()
    )
    if found is None:
        raise Http404("没有这条知识，或者它不是你公司的。")
    return found


def card(article: Article, version: ArticleVersion | None = None) -> dict[str, Any]:
    """Return an article as lists show it."""
    shown = version or article.current
    assert shown is not None
    return {
        "key": article.pk, "number": article.number, "kind": KINDS[article.kind], "title": shown.title,
        "spoken": shown.spoken, "version": shown.version, "at": shown.published_at, "steps": shown.steps,
        "source": shown.source, "url": reverse("web:article", args=[article.pk]), "version_key": shown.pk,
    }  # fmt: skip


@require_safe
def knowledge(request: HttpRequest) -> HttpResponse:
    """List the articles, newest first, or those that hold the words looked for."""
    at, by = asking.now(), asking.person(request)
    companies = companies_of(by, at)
    words, kind = request.GET.get("q", "").strip()[:60], request.GET.get("kind", "")
    published = articles.published().filter(company_id__in=companies)
    counts = {code: published.filter(kind=code).count() for code in KINDS}
    if words:
        found = articles.look_up(words, company_ids=companies)
        rows, page = [one for one in found if not kind or one.kind == kind], lists.Page()
    else:
        chosen = published.filter(kind=kind) if kind in KINDS else published
        rows, page = lists.walk_newest(chosen, request.GET.get("after", ""))
    waiting = (
        cases_of(by, at, asking.project(request))
        .filter(process="article", closed_at=None)
        .order_by("-pk")[:20]
    )
    return render(
        request,
        "web/knowledge/list.html",
        {
            "rows": [card(one) for one in rows],
            "page": page,
            "words": words,
            "kinds": [
                {"label": label, "count": counts[code], "current": code == kind, "code": code}
                for code, label in KINDS.items()
            ],
            "kind": kind,
            "total": sum(counts.values()),
            "waiting": lists.rows_of(list(waiting), at),
            "may_write": holds_post(by, *WRITERS, at=at),
        },
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def write(request: HttpRequest) -> HttpResponse:
    """Write an article, or a new version of a known one (``?of=``)."""
    at, by = asking.now(), asking.person(request)
    typed: dict[str, Any] = {}
    of = formats.whole(request.GET.get("of", ""))
    if of is not None and request.method != "POST":
        known = article_for(by, of, at)
        version = known.current
        if version is not None:
            typed = {
                "title": version.title, "kind": known.kind, "part": known.part, "problem": version.problem,
                "solution": version.solution, "spoken": version.spoken, "steps": list(version.steps),
                "keywords": version.keywords, "replaces": known.number,
            }  # fmt: skip
    sheet: Sheet[WriteForm] = Sheet(WriteForm, typed=typed)
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            project = asking.project(request)
            try:
                event = engine.open_case(
                    "article", by=by, at=at, given=given.model_dump(mode="json"), chain_id=by.company_id,
                    scope_id=project.pk if project else None,
                )  # fmt: skip
            except BadlyFilled as wrong:
                sheet.errors = dict(wrong.errors)
            except Refused as refused:
                sheet.refuse(refused)
            else:
                assert event.case is not None
                messages.success(request, "已存为草稿，看一遍再提交审核")
                return redirect("web:case", event.case.number)
    return render(request, "web/knowledge/write.html", {"sheet": sheet, "of": of}, status=sheet.status)


@require_safe
def article(request: HttpRequest, key: int) -> HttpResponse:
    """Show an article: the sentence to say first, then the full text, its versions and its last uses."""
    at, by = asking.now(), asking.person(request)
    found = article_for(by, key, at)
    versions = list(found.versions.select_related("case", "written_by", "published_by").order_by("-version"))
    wanted = formats.whole(request.GET.get("version", ""))
    version = next((one for one in versions if one.version == wanted), None) or found.current
    if version is None:
        raise Http404("这条知识还没有发布。")
    terms = glossary.terms_of(found.company_id)
    uses = (
        ArticleUse.objects.filter(version__article=found)
        .select_related("case", "used_by")
        .order_by("-pk")[:20]
    )
    mine = {case.pk for case in cases_of(by, at).filter(pk__in=[use.case_id for use in uses])}
    return render(
        request,
        "web/knowledge/article.html",
        {
            "article": found,
            "version": version,
            "current": version.pk == found.current_id,
            "kind": KINDS[found.kind],
            "customer_text": glossary.plainly(version.solution, terms),
            "flags": glossary.flags(f"{version.solution}\n{version.problem}", terms),
            "versions": versions,
            "uses": [{"use": use, "kind": USED[use.kind], "mine": use.case_id in mine} for use in uses],
            "may_write": holds_post(by, *WRITERS, at=at),
            "may_retire": holds_post(by, *REVIEWERS, at=at, company_id=found.company_id),
            "retire": Sheet(RetireForm),
        },
    )


@require_POST
@asking.tells_refusals
def retire(request: HttpRequest, key: int) -> HttpResponse:
    """Take an article out of use, with the reason."""
    at, by = asking.now(), asking.person(request)
    found = article_for(by, key, at)
    require_post(by, *REVIEWERS, at=at, company_id=found.company_id)
    sheet: Sheet[RetireForm] = Sheet(RetireForm)
    given = sheet.take(request)
    if given is None:
        raise Refused("停用的原因：至少写 2 个字")
    writing.retire(article=found, reason=given.reason, by=by, at=at)
    messages.success(request, "已停用，搜索和推荐里不再出现")
    return redirect("web:article", key)


@require_safe
def printed(request: HttpRequest, key: int) -> HttpResponse:
    """Send the current version as a PDF for a customer: plain words behind technical ones."""
    at, by = asking.now(), asking.person(request)
    found = article_for(by, key, at)
    if found.current is None:
        raise Http404("这条知识还没有发布。")
    content = pdf_of(found.current)
    return send(content, "application/pdf", f"{found.current.title}.pdf", inline=True)


def pdf_of(version: ArticleVersion) -> bytes:
    """Return a version as the printed sheet that a customer gets."""
    article = version.article
    terms = glossary.terms_of(article.company_id)
    published = formats.paper_day(version.published_at) if version.published_at else ""
    return print_form(
        "article",
        ArticleSheet(
            title=version.title, number=f"{article.number}／{version.version} 版", spoken=version.spoken,
            problem=glossary.plainly(version.problem, terms),
            solution=tuple(text for text in glossary.plainly(version.solution, terms).splitlines() if text.strip()),
            steps=tuple(glossary.plainly(step, terms) for step in version.steps), company=article.company.name,
            published=published,
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def terms(request: HttpRequest) -> HttpResponse:
    """Show the glossary of plain words; reviewers add the company's own."""
    at, by = asking.now(), asking.person(request)
    may_change = holds_post(by, *REVIEWERS, at=at, company_id=by.company_id)
    sheet: Sheet[TermForm] = Sheet(TermForm)
    if request.method == "POST":
        require_post(by, *REVIEWERS, at=at, company_id=by.company_id)
        given = sheet.take(request)
        if given is not None:
            writing.set_term(company_id=by.company_id, word=given.word, plain=given.plain, by=by, at=at)
            messages.success(request, f"「{given.word}」以后会提示说「{given.plain}」")
            return redirect("web:plain_words")
    own = set(Term.objects.filter(company_id=by.company_id).values_list("word", flat=True))
    rows = [(word, plain, word in own) for word, plain in sorted(glossary.terms_of(by.company_id).items())]
    return render(
        request,
        "web/knowledge/terms.html",
        {"rows": rows, "sheet": sheet, "may_change": may_change},
        status=sheet.status,
    )


# --- beside a case ---------------------------------------------------------------------------------------------------
@require_safe
def beside(request: HttpRequest, number: str) -> HttpResponse:
    """Offer knowledge beside a case: what fits its story, what was looked for, similar closed cases, what was used."""
    return _beside(request, number)


def _beside(
    request: HttpRequest, number: str, *, sheet: Sheet[FromCaseForm] | None = None, wrong: str = "",
    status: int = 200, typed: Mapping[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    words = request.GET.get("q", "").strip()[:60]
    story, part = articles.story(case), articles.part_of(case)
    if words:
        found = articles.look_up(words, company_ids=[case.chain_id], most=8)
    else:
        kind = articles.KIND_OF.get(case.process, Article.REPAIR)
        found = articles.similar(words=story, part=part, kind=kind, at=at, company_id=case.chain_id)
    terms_ = glossary.terms_of(case.chain_id)
    uses = ArticleUse.objects.filter(case=case).select_related("version__article", "used_by").order_by("-pk")
    solved = articles.similar_cases(case)
    mine = {one.pk: one for one in cases_of(by, at).filter(pk__in=[one.case_id for one in solved])}
    return render(
        request,
        "web/knowledge/beside.html",
        {
            "case": case,
            "words": words,
            "rows": [
                {**card(one), "flags": glossary.flags(one.current.spoken, terms_)}
                for one in found
                if one.current
            ],
            "uses": [{"use": use, "kind": USED[use.kind]} for use in uses],
            "solved": [one for one in solved if one.case_id in mine],
            "sheet": sheet or Sheet(FromCaseForm, typed=_first_draft(case)),
            "may_use": holds_post(by, *WRITERS, at=at, company_id=case.chain_id, project_id=case.scope_id),
            "closed": case.closed_at is not None,
            "contact": _contact(case),
            "wrong": wrong,
            "typed": typed or {},
        },
        status=status,
    )


def _first_draft(case: Case) -> dict[str, Any]:
    """Return what a draft from a case begins with: its own problem and solution, without names, numbers and rooms."""
    names = articles.names_in(case)
    problem = solution = ""
    for told in questions.outcome_of.ask_all(case.pk):
        if told is not None:
            problem, solution = told
    return {
        "title": personal.strip(problem.splitlines()[0] if problem else "", names=names)[:100],
        "problem": personal.strip(problem or articles.story(case), names=names),
        "solution": personal.strip(solution, names=names),
    }


def _contact(case: Case) -> tuple[str, str]:
    for told in questions.contact_of.ask_all(case.pk):
        if told is not None:
            return told
    return "", ""


@require_POST
@asking.tells_refusals
def use(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Note a use of an article in a case: read, answered from it, guided by its steps, or sent."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    require_post(by, *WRITERS, at=at, company_id=case.chain_id, project_id=case.scope_id)
    version = article_for(by, key, at).current
    if version is None:
        raise Http404("这条知识还没有发布。")
    kind, answer = request.POST.get("kind", ""), request.POST.get("answer", "")
    try:
        if kind in (using.AS_LINK, using.AS_PDF):
            name, phone = _contact(case)
            using.send(version=version, case=case, sent_as=kind, phone=phone, name=name, by=by, at=at)
            messages.success(
                request, "链接已放进发件箱，十秒后发出" if kind == using.AS_LINK else "已记下：PDF 交给了客户"
            )
            if kind == using.AS_PDF:
                return redirect("web:article_pdf", key)
        else:
            steps = [
                place for text in request.POST.getlist("steps") if (place := formats.whole(text)) is not None
            ]
            if kind not in USED or kind == ArticleUse.SENT:
                raise Http404("没有这种用法。")
            using.note_use(version=version, case=case, kind=kind, by=by, at=at, answer=answer, steps=steps)
            messages.success(request, f"已记下：{USED[kind]}「{version.title}」")
    except BadlyFilled as wrong:
        return _beside(
            request, number, wrong="；".join(wrong.errors.values()), status=422, typed={str(key): answer}
        )
    return redirect("web:case_knowledge", number)


@require_POST
@asking.tells_refusals
def draft(request: HttpRequest, number: str) -> HttpResponse:
    """Draft an article from a case: names, numbers and rooms are taken out."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    sheet: Sheet[FromCaseForm] = Sheet(FromCaseForm)
    given = sheet.take(request)
    if given is None:
        return _beside(request, number, sheet=sheet, status=sheet.status)
    try:
        version = articles.draft_from(
            case, title=given.title, problem=given.problem, solution=given.solution, spoken=given.spoken,
            steps=given.steps, from_customer=given.from_customer, by=by, at=at,
        )  # fmt: skip
    except BadlyFilled as wrong:
        sheet.errors = dict(wrong.errors)
        return _beside(request, number, sheet=sheet, status=sheet.status)
    messages.success(request, "已写成草稿，姓名、电话和房号已去掉，看一遍再提交审核")
    return redirect("web:case", version.case.number)


PATHS = [
    path("", knowledge, name="knowledge"),
    path("new/", write, name="article_new"),
    path("words/", terms, name="plain_words"),
    path("<int:key>/", article, name="article"),
    path("<int:key>/retire/", retire, name="article_retire"),
    path("<int:key>/pdf/", printed, name="article_pdf"),
]
CASE_PATHS = [
    path("", beside, name="case_knowledge"),
    path("draft/", draft, name="case_knowledge_draft"),
    path("<int:key>/use/", use, name="case_knowledge_use"),
]
