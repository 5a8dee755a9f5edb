"""Needs of a signing: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Q

from guiju.customers.identity import decide, problems
from guiju.customers.models import AuthorityLetter, Customer
from guiju.estate.models import Control
from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.money import money
from guiju.kernel.process import need
from guiju.sales.forms import AgentForm
from guiju.sales.limits import down_problem, settings_now
from guiju.sales.models import ContractText, Deal, DealChange, Payment, Signing, SigningPaper, Subscription
from guiju.sales.signing_facts import (
    EXPIRED,
    MISSING,
    Prepared,
    SigningFacts,
    facts_of,
    template_in_force,
)
from guiju.sales.signing_forms import (
    ArchiveForm,
    ClauseKind,
    CollectForm,
    DecideClauseForm,
    DraftForm,
    PapersForm,
    ReviewForm,
    SignaturesForm,
    SignerRow,
    SignForm,
)

CONVERTED_IN = "sealed"


def subscription_at_opening(context: Context) -> Subscription | None:
    """Return the subscription in force that a signing is opened for: the one linked, or that of the unit."""
    if "subscription" not in context.kept:
        rows = Subscription.objects.select_related("deal", "unit__building", "unit__project", "case")
        case_id, unit_id = context.subject("case"), context.subject("unit")
        found = rows.filter(case_id=case_id).first() if case_id else None
        if found is None and unit_id:
            found = (
                rows.filter(unit_id=unit_id, deal__live=True, case__closed_at=None).order_by("-pk").first()
            )
        context.kept["subscription"] = found
    found = context.kept["subscription"]
    assert found is None or isinstance(found, Subscription)
    return found


@need("I-5.3-0")
def subscription_in_force(context: Context) -> str | None:
    """A signing follows a subscription that is sealed, and a deal has one open signing."""
    row = subscription_at_opening(context)
    if row is None or row.deal is None or row.unit.project_id != context.case.scope_id:
        return "这套房没有生效的认购，不能预约签约"
    if row.case.state != CONVERTED_IN:
        return "《房产认购书》盖章生效以后才能预约签约"
    other = Signing.objects.filter(deal=row.deal, open=True).select_related("case").first()
    return f"已有签约事项 {other.case.number}" if other is not None else None


@need("I-5.1-4c", given=True)
def within_the_window(context: Context) -> str | None:
    """The appointment lies ahead and not after the signing deadline; the lawyer comes for a bank that is chosen."""
    given = context.given
    signing_at, lawyer = getattr(given, "signing_at", None), bool(getattr(given, "lawyer", False))
    facts = context.facts
    row = facts.row.subscription if isinstance(facts, SigningFacts) else subscription_at_opening(context)
    if signing_at is None or row is None:
        return None
    due = row.signing_due_date
    if due is not None and local_date(signing_at) > due:
        return f"签约期限是 {due:%Y-%m-%d}，约定时间超过了，请先办延期"
    if signing_at <= context.at:
        return "约定的签约时间应在现在以后"
    if lawyer and row.deal is not None and not row.deal.bank:
        return "还没有选定银行，不能同时约律师办理按揭"
    return None


@need("domain 1.17；民法典 1121")
def buyers_live(context: Context) -> str | None:
    """With a buyer's death everything waits for the heirs."""
    facts = context.facts
    if not isinstance(facts, SigningFacts):
        return None
    dead = [b.customer.name for b in facts.buyers if b.customer.deceased_date is not None]
    return f"买受人{'、'.join(dead)}已去世，待继承人办理" if dead else None


@need("I-5.3-4c", given=True)
def papers_are_named(context: Context) -> str | None:
    """Every line names a paper of the list; what is missing carries the day promised, what is waived the reason."""
    given = context.given
    assert isinstance(given, PapersForm)
    known = {paper.position: paper for paper in facts_of(context).papers}
    day = local_date(context.at)
    for line in given.papers:
        paper = known.get(line.paper)
        if paper is None:
            return f"清单里没有第 {line.paper} 项"
        if line.not_needed:
            if not line.note:
                return f"{paper.name}不需要的，请写明原因"
            continue
        if line.received and not line.original_seen:
            return f"{paper.name}：收资料要核对原件"
        if line.received and line.valid_until is not None and line.valid_until < day:
            return f"{paper.name}已于 {line.valid_until:%Y-%m-%d} 过期，请客户更换"
        if not line.received and line.promised_date is None:
            return f"{paper.name}没有收到，请填客户答应补交的日期"
    return None


@need("I-2.1-q", given=True)
def buyer_exists(context: Context) -> str | None:
    """The buyer meant is one of the deal's."""
    count = len(facts_of(context).buyers)
    return None if getattr(context.given, "buyer", 0) <= count else f"只有 {count} 位买受人"


def _bad(lines: list[Prepared]) -> str | None:
    expired = [f"{line.title}（至 {line.valid_until}）" for line in lines if line.state == EXPIRED]
    if expired:
        return f"签约准备文件已过期：{'、'.join(expired)}，更新后再签约"
    missing = [line.title for line in lines if line.state == MISSING]
    return f"签约准备文件不齐，还缺：{'、'.join(missing)}" if missing else None


@need("I-5.3-1")
def documents_are_ready(context: Context) -> str | None:
    """All documents of the preparation list lie ready and are in force on the day of signing (I-5.3-1a to 1l)."""
    facts = facts_of(context)
    return _bad(facts.prepared(max(facts.day, local_date(context.at))))


@need("I-5.3-1", given=True)
def set_is_complete(context: Context) -> str | None:
    """Somebody went through the list and put the documents together as one set (I-2.1-k)."""
    return None if getattr(context.given, "complete", False) else "请按清单逐项核对，文件齐全成套后再确认"


@need("I-5.3-2a")
def template_is_there(context: Context) -> str | None:
    """There is a released model contract in force on the day of signing."""
    facts = facts_of(context)
    found = template_in_force(facts.row.project_id, max(facts.day, local_date(context.at)))
    return None if found is not None else "没有在用的合同范本，请签约主管先发布范本"


@need("I-5.3-2a", given=True)
def terms_are_sound(context: Context) -> str | None:
    """Terms are filled in, fair to both sides (GF 8, 12), and due days are of the plan."""
    given = context.given
    assert isinstance(given, DraftForm)
    facts = facts_of(context)
    template = template_in_force(facts.row.project_id, max(facts.day, local_date(context.at)))
    if template is None:
        return None  # template_is_there says so
    missing = [label for name, label in TERMS.items() if term(given, template.terms, name) in (None, "")]
    if missing:
        return f"合同范本没有规定、也没有填：{'、'.join(missing)}"
    late, handover = (
        Decimal(str(term(given, template.terms, name))) for name in ("late_pay_rate", "late_handover_rate")
    )
    if handover < late:
        return "逾期交付的违约金比例不能低于逾期付款的（买卖合同第八条、第十二条）"
    plan = facts.plan
    for line in given.due:
        if line.line > len(plan):
            return f"付款计划只有 {len(plan)} 期"
        if plan[line.line - 1].get("loan"):
            return f"第 {line.line} 期是贷款，按放款条件支付，不填日期"
    numbers = {str(clause.get("number")) for clause in template.clauses}
    unknown = [changed.clause for changed in given.changed if changed.clause not in numbers]
    if unknown:
        return f"范本没有第 {'、'.join(unknown)} 条"
    unready = [annex.name for annex in given.annexes if not annex.ready]
    return f"附件还没有备好：{'、'.join(unready)}" if unready else None


TERMS = {
    "late_pay_rate": "逾期付款违约金",
    "late_handover_rate": "逾期交付违约金",
    "rescind_after_days": "逾期多少日可解除",
    "rescind_percent": "解除时的违约金",
    "handover_date": "交付日期",
}


def term(given: DraftForm, standard: dict[str, object], name: str) -> object:
    """Return a term as filled in, else as the model contract has it."""
    value = getattr(given, name)
    return value if value is not None else standard.get(name)


@need("I-5.3-2a")
def price_is_the_subscribed(context: Context) -> str | None:
    """The contract is filled with the price of the subscription, and the plan adds up to it (domain 2.4)."""
    facts = facts_of(context)
    total = facts.deal.total_price
    if total is None:
        return "没有成交总价，不能填制合同"
    planned = sum((Decimal(str(line["amount"])) for line in facts.plan), Decimal(0))
    if planned != total:
        return f"付款计划合计 {money(planned)}，应等于成交总价 {money(total)}"
    return None


@need("I-5.3-2a")
def down_payment_reaches(context: Context) -> str | None:
    """What is paid down reaches the least share that holds on the day of signing (domain 1.11, 2.4)."""
    deal = facts_of(context).deal
    if deal.total_price is None or not deal.payment:
        return None
    settings, payment = settings_now(context), Payment(deal.payment)
    return down_problem(deal.unit, payment, total=deal.total_price, down=deal.down_payment, settings=settings)


@need("I-2.1-l")
def points_are_there(context: Context) -> str | None:
    """Something was negotiated that nobody has checked yet."""
    waiting = [point for point in facts_of(context).points if point.checked_at is None]
    return None if waiting else "没有待审核的谈判要点"


@need("I-2.1-l", given=True)
def points_are_settled(context: Context) -> str | None:
    """Every point has a result, and who checks it is another than who negotiated."""
    if not getattr(context.given, "agreed", False):
        return "谈判结果不在授权范围内的，不能签约，请继续协商或上报"
    waiting = [point for point in facts_of(context).points if point.checked_at is None]
    unsettled = [point.subject for point in waiting if not point.result]
    if unsettled:
        return f"还没有谈判结果：{'、'.join(unsettled)}"
    if any(point.recorded_by == context.by_id for point in waiting):
        return "谈判的人不能审核自己的谈判结果"
    return None


@need("I-2.1-m", given=True)
def clause_can_be_decided(context: Context) -> str | None:
    """The clause waits for a decision, and who decides is not who proposed; a refusal gives its reason."""
    given = context.given
    assert isinstance(given, DecideClauseForm)
    found = next((clause for clause in facts_of(context).clauses if clause.position == given.number), None)
    if found is None:
        return f"没有第 {given.number} 条补充条款或服务内容"
    if found.accepted is not None:
        return f"第 {given.number} 条已经评审过"
    if found.kind != KIND_OF.get(context.step.name):
        return "服务内容由销售按合同评审程序评审，补充条款由授权人审核放行"
    if found.proposed_by == context.by_id:
        return "不能评审自己提出的条款"
    if given.decision.value == "refuse" and not given.opinion:
        return "不同意的，请写明评审意见"
    return None


KIND_OF = {"release_clause": ClauseKind.CLAUSE.value, "review_service": ClauseKind.SERVICE.value}


@need("I-5.3-3a")
def text_is_not_taken(context: Context) -> str | None:
    """A signing takes one set at a time."""
    text = facts_of(context).text
    return None if text is None else f"已领取合同文本 {text.serial}"


@need("I-5.3-3a", given=True)
def text_is_in_stock(context: Context) -> str | None:
    """The set asked for is in stock, of the model contract in force."""
    given = context.given
    assert isinstance(given, CollectForm)
    facts = facts_of(context)
    template = template_in_force(facts.row.project_id, max(facts.day, local_date(context.at)))
    rows = ContractText.objects.filter(project_id=facts.row.project_id, state=ContractText.STOCK)
    if template is not None:
        rows = rows.filter(template=template)
    if given.serial:
        return (
            None
            if rows.filter(serial=given.serial).exists()
            else f"库存中没有现行范本的合同文本 {given.serial}"
        )
    return None if rows.exists() else "没有待用的合同文本，请签约主管先入库"


@need("I-5.3-3b")
def text_is_taken(context: Context) -> str | None:
    """There is a set to give back or to void."""
    return None if facts_of(context).text is not None else "还没有领取合同文本"


@need("I-5.3-4a", given=True)
def every_buyer_signed(context: Context) -> str | None:
    """Every buyer's signature was looked at: their own, or that of somebody whose authority covers the contract."""
    given = context.given
    assert isinstance(given, SignaturesForm)
    facts = facts_of(context)
    day = local_date(context.at)
    lines = {line.buyer: line for line in given.signers}
    if len(lines) != len(given.signers) or max(lines) > len(facts.buyers):
        return f"签字人按买受人的顺序填，每人一行，共 {len(facts.buyers)} 位"
    absent = [buyer.customer.name for place, buyer in enumerate(facts.buyers, 1) if place not in lines]
    if absent:
        return f"买受人{'、'.join(absent)}没有签字，全体买受人到场或者委托后才能签约"
    for place, line in sorted(lines.items()):
        buyer = facts.buyers[place - 1]
        who = f"买受人{buyer.customer.name}"
        if not line.every_page:
            return f"{who}的签字还没有逐页核对"
        if problem := _agent(context, line, buyer.customer, buyer.letter, day):
            return f"{who}：{problem}"
    return None


def _agent(
    context: Context, line: SignerRow, customer: Customer, letter: AuthorityLetter | None, day: date
) -> str | None:
    organisation = customer.kind == Customer.ORGANISATION
    if line.agent is not None:
        return _new_agent(context, line.agent, day, notarised=not organisation)
    if not line.by_agent:
        return "是单位，由经办人持授权委托书签字" if organisation else None
    if letter is None or letter.revoked_at is not None:
        return "没有登记有效的授权委托书"
    if letter.valid_until is not None and letter.valid_until < day:
        return f"授权已于 {letter.valid_until:%Y-%m-%d} 到期"
    return _covers(context, letter.matters, letter.notarised, letter.kind)


def _new_agent(context: Context, agent: AgentForm, day: date, *, notarised: bool) -> str | None:
    if problem := problems(agent.identity, on=day):
        return f"{agent.kind.label}{agent.name}：{problem}"
    if not decide(agent.identity).number:
        return f"{agent.kind.label}{agent.name}：请填证件号码"
    if agent.attachment is None:
        return f"{agent.kind.label}{agent.name}：请上传授权委托书或关系证明"
    if agent.valid_until is not None and agent.valid_until < day:
        return f"授权已于 {agent.valid_until:%Y-%m-%d} 到期"
    return _covers(context, agent.matters, agent.notarised or not notarised, agent.kind.value)


def _covers(context: Context, matters: str, notarised: bool, kind: str) -> str | None:
    if kind == AuthorityLetter.GUARDIAN:
        return None
    if not any(word in matters for word in ("签约", "签订", "签署", "买卖合同", "购房")):
        return f"授权事项是「{matters}」，没有包括签订买卖合同"
    if kind == AuthorityLetter.AGENT and not notarised and int(context.setting("notarised", 1)):
        return "委托他人签约的，授权委托书须公证"
    return None


@need("I-5.3-4b")
def money_is_there(context: Context) -> str | None:
    """What is due at signing has come (domain 2.4: payment short, no signing)."""
    facts = facts_of(context)
    due = facts.due(max(facts.day, local_date(context.at)))
    if facts.received >= due:
        return None
    return (
        f"签约时应付 {money(due)}，实收 {money(facts.received)}，还差 {money(due - facts.received)}，不能签约"
    )


@need("I-5.3-4b", given=True)
def money_was_compared(context: Context) -> str | None:
    """Somebody compared receipts with what is due."""
    return None if getattr(context.given, "agreed", False) else "请核对实收与应付，相符后再确认"


# --- the signature itself ---------------------------------------------------------------------------------------------
@need("I-5.3-1")
def prepared_and_checked(context: Context) -> str | None:
    """The preparation list was gone through before signing."""
    facts = facts_of(context)
    if facts.row.prepared_at is None:
        return "签约准备文件还没有核对"
    return _bad(facts.prepared(local_date(context.at)))


@need("I-5.3-2a")
def draft_is_current(context: Context) -> str | None:
    """The contract was filled in, and the deal has not changed since."""
    row = facts_of(context).row
    if row.drafted_at is None:
        return "合同还没有填制"
    now = Deal.objects.only("terms_version").get(pk=row.deal_id)
    if now.terms_version != row.drafted_version:
        return "填制合同以后成交条件变更过，请重新填制"
    current = template_in_force(row.project_id, local_date(context.at))
    if current is None or current.pk != row.template_id:
        return "填制合同以后范本换了版本，请用现行范本重新填制"
    return None


@need("I-5.3-3a")
def text_was_collected(context: Context) -> str | None:
    """The contract set was collected and signed for."""
    facts = facts_of(context)
    text = facts.text
    if text is None:
        return "销售还没有领取合同文本，并在合同领用登记表上签字"
    if facts.row.template_id is not None and text.template_id != facts.row.template_id:
        return f"领取的合同文本 {text.serial} 是{text.template}，与填制的范本不同，请退回换领"
    return None


@need("I-5.3-3d")
def list_was_given(context: Context) -> str | None:
    """The customer was told ahead of signing which papers to bring."""
    row = facts_of(context).row
    return None if row.list_given_at is not None else "《签约预约及所需提供资料表》还没有交给客户"


@need("I-2.1-m")
def clauses_are_released(context: Context) -> str | None:
    """No clause becomes part of the contract that nobody released; none is left undecided."""
    waiting = facts_of(context).clauses_waiting
    if not waiting:
        return None
    return (
        f"还没有评审放行：{'、'.join(f'{clause.get_kind_display()}「{clause.title}」' for clause in waiting)}"
    )


@need("K-3.1-b")
def clauses_are_written(context: Context) -> str | None:
    """What was released, services first of all, is written into the contract as items."""
    facts = facts_of(context)
    written = {int(item["position"]) for item in facts.row.draft.get("added", [])}
    left = [clause.title for clause in facts.clauses_accepted if clause.position not in written]
    return f"已同意的内容还没有写进合同：{'、'.join(left)}，请重新填制" if left else None


@need("I-2.1-l")
def points_are_checked(context: Context) -> str | None:
    """What was negotiated is checked before signing."""
    waiting = [point.subject for point in facts_of(context).points if point.checked_at is None]
    return f"谈判结果还没有审核：{'、'.join(waiting)}" if waiting else None


@need("I-5.3-4a")
def signatures_are_checked(context: Context) -> str | None:
    """Somebody checked the customer's signatures."""
    row = facts_of(context).row
    return None if row.signatures_checked_at is not None else "客户的签字还没有审查"


@need("I-5.3-4b")
def money_is_checked(context: Context) -> str | None:
    """Somebody checked what was paid; and it is still there."""
    facts = facts_of(context)
    if facts.row.money_checked_at is None:
        return "已交付的款费还没有核对"
    due = facts.due(local_date(context.at))
    if facts.received < due:
        return f"签约时应付 {money(due)}，实收 {money(facts.received)}，不能签约"
    return None


@need("I-5.3-4c")
def papers_are_complete(context: Context) -> str | None:
    """The papers needed for signing are here; those for the loan may follow, with their day promised."""
    facts = facts_of(context)
    if facts.row.papers_checked_at is None:
        return "客户提交的资料还没有核对"
    missing = [paper for paper in facts.papers_missing if not paper.for_loan]
    if missing:
        return f"客户资料不齐，还缺：{'、'.join(_named(paper) for paper in missing)}"
    day = local_date(context.at)
    expired = [p for p in facts.papers if p.needed and p.valid_until is not None and p.valid_until < day]
    return f"客户资料已过期：{'、'.join(_named(paper) for paper in expired)}" if expired else None


def _named(paper: SigningPaper) -> str:
    return f"{paper.customer.name}的{paper.name}" if paper.customer is not None else paper.name


@need("I-5.1-0")
def subscription_still_holds(context: Context) -> str | None:
    """The subscription is in force, and its unit waits for nobody else."""
    facts = facts_of(context)
    row = facts.row.subscription
    if row is None:
        return None
    state = Case.objects.values_list("state", flat=True).get(pk=row.case_id)
    if state != CONVERTED_IN:
        return "认购已经不在生效状态，不能签约"
    if facts.unit.control != Control.SUBSCRIBED:
        return f"{facts.unit.label}现在是「{Control(facts.unit.control).label}」，不能签约"
    return "房屋待核实，不能签约" if facts.unit.unverified else None


@need("I-5.3-0", given=True)
def signed_by_now(context: Context) -> str | None:
    """The day of signing is not ahead, nor before the contract was filled in."""
    given = context.given
    assert isinstance(given, SignForm)
    drafted = facts_of(context).row.drafted_at
    if given.signed_date > local_date(context.recorded_at):
        return "签约日期不能晚于今天"
    if drafted is not None and given.signed_date < local_date(drafted):
        return "签约日期不能早于填制合同的日期"
    return None


# --- after the signature ------------------------------------------------------------------------------------------------
@need("I-2.1-b", person=True)
def reviewer_is_apart(context: Context) -> str | None:
    """Who reviews neither sold nor handled the signing."""
    row = facts_of(context).row
    return "签约经办人和销售不能复核自己的合同" if context.by_id in (row.signed_by, row.sold_by_id) else None


@need("I-2.1-n", given=True)
def contract_is_complete(context: Context) -> str | None:
    """Signatures, annexes and copies are complete before the contract goes to approval."""
    given = context.given
    assert isinstance(given, ReviewForm)
    lacking = [
        words
        for words, there in (
            ("签字", given.signatures_ok),
            ("附件", given.annexes_ok),
            ("份数", given.copies_ok),
        )
        if not there
    ]
    return f"合同不齐：{'、'.join(lacking)}，请先退回补齐" if lacking else None


@need("J-2.1-a")
def two_hands(context: Context) -> str | None:
    """The salesperson hands over, somebody else takes over."""
    row = facts_of(context).row
    if row.sold_by_id is None:
        return "没有登记业务人员，不能移交"
    return "移交人和接收人应是两个人" if context.by_id == row.sold_by_id else None


@need("J-2.1-c")
def contract_is_sealed(context: Context) -> str | None:
    """Only a contract in force is archived."""
    contract = facts_of(context).contract
    if contract is None or not contract.live:
        return "合同已经终止，不能归档"
    return None if contract.sealed_at is not None else "合同还没有审批盖章，盖章后再归档"


@need("I-5.3-6a", given=True)
def dossier_is_complete(context: Context) -> str | None:
    """Contract, annexes and the customer's papers are in the customer file."""
    given = context.given
    assert isinstance(given, ArchiveForm)
    return None if given.complete else "合同、附件和客户资料入客户档案后再归档"


@need("I-5.3-0")
def only_before_signing(context: Context) -> str | None:
    """A signed contract is not cancelled here: an approved change or refund ends the deal, and this with it."""
    facts = facts_of(context)
    if facts.row.signed_at is None or not Deal.objects.filter(pk=facts.row.deal_id, live=True).exists():
        return None
    ending = DealChange.objects.filter(deal_id=facts.row.deal_id, approved_version__isnull=False)
    if ending.filter(Q(open=True) | Q(executed_at=context.at)).exists():
        return None
    return "合同已经签订，要退房请办「退房退款」，要更改请办「签约变更」"
