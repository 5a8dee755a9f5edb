"""The library as people read it: the manual with its contents, the procedure beside the process, who has read what."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from guiju.kernel.ports import policies
from guiju.kernel.process import process_of
from guiju.sop import queries, reading
from guiju.sop.models import Reading
from guiju.sop.operations import (
    UnableToDecide,
    UnableToRecord,
    decide_suggestion,
    note_reading,
    suggest,
    train,
)
from tests.sop.conftest import NOW, TODAY, drafted, with_limit


@pytest.mark.clause("I-0-e")
def test_the_library_holds_the_manual_of_the_department(shelf, company):
    rows = {row.document.code: row for row in queries.library(company_id=company.pk, on=TODAY)}

    manual = rows["KF-SC-00"]
    assert (manual.document.title, manual.document.department) == ("客户服务部作业标准书", "客户服务部")
    assert manual.in_force.number == "1.0"


@pytest.mark.clause("I-0-f")
def test_the_contents_open_the_six_parts_and_their_sections(shelf):
    page = reading.page(shelf["KF-SC-00"], on=TODAY)

    parts = [(entry.number, entry.title) for entry in page.contents if entry.level == 0]
    assert parts == [
        ("第一部分", "释义"), ("第二部分", "标准"), ("第三部分", "组织和岗位图"), ("第四部分", "职位说明书"),
        ("第五部分", "流程"), ("第六部分", "附则"),
    ]  # fmt: skip
    assert {entry.anchor for entry in page.contents} == {section.anchor for section in page.sections}
    fifth = [entry for entry in page.contents if entry.anchor.startswith("part-5-")]
    assert [entry.number for entry in fifth] == [
        "一",
        "二",
        "三",
        "四",
        "五",
        "六",
        "七",
        "八",
        "九",
        "十",
        "十一",
        "十二",
        "十三",
    ]
    assert [(entry.title, entry.document) for entry in fifth if entry.document] == [
        ("认购审批工作流程", "KF-ZY-01"),
        ("销控登记工作流程", "KF-ZY-07"),
    ]


@pytest.mark.clause("I-5.1-6")
def test_the_sales_control_procedure_is_in_the_library_and_linked_from_the_subscription(shelf, company):
    related = reading.page(shelf["KF-ZY-01"], on=TODAY).related
    link = next(row for row in related if row.get("clause") == "I-5.1-6")

    procedure = queries.document(link["code"], company_id=company.pk)

    assert (link["title"], procedure.title, procedure.kind) == (
        "销售控制登记程序",
        "销售控制登记程序",
        "procedure",
    )
    page = reading.page(procedure.versions.get(), on=TODAY)
    assert [section.title for section in page.sections if section.level == 0] == [
        "销控状态", "登记的时机", "唯一和先后", "每日核对",
    ]  # fmt: skip
    assert page.related[0]["code"] == "KF-ZY-01"


@pytest.mark.clause("G-1-a")
def test_a_process_is_read_as_numbered_steps_with_their_owner(shelf):
    page = reading.page(shelf["KF-ZY-01"], on=TODAY)

    assert [row.index for row in page.steps] == list(range(1, len(process_of("subscription").steps) + 1))
    assert page.department == "客户服务部"
    seal = next(row for row in page.steps if row.name == "seal")
    assert (seal.posts, seal.number, seal.sources, seal.target) == (
        "合同章保管",
        "第五部分 一 3.3",
        "待盖章",
        "已生效待签约",
    )


def test_clauses_that_people_know_under_one_number_read_as_one_sentence(shelf):
    found = {row.number: row.words for row in reading.page(shelf["KF-ZY-01"], on=TODAY).clauses}

    assert found["第五部分 一 3.1"] == "销售部应根据销控情况与客户签署《认购书》，并经销售总监审核签字。"
    assert (
        found["第五部分 一 3.2"]
        == "客服部接到《认购书》后，应仔细核对销控、单价、付款方式等，并在登记后，应及时进行销控登统。"
    )
    assert found["第五部分 一 3.3"] == "在经财务收款员签字确认客户已交纳定金后，在《认购书》上加盖合同章。"
    assert (
        found["第五部分 一 3.4"]
        == "收取客户身份证明，如无暂住证，须督促客户尽快办理，告知客户在签约时需带齐的证件。"
    )
    assert (
        found["第五部分 一 3.5"]
        == "争取让选择银行按揭的客户在认购的同时选定银行，以便签约同时与律师办理按揭手续。"
    )


def test_limits_and_chains_are_written_as_people_say_them(shelf):
    page = reading.page(shelf["KF-ZY-01"], on=TODAY)

    sign = next(row for row in page.clocks if row.name == "sign")
    assert (sign.limit, sign.longest) == ("7 日", "15 日")
    assert sign.remind == ("到期前 3 日", "到期前 1 日")
    assert sign.escalate == ("到期时报签约主管", "超期 1 日报销售总监", "超期 7 日报客服经理")
    hand_in = next(row for row in page.steps if row.name == "hand_in")
    assert hand_in.approval == ("1 主管副总，折扣率超过 2% 时", "2 总经理，折扣率超过 4% 时")


def test_conditions_of_a_chain_are_words():
    assert reading.condition("days > 1") == "保留日数超过 1 日时"
    assert reading.condition("kind == release") == "种类为推出可售时"
    assert reading.condition("amount > 5000") == "金额超过 5000 元时"
    assert [reading.condition(f"major {sign}") for sign in ("> 0", "< 1")] == [
        "有重大问题时",
        "没有重大问题时",
    ]
    assert reading.condition("deviations > 0") == "有与范本不同处时"
    assert reading.condition("sensitive > 0") == "有姓名或金额的更正时"


def test_what_is_printed_carries_control_block_chart_and_clauses(shelf):
    said = reading.printed(shelf["KF-ZY-01"], on=TODAY)

    assert said["compiled_by"] is None
    assert said["effective_on"] == date(2026, 1, 1)
    assert said["chart"].startswith("<svg")
    assert "KF-ZY-01，版本 1.0" in said["chart"]
    assert said["forms"][0] == "KF-BD-01 房产认购书"
    assert len(said["steps"]) == len(process_of("subscription").steps)


@pytest.mark.clause("G-1-b")
def test_a_document_for_everybody_is_on_every_shelf_and_one_for_some_posts_on_theirs(shelf, company):
    def codes(*posts):
        return [row.document.code for row in queries.library(company_id=company.pk, on=TODAY, posts=posts)]

    def sales_of(*posts):
        return [code for code in codes(*posts) if code in {"KF-CX-01", "KF-SC-00", "KF-ZY-01", "KF-ZY-07"}]

    assert sales_of("technician") == ["KF-SC-00"]
    assert sales_of("cashier") == ["KF-CX-01", "KF-SC-00", "KF-ZY-01"]
    assert sales_of("sales", "technician") == ["KF-CX-01", "KF-SC-00", "KF-ZY-01", "KF-ZY-07"]
    assert "KF-SM-01" in codes("technician")
    assert "KF-SM-01" not in codes("seal_keeper")


def test_reading_is_recorded_once(people, shelf):
    version = shelf["KF-ZY-01"]
    assert not queries.has_read(people["lin"].pk, version)

    first = note_reading(version, by=people["lin"], at=NOW)

    assert note_reading(version, by=people["lin"], at=NOW + timedelta(days=1)) == first
    assert queries.has_read(people["lin"].pk, version)
    assert version not in queries.unread_by(people["lin"], at=NOW)
    assert version in queries.unread_by(people["luo"], at=NOW)


@pytest.mark.clause("G-4.1-b")
def test_the_task_shows_what_to_beware_of_and_a_short_test_on_it_is_kept_per_person(people, shelf, company):
    policy = policies().current("subscription", company_id=company.pk, project_id=None, at=NOW)
    assert policy.step("confirm_deposit").words.endswith("注意：票据未兑付、款项未到账的不算已交纳。")

    train(shelf["KF-ZY-01"], people=[people["he"]], by=people["zhou"], at=NOW, scores={people["he"].pk: 80})

    assert list(Reading.objects.values_list("person__name", "kind", "score")) == [("何静", "trained", 80)]


def test_training_keeps_the_result_of_a_test_and_nobody_trains_themselves(people, shelf):
    version = shelf["KF-ZY-01"]

    train(version, people=[people["lin"]], by=people["gao"], at=NOW, scores={people["lin"].pk: 95})

    assert Reading.objects.get(person=people["lin"]).score == 95
    with pytest.raises(UnableToRecord, match="不能给自己登记培训"):
        train(version, people=[people["gao"]], by=people["gao"], at=NOW)


def test_a_draft_is_not_yet_for_reading(people, shelf):
    draft = drafted(people, shelf["KF-ZY-01"], with_limit(shelf["KF-ZY-01"].content, "deposit", "12 小时"))

    with pytest.raises(UnableToRecord, match="批准后才能阅读登记"):
        note_reading(draft, by=people["lin"], at=NOW)


@pytest.mark.clause("G-6-a", "G-6-e")
def test_overdue_reviews_are_listed_and_counted_per_department(shelf):
    document = shelf["KF-ZY-01"].document
    assert document.next_review_date == date(2027, 1, 1)
    assert queries.overdue_reviews(date(2027, 1, 1)) == []

    document.next_review_date = date(2026, 12, 1)
    document.save()

    assert queries.overdue_reviews(date(2027, 1, 1)) == [document]
    share = queries.reviewed_in_time(date(2026, 12, 2))["客户服务部"]
    assert (share.counted, share.of, round(share.percent, 1)) == (28, 29, 96.6)


@pytest.mark.clause("G-6-b", "G-6-c", "G-6-d")
def test_anybody_suggests_the_head_decides_and_an_accepted_suggestion_begins_a_version(
    people, shelf, company
):
    made = suggest(
        shelf["KF-ZY-01"], text="定金期限改为当日", by=people["lin"], at=NOW, place="时限「交纳定金」"
    )
    assert queries.open_suggestions(company.pk) == [made]

    with pytest.raises(UnableToDecide, match="须由部门负责人周岚处理"):
        decide_suggestion(made, accepted=True, reason="同意", by=people["gao"], at=NOW)
    decided = decide_suggestion(made, accepted=True, reason="与财务商定后采纳", by=people["zhou"], at=NOW)

    assert (decided.state, decided.reason, decided.decided_by) == (
        "accepted",
        "与财务商定后采纳",
        people["zhou"],
    )
    assert (decided.led_to.number, decided.led_to.change_note) == ("1.1", "采纳建议：定金期限改为当日")
    assert queries.open_suggestions(company.pk) == []


@pytest.mark.clause("G-6-c")
def test_a_rejected_suggestion_carries_the_reason_and_changes_nothing(people, shelf):
    made = suggest(shelf["KF-ZY-01"], text="取消总监审核", by=people["lin"], at=NOW)

    with pytest.raises(UnableToDecide, match="请写处理意见"):
        decide_suggestion(made, accepted=False, reason=" ", by=people["zhou"], at=NOW)
    decide_suggestion(made, accepted=False, reason="总监审核是控制要点", by=people["zhou"], at=NOW)

    made.refresh_from_db()
    assert (made.state, made.led_to) == ("rejected", None)
    assert shelf["KF-ZY-01"].document.versions.count() == 1


def test_a_table_among_the_settings_is_told_in_words(shelf):
    """No key of the program stands on a page: a table has a line for each entry, a list of posts their names."""
    told = {
        row["setting"]: row["said"]
        for code in ("KF-SH-01", "KF-TS-01", "KF-ZY-06")
        for row in reading.page(shelf[code], on=TODAY).settings
    }

    assert told["resolve_matrix"][3] == "较急，简单：24 小时"
    assert told["level_chain"] == (
        "一般（L1）：无", "重要（L2）：客服经理", "热点（L3）：客服经理、主管副总",
        "重大（L4）：客服经理、主管副总、总经理",
    )  # fmt: skip
    assert told["originals"] == ("收入证明、银行流水、征信授权、首付转账凭证、公积金缴存证明",)
    assert told["repeat_days"] == ("90 日",)
    assert not [line for lines in told.values() for line in lines if re.search(r"[a-z]_[a-z]|[{\[]", line)]


def test_every_condition_of_a_shipped_chain_is_in_words():
    for path in sorted((Path(__file__).parents[2] / "src" / "guiju").glob("*/processes/*.yaml")):
        for found in re.findall(r"^ +when: (\w+ \S+ \S+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert not re.search(r"[a-z_]{4,}", reading.condition(found)), (path.name, found)
