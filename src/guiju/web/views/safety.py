"""安全和设备: safety incidents with their report, the equipment register, emergencies by the SOP's procedure."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Moment
from guiju.kernel.forms import field as ask
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.gates import holds_post, scope_of
from guiju.org.models import Person
from guiju.quality.models import Emergency, Equipment, SafetyIncident
from guiju.quality.operations import emergencies as emergency_acts
from guiju.quality.operations import equipment as equipment_acts
from guiju.quality.operations import safety as safety_acts
from guiju.reports import kpi
from guiju.sop import queries as sops
from guiju.sop.models import day_of
from guiju.web import formats, lists
from guiju.web.access import case_for
from guiju.web.sheet import Choice, Sheet
from guiju.web.views import asking

Line = Annotated[str, Field(max_length=100)]
Words = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]


class Kind(Enum):
    """What came of it."""

    INJURY, DAMAGE, NEAR = "injury", "damage", "near"

    @property
    def label(self) -> str:
        """As people call it."""
        return str(SafetyIncident.Kind(self.value).label)


class Condition(Enum):
    """The condition of a device."""

    GOOD, LIMITED, STOPPED, SCRAPPED = "good", "limited", "stopped", "scrapped"

    @property
    def label(self) -> str:
        """As people call it."""
        return str(Equipment.Condition(self.value).label)


class IncidentForm(Form):
    """安全事故。"""

    kind: Kind = ask("种类", default=Kind.NEAR)
    happened_at: Moment = ask("发生时间")
    place: Line = ask("地点", default="")
    process: str = ask("作业类型", default="", widget="choice", help="相关作业标准书随作业类型带出")
    document: str = ask("相关作业标准书", default="", widget="choice", help="没有对应作业类型时选")
    person: str = ask("涉及人员", default="", widget="choice")
    equipment: str = ask("涉及设备", default="", widget="choice")
    words: Words = ask("经过")
    measure: Words = ask("处理和防范")


class EquipmentForm(Form):
    """设备。"""

    code: Annotated[str, Field(min_length=1, max_length=30)] = ask("设备编号")
    name: Annotated[str, Field(min_length=1, max_length=60)] = ask("名称")
    model: Annotated[str, Field(max_length=60)] = ask("型号", default="")
    requirements: Words = ask("维护要求")
    every_days: Annotated[int, Field(ge=1, le=3650)] = ask("维护周期", unit="天")
    in_use_date: Day = ask("启用日期")
    life_months: Annotated[int, Field(ge=1, le=600)] = ask("使用寿命", unit="月")
    process: str = ask("用于作业", default="", widget="choice", help="办这类作业时显示维护要求")


class MaintainForm(Form):
    """维护记录。"""

    done_date: Day = ask("维护日期")
    words: Words = ask("做了什么")
    condition: Condition = ask("维护后状况", default=Condition.GOOD)


class DeclareForm(Form):
    """启动紧急处理。"""

    sop: str = ask("作业标准书", widget="choice", help="按它的紧急处理程序办理")
    started_at: Moment | None = ask("发生时间", default=None, help="不填就是现在")
    place: Line = ask("地点", default="")
    words: Words = ask("情况")
    case: Line = ask("事项编号", default="", help="办某件事项时发生的，填编号")


class EndForm(Form):
    """结束紧急处理。"""

    effect: LongText = ask("后果和影响", default="")


TABS = (("safety", "安全事故"), ("equipment", "设备"), ("emergencies", "紧急处理"))


def _tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(f"web:{name}"), "current": name == current} for name, label in TABS
    ]


def _mine(by: Person, at: datetime) -> Q:
    return scope_of(by, at=at).q("company_id", "project_id")


def _people(by: Person) -> Choice:
    rows = Person.objects.at_work().filter(company_id=by.company_id).order_by("name", "pk")
    return [("", "没有"), *((str(one.pk), one.name) for one in rows)]


def _works() -> Choice:
    return [("", "没有"), *((name, one.label) for name, one in processes().items())]


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """List safety incidents, with the counts of the period by person, device, type of task and SOP."""
    at, by = asking.now(), asking.person(request)
    name = request.GET.get("period", "year")
    window = kpi.period(name if name in kpi.PERIODS else "year", formats.local(at).date())
    mine = _mine(by, at)
    rows = SafetyIncident.objects.filter(mine).select_related("person", "equipment", "document")
    known = processes()
    after = formats.whole(request.GET.get("after", ""))
    if after:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: lists.SIZE + 1])
    return render(
        request,
        "web/safety/incidents.html",
        {
            "tabs": _tabs("safety"), "window": window,
            "periods": [(key, label, key == name) for key, label in kpi.PERIODS.items()],
            "tallies": safety_acts.tallies(mine, begin=window.begin, end=window.end),
            "rows": [
                {"row": row, "work": known[row.process].label if row.process in known else "其他"}
                for row in found[: lists.SIZE]
            ],
            "next": found[lists.SIZE - 1].pk if len(found) > lists.SIZE else "",
        },
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def incident(request: HttpRequest) -> HttpResponse:
    """Write down a safety incident."""
    at, by = asking.now(), asking.person(request)
    devices = list(Equipment.objects.filter(_mine(by, at)).order_by("code"))
    shelf = [one.document for one in sops.library(company_id=by.company_id, on=day_of(at))]
    sheet = Sheet(
        IncidentForm,
        choices={
            "process": _works(), "person": _people(by),
            "document": [("", "随作业类型"), *((str(one.pk), str(one)) for one in shelf)],
            "equipment": [("", "没有"), *((str(one.pk), str(one)) for one in devices)],
        },
    )  # fmt: skip
    back = reverse("web:safety")
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        try:
            safety_acts.record_incident(
                company=by.company, project=asking.project(request), kind=given.kind.value, words=given.words,
                measure=given.measure, happened_at=given.happened_at, process=given.process, place=given.place,
                person=Person.objects.get(pk=int(given.person), company_id=by.company_id) if given.person else None,
                equipment=next((one for one in devices if str(one.pk) == given.equipment), None),
                document=next((one for one in shelf if str(one.pk) == given.document), None), by=by, at=at,
            )  # fmt: skip
        except BadlyFilled as wrong:
            sheet.errors = dict(wrong.errors)
        else:
            messages.success(request, "已登记安全事故")
            return redirect(back)
    return _asks(
        request,
        "登记安全事故",
        sheet,
        "登记",
        back,
        ["登记后不能改动，计入安全统计", "相关作业标准书随作业类型带出"],
    )


def _asks(
    request: HttpRequest, title: str, sheet: Sheet[Any], button: str, back: str, notes: list[str]
) -> HttpResponse:
    return render(
        request,
        "web/ask.html",
        {
            "title": title, "crumbs": [("安全和设备", reverse("web:safety"))], "sheet": sheet, "button": button,
            "back": back, "notes": notes,
        },
        status=sheet.status,
    )  # fmt: skip


@require_safe
def equipment(request: HttpRequest) -> HttpResponse:
    """List the devices, those whose maintenance is due first, with condition and service life."""
    at, by = asking.now(), asking.person(request)
    today = formats.local(at).date()
    rows = Equipment.objects.filter(_mine(by, at)).exclude(condition=Equipment.Condition.SCRAPPED)
    return render(
        request,
        "web/safety/equipment.html",
        {
            "tabs": _tabs("equipment"),
            "rows": [_device(row, today) for row in rows.order_by("next_date", "pk")[: lists.AT_MOST]],
            "may_add": holds_post(by, *equipment_acts.KEEPERS, at=at),
        },
    )


def _device(row: Equipment, today: Any) -> dict[str, Any]:
    known = processes()
    left = (row.life_until - today).days
    return {
        "row": row, "overdue": row.next_date < today, "worn_out": left < 0, "left": left,
        "works": "、".join(known[work].label for work in row.works if work in known),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def new_equipment(request: HttpRequest) -> HttpResponse:
    """Put a device on the register."""
    at, by = asking.now(), asking.person(request)
    sheet = Sheet(EquipmentForm, choices={"process": _works()})
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        fields = given.model_dump(exclude={"process"})
        try:
            made = equipment_acts.add_equipment(
                company=by.company, works=[given.process] if given.process else [],
                project=asking.project(request), by=by, at=at, **fields,
            )  # fmt: skip
        except BadlyFilled as wrong:
            sheet.errors = dict(wrong.errors)
        else:
            messages.success(request, f"已登记设备 {made}")
            return redirect("web:device", made.pk)
    return _asks(
        request, "登记设备", sheet, "登记", reverse("web:equipment"),
        ["按维护周期排出下次维护日期", "办用到它的作业时显示维护要求"],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def device(request: HttpRequest, key: int) -> HttpResponse:
    """Show a device with its maintenance; write a maintenance down."""
    at, by = asking.now(), asking.person(request)
    row = Equipment.objects.filter(_mine(by, at), pk=key).first()
    if row is None:
        raise Http404("没有这台设备，或者它不在你的范围里。")
    sheet: Sheet[MaintainForm] = Sheet(MaintainForm)
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        try:
            equipment_acts.maintain(
                equipment=row, done_date=given.done_date, words=given.words, condition=given.condition.value, by=by, at=at
            )  # fmt: skip
        except BadlyFilled as wrong:
            sheet.errors = dict(wrong.errors)
        else:
            messages.success(request, f"已记下{row.name}的维护，下次 {row.next_date:%Y-%m-%d}")
            return redirect("web:device", key)
    return render(
        request,
        "web/safety/device.html",
        {
            "one": _device(row, formats.local(at).date()), "sheet": sheet,
            "done": list(row.maintenances.select_related("recorded_by").order_by("-done_date", "-pk")[: lists.SIZE]),
            "may_maintain": holds_post(by, *equipment_acts.WORKERS, at=at, company_id=row.company_id, project_id=row.project_id),
        },
        status=sheet.status,
    )  # fmt: skip


@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """List emergencies, newest first, with the response times of the year."""
    at, by = asking.now(), asking.person(request)
    mine = _mine(by, at)
    window = kpi.period("year", formats.local(at).date())
    rows = Emergency.objects.filter(mine).select_related("version__document", "declared_by")
    after = formats.whole(request.GET.get("after", ""))
    if after:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: lists.SIZE + 1])
    return render(
        request,
        "web/safety/emergencies.html",
        {
            "tabs": _tabs("emergencies"), "window": window, "rows": found[: lists.SIZE],
            "next": found[lists.SIZE - 1].pk if len(found) > lists.SIZE else "",
            "figures": emergency_acts.responses(mine, begin=window.begin, end=window.end),
        },
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def declare(request: HttpRequest) -> HttpResponse:
    """Declare an emergency: the procedure of the SOP chosen opens as a checklist."""
    at, by = asking.now(), asking.person(request)
    shelf = [one.in_force for one in sops.library(company_id=by.company_id, on=day_of(at)) if one.in_force]
    able = {one.document.code: one for one in shelf if one.content.get("emergency")}
    sheet = Sheet(
        DeclareForm, choices={"sop": [(code, f"{code} {one.document.title}") for code, one in able.items()]},
        typed={"sop": request.GET.get("sop", ""), "case": request.GET.get("case", "")},
    )  # fmt: skip
    back = reverse("web:emergencies")
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        case = None
        if given.case:
            try:
                case = case_for(by, given.case, at)
            except Http404:
                sheet.errors["case"] = f"事项编号：没有 {given.case}，或者它不在你的范围里"
        if not sheet.errors:
            try:
                made = emergency_acts.declare(
                    company=by.company, project=asking.project(request), version=able[given.sop], case=case,
                    words=given.words, place=given.place, started_at=given.started_at or at, by=by, at=at,
                )  # fmt: skip
            except BadlyFilled as wrong:
                sheet.errors = dict(wrong.errors)
            else:
                return redirect("web:emergency", made.pk)
    return _asks(
        request, "启动紧急处理", sheet, "启动", back,
        ["按作业标准书的紧急处理程序逐项办理", "记录发生、首次响应和结束时间，统计响应用时"],
    )  # fmt: skip


def _emergency(by: Person, key: int, at: datetime) -> Emergency:
    rows = Emergency.objects.filter(_mine(by, at), pk=key)
    found = rows.select_related(
        "version__document", "declared_by", "responded_by", "ended_by", "case"
    ).first()
    if found is None:
        raise Http404("没有这次紧急情况，或者它不在你的范围里。")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def emergency(request: HttpRequest, key: int) -> HttpResponse:
    """Show an emergency with its checklist; end it with its effect."""
    at, by = asking.now(), asking.person(request)
    found = _emergency(by, key, at)
    sheet: Sheet[EndForm] = Sheet(EndForm)
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        try:
            emergency_acts.end(emergency=found, effect=given.effect, by=by, at=at)
        except BadlyFilled as wrong:
            sheet.errors = dict(wrong.errors)
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, "紧急处理已结束")
            return redirect("web:emergency", key)
    return render(
        request,
        "web/safety/emergency.html",
        {"one": found, "steps": list(found.steps.select_related("done_by").order_by("position")), "sheet": sheet},
        status=sheet.status,
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def emergency_step(request: HttpRequest, key: int) -> HttpResponse:
    """Tick off a line of the procedure, leave it out with a reason, or note the first response."""
    at, by = asking.now(), asking.person(request)
    found = _emergency(by, key, at)
    position = formats.whole(request.POST.get("position", ""))
    if position is None:
        emergency_acts.respond(emergency=found, by=by, at=at)
    else:
        emergency_acts.do_step(
            emergency=found, position=position, left_out=request.POST.get("left_out", ""), by=by, at=at
        )
    return redirect("web:emergency", key)


PATHS = [
    path("", safety, name="safety"),
    path("new/", incident, name="safety_new"),
    path("equipment/", equipment, name="equipment"),
    path("equipment/new/", new_equipment, name="equipment_new"),
    path("equipment/<int:key>/", device, name="device"),
    path("emergencies/", emergencies, name="emergencies"),
    path("emergencies/new/", declare, name="emergency_new"),
    path("emergencies/<int:key>/", emergency, name="emergency"),
    path("emergencies/<int:key>/steps/", emergency_step, name="emergency_step"),
]
