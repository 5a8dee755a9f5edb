"""The pages of complaints, read and posted without script."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.papers.models import Attachment
from guiju.quality import surveys
from guiju.quality.models import Complaint, ComplaintClerk
from tests.stories.conftest import PNG, House


def post(client, **given):
    return client.post(
        reverse("web:complaint_new"),
        {"words": "前台没人回电话", "quality_is": "no", "channel": "visit", **given},
    )


def test_a_complaint_is_recorded_on_the_page_with_nothing_but_the_words(house: House, visit):
    page = visit("ma").post(reverse("web:complaint_new"), {"words": "前台没人回电话"})

    row = Complaint.objects.get()
    assert page.status_code == 302
    assert page.url == reverse("web:case", args=[row.case.number])
    assert (row.words, row.quality, row.cause, row.handler) == ("前台没人回电话", None, "delay", house.ma)


def test_without_words_the_field_says_so_and_what_was_typed_stays(house: House, visit):
    page = visit("ma").post(reverse("web:complaint_new"), {"words": "", "complainant": "苏清越"})

    assert page.status_code == 422
    assert "苏清越" in page.content.decode()
    assert "投诉内容" in page.content.decode()
    assert not Case.objects.filter(process="complaint").exists()


@pytest.mark.clause("A-4.1-a")
def test_the_page_shows_the_courtesy_guide_and_the_apology_and_the_review_scores_modesty(house: House, visit):
    text = visit("ma").get(reverse("web:complaint_new")).content.decode()

    assert "接待礼仪" in text
    assert "不打断、不争辩、不推给别的部门" in text
    assert "给您添麻烦了，我先向您道歉" in text
    asked = {item.code: item.asks for item in surveys.items_for("complaint")}
    assert asked["modesty"] == "处理投诉的人态度谦和吗？"


@pytest.mark.clause("K-2.1-f")
def test_the_rating_of_a_complaint_asks_about_warmth_and_politeness_of_who_received_it(house: House):
    asked = {item.code: item.asks for item in surveys.items_for("complaint")}

    assert asked["warmth"] == "接待您的人热情、礼貌、周到吗？"


def test_the_earlier_complaints_of_the_home_stand_beside_the_form(house: House, visit):
    client, unit = visit("ma"), house.units[0]
    found = client.get(reverse("web:complaint_new"), {"room": "1501"}).content.decode()
    assert f"?unit={unit.pk}" in found
    post(client, unit=unit.pk)

    text = client.get(reverse("web:complaint_new"), {"unit": unit.pk}).content.decode()

    number = Complaint.objects.get().case.number
    assert f"repeat_of={number}" in text


def test_a_ticket_that_is_known_is_shown_before_and_named_after_recording(house: House, visit):
    client = visit("ma")
    post(client, channel="ticket", ticket="SH-7")
    first = Complaint.objects.get()

    shown = client.get(reverse("web:complaint_new"), {"room": "SH-7"}).content.decode()
    assert "这张工单已经登记过" in shown
    assert first.case.number in shown
    again = client.post(
        reverse("web:complaint_new"),
        {"words": "还是太吵", "channel": "ticket", "ticket": "SH-7"},
        follow=True,
    )
    assert f"工单 SH-7 已登记为 {first.case.number}，还在处理，已并入" in again.content.decode()


def test_the_list_shows_what_waits_and_the_record_everything_on_one_page(house: House, visit):
    client = visit("wu")
    post(client, unit=house.units[0].pk, upset="on")
    case = Case.objects.get(process="complaint")

    listed = client.get(reverse("web:complaints")).content.decode()
    assert case.number in listed
    for tab in ("mine", "hand_over", "quality", "site", "hand_in", "grave", "second", "left", "history"):
        assert client.get(reverse("web:complaints"), {"tab": tab}).status_code == 200
    record = client.get(reverse("web:record", args=[case.number])).content.decode()
    assert "顾客投诉及处理记录表" in record
    assert "前台没人回电话" in record
    assert (
        reverse("web:record", args=[case.number])
        in client.get(reverse("web:case", args=[case.number])).content.decode()
    )


def test_the_auditor_sees_no_names_phones_and_words(house: House, visit):
    post(visit("ma"), complainant="苏清越", phone="19900001111")
    case = Case.objects.get(process="complaint")

    text = visit("jiang").get(reverse("web:record", args=[case.number])).content.decode()

    assert "苏清越" not in text
    assert "19900001111" not in text


def test_only_those_in_charge_name_the_person_for_quality_complaints(house: House, visit):
    refused = visit("ma").post(reverse("web:complaint_clerk"), {"person": "吴敏"})
    assert refused.status_code == 403
    visit("zhou").post(reverse("web:complaint_clerk"), {"person": "吴敏"})
    visit("zhou").post(reverse("web:complaint_clerk"), {"person": "ma"})
    assert visit("zhou").post(reverse("web:complaint_clerk"), {"person": "lin"}).status_code == 422

    rows = ComplaintClerk.objects.order_by("pk")
    assert [(row.person.username, row.until_at is None) for row in rows] == [("wu", False), ("ma", True)]


def test_repeats_and_causes_have_a_page(house: House, visit):
    client = visit("zhou")
    post(client, unit=house.units[0].pk)
    post(client, unit=house.units[0].pk)

    text = client.get(reverse("web:complaint_repeats")).content.decode()

    assert "同一房屋同一事由" in text
    assert "办理拖延、不回复" in text


def test_memo_dispute_compensation_and_contractors_work_begin_on_a_page(house: House, visit):
    client = visit("wu")
    post(client, unit=house.units[0].pk)
    number = Case.objects.get(process="complaint").number
    for process in ("internal_memo", "corrective_action", "dispute", "compensation", "contractor_work"):
        page = client.get(reverse("web:complaint_begin", args=[process]), {"source": number})
        assert page.status_code == 200
    address = reverse("web:complaint_begin", args=["compensation"]) + f"?source={number}"
    wrong = client.post(
        address, {"payee": "苏清越", "ground": "泡坏地板", "amount": "不知道", "source": number}
    )
    assert wrong.status_code == 422
    assert "泡坏地板" in wrong.content.decode()
    done = client.post(address, {"payee": "苏清越", "ground": "泡坏地板", "amount": "3200", "source": number})

    opened = Case.objects.get(process="compensation")
    assert done.url == reverse("web:case", args=[opened.number])
    assert opened.compensation.source.number == number
    assert opened.compensation.unit == house.units[0]


@pytest.mark.clause("I-2.8-c")
def test_three_homes_of_a_building_with_one_cause_in_thirty_days_are_suggested_as_a_group(
    house: House, visit
):
    now = timezone.now()

    def complain(unit: int, days: int) -> Case:
        said = {
            "words": "飘窗渗水",
            "cause": "seepage",
            "quality": True,
            "reported_at": now - timedelta(days=days),
        }
        event = engine.open_case(
            "complaint", by=house.ma, at=now, given=said, chain_id=house.project.company_id, scope_id=house.project.pk,
            links=[("unit", house.units[unit].pk)],
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    def page(case: Case, who: str = "wu") -> str:
        return visit(who).get(reverse("web:record", args=[case.number])).content.decode()

    old, first, second = complain(3, 40), complain(0, 20), complain(1, 3)
    complain(1, 2)
    # Two homes within the thirty days; the third spoke 37 days before the second.
    assert "像是同一原因" not in page(second)
    third = complain(2, 1)
    text = page(third)
    assert "30 日之内有 3 户反映" in text
    assert "建议并入" in text
    assert "并案处理" not in page(third, "jiang")
    # The board says it, too, with the button; so does the page of the next call about the same, before anything is saved.
    board = visit("wu").get(reverse("web:complaints")).content.decode()
    assert reverse("web:complaint_group", args=[first.number]) in board
    assert "并案处理" in board
    assert "像是同一原因" not in visit("jiang").get(reverse("web:complaints")).content.decode()
    heard = {"unit": house.units[3].pk, "words": "飘窗渗水", "kind": "complaint"}
    asked = visit("ma").post(reverse("web:reception_side"), heard).content.decode()
    assert "30 日之内还有 3 户反映" in asked
    elsewhere = {**heard, "words": "电梯吵"}
    assert "户反映" not in visit("ma").post(reverse("web:reception_side"), elsewhere).content.decode()

    done = visit("wu").post(reverse("web:complaint_group", args=[third.number]))

    assert done.url == reverse("web:record", args=[first.number])
    parents = dict(Complaint.objects.values_list("case__number", "parent__case__number"))
    assert (parents[second.number], parents[third.number]) == (first.number, first.number)
    assert (parents[first.number], parents[old.number]) == (None, None)
    assert Complaint.objects.get(case=first).level == "L3"
    assert "像是同一原因" not in page(first)


@pytest.mark.clause("I-2.8-d", "K-2.6-a")
def test_replies_that_are_overdue_and_records_not_handed_in_are_lists_of_their_own(house: House, visit):
    now = timezone.now()
    numbers = []
    for days, state in ((10, "recorded"), (10, "confirmed"), (0, "recorded")):
        event = engine.open_case(
            "complaint", by=house.ma, at=now - timedelta(days=days), given={"words": f"{days} 天前说的", "quality": False},
            chain_id=house.project.company_id, scope_id=house.project.pk,
        )  # fmt: skip
        Case.objects.filter(pk=event.case_id).update(state=state)
        numbers.append(Case.objects.get(pk=event.case_id).number)

    def listed(tab: str) -> list[str]:
        text = visit("zhou").get(reverse("web:complaints"), {"tab": tab}).content.decode()
        return [number for number in numbers if number in text]

    assert listed("unanswered") == numbers[:2]
    assert listed("hand_in") == numbers[1:2]
    assert listed("open") == numbers


def test_a_file_that_cannot_be_taken_is_named_and_nothing_typed_is_lost(house: House, visit):
    said = "昨晚又漏了😡，𠮷野家楼上"
    typed = {"words": said, "complainant": "𠮷田", "quality_is": "yes"}
    program = SimpleUploadedFile("病毒.exe", b"MZ\x90 program", "application/x-msdownload")
    picture = SimpleUploadedFile("现场.png", PNG, "image/png")

    refused = visit("ma").post(reverse("web:complaint_new"), {**typed, "letters": [program, picture]})

    text = refused.content.decode()
    assert refused.status_code == 422
    for words in ("「病毒.exe」这种文件不能上传", said, "𠮷田", "你填的都还在"):
        assert words in text, words
    # The file that could be taken stays with the page; nothing was recorded.
    assert Attachment.objects.filter(sha256=house.scan).exists()
    assert house.scan in text
    assert not Case.objects.filter(process="complaint").exists()

    number = Case.objects.get(pk=engine.open_case(
        "complaint", by=house.ma, at=timezone.now(), given={"words": said, "quality": True},
        chain_id=house.project.company_id, scope_id=house.project.pk,
    ).case_id).number  # fmt: skip
    page = reverse("web:step", args=[number, "plan"])
    again = SimpleUploadedFile("空.png", b"", "image/png")
    broken = SimpleUploadedFile("坏.jpg", b"\xff\xd8\xff\xe0 cut off", "image/jpeg")
    visit("wu").post(page, {"situation": "渗水", "plan": "查渗漏点"})
    page = reverse("web:step", args=[number, "hand_over"])
    wrong = visit("wu").post(page, {"note": "函件两份", "letters": [again, broken]})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    for words in ("「空.png」文件是空的", "「坏.jpg」图片打不开", "函件两份"):
        assert words in text, words
