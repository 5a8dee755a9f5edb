"""What people do: letters, faxes, calls, further channels; and the register of all of it (J-2.7)."""

from datetime import timedelta

import pytest

from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.notify.models import Letter, Message
from guiju.notify.operations import letters
from guiju.notify.operations.channels import UnableToSetUp, add_channel
from guiju.notify.operations.letters import UnableToHandleLetter
from guiju.notify.operations.register import UnableToRecord, channels_of, finish, record
from guiju.notify.outbox import Recipient, send
from guiju.papers.operations.attachments import store
from tests.notify.conftest import NOON, TEN, again, worked
from tests.stories.conftest import PNG

State = Message.State
DAY = timedelta(days=1)


def letter_to(to, case):
    values = {
        "name": "苏清越",
        "title": "厨房渗水",
        "number": case.number,
        "words": "请约时间。",
        "link": "…",
    }
    message = send(template="opinion", to=to, values=values, case=case, at=NOON, channels=("letter",))
    worked(NOON + TEN)
    return message, Letter.objects.get(message=message)


@pytest.mark.clause("J-2.7-a")
def test_a_letter_is_numbered_printed_posted_and_received_with_proof(house, case, to):
    wu = house.people["wu"]
    message, letter = letter_to(to, case)
    proof = store(file=PNG, name="回执.png", by=wu, at=NOON).sha256

    letter = letters.print_letter(letter=letter, by=wu, at=NOON + TEN)
    letter = letters.post_letter(letter=letter, carrier="EMS", tracking="EX1234567CN", by=wu, at=NOON + DAY)
    letter = letters.deliver_letter(
        letter=letter,
        received_by="苏清越",
        delivered_at=NOON + 2 * DAY,
        proof_sha256=proof,
        by=wu,
        at=NOON + 3 * DAY,
    )

    assert letter.number == "FH-YQ1-2026-0001"
    assert letter.paper.file.read().startswith(b"%PDF")
    assert (letter.tracking, letter.received_by_name, letter.proof.sha256) == ("EX1234567CN", "苏清越", proof)
    found = again(message)
    assert (found.way, found.state, found.sent_at, found.arrived_at) == (
        "letter", State.DELIVERED, NOON + DAY, NOON + 2 * DAY
    )  # fmt: skip
    steps = Event.objects.filter(case=case, step__startswith="notice:").values_list("step", flat=True)
    assert list(steps.order_by("case_seq")) == ["notice:posted", "notice:delivered"]


def test_a_letter_goes_its_way_step_by_step(house, case, to):
    wu = house.people["wu"]
    _, letter = letter_to(to, case)

    with pytest.raises(UnableToHandleLetter, match="先打印"):
        letters.post_letter(letter=letter, carrier="EMS", tracking="1234", by=wu, at=NOON)
    letter = letters.print_letter(letter=letter, by=wu, at=NOON)
    with pytest.raises(UnableToHandleLetter, match="还没有寄出"):
        letters.deliver_letter(letter=letter, received_by="苏", delivered_at=NOON, by=wu, at=NOON)
    with pytest.raises(UnableToHandleLetter, match="运单号"):
        letters.post_letter(letter=letter, carrier="EMS", tracking=" ", by=wu, at=NOON)
    letter = letters.post_letter(letter=letter, carrier="EMS", tracking="1234", by=wu, at=NOON)
    with pytest.raises(UnableToHandleLetter, match="寄出之后"):
        letters.deliver_letter(letter=letter, received_by="苏", delivered_at=NOON - DAY, by=wu, at=NOON)
    assert letters.print_letter(letter=letter, by=wu, at=NOON + DAY).paper == letter.paper


def test_a_letter_that_came_back_waits_for_a_decision(house, case, to):
    wu = house.people["wu"]
    message, letter = letter_to(to, case)
    letter = letters.print_letter(letter=letter, by=wu, at=NOON)
    letter = letters.post_letter(letter=letter, carrier="EMS", tracking="1234", by=wu, at=NOON)

    letter = letters.return_letter(letter=letter, reason="查无此人", by=wu, at=NOON + DAY)

    assert letter.returned_reason == "查无此人"
    assert (again(message).state, again(message).why) == (State.DEAD, "信函被退回：查无此人")
    with pytest.raises(UnableToHandleLetter, match="已经有结果"):
        letters.deliver_letter(letter=letter, received_by="苏", delivered_at=NOON, by=wu, at=NOON + DAY)


@pytest.mark.clause("J-2.7-b")
def test_a_fax_that_was_sent_is_recorded_with_what_it_said(house, case, to):
    wu = house.people["wu"]

    made = record(
        channel="fax", to=to, words="传真了维修方案，共 2 页。", purpose="reply", case=case, by=wu, at=NOON,
        happened_at=NOON - timedelta(hours=1),
    )  # fmt: skip

    assert (made.way, made.state, made.sent_at, made.purpose) == (
        "fax", State.DONE, NOON - timedelta(hours=1), "reply"
    )  # fmt: skip
    assert Event.objects.filter(case=case, step="notice:done", actor_id=wu.pk).count() == 1


@pytest.mark.clause("J-2.7-c")
def test_a_call_is_recorded_with_the_opinion_and_further_channels_can_be_added(house, company, case, to):
    wu, admin = house.people["wu"], house.people["admin"]
    with pytest.raises(UnableToRecord, match="没有这个渠道"):
        record(channel="wechat", to=to, words="发了照片。", case=case, by=wu, at=NOON)

    add_channel(company=company, code="wechat", name="微信", by=admin, at=NOON)
    called = record(
        channel="telephone", to=to, words="征求对方案的意见。", purpose="opinion", answer="同意，但要周末来。", case=case,
        by=wu, at=NOON,
    )  # fmt: skip
    written = record(channel="wechat", to=to, words="发了照片。", case=case, by=wu, at=NOON)

    assert (called.way, called.answer, called.answered_at) == ("telephone", "同意，但要周末来。", NOON)
    assert written.way == "wechat"
    assert channels_of(company.pk) == {
        "letter": "邮寄信函", "fax": "传真", "telephone": "电话", "wechat": "微信"
    }  # fmt: skip
    mine = Message.objects.filter(to_kind="customer", to_id=to.id).order_by("pk")
    assert [m.way for m in mine] == ["telephone", "wechat"]


def test_only_an_administrator_adds_a_channel_and_no_code_twice(house, company):
    with pytest.raises(NotYourPost):
        add_channel(company=company, code="wechat", name="微信", by=house.people["wu"], at=NOON)
    add_channel(company=company, code="wechat", name="微信", by=house.people["admin"], at=NOON)
    for code in ("wechat", "sms", "9", "微信"):
        with pytest.raises(UnableToSetUp):
            add_channel(company=company, code=code, name="微信", by=house.people["admin"], at=NOON)


def test_a_call_to_be_made_stays_until_somebody_was_reached(house, case, to):
    wu = house.people["wu"]
    values = {"name": "苏清越", "title": "渗水", "number": case.number, "words": "明天上门。"}
    message = send(
        template="escalated.feedback", to=to, values=values, case=case, at=NOON, channels=("telephone",)
    )
    worked(NOON + TEN)
    assert (again(message).state, again(message).way) == (State.BY_HAND, "telephone")

    finish(again(message), outcome="not_reached", words="无人接听", by=wu, at=NOON)
    assert again(message).state == State.BY_HAND
    finish(again(message), outcome="reached", answer="知道了", by=wu, at=NOON + timedelta(hours=1))

    found = again(message)
    assert (found.state, found.done_by, found.answer) == (State.DONE, wu, "知道了")
    with pytest.raises(UnableToRecord, match="已经办理"):
        finish(again(message), outcome="reached", by=wu, at=NOON)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"words": " "}, "沟通内容"),
        ({"purpose": "x"}, "目的"),
        ({"happened_at": NOON + DAY}, "不能晚于现在"),
        ({"channel": "sms"}, "没有这个渠道"),
    ],
)
def test_a_record_is_complete_and_true(house, case, changed, why):
    said = {"channel": "telephone", "words": "说明情况。", "purpose": "notice"} | changed
    with pytest.raises(UnableToRecord, match=why):
        record(to=Recipient("address", None, "何", "1"), case=case, by=house.people["wu"], at=NOON, **said)

    assert not Message.objects.exists()
