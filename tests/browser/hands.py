"""
Hands and eyes of a person at a browser, on a machine that may be as slow and as busy as it likes.

Nothing here reads or presses what it found earlier: a page may be swapped between the two. Every act looks for its
element anew and tries again until it took, every look asks the browser once. Where an act leads to another page, say so,
``with hands.turning(): …``, and go on when the old page is gone and the new one is complete; where it changes the page
that stands, wait for what changed with ``until``, ``says`` or ``there``. Never read right after an act what the act is
still about to bring.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    JavascriptException,
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.processes import PATIENCE

if TYPE_CHECKING:
    from guiju.kernel.models import Case
    from tests.browser.conftest import Browser

PICTURES = os.environ.get("GUIJU_PICTURES", "")
PAUSE = 0.05
# What a page says while it is swapped under one's hands.
PASSING = (
    StaleElementReferenceException,
    NoSuchElementException,
    ElementNotInteractableException,
    ElementClickInterceptedException,
    JavascriptException,
)
PASSING_WORDS = ("execution context", "aborted by navigation", "Cannot find context", "Node with given id")

# Complete, with its scripts started, and no part of it on the way.
READY = "return document.readyState === 'complete' && !document.querySelector('.htmx-request')"
# Where the middle of the element lies once it has been brought into view and has stopped moving; null until then.
STEADY = """
const [what, done] = arguments;
what.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
const place = () => { const at = what.getBoundingClientRect(); return [at.x, at.y, at.width, at.height].join(); };
const before = place();
requestAnimationFrame(() => requestAnimationFrame(() => done(what.isConnected && place() === before)));
"""
# Tells afterwards whether a click arrived at the element, whatever the driver says of it.
LISTEN = """
window.handsClicked = false;
arguments[0].addEventListener("click", () => { window.handsClicked = true; }, {once: true, capture: true});
"""
# When keys were pressed, in ms.
TIMES = """
window.handsTimes = [];
addEventListener("keydown", (event) => { window.handsTimes.push(event.timeStamp); }, true);
"""
SET = """
arguments[0].value = arguments[1];
for (const name of ["input", "change"]) arguments[0].dispatchEvent(new Event(name, {bubbles: true}));
"""
FIELD = """
const all = [...document.querySelectorAll(arguments[0])].filter((one) => one.type !== "hidden" && one.type !== "file");
if (!all.length) return null;
const kind = all[0].tagName === "SELECT" ? "select" : all[0].type;
const one = kind === "radio" ? all.find((box) => box.value === arguments[1]) : all[0];
return one ? [one, kind, kind === "radio" || kind === "checkbox" ? one.checked : one.value] : null;
"""


class Hands:
    """
    A person's hands and eyes at one browser.

    A place on the page is named by a CSS selector; of several that match, the first one counts. ``pressed`` counts the
    keys pressed by :meth:`press` and :meth:`chord` (not the words written).
    """

    def __init__(self, browser: Browser) -> None:
        self.browser, self.driver = browser, browser.driver
        self.pressed = self.pictures = 0

    # --- waiting

    def until(self, true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """
        Ask until the answer is true, and return it.

        What a swap of the page does to the question counts as no. Ask the page here, and the books with :meth:`known`.

        :param seconds: how long to ask.
        :raises AssertionError: it never came true; says what stands on the page instead.
        """
        gives_up, met = time.monotonic() + seconds, None
        while True:
            try:
                if found := true():
                    return found
            except WebDriverException as error:
                if not passing(error):
                    raise
                met = error
            if time.monotonic() > gives_up:
                raise AssertionError(
                    f"waited {seconds:g} s in vain at {self.driver.current_url}; last {met!r}; the page: {self._told()[:1500]}"
                )
            time.sleep(PAUSE)

    def known(self, question: Callable[[], Any]) -> Any:
        """Ask the books (the database) until the answer is true; each time between two requests, never inside one."""

        def between() -> Any:
            with self.browser.alone():
                return question()

        return self.until(between)

    def ready(self) -> None:
        """Wait until the page is complete, its scripts have started and no part of it is on the way."""
        self.until(lambda: self.driver.execute_script(READY))

    @contextmanager
    def turning(self) -> Iterator[None]:
        """The act inside leads to another page (or to the same one, loaded anew): wait until that one stands complete."""
        self.ready()
        self.driver.execute_script("window.handsOld = true")
        yield
        self.until(lambda: not self.driver.execute_script("return window.handsOld === true"))
        self.ready()

    # --- looking: one call to the browser each

    def text(self, selector: str = "body") -> str:
        """What stands written there, as a person sees it; waits until the place is on the page."""
        shown = "const found = document.querySelector(arguments[0]); return found && [found.innerText]"
        return str(self.until(lambda: self.driver.execute_script(shown, selector))[0])

    def texts(self, selector: str) -> list[str]:
        """What stands written at each of the places, at this moment; none is an answer, too."""
        shown = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)"
        return list(self.driver.execute_script(shown, selector))

    def says(self, words: str, selector: str = "body") -> None:
        """Wait until these words stand there."""
        shown = "const found = document.querySelector(arguments[0]); return Boolean(found) && found.innerText.includes(arguments[1])"
        self.until(lambda: self.driver.execute_script(shown, selector, words))

    def there(self, selector: str) -> None:
        """Wait until such an element is on the page, seen or not."""
        self.until(lambda: self.has(selector))

    def gone(self, selector: str) -> None:
        """Wait until no such element is on the page."""
        self.until(lambda: not self.has(selector))

    def has(self, selector: str) -> bool:
        """Whether such an element is on the page at this moment."""
        return bool(self.driver.execute_script("return !!document.querySelector(arguments[0])", selector))

    def value(self, name: str) -> str | None:
        """What the field of this name holds at this moment; None: there is no such field."""
        held = "const found = document.getElementsByName(arguments[0])[0]; return found ? found.value : null"
        return self.driver.execute_script(held, name)

    def on(self, selector: str) -> bool:
        """Whether the focus is there at this moment."""
        return bool(
            self.driver.execute_script("return !!document.activeElement?.matches(arguments[0])", selector)
        )

    def here(self) -> str:
        """What stands written where the focus is."""
        return str(self.driver.execute_script("return document.activeElement.innerText"))

    def heading(self, words: str) -> None:
        """Wait until the page of this heading stands complete."""
        self.says(words, "h1")
        self.ready()

    def look(self, name: str) -> None:
        """Keep a picture of the page in the folder GUIJU_PICTURES, where pictures are wanted."""
        if PICTURES:
            self.ready()
            self.driver.save_screenshot(str(Path(PICTURES) / f"{name}.png"))

    # --- the mouse

    def click(self, where: str | Callable[[], WebElement], *, turns: bool = False) -> None:
        """
        Press there with the mouse, once: what keeps the click from arriving is waited out, what arrived is never repeated.

        :param where: a selector, or a function that finds the element anew each time it is asked.
        :param turns: the click leads to another page; come back when that one stands complete.
        """
        with self.turning() if turns else nullcontext():
            self.until(lambda: self._clicked(where))

    def _clicked(self, where: str | Callable[[], WebElement]) -> bool:
        found = self._find(where) if isinstance(where, str) else where()
        if not self.driver.execute_async_script(STEADY, found):
            return False
        self.driver.execute_script(LISTEN, found)
        try:
            found.click()
        except WebDriverException as error:
            if not passing(error):
                raise
            # The page of the click may be gone already, or the element with it: then the click arrived.
            return bool(self.driver.execute_script("return window.handsClicked !== false"))
        return bool(self.driver.execute_script("return window.handsClicked !== false"))

    def tick(self, selector: str) -> None:
        """Tick a box or a choice by its label, as people do; what is ticked stays so."""

        def label() -> WebElement:
            box = self._find(selector)
            return self.driver.execute_script("return arguments[0].closest('label') || arguments[0]", box)

        checked = "return document.querySelector(arguments[0])?.checked === true"

        def ticked() -> bool:
            if self.driver.execute_script(checked, selector):
                return True
            self._clicked(label)
            return bool(self.driver.execute_script(checked, selector))

        self.until(ticked)

    def tick_all(self, selector: str = "[data-point] input[type=checkbox]") -> None:
        """Tick every such box of the page, the control points if nothing else is said; none is fine."""
        self.ready()
        mark = """
            const open = [...document.querySelectorAll(arguments[0])].find((box) => !box.checked && !box.disabled);
            document.querySelector("[data-hands]")?.removeAttribute("data-hands");
            open?.setAttribute("data-hands", "");
            return Boolean(open);
        """
        while self.driver.execute_script(mark, selector):
            self.tick("[data-hands]")

    # --- fields

    def fill(self, **fields: str | bool) -> None:
        """
        Fill in fields by their names (``__`` stands for the dot), each until it holds what it was given.

        True ticks a box; a choice is ticked by its value; a list, a date or a time takes its value as the page sends it.
        """
        for key, value in fields.items():
            self.enter(f"[name='{key.replace('__', '.')}']", value)

    def enter(self, selector: str, value: str | bool) -> None:
        """Fill in one field, named by a selector: among several of one name, as in ``[data-act='start'] [name='who']``."""

        def entered() -> bool:
            wanted = str(value)
            found = self.driver.execute_script(FIELD, selector, wanted)
            if not found:
                return False
            field, kind, held = found
            if kind in ("checkbox", "radio"):
                if not held:
                    self._clicked(
                        lambda: self.driver.execute_script(
                            "return arguments[0].closest('label') || arguments[0]", field
                        )
                    )
                return bool(self.driver.execute_script("return arguments[0].checked", field))
            if held != wanted or kind in ("select", "date", "datetime-local", "time", "month"):
                if kind in ("select", "date", "datetime-local", "time", "month"):
                    self.driver.execute_script(SET, field, wanted)
                else:
                    field.clear()
                    field.send_keys(wanted)
            return bool(self.driver.execute_script("return arguments[0].value", field) == wanted)

        self.ready()
        self.until(entered)

    def upload(self, name: str, file: Path) -> None:
        """Choose a file for the field of this name and wait until it is up."""
        self.choose_file(name, file)
        self.there(f"input[type=hidden][name='{name}'][value]")

    def choose_file(self, name: str, file: Path) -> None:
        """Choose a file for the field of this name; it may still be on its way up afterwards."""
        self.ready()
        self.until(lambda: self._find(f"input[type=file][name='{name}']").send_keys(str(file)) or True)

    # --- the keyboard

    def press(self, *keys: str, turns: bool = False) -> None:
        """
        Press keys one after the other, on a page that is complete.

        :param turns: the keys lead to another page; come back when that one stands complete.
        """
        with self.turning() if turns else nullcontext():
            if not turns:
                self.ready()
            self.pressed += len(keys)
            ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, holding: str, key: str, *, turns: bool = False) -> None:
        """Press a key while another is held; ``turns`` as in :meth:`press`."""
        with self.turning() if turns else nullcontext():
            if not turns:
                self.ready()
            self.pressed += 2
            ActionChains(self.driver).key_down(holding).send_keys(key).key_up(holding).perform()

    def jump(self, first: str, second: str) -> None:
        """
        Press two letters that together lead to a page, and come back when that one stands.

        The page takes them for one if they come within a second and a half; a machine too busy for that gets them again.
        """
        with self.turning():
            while True:
                self.driver.execute_script(TIMES)
                self.pressed += 2
                ActionChains(self.driver).send_keys(first, second).perform()
                times = self.driver.execute_script("return window.handsTimes || []")
                if len(times) < 2 or times[1] - times[0] < 1400:
                    break

    def write(self, words: str) -> None:
        """Type into the field that has the focus, as an input method would; not counted as keys."""
        self.ready()
        self.driver.switch_to.active_element.send_keys(words)

    def walk(self, selector: str, *, most: int = 60, back: bool = False) -> None:
        """
        Go on by Tab (back: by Shift Tab) until the focus is on what was looked for.

        :raises AssertionError: so many times Tab do not lead there.
        """
        for _ in range(most):
            if self.on(selector):
                return
            if back:
                self.chord(Keys.SHIFT, Keys.TAB)
            else:
                self.press(Keys.TAB)
        at = self.driver.execute_script("return document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"{most} times Tab do not lead to {selector}; the focus is on {at}")

    # --- the pages of guiju

    def take(self, case: Case, step: str, act: Callable[[], Any] | None = None) -> None:
        """
        Press the button of the step whose page stands, and find the step in the history of its case.

        The message in the corner goes after five seconds, so that a busy machine may miss it: it proves nothing here.

        :param act: what is done instead of pressing the button with the mouse; it leads to the page that follows.
        :raises AssertionError: the step was not taken; says what the page says instead.
        """
        taken = case.history.filter(step=step)
        with self.browser.alone():
            before = taken.count()
        with self.turning():
            (act or (lambda: self.click("#take-button")))()
        with self.browser.alone():
            after = taken.count()
        assert after == before + 1, f"{step}: {self.text()[:1500]}"

    # --- inside

    def _find(self, selector: str) -> WebElement:
        found = self.driver.execute_script("return document.querySelector(arguments[0])", selector)
        if found is None:
            raise NoSuchElementException(selector)
        return found

    def _told(self) -> str:
        try:
            return str(self.driver.execute_script("return document.body.innerText"))
        except WebDriverException as error:
            return repr(error)


def passing(error: WebDriverException) -> bool:
    """Whether the driver only tells that the page is being swapped."""
    return isinstance(error, PASSING) or any(words in str(error) for words in PASSING_WORDS)
