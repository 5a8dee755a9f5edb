"""Links for people without an account: they open one thing, for a time; a code where something is at stake."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.utils import timezone

from guiju.kernel.models import Event
from guiju.notify import links, replies
from guiju.notify.links import LinkClosed, UnableToMakeLink, WrongCode
from guiju.notify.models import Link, Message
from guiju.portal import pages
from tests.notify.conftest import NOON, worked

HOUR = timedelta(hours=1)


@pytest.fixture
def purposes():
    """Two pages of these tests."""
    before = dict(pages._pages)

    @pages.page("t.open")
    def show(request, link):
        return HttpResponse(f"第 {link.subject['room']} 室 {request.method}")

    @pages.page("t.code", with_code=True)
    def guarded(request, link):
        return HttpResponse("里面")

    yield
    pages._pages.clear()
    pages._pages.update(before)


def make(case, purpose="t.open", **changed):
    at = timezone.now()
    given = {"subject": {"room": "1501"}, "phone": "19900001111", "expires_at": at + HOUR, "at": at}
    return links.make(purpose=purpose, case=case, **(given | changed))


def last_code():
    return re.search(r"\d{6}", Message.objects.filter(template="portal.code").latest("pk").body).group()


def test_a_link_opens_its_page_without_an_account(visitor, purposes, case):
    link = make(case)

    answer = visitor.get(link.url_path)

    assert (answer.status_code, answer.content.decode()) == (200, "第 1501 室 GET")
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    link.refresh_from_db()
    assert link.opened_at is not None


def test_the_token_does_not_stand_in_the_database(case):
    link = make(case)

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT token, token_index FROM notify_link")
        token, index = cursor.fetchone()
    assert link.token.encode() not in bytes(token)
    assert link.token not in index
    assert len(link.token) == 32


@pytest.mark.parametrize("token", ["x", "a" * 32, "..%2f", "é"])
def test_a_token_that_was_guessed_opens_nothing(visitor, db, token):
    answer = visitor.get(f"/o/{token}/")

    assert answer.status_code in (404, 410)


def test_a_link_that_expired_or_was_withdrawn_says_so_kindly(house, visitor, purposes, case):
    now = timezone.now()
    old = make(case, expires_at=now - timedelta(minutes=1), at=now - HOUR)
    gone = make(case)
    links.withdraw(gone, by=house.people["wu"], at=now)

    expired, withdrawn = visitor.get(old.url_path), visitor.get(gone.url_path)

    assert (expired.status_code, withdrawn.status_code) == (410, 410)
    assert "已经过期" in expired.content.decode()
    assert "已经停用" in withdrawn.content.decode()
    assert Event.objects.filter(step="notify.withdraw_link").count() == 1
    links.withdraw(gone, by=house.people["wu"], at=now)
    assert Event.objects.filter(step="notify.withdraw_link").count() == 1


def test_a_link_is_never_made_for_the_past(case):
    with pytest.raises(UnableToMakeLink):
        make(case, expires_at=timezone.now() - HOUR)


def test_one_address_cannot_knock_for_ever(visitor, purposes, case):
    link = make(case)

    codes = [visitor.get(link.url_path).status_code for _ in range(62)]

    assert codes[:60] == [200] * 60
    assert codes[60:] == [429, 429]


# --- the code --------------------------------------------------------------------------------------------------------
def test_a_guarded_page_opens_after_the_code_that_was_sent(visitor, purposes, case):
    link = make(case, "t.code")

    first = visitor.get(link.url_path)
    asked = visitor.post(f"{link.url_path}code/", {"act": "send"})
    let_in = visitor.post(f"{link.url_path}code/", {"act": "check", "code": last_code()})

    assert "请先验证手机" in first.content.decode()
    assert "199 **** 1111" in asked.content.decode()
    assert "19900001111" not in asked.content.decode()
    assert let_in.status_code == 302
    assert visitor.get(link.url_path).content.decode() == "里面"


def test_another_browser_needs_a_code_of_its_own(client, visitor, purposes, case):
    link = make(case, "t.code")
    visitor.post(f"{link.url_path}code/", {"act": "send"})
    visitor.post(f"{link.url_path}code/", {"act": "check", "code": last_code()})

    assert "请先验证手机" in client.get(link.url_path).content.decode()


def test_a_code_holds_once_five_minutes_and_five_tries(case, db):
    at = timezone.now()
    link = make(case, "t.code")
    with pytest.raises(WrongCode, match="先获取"):
        links.check_code(link, "123456", at=at)
    links.send_code(link, at=at)
    right = last_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode, match=f"还可以试 {left} 次"):
            links.check_code(link, wrong, at=at)
    with pytest.raises(WrongCode, match="太多"):
        links.check_code(link, wrong, at=at)
    with pytest.raises(WrongCode, match="太多"):
        links.check_code(link, right, at=at)

    at += timedelta(minutes=2)
    links.send_code(link, at=at)
    with pytest.raises(WrongCode, match="过期"):
        links.check_code(link, last_code(), at=at + timedelta(minutes=6))
    links.check_code(link, last_code(), at=at + timedelta(minutes=4))
    with pytest.raises(WrongCode, match="先获取"):
        links.check_code(link, last_code(), at=at + timedelta(minutes=4))


def test_codes_are_not_sent_by_the_dozen(case, db):
    at = timezone.now()
    link = make(case, "t.code")
    links.send_code(link, at=at)
    with pytest.raises(WrongCode, match="一分钟后"):
        links.send_code(link, at=at + timedelta(seconds=30))
    for n in range(1, 10):
        links.send_code(link, at=at + timedelta(minutes=2 * n))
    with pytest.raises(WrongCode, match="要得太多"):
        links.send_code(link, at=at + timedelta(minutes=40))

    assert Message.objects.filter(template="portal.code").count() == 10


def test_without_a_phone_there_is_no_code(case, db):
    link = make(case, "t.code", phone="")

    with pytest.raises(WrongCode, match="没有登记手机号"):
        links.send_code(link, at=timezone.now())


# --- reply -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def asked(house, case, to):
    values = {"name": "苏清越", "title": "厨房渗水", "number": case.number, "words": "同意周五上门吗？"}
    message = replies.ask_opinion(case=case, to=to, values=values, by=house.people["wu"], at=timezone.now())
    return message, Link.objects.get(purpose="reply")


def test_a_customer_answers_by_the_link_in_the_message_once(visitor, asked, case):
    message, link = asked
    assert link.url_path in message.body

    page = visitor.get(link.url_path)
    empty = visitor.post(link.url_path, {"act": "reply", "words": " "})
    visitor.post(link.url_path, {"act": "reply", "words": "可以，下午来。"})
    again = visitor.post(link.url_path, {"act": "reply", "words": "改主意了"})

    assert "同意周五上门吗？" in page.content.decode()
    assert (empty.status_code, "请写下您的意见" in empty.content.decode()) == (422, True)
    assert "您已经回复过了" in again.content.decode()
    message.refresh_from_db()
    assert message.answer == "可以，下午来。"
    event = Event.objects.get(case=case, step="notice:answer")
    assert event.actor_id is None


def test_an_answer_keeps_what_was_typed_when_it_is_too_long(visitor, asked):
    _, link = asked

    answer = visitor.post(link.url_path, {"act": "reply", "words": "长" * 2001})

    assert answer.status_code == 422
    assert "长" * 2001 in answer.content.decode()


def test_the_answer_is_only_ever_shown(visitor, asked):
    _, link = asked

    visitor.post(link.url_path, {"act": "reply", "words": "<script>alert(1)</script>𠮷"})

    page = visitor.get(link.url_path).content.decode()
    assert "<script>alert" not in page
    assert "𠮷" in page


def test_a_link_for_nothing_known_is_closed(visitor, case):
    link = make(case, "nothing.known")

    assert visitor.get(link.url_path).status_code == 410


def test_the_code_is_not_shown_once_it_was_sent(case, operator, house, visitor):
    from tests.notify.conftest import connect

    connect(house, operator)
    link = make(case, "t.code")
    links.send_code(link, at=NOON)
    worked(NOON)

    assert len(operator.told) == 1
    assert LinkClosed.title == "链接已失效"
    assert Message.objects.get(template="portal.code").secret
