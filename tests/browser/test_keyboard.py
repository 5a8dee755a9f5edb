"""Work without a mouse, typed with an input method, interrupted and resumed."""

import pytest
from django.utils import timezone
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from guiju.estate.searching import document
from guiju.kernel.search import index_many
from guiju.org.seed import DEMO_PASSWORD
from tests.processes import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def press(browser, *keys: str) -> None:
    ActionChains(browser.driver).send_keys(*keys).perform()


def chord(browser, holding: str, key: str) -> None:
    ActionChains(browser.driver).key_down(holding).send_keys(key).key_up(holding).perform()


def until(browser, true):
    # A list that is filled anew takes its old rows away between finding one and reading it.
    waits = WebDriverWait(browser.driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
    return waits.until(lambda driver: true(driver))


def heading(driver) -> str:
    return driver.find_element(By.TAG_NAME, "h1").text


def active(driver):
    return driver.switch_to.active_element


def test_a_director_reviews_without_a_mouse(browser, house, lived_in):
    browser.go("/accounts/login/")
    browser.driver.delete_all_cookies()
    browser.go("/accounts/login/")
    browser.driver.find_element(By.NAME, "login").send_keys("gao", Keys.TAB, DEMO_PASSWORD, Keys.ENTER)
    until(browser, lambda driver: "高志强" in heading(driver))

    press(browser, "g")
    press(browser, "t")
    until(browser, lambda driver: heading(driver) == "待办")
    press(browser, "j")
    assert active(browser.driver).text == "总监审核签字"
    press(browser, Keys.ENTER)
    until(browser, lambda driver: heading(driver) == "总监审核签字")
    for _ in range(40):
        here = active(browser.driver)
        if here.get_attribute("type") == "checkbox" and not here.is_selected():
            press(browser, Keys.SPACE)
        press(browser, Keys.TAB)
    chord(browser, Keys.CONTROL, Keys.ENTER)

    until(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, ".toast"))
    assert "已办好" in browser.driver.find_element(By.CSS_SELECTOR, ".toast").text


def test_search_opens_by_its_key_and_leads_to_a_room(browser, house):
    index_many(document(unit) for unit in house.units)
    browser.sign_in("wu")
    browser.go("/cases/")

    press(browser, "/")
    until(browser, lambda driver: driver.find_element(By.ID, "palette").get_attribute("open") is not None)
    press(browser, "1-1503")
    until(
        browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, "#palette .found[aria-selected=true]")
    )
    until(browser, lambda driver: "1503" in driver.find_element(By.CSS_SELECTOR, "#palette .found").text)
    press(browser, Keys.ENTER)

    until(browser, lambda driver: "1503" in heading(driver))


def test_escape_closes_the_palette_and_gives_the_focus_back(browser, house):
    browser.sign_in("wu")
    browser.go("/cases/")
    browser.driver.find_element(By.CSS_SELECTOR, ".menu a").send_keys("")
    before = active(browser.driver)

    press(browser, "/")
    press(browser, Keys.ESCAPE)

    assert browser.driver.find_element(By.ID, "palette").get_attribute("open") is None
    assert active(browser.driver) == before


def test_keys_of_an_input_method_are_not_shortcuts(browser, house):
    browser.sign_in("wu")
    browser.go("/cases/")

    browser.driver.execute_script(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true, isComposing: true}))"
    )

    assert browser.driver.find_element(By.ID, "palette").get_attribute("open") is None


def test_the_primary_act_stays_locked_and_says_what_is_missing(browser, house, lived_in):
    browser.sign_in("lin")
    browser.go(lived_in[6])
    button = browser.driver.find_element(By.ID, "take-button")

    assert button.get_attribute("aria-disabled") == "true"
    assert "还差" in browser.driver.find_element(By.CSS_SELECTOR, "[data-missing]").text

    for point in browser.driver.find_elements(By.CSS_SELECTOR, "[data-point] input"):
        browser.driver.execute_script("arguments[0].click()", point)
    assert button.get_attribute("aria-disabled") is None


def test_a_draft_comes_back_after_the_page_was_left(browser, house, lived_in):
    browser.sign_in("lin")
    browser.go(lived_in[6])
    browser.driver.find_element(By.CSS_SELECTOR, "[data-add]").click()
    browser.driver.find_element(By.NAME, "buyers.1.name").send_keys("章清越")
    chord(browser, Keys.CONTROL, "s")
    until(
        browser, lambda driver: "草稿已存" in driver.find_element(By.CSS_SELECTOR, "[data-draft-words]").text
    )

    browser.go("/todos/")
    browser.go(lived_in[6])
    take = until(browser, lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-draft-take]"))
    take.click()

    assert browser.driver.find_element(By.NAME, "buyers.1.name").get_attribute("value") == "章清越"


def test_the_drawer_opens_beside_the_plan_and_closes(browser, house):
    browser.sign_in("wu")
    browser.go("/units/")

    browser.driver.find_element(By.CSS_SELECTOR, ".cell.is-available").click()
    drawer = until(browser, lambda driver: driver.find_element(By.ID, "drawer"))
    assert "打开房屋档案" in drawer.text
    browser.driver.find_element(By.CSS_SELECTOR, "[data-close-drawer]").click()

    until(browser, lambda driver: not driver.find_elements(By.ID, "drawer"))


def test_the_plan_takes_up_what_others_did_without_moving(browser, house):
    browser.sign_in("wu")
    browser.go("/units/")
    cell = browser.driver.find_element(By.CSS_SELECTOR, ".cell.is-available")
    place = cell.location

    house.lock(unit=0, at=timezone.now())
    browser.driver.execute_script("htmx.trigger(document.querySelector('#matrix'), 'every')")

    until(browser, lambda driver: driver.find_elements(By.CSS_SELECTOR, ".cell.is-locked"))
    assert browser.driver.find_element(By.CSS_SELECTOR, ".cell.is-locked").location == place


def test_countdown_chips_are_kept_by_one_timer(browser, house, lived_in):
    browser.sign_in("gao")
    browser.go("/todos/")

    chip = browser.driver.find_element(By.CSS_SELECTOR, "[data-due] time")
    browser.driver.execute_script(
        "arguments[0].closest('[data-due]').dataset.due = '2020-01-01T00:00:00+00:00'", chip
    )
    browser.driver.execute_script("document.dispatchEvent(new Event('htmx:after:swap'))")

    until(browser, lambda _: chip.text.startswith("超 "))
