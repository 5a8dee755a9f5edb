"""Operating standards on the pages: read, revised by three people, published, and what a running case makes of it."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guiju.kernel.models import Event
from guiju.org.models import Department, Holding
from guiju.sop.models import Document, Reading, ScopeValue, Suggestion, Version
from guiju.sop.operations import note_reading
from tests.web.test_pages import words

CODE = "KF-ZY-01"


def url(name, *rest, code=CODE):
    return reverse(f"web:{name}", args=[code, *rest])


def fields(page: str, form: str = "ask-form") -> dict[str, list[str]]:
    """What a browser would send of a form as it stands: names with their values."""
    body = re.search(rf'<form[^>]*id="{form}".*?</form>', page, re.S)[0]
    body = re.sub(r"<template>.*?</template>", "", body, flags=re.S)
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        named = re.search(r'name="([^"]*)"', tag)
        kind = (re.search(r'type="([^"]*)"', tag) or ["", "text"])[1]
        if named and (kind not in ("checkbox", "radio") or " checked" in tag) and kind != "file":
            value = re.search(r'value="([^"]*)"', tag)
            sent.setdefault(named[1], []).append(html.unescape(value[1]) if value else "")
    for named, inner in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.S):
        sent.setdefault(named, []).append(html.unescape(inner))
    for named, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        sent.setdefault(named, []).append(chosen[1] if chosen else "")
    return sent


@pytest.fixture
def drafted(house, visit):
    """A new version that the signing supervisor drafted."""
    visit("deng").post(url("sop_draft"), {"change_note": "盖章前多看一眼", "size": "minor", "whose": "group"})
    return Version.objects.get(state="draft")


def change(client, part: str, name: str = "", **changed):
    """Open a part of the draft, change some fields, and send it."""
    place = url("sop_part", part, name) if name else url("sop_part", part)
    sent = fields(client.get(place).content.decode())
    sent.update({key: value if isinstance(value, list) else [value] for key, value in changed.items()})
    return client.post(place, {key: value for key, value in sent.items() if value != [None]})


def learn(version, house, *who):
    for one in who or house.people:
        note_reading(version, by=house.people[one], at=timezone.now())


# --- reading ----------------------------------------------------------------------------------------------------------
def test_the_library_shows_version_state_and_next_review(house, visit):
    page = words(visit("wu").get(reverse("web:sops")))

    for text in (CODE, "认购审批工作流程", "1.0", "2026-01-01", "2027-01-01", "要学习"):
        assert text in page


@pytest.mark.clause("G-2-a")
def test_the_library_names_processes_without_a_standard(house, visit):
    Document.objects.filter(process="unit_control").update(process="")

    page = words(visit("wu").get(reverse("web:sops")))

    assert "还没有作业标准书的流程" in page
    assert "销控登记" in page


@pytest.mark.clause("G-6-a", "G-6-e")
def test_the_library_lists_overdue_reviews_and_the_share_reviewed_in_time(house, visit):
    today = timezone.localdate()
    Document.objects.filter(next_review_date__lt=today).update(next_review_date=today + timedelta(days=90))
    Document.objects.filter(code=CODE).update(next_review_date=today - timedelta(days=1))

    page = words(visit("wu").get(reverse("web:sops") + "?tab=review"))

    assert "复审超期" in page
    assert "认购审批工作流程" in page
    assert "销售控制登记程序" not in page
    assert "28／29" in page
    assert "96.6 %" in page


@pytest.mark.clause("I-0-a", "I-0-b", "I-0-c", "I-0-d", "G-3-a")
def test_a_document_shows_control_block_purpose_steps_limits_forms_and_chart(house, visit):
    answer = visit("wu").get(url("sop"))
    page, text = answer.content.decode(), words(answer)

    for part in (
        "编制",
        "审核",
        "批准",
        "实施日期",
        "2026年1月1日",
        "目的",
        "适用范围",
        "相关表格",
        "房产认购书",
    ):
        assert part in text
    assert "在《认购书》上加盖合同章" in text
    assert "到期前 3 日" in text
    assert "不可放行" in text
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="flow"' in page
    assert "flowchart" in page
    assert not re.search(r"\s(style|on[a-z]+)=\"", page)


@pytest.mark.clause("I-0-e", "I-0-f")
def test_the_manual_opens_its_parts_and_the_documents_they_name(house, visit):
    page = visit("wu").get(url("sop", code="KF-SC-00")).content.decode()

    for title in ("第一部分 释义", "第四部分 职位说明书", "第六部分"):
        assert title in words(visit("wu").get(url("sop", code="KF-SC-00")))
    assert 'href="#part-1"' in page
    assert 'id="part-1"' in page
    assert f'href="{url("sop")}"' in page


def test_a_document_is_printed_as_pdf(house, visit):
    answer = visit("wu").get(url("sop_print"))

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.clause("G-4.1-a")
def test_reading_is_noted_with_person_and_time(house, visit):
    client = visit("wu")

    client.post(url("sop_read"), {"version": "1.0"})

    row = Reading.objects.get(person=house.wu)
    page = words(client.get(url("sop")))
    assert row.version.document.code == CODE
    assert "你已学习这一版" in page
    assert "吴敏 已阅读" in page


@pytest.mark.clause("G-4.1-b")
def test_training_is_recorded_with_the_result_of_a_test(house, visit):
    client = visit("zhou")

    answer = client.post(url("sop_training"), {"people.0.person": house.wu.pk, "people.0.score": "92"})

    row = Reading.objects.get(person=house.wu, kind="trained")
    assert answer.status_code == 302
    assert (row.trainer, row.score) == (house.zhou, 92)
    assert "92" in words(client.get(url("sop")))


def test_training_mistakes_stay_beside_their_fields(house, visit):
    answer = visit("zhou").post(
        url("sop_training"), {"people.0.person": house.wu.pk, "people.0.score": "120"}
    )

    assert answer.status_code == 422
    assert 'value="120"' in answer.content.decode()
    assert 'id="f-people-0-score-error"' in answer.content.decode()
    assert visit("wu").post(url("sop_training"), {"people.0.person": house.ma.pk}).status_code == 422


# --- revising ---------------------------------------------------------------------------------------------------------
@pytest.mark.clause("G-6-d")
def test_a_draft_begins_as_a_copy_with_its_change_note(house, visit, drafted):
    page = words(visit("deng").get(url("sop_edit")))

    assert drafted.number == "1.1"
    assert "盖章前多看一眼" in page
    assert "还没有改动" in page
    assert "加盖合同章" in page


def test_without_a_change_note_nothing_is_drafted(house, visit):
    answer = visit("deng").post(url("sop_draft"), {"change_note": "", "size": "minor", "whose": "group"})

    assert answer.status_code == 422
    assert 'id="f-change_note-error"' in answer.content.decode()
    assert not Version.objects.filter(state="draft").exists()


def test_only_posts_of_the_house_rule_draft(house, visit):
    answer = visit("lin").get(url("sop_draft"))

    assert answer.status_code == 403
    assert "客服经理" in words(answer)


def test_every_part_of_a_draft_can_be_saved_as_it_stands_without_a_change(house, visit, drafted):
    from guiju.web import sopforms

    client = visit("deng")
    for part in sopforms.parts(drafted.content):
        answer = change(client, part.kind, part.name)
        assert answer.status_code == 302, (part.key, words(answer))

    drafted.refresh_from_db()
    assert {**drafted.content, "control": 0} == {**drafted.based_on.content, "control": 0}


def test_words_posts_and_control_points_of_a_step_are_edited(house, visit, drafted):
    client = visit("deng")

    answer = change(
        client,
        "steps",
        "check_and_register",
        words="逐项核对后登记。",
        posts=["cs_clerk"],
        **{
            "points.2.label": "核对人已在登记表签字",
            "points.2.kind": "tick",
            "points.2.required": "1",
            "points.2.key": "",
        },
    )

    drafted.refresh_from_db()
    row = next(row for row in drafted.content["steps"] if row["step"] == "check_and_register")
    page = words(client.get(url("sop_edit")))
    assert answer.status_code == 302
    assert row["words"] == "逐项核对后登记。"
    assert row["posts"] == ["cs_clerk"]
    assert [point["label"] for point in row["points"]][2] == "核对人已在登记表签字"
    assert "已改" in page
    assert "增加步骤「核对并登记」的控制要点「核对人已在登记表签字」" in page


def test_a_post_that_the_code_does_not_allow_is_not_offered(house, visit, drafted):
    page = visit("deng").get(url("sop_part", "steps", "seal")).content.decode()

    assert 'name="posts" value="seal_keeper"' in page
    assert 'name="posts" value="sales"' not in page


def test_a_control_point_is_taken_away(house, visit, drafted):
    client = visit("deng")
    page = client.get(url("sop_part", "steps", "seal")).content.decode()
    sent = {key: value for key, value in fields(page).items() if not key.startswith("points.0.")}

    client.post(url("sop_part", "steps", "seal"), sent)

    drafted.refresh_from_db()
    row = next(row for row in drafted.content["steps"] if row["step"] == "seal")
    assert "points" not in row


def test_limits_reminders_and_ladder_are_edited(house, visit, drafted):
    client = visit("deng")

    change(
        client,
        "clocks",
        "seal",
        limit="4 工作小时",
        remind="1 工作小时",
        **{"escalate.1.after": "1 日", "escalate.1.post": "cs_manager"},
    )

    drafted.refresh_from_db()
    row = next(row for row in drafted.content["clocks"] if row["clock"] == "seal")
    assert row["limit"] == "4 工作小时"
    assert row["remind"] == ["-1 工作小时"]
    assert row["escalate"][1] == {"after": "1 日", "post": "cs_manager"}


def test_a_limit_that_cannot_be_read_is_refused_beside_its_field(house, visit, drafted):
    answer = change(visit("deng"), "clocks", "seal", limit="很快")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="f-limit-error"' in page
    assert 'value="很快"' in page


def test_approval_chains_are_edited_with_conditions_in_words(house, visit, drafted):
    client = visit("deng")

    refused = change(client, "steps", "hand_in", **{"approval.0.value": ""})
    change(client, "steps", "hand_in", **{"approval.0.value": "1.5"})

    drafted.refresh_from_db()
    row = next(row for row in drafted.content["steps"] if row["step"] == "hand_in")
    assert refused.status_code == 422
    assert 'id="f-approval-0-value-error"' in refused.content.decode()
    assert row["approval"][0] == {"order": 1, "post": "deputy_gm", "when": "discount_percent > 1.5"}


def test_settings_are_edited_and_judged_by_their_range_beside_the_place(house, visit, drafted):
    client = visit("deng")

    change(client, "settings", extensions="9")
    page = words(client.get(url("sop_edit")))

    assert "9 高于上限 3" in page
    assert "1 处要改" in page


def test_a_draft_with_errors_is_not_handed_in_and_says_where(house, visit, drafted):
    client = visit("deng")
    change(client, "settings", extensions="9")

    answer = client.post(url("sop_act", "1.1", "submit"), {"from": "edit"})

    drafted.refresh_from_db()
    assert answer.status_code == 422
    assert "没有送审" in words(answer)
    assert drafted.state == "draft"


def test_a_limit_longer_than_the_law_allows_is_found(house, visit, drafted):
    client = visit("deng")
    change(client, "clocks", "lock", limit="2 小时")

    assert "超过了允许的最长期限 30 分钟" in words(client.get(url("sop_edit")))


def test_somebody_elses_change_meanwhile_is_noticed(house, visit, drafted):
    slow = visit("deng")
    sent = fields(slow.get(url("sop_part", "steps", "seal")).content.decode())
    change(visit("zhou"), "steps", "seal", words="另一个人先改了。")

    answer = slow.post(url("sop_part", "steps", "seal"), sent | {"words": ["我改的。"]})

    assert answer.status_code == 422
    assert "有人改过这一部分" in words(answer)
    assert "我改的。" in answer.content.decode()


def test_a_draft_is_edited_as_text_and_bad_text_is_kept(house, visit, drafted):
    client = visit("deng")
    sent = fields(client.get(url("sop_text")).content.decode())
    text = sent["text"][0].replace("锁定房源", "锁定房号", 1)

    broken = client.post(url("sop_text"), sent | {"text": ["steps: ["]})
    saved = client.post(url("sop_text"), sent | {"text": [text]})

    drafted.refresh_from_db()
    assert broken.status_code == 422
    assert "读不懂" in words(broken)
    assert saved.status_code == 302
    assert drafted.content["steps"][0]["label"] == "锁定房号"


@pytest.mark.clause("I-0-a", "I-0-b", "I-0-c", "I-0-d")
def test_three_people_draft_review_and_approve_and_a_fourth_act_publishes_from_a_date(house, visit, drafted):
    deng, zhou, sun = visit("deng"), visit("zhou"), visit("sun")
    change(deng, "steps", "seal", words="见财务签字，再看一遍编号，方可盖章。")
    deng.post(url("sop_act", "1.1", "submit"))
    own = deng.post(url("sop_act", "1.1", "review"), {"review.opinion": ""})
    early = sun.post(url("sop_act", "1.1", "approve"), {"approve.opinion": ""})
    zhou.post(url("sop_act", "1.1", "review"), {"review.opinion": "可以"})
    again = zhou.post(url("sop_act", "1.1", "approve"), {"approve.opinion": ""})
    sun.post(url("sop_act", "1.1", "approve"), {"approve.opinion": "同意"})
    untrained = zhou.post(url("sop_act", "1.1", "publish"), {"publish.effective_date": timezone.localdate()})
    drafted.refresh_from_db()
    learn(drafted, house)
    past = zhou.post(url("sop_act", "1.1", "publish"), {"publish.effective_date": "2026-01-01"})
    done = zhou.post(url("sop_act", "1.1", "publish"), {"publish.effective_date": timezone.localdate()})

    drafted.refresh_from_db()
    page = words(zhou.get(url("sop")))
    assert own.status_code == early.status_code == again.status_code == 422
    assert "没有人阅读或参加培训" in words(untrained).replace("还没有人", "没有人")
    assert "不能早于今天" in words(past)
    assert done.status_code == 302
    assert drafted.state == "published"
    for text in ("邓宇", "周岚", "孙达", "再看一遍编号", "现行"):
        assert text in page


def test_a_returned_version_tells_its_drafter_why(house, visit, drafted):
    change(visit("deng"), "steps", "seal", words="改了一点。")
    visit("deng").post(url("sop_act", "1.1", "submit"))

    empty = visit("zhou").post(url("sop_act", "1.1", "send_back"), {"send_back.reason": ""})
    visit("zhou").post(url("sop_act", "1.1", "send_back"), {"send_back.reason": "岗位没写清"})

    assert empty.status_code == 422
    assert "退回原因 岗位没写清" in words(visit("deng").get(url("sop_edit")))


def test_what_waits_for_somebody_stands_on_the_library(house, visit, drafted):
    change(visit("deng"), "steps", "seal", words="改了一点。")
    visit("deng").post(url("sop_act", "1.1", "submit"))

    assert f"审核通过 {CODE} 1.1 版" in words(visit("zhou").get(reverse("web:sops")))
    assert f"审核通过 {CODE} 1.1 版" not in words(visit("deng").get(reverse("web:sops")))


def test_acts_that_are_not_for_this_person_are_locked_with_their_reason(house, visit, drafted):
    change(visit("deng"), "steps", "seal", words="改了一点。")
    visit("deng").post(url("sop_act", "1.1", "submit"))

    page = words(visit("lin").get(url("sop") + "?version=1.1"))

    assert "审核通过 须由" in page


def test_the_difference_of_two_versions_is_said_in_sentences(house, visit, drafted):
    change(visit("deng"), "clocks", "seal", limit="4 工作小时")

    page = words(visit("wu").get(url("sop_compare") + "?from=1.0&to=1.1"))

    assert "时限「盖章」的期限：「1 工作日」 → 「4 工作小时」" in page


# --- values -----------------------------------------------------------------------------------------------------------
def test_a_value_of_a_project_is_proposed_by_one_and_approved_by_another(house, visit):
    today = timezone.localdate()
    sent = {
        "path": "settings.extensions", "value": "1", "project": house.project.pk, "from_date": today, "reason": "本项目从严",
    }  # fmt: skip
    visit("deng").post(url("sop_values"), sent)
    row = ScopeValue.objects.get()

    own = words(visit("deng").get(url("sop_values")))
    visit("zhou").post(url("sop_value_approve", row.pk))

    row.refresh_from_db()
    page = words(visit("deng").get(url("sop_values")))
    assert "待批准" in own
    assert (row.value, row.approved_by) == (1, house.zhou)
    assert "执行中" in page
    assert house.project.name in page


def test_a_value_looser_than_the_law_is_refused_and_kept_on_the_form(house, visit):
    sent = {
        "path": "clocks.lock.limit",
        "value": "2 小时",
        "from_date": timezone.localdate(),
        "reason": "客户多",
    }

    answer = visit("deng").post(url("sop_values"), sent)

    assert answer.status_code == 422
    assert "超过了允许的最长期限" in words(answer)
    assert 'value="2 小时"' in answer.content.decode()
    assert not ScopeValue.objects.exists()


# --- suggestions ------------------------------------------------------------------------------------------------------
@pytest.mark.clause("G-6-b", "G-6-c", "G-6-d")
def test_anybody_suggests_and_the_head_of_the_department_decides_with_a_reason(house, visit):
    Department.objects.filter(name="客户服务部").update(head=house.zhou)
    visit("lin").post(url("sop_suggestions"), {"place": "步骤 9", "text": "盖章前请先核对身份证"})
    row = Suggestion.objects.get()

    other = visit("deng").post(
        url("sop_suggestion_decide", row.pk), {f"s{row.pk}.reason": "好", "decision": "accept"}
    )
    without = visit("zhou").post(
        url("sop_suggestion_decide", row.pk), {f"s{row.pk}.reason": "", "decision": "accept"}
    )
    visit("zhou").post(
        url("sop_suggestion_decide", row.pk), {f"s{row.pk}.reason": "有道理", "decision": "accept"}
    )

    row.refresh_from_db()
    page = words(visit("lin").get(url("sop_suggestions")))
    assert other.status_code == without.status_code == 422
    assert row.state == "accepted"
    assert row.led_to.number == "1.1"
    assert "周岚" in page
    assert "列入 1.1 版" in page


def test_a_suggestion_stands_on_the_library_for_the_head(house, visit):
    Department.objects.filter(name="客户服务部").update(head=house.zhou)
    visit("lin").post(url("sop_suggestions"), {"text": "盖章前请先核对身份证"})

    assert "由你处理" in words(visit("zhou").get(reverse("web:sops")))
    assert "由周岚处理" in words(visit("wu").get(reverse("web:sops")))


# --- a running case ---------------------------------------------------------------------------------------------------
@pytest.fixture
def published(house, visit, drafted):
    """Version 1.1 in force, with another limit for sealing."""
    change(visit("deng"), "clocks", "seal", limit="4 工作小时")
    visit("deng").post(url("sop_act", "1.1", "submit"))
    visit("zhou").post(url("sop_act", "1.1", "review"), {"review.opinion": ""})
    visit("sun").post(url("sop_act", "1.1", "approve"), {"approve.opinion": ""})
    drafted.refresh_from_db()
    learn(drafted, house)
    visit("zhou").post(url("sop_act", "1.1", "publish"), {"publish.effective_date": timezone.localdate()})
    drafted.refresh_from_db()
    assert drafted.state == "published"
    return drafted


def test_a_case_shows_its_chart_with_where_it_stands_and_who_did_what(house, visit, ago):
    case = house.handed_in(at=ago)

    answer = visit("gao").get(reverse("web:case_chart", args=[case.number]))

    assert "is-here" in answer.content.decode()
    assert "林晓雯" in answer.content.decode()
    assert "现在是「待总监审核」" in words(answer)


def test_a_running_case_is_moved_to_the_new_version_with_the_difference_and_a_reason(
    house, visit, ago, request
):
    case = house.handed_in(at=ago)
    request.getfixturevalue("published")
    place = reverse("web:case_move", args=[case.number])
    client = visit("zhou")

    listed = client.get(reverse("web:case", args=[case.number])).content.decode()
    shown = words(client.get(place))
    empty = client.post(place, {"reason": ""})
    client.post(place, {"reason": "客户急，照新期限办"})

    event = Event.objects.get(case=case, step="move")
    assert place in listed
    assert "时限「盖章」的期限：「1 工作日」 → 「4 工作小时」" in shown
    assert empty.status_code == 422
    assert event.actor_id == house.zhou.pk
    assert "4 工作小时" in words(client.get(reverse("web:case", args=[case.number])))


def test_who_may_not_move_a_case_is_told(house, visit, ago, request):
    case = house.handed_in(at=ago)
    request.getfixturevalue("published")
    place = reverse("web:case_move", args=[case.number])

    answer = visit("lin").post(place, {"reason": "试一试"})

    assert answer.status_code == 422
    assert "现在不能改用" in words(visit("lin").get(place))
    assert not Event.objects.filter(case=case, step="move").exists()


def test_a_case_on_the_version_in_force_has_nothing_to_move_to(house, visit, ago):
    case = house.handed_in(at=ago)
    place = reverse("web:case_move", args=[case.number])

    assert "两版内容相同" in words(visit("zhou").get(place))
    assert place not in visit("zhou").get(reverse("web:case", args=[case.number])).content.decode()


def test_pages_of_standards_ask_the_database_as_often_for_many_people(house, visit):
    from guiju.org.seed import seed_demo_people  # noqa: F401 - the house has its people already

    client = visit("zhou")

    def asked(place) -> int:
        client.get(place)
        with CaptureQueriesContext(connection) as seen:
            client.get(place)
        return len(seen)

    version = Version.objects.get(document__code=CODE)
    before = asked(url("sop")), asked(reverse("web:sops")), asked(url("sop_suggestions"))
    learn(version, house, "wu", "lin", "deng")
    for text in ("一", "二", "三"):
        visit("lin").post(url("sop_suggestions"), {"text": f"建议{text}"})
    after = asked(url("sop")), asked(reverse("web:sops")), asked(url("sop_suggestions"))

    assert Holding.objects.count() > 3
    assert after[0] == before[0]
    assert after[2] <= before[2] + 1
