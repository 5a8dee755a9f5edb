"""Work without a mouse, typed with an input method, interrupted and resumed."""

import pytest
from django.utils import timezone
from selenium.webdriver.common.keys import Keys

from guiju.estate.searching import document
from guiju.kernel.models import Case
from guiju.kernel.search import index_many
from guiju.org.seed import DEMO_PASSWORD
from tests.stories.conftest import PNG

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def scan(tmp_path):
    file = tmp_path / "扫描件.png"
    file.write_bytes(PNG)
    return file


def test_a_director_reviews_without_a_mouse(browser, hands, house, lived_in):
    browser.go("/accounts/login/")
    browser.driver.delete_all_cookies()
    browser.go("/accounts/login/")
    hands.fill(login="gao", password=DEMO_PASSWORD)
    hands.press(Keys.ENTER, turns=True)
    hands.heading("高志强")

    hands.jump("g", "t")
    hands.heading("待办")
    hands.press("j")
    hands.until(lambda: hands.here() == "总监审核签字")
    hands.press(Keys.ENTER, turns=True)
    hands.heading("总监审核签字")
    for _ in range(40):
        if hands.on("input[type=checkbox]:not(:checked)"):
            hands.press(Keys.SPACE)
        hands.press(Keys.TAB)
    case = Case.objects.get(number=browser.driver.current_url.split("/")[4])
    hands.take(case, "director_sign", lambda: hands.chord(Keys.CONTROL, Keys.ENTER))


def test_search_opens_by_its_key_and_leads_to_a_room(browser, hands, house):
    index_many(document(unit) for unit in house.units)
    browser.sign_in("wu")
    browser.go("/cases/")

    hands.press("/")
    hands.there("#palette[open]")
    hands.press("1-1503")
    # What was found for fewer letters is still shown until the answer to all of them is there.
    hands.says("1503", "#palette .found[aria-selected=true]")
    hands.press(Keys.ENTER, turns=True)

    hands.heading("1503")


def test_escape_closes_the_palette_and_gives_the_focus_back(browser, hands, house):
    browser.sign_in("wu")
    browser.go("/cases/")
    browser.driver.execute_script("document.querySelector('.menu a').focus()")

    hands.press("/")
    hands.until(lambda: hands.on("#palette[open] input"))
    hands.press(Keys.ESCAPE)

    hands.gone("#palette[open]")
    hands.until(lambda: hands.on(".menu a"))


def test_keys_of_an_input_method_are_not_shortcuts(browser, hands, house):
    browser.sign_in("wu")
    browser.go("/cases/")

    browser.driver.execute_script(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true, isComposing: true}))"
    )

    assert not hands.has("#palette[open]")


def test_the_primary_act_stays_locked_and_says_what_is_missing(browser, hands, house, lived_in):
    browser.sign_in("lin")
    browser.go(lived_in[6])

    hands.there("#take-button[aria-disabled=true]")
    assert "还差" in hands.text("[data-missing]")

    hands.tick_all()
    hands.gone("#take-button[aria-disabled]")


def test_a_draft_comes_back_after_the_page_was_left(browser, hands, house, lived_in):
    browser.sign_in("lin")
    browser.go(lived_in[6])
    hands.click("[data-add]")
    hands.fill(buyers__1__name="章清越")
    hands.chord(Keys.CONTROL, "s")
    hands.says("草稿已存", "[data-draft-words]")

    browser.go("/todos/")
    browser.go(lived_in[6])
    hands.click("[data-draft-take]")

    hands.until(lambda: hands.value("buyers.1.name") == "章清越")


def test_the_drawer_opens_beside_the_plan_and_closes(browser, hands, house):
    browser.sign_in("wu")
    browser.go("/units/")

    hands.click(".cell.is-available", turns=True)
    hands.says("打开房屋档案", "#drawer")
    hands.click("[data-close-drawer]", turns=True)

    hands.gone("#drawer")


def test_the_plan_takes_up_what_others_did_without_moving(browser, hands, house):
    browser.sign_in("wu")
    browser.go("/units/")
    at = "const at = document.querySelector(arguments[0]).getBoundingClientRect(); return [at.x, at.y]"
    place = browser.driver.execute_script(at, ".cell.is-available")

    with browser.alone():
        house.lock(unit=0, at=timezone.now())
    browser.driver.execute_script("htmx.trigger(document.querySelector('#matrix'), 'every')")

    hands.there(".cell.is-locked")
    assert browser.driver.execute_script(at, ".cell.is-locked") == place


def test_countdown_chips_are_kept_by_one_timer(browser, hands, house, lived_in):
    browser.sign_in("gao")
    browser.go("/todos/")

    hands.there("[data-due] time")
    browser.driver.execute_script(
        """
        document.querySelector("[data-due]:has(time)").dataset.due = "2020-01-01T00:00:00+00:00";
        document.dispatchEvent(new Event("htmx:after:swap"));
        """
    )

    hands.until(lambda: hands.text("[data-due] time").startswith("超 "))


def test_a_form_that_is_sent_while_its_file_is_on_the_way_takes_it_along(
    browser, hands, house, lived_in, scan
):
    browser.sign_in("lin")
    browser.go(lived_in[6])
    hands.tick_all()

    with browser.alone():
        hands.choose_file("signed", scan)
        hands.click("#take-button")
        hands.says("等文件传完", "#take-button")
        assert not hands.has("input[type=hidden][name=signed]")
    hands.gone("#take-button[aria-busy]")

    # Refused, for nothing else was filled in; the file has come along.
    hands.there("[role=alert]")
    hands.there("input[type=hidden][name=signed][value]")


def test_the_plan_keeps_marks_and_focus_while_it_is_refreshed(browser, hands, house):
    browser.sign_in("zhou")
    browser.go("/units/?mark=1")
    hands.click(".cell.is-available ~ label, .cell-mark")
    hands.until(lambda: hands.text("[data-marked-count]") == "1")
    browser.driver.execute_script("document.querySelectorAll('.cell.is-available')[1].focus()")

    with browser.alone():
        house.lock(unit=3, at=timezone.now())
    browser.driver.execute_script("htmx.trigger(document.querySelector('#matrix'), 'every')")

    hands.there(".cell.is-locked")
    assert (
        browser.driver.execute_script("return document.querySelectorAll('[data-mark]:checked').length") == 1
    )
    assert hands.text("[data-marked-count]") == "1"
    hands.until(lambda: hands.on(f"#cell-{house.units[1].pk}"))
