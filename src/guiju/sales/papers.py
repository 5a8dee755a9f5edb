"""The papers of a subscription: 房产认购书, 签约预约及所需提供资料表, 定金收据, 催签通知书, 解除认购通知书."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from guiju.customers.identity import IdentityKind
from guiju.customers.models import AuthorityLetter, Customer
from guiju.estate.models import Permit, Unit
from guiju.kernel.models import Case
from guiju.kernel.money import half_up
from guiju.kernel.numbering import ZONE
from guiju.kernel.prepared import prepared
from guiju.ledger.models import Receipt
from guiju.org.models import Person
from guiju.papers import forms as paper
from guiju.papers.models import SealUse
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.writing import money, money_words
from guiju.sales import pricing
from guiju.sales.deposit import Cause
from guiju.sales.facts import SubscriptionFacts
from guiju.sales.forms import HandInForm, instalments
from guiju.sales.models import BuyerPaper, DealBuyer, Payment, Subscription
from guiju.sales.receivables import last_deal

WAYS = {
    Payment.LUMP_SUM: "一次性付款",
    Payment.INSTALMENTS: "分期付款",
    Payment.MORTGAGE: "贷款付款",
    Payment.PROVIDENT: "贷款付款",
    Payment.COMBINED: "贷款付款",
    Payment.OTHER: "其他",
}
LOANS = {Payment.MORTGAGE: "商业", Payment.PROVIDENT: "公积金", Payment.COMBINED: "组合"}
NOTICE_DEADLINE = (
    "请您自收到本通知之日起 7 日内，携带签约所需证件资料和应付款项，到签约地点办理签约手续。"
    "逾期未办理，又未书面申请延期的，我公司将按《房产认购书》的约定处理。"
)
BASES = {"gfa": paper.PRICING_BASES[0], "inner": paper.PRICING_BASES[1], "set": paper.PRICING_BASES[2]}


@prepared
def _rows(case_id: int) -> QuerySet[Subscription, Subscription]:
    rows = Subscription.objects.select_related("unit__building", "unit__project__company", "deal")
    return rows.filter(case_id=case_id)


def _facts(case: Case) -> SubscriptionFacts:
    row = _rows.one(case.pk)
    if row is None:
        raise Subscription.DoesNotExist
    return SubscriptionFacts(row)


def _day(at: datetime | None) -> date | None:
    return at.astimezone(ZONE).date() if at is not None else None


@prepared
def _names(person_id: int) -> QuerySet[Person, str]:
    return Person.objects.filter(pk=person_id).values_list("name", flat=True)


def _signed(person_id: int | None, at: datetime | None) -> paper.Signed | None:
    if person_id is None or at is None:
        return None
    return paper.Signed(_names.one(person_id) or "", at.astimezone(ZONE).date())


def _seller(unit: Unit) -> paper.Seller:
    project = unit.project
    return paper.Seller(
        name=project.company.name,
        address=project.seller_address,
        licence=project.company.credit_code,
        qualification=project.seller_qualification,
        legal_representative=project.seller_representative,
        phone=project.seller_phone,
    )


def _home(unit: Unit) -> paper.Home:
    return paper.Home(
        label=f"{unit.project.name} {unit.label}",
        use=unit.get_kind_display(),
        layout=" ".join(part for part in (unit.layout, unit.layout_name) if part),
        orientation=unit.orientation,
        floor=f"第 {unit.floor} 层" if unit.floor else "",
        gross_area=unit.area_contract,
        inner_area=unit.inner_area,
        shared_area=unit.apportioned_area,
    )


def account_of(unit: Unit) -> paper.Account:
    """Return the escrow account that buyers pay into."""
    project = unit.project
    return paper.Account(holder=project.company.name, bank=project.escrow_bank, number=project.escrow_account)


@prepared
def _presale_permits(building_id: int) -> QuerySet[Permit, str]:
    rows = Permit.objects.filter(kind="presale", buildings=building_id).order_by("-issued_date", "-pk")
    return rows.values_list("number", flat=True)[:1]


def _permit(unit: Unit) -> str:
    return _presale_permits.one(unit.building_id) or ""


def _identity_label(customer: Customer) -> str:
    return next((kind.label for kind in IdentityKind if kind.value == customer.identity_kind), "证件")


def _agent(letter: AuthorityLetter | None) -> paper.Agent | None:
    if letter is None:
        return None
    capacity = {"agent": "委托代理人", "guardian": "监护人", "representative": "单位经办人"}[letter.kind]
    until = f"，至 {letter.valid_until:%Y-%m-%d}" if letter.valid_until else ""
    return paper.Agent(
        name=letter.agent.name,
        capacity=capacity,
        id_kind=_identity_label(letter.agent),
        id_number=letter.agent.identity_number,
        phone=letter.agent.phone,
        authority=f"{letter.matters}{until}{'（已公证）' if letter.notarised else ''}",
    )


def _sex(customer: Customer) -> str:
    number = customer.identity_number
    if customer.sex or customer.identity_kind != "resident" or len(number) != 18:
        return customer.sex
    return "男" if int(number[16]) % 2 else "女"


def _buyer(buyer: DealBuyer, signed_on: date | None) -> paper.Buyer:
    customer = buyer.customer
    return paper.Buyer(
        name=customer.name,
        id_kind=_identity_label(customer),
        id_number=customer.identity_number,
        sex=_sex(customer),
        born=customer.birth_date,
        phone=customer.phone,
        address=customer.address,
        email=customer.email,
        share=f"{buyer.share.normalize():f}%" if buyer.share is not None else "",
        relation=buyer.relation,
        legal_representative=customer.legal_representative,
        agent=_agent(buyer.letter),
        signed=paper.Signed(customer.name, signed_on) if signed_on is not None else None,
    )


@prepared
def _keepers(seal_number: str) -> QuerySet[SealUse, str]:
    return SealUse.objects.filter(number=seal_number).values_list("seal__keeper__name", flat=True)


def _seal(case: Case, row: Subscription) -> paper.Sealed | None:
    if row.sealed_at is None:
        return None
    keeper = _keepers.one(row.seal_number) or ""
    return paper.Sealed("合同专用章", row.seal_number, row.sealed_at.astimezone(ZONE).date(), keeper)


def _plan(rows: list[dict[str, Any]]) -> tuple[paper.Instalment, ...]:
    found = []
    for place, line in enumerate(rows, 1):
        due = line.get("due_date") or ("放款条件满足后" if line.get("loan") else "签约时")
        if line["name"] == "定金":
            due = "签署本书当日"
        found.append(paper.Instalment(str(place), line["name"], due, Decimal(line["amount"])))
    return tuple(found)


def _ticks(done: bool) -> tuple[paper.Tick, ...]:
    return tuple(paper.Tick(label, done) for label in paper.DISCLOSURES)


@prepared
def _receipt_numbers(cases: Collection[int]) -> QuerySet[Receipt, str]:
    rows = Receipt.objects.filter(case_id__in=cases, reverses=None, reversal=None)
    return rows.values_list("number", flat=True)


@offer("subscription", "subscription", "subscription", "房产认购书")
def subscription_form(case: Case, at: datetime) -> paper.SubscriptionForm:
    """Build the 房产认购书 from the case (I-5.1-7, I-6-1).

    :raises NotYetPrintable: nothing has been handed in; print the draft from the form instead.
    """
    facts = _facts(case)
    row, unit, deal = facts.row, facts.unit, facts.deal
    if deal is None or deal.total_price is None or row.deposit is None:
        raise NotYetPrintable("还没有填认购书，请先在「签署认购书」里填好")
    payment = Payment(deal.payment)
    receipts = _receipt_numbers(facts.cases)
    signed_on = _day(row.signed_with_customer_at) if row.signed_how == "screen" else None
    desks = (
        paper.Desk(
            "置业顾问",
            paper.SUBSCRIPTION_DESKS[0].words,
            _signed(row.sold_by_id, row.signed_with_customer_at),
        ),
        paper.Desk(
            "销售总监", paper.SUBSCRIPTION_DESKS[1].words, _signed(row.director_id, row.director_signed_at)
        ),
        paper.Desk(
            "客户服务", paper.SUBSCRIPTION_DESKS[2].words, _signed(row.registered_by, row.registered_at)
        ),
        paper.Desk(
            "财务收款员",
            paper.SUBSCRIPTION_DESKS[3].words,
            _signed(row.deposit_confirmed_by, row.deposit_confirmed_at),
        ),
    )
    return paper.SubscriptionForm(
        project=unit.project.name,
        number=row.number or case.number,
        seller=_seller(unit),
        buyers=tuple(_buyer(buyer, signed_on) for buyer in facts.buyers),
        unit=_home(unit),
        permit=_permit(unit),
        total=deal.total_price,
        deposit=row.deposit,
        plan=_plan(row.plan),
        pricing_basis=BASES[unit.pricing_basis],
        list_unit_price=unit.unit_price,
        list_total=deal.list_price,
        discounts=tuple(paper.Discount(line["name"], Decimal(line["deduction"])) for line in row.discounts),
        unit_price=deal.unit_price,
        payment_method=WAYS[payment],
        loan=paper.Loan(LOANS[payment], deal.bank) if payment in LOANS else None,
        deposit_due=_day(row.signed_with_customer_at),
        receipt="、".join(receipts),
        account=account_of(unit),
        sign_from=deal.subscribed_date,
        sign_until=row.signing_due_date,
        sign_place=unit.project.signing_place,
        disclosures=_ticks(True),
        seal=_seal(case, row),
        sealed_on=_day(row.sealed_at),
        desks=desks,
    )


def draft_form(case: Case, given: HandInForm, at: datetime) -> paper.SubscriptionForm:
    """Build the 房产认购书 from what is filled in but not yet handed in: for the buyers' wet signatures."""
    facts = _facts(case)
    unit = facts.unit
    list_price = unit.list_price or Decimal(0)
    area = unit.inner_area if unit.pricing_basis == "inner" else unit.area_contract
    day = at.astimezone(ZONE).date()
    plan = given.plan or instalments(
        given.payment,
        total=given.total_price,
        deposit=given.deposit,
        down=given.down_payment,
        due=given.signing_due_date or day,
    )
    return paper.SubscriptionForm(
        project=unit.project.name,
        number=case.number,
        seller=_seller(unit),
        buyers=tuple(
            paper.Buyer(
                name=buyer.name,
                id_number=buyer.identity,
                phone=buyer.phone,
                address=buyer.address,
                relation=buyer.relation,
                share=f"{buyer.share.normalize():f}%" if buyer.share is not None else "",
                agent=paper.Agent(buyer.agent.name, buyer.agent.kind.label, id_number=buyer.agent.identity)
                if buyer.agent
                else None,
            )
            for buyer in given.buyers
        ),
        unit=_home(unit),
        permit=_permit(unit),
        total=given.total_price,
        deposit=given.deposit,
        plan=_plan([line.model_dump(mode="json") for line in plan]),
        pricing_basis=BASES[unit.pricing_basis],
        list_unit_price=unit.unit_price,
        list_total=unit.list_price,
        discounts=tuple(
            paper.Discount(line.name, line.deduction) for line in pricing.lines(list_price, given.discounts)
        ),
        unit_price=half_up(given.total_price / area) if area and unit.pricing_basis != "set" else None,
        payment_method=WAYS[given.payment],
        loan=paper.Loan(LOANS[given.payment], given.bank) if given.payment in LOANS else None,
        account=account_of(unit),
        sign_from=day,
        sign_until=given.signing_due_date,
        sign_place=unit.project.signing_place,
        disclosures=_ticks(given.disclosed),
    )


def required(facts: SubscriptionFacts) -> tuple[paper.RequiredSet, ...]:
    """Return the papers that these buyers bring to signing, by their kind, payment and agents (I-5.1-4c, I-2.1-q)."""
    return _required(facts, Payment(facts.deal.payment) if facts.deal is not None else Payment.OTHER)


def _required(facts: SubscriptionFacts, payment: Payment) -> tuple[paper.RequiredSet, ...]:
    got = {(p.customer_id, p.kind): p for p in facts.papers}
    identity = []
    for buyer in facts.buyers:
        name = buyer.customer.name
        organisation = buyer.customer.kind == Customer.ORGANISATION
        own = got.get((buyer.customer_id, BuyerPaper.IDENTITY))
        title = "营业执照副本" if organisation else "居民身份证（或护照、通行证）"
        identity.append(
            paper.Required(title, name, "原件", "2", got=own is not None and own.received_at is not None)
        )
        if organisation:
            identity.append(paper.Required("法定代表人证明、授权委托书", name, "原件", "1"))
            continue
        permit = got.get((buyer.customer_id, BuyerPaper.RESIDENCE))
        if permit is not None and permit.needed:
            identity.append(
                paper.Required("暂住证（居住证）", name, "原件", "1", got=permit.received_at is not None)
            )
        identity.append(paper.Required("户口簿", name, "原件", "1"))
        identity.append(paper.Required("婚姻证明（结婚证、离婚证或单身声明）", name, "原件", "1"))
    sets = [
        paper.RequiredSet("身份与资格资料", tuple(identity)),
        paper.RequiredSet(
            "认购与付款凭证",
            (
                paper.Required("房产认购书", "全体买受人", "原件", ""),
                paper.Required("定金收据", "全体买受人", "原件", ""),
                paper.Required("首付款付款凭证（本人 POS 或转账单）", "全体买受人", "原件", "1"),
            ),
        ),
    ]
    if payment.needs_bank:
        loan = [
            paper.Required("收入证明（单位盖章）", "借款人", "原件", ""),
            paper.Required("近 6 至 12 个月银行流水", "借款人", "原件", ""),
            paper.Required("征信查询授权书", "借款人", "原件", ""),
            paper.Required("还款银行卡", "借款人", "", "1"),
        ]
        if payment in (Payment.PROVIDENT, Payment.COMBINED):
            loan.append(paper.Required("公积金缴存证明", "借款人", "原件", ""))
        sets.append(paper.RequiredSet("贷款资料", tuple(loan)))
    if any(buyer.letter_id for buyer in facts.buyers):
        sets.append(
            paper.RequiredSet(
                "代理资料",
                (
                    paper.Required("授权委托书（须公证）", "代理人", "原件", "1"),
                    paper.Required("代理人身份证", "代理人", "原件", "2"),
                ),
            )
        )
    return tuple(sets)


@offer("subscription", "appointment", "appointment", "签约预约及所需提供资料表")
def appointment_form(case: Case, at: datetime) -> paper.AppointmentForm:
    """Build the 签约预约及所需提供资料表 (I-5.1-4c, I-6-2).

    :raises NotYetPrintable: the subscription is not registered yet.
    """
    facts = _facts(case)
    row, deal, unit = facts.row, facts.deal, facts.unit
    if deal is None or deal.total_price is None or not row.number:
        raise NotYetPrintable("认购登记后才能打印签约资料表")
    payment = Payment(deal.payment)
    own = deal.down_payment if deal.down_payment is not None else deal.total_price
    return paper.AppointmentForm(
        project=unit.project.name,
        number=f"QY-{case.number}",
        subscription=row.number,
        buyers="、".join(facts.buyer_names),
        unit=unit.label,
        phone=facts.buyers[0].customer.phone if facts.buyers else "",
        signing_at=row.signing_at,
        sign_until=row.signing_due_date,
        place=unit.project.signing_place,
        consultant=row.sold_by.name if row.sold_by is not None else "",
        payment_method=payment.label,
        bring=max(own - facts.received, Decimal("0.00")),
        bring_for="首付款（扣除已交定金）" if deal.down_payment is not None else "房款（扣除已交定金）",
        account=account_of(unit),
        bank=deal.bank,
        lawyer_at=row.signing_at if row.lawyer_at_signing else None,
        sets=_required(facts, payment),
    )


@offer("subscription", "deposit_receipt", "deposit_receipt", "定金收据")
def deposit_receipt_form(case: Case, at: datetime) -> paper.DepositReceiptForm:
    """Build the receipt of the last deposit that stands.

    :raises NotYetPrintable: no deposit is booked.
    """
    facts = _facts(case)
    receipt = (
        Receipt.objects.filter(case_id__in=facts.cases, reverses=None, reversal=None).order_by("-id").first()
    )
    if receipt is None:
        raise NotYetPrintable("还没有收到定金")
    return receipt_form(receipt, facts)


def receipt_form(receipt: Receipt, facts: SubscriptionFacts) -> paper.DepositReceiptForm:
    """Build the 定金收据 of one receipt."""
    unit = facts.unit
    day = receipt.received_at.astimezone(ZONE).date()
    return paper.DepositReceiptForm(
        project=unit.project.name,
        number=receipt.number,
        received_on=day,
        payer=receipt.payer,
        buyers="、".join(facts.buyer_names),
        unit=unit.label,
        subscription=facts.row.number or facts.row.case.number,
        amount=receipt.amount,
        way={"transfer": "转账", "pos": "POS 刷卡", "cheque": "支票"}.get(receipt.method, "其他"),
        account=paper.Account(unit.project.company.name, unit.project.escrow_bank, receipt.account),
        voucher=receipt.voucher,
        third_party=f"付款人与买受人关系：{receipt.relation}" if receipt.third_party else "",
        seller=unit.project.company.name,
        cashier=paper.Signed(receipt.booked_by.name, day),
    )


@offer("subscription", "notice", "letter", "催签通知书")
def notice_form(case: Case, at: datetime) -> paper.LetterForm:
    """Build the written reminder to sign (domain 2.2, T+1).

    :raises NotYetPrintable: the subscription is not in force.
    """
    facts = _facts(case)
    row, deal, unit = facts.row, facts.deal, facts.unit
    if deal is None or row.signing_due_date is None or row.sealed_at is None:
        raise NotYetPrintable("认购书盖章生效后才能发催签通知")
    due = f"{row.signing_due_date:%Y 年 %m 月 %d 日}"
    return paper.LetterForm(
        title="催签通知书",
        number=f"CQ-{case.number}",
        to="、".join(facts.buyer_names),
        paragraphs=(
            "".join(
                (
                    f"您于 {deal.subscribed_date:%Y 年 %m 月 %d 日} 认购{unit.project.name}{unit.label}，",
                    f"签署了编号为 {row.number} 的《房产认购书》，约定在 {due} 前签订《商品房买卖合同》。",
                )
            ),
            NOTICE_DEADLINE,
            "如已办理或正在办理，请忽略本通知；如有困难，请尽快与我们联系。",
        ),
        company=unit.project.company.name,
        written_on=at.astimezone(ZONE).date(),
        facts=(("认购书编号", row.number), ("房屋", unit.label), ("签约期限", due)),
        phone=unit.project.seller_phone,
        address=unit.project.signing_place,
    )


@offer("subscription", "rescission", "letter", "解除认购通知书")
def rescission_form(case: Case, at: datetime) -> paper.LetterForm:
    """
    Build the notice that a subscription ends by the buyer's default, with what becomes of the deposit (domain 1.2, 2.2).

    :raises NotYetPrintable: nobody has decided so.
    """
    facts = _facts(case)
    row, unit, outcome = facts.row, facts.unit, facts.row.outcome
    if not outcome or outcome["cause"] != Cause.BUYER_DEFAULT.value:
        raise NotYetPrintable("批准违约处理后才能发解除认购通知书")
    paid, forfeited, back = (Decimal(outcome[name]) for name in ("paid", "forfeited", "refund"))
    number = row.number or case.number
    deal = last_deal(row)
    names = list(
        DealBuyer.objects.filter(deal=deal).order_by("position").values_list("customer__name", flat=True)
    )
    return paper.LetterForm(
        title="解除认购通知书",
        number=f"JRG-{case.number}",
        to="、".join(names or facts.buyer_names),
        paragraphs=(
            f"您认购{unit.project.name}{unit.label}，签署了编号为 {number} 的《房产认购书》。约定的签约期限届满后，经我司书面催告，您仍未签订《商品房买卖合同》。",
            "依照《中华人民共和国民法典》第五百六十三条、第五百六十五条、第五百八十七条和认购书的约定，我司通知您解除认购书，该房屋另行公开销售。已收款项的处理如下表。",
            "如有应退的款项，请在收到本通知之日起 7 日内持认购书、收据原件和身份证件办理退款；如有异议，可以请求人民法院或者仲裁机构确认解除行为的效力。",
        ),
        company=unit.project.company.name,
        written_on=at.astimezone(ZONE).date(),
        facts=(
            ("认购书编号", number), ("房屋", unit.label), ("已收款项", _amount(paid)), ("不予退还的定金", _amount(forfeited)),
            ("应退款项", _amount(back)), ("依据", str(outcome["rule"])),
        ),
        phone=unit.project.seller_phone,
        address=unit.project.signing_place,
        delivery="EMS",
    )  # fmt: skip


def _amount(amount: Decimal) -> str:
    """Return an amount in yuan in figures and in words, or that there is none."""
    return f"{money(amount)} 元（{money_words(amount)}）" if amount else "无"
