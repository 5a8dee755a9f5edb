"""A version is drafted, reviewed and approved by three people, and takes effect on its day."""

from datetime import timedelta

import pytest

from guiju.kernel.models import Event
from guiju.kernel.ports import policies
from guiju.org.models import Company
from guiju.sop import queries, reading
from guiju.sop.models import Version
from guiju.sop.operations import (
    UnableToPublish,
    UnableToRevise,
    approve,
    draft_from,
    edit,
    note_reading,
    publish,
    retire,
    review,
    send_back,
    submit,
)
from tests.sop.conftest import (
    NEXT_DAY,
    NOW,
    PROJECT,
    TODAY,
    TOMORROW,
    approved,
    drafted,
    published,
    read_by_all,
    with_limit,
    with_step,
)


@pytest.fixture
def shorter(shelf):
    return with_limit(shelf["KF-ZY-01"].content, "deposit", "12 小时")


def governing(company, at=NOW):
    return policies().current("subscription", company_id=company.pk, project_id=PROJECT, at=at)


@pytest.mark.clause("I-0-a", "I-0-b", "I-0-c", "I-0-d")
def test_the_control_block_names_who_compiled_reviewed_and_approved_and_from_when(people, shelf, shorter):
    version = published(people, shelf["KF-ZY-01"], shorter, effective=TOMORROW)

    block = reading.control(version, on=TODAY)

    assert (block.prepared.name, block.prepared.on) == ("邓宇", TODAY)
    assert (block.reviewed.name, block.reviewed.on) == ("周岚", TODAY)
    assert (block.approved.name, block.approved.on) == ("钱立", TODAY)
    assert (block.version, block.effective, block.standing) == ("1.1", TOMORROW, "待生效")
    assert [(row.version, row.text) for row in block.revisions] == [
        ("1.0", "首次发布，依据《客户服务部作业标准书》第五部分之一编制。"),
        ("1.1", "缩短定金期限"),
    ]


@pytest.mark.clause("I-0-b")
def test_a_version_that_nobody_reviewed_cannot_be_approved(people, shelf, shorter):
    draft = submit(drafted(people, shelf["KF-ZY-01"], shorter), by=people["deng"], at=NOW)

    with pytest.raises(UnableToRevise, match="现在是「待审核」，「待批准」时才能这样办"):
        approve(draft, by=people["qian"], at=NOW)

    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == (Version.State.SUBMITTED, None)


@pytest.mark.clause("I-0-c")
def test_a_version_that_nobody_approved_does_not_take_effect(people, shelf, shorter, company):
    draft = submit(drafted(people, shelf["KF-ZY-01"], shorter), by=people["deng"], at=NOW)
    review(draft, by=people["zhou"], at=NOW)

    with pytest.raises(UnableToPublish, match="现在是「待批准」，批准后才能发布"):
        publish(draft, effective_date=TODAY, by=people["zhou"], at=NOW)

    assert governing(company).version == "1.0"


@pytest.mark.clause("I-0-d")
def test_a_version_is_not_in_force_before_its_day_and_is_from_then_on(people, shelf, shorter, company):
    published(people, shelf["KF-ZY-01"], shorter, effective=TOMORROW)

    assert governing(company, NOW).clock("deposit").limit == "24 小时"
    assert governing(company, NEXT_DAY).clock("deposit").limit == "12 小时"


def test_midnight_in_china_is_where_the_day_begins(people, shelf, shorter, company):
    published(people, shelf["KF-ZY-01"], shorter, effective=TOMORROW)
    midnight = NOW.replace(hour=16)

    assert governing(company, midnight - timedelta(seconds=1)).version == "1.0"
    assert governing(company, midnight).version == "1.1"


def test_nobody_reviews_their_own_draft(people, shelf, shorter):
    draft = draft_from(shelf["KF-ZY-01"], by=people["zhou"], at=NOW, change_note="缩短定金期限")
    submit(edit(draft, content=shorter, by=people["zhou"], at=NOW), by=people["zhou"], at=NOW)

    with pytest.raises(UnableToRevise, match="编制人及其代理人不能审核自己编制的版本"):
        review(draft, by=people["zhou"], at=NOW)


def test_whoever_reviewed_does_not_approve(people, shelf, shorter):
    draft = submit(drafted(people, shelf["KF-ZY-01"], shorter), by=people["deng"], at=NOW)
    review(draft, by=people["sun"], at=NOW)

    with pytest.raises(UnableToRevise, match="审核人及其代理人不能批准同一版本"):
        approve(draft, by=people["sun"], at=NOW)


@pytest.mark.parametrize("who", ["lin", "fang", "admin", "jiang"])
def test_posts_without_a_say_cannot_draft(people, shelf, who):
    with pytest.raises(UnableToRevise, match=r"须由.*办理"):
        draft_from(shelf["KF-ZY-01"], by=people[who], at=NOW, change_note="试试")

    assert not Version.objects.open().exists()


def test_only_one_version_is_under_way(people, shelf, shorter):
    drafted(people, shelf["KF-ZY-01"], shorter)

    with pytest.raises(UnableToRevise, match=r"KF-ZY-01 1\.1 正在修订"):
        draft_from(shelf["KF-ZY-01"], by=people["zhou"], at=NOW, change_note="再改一次")


def test_a_draft_that_changes_nothing_is_not_handed_in(people, shelf):
    draft = draft_from(shelf["KF-ZY-01"], by=people["deng"], at=NOW, change_note="没有改")

    with pytest.raises(UnableToRevise, match="没有差别"):
        submit(draft, by=people["deng"], at=NOW)


def test_a_draft_with_errors_is_not_handed_in_and_says_all_of_them(people, shelf):
    wrong = with_step(shelf["KF-ZY-01"].content, "seal", posts=["sales"], words="按帽资料齐全后盖章。")
    draft = drafted(people, shelf["KF-ZY-01"], wrong)

    with pytest.raises(UnableToRevise) as refused:
        submit(draft, by=people["deng"], at=NOW)

    assert refused.value.reasons == (
        "步骤「加盖合同章」 正文：「按帽」应为「按揭」",
        "步骤「加盖合同章」：不能由置业顾问办理，程序只允许合同章保管",
    )


def test_after_submission_the_content_is_fixed(people, shelf, shorter):
    draft = submit(drafted(people, shelf["KF-ZY-01"], shorter), by=people["deng"], at=NOW)

    with pytest.raises(UnableToRevise, match="「编制中」时才能这样办"):
        edit(draft, content=shelf["KF-ZY-01"].content, by=people["deng"], at=NOW)


def test_content_changed_behind_the_program_is_not_approved(people, shelf, shorter):
    draft = submit(drafted(people, shelf["KF-ZY-01"], shorter), by=people["deng"], at=NOW)
    review(draft, by=people["zhou"], at=NOW)
    Version.objects.filter(pk=draft.pk).update(content=with_limit(shorter, "deposit", "72 小时"))

    with pytest.raises(UnableToRevise, match="送审后的内容被改动过"):
        approve(draft, by=people["qian"], at=NOW)


def test_sending_back_starts_review_and_approval_again(people, shelf, shorter):
    version = approved(people, shelf["KF-ZY-01"], shorter)

    send_back(version, by=people["sun"], at=NOW, reason="定金期限再商量")

    version.refresh_from_db()
    assert (version.state, version.reviewed_by, version.approved_by) == (Version.State.DRAFT, None, None)
    assert version.remark == "定金期限再商量"


def test_the_code_and_the_process_of_a_document_cannot_be_edited(people, shelf):
    other = shelf["KF-ZY-01"].content | {"code": "KF-ZY-99", "process": "unit_control"}

    draft = drafted(people, shelf["KF-ZY-01"], other)

    assert (draft.content["code"], draft.content["process"]) == ("KF-ZY-01", "subscription")


def test_publication_waits_until_somebody_of_every_post_has_read_it(people, shelf, shorter):
    version = approved(people, shelf["KF-ZY-01"], shorter)
    for name in set(people) - {"he"}:
        note_reading(version, by=people[name], at=NOW)

    with pytest.raises(UnableToPublish, match="步骤「确认定金」：财务收款员还没有人阅读或参加培训"):
        publish(version, effective_date=TODAY, by=people["zhou"], at=NOW)

    note_reading(version, by=people["he"], at=NOW)
    assert publish(version, effective_date=TODAY, by=people["zhou"], at=NOW).state == Version.State.PUBLISHED


def test_publication_is_refused_while_a_post_of_the_sop_is_vacant(people, shelf, shorter):
    version = approved(people, shelf["KF-ZY-01"], shorter)
    read_by_all(people, version)
    people["fang"].holdings.update(to_at=NOW)

    with pytest.raises(UnableToPublish, match="步骤「加盖合同章」：合同章保管没有人任职"):
        publish(version, effective_date=TODAY, by=people["zhou"], at=NOW)


def test_a_version_does_not_take_effect_in_the_past(people, shelf, shorter):
    version = approved(people, shelf["KF-ZY-01"], shorter)
    read_by_all(people, version)

    with pytest.raises(UnableToPublish, match="实施日期不能早于今天"):
        publish(version, effective_date=TODAY - timedelta(days=1), by=people["zhou"], at=NOW)


def test_a_retired_version_gives_way_to_the_one_before_it(people, shelf, shorter, company):
    version = published(people, shelf["KF-ZY-01"], shorter)
    assert governing(company).version == "1.1"

    retire(version, by=people["qian"], at=NOW, reason="客户反映太紧")

    assert governing(company).version == "1.0"


def test_the_last_version_of_a_process_cannot_be_retired(people, shelf):
    with pytest.raises(UnableToPublish, match="请先发布新版本"):
        retire(shelf["KF-ZY-01"], by=people["qian"], at=NOW, reason="不要了")


def test_every_act_on_a_version_is_an_event_of_the_company(people, shelf, shorter, company):
    published(people, shelf["KF-ZY-01"], shorter)

    acts = Event.objects.filter(chain_id=company.pk, step__startswith="sop:").exclude(step="sop:read")
    assert list(acts.order_by("seq").values_list("step", flat=True)) == [
        "sop:drafted", "sop:edited", "sop:submitted", "sop:reviewed", "sop:approved", "sop:published",
    ]  # fmt: skip


def test_a_company_revises_the_template_for_itself_and_the_others_keep_it(people, shelf, shorter, company):
    other = Company.objects.exclude(pk=company.pk).first() or Company.objects.create(
        group=company.group, kind="subsidiary", name="另一公司", held_by=company, hold="control"
    )
    draft = draft_from(
        shelf["KF-ZY-01"], by=people["deng"], at=NOW, change_note="本公司定金期限", company=company
    )
    submit(edit(draft, content=shorter, by=people["deng"], at=NOW), by=people["deng"], at=NOW)
    review(draft, by=people["zhou"], at=NOW)
    approve(draft, by=people["qian"], at=NOW)
    draft.refresh_from_db()
    read_by_all(people, draft)
    publish(draft, effective_date=TODAY, by=people["zhou"], at=NOW)

    assert governing(company).clock("deposit").limit == "12 小时"
    assert governing(other).clock("deposit").limit == "24 小时"
    assert queries.document("KF-ZY-01", company_id=company.pk).company == company
    assert queries.document("KF-ZY-01", company_id=other.pk).company is None


@pytest.mark.clause("G-6-d")
def test_old_versions_stay_readable_beside_the_new_one(people, shelf, shorter):
    new = published(people, shelf["KF-ZY-01"], shorter)
    old = Version.objects.get(pk=shelf["KF-ZY-01"].pk)

    assert queries.standing(old, TODAY) == "已被替代"
    assert queries.standing(new, TODAY) == "现行"
    assert [row.limit for row in reading.page(old, on=TODAY).clocks if row.name == "deposit"] == ["24 小时"]
    assert new.change_note == "缩短定金期限"
