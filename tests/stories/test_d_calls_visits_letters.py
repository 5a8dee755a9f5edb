"""Document D, 来电、来访、来函: each control point refused once in the SOP's words, then met."""

from datetime import date, timedelta

import pytest

from guiju.customers.models import Customer
from guiju.customers.operations.contacts import mark
from guiju.desk.intake_jobs import drop_recordings
from guiju.desk.models import AreaCheck, FollowUp, Letter, Reception, Recording, ServiceEntry
from guiju.desk.operations.checks import UnableToCheck, check_area
from guiju.kernel import engine, search
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.kernel.refusals import BadlyFilled, NotReady
from guiju.papers.models import AttachmentUse
from guiju.quality.models import Complaint
from tests.stories.at_the_desk import HOUR, MINUTE, PHONE, desk
from tests.stories.conftest import WEDNESDAY, beijing, house

__all__ = ["desk", "house"]


def letter(desk, **changed):
    return desk.receive(
        **({
            "channel": "letter", "kind": "complaint", "words": "律师函：要求修复并赔偿。", "need": "书面答复", "problem": "飘窗漏水",
            "subject": "关于 1501 渗漏的律师函", "received_date": "2026-11-18", "files": [desk.house.scan],
            "caller": "某律师事务所",
        } | changed)
    )  # fmt: skip


@pytest.mark.clause("D-1-b", "D-2.2-a", "D-2.6-c", "D-2.6-d", "C-3.1-a", "F-2.1-a", "H-2.1-a")
def test_a_call_is_answered_at_once_and_closed_only_after_both_were_asked(desk):
    case = desk.receive(kind="inquiry", words="物业费怎么交？", need="怎么交物业费", problem="")
    desk.take(case, "answer", at=WEDNESDAY + MINUTE, answer="公众号里交", advice="可以按年交")

    with pytest.raises(NotReady, match="请把客户的需求复述一遍"):
        desk.closed(case)
    desk.take(case, "note_down", repeated_back=True)
    with pytest.raises(BadlyFilled, match="问过客户，问题解决了吗"):
        desk.closed(case, solved="")
    with pytest.raises(NotReady, match="控制要点未办：已感谢客户"):
        engine.advance(case, "close", by=desk.house.ma, at=WEDNESDAY + 5 * MINUTE, given={"solved": "yes"})
    desk.closed(case, explained="交费后三天内开票")

    row = desk.row(case)
    assert (row.channel, row.solved, row.explained) == ("call", True, "交费后三天内开票")
    assert desk.clocks(case) == {"reply": "met", "finish": "met"}


@pytest.mark.clause("D-2.6-e")
def test_what_is_not_solved_ends_with_a_day_and_a_person(desk):
    case = desk.receive(kind="inquiry", need="查合同备案", problem="")
    desk.take(case, "answer", answer="还在查，查到回电")
    desk.take(case, "note_down", repeated_back=True)

    with pytest.raises(NotReady, match="没有解决的，请用「约好再联系」写明下次联系的时间和人"):
        desk.closed(case, solved="no")
    with pytest.raises(NotReady, match="下次联系的时间已经过了"):
        desk.take(case, "end_contact", what="告知备案结果", due_at=WEDNESDAY - HOUR)
    desk.take(case, "end_contact", what="告知备案结果", due_at=WEDNESDAY + 5 * HOUR, person="wu")

    planned = FollowUp.objects.get(case=case)
    assert (case.state, planned.person, planned.due_at) == ("waiting", desk.house.wu, WEDNESDAY + 5 * HOUR)
    assert desk.row(case).solved is False
    desk.take(case, "followed_up", by="wu", at=WEDNESDAY + 4 * HOUR, result="已备案，已告知")
    desk.closed(case, at=WEDNESDAY + 4 * HOUR)
    assert (case.state, desk.row(case).solved) == ("closed", True)


@pytest.mark.clause("D-2.1-b", "F-2.1-f", "F-2.1-g")
def test_a_caller_is_unknown_until_confirmed_against_the_file(desk):
    case = desk.receive(customer=None, caller="方先生")
    assert desk.row(case).identity == Reception.UNKNOWN
    with pytest.raises(NotReady, match="没有这位客户"):
        desk.take(case, "identify", customer=987654, confirmed=True)

    desk.take(
        case, "identify", customer=desk.spouse.pk, relation="配偶", confirmed=True, how="报得出房号和姓名"
    )

    row = desk.row(case)
    assert (row.customer, row.caller, row.relation, row.identity) == (
        desk.spouse,
        "方志明",
        "配偶",
        "confirmed",
    )
    assert row.phone == PHONE
    assert CaseLink.objects.filter(case=case, kind="customer", key=desk.spouse.pk).exists()


@pytest.mark.clause("D-2.1-c")
def test_important_information_stays_on_the_customer(desk):
    desk.receive(important="老人独居，先打女儿电话")
    owner = Customer.objects.get(pk=desk.owner.pk)
    assert (owner.important, owner.important_by) == ("老人独居，先打女儿电话", desk.house.ma)

    mark(customer=owner, important="", by=desk.house.ma, at=WEDNESDAY)
    assert Customer.objects.get(pk=owner.pk).important_by is None


@pytest.mark.clause("D-2.2-b")
def test_what_must_be_known_by_the_kind_of_contact_is_demanded_before_completion(desk):
    call = desk.receive(phone="", problem="", repeated_back=True)
    desk.take(call, "answer", answer="已说明")
    with pytest.raises(NotReady, match="来电必填的还没有：问题是什么、联系电话"):
        desk.closed(call)

    visit = desk.receive(channel="visit", purpose="问漏水", repeated_back=True)
    desk.take(visit, "answer", answer="已说明")
    with pytest.raises(NotReady, match="来访必填的还没有：引导到哪里、到接待区的时间"):
        desk.closed(visit)

    message = desk.receive(channel="wechat", chat="还漏", phone="")
    desk.take(message, "answer", answer="已回复")
    desk.closed(message)


@pytest.mark.clause("D-2.2-c")
def test_a_complicated_matter_needs_the_answers_to_the_clarifying_questions(desk):
    case = desk.receive(difficult=True, repeated_back=True)
    desk.take(case, "answer", answer="已说明")
    with pytest.raises(NotReady, match="情况复杂的要追问"):
        desk.closed(case)

    desk.take(
        case,
        "note_down",
        clarified=[{"question": "现在还在漏吗？水到插座了吗？", "answer": "还在滴，插座没湿"}],
    )
    desk.closed(case)

    assert desk.row(case).clarified == [
        {"question": "现在还在漏吗？水到插座了吗？", "answer": "还在滴，插座没湿"}
    ]


@pytest.mark.clause("D-2.5-a", "D-2.5-b", "D-2.5-c", "D-2.5-d", "F-2.1-e", "F-2.1-h", "F-2.1-i")
def test_every_call_leaves_one_record_with_question_answer_and_advice(desk):
    case = desk.receive(
        kind="inquiry", words="窗户胶条哪里买？", need="胶条型号", element="主卧飘窗", problem="胶条老化"
    )
    desk.take(case, "answer", answer="型号在使用说明书第 12 页", advice="请师傅换更稳妥")

    row = desk.row(case)
    assert Reception.objects.count() == 1
    assert (row.customer, row.owner, row.arrived_at) == (desk.owner, desk.house.ma, WEDNESDAY)
    assert (row.words, row.problem) == ("窗户胶条哪里买？", "胶条老化")
    assert (row.answer, row.advice) == ("型号在使用说明书第 12 页", "请师傅换更稳妥")
    # The product: project, building, room, unit type and the element concerned.
    assert (row.unit.project.name, row.unit.label, row.unit.layout) == ("云栖里一期", "1号楼 1单元 1501", "A")
    assert row.element == "主卧飘窗"


def test_a_recording_is_linked_only_if_it_was_announced_and_kept_by_the_sop(desk):
    with pytest.raises(NotReady, match="没有告知客户的通话录音不能关联"):
        desk.receive(recording="rec-7781")

    case = desk.receive(recording="rec-7781", recording_announced=True)

    # 180 days of the SOP after 2026-11-18.
    assert Recording.objects.get(case=case).keep_until == date(2027, 5, 17)
    assert drop_recordings(beijing("2027-05-17 12:00")) == 0
    assert drop_recordings(beijing("2027-05-18 00:10")) == 1
    assert drop_recordings(beijing("2027-05-18 06:10")) == 0
    assert Recording.objects.get(case=case).place == ""


@pytest.mark.clause("D-1-c", "D-3.1-a", "D-3.1-c", "D-3.1-e")
def test_an_announced_visit_holds_the_hour_and_when_the_host_came(desk):
    with pytest.raises(NotReady, match="请主动询问客户的来访目的"):
        desk.receive(channel="visit")
    case = desk.receive(
        channel="visit", purpose="谈渗漏方案", appointment_at=WEDNESDAY + 4 * HOUR, repeated_back=True
    )
    # The clocks wait for the hour agreed: 24 hours after Wednesday 14:00, three working days after it.
    assert desk.due(case, "reply") == beijing("2026-11-19 14:00")
    assert desk.due(case, "finish") == beijing("2026-11-23 18:00")
    with pytest.raises(NotReady, match="请先向客户友善地打招呼"):
        desk.take(case, "welcome", at=WEDNESDAY + 4 * HOUR, area="洽谈区")

    desk.take(case, "welcome", at=WEDNESDAY + 4 * HOUR + 6 * MINUTE, area="洽谈区", greeted=True)

    row = desk.row(case)
    assert (row.appointment_at, row.host_appeared_at) == (
        WEDNESDAY + 4 * HOUR,
        WEDNESDAY + 4 * HOUR + 6 * MINUTE,
    )
    assert (row.area, row.arrived_at) == ("洽谈区", WEDNESDAY + 4 * HOUR)
    desk.take(case, "answer", at=WEDNESDAY + 5 * HOUR, answer="当面说明")
    desk.closed(case, at=WEDNESDAY + 5 * HOUR)
    assert "接待人没有准时到" in desk.row(case).misses


@pytest.mark.clause("D-3.1-d", "A-1.3-b")
def test_a_visit_lists_every_need_and_does_not_close_while_one_is_open(desk):
    case = desk.receive(
        channel="visit", purpose="三件事", more=["换门禁卡", "开购房发票"], repeated_back=True
    )
    desk.take(case, "welcome", area="洽谈区", greeted=True)
    desk.take(case, "answer", number=2, answer="当场换好")

    with pytest.raises(NotReady, match="还有 2 项没有结果：这周末修好；开购房发票"):
        desk.closed(case)
    desk.take(case, "answer", number=3, answer="已开具")
    desk.take(case, "hand_on", to="after_sales")
    desk.closed(case, solved="no", number_told=True)

    number = desk.row(case).handed_to
    assert desk.matters(case) == [
        ("这周末修好", f"已转售后维修 {number}"), ("换门禁卡", "当场换好"), ("开购房发票", "已开具"),
    ]  # fmt: skip


@pytest.mark.clause("D-3.1-f")
def test_the_reception_areas_are_looked_at_every_day(desk):
    ma = desk.house.ma
    with pytest.raises(UnableToCheck, match="请写明怎样整改的"):
        check_area(area="洽谈区", tidy=False, note="", by=ma, at=WEDNESDAY)

    check_area(area="洽谈区", tidy=False, note="已收走杯子", by=ma, at=WEDNESDAY)

    found = AreaCheck.objects.get()
    assert (found.tidy, found.checked_by, found.note, found.checked_date) == (
        False,
        ma,
        "已收走杯子",
        WEDNESDAY.date(),
    )


@pytest.mark.clause("D-3.2-b", "D-3.2-c", "H-2.1-e")
def test_the_visitors_own_words_stand_apart_and_the_visitor_agreed(desk):
    case = desk.receive(
        channel="visit", purpose="漏水", words="又漏啦，孩子睡这屋！", problem="飘窗渗漏", need="周末修好"
    )
    desk.take(case, "welcome", area="洽谈区", greeted=True)
    desk.take(case, "answer", answer="已说明")

    with pytest.raises(NotReady, match="请把客户的需求复述一遍，客户说对后"):
        desk.closed(case)
    desk.take(case, "note_down", words="上次只打了胶。", repeated_back=True)
    desk.closed(case)

    row = desk.row(case)
    assert (row.words, row.problem) == ("又漏啦，孩子睡这屋！\n上次只打了胶。", "飘窗渗漏")
    assert row.repeated_back


@pytest.mark.clause("D-3.2-d", "H-2.1-d")
def test_the_time_of_the_visit_and_of_the_entry_are_both_kept(desk):
    at_once = desk.receive(repeated_back=True)
    late = desk.receive(arrived_at=WEDNESDAY - 45 * MINUTE, repeated_back=True)
    with pytest.raises(NotReady, match="来的时间不能晚于现在"):
        desk.receive(arrived_at=WEDNESDAY + HOUR)

    assert (desk.row(at_once).entry_seconds, desk.row(late).entry_seconds) == (0, 2700)
    assert (desk.row(late).arrived_at, desk.row(late).entered_at) == (WEDNESDAY - 45 * MINUTE, WEDNESDAY)
    for case in (at_once, late):
        desk.take(case, "identify", confirmed=True, customer=desk.owner.pk)
        desk.take(case, "answer", answer="已说明")
        desk.closed(case)
    assert (desk.row(at_once).misses, desk.row(late).misses) == ([], ["没有当场登记"])


@pytest.mark.clause("D-3.2-e")
def test_a_visit_is_found_by_its_number_the_flat_and_the_visitor(desk):
    case = desk.receive(channel="visit", purpose="谈渗漏方案")
    desk.take(case, "follow_up", what="送方案", due_at=WEDNESDAY + 5 * HOUR)
    scopes = [desk.house.project.pk]

    for words in (case.number, "1-1501", "许文静", "xwj", "2067"):
        assert case.number in {hit.key for hit in search.search(words, scopes=scopes, limit=20)}, words
    assert FollowUp.objects.get(case=case).what == "送方案"


@pytest.mark.clause("D-1-d", "D-4-a")
def test_a_letter_is_numbered_assigned_answered_in_writing_and_filed(desk):
    with pytest.raises(NotReady, match="来函要登记扫描件、收函日期、事由"):
        desk.receive(channel="letter", kind="suggestion", need="回复")
    case = letter(desk, repeated_back=False)
    row = Letter.objects.get(case=case)
    # Wednesday 2026-11-18 plus five working days, close of work: the Wednesday after.
    assert (row.number, row.received_date) == ("LH-YQ1-2026-0001", date(2026, 11, 18))
    assert row.reply_due_at == desk.due(case, "letter") == beijing("2026-11-25 18:00")
    assert AttachmentUse.objects.filter(case=case, attachment__sha256=desk.house.scan).exists()

    desk.take(case, "ask_transfer", to="wu", reason="由客户服务答复")
    desk.take(case, "accept_transfer", by="wu")
    with pytest.raises(NotReady, match="还有 1 项没有结果|来函 LH-YQ1-2026-0001 还没有复函"):
        desk.closed(case)
    desk.take(
        case, "reply_letter", by="wu", at=WEDNESDAY + HOUR, text="已安排检测，结果三日内书面告知。", how="挂号信",
        scan=desk.house.scan, filed_as="LH-2026-01",
    )  # fmt: skip
    with pytest.raises(NotReady, match="已用 FH-YQ1-2026-0001 复函"):
        desk.take(case, "reply_letter", by="wu", text="再复一次", how="挂号信")
    desk.closed(case, at=WEDNESDAY + 2 * HOUR)

    row.refresh_from_db()
    assert (row.reply_number, row.replied_by, row.filed_as) == (
        "FH-YQ1-2026-0001",
        desk.house.wu,
        "LH-2026-01",
    )
    assert desk.clocks(case)["letter"] == "met"


def test_a_fax_is_a_letter_and_a_chat_keeps_its_text_or_its_pictures(desk):
    fax = letter(desk, channel="fax")
    assert Letter.objects.get(case=fax).number == "LH-YQ1-2026-0001"
    with pytest.raises(NotReady, match="微信请粘贴聊天文字，或者附上截图"):
        desk.receive(channel="wechat")

    chat = desk.receive(channel="wechat", chat="许：漏了\n客服：收到", files=[desk.house.scan])
    assert desk.row(chat).chat == "许：漏了\n客服：收到"


@pytest.mark.clause("H-2.1-c", "F-2.1-c")
def test_a_message_of_any_channel_opens_a_case_with_its_text(desk):
    for channel in ("online", "wechat", "email"):
        case = desk.receive(channel=channel, chat="我：厨房也漏" if channel == "wechat" else "")
        desk.take(case, "hand_on", to="after_sales")
        assert Case.objects.get(number=desk.row(case).handed_to).process == "after_sales"
    assert Reception.objects.get(channel="wechat").chat == "我：厨房也漏"


@pytest.mark.clause("F-2.1-c")
def test_further_channels_are_those_that_the_sop_names(desk):
    with pytest.raises(NotReady, match="其他渠道请选：小程序留言、公众号留言、现场活动"):
        desk.receive(channel="other", via="传呼机")

    case = desk.receive(channel="other", via="小程序留言")

    assert (desk.row(case).channel, desk.row(case).via) == ("other", "小程序留言")
    assert case.title.startswith("小程序留言报修")
    desk.take(case, "hand_on", to="complaint")
    assert Case.objects.get(number=desk.row(case).handed_to).process == "complaint"


def test_a_ticket_of_12345_keeps_its_own_number_and_deadline_and_is_entered_once(desk):
    due = beijing("2026-11-20 12:00")
    with pytest.raises(NotReady, match="12345 工单要填外部工单编号"):
        desk.receive(channel="ticket")
    with pytest.raises(NotReady, match="12345 工单要填工单上写的办结期限"):
        desk.receive(channel="ticket", external_number="20261118-77")
    case = desk.receive(channel="ticket", external_number="20261118-77", external_due_at=due)

    assert desk.due(case, "ticket") == due
    with pytest.raises(NotReady, match=f"这张工单已登记为 {case.number}，还在接待中，请在那件上补充"):
        desk.receive(channel="ticket", external_number="20261118-77", external_due_at=due)
    # The other office's deadline cannot be paused.
    desk.take(case, "hand_on", to="complaint")
    assert Clock.objects.get(case=case, name="ticket").due_at == due
    # Sent back after the talk was over, it is received again and joins what is being handled.
    desk.closed(case, solved="no", number_told=True)
    back = desk.receive(channel="ticket", external_number="20261118-77", external_due_at=due)
    desk.take(back, "hand_on", to="complaint")
    first, again = Complaint.objects.filter(ticket="20261118-77").order_by("pk")
    assert again.parent == first


@pytest.mark.clause("A-3.2-b", "F-3.2-d")
def test_the_deadline_of_a_ticket_goes_on_with_the_repair_when_the_talk_is_over(desk):
    due = beijing("2026-11-19 17:00")
    ticket = {"channel": "ticket", "external_due_at": due}
    case = desk.receive(**ticket, external_number="20261118-78")
    desk.take(case, "hand_on", to="after_sales")
    desk.closed(case, solved="no", number_told=True)

    repair = Case.objects.get(number=desk.row(case).handed_to)
    assert desk.due(repair, "ticket") == due
    clock = Clock.objects.get(case=repair, name="ticket")
    desk.take(repair, "wait", by="wu", reason="耐候密封胶")
    clock.refresh_from_db()
    assert (clock.state, clock.due_at) == (Clock.RUNNING, due)
    # Whoever answered the customer has not answered the hotline.
    with pytest.raises(NotReady, match="外部工单还没有回复，请先办「回复工单」"):
        desk.take(repair, "withdraw", by="wu", reason="客户自己修好了")
    with pytest.raises(NotReady, match="请填平台回执编号，或者附回执、截图"):
        desk.take(repair, "return_ticket", by="wu", words="客户自己修好了，已核实")
    desk.take(repair, "return_ticket", by="wu", words="客户自己修好了，已核实", receipt="HZ-78")
    clock.refresh_from_db()
    assert clock.state == Clock.MET
    assert list(ServiceEntry.objects.filter(kind="ticket").values_list("words", "result")) == [
        ("客户自己修好了，已核实", "HZ-78")
    ]
    with pytest.raises(NotReady, match="没有待回复的外部工单"):
        desk.take(repair, "return_ticket", by="wu", words="再回一次", receipt="HZ-79")
    desk.take(repair, "withdraw", by="wu", reason="客户自己修好了")
    assert repair.state == "withdrawn"

    asked = desk.receive(**ticket, external_number="20261118-79")
    desk.take(asked, "hand_on", to="internal_memo", subject="热线转来的建议")
    memo = Case.objects.get(number=desk.row(asked).handed_to)
    assert desk.due(memo, "answer") == beijing("2026-11-20 00:00")
    # An opinion asked inside answers no ticket: that stays with the desk.
    with pytest.raises(NotReady, match="外部工单还没有回复"):
        desk.closed(asked, number_told=True)
    with pytest.raises(NotReady, match="请填平台回执编号，或者附回执、截图"):
        desk.take(asked, "return_ticket", words="建议已转设计部研究")
    desk.take(asked, "return_ticket", words="建议已转设计部研究", proof=desk.house.scan)
    with pytest.raises(NotReady, match="没有待回复的外部工单"):
        desk.take(asked, "return_ticket", words="再回一次", receipt="HZ-80")
    assert desk.closed(asked, number_told=True).state == "closed"


@pytest.mark.clause("C-3.1-d", "F-2.1-d")
def test_every_case_is_typed_as_problem_complaint_or_need(desk):
    natures = {
        kind: desk.row(desk.receive(kind=kind)).nature
        for kind in ("repair", "complaint", "inquiry", "help", "suggestion", "praise")
    }

    assert natures == {
        "repair": "problem", "complaint": "complaint", "inquiry": "need", "help": "problem", "suggestion": "need",
        "praise": "need",
    }  # fmt: skip


@pytest.mark.clause("D-1-e")
def test_the_procedure_of_each_channel_is_enforced_and_misses_are_kept(desk):
    kept = desk.receive(repeated_back=True, confirmed=True)
    desk.take(kept, "answer", answer="已说明")
    desk.closed(kept)
    slow = desk.receive(repeated_back=True)
    desk.take(slow, "answer", at=WEDNESDAY + timedelta(hours=30), answer="已说明")
    desk.closed(slow, at=WEDNESDAY + timedelta(hours=30))

    assert desk.row(kept).misses == []
    assert desk.row(slow).misses == ["首次答复超时", "身份未核实"]


def test_a_wrong_number_is_voided_with_its_reason(desk):
    case = desk.receive(kind="inquiry", need="找人", problem="")
    with pytest.raises(BadlyFilled):
        desk.take(case, "void", reason="")

    desk.take(case, "void", reason="误拨")

    assert (case.state, desk.matters(case)) == ("voided", [("找人", "无效来电")])


def test_long_stories_rare_characters_and_emoji_are_kept_as_typed(desk):
    words = "𠮷先生说：" + "漏" * 4980 + "😀"
    case = desk.receive(words=words, caller="𠮷田")
    assert (desk.row(case).words, desk.row(case).caller) == (words, "𠮷田")
    with pytest.raises(BadlyFilled, match="说了什么：不能超过 5000 个字"):
        desk.receive(words="漏" * 5001)
