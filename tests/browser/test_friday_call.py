"""
A call of Friday evening by hand, from the front desk to the closing, at the screens and the phone of those who do it.

The clocks of the call of Friday 2025-09-26, 17:40, by hand. Work hours 9:00 to 18:00; Saturday 27 is off, Sunday 28 is a
make-up working day, the holiday begins on 1 October. Contact: 24 clock hours, Saturday 27 17:40. Visit: 48 clock hours,
Sunday 28 17:40. Solving: three working days from the next day, Sunday 28, Monday 29, Tuesday 30, till 18:00.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from guiju.customers.operations.entries import enter, index_customer
from guiju.demo.invented import identity
from guiju.desk.models import AfterSales, Reception, Visit
from guiju.kernel import audit, worker
from guiju.kernel.models import Case, Clock
from guiju.papers.models import Paper, Signature
from guiju.quality.models import Callback, Rating
from guiju.sales.models import Deal, DealBuyer
from tests.browser.conftest import DESK as SCREEN
from tests.browser.conftest import PHONE, Browser, chrome
from tests.browser.test_mortgage_walk import INTO_VIEW, PICTURES, Walk
from tests.browser.test_technician_phone import take_picture
from tests.desk.conftest import service
from tests.stories.conftest import BEIJING, BORN, PNG, beijing

__all__ = ["chrome", "service"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OWNER, NUMBER = "苏清越", "19900001111"
STORY = "昨天下大雨，主卧飘窗下面又湿了，墙皮起泡。"
# The clock of the computer or phone at which somebody sits.
ITS_CLOCK = """(() => {
  const Real = Date, ahead = %d;
  globalThis.Date = class Date extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
})()"""


class Days:
    """Days that come when the story needs them: every clock of the house runs on from there, a distance away."""

    def __init__(self, driver) -> None:
        self.driver, self.real = driver, timezone.now
        self.ahead, self.script = timedelta(), ""

    def now(self) -> datetime:
        """The moment as the house knows it."""
        return self.real() + self.ahead

    def come_to(self, text: str, *, on_the_screen: str = "") -> None:
        """Let it be this moment; the clock of the computer or phone may be set wrong."""
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


@pytest.fixture
def days(chrome, monkeypatch) -> Iterator[Days]:
    found = Days(chrome)
    monkeypatch.setattr(timezone, "now", found.now)
    yield found
    found.leave()


@pytest.fixture
def walk(chrome, live_server, service, days, tmp_path) -> Iterator[Walk]:
    scan = tmp_path / "照片.png"
    scan.write_bytes(PNG)
    found = Walk(Browser(chrome, live_server.url, service), scan)
    found.browser.screen(SCREEN)
    yield found
    chrome.get("about:blank")
    chrome.delete_all_cookies()
    chrome.get_log("browser")


def minute(moment: datetime | None) -> str:
    """A moment to the minute, as the pages show it."""
    assert moment is not None
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def sold(service) -> None:
    """Sell the first flat to the customer who is going to call."""
    at = beijing("2025-08-02 10:00")
    owner = enter(
        company_id=service.project.company_id, name=OWNER, identity=identity(BORN, 41), phone=NUMBER, at=at
    )
    deal = Deal.objects.create(
        unit=service.units[0], project=service.project, stage=Deal.SIGNED, opened_at=at, contract_number="HT-2025-0009"
    )  # fmt: skip
    DealBuyer.objects.create(deal=deal, customer=owner, position=1)
    index_customer(owner)


def keep(walk: Walk, name: str) -> None:
    """Keep a picture of the phone, where pictures are wanted."""
    if PICTURES:
        walk.driver.save_screenshot(str(Path(PICTURES) / f"friday-{name}-390.png"))


def clocks(walk: Walk) -> dict[str, str]:
    """The clocks of the case on the screen, opened: what each is called, and all that its page says of it."""
    found = {}
    for box in walk.driver.find_elements(By.CSS_SELECTOR, "details.clock"):
        walk.click(box.find_element(By.TAG_NAME, "summary"))
        found[box.find_element(By.CSS_SELECTOR, "summary .cut").text] = box.text
    return found


def fill(walk: Walk, box, **fields: str | bool) -> None:
    """Fill in one act of the phone's page, whose field names come again in other acts; ``__`` stands for the dot."""
    for key, value in fields.items():
        field = box.find_element(By.CSS_SELECTOR, f"[name='{key.replace('__', '.')}']:not([type=hidden])")
        if field.get_attribute("type") == "checkbox":
            walk.tick(field)
        elif field.tag_name == "select":
            Select(field).select_by_value(str(value))
        else:
            field.clear()
            field.send_keys(str(value))


def opened(walk: Walk, name: str):
    """One act of the visit on the phone, open."""
    box = walk.driver.find_element(By.CSS_SELECTOR, f"[data-act='{name}']")
    if box.get_attribute("open") is None:
        walk.click(box.find_element(By.TAG_NAME, "summary"))
    return box


def does(walk: Walk, visit: Visit, step: str, *, picture: bool = False, **fields: str | bool) -> None:
    """Do one act of the visit on the phone: tick what it asks, fill it in, take the picture, press, see it sent."""
    box = opened(walk, step)
    for tick in box.find_elements(By.CSS_SELECTOR, ".checks-box input[type=checkbox]"):
        walk.tick(tick)
    fill(walk, box, **fields)
    if picture:
        take_picture(walk.driver, step)
    keep(walk, f"5-{step}")
    walk.click(box.find_element(By.CSS_SELECTOR, "form > button.btn-wide"))
    walk.until(
        lambda driver: (
            visit.case.history.filter(step=step).exists()
            or "没有办成" in driver.find_element(By.CSS_SELECTOR, "[data-sync-words]").text
        )
    )
    assert visit.case.history.filter(step=step).exists(), walk.driver.find_element(By.ID, "outbox").text
    walk.until(lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-sync-words]").text == "已同步")


def draw(walk: Walk, box) -> None:
    """Sign with a finger on the glass."""
    pad = box.find_element(By.TAG_NAME, "canvas")
    walk.driver.execute_script(INTO_VIEW, pad)
    builder = ActionBuilder(walk.driver, mouse=PointerInput(interaction.POINTER_TOUCH, "finger"), duration=10)
    finger = builder.pointer_action
    finger.move_to(pad, -120, 10)
    finger.pointer_down()
    for n in range(1, 15):
        finger.move_to(pad, -120 + 17 * n, (-35, 40, 5)[n % 3])
    finger.pointer_up()
    builder.perform()
    walk.until(lambda _: box.find_element(By.CSS_SELECTOR, "[data-sign-words]").text == "已签")


def receives(walk: Walk) -> Case:
    """The front desk takes the call and hands it on; returns the after-sales case."""
    driver = walk.driver
    walk.sits("ma")
    walk.browser.go(f"/reception/call/?phone={NUMBER}")
    assert OWNER in driver.find_element(By.CSS_SELECTOR, "[data-place=callers]").text
    walk.fill(
        words=STORY,
        kind="repair",
        need="修好，别再漏",
        problem="主卧飘窗渗水",
        repeated_back=True,
        confirmed=True,
    )
    walk.until(lambda _: driver.find_elements(By.CSS_SELECTOR, "[name=category][value=leak_window]"))
    walk.fill(category="leak_window")
    walk.until(lambda _: driver.find_elements(By.CSS_SELECTOR, "[name=category][value=leak_window]:checked"))
    walk.look("friday-1-intake", everywhere=True)
    walk.click(driver.find_element(By.ID, "take-button"))
    walk.until(lambda _: driver.find_elements(By.CSS_SELECTOR, "[data-copy]"))
    row = Reception.objects.get()
    case = Case.objects.get(number=row.handed_to)
    assert minute(row.arrived_at) == "2025-09-26 17:40"
    assert case.process == "after_sales"
    assert case.number in driver.find_element(By.CSS_SELECTOR, "[data-copy]").text

    for box in driver.find_elements(By.CSS_SELECTOR, "#finish input[type=checkbox]"):
        walk.tick(box)
    walk.fill(solved="no", explained="售后今天来电，把情况问清楚")
    walk.look("friday-2-finish")
    walk.click(driver.find_element(By.CSS_SELECTOR, "footer .btn-primary"))
    walk.until(lambda _: driver.current_url.endswith("/reception/"))
    assert Case.objects.get(pk=row.case_id).state == "closed"
    return case


def visits(walk: Walk, days: Days, visit: Visit) -> None:
    """The technician's Sunday on the phone, from setting out to the customer's signature."""
    driver, page = walk.driver, f"/technician/visits/{visit.case.number}/"
    days.come_to("2025-09-28 09:35")
    walk.browser.screen(PHONE)
    walk.sits("kang")
    walk.browser.go("/technician/")
    assert "1号楼 1单元 1501" in driver.find_element(By.CSS_SELECTOR, ".visit-first").text
    keep(walk, "4-today")
    walk.browser.go(page)
    does(walk, visit, "depart")

    days.come_to("2025-09-28 09:58")
    walk.sits("kang")
    walk.browser.go(page)
    does(walk, visit, "arrive", met=OWNER)
    done, following = (driver.find_element(By.ID, f"act-{step}") for step in ("arrive", "start"))
    walk.until(lambda _: following.find_element(By.CSS_SELECTOR, "[data-act-words]").text == "")
    assert done.find_element(By.CSS_SELECTOR, "[data-act-words]").text == "已办"
    assert done.find_element(By.CSS_SELECTOR, ".act-mark > :first-child").is_displayed()
    does(walk, visit, "start", picture=True, who=OWNER, need="飘窗不再渗水")
    does(
        walk, visit, "inspect", findings__0__words="飘窗左下角", findings__1__words="左下角胶缝开裂 12 厘米",
        findings__2__ok=True, findings__3__ok=True, cause="wear", cause_words="密封胶老化",
        solution="铲除旧胶，重打耐候胶", agreed=True, who=OWNER,
    )  # fmt: skip

    # Whatever the phone says, what is done now is done at the server's time.
    days.come_to("2025-09-28 11:05", on_the_screen="2023-01-01 00:00")
    walk.sits("kang")
    walk.browser.go(page)
    does(walk, visit, "use", items__0__material="GL-01", items__0__quantity="3")
    does(
        walk, visit, "finish", picture=True, done="铲除旧胶，重打耐候胶", measure="换用耐候胶", test="淋水 30 分钟，无渗漏",
        minutes="60",
    )  # fmt: skip
    box = opened(walk, "sign")
    draw(walk, box)
    does(walk, visit, "sign", name=OWNER)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    keep(walk, "6-signed")
    walk.browser.screen(SCREEN)


def test_a_call_of_friday_evening_is_done_by_its_clocks_and_signed_on_the_phone(walk, days, service):
    driver = walk.driver
    sold(service)
    days.come_to("2025-09-26 17:40")
    case = receives(walk)

    walk.sits("shen")
    walk.browser.go(f"/cases/{case.number}/")
    shown = clocks(walk)
    walk.look("friday-3-case", everywhere=True)
    assert {clock.name: minute(clock.due_at) for clock in Clock.objects.filter(case=case)} == {
        "contact": "2025-09-27 17:40", "visit": "2025-09-28 17:40", "resolve": "2025-09-30 18:00",
    }  # fmt: skip
    assert list(shown) == ["联系客户", "安排上门", "解决问题"]
    for name, lines in {
        "联系客户": ["时限 24 小时，从起算时刻起连续计算，夜间和节假日照算", "到期：9月27日（周六）17:40"],
        "安排上门": ["时限 48 小时，从起算时刻起连续计算，夜间和节假日照算", "到期：9月28日（周日）17:40"],
        "解决问题": [
            "时限 3 工作日，从次日9月27日起数", "9月27日（周六）休息，不计", "9月28日（周日）国庆节、中秋节调休上班，计入",
            "计入 3 个工作日：9月28日（周日）、9月29日（周一）、9月30日（周二）", "到末日下班 18:00 为止",
            "到期：9月30日（周二）18:00",
        ],
    }.items():  # fmt: skip
        assert "起算：2025年9月26日（周五）17:40，登记售后" in shown[name]
        assert "\n".join(lines) in shown[name]
    assert driver.find_element(By.CSS_SELECTOR, ".deadline span").text == "明天 17:40 前，联系客户"

    service.take(
        case, "contact", "shen", beijing("2025-09-26 17:50"), how="call", who=OWNER, where="主卧飘窗左下角", since="上周下雨后",
        effect="墙皮起泡", minutes=8,
    )  # fmt: skip
    service.take(case, "diagnose_on_site", "shen", beijing("2025-09-26 18:00"), **service.diagnosis())
    visit = service.visit_of(case)
    service.take(
        visit.case, "agree", "guo", beijing("2025-09-26 18:10"), starts_at=beijing("2025-09-28 10:00"),
        ends_at=beijing("2025-09-28 11:30"), technician=service.kang.pk, who=OWNER, how="call",
    )  # fmt: skip

    visits(walk, days, visit)
    visit.refresh_from_db()
    signature, order = Signature.objects.get(), Paper.objects.get(form="work_order")
    assert (signature.signer_name, signature.signed_sha256, visit.signed_name) == (OWNER, order.sha256, OWNER)
    assert (minute(visit.arrived_at), visit.late_minutes, visit.cause) == ("2025-09-28 09:58", 0, "wear")
    assert timedelta() < visit.finished_at - beijing("2025-09-28 11:05") < timedelta(minutes=5)
    case.refresh_from_db()
    assert case.state == "done"

    # The inspector releases it, the deputy reviews the report; the next morning the customer is called.
    service.take(
        case, "test", "ling", beijing("2025-09-28 15:00"), passed=True, method="淋水 30 分钟，无渗漏"
    )
    service.reviewed(case, beijing("2025-09-28 15:30"))
    days.come_to("2025-09-29 09:30")
    walk.sits("shen")
    walk.open(case, "confirm")
    told = driver.find_element(By.CSS_SELECTOR, ".story-facts[open]").text
    assert STORY in told
    assert "房屋" not in told
    walk.fill(who=OWNER, solved=True, words="好了，没有再漏")
    walk.look("friday-7-confirm")
    walk.take(case, "confirm", "confirmed")
    walk.does(case, "rate", score="5", words="准时，修得好")
    walk.open(case, "close")
    walk.look("friday-8-close")
    walk.take(case, "close", "closed")
    clocks(walk)
    walk.look("friday-9-closed", everywhere=True)

    assert {clock.state for clock in Clock.objects.filter(case=case)} == {Clock.MET}
    row = AfterSales.objects.get(case=case)
    assert minute(row.received_at) == "2025-09-26 17:40"
    assert minute(row.tested_at) == "2025-09-28 15:00"

    # 回访 of what is closed: the number is drawn, and the front desk finds the call in its list.
    worker.run_once(days.now())
    call = Callback.objects.get(about=case).case
    days.come_to("2025-09-30 10:00")
    walk.sits("ma")
    walk.browser.go("/callbacks/")
    assert OWNER in driver.find_element(By.ID, "page").text
    walk.look("friday-10-callbacks")
    walk.open(call, "finish")
    walk.fill(score="5", solved="yes", words="第二天下雨也没有再漏")
    walk.look("friday-11-call", everywhere=True)
    walk.take(call, "finish", "done")
    assert Rating.objects.filter(words="第二天下雨也没有再漏", score=5, solved=True).exists()
    assert audit.verify().ok
    assert walk.browser.complaints() == []
