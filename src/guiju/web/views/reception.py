"""Reception: the one-screen intake, its end, the board, letters, inbox, and the start of the shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.customers.models import CareContact
from guiju.desk import intake, intake_guide
from guiju.desk.intake_forms import ReceiveForm, Urgency
from guiju.desk.intake_needs import missing_information
from guiju.desk.models import (
    AreaCheck,
    Channel,
    FollowUp,
    Incoming,
    Kind,
    Letter,
    Mailbox,
    Matter,
    Promise,
    Reception,
    ShiftCheck,
    Transfer,
)
from guiju.desk.operations import checks, holding, inbox
from guiju.desk.processes.reception import RECEPTION
from guiju.estate.models import Project, Unit
from guiju.kernel import engine, ports
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.policy import Policy
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org import posts
from guiju.org.gates import holds_post, scope_of
from guiju.org.masking import mask_name, mask_phone
from guiju.org.models import Person
from guiju.papers.models import Attachment
from guiju.web import formats, lists, stepform, uploads
from guiju.web.access import case_for, cases_of, projects_of, unit_for, units_of
from guiju.web.casepage import whys
from guiju.web.views import asking
from guiju.web.views.cases import uuid_of
from guiju.web.views.steps import Refusal

KEYS = {"complaint": "T", "repair": "W", "inquiry": "Z", "help": "Q", "suggestion": "J", "praise": "B"}
KINDS = ("complaint", "repair", "inquiry", "help", "suggestion", "praise")
TARGETS = {"complaint": "complaint", "repair": "after_sales"}
SUPERVISORS = (posts.CS_ASSISTANT_MANAGER, posts.CS_MANAGER, posts.SERVICE_MANAGER)
TITLES = {
    "call": "来电登记", "visit": "来访登记", "letter": "来函登记", "fax": "传真登记", "email": "邮件登记", "online": "在线留言登记",
    "wechat": "微信登记", "ticket": "12345 工单登记",
}  # fmt: skip
SHOWN = 40
LONGEST_TALK = timedelta(hours=4)


# --- who asks, and where ---------------------------------------------------------------------------------------------
def _companies(by: Person, at: datetime) -> set[int]:
    return {by.company_id, *(project.company_id for project in projects_of(by, at))} & (
        set(scope_of(by, at=at).companies) | {project.company_id for project in projects_of(by, at)}
    )


def _scopes(by: Person, at: datetime) -> list[int]:
    return [project.pk for project in projects_of(by, at)]


def _policy(project: Project | None, by: Person, at: datetime) -> Policy:
    return ports.policies().current(
        "reception", company_id=project.company_id if project else by.company_id,
        project_id=project.pk if project else None, at=at,
    )  # fmt: skip


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

    @property
    def picked_listed(self) -> bool:
        """Whether the category taken is among those suggested."""
        return self.category is not None and self.category in [one.category for one in self.suggestions]


def _talk(request: HttpRequest, typed: Mapping[str, Any], *, words: str = "") -> Talk:
    """Look up what the typed number, name, room and words tell."""
    at, by = asking.now(), asking.person(request)
    companies, scopes = _companies(by, at), _scopes(by, at)
    key, phone = formats.whole(str(typed.get("customer") or "")), str(typed.get("phone") or "")
    callers = intake.by_phone(phone, company_ids=companies) if phone else []
    if words:
        found = intake.by_words(words, company_ids=companies, scopes=scopes)
        callers += [one for one in found if one.customer.pk not in {c.customer.pk for c in callers}]
    if key is not None and key not in {caller.customer.pk for caller in callers}:
        callers = [*intake.of_customer(key, company_ids=companies), *callers]
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
    calls, last = intake.calls_of(phone, company_ids=companies, at=at)
    days = int(_policy(asking.project(request), by, at).settings.get("duplicate_days", 90))
    duplicates = intake.duplicates(
        unit_id=unit.pk if unit else None, customer_id=chosen.customer.pk if chosen else None,
        cases=cases_of(by, at), at=at, days=days,
    )  # fmt: skip
    return Talk(
        callers, chosen, units, unit, duplicates, suggestions, category,
        intake_guide.questions_for(guess.code if guess else ""), calls, last,
        intake_guide.kind_of(story, guess),
    )  # fmt: skip


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
        typed["held"] = str(key)
    if (key := formats.whole(request.GET.get("incoming", ""))) is not None:
        item = inbox.open_item(_incoming_for(request, key), by=by, at=at)
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
    policy = _policy(project or (talk.unit.project if talk.unit else None), by, at)
    masked = asking.masked(request, at)
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
            "files": typed.get("files") or [],
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
    typed = {**{name: data[name] for name in data}, "files": list(given.get("files", []))}
    try:
        uploads.with_files(ReceiveForm, given, data, request.FILES, by=by, at=at)
    except Refused as refused:
        return _page(
            request,
            typed,
            refused=Refusal(
                refused.title,
                whys(refused.reasons, _policy(asking.project(request), by, at)),
                "你填的都还在。",
            ),
            status=422,
        )
    typed["files"] = list(given.get("files", []))
    _when(given, data, at)
    given["clarified"] = _clarified(data)
    if not given["clarified"]:
        del given["clarified"]
    if "look" in data:
        return _page(request, typed, words=data.get("q", "").strip()[:60])
    then, key = data.get("then", "stay"), uuid_of(data.get("key", ""))
    project = _project_of(request, given, at)
    policy = _policy(project, by, at)
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
    policy = _policy(project, by, at)
    return render(
        request,
        "web/reception/side.html",
        {
            "talk": talk, "typed": typed, "category": typed.get("category", ""), "masked": asking.masked(request, at),
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
    return redirect(request.POST.get("next_call") or reverse("web:reception_new"))


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
    reasons = [one for one in engine.options(case, by=by, at=at) if one.name == "close"]
    handed = Case.objects.filter(number=row.handed_to).first() if row.handed_to else None
    return render(
        request,
        "web/reception/finish.html",
        {
            "case": case,
            "row": row,
            "closed": case.closed_at is not None,
            "read_out": row.handed_to or case.number,
            "handed": handed,
            "matters": matters,
            "missing": missing_information(row) if case.closed_at is None else [],
            "why_not": [
                why for why in whys(reasons[0].reasons, policy) if why.kind not in ("point",)
            ] if reasons and case.closed_at is None else [],
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
            "callers": _who(row, case.chain_id) if case.closed_at is None and not asking.masked(request, at) else [],
        },
        status=status,
    )  # fmt: skip


def _who(row: Reception, company_id: int) -> list[intake.Caller]:
    """Return who it may have been while that is not confirmed: those of the number, the customer named first."""
    if row.identity == Reception.CONFIRMED:
        return []
    named = intake.of_customer(row.customer_id, company_ids=[company_id]) if row.customer_id else []
    others = intake.by_phone(row.phone, company_ids=[company_id]) if row.phone else []
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


# --- the board --------------------------------------------------------------------------------------------------------
TABS = (
    ("open", "未结接待"), ("questions", "待答疑问"), ("stale", "久未跟进"), ("follow", "约定跟进"), ("promises", "答应客户"),
    ("transfers", "移交"), ("care", "主动关怀"), ("all", "全部"),
)  # fmt: skip


def _mine(request: HttpRequest) -> QuerySet[Reception]:
    """Return the receptions in the person's scope, of the project chosen."""
    at, by = asking.now(), asking.person(request)
    return Reception.objects.filter(case__in=cases_of(by, at, asking.project(request)))


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show what is open at the desk, nearest deadline first; the lists behind the figures."""
    at, by = asking.now(), asking.person(request)
    masked = asking.masked(request, at)
    tab = request.GET.get("tab", "open")
    tab = tab if tab in dict(TABS) else "open"
    mine = _mine(request)
    stale = at - timedelta(days=int(_policy(asking.project(request), by, at).settings.get("stale_days", 3)))
    cases = cases_of(by, at, asking.project(request))
    sets: dict[str, QuerySet[Any]] = {
        "open": mine.filter(closed_at=None),
        "questions": Matter.objects.filter(
            reception__in=mine, settled_at=None, reception__closed_at=None, kind=Matter.QUESTION
        ),
        "stale": mine.filter(closed_at=None).exclude(case__history__recorded_at__gte=stale),
        "follow": FollowUp.objects.filter(case__in=cases, done_at=None),
        "promises": Promise.objects.filter(case__in=cases, kept_at=None),
        "transfers": Transfer.objects.filter(reception__in=mine, decided_at=None),
        "care": CareContact.objects.filter(company_id__in=_companies(by, at), done_at=None),
    }
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": [(name, label, sets[name].count() if name in sets else None) for name, label in TABS],
        "masked": masked,
        "now": at,
        "inbox": _inbox(request).count(),
        "letters": _letters(request).filter(replied_at=None).count(),
        "checked": ShiftCheck.objects.filter(person=by, shift_date=formats.local(at).date()).exists(),
        "channels": Channel.choices,
        "kinds": Kind.choices,
        "asked": {
            name: request.GET.get(name, "") for name in ("channel", "kind", "state", "from", "to", "q")
        },
        "adherence": _adherence(mine, at) if tab == "all" else [],
        "states": [(state.value, state.label) for state in RECEPTION.states],
    }
    context["functions"] = _functions(request, sets)
    if tab in ("open", "stale", "all"):
        found = sets[tab] if tab != "all" else _sought(request, mine)
        rows, page = lists.walk_newest(found.select_related("case", "owner"), request.GET.get("after", ""))
        context |= {"rows": _rows(rows, at, masked=masked), "page": page}
    elif tab == "care":
        context["care"] = list(
            sets["care"].select_related("customer", "person").order_by("due_date", "pk")[:SHOWN]
        )
    elif tab == "questions":
        context["questions"] = list(
            sets[tab].select_related("reception__case", "reception__owner").order_by("pk")[:SHOWN]
        )
    elif tab == "transfers":
        context["transfers"] = list(
            sets[tab]
            .select_related("reception__case", "from_person", "to_person")
            .order_by("asked_at", "pk")[:SHOWN]
        )
    else:
        owner = "person" if tab == "follow" else "owner"
        context["dated"] = [
            {"one": one, "who": getattr(one, owner), "late": one.due_at < at}
            for one in sets[tab].select_related("case", owner).order_by("due_at", "pk")[:SHOWN]
        ]
    return render(request, "web/reception/board.html", context)


def _functions(request: HttpRequest, sets: Mapping[str, QuerySet[Any]]) -> list[dict[str, Any]]:
    """Return the five functions of the desk (A-0-d), each with its work, its figure and its clause of the SOP."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    policy, running = (
        _policy(project, by, at),
        cases_of(by, at, project).filter(closed_at=None, historic=False),
    )
    here, board_ = reverse("web:reception_new"), reverse("web:reception")
    rows: list[tuple[str, str, str, int, str]] = [
        ("接待客户", here, "A-1.3-a", sets["open"].count(), "件接待中"),
        ("解决问题", f"{board_}?tab=questions", "A-2.1-b", sets["questions"].count(), "个疑问待答"),
        (
            "提供服务",
            f"{here}?kind=repair&source=agent",
            "A-3.1-a",
            running.filter(process="after_sales").count(),
            "件售后在办",
        ),
        (
            "处理投诉",
            f"{here}?kind=complaint",
            "A-2.3-b",
            running.filter(process="complaint").count(),
            "件投诉在办",
        ),
        ("维护客户关系", f"{board_}?tab=care", "A-3.1-b", sets["care"].count(), "次关怀要做"),
    ]
    return [
        {"name": name, "url": url, "number": policy.number(clause), "count": count, "words": words}
        for name, url, clause, count, words in rows
    ]


def _sought(request: HttpRequest, mine: QuerySet[Reception]) -> QuerySet[Reception]:
    """Return what the filters keep: channel, kind, status, day, purpose or number, customer (D-3.2-e)."""
    if (channel := request.GET.get("channel", "")) in Channel.values:
        mine = mine.filter(channel=channel)
    if (kind := request.GET.get("kind", "")) in Kind.values:
        mine = mine.filter(kind=kind)
    if state := request.GET.get("state", ""):
        mine = mine.filter(case__state=state)
    if (begin := _midnight(request.GET.get("from", ""))) is not None:
        mine = mine.filter(arrived_at__gte=begin)
    if (end := _midnight(request.GET.get("to", ""))) is not None:
        mine = mine.filter(arrived_at__lt=end + timedelta(days=1))
    if words := request.GET.get("q", "").strip()[:60]:
        mine = mine.filter(
            Q(purpose__icontains=words) | Q(caller__icontains=words) | Q(case__number__iexact=words)
            | Q(customer__name__icontains=words) | Q(external_number=words)
        )  # fmt: skip
    return mine


def _midnight(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=ZONE)
    except ValueError:
        return None


def _rows(found: Sequence[Reception], at: datetime, *, masked: bool) -> list[dict[str, Any]]:
    cases = [row.case for row in found]
    return [
        {
            "row": row,
            "line": line,
            "who": mask_name(row.caller) if masked else row.caller,
            "phone": mask_phone(row.phone) if masked else row.phone,
        }
        for row, line in zip(found, lists.rows_of(cases, at, masked=masked), strict=True)
    ]


def _adherence(mine: QuerySet[Reception], at: datetime) -> list[dict[str, Any]]:
    """Return by channel how many of the last 30 days' closed receptions kept the procedure throughout (D-1-e)."""
    closed = mine.filter(closed_at__gte=at - timedelta(days=30)).exclude(case__state="voided")
    counted = closed.values("channel").annotate(all=Count("pk"), kept=Count("pk", filter=Q(misses=[])))
    return [
        {
            "label": Channel(row["channel"]).label,
            "channel": row["channel"],
            "all": row["all"],
            "kept": row["kept"],
            "percent": 100 * row["kept"] / row["all"],
        }
        for row in sorted(counted, key=lambda one: -one["all"])
    ]


# --- letters and what comes in by itself ------------------------------------------------------------------------------
def _letters(request: HttpRequest) -> QuerySet[Letter]:
    at, by = asking.now(), asking.person(request)
    return Letter.objects.filter(case__in=cases_of(by, at, asking.project(request)))


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Show the register of letters: received, numbered, reply due, answered, filed (D-4-a)."""
    at = asking.now()
    masked = asking.masked(request, at)
    only_open = request.GET.get("open") == "1"
    found = _letters(request).select_related("case", "replied_by")
    if only_open:
        found = found.filter(replied_at=None)
    rows, page = lists.walk_newest(found, request.GET.get("after", ""))
    return render(
        request,
        "web/reception/letters.html",
        {
            "rows": [
                {"one": one, "sender": mask_name(one.sender) if masked else one.sender,
                 "late": (one.replied_at or at) > one.reply_due_at}
                for one in rows
            ],
            "page": page, "only_open": only_open, "total": lists.exact(found),
            "waiting": _letters(request).filter(replied_at=None).count(), "masked": masked,
        },
    )  # fmt: skip


def _inbox(request: HttpRequest) -> QuerySet[Incoming]:
    at, by = asking.now(), asking.person(request)
    # What opened a case by itself stands here until somebody has seen it.
    waiting = Q(case=None, dropped="") | Q(case__isnull=False, opened_at=None)
    mine = Incoming.objects.filter(waiting, company_id__in=_companies(by, at))
    project = asking.project(request)
    return mine.filter(Q(project=None) | Q(project=project)) if project is not None else mine


def _incoming_for(request: HttpRequest, key: int) -> Incoming:
    """
    Return an item of the person's inbox.

    :raises Http404: there is none, or it is none of this person's business.
    """
    at, by = asking.now(), asking.person(request)
    found = (
        Incoming.objects.filter(company_id__in=_companies(by, at), pk=key).select_related("opened_by").first()
    )
    if found is None:
        raise Http404("收件箱里没有这一件。")
    return found


@require_safe
def incoming(request: HttpRequest) -> HttpResponse:
    """Show mail and online messages that nobody registered yet, with who opened each and when (C-3.1-f)."""
    at = asking.now()
    masked = asking.masked(request, at)
    rows = list(_inbox(request).select_related("opened_by", "project").order_by("received_at", "pk")[:100])
    return render(
        request,
        "web/reception/inbox.html",
        {
            "rows": [
                {"one": one, "sender": mask_name(one.sender) if masked else one.sender, "late": at - one.received_at > timedelta(hours=24)}
                for one in rows
            ],
            "unread": sum(one.opened_at is None for one in rows),
            "broken": list(Mailbox.objects.exclude(problem="").order_by("name")), "masked": masked,
        },
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def item(request: HttpRequest, key: int) -> HttpResponse:
    """Open one item: who opened it stands on it. On POST put it aside with a reason."""
    at, by = asking.now(), asking.person(request)
    found = _incoming_for(request, key)
    if request.method == "POST":
        inbox.put_aside(found, reason=request.POST.get("reason", ""), by=by, at=at)
        messages.success(request, "已放到一边，不登记")
        return redirect("web:reception_inbox")
    found = inbox.open_item(found, by=by, at=at)
    hashes = [*found.files, *([found.original] if found.original else [])]
    files = Attachment.objects.filter(company_id=found.company_id, sha256__in=hashes)
    return render(
        request,
        "web/reception/item.html",
        {"one": found, "files": list(files.order_by("pk")), "masked": asking.masked(request, at)},
    )


# --- the start of the shift -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def shift(request: HttpRequest) -> HttpResponse:
    """Confirm appearance at the start of the shift; spot checks by a supervisor; the tidiness of the areas."""
    at, by = asking.now(), asking.person(request)
    supervisor = holds_post(by, *SUPERVISORS, at=at)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "appearance":
            checks.confirm_appearance(items=request.POST.getlist("items"), by=by, at=at)
            messages.success(request, "今天的仪表已确认")
        elif act == "spot" and supervisor:
            check = ShiftCheck.objects.filter(
                pk=formats.whole(request.POST.get("check", "")) or 0, company_id=by.company_id
            ).first()
            if check is None:
                raise Http404("没有这次确认。")
            checks.spot_check(
                check=check, good=request.POST.get("good") == "1", note=request.POST.get("note", ""), by=by, at=at
            )  # fmt: skip
            messages.success(request, "抽查已记录")
        elif act == "area":
            checks.check_area(
                area=request.POST.get("area", ""), tidy=request.POST.get("tidy") == "1",
                note=request.POST.get("note", ""), by=by, at=at,
            )  # fmt: skip
            messages.success(request, "区域检查已记录")
        return redirect("web:reception_shift")
    today = formats.local(at).date()
    done = ShiftCheck.objects.filter(company_id=by.company_id)
    return render(
        request,
        "web/reception/shift.html",
        {
            "today": today, "items": checks.APPEARANCE, "mine": done.filter(person=by, shift_date=today).first(),
            "done": list(
                done.filter(shift_date__gt=today - timedelta(days=7))
                .select_related("person", "spot_by").order_by("-shift_date", "-pk")[:60]
            ),
            "supervisor": supervisor,
            "areas": list(
                AreaCheck.objects.filter(company_id=by.company_id, checked_date__gt=today - timedelta(days=7))
                .select_related("checked_by").order_by("-checked_date", "-pk")[:40]
            ),
        },
    )  # fmt: skip


PATHS: list[URLPattern] = [
    path("", board, name="reception"),
    path("new/", new, name="reception_new"),
    path("call/", call, name="reception_call"),
    path("side/", side, name="reception_side"),
    path("hold/", hold, name="reception_hold"),
    path("hold/<int:key>/drop/", let_go, name="reception_let_go"),
    path("letters/", letters, name="reception_letters"),
    path("inbox/", incoming, name="reception_inbox"),
    path("inbox/<int:key>/", item, name="reception_item"),
    path("shift/", shift, name="reception_shift"),
    path("<str:number>/", finish, name="reception_finish"),
]
