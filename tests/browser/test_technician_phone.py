"""The technician's phone in a real browser at 390 px, with the network switched off and on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guiju.desk.models import Visit
from guiju.kernel.models import Event
from guiju.papers.models import Attachment
from tests.browser.conftest import PHONE, Browser, chrome, live_server
from tests.browser.hands import Hands
from tests.desk.test_visit_phone import at_work

__all__ = ["at_work", "chrome", "live_server"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
SAYS = "[data-sync-words]"
# The page is on the phone, and who answers for the network too.
KEPT = """
const [page, done] = arguments;
navigator.serviceWorker.ready.then(() => caches.match(page)).then((kept) => done(Boolean(kept)));
"""


@pytest.fixture
def phone(chrome, live_server, at_work):
    found = Browser(chrome, live_server.url, at_work)
    found.screen(PHONE)
    yield Hands(found)
    network(chrome, on=True)
    found.leave()


def network(driver, *, on: bool) -> None:
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": not on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )


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


def test_acts_without_a_network_wait_are_counted_and_happen_once(phone, at_work):
    visit = at_work.booked(at=timezone.now() - 4 * HOUR, hours=4)
    # Later today, so that nobody is late on a slow machine; nobody sets out for a visit of tomorrow.
    midnight = timezone.localtime().replace(hour=23, minute=59, second=59)
    Visit.objects.update(starts_at=min(timezone.now() + HOUR, midnight), ends_at=timezone.now() + 2 * HOUR)
    driver, page = phone.driver, f"/technician/visits/{visit.case.number}/"
    phone.browser.sign_in("kang")
    phone.browser.go("/technician/")
    phone.says("1号楼 1单元 1501", ".visit-first")
    assert driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    phone.browser.go(page)
    phone.says("已同步", SAYS)
    phone.until(lambda: driver.execute_async_script(KEPT, page))

    network(driver, on=False)
    tick(driver, "depart")
    submit(driver, "depart")
    phone.says("1 项待上传", SAYS)
    submit(driver, "arrive")
    phone.says("2 项待上传", SAYS)
    fill(driver, "start", "who", "苏清越")
    fill(driver, "start", "need", "不再渗水")
    tick(driver, "start")
    # Pressed at once: the picture is still being made smaller, and is sent all the same.
    take_picture(driver, "start")
    submit(driver, "start")
    phone.says("3 项待上传", SAYS)
    phone.says("联网后自动上传", "[data-outbox-words]")
    assert Event.objects.filter(case=visit.case).count() == 2

    # The phone is put away and taken out again, still without a network.
    phone.browser.go(page)
    phone.says("3 项待上传", SAYS)

    network(driver, on=True)
    driver.execute_script("window.dispatchEvent(new Event('online'))")
    phone.says("已同步", SAYS)
    assert phone.text("[data-outbox-list]") == ""

    assert list(
        Event.objects.filter(case=visit.case).order_by("case_seq").values_list("step", flat=True)
    ) == ["request", "agree", "depart", "arrive", "start"]
    visit.refresh_from_db()
    kept = Attachment.objects.get(sha256=visit.before[0])
    assert max(kept.width, kept.height) == 1600

    # What the server refuses is said with its reason, and can be mended or let go.
    submit(driver, "finish")
    phone.says("1 项没有办成", SAYS)
    phone.says("做了什么：必填", "[data-item-reasons]")
    phone.click("[data-sync]")
    driver.execute_script("document.querySelector('[data-item-drop]').click()")
    phone.says("已同步", SAYS)
    told = [line for line in phone.browser.complaints() if "net::ERR" not in line and "422" not in line]
    assert told == []
