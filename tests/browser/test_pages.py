"""Every page in Chromium: accessible in both themes, nothing wider than its screen, no complaint of the browser."""

import pytest
from axe_core_python.base import AXE_SCRIPT

from tests.browser.conftest import DESK, PHONE, SMALL

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What axe finds, in lines short enough to read. Another theme changes nothing but colours: one rule is about these.
AXE = """
const [rules, done] = arguments;
const chosen = rules ? {runOnly: {type: "rule", values: rules}} : {};
axe.run(document, {resultTypes: ["violations"], ...chosen}).then((found) => done(
  found.violations.flatMap((rule) => rule.nodes.slice(0, 3).map((node) => `${rule.id}: ${node.target} ${node.html.slice(0, 110)}`))
));
"""
THEME = "document.documentElement.dataset.theme = arguments[0]"
WIDTH = "return document.documentElement.scrollWidth"
LOW = """
return [...document.querySelectorAll("button, .btn, .tabbar a, .chip, .switch label, .choice span, .tabs a")]
  .filter((part) => part.offsetParent && !part.classList.contains("btn-plain") && !part.closest("noscript"))
  .map((part) => [part.outerHTML.slice(0, 90), part.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5);
"""


@pytest.mark.parametrize("screens", [[DESK, (1280, 800), SMALL], [PHONE]], ids=["desk", "phone"])
def test_every_page_is_accessible_fits_its_screen_and_leaves_the_browser_content(
    browser, hands, lived_in, screens
):
    browser.sign_in("deng")
    browser.complaints()
    inaccessible: dict[str, str] = {}
    wide, said, low = {}, {}, {}

    for path in lived_in:
        browser.screen(screens[0])
        browser.go(path)
        hands.ready()
        browser.driver.execute_script(AXE_SCRIPT)
        for theme, rules in ((None, None), ("dark", ["color-contrast"])):
            if theme:
                browser.driver.execute_script(THEME, theme)
            for line in browser.driver.execute_async_script(AXE, rules):
                inaccessible.setdefault(line, f"{path} {theme or 'light'}")
        if screens[0] == PHONE and (found := browser.driver.execute_script(LOW)):
            low[path] = found
        for screen in screens:
            browser.screen(screen)
            if (width := browser.driver.execute_script(WIDTH)) > screen[0]:
                wide[path, screen[0]] = width
        if path != "/nothing/" and (words := browser.complaints()):
            said[path] = words

    assert sorted(f"{where}: {line}" for line, where in inaccessible.items()) == []
    assert (wide, said) == ({}, {})
    assert low == {}, "too low for a finger"
