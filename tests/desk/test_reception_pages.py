"""The pages of the front desk as a person sees them: intake, end, board, letters, inbox, shift, the customer's file."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from guiju.api.operations.tokens import make_token
from guiju.customers.models import CareContact, ContactRecord, Customer
from guiju.customers.operations.contacts import record_contact
from guiju.desk import intake_guide
from guiju.desk.models import AreaCheck, HeldCall, Incoming, Reception, ShiftCheck
from guiju.desk.operations.inbox import take_in
from guiju.kernel.models import Case, Event
from guiju.kernel.numbering import ZONE
from guiju.org.models import Company
from guiju.quality import surveys
from guiju.quality.models import Complaint
from tests.stories.at_the_desk import PHONE, desk
from tests.stories.conftest import house

__all__ = ["desk", "house"]

NEW = "/reception/new/"


@pytest.fixture
def visit(desk):
    def by(username: str) -> Client:
        client = Client()
        client.force_login(desk.house.people[username])
        return client

    return by


def typed(desk, **changed):
    return {
        "key": str(uuid4()), "channel": "call", "phone": PHONE, "customer": desk.owner.pk, "unit": desk.unit.pk,
        "words": "主卧飘窗又漏水。", "kind": "complaint", "need": "彻底修好", "problem": "飘窗漏水", "urgency": "urgent",
        "then": "hand_on",
    } | changed  # fmt: skip


def earlier(desk, **changed):
    """A repair of last week, so that today's call is a repeat."""
    at = timezone.now() - timedelta(days=8)
    case = desk.receive(at=at, repeated_back=True, category="leak_window", **changed)
    desk.take(case, "hand_on", at=at, to="after_sales")
    return case


@pytest.mark.clause("A-0-d", "D-1-a", "D-2.1-a", "D-2.1-c", "A-2.1-b")
def test_the_telephone_system_opens_the_page_and_the_caller_is_known(desk, visit):
    earlier(desk)
    Customer.objects.filter(pk=desk.owner.pk).update(
        important="老人独居", important_at=timezone.now(), important_by=desk.house.ma
    )
    ma = visit("ma")

    answer = ma.get(f"/reception/call/?number={PHONE}&recording=rec-9", follow=True)
    page = answer.content.decode()

    assert answer.redirect_chain[-1][0] == f"{NEW}?channel=call&phone={PHONE}&recording=rec-9"
    # Two owners share the number: both are offered, with 1 and 2.
    assert "认出 2 人" in page
    assert 'data-key="1"' in page
    assert 'data-key="2"' in page
    assert "您好，这里是客户服务中心，请问有什么可以帮您" in page
    assert 'value="rec-9"' in page
    chosen = ma.get(f"{NEW}?phone={PHONE}&customer={desk.owner.pk}").content.decode()
    assert "老人独居" in chosen
    assert "1号楼 1单元 1501" in chosen
    assert "可能重复 1 件" in chosen


@pytest.mark.clause("A-1.1-b", "D-3.1-b")
def test_a_walk_in_shows_the_face_to_face_greeting(desk, visit):
    page = visit("ma").get(f"{NEW}?channel=visit").content.decode()

    assert "您好，欢迎光临" in page
    assert "来访登记" in page


def test_a_stranger_a_name_and_a_room_are_looked_up(desk, visit):
    ma = visit("ma")

    assert "这个号码不在客户档案里" in ma.get(f"{NEW}?phone=19912345678").content.decode()
    for words in ("许文静", "xwj", "1-1501", "2067"):
        assert "许文静" in ma.get(NEW, {"q": words}).content.decode(), words


def test_a_repeat_takes_over_kind_category_and_problem_without_script(desk, visit):
    before = earlier(desk)
    number = desk.row(before).handed_to

    page = visit("ma").get(f"{NEW}?repeat_of={number}").content.decode()

    assert 'name="repeat_of" value="' + number in page
    assert 'value="complaint" checked' in page
    assert 'value="urgent" checked' in page
    assert 'value="飘窗漏水"' in page
    assert "已关联" in page


@pytest.mark.clause("A-1.3-b", "C-3.1-e")
def test_one_button_registers_and_hands_on_and_the_end_reads_out_the_number(desk, visit):
    ma = visit("ma")
    # The page was opened two minutes ago, when the telephone rang.
    began = timezone.now() - timedelta(minutes=2)
    sent = typed(desk, began=began.isoformat())

    answer = ma.post(NEW, sent)
    case = Case.objects.get(process="reception")
    assert (answer.status_code, answer["Location"]) == (302, f"/reception/{case.number}/")
    # Sent twice, it is one.
    ma.post(NEW, sent)
    assert Case.objects.filter(process__in=["reception", "complaint"]).count() == 2

    assert desk.row(case).arrived_at == began
    assert 120 <= desk.row(case).wait_seconds < 180
    complaint = Case.objects.get(process="complaint")
    page = ma.get(answer["Location"]).content.decode()
    assert complaint.number in page
    assert f"编号是 {complaint.number}，后面由投诉的负责同事和您联系" in page
    assert "感谢您的来电，感谢您选择我们" in page
    assert "请把客户的需求复述一遍" in page
    assert "核实的是谁" in page
    done = ma.post(
        answer["Location"],
        {
            "customer": desk.owner.pk,"version": case.version, "solved": "no", "repeated_back": "1", "points.thanked": "1", "number_told": "1"},
    )  # fmt: skip
    assert done["Location"] == "/reception/"
    case.refresh_from_db()
    assert case.state == "closed"
    assert desk.row(case).identity == "confirmed"
    assert Event.objects.get(case=case, step="receive").actor_id == desk.house.ma.pk


def test_what_is_wrong_stands_beside_and_nothing_typed_is_lost(desk, visit):
    page = visit("ma").post(NEW, typed(desk, kind="repair", need="", words="水漫金山"))
    text = page.content.decode()

    assert page.status_code == 422
    assert "请主动询问客户的需求" in text
    assert "水漫金山" in text
    missing = visit("ma").post(NEW, typed(desk, words="", kind=""))
    assert "说了什么" in missing.content.decode()
    assert Case.objects.filter(process="reception").count() == 0


def test_a_refused_second_act_leaves_what_the_customer_said(desk, visit):
    ma = visit("ma")
    answer = ma.post(NEW, typed(desk, kind="repair", unit="", customer=""), follow=True)

    case = Case.objects.get(process="reception")
    assert case.state == "received"
    assert f"已登记为 {case.number}，但还没有转出去：报修要先选房屋" in answer.content.decode()


@pytest.mark.clause("D-2.2-c")
def test_answers_to_the_questions_are_kept_and_blank_ones_left_out(desk, visit):
    questions = intake_guide.questions_for("leak_window")
    sent = typed(desk, then="stay") | {
        f"clarified.{at}.{part}": value
        for at, question in enumerate(questions)
        for part, value in (("question", question), ("answer", "还在滴" if at == 0 else ""))
    }

    visit("ma").post(NEW, sent)

    assert Reception.objects.get().clarified == [{"question": questions[0], "answer": "还在滴"}]


def test_answered_at_once_needs_the_answer(desk, visit):
    ma = visit("ma")
    sent = typed(desk, kind="inquiry", need="怎么交物业费", problem="", then="answered")
    assert "请写怎样答复的" in ma.post(NEW, sent).content.decode()

    ma.post(NEW, sent | {"answer": "公众号里交", "advice": "可以按年交"})

    row = Reception.objects.get()
    assert (row.answer, row.advice) == ("公众号里交", "可以按年交")


@pytest.mark.clause("D-2.6-e")
def test_not_solved_is_arranged_on_the_page_of_the_end(desk, visit):
    ma = visit("ma")
    ma.post(NEW, typed(desk, kind="inquiry", problem="", need="查备案", repeated_back="1", then="stay"))
    case = Case.objects.get(process="reception")
    page = f"/reception/{case.number}/"
    due = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")

    refused = ma.post(page, {"solved": "later", "what": "告知备案", "due_at": ""})
    assert refused.status_code == 422
    assert "下次联系时间" in refused.content.decode()
    ma.post(page, {"solved": "later", "what": "告知备案", "due_at": due})

    case.refresh_from_db()
    assert case.state == "waiting"
    assert "告知备案" in ma.get("/reception/?tab=follow").content.decode()


def test_a_call_is_held_while_another_is_served_and_taken_up_again(desk, visit):
    ma = visit("ma")
    ma.post("/reception/hold/", typed(desk, words="第一通还没说完"))
    held = HeldCall.objects.get()
    assert "保留 1 通" in ma.get(NEW).content.decode()

    page = ma.get(f"{NEW}?held={held.pk}").content.decode()
    assert "第一通还没说完" in page
    assert f'name="held" value="{held.pk}"' in page
    # Another person's held call is nobody else's.
    assert "第一通还没说完" not in visit("wu").get(f"{NEW}?held={held.pk}").content.decode()
    ma.post(NEW, typed(desk, words="第一通还没说完", held=held.pk))
    assert not HeldCall.objects.exists()
    # Pressed twice it is one call; on a bad morning the ninth puts none of the eight before it away.
    for number in (1, 1, *range(2, 10)):
        ma.post("/reception/hold/", typed(desk, words=f"第 {number} 通"))
    assert "保留 9 通" in ma.get(NEW).content.decode()


@pytest.mark.clause("A-0-d", "D-1-a", "A-3.2-c", "A-2.3-c", "D-3.2-e", "D-1-e", "E-1.3-a")
def test_a_held_call_keeps_its_pictures_and_what_is_no_picture_is_refused_at_its_field(desk, visit):
    scan, ma = desk.house.scan, visit("ma")
    ma.post("/reception/hold/", typed(desk, files=[scan, "f" * 63]))
    held = HeldCall.objects.get()
    back = ma.get(f"{NEW}?held={held.pk}").content.decode()
    assert back.count(f'name="files" value="{scan}"') == 1
    assert f"/attachments/{'f' * 63}" not in back

    answer = ma.post(NEW, typed(desk, files=["[]"], then="stay"))
    assert answer.status_code == 422
    assert "附件" in answer.content.decode()
    assert not Reception.objects.exists()


def test_the_board_lists_what_is_open_unanswered_stale_promised_and_how_the_procedure_is_kept(desk, visit):
    old = timezone.now() - timedelta(days=5)
    waiting = desk.receive(at=old, kind="inquiry", words="产权证呢？", need="产权证何时办", problem="")
    desk.take(waiting, "promise", at=old, what="周五前回电", due_at=old + timedelta(days=1), owner="ma")
    kept = desk.receive(
        at=old, channel="visit", purpose="谈方案", area="洽谈区", repeated_back=True, confirmed=True
    )
    desk.take(kept, "welcome", at=old, area="洽谈区", greeted=True)
    desk.take(kept, "answer", at=old, answer="已说明")
    desk.closed(kept, at=old)
    ma = visit("ma")

    pages = {tab: ma.get(f"/reception/?tab={tab}").content.decode() for tab in (
        "open", "questions", "stale", "follow", "promises", "transfers", "care", "all",
    )}  # fmt: skip
    for name in ("接待客户", "解决问题", "提供服务", "处理投诉", "维护客户关系"):
        assert name in pages["open"], name
    assert "/sops/KF-QT-01/" in pages["open"]
    assert waiting.number in pages["open"]
    assert kept.number not in pages["open"]
    assert "产权证何时办" in pages["questions"]
    assert waiting.number in pages["stale"]
    assert "周五前回电" in pages["promises"]
    assert "已过" in pages["promises"]
    assert "100.0 %" in pages["all"]
    found = ma.get("/reception/", {"tab": "all", "q": "谈方案", "channel": "visit", "state": "closed"})
    assert kept.number in found.content.decode()
    assert waiting.number not in found.content.decode()


@pytest.mark.clause("D-4-a")
def test_the_register_of_letters_shows_what_waits_for_its_reply(desk, visit):
    case = desk.receive(
        at=timezone.now(), channel="letter", kind="complaint", words="律师函", problem="漏水", subject="渗漏律师函",
        received_date=timezone.localdate().isoformat(), files=[desk.house.scan], caller="某律所",
    )  # fmt: skip
    page = visit("ma").get("/reception/letters/").content.decode()

    assert "渗漏律师函" in page
    assert f"/cases/{case.number}/steps/reply_letter/" in page
    assert "待复函 1 件" in page


@pytest.mark.clause("C-3.1-f")
def test_the_inbox_shows_who_opened_what_and_leads_to_registering(desk, visit):
    item, _ = take_in(
        company_id=desk.house.project.company_id, channel=Incoming.ONLINE, key="form-1", text="厨房漏水，请来看",
        sender="许文静", phone=PHONE, room="1-1501", subject="在线留言", at=timezone.now(),
    )  # fmt: skip
    ma = visit("ma")
    assert "未读" in ma.get("/reception/inbox/").content.decode()

    page = ma.get(f"/reception/inbox/{item.pk}/").content.decode()
    assert "厨房漏水，请来看" in page
    assert f"{NEW}?incoming={item.pk}" in page
    assert "马原" in ma.get("/reception/inbox/").content.decode()
    form = ma.get(f"{NEW}?incoming={item.pk}").content.decode()
    assert "厨房漏水，请来看" in form
    assert "认出 2 人" in form
    ma.post(NEW, typed(desk, channel="online", incoming=item.pk, words=item.text))
    assert "厨房漏水" not in ma.get("/reception/inbox/").content.decode()
    assert ma.get("/reception/inbox/999999/").status_code == 404


@pytest.mark.clause("A-1.2-a", "D-3.1-f")
def test_the_shift_page_confirms_spot_checks_and_areas(desk, visit):
    ma, tang = visit("ma"), visit("tang")
    assert "今天还没有确认仪表" in ma.get("/reception/").content.decode()
    assert (
        "还没有确认" in ma.post("/reception/shift/", {"act": "appearance", "items": "dress"}).content.decode()
    )
    ma.post(
        "/reception/shift/", {"act": "appearance", "items": ["dress", "badge", "hair", "hands", "spirit"]}
    )
    check = ShiftCheck.objects.get()
    tang.post("/reception/shift/", {"act": "spot", "check": check.pk, "good": "1"})
    ma.post("/reception/shift/", {"act": "area", "area": "洽谈区", "tidy": "0", "note": "收走杯子"})

    check.refresh_from_db()
    assert (check.spot_by, check.spot_good) == (desk.house.tang, True)
    assert AreaCheck.objects.get().note == "收走杯子"
    assert "收走杯子" in ma.get("/reception/shift/").content.decode()


@pytest.mark.clause("C-2-3", "D-1-f", "A-3.2-a", "A-3.2-d", "A-3.1-b", "A-3.1-a")
def test_the_customers_file_shows_the_relationship_and_every_contact(desk, visit):
    at = timezone.now() - timedelta(hours=2)
    ma, page = visit("ma"), f"/customers/{desk.owner.pk}/"
    assert "久未联系" in ma.get(page).content.decode()

    case = desk.receive(at=at)
    assert "正在办理" in ma.get(page).content.decode()
    desk.take(case, "hand_on", at=at, to="complaint")
    text = ma.get(page).content.decode()
    assert "需要关注" in text
    assert "其中投诉 1 件" in text
    assert f"?customer={desk.owner.pk}&amp;source=agent" in text
    ma.post(f"{page}file/", {"act": "mark", "important": "先打女儿电话", "preferred": "wechat"})
    ma.post(f"{page}file/", {"act": "contact", "kind": "phone", "value": "19900004444", "remark": "女儿"})
    ma.post(f"{page}file/", {"act": "contacted", "channel": "call", "reached": "0", "summary": "无人接听"})
    ma.post(f"{page}file/", {"act": "plan", "due": "2027-01-05", "subject": "入住问候"})
    care = CareContact.objects.get()
    ma.post(f"{page}file/", {"act": "care", "care": care.pk, "reached": "1", "outcome": "都好"})
    text = ma.get(page).content.decode()
    for words in ("先打女儿电话", "希望用", "女儿", "无人接听", "入住问候", "都好"):
        assert words in text, words
    assert ContactRecord.objects.filter(customer=desk.owner).count() == 3
    assert visit("jiang").post(f"{page}file/", {"act": "mark", "important": "x"}).status_code == 403


def test_two_failed_calls_flag_the_customer_on_the_intake_page(desk, visit):
    for _ in range(2):
        record_contact(
            customer=desk.owner, channel="call", summary="无人接听", outward=True, reached=False, by=desk.house.ma,
            at=timezone.now(),
        )  # fmt: skip

    page = visit("ma").get(f"{NEW}?phone={PHONE}&customer={desk.owner.pk}").content.decode()
    assert "最近两次都没有联系上" in page


def test_the_parts_that_follow_the_typing_come_alone(desk, visit):
    answer = visit("ma").post(
        "/reception/side/", {"words": "飘窗漏水，插座也湿了", "phone": PHONE, "channel": "call"}
    )
    page = answer.content.decode()

    assert "质量／渗漏／外窗飘窗" in page
    assert "水到插座了吗" in page
    assert "客户说到「插座」：可能有危险，请选「紧急」" in page
    assert "<html" not in page


def test_a_ticket_that_came_before_is_told_while_its_number_is_typed(desk, visit):
    first = desk.receive(
        channel="ticket", external_number="SH-7", external_due_at=timezone.now() + timedelta(days=3)
    )

    answer = visit("ma").post("/reception/side/", {"channel": "ticket", "external_number": "SH-7"})

    assert "这张工单登记过" in answer.content.decode()
    assert first.number in answer.content.decode()
    # Its own page names what is lacking, with the way there.
    page = visit("ma").get(f"/reception/{first.number}/").content.decode()
    assert "外部工单还没有回复" in page
    assert reverse("web:step", args=[first.number, "return_ticket"]) in page


def test_a_customer_of_another_company_is_never_shown(desk, visit):
    other = Company.objects.exclude(pk=desk.house.project.company_id).first()
    Customer.objects.filter(pk=desk.owner.pk).update(company=other)

    page = visit("ma").get(f"{NEW}?customer={desk.owner.pk}").content.decode()
    assert "许文静" not in page


def test_the_api_opens_a_reception_and_takes_its_steps(desk):
    _, secret = make_token(person=desk.house.ma, by=None, at=timezone.now())
    client = Client(headers={"authorization": f"Bearer {secret}"})
    given = {"channel": "call", "kind": "repair", "words": "漏水", "need": "来修", "phone": PHONE}
    answer = client.post(
        "/api/v1/cases", {"process": "reception", "unit": desk.unit.pk, "given": given}, content_type="application/json"
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    whole = answer.json()
    assert (whole["process"], whole["state"]) == ("reception", "received")
    assert desk.row(Case.objects.get(number=whole["number"])).unit == desk.unit
    handed = client.post(
        f"/api/v1/cases/{whole['number']}/steps/hand_on",
        {"version": whole["version"], "given": {"to": "after_sales"}}, content_type="application/json",
    )  # fmt: skip
    assert (handed.status_code, handed.json()["state"]) == (200, "handed")


@pytest.mark.clause("C-3.1-c", "C-3.1-f")
def test_a_customer_leaves_a_message_online_and_it_is_a_case_with_its_number_at_once(desk, visit):
    page = f"/o/message/{desk.house.project.code}/"
    stranger = Client()
    assert "云栖里一期在线留言" in stranger.get(page).content.decode()
    sent = {
        "key": str(uuid4()), "kind": "repair", "words": "厨房水槽下面漏水", "name": "许女士", "phone": "199 0000 9999",
        "room": "1-1-1502",
    }  # fmt: skip
    wrong = stranger.post(page, sent | {"phone": "12", "words": ""})
    assert wrong.status_code == 422
    assert "请填能打通的电话号码" in wrong.content.decode() or "必填" in wrong.content.decode()
    assert "许女士" in wrong.content.decode()

    first = stranger.post(page, sent).content.decode()
    second = stranger.post(page, sent).content.decode()

    case = Case.objects.get(process="reception")
    assert case.number in first
    assert case.number in second
    row = desk.row(case)
    assert (row.channel, row.unit, row.owner, row.identity) == (
        "online",
        desk.house.units[1],
        None,
        "unknown",
    )
    assert row.need == "尽快上门维修"
    assert set(desk.clocks(case)) == {"reply", "finish"}
    # It stands in the inbox until somebody opened it, and then says who.
    item = Incoming.objects.get()
    ma = visit("ma")
    assert "未读" in ma.get("/reception/inbox/").content.decode()
    assert case.number in ma.get(f"/reception/inbox/{item.pk}/").content.decode()
    item.refresh_from_db()
    assert item.opened_by == desk.house.ma
    assert "家里有地方要修" not in ma.get("/reception/inbox/").content.decode()


def test_machines_and_unknown_projects_leave_no_message(desk):
    stranger, page = Client(), f"/o/message/{desk.house.project.code}/"
    sent = {"key": str(uuid4()), "kind": "inquiry", "words": "买药", "name": "x", "phone": "19900000000"}

    assert stranger.post(page, sent | {"website": "http://x"}).status_code == 429
    assert stranger.get("/o/message/NOPE/").status_code == 404
    assert not Incoming.objects.exists()


def test_the_story_of_a_reception_names_the_customer_the_room_and_the_category(desk, visit):
    case = desk.receive(category="door_window")
    row = desk.row(case)

    story = visit("ma").get(f"/cases/{case.number}/").content.decode()
    hidden = visit("jiang").get(f"/cases/{case.number}/").content.decode()

    said = story[story.index("看填写内容") :]
    for words in (row.customer.name, row.unit.label, "质量／门窗五金"):
        assert f"<dd>{words}</dd>" in said, words
    assert "door_window" not in said
    assert row.customer.name not in hidden


@pytest.mark.clause("E-1.1-d", "F-1-c")
def test_words_of_the_goods_trade_are_told_in_what_they_stand_for_in_a_home(desk, visit):
    said = {"channel": "call", "words": "新风机坏了两次，要求更换，不行就退货"}

    aside = visit("ma").post("/reception/side/", said).content.decode()

    for words in ("「退货」，对应<b>退房</b>", "「更换」，对应<b>更换设备</b>", "须另行审批"):
        assert words in aside, words
    assert "对应<b>" not in visit("ma").post("/reception/side/", {"words": "漏水"}).content.decode()


@pytest.mark.clause("B-3.1-e")
def test_the_register_of_a_day_prints_one_row_a_visit(desk, visit):
    first = desk.receive(channel="visit", purpose="谈方案", area="洽谈区", repeated_back=True)
    desk.take(first, "answer", answer="已说明保修范围")
    second = desk.receive(kind="complaint")
    desk.take(second, "hand_on", to="complaint")
    day = first.opened_at.astimezone(ZONE).date()

    answer = visit("ma").get("/reception/paper/", {"day": day.isoformat()})
    masked = visit("jiang").get("/reception/paper/", {"day": day.isoformat()})

    page, hidden = (
        "".join("".join(p.extract_text() for p in PdfReader(BytesIO(a.content)).pages).split()) for a in (answer, masked)
    )  # fmt: skip
    assert answer["Content-Type"] == "application/pdf"
    for words in (
        "业户接待登记表",
        "KF-BD-09",
        first.number,
        "已说明保修范围",
        "来访",
        "共2件",
        second.number,
        desk.row(second).handed_to,
    ):
        assert words in page, words
    # To whom it was handed stands beside the number of the case it became.
    taker = Complaint.objects.get(case__number=desk.row(second).handed_to).handler
    assert taker is not None
    assert desk.row(second).handed_to + taker.name in page
    assert "已说明保修范围" not in hidden
    assert Event.objects.filter(step="desk.reception_log").count() == 2
    assert "/reception/paper/" in visit("ma").get("/reception/").content.decode()


@pytest.mark.clause("A-1.1-a")
def test_the_visitor_judges_how_warm_and_friendly_the_receiving_agent_was(desk):
    case = desk.receive(channel="visit", purpose="谈方案", area="洽谈区", repeated_back=True)
    desk.take(case, "answer", answer="已说明")
    asked = {item.code: item.measures for item in surveys.items_for("reception")}
    assert asked["warmth"].startswith("热情")
    assert asked["attitude"].startswith("友好")

    rating = surveys.rate(
        case=case, score=5, solved=True, items={"warmth": 5, "attitude": 4}, words="", source="phone", by=desk.house.wu,
        at=timezone.now(),
    )  # fmt: skip

    assert (rating.served_by, rating.items) == (desk.house.ma, {"warmth": 5, "attitude": 4})


def test_the_step_of_handing_on_begins_with_what_is_known(desk, visit):
    case = desk.receive(kind="complaint", urgency="emergency")

    page = visit("ma").get(f"/cases/{case.number}/steps/hand_on/").content.decode()

    assert 'value="complaint" checked' in page
    assert 'value="emergency" checked' in page
    assert "外墙和窗边防渗漏" in page
