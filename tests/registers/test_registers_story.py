"""After the owners' register is in, no sold flat is sold again: the refusal names the register's row (DECISIONS 22)."""

import pytest

from guiju.customers.models import Customer
from guiju.estate.operations import control
from guiju.kernel import engine
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import NotReady
from guiju.registers.operations import apply
from tests.registers.builders import Page, excel, resident, wrong
from tests.stories.conftest import WEDNESDAY, House

OWNERS = [
    "房号",
    "买受人",
    "证件号码",
    "联系电话",
    "认购日期",
    "签约日期",
    "合同编号",
    "付款方式",
    "成交总价",
]
COMPLAINTS = ["日期", "业主", "房号", "投诉内容", "处理结果", "办结日期"]


def bring(house: House, kind: str, *rows, file_name="台账.xlsx"):
    return apply(
        kind=kind, content=excel(Page("台账", list(rows))), file_name=file_name, project_code="YQ1",
        company=house.project.company, by=house.zhou, at=WEDNESDAY,
    ).preview  # fmt: skip


def sold(room, number=None, name="苏清越"):
    return [
        room,
        name,
        number or resident(1),
        "19900000001",
        "2026-10-5",
        "2026-10-12",
        f"HT-{room}",
        "一次性",
        2000000,
    ]


@pytest.mark.clause("I-5.1-1a")
def test_a_flat_of_the_owners_register_is_not_subscribed_again(house: House):
    bring(house, "customers", OWNERS, sold("1号楼-1-1501"))

    with pytest.raises(NotReady) as refused:
        house.lock(unit=0)

    reasons = [reason.text for reason in refused.value.reasons]
    assert any("1号楼 1单元 1501" in text and "台账.xlsx 工作表「台账」第 2 行" in text for text in reasons)
    assert not Case.objects.filter(process="subscription").exists()
    house.lock(unit=1)


@pytest.mark.clause("I-5.1-1a")
def test_a_flat_of_a_refused_row_is_not_subscribed_until_a_person_has_verified_it(house: House):
    bring(house, "customers", OWNERS, sold("1号楼-1-1502", wrong(resident(2))))

    with pytest.raises(NotReady) as refused:
        house.lock(unit=1)

    assert any("待核实" in reason.text and "第 2 行" in reason.text for reason in refused.value.reasons)
    control.verify(unit_id=house.units[1].pk)
    house.lock(unit=1)


@pytest.mark.clause("E-3.5-b", "G-4.3-b")
def test_what_comes_in_is_checked_and_a_correction_keeps_old_and_new(house: House):
    first = ["2026-10-1", "苏清越", "1号楼-1-1501", "阳台地砖空鼓三块", "处理中", None]
    without_words = ["2026-10-2", "苏清越", "1号楼-1-1501", None, "处理中", None]
    no_such_day = ["2026-2-30", "苏清越", "1号楼-1-1501", "门锁松动关不严", "处理中", None]
    elsewhere = ["2026-10-2", "苏清越", "9号楼-1-101", "门锁松动关不严", "处理中", None]

    done = bring(house, "complaints", COMPLAINTS, first, without_words, no_such_day, elsewhere)

    assert [(r.row, r.reason) for r in done.rejected] == [
        (3, "投诉内容为空"),
        (4, "日期「2026-2-30」没有这一天"),
        (5, "房号「9号楼-1-101」：项目里没有这套房"),
    ]
    bring(house, "complaints", COMPLAINTS, [*first[:4], "已解决", "2026-10-20"])
    event = Event.objects.get(step="import_change")
    said = open_body(event.body)["given"]
    assert (said["old"]["result"], said["new"]["result"]) == ("处理中", "已解决")
    assert (said["old"]["closed_date"], said["new"]["closed_date"]) == (None, "2026-10-20")


def test_an_old_complaint_reads_like_any_case_and_can_be_settled(house: House):
    bring(
        house,
        "complaints",
        COMPLAINTS,
        ["2026-10-1", "苏清越", "1号楼-1-1501", "阳台地砖空鼓三块", "处理中", None],
    )

    case = Case.objects.get(process="complaint")
    options = engine.options(case, by=house.wu, at=WEDNESDAY)

    assert [option.name for option in options if option.open] == ["settle", "take_up"]
    assert Customer.objects.count() == 0
