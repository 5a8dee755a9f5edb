"""
A mortgage buyer by hand: from the flat that is locked to the loan in the account, each post at its own screen.

The flat costs 2,000,000 yuan. The deposit of 50,000 comes on Wednesday 18 November 2026, the rest of the down payment of
30 %, 550,000, on the Monday after it; the contract is signed on Tuesday 24 November, the sixth day of seven. The bank
pays 1,400,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone

from guiju.demo.invented import identity
from guiju.kernel import audit, worker
from guiju.kernel.models import Case
from guiju.ledger.models import Receipt
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.sales import filings
from guiju.sales.contracts import contract_of
from guiju.sales.filing_fields import paper_fields
from guiju.sales.models import Filing, Milestone, Mortgage, Signing, TextEntry
from guiju.sales.operations.filing import reach_milestone
from tests.browser.walking import Days, Walk
from tests.stories.conftest import BORN, PNG, WEDNESDAY
from tests.stories.signing_desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUYER = "苏清越"


@pytest.fixture
def days(chrome, monkeypatch) -> Iterator[Days]:
    found = Days(chrome)
    monkeypatch.setattr(timezone, "now", found.now)
    yield found
    found.leave()


@pytest.fixture
def walk(browser, days, tmp_path) -> Walk:
    scan = tmp_path / "扫描件.png"
    scan.write_bytes(PNG)
    days.browser = browser
    return Walk(browser, scan)


def subscribes(walk: Walk, days: Days) -> Case:
    """认购: the lock, the signature, the director, the register, the deposit, the seal, the day of signing."""
    days.come_to("2026-11-18 10:00")
    house = walk.browser.house
    walk.sits("lin")
    walk.go(f"/cases/new/subscription/?unit={house.units[0].pk}")
    walk.fill(intent=BUYER)
    walk.look("00-lock")
    walk.press_the_button()
    case = walk.asked(lambda: Case.objects.get(process="subscription"))
    walk.open(case, "hand_in")
    walk.fill(
        buyers__0__name=BUYER, buyers__0__identity=identity(BORN, 7), buyers__0__phone="19900001111",
        buyers__0__address="示范市梧桐巷 3 号", payment="mortgage", bank="建设银行", total_price="2000000",
        down_payment="600000", deposit="50000", disclosed=True,
    )  # fmt: skip
    walk.scans("signed")
    walk.look("00-hand-in", everywhere=True)
    walk.take(case, "hand_in", "signed")
    walk.sits("gao")
    walk.does(case, "director_sign", "reviewed")
    walk.sits("wu")
    walk.does(case, "check_and_register", "registered", control_ok=True, price_ok=True, payment_ok=True)
    walk.sits("he")
    walk.does(
        case,
        "confirm_deposit",
        "paid",
        amount="50000",
        account="预售资金监管账户",
        voucher="POS0001",
        payer=BUYER,
    )
    walk.sits("fang")
    walk.does(case, "seal", "sealed")
    walk.sits("deng")
    walk.open(case, "set_signing_date")
    walk.fill(signing_at="2026-11-24T10:00")
    walk.look("00-signing-date")
    walk.take(case, "set_signing_date", "sealed")
    days.come_to("2026-11-19 10:00")
    return walk.asked(lambda: Signing.objects.select_related("case").get(subscription__case=case).case)


def prepares(walk: Walk, days: Days, desk: Desk, case: Case) -> None:
    """签约 before the day: the list, the documents, the draft, the text, the rest of the down payment and its check."""
    walk.sits("ma")
    walk.open(case, "give_list")
    walk.look("01-give-list")
    walk.fill(receiver=BUYER)
    walk.take(case, "give_list")
    walk.sits("wu")
    walk.go("/signing/")
    walk.look("02-signing-desk", everywhere=True)
    walk.does(case, "prepare", complete=True)
    walk.sits("deng")
    walk.open(case, "draft")
    walk.look("04-draft", everywhere=True)
    walk.take(case, "draft", "drafted")

    days.come_to("2026-11-23 10:00")
    walk.sits("lin")
    walk.open(case, "collect_text")
    walk.sign()
    walk.look("05-collect-text")
    walk.take(case, "collect_text")
    book = walk.asked(lambda: book_of_deal(desk.row(case).deal_id))
    walk.sits("he")
    walk.go(f"/receivables/books/{book.pk}/")
    money = {"amount": "550000", "account": "预售资金监管账户", "voucher": "S0001", "payer": BUYER}
    for name, value in money.items():
        walk.enter(f"form[action$='/receive/'] [name={name}]", value)
    walk.look("05b-book", everywhere=True)
    walk.click("form[action$='/receive/'] button[data-primary]", turns=True)
    receipt = walk.asked(lambda: Receipt.objects.get(book=book, amount=Decimal("550000.00")))
    walk.sits("zhou")
    walk.go("/cashier/?day=2026-11-23")
    walk.look("05c-cashier")
    walk.click(f"form[action$='/receipts/{receipt.pk}/check/'] button", turns=True)


def signs(walk: Walk, days: Days, desk: Desk, case: Case) -> None:
    """签约 on the day: the papers, the money, the signatures, the contract; and its review."""
    days.come_to("2026-11-24 10:00")
    walk.sits("wu")
    walk.go(f"/signing/{case.number}/papers/")
    walk.look("03-signing-papers", everywhere=True)
    for place in walk.asked(lambda: list(desk.row(case).papers.values_list("position", flat=True))):
        walk.fill(**{f"state-{place}": "here"})
    walk.click("form[action*=tick] button[data-primary]")
    walk.known(lambda: case.history.filter(step="check_papers").exists())
    walk.sits("he")
    walk.does(case, "check_money", agreed=True)
    walk.sits("wu")
    walk.open(case, "check_signatures")
    walk.fill(signers__0__every_page=True)
    walk.scans("pages")
    walk.look("06-check-signatures")
    walk.take(case, "check_signatures")
    walk.sits("deng")
    walk.open(case, "sign")
    walk.fill(signed_date="2026-11-24")
    walk.look("07-sign")
    walk.take(case, "sign", "signed")
    walk.go("/signing/")
    walk.says("未放款", "main")
    walk.look("08-signing-desk-signed", everywhere=True)
    walk.go(f"/cases/{case.number}/")
    walk.look("08-signed", everywhere=True)
    walk.sits("zhou")
    walk.open(case, "review")
    walk.fill(signatures_ok=True, annexes_ok=True, copies_ok=True)
    walk.look("09-review")
    walk.take(case, "review", "reviewed")


def is_approved(walk: Walk, days: Days) -> None:
    """合同审批: the sheet, the opinions one after the other, the seal."""
    days.come_to("2026-11-24 14:30")
    approval = walk.asked(lambda: Case.objects.get(process="contract_approval"))
    walk.sits("wu")
    walk.open(approval, "prepare")
    walk.fill(price_ok=True, identity_ok=True, escrow_ok=True, permit_ok=True, special="无")
    walk.look("10-approval-sheet", everywhere=True)
    walk.take(approval, "prepare", "prepared")
    walk.asks(approval, "submit")
    # A contract as the model has it goes to the manager and to finance.
    walk.sits("zhou")
    walk.go(f"/cases/{approval.number}/")
    walk.look("11-approval-asked", everywhere=True)
    walk.votes(approval)
    walk.sits("he")
    walk.votes(approval)
    walk.asked(approval.refresh_from_db)
    assert approval.state == "approved"
    walk.sits("fang")
    walk.open(approval, "seal")
    walk.fill(copies="4")
    walk.look("12-seal")
    walk.take(approval, "seal", "sealed")
    walk.go("/seals/")
    walk.look("13-seals", everywhere=True)


def is_filed(walk: Walk, days: Days, contract) -> None:
    """预售登记: the set of papers, the city's data field by field, handed in, accepted, on file."""
    days.come_to("2026-11-25 10:00")
    filing = walk.asked(lambda: Filing.objects.select_related("case").get(contract=contract).case)
    walk.sits("yu")
    walk.go("/filing/")
    walk.look("14-filing-board", everywhere=True)
    walk.does(filing, "collect", contract=True, approval=True, identity=True, payment=True, application=True)
    walk.go(f"/filing/{filing.number}/copy/")
    walk.look("15-copy-panel", everywhere=True)
    wanted = walk.asked(lambda: paper_fields(contract))
    walk.open(filing, "compare")
    walk.fill(**(wanted | {"city_number": "WQ2026-0001"}))
    walk.look("16-compare")
    walk.take(filing, "compare")
    assert walk.asked(lambda: Filing.objects.get(case=filing).differences) == []
    walk.does(filing, "submit", "submitted", proof="LS-0001")
    walk.does(filing, "accept", "accepted", acceptance_number="SL-0001")
    walk.does(filing, "file", "filed", filing_number="示备 2026 第 0001 号", filed_date="2026-11-25")


def is_paid_out(walk: Walk, days: Days) -> Mortgage:
    """按揭: the papers, the bank, the loan contract, the registration, the money."""
    days.come_to("2026-11-26 10:00")
    row = walk.asked(lambda: Mortgage.objects.select_related("case").get())
    loan = row.case
    walk.sits("yu")
    walk.go("/mortgages/")
    walk.look("17-mortgage-grid", everywhere=True)
    walk.open(loan, "receive_papers")
    walk.look("18-receive-papers", everywhere=True)
    for place in range(walk.asked(row.papers.count)):
        walk.fill(**{f"items__{place}__state": "original"})
    walk.take(loan, "receive_papers")
    walk.does(loan, "complete_papers", "complete")
    walk.does(loan, "interview", "interviewed", everybody=True)
    walk.does(loan, "submit", "submitted", acceptance_number="CCB-0001")
    days.come_to("2026-12-02 10:00")
    walk.sits("yu")
    walk.open(loan, "approve")
    walk.fill(approval_number="批 0001", until_date="2027-05-31")
    walk.look("19-approve")
    walk.take(loan, "approve", "approved")
    walk.does(loan, "sign_loan", "contracted", loan_number="借 0001", loan_date="2026-12-02")
    walk.does(
        loan, "register_mortgage", "waiting", registration_number="预抵 0001", registered_date="2026-12-02"
    )
    walk.does(loan, "open_gate", "ready")
    walk.open(loan, "ask_payout")
    walk.look("20-ask-payout")
    walk.take(loan, "ask_payout", "asked")
    days.come_to("2026-12-04 10:00")
    walk.sits("he")
    walk.open(loan, "disburse")
    walk.fill(received_date="2026-12-04", voucher="CCB20260001")
    walk.look("21-disburse", everywhere=True)
    walk.take(loan, "disburse", "disbursed")
    walk.sits("yu")
    walk.go(f"/cases/{loan.number}/")
    walk.look("22-disbursed", everywhere=True)
    walk.go(f"/mortgages/files/{loan.number}/")
    walk.look("23-mortgage-file", everywhere=True)
    return row


def test_a_mortgage_buyer_goes_from_the_locked_flat_to_the_loan_in_the_account_by_hand(house, walk, days):
    desk = Desk(house).stocked()
    reach_milestone(
        building=house.units[0].building, kind=Milestone.TOPPED_OUT, on=WEDNESDAY.date(), proof="主体结构验收记录 1 号",
        by=house.yu, at=WEDNESDAY,
    )  # fmt: skip

    case = subscribes(walk, days)
    prepares(walk, days, desk, case)
    signs(walk, days, desk, case)
    is_approved(walk, days)
    contract = walk.asked(lambda: contract_of(desk.row(case).deal_id))
    is_filed(walk, days, contract)
    row = is_paid_out(walk, days)

    with walk.browser.alone():
        worker.run_once(days.now())
        row.refresh_from_db()
        contract.refresh_from_db()
        said = statement(book_of_deal(contract.deal_id))
        assert filings.filed(contract)
        assert (contract.filed_number, contract.city_number) == ("示备 2026 第 0001 号", "WQ2026-0001")
        assert contract.sealed_at is not None
        # 2,000,000 less the down payment of 600,000.
        assert row.disbursed_amount == Decimal("1400000.00")
        assert row.disbursed_at is not None
        assert (said.owed, said.open, said.over) == (Decimal("2000000.00"), Decimal("0.00"), Decimal("0.00"))
        assert TextEntry.objects.get(act=TextEntry.OUT).signature
        assert house.control() == "filed"
        assert audit.verify().ok
        assert list(problems()) == []
    assert walk.browser.complaints() == []
