"""
A call of Friday evening by hand, from the front desk to the evidence pack, at the screens and the phone of those who do it.

The clocks of the call of Friday 2025-09-26, 17:40, by hand. Work hours 9:00 to 18:00; Saturday 27 is off, Sunday 28 is a
make-up working day, the holiday begins on 1 October. Contact: 24 clock hours, Saturday 27 17:40. Visit: 48 clock hours,
Sunday 28 17:40. Solving: three working days from the next day, Sunday 28, Monday 29, Tuesday 30, till 18:00.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pypdf import PdfReader
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput

from guiju.customers.operations.entries import enter, index_customer
from guiju.demo.invented import identity
from guiju.desk.models import AfterSales, Reception, Visit
from guiju.kernel import audit, worker
from guiju.kernel.models import Case, Clock, Event
from guiju.papers.models import Paper, Signature
from guiju.quality.models import Callback, Rating
from guiju.sales.models import Deal, DealBuyer
from tests.browser.conftest import DESK as SCREEN
from tests.browser.conftest import PHONE, Browser, chrome, live_server
from tests.browser.hands import PICTURES
from tests.browser.walking import Days, Walk
from tests.desk.conftest import service
from tests.stories.conftest import BEIJING, BORN, PNG, beijing

__all__ = ["chrome", "live_server", "service"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OWNER, NUMBER = "苏清越", "19900001111"
STORY = "昨天下大雨，主卧飘窗下面又湿了，墙皮起泡。"
# What the phone's camera sees: a wall, dark and wet below the window or dry, and what is on the sign held into the picture.
PICTURE = """
const [act, words, wet, done] = arguments;
const canvas = document.createElement("canvas");
canvas.width = 2400; canvas.height = 1800;
const ink = canvas.getContext("2d");
ink.fillStyle = "#e9e4d8"; ink.fillRect(0, 0, 2400, 1800);
ink.fillStyle = "#b9d3e6"; ink.fillRect(500, 200, 1400, 800);
ink.strokeStyle = "#f7f7f5"; ink.lineWidth = 60; ink.strokeRect(500, 200, 1400, 800);
if (wet) for (let n = 0; n < 60; n += 1) {
  ink.fillStyle = `rgb(150 130 100 / ${10 + (n % 7) * 3}%)`;
  ink.beginPath(); ink.arc(480 + (n * 97) % 500, 1080 + (n * 61) % 300, 60 + (n * 13) % 90, 0, 7); ink.fill();
}
ink.fillStyle = "#222"; ink.font = "90px sans-serif"; ink.fillText(words, 1100, 1600);
canvas.toBlob((blob) => {
  const input = document.querySelector(`[data-act='${act}'] [data-album]`), carrier = new DataTransfer();
  carrier.items.add(new File([blob], "现场.jpg", { type: "image/jpeg" }));
  input.files = carrier.files;
  input.dispatchEvent(new Event("change"));
  done();
}, "image/jpeg", 0.9);
"""


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
    days.browser = found.browser
    # What is handed out as a file comes to where the scan lies.
    chrome.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    yield found
    found.browser.leave()


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
    closed = "details.clock:not([open]) > summary"
    while walk.has(closed):
        walk.click(closed)
    return dict(zip(walk.texts("details.clock summary .cut"), walk.texts("details.clock"), strict=True))


def does(walk: Walk, visit: Visit, step: str, *, picture: str = "", **fields: str | bool) -> None:
    """Do one act of the visit on the phone: tick what it asks, fill it in, take the picture, press, see it sent."""
    act = unfold(walk, step)
    walk.tick_all(f"{act} .checks-box input[type=checkbox]")
    for name, value in fields.items():
        walk.enter(f"{act} [name='{name.replace('__', '.')}']", value)
    if picture:
        walk.driver.execute_async_script(PICTURE, step, picture, step == "start")
        walk.there(f"{act} .photo img")
    keep(walk, f"5-{step}")
    walk.click(f"{act} form > button.btn-wide")
    failed = "没有办成"
    walk.until(
        lambda: (
            failed in walk.text("[data-sync-words]")
            or walk.asked(lambda: visit.case.history.filter(step=step).exists())
        )
    )
    assert failed not in walk.text("[data-sync-words]"), walk.text("#outbox")
    walk.until(lambda: walk.text("[data-sync-words]") == "已同步")


def unfold(walk: Walk, step: str) -> str:
    """Open one act of the visit on the phone; returns where it is."""
    act = f"[data-act='{step}']"
    walk.there(act)
    if not walk.has(f"{act}[open]"):
        walk.click(f"{act} > summary")
        walk.there(f"{act}[open]")
    return act


def draw(walk: Walk, act: str) -> None:
    """Sign with a finger on the glass."""

    def signed() -> bool:
        pad = walk.driver.execute_script("return document.querySelector(arguments[0])", f"{act} canvas")
        walk.driver.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", pad)
        builder = ActionBuilder(
            walk.driver, mouse=PointerInput(interaction.POINTER_TOUCH, "finger"), duration=10
        )
        finger = builder.pointer_action
        finger.move_to(pad, -120, 10)
        finger.pointer_down()
        for n in range(1, 15):
            finger.move_to(pad, -120 + 17 * n, (-35, 40, 5)[n % 3])
        finger.pointer_up()
        builder.perform()
        return walk.text(f"{act} [data-sign-words]") == "已签"

    walk.until(signed)


def receives(walk: Walk) -> Case:
    """The front desk takes the call and hands it on; returns the after-sales case."""
    walk.sits("ma")
    walk.go(f"/reception/call/?phone={NUMBER}")
    walk.says(OWNER, "[data-place=callers]")
    walk.fill(
        words=STORY,
        kind="repair",
        need="修好，别再漏",
        problem="主卧飘窗渗水",
        repeated_back=True,
        confirmed=True,
    )
    walk.there("[name=category][value=leak_window]")
    walk.fill(category="leak_window")
    walk.there("[name=category][value=leak_window]:checked")
    walk.look("friday-1-intake", everywhere=True)
    walk.click("#take-button")
    walk.there("[data-copy]")
    row = walk.asked(Reception.objects.get)
    case = walk.asked(lambda: Case.objects.get(number=row.handed_to))
    assert minute(row.arrived_at) == "2025-09-26 17:40"
    assert case.process == "after_sales"
    walk.says(case.number, "[data-copy]")

    walk.tick_all("#finish input[type=checkbox]")
    walk.fill(solved="no", explained="售后今天来电，把情况问清楚")
    walk.look("friday-2-finish")
    walk.click("footer .btn-primary", turns=True)
    assert walk.driver.current_url.endswith("/reception/")
    assert walk.asked(lambda: Case.objects.get(pk=row.case_id)).state == "closed"
    return case


def arranges(walk: Walk, days: Days, case: Case) -> Visit:
    """After-sales calls the customer and diagnoses; the foreman agrees the visit; returns it."""
    days.come_to("2025-09-26 17:50")
    walk.sits("shen")
    walk.does(
        case, "contact", "contacted", who=OWNER, where="主卧飘窗左下角", since="上周下雨后", effect="墙皮起泡", minutes="8"
    )  # fmt: skip
    walk.does(
        case, "diagnose_on_site", diagnosis="窗边密封胶老化开裂，雨水渗入", nature="leak", complexity="medium",
        urgency="ordinary", part="outer_wall",
    )  # fmt: skip
    visit = walk.asked(lambda: Visit.objects.select_related("case").get(for_case=case))
    days.come_to("2025-09-26 18:10")
    walk.sits("guo")
    walk.open(visit.case, "agree")
    walk.fill(
        starts_at="2025-09-28T10:00", ends_at="2025-09-28T11:30", technician=str(walk.browser.house.kang.pk), who=OWNER,
        how="call",
    )  # fmt: skip
    walk.look("friday-3b-agree")
    walk.take(visit.case, "agree", "booked")
    return visit


def visits(walk: Walk, days: Days, visit: Visit) -> None:
    """The technician's Sunday on the phone, from setting out to the customer's signature."""
    page = f"/technician/visits/{visit.case.number}/"
    days.come_to("2025-09-28 09:35")
    walk.browser.screen(PHONE)
    walk.sits("kang")
    walk.go("/technician/")
    walk.says("1号楼 1单元 1501", ".visit-first")
    keep(walk, "4-today")
    walk.go(page)
    does(walk, visit, "depart")

    days.come_to("2025-09-28 09:58")
    walk.sits("kang")
    walk.go(page)
    does(walk, visit, "arrive", met=OWNER)
    walk.until(lambda: walk.text("#act-start [data-act-words]") == "")
    assert walk.text("#act-arrive [data-act-words]") == "已办"
    does(walk, visit, "start", picture="1501 主卧飘窗 修前", who=OWNER, need="飘窗不再渗水")
    does(
        walk, visit, "inspect", findings__0__words="飘窗左下角", findings__1__words="左下角胶缝开裂 12 厘米",
        findings__2__ok=True, findings__3__ok=True, cause="wear", cause_words="密封胶老化",
        solution="铲除旧胶，重打耐候胶", agreed=True, who=OWNER,
    )  # fmt: skip

    # Whatever the phone says, what is done now is done at the server's time.
    days.come_to("2025-09-28 11:05", on_the_screen="2023-01-01 00:00")
    walk.sits("kang")
    walk.go(page)
    does(walk, visit, "use", items__0__material="GL-01", items__0__quantity="3")
    does(
        walk, visit, "finish", picture="1501 主卧飘窗 修后", done="铲除旧胶，重打耐候胶", measure="换用耐候胶",
        test="淋水 30 分钟，无渗漏", minutes="60",
    )  # fmt: skip
    draw(walk, unfold(walk, "sign"))
    does(walk, visit, "sign", name=OWNER)
    assert walk.driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    keep(walk, "6-signed")
    walk.browser.screen(SCREEN)


def takes_the_pack(walk: Walk, case: Case, folder: Path) -> None:
    """The manager takes the evidence pack from the page of the case; a stranger checks it, with Python alone."""
    walk.sits("zhou")
    walk.go(f"/cases/{case.number}/")
    walk.click("form[action$='/evidence/'] button")
    (found,) = walk.until(lambda: list(folder.glob("证据包*.zip")))
    with zipfile.ZipFile(found) as archive:
        (pdf,) = (name for name in archive.namelist() if name.endswith(".pdf"))
        paper, record = archive.read(pdf), json.loads(archive.read("events.json"))
        for name in ("events.json", "evidence_check.py"):
            (folder / name).write_bytes(archive.read(name))
    if PICTURES:
        (Path(PICTURES) / "friday-evidence.pdf").write_bytes(paper)
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)

    # On paper: the call, the case, the visit and the call-back as one story.
    numbers = list(walk.asked(lambda: [one.number for one in Case.objects.order_by("pk")]))
    assert len(numbers) == 4
    assert all(number in told for number in numbers)
    for words in (
        "到期：9月30日（周二）18:00",
        "左下角胶缝开裂 12 厘米",
        "修前",
        "修后",
        "屏上签名",
        "没有再漏",
    ):
        assert words in told, words
    # Words, never keys of the program; and no act is called by another's name.
    for key in ("leak_window", "wear", "申请审批"):
        assert key not in told, key
    (sum_,) = re.findall(r"总摘要\s+4 个事项、(\d+) 条记录\s+((?:[0-9a-f]{8}\s*){8})", told)
    events = walk.asked(lambda: Event.objects.filter(case__isnull=False).exclude(step="evidence").count())
    assert int(sum_[0]) == events

    # As the last page describes it.
    assert "python3 evidence_check.py events.json" in told
    code, said = alone(folder, *sum_[1].split())
    assert code == 0, said
    assert f"共 4 个事项、{events} 条记录，没有改动" in said
    assert "与证据包上印的总摘要一致" in said

    # One word in the record of the visit.
    visit = next(one for one in record["cases"] if one["case"].startswith("SM"))
    place = next(n for n, event in enumerate(visit["events"]) if event["step"] == "inspect")
    body = visit["events"][place]["body"]
    visit["events"][place]["body"] = body.replace("密封胶老化", "住户自己打孔")
    assert visit["events"][place]["body"] != body
    (folder / "events.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    code, said = alone(folder, *sum_[1].split())
    assert code == 1
    assert f"不符：{visit['case']} 第 {place + 1} 条记录的内容被改动过" in said
    assert "发现 1 处不符" in said


def alone(folder: Path, *digest: str) -> tuple[int, str]:
    """Run the check of the pack as a stranger would: a program of its own that knows nothing of ours."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "evidence_check.py", "events.json", *digest], cwd=folder, capture_output=True,
        text=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_call_of_friday_evening_is_done_by_its_clocks_and_signed_on_the_phone(
    walk, days, service, tmp_path
):
    sold(service)
    days.come_to("2025-09-26 17:40")
    case = receives(walk)

    walk.sits("shen")
    walk.go(f"/cases/{case.number}/")
    shown = clocks(walk)
    walk.look("friday-3-case", everywhere=True)
    due = walk.asked(lambda: {one.name: minute(one.due_at) for one in Clock.objects.filter(case=case)})
    assert due == {
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
    assert walk.texts(".deadline span")[0] == "明天 17:40 前，联系客户"

    visit = arranges(walk, days, case)
    visits(walk, days, visit)
    with walk.browser.alone():
        visit.refresh_from_db()
        case.refresh_from_db()
        signature, order = Signature.objects.get(), Paper.objects.get(form="work_order")
    assert (signature.signer_name, signature.signed_sha256, visit.signed_name) == (OWNER, order.sha256, OWNER)
    assert (minute(visit.arrived_at), visit.late_minutes, visit.cause) == ("2025-09-28 09:58", 0, "wear")
    assert timedelta() < visit.finished_at - beijing("2025-09-28 11:05") < timedelta(minutes=20)
    assert case.state == "done"

    # The inspector releases it, the deputy reviews the report; the next morning the customer is called.
    days.come_to("2025-09-28 15:00")
    walk.sits("ling")
    walk.open(case, "test")
    walk.fill(passed=True, method="淋水 30 分钟，无渗漏")
    walk.look("friday-6b-test")
    walk.take(case, "test", "tested")
    days.come_to("2025-09-28 15:30")
    walk.sits("sun")
    walk.does(case, "review_report", "tested", complied=True, accurate=True)
    days.come_to("2025-09-29 09:30")
    walk.sits("shen")
    walk.open(case, "confirm")
    told = walk.text(".story-facts[open]")
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

    with walk.browser.alone():
        assert {clock.state for clock in Clock.objects.filter(case=case)} == {Clock.MET}
        row = AfterSales.objects.get(case=case)
        # 回访 of what is closed: the number is drawn, and the front desk finds the call in its list.
        worker.run_once(days.now())
        call = Callback.objects.get(about=case).case
    assert minute(row.received_at) == "2025-09-26 17:40"
    assert minute(row.tested_at) == "2025-09-28 15:00"

    days.come_to("2025-09-30 10:00")
    walk.sits("ma")
    walk.go("/callbacks/")
    walk.says(OWNER, "#page")
    walk.look("friday-10-callbacks")
    walk.open(call, "finish")
    walk.fill(score="5", solved="yes", words="第二天下雨也没有再漏")
    walk.look("friday-11-call", everywhere=True)
    walk.take(call, "finish", "done")
    with walk.browser.alone():
        assert Rating.objects.filter(words="第二天下雨也没有再漏", score=5, solved=True).exists()

    takes_the_pack(walk, case, tmp_path)
    with walk.browser.alone():
        assert audit.verify().ok
    assert walk.browser.complaints() == []
