"""Complaints: the desk's list, recording one, its record on one page, repeats and causes, the person in charge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.estate.models import Project, Unit
from guiju.kernel import engine, ports
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.kernel.process import process_of, processes
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org import posts
from guiju.org.gates import holds_post, scope_of
from guiju.org.masking import mask_name, mask_phone
from guiju.org.models import Company, Person
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import listed
from guiju.quality import choices, figures, grouping, people, repeats
from guiju.quality.forms.complaint import RecordForm
from guiju.quality.models import Complaint, Memo, RecordEntry
from guiju.quality.operations.clerks import name_clerk
from guiju.quality.operations.complaint_people import HANDLERS
from guiju.web import formats, stepform
from guiju.web.access import case_for, cases_of, projects_of, units_of
from guiju.web.casepage import whys
from guiju.web.formats import local
from guiju.web.lists import SIZE, exact, rows_of, walk_by_due, walk_newest
from guiju.web.views import asking
from guiju.web.views.cases import uuid_of
from guiju.web.views.registers import period_of
from guiju.web.views.steps import Refusal, Typed, typed

GUIDE = (
    "先停下手里的事，请顾客坐，看着顾客听，不打断、不争辩、不推给别的部门。",
    "先致歉，再问清：什么事、什么时候、希望怎样。照原话记，读一遍给顾客听。",
    "不下结论，不说是谁的责任，诊断以前不答应免费维修。",
    "说清谁来办、最迟什么时候答复；说到的要登记，登记的要做到。",
    "顾客情绪激动，勾上「请主管接手」，保存后主管马上收到。",
)
TABS: dict[str, tuple[str, Q]] = {
    "open": ("在办", Q(closed_at=None, historic=False)),
    "mine": ("我处理的", Q(closed_at=None, historic=False)),
    "unanswered": ("答复超期", Q(closed_at=None, historic=False)),
    "hand_over": ("待交质检部", Q(complaint__quality=True, state__in=["recorded", "planned"])),
    "quality": ("质检部", Q(state__in=["handed", "judged"])),
    "site": ("现场", Q(state__in=["delegated", "onsite", "handling", "executed"])),
    "hand_in": ("记录表未交回", Q(state="confirmed")),
    "grave": ("L3、L4", Q(complaint__level__in=["L3", "L4"], closed_at=None)),
    "second": ("二次投诉", Q(complaint__repeat_of__isnull=False)),
    "left": ("未满意办结", Q(state="left")),
    "history": ("历史未结", Q(state="open", historic=True)),
}
CLOSED_TOO = ("second", "left", "history")
GROUPED = ("open", "mine", "quality", "grave")
ANSWERS = ("answer", "written", "ticket")


@dataclass(frozen=True)
class Line:
    """A complaint in the list: the row of the case, with what only complaints have."""

    row: Any
    level: str
    second: bool
    group: bool
    upset: str
    handler: str


def _mine(by: Person, at: datetime, project: Project | None, tab: str) -> QuerySet[Case]:
    found = cases_of(by, at, project).filter(TABS[tab][1], process="complaint")
    if tab == "unanswered":
        late = Clock.objects.filter(case_id=OuterRef("pk"), name__in=ANSWERS, state=Clock.RUNNING)
        return found.filter(Exists(late.filter(due_at__lt=at)))
    return found.filter(complaint__handler=by) if tab == "mine" else found


@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """Show the complaints of a tab, walked by key: by deadline; with closed ones among them, the newest first."""
    at, by = asking.now(), asking.person(request)
    project, masks = asking.project(request), asking.masks(request, at)
    tab = request.GET.get("tab", "open")
    if tab not in TABS:
        tab = "open"
    rows = _mine(by, at, project, tab)
    after = request.GET.get("after", "")
    walk = walk_newest if tab in CLOSED_TOO else walk_by_due
    cases, page = walk(rows.select_related("complaint__handler"), after)
    lines = [
        Line(
            row, case.complaint.level, case.complaint.repeat_of_id is not None,
            case.complaint.parent_id is not None, case.complaint.urgency,
            case.complaint.handler.name if case.complaint.handler is not None else "",
        )
        for case, row in zip(cases, rows_of(cases, at, masked=masks), strict=True)
    ]  # fmt: skip
    clerk = people.complaint_clerk(by.company_id)
    may_name = holds_post(
        by, posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.DEPUTY_GM, at=at, company_id=by.company_id
    )
    return render(
        request,
        "web/complaints/list.html",
        {
            "tabs": [
                {"label": label, "url": f"?tab={name}", "current": name == tab, "count": exact(_mine(by, at, project, name))}
                for name, (label, _) in TABS.items()
            ],
            "lines": lines,
            "page": page,
            "groups": [] if after or tab not in GROUPED or masks is not False else grouping.suggestions(cases=_mine(by, at, project, "open")),
            "may_join": holds_post(by, *HANDLERS, posts.QUALITY, at=at, company_id=by.company_id),
            "clerk": clerk,
            "may_name": may_name,
            "project": project,
        },
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def clerk(request: HttpRequest) -> HttpResponse:
    """Name the person in charge of quality complaints."""
    at, by = asking.now(), asking.person(request)
    company = Company.objects.get(pk=by.company_id)
    person = people.person_named(
        request.POST.get("person", "").strip(), company_id=company.pk, field="person", label="专人"
    )
    name_clerk(company=company, person=person, by=by, at=at)
    messages.success(request, f"质量投诉信息由{person.name}专人负责")
    return redirect("web:complaints")


# --- recording -------------------------------------------------------------------------------------------------------
def _unit(request: HttpRequest, by: Person, at: datetime) -> Unit | None:
    key = formats.whole(request.POST.get("unit") or request.GET.get("unit", ""))
    if key is None:
        return None
    return units_of(by, at).select_related("building", "project").filter(Q(pk=key)).first()


def _found_units(request: HttpRequest, by: Person, at: datetime, project: Project | None) -> list[Unit]:
    wanted = request.GET.get("room", "").strip()
    if not wanted:
        return []
    room = wanted.replace("－", "-").split("-")[-1].strip()
    found = units_of(by, at).filter(room__endswith=room).select_related("building", "project")
    if project is not None:
        found = found.filter(project=project)
    return [
        unit for unit in found.order_by("building_id", "entrance", "room", "pk")[:60]
        if all(part in unit.label for part in wanted.split("-")[:-1])
    ][:12]  # fmt: skip


def _earlier(unit: Unit | None, by: Person, at: datetime) -> list[Complaint]:
    if unit is None:
        return []
    rows = Complaint.objects.filter(listed(by, at=at, prefix="case__"), unit=unit).select_related("case")
    return list(rows.order_by("-complained_date", "-pk")[:6])


def _of_ticket(ticket: str, by: Person, at: datetime) -> list[Complaint]:
    """The complaints recorded for a ticket of another office, the latest first, that the person may see."""
    if not ticket:
        return []
    rows = Complaint.objects.filter(listed(by, at=at, prefix="case__"), ticket=ticket).select_related("case")
    return list(rows.order_by("-pk")[:6])


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def new(request: HttpRequest) -> HttpResponse:
    """Record a complaint: only the words are asked for; the earlier ones of the home stand beside them."""
    at, by = asking.now(), asking.person(request)
    projects = projects_of(by, at)
    unit = _unit(request, by, at)
    project = (
        unit.project if unit is not None else asking.project(request) or (projects[0] if projects else None)
    )
    if project is None:
        raise Http404("你的岗位不在任何项目里。")
    policy = ports.policies().current(
        "complaint", company_id=project.company_id, project_id=project.pk, at=at
    )
    said = policy.step("record")
    entered = Typed(
        {
            name: request.GET[name]
            for name in ("repeat_of", "channel", "words", "ticket")
            if name in request.GET
        }
    )
    refused, status = None, 200
    if request.method == "POST":
        entered = typed(request, RecordForm, [], at)
        quality = request.POST.get("quality_is", "")
        entered.given["quality"] = {"yes": True, "no": False}.get(quality)
        if unit is not None:
            entered.given["unit"] = unit.pk
        try:
            event = engine.open_case(
                "complaint", by=by, at=at, given=entered.as_given(), chain_id=project.company_id,
                scope_id=project.pk, links=[("unit", unit.pk)] if unit is not None else [],
                key=uuid_of(request.POST.get("key", "")),
            )  # fmt: skip
        except BadlyFilled as wrong:
            entered.errors, status = wrong.errors, wrong.status
        except Refused as wrong:
            refused = Refusal(wrong.title, whys(wrong.reasons, policy), "你填的都还在。")
            status = wrong.status
        else:
            assert event.case is not None
            messages.success(request, f"投诉已登记，编号 {event.case.number}，请读给顾客")
            row = Complaint.objects.select_related(
                "case", "unit__building", "parent__case", "repeat_of__case"
            ).get(case=event.case)
            if row.ticket and row.parent is not None:
                messages.info(
                    request, f"工单 {row.ticket} 已登记为 {row.parent.case.number}，还在处理，已并入"
                )
            elif row.ticket and row.repeat_of is not None and row.repeat_of.ticket == row.ticket:
                messages.info(
                    request, f"工单 {row.ticket} 曾登记为 {row.repeat_of.case.number}，已关联为二次投诉"
                )
            if (
                not asking.masked(request, at, row.case)
                and grouping.suggestion(row, cases=cases_of(by, at)) is not None
            ):
                return redirect("web:record", event.case.number)
            return redirect("web:case", event.case.number)
    fields = {f.name: f for f in stepform.fields_of(RecordForm, entered.given, entered.errors)}
    masked = asking.masked(request, at, project)
    return render(
        request,
        "web/complaints/new.html",
        {
            "first": [fields[name] for name in ("words", "complainant", "phone", "channel", "need")],
            "second": [fields[name] for name in ("cause", "level", "ticket", "ticket_due_at", "about_person", "conflict", "letters", "repeat_of")],
            "ticks": [fields[name] for name in ("upset", "incident", "in_writing", "important")],
            "quality": {True: "yes", False: "no"}.get(entered.given.get("quality"), ""),  # type: ignore[arg-type]
            "mistakes": stepform.summary(tuple(fields.values())),
            "refused": refused,
            "unit": unit,
            "found": _found_units(request, by, at, project),
            "room": request.GET.get("room", ""),
            "same_ticket": [] if masked else _of_ticket(str(entered.given.get("ticket") or request.GET.get("room", "")).strip(), by, at),
            "earlier": [] if masked else _earlier(unit, by, at),
            "project": project,
            "guide": GUIDE,
            "said": said,
            "number": policy.number(said.clause),
            "key": uuid4(),
            "returned": request.method == "POST",
        },
        status=status,
    )  # fmt: skip


BEGUN_HERE = ("internal_memo", "corrective_action", "dispute", "compensation", "contractor_work")


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def begin(request: HttpRequest, process: str) -> HttpResponse:
    """Open what follows from a complaint, or stands alone: memo, corrective action, dispute, compensation, work."""
    at, by = asking.now(), asking.person(request)
    if process not in BEGUN_HERE:
        raise Http404("没有这个流程。")
    projects = projects_of(by, at)
    source = case_for(by, request.GET["source"], at) if request.GET.get("source") else None
    unit = _unit(request, by, at) or _unit_of(source, by, at)
    project = next((one for one in projects if source is not None and one.pk == source.scope_id), None)
    project = project or (unit.project if unit is not None else None) or asking.project(request)
    project = project or (projects[0] if projects else None)
    if project is None:
        raise Http404("你的岗位不在任何项目里。")
    definition = process_of(process)
    policy = ports.policies().current(process, company_id=project.company_id, project_id=project.pk, at=at)
    step = definition.opening
    said = policy.step(step.name)
    entered = Typed({"source": source.number} if source is not None else {})
    refused, status = None, 200
    if request.method == "POST":
        entered = typed(request, step.form, [], at)
        if unit is not None and "unit" in step.form.model_fields:
            entered.given["unit"] = unit.pk
        try:
            event = engine.open_case(
                process, by=by, at=at, given=entered.as_given(), chain_id=project.company_id, scope_id=project.pk,
                links=[("unit", unit.pk)] if unit is not None else [], key=uuid_of(request.POST.get("key", "")),
            )  # fmt: skip
        except BadlyFilled as wrong:
            entered.errors, status = wrong.errors, wrong.status
        except Refused as wrong:
            refused = Refusal(wrong.title, whys(wrong.reasons, policy), "你填的都还在。")
            status = wrong.status
        else:
            assert event.case is not None
            messages.success(request, f"「{said.label or step.label}」已办好，编号 {event.case.number}")
            return redirect("web:case", event.case.number)
    fields = stepform.fields_of(step.form, entered.given, entered.errors)
    return render(
        request,
        "web/step.html",
        {
            "label": said.label or step.label,
            "subject": f"{project.name} {unit.label if unit is not None else ''}".strip(),
            "fields": fields,
            "points": [],
            "mistakes": stepform.summary(fields),
            "refused": refused,
            "words": said.words,
            "number": policy.number(said.clause or step.clause),
            "posts": "、".join(ports.people().post_label(post) for post in engine.allowed_posts(step, said)),
            "policy": said,
            "happened_at": entered.happened_at[:16],
            "key": uuid4(),
            "version": None,
            "draft": f"open:{process}:{source.number if source is not None else ''}",
            "returned": request.method == "POST",
            "back_url": reverse("web:record", args=[source.number])
            if source is not None
            else reverse("web:complaints"),
            "back_words": source.number if source is not None else "投诉",
            "consequence": f"办好后「{definition.label}」开始，状态为「{definition.starts.label}」。",
        },
        status=status,
    )


def _unit_of(source: Case | None, by: Person, at: datetime) -> Unit | None:
    if source is None:
        return None
    key = CaseLink.objects.filter(case=source, kind="unit").values_list("key", flat=True).first()
    return units_of(by, at).select_related("building", "project").filter(Q(pk=key or 0)).first()


# --- one complaint ---------------------------------------------------------------------------------------------------
LABELS = {
    "recorded": "登记", "contacted": "首次联系", "classified": "定性", "reclassified": "改判", "round": "协商",
    "planned": "方案", "handed_over": "交质检部", "analysis": "分析", "opinion": "处理意见", "delegated": "委派",
    "read": "阅知", "arrived": "到达现场", "investigated": "现场调查", "decided": "处理决定", "priced": "有偿服务报价", "executed": "处理实施情况",
    "checked": "质量检查", "confirmed": "顾客确认", "rework": "返工", "handed_in": "交回质检部", "feedback": "反馈",
    "replied": "答复", "passed_on": "转达", "level": "定级", "assigned": "指定处理人", "upset": "请主管接手",
    "measure": "突发事件处置", "reviewed": "处置复盘", "joined": "并入群体投诉", "corrective": "纠正、预防措施",
    "left": "未满意办结", "closed": "办结", "reopened": "重新处理", "sent": "发出", "received": "签收",
    "forwarded": "转交", "answered": "答复", "sent_back": "退回补充", "finished": "确认", "withdrawn": "撤回",
    "raised": "填写", "issued": "签发", "acknowledged": "签收", "returned": "退回", "dropped": "不予签发",
    "corrected": "纠正", "cause": "原因", "plan": "措施", "done": "完成", "verified": "验证", "refused": "不通过",
    "effect": "效果", "listened": "接待", "account": "客户反映", "explained": "解释", "inquired": "调查",
    "reported": "汇报", "instructed": "领导意见", "settled": "达成一致", "ended": "其他途径", "proposed": "提出",
    "approved": "批准", "agreed": "协议", "paid": "付款", "dispatched": "派单", "accepted": "接受",
    "replaced": "改派第三方", "inspected": "验收", "redo": "返工", "charged": "扣回", "cancelled": "撤销",
    "retention": "核实质保金", "damages": "并入赔偿", "claimed": "追偿", "ticket_returned": "回复工单", "recovered": "追偿到账", "borne": "公司承担",
}  # fmt: skip
DETAILS = {
    "situation": "顾客反映情况", "departments": "会同部门", "measures": "措施意见", "name": "被委派人",
    "qualification": "资质", "reason": "产生原因", "test": "测试", "offer": "提出的办法", "answer": "顾客答复",
    "how": "方式", "persons": "责任人", "communication": "沟通", "lessons": "改进", "attempts": "经过",
    "rule_name": "依据", "contractor": "责任单位", "third_party": "第三方", "amount": "金额（元）", "payer": "付款人", "cost": "费用（元）",
    "voucher": "凭证", "notice": "通知凭证", "done_date": "完成日期", "due_date": "期限", "whys": "逐层追问",
    "department": "部门", "subject": "事由", "conflict": "误解或冲突", "signed_by": "签名人", "before": "原来（元）", "receipt": "平台回执", "compensation": "赔偿编号", "paid_date": "付款日期",
}  # fmt: skip
YES_NO = {
    "satisfied": ("顾客满意", "顾客不满意"),
    "passed": ("合格", "不合格"),
    "late": ("迟交", ""),
    "effective": ("有效", "没有效果"),
    "quality": ("质量问题", "非质量问题"),
}
OURS = ("complaint", "internal_memo", "corrective_action", "dispute", "compensation", "contractor_work")


@dataclass(frozen=True)
class Entry:
    """An entry of the record as the page shows it."""

    label: str
    at: datetime
    by: str
    words: str
    details: list[tuple[str, str]]
    marks: list[str]


def _entry(entry: RecordEntry) -> Entry:
    data = entry.data
    details = [
        (label, "、".join(map(str, data[key])) if isinstance(data[key], list) else str(data[key]))
        for key, label in DETAILS.items()
        if data.get(key)
    ]
    marks = [
        words[0] if data[key] else words[1]
        for key, words in YES_NO.items()
        if isinstance(data.get(key), bool)
    ]
    for key, kinds in (
        ("region", choices.Region), ("fault", choices.Fault), ("remedy", choices.Remedy), ("level", choices.Level)
    ):  # fmt: skip
        if data.get(key):
            marks.append(choices.said(kinds, str(data[key])))
    who = entry.entered_by.name if entry.entered_by is not None else "系统"
    return Entry(
        LABELS.get(entry.kind, entry.kind),
        entry.entered_at,
        who,
        entry.words,
        details,
        [m for m in marks if m],
    )


@require_safe
def record(request: HttpRequest, number: str) -> HttpResponse:
    """Show the record of a case on one page, and where everybody who was asked stands."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    if case.process not in OURS:
        raise Http404("这个事项没有记录表。")
    masked = asking.masked(request, at, case)
    if not masked:
        note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    entries = RecordEntry.objects.filter(case=case).select_related("entered_by").order_by("id")
    keys = set(CaseLink.objects.filter(case=case, kind="case").values_list("key", flat=True))
    keys |= set(CaseLink.objects.filter(kind="case", key=case.pk).values_list("case_id", flat=True))
    linked = list(cases_of(by, at).filter(pk__in=keys).order_by("-pk")[:SIZE])
    memos = {memo.case_id: memo for memo in Memo.objects.filter(case__in=linked)}
    row = (
        Complaint.objects.select_related(
            "case", "handler", "delegate", "repeat_of__case", "parent__case", "unit__building"
        )
        .filter(case=case)
        .first()
    )
    group = grouping.suggestion(row, cases=cases_of(by, at)) if row is not None else None
    return render(
        request,
        "web/complaints/record.html",
        {
            "group": group,
            "may_join": group is not None and any(one.name == "join" and one.mine for one in engine.options(case, by=by, at=at)),
            "case": case,
            "process": process_of(case.process),
            "state": process_of(case.process).state(case.state),
            "row": row,
            "complainant": (mask_name(row.complainant) if masked else row.complainant) if row is not None else "",
            "phone": (mask_phone(row.phone) if masked else row.phone) if row is not None else "",
            "facts": _facts(row) if row is not None else [],
            "entries": [] if masked else [_entry(entry) for entry in entries],
            "masked": masked,
            "linked": [
                {
                    "case": one, "process": processes()[one.process].label, "state": processes()[one.process].state(one.state),
                    "post": ports.people().post_label(memos[one.pk].to_post) if one.pk in memos else "",
                }
                for one in linked
                if one.process in processes()
            ],
            "children": list(
                Complaint.objects.filter(listed(by, at=at, prefix="case__"), parent=row)
                .select_related("case", "unit__building").order_by("pk")[:SIZE]
            )
            if row is not None
            else [],
        },
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def join_group(request: HttpRequest, number: str) -> HttpResponse:
    """Join the complaints that the page suggests as one group."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    row = Complaint.objects.select_related("case", "unit__building").filter(case=case).first()
    found = grouping.suggestion(row, cases=cases_of(by, at)) if row is not None else None
    if found is None:
        messages.info(request, "没有要并入的投诉，可能已由别人并案")
        return redirect("web:record", number=case.number)
    count = grouping.join_all(found, by=by, at=at)
    messages.success(request, f"已把 {count} 件投诉并入 {found.parent.case.number}")
    return redirect("web:record", number=found.parent.case.number)


def _facts(row: Complaint) -> list[tuple[str, str]]:
    kind = {True: "质量问题", False: "非质量问题", None: "还没有定性"}[row.quality]
    found = [
        ("受理方式", choices.said(choices.Channel, row.channel)), ("级别", choices.said(choices.Level, row.level)),
        ("投诉类别", kind), ("投诉事由", choices.said(choices.Cause, row.cause)),
        ("查实原因", choices.said(choices.Cause, row.cause_found)), ("责任判定", choices.said(choices.Fault, row.fault)),
        ("处理方式", choices.said(choices.Remedy, row.remedy)), ("地区", choices.said(choices.Region, row.region)),
        ("处理人", row.handler.name if row.handler is not None else ""),
        ("被委派人", row.delegate.name if row.delegate is not None else ""), ("外部工单", row.ticket),
        ("顾客满意", {True: "满意", False: "不满意", None: ""}[row.satisfied]), ("处理结果", row.result),
    ]  # fmt: skip
    return [(label, value) for label, value in found if value]


# --- repeats ---------------------------------------------------------------------------------------------------------
@require_safe
def second(request: HttpRequest) -> HttpResponse:
    """Show repeated complaints by home and matter, the causes that recur, and the share of qualified delegates."""
    at, by = asking.now(), asking.person(request)
    today = local(at).date()
    values = request.GET.copy()
    values.setdefault("from", (today - timedelta(days=365)).isoformat())
    period, project = period_of(values, today), asking.project(request)
    scope = scope_of(by, at=at)
    where = scope.q("case__chain_id", "case__scope_id") & listed(by, at=at, prefix="case__")
    if project is not None:
        where &= Q(case__scope_id=project.pk)
    found = repeats.pairs(where, since=period.begin, until=period.end)
    only = request.GET.get("only") == "window"
    shown = [pair for pair in found if not only or pair.within()]
    begin = datetime.combine(period.begin, datetime.min.time(), tzinfo=local(at).tzinfo)
    end = datetime.combine(period.end + timedelta(days=1), datetime.min.time(), tzinfo=local(at).tzinfo)
    return render(
        request,
        "web/complaints/repeats.html",
        {
            "pairs": shown[:500],
            "all": len(found),
            "within": sum(pair.within() for pair in found),
            "only": only,
            "period": period,
            "recurring": repeats.recurring(where, since=period.begin, until=period.end),
            "share": figures.delegates_qualified(where, since=begin, until=end),
            "masked": asking.masked(request, at, project),
            "link_all": f"?{urlencode({'from': period.begin, 'to': period.end})}",
            "link_window": f"?{urlencode({'from': period.begin, 'to': period.end, 'only': 'window'})}",
        },
    )
