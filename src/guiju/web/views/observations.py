"""服务观察和培训: scored observations, the competency record of each employee, products, training, who has had none."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.desk.models import Skill
from guiju.desk.operations.skills import assess, below_level
from guiju.desk.scheduling import TRADES
from guiju.kernel import ports
from guiju.kernel.duration import months_after
from guiju.kernel.forms import Day, Form, LongText, Moment
from guiju.kernel.forms import field as ask
from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled, NotYourPost, Refused
from guiju.org.gates import holds_post, scope_of
from guiju.org.models import Certificate, Person
from guiju.quality import observing
from guiju.quality.forms.survey import Mark
from guiju.quality.models import Observation, ProductDuty, Training
from guiju.reports import kpi
from guiju.web import drawing, formats
from guiju.web.access import case_for, cases_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.board import sees_people


class ObserveForm(Form):
    """一次观察。"""

    observed_at: Moment | None = ask("观察的时间", default=None, help="不填就是现在")
    record_errors: Annotated[int, Field(ge=0, le=99)] = ask("记录差错", default=0, unit="处")
    remark: LongText = ask("观察到的", default="")


class ProductForm(Form):
    """负责的产品。"""

    product: Annotated[str, Field(min_length=2, max_length=60)] = ask(
        "产品", help="户型、系统或设备，如「地暖」"
    )
    from_date: Day = ask("从哪天负责")
    evidence: str = ask("证明", default="", widget="choice")
    evidence_text: Annotated[str, Field(max_length=200)] = ask("成绩或编号", default="")
    evidence_date: Day | None = ask("证明日期", default=None)


class SkillForm(Form):
    """评定工种等级。"""

    trade: str = ask("工种", widget="choice")
    level: str = ask("等级", widget="choice")
    assessed_date: Day = ask("评定日期")


class PlanForm(Form):
    """培训计划。"""

    topic: Annotated[str, Field(min_length=2, max_length=100)] = ask("学什么")
    planned_date: Day = ask("计划日期")


class DoneForm(Form):
    """培训完成。"""

    done_date: Day = ask("完成日期")
    evidence: Annotated[str, Field(min_length=2, max_length=200)] = ask("证明", help="签到表、试卷、证书")
    hours: Annotated[Decimal, Field(ge=0, le=200, decimal_places=1)] | None = ask("课时", default=None)
    score: Annotated[int, Field(ge=0, le=100)] | None = ask("成绩", default=None, unit="分")


def person_for(by: Person, key: int, at: datetime) -> Person:
    """
    Return an employee whose record the person may see: their own, or anybody's of the company for supervisors.

    :raises Http404: there is none, or it is none of this person's business.
    """
    companies = set(scope_of(by, at=at).companies) | {by.company_id}
    found = Person.objects.at_work().filter(company_id__in=companies, pk=key).first()
    if found is None or (found.pk != by.pk and not _supervises(by, at)):
        raise Http404("没有这位员工，或者他的记录不归你看。")
    return found


def _supervises(by: Person, at: datetime) -> bool:
    return sees_people(by, at) or holds_post(by, *observing.SUPERVISORS, at=at)


@require_safe
def observations(request: HttpRequest) -> HttpResponse:
    """List the employees with their abilities in the last three months, who has had no training, and the plan."""
    at, by = asking.now(), asking.person(request)
    if not _supervises(by, at):
        return redirect("web:competency", by.pk)
    today = formats.local(at).date()
    window = kpi.days(months_after(today, -3), today, "近三个月")
    people = observing.observed_posts(by.company_id, at)
    months = observing.training_months(by.company_id, at)
    lacking = observing.without_training(by.company_id, day=today, months=months, at=at)
    planned = (
        Training.objects.filter(person__in=people, done_date=None)
        .select_related("person")
        .order_by("planned_date", "pk")
    )
    return render(
        request,
        "web/care/observations.html",
        {
            "window": window,
            "abilities": observing.ABILITIES,
            "rows": [_line(one, window) for one in people],
            "months": months,
            "lacking": lacking,
            "below": below_level(by.company_id, at=at),
            "planned": list(planned[:50]),
            "forms": list(observing.FORMS.values()),
            "may_observe": holds_post(by, *observing.SUPERVISORS, at=at),
            "today": today,
        },
    )


def _line(person: Person, window: kpi.Window) -> dict[str, Any]:
    record = observing.competency(person, begin=window.begin, end=window.end)
    return {
        "person": person, "record": record,
        "scores": [(label, _score(record.abilities[code])) for code, label in observing.ABILITIES.items()],
        "satisfaction": f"{record.satisfaction:.1f}" if record.satisfaction is not None else "",
    }  # fmt: skip


def _score(score: observing.Score) -> str:
    return f"{score.average:.1f}" if score.average is not None else ""


@require_safe
def competency(request: HttpRequest, key: int) -> HttpResponse:
    """Show an employee's competency record: abilities and their development, ratings and target, products, training."""
    return _competency(request, key)


def _competency(
    request: HttpRequest, key: int, *, sheets: dict[str, Sheet[Any]] | None = None, status: int = 200
) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    person = person_for(by, key, at)
    today = formats.local(at).date()
    year = kpi.days(months_after(today, -12), today, "近一年")
    record = observing.competency(person, begin=year.begin, end=year.end)
    months = kpi.months(today)
    monthly = [observing.competency(person, begin=one.begin, end=one.end) for one in months]
    labels = [f"{formats.local(month.begin).month}月" for month in months]
    policy = ports.policies().current("callback", company_id=person.company_id, project_id=None, at=at)
    target = policy.settings.get("target_satisfaction")
    rows = (
        Observation.objects.filter(person=person)
        .select_related("observed_by", "case")
        .order_by("-observed_at", "-pk")
    )
    may_change = holds_post(by, *observing.SUPERVISORS, at=at, company_id=person.company_id)
    sheets = sheets or {}
    mine = {
        case.pk for case in cases_of(by, at).filter(pk__in=[row.case_id for row in rows[:20] if row.case_id])
    }
    return render(
        request,
        "web/care/competency.html",
        {
            "person": person,
            "own": person.pk == by.pk,
            "record": record,
            "target": target,
            "satisfaction": f"{record.satisfaction:.1f}" if record.satisfaction is not None else "",
            "meets": record.satisfaction is not None and target is not None and record.satisfaction >= Decimal(str(target)),
            "attitude": _score(record.attitude), "positive": _score(record.positive),
            "abilities": [
                {
                    "label": label, "score": _score(record.abilities[code]), "marks": record.abilities[code].marks,
                    "width": int((record.abilities[code].average or Decimal(0)) * 20),
                    "spark": drawing.spark([one.abilities[code].average for one in monthly], width=120),
                    "trend": " ".join(
                        f"{month} {_score(one.abilities[code])}" for month, one in zip(labels, monthly, strict=True)
                        if one.abilities[code].marks
                    ),
                }
                for code, label in observing.ABILITIES.items()
            ],
            "chart": drawing.spark([one.satisfaction for one in monthly], width=120),
            "observations": [
                {"row": row, "form": observing.FORMS[row.form].name, "scores": _marks(row), "mine": row.case_id in mine}
                for row in rows[:20]
            ],
            "products": list(ProductDuty.objects.filter(person=person, to_date=None).order_by("product")),
            "trainings": list(Training.objects.filter(person=person).order_by("-planned_date", "-pk")[:30]),
            "skills": [_skill(row) for row in Skill.objects.filter(person=person).order_by("trade")],
            "certificates": list(Certificate.objects.filter(person=person).order_by("name")),
            "may_change": may_change and person.pk != by.pk,
            "product": sheets.get("product") or _product_sheet(),
            "plan": sheets.get("plan") or Sheet(PlanForm, prefix="plan."),
            "done": sheets.get("done") or Sheet(DoneForm, prefix="done."),
            "skill": sheets.get("skill") or _skill_sheet(),
            "forms": list(observing.FORMS.values()),
        },
        status=status,
    )  # fmt: skip


def _product_sheet() -> Sheet[ProductForm]:
    return Sheet(
        ProductForm, prefix="product.", choices={"evidence": [("", "还没有"), *ProductDuty.EVIDENCE]}
    )


def _skill(row: Skill) -> str:
    trade = TRADES[row.trade].name if row.trade in TRADES else row.trade
    day = f"，{row.assessed_date:%Y-%m-%d} 评定" if row.assessed_date else ""
    return f"{trade}（{row.get_level_display()}{day}）"


def _skill_sheet() -> Sheet[SkillForm]:
    levels = [(str(one.value), one.label) for one in Skill.Level if one != Skill.Level.UNKNOWN]
    trades = [(one.code, one.name) for one in TRADES.values()]
    return Sheet(SkillForm, prefix="skill.", choices={"trade": trades, "level": levels})


def _marks(row: Observation) -> list[tuple[str, int]]:
    form = observing.FORMS[row.form]
    return [(one.asks, row.scores[one.code]) for one in form.criteria if one.code in row.scores]


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def observe(request: HttpRequest, form: str) -> HttpResponse:
    """Fill in a form of observation: whom, and a mark for each criterion that could be seen."""
    at, by = asking.now(), asking.person(request)
    known = observing.FORMS.get(form)
    if known is None:
        raise Http404("没有这张观察表。")
    if not holds_post(by, *observing.SUPERVISORS, at=at):
        raise NotYourPost("服务观察由主管和质检填写。")
    people = [one for one in observing.observed_posts(by.company_id, at) if one.pk != by.pk]
    sheet: Sheet[ObserveForm] = Sheet(ObserveForm)
    marks = {one.code: request.POST.get(f"mark.{one.code}", "") for one in known.criteria}
    chosen = request.POST.get("person", request.GET.get("person", ""))
    number = request.POST.get("case", request.GET.get("case", "")).strip()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        given = sheet.take(request)
        person = next((one for one in people if str(one.pk) == chosen), None)
        case: Case | None = None
        if person is None:
            wrong["person"] = "请选观察的是谁"
        if number:
            try:
                case = case_for(by, number, at)
            except Http404:
                wrong["case"] = f"没有编号为 {number} 的事项，或者它不在你的项目里"
        if given is not None and person is not None and not wrong:
            try:
                observing.observe(
                    person=person, form=form, scores={code: int(mark) if mark in tuple("12345") else None for code, mark in marks.items()},
                    by=by, at=at, case=case, remark=given.remark, record_errors=given.record_errors,
                    observed_at=min(given.observed_at or at, at),
                )  # fmt: skip
            except BadlyFilled as refused:
                wrong |= dict(refused.errors)
            except Refused as refused:
                wrong["form"] = str(refused.reasons[0].text if refused.reasons else refused)
            else:
                messages.success(request, f"已记下对{person.name}的{known.name}")
                return redirect("web:competency", person.pk)
    return render(
        request,
        "web/care/observe.html",
        {
            "form": known,
            "criteria": [{"one": one, "mark": marks[one.code]} for one in known.criteria],
            "marks": [(mark.value, mark.label) for mark in Mark],
            "people": people,
            "chosen": chosen,
            "number": number,
            "sheet": sheet,
            "wrong": wrong,
            "forms": list(observing.FORMS.values()),
        },
        status=422 if wrong or sheet.errors else 200,
    )


@require_POST
@asking.tells_refusals
def product(request: HttpRequest, key: int) -> HttpResponse:
    """Make an employee responsible for a product, with the evidence."""
    at, by = asking.now(), asking.person(request)
    person = person_for(by, key, at)
    sheet = _product_sheet()
    given = sheet.take(request)
    if given is not None:
        try:
            observing.give_product(
                person=person, product=given.product, from_date=given.from_date, evidence=given.evidence,
                evidence_text=given.evidence_text, evidence_date=given.evidence_date, by=by, at=at,
            )  # fmt: skip
        except BadlyFilled as wrong:
            sheet.errors = {f"product.{name}": words for name, words in wrong.errors.items()}
        else:
            messages.success(request, f"已记下：{person.name}负责{given.product}")
            return redirect("web:competency", key)
    return _competency(request, key, sheets={"product": sheet}, status=422)


@require_POST
@asking.tells_refusals
def skill(request: HttpRequest, key: int) -> HttpResponse:
    """Assess an employee's level in a trade."""
    at, by = asking.now(), asking.person(request)
    person = person_for(by, key, at)
    sheet = _skill_sheet()
    given = sheet.take(request)
    if given is not None:
        try:
            assess(
                person=person, trade=given.trade, level=int(given.level), assessed_date=given.assessed_date, by=by, at=at
            )  # fmt: skip
        except BadlyFilled as wrong:
            sheet.errors = {f"skill.{name}": words for name, words in wrong.errors.items()}
        else:
            messages.success(request, f"已评定{person.name}的{TRADES[given.trade].name}")
            return redirect("web:competency", key)
    return _competency(request, key, sheets={"skill": sheet}, status=422)


@require_POST
@asking.tells_refusals
def training(request: HttpRequest, key: int) -> HttpResponse:
    """Plan a training of an employee."""
    at, by = asking.now(), asking.person(request)
    person = person_for(by, key, at)
    sheet: Sheet[PlanForm] = Sheet(PlanForm, prefix="plan.")
    given = sheet.take(request)
    if given is None:
        return _competency(request, key, sheets={"plan": sheet}, status=422)
    observing.plan_training(person=person, topic=given.topic, planned_date=given.planned_date, by=by, at=at)
    messages.success(request, f"已列入培训计划：{given.topic}")
    return redirect("web:competency", key)


@require_POST
@asking.tells_refusals
def trained(request: HttpRequest, key: int, number: int) -> HttpResponse:
    """Write down that a training took place."""
    at, by = asking.now(), asking.person(request)
    person = person_for(by, key, at)
    row = Training.objects.filter(person=person, pk=number).first()
    if row is None:
        raise Http404("没有这次培训。")
    sheet: Sheet[DoneForm] = Sheet(DoneForm, prefix="done.")
    given = sheet.take(request)
    if given is not None:
        try:
            observing.finish_training(
                training=row, done_date=given.done_date, evidence=given.evidence, hours=given.hours, score=given.score,
                by=by, at=at,
            )  # fmt: skip
        except BadlyFilled as wrong:
            sheet.errors = {f"done.{name}": words for name, words in wrong.errors.items()}
        else:
            messages.success(request, f"已登记完成：{row.topic}")
            return redirect("web:competency", key)
    return _competency(request, key, sheets={"done": sheet}, status=422)


PATHS = [
    path("", observations, name="observations"),
    path("new/<slug:form>/", observe, name="observe"),
    path("people/<int:key>/", competency, name="competency"),
    path("people/<int:key>/products/", product, name="competency_product"),
    path("people/<int:key>/skills/", skill, name="competency_skill"),
    path("people/<int:key>/training/", training, name="competency_training"),
    path("people/<int:key>/training/<int:number>/", trained, name="competency_trained"),
]
