"""Personal data: masks, looks as events, exports approved by somebody else, and a staff overview from events."""

from datetime import timedelta

import pytest

from guiju.kernel import engine
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, Deviation, Event
from guiju.org import masking
from guiju.org.gates import scope_of
from guiju.org.models import ExportRequest, Look
from guiju.org.operations.exports import (
    UnableToAskForExport,
    UnableToDecideExport,
    UnableToTakeExport,
    ask_for_export,
    decide_export,
    take_export,
)
from guiju.org.operations.looks import UnableToUnmask, note_look, note_unmasking
from guiju.org.queries import staff_overview

from .conftest import LATER, NOW, PROJECT


@pytest.mark.parametrize(
    ("mask", "plain", "masked"),
    [
        (masking.mask_name, "王小明", "王**"),
        (masking.mask_name, "王五", "王*"),
        (masking.mask_name, "𠮷", "𠮷*"),
        (masking.mask_name, " ", ""),
        (masking.mask_phone, "13800002067", "138 **** 2067"),
        (masking.mask_phone, "+86 138-0000-2067", "138 **** 2067"),
        (masking.mask_phone, "0755-86000000", "**********00"),
        (masking.mask_phone, "8011", "**11"),
        (masking.mask_phone, "", ""),
        (masking.mask_identity, "44030119900101123X", "440***********123X"),
        (masking.mask_identity, "E1234", "*****"),
        (masking.mask_bank_card, "6222 0210 0112 3456 789", "**** 6789"),
        (masking.mask_bank_card, "12", "**"),
        (masking.mask_unit, "1号楼 1单元 1502", "1号楼 ****"),
        (masking.mask_unit, "1-1-1502", "1-****"),
        (masking.mask_unit, "", ""),
        (masking.mask_address, "深圳市南山区科技路8号3栋1502", "深圳市南山区科技路****"),
        (masking.mask_address, "", ""),
    ],
)
def test_masks(mask, plain, masked):
    assert mask(plain) == masked


def test_a_look_is_one_event_a_person_object_and_day(people, company):
    lin, wu = people["lin"], people["wu"]
    next_day = NOW + timedelta(days=1)

    assert note_look(lin, "case", 17, at=NOW)
    assert not note_look(lin, "case", 17, at=LATER)
    assert note_look(wu, "case", 17, at=LATER)
    assert note_look(lin, "case", 18, at=LATER)
    assert note_look(lin, "case", 17, at=next_day)

    assert Look.objects.count() == 4
    events = Event.objects.filter(step="org.look").order_by("seq")
    assert [(event.actor_id, open_body(event.body)["given"]["key"]) for event in events] == [
        (lin.pk, "17"),
        (wu.pk, "17"),
        (lin.pk, "18"),
        (lin.pk, "17"),
    ]


def test_a_day_begins_at_midnight_in_china(people):
    before_midnight = NOW.replace(hour=15, minute=59)
    after_midnight = NOW.replace(hour=16, minute=0)

    assert note_look(people["lin"], "unit", 5, at=before_midnight)
    assert note_look(people["lin"], "unit", 5, at=after_midnight)


def test_a_second_look_of_the_day_writes_nothing(people, django_assert_num_queries):
    note_look(people["lin"], "case", 17, at=NOW)

    with django_assert_num_queries(1):
        note_look(people["lin"], "case", 17, at=LATER)


def test_unmasking_needs_a_reason_and_is_an_event_every_time(people, company):
    with pytest.raises(UnableToUnmask):
        note_unmasking(people["wu"], "customer", 3, what="identity", reason=" ", at=NOW)
    for at in (NOW, LATER):
        note_unmasking(people["wu"], "customer", 3, what="identity", reason="核对备案", at=at)

    assert Event.objects.filter(step="org.unmask").count() == 2


@pytest.fixture
def asked(people, company) -> ExportRequest:
    return ask_for_export(
        what="客户名单",
        chosen={"project": PROJECT, "state": "subscribed"},
        reason="寄送签约通知",
        company=company,
        by=people["wu"],
        at=NOW,
        project_id=PROJECT,
    )


def test_an_export_is_approved_by_somebody_else_watermarked_and_taken_once(asked, people):
    approved = decide_export(request=asked, approve=True, by=people["zhou"], at=LATER)

    mark = take_export(request=approved, rows=212, sha256="ab" * 32, by=people["wu"], at=LATER)

    assert mark == f"导出 {asked.pk} 号　吴敏 申请　周岚 批准　2026-11-20 11:00　仅限：寄送签约通知"
    asked.refresh_from_db()
    assert (asked.get_state_display(), asked.rows, asked.taken_at) == ("已导出", 212, LATER)
    with pytest.raises(UnableToTakeExport, match="已导出过一次"):
        take_export(request=asked, rows=212, sha256="ab" * 32, by=people["wu"], at=LATER)
    steps = Event.objects.filter(step__contains="export").order_by("seq").values_list("step", flat=True)
    assert list(steps) == ["org.ask_for_export", "org.decide_export", "org.take_export"]


@pytest.mark.parametrize(("username", "words"), [("wu", "自己的申请"), ("lin", "批准"), ("jiang", "批准")])
def test_an_export_is_not_approved_by_just_anybody(asked, people, username, words):
    with pytest.raises(UnableToDecideExport, match=words):
        decide_export(request=asked, approve=True, by=people[username], at=LATER)

    asked.refresh_from_db()
    assert asked.state == "asked"


def test_a_manager_never_approves_the_own_export(people, company):
    own = ask_for_export(
        what="客户名单", chosen={}, reason="盘点", company=company, by=people["zhou"], at=NOW
    )

    with pytest.raises(UnableToDecideExport, match="自己的申请"):
        decide_export(request=own, approve=True, by=people["zhou"], at=LATER)


def test_a_refused_or_undecided_export_is_not_taken(asked, people):
    with pytest.raises(UnableToTakeExport, match="还没有批准"):
        take_export(request=asked, rows=1, sha256="", by=people["wu"], at=LATER)
    with pytest.raises(UnableToDecideExport, match="原因"):
        decide_export(request=asked, approve=False, by=people["zhou"], at=LATER)
    decide_export(request=asked, approve=False, by=people["zhou"], at=LATER, note="不需要全部客户")
    with pytest.raises(UnableToTakeExport, match="还没有批准"):
        take_export(request=asked, rows=1, sha256="", by=people["wu"], at=LATER)
    with pytest.raises(UnableToDecideExport, match="已有人处理"):
        decide_export(request=asked, approve=True, by=people["sun"], at=LATER)


def test_an_approved_export_is_taken_only_by_whoever_asked(asked, people):
    decide_export(request=asked, approve=True, by=people["zhou"], at=LATER)

    with pytest.raises(UnableToTakeExport, match="申请人本人"):
        take_export(request=asked, rows=1, sha256="", by=people["zhou"], at=LATER)


@pytest.mark.parametrize(("username", "reason"), [("jiang", "审计"), ("admin", "备份"), ("wu", " ")])
def test_auditor_administrator_and_the_unreasoned_do_not_ask_for_exports(people, company, username, reason):
    with pytest.raises(UnableToAskForExport):
        ask_for_export(
            what="客户名单", chosen={}, reason=reason, company=company, by=people[username], at=NOW
        )


@pytest.mark.clause("I-S-m7")
def test_the_staff_overview_shows_output_adherence_and_qualification(people, company):
    case = Case.objects.create(
        number="RG-CY1-2026-0001",
        process="subscription",
        sop_version_id=1,
        state="signed",
        title="1-1-1502 认购",
        chain_id=company.pk,
        scope_id=PROJECT,
        opened_at=NOW,
    )
    events = [engine.record(company_id=company.pk, step="review", by=people["wu"], at=NOW) for _ in range(4)]
    Event.objects.filter(pk__in=[event.pk for event in events]).update(case=case)
    Deviation.objects.create(
        case=case,
        step="review",
        point="id_seen",
        reason="次日补看",
        post="cs_manager",
        allowed_at=NOW,
        allowed_by=people["zhou"].pk,
        used_event=events[0],
    )
    people["ma"].experience_years = 0
    give = people["wei"].holdings.get()
    give.post = give.post.__class__.objects.get(code="cs_clerk")
    give.save()

    rows = {
        row.person.username: row
        for row in staff_overview(
            scope_of(people["jiang"], at=LATER), from_at=NOW - timedelta(days=1), to_at=LATER, at=LATER
        )
    }

    assert (rows["wu"].acts, rows["wu"].overridden, rows["wu"].adherence) == (4, 1, 0.75)
    assert (rows["lin"].acts, rows["lin"].adherence) == (0, None)
    assert rows["wu"].gaps == ()
    assert rows["wei"].gaps == ("「客户服务」要求大学专科及以上，魏强登记的学历是高中／中专。",)
    assert rows["he"].posts == ("财务收款员", "财务")
