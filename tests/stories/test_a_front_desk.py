"""Document A, 前台客服: Ma Yuan receives, understands, hands on, answers, follows up; from the first word to closing."""

from datetime import timedelta

import pytest

from guiju.customers.models import CareContact, ContactRecord
from guiju.customers.operations.contacts import (
    UnableToKeep,
    add_contact,
    hard_to_reach,
    plan_care,
    record_care,
    record_contact,
)
from guiju.desk.models import FollowUp, Promise, Transfer
from guiju.desk.operations.checks import UnableToCheck, confirm_appearance, spot_check
from guiju.kernel import audit, clocks, engine, ports
from guiju.kernel.models import Case, CaseLink, Event, Todo
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost
from tests.stories.at_the_desk import HOUR, MINUTE, desk
from tests.stories.conftest import WEDNESDAY, beijing, house

__all__ = ["desk", "house"]


@pytest.mark.clause("A-0-a", "A-0-d", "A-1.3-b", "A-2.1-a", "A-2.1-b", "C-3.1-e", "C-3.1-g", "C-3.1-h")
def test_an_owner_who_calls_about_a_leak_twice_gets_a_complaint_with_its_number(desk):
    case = desk.receive(
        kind="complaint", words="8 月修过，又漏了。", problem="飘窗又漏", need="彻底修好", arrived_at=WEDNESDAY - 3 * MINUTE
    )  # fmt: skip

    desk.take(case, "note_down", at=WEDNESDAY + MINUTE, repeated_back=True)
    desk.take(case, "hand_on", at=WEDNESDAY + 2 * MINUTE, to="complaint", urgency="urgent")
    row = desk.row(case)
    other = Case.objects.get(number=row.handed_to)
    assert (case.state, other.process) == ("handed", "complaint")
    # From the customer's first word at 9:57 to the complaint at 10:02: five minutes.
    assert row.wait_seconds == 300
    assert (row.words, row.problem, row.need) == ("8 月修过，又漏了。", "飘窗又漏", "彻底修好")
    assert CaseLink.objects.filter(case=case, kind="case", key=other.pk).exists()
    assert CaseLink.objects.filter(case=other, kind="case", key=case.pk).exists()
    assert CaseLink.objects.filter(case=other, kind="customer", key=desk.owner.pk).exists()

    desk.closed(case, solved="no", number_told=True, explained="质检部三天内联系您")

    assert case.state == "closed"
    assert desk.matters(case) == [("彻底修好", f"已转投诉 {other.number}")]
    steps = list(Event.objects.filter(case=case).order_by("case_seq").values_list("step", flat=True))
    assert steps == ["receive", "note_down", "hand_on", "close"]
    assert Event.objects.filter(case=case).earliest("case_seq").actor_id == desk.house.ma.pk
    assert audit.verify().ok


@pytest.mark.clause("A-1.3-a", "D-3.2-a")
def test_nothing_is_saved_before_the_need_was_asked(desk):
    with pytest.raises(NotReady, match="请主动询问客户的需求"):
        desk.receive(need="")

    assert Case.objects.filter(process="reception").count() == 0


def test_nothing_prevents_recording_a_complaint(desk):
    case = desk.receive(
        kind="complaint", need="", problem="", customer=None, unit=None, phone="", caller="", company=True
    )

    # What is usually wanted stands there to begin with, for the clerk to put right.
    assert desk.row(case).need == "查明原因，给出处理办法并答复"
    desk.take(case, "hand_on", to="complaint")
    assert Case.objects.filter(process="complaint").count() == 1


@pytest.mark.clause("A-1.3-b")
def test_a_repair_without_a_flat_is_refused_in_words_and_starts_with_one(desk):
    case = desk.receive(unit=None)
    with pytest.raises(NotReady, match="报修要先选房屋"):
        desk.take(case, "hand_on", to="after_sales")

    with_flat = desk.receive()
    desk.take(with_flat, "hand_on", to="after_sales", at=WEDNESDAY + MINUTE)

    assert Case.objects.get(number=desk.row(with_flat).handed_to).process == "after_sales"
    assert desk.row(with_flat).wait_seconds == 60


def test_a_process_that_is_not_there_yet_is_said_so(desk):
    case = desk.receive(kind="help", need="疏通地漏")

    with pytest.raises(NotReady, match="「有偿服务」流程还没有启用"):
        desk.take(case, "hand_on", to="paid_service")


@pytest.mark.clause("A-3.2-c", "F-3.3-b")
def test_each_question_has_its_answer_and_the_open_ones_stay_on_the_list(desk):
    case = desk.receive(
        kind="inquiry", words="产权证什么时候办？要带什么？", need="产权证什么时候能办", problem=""
    )
    desk.take(case, "note_down", questions=["要带什么资料"], repeated_back=True)

    desk.take(case, "answer", at=WEDNESDAY + MINUTE, number=1, answer="预计下月底")
    with pytest.raises(NotReady, match="还有 1 项没有结果：要带什么资料"):
        desk.closed(case)
    # The first answer does not stop the clock while something is open.
    assert desk.due(case, "reply") == WEDNESDAY + timedelta(hours=24)
    desk.take(case, "answer", at=WEDNESDAY + 2 * MINUTE, answer="身份证和契税发票", advice="先交契税")
    desk.closed(case)

    assert desk.matters(case) == [("产权证什么时候能办", "预计下月底"), ("要带什么资料", "身份证和契税发票")]
    assert desk.row(case).advice == "先交契税"


@pytest.mark.clause("A-3.2-b")
def test_an_unanswered_message_reminds_and_alarms_after_twenty_four_hours(desk):
    case = desk.receive(channel="online", kind="inquiry", need="回复留言", problem="")
    assert desk.due(case, "reply") == WEDNESDAY + timedelta(hours=24)

    clocks.sweep(WEDNESDAY + timedelta(hours=25))

    alarmed = Todo.objects.filter(case=case, act="escalate:reply")
    assert list(alarmed.values_list("post", flat=True)) == ["cs_assistant_manager"]


@pytest.mark.clause("A-2.3-b")
def test_a_reception_changes_hands_only_with_a_reason_and_when_the_other_accepts(desk):
    case = desk.receive(promise="今天回电", promise_due=WEDNESDAY + 3 * HOUR)
    with pytest.raises(BadlyFilled, match="为什么移交"):
        desk.take(case, "ask_transfer", to="吴敏", reason="")

    desk.take(case, "ask_transfer", to="吴敏", reason="客户指定吴敏")
    assert desk.row(case).owner == desk.house.ma
    with pytest.raises(NotReady, match="移交给的是吴敏，由本人答复"):
        desk.take(case, "accept_transfer", by="tang")
    desk.take(case, "accept_transfer", by="wu", at=WEDNESDAY + HOUR)

    row = desk.row(case)
    assert (row.owner, row.transfers) == (desk.house.wu, 1)
    # What was promised goes with it.
    assert Promise.objects.get(case=case).owner == desk.house.wu
    assert Transfer.objects.get().reason == "客户指定吴敏"


def test_a_declined_transfer_leaves_the_owner(desk):
    case = desk.receive()
    desk.take(case, "ask_transfer", to="wu", reason="今天下班了")

    desk.take(case, "refuse_transfer", by="wu", reason="我明天休假")

    assert desk.row(case).owner == desk.house.ma
    assert desk.row(case).transfers == 0
    assert Transfer.objects.get().answer == "我明天休假"


@pytest.mark.clause("A-2.3-c")
def test_a_follow_up_has_its_day_and_person_and_its_result(desk):
    case = desk.receive()

    desk.take(case, "follow_up", what="问干了没有", due_at=WEDNESDAY + 5 * HOUR, person="wu")
    planned = FollowUp.objects.get(case=case)
    assert (planned.person, desk.due(case, "follow_up")) == (desk.house.wu, WEDNESDAY + 5 * HOUR)
    with pytest.raises(NotReady, match="约好的跟进还没有做：问干了没有"):
        desk.take(case, "note_down", repeated_back=True)
        desk.take(case, "answer", answer="已说明")
        desk.closed(case)
    desk.take(case, "followed_up", by="wu", at=WEDNESDAY + 4 * HOUR, reached=False, result="无人接听")

    planned.refresh_from_db()
    assert planned.result == "没有联系上：无人接听"
    assert desk.clocks(case)["follow_up"] == "met"


@pytest.mark.clause("A-2.3-a")
def test_a_promise_is_a_clock_with_an_owner_and_the_next_one_follows_it(desk):
    case = desk.receive(promise="11:40 前回电", promise_due=WEDNESDAY + 100 * MINUTE, promise_owner="吴敏")
    desk.take(case, "promise", what="周六上午上门看", due_at=beijing("2026-11-21 10:00"))

    assert desk.due(case, "promise") == WEDNESDAY + 100 * MINUTE
    desk.take(case, "keep_promise", by="wu", at=WEDNESDAY + 90 * MINUTE, how="已回电说明")
    assert desk.due(case, "promise") == beijing("2026-11-21 10:00")
    desk.take(case, "keep_promise", at=beijing("2026-11-21 10:30"), how="晚到半小时，已致歉")

    first, second = Promise.objects.filter(case=case).order_by("pk")
    assert (first.late(first.kept_at), second.late(second.kept_at)) == (False, True)
    assert desk.clocks(case)["promise"] == "late"


def test_a_promise_into_the_past_or_by_a_stranger_is_refused(desk):
    with pytest.raises(NotReady, match="答应客户的时间已经过了"):
        desk.receive(promise="回电", promise_due=WEDNESDAY - MINUTE)
    with pytest.raises(NotReady, match="要写明最迟什么时候"):
        desk.receive(promise="回电")
    with pytest.raises(BadlyFilled, match="公司里没有「无名氏」"):
        desk.receive(promise="回电", promise_due=WEDNESDAY + HOUR, promise_owner="无名氏")


@pytest.mark.clause("A-3.1-a")
def test_an_agent_opens_a_process_on_the_customers_behalf_and_it_says_so(desk):
    case = desk.receive(source="agent", words="代老人登记：门锁卡住。", need="换锁芯", problem="入户门锁卡")

    assert desk.row(case).source == "agent"
    # Nobody spoke to us: it is no contact of the customer.
    assert not ContactRecord.objects.exists()
    desk.take(case, "hand_on", to="after_sales")
    assert Case.objects.filter(process="after_sales").count() == 1


@pytest.mark.clause("A-3.1-b")
def test_care_contacts_are_planned_and_each_has_its_outcome(desk):
    ma = desk.house.ma
    care = plan_care(
        customer=desk.owner, due_date=WEDNESDAY.date(), subject="入住满月问候", person=ma, by=ma, at=WEDNESDAY
    )
    with pytest.raises(UnableToKeep, match="请写明联系的结果"):
        record_care(care=care, outcome=" ", reached=True, channel="call", by=ma, at=WEDNESDAY)

    record_care(care=care, outcome="一切都好，想装晾衣架", reached=True, channel="call", by=ma, at=WEDNESDAY)

    care = CareContact.objects.get()
    assert (care.done_by, care.reached, care.outcome) == (ma, True, "一切都好，想装晾衣架")
    assert ContactRecord.objects.get().summary == "入住满月问候：一切都好，想装晾衣架"
    with pytest.raises(UnableToKeep, match="已经记过结果"):
        record_care(care=care, outcome="再记一次", reached=True, channel="call", by=ma, at=WEDNESDAY)


@pytest.mark.clause("A-3.2-a", "D-2.5-a")
def test_the_contact_history_holds_every_channel_in_order(desk):
    call = desk.receive(at=WEDNESDAY)
    desk.receive(channel="wechat", chat="许：还在漏", at=WEDNESDAY + HOUR)
    desk.take(call, "follow_up", what="回访", due_at=WEDNESDAY + 3 * HOUR)
    desk.take(call, "followed_up", at=WEDNESDAY + 2 * HOUR, result="已说明周六上门")

    history = ContactRecord.objects.filter(customer=desk.owner).order_by("happened_at")
    assert list(history.values_list("channel", "outward", "happened_at", "by__username")) == [
        ("call", False, WEDNESDAY, "ma"),
        ("wechat", False, WEDNESDAY + HOUR, "ma"),
        ("call", True, WEDNESDAY + 2 * HOUR, "ma"),
    ]
    assert history[0].case_id == call.pk


@pytest.mark.clause("A-3.2-d")
def test_a_customer_has_several_contact_points_and_is_flagged_when_not_reached_twice(desk):
    ma, owner = desk.house.ma, desk.owner
    add_contact(customer=owner, kind="phone", value="199 0000 3333", remark="女儿", by=ma, at=WEDNESDAY)
    with pytest.raises(UnableToKeep, match="已经有了"):
        add_contact(customer=owner, kind="phone", value="+86 19900003333", by=ma, at=WEDNESDAY)
    assert owner.contacts.get().value == "19900003333"

    for minutes in (0, 30):
        assert not hard_to_reach(owner)
        record_contact(
            customer=owner, channel="call", summary="无人接听", outward=True, reached=False, by=ma,
            at=WEDNESDAY + minutes * MINUTE,
        )  # fmt: skip
    assert hard_to_reach(owner)
    desk.receive(at=WEDNESDAY + HOUR)
    assert not hard_to_reach(owner)


@pytest.mark.clause("A-1.2-a")
def test_the_shift_begins_with_the_appearance_confirmed_and_spot_checked(desk):
    ma, tang = desk.house.ma, desk.house.tang
    with pytest.raises(UnableToCheck, match="还没有确认：佩戴工牌、"):
        confirm_appearance(items=["dress"], by=ma, at=WEDNESDAY)
    everything = ["dress", "badge", "hair", "hands", "spirit"]
    check = confirm_appearance(items=everything, by=ma, at=WEDNESDAY)
    with pytest.raises(UnableToCheck, match="今天已经确认过"):
        confirm_appearance(items=everything, by=ma, at=WEDNESDAY + HOUR)

    with pytest.raises(UnableToCheck, match="不能抽查自己"):
        spot_check(check=check, good=True, note="", by=ma, at=WEDNESDAY + HOUR)
    with pytest.raises(UnableToCheck, match="请写明哪里不合格"):
        spot_check(check=check, good=False, note="", by=tang, at=WEDNESDAY + HOUR)
    found = spot_check(check=check, good=False, note="没有戴工牌", by=tang, at=WEDNESDAY + HOUR)

    assert (found.spot_by, found.spot_good, found.spot_note) == (tang, False, "没有戴工牌")
    assert Event.objects.filter(step__in=["desk.appearance", "desk.spot_check"]).count() == 2


@pytest.mark.clause("A-1.1-b", "D-3.1-b", "D-2.1-a", "D-2.6-a", "D-2.6-b")
def test_greeting_and_closing_are_words_of_the_running_sop(desk):
    policy = ports.policies().current(
        "reception", company_id=desk.house.project.company_id, project_id=desk.house.project.pk, at=WEDNESDAY
    )

    assert policy.step("welcome").script.startswith("您好，欢迎光临")
    assert policy.step("receive").script.startswith("您好，这里是客户服务中心，请问有什么可以帮您")
    assert "感谢您的来电，感谢您选择我们" in policy.step("close").script


def test_the_auditor_receives_nobody(desk):
    with pytest.raises(NotYourPost):
        desk.receive(by="jiang")
    case = desk.receive()
    assert not any(o.open for o in engine.options(case, by=desk.house.jiang, at=WEDNESDAY))
