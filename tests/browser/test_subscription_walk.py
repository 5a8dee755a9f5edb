"""The main path by hand: from an available flat to the sealed 认购书, each post at its own screen."""

import os
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from guiju.demo.invented import identity
from guiju.estate.models import Control, Unit
from guiju.kernel import audit
from guiju.kernel.models import Case
from tests.processes import PATIENCE
from tests.stories.conftest import BORN, PNG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = os.environ.get("GUIJU_PICTURES", "")


def look(browser, name: str) -> None:
    """Keep a picture of the page, where pictures are wanted."""
    if PICTURES:
        browser.driver.save_screenshot(str(Path(PICTURES) / f"{name}.png"))


def fill(browser, **fields: str) -> None:
    for name, value in fields.items():
        name = name.replace("__", ".")
        found = browser.driver.find_elements(By.NAME, name)
        kind = found[0].get_attribute("type")
        if kind in ("radio", "checkbox"):
            box = next(f for f in found if kind == "checkbox" or f.get_attribute("value") == value)
            if not box.is_selected():
                browser.driver.execute_script("arguments[0].click()", box)
        else:
            found[0].clear()
            found[0].send_keys(value)


def tick_all(browser) -> None:
    for box in browser.driver.find_elements(By.CSS_SELECTOR, "[data-point] input[type=checkbox]"):
        if not box.is_selected():
            browser.driver.execute_script("arguments[0].click()", box)


def take(browser, toast: str = "已办好") -> None:
    browser.driver.find_element(By.ID, "take-button").click()
    WebDriverWait(browser.driver, PATIENCE).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, ".toast, .tip-wrong, [role=alert]")
    )
    text = browser.driver.find_element(By.TAG_NAME, "body").text
    assert toast in text, text[:1500]


def test_a_flat_goes_from_available_to_the_sealed_subscription_by_hand(browser, house, tmp_path):
    scan = tmp_path / "扫描件.png"
    scan.write_bytes(PNG)
    unit = house.units[0]

    browser.sign_in("lin")
    browser.go(f"/units/?unit={unit.pk}")
    look(browser, "01-units")
    browser.go(f"/cases/new/subscription/?unit={unit.pk}")
    fill(browser, intent="李𬭎")
    look(browser, "02-lock")
    browser.driver.find_element(By.ID, "take-button").click()
    WebDriverWait(browser.driver, PATIENCE).until(
        lambda _: Case.objects.filter(process="subscription").exists()
    )
    case = Case.objects.get(process="subscription")

    browser.go(f"/cases/{case.number}/steps/hand_in/")
    fill(
        browser,
        buyers__0__name="李𬭎",
        buyers__0__identity=identity(BORN, 7),
        buyers__0__phone="19900001234",
        payment="lump_sum",
        total_price="2000000",
        deposit="50000",
        disclosed="1",
    )
    browser.driver.find_element(By.CSS_SELECTOR, "input[type=file][name=signed]").send_keys(str(scan))
    WebDriverWait(browser.driver, PATIENCE).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "input[type=hidden][name=signed]")
    )
    look(browser, "03-hand-in-locked")
    assert browser.driver.find_element(By.ID, "take-button").get_attribute("aria-disabled") == "true"
    tick_all(browser)
    look(browser, "04-hand-in")
    take(browser)
    look(browser, "05-case-of-sales")

    browser.sign_in("gao")
    browser.go(f"/cases/{case.number}/steps/director_sign/")
    tick_all(browser)
    take(browser)

    browser.sign_in("wu")
    browser.go("/")
    assert "核对并登记" in browser.driver.find_element(By.TAG_NAME, "main").text
    look(browser, "06-workbench-of-customer-service")
    browser.go(f"/cases/{case.number}/steps/check_and_register/")
    fill(browser, control_ok="1", price_ok="1", payment_ok="1")
    tick_all(browser)
    take(browser)
    look(browser, "07-registered")

    browser.sign_in("fang")
    browser.go(f"/cases/{case.number}/")
    assert "到「待盖章」时才能办理" in browser.driver.find_element(By.TAG_NAME, "body").text
    look(browser, "08-keeper-must-wait")

    browser.sign_in("he")
    browser.go(f"/cases/{case.number}/steps/confirm_deposit/")
    fill(browser, amount="50000", account="预售资金监管账户", voucher="POS0001", payer="李𬭎")
    tick_all(browser)
    take(browser)

    browser.sign_in("fang")
    browser.go(f"/cases/{case.number}/steps/seal/")
    tick_all(browser)
    take(browser)
    look(browser, "09-sealed")
    browser.screen((390, 844))
    browser.go(f"/cases/{case.number}/")
    look(browser, "10-sealed-phone")

    case.refresh_from_db()
    assert case.state == "sealed"
    assert Unit.objects.get(pk=unit.pk).control == Control.SUBSCRIBED
    assert audit.verify().ok
