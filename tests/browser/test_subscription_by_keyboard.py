"""The whole subscription without a mouse: every post signs in, finds its work, takes its step and leaves, by keys alone.

Not one click and not one address but the first: what these keys cannot reach, nobody reaches who cannot use a mouse.
"""

from datetime import datetime
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from guiju.demo.invented import identity
from guiju.estate.models import Control, Unit
from guiju.kernel import audit
from guiju.kernel.models import Case
from guiju.org.seed import DEMO_PASSWORD
from guiju.papers.models import AttachmentUse, Paper
from guiju.sales.models import Subscription
from tests.browser.hands import Hands
from tests.stories.conftest import PNG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BORN = datetime(1903, 5, 7)
TAKE = "#take-button"


class Fingers(Hands):
    """Ten fingers on a keyboard, and nothing else."""

    def answer(self, name: str, words: str) -> None:
        """Go to a field and write over what it holds."""
        self.walk(f"[name='{name}']")
        self.chord(Keys.CONTROL, "a")
        self.write(words)

    def choose(self, name: str, value: str) -> None:
        """Pick one of several: Space takes the first, the arrows the others."""
        self.walk(f"[name='{name}']")
        self.press(Keys.SPACE)
        for _ in range(12):
            if self.on(f"[value='{value}']:checked"):
                return
            self.press(Keys.ARROW_RIGHT)
        raise AssertionError(f"the arrows do not lead to {value}")

    def attach(self, name: str, file: Path) -> None:
        """Choose a file; the chooser of the system takes the path from the keyboard."""
        self.walk(f"input[type=file][name='{name}']")
        self.write(str(file))
        self.there(f"input[type=hidden][name='{name}'][value]")

    def tick_on(self) -> None:
        """Tick whatever stands open from here to the end of the form."""
        for _ in range(80):
            if self.on(TAKE):
                return
            if self.on("input[type=checkbox]:not(:checked)"):
                self.press(Keys.SPACE)
            self.press(Keys.TAB)
        raise AssertionError("Tab never arrives at the button")

    def look(self, name: str) -> None:
        self.pictures += 1
        super().look(f"k{self.pictures:02d}-{name}")

    # What everybody does

    def sign_in(self, username: str, name: str) -> None:
        self.walk("[name=login]")
        self.write(username)
        self.press(Keys.TAB)
        self.write(DEMO_PASSWORD)
        self.press(Keys.ENTER, turns=True)
        self.heading(name)

    def sign_out(self) -> None:
        self.walk("header details summary[aria-label$='我的菜单']", most=120, back=True)
        self.press(Keys.ENTER)
        self.walk("form[data-signs-out] button", most=10)
        self.press(Keys.ENTER, turns=True)
        self.there("[name=login]")

    def open_duty(self, label: str) -> None:
        """Out of what is to do: one row after the other, until it is this one."""
        self.jump("g", "t")
        self.heading("待办")
        self.look(f"todos-{label}")
        for _ in range(12):
            self.press("j")
            if self.here() == label:
                break
        assert self.here() == label
        self.press(Keys.ENTER, turns=True)
        self.heading(label)

    def by_enter(self) -> None:
        """Press the button that has the focus."""
        assert self.on(TAKE)
        self.press(Keys.ENTER)

    def by_control_enter(self) -> None:
        """Send the form from wherever the focus is."""
        self.chord(Keys.CONTROL, Keys.ENTER)


@pytest.fixture
def hands(browser):
    return Fingers(browser)


@pytest.fixture
def scan(tmp_path):
    file = tmp_path / "签好的认购书.png"
    file.write_bytes(PNG)
    return file


def test_the_whole_subscription_is_worked_by_keys_alone(hands, house, scan):
    first, second = house.units[0], house.units[1]
    hands.browser.go("/")
    hands.look("sign-in")

    # Sales: finds the flat, looks at the one beside it, locks it, signs with the customer.
    hands.sign_in("lin", "林")
    hands.look("workbench-of-sales")
    hands.jump("g", "x")
    hands.heading("销控图")
    hands.look("units")
    hands.press("f")
    hands.write("1-1501")
    hands.press(Keys.ENTER, turns=True)
    hands.until(lambda: hands.on("#drawer"))
    assert "1501" in hands.here()
    hands.look("units-drawer")
    hands.press(Keys.ESCAPE, turns=True)
    hands.until(lambda: hands.on(f"#cell-{first.pk}"))
    hands.press(Keys.ARROW_RIGHT)
    hands.until(lambda: hands.on(f"#cell-{second.pk}"))
    hands.look("units-arrow")
    hands.press(Keys.ENTER, turns=True)
    hands.until(lambda: hands.on("#drawer"))
    assert "1502" in hands.here()
    hands.chord(Keys.CONTROL, Keys.ENTER, turns=True)
    hands.heading("锁定房源")
    hands.until(lambda: hands.on("[name=intent]"))
    hands.write("李𬭎")
    hands.look("lock")
    hands.chord(Keys.CONTROL, Keys.ENTER, turns=True)
    case = Case.objects.get(process="subscription")
    hands.heading("1502")
    hands.look("case-locked")
    hands.chord(Keys.CONTROL, Keys.ENTER, turns=True)
    hands.heading("签署认购书")
    hands.until(lambda: hands.on("[name='buyers.0.name']"))
    hands.write("李𬭎")
    hands.press(Keys.ENTER)
    hands.until(lambda: hands.on("[name='buyers.0.identity']"))
    hands.write(identity(BORN, 7))
    hands.press(Keys.ENTER)
    hands.write("19900001234")
    hands.choose("payment", "lump_sum")
    hands.answer("deposit", "50000")
    hands.walk("[name=disclosed]")
    hands.press(Keys.SPACE)
    # Not on a screen: printed as filled in, signed on paper, scanned.
    hands.walk("button[name=draft]")
    hands.press(Keys.ENTER, turns=True)
    hands.until(lambda: hands.on("[data-news]"))
    hands.until(lambda: hands.here() == "打开打印")
    hands.look("hand-in-printed")
    hands.walk("input[type=file][name=signed]", most=40, back=True)
    hands.attach("signed", scan)
    hands.tick_on()
    hands.look("hand-in")
    hands.take(case, "hand_in", hands.by_enter)
    hands.look("case-of-sales")
    hands.sign_out()

    # The director signs on paper, too.
    hands.sign_in("gao", "高")
    hands.open_duty("总监审核签字")
    hands.walk(".sign-scan summary")
    hands.press(Keys.ENTER)
    hands.walk("input[type=file][name='signature.file']")
    hands.write(str(scan))
    hands.look("director")
    hands.take(case, "director_sign", hands.by_control_enter)
    hands.sign_out()

    # Customer service checks and registers.
    hands.sign_in("wu", "吴")
    hands.look("workbench-of-customer-service")
    hands.open_duty("核对并登记")
    hands.tick_on()
    hands.look("check")
    hands.take(case, "check_and_register", hands.by_enter)
    hands.look("case-registered")
    hands.sign_out()

    # The cashier; then the keeper of the seal.
    hands.sign_in("he", "何")
    hands.open_duty("确认定金")
    hands.answer("voucher", "POS0001")
    hands.tick_on()
    hands.look("deposit")
    hands.take(case, "confirm_deposit", hands.by_enter)
    hands.sign_out()
    hands.sign_in("fang", "方")
    hands.open_duty("加盖合同章")
    hands.tick_on()
    hands.look("seal")
    hands.take(case, "seal", hands.by_enter)
    hands.look("case-sealed")
    hands.sign_out()

    # Identity papers, and the list of what to bring.
    hands.sign_in("wu", "吴")
    hands.open_duty("收取身份证明")
    hands.attach("attachment", scan)
    hands.look("papers")
    hands.take(case, "collect_papers", hands.by_control_enter)
    hands.open_duty("发放签约资料表")
    hands.answer("receiver", "李𬭎")
    hands.look("list")
    hands.take(case, "hand_out_list", hands.by_control_enter)
    hands.walk("button[aria-label='打印签约预约及所需提供资料表']", most=120)
    hands.look("case-end")
    hands.press(Keys.ENTER)
    hands.known(lambda: Paper.objects.filter(case=case, form="appointment").exists())
    hands.look("paper")

    case.refresh_from_db()
    facts = Subscription.objects.get(case=case)
    assert case.state == "sealed"
    assert Unit.objects.get(pk=second.pk).control == Control.SUBSCRIBED
    assert Unit.objects.get(pk=first.pk).control == Control.AVAILABLE
    assert facts.list_given_at is not None
    assert AttachmentUse.objects.filter(case=case, kind="director_signature").exists()
    assert audit.verify().ok
    print(f"{hands.pressed} keys pressed")


def test_tab_goes_past_the_search_field_and_typing_there_opens_the_search(hands, house):
    hands.browser.sign_in("wu")
    hands.browser.go("/cases/")

    hands.walk(".finder input", most=8)
    assert not hands.has("#palette[open]")
    hands.press(Keys.TAB)
    assert not hands.on(".finder input")
    assert not hands.on("body")

    hands.walk(".finder input", most=2, back=True)
    hands.press("1")
    hands.until(lambda: hands.on("#palette input"))
    assert hands.driver.execute_script("return document.activeElement.value") == "1"


def test_one_key_leads_to_what_can_be_done_with_a_case(hands, house, lived_in):
    hands.browser.sign_in("gao")
    hands.browser.go(lived_in[5])

    hands.press("a")

    hands.until(lambda: hands.on(".acts *"))


def test_escape_leaves_a_field_and_letters_are_keys_again(hands, house, lived_in):
    hands.browser.sign_in("lin")
    hands.browser.go(lived_in[6])
    hands.until(lambda: hands.on("[name='buyers.0.name']"))

    hands.press(Keys.ESCAPE)
    hands.jump("g", "t")

    hands.heading("待办")


def test_a_refused_form_begins_at_what_is_wrong(hands, house, lived_in):
    hands.browser.sign_in("lin")
    hands.browser.go(lived_in[6])
    hands.tick_on()

    hands.press(Keys.ENTER, turns=True)

    hands.until(lambda: hands.on("[role=alert]"))
    assert "处要改" in hands.here()
