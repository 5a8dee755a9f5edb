"""The technician's phone in a real browser at 390 px, with the network switched off and on."""

from datetime import timedelta

import pytest
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from guiju.desk.models import Visit
from guiju.kernel.models import Event
from guiju.papers.models import Attachment
from tests.browser.conftest import PHONE, Browser, chrome
from tests.desk.test_visit_phone import at_work
from tests.processes import PATIENCE

__all__ = ["at_work", "chrome"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def phone(chrome, live_server, at_work):
    found = Browser(chrome, live_server.url, at_work)
    found.screen(PHONE)
    yield found
    network(chrome, on=True)
    chrome.get("about:blank")
    chrome.delete_all_cookies()


def network(driver, *, on: bool) -> None:
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": not on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def wait(driver, what, seconds: int = PATIENCE):
    return WebDriverWait(driver, seconds, poll_frequency=0.2).until(what)


def words(driver) -> str:
    return driver.find_element(By.CSS_SELECTOR, "[data-sync-words]").text


def submit(driver, name: str) -> None:
    driver.execute_script(
        "const act=document.querySelector(`[data-act='${arguments[0]}']`);act.open=true;act.querySelector('form').requestSubmit();",
        name,
    )


def tick(driver, name: str) -> None:
    driver.execute_script(
        "document.querySelectorAll(`[data-act='${arguments[0]}'] input[type=checkbox]`).forEach((box) => { box.checked = true; })",
        name,
    )


def fill(driver, name: str, field: str, value: str) -> None:
    driver.execute_script(
        "document.querySelector(`[data-act='${arguments[0]}'] [name='${arguments[1]}']`).value = arguments[2]",
        name, field, value,
    )  # fmt: skip


def take_picture(driver, name: str) -> None:
    """Put a large picture into the act's album, as the phone's own camera would."""
    driver.execute_async_script(
        """
        const [name, done] = [arguments[0], arguments[1]];
        const canvas = document.createElement("canvas");
        canvas.width = 3000; canvas.height = 2000;
        const ink = canvas.getContext("2d");
        for (let n = 0; n < 4000; n += 1) {
          ink.fillStyle = `hsl(${(n * 37) % 360} 70% 50%)`;
          ink.fillRect((n * 97) % 3000, (n * 61) % 2000, 60, 40);
        }
        canvas.toBlob((blob) => {
          const input = document.querySelector(`[data-act='${name}'] [data-album]`);
          const carrier = new DataTransfer();
          carrier.items.add(new File([blob], "现场.jpg", { type: "image/jpeg" }));
          input.files = carrier.files;
          input.dispatchEvent(new Event("change"));
          done(blob.size);
        }, "image/jpeg", 1.0);
        """,
        name,
    )
    wait(driver, lambda d: d.find_elements(By.CSS_SELECTOR, f"[data-act='{name}'] .photo img"))


def test_acts_without_a_network_wait_are_counted_and_happen_once(phone, at_work):
    visit = at_work.booked(at=timezone.now() - 4 * HOUR, hours=4)
    Visit.objects.update(starts_at=timezone.now() + 5 * MINUTE, ends_at=timezone.now() + HOUR)
    driver = phone.driver
    phone.sign_in("kang")
    phone.go("/technician/")
    assert "1号楼 1单元 1501" in driver.find_element(By.CSS_SELECTOR, ".visit-first").text
    assert driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    phone.go(f"/technician/visits/{visit.case.number}/")
    wait(driver, lambda d: words(d) == "已同步")

    network(driver, on=False)
    tick(driver, "depart")
    submit(driver, "depart")
    wait(driver, lambda d: "1 项待上传" in words(d))
    submit(driver, "arrive")
    wait(driver, lambda d: "2 项待上传" in words(d))
    fill(driver, "start", "who", "苏清越")
    fill(driver, "start", "need", "不再渗水")
    tick(driver, "start")
    take_picture(driver, "start")
    submit(driver, "start")
    wait(driver, lambda d: "3 项待上传" in words(d))
    assert "联网后自动上传" in driver.find_element(By.CSS_SELECTOR, "[data-outbox-words]").text
    assert Event.objects.filter(case=visit.case).count() == 2

    # The phone is put away and taken out again, still without a network.
    phone.go(f"/technician/visits/{visit.case.number}/")
    wait(driver, lambda d: "3 项待上传" in words(d))

    network(driver, on=True)
    driver.execute_script("window.dispatchEvent(new Event('online'))")
    wait(driver, lambda d: "待上传" not in words(d))
    assert driver.find_element(By.CSS_SELECTOR, "[data-outbox-list]").text == ""
    assert words(driver) == "已同步"

    assert list(
        Event.objects.filter(case=visit.case).order_by("case_seq").values_list("step", flat=True)
    ) == ["request", "agree", "depart", "arrive", "start"]
    visit.refresh_from_db()
    kept = Attachment.objects.get(sha256=visit.before[0])
    assert max(kept.width, kept.height) == 1600

    # What the server refuses is said with its reason, and can be mended or let go.
    submit(driver, "finish")
    wait(driver, lambda d: "1 项没有办成" in words(d))
    told = driver.find_element(By.CSS_SELECTOR, "[data-item-reasons]").text
    assert "做了什么：必填" in told
    driver.find_element(By.CSS_SELECTOR, "[data-sync]").click()
    driver.execute_script("document.querySelector('[data-item-drop]').click()")
    wait(driver, lambda d: words(d) == "已同步")
    told = [line for line in phone.complaints() if "net::ERR" not in line and "422" not in line]
    assert told == []
