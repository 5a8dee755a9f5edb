"""Repeated complaints and causes that recur, over a register made here; complaints of the past taken up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Q

from guiju.kernel import engine
from guiju.kernel.models import Case, Clock
from guiju.kernel.numbering import ZONE
from guiju.org.models import Certificate
from guiju.quality import figures, repeats
from guiju.quality.choices import suggested_cause
from guiju.quality.models import Complaint, RecordEntry
from guiju.registers.operations import apply
from tests.registers.builders import Page, excel
from tests.stories.conftest import WEDNESDAY, House

HEADER = [
    "日期",
    "来源",
    "业主",
    "房号",
    "电话",
    "投诉内容",
    "性质",
    "责任部门",
    "处理意见",
    "处理结果",
    "办结日期",
    "满意度",
]
SEEP, DIRT, COLD = "卫生间顶棚渗水，楼上防水没做好", "单元门口垃圾堆放", "暖气不热"


def line(day: str, room: str, words: str, result: str = "已解决", closed: str = "") -> list:
    return [day, "来电", "赵一", room, "19900000001", words, "质量", "工程部", "安排维修", result, closed, ""]


# Five repeats by home and words: 1, 16 and 90 days after closing, 91 days, and one whose earlier was never closed.
REGISTER = [
    line("2026-1-5", "1号楼-1-1501", SEEP, closed="2026-1-9"),
    line(
        "2026-1-10", "1号楼-1-1501", "卫生间顶棚渗水，楼上防水没做好。", result="处理中", closed="2026-1-20"
    ),
    line("2026-2-5", "1号楼-1-1501", SEEP, closed="2026-2-9"),
    line("2026-1-2", "1号楼-1-1502", DIRT, closed="2026-1-5"),
    line("2026-4-5", "1号楼-1-1502", DIRT, result="业主不认可", closed="2026-4-6"),
    line("2026-7-6", "1号楼-1-1502", DIRT),
    line("2026-1-2", "1号楼-1-1503", COLD, result="处理中"),
    line("2026-2-2", "1号楼-1-1503", COLD, closed="2026-2-3"),
    # Another home with the same words, and the same home with other words, are no repeats.
    line("2026-2-3", "1号楼-1-1504", COLD, closed="2026-2-4"),
    line("2026-2-5", "1号楼-1-1504", SEEP, closed="2026-2-6"),
]


@pytest.fixture
def register(house: House) -> House:
    done = apply(
        kind="complaints", content=excel(Page("投诉", [HEADER, *REGISTER])), file_name="投诉.xlsx", project_code="YQ1",
        company=house.project.company, by=house.deng, at=datetime(2026, 8, 1, tzinfo=UTC),
    )  # fmt: skip
    assert done.preview.counts["created"] == 10
    return house


def test_repeats_by_home_and_words_are_those_of_the_list_made_by_hand(register: House):
    found = [
        (p.later.unit.room, p.later.complained_date, p.days, p.within())
        for p in repeats.pairs(Q(case__isnull=False))
    ]

    assert found == [
        ("1502", date(2026, 7, 6), 91, False),
        ("1502", date(2026, 4, 5), 90, True),
        ("1501", date(2026, 2, 5), 16, True),
        ("1503", date(2026, 2, 2), None, False),
        ("1501", date(2026, 1, 10), 1, True),
    ]


def test_a_period_keeps_the_repeats_that_fall_into_it(register: House):
    found = repeats.pairs(Q(case__isnull=False), since=date(2026, 4, 1), until=date(2026, 4, 30))

    assert [(p.later.unit.room, p.days) for p in found] == [("1502", 90)]


@pytest.mark.clause("A-2.2-b")
def test_causes_that_recur_within_a_period_are_listed_with_what_is_done_about_them(house: House):
    for n, cause in enumerate(("seepage", "seepage", "opening")):
        event = engine.open_case(
            "complaint", by=house.ma, at=WEDNESDAY + timedelta(days=n), given={"words": f"第 {n} 件", "cause": cause},
            chain_id=house.project.company_id, scope_id=house.project.pk, links=[("unit", house.units[n].pk)],
        )  # fmt: skip
    scope, first = Q(case__isnull=False), WEDNESDAY.date()

    (found,) = repeats.recurring(scope, since=first, until=first + timedelta(days=7))
    assert (found.label, found.count, found.homes, found.actions) == ("渗漏", 2, 2, 0)
    assert repeats.recurring(scope, since=first, until=first) == []

    seeping = Complaint.objects.filter(cause="seepage").first().case
    house.take(
        seeping,
        "corrective",
        "wu",
        WEDNESDAY + timedelta(days=3),
        department="工程部",
        fact="飘窗渗漏",
        preventive=True,
    )
    (found,) = repeats.recurring(scope, since=first, until=first + timedelta(days=7))
    assert found.actions == 1
    assert event.case is not None


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (SEEP, "seepage"), ("窗户密封条脱落，刮风漏风", "opening"), ("产权证办理太慢，问了几次没答复", "title"), (COLD, "pipes"),
        ("阳台地砖空鼓三块", "crack"), ("前台不耐烦", "attitude"), ("销售承诺的车位优惠没有兑现", "sales"), ("今天天气不错", ""),
    ],
)  # fmt: skip
def test_a_cause_is_suggested_from_the_words(words: str, cause: str):
    assert suggested_cause(words) == cause


def test_a_complaint_of_the_past_is_taken_up_and_timed_from_then_on(register: House):
    past = Case.objects.get(complaint__unit__room="1503", state="open")
    assert Clock.objects.filter(case=past).count() == 0
    register.take(past, "take_up", "wu", WEDNESDAY, reason="业主又来问")

    row = Complaint.objects.get(case=past)
    assert (past.state, past.historic, row.cause, row.level) == ("recorded", False, "pipes", "L1")
    assert past.sop_version_id > 0
    assert Clock.objects.get(case=past, name="contact").due_at == WEDNESDAY + timedelta(hours=24)
    register.take(past, "contact", "wu", WEDNESDAY + timedelta(hours=1), words="致歉，约定时间上门")


def test_a_new_complaint_recognises_one_of_the_past_by_what_its_words_suggest(house: House):
    past = [HEADER, line("2026-9-1", "1号楼-1-1501", SEEP, closed="2026-9-5")]
    apply(
        kind="complaints", content=excel(Page("投诉", past)), file_name="投诉.xlsx", project_code="YQ1",
        company=house.project.company, by=house.deng, at=datetime(2026, 10, 25, tzinfo=UTC),
    )  # fmt: skip

    def complain(words: str, at: datetime) -> Complaint:
        event = engine.open_case(
            "complaint", by=house.ma, at=at, given={"words": words}, chain_id=house.project.company_id,
            scope_id=house.project.pk, links=[("unit", house.units[0].pk)],
        )  # fmt: skip
        return Complaint.objects.get(case_id=event.case_id)

    assert complain("入户门关不上", WEDNESDAY).repeat_of is None
    again = complain("主卧又渗水了", datetime(2026, 12, 4, 10, tzinfo=ZONE))
    assert again.repeat_of is not None
    assert again.repeat_of.complained_date == date(2026, 9, 1)
    assert complain("主卧又渗水了", datetime(2026, 12, 5, 10, tzinfo=ZONE)).repeat_of is None


def test_an_open_one_of_the_past_can_be_settled_with_its_result(register: House):
    past = Case.objects.get(complaint__unit__room="1503", state="open")
    register.take(past, "settle", "wu", WEDNESDAY, result="已修好", closed_date="2026-03-01")

    row = Complaint.objects.get(case=past)
    assert (past.state, row.result, row.open) == ("closed", "已修好", False)


@pytest.mark.clause("K-2.3-c")
def test_the_share_of_delegated_people_with_a_valid_qualification_is_told(house: House):
    Certificate.objects.create(person=house.wei, name="防水维修资质证书", expires_date=date(2026, 11, 30))
    case = Case.objects.get(
        pk=engine.open_case(
            "complaint", by=house.ma, at=WEDNESDAY, given={"words": SEEP}, chain_id=house.project.company_id,
            scope_id=house.project.pk,
        ).case_id
    )  # fmt: skip
    scope, month = Q(case__isnull=False), timedelta(days=31)
    assert figures.delegates_qualified(scope, since=WEDNESDAY, until=WEDNESDAY + month).percent is None
    for day in (0, 5, 20):
        RecordEntry.objects.create(
            case=case, kind="delegated", data={"person": house.wei.pk, "qualification": "防水维修资质"},
            entered_at=WEDNESDAY + timedelta(days=day), entered_by=house.zheng,
        )  # fmt: skip

    share = figures.delegates_qualified(scope, since=WEDNESDAY, until=WEDNESDAY + month)

    assert (share.counted, share.of, share.percent) == (2, 3, 66)
