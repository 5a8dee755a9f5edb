"""Needs of a home visit: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.desk import scheduling
from guiju.desk.forms import visit as forms
from guiju.desk.models import AfterSales, VisitMaterial
from guiju.desk.parts import outlook, plain, wanted
from guiju.desk.scheduling import clash_words, overlapping, technicians, unqualified
from guiju.desk.visit_facts import facts_of
from guiju.kernel.clocks import open_of
from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need
from guiju.org.models import Person
from guiju.org.posts import CS_MANAGER, FOREMAN, SERVICE_MANAGER

LATE_AFTER = timedelta(minutes=10)
LONGEST = timedelta(hours=10)


def slot(context: Context) -> tuple[datetime | None, datetime | None, int | None]:
    """Return the slot and the person that the step leads to: what is given, else what stands."""
    given = context.given
    row = None if context.step.opens else facts_of(context).row
    starts = getattr(given, "starts_at", None) or (row.starts_at if row else None)
    ends = getattr(given, "ends_at", None)
    if ends is None and starts is not None:
        same = row is not None and starts == row.starts_at
        ends = row.ends_at if row is not None and same else None
        ends = ends or starts + timedelta(minutes=int(context.setting("slot_minutes", 60)))
    person = getattr(given, "technician", None) or (row.technician_id if row else None)
    return starts, ends, person


@need("H-2.2-b", given=True)
def is_for_a_case(context: Context) -> str | None:
    """A visit belongs to an open case of the same company."""
    given = context.given
    assert isinstance(given, forms.RequestForm)
    found = Case.objects.filter(number=given.for_case, chain_id=context.case.chain_id).first()
    if found is None:
        return f"没有编号为 {given.for_case} 的事项"
    return f"{given.for_case} 已结束，不能再安排上门" if found.closed_at is not None else None


@need("H-2.2-e", given=True)
def has_a_slot(context: Context) -> str | None:
    """The visit has a time slot: it begins before it ends, on one day, and lies ahead."""
    starts, ends, _ = slot(context)
    if starts is None or ends is None:
        return "请约定上门的时间"
    if ends <= starts:
        return "上门时段的结束要晚于开始"
    if ends - starts > LONGEST:
        return "一次上门的时段太长，请分几次约"
    if ends < context.recorded_at:
        return "约定的时间已经过了"
    return None


@need("H-2.2-e", given=True)
def slot_is_whole(context: Context) -> str | None:
    """A visit may be asked for without a time; one that is named is a slot."""
    return has_a_slot.ask(context) if slot(context)[0] is not None else None


@need("H-2.2-e", given=True)
def slot_is_free(context: Context) -> str | None:
    """One worker has no two visits at the same time."""
    starts, ends, person_id = slot(context)
    if starts is None or ends is None or person_id is None:
        return None
    found = overlapping(person_id, starts, ends, apart_from=context.case.pk or 0)
    if found is None:
        return None
    name = Person.objects.values_list("name", flat=True).get(pk=person_id)
    return f"{name}在这段时间有别的上门：{clash_words(found)}，请另约时间或另派人"


@need("H-2.2-f", given=True)
def worker_is_fit(context: Context) -> str | None:
    """The worker goes to customers here, works in the trade, and holds its certificate on the day."""
    starts, _, person_id = slot(context)
    if person_id is None:
        return None
    at = starts or context.at
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    people = technicians(company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.at)
    if person is None or person not in people:
        return "派的人不是本项目的维修、上门人员"
    trade = getattr(context.given, "trade", "") or ("" if context.step.opens else facts_of(context).row.trade)
    return unqualified(person, trade or "general", at.astimezone(ZONE).date())


@need("H-2.2-f", given=True)
def worker_is_named(context: Context) -> str | None:
    """Somebody is named before the time is fixed with the customer."""
    return None if slot(context)[2] is not None else "请先定由谁上门"


@need("H-2.2-e", given=True)
def trade_is_known(context: Context) -> str | None:
    """The trade is one of ours."""
    trade = getattr(context.given, "trade", "")
    return None if not trade or trade in scheduling.TRADES else "工种请从所列的选项中选"


@need("F-3.1-c", given=True)
def within_the_limit(context: Context) -> str | None:
    """The visit lies within the 48 hours of the case, or the customer wanted it later."""
    starts, _, _ = slot(context)
    row = facts_of(context).row
    asking = getattr(context.given, "later_why", "")
    if starts is None or asking or row.moves or row.no_shows:
        return None
    due = next((clock.due_at for clock in open_of(row.for_case) if clock.name == "visit"), None)
    if due is None or starts <= due:
        return None
    return f"应在 {due.astimezone(ZONE):%m-%d %H:%M} 前上门，约在更晚的，请写明客户为什么要晚"


@need("H-2.3-a")
def it_is_mine(context: Context) -> str | None:
    """The person sent takes the steps on site, or who leads them."""
    row = facts_of(context).row
    if row.technician_id is None or row.technician_id in {context.by_id, *context.posts.values()}:
        return None
    if {FOREMAN, SERVICE_MANAGER, CS_MANAGER} & set(context.posts):
        return None
    assert row.technician is not None
    return f"这次上门派给 {row.technician.name}，由他办理"


@need("H-2.3-a", given=True)
def call_lies_before(context: Context) -> str | None:
    """Whoever will be late calls before the appointed time, and says when."""
    given = context.given
    assert isinstance(given, forms.LateForm)
    row = facts_of(context).row
    if row.starts_at is not None and context.at > row.starts_at + LATE_AFTER:
        return "要迟到的，应在约定时间前打电话告知客户；已经过了的，到达时写明迟到原因"
    return None if given.expected_at > context.at else "预计到达的时间已经过了"


@need("H-2.3-a", given=True)
def lateness_is_explained(context: Context) -> str | None:
    """Who comes late without having called says why."""
    given = context.given
    assert isinstance(given, forms.ArriveForm)
    row = facts_of(context).row
    late = row.starts_at is not None and context.at > row.starts_at + LATE_AFTER
    if not late or row.called_late_at is not None or len(given.late_reason) >= 2:
        return None
    return "迟到又没有先打电话告知客户的，要写明迟到原因"


@need("H-2.3-c", given=True)
def before_is_pictured(context: Context) -> str | None:
    """Pictures before anything is touched."""
    given = context.given
    assert isinstance(given, forms.StartForm)
    least = int(context.setting("before_photos", 1))
    return None if len(given.before) >= least else f"动手前先拍修前照片，至少 {least} 张"


@need("H-2.3-c", given=True)
def something_is_checked(context: Context) -> str | None:
    """The inspection has its checklist; what is not in order is described."""
    given = context.given
    assert isinstance(given, forms.InspectForm)
    if not given.findings:
        return "要认真检查：请至少填一项检查和结果"
    silent = [one.item for one in given.findings if not one.ok and len(one.words) < 2]
    return f"不正常的要写明发现了什么：{'、'.join(silent)}" if silent else None


@need("H-2.3-e", given=True)
def agreement_names_somebody(context: Context) -> str | None:
    """Who agreed on site is named; a price is told before."""
    given = context.given
    assert isinstance(given, forms.InspectForm)
    if not given.agreed:
        return None
    if not given.who:
        return "请写明客户哪一位同意现场处理"
    row = AfterSales.objects.filter(case_id=facts_of(context).row.for_case_id).first()
    if row is not None and row.payer == "owner" and given.price is None:
        return "不在保修范围、费用由客户承担的，先报价再动手"
    return None


@need("H-2.3-d")
def cause_is_found(context: Context) -> str | None:
    """The root cause was found before the work is reported done."""
    return None if facts_of(context).row.cause else "还没有检查、找出问题的根源"


@need("F-2.4-a", given=True)
def customer_agreed(context: Context) -> str | None:
    """No work without the customer's consent; a visit that only diagnoses needs none."""
    given = context.given
    assert isinstance(given, forms.FinishForm)
    if given.only_diagnosis:
        return None
    row = facts_of(context).row
    case = AfterSales.objects.filter(case_id=row.for_case_id).select_related("case").first()
    if case is None or case.case.state == "working":
        return None
    return "客户还没有同意解决方案：请先在检查里记下客户同意，或者勾选「这次只诊断」"


@need("H-2.3-c", given=True)
def after_is_pictured(context: Context) -> str | None:
    """Pictures after the work, and how it was tested."""
    given = context.given
    assert isinstance(given, forms.FinishForm)
    if given.only_diagnosis:
        return None
    if not given.after:
        return "完工要拍修后照片，至少 1 张"
    if len(given.test) < 2:
        return "修好要测试，请写明怎样测试的"
    return None if len(given.measure) >= 2 else "请写明针对原因采取的措施"


@need("H-2.5-g", given=True)
def materials_are_known(context: Context) -> str | None:
    """What is used or asked for stands in the material list."""
    given = context.given
    assert isinstance(given, forms.UseForm | forms.AskForm)
    _, unknown = wanted(context.case.chain_id, [(one.material, one.quantity) for one in given.items])
    return f"物资目录里没有：{'、'.join(unknown)}" if unknown else None


@need("H-2.3-g")
def material_is_there(context: Context) -> str | None:
    """The visit waits until everything asked for is in stock."""
    short = [
        f"{one.material.name}要 {plain(one.quantity)} {one.material.measure}，{outlook(one.material)}"
        for one in facts_of(context).materials
        if one.state == VisitMaterial.ASKED and one.material.stock < one.quantity
    ]
    return f"物资还没有到：{'；'.join(short)}" if short else None


@need("H-2.3-a")
def appointment_is_near(context: Context) -> str | None:
    """Nobody sets out for a visit of another day."""
    row = facts_of(context).row
    if row.starts_at is None:
        return "还没有约定时间"
    ahead = row.starts_at.astimezone(ZONE).date() - context.at.astimezone(ZONE).date()
    return f"约在 {row.starts_at.astimezone(ZONE):%m-%d %H:%M}，还没到日子" if ahead.days > 0 else None


@need("H-2.3-a")
def appointment_is_past(context: Context) -> str | None:
    """Nobody missed an appointment that lies ahead."""
    row = facts_of(context).row
    if row.starts_at is not None and context.at < row.starts_at:
        return f"约在 {row.starts_at.astimezone(ZONE):%m-%d %H:%M}，还没到时间"
    return None
