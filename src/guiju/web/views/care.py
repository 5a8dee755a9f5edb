"""客户联络: the contacts planned (birthday cards among them), mailing lists with labels and dispatch, customer activities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.customers.consenting import ASKED, MAGAZINE, PURPOSES
from guiju.customers.models import Activity, ActivityGuest, CareContact, CustomerFact, Mailing, MailingList
from guiju.customers.operations import activities as acts
from guiju.customers.operations import mailings
from guiju.customers.operations.contacts import plan_care, record_care
from guiju.customers.routing import ACTIVITIES, DAILY_CONTACT, NobodyCarries, posts_in, team_for
from guiju.estate.models import Building, Project
from guiju.kernel.calendar import local_date
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.gates import holds_post, may_see_personal_data, require_post, scope_of
from guiju.org.masking import mask_address, mask_name
from guiju.org.models import Company, Person, Team
from guiju.org.operations.looks import note_look
from guiju.reports.segments import STAGES, Segment, chosen
from guiju.sales.models import Payment
from guiju.web import formats, lists
from guiju.web.access import customers_of, projects_of
from guiju.web.views import asking
from guiju.web.views.files import send
from guiju.web.views.receivables import amount_of, day_of, one_of, text_of

#: Who may do what any team of the department does.
HEADS = (posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER)
APPROVERS = (posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER)
SHOWN = 100
TABS = (("contacts", "联络任务"), ("mailing_lists", "邮寄名单"), ("activities", "客户活动"))
WHEN = {"open": "待办", "birthday": "生日卡", "done": "已做"}


def _company(request: HttpRequest) -> Company:
    """Return the company in view: the chosen project's, else the person's own."""
    project = asking.project(request)
    company: Company = project.company if project is not None else asking.person(request).company
    return company


def _project(key: int | None, by: Person, at: datetime) -> Project | None:
    """Return the project of a form if it is one of the person's."""
    return next((one for one in projects_of(by, at) if one.pk == key), None) if key is not None else None


def _team(company: Company, function: str, at: datetime) -> Team | None:
    try:
        return team_for(company.pk, function, at)
    except NobodyCarries:
        return None


def _doers(company: Company, function: str, at: datetime) -> tuple[str, ...]:
    """Return the posts that do this work: those of the team that carries it, and the heads of the department."""
    team = _team(company, function, at)
    return (*sorted(posts_in(team)), *HEADS) if team is not None else HEADS


def _may(by: Person, company: Company, function: str, at: datetime) -> bool:
    return holds_post(by, *_doers(company, function, at), at=at, company_id=company.pk)


def _tabs(here: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": reverse(f"web:{name}"), "current": name == here} for name, label in TABS]


# --- contacts --------------------------------------------------------------------------------------------------------
@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """List the contacts to be made, the nearest first; those of the group that carries daily contact, and one's own."""
    at, by = asking.now(), asking.person(request)
    company = _company(request)
    masked = asking.masked(request, at, company)
    when = request.GET.get("when", "")
    when = when if when in WHEN else "open"
    mine = CareContact.objects.filter(customer__in=customers_of(by, at), company=company)
    sets = {
        "open": mine.filter(done_at=None),
        "birthday": mine.filter(done_at=None, kind=CareContact.BIRTHDAY),
        "done": mine.filter(done_at__isnull=False),
    }
    order = ("-done_at", "-pk") if when == "done" else ("due_date", "pk")
    rows = sets[when].select_related("customer", "person", "team", "done_by").order_by(*order)[:SHOWN]
    return render(
        request,
        "web/care/contacts.html",
        {
            "tabs": _tabs("contacts"), "when": when,
            "whens": [{"key": key, "label": label, "count": lists.exact(sets[key])} for key, label in WHEN.items()],
            "rows": [
                {
                    "one": one, "name": mask_name(one.customer.name) if masked else one.customer.name,
                    "channel": dict(CHANNELS).get(one.channel, ""),
                }
                for one in rows
            ],
            "today": local_date(at), "team": _team(company, DAILY_CONTACT, at), "shown": SHOWN,
            "may": _may(by, company, DAILY_CONTACT, at), "channels": CHANNELS,
        },
    )  # fmt: skip


CHANNELS = [
    ("call", "电话"),
    ("sms", "短信"),
    ("wechat", "微信"),
    ("letter", "信函"),
    ("visit", "面谈"),
    ("email", "邮件"),
]


@require_POST
@asking.tells_refusals
def contact_done(request: HttpRequest, key: int) -> HttpResponse:
    """Record a planned contact: when, by which channel, what came of it."""
    at, by = asking.now(), asking.person(request)
    row = (
        CareContact.objects.filter(customer__in=customers_of(by, at), pk=key)
        .select_related("company")
        .first()
    )
    if row is None:
        raise Http404("没有这次联络。")
    if row.person_id != by.pk:
        require_post(by, *_doers(row.company, DAILY_CONTACT, at), at=at, company_id=row.company_id)
    record_care(
        care=row, outcome=text_of(request, "outcome", "结果", 400), reached=request.POST.get("reached") != "0",
        channel=one_of(request, "channel", "方式", dict(CHANNELS)), by=by, at=at,
    )  # fmt: skip
    messages.success(request, "已记录，客户的联系记录里也有")
    return redirect("web:contacts")


@require_POST
@asking.tells_refusals
def contacts_plan(request: HttpRequest) -> HttpResponse:
    """Plan the same contact with all customers of a segment; it goes to the group."""
    at, by = asking.now(), asking.person(request)
    company = _company(request)
    require_post(by, *_doers(company, DAILY_CONTACT, at), at=at, company_id=company.pk)
    segment = _segment(request, by, at)
    due = day_of(request, "due", "哪天")
    subject = text_of(request, "subject", "为什么联系", 100)
    channel = one_of(request, "channel", "方式", dict(CHANNELS))
    found = list(chosen(customers_of(by, at).filter(company=company), segment, at)[: lists.AT_MOST + 1])
    if not found or len(found) > lists.AT_MOST:
        raise BadlyFilled({"segment": f"这个范围有 {len(found)} 位客户，一次可以排 1 至 {lists.AT_MOST} 位"})
    for one in found:
        plan_care(customer=one, due_date=due, subject=subject, person=None, channel=channel, by=by, at=at)
    messages.success(request, f"已给 {len(found)} 位客户排上联络")
    return redirect("web:contacts")


# --- segments --------------------------------------------------------------------------------------------------------
def _segment(request: HttpRequest, by: Person, at: datetime) -> Segment:
    """
    Return the segment of the form or the address.

    :raises BadlyFilled: the project is none of the person's, or a day is none.
    """
    data = request.POST if request.method == "POST" else request.GET
    project = formats.whole(data.get("project", ""))
    if project is not None and project not in {one.pk for one in projects_of(by, at)}:
        raise BadlyFilled({"project": "没有这个项目，或者它不在你的范围里"})
    month = formats.whole(data.get("birth_month", ""))

    def day(name: str) -> date | None:
        text = data.get(name, "").strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise BadlyFilled({name: "请填日期"}) from None

    return Segment(
        project=project, building=formats.whole(data.get("building", "")),
        stage=data.get("stage", "") if data.get("stage", "") in STAGES else "",
        payment=data.get("payment", "") if data.get("payment", "") in Payment.values else "",
        bought_from=day("bought_from"), bought_to=day("bought_to"),
        birth_month=month if month is not None and 1 <= month <= 12 else None,
        silent_days=min(formats.whole(data.get("silent_days", "")) or 0, 3650) or None,
        knows=data.get("knows", "") if data.get("knows", "") in dict(CustomerFact.FIELDS) else "",
        owners_only=data.get("owners_only", "1") != "0",
    )  # fmt: skip


def _choices(by: Person, at: datetime) -> dict[str, Any]:
    projects = projects_of(by, at)
    return {
        "projects": projects, "stages": STAGES.items(), "payments": Payment.choices, "fields": CustomerFact.FIELDS,
        "buildings": Building.objects.filter(project__in=projects).select_related("project").order_by("project_id", "position", "pk"),
        "months": range(1, 13),
    }  # fmt: skip


# --- mailing lists ---------------------------------------------------------------------------------------------------
def _lists(by: Person, at: datetime) -> QuerySet[MailingList]:
    """Return the lists of companies and projects in scope; one of a whole company names buyers of all its projects."""
    return MailingList.objects.filter(scope_of(by, at=at).q("company_id", "project_id"))


@require_safe
def mailing_lists(request: HttpRequest) -> HttpResponse:
    """List the mailing lists, newest first; show how many a new one would have before it is made."""
    at, by = asking.now(), asking.person(request)
    company = _company(request)
    rows = (
        _lists(by, at)
        .select_related("project", "made_by")
        .annotate(
            customers=Count("mailings"), sent=Count("mailings", filter=Q(mailings__sent_date__isnull=False)),
            returned=Count("mailings", filter=Q(mailings__returned_date__isnull=False)),
        )
        .order_by("-pk")[:SHOWN]
    )  # fmt: skip
    context: dict[str, Any] = {
        "tabs": _tabs("mailing_lists"), "rows": [{"one": one, "purpose": PURPOSES.get(one.purpose, one.purpose)} for one in rows],
        "purposes": [(code, label, code in ASKED) for code, label in PURPOSES.items()], "magazine": MAGAZINE,
        "may": _may(by, company, DAILY_CONTACT, at), "asked": request.GET,
    } | _choices(by, at)  # fmt: skip
    if request.GET.get("try"):
        try:
            segment = _segment(request, by, at)
        except BadlyFilled as bad:
            context["mistakes"] = bad.errors
        else:
            mine = customers_of(by, at).filter(company=company)
            context["count"] = lists.exact(chosen(mine, segment, at))
    return render(request, "web/care/mailing_lists.html", context)


@require_POST
@asking.tells_refusals
def mailing_make(request: HttpRequest) -> HttpResponse:
    """Make a list for one purpose out of a segment."""
    at, by = asking.now(), asking.person(request)
    segment = _segment(request, by, at)
    project = _project(segment.project, by, at)
    company = project.company if project is not None else _company(request)
    require_post(by, *_doers(company, DAILY_CONTACT, at), at=at, company_id=company.pk)
    found = list(chosen(customers_of(by, at).filter(company=company), segment, at)[: mailings.MOST + 1])
    made = mailings.make_list(
        company=company, project=project, purpose=one_of(request, "purpose", "用途", dict(PURPOSES)),
        name=text_of(request, "name", "名称", 80), customers=found, segment=segment.kept,
        one_per_address=bool(request.POST.get("one_per_address")), by=by, at=at,
    )  # fmt: skip
    messages.success(request, f"名单已生成，共 {made.mailings.count()} 位")
    return redirect("web:mailing_list", key=made.pk)


def _list(request: HttpRequest, key: int, at: datetime) -> MailingList:
    """
    Return a list that the person may see.

    :raises Http404: there is none.
    """
    found = (
        _lists(asking.person(request), at)
        .filter(pk=key)
        .select_related("company", "project", "made_by")
        .first()
    )
    if found is None:
        raise Http404("没有这份名单。")
    return found


@require_safe
def mailing_list(request: HttpRequest, key: int) -> HttpResponse:
    """Show a list: who is on it, what was sent and came back, who was left out and why. The look is recorded."""
    at, by = asking.now(), asking.person(request)
    found = _list(request, key, at)
    masked = asking.masked(request, at, found)
    after = formats.whole(request.GET.get("after", "")) or 0
    open_only = request.GET.get("only") == "open"
    rows = found.mailings.filter(pk__gt=after).select_related("customer").order_by("pk")
    if open_only:
        rows = rows.filter(sent_date=None)
    page = list(rows[: SHOWN + 1])
    if not masked:
        note_look(by, "mailing_list", found.pk, at=at, company_id=found.company_id)
    return render(
        request,
        "web/care/mailing_list.html",
        {
            "found": found, "purpose": PURPOSES.get(found.purpose, found.purpose), "masked": masked,
            "rows": [
                {
                    "one": one, "name": mask_name(one.customer.name) if masked else one.customer.name,
                    "address": mask_address(one.address) if masked else one.address,
                }
                for one in page[:SHOWN]
            ],
            "after": page[SHOWN - 1].pk if len(page) > SHOWN else None, "open_only": open_only,
            "count": found.mailings.count(), "sent": found.mailings.filter(sent_date__isnull=False).count(),
            "left_out": sorted(found.left_out.items()), "today": local_date(at),
            "may": not masked and _may(by, found.company, DAILY_CONTACT, at),
        },
    )  # fmt: skip


@require_safe
@asking.tells_refusals
def mailing_labels(request: HttpRequest, key: int) -> HttpResponse:
    """Print the address labels of those to whom it was not sent yet."""
    at, by = asking.now(), asking.person(request)
    found = _list(request, key, at)
    require_post(by, *_doers(found.company, DAILY_CONTACT, at), at=at, company_id=found.company_id)
    if not may_see_personal_data(by, company_id=found.company_id, project_id=found.project_id, at=at):
        raise Http404("没有这份名单。")
    rows = list(
        found.mailings.filter(sent_date=None).select_related("customer", "mailing_list").order_by("pk")[:2400]
    )
    if not rows:
        raise BadlyFilled({"labels": "名单上的客户都已寄出，没有要印的标签"})
    note_look(by, "mailing_list", found.pk, at=at, company_id=found.company_id)
    pdf = mailings.labels(rows, sender=found.company.name, at=at)
    answer = send(pdf, "application/pdf", f"地址标签 {found.name}.pdf", inline=True)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@asking.tells_refusals
def mailing_sent(request: HttpRequest, key: int) -> HttpResponse:
    """Record what was sent to the customers picked (or to all that are left), or that one came back."""
    at, by = asking.now(), asking.person(request)
    found = _list(request, key, at)
    require_post(by, *_doers(found.company, DAILY_CONTACT, at), at=at, company_id=found.company_id)
    returned = formats.whole(request.POST.get("returned", ""))
    if returned is not None:
        row = found.mailings.filter(pk=returned).first()
        if row is None:
            raise Http404("名单上没有这位客户。")
        mailings.came_back(
            mailing=row, on=day_of(request, "on", "退回日期", local_date(at)),
            why=text_of(request, "why", "退回原因", 100), by=by, at=at,
        )  # fmt: skip
        messages.success(request, "已记退回，请向客户核对地址")
        return redirect("web:mailing_list", key=found.pk)
    keys = [number for text in request.POST.getlist("row") if (number := formats.whole(text)) is not None]
    if request.POST.get("all"):
        keys = list(Mailing.objects.filter(mailing_list=found, sent_date=None).values_list("pk", flat=True))
    count = mailings.dispatch(
        mailing_list=found, mailings=keys, sent_date=day_of(request, "sent_date", "寄发日期", local_date(at)),
        how=text_of(request, "how", "怎样寄的", 60), by=by, at=at,
    )  # fmt: skip
    messages.success(request, f"已记寄发 {count} 份")
    return redirect("web:mailing_list", key=found.pk)


# --- activities ------------------------------------------------------------------------------------------------------
def _activities(by: Person, at: datetime) -> QuerySet[Activity]:
    """Return the activities of companies and projects in scope; one of a whole company names buyers of all its projects."""
    return Activity.objects.filter(scope_of(by, at=at).q("company_id", "project_id"))


@require_safe
def activities(request: HttpRequest) -> HttpResponse:
    """List the customer activities, newest first, with budget, cost, invited and come."""
    at, by = asking.now(), asking.person(request)
    company = _company(request)
    rows = (
        _activities(by, at)
        .select_related("project", "team")
        .annotate(invited=Count("guests"), came=Count("guests", filter=Q(guests__attended=True)))
        .order_by("-starts_at", "-pk")[:SHOWN]
    )
    return render(
        request,
        "web/care/activities.html",
        {
            "tabs": _tabs("activities"), "rows": rows, "team": _team(company, ACTIVITIES, at),
            "may": _may(by, company, ACTIVITIES, at), "projects": projects_of(by, at),
        },
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def activity_plan(request: HttpRequest) -> HttpResponse:
    """Plan an activity."""
    at, by = asking.now(), asking.person(request)
    project = _project(formats.whole(request.POST.get("project", "")), by, at)
    company = project.company if project is not None else _company(request)
    require_post(by, *_doers(company, ACTIVITIES, at), at=at, company_id=company.pk)
    try:
        starts = datetime.fromisoformat(request.POST.get("starts_at", "")).replace(tzinfo=ZONE)
    except ValueError:
        raise BadlyFilled({"starts_at": "时间：请填哪天几点开始"}) from None
    made = acts.plan(
        company=company, project=project,
        name=text_of(request, "name", "名称", 80), plan=text_of(request, "plan", "方案", 4000),
        place=text_of(request, "place", "地点", 100), starts_at=starts, budget=amount_of(request, "budget", "预算"),
        seats=formats.whole(request.POST.get("seats", "")), by=by, at=at,
    )  # fmt: skip
    messages.success(request, "方案已提交，等另一位批准")
    return redirect("web:activity", key=made.pk)


def _activity(request: HttpRequest, key: int, at: datetime) -> Activity:
    """
    Return an activity that the person may see.

    :raises Http404: there is none.
    """
    found = (
        _activities(asking.person(request), at)
        .filter(pk=key)
        .select_related("company", "project", "team__department", "planned_by", "approved_by", "closed_by")
        .first()
    )
    if found is None:
        raise Http404("没有这个活动。")
    return found


@require_safe
def activity(request: HttpRequest, key: int) -> HttpResponse:
    """Show an activity: plan and budget, who is invited, who answered and came, cost and result."""
    at, by = asking.now(), asking.person(request)
    found = _activity(request, key, at)
    masked = asking.masked(request, at, found)
    guests = list(found.guests.select_related("customer").order_by("pk")[:1000])
    where: dict[str, Any] = {"at": at, "company_id": found.company_id}
    return render(
        request,
        "web/care/activity.html",
        {
            "found": found, "masked": masked, "answers": ActivityGuest.ANSWERS,
            "guests": [
                {"one": one, "name": mask_name(one.customer.name) if masked else one.customer.name} for one in guests
            ],
            "coming": sum(one.answer == ActivityGuest.COMING for one in guests),
            "came": sum(bool(one.attended) for one in guests), "begun": at >= found.starts_at,
            "may": not masked and holds_post(by, *posts_in(found.team), *HEADS, **where),
            "may_approve": found.approved_at is None and found.planned_by_id != by.pk and holds_post(by, *APPROVERS, **where),
        } | _choices(by, at),
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def activity_act(request: HttpRequest, key: int) -> HttpResponse:
    """Approve, invite a segment, note an answer or who came, close."""
    at, by = asking.now(), asking.person(request)
    found = _activity(request, key, at)
    act = request.POST.get("act", "")
    if act == "approve":
        require_post(by, *APPROVERS, at=at, company_id=found.company_id)
        acts.approve(activity=found, by=by, at=at)
        messages.success(request, "已批准，可以邀请客户")
        return redirect("web:activity", key=found.pk)
    require_post(by, *posts_in(found.team), *HEADS, at=at, company_id=found.company_id)
    if act == "invite":
        segment = _segment(request, by, at)
        mine = customers_of(by, at).filter(company_id=found.company_id)
        wanted = list(chosen(mine, segment, at)[: lists.AT_MOST + 1])
        if not wanted or len(wanted) > lists.AT_MOST:
            raise BadlyFilled(
                {"segment": f"这个范围有 {len(wanted)} 位客户，一次可以邀请 1 至 {lists.AT_MOST} 位"}
            )
        count, barred = acts.invite(activity=found, customers=wanted, by=by, at=at)
        left = f"，{len(barred)} 位没有同意参加活动的邀请，没有列入" if barred else ""
        messages.success(request, f"已邀请 {count} 位{left}")
    elif act == "answer":
        guest = found.guests.filter(pk=formats.whole(request.POST.get("guest", "")) or 0).first()
        if guest is None:
            raise Http404("没有邀请这位客户。")
        acts.answer(guest=guest, answer=request.POST.get("answer", ""), by=by, at=at)
        messages.success(request, "已记答复")
    elif act == "attendance":
        came = {formats.whole(text) for text in request.POST.getlist("came")}
        keys = found.guests.exclude(answer=ActivityGuest.DECLINED).values_list("pk", flat=True)
        count = acts.note_attendance(activity=found, came={pk: pk in came for pk in keys}, by=by, at=at)
        messages.success(request, f"到场 {count} 位")
    elif act == "close":
        acts.close(
            activity=found, result=text_of(request, "result", "结果", 4000), cost=amount_of(request, "cost", "实际费用"),
            over_reason=text_of(request, "over_reason", "超预算原因", 400, needed=False), by=by, at=at,
        )  # fmt: skip
        messages.success(request, "活动已总结")
    return redirect("web:activity", key=found.pk)


PATHS = [
    path("", contacts, name="contacts"),
    path("plan/", contacts_plan, name="contacts_plan"),
    path("<int:key>/done/", contact_done, name="contact_done"),
    path("lists/", mailing_lists, name="mailing_lists"),
    path("lists/new/", mailing_make, name="mailing_make"),
    path("lists/<int:key>/", mailing_list, name="mailing_list"),
    path("lists/<int:key>/labels/", mailing_labels, name="mailing_labels"),
    path("lists/<int:key>/sent/", mailing_sent, name="mailing_sent"),
    path("activities/", activities, name="activities"),
    path("activities/new/", activity_plan, name="activity_plan"),
    path("activities/<int:key>/", activity, name="activity"),
    path("activities/<int:key>/act/", activity_act, name="activity_act"),
]
