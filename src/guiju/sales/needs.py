"""Needs of the subscription: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db.models import QuerySet

from guiju.customers.identity import decide, problems
from guiju.customers.models import Customer
from guiju.customers.operations.entries import is_minor
from guiju.estate.models import Control, Permit, Unit
from guiju.estate.operations.control import holds, taken_text
from guiju.estate.places import unit_at
from guiju.estate.seizures import seized_text
from guiju.kernel.crypto import blind_index, normalise_text
from guiju.kernel.engine import Context
from guiju.kernel.models import CaseLink
from guiju.kernel.money import money
from guiju.kernel.numbering import ZONE
from guiju.kernel.prepared import prepared
from guiju.kernel.process import need
from guiju.sales import pricing
from guiju.sales.facts import facts_of
from guiju.sales.forms import AgentKind, HandInForm, How
from guiju.sales.limits import down_problem, price_problem
from guiju.sales.models import Deal, DealBuyer, Payment
from guiju.sales.regimes import why_not_for_sale


def _unit(context: Context) -> Unit | None:
    if "unit" not in context.kept:
        key = context.subject("unit")
        context.kept["unit"] = unit_at.one(key) if key else None
    unit: Unit | None = context.kept["unit"]
    return unit


@prepared
def _live_deals(unit_id: int) -> QuerySet[Deal, Deal]:
    return Deal.objects.filter(unit_id=unit_id, live=True)


@prepared
def _presale_permits(building_id: int) -> QuerySet[Permit, Permit]:
    return Permit.objects.filter(kind="presale", buildings=building_id)


@need("I-5.1-1a")
def unit_can_be_sold(context: Context) -> str | None:
    """Sales control shows the unit as available, and no doubt hangs over it (I-5.1-1a).

    A unit that somebody has locked is left to the lock itself, which compares and sets: who comes second is told that
    somebody was faster.
    """
    unit = _unit(context)
    if unit is None or unit.project_id != context.case.scope_id:
        return "请先选房屋"
    if unit.unverified or unit.seized or unit.control not in (Control.AVAILABLE, Control.LOCKED):
        deal = _live_deals.one(unit.pk)
        known = f"（{deal.source}）" if deal is not None and deal.source else ""
        return taken_text(unit) + known
    deal = _live_deals.one(unit.pk)
    if deal is not None and deal.stage != Deal.SUBSCRIBING:
        return f"{unit.label}已有成交" + (f"（{deal.source}）" if deal.source else "")
    if unit.list_price is None:
        return f"{unit.label}没有一房一价，不能认购"
    return None


@need("城市房地产管理法 45；商品房买卖合同解释 2")
def presale_permit(context: Context) -> str | None:
    """The building is covered by a valid presale permit, and has reached what its rules of sale ask (domain 1.1, 0)."""
    unit = _unit(context)
    if unit is None:
        return None
    day = context.at.astimezone(ZONE).date()
    permits = _presale_permits(unit.building_id)
    valid = [p for p in permits if p.valid_until is None or p.valid_until >= day]
    valid = [p for p in valid if p.issued_date is None or p.issued_date <= day]
    if not valid:
        return f"{unit.building.name}没有有效的商品房预售许可证，不能认购、不能收款"
    return why_not_for_sale(unit, day)


@need("I-5.1-1a")
def lock_holds(context: Context) -> str | None:
    """The case still holds its unit, and no court has seized it meanwhile."""
    facts = facts_of(context)
    if said := seized_text(facts.unit):
        return f"{said}，解封以前不能认购"
    return None if holds(facts.unit, context.case.pk) else "锁定已过期，房源已放开或被别人锁定，请重新锁定"


@need("I-5.1-1a", given=True)
def signed_with_customer(context: Context) -> str | None:
    """The sales department signs with the customer: every buyer's signature or the signed scan is there."""
    given = context.given
    assert isinstance(given, HandInForm)
    if not given.signed:
        return "认购书要与客户签署：请上传签字扫描件，或请买受人在屏幕上签字"
    if given.how is How.SCREEN and len(given.signed) < len(given.buyers):
        return f"还有 {len(given.buyers) - len(given.signed)} 位买受人没有签字"
    return None


@need("明码标价规定；物业管理条例 22", given=True)
def disclosed(context: Context) -> str | None:
    """The permit, the price tag and the interim covenant were shown (domain 1.1)."""
    given = context.given
    assert isinstance(given, HandInForm)
    return None if given.disclosed else "请先向客户出示预售许可证、一房一价和临时管理规约"


@need("I-5.1-4a", given=True)
def buyers_are_known(context: Context) -> str | None:
    """Every buyer is named with a sound identity number, of age or with a guardian; shares add up (CC 19, 165)."""
    given = context.given
    assert isinstance(given, HandInForm)
    day = context.at.astimezone(ZONE).date()
    seen: set[str] = set()
    for place, buyer in enumerate(given.buyers, 1):
        who = f"第 {place} 位买受人{buyer.name}"
        if problem := problems(buyer.identity, on=day):
            return f"{who}：{problem}"
        identity = decide(buyer.identity)
        if problem := _other_name(context, identity.number, buyer.name):
            return f"{who}：{problem}"
        if identity.number in seen:
            return f"{who}：证件号码与前面的买受人相同"
        seen.add(identity.number)
        agent = buyer.agent
        if identity.kind.is_organisation and (agent is None or agent.kind is not AgentKind.REPRESENTATIVE):
            return f"{who}是单位，请填单位经办人和授权委托书"
        if is_minor(identity.born_date, day) and (agent is None or agent.kind is not AgentKind.GUARDIAN):
            return f"{who}未满 18 周岁，须由监护人签署"
        if agent is not None:
            if problem := problems(agent.identity, on=day):
                return f"{who}的{agent.kind.label}{agent.name}：{problem}"
            if problem := _other_name(context, decide(agent.identity).number, agent.name):
                return f"{who}的{agent.kind.label}{agent.name}：{problem}"
            if agent.attachment is None:
                return f"{who}的{agent.kind.label}{agent.name}：请上传授权委托书或关系证明"
            if agent.valid_until is not None and agent.valid_until < day:
                return f"{who}的授权已于 {agent.valid_until:%Y-%m-%d} 到期"
    shares = [buyer.share for buyer in given.buyers if buyer.share is not None]
    if shares and (len(shares) != len(given.buyers) or sum(shares) != 100):
        return f"各买受人份额合计应为 100%，现在是 {sum(shares)}%"
    if any(is_minor(decide(b.identity).born_date, day) for b in given.buyers) and given.payment.needs_bank:
        return "未成年人购房不能办理贷款，请改付款方式"
    return None


def _other_name(context: Context, number: str, name: str) -> str | None:
    """Return a sentence if another purchase knows this identity number under another name (I-3.1-i)."""
    known = Customer.objects.filter(
        company_id=context.case.chain_id, identity_index=blind_index("identity", number), merged_into=None
    ).first()
    if known is None or normalise_text(known.name) == normalise_text(name):
        return None
    own = CaseLink.objects.filter(case_id__in=facts_of(context).cases, kind="deal").values_list(
        "key", flat=True
    )
    if not DealBuyer.objects.filter(customer=known).exclude(deal_id__in=list(own)).exists():
        return None
    return f"这个证件号码已登记在「{known.name}」名下，请核对证件；确已更名的，先办更正"


@need("I-5.1-2b", given=True)
def price_is_right(context: Context) -> str | None:
    """The total equals the price list less the discounts, to the cent (domain 2.2)."""
    given = context.given
    assert isinstance(given, HandInForm)
    unit = facts_of(context).unit
    for place, discount in enumerate(given.discounts, 1):
        if (discount.percent is None) == (discount.amount is None):
            return f"第 {place} 项折扣：折扣率与优惠金额只填一个"
    if unit.list_price is None:
        return f"{unit.label}没有一房一价"
    right = pricing.total(unit.list_price, given.discounts)
    if right <= 0:
        return "折扣超过了总价"
    if right != given.total_price:
        return (
            f"成交总价应为 {money(right)}（表价 {money(unit.list_price)} 减折扣 {money(unit.list_price - right)}），"
            f"所填 {money(given.total_price)} 不符"
        )
    return None


@need("I-5.1-2c", given=True)
def payment_adds_up(context: Context) -> str | None:
    """Deposit and plan fit the price: the plan sums to the total, the deposit reaches the minimum."""
    given = context.given
    assert isinstance(given, HandInForm)
    least = Decimal(str(context.setting("minimum_deposit", 0)))
    if given.deposit < least:
        return f"定金不能少于 {money(least)}"
    if given.deposit > given.total_price:
        return "定金不能超过成交总价"
    if given.plan and (planned := sum((i.amount for i in given.plan), Decimal(0))) != given.total_price:
        return f"付款计划合计 {money(planned)}，应等于成交总价 {money(given.total_price)}"
    if given.down_payment is not None and given.down_payment > given.total_price:
        return "首付款不能超过成交总价"
    if (
        given.payment in (Payment.MORTGAGE, Payment.PROVIDENT, Payment.COMBINED)
        and given.down_payment is None
    ):
        return "选贷款的，请填首付款"
    return None


@need("I-5.1-2c", given=True)
def down_payment_reaches(context: Context) -> str | None:
    """With a loan or in instalments so much is paid down as bank and house ask (domain 1.11)."""
    given = context.given
    assert isinstance(given, HandInForm)
    unit, settings = facts_of(context).unit, context.policy.settings
    return down_problem(
        unit, given.payment, total=given.total_price, down=given.down_payment, settings=settings
    )


@need("明码标价和禁止价格欺诈规定；I-5.1-2b", given=True)
def price_is_as_filed(context: Context) -> str | None:
    """Never above the filed price, and not further below it than the city allows (domain 1.1)."""
    given, unit = context.given, facts_of(context).unit
    assert isinstance(given, HandInForm)
    if unit.list_price is None:
        return None
    return price_problem(unit.list_price, given.total_price, context.policy.settings)


@need("I-5.1-3a")
def deposit_is_open(context: Context) -> str | None:
    """What the cashier has confirmed is not confirmed again; a deposit that was raised is."""
    if facts_of(context).deposit_confirmed_at is None:
        return None
    return "定金已经确认"


@need("I-5.1-4c", given=True)
def signing_window(context: Context) -> str | None:
    """The signing deadline lies within the SOP's window after the true day of subscription."""
    given = context.given
    assert isinstance(given, HandInForm)
    if given.signing_due_date is None:
        return None
    day = context.at.astimezone(ZONE).date()
    longest = int(context.setting("signing_days_longest", 15))
    if not day < given.signing_due_date <= day + timedelta(days=longest):
        return f"签约期限应在认购次日到 {longest} 日之间"
    return None


@need("I-5.1-1b")
def director_is_not_the_seller(context: Context) -> str | None:
    """Nobody reviews what they sold themselves (domain 2.0, segregation)."""
    facts = facts_of(context)
    return "不能审核自己经手的认购书" if facts.sold_by_id == context.by_id else None


@need("I-5.1-2a")
def control_agrees(context: Context) -> str | None:
    """The subscription agrees with sales control: the unit is held by this case."""
    facts = facts_of(context)
    if facts.unit.unverified:
        return taken_text(facts.unit)
    return None if holds(facts.unit, context.case.pk) else f"与销控不符：{facts.unit.label}不在本认购名下"


@need("I-5.1-2b")
def price_agrees(context: Context) -> str | None:
    """The deal's price agrees with the list as it stood when the buyers signed."""
    facts = facts_of(context)
    deal = facts.deal
    if deal is None or deal.list_price is None or deal.total_price is None:
        return "还没有认购书"
    deductions = sum((Decimal(line["deduction"]) for line in facts.discounts), Decimal(0))
    gap = deal.list_price - deductions - deal.total_price
    return None if gap == 0 else f"单价与价目表不符：相差 {money(abs(gap))}"


@need("I-5.1-2a", given=True)
def everything_checked(context: Context) -> str | None:
    """Sales control, unit price and payment method have each been checked, with the result recorded."""
    given = context.given
    missing = [
        label
        for label, done in (
            ("销控", getattr(given, "control_ok", False)),
            ("单价", getattr(given, "price_ok", False)),
            ("付款方式", getattr(given, "payment_ok", False)),
        )
        if not done
    ]
    return f"还没有核对：{'、'.join(missing)}" if missing else None


@need("I-5.1-1a")
def clerk_is_not_the_seller(context: Context) -> str | None:
    """Customer service checks what sales sold: two people."""
    return "不能核对自己经手的认购书" if facts_of(context).sold_by_id == context.by_id else None


@need("I-5.1-3a", given=True)
def payer_is_explained(context: Context) -> str | None:
    """A payer who is no buyer states the relation (AML 64; domain 2.2)."""
    facts = facts_of(context)
    payer, relation = getattr(context.given, "payer", ""), getattr(context.given, "relation", "")
    if not getattr(context.given, "amount", Decimal(0)):
        return None
    if not payer or not getattr(context.given, "account", ""):
        return "请填付款人和收款账户"
    if payer in facts.buyer_names or relation:
        return None
    return f"付款人{payer}不是买受人，请填与买受人的关系"


@need("I-5.1-3a", given=True)
def arrival_is_past(context: Context) -> str | None:
    """Money that is to come has not arrived."""
    received_at = getattr(context.given, "received_at", None)
    return "到账时间不能晚于现在" if received_at is not None and received_at > context.recorded_at else None


@need("I-5.1-3a", given=True)
def money_has_arrived(context: Context) -> str | None:
    """Only money that has arrived counts; and together it reaches the deposit (I-5.1-3a)."""
    facts = facts_of(context)
    given = context.given
    if not getattr(given, "cleared", True):
        return "款项未到账，不能确认"
    total = facts.received + getattr(given, "amount", Decimal(0))
    deposit = facts.deposit or Decimal(0)
    if total < deposit:
        return f"实收合计 {money(total)}，不足定金 {money(deposit)}，请用「登记部分定金」"
    return None


@need("I-5.1-3a", given=True)
def part_has_arrived(context: Context) -> str | None:
    """A part is money that has arrived and does not reach the deposit."""
    facts = facts_of(context)
    given = context.given
    if not getattr(given, "cleared", True):
        return "款项未到账，不能登记"
    if not getattr(given, "amount", Decimal(0)):
        return "请填实收金额"
    if facts.received + getattr(given, "amount", Decimal(0)) >= (facts.deposit or Decimal(0)):
        return "已够定金，请用「确认定金」"
    return None


@need("I-5.1-3b")
def deposit_confirmed(context: Context) -> str | None:
    """The contract seal comes only after the cashier confirmed the deposit (I-5.1-3b)."""
    facts = facts_of(context)
    if facts.deposit_confirmed_at is None or facts.received < (facts.deposit or Decimal(0)):
        return "财务收款员还没有确认定金，不能加盖合同章"
    return None


@need("I-5.1-3b", person=True)
def keeper_is_apart(context: Context) -> str | None:
    """The keeper of the seal is neither the seller nor the director who signed (DECISIONS 26)."""
    facts = facts_of(context)
    if context.by_id in (facts.sold_by_id, facts.director_id, facts.deposit_confirmed_by):
        return "合同章保管人不能同时是销售、审核或收款的人"
    return None


@need("I-5.1-3a")
def receipt_to_bounce(context: Context) -> str | None:
    """There is money booked that can bounce."""
    return None if facts_of(context).received > 0 else "没有已登记的定金"


@need("2.2")
def no_money_held(context: Context) -> str | None:
    """A subscription with money booked is not simply released: it is cancelled with a decision on the money."""
    held = facts_of(context).received
    return f"已收 {money(held)}，请办「退认购」并决定款项去向" if held else None


@need("2.2")
def something_to_cancel(context: Context) -> str | None:
    """Before a 认购书 is signed, only money that is held from the voided one needs a decision."""
    if facts_of(context).row.deal_id is None and not facts_of(context).received:
        return "还没有签认购书，也没有收过款，请办「释放房源」"
    return None


@need("I-5.1-0", given=True)
def contract_number_is_free(context: Context) -> str | None:
    """No other live contract of the project has this number."""
    number, unit = getattr(context.given, "contract_number", ""), facts_of(context).unit
    taken = Deal.objects.filter(project_id=unit.project_id, contract_number=number, live=True)
    taken = taken.exclude(pk=facts_of(context).row.deal_id or 0).select_related("unit__building")
    other = taken.first()
    return f"合同编号 {number} 已用于{other.unit.label}" if other is not None else None


@need("I-5.1-5a")
def loan_is_chosen(context: Context) -> str | None:
    """Only buyers who take a loan choose a bank."""
    deal = facts_of(context).deal
    return None if deal is not None and Payment(deal.payment).needs_bank else "付款方式不是贷款，不需要选银行"


@need("I-5.1-5a", given=True)
def bank_or_reason(context: Context) -> str | None:
    """A bank, or why there is none yet: no bank does not block (DECISIONS 26)."""
    given = context.given
    return (
        None
        if getattr(given, "bank", "") or getattr(given, "undecided", "")
        else "请填银行，或写暂未选定的原因"
    )


@need("I-5.1-5b", given=True)
def lawyer_needs_bank(context: Context) -> str | None:
    """The lawyer's mortgage appointment at signing needs a chosen bank."""
    deal = facts_of(context).deal
    if getattr(context.given, "lawyer", False) and (deal is None or not deal.bank):
        return "还没有选定银行，不能同时约律师办理按揭"
    return None


@need("I-5.1-4c", given=True)
def within_the_window(context: Context) -> str | None:
    """The appointment lies after now and not after the signing deadline."""
    facts = facts_of(context)
    signing_at = getattr(context.given, "signing_at", None)
    if signing_at is None or facts.signing_due_date is None:
        return None
    day = signing_at.astimezone(ZONE).date()
    if day > facts.signing_due_date:
        return f"签约期限是 {facts.signing_due_date:%Y-%m-%d}，约定时间超过了，请先办延期"
    return None if signing_at > context.at else "约定的签约时间应在现在以后"


@need("2.3")
def extensions_left(context: Context) -> str | None:
    """The deadline is extended at most so often as the SOP says."""
    most = int(context.setting("extensions", 2))
    return None if facts_of(context).extensions < most else f"最多延期 {most} 次"


@need("2.3", given=True)
def extension_is_short(context: Context) -> str | None:
    """An extension is at most the SOP's days long and moves the deadline forward."""
    facts = facts_of(context)
    until = getattr(context.given, "until_date", None)
    longest = int(context.setting("extension_days", 15))
    if until is None or facts.signing_due_date is None:
        return None
    if not facts.signing_due_date < until <= facts.signing_due_date + timedelta(days=longest):
        return f"延期应晚于 {facts.signing_due_date:%Y-%m-%d}，最多 {longest} 日"
    return None


@need("商品房买卖合同解释 4")
def notice_was_delivered(context: Context) -> str | None:
    """A default is decided only after a notice was delivered and the deadline has passed (domain 2.2)."""
    facts = facts_of(context)
    if facts.notice_delivered_at is None:
        return "还没有送达催签通知，不能按违约处理"
    if facts.signing_due_date is not None and context.at.astimezone(ZONE).date() <= facts.signing_due_date:
        return f"签约期限 {facts.signing_due_date:%Y-%m-%d} 未过，不能按违约处理"
    return None


@need("domain 1.17；民法典 1121")
def buyers_live(context: Context) -> str | None:
    """With a buyer's death everything waits for the heirs: only cancelling goes on."""
    dead = facts_of(context).deceased
    return f"买受人{'、'.join(dead)}已去世，待继承人办理，或办「退认购」" if dead else None


@need("I-5.1-4a", given=True)
def buyer_exists(context: Context) -> str | None:
    """The buyer meant is one of the subscription's."""
    count = len(facts_of(context).buyer_names)
    place = getattr(context.given, "buyer", 1)
    return None if place <= count else f"只有 {count} 位买受人"


@need("I-5.1-4b")
def residence_is_missing(context: Context) -> str | None:
    """Some buyer lacks the residence permit."""
    return None if facts_of(context).residence_missing else "没有缺暂住证（居住证）的买受人"


@need("I-5.1-4b", given=True)
def permit_or_reason(context: Context) -> str | None:
    """A permit, or the note why none is needed."""
    given = context.given
    if getattr(given, "attachment", None) or (
        getattr(given, "not_needed", False) and getattr(given, "note", "")
    ):
        return None
    return "请上传暂住证，或写明不需要的原因"
