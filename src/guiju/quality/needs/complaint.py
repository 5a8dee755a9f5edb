"""Needs of the complaint (K-2.1 to K-2.6, I-2.8, A-4)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need
from guiju.org import posts
from guiju.org.models import Person
from guiju.quality import people
from guiju.quality.choices import BY_CLERK, OWN_REMEDIES, Fault, Level, Remedy
from guiju.quality.forms import complaint as forms
from guiju.quality.models import Complaint, CorrectiveAction, RecordEntry
from guiju.quality.record import Facts, case_numbered, facts_of

REOPEN = timedelta(days=7)
ENDED = ("done", "left", "closed")


def _row(context: Context) -> Complaint:
    row: Complaint = facts_of(context).row
    return row


@need("A-4.1-a")
def not_about_me(context: Context) -> str | None:
    """Nobody handles a complaint about himself (domain 2.14)."""
    row = _row(context)
    if row.about_person_id is not None and row.about_person_id == context.by_id:
        return "投诉的是你本人，请交给别人处理"
    return None


@need("K-2.1-j")
def is_not_quality(context: Context) -> str | None:
    """Negotiation is for what is no quality problem."""
    quality = _row(context).quality
    if quality is None:
        return "请先判定是不是质量问题"
    return "质量问题由专人提出方案、交质检部处理，不走协商" if quality else None


@need("K-2.1-n")
def is_quality(context: Context) -> str | None:
    """Plan, opinion and delegation are for quality problems."""
    quality = _row(context).quality
    if quality is None:
        return "请先判定是不是质量问题"
    return None if quality else "不属质量问题，由接待人员与顾客协商解决"


@need("K-2.1-m")
def is_person_in_charge(context: Context) -> str | None:
    """The plan of a quality complaint is made by the person in charge of such information (K-2.1-a, n)."""
    clerk = people.complaint_clerk(context.case.chain_id)
    if clerk is None or context.by_id is None:
        return None
    if context.by_id == clerk.pk or clerk.pk in context.posts.values():
        return None
    row = _row(context)
    if row.handler_id == context.by_id and row.channel not in BY_CLERK:
        return None
    return f"质量投诉的方案由专人{clerk.name}制定"


@need("K-2.1-p", given=True)
def letters_go_along(context: Context) -> str | None:
    """The customer's letters are attached and passed on, or it is said that there are none."""
    given = context.given
    assert isinstance(given, forms.HandOverForm)
    facts = facts_of(context)
    entry = facts.last("recorded")
    there = bool(given.letters) or bool(entry and entry.data.get("letters"))
    if there or given.no_letters:
        return None
    return "顾客投诉函件等要一并交到质检部：请上传，没有的请勾选「没有函件」"


@need("K-2.1-q")
def analysis_is_written(context: Context) -> str | None:
    """The analysis with the departments invited comes before the opinion."""
    if facts_of(context).since("analysis", "handed_over") is None:
        return "质检部会同有关部门分析并提出措施意见后，才能填写处理意见"
    return None


@need("K-2.3-d", given=True)
def delegate_is_qualified(context: Context) -> str | None:
    """The technician sent holds a valid certificate (K-2.3)."""
    given = context.given
    assert isinstance(given, forms.DelegateForm)
    person = people.person_named(
        given.person, company_id=context.case.chain_id, field="person", label="被委派人"
    )
    row = _row(context)
    if row.about_person_id == person.pk:
        return f"投诉的是{person.name}本人，请委派别人"
    problem = people.qualified(person.pk, given.qualification, on=context.at.astimezone(ZONE).date())
    return f"{person.name}{problem}，不能委派" if problem else None


@need("K-2.2-a")
def is_the_delegate(context: Context) -> str | None:
    """Only the technician delegated reads, arrives and investigates."""
    row = _row(context)
    if (
        row.delegate_id is None
        or row.delegate_id == context.by_id
        or row.delegate_id in context.posts.values()
    ):
        return None
    name = Person.objects.filter(pk=row.delegate_id).values_list("name", flat=True).first()
    return f"被委派的是{name}，由本人办理"


@need("K-2.2-a", given=True)
def reading_is_confirmed(context: Context) -> str | None:
    """The delegate says that the opinion was read."""
    given = context.given
    assert isinstance(given, forms.ReadForm)
    return None if given.confirmed else "请看完处理意见再确认阅知"


@need("K-2.2-a")
def opinion_is_read(context: Context) -> str | None:
    """Nobody goes on site without having read the opinion."""
    facts = facts_of(context)
    if facts.since("read", "delegated") is None:
        return "被委派人还没有确认阅读处理意见"
    return None


@need("K-2.4-b", given=True)
def cause_is_found(context: Context) -> str | None:
    """The investigation carries the cause; without it nothing is recorded as found."""
    given = context.given
    assert isinstance(given, forms.InvestigateForm)
    if given.cause is None or not given.reason.strip():
        return "必须仔细了解产品质量问题的产生原因：请选原因类别，写明产生原因"
    return None


@need("K-2.4-b")
def investigated(context: Context) -> str | None:
    """A decision needs the cause."""
    if facts_of(context).since("investigated", "delegated") is None:
        return "还没有查明产生原因，不能作处理决定"
    return None


@need("K-2.4-c", given=True)
def remedy_fits_fault(context: Context) -> str | None:
    """Own fault leads to rectification, exchange or return; misuse to paid service (K-2.4-c, d)."""
    given = context.given
    assert isinstance(given, forms.DecideForm)
    if given.fault is Fault.OWN and given.remedy not in OWN_REMEDIES:
        return "属本公司产品质量问题的，应给予整改、换房或退房"
    if given.fault is Fault.MISUSE and given.remedy is not Remedy.PAID:
        return "属顾客使用不当造成质量问题的，应为有偿服务"
    if given.fault in (Fault.OTHERS, Fault.NONE) and given.remedy in (Remedy.EXCHANGE, Remedy.RETURN):
        return "不属本公司产品质量问题，不能换房、退房"
    return None


@need("K-2.4-d", given=True)
def offer_is_told(context: Context) -> str | None:
    """A paid service is decided on an offer that the customer knows: the price, and who pays it (K-2.4-d)."""
    given = context.given
    assert isinstance(given, forms.DecideForm)
    if given.remedy is not Remedy.PAID:
        return None
    missing = [
        label
        for label, there in (
            ("有偿服务报价", given.paid_amount is not None), ("由谁付款", bool(given.payer.strip())),
            ("已告知顾客", given.told),
        )
        if not there
    ]  # fmt: skip
    if missing:
        return f"有偿服务要先报价、说明由谁付款并告知顾客，还缺：{'、'.join(missing)}"
    return None


@need("E-2.4-a", given=True)
def test_is_passed(context: Context) -> str | None:
    """What was repaired is tested, with a result, before it is reported as done."""
    given = context.given
    assert isinstance(given, forms.ExecuteForm)
    return None if given.passed else "测试合格后才能填写处理实施情况；不合格的请继续处理"


@need("E-2.4-b")
def quality_is_checked(context: Context) -> str | None:
    """A repair was checked by somebody, and passed, after the last execution."""
    facts = facts_of(context)
    row = _row(context)
    if row.remedy != Remedy.RECTIFY.value:
        return None
    found = facts.since("checked", "executed")
    if found is None:
        return "维修后还没有做质量检查"
    return None if found.data.get("passed") else "质量检查不合格，请退回返工"


@need("E-2.4-b")
def checker_is_another(context: Context) -> str | None:
    """Who repaired does not check."""
    done = facts_of(context).last("executed")
    if done is not None and done.entered_by_id == context.by_id:
        return "处理人不能检查自己的处理结果"
    return None


CHECKING = "质量检验"


@need("K-2.3-b")
def checker_is_qualified(context: Context) -> str | None:
    """Whoever checks a repair has the qualification for it on record, and valid (K-2.3-b)."""
    name = str(context.setting("check_certificate", CHECKING))
    if context.by_id is None:
        return None
    problem = people.qualified(context.by_id, name, on=context.at.astimezone(ZONE).date())
    return f"检验员应由具备相应专业技术的人担任：你{problem}，不能检查" if problem else None


@need("K-2.5-b", given=True)
def customer_confirms(context: Context) -> str | None:
    """The customer confirms the execution and signs (K-2.5-b, c)."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    if not given.agreed:
        return "顾客没有确认处理实施情况；不认可的请办「返工」"
    if given.signature is None:
        return "请顾客在记录表上签名"
    return None


@need("K-2.1-k")
def customer_is_satisfied(context: Context) -> str | None:
    """A complaint is not closed before the customer's satisfaction is recorded."""
    row = _row(context)
    if row.satisfied:
        return None
    if row.quality is None:
        return "请先判定是不是质量问题"
    return "还没有得到顾客满意的答复；不能取得满意的，报客户服务部经理批准后办「未满意办结」"


@need("K-2.6-a")
def record_is_back(context: Context) -> str | None:
    """The record of a quality complaint goes back to the quality department before the end."""
    row = _row(context)
    if row.quality and facts_of(context).since("handed_in", "executed") is None:
        return "记录表还没有交回质检部"
    return None


@need("I-2.8-d")
def customer_has_answer(context: Context) -> str | None:
    """The customer was answered: a reply, a round of negotiation, or the confirmation on site."""
    facts = facts_of(context)
    if any(facts.last(kind) for kind in ("replied", "round", "confirmed")):
        return None
    return "还没有答复顾客"


@need("I-2.8-d")
def has_ticket(context: Context) -> str | None:
    """Only a complaint that came by a ticket has one to answer."""
    return None if _row(context).ticket else "没有外部工单"


@need("I-2.8-d")
def ticket_is_returned(context: Context) -> str | None:
    """
    A ticket is answered to the office that sent it, not to the customer only: its limit stands there (domain 1.14). Where
    it was recorded several times, one answers for all.
    """
    row = _row(context)
    if not row.ticket:
        return None
    again, lead = facts_of(context).last("reopened"), row.parent_id or row.pk
    one = Complaint.objects.filter(Q(pk=lead) | Q(parent=lead), ticket=row.ticket).values("case_id")
    answers = RecordEntry.objects.filter(
        kind="ticket_returned", case__in=one, pk__gt=again.pk if again else 0
    )
    return None if answers.exists() else f"外部工单 {row.ticket} 还没有回复，请先办「回复工单」"


@need("I-2.8-h")
def incident_is_reviewed(context: Context) -> str | None:
    """An incident ends with measures and a closing review."""
    row, facts = _row(context), facts_of(context)
    if not row.incident:
        return None
    if facts.last("measure") is None:
        return "突发事件还没有记录处置措施和责任人"
    return None if facts.last("reviewed") else "突发事件还没有做处置复盘"


def needs_corrective(row: Complaint) -> bool:
    """Whether a corrective action must be under way: own fault, level L3 or L4, a second complaint (K-2.6-b)."""
    return row.fault == Fault.OWN.value or row.level in ("L3", "L4") or row.repeat_of_id is not None


@need("K-2.6-b")
def corrective_is_under_way(context: Context) -> str | None:
    """A complaint that needs a corrective action ends only when the responsible department has taken it on."""
    row = _row(context)
    if not needs_corrective(row):
        return None
    sources = [context.case.pk, *([row.parent.case_id] if row.parent is not None else [])]
    found = list(
        CorrectiveAction.objects.filter(source_id__in=sources, kind="corrective").select_related("case")
    )
    if not found:
        return "应由质检部填写「纠正措施通知单」交责任部门，现在还没有"
    # What the quality department did not issue for a reason counts, but not where the company's own quality failed.
    idle = ("raised", "issued", *(["dropped"] if row.fault == Fault.OWN.value else []))
    waiting = [one.case.number for one in found if one.case.state in idle]
    if len(waiting) == len(found):
        return f"纠正措施通知单 {waiting[0]} 责任部门还没有签收"
    return None


@need("I-2.8-c")
def others_are_done(context: Context) -> str | None:
    """No work order of a contractor hangs on it still."""
    open_ = list(
        Case.objects.filter(contractor_work__source_id=context.case.pk, closed_at=None).values_list(
            "number", flat=True
        )
    )
    return f"责任单位维修 {'、'.join(open_[:3])} 还没有办结" if open_ else None


@need("K-2.1-k", given=True)
def attempts_are_told(context: Context) -> str | None:
    """Who could not be reached was tried three times (domain 2.14)."""
    given = context.given
    assert isinstance(given, forms.LeaveForm)
    if given.ground is forms.Ground.UNREACHABLE and len(_tries(facts_of(context))) < 3:
        return "联系不上的，要有三次以上联系记录（办「向顾客反馈」），并寄书面通知"
    return None


def _tries(facts: Facts) -> set[object]:
    kinds = ("feedback", "contacted", "replied", "round")
    return {entry.entered_at.astimezone(ZONE).date() for entry in facts.entries if entry.kind in kinds}


@need("I-2.8-f")
def recently_closed(context: Context) -> str | None:
    """Reopening is for seven days; afterwards it is a second complaint (DECISIONS 23)."""
    closed = context.case.closed_at
    if closed is None or context.at - closed > REOPEN:
        return "办结超过 7 天，请另登一件投诉，系统会按二次投诉关联"
    return None


@need("I-2.8-c", given=True)
def parent_fits(context: Context) -> str | None:
    """The parent is another complaint of the company that is no child itself."""
    given = context.given
    assert isinstance(given, forms.GroupForm)
    case = case_numbered(given.parent, company_id=context.case.chain_id)
    found = Complaint.objects.filter(case=case).first() if case is not None else None
    if found is None or found.case_id == context.case.pk:
        return f"没有编号为 {given.parent} 的另一件投诉"
    if found.parent_id is not None:
        return f"{given.parent} 已并入别的投诉，请填主投诉编号"
    led = Complaint.objects.filter(parent=_row(context).pk or 0).select_related("case").order_by("pk").first()
    if led is not None:
        return f"{led.case.number} 等已并入本投诉，请把 {given.parent} 并进来"
    return None


LOWER = (posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER, posts.QUALITY)


@need("I-2.8-c", given=True)
def level_is_grave_enough(context: Context) -> str | None:
    """No level lies below what the facts make it, and who handles a complaint does not make it lighter (domain 2.14)."""
    given = context.given
    assert isinstance(given, forms.LevelForm)
    row, level = _row(context), given.level.value
    homes = set(Complaint.objects.filter(parent=row.pk or 0).values_list("unit_id", flat=True)) | {
        row.unit_id
    }
    for least, why, there in (
        (Level.L4, "突发事件", row.incident), (Level.L3, "外部工单", bool(row.ticket)),
        (Level.L3, "群体投诉", len(homes) >= int(context.setting("group_units", 3))),
        (Level.L2, "二次投诉", row.repeat_of_id is not None), (Level.L2, "重要客户的投诉", row.important),
    ):  # fmt: skip
        if there and level < least.value:
            return f"{why}不能低于{least.label}"
    if level < (row.level or "L1") and not any(post in context.posts for post in LOWER):
        return "处理人不能降级，请客服经理、主管副总或者质检部办理"
    return None


@need("I-2.8-g")
def is_incident(context: Context) -> str | None:
    """Measures and review belong to incidents."""
    return None if _row(context).incident else "不是突发事件，不用办这一步"
