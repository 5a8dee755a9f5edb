"""The intake page by keyboard alone: a repeat complaint in at most eight keys besides the story; looked at on all screens."""

from datetime import timedelta

import pytest
from django.utils import timezone
from selenium.webdriver.common.keys import Keys

from guiju.desk.models import Incoming, Reception
from guiju.desk.operations.inbox import take_in
from guiju.kernel.models import Case
from tests.stories.at_the_desk import PHONE, Desk, owners

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STORY = (
    "昨晚下大雨，主卧飘窗又漏水，窗台木饰面起鼓。8月份修过一次，只打了胶。孩子睡这间房，要求这周末彻底修好。"
)


@pytest.fixture
def desk(house):
    first, second = owners(house)
    return Desk(house, first, second)


def repaired_in_august(desk):
    at = timezone.now() - timedelta(days=8)
    case = desk.receive(at=at, repeated_back=True, category="leak_window", problem="主卧飘窗渗水")
    desk.take(case, "hand_on", at=at, to="after_sales")
    return case


def test_a_repeat_complaint_takes_at_most_eight_keys_besides_the_story(browser, hands, desk):
    before = desk.row(repaired_in_august(desk)).handed_to
    browser.sign_in("ma")
    browser.go(f"/reception/call/?phone={PHONE}")
    hands.look("intake-0-ringing")

    hands.press("1")
    hands.there(f'[data-repeat="{before}"]')
    hands.until(lambda: hands.on("[name=words]"))
    hands.write(STORY)
    hands.chord(Keys.ALT, "g")
    hands.until(lambda: hands.value("repeat_of") == before)
    hands.says("已关联", "[data-place=aside]")
    hands.look("intake-1-told")
    hands.chord(Keys.CONTROL, Keys.ENTER, turns=True)
    hands.there("[data-copy]")

    assert hands.pressed <= 8
    # What has arrived is not offered as a draft again.
    assert (
        browser.driver.execute_script(
            "return Object.keys(localStorage).filter(k => k.includes('reception:'))"
        )
        == []
    )
    row = Reception.objects.get(repeat_of=before)
    complaint = Case.objects.get(number=row.handed_to)
    assert (row.words, row.kind, row.urgency, row.category) == (STORY, "complaint", "urgent", "leak_window")
    assert (row.customer, row.unit, row.identity) == (desk.owner, desk.unit, "confirmed")
    assert (complaint.process, row.problem) == ("complaint", "主卧飘窗渗水")
    hands.says(complaint.number, "[data-copy]")
    hands.look("intake-2-end")

    # The end of the talk by keyboard, too.
    for key in ("1", "2", "3"):
        hands.press(key)
    hands.look("intake-3-asked")
    hands.chord(Keys.CONTROL, Keys.ENTER, turns=True)
    assert browser.driver.current_url.endswith("/reception/")
    assert Case.objects.get(pk=row.case_id).state == "closed"
    assert browser.complaints() == []


def test_a_second_call_is_put_on_hold_by_keyboard_and_taken_up_again(browser, hands, desk):
    browser.sign_in("ma")
    browser.go(f"/reception/call/?phone={PHONE}")
    hands.press("1")
    hands.until(lambda: hands.on("[name=words]"))
    hands.write("第一通还没说完")
    hands.chord(Keys.ALT, "h", turns=True)
    hands.says("保留 1 通")
    assert not Reception.objects.exists()

    hands.click(".talk-bar details summary")
    hands.click(".talk-bar .drop-list a", turns=True)
    hands.until(lambda: hands.value("words") == "第一通还没说完")


def test_a_question_that_is_overtaken_while_the_server_is_slow_is_answered_with_the_next(
    browser, hands, desk
):
    browser.sign_in("ma")
    browser.go(f"/reception/call/?phone={PHONE}")
    count = "window.asked = 0; const ask = window.fetch; window.fetch = (...what) => { window.asked += 1; return ask(...what); }"
    browser.driver.execute_script(count)
    with browser.alone():
        hands.press("1")
        hands.until(lambda: hands.on("[name=words]"))
        hands.write(STORY)
        hands.until(lambda: browser.driver.execute_script("return window.asked > 1"))

    # Who is calling was asked first, what it is about second: the rooms of the caller come all the same.
    hands.there("[name=category][value=leak_window]")
    hands.there(f"[name=unit][value='{desk.unit.pk}']:not(:disabled)")
    hands.until(lambda: hands.value("words") == STORY)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_pages_of_the_desk_are_never_wider_than_the_screen_and_never_complain(
    browser, hands, desk, size, theme
):
    case = repaired_in_august(desk)
    at = timezone.now() - timedelta(hours=2)
    question = desk.receive(
        at=at, kind="inquiry", words="产权证什么时候能办下来？", need="办证时间", problem=""
    )
    desk.receive(
        at=at, channel="letter", kind="complaint", words="律师函：要求修复并赔偿。", subject="渗漏律师函", caller="某律所",
        received_date=timezone.localdate().isoformat(), files=[desk.house.scan],
    )  # fmt: skip
    item, _ = take_in(
        company_id=desk.house.project.company_id, channel=Incoming.MAIL, key="m1", text="厨房也漏，请来看。", sender="许文静",
        address="xu@owner.example", subject="厨房漏水", at=at,
    )  # fmt: skip
    browser.sign_in("ma", theme=theme)
    browser.screen(size)
    mark = f"{theme}-{size[0]}"
    pages = {
        "new": f"/reception/new/?phone={PHONE}&customer={desk.owner.pk}&words=飘窗漏水，插座也湿了&kind=repair",
        "visit": "/reception/new/?channel=visit", "letter": "/reception/new/?channel=letter",
        "end": f"/reception/{case.number}/", "end-open": f"/reception/{question.number}/", "board": "/reception/",
        "all": "/reception/?tab=all", "questions": "/reception/?tab=questions", "letters": "/reception/letters/",
        "inbox": "/reception/inbox/", "item": f"/reception/inbox/{item.pk}/", "shift": "/reception/shift/",
        "customer": f"/customers/{desk.owner.pk}/", "online": f"/o/message/{desk.house.project.code}/",
    }  # fmt: skip
    for name, page in pages.items():
        browser.go(page)
        hands.look(f"{mark}-{name}")
        wide = browser.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, (name, wide)
    assert browser.complaints() == []
