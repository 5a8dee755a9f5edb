"""Every page in Chromium: accessible in both themes, nothing wider than its screen, no complaint of the browser."""

import pytest
from axe_core_python.selenium import Axe

from tests.browser.conftest import DESK, PHONE, SMALL

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def told(results) -> list[str]:
    """What axe found, in lines short enough to read."""
    return [
        f"{found['id']}: {node['target']} {node['html'][:110]}"
        for found in results["violations"]
        for node in found["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_any_page(browser, lived_in, theme, screen):
    browser.screen(screen)
    browser.sign_in("deng", theme=theme)
    wrong: dict[str, str] = {}

    for path in lived_in:
        browser.go(path)
        for line in told(Axe().run(browser.driver)):
            wrong.setdefault(line, path)

    assert sorted(f"{path} {line}" for line, path in wrong.items()) == []


@pytest.mark.parametrize("screen", [DESK, (1280, 800), SMALL, PHONE], ids=["1440", "1280", "1093", "390"])
def test_no_page_is_wider_than_its_screen(browser, lived_in, screen):
    browser.screen(screen)
    browser.sign_in("deng")
    wide = {}

    for path in lived_in:
        browser.go(path)
        width = browser.driver.execute_script("return document.documentElement.scrollWidth")
        if width > screen[0]:
            wide[path] = width

    assert wide == {}


def test_the_browser_has_nothing_to_complain_about(browser, lived_in):
    browser.sign_in("deng")
    browser.complaints()
    said = {}

    for path in lived_in:
        if path == "/nothing/":
            continue
        browser.go(path)
        if words := browser.complaints():
            said[path] = words

    assert said == {}


def test_on_a_phone_what_is_pressed_is_large_enough(browser, lived_in):
    browser.screen(PHONE)
    browser.sign_in("deng")
    small = {}

    for path in lived_in:
        browser.go(path)
        found = browser.driver.execute_script(
            """
            return [...document.querySelectorAll("button, .btn, .tabbar a, .chip, .switch label, .choice span, .tabs a")]
              .filter((part) => part.offsetParent && !part.classList.contains("btn-plain") && !part.closest("noscript"))
              .map((part) => [part.outerHTML.slice(0, 90), part.getBoundingClientRect().height])
              .filter(([, height]) => height > 0 && height < 43.5);
            """
        )
        if found:
            small[path] = found

    assert small == {}
