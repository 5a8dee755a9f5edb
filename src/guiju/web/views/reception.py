"""Reception: the one-screen intake, calls on hold, and the end of a talk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.customers.models import Customer
from guiju.desk import goods, intake, intake_guide
from guiju.desk.intake_forms import ReceiveForm, Urgency
from guiju.desk.intake_needs import further_channels, missing_information
from guiju.desk.models import (
    Channel,
    FollowUp,
    Kind,
    Letter,
    Promise,
    Reception,
)
from guiju.desk.operations import holding, inbox
from guiju.desk.processes.reception import RECEPTION
from guiju.desk.warranty import decide, part_of
from guiju.estate.models import Project, Unit
from guiju.kernel import engine, ports
from guiju.kernel.models import Case
from guiju.kernel.policy import Policy
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled, NotYourPost, Refused
from guiju.knowledge import articles
from guiju.knowledge.models import Article
from guiju.org.gates import scope_of
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.quality import grouping
from guiju.quality.models import Complaint
from guiju.web import formats, lists, stepform, uploads
from guiju.web.access import case_for, cases_of, customers_of, projects_of, unit_for, units_of
from guiju.web.casepage import whys
from guiju.web.views import asking, frontdesk
from guiju.web.views.cases import uuid_of
from guiju.web.views.frontdesk import incoming_for, policy_for, scopes_of_projects
from guiju.web.views.steps import Refusal

KEYS = {"complaint": "T", "repair": "W", "inquiry": "Z", "help": "Q", "suggestion": "J", "praise": "B"}
KINDS = ("complaint", "repair", "inquiry", "help", "suggestion", "praise")
TARGETS = {"complaint": "complaint", "repair": "after_sales"}
TITLES = {
    "call": "来电登记", "visit": "来访登记", "letter": "来函登记", "fax": "传真登记", "email": "邮件登记", "online": "在线留言登记",
    "wechat": "微信登记", "ticket": "12345 工单登记", "other": "其他渠道登记",
}  # fmt: skip
LONGEST_TALK = timedelta(hours=4)
SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Talk:
    """What is known while somebody speaks: who it may be, which room, what was before, what to say and ask."""

    callers: Sequence[intake.Caller]
    chosen: intake.Caller | None
    units: Sequence[Unit]
    unit: Unit | None
    duplicates: Sequence[intake.Duplicate]
    suggestions: Sequence[intake_guide.Suggestion]
    category: intake_guide.Category | None
    questions: Sequence[str]
    calls: int
    last: Reception | None
    kind: Kind | None
    warranty: str
    articles: Sequence[Article]
    nearby: grouping.Nearby | None
    goods: Sequence[tuple[str, goods.Meaning]]
    urgent: str
    tickets: Sequence[Reception]

    @property
    def picked_listed(self) -> bool:
        """Whether the category taken is among those suggested."""
        return self.category is not None and self.category in [one.category for one in self.suggestions]


def _talk(request: HttpRequest, typed: Mapping[str, Any], *, words: str = "") -> Talk:
    """Look up what the typed number, name, room and words tell."""
    at, by = asking.now(), asking.person(request)
    among, cases, scopes = customers_of(by, at), cases_of(by, at), scopes_of_projects(by, at)
    key, phone = formats.whole(str(typed.get("customer") or "")), str(typed.get("phone") or "")
    callers = intake.by_phone(phone, among=among) if phone else []
    if words:
        found = intake.by_words(words, among=among, scopes=scopes)
        callers += [one for one in found if one.customer.pk not in {c.customer.pk for c in callers}]
    if key is not None and key not in {caller.customer.pk for caller in callers}:
        callers = [*intake.of_customer(key, among=among), *callers]
    chosen = next((caller for caller in callers if caller.customer.pk == key), None)
    if chosen is None and len(callers) == 1 and "customer" not in typed:
        chosen = callers[0]
    own = units_of(by, at)
    units = [unit for unit in (chosen.units if chosen else []) if unit.project_id in scopes]
    wanted = formats.whole(str(typed.get("unit") or ""))
    if wanted is not None and wanted not in {unit.pk for unit in units}:
        units += list(own.filter(pk=wanted).select_related("building", "project"))
    if words:
        seen = {unit.pk for unit in units}
        units += [one for one in intake.units_by_words(words, scopes=scopes) if one.pk not in seen][:6]
    unit = next((one for one in units if one.pk == wanted), None)
    if unit is None and len(units) == 1 and "unit" not in typed:
        unit = units[0]
    story = str(typed.get("words") or "")
    suggestions = intake_guide.suggest(story)
    category = intake_guide.BY_CODE.get(str(typed.get("category") or ""))
    guess = category or (suggestions[0].category if suggestions else None)
    calls, last = intake.calls_of(phone, cases=cases, at=at)
    days = int(policy_for(asking.project(request), by, at).settings.get("duplicate_days", 90))
    duplicates = intake.duplicates(
        unit_id=unit.pk if unit else None, customer_id=chosen.customer.pk if chosen else None,
        cases=cases, at=at, days=days,
    )  # fmt: skip
    return Talk(
        callers, chosen, units, unit, duplicates, suggestions, category,
        intake_guide.questions_for(guess.code if guess else ""), calls, last,
        intake_guide.kind_of(story, guess), _warranty(unit, guess, at),
        _known(story, guess, unit, by, at), _nearby(unit, guess, str(typed.get("kind") or ""), by, at),
        goods.meant(story), intake_guide.urgent_word(story, guess),
        intake.of_ticket(str(typed.get("external_number") or ""), cases=cases),
    )  # fmt: skip


def _warranty(unit: Unit | None, category: intake_guide.Category | None, at: datetime) -> str:
    """Return until when the part is under warranty; who pays is said after the diagnosis only (DECISIONS 28)."""
    if unit is None or category is None or not category.part:
        return ""
    part = part_of(category.part)
    ends = decide(part=part, unit=unit, reported_date=formats.local(at).date()).ends_date
    return f"{part.name}保修到 {ends:%Y-%m-%d}，是否免费诊断以后再说" if ends is not None else ""


def _nearby(
    unit: Unit | None, category: intake_guide.Category | None, kind: str, by: Person, at: datetime
) -> grouping.Nearby | None:
    """Return the homes of the building that complained of the same lately: it may be one matter (I-2.8-c)."""
    if unit is None or category is None or kind not in ("", "complaint", "repair"):
        return None
    cause = intake_guide.CAUSES.get(category.code, "")
    return grouping.nearby(unit, cause, cases=cases_of(by, at).filter(process="complaint"), at=at)


def _known(
    story: str, category: intake_guide.Category | None, unit: Unit | None, by: Person, at: datetime
) -> list[Article]:
    """Return the articles whose short answer fits what is being said."""
    if len(story.strip()) < 4:
        return []
    company = unit.project.company_id if unit is not None else by.company_id
    part = category.part if category else ""
    return articles.similar(words=story, part=part, at=at, company_id=company, most=2)


def _scripts(policy: Policy, channel: str) -> list[tuple[str, str, str]]:
    """Return what to say: the greeting of this channel, the apology, the closing; words of the SOP (D-2.1-a, D-2.6-a)."""
    greeting = "welcome" if channel == "visit" else "receive"
    return [
        (name, label, policy.step(step).script)
        for name, label, step in (
            ("greeting", "问候", greeting), ("repeat", "复述", "note_down"), ("apology", "致歉", "hand_on"), ("closing", "收尾", "close"),
        )
        if policy.step(step).script
    ]  # fmt: skip


# --- the intake page --------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def new(request: HttpRequest) -> HttpResponse:
    """Show the intake page; on POST register, and hand on or answer if that was asked for."""
    if request.method == "POST":
        return _register(request)
    typed = _asked(request)
    return _page(request, typed, words=request.GET.get("q", "").strip()[:60])


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return what the address, a held call or an inbox item already says."""
    at, by = asking.now(), asking.person(request)
    typed: dict[str, Any] = {
        name: request.GET[name][:2000]
        for name in ("phone", "caller", "customer", "unit", "channel", "kind", "words", "repeat_of", "recording", "need",
                     "problem", "category", "urgency", "source")
        if request.GET.get(name)
    }  # fmt: skip
    if (key := formats.whole(request.GET.get("held", ""))) is not None:
        body = holding.take_up(key, by=by)
        typed |= {name: values[-1] for name, values in body.items() if values and values[-1]}
        typed["files"] = body.get("files") or []
        typed["held"] = str(key)
    if (key := formats.whole(request.GET.get("incoming", ""))) is not None:
        item = inbox.open_item(incoming_for(request, key), by=by, at=at)
        typed |= {
            "incoming": str(item.pk), "channel": item.channel, "caller": item.sender, "phone": item.phone,
            "words": item.text[:5000], "arrived_at": formats.local(item.received_at).strftime("%Y-%m-%dT%H:%M"),
        }  # fmt: skip
    if typed.get("repeat_of"):
        typed |= {name: value for name, value in _repeat(request, str(typed["repeat_of"])).items() if value}
    return typed


def _repeat(request: HttpRequest, number: str) -> dict[str, str]:
    """Return what a repeated matter takes over from the earlier one."""
    at, by = asking.now(), asking.person(request)
    known = cases_of(by, at).filter(number=number).first()
    if known is None:
        return {}
    row = Reception.objects.filter(Q(case=known) | Q(handed_to=number)).order_by("-pk").first()
    found = {"kind": "complaint", "urgency": "urgent"}
    if row is not None:
        found |= {"category": row.category, "problem": row.problem, "need": row.need}
        found |= {"customer": str(row.customer_id or ""), "unit": str(row.unit_id or "")}
    return found


def _page(
    request: HttpRequest,
    typed: Mapping[str, Any],
    *,
    words: str = "",
    errors: Mapping[str, str] | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    errors = errors or {}
    channel = str(typed.get("channel") or "call")
    channel = channel if channel in Channel.values else "call"
    talk = _talk(request, typed, words=words)
    policy = policy_for(project or (talk.unit.project if talk.unit else None), by, at)
    masked = asking.masked(request, at, talk.chosen.customer if talk.chosen else project)
    if talk.chosen is not None and not masked:
        seen = talk.chosen.customer
        note_look(by, "customer", seen.pk, at=at, company_id=seen.company_id)
    kind = str(typed.get("kind") or "")
    mistakes = [(f"f-{name.split('.')[0]}", text) for name, text in errors.items()]
    return render(
        request,
        "web/reception/new.html",
        {
            "title": TITLES[channel],
            "channel": channel,
            "channels": [(value, label) for value, label in Channel.choices],
            "written": Channel(channel).written,
            "further": further_channels(policy.settings),
            "typed": typed,
            "talk": talk,
            "masked": masked,
            "kinds": [(value, Kind(value).label, KEYS[value]) for value in KINDS],
            "kind": kind,
            "urgencies": [(one.value, one.label) for one in Urgency],
            "urgency": str(typed.get("urgency") or "ordinary"),
            "category": str(typed.get("category") or ""),
            "scripts": _scripts(policy, channel),
            "script_now": "apology" if kind == "complaint" else "greeting",
            "said": policy.step("receive"),
            "number": policy.number(policy.step("receive").clause),
            "errors": errors,
            "mistakes": mistakes,
            "refused": refused,
            "key": request.POST.get("key") or uuid4(),
            "held": _held(by),
            "held_key": typed.get("held", ""),
            "files": [one for one in typed.get("files") or [] if SHA256.fullmatch(str(one))],
            "words": words,
            "now": at,
            "began": typed.get("began") or at.isoformat(),
            "handing": {kind: TARGETS[kind] in processes() for kind in TARGETS},
            "project": project,
            "promise_chips": _promise_chips(at),
            "draft": f"reception:{typed.get('phone') or typed.get('incoming') or channel}",
            "returned": request.method == "POST",
        },
        status=status,
    )


def _held(by: Person) -> list[dict[str, Any]]:
    return [
        {
            "key": call.pk,
            "since": call.held_at,
            "who": (call.body.get("caller") or [""])[-1]
            or formats_phone((call.body.get("phone") or [""])[-1]),
            "words": (call.body.get("words") or [""])[-1][:24],
        }
        for call in holding.held(by)
    ]


def formats_phone(text: str) -> str:
    """Return a number by its tail, as a held call is named."""
    return f"尾号 {text[-4:]}" if len(text) >= 4 else "未记号码"


def _promise_chips(at: datetime) -> list[tuple[str, str]]:
    """Return the moments that are promised most: in two hours, today at six, tomorrow at ten."""
    here = formats.local(at)
    soon = (here + timedelta(hours=2)).replace(minute=here.minute // 10 * 10, second=0, microsecond=0)
    evening = here.replace(hour=18, minute=0, second=0, microsecond=0)
    morning = (here + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    chips = [("两小时内", soon), ("今天下班前", evening), ("明天上午", morning)]
    return [(label, moment.strftime("%Y-%m-%dT%H:%M")) for label, moment in chips if moment > here]


def _register(request: HttpRequest) -> HttpResponse:
    """Register what was typed; then hand on or answer, each an act of its own. Registering is never undone by those."""
    at, by = asking.now(), asking.person(request)
    data = request.POST
    given = stepform.read(ReceiveForm, data)
    unread = uploads.with_files(ReceiveForm, given, data, request.FILES, by=by, at=at)
    typed = {**{name: data[name] for name in data}, "files": list(given.get("files", []))}
    if unread:
        return _page(request, typed, errors=unread, status=422)
    _when(given, data, at)
    given["clarified"] = _clarified(data)
    if not given["clarified"]:
        del given["clarified"]
    if "look" in data:
        return _page(request, typed, words=data.get("q", "").strip()[:60])
    then, key = data.get("then", "stay"), uuid_of(data.get("key", ""))
    project = _project_of(request, given, at)
    policy = policy_for(project, by, at)
    if then == "answered" and not data.get("answer", "").strip():
        return _page(request, typed, errors={"answer": "当场答复：请写怎样答复的"}, status=422)
    try:
        event = engine.open_case(
            "reception", by=by, at=at, given=given, chain_id=project.company_id if project else by.company_id,
            scope_id=project.pk if project else None, key=key,
        )  # fmt: skip
    except BadlyFilled as wrong:
        return _page(request, typed, errors=wrong.errors, status=wrong.status)
    except Refused as refused:
        told = Refusal(refused.title, whys(refused.reasons, policy), "什么都没有改动，你填的都还在。")
        return _page(request, typed, refused=told, status=refused.status)
    assert event.case is not None
    case = event.case
    if (held := formats.whole(data.get("held", ""))) is not None:
        holding.drop(held, by=by)
    _then(request, case, then, key)
    return redirect("web:reception_finish", case.number)


def _when(given: dict[str, Any], data: Mapping[str, Any], at: datetime) -> None:
    """A talk began when its page was opened, unless somebody says otherwise (C-3.1-e, D-3.2-d)."""
    if (
        given.get("arrived_at")
        or given.get("channel") not in ("call", "visit")
        or given.get("appointment_at")
    ):
        return
    try:
        began = datetime.fromisoformat(str(data.get("began", "")))
    except ValueError:
        return
    if began.tzinfo is not None and at - LONGEST_TALK <= began <= at:
        given["arrived_at"] = began.isoformat()


def _clarified(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the answers to the questions asked; those without an answer are left out."""
    found = []
    for at in range(20):
        answer = str(data.get(f"clarified.{at}.answer", "")).strip()
        question = str(data.get(f"clarified.{at}.question", "")).strip()
        if answer and question:
            found.append({"question": question, "answer": answer})
    return found


def _project_of(request: HttpRequest, given: Mapping[str, Any], at: datetime) -> Project | None:
    """Return the project the reception belongs to: the unit's, the one chosen, or the only one somebody works in."""
    by = asking.person(request)
    unit = formats.whole(str(given.get("unit", "")))
    if unit is not None:
        try:
            return unit_for(by, unit, at).project
        except Http404:
            return asking.project(request)
    projects = projects_of(by, at)
    if (project := asking.project(request)) is not None:
        return project
    if scope_of(by, at=at).companies:
        return None
    return projects[0] if projects else None


def _then(request: HttpRequest, case: Case, then: str, key: UUID | None) -> None:
    """Take the second act behind the button. Refused, it leaves the registered reception and says why."""
    at, by, data = asking.now(), asking.person(request), request.POST
    row = Reception.objects.get(case=case)
    if case.state != RECEPTION.starts.value:
        # The same page sent twice: the first time did all of it.
        return
    try:
        if then == "hand_on":
            target = TARGETS.get(row.kind, "internal_memo")
            given: dict[str, Any] = {"to": target, "urgency": row.urgency, "repeat_of": row.repeat_of}
            if target == "internal_memo":
                given["subject"] = f"{row.get_kind_display()}：{row.need or row.words}"[:200]
            engine.advance(
                case, "hand_on", by=by, at=at, given=given, key=uuid5(key, "hand_on") if key else None
            )
        elif then == "answered":
            given = {"answer": data.get("answer", ""), "advice": data.get("advice", "")}
            engine.advance(
                case, "answer", by=by, at=at, given=given, key=uuid5(key, "answer") if key else None
            )
    except Refused as refused:
        messages.warning(request, f"已登记为 {case.number}，但还没有转出去：{refused}")


@require_safe
def call(request: HttpRequest) -> HttpResponse:
    """
    The address a telephone system opens when it rings: ``/reception/call/?phone=…``, also ``caller``, ``number``,
    ``tel``, and ``recording`` with the place of the recording.
    """
    names = ("phone", "number", "caller", "tel", "callerid")
    phone = next((request.GET[name] for name in names if request.GET.get(name)), "")
    asked = {"channel": "call", "phone": phone[:40], "recording": request.GET.get("recording", "")[:200]}
    return redirect(f"{reverse('web:reception_new')}?{urlencode({k: v for k, v in asked.items() if v})}")


@require_http_methods(["POST"])
def side(request: HttpRequest) -> HttpResponse:
    """Return the parts of the page that follow what is typed: callers, rooms, suggestion, earlier matters, questions."""
    typed = {name: request.POST[name] for name in request.POST}
    at, by = asking.now(), asking.person(request)
    project = asking.project(request)
    talk = _talk(request, typed, words=request.POST.get("q", "").strip()[:60])
    channel = typed.get("channel", "call")
    policy = policy_for(project, by, at)
    return render(
        request,
        "web/reception/side.html",
        {
            "talk": talk, "typed": typed, "category": typed.get("category", ""), "masked": asking.masked(request, at, project),
            "scripts": _scripts(policy, channel), "channel": channel, "said": policy.step("receive"),
            "script_now": "apology" if typed.get("kind") == "complaint" else "greeting", "words": typed.get("q", ""),
        },
    )  # fmt: skip


@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Put the call on hold and give the page to the next one."""
    at, by = asking.now(), asking.person(request)
    kept = {
        name: request.POST.getlist(name)
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "key", "held", "then")
    }
    if (before := formats.whole(request.POST.get("held", ""))) is not None:
        holding.drop(before, by=by)
    holding.hold(typed=kept, by=by, at=at)
    messages.success(request, "这通电话已保留，右上角可以接回")
    following = url_has_allowed_host_and_scheme(request.POST.get("next_call", ""), allowed_hosts=None)
    return redirect(request.POST["next_call"] if following else reverse("web:reception_new"))


@require_POST
def let_go(request: HttpRequest, key: int) -> HttpResponse:
    """Forget a held call that nobody waits for any more."""
    holding.drop(key, by=asking.person(request))
    return redirect("web:reception_new")


# --- the end of a talk ------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def finish(request: HttpRequest, number: str) -> HttpResponse:
    """Read out the number, thank, ask whether it is solved; close, or arrange the next contact."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    row = (
        Reception.objects.filter(case=case)
        .select_related("case", "customer", "unit__building", "owner")
        .first()
    )
    if row is None:
        raise Http404("没有这次接待。")
    if asking.masked(request, at, case):
        raise NotYourPost("接待记录有客户的姓名、电话和原话，你的岗位不接触")
    note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    refused, status, typed = None, 200, {}
    policy = ports.policies().get(case.sop_version_id)
    if request.method == "POST":
        typed = {name: request.POST[name] for name in request.POST}
        try:
            return _finish(request, case, row)
        except BadlyFilled as wrong:
            refused, status = (
                Refusal(wrong.title, whys(wrong.reasons, policy), "你填的都还在。"),
                wrong.status,
            )
        except Refused as wrong:
            refused = Refusal(wrong.title, whys(wrong.reasons, policy), "什么都没有改动，你填的都还在。")
            status = wrong.status
        case.refresh_from_db()
    matters = list(row.matters.order_by("pk"))
    options = {one.name: one for one in engine.options(case, by=by, at=at)}
    reasons = [options["close"]] if "close" in options else []
    handed = Case.objects.filter(number=row.handed_to).first() if row.handed_to else None
    group = _group_of(handed, by, at)
    return render(
        request,
        "web/reception/finish.html",
        {
            "case": case,
            "row": row,
            "closed": case.closed_at is not None,
            "read_out": row.handed_to or case.number,
            "handed": handed,
            "group": group,
            "may_join": group is not None,
            "matters": matters,
            "missing": missing_information(row) if case.closed_at is None else [],
            "why_not": [
                why for why in whys(reasons[0].reasons, policy) if why.kind not in ("point",)
            ] if reasons and case.closed_at is None else [],
            "ticket": "return_ticket" in options and options["return_ticket"].open,
            "script": _closing(policy.step("close").script, row, handed),
            "repeat_script": policy.step("note_down").script,
            "points": policy.step("close").points,
            "number": policy.number(policy.step("close").clause),
            "words": policy.step("close").words,
            "refused": refused,
            "typed": typed,
            "spoken": not Channel(row.channel).written,
            "version": case.version,
            "key": uuid4(),
            "promise_chips": _promise_chips(at),
            "promises": list(Promise.objects.filter(case=case).select_related("owner").order_by("pk")),
            "follow_ups": list(FollowUp.objects.filter(case=case).select_related("person").order_by("pk")),
            "state": RECEPTION.state(case.state),
            "chip": lists.chips([case.pk], at).get(case.pk),
            "letter": Letter.objects.filter(case=case).first(),
            "callers": _who(row, customers_of(by, at)) if case.closed_at is None and not asking.masked(request, at, case) else [],
        },
        status=status,
    )  # fmt: skip


def _group_of(handed: Case | None, by: Person, at: datetime) -> grouping.Group | None:
    """Return the group that the complaint just made seems to belong to, for who may join complaints."""
    if handed is None or handed.process != "complaint" or handed.closed_at is not None:
        return None
    if not any(one.name == "join" and one.mine for one in engine.options(handed, by=by, at=at)):
        return None
    row = Complaint.objects.select_related("case", "unit__building").filter(case=handed).first()
    return grouping.suggestion(row, cases=cases_of(by, at)) if row is not None else None


def _who(row: Reception, among: QuerySet[Customer]) -> list[intake.Caller]:
    """Return who it may have been while that is not confirmed: those of the number, the customer named first."""
    if row.identity == Reception.CONFIRMED:
        return []
    named = intake.of_customer(row.customer_id, among=among) if row.customer_id else []
    others = intake.by_phone(row.phone, among=among) if row.phone else []
    return [*named, *(one for one in others if one.customer.pk != row.customer_id)]


def _closing(script: str, row: Reception, handed: Case | None) -> str:
    """Put the number and who goes on with it into the SOP's words."""
    number = handed.number if handed is not None else row.case.number
    who = f"{processes()[handed.process].label}的负责同事" if handed is not None else "我"
    return script.replace("编号是……", f"编号是 {number}").replace("后面由……", f"后面由{who}")


def _finish(request: HttpRequest, case: Case, row: Reception) -> HttpResponse:
    at, by, data = asking.now(), asking.person(request), request.POST
    version, key = formats.whole(data.get("version", "")), uuid_of(data.get("key", ""))
    # What is still missing is asked for on this page, too, so that nobody has to leave it.
    noted = {
        name: data[name].strip()
        for name in ("need", "problem")
        if data.get(name, "").strip() and data[name].strip() != getattr(row, name)
    }
    if (who := formats.whole(data.get("customer", ""))) is not None and row.identity != Reception.CONFIRMED:
        known = {"customer": who, "confirmed": True}
        engine.advance(case, "identify", by=by, at=at, given=known, version=version)
        version = None
    given: dict[str, Any] = dict(noted)
    if data.get("repeated_back") and not row.repeated_back:
        given["repeated_back"] = True
    if given:
        engine.advance(case, "note_down", by=by, at=at, given=given, version=version)
        version = None
    if data.get("solved") == "later":
        arranged = {
            "what": data.get("what", "").strip(), "due_at": stepform.moment(data.get("due_at", "")),
            "person": data.get("person", "").strip(), "explained": data.get("explained", "").strip(),
        }  # fmt: skip
        engine.advance(case, "end_contact", by=by, at=at, given=arranged, version=version, key=key)
        messages.success(request, f"{case.number} 已约好再联系")
    else:
        points = {
            point.key: True
            for point in ports.policies().get(case.sop_version_id).step("close").points
            if data.get(f"points.{point.key}")
        }
        closing = {
            "solved": data.get("solved") or None, "explained": data.get("explained", "").strip(),
            "number_told": bool(data.get("number_told")), "points": points,
        }  # fmt: skip
        engine.advance(case, "close", by=by, at=at, given=closing, version=version, key=key)
        messages.success(request, f"{case.number} 已办结")
    return redirect("web:reception")


PATHS: list[URLPattern] = [
    path("", frontdesk.board, name="reception"),
    path("new/", new, name="reception_new"),
    path("call/", call, name="reception_call"),
    path("side/", side, name="reception_side"),
    path("hold/", hold, name="reception_hold"),
    path("hold/<int:key>/drop/", let_go, name="reception_let_go"),
    path("letters/", frontdesk.letters, name="reception_letters"),
    path("inbox/", frontdesk.incoming, name="reception_inbox"),
    path("inbox/<int:key>/", frontdesk.item, name="reception_item"),
    path("shift/", frontdesk.shift, name="reception_shift"),
    path("paper/", frontdesk.day_sheet, name="reception_paper"),
    path("<str:number>/", finish, name="reception_finish"),
]
