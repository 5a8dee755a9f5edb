"""The whole subscription without a mouse: every post signs in, finds its work, takes its step and leaves, by keys alone.

Not one click and not one address but the first: what these keys cannot reach, nobody reaches who cannot use a mouse.
"""

import os
from datetime import datetime
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from guiju.demo.invented import identity
from guiju.estate.models import Control, Unit
from guiju.kernel import audit
from guiju.kernel.models import Case
from guiju.org.seed import DEMO_PASSWORD
from guiju.papers.models import AttachmentUse, Paper
from guiju.sales.models import Subscription
from tests.processes import PATIENCE
from tests.stories.conftest import PNG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = os.environ.get("GUIJU_PICTURES", "")
BORN = datetime(1903, 5, 7)
TAKE = "#take-button"


class Hands:
    """Ten fingers on a keyboard; counts what they press."""

    def __init__(self, browser) -> None:
        self.browser, self.driver, self.pressed, self.pictures = browser, browser.driver, 0, 0

    def press(self, *keys: str) -> None:
        self.pressed += len(keys)
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, key: str) -> None:
        self.pressed += 1
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    @property
    def here(self):
        return self.driver.switch_to.active_element

    def on(self, selector: str) -> bool:
        return self.driver.execute_script("return document.activeElement.matches(arguments[0])", selector)

    def until(self, true, seconds: int = PATIENCE):
        return WebDriverWait(self.driver, seconds).until(lambda _: true())

    def walk(self, selector: str, *, most: int = 60, key: str = Keys.TAB):
        """Go on by Tab until the focus is on what was looked for."""
        for _ in range(most):
            if self.on(selector):
                return self.here
            self.press(key)
        raise AssertionError(
            f"{most} times Tab do not lead to {selector}; the focus is on {self.here.get_attribute('outerHTML')[:200]}"
        )

    def back(self, selector: str, *, most: int = 60):
        """The same with Shift Tab."""
        for _ in range(most):
            if self.on(selector):
                return self.here
            self.pressed += 1
            ActionChains(self.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        raise AssertionError(f"{most} times Shift Tab do not lead to {selector}")

    def write(self, words: str) -> None:
        """Type into the field that has the focus, as an input method would."""
        self.pressed += len(words)
        self.here.send_keys(words)

    def fill(self, name: str, words: str) -> None:
        self.walk(f"[name='{name}']")
        self.chord("a")
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
        self.until(
            lambda: self.driver.find_elements(By.CSS_SELECTOR, f"input[type=hidden][name='{name}'][value]")
        )

    def tick_all(self) -> None:
        """Tick whatever stands open from here to the end of the form."""
        for _ in range(80):
            if self.on(TAKE):
                return
            if self.on("input[type=checkbox]:not(:checked)"):
                self.press(Keys.SPACE)
            self.press(Keys.TAB)
        raise AssertionError("Tab never arrives at the button")

    def heading(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def arrive(self, words: str) -> None:
        self.until(lambda: words in self.heading())

    def look(self, name: str) -> None:
        """Keep a picture of the page, where pictures are wanted."""
        if PICTURES:
            self.pictures += 1
            self.driver.save_screenshot(str(Path(PICTURES) / f"k{self.pictures:02d}-{name}.png"))

    # What everybody does

    def sign_in(self, username: str, name: str) -> None:
        self.until(lambda: self.driver.find_elements(By.NAME, "login"))
        self.walk("[name=login]")
        self.write(username)
        self.press(Keys.TAB)
        self.write(DEMO_PASSWORD)
        self.press(Keys.ENTER)
        self.arrive(name)

    def sign_out(self) -> None:
        self.back("header details summary[aria-label$='我的菜单']", most=120)
        self.press(Keys.ENTER)
        self.walk("form[data-signs-out] button", most=10)
        self.press(Keys.ENTER)
        self.until(lambda: self.driver.find_elements(By.NAME, "login"))

    def open_duty(self, label: str) -> None:
        """Out of what is to do: one row after the other, until it is this one."""
        self.press("g")
        self.press("t")
        self.arrive("待办")
        self.look(f"todos-{label}")
        for _ in range(12):
            self.press("j")
            if self.here.text == label:
                break
        assert self.here.text == label
        self.press(Keys.ENTER)
        self.arrive(label)

    def done(self) -> None:
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, ".toast, .tip-wrong[role=alert]"))
        text = self.driver.find_element(By.TAG_NAME, "body").text
        assert "已办好" in text, text[:1500]


@pytest.fixture
def hands(browser):
    browser.driver.get("about:blank")
    browser.driver.delete_all_cookies()
    return Hands(browser)


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
    hands.press("g")
    hands.press("x")
    hands.arrive("销控图")
    hands.look("units")
    hands.press("f")
    hands.write("1-1501")
    hands.press(Keys.ENTER)
    hands.until(lambda: hands.on("#drawer"))
    assert "1501" in hands.here.text
    hands.look("units-drawer")
    hands.press(Keys.ESCAPE)
    hands.until(lambda: hands.on(f"#cell-{first.pk}"))
    hands.press(Keys.ARROW_RIGHT)
    assert hands.on(f"#cell-{second.pk}")
    hands.look("units-arrow")
    hands.press(Keys.ENTER)
    hands.until(lambda: hands.on("#drawer") and "1502" in hands.here.text)
    hands.chord(Keys.ENTER)
    hands.arrive("锁定房源")
    assert hands.on("[name=intent]")
    hands.write("李𬭎")
    hands.look("lock")
    hands.chord(Keys.ENTER)
    hands.until(lambda: Case.objects.filter(process="subscription").exists())
    case = Case.objects.get(process="subscription")
    hands.arrive("1502")
    hands.look("case-locked")
    hands.chord(Keys.ENTER)
    hands.arrive("签署认购书")
    assert hands.on("[name='buyers.0.name']")
    hands.write("李𬭎")
    hands.press(Keys.ENTER)
    assert hands.on("[name='buyers.0.identity']")
    hands.write(identity(BORN, 7))
    hands.press(Keys.ENTER)
    hands.write("19900001234")
    hands.choose("payment", "lump_sum")
    hands.fill("deposit", "50000")
    hands.walk("[name=disclosed]")
    hands.press(Keys.SPACE)
    # Not on a screen: printed as filled in, signed on paper, scanned.
    hands.walk("button[name=draft]")
    hands.press(Keys.ENTER)
    hands.until(lambda: hands.on("[data-news]"))
    assert hands.here.text == "打开打印"
    hands.look("hand-in-printed")
    hands.back("input[type=file][name=signed]", most=40)
    hands.attach("signed", scan)
    hands.tick_all()
    hands.look("hand-in")
    hands.press(Keys.ENTER)
    hands.done()
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
    hands.chord(Keys.ENTER)
    hands.done()
    hands.sign_out()

    # Customer service checks and registers.
    hands.sign_in("wu", "吴")
    hands.look("workbench-of-customer-service")
    hands.open_duty("核对并登记")
    hands.tick_all()
    hands.look("check")
    hands.press(Keys.ENTER)
    hands.done()
    hands.look("case-registered")
    hands.sign_out()

    # The cashier; then the keeper of the seal.
    hands.sign_in("he", "何")
    hands.open_duty("确认定金")
    hands.fill("voucher", "POS0001")
    hands.tick_all()
    hands.look("deposit")
    hands.press(Keys.ENTER)
    hands.done()
    hands.sign_out()
    hands.sign_in("fang", "方")
    hands.open_duty("加盖合同章")
    hands.tick_all()
    hands.look("seal")
    hands.press(Keys.ENTER)
    hands.done()
    hands.look("case-sealed")
    hands.sign_out()

    # Identity papers, and the list of what to bring.
    hands.sign_in("wu", "吴")
    hands.open_duty("收取身份证明")
    hands.attach("attachment", scan)
    hands.look("papers")
    hands.chord(Keys.ENTER)
    hands.done()
    hands.open_duty("发放签约资料表")
    hands.fill("receiver", "李𬭎")
    hands.look("list")
    hands.chord(Keys.ENTER)
    hands.done()
    hands.walk("button[aria-label='打印签约预约及所需提供资料表']", most=120)
    hands.look("case-end")
    hands.press(Keys.ENTER)
    hands.until(lambda: Paper.objects.filter(case=case, form="appointment").exists())
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
    assert hands.driver.find_element(By.ID, "palette").get_attribute("open") is None
    hands.press(Keys.TAB)
    assert not hands.on(".finder input")
    assert not hands.on("body")

    hands.back(".finder input", most=2)
    hands.press("1")
    hands.until(lambda: hands.on("#palette input"))
    assert hands.here.get_attribute("value") == "1"


def test_one_key_leads_to_what_can_be_done_with_a_case(hands, house, lived_in):
    hands.browser.sign_in("gao")
    hands.browser.go(lived_in[5])

    hands.press("a")

    assert hands.on(".acts *")


def test_escape_leaves_a_field_and_letters_are_keys_again(hands, house, lived_in):
    hands.browser.sign_in("lin")
    hands.browser.go(lived_in[6])
    assert hands.on("[name='buyers.0.name']")

    hands.press(Keys.ESCAPE)
    hands.press("g")
    hands.press("t")

    hands.arrive("待办")


def test_a_refused_form_begins_at_what_is_wrong(hands, house, lived_in):
    hands.browser.sign_in("lin")
    hands.browser.go(lived_in[6])
    hands.tick_all()

    hands.press(Keys.ENTER)

    hands.until(lambda: hands.on("[role=alert]"))
    assert "处要改" in hands.here.text
