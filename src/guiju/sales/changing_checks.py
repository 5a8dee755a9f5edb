"""Needs of 认购变更 and 签约变更: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guiju.customers.identity import decide, problems
from guiju.customers.models import AuthorityLetter, Customer
from guiju.customers.operations.entries import is_minor
from guiju.estate.models import Control, Permit, Unit
from guiju.estate.operations.control import holds, taken_text
from guiju.estate.seizures import seized_text
from guiju.kernel.crypto import blind_index, normalise_text
from guiju.kernel.engine import Context
from guiju.kernel.money import half_up, money
from guiju.kernel.process import need
from guiju.papers.models import SealUse
from guiju.sales import filings, pricing
from guiju.sales.changing import pending_change, why_changed
from guiju.sales.changing_facts import (
    ChangeFacts,
    Target,
    asked_for,
    day_of,
    deal_chain,
    executed,
    facts_of,
    pays_by_loan,
    unit_called,
)
from guiju.sales.changing_forms import ApplyForm, ContractApplyForm, Ground, Kind, _Wanted
from guiju.sales.changing_rules import City, Verdict
from guiju.sales.changing_rules import decide as rule_on
from guiju.sales.deposit import EFFECTIVE_SHARE
from guiju.sales.forms import AgentKind, BuyerForm
from guiju.sales.limits import down_problem, price_problem, settings_now
from guiju.sales.models import Deal, DealBuyer, Payment
from guiju.sales.pricing import raised

FREE_NAMING = (
    "认购以后不能随意更名：只限配偶、父母、子女，凭关系证明办理一次；换给其他人的，请退认购，房屋重新公开销售"
)
ADDING = "增加买受人只限配偶、父母、子女，凭关系证明办理"


def wanted(context: Context) -> _Wanted:
    """Return what the application asks for."""
    given = context.given
    assert isinstance(given, _Wanted)
    return given


def kind_of(context: Context) -> Kind:
    """Return the kind of change that the application names."""
    given = context.given
    assert isinstance(given, ApplyForm | ContractApplyForm)
    return Kind.of(given.kind.value)


# --- may anything be asked for --------------------------------------------------------------------------------------
@need("I-5.2-0")
def subscription_in_force(context: Context) -> str | None:
    """Only a subscription in force changes this way; one still under review goes back to sales instead."""
    target = asked_for(context)
    if target is None or target.subscription is None:
        return "这套房没有生效的认购，不能办认购变更"
    if said := seized_text(target.unit):
        return f"{said}，解封以前不能变更"
    if target.deal.stage == Deal.SIGNED:
        return "已经签约，请办签约变更"
    if target.deal.stage != Deal.SUBSCRIBED or target.subscription.case.state != "sealed":
        return "认购书还没有盖章生效：写错的请退回销售重填或作废重开"
    return None


@need("I-5.4-0")
def contract_in_force(context: Context) -> str | None:
    """Only a signed contract changes this way."""
    target = asked_for(context)
    if target is None or target.contract is None or target.deal.stage != Deal.SIGNED:
        return "这套房没有生效的合同，不能办签约变更"
    if said := seized_text(target.unit):
        return f"{said}，解封以前不能变更"
    return None


@need("2.0")
def no_other_change(context: Context) -> str | None:
    """One live change request per deal."""
    target = asked_for(context)
    number = pending_change(target.deal.pk) if target is not None else None
    if number is None or number == context.case.number:
        return None
    return f"本单已有变更或退房 {number} 在办，办结后再申请"


@need("domain 1.17；民法典 1121")
def buyers_live(context: Context) -> str | None:
    """With a buyer's death everything waits for the heirs: after signing they come by 更名（继承）."""
    target = asked_for(context)
    if target is None:
        return None
    dead = [b.customer.name for b in target.buyers if b.customer.deceased_date is not None]
    given = context.given
    if dead and not (isinstance(given, ContractApplyForm) and given.ground is Ground.INHERITANCE):
        return f"买受人{'、'.join(dead)}已去世，待继承人凭证明办理"
    return None


# --- what is asked for ----------------------------------------------------------------------------------------------
@need("I-5.2-1a", given=True)
def applicants_are_buyers(context: Context) -> str | None:
    """The application carries the signature of a buyer."""
    target = asked_for(context)
    if target is None:
        return None
    names = {buyer.customer.name for buyer in target.buyers}
    strangers = [one.name for one in wanted(context).applicants if one.name not in names]
    return f"{'、'.join(strangers)}不是买受人，不能在申请上签字" if strangers else None


@need("I-5.2-5e", given=True)
def kind_is_filled(context: Context) -> str | None:
    """The application carries the new value of what changes, and only of that."""
    given, kind = wanted(context), kind_of(context)
    filled = {
        "新买受人": bool(given.buyers), "退出的买受人": bool(given.leaving),
        "换入房号": bool(getattr(given, "new_unit", "")), "变更后付款方式": given.payment is not None,
        "签约日期延至": getattr(given, "until_date", None) is not None, "其他变更事项": bool(given.items),
        "变更后总价": given.total_price is not None, "变更后付款计划": bool(given.plan), "按揭银行": bool(given.bank),
        "增加后的定金": getattr(given, "deposit", None) is not None,
    }  # fmt: skip
    must = {
        Kind.RENAME: ("新买受人",), Kind.ADD: ("新买受人",), Kind.REMOVE: ("退出的买受人",),
        Kind.SWAP: ("换入房号", "变更后总价"), Kind.PAYMENT: ("变更后付款方式", "变更后总价"),
        Kind.DISCOUNT: ("变更后总价",), Kind.EXTEND: ("签约日期延至",), Kind.PLAN: ("变更后付款计划",),
        Kind.BANK: ("按揭银行",), Kind.DEPOSIT: ("增加后的定金",), Kind.OTHER: ("其他变更事项",),
    }[kind]  # fmt: skip
    missing = [name for name in must if not filled[name]]
    if missing:
        return f"办{kind.label}，请填{'、'.join(missing)}"
    alone = {
        "新买受人": (Kind.RENAME, Kind.ADD), "退出的买受人": (Kind.REMOVE,), "换入房号": (Kind.SWAP,),
        "签约日期延至": (Kind.EXTEND,), "其他变更事项": (Kind.OTHER,),
        "增加后的定金": (Kind.DEPOSIT,),
    }  # fmt: skip
    beside = [name for name, kinds in alone.items() if filled[name] and kind not in kinds]
    return f"{'、'.join(beside)}与{kind.label}请分开申请" if beside else None


@need("建房〔2010〕53 号；I-5.2-5b", given=True)
def buyers_may_change(context: Context) -> str | None:
    """No free renaming: once, before signing, only to spouse, parents, children with proof (the law's limit)."""
    target, given, kind = asked_for(context), wanted(context), kind_of(context)
    if target is None or not kind.buyers:
        return None
    if kind is Kind.REMOVE:
        return _leaving(target, given)
    ground = given.ground
    if isinstance(given, ApplyForm):
        if ground is None or not ground.family:
            return FREE_NAMING if kind is Kind.RENAME else ADDING
        if kind is Kind.RENAME and executed(deal_chain(target), Kind.RENAME):
            return "一份认购只能更名一次，已经更名过"
    if not given.proof:
        return "请附新买受人与原买受人关系的证明（结婚证、户口簿、出生证明，或者法院、公证文书）"
    return None


def _leaving(target: Target, given: _Wanted) -> str | None:
    names = [buyer.customer.name for buyer in target.buyers]
    strangers = [name for name in given.leaving if name not in names]
    if strangers:
        return f"{'、'.join(strangers)}不是买受人"
    if set(names) <= set(given.leaving):
        return "至少留一位买受人；全部换人的，按更名办理"
    return None


@need("I-5.1-4a", given=True)
def new_buyers_are_known(context: Context) -> str | None:
    """Every new buyer has a sound identity number, is of age or has a guardian; shares add up."""
    target, given, kind = asked_for(context), wanted(context), kind_of(context)
    if target is None or not kind.buyers:
        return None
    day = day_of(context)
    present = {buyer.customer.identity_number for buyer in target.buyers}
    for place, buyer in enumerate(given.buyers, 1):
        if problem := _unknown(context, buyer, day):
            return f"第 {place} 位新买受人{buyer.name}：{problem}"
        number = decide(buyer.identity).number
        if number in present:
            return f"第 {place} 位新买受人{buyer.name}：证件号码与现有买受人相同"
        present.add(number)
        if is_minor(decide(buyer.identity).born_date, day) and pays_by_loan(target.deal.payment):
            return "未成年人购房不能办理贷款，请先变更付款方式"
    return _shares(target, given, kind)


def _shares(target: Target, given: _Wanted, kind: Kind) -> str | None:
    if not given.shares:
        return None
    old = (
        []
        if kind is Kind.RENAME
        else [b.customer.name for b in target.buyers if b.customer.name not in given.leaving]
    )
    names = {*old, *(buyer.name for buyer in given.buyers)}
    if {one.name for one in given.shares} != names:
        return f"份额要写齐变更后的每位买受人：{'、'.join(sorted(names))}"
    total = sum(one.share for one in given.shares)
    return None if total == 100 else f"各买受人份额合计应为 100%，现在是 {total}%"


def _unknown(context: Context, buyer: BuyerForm, day: date) -> str | None:
    if problem := problems(buyer.identity, on=day):
        return problem
    identity = decide(buyer.identity)
    known = Customer.objects.filter(
        company_id=context.case.chain_id,
        identity_index=blind_index("identity", identity.number),
        merged_into=None,
    ).first()
    if (
        known is not None
        and normalise_text(known.name) != normalise_text(buyer.name)
        and DealBuyer.objects.filter(customer=known).exists()
    ):
        return f"这个证件号码已登记在「{known.name}」名下，请核对证件"
    agent = buyer.agent
    if identity.kind.is_organisation and (agent is None or agent.kind is not AgentKind.REPRESENTATIVE):
        return "是单位，请填单位经办人和授权委托书"
    if is_minor(identity.born_date, day) and (agent is None or agent.kind is not AgentKind.GUARDIAN):
        return "未满 18 周岁，须由监护人签署"
    if agent is not None and agent.attachment is None:
        return f"{agent.kind.label}{agent.name}：请上传授权委托书或关系证明"
    if agent is not None and agent.valid_until is not None and agent.valid_until < day:
        return f"{agent.kind.label}{agent.name}的授权已于 {agent.valid_until:%Y-%m-%d} 到期"
    return None


@need("I-5.2-5a", given=True)
def swap_is_right(context: Context) -> str | None:
    """换房: once, into a unit on sale, at the list price of the day; not to a cheaper one unless the company is the cause."""
    target, given = asked_for(context), context.given
    if target is None or not isinstance(given, ApplyForm) or kind_of(context) is not Kind.SWAP:
        return None
    unit = unit_called(given.new_unit, target.deal.project_id)
    if unit is None:
        return f"本项目没有「{given.new_unit}」，请按销控图上的房号填"
    if unit.pk == target.deal.unit_id:
        return "换入的就是原来的房屋"
    if problem := _cannot_be_sold(context, unit):
        return problem
    most = int(context.setting("swaps", 1))
    if not given.company_cause and executed(deal_chain(target), Kind.SWAP) >= most:
        return f"一份认购最多换房 {most} 次，已经换过"
    assert unit.list_price is not None
    if not given.company_cause and context.setting("swap_up_only", 1) and unit.list_price < target.total:
        return f"只能换总价不低于原房屋的，{unit.label}表价 {money(unit.list_price)}，原成交总价 {money(target.total)}"
    limit = Decimal(str(context.setting("swap_discount", 0)))
    if (
        not given.company_cause
        and given.total_price
        and pricing.discount_percent(unit.list_price, given.total_price) > limit
    ):
        return f"换房按当日价目表 {money(unit.list_price)}，折扣不能超过 {limit.normalize():f}%"
    return _price(unit.list_price, given)


def _cannot_be_sold(context: Context, unit: Unit) -> str | None:
    own = unit.control == Control.LOCKED and bool(context.case.pk) and holds(unit, context.case.pk)
    lapsed = (
        unit.control == Control.LOCKED
        and unit.lock_until_at is not None
        and unit.lock_until_at <= context.recorded_at
    )
    if unit.unverified or unit.seized or not (unit.control == Control.AVAILABLE or own or lapsed):
        return taken_text(unit)
    if unit.list_price is None:
        return f"{unit.label}没有一房一价，不能换入"
    day = day_of(context)
    permits = Permit.objects.filter(kind="presale", buildings=unit.building_id)
    if not any(p.valid_until is None or p.valid_until >= day for p in permits):
        return f"{unit.building.name}没有有效的商品房预售许可证，不能换入"
    return None


def _price(list_price: Decimal, given: _Wanted) -> str | None:
    for place, discount in enumerate(given.discounts, 1):
        if (discount.percent is None) == (discount.amount is None):
            return f"第 {place} 项折扣：折扣率与优惠金额只填一个"
    right = pricing.total(list_price, given.discounts)
    if right <= 0:
        return "折扣超过了总价"
    if given.total_price != right:
        return (
            f"变更后总价应为 {money(right)}（表价 {money(list_price)} 减折扣 {money(list_price - right)}），"
            f"所填 {money(given.total_price or Decimal(0))} 不符"
        )
    return None


@need("I-5.2-5d", given=True)
def price_is_right(context: Context) -> str | None:
    """The new total follows from the price list and the discounts of the new plan; a discount only lowers the price."""
    target, given, kind = asked_for(context), wanted(context), kind_of(context)
    if target is None or kind not in (Kind.PAYMENT, Kind.DISCOUNT):
        return None
    if problem := _price(target.deal.list_price or target.total, given):
        return problem
    if kind is Kind.DISCOUNT and (given.total_price or Decimal(0)) >= target.total:
        correction = isinstance(given, ContractApplyForm) and given.correction
        return None if correction else f"认购以后公司不能加价，折扣变更后总价应低于 {money(target.total)}"
    if (
        isinstance(given, ApplyForm)
        and kind is Kind.PAYMENT
        and target.deal.subscribed_date is not None
        and day_of(context)
        > target.deal.subscribed_date + timedelta(days=int(context.setting("payment_days", 30)))
    ):
        return f"付款方式在认购后 {int(context.setting('payment_days', 30))} 日以内才能变更"
    return None


@need("I-5.2-5c", given=True)
def payment_adds_up(context: Context) -> str | None:
    """The new plan sums to the new total; a loan names its down payment."""
    target, given, kind = asked_for(context), wanted(context), kind_of(context)
    if target is None or kind not in (Kind.PAYMENT, Kind.DISCOUNT, Kind.SWAP, Kind.PLAN):
        return None
    total = given.total_price or target.total
    if given.plan and (planned := sum((line.amount for line in given.plan), Decimal(0))) != total:
        return f"付款计划合计 {money(planned)}，应等于总价 {money(total)}"
    payment = given.payment.value if given.payment is not None else target.deal.payment
    down = given.down_payment if given.down_payment is not None else target.deal.down_payment
    if pays_by_loan(payment) and down is None:
        return "选贷款的，请填首付款"
    if down is not None and down > total:
        return "首付款不能超过总价"
    if kind is Kind.PLAN and any(line.due_date is None and not line.loan for line in given.plan):
        return "变更付款期限的，每一期都要有应付日期"
    return None


@need("I-5.2-5c", given=True)
def down_payment_reaches(context: Context) -> str | None:
    """The new way to pay has so much down as bank and house ask on the day of the change (domain 1.11)."""
    target, given, kind = asked_for(context), wanted(context), kind_of(context)
    if target is None or not (kind in (Kind.PAYMENT, Kind.SWAP) or given.down_payment is not None):
        return None
    payment = given.payment or Payment(target.deal.payment)
    down = given.down_payment if given.down_payment is not None else target.deal.down_payment
    unit = target.unit
    if kind is Kind.SWAP and isinstance(given, ApplyForm):
        unit = unit_called(given.new_unit, target.deal.project_id) or unit
    return down_problem(
        unit, payment, total=given.total_price or target.total, down=down, settings=settings_now(context)
    )


@need("明码标价和禁止价格欺诈规定；I-5.2-5d", given=True)
def price_is_as_filed(context: Context) -> str | None:
    """The new price is not above the filed one, nor further below it than the city allows (domain 1.1)."""
    target, given, kind = asked_for(context), wanted(context), kind_of(context)
    if target is None or given.total_price is None or kind not in (Kind.PAYMENT, Kind.DISCOUNT, Kind.SWAP):
        return None
    filed = target.deal.list_price
    if kind is Kind.SWAP and isinstance(given, ApplyForm):
        found = unit_called(given.new_unit, target.deal.project_id)
        filed = found.list_price if found is not None else None
    return price_problem(filed, given.total_price, settings_now(context)) if filed is not None else None


@need("民法典 586；I-5.2-5e", given=True)
def deposit_is_right(context: Context) -> str | None:
    """A deposit is raised, never lowered, and to 20 % of the price at most: more has no effect (CC 586; domain 1.2)."""
    target, given = asked_for(context), context.given
    if target is None or not isinstance(given, ApplyForm) or kind_of(context) is not Kind.DEPOSIT:
        return None
    row, wants = target.subscription, given.deposit
    if row is None or wants is None:
        return None
    now = row.deposit or Decimal(0)
    most = half_up(target.total * EFFECTIVE_SHARE)
    if wants <= now:
        return f"现在的定金是 {money(now)}，增加后的应高于它"
    if wants > most:
        return f"定金不能超过总价的 20%，即 {money(most)}，超过的部分没有定金效力"
    if raised(target.plan, now, wants) is None:
        return "定金以外没有自付的款项可以转为定金，请和付款计划一起变更"
    return None


@need("I-5.2-5e", given=True)
def extension_is_short(context: Context) -> str | None:
    """延期: at most so many days and so often, with a reason (domain 2.3; the figures stand in the subscription's SOP)."""
    target, given = asked_for(context), context.given
    if target is None or not isinstance(given, ApplyForm) or kind_of(context) is not Kind.EXTEND:
        return None
    row = target.subscription
    assert row is not None
    most, longest = (
        target.subscription_setting("extensions", 2),
        target.subscription_setting("extension_days", 15),
    )
    if row.extensions >= most:
        return f"一份认购书最多延期 {most} 次，已经延过 {row.extensions} 次"
    due, until = row.signing_due_date, given.until_date
    if due is None or until is None:
        return None
    if not due < until <= due + timedelta(days=longest):
        return f"延期应晚于 {due:%Y-%m-%d}，最多 {longest} 日"
    return None


@need("I-5.2-5e", given=True)
def items_are_known(context: Context) -> str | None:
    """Further items are those that the SOP lists."""
    if kind_of(context) is not Kind.OTHER:
        return None
    known = [name.strip() for name in str(context.setting("items", "")).split("、") if name.strip()]
    strangers = [item.name for item in wanted(context).items if item.name not in known]
    return (
        f"可以变更的其他事项有{'、'.join(known) or '（未设）'}，没有{'、'.join(strangers)}"
        if strangers
        else None
    )


def verdict_of(target: Target, given: ContractApplyForm, *, city_resigns: bool) -> Verdict:
    """Return what the decision table says of an application after signing."""
    kind = Kind.of(given.kind.value)
    was, will = pays_by_loan(target.deal.payment), pays_by_loan(given.payment.value if given.payment else "")
    at = target.standing
    at = type(at)(at.filed, at.loan, at.pre_notice, city_resigns)
    return rule_on(
        kind, at, ground=given.ground, to_loan=will and not was, from_loan=was and not will and given.payment is not None,
        dearer=(given.total_price or Decimal(0)) > target.total, correction=given.correction,
    )  # fmt: skip


@need("2.5", given=True)
def table_allows(context: Context) -> str | None:
    """Before and after filing other changes are possible (decision table of domain 2.5)."""
    target, given = asked_for(context), context.given
    if target is None or not isinstance(given, ContractApplyForm):
        return None
    found = verdict_of(target, given, city_resigns=bool(context.setting("city_resigns", 0)))
    return found.why or None


# --- on the way -----------------------------------------------------------------------------------------------------
@need("I-5.2-1b")
def director_is_not_the_applicant(context: Context) -> str | None:
    """Nobody gives an opinion on what they applied for themselves (domain 2.0, segregation)."""
    return "不能对自己提出的申请签署意见" if facts_of(context).row.applied_by == context.by_id else None


@need("I-5.2-4a", given=True)
def content_is_fixed(context: Context) -> str | None:
    """Customer service checks content, unit control and, for other buyers, eligibility, before it registers and signs."""
    given, kind = context.given, facts_of(context).kind
    missing = [
        words
        for words, done in (
            ("变更内容", getattr(given, "content_ok", False)),
            ("销控", getattr(given, "control_ok", False)),
            ("购房资格", getattr(given, "eligibility_ok", False) or not kind.buyers),
            ("发票影响清单", getattr(given, "invoices_ok", True)),
        )
        if not done
    ]
    return f"客户服务部还没有核定：{'、'.join(missing)}" if missing else None


@need("I-5.2-4a")
def terms_are_as_applied(context: Context) -> str | None:
    """The terms have not moved since the application."""
    change = facts_of(context).change
    now = Deal.objects.filter(pk=change.deal_id).values_list("terms_version", flat=True).first()
    if now == change.opened_version:
        return None
    return f"申请时成交条款是第 {change.opened_version} 版，现在是第 {now} 版，请撤销后重新申请"


@need("I-5.2-5a")
def new_unit_is_free(context: Context) -> str | None:
    """The new unit can be sold, or is held by this change already."""
    unit = facts_of(context).new_unit
    return None if unit is None else _cannot_be_sold(context, unit)


@need("I-5.2-4b")
def is_registered(context: Context) -> str | None:
    """Customer service has checked, registered and signed."""
    row = facts_of(context).row
    return None if row.registered_at is not None else "客户服务部还没有审核登记并签字，变更不能报批"


@need("2.3")
def finance_has_looked(context: Context) -> str | None:
    """Where money moves, finance has looked: difference, old receipts back or declared lost (domain 2.3)."""
    facts = facts_of(context)
    if not facts.kind.money or facts.row.finance_at is not None:
        return None
    return "涉及款项，财务还没有核对差价和收据"


@need("2.3", given=True)
def receipts_are_back(context: Context) -> str | None:
    """Old receipts come back, or are declared lost with indemnity."""
    given, kind = context.given, facts_of(context).kind
    if not getattr(given, "difference_ok", False):
        return "请核对差价和应收变动"
    if kind not in (Kind.RENAME, Kind.ADD, Kind.REMOVE, Kind.SWAP):
        return None
    if getattr(given, "receipts_back", False) or getattr(given, "lost", None):
        return None
    return "原收据要收回；遗失的，附遗失声明、承诺书和身份证明"


@need("I-5.2-5g")
def goes_to_the_general_manager(context: Context) -> str | None:
    """Every change is approved and signed by the general manager: no company may leave the seat out."""
    seats = context.policy.step(context.step.name).approval
    if any(seat.post == "general_manager" and not seat.condition for seat in seats):
        return None
    return "变更须报总经理审批签字：请在作业标准书的审批里写上总经理"


@need("2.5")
def legal_has_looked(context: Context) -> str | None:
    """After signing, legal gives an opinion (domain 2.5)."""
    return None if facts_of(context).row.legal_at is not None else "法务还没有出具意见，签约变更不能报批"


@need("2.5")
def bank_agrees_first(context: Context) -> str | None:
    """Where a loan exists or is wanted, the bank agrees in writing before anything is approved."""
    facts = facts_of(context)
    if not facts.row.findings.get("bank_first"):
        return None
    return None if facts.row.bank_consent.get("agrees") else "本单有贷款，先取得银行书面同意，再报批"


@need("2.0")
def version_is_unchanged(context: Context) -> str | None:
    """What is executed is what was approved (domain 2.0)."""
    return why_changed(facts_of(context).deal.pk)


@need("2.0")
def everybody_has_signed(context: Context) -> str | None:
    """Every buyer, old and new, has signed; an approval without their signatures changes nothing."""
    names = facts_of(context).unsigned
    return f"买受人{'、'.join(names)}还没有签字，变更不能执行" if names else None


@need("2.3")
def old_copies_are_back(context: Context) -> str | None:
    """A new 认购书 is issued only against the old copies, or the declaration that they are lost."""
    facts = facts_of(context)
    row = facts.row
    if (
        row.subscription is None
        or row.contract_id is not None
        or not (facts.kind.renews or facts.kind is Kind.SWAP)
    ):
        return None
    sealed = (
        SealUse.objects.filter(number=row.subscription.seal_number).values_list("copies", flat=True).first()
        or 1
    )
    if row.old_copies >= sealed or row.findings.get("lost"):
        return None
    return f"原认购书盖章 {sealed} 份，收回 {row.old_copies} 份；没有收齐的，附遗失声明"


@need("2.0", given=True)
def signers_are_concerned(context: Context) -> str | None:
    """Whoever signs is a buyer before or after; an agent signs on a letter that is in force."""
    facts = facts_of(context)
    names = set(facts.people.values())
    given: Any = context.given
    strangers = [one.name for one in given.signers if one.name not in names]
    if strangers:
        return f"{'、'.join(strangers)}不是变更前后的买受人"
    day = day_of(context)
    for one in given.signers:
        if one.agent and not _letter_in_force(facts, one.name, day):
            return f"{one.name}没有在有效期内的授权委托书，不能由代理人代签"
    return None


def _letter_in_force(facts: ChangeFacts, name: str, day: date) -> bool:
    lines = [*facts.change.before["buyers"], *facts.after["buyers"]]
    keys = [line["letter"] for line in lines if facts.people.get(line["customer"]) == name and line["letter"]]
    for letter in AuthorityLetter.objects.filter(pk__in=keys):
        if letter.revoked_at is None and (letter.valid_until is None or letter.valid_until >= day):
            return True
    return False


@need("2.5")
def agreement_is_signed(context: Context) -> str | None:
    """The supplement, or the termination with the new contract, is signed by everybody."""
    row = facts_of(context).row
    return None if row.agreement_number else "补充协议或解除协议还没有签订"


@need("2.5", given=True)
def agreement_is_whole(context: Context) -> str | None:
    """An agreement has its number; signed anew, the new contract has its own."""
    given: Any = context.given
    if not given.number:
        return "请填协议编号"
    if facts_of(context).row.findings.get("way") == "resign" and not given.new_contract_number:
        return "解除后重签的，请填新合同编号"
    return None


@need("2.5")
def city_has_done_it(context: Context) -> str | None:
    """A filed contract is changed or cancelled in the city's system before the change is executed."""
    row = facts_of(context).row
    want = row.findings.get("city", City.NOTHING.value)
    if want == City.CANCEL.value and row.contract is not None and filings.filed(row.contract):
        return "合同还在备案：先在预售登记里注销备案，再执行"
    if want == City.CHANGE.value and row.city.get("act") != want:
        return "合同已备案，先在城市系统办备案变更，再执行"
    return None


@need("2.3")
def list_price_stands(context: Context) -> str | None:
    """A room is changed at the list price of the day that was approved."""
    facts = facts_of(context)
    unit = facts.new_unit
    if unit is None or str(unit.list_price) == str(facts.change.after.get("list_price")):
        return None
    return f"{unit.label}的价目表已变，请撤销后按当日价格重新申请"


@need("2.3")
def approval_is_fresh(context: Context) -> str | None:
    """An approval holds for so many days as the SOP says."""
    change = facts_of(context).change
    days = int(context.setting("approval_days", 30))
    if change.approved_at is None or context.at <= change.approved_at + timedelta(days=days):
        return None
    return f"批准已超过 {days} 日，请撤销后重新申请"
