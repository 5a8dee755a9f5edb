"""
退房 after the loan was paid out, by the posts of the SOP (document I, process 十): Lin takes the application, Deng
calculates, five say yes, the couple signs, He pays the bank and then the buyers; each control point is refused once.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guiju.customers.operations.entries import enter
from guiju.demo.invented import identity
from guiju.estate.models import Control, Unit
from guiju.kernel import engine, reactions
from guiju.kernel.models import ApprovalRequest, Case, Clock, Event
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import NotReady, NotYourPost
from guiju.ledger.models import Kind, Payout, Receipt, Receivable, Refund
from guiju.ledger.operations import allocating, books, receipts, receivables
from guiju.ledger.operations.receivables import Planned
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.org.models import Person
from guiju.papers import forms as papers
from guiju.papers.forms import Stamp
from guiju.papers.offers import offers_of
from guiju.reports.course import course_of
from guiju.sales.models import Contract, Deal, DealBuyer, DealChange, Filing, Mortgage, Payment, RoomReturn
from tests.stories.conftest import BORN, WEDNESDAY, House, beijing

pytestmark = pytest.mark.django_db
D = Decimal
NOTICE, APPLIED, PAID = date(2026, 11, 2), beijing("2026-11-03 10:00"), beijing("2026-11-17 15:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def bought(
    house: House, *, unit: int = 0, loan: bool = True, names: tuple[str, ...] = ("苏清越", "罗闻樱")
) -> Deal:
    """A signed purchase at 2,000,000 yuan: 600,000 of their own on 2025-03-01, the loan on 2025-06-01 (domain 2.32)."""
    flat, own = house.units[unit], D("600000") if loan else D("2000000")
    signed = beijing("2025-03-01 11:00")
    deal = Deal.objects.create(
        unit=flat, project=house.project, stage=Deal.SIGNED, payment=Payment.MORTGAGE if loan else Payment.LUMP_SUM,
        bank="示范银行" if loan else "", list_price=flat.list_price, total_price=D("2000000"), down_payment=own,
        subscribed_date=date(2025, 2, 20), signed_date=signed.date(), contract_number=f"HT{unit}", opened_at=signed,
        terms_version=2,
    )  # fmt: skip
    for place, name in enumerate(names, 1):
        customer = enter(
            company_id=house.project.company_id, name=name, identity=identity(BORN, 500 + 10 * unit + place),
            phone=f"199000077{unit}{place}", at=signed, source="台账",
        )  # fmt: skip
        DealBuyer.objects.create(deal=deal, customer=customer, position=place)
    Unit.objects.filter(pk=flat.pk).update(control=Control.SIGNED)
    Contract.objects.create(
        deal=deal, number=f"HT{unit}", signed_date=signed.date(), total_price=D("2000000"),
        terms={"interest_rate": "4.90", "rescind_percent": "5"},
    )  # fmt: skip
    book = books.open_book(unit=flat, at=signed, by_id=None, deal=deal.pk)
    plan = [Planned(Kind.DOWN_PAYMENT, "首付款", own, signed.date())]
    if loan:
        plan.append(Planned(Kind.LOAN, "按揭款", D("1400000"), date(2025, 6, 1)))
    when = {"at": signed, "recorded_at": signed, "by_id": house.he.pk}
    receivables.add(book=book, planned=plan, **when)
    came = [(own, "transfer", names[0], signed)]
    if loan:
        came.append((D("1400000"), "loan", "示范银行", beijing("2025-06-01 11:00")))
    for place, (amount, method, payer, at) in enumerate(came):
        made = receipts.book(
            unit=flat, case_id=None, purpose="price", amount=amount, method=method, account="监管户",
            voucher=f"E{unit}{place}", payer=payer, third_party=False, relation="", received_at=at, recorded_at=at,
            by_id=house.he.pk, to=book,
        )  # fmt: skip
        receipts.check(receipt=made, by_id=house.zhou.pk, at=at)
        allocating.allocate(receipt=made, at=at, by_id=house.he.pk)
    return deal


def check_receipts(house: House, at: datetime) -> None:
    """The assistant manager compares every receipt with its slip."""
    for row in Receipt.objects.filter(check_row=None, reverses=None, reversal=None):
        receipts.check(receipt=row, by_id=house.tang.pk, at=at)


def with_loan_and_filing(house: House, deal: Deal) -> tuple[Mortgage, Filing]:
    """The mortgage paid out and the contract on the city's file, as their own cases left them."""
    at = APPLIED - DAY
    where = {"chain_id": house.project.company_id, "scope_id": house.project.pk}
    links = [("unit", deal.unit_id), ("deal", deal.pk)]
    opened = engine.open_case(
        "mortgage", by=house.deng, at=at, given={"part": "commercial", "amount": "1400000", "bank": "示范银行"}, links=links,
        **where,
    )  # fmt: skip
    loan = Mortgage.objects.get(case_id=opened.case_id)
    Mortgage.objects.filter(pk=loan.pk).update(
        disbursed_amount=D("1400000"), disbursed_at=at, approved_amount=D("1400000")
    )
    Case.objects.filter(pk=loan.case_id).update(state="disbursed")
    opened = engine.open_case("presale_filing", by=house.deng, at=at, links=links, **where)
    filing = Filing.objects.get(case_id=opened.case_id)
    Filing.objects.filter(pk=filing.pk).update(filed_at=at, filed_date=at.date(), filing_number="BA-001")
    Case.objects.filter(pk=filing.case_id).update(state="filed")
    Unit.objects.filter(pk=deal.unit_id).update(control=Control.FILED)
    return loan, filing


def finance(house: House) -> Person:
    """He approves as finance and pays."""
    return house.he


def asked(house: House, *, unit: int = 0, at: datetime = APPLIED, by: str = "lin", **changed: Any) -> Case:
    given = {
        "kind": "room", "cause": "contract", "words": "实测面积误差超过 3%，买受人选择解除合同", "clause": "合同第五条",
        "term": "15", "signed": [house.scan], "proofs": [house.scan],
    } | changed  # fmt: skip
    event = engine.open_case(
        "refund", by=house.people[by], at=at, given=given, chain_id=house.project.company_id, scope_id=house.project.pk,
        links=[("unit", house.units[unit].pk)],
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def row_of(case: Case) -> RoomReturn:
    return RoomReturn.objects.get(case=case)


def refused(house: House, case: Case, step: str, by: str, at: datetime, words: str, **given: Any) -> None:
    """The step is refused in these words, and nothing has happened."""
    before = Event.objects.filter(case=case).count()
    with pytest.raises(NotReady) as found:
        house.take(case, step, by, at, **given)
    assert words in str(found.value)
    assert Event.objects.filter(case=case).count() == before


SUMS: dict[str, Any] = {
    "until_date": "2026-11-17", "payoffs": [{"bank": "示范银行", "amount": "1352000", "account": "还款户 01"}],
    "payees": [{"name": "苏清越", "account": "示范银行 6200 01"}],
}  # fmt: skip


def approved(house: House, case: Case, at: datetime, **changed: Any) -> None:
    """Talked about, calculated, approved by the five."""
    house.take(case, "talk", "lin", at + HOUR, words="客户坚持解除")
    house.take(case, "calculate", "deng", at + 2 * HOUR, **(SUMS | changed))
    row = row_of(case)
    legal = {"legal": "有约定解除权", "legal_paper": house.scan} if row.stage != "subscribed" else {}
    house.take(case, "submit", "deng", at + 3 * HOUR, payable=str(row.payable), kept=str(row.kept), **legal)
    house.approve(case, at + 4 * HOUR)


def signers(house: House, count: int) -> list[dict[str, Any]]:
    return [{"buyer": place, "kind": "self", "signature": house.scan} for place in range(1, count + 1)]


@pytest.mark.clause("I-5.10-0a", "I-5.10-0b", "I-6-7")
def test_a_home_comes_back_after_the_loan_was_paid_out(house: House, client: Client):
    deal = bought(house)
    loan, filing = with_loan_and_filing(house, deal)
    book = book_of_deal(deal.pk)
    assert book is not None

    # An application is signed by everybody; after signing it needs a ground.
    for changed, words in (
        ({"signed": []}, "全体买受人签字"),
        ({"proofs": []}, "没有法定或约定的理由不能退房"),
    ):
        with pytest.raises(NotReady, match=words):
            asked(house, **changed)
    case = asked(house, notice_date=NOTICE)
    row = row_of(case)
    assert (row.stage, row.due_date) == ("loan", date(2026, 11, 17))
    assert Clock.objects.get(case=case, name="pay").due_at == beijing("2026-11-18 00:00")
    assert DealChange.objects.get(case=case).open
    with pytest.raises(NotReady, match="在办，办结后再申请"):
        asked(house, at=APPLIED + HOUR)

    # The talk, then the sheet: banks first, the payer as paid, what the notice wants.
    refused(house, case, "calculate", "deng", APPLIED + HOUR, "还没有和客户洽谈", **SUMS)
    house.take(case, "talk", "lin", APPLIED + HOUR, words="客户坚持解除")
    at = APPLIED + DAY
    legal = {"legal": "有约定解除权", "legal_paper": house.scan}
    refused(house, case, "submit", "deng", at, "还没有测算", payable="1", kept="0", **legal)
    refused(house, case, "calculate", "deng", at, "应先还银行", **(SUMS | {"payoffs": []}))
    refused(house, case, "calculate", "deng", at, "结清金额还没有登记", **SUMS)
    engine.advance(
        loan.case_id,
        "record_payoff",
        by=house.deng,
        at=at,
        given={"amount": "1352000", "on_date": "2026-11-17"},
    )
    stranger = [{"name": "旁人", "account": "6200 09"}]
    refused(house, case, "calculate", "deng", at, "旁人不是原付款人", **(SUMS | {"payees": stranger}))
    unproved = [{"kind": "buyer", "name": "罗闻樱", "account": "6200 02"}]
    refused(house, case, "calculate", "deng", at, "请写明依据", **(SUMS | {"payees": unproved}))
    house.take(case, "calculate", "deng", at, **SUMS)
    row = row_of(case)
    assert (row.kept, row.added, row.payable) == (ZERO, D("150785.75"), D("2150785.75"))
    assert [(one.kind, one.name, one.amount) for one in row.payees.order_by("position")] == [
        ("bank", "示范银行", D("1352000")), ("payer", "苏清越", D("798785.75")),
    ]  # fmt: skip

    client.force_login(house.deng)
    page = client.get(reverse("web:step", args=[case.number, "submit"])).content.decode()
    assert 'value="2150785.75"' in page

    # What is approved is what was calculated, with the lawyer's opinion; the deal stays as it was.
    refused(house, case, "submit", "deng", at, "所填不符", payable="2150785.74", kept="0", **legal)
    refused(house, case, "submit", "deng", at, "须有法务意见", payable="2150785.75", kept="0")
    house.take(case, "submit", "deng", at, payable="2150785.75", kept="0", **legal)
    posts = [seat["post"] for seat in ApprovalRequest.objects.get(case=case).chain]
    assert posts == ["sales_director", "cs_manager", "finance", "deputy_gm", "general_manager"]
    house.approve(case, at + HOUR)
    deal.refresh_from_db()
    assert (case.state, deal.live, house.control()) == ("approved", True, "filed")

    # Both buyers sign.
    agreement = {"agreement": house.scan, "agreed_date": "2026-11-05"}
    at = beijing("2026-11-05 10:00")
    refused(
        house, case, "sign_agreement", "deng", at, "罗闻樱还没有签", signers=signers(house, 1), **agreement
    )
    agent = [*signers(house, 1), {"buyer": 2, "kind": "agent", "signature": house.scan}]
    refused(house, case, "sign_agreement", "deng", at, "请上传公证委托书", signers=agent, **agreement)
    house.take(case, "sign_agreement", "deng", at, signers=signers(house, 2), **agreement)
    assert row_of(case).due_date == date(2026, 11, 17)

    # The checklist in its order; the bank gets its own figure.
    refused(house, case, "release", "deng", at, "先结清银行贷款", kind="mortgage", number="JY1")
    refused(house, case, "execute", "deng", at, "应先还银行")
    bank = {"bank": "示范银行", "letter": house.scan, "voucher": "B1", "paid_date": "2026-11-17"}
    refused(house, case, "pay_bank", "he", PAID, "银行的结清金额是 ¥1,352,000.00", amount="1351000", **bank)
    house.take(case, "pay_bank", "he", PAID, amount="1352000", **bank)
    loan.refresh_from_db()
    assert loan.paid_off_at is not None
    assert statement(book).refunded == D("1352000")
    refused(house, case, "withdraw", "deng", PAID, "不能撤回", reason="又想要了")
    refused(house, case, "release", "deng", PAID, "先注销抵押登记", kind="filing", number="ZX1")
    house.take(case, "release", "deng", PAID, kind="mortgage", number="JY1")
    refused(house, case, "release", "deng", PAID, "备案 BA-001 还没有注销", kind="filing", number="ZX1")
    engine.advance(filing.case_id, "ask_withdrawal", by=house.deng, at=PAID, given={"reason": "退房"})
    house.approve(Case.objects.get(pk=filing.case_id), PAID)
    engine.advance(
        filing.case_id,
        "withdraw",
        by=house.deng,
        at=PAID,
        given={"proof": "ZX1", "withdrawn_date": "2026-11-17"},
    )
    house.take(case, "release", "deng", PAID, kind="filing", number="ZX1")
    refused(house, case, "release", "deng", PAID, "要有凭证号或凭证", kind="tax")
    refused(house, case, "release", "deng", PAID, "请上传收回的原件", kind="papers", number="1")
    for kind in ("tax", "invoice", "keys"):
        house.take(case, "release", "deng", PAID, kind=kind, not_needed=True, note="未开票、未交付、未缴税")
    refused(house, case, "execute", "deng", PAID, "解除清单还有 1 项没有办：收回认购书或合同、收据原件")
    house.take(case, "release", "deng", PAID, kind="papers", proof=house.scan)

    # Execution is one transaction, and only of the version approved.
    Deal.objects.filter(pk=deal.pk).update(terms_version=3)
    refused(house, case, "execute", "deng", PAID, "第 3 版")
    Deal.objects.filter(pk=deal.pk).update(terms_version=2)
    house.take(case, "execute", "deng", PAID)
    deal.refresh_from_db()
    loan.refresh_from_db()
    assert (deal.live, deal.close_reason, deal.contracts.get().live) == (False, "退房", False)
    assert Case.objects.get(pk=loan.case_id).state == "cancelled"
    client.force_login(house.he)
    page = client.get(reverse("web:step", args=[case.number, "pay"])).content.decode()
    assert 'value="798785.75"' in page
    unit = Unit.objects.get(pk=deal.unit_id)
    assert (unit.control, unit.holder_case_id) == ("cooling", case.pk)
    assert (statement(book).open, statement(book).over) == (ZERO, D("648000"))
    assert not DealChange.objects.get(case=case).open

    # Nobody puts the unit on sale meanwhile; who calculated does not pay; every payee gets his own.
    reopen = {"kind": "reopen", "units": [unit.pk], "reason": "重新推出"}
    with pytest.raises(NotReady, match="退房还没有办结"):
        engine.open_case(
            "unit_control",
            by=house.deng,
            at=PAID,
            given=reopen,
            chain_id=case.chain_id,
            scope_id=case.scope_id,
        )
    slip = {"payee": "苏清越", "voucher": "P1", "slip": house.scan}
    with pytest.raises(NotYourPost):
        house.take(
            case, "pay", "deng", PAID, paid_date="2026-11-17", payments=[{**slip, "amount": "798785.75"}]
        )
    refused(
        house, case, "pay", "he", PAID, "应付苏清越 ¥798,785.75，所填不符", paid_date="2026-11-17",
        payments=[{**slip, "amount": "798785.74"}],
    )  # fmt: skip
    house.take(case, "pay", "he", PAID, paid_date="2026-11-17", payments=[{**slip, "amount": "798785.75"}])
    assert Refund.objects.filter(case=case, payee="苏清越").count() == 2
    assert [(one.kind, one.amount) for one in Payout.objects.filter(case=case)] == [
        ("interest", D("150785.75"))
    ]
    said = statement(book)
    assert (said.over, said.refunded, said.paid_out) == (ZERO, D("2000000"), D("150785.75"))

    # A transfer came back: booked as come back, paid again to the account corrected.
    house.take(case, "come_back", "he", PAID + HOUR, payee="苏清越", account="6200 03", reason="户名不符")
    assert (case.state, statement(book).paid_out, statement(book).over) == ("pay_ready", ZERO, D("648000"))
    again = [{**slip, "voucher": "P2", "amount": "798785.75"}]
    house.take(case, "pay", "he", PAID + 2 * HOUR, paid_date="2026-11-17", payments=again)
    # A second person looks at each payment, never the one who paid, before it is over.
    refused(house, case, "close", "deng", PAID + 3 * HOUR, "笔付款没有复核")
    refused(house, case, "check_payment", "he", PAID + 3 * HOUR, "不能复核自己办理的付款")
    house.take(case, "check_payment", "zhou", PAID + 3 * HOUR)
    refused(house, case, "check_payment", "zhou", PAID + 3 * HOUR, "没有待复核的付款")
    house.take(case, "close", "deng", PAID + 3 * HOUR)
    assert (case.state, house.control(), row_of(case).on_sale_at) == ("closed", "available", PAID + 3 * HOUR)
    assert list(problems()) == []
    assert not Receivable.objects.filter(entries=None).exists()

    offer = offers_of("refund")[0]
    text = papers.print_form("refund", offer.build(case, PAID + DAY), stamp=Stamp(), company="云栖置业")
    assert text.startswith(b"%PDF")


@pytest.mark.clause("I-5.10-0a")
def test_a_subscription_returned_with_consent_keeps_what_was_agreed_and_ends_the_subscription(house: House):
    subscription = house.sealed()
    while reactions.run_due(WEDNESDAY + 2 * HOUR):
        pass
    at = WEDNESDAY + DAY
    case = asked(house, at=at, cause="goodwill", words="客户工作调动", clause="", proofs=[])
    deal = row_of(case).deal
    payees = [{"name": "苏清越", "account": "6200 01"}]
    late = {"until_date": "2026-11-30", "payoffs": [], "payees": payees, "fee": "60000"}
    house.take(case, "talk", "lin", at + HOUR, words="客户坚持")
    refused(house, case, "calculate", "deng", at + HOUR, "不能超过有效定金 ¥50,000.00", **late)
    house.take(case, "calculate", "deng", at + HOUR, **(late | {"fee": "10000"}))
    house.take(case, "submit", "deng", at + HOUR, payable="40000", kept="10000")
    house.approve(case, at + 2 * HOUR)
    at += DAY
    house.take(
        case,
        "sign_agreement",
        "deng",
        at,
        agreement=house.scan,
        agreed_date=at.date(),
        signers=signers(house, 1),
    )
    assert row_of(case).due_date == date(2026, 12, 5)
    house.take(case, "release", "deng", at, kind="invoice", not_needed=True, note="没有开票")
    house.take(case, "release", "deng", at, kind="papers", proof=house.scan)
    house.take(case, "execute", "deng", at)
    while reactions.run_due(at):
        pass

    subscription.refresh_from_db()
    book = book_of_deal(deal.pk)
    assert book is not None
    assert (subscription.state, house.control()) == ("cancelled", "cooling")
    assert (statement(book).over, statement(book).owed) == (D("40000"), D("10000"))

    # Ten days late: 40,000 × 3 % × 10 ÷ 365 = 32.88 beside it.
    at = beijing("2026-12-15 10:00")
    slip = {"payee": "苏清越", "voucher": "P1", "slip": house.scan}
    refused(
        house,
        case,
        "pay",
        "he",
        at,
        "含逾期利息 ¥32.88",
        paid_date="2026-12-15",
        payments=[{**slip, "amount": "40000"}],
    )
    check_receipts(house, at)
    house.take(case, "pay", "he", at, paid_date="2026-12-15", payments=[{**slip, "amount": "40032.88"}])
    assert Payout.objects.get(case=case).amount == D("32.88")
    house.take(case, "check_payment", "zhou", at)
    house.take(case, "close", "deng", at)
    assert house.control() == "available"
    assert list(problems()) == []


@pytest.mark.clause("I-5.10-0b")
def test_money_of_an_ended_subscription_goes_back_by_approval_and_no_more_than_is_free(house: House):
    subscription = house.sealed()
    while reactions.run_due(WEDNESDAY + 2 * HOUR):
        pass
    at = WEDNESDAY + DAY
    money = {
        "kind": "money",
        "cause": "no_fault",
        "words": "贷款未获批，认购已退",
        "clause": "",
        "proofs": [],
    }
    with pytest.raises(NotReady, match="没有可退的款项"):
        asked(house, at=at, **money)
    house.take(subscription, "cancel", "zhou", at, cause="no_fault", reason="贷款未获批")
    house.approve(subscription, at + HOUR)
    while reactions.run_due(at + 2 * HOUR):
        pass
    # The refund has begun by itself, with the decision; nobody begins it again.
    case = Case.objects.get(process="refund")
    with pytest.raises(NotReady, match="在退这笔款"):
        asked(house, at=at + 3 * HOUR, **money)
    payees = [{"name": "苏清越", "account": "6200 01"}]
    house.take(case, "calculate", "deng", at + 4 * HOUR, until_date="2026-11-30", payees=payees)
    house.take(case, "submit", "deng", at + 4 * HOUR, payable="50000", kept="0", signed=[house.scan])
    house.approve(case, at + 5 * HOUR)
    refused(
        house, case, "sign_agreement", "deng", at + 6 * HOUR, "请办「核对退款」", agreement=house.scan,
        agreed_date=(at + 6 * HOUR).date(), signers=signers(house, 1),
    )  # fmt: skip
    house.take(case, "prepare", "deng", at + 6 * HOUR)
    slip = {"payee": "苏清越", "voucher": "P1", "slip": house.scan, "amount": "50000"}
    paid = {"paid_date": (at + 7 * HOUR).date(), "payments": [slip]}
    refused(house, case, "pay", "he", at + 7 * HOUR, "还没有复核，请先由另一人复核收款", **paid)
    check_receipts(house, at + 7 * HOUR)
    house.take(case, "pay", "he", at + 7 * HOUR, **paid)
    house.take(case, "check_payment", "tang", at + 8 * HOUR)
    house.take(case, "close", "deng", at + 8 * HOUR)

    book = book_of_deal(row_of(case).deal_id)
    assert book is not None
    assert (case.state, statement(book).over, statement(book).refunded) == ("closed", ZERO, D("50000"))
    assert list(problems()) == []


def course_status(deal: Deal) -> str:
    course = course_of(deal.pk, cases=Case.objects.all(), today=APPLIED.date())
    assert course is not None
    return course.status


def test_withdrawn_the_deal_goes_on_as_it_was(house: House):
    deal = bought(house, loan=False, names=("苏清越",))
    case = asked(house, cause="goodwill", clause="", proofs=[])
    assert course_status(deal) == "已签约，退房退款办理中"

    house.take(case, "withdraw", "lin", APPLIED + HOUR, reason="客户改换付款方式")

    assert course_status(deal) == "已签约，房价款付清"
    deal.refresh_from_db()
    assert (case.state, deal.live, deal.terms_version, house.control()) == ("withdrawn", True, 2, "signed")
    assert not DealChange.objects.get(case=case).open
    assert asked(house, at=APPLIED + 2 * HOUR, cause="goodwill", clause="", proofs=[]).state == "applied"
