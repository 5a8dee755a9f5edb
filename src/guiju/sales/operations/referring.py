"""What the steps of a referral need and do. Needs and effects of ``processes.referral``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.db import IntegrityError, transaction

from guiju.customers.models import Customer
from guiju.kernel import search
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.crypto import blind_index, normalise_phone, normalise_text
from guiju.kernel.engine import Context
from guiju.kernel.models import Event
from guiju.kernel.money import ZERO, half_up, money
from guiju.kernel.process import need
from guiju.kernel.refusals import NotReady, Reason
from guiju.kernel.search import Document
from guiju.ledger.models import Kind, Payout
from guiju.ledger.operations import paying
from guiju.ledger.queries import book_of_deal, receivables_of
from guiju.org.models import Person
from guiju.sales import referral_forms as forms
from guiju.sales import taxes
from guiju.sales.models import Deal, DealBuyer, Payment, Referral, Subscription
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.second_person import voucher_used

CLAUSE = "I-5.13-0"


@dataclass
class ReferralFacts:
    """A referral with the referrer, and the deal it led to."""

    row: Referral

    @property
    def deal(self) -> Deal | None:
        """The deal of the referred person."""
        return self.row.deal

    @cached_property
    def buyers(self) -> list[DealBuyer]:
        """The buyers of the deal."""
        if self.row.deal_id is None:
            return []
        return _buyers(self.row.deal_id)


def _buyers(deal_id: int) -> list[DealBuyer]:
    return list(DealBuyer.objects.filter(deal_id=deal_id).select_related("customer").order_by("position"))


def load(context: Context) -> ReferralFacts | None:
    """Read the referral of the case; None while it is being opened."""
    rows = Referral.objects.select_related(
        "referrer", "referrer_deal__unit__building", "deal__unit__building", "project"
    )
    row = rows.filter(case_id=context.case.pk or 0).first()
    return ReferralFacts(row) if row is not None else None


def facts_of(context: Context) -> ReferralFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, ReferralFacts)
    return facts


def key_of(name: str, tail: str) -> str:
    """Return the keyed digest by which one person is known before the phone is."""
    return blind_index("referral", f"{normalise_text(name)}|{tail}")


def _owner(context: Context) -> Deal | None:
    """Return the live deal of the unit the referrer lives in."""
    if "owner" not in context.kept:
        unit = context.subject("unit")
        rows = Deal.objects.filter(unit_id=unit or 0, live=True).select_related("unit__building")
        context.kept["owner"] = rows.first()
    deal: Deal | None = context.kept["owner"]
    return deal


# --- registration ----------------------------------------------------------------------------------------------------
@need(CLAUSE, given=True)
def referrer_is_an_owner(context: Context) -> str | None:
    """Who recommends has signed a contract here, and is no colleague (domain 2.13)."""
    given, deal = context.given, _owner(context)
    assert isinstance(given, forms.RegisterForm)
    if deal is None or deal.stage != Deal.SIGNED:
        return "推荐人应是已签约的业主：请从推荐人的房屋登记"
    buyers = _buyers(deal.pk)
    if given.referrer > len(buyers):
        return f"这套房只有 {len(buyers)} 位买受人"
    phone = normalise_phone(buyers[given.referrer - 1].customer.phone)
    if int(context.setting("staff_excluded", 1)) and phone:
        staff = Person.objects.filter(company_id=context.case.chain_id, is_active=True)
        if any(normalise_phone(one.phone) == phone for one in staff if one.phone):
            return "推荐人是本公司员工，员工推荐不计奖励"
    return None


@need(CLAUSE, given=True)
def not_back_dated(context: Context) -> str | None:
    """What was not filled in on the day is not made good later; recording decides, not what is typed (DECISIONS 10)."""
    given = context.given
    assert isinstance(given, forms.RegisterForm)
    today = local_date(context.recorded_at)
    if given.contact_date != today or local_date(context.at) != today:
        return f"推荐确认单应在到访或联系当天填写，当日未填的不予追认（今天是 {today}）"
    return None


@need(CLAUSE, given=True)
def not_oneself(context: Context) -> str | None:
    """Nobody recommends himself, or whoever bought together with him."""
    given, deal = context.given, _owner(context)
    assert isinstance(given, forms.RegisterForm)
    if deal is None:
        return None
    for buyer in _buyers(deal.pk):
        same = normalise_text(buyer.customer.name) == normalise_text(given.name)
        if same and normalise_phone(buyer.customer.phone).endswith(given.phone_tail):
            return f"{given.name}是推荐人本人或同一套房的买受人，不能自己推荐自己"
    return None


@need(CLAUSE, given=True)
def nobody_was_faster(context: Context) -> str | None:
    """The first confirmed wins."""
    given = context.given
    assert isinstance(given, forms.RegisterForm)
    return _earlier(context.case.scope_id or 0, key_of(given.name, given.phone_tail), None)


def _earlier(project_id: int, key: str, own: int | None) -> str | None:
    rows = Referral.objects.filter(
        project_id=project_id, key_index=key, live=True, confirmed_at__isnull=False
    )
    first = rows.exclude(pk=own or 0).select_related("case").first()
    if first is None:
        return None
    return f"这位客户已由推荐单 {first.case.number} 先确认（{first.confirmed_at:%Y-%m-%d}），以先确认的为准"


def register(context: Context) -> None:
    """Write the slip: the name and the last digits only, until the person agrees."""
    given, deal = context.given, _owner(context)
    assert isinstance(given, forms.RegisterForm)
    assert deal is not None
    referrer = _buyers(deal.pk)[given.referrer - 1].customer
    Referral.objects.create(
        case=context.case, project_id=deal.project_id, referrer=referrer, referrer_deal=deal, name=given.name,
        phone_tail=given.phone_tail, key_index=key_of(given.name, given.phone_tail), relation=given.relation,
        contact_way=given.way.value, registered_at=context.recorded_at, registered_by=person_of(context),
    )  # fmt: skip
    context.link("customer", referrer.pk)
    context.title = f"推荐 {given.name}（推荐人 {referrer.name}，{deal.unit.label}）"[:200]
    keep(context, [given.signed], "referral_slip", "推荐人签字")
    context.say(registered=context.recorded_at.isoformat())
    context.forget_facts()
    case = context.case
    scope = () if case.scope_id is None else (case.scope_id,)
    search.index_many(
        [
            Document(
                "case",
                case.number,
                context.title,
                scope,
                (case.number, deal.unit.label),
                [given.name, referrer.name],
            )
        ]
    )


# --- consent and confirmation ----------------------------------------------------------------------------------------
@need(CLAUSE, given=True)
def phone_has_the_tail(context: Context) -> str | None:
    """The phone is the one whose last digits were written on the slip."""
    given = context.given
    assert isinstance(given, forms.ConsentForm)
    tail = facts_of(context).row.phone_tail
    return None if normalise_phone(given.phone).endswith(tail) else f"手机号的尾号不是登记的 {tail}，请核对"


@need("PIPL 13")
def has_agreed(context: Context) -> str | None:
    """The phone of somebody else is used only with that person's consent (PIPL 13)."""
    return (
        None
        if facts_of(context).row.consented_at is not None
        else "被推荐人还没有同意留下电话，请先办「登记本人同意」"
    )


@need(CLAUSE)
def checker_is_another(context: Context) -> str | None:
    """Who took the slip does not confirm it."""
    return "不能确认自己登记的推荐" if facts_of(context).row.registered_by_id == context.by_id else None


@need(CLAUSE)
def not_known_before(context: Context) -> str | None:
    """Who was here before the slip, bought, called or visited, was not brought by it."""
    row = facts_of(context).row
    if not row.phone_index:
        return None
    known = Customer.objects.filter(
        company_id=context.case.chain_id, phone_index=row.phone_index, merged_into=None,
        recorded_at__lt=row.registered_at,
    ).order_by("recorded_at").first()  # fmt: skip
    return (
        f"这位客户 {local_date(known.recorded_at)} 已在客户资料里，不是新客户，不能确认推荐"
        if known is not None
        else None
    )


@need(CLAUSE)
def still_the_first(context: Context) -> str | None:
    """Somebody else's slip was confirmed meanwhile."""
    row = facts_of(context).row
    return _earlier(row.project_id, row.key_index, row.pk)


def consent(context: Context) -> None:
    """Take down the phone, now that the person agrees."""
    given = context.given
    assert isinstance(given, forms.ConsentForm)
    row = facts_of(context).row
    row.phone = normalise_phone(given.phone)
    row.phone_index = blind_index("phone", row.phone)
    row.consented_at, row.consent_proof = context.at, given.proof
    row.save(update_fields=["phone", "phone_index", "consented_at", "consent_proof"])
    keep(context, [given.proof], "referral_consent", "被推荐人同意")


def confirm(context: Context) -> None:
    """Confirm the referral; two at once make one, by constraint. The validity begins."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    row, today = facts_of(context).row, local_date(context.recorded_at)
    row.confirmed_at, row.confirmed_by, row.checked = context.recorded_at, person_of(context), given.checked
    row.visit_due_date = today + timedelta(days=int(context.setting("visit_days", 7)))
    row.deal_due_date = today + timedelta(days=int(context.setting("deal_days", 60)))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NotReady(
            [Reason(_earlier(row.project_id, row.key_index, row.pk) or "已有人先确认", CLAUSE)]
        ) from error
    context.say(visit_until=row.visit_due_date, deal_until=row.deal_due_date)


def end(context: Context) -> None:
    """The referral counts no more; somebody else may recommend the same person."""
    row = facts_of(context).row
    row.live = False
    row.save(update_fields=["live"])


# --- visit and deal --------------------------------------------------------------------------------------------------
@need(CLAUSE, given=True)
def visit_is_in_time(context: Context) -> str | None:
    """The referred person comes within the validity."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.VisitForm)
    if given.visit_date > local_date(context.recorded_at):
        return "到访日期不能晚于今天"
    if row.visit_due_date is not None and given.visit_date > row.visit_due_date:
        return f"推荐有效期到 {row.visit_due_date}，已经过期"
    return None


@need(CLAUSE)
def validity_is_over(context: Context) -> str | None:
    """A referral lapses by a person's word, after its last day."""
    row, today = facts_of(context).row, local_date(context.at)
    last = row.visit_due_date if row.visited_at is None else row.deal_due_date
    return None if last is not None and today > last else f"有效期到 {last}，还没有过期"


def _deal_numbered(context: Context) -> Deal | None:
    given = context.given
    assert isinstance(given, forms.DealForm)
    project = context.case.scope_id or 0
    found = (
        Subscription.objects.filter(number=given.number, unit__project_id=project)
        .select_related("deal")
        .first()
    )
    if found is not None and found.deal is not None and found.deal.live:
        return found.deal
    return Deal.objects.filter(project_id=project, contract_number=given.number, live=True).first()


@need(CLAUSE, given=True)
def bought_by_the_referred(context: Context) -> str | None:
    """The buyer is the referred person, or the spouse with proof; after the slip, within the validity, not with the referrer."""
    given, row, deal = context.given, facts_of(context).row, _deal_numbered(context)
    assert isinstance(given, forms.DealForm)
    if deal is None:
        return f"没有编号为 {given.number} 的成交"
    if Referral.objects.filter(deal=deal, live=True).exclude(pk=row.pk).exists():
        return "这笔成交已有推荐人，一笔成交只认一位推荐人"
    if deal.subscribed_date is not None:
        if deal.subscribed_date < local_date(row.registered_at):
            return "认购在登记推荐以前，不算推荐成交"
        if row.deal_due_date is not None and deal.subscribed_date > row.deal_due_date:
            return f"推荐的成交有效期到 {row.deal_due_date}，已经过期"
    buyers = _buyers(deal.pk)
    if any(one.customer_id == row.referrer_id for one in buyers):
        return "推荐人自己也是这套房的买受人，不算推荐"
    same = any(
        normalise_text(one.customer.name) == normalise_text(row.name)
        and (not one.customer.phone_index or one.customer.phone_index == row.phone_index)
        for one in buyers
    )
    if not same and given.spouse_proof is None:
        return f"买受人不是被推荐人{row.name}；是其配偶的，请上传关系证明"
    return None


def visit(context: Context) -> None:
    """Record that the referred person came."""
    row = facts_of(context).row
    row.visited_at = context.at
    row.save(update_fields=["visited_at"])


def link_deal(context: Context) -> None:
    """Bind the referral to the deal it led to."""
    given, row, deal = context.given, facts_of(context).row, _deal_numbered(context)
    assert isinstance(given, forms.DealForm)
    assert deal is not None
    row.deal, row.spouse_proof = deal, given.spouse_proof or ""
    row.save(update_fields=["deal", "spouse_proof"])
    context.link("deal", deal.pk)
    keep(context, [given.spouse_proof], "spouse_proof", "配偶关系证明")
    context.forget_facts()


# --- reward ----------------------------------------------------------------------------------------------------------
@need(CLAUSE)
def reward_is_earned(context: Context) -> str | None:
    """Contract signed and, without a loan, the price paid; with one, own money paid and the loan arrived (domain 2.13)."""
    deal = facts_of(context).deal
    if deal is None or not deal.live:
        return "所荐客户的成交已经结束"
    if deal.stage != Deal.SIGNED:
        return "所荐客户还没有签约"
    book = book_of_deal(deal.pk)
    lines = (
        [one for one in receivables_of(book.pk) if Kind(one.receivable.kind).price]
        if book is not None
        else []
    )
    open_ = sum((one.open for one in lines), ZERO)
    if not lines or open_ > 0:
        loan = any(one.open > 0 and Kind(one.receivable.kind).loan for one in lines)
        if loan and Payment(deal.payment).needs_bank:
            return f"贷款还没有全部到账（差 {money(open_)}），到账后再申报奖励"
        return f"房款还没有付清（差 {money(open_)}），付清后再申报奖励"
    return None


def reward_of(context: Context, deal: Deal) -> Decimal:
    """Return the reward by the house's rule: a sum, a share of the price, or both, in yuan."""
    fixed = Decimal(str(context.setting("reward_yuan", 0)))
    share = Decimal(str(context.setting("reward_percent", 0)))
    return half_up(fixed + (deal.total_price or ZERO) * share / 100)


@need(CLAUSE, given=True)
def reward_is_by_the_rule(context: Context) -> str | None:
    """The reward is what the rule says."""
    given, deal = context.given, facts_of(context).deal
    assert isinstance(given, forms.ClaimForm)
    if deal is None:
        return "还没有登记成交"
    right = reward_of(context, deal)
    return None if given.amount == right else f"按奖励规定为 {money(right)}，所填不符"


@need(CLAUSE, person=True)
def payer_is_apart(context: Context) -> str | None:
    """Who took the slip, confirmed the referral or claimed the reward does not pay it (domain 2.0, segregation)."""
    row = facts_of(context).row
    claimed = (
        Event.objects.filter(case_id=context.case.pk, step="request:claim").order_by("-case_seq").first()
    )
    mine = {row.registered_by_id, row.confirmed_by_id, claimed.actor_id if claimed is not None else None}
    return "登记、确认或申报这笔奖励的人不能办理付款" if context.by_id in mine else None


@need(CLAUSE, given=True)
def tax_is_checked(context: Context) -> str | None:
    """Income tax is withheld, and from 2026-11-01 VAT is checked; another figure than calculated says why."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.PayForm)
    if given.paid_date > local_date(context.recorded_at):
        return "付款日期不能晚于今天"
    if row.reward is None:
        return "奖励还没有批准"
    if problem := voucher_used(context, [given.voucher]):
        return problem
    right = tax_of(context, row.reward, given)
    if right.vat_checked and given.vat is None:
        return "2026-11-01 起付给个人的款应核定代扣增值税：请填代扣增值税，没有的填 0 并写明原因"
    if ((given.vat or ZERO) != right.vat or given.income_tax != right.income_tax) and not given.tax_note:
        return f"测算代扣增值税 {money(right.vat)}、个人所得税 {money(right.income_tax)}；不同的请写明原因"
    if (given.vat or ZERO) + given.income_tax >= row.reward:
        return "代扣的税不能超过奖励"
    return None


def tax_of(context: Context, reward: Decimal, given: forms.PayForm) -> taxes.RewardTax:
    """Return what is withheld of a reward on its day of payment."""
    return taxes.reward_tax(
        reward, on=given.paid_date, vat_rate=Decimal(str(context.setting("vat_rate", 1))),
        vat_threshold=Decimal(str(context.setting("vat_threshold", 0))),
    )  # fmt: skip


@need(CLAUSE)
def deal_lives(context: Context) -> str | None:
    """No reward for a deal that has ended, or on which a return is asked for."""
    from guiju.sales.changing import pending_change

    deal = facts_of(context).deal
    if deal is None or not deal.live:
        return "所荐客户的成交已经结束，不能发放奖励"
    number = pending_change(deal.pk)
    return f"所荐客户有变更或退房 {number} 在办，办结后再发放" if number is not None else None


def approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the chain looks at: the amount in yuan."""
    return {"amount": getattr(context.given, "amount", ZERO)}


def claim(context: Context) -> None:
    """The reward is approved."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.ClaimForm)
    row.reward = given.amount
    row.save(update_fields=["reward"])


def pay(context: Context) -> None:
    """Pay the referrer what is left after taxes, out of the books of the deal."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.PayForm)
    assert row.reward is not None
    assert row.deal_id is not None
    row.vat, row.income_tax, row.tax_note = given.vat or ZERO, given.income_tax, given.tax_note
    row.net = row.reward - row.vat - row.income_tax
    row.account, row.voucher, row.paid_date = given.account, given.voucher, given.paid_date
    row.save()
    book = book_of_deal(row.deal_id)
    assert book is not None
    paying.pay_out(
        book=book, kind="reward", amount=row.net, payee=row.referrer.name, account=given.account, voucher=given.voucher,
        method="transfer", paid_at=context.at, at=context.recorded_at, by_id=person_of(context).pk, case_id=context.case.pk,
    )  # fmt: skip
    context.say(reward=row.reward, vat=row.vat, income_tax=row.income_tax, net=row.net)


def claw_back(context: Context) -> None:
    """The deal ended: the reward falls; what was paid has to come back."""
    row = facts_of(context).row
    row.live, row.clawed_back_at = False, context.at
    row.clawed_back = row.net if row.paid_date is not None else ZERO
    row.claw_back_due_date = (
        local_date(context.at) + timedelta(days=30) if row.paid_date is not None else None
    )
    row.save()
    context.say(clawed_back=row.clawed_back)


@need(CLAUSE, given=True)
def recovered_in_full(context: Context) -> str | None:
    """What comes back is what was paid; less says why."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.RecoverForm)
    wanted = row.clawed_back or ZERO
    if given.amount == wanted or (given.amount < wanted and given.note):
        return None
    return f"应追回 {money(wanted)}；少于这个数的，写明抵扣或核销的依据"


def recover(context: Context) -> None:
    """Book what came back against the payment it came of; what was offset or written off stays paid."""
    given = context.given
    assert isinstance(given, forms.RecoverForm)
    paid = Payout.objects.filter(case_id=context.case.pk, kind="reward", reverses=None, reversal=None).first()
    if paid is not None and given.amount > 0:
        paying.came_back(
            payout=paid, at=context.recorded_at, by_id=person_of(context).pk, amount=given.amount, voucher=given.voucher
        )  # fmt: skip
    context.say(recovered=given.amount)


def visit_due(context: Context) -> object:
    """The last day of the validity in hand."""
    row = facts_of(context).row
    last = row.deal_due_date if row.visited_at is not None else row.visit_due_date
    return end_of(last) if last is not None else None
