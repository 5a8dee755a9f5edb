"""Pages of notices, seen by those who work with them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guiju.customers.models import Customer
from guiju.customers.notices import recipient
from guiju.kernel.models import CaseLink, Event
from guiju.notify import links, outbox, sending
from guiju.notify.models import Channel, Letter, Manner, Message, SmsFiling, Wording
from guiju.notify.operations.letters import print_letter

State = Message.State


@pytest.fixture
def case(house, ago):
    made = house.lock(at=ago)
    customer = Customer.objects.create(
        company=house.project.company,
        name="苏清越",
        phone="19900001111",
        address="示范市梧桐巷 3 号",
        recorded_at=ago,
    )
    CaseLink.objects.create(case=made, kind="customer", key=customer.pk)
    return made


@pytest.fixture
def su(case):
    return Customer.objects.get(name="苏清越")


def tell(case, su, **more):
    values = {"name": su.name, "title": "厨房渗水", "number": case.number, "words": "明天上门。", "link": "…"}
    return outbox.send(
        to=recipient(su), values=values, case=case, at=timezone.now() - timedelta(minutes=1),
        **({"template": "inform"} | more),
    )  # fmt: skip


def tomorrow_noon():
    """12:00 in Beijing: no quiet hours, and later than whatever was written today."""
    return (timezone.now() + timedelta(days=1)).replace(hour=4)


def text(answer):
    return answer.content.decode()


def test_a_message_is_written_checked_by_another_and_seen_in_the_outbox(house, visit, case, su):
    clerk, manager = visit("wu"), visit("zhou")

    written = clerk.post(
        f"/cases/{case.number}/notices/new/", {"template": "inform", "words": "明天上午上门。"}
    )
    message = Message.objects.get(template="inform")
    own = clerk.get(f"/notices/{message.pk}/")
    passed = manager.post(f"/notices/{message.pk}/act/", {"act": "pass"})

    assert (written.status_code, passed.status_code) == (302, 302)
    assert "自己写的由另一位复核" in text(own)
    message.refresh_from_db()
    assert (message.state, message.checked_by) == (State.WAITING, house.people["zhou"])
    assert "明天上午上门。" in text(manager.get("/notices/?tab=waiting"))


def test_without_a_gateway_the_outbox_shows_what_would_have_been_sent(visit, case, su):
    message = tell(case, su, template="opinion", channels=("sms",))
    sending.deliver_due(tomorrow_noon())

    page = text(visit("wu").get("/notices/?tab=shown"))

    assert "本来会发出的内容" in page
    assert "想听取您的意见" in page
    message.refresh_from_db()
    assert message.state == State.UNCONNECTED


def test_who_needs_no_personal_data_sees_no_names_and_no_words(visit, case, su):
    tell(case, su)

    page = text(visit("admin").get("/notices/?tab=all"))

    assert "苏清越" not in page
    assert "明天上门" not in page


def test_a_stranger_to_the_project_finds_no_message(house, visit, case, su):
    message = tell(case, su)
    house.people["lin"].holdings.all().delete()

    assert visit("lin").get(f"/notices/{message.pk}/").status_code == 404


def test_a_communication_is_recorded_for_a_case_and_listed_by_customer(visit, case, su):
    clerk = visit("wu")
    form = clerk.get(f"/notices/record/?case={case.number}")
    given = {
        "channel": "fax", "purpose": "opinion", "name": "苏清越", "phone": "0755-86000000", "words": "传真了方案。",
        "answer": "同意",
    }  # fmt: skip
    saved = clerk.post(f"/notices/record/?case={case.number}", given)
    empty = clerk.post(f"/notices/record/?case={case.number}", {**given, "words": ""})

    assert 'value="苏清越"' in text(form)
    assert saved.status_code == 302
    assert (empty.status_code, "同意" in text(empty)) == (422, True)
    register = text(clerk.get(f"/notices/?tab=all&customer={su.pk}"))
    assert "传真了方案。" in register
    assert "传真" in register


def test_a_letter_goes_through_its_register(house, visit, case, su):
    clerk = visit("wu")
    tell(case, su, template="opinion", channels=("letter",))
    sending.deliver_due(tomorrow_noon())
    letter = Letter.objects.get()

    printed = clerk.post(f"/notices/letters/{letter.pk}/print/")
    posted = clerk.post(f"/notices/letters/{letter.pk}/post/", {"carrier": "EMS", "tracking": "EX123"})
    page = text(clerk.get("/notices/letters/"))
    returned = clerk.post(f"/notices/letters/{letter.pk}/return/", {"reason": "查无此人"})

    assert (printed["Content-Type"], printed.content[:4]) == ("application/pdf", b"%PDF")
    assert (posted.status_code, returned.status_code) == (302, 302)
    assert "EX123" in page
    assert "登记签收" in page
    assert "没有送到" in text(clerk.get("/notices/?tab=dead"))
    assert clerk.get(f"/notices/letters/{letter.pk}/fly/").status_code == 404


@pytest.mark.clause("E-4.4-a")
def test_who_needs_no_personal_data_reaches_no_customer_and_prints_no_letter(visit, case, su):
    message = tell(case, su, template="opinion", channels=("letter",))
    sending.deliver_due(tomorrow_noon())
    letter = Letter.objects.get()
    Letter.objects.filter(pk=letter.pk).update(received_by_name="苏清越")

    for who in ("jiang", "admin"):
        client = visit(who)
        for page in (f"/notices/record/?case={case.number}", f"/cases/{case.number}/notices/new/"):
            answer = client.get(page)
            assert (answer.status_code, "苏清越" in text(answer), "19900001111" in text(answer)) == (
                403,
                False,
                False,
            )
        assert client.post(f"/notices/letters/{letter.pk}/print/").status_code == 403
        assert (
            client.post(
                f"/notices/letters/{letter.pk}/post/", {"carrier": "EMS", "tracking": "EX123"}
            ).status_code
            == 403
        )
        assert client.post(f"/notices/{message.pk}/act/", {"act": "stop"}).status_code == 403
        assert "苏清越" not in text(client.get("/notices/letters/"))
    letter.refresh_from_db()
    assert (letter.printed_at, letter.posted_at) == (None, None)


def test_the_template_page_previews_and_takes_a_version(visit, case):
    clerk, manager = visit("wu"), visit("zhou")

    shelf = clerk.get("/notices/templates/")
    page = clerk.get("/notices/templates/inform/")
    bad = clerk.post("/notices/templates/inform/", {"text": "您好 {secret}，谢谢。", "channels": ["sms"]})
    good = clerk.post(
        "/notices/templates/inform/", {"text": "您好 {name}：{words}谢谢。", "channels": ["sms"]}
    )
    approved = manager.post("/notices/templates/inform/1/", {"decision": "approve"})

    assert (shelf.status_code, page.status_code) == (200, 200)
    assert "尊敬的苏清越" in text(page)
    assert (bad.status_code, "secret" in text(bad)) == (422, True)
    assert (good.status_code, approved.status_code) == (302, 302)
    assert Wording.objects.get().approved_at is not None


def test_the_administrator_sets_channels_and_others_see_no_form(house, visit):
    admin, clerk = visit("admin"), visit("wu")

    seen = clerk.get("/notices/channels/")
    closed = clerk.get("/notices/channels/sms/")
    wrong = admin.post("/notices/channels/sms/", {"url": "http://sms.example.com", "on": "1"})
    saved = admin.post(
        "/notices/channels/sms/", {"url": "https://sms.example.com/send", "token": "geheim", "on": "1"}
    )
    quiet = admin.post("/notices/channels/", {"part": "quiet", "q.starts": "22:00", "q.ends": "07:30"})
    more = admin.post("/notices/channels/", {"part": "channel", "c.code": "wechat", "c.name": "微信"})
    filed = admin.post(
        "/notices/channels/",
        {
            "part": "filing", "f.kind": "notice", "f.template": "", "f.version": "0", "f.text": "示范置业",
            "f.state": "filed", "f.number": "Q1",
        },
    )  # fmt: skip
    reach = admin.post(
        "/notices/channels/",
        {
            "part": "reach",
            "r.person": str(house.people["wu"].pk),
            "r.way": "wecom",
            "r.address": "wu",
            "r.order": "1",
        },
    )

    assert (seen.status_code, closed.status_code, wrong.status_code) == (200, 403, 422)
    assert [a.status_code for a in (saved, quiet, more, filed, reach)] == [302] * 5
    assert Manner.objects.get().quiet_starts.hour == 22
    assert Channel.objects.filter(code="wechat").exists()
    assert SmsFiling.objects.get().text == "示范置业"
    assert "geheim" not in text(admin.get("/notices/channels/sms/"))
    assert house.people["wu"].reaches.get().address == "wu"


def test_the_case_shows_its_links_and_one_is_withdrawn(house, visit, case):
    now = timezone.now()
    link = links.make(
        purpose="reply",
        case=case,
        subject={},
        phone="19900001111",
        expires_at=now + timedelta(days=1),
        at=now,
    )
    clerk = visit("wu")

    page = text(clerk.get(f"/cases/{case.number}/notices/"))
    clerk.post(f"/cases/{case.number}/links/{link.pk}/withdraw/")

    assert "客户回复" in page
    assert link.token not in page
    link.refresh_from_db()
    assert link.withdrawn_by == house.people["wu"]


def test_the_evidence_pack_is_one_button_on_the_case(house, visit, case):
    manager = visit("zhou")

    page = text(manager.get(f"/cases/{case.number}/"))
    answer = manager.post(f"/cases/{case.number}/evidence/")

    assert "证据包" in page
    assert (answer["Content-Type"], answer.content[:2]) == ("application/zip", b"PK")
    assert Event.objects.filter(case=case, step="evidence").count() == 1
    assert visit("admin").post(f"/cases/{case.number}/evidence/").status_code == 403


def test_ones_own_reminders_are_read_once(house, visit, case):
    wu = house.people["wu"]
    outbox.send(
        template="clock.due", to=outbox.Recipient.person(wu), case=case, at=timezone.now() - timedelta(minutes=1),
        values={"number": case.number, "title": "认购", "clock": "交定金", "due": "11-20 18:00"},
    )  # fmt: skip
    sending.deliver_due(timezone.now())
    clerk = visit("wu")

    before = text(clerk.get("/notices/mine/"))
    clerk.post("/notices/mine/read/")

    assert "未读" in before
    assert "未读" not in text(clerk.get("/notices/mine/"))
    assert "请立即办理" not in text(visit("lin").get("/notices/mine/"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_outbox_asks_the_same_questions_for_any_number_of_rows(
    django_assert_max_num_queries, visit, case, su, count
):
    for _ in range(count):
        tell(case, su)
    clerk = visit("wu")
    clerk.get("/notices/?tab=all")

    with django_assert_max_num_queries(32):
        assert clerk.get("/notices/?tab=all").status_code == 200


def test_a_printed_letter_says_what_was_written(house, case, su):
    from pypdf import PdfReader

    tell(case, su, template="opinion", channels=("letter",))
    sending.deliver_due(tomorrow_noon())
    letter = print_letter(letter=Letter.objects.get(), by=house.people["wu"], at=timezone.now())

    import io

    page = PdfReader(io.BytesIO(letter.paper.file.read())).pages[0].extract_text()
    assert "苏清越" in page
    assert letter.number in page


def test_the_story_of_a_case_speaks_of_communications_and_clocks_in_words(house, visit, case, su):
    from guiju.kernel import clocks
    from guiju.notify.operations.register import record

    record(
        channel="telephone", to=recipient(su), words="告知明天上门。", answer="好的", case=case, by=house.people["wu"],
        at=timezone.now(),
    )  # fmt: skip
    clocks.sweep(timezone.now() + timedelta(days=3))

    page = text(visit("zhou").get(f"/cases/{case.number}/"))

    assert "与客户沟通（电话）" in page
    assert "对方意见：好的" in page
    assert "时限已到" in page
    assert "notice:" not in page
    assert "clock:" not in page
