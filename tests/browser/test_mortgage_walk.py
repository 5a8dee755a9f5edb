"""A mortgage buyer by hand: from the sealed 认购书 to the loan in the account, each post at its own screen."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from guiju.kernel import audit
from guiju.kernel.calendar import local_date
from guiju.kernel.models import ApprovalRequest, Case
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.sales import filings, mortgage_jobs
from guiju.sales.contracts import contract_of
from guiju.sales.filing_fields import paper_fields
from guiju.sales.models import Filing, Milestone, Mortgage, TextEntry
from guiju.sales.operations.filing import reach_milestone
from tests.browser.conftest import DESK as SCREEN
from tests.browser.conftest import PHONE
from tests.processes import PATIENCE
from tests.stories.conftest import PNG
from tests.stories.signing_desk import Desk, work

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = os.environ.get("GUIJU_PICTURES", "")
BUYER = "苏清越"
INTO_VIEW = "arguments[0].scrollIntoView({block: 'center', inline: 'center'})"
# A date box takes keys in the order of the browser's language; its value is the same everywhere.
SET = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))"


class Walk:
    """Hands on a mouse: one step of a case after another, each by who signed in last."""

    def __init__(self, browser, scan: Path) -> None:
        self.browser, self.driver, self.scan = browser, browser.driver, scan

    def sits(self, who: str) -> None:
        """Let the next person sit down."""
        self.browser.sign_in(who)

    def look(self, name: str, *, everywhere: bool = False) -> None:
        """Keep pictures of the page, where pictures are wanted; the important ones on the phone and in the dark too."""
        if not PICTURES:
            return
        self._keep(f"{name}-1440")
        if everywhere:
            dark = "document.documentElement.dataset.theme = arguments[0]"
            was = self.driver.execute_script("return document.documentElement.dataset.theme || ''")
            self.driver.execute_script(dark, "dark")
            self._keep(f"{name}-1440-dark")
            self.driver.execute_script(dark, was or "light")
            self.browser.screen(PHONE)
            self._keep(f"{name}-390")
            self.browser.screen(SCREEN)

    def _keep(self, name: str) -> None:
        self.driver.save_screenshot(str(Path(PICTURES) / f"{name}.png"))

    def click(self, found) -> None:
        """Move the mouse to something and press."""
        self.driver.execute_script(INTO_VIEW, found)
        found.click()

    def tick(self, box) -> None:
        """Tick a box by its label, as people do."""
        if not box.is_selected():
            self.click(box.find_element(By.XPATH, "ancestor::label[1]"))

    def fill(self, **fields: str | bool) -> None:
        """Fill in fields of the page by their names; ``__`` stands for the dot."""
        for key, value in fields.items():
            found = self.driver.find_elements(By.NAME, key.replace("__", "."))
            assert found, f"no field {key} on {self.driver.current_url}"
            field, kind = found[-1], found[-1].get_attribute("type")
            if kind == "checkbox":
                self.tick(field)
            elif kind == "radio":
                self.tick(next(one for one in found if one.get_attribute("value") == value))
            elif field.tag_name == "select":
                Select(field).select_by_value(str(value))
            elif kind in ("date", "datetime-local"):
                self.driver.execute_script(SET, field, value)
            else:
                field.clear()
                field.send_keys(str(value))

    def open(self, case: Case, step: str) -> None:
        """Open the page of a step from the page of its case."""
        self.browser.go(f"/cases/{case.number}/steps/{step}/")

    def upload(self, name: str) -> None:
        """Choose a file and wait until it is up."""
        self.driver.find_element(By.CSS_SELECTOR, f"input[type=file][name={name}]").send_keys(str(self.scan))
        self.until(lambda driver: driver.find_elements(By.CSS_SELECTOR, f"input[type=hidden][name={name}]"))

    def sign(self) -> None:
        """Sign with the mouse on the pad."""
        pad = self.driver.find_element(By.CSS_SELECTOR, "[data-sign] canvas")
        self.driver.execute_script(INTO_VIEW, pad)
        chain = (
            ActionChains(self.driver, duration=10).move_to_element_with_offset(pad, -60, 0).click_and_hold()
        )
        for across, down in ((15, -20), (15, 25), (10, -25), (15, 20), (10, -10), (10, 15)) * 2:
            chain = chain.move_by_offset(across // 2, down)
        chain.release().perform()
        self.until(lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-sign-words]").text == "已签")

    def until(self, what) -> None:
        WebDriverWait(self.driver, PATIENCE).until(what)

    def take(self, case: Case, step: str, state: str = "") -> None:
        """Tick the control points, press the button, and see the case where it belongs."""
        here = self.driver.current_url
        self.press(
            lambda driver: (
                driver.current_url != here
                or driver.find_elements(By.CSS_SELECTOR, ".tip-wrong, [role=alert]")
            )
        )
        said = self.driver.find_element(By.TAG_NAME, "body").text
        case.refresh_from_db()
        assert case.history.filter(step=step).exists(), f"{step}: {said[:1500]}"
        assert not state or case.state == state, f"{step}: {case.state}"

    def press(self, until) -> None:
        """Press the button of the step and wait for what follows."""
        for box in self.driver.find_elements(By.CSS_SELECTOR, "[data-point] input[type=checkbox]"):
            self.tick(box)
        self.click(self.driver.find_element(By.ID, "take-button"))
        self.until(until)

    def does(self, case: Case, step: str, state: str = "", **fields: str | bool) -> None:
        """Open a step, fill it in and take it."""
        self.open(case, step)
        self.fill(**fields)
        self.take(case, step, state)


@pytest.fixture
def walk(browser, tmp_path) -> Walk:
    scan = tmp_path / "扫描件.png"
    scan.write_bytes(PNG)
    return Walk(browser, scan)


def booked(house) -> tuple[Desk, Case]:
    """A sealed subscription with a loan of 1,372,000 yuan, its signing agreed for this hour."""
    now = timezone.now()
    at = now - timedelta(days=2)
    desk = Desk(house).stocked(at=now - timedelta(days=5))
    reach_milestone(
        building=house.units[0].building, kind=Milestone.TOPPED_OUT, on=local_date(at), proof="主体结构验收记录 1 号",
        by=house.yu, at=at,
    )  # fmt: skip
    sealed = house.sealed(at=at, payment="mortgage", down_payment="588000.00", bank="建设银行")
    house.take(
        sealed, "set_signing_date", "deng", at + timedelta(hours=3), signing_at=now - timedelta(minutes=5)
    )
    work(at + timedelta(hours=3, minutes=1))
    return desk, desk.of(sealed)


def test_a_mortgage_buyer_goes_from_the_subscription_to_the_loan_in_the_account_by_hand(house, walk):
    desk, case = booked(house)
    today = local_date(timezone.now()).isoformat()
    driver, go = walk.driver, walk.browser.go

    # 签约: the list, the papers, the documents; the draft; the text; the money; the signatures; the contract.
    walk.sits("ma")
    walk.open(case, "give_list")
    walk.look("01-give-list")
    walk.fill(receiver=BUYER)
    walk.take(case, "give_list")

    walk.sits("wu")
    go("/signing/")
    walk.look("02-signing-desk", everywhere=True)
    go(f"/signing/{case.number}/papers/")
    walk.look("03-signing-papers", everywhere=True)
    for place in desk.row(case).papers.values_list("position", flat=True):
        walk.fill(**{f"state-{place}": "here"})
    walk.click(driver.find_element(By.CSS_SELECTOR, "form[action*=tick] button[data-primary]"))
    walk.until(lambda _: case.history.filter(step="check_papers").exists())
    walk.does(case, "prepare", complete=True)

    walk.sits("deng")
    walk.open(case, "draft")
    walk.look("04-draft", everywhere=True)
    walk.take(case, "draft", "drafted")

    walk.sits("lin")
    walk.open(case, "collect_text")
    walk.sign()
    walk.look("05-collect-text")
    walk.take(case, "collect_text")

    desk.pay(case, "538000.00", timezone.now() - timedelta(minutes=10))
    walk.sits("he")
    walk.does(case, "check_money", agreed=True)

    walk.sits("wu")
    walk.open(case, "check_signatures")
    walk.fill(signers__0__every_page=True)
    walk.upload("pages")
    walk.look("06-check-signatures")
    walk.take(case, "check_signatures")

    walk.sits("deng")
    walk.open(case, "sign")
    walk.fill(signed_date=today)
    walk.look("07-sign")
    walk.take(case, "sign", "signed")
    go("/signing/")
    assert "未放款" in driver.find_element(By.TAG_NAME, "main").text
    walk.look("08-signing-desk-signed", everywhere=True)
    go(f"/cases/{case.number}/")
    walk.look("08-signed", everywhere=True)

    walk.sits("zhou")
    walk.open(case, "review")
    walk.fill(signatures_ok=True, annexes_ok=True, copies_ok=True)
    walk.look("09-review")
    walk.take(case, "review", "reviewed")
    work(timezone.now())

    # 合同审批: the sheet, the two opinions, the seal.
    approval = Case.objects.get(process="contract_approval")
    walk.sits("wu")
    walk.open(approval, "prepare")
    walk.fill(price_ok=True, identity_ok=True, escrow_ok=True, permit_ok=True, special="无")
    walk.look("10-approval-sheet", everywhere=True)
    walk.take(approval, "prepare", "prepared")
    walk.open(approval, "submit")
    walk.press(lambda _: ApprovalRequest.objects.filter(case=approval).exists())
    walk.sits("zhou")
    go(f"/cases/{approval.number}/")
    walk.look("11-approval-asked", everywhere=True)
    house.approve(approval, timezone.now())
    assert approval.state == "approved"
    walk.sits("fang")
    walk.open(approval, "seal")
    walk.fill(copies="4")
    walk.look("12-seal")
    walk.take(approval, "seal", "sealed")
    go("/seals/")
    walk.look("13-seals", everywhere=True)
    work(timezone.now())

    # 预售登记: the set of papers, the city's data field by field, handed in, accepted, on file.
    contract = contract_of(desk.row(case).deal_id)
    assert contract is not None
    filing = Filing.objects.select_related("case").get(contract=contract).case
    walk.sits("yu")
    go("/filing/")
    walk.look("14-filing-board", everywhere=True)
    walk.does(filing, "collect", contract=True, approval=True, identity=True, payment=True, application=True)
    go(f"/filing/{filing.number}/copy/")
    walk.look("15-copy-panel", everywhere=True)
    walk.open(filing, "compare")
    walk.fill(**(paper_fields(contract) | {"city_number": "WQ2026-0001"}))
    walk.look("16-compare")
    walk.take(filing, "compare")
    assert Filing.objects.get(case=filing).differences == []
    walk.does(filing, "submit", "submitted", proof="LS-0001")
    walk.does(filing, "accept", "accepted", acceptance_number="SL-0001")
    walk.does(filing, "file", "filed", filing_number="示备 2026 第 0001 号", filed_date=today)

    # 按揭: the papers, the bank, the loan contract, the registration, the money.
    row = Mortgage.objects.select_related("case").get()
    loan = row.case
    go("/mortgages/")
    walk.look("17-mortgage-grid", everywhere=True)
    walk.open(loan, "receive_papers")
    walk.look("18-receive-papers", everywhere=True)
    for place in range(row.papers.count()):
        walk.fill(**{f"items__{place}__state": "original"})
    walk.take(loan, "receive_papers")
    walk.does(loan, "complete_papers", "complete")
    walk.does(loan, "interview", "interviewed", everybody=True)
    walk.does(loan, "submit", "submitted", acceptance_number="CCB-0001")
    valid_until = (local_date(timezone.now()) + timedelta(days=180)).isoformat()
    walk.open(loan, "approve")
    walk.fill(approval_number="批 0001", until_date=valid_until)
    walk.look("19-approve")
    walk.take(loan, "approve", "approved")
    walk.does(loan, "sign_loan", "contracted", loan_number="借 0001", loan_date=today)
    walk.does(loan, "register_mortgage", "waiting", registration_number="预抵 0001", registered_date=today)
    assert mortgage_jobs.open_gates(timezone.now()) == 1
    walk.open(loan, "ask_payout")
    walk.look("20-ask-payout")
    walk.take(loan, "ask_payout", "asked")

    walk.sits("he")
    walk.open(loan, "disburse")
    walk.fill(received_date=today, voucher="CCB20260001")
    walk.look("21-disburse", everywhere=True)
    walk.take(loan, "disburse", "disbursed")
    walk.sits("yu")
    go(f"/cases/{loan.number}/")
    walk.look("22-disbursed", everywhere=True)
    go(f"/mortgages/files/{loan.number}/")
    walk.look("23-mortgage-file", everywhere=True)

    row.refresh_from_db()
    contract.refresh_from_db()
    book = book_of_deal(contract.deal_id)
    assert book is not None
    said = statement(book)
    assert filings.filed(contract)
    assert (contract.filed_number, contract.city_number) == ("示备 2026 第 0001 号", "WQ2026-0001")
    assert contract.sealed_at is not None
    # 1,960,000 less the down payment of 588,000.
    assert row.disbursed_amount == Decimal("1372000.00")
    assert row.disbursed_at is not None
    assert (said.owed, said.open, said.over) == (Decimal("1960000.00"), Decimal("0.00"), Decimal("0.00"))
    assert TextEntry.objects.get(act=TextEntry.OUT).signature
    assert house.control() == "filed"
    assert audit.verify().ok
    assert list(problems()) == []
    assert walk.browser.complaints() == []
