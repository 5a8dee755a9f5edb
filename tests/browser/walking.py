"""Walking a case through its steps by hand, each step by who signed in last: what the long walks share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone
from selenium.webdriver.common.action_chains import ActionChains

from guiju.kernel import worker
from guiju.kernel.models import Case
from tests.browser.hands import PICTURES, Hands
from tests.stories.conftest import beijing

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

DESK, PHONE = (1440, 900), (390, 844)
WRONG = ".tip-wrong, [role=alert]"
# Whether the page that the button stood on has gone, or says more that is wrong than before.
ANSWERED = """
return window.handsOld !== true || document.querySelectorAll(arguments[0]).length > window.handsWrong
"""


# The clock of the computer or phone at which somebody sits.
ITS_CLOCK = """(() => {
  const Real = Date, ahead = %d;
  globalThis.Date = class Date extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
})()"""


class Walk(Hands):
    """Somebody who takes one step of a case after another, and has a scan at hand to hand in."""

    def __init__(self, browser: Browser, scan: Path) -> None:
        super().__init__(browser)
        self.scan = scan

    def sits(self, who: str) -> None:
        """Let the next person sit down."""
        self.driver.get("about:blank")
        self.browser.sign_in(who)

    def go(self, path: str) -> None:
        """Open a page and wait until it stands."""
        self.browser.go(path)
        self.ready()

    def open(self, case: Case, step: str) -> None:
        """Open the page of a step."""
        self.go(f"/cases/{case.number}/steps/{step}/")

    def take(self, case: Case, step: str, state: str = "") -> None:
        """Tick the control points, press the button, and see the case where it belongs."""
        self.press_the_button()
        with self.browser.alone():
            case.refresh_from_db()
            taken = case.history.filter(step=step).exists()
        assert taken, f"{step}: {self.text()[:1500]}"
        assert not state or case.state == state, f"{step}: {case.state}"

    def press_the_button(self) -> None:
        """Tick the control points and press the button of the step; come back when the page answered."""
        self.tick_all()
        self.ready()
        self.driver.execute_script(
            "window.handsOld = true; window.handsWrong = document.querySelectorAll(arguments[0]).length",
            WRONG,
        )
        self.click("#take-button")
        self.until(lambda: self.driver.execute_script(ANSWERED, WRONG))
        self.ready()

    def does(self, case: Case, step: str, state: str = "", **fields: str | bool) -> None:
        """Open a step, fill it in and take it."""
        self.open(case, step)
        self.fill(**fields)
        self.take(case, step, state)

    def asks(self, case: Case, step: str) -> None:
        """Ask for the approval of a step: the case waits where it stands."""
        self.open(case, step)
        self.press_the_button()
        with self.browser.alone():
            assert case.requests.filter(step=step).exists(), self.text()[:1500]

    def votes(self, case: Case, opinion: str = "同意") -> None:
        """Say yes to what the case asks for, from the page of the case."""
        self.go(f"/cases/{case.number}/")
        self.enter("#vote-reason", opinion)
        self.click("button[name=decision][value=yes]", turns=True)

    def scans(self, name: str) -> None:
        """Hand in the scan for the field of this name."""
        self.upload(name, self.scan)

    def sign(self) -> None:
        """Sign with the mouse on the pad."""
        self.until(self._signed)

    def _signed(self) -> bool:
        pad = self._find("[data-sign] canvas")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", pad)
        chain = (
            ActionChains(self.driver, duration=10).move_to_element_with_offset(pad, -60, 0).click_and_hold()
        )
        for across, down in ((15, -20), (15, 25), (10, -25), (15, 20), (10, -10), (10, 15)) * 2:
            chain = chain.move_by_offset(across // 2, down)
        chain.release().perform()
        return self.text("[data-sign-words]") == "已签"

    def asked(self, question: Callable[[], object]) -> object:
        """Ask the books once, while no page is being served."""
        with self.browser.alone():
            return question()

    def look(self, name: str, *, everywhere: bool = False) -> None:
        """Keep pictures of the page, where pictures are wanted; the important ones on the phone and in the dark too."""
        super().look(f"{name}-1440")
        if PICTURES and everywhere:
            dark = "document.documentElement.dataset.theme = arguments[0]"
            was = self.driver.execute_script("return document.documentElement.dataset.theme || ''")
            self.driver.execute_script(dark, "dark")
            super().look(f"{name}-1440-dark")
            self.driver.execute_script(dark, was or "light")
            self.browser.screen(PHONE)
            super().look(f"{name}-390")
            self.browser.screen(DESK)


class Days:
    """Days that come when the story needs them: every clock of the house runs on from there, a distance away."""

    def __init__(self, driver) -> None:
        self.driver, self.real = driver, timezone.now
        self.ahead, self.script = timedelta(), ""
        self.browser: Browser | None = None

    def now(self) -> datetime:
        """The moment as the house knows it."""
        return self.real() + self.ahead

    def come_to(self, text: str, *, on_the_screen: str = "") -> None:
        """Let it be this moment; the clock of the computer or phone may be set wrong. What waited is done first."""
        if self.browser is not None and self.ahead:
            with self.browser.alone():
                worker.run_once(self.now())
        self.ahead = beijing(text) - self.real()
        there = beijing(on_the_screen or text) - self.real()
        self.leave()
        source = ITS_CLOCK % round(there.total_seconds() * 1000)
        self.script = self.driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": source}
        )["identifier"]

    def leave(self) -> None:
        """Give the browser its own clock back."""
        if self.script:
            self.driver.execute_cdp_cmd(
                "Page.removeScriptToEvaluateOnNewDocument", {"identifier": self.script}
            )
        self.script = ""
