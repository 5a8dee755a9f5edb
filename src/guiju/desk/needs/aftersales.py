"""Needs of after-sales: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import timedelta

from guiju.desk import lists, scheduling
from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import AfterSales, ListEntry, Met, Solution
from guiju.desk.warranty import Payer
from guiju.estate.models import Unit
from guiju.kernel import ports
from guiju.kernel.clocks import open_of
from guiju.kernel.crypto import normalise_text
from guiju.kernel.engine import Context
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need
from guiju.org import queries
from guiju.org.models import Person
from guiju.org.posts import (
    CS_ASSISTANT_MANAGER,
    CS_MANAGER,
    DEPUTY_GM,
    GENERAL_MANAGER,
    QUALITY,
    SERVICE_MANAGER,
)

REVIEWERS = (SERVICE_MANAGER, CS_MANAGER, CS_ASSISTANT_MANAGER, QUALITY, DEPUTY_GM, GENERAL_MANAGER)
"""Posts of those who head a department: they review its operation reports (G-4.5)."""

REOPEN_DAYS = 7


@need("K-1-c", given=True)
def unit_is_ours(context: Context) -> str | None:
    """The unit lies in the case's project; a case belongs to a project."""
    given = context.given
    assert isinstance(given, forms.RecordForm)
    if context.case.scope_id is None:
        return "售后要登记在一个项目下，请先选房屋或项目"
    key = given.unit or context.subject("unit")
    if key is None:
        return None
    inside = Unit.objects.filter(pk=key, project_id=context.case.scope_id).exists()
    return None if inside else "这套房屋不在本项目"


@need("E-2.1-a", given=True)
def reported_is_past(context: Context) -> str | None:
    """The customer's report lies behind, and within the days of a late entry."""
    given = context.given
    assert isinstance(given, forms.RecordForm)
    if given.reported_at is None:
        return None
    if given.reported_at > context.recorded_at + timedelta(minutes=2):
        return "客户反映的时间不能晚于现在"
    if given.reported_at < context.recorded_at - timedelta(days=31):
        return "客户反映的时间最多补录 31 天以内"
    return None


@need("E-1.1-d", given=True)
def on_the_lists(context: Context) -> str | None:
    """Service type, nature, kind of solution and cause are on the lists of the company."""
    given = context.given
    for name, kind, words in (
        ("service", ListEntry.SERVICE, "服务类型"), ("nature", ListEntry.NATURE, "问题性质"),
        ("kind", ListEntry.SOLUTION, "方案类型"), ("cause", ListEntry.CAUSE, "根本原因"),
    ):  # fmt: skip
        code = getattr(given, name, "")
        if code and code not in lists.entries(kind):
            return f"{words}请从所列的选项中选"
    part = getattr(given, "part", "")
    if part and part not in forms.PART_CHOICES:
        return "部位请从所列的选项中选"
    return None


@need("C-3.3-c", given=True)
def earlier_exists(context: Context) -> str | None:
    """The case said to be repeated is another after-sales case of this project."""
    given = context.given
    number = getattr(given, "repeat_of", "") or getattr(given, "earlier", "")
    if not number:
        return None
    found = AfterSales.objects.filter(case__number=number, project_id=context.case.scope_id or 0).first()
    if found is None:
        return f"本项目没有编号为 {number} 的售后"
    return "不能关联为自己的重复" if found.case_id == context.case.pk else None


@need("F-3.1-b", given=True)
def details_are_clear(context: Context) -> str | None:
    """The first contact confirms the concrete situation; otherwise it does not count as contact."""
    given = context.given
    assert isinstance(given, forms.ContactForm)
    missing = [
        words
        for words, value in (
            ("问题在哪里", given.where), ("从什么时候起", given.since), ("造成什么影响", given.effect),
        )
        if len(value) < 2
    ]  # fmt: skip
    return f"联系客户要确认问题的具体情况，还没有问清：{'、'.join(missing)}" if missing else None


@need("C-3.2-d", given=True)
def investigation_is_named(context: Context) -> str | None:
    """Whoever finds that an investigation is needed says who investigates what."""
    given = context.given
    assert isinstance(given, forms.DiagnoseForm)
    if given.investigate and (not given.to_post or len(given.question) < 2):
        return "判断需要进一步调查的，要写明请谁调查、调查什么"
    return None


@need("C-3.2-d")
def investigation_is_done(context: Context) -> str | None:
    """No solution before the investigation has its result."""
    task = facts_of(context).investigating
    if task is None:
        return None
    number = f"（{task.memo.number}）" if task.memo is not None else ""
    return f"还在调查{number}：{task.subject}，有结果后再提方案"


@need("E-2.2-a")
def is_diagnosed(context: Context) -> str | None:
    """A preliminary analysis stands before a solution and before anybody is sent."""
    return None if facts_of(context).row.diagnosed_at is not None else "还没有根据客户问题作初步分析（诊断）"


@need("C-3.3-c", given=True)
def differs_from_earlier(context: Context) -> str | None:
    """A further solution is another one than those that were refused or did not work."""
    given = context.given
    assert isinstance(given, forms.ProposeForm)
    for earlier in facts_of(context).solutions:
        if normalise_text(earlier.words) == normalise_text(given.words):
            words = earlier.get_outcome_display()
            return f"这个方案与第 {earlier.attempt} 次的相同（{words}），请提供其他解决方案"
    return None


@need("E-1.1-d", given=True)
def return_is_mapped(context: Context) -> str | None:
    """退换货 of the goods SOP says what it is for a home: rectification, another room, the room returned, equipment."""
    given = context.given
    assert isinstance(given, forms.ProposeForm)
    if given.kind == "return_exchange" and given.equivalent not in lists.EQUIVALENTS:
        return "退换货要说明对应什么：整改、换房、退房或者更换设备"
    return None


@need("K-2.4-d", given=True)
def price_is_told(context: Context) -> str | None:
    """Where the customer bears the cost, the price is named before the work."""
    given = context.given
    assert isinstance(given, forms.ProposeForm)
    if facts_of(context).row.payer == Payer.OWNER and given.price is None:
        return "不在保修范围、费用由客户承担的，先报价再请客户决定"
    return None


@need("C-4.4-b", given=True)
def unmet_has_reason(context: Context) -> str | None:
    """A request refused or only partly met carries the reason and the alternative offered."""
    given = context.given
    met = getattr(given, "met", Met.FULL)
    if met == Met.FULL:
        return None
    if len(getattr(given, "met_why", "")) < 2 or len(getattr(given, "alternative", "")) < 2:
        return "不能（全部）满足客户要求的，要写明原因和替代办法"
    return None


@need("F-2.4-a")
def something_is_offered(context: Context) -> str | None:
    """There is a solution that waits for the customer's answer."""
    solution = facts_of(context).solution
    waits = solution is not None and solution.outcome == Solution.OFFERED
    return None if waits else "还没有向客户提出解决方案"


@need("F-2.4-a", given=True)
def price_is_agreed_in_writing(context: Context) -> str | None:
    """A price is agreed in writing or by message, not by word of mouth."""
    given = context.given
    assert isinstance(given, forms.ConsentForm)
    solution = facts_of(context).solution
    if solution is not None and solution.price and given.how not in ("signed", "message"):
        return "方案里有报价的，请客户书面签字或者回复短信、微信确认"
    return None


@need("F-2.4-a")
def customer_agreed(context: Context) -> str | None:
    """Work does not start before the customer's consent to the solution."""
    return None if facts_of(context).agreed else "客户还没有同意解决方案，不能安排处理"


@need("E-2.3-a", given=True)
def problem_is_confirmed(context: Context) -> str | None:
    """The problem is confirmed before a repair worker is sent."""
    given = context.given
    assert isinstance(given, forms.ArrangeForm)
    return (
        None
        if given.confirmed
        else "确认问题后才安排维修人员：请核对诊断与客户所说一致，再勾选「问题已确认」"
    )


@need("F-2.4-b", given=True)
def somebody_is_named(context: Context) -> str | None:
    """A person or a team is named; the person goes to customers in this project and works in the trade."""
    given = context.given
    assert isinstance(given, forms.ArrangeForm)
    if given.way not in forms.WAYS:
        return "请选上门、送修还是远程指导"
    if given.worker is None:
        return None if given.team or given.way == "remote" else "请安排相应的人员或者班组"
    person = Person.objects.filter(pk=given.worker, is_active=True).first()
    people = scheduling.technicians(
        company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.at
    )
    if person is None or person not in people:
        return "安排的人不是本项目的维修、上门人员"
    return None


@need("G-4.5-a")
def report_is_reviewed(context: Context) -> str | None:
    """The head of the department has reviewed the operation report, and found its result accurate."""
    facts = facts_of(context)
    if not facts.report_waits:
        return None
    if facts.row.accurate is False:
        return "操作报告的结果与实际不符，请办「更正服务记录」后请部门负责人再审"
    return "操作报告还没有经部门负责人审核和确认，不能关闭"


@need("G-4.5-a")
def report_waits_for_review(context: Context) -> str | None:
    """There is a report that nobody reviewed yet."""
    return None if facts_of(context).report_waits else "没有待审核的操作报告"


@need("G-4.5-a")
def reviewer_heads_the_department(context: Context) -> str | None:
    """The head of the department of whoever did the work reviews, and nobody reviews what they did themselves."""
    facts = facts_of(context)
    if not facts.report_waits:
        return None
    report = facts.report
    done_by = report.recorded_by_id if report is not None else None
    if done_by is None or context.by_id is None:
        return None
    if done_by == context.by_id:
        return "不能审核自己的操作报告"
    head = queries.head_over(done_by, company_id=context.case.chain_id, at=context.at)
    if head is None or head.pk == done_by or head.pk in {context.by_id, *context.posts.values()}:
        return None
    held = ports.people().posts_of(
        head.pk, company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.at
    )
    if not set(REVIEWERS) & set(held):
        return None
    return f"操作报告由部门负责人{head.name}审核"


@need("G-4.5-b", given=True)
def deviation_is_described(context: Context) -> str | None:
    """A deviation or an inaccurate result is described."""
    given = context.given
    assert isinstance(given, forms.ReviewReportForm)
    if (given.complied and given.accurate) or len(given.words.strip()) > 1:
        return None
    return "有偏离或者与实际不符的，请写明在哪里"


@need("I-1-p", given=True)
def recipient_is_named(context: Context) -> str | None:
    """A service for an internal customer names the department; one for a customer outside names none."""
    given = context.given
    assert isinstance(given, forms.RecordForm)
    if given.recipient not in forms.RECIPIENTS or given.product not in forms.PRODUCTS:
        return "服务对象和产品请从所列的选项中选"
    if given.recipient == AfterSales.INTERNAL and not given.department.strip():
        return "服务对象是内部客户的，请填部门"
    if given.recipient == AfterSales.EXTERNAL and given.department.strip():
        return "填了内部客户的部门，服务对象请选内部客户"
    return None


@need("E-2.4-a")
def nothing_is_on_the_way(context: Context) -> str | None:
    """No visit is open."""
    visits = facts_of(context).open_visits
    return f"上门 {visits[0].case.number} 还没有办完" if visits else None


@need("E-2.4-b", given=True)
def test_is_passed(context: Context) -> str | None:
    """What does not pass goes back to work."""
    given = context.given
    assert isinstance(given, forms.TestForm)
    return None if given.passed else "检验不合格的，请办「检验不合格」退回处理"


@need("H-2.4-a", given=True)
def customer_says_solved(context: Context) -> str | None:
    """The customer confirms that the problem is solved for good."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    return None if given.solved else "客户没有确认问题彻底解决：请办「客户反映未解决」"


@need("H-2.4-a")
def customer_confirmed(context: Context) -> str | None:
    """No closing before the customer's confirmation."""
    row = facts_of(context).row
    if row.confirmed_at is not None and row.solved:
        return None
    return "还没有与客户确认问题彻底解决，不能关闭"


@need("F-2.5-b")
def customer_rated(context: Context) -> str | None:
    """The customer was asked how satisfied they are, or declined to say."""
    row = facts_of(context).row
    return (
        None if row.rated_at is not None or row.unrated_why else "还没有登记客户评价，客户不愿评价的登记原因"
    )


@need("A-2.3-a")
def solution_is_on_file(context: Context) -> str | None:
    """At least one solution was offered."""
    return None if facts_of(context).solutions else "还没有主动提供过解决方案，不能办结"


@need("A-2.2-a")
def cause_is_known(context: Context) -> str | None:
    """The root cause is coded."""
    given_cause = getattr(context.given, "cause", "")
    return None if facts_of(context).row.cause or given_cause else "还没有找出问题的根源：请选根本原因"


@need("E-3.2-b")
def measure_is_taken(context: Context) -> str | None:
    """Each diagnosed cause carries a measure."""
    return None if facts_of(context).row.measure else "还没有针对原因采取措施，不能办结"


@need("E-3.4-a")
def departments_are_done(context: Context) -> str | None:
    """Every department that was asked has given its result."""
    left = facts_of(context).open_tasks
    return f"还有 {len(left)} 项部门协调没有结果：{left[0].subject}" if left else None


@need("C-3.3-d")
def important_is_reported(context: Context) -> str | None:
    """What is important was reported to the superior."""
    row = facts_of(context).row
    return "重要事项还没有向上级汇报" if row.important and row.reported_at is None else None


@need("C-3.3-d")
def last_report_is_read(context: Context) -> str | None:
    """A further report goes up once the superior has read the last one."""
    row = facts_of(context).row
    unread = row.reported_at is not None and row.report_read_at is None
    return "上一次汇报上级还没有看，请等他看过或者直接联系" if unread else None


@need("C-3.3-d")
def report_waits(context: Context) -> str | None:
    """There is a report to read."""
    row = facts_of(context).row
    waits = row.reported_at is not None and row.report_read_at is None
    return None if waits else "没有待阅的汇报"


@need("C-3.3-b")
def within_the_window(context: Context) -> str | None:
    """A closed case opens again within the window; later it is a new case, linked as a repeat."""
    row = facts_of(context).row
    days = int(context.setting("reopen_days", REOPEN_DAYS))
    if row.closed_at is None:
        return "还没有关闭"
    if context.at > row.closed_at + timedelta(days=days):
        return f"关闭已超过 {days} 日，不再重新打开：请另行登记，并关联为重复"
    return None


@need("F-3.2-e")
def still_in_time(context: Context) -> str | None:
    """A later date is agreed before the original one is past."""
    due = next((clock.due_at for clock in open_of(context.case) if clock.name == "resolve"), None)
    if due is None:
        return "解决时限没有在走"
    if context.at > due:
        return f"原定 {due.astimezone(ZONE):%m-%d %H:%M} 前解决，已经过了：特殊情况要提前与客户沟通"
    return None


@need("F-3.2-f", given=True)
def date_is_ahead(context: Context) -> str | None:
    """The promised date lies ahead."""
    given = context.given
    when = getattr(given, "promised_at", None)
    return None if when is None or when > context.at else "约定的时间已经过了，请给出合理的解决时间"


@need("C-3.2-h", given=True)
def trade_is_known(context: Context) -> str | None:
    """The trade is one of ours."""
    trade = getattr(context.given, "trade", "")
    return None if not trade or trade in scheduling.TRADES else "工种请从所列的选项中选"


@need("A-2.3-b", given=True)
def new_owner_exists(context: Context) -> str | None:
    """The new owner works here and is another than the present one; one question at a time."""
    given = context.given
    assert isinstance(given, forms.TransferForm)
    facts = facts_of(context)
    if facts.asked is not None:
        return f"已请 {facts.asked.to_person.name} 接手，等他答复"
    found = person_named(context, given.to)
    if found is None:
        return f"公司里没有唯一的「{given.to}」"
    return f"{found.name} 已经是责任人" if found.pk == facts.row.owner_id else None


def person_named(context: Context, name: str) -> Person | None:
    """Return the one person of the case's company with this sign-in or name."""
    people = Person.objects.at_work().filter(company_id=context.case.chain_id, is_active=True)
    found = list(people.filter(username=name)[:2]) or list(people.filter(name=name)[:2])
    return found[0] if len(found) == 1 else None


@need("A-2.3-b")
def may_hand_over(context: Context) -> str | None:
    """The owner, or a manager, hands over."""
    facts = facts_of(context)
    if facts.row.owner_id == context.by_id or {CS_MANAGER, CS_ASSISTANT_MANAGER} & set(context.posts):
        return None
    return f"由责任人 {facts.row.owner.name} 或者经理移交"


@need("A-2.3-b")
def i_am_asked(context: Context) -> str | None:
    """Only who is asked answers."""
    asked = facts_of(context).asked
    if asked is None:
        return "没有待答复的移交"
    mine = asked.to_person_id in {context.by_id, *context.posts.values()}
    return None if mine else f"等 {asked.to_person.name} 答复"


@need("D-2.5-h")
def task_is_open(context: Context) -> str | None:
    """There is a task of another department without a result."""
    return None if facts_of(context).open_tasks else "没有等结果的部门协调"


@need("C-3.3-c")
def not_linked_yet(context: Context) -> str | None:
    """A case repeats one other."""
    row = facts_of(context).row
    return None if row.repeat_of_id is None else "已经关联为重复"


@need("H-2.3-g")
def waits_for_material(context: Context) -> str | None:
    """Something is awaited."""
    return None if facts_of(context).row.waiting_for else "没有在等物资"


@need("H-2.3-g")
def waits_for_nothing(context: Context) -> str | None:
    """Nothing is awaited yet."""
    row = facts_of(context).row
    return f"已经在等：{row.waiting_for}" if row.waiting_for else None


@need("E-1.4-a", given=True)
def entry_exists(context: Context) -> str | None:
    """The entry to correct is there."""
    given = context.given
    assert isinstance(given, forms.CorrectForm)
    count = len(facts_of(context).entries)
    return None if given.number <= count else f"服务记录只有 {count} 条"


@need("F-3.1-b")
def was_contacted(context: Context) -> str | None:
    """The customer was contacted and the details are clear before anybody judges."""
    if facts_of(context).row.contacted_at is not None:
        return None
    return "还没有与客户取得联系、确认问题的具体情况，不能诊断"


@need("H-3.1-e")
def escalated(context: Context) -> str | None:
    """Something was brought to the superior."""
    row = facts_of(context).row
    waits = row.escalated_at is not None and row.stepped_in_at is None
    return None if waits else "没有要上级过问的事"


@need("F-2.2-b")
def is_remote(context: Context) -> str | None:
    """It was to be solved without a visit."""
    return "已经安排上门" if facts_of(context).open_visits or facts_of(context).row.way == "visit" else None


@need("E-2.3-b")
def work_was_arranged(context: Context) -> str | None:
    """Somebody was named to do it."""
    return None if facts_of(context).row.assigned_at is not None else "还没有安排人员处理"


@need("F-2.5-b")
def not_rated(context: Context) -> str | None:
    """A case is rated once."""
    row = facts_of(context).row
    return "已经登记过评价" if row.rated_at is not None or row.unrated_why else None


@need("C-3.3-d")
def not_marked(context: Context) -> str | None:
    """It is not marked yet."""
    return "已经标为重要" if facts_of(context).row.important else None


@need("H-2.3-a")
def nobody_is_on_the_way(context: Context) -> str | None:
    """Nobody is at work at the customer's."""
    busy = [visit for visit in facts_of(context).open_visits if visit.departed_at is not None]
    return f"上门 {busy[0].case.number} 正在进行，不能撤回" if busy else None
