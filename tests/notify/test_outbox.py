"""What goes out: after ten seconds, once, by the way the person prefers, not at night, not without consent."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from guiju.customers.models import Consent
from guiju.kernel.models import Event
from guiju.notify import outbox, sending
from guiju.notify.models import Attempt, Letter, Message
from guiju.notify.operations.channels import set_channel, set_quiet, set_reach
from guiju.notify.operations.wordings import UnableToWord, check_message
from guiju.notify.outbox import Recipient, UnableToStop, send
from guiju.notify.templates import BadTemplate, UnableToFill, _templates, template
from tests.notify.conftest import NOON, TEN, again, beijing, connect, file, worked

State = Message.State


@pytest.fixture(autouse=True)
def words():
    """Templates of these tests."""
    before = dict(_templates)
    template(
        "t.done", "完工告知", channels=("sms", "email", "letter", "telephone"), text="{name}，{what}已修好。"
    )
    template("t.urgent", "紧急", channels=("sms",), text="{name}，请关水阀。", urgent=True)
    template("t.sale", "活动", kind="marketing", channels=("sms", "email"), text="{name}，欢迎参加活动。")
    template("t.group", "群播报", channels=("robot",), text="今天新增事项 {count} 件。", data_free=True)
    template("t.staff", "派单", channels=("wecom", "dingtalk", "feishu", "inside"), text="{name}的单，请接。")
    yield
    _templates.clear()
    _templates.update(before)


def done(to, case, at=NOON, **more):
    return send(
        template="t.done", to=to, values={"name": to.name, "what": "厨房水管"}, case=case, at=at, **more
    )


@pytest.mark.clause("E-2.5-a")
def test_the_repair_result_goes_out_after_ten_seconds_with_channel_and_time_kept(connected, case, to):
    message = done(to, case)

    worked(NOON + timedelta(seconds=9))
    assert connected.told == []
    worked(NOON + TEN)

    (one,) = connected.told
    assert one[2]["text"] == "【示范置业】苏清越，厨房水管已修好。"
    assert (one[2]["phone"], one[2]["signature"]) == ("19900001111", "示范置业")
    found = again(message)
    assert (found.state, found.way, found.sent_at, found.gateway_key) == (State.SENT, "sms", NOON + TEN, "S1")
    told = Event.objects.filter(case=case, step="notice:sent")
    assert told.count() == 1


def test_a_message_under_the_same_key_is_written_and_sent_once(connected, case, to):
    first = done(to, case, key="event 7")
    second = done(to, case, key="event 7")

    worked(NOON + TEN)
    worked(NOON + timedelta(hours=1))

    assert first.pk == second.pk
    assert len(connected.told) == 1


def test_the_same_key_for_another_person_is_another_message(connected, case, to):
    done(to, case, key="event 7")
    done(Recipient("address", None, "何先生", "19900002222"), case, key="event 7")

    worked(NOON + TEN)

    assert [told[2]["phone"] for told in connected.told] == ["19900001111", "19900002222"]


def test_a_message_stopped_within_ten_seconds_does_not_go_out(house, connected, case, to):
    message = done(to, case)

    outbox.stop(message, by=house.people["wu"], at=NOON)
    worked(NOON + TEN)

    assert connected.told == []
    assert again(message).state == State.STOPPED


def test_a_message_that_went_out_cannot_be_stopped(house, connected, case, to):
    message = done(to, case)
    worked(NOON + TEN)

    with pytest.raises(UnableToStop, match="已经发出"):
        outbox.stop(message, by=house.people["wu"], at=NOON + timedelta(minutes=1))


# --- quiet hours -----------------------------------------------------------------------------------------------------
def test_at_night_a_notice_waits_until_eight_and_an_urgent_one_does_not(connected, case, to):
    night = beijing("2026-11-18 23:30")
    message = done(to, case, at=night)
    send(template="t.urgent", to=to, values={"name": to.name}, case=case, at=night)

    worked(night + TEN)

    assert [told[2]["text"] for told in connected.told] == ["【示范置业】苏清越，请关水阀。"]
    assert again(message).next_at == beijing("2026-11-19 08:00")
    worked(beijing("2026-11-19 08:00"))
    assert again(message).state == State.SENT


def test_quiet_hours_are_the_companys_own(house, connected, company, case, to):
    admin = house.people["admin"]
    set_quiet(
        company=company, starts=beijing("2026-01-01 11:30").time(), ends=beijing("2026-01-01 14:00").time(),
        by=admin, at=NOON,
    )  # fmt: skip
    message = done(to, case)

    worked(NOON + TEN)

    assert again(message).next_at == beijing("2026-11-18 14:00")
    assert connected.told == []


# --- consent ---------------------------------------------------------------------------------------------------------
def say(su, purpose, given):
    Consent.objects.create(customer=su, purpose=purpose, given=given, how="电话", recorded_at=NOON)


def test_marketing_goes_only_to_who_said_yes_and_never_at_night(connected, case, su, to):
    values = {"name": "苏清越"}
    unasked = send(template="t.sale", to=to, values=values, case=case, at=NOON)
    worked(NOON + TEN)
    say(su, "marketing", True)
    agreed = send(template="t.sale", to=to, values=values, case=case, at=NOON)
    worked(NOON + TEN)
    at_night = send(
        template="t.sale", to=to, values=values, case=case, at=beijing("2026-11-18 22:00"), urgent=True
    )
    worked(beijing("2026-11-18 22:01"))
    say(su, "marketing", False)
    withdrawn = send(template="t.sale", to=to, values=values, case=case, at=NOON)
    worked(NOON + TEN)

    assert (again(unasked).state, again(unasked).why) == (State.REFUSED, "客户没有同意接收营销信息")
    assert again(agreed).state == State.SENT
    assert again(at_night).state == State.WAITING
    assert again(withdrawn).state == State.REFUSED
    assert [told[2]["text"] for told in connected.told] == ["【示范置业】苏清越，欢迎参加活动。　拒收请回复R"]


def test_a_notice_needs_no_consent_but_respects_a_refusal(connected, case, su, to):
    say(su, "marketing", False)
    first = done(to, case)
    worked(NOON + TEN)
    say(su, "notice", False)
    second = done(to, case)
    worked(NOON + TEN)

    assert again(first).state == State.SENT
    assert again(second).state == State.REFUSED
    assert len(connected.told) == 1


# --- the way ---------------------------------------------------------------------------------------------------------
def test_the_customers_preference_comes_before_the_templates_order(connected, case, su, to):
    su.preferred_channel = "letter"
    su.save()

    message = done(to, case)
    worked(NOON + TEN)

    assert connected.told == []
    assert (again(message).state, again(message).way) == (State.BY_HAND, "letter")
    assert Letter.objects.get(message=message).number == "FH-YQ1-2026-0001"


def test_a_number_that_takes_no_texts_goes_on_to_the_next_way(connected, case):
    message = done(Recipient("address", None, "何先生", "0755-86000000"), case)

    worked(NOON + TEN)

    # No e-mail known, so the letter is next.
    assert (again(message).state, again(message).way) == (State.BY_HAND, "letter")


def test_without_a_gateway_the_outbox_shows_what_would_have_gone_out(case, to, house):
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)

    worked(NOON + TEN)

    found = again(message)
    assert (found.state, found.way, found.why) == (State.UNCONNECTED, "sms", "短信还没有接通")
    assert found.body == "苏清越，请关水阀。"


def test_connecting_a_gateway_later_sends_nothing_old_unless_a_person_says_so(house, operator, case, to):
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)
    worked(NOON + TEN)
    connect(house, operator)

    worked(NOON + timedelta(hours=1))
    assert operator.told == []
    sending.send_again(again(message), by=house.people["wu"], at=NOON + timedelta(hours=1))
    worked(NOON + timedelta(hours=1))

    assert len(operator.told) == 1


def test_nothing_goes_out_under_a_signature_or_template_that_is_not_filed(house, connected, case, to):
    file(house, template="t.urgent", text="…", state="refused")
    refused = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)
    worked(NOON + TEN)
    file(house, text="示范置业", state="asked")
    unsigned = send(
        template="t.done", to=Recipient("address", None, "何", "19900002222"), values={"name": "何", "what": "门"},
        case=case, at=NOON, channels=("sms",),
    )  # fmt: skip
    worked(NOON + TEN)

    assert (again(refused).state, again(refused).why) == (
        State.DEAD, "短信模板第 0 版没有报备（未通过），不能发送"
    )  # fmt: skip
    assert again(unsigned).why == "短信签名没有报备（报备中），不能发送"
    assert connected.told == []


# --- failure ---------------------------------------------------------------------------------------------------------
def test_a_busy_gateway_is_tried_again_with_growing_pauses_and_then_left(connected, case, to):
    connected.answers = [503]
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)

    at, pauses = NOON + TEN, []
    for _ in range(6):
        worked(at)
        found = again(message)
        if found.next_at is not None:
            pauses.append((found.next_at - at).total_seconds())
            at = found.next_at

    assert len(connected.told) == 6
    # 30, 60, 120, 240, 480 seconds, each 20 % more or less.
    assert [round(p / (30 * 2**n), 0) for n, p in enumerate(pauses)] == [1.0] * 5
    assert again(message).state == State.DEAD
    assert "503" in again(message).why


def test_a_refused_text_goes_by_the_next_way_and_the_record_says_why(connected, case, to):
    connected.answers = [{"ok": False, "message": "号码在黑名单"}]
    message = done(Recipient("address", None, "何先生", "19900002222"), case)

    worked(NOON + TEN)

    assert again(message).way == "letter"
    tried = Attempt.objects.get(message=message)
    assert (tried.way, tried.outcome, tried.said) == ("sms", "refused", "号码在黑名单")


def test_a_line_that_breaks_after_the_message_leaves_the_decision_to_a_person(house, connected, case, to):
    connected.answers = [None]
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)

    worked(NOON + TEN)
    worked(NOON + timedelta(hours=2))

    assert len(connected.told) == 1
    assert again(message).state == State.UNSURE
    sending.settle(again(message), by=house.people["wu"], at=NOON + timedelta(hours=3))
    assert again(message).state == State.DELIVERED


def test_an_operator_that_knows_our_key_is_simply_asked_again(house, operator, case, to):
    connect(house, operator, repeatable="1")
    operator.answers = [None, {"ok": True, "id": "S9"}]
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)

    worked(NOON + TEN)
    worked(NOON + timedelta(minutes=2))

    assert again(message).state == State.SENT
    assert {told[2]["id"] for told in operator.told} == {str(message.uuid)}


def test_a_worker_that_died_between_claim_and_answer_sends_nothing_twice(connected, case, to):
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)
    Message.objects.filter(pk=message.pk).update(
        state=State.SENDING, attempts=1, way="sms", next_at=NOON + sending.LEASE
    )

    worked(NOON + sending.LEASE + TEN)

    assert connected.told == []
    assert again(message).state == State.UNSURE


def test_two_workers_at_once_send_one_message(connected, case, to):
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)
    seen_by_both = again(message), again(message)

    for one in seen_by_both:
        sending._deliver(one, NOON + TEN)

    assert len(connected.told) == 1


# --- what became of it -----------------------------------------------------------------------------------------------
def test_the_operator_is_asked_whether_a_text_arrived(connected, case, to):
    message = send(template="t.urgent", to=to, values={"name": "苏清越"}, case=case, at=NOON)
    worked(NOON + TEN)

    connected.answers = [{"state": "waiting"}, {"state": "delivered"}]
    assert sending.ask_receipts(NOON + timedelta(minutes=1)) == 0
    assert sending.ask_receipts(NOON + timedelta(minutes=2)) == 1

    assert (again(message).state, again(message).arrived_at) == (State.DELIVERED, NOON + timedelta(minutes=2))
    assert Event.objects.filter(case=case, step="notice:delivered").count() == 1


def test_a_text_that_did_not_arrive_goes_by_the_next_way(connected, case):
    message = done(Recipient("address", None, "何先生", "19900002222"), case)
    worked(NOON + TEN)

    connected.answers = [{"state": "failed", "message": "空号"}]
    sending.ask_receipts(NOON + timedelta(minutes=1))
    worked(NOON + timedelta(minutes=1))

    assert (again(message).state, again(message).way) == (State.BY_HAND, "letter")


# --- words -----------------------------------------------------------------------------------------------------------
@pytest.mark.clause("F-3.3-c")
def test_a_message_in_somebodys_own_words_waits_for_a_second_person(house, connected, case, to):
    wu, zhou = house.people["wu"], house.people["zhou"]
    values = {"name": "苏清越", "title": "厨房渗水", "number": case.number, "words": "配件明天到。"}
    message = send(template="inform", to=to, values=values, case=case, at=NOON, by=wu.pk)

    worked(NOON + timedelta(minutes=5))
    assert connected.told == []
    with pytest.raises(UnableToWord, match="由另一位复核"):
        check_message(message=message, accept=True, by=wu, at=NOON)
    check_message(message=message, accept=True, by=zhou, at=NOON + timedelta(minutes=6))
    worked(NOON + timedelta(minutes=6))

    assert len(connected.told) == 1
    assert again(message).checked_by == zhou


def test_a_message_that_does_not_pass_is_not_sent_and_says_why(house, connected, case, to):
    values = {"name": "苏清越", "title": "渗水", "number": case.number, "words": "保证明天修好。"}
    message = send(template="inform", to=to, values=values, case=case, at=NOON, by=house.people["wu"].pk)

    with pytest.raises(UnableToWord, match="原因"):
        check_message(message=message, accept=False, by=house.people["zhou"], at=NOON)
    check_message(message=message, accept=False, reason="不能保证时间", by=house.people["zhou"], at=NOON)
    worked(NOON + TEN)

    assert again(message).state == State.REFUSED
    assert "不能保证时间" in again(message).why
    assert connected.told == []


def test_a_value_is_only_ever_shown(connected, case):
    to = Recipient("address", None, "{what}", "19900002222")

    message = done(to, case)

    assert message.body == "{what}，厨房水管已修好。"


def test_a_missing_value_is_refused_and_nothing_is_written(case, to):
    with pytest.raises(UnableToFill, match="what"):
        send(template="t.done", to=to, values={"name": "苏"}, case=case, at=NOON)

    assert not Message.objects.exists()


@pytest.mark.parametrize("text", ["{name.phone}", "{name!r}", "{name:>9}", "{0}", "{name", "}"])
def test_a_template_stands_for_plain_names_only(text):
    with pytest.raises(BadTemplate):
        template("t.bad", "坏", text=text)


def test_nothing_is_sent_about_a_historic_case(connected, case, to):
    case.historic = True
    case.save()

    message = done(to, case)
    worked(NOON + TEN)

    assert (again(message).state, again(message).why) == (State.REFUSED, "历史事项不发通知")
    assert connected.told == []


def test_names_phones_and_words_lie_encrypted_in_the_database(case, to):
    message = done(to, case)

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, body FROM notify_message WHERE id = %s", [message.pk])
        stored = cursor.fetchone()
    assert all(
        "苏清越".encode() not in bytes(value) and b"19900001111" not in bytes(value) for value in stored
    )


# --- chat ------------------------------------------------------------------------------------------------------------
CHATS = {
    "wecom": (
        {"corp": "c", "agent": "1", "secret": "s"},
        [{"errcode": 0, "access_token": "A"}, {"errcode": 0, "msgid": "M1"}],
        ("/cgi-bin/message/send?access_token=A", "touser"),
    ),
    "dingtalk": (
        {"key": "k", "agent": "1", "secret": "s"},
        [{"errcode": 0, "access_token": "A"}, {"errcode": 0, "task_id": 5}],
        ("/topapi/message/corpconversation/asyncsend_v2?access_token=A", "userid_list"),
    ),
    "feishu": (
        {"app": "a", "secret": "s"},
        [{"code": 0, "tenant_access_token": "A"}, {"code": 0, "data": {"message_id": "m"}}],
        ("/open-apis/im/v1/messages?receive_id_type=open_id", "receive_id"),
    ),
}


@pytest.mark.parametrize("way", CHATS)
def test_a_colleague_is_told_in_person_through_the_companys_application(house, company, operator, case, way):
    config, operator.answers, (path, field) = CHATS[way]
    admin, wu = house.people["admin"], house.people["wu"]
    set_channel(company=company, way=way, on=True, config={**config, "base": operator.url}, by=admin, at=NOON)
    set_reach(person=wu, way=way, address="wu-1", order=1, by=wu, at=NOON)

    message = send(template="t.staff", to=Recipient.person(wu), values={"name": "苏清越"}, case=case, at=NOON)
    worked(NOON + TEN)

    asked, told = operator.told
    assert (told[1], told[2][field]) == (path, "wu-1")
    assert "苏清越的单，请接。" in str(told[2])
    assert (again(message).state, again(message).way) == (State.SENT, way)


def test_a_colleague_without_an_account_there_finds_it_inside(house, case):
    wu = house.people["wu"]

    message = send(template="t.staff", to=Recipient.person(wu), values={"name": "苏清越"}, case=case, at=NOON)
    worked(NOON + TEN)

    assert (again(message).state, again(message).way) == (State.DELIVERED, "inside")


def test_a_group_robot_says_only_what_holds_no_personal_data(house, company, operator, case):
    admin = house.people["admin"]
    set_channel(company=company, way="robot", on=True, config={"url": operator.url}, by=admin, at=NOON)
    operator.answers = [{"errcode": 0}]

    free = send(template="t.group", to=Recipient("address"), values={"count": 3}, case=None, at=NOON)
    owner = send(
        template="t.staff", to=Recipient.person(admin), values={"name": "苏清越"}, case=case, at=NOON,
        channels=("robot",),
    )  # fmt: skip
    worked(NOON + TEN)

    assert [told[2]["text"]["content"] for told in operator.told] == ["今天新增事项 3 件。"]
    assert again(free).state == State.SENT
    assert (again(owner).state, again(owner).why) == (State.DEAD, "群机器人不发含个人信息的内容")
    with pytest.raises(BadTemplate, match="robot"):
        template("t.leak", "泄露", channels=("robot",), text="{name}投诉了。")


def test_every_message_has_a_key_of_its_own(case, to):
    first, second = done(to, case), done(to, case)

    assert first.key != second.key
    assert isinstance(first.uuid, uuid.UUID)
