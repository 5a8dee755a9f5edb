"""What an import writes, what it refuses, and that the same file twice changes nothing."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.management import call_command
from django.db import connection
from openpyxl import load_workbook

from guiju.customers.models import Contact, Customer
from guiju.estate.models import Building, Control, ControlChange, Permit, PriceChange, Project, Unit
from guiju.estate.operations import control
from guiju.kernel.audit import verify
from guiju.kernel.models import Case, CaseLink, Clock, Event, Reaction, Todo
from guiju.kernel.search import search
from guiju.quality.models import Complaint
from guiju.registers.mending import mend_file
from guiju.registers.models import Doubt, Import, ImportedFact, Layout
from guiju.registers.operations import UnableToImport, UnableToRemember, remember_layout
from guiju.registers.outcomes import Status
from guiju.registers.queries import came_from, doubts_about, units_beyond_three_percent
from guiju.sales.models import Deal, DealBuyer
from tests.registers.builders import Page, excel, resident, wrong
from tests.registers.conftest import AT, UNITS_HEADER

D = Decimal
OWNERS_HEADER = ["房号", "买受人", "证件号码", "联系电话", "认购日期", "签约日期", "合同编号", "付款方式", "成交总价", "首付款", "贷款银行", "备注"]  # fmt: skip
COMPLAINTS_HEADER = ["日期", "来源", "业主", "房号", "电话", "投诉内容", "性质", "责任部门", "处理意见", "处理结果", "办结日期", "满意度"]  # fmt: skip


def owners(*rows):
    return excel(Page("客户台账", [["澄园客户台账"], OWNERS_HEADER, *rows]))


def owner(room, name="赵一", number=None, **changes):
    made = dict(zip(OWNERS_HEADER, [room, name, number or resident(1), "19900000001", "2026-1-5", "2026-1-12", f"HT-{room}", "银行按揭", 1000000, 300000, "工行", None], strict=True))  # fmt: skip
    return list({**made, **changes}.values())


def areas(*rows):
    return excel(Page("实测", [["房号", "合同面积", "实测面积", "合同套内面积", "实测套内面积"], *rows]))


def complaints(*rows):
    return excel(Page("投诉", [COMPLAINTS_HEADER, *rows]))


def unit(label):
    building, entrance, room = label.split("-")
    return Unit.objects.get(building__name=f"{building}号楼", entrance=entrance, room=room)


def everything():
    """How many rows there are of all that an import may write, its own log aside."""
    kept = [
        Project,
        Building,
        Unit,
        Permit,
        PriceChange,
        ControlChange,
        Customer,
        Contact,
        Deal,
        DealBuyer,
        Case,
    ]
    kept += [CaseLink, Complaint, Event, Doubt, ImportedFact]
    return {model.__name__: model.objects.count() for model in kept}


# --- price lists -----------------------------------------------------------------------------------------------------------
def test_a_price_list_makes_the_project_with_its_name_buildings_units_and_prices(estate):
    project = Project.objects.get(code="CY1")

    assert (project.name, estate.new_project) == ("澄园", True)
    assert list(project.buildings.order_by("position").values_list("name", flat=True)) == ["1号楼", "2号楼"]
    assert estate.counts == {"read": 48, "created": 48, "updated": 0, "unchanged": 0, "rejected": 0}
    made = unit("1-2-602")
    assert (made.floor, made.layout, made.area_contract, made.inner_area) == (6, "A", D(100), D(80))
    assert (made.unit_price, made.list_price, made.pricing_basis) == (D(10000), D(1000000), "gfa")
    assert (made.control, made.unverified) == (Control.NOT_RELEASED, False)
    assert PriceChange.objects.filter(unit=made).get().list_price == D(1000000)


def test_the_permit_above_a_price_list_covers_its_buildings(bring):
    rows = [["澄园 1号楼 一房一价公示表"], ["预售许可证号：示售证字(2026)第1号"], UNITS_HEADER]
    rows.append(["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None])

    bring("units", excel(Page("1号楼", rows)))

    permit = Permit.objects.get()
    assert (permit.kind, permit.number, permit.valid_until) == ("presale", "示售证字(2026)第1号", None)
    assert [building.name for building in permit.buildings.all()] == ["1号楼"]


def test_the_same_price_list_twice_changes_nothing(bring, estate):
    rows = [UNITS_HEADER]
    rows += [["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None]] * 2
    content = excel(Page("1号楼", rows))
    bring("units", content)
    Unit.objects.update(unverified=False, unverified_reason="")
    before = everything()

    again = bring("units", content)

    assert again.counts == {"read": 2, "created": 0, "updated": 0, "unchanged": 1, "rejected": 1}
    assert everything() == before
    assert not Unit.objects.filter(unverified=True).exists()
    assert Import.objects.count() == 3


def test_a_unit_named_twice_is_refused_the_second_time_and_doubted(bring):
    rows = [UNITS_HEADER, ["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None], ["合计"]]
    rows.append(["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None])

    done = bring("units", excel(Page("1号楼", rows)), file_name="价格.xlsx")

    assert done.counts == {"read": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    (refused,) = done.rejected
    assert (refused.sheet, refused.row, refused.reason) == ("1号楼", 4, "1号楼 1单元 101 与第 2 行重复")
    doubted = unit("1-1-101")
    assert doubted.unverified
    assert doubted.unverified_reason == "价格.xlsx 工作表「1号楼」第 4 行：1号楼 1单元 101 与第 2 行重复"
    assert doubts_about(doubted)[0].row == 4


def test_a_new_price_is_written_with_its_history(bring, estate):
    rows = [UNITS_HEADER, ["1号楼", "1单元", 1, "101", "A", 100, 80, 11000, 1100000, None]]

    done = bring("units", excel(Page("调价", rows)), at=AT + timedelta(days=9))

    (outcome,) = done.outcomes
    assert [(c.label, c.old, c.new) for c in outcome.changes] == [
        ("单价", "10,000.00", "11,000.00"), ("总价", "1,000,000.00", "1,100,000.00"),
    ]  # fmt: skip
    prices = PriceChange.objects.filter(unit=unit("1-1-101")).order_by("pk")
    assert [price.list_price for price in prices] == [D(1000000), D(1100000)]


def test_a_list_that_leaves_the_entrance_out_makes_no_second_home(bring):
    rows = [UNITS_HEADER, ["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None]]
    bring("units", excel(Page("x", rows)))

    done = bring(
        "units",
        excel(Page("x", [UNITS_HEADER, ["1#", None, 1, "101室", "A", 100, 80, 10000, 1000000, None]])),
    )

    assert done.counts["unchanged"] == 1
    assert Unit.objects.count() == 1


def test_a_shop_without_entrance_and_a_flat_with_one_may_share_a_number(bring):
    rows = [UNITS_HEADER, ["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None]]
    rows.append(["1号楼", "/", 1, "101", "商铺", 50, 40, 30000, 1500000, None])
    content = excel(Page("x", rows))

    assert bring("units", content).counts["created"] == 2
    assert bring("units", content).counts["unchanged"] == 2


def test_a_hand_edit_is_kept_and_reported(bring, estate):
    Unit.objects.filter(pk=unit("1-1-101").pk).update(list_price=D(999000), layout="")
    rows = [UNITS_HEADER, ["1号楼", "1单元", 1, "101", "A", 100, 80, 11000, 1100000, None]]

    done = bring("units", excel(Page("调价", rows)))

    kept = unit("1-1-101")
    assert (kept.list_price, kept.unit_price, kept.layout) == (D(999000), D(11000), "")
    assert done.outcomes[0].notices == [
        "户型已人工改为「空」，保留不变",
        "总价已人工改为「999,000.00」，保留不变",
    ]


def test_a_blank_in_the_register_erases_nothing(bring, estate):
    rows = [["楼栋", "单元", "房号", "建筑面积", "总价"], ["1号楼", "1单元", "101", 100, 1000000]]

    bring("units", excel(Page("x", rows)))

    assert (unit("1-1-101").layout, unit("1-1-101").inner_area) == ("A", D(80))


def test_a_preview_writes_nothing(bring, estate):
    rows = [UNITS_HEADER, ["9号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None]]
    before = everything()

    shown = bring("units", excel(Page("x", rows)), dry_run=True)

    assert shown.counts["created"] == 1
    assert (everything(), Import.objects.count()) == (before, 1)


def test_an_unknown_project_is_made_by_price_lists_only(bring, company):
    with pytest.raises(UnableToImport, match="没有代码为 CY9 的项目"):
        bring("customers", owners(owner("1-1-101")), project="CY9")

    assert not Project.objects.exists()


# --- measured areas --------------------------------------------------------------------------------------------------------
def test_measured_areas_are_written_beside_the_contract_and_judged_exactly(bring, estate):
    done = bring(
        "areas",
        areas(
            ["1-1-101", 100, 103, 80, 80],  # exactly 3 %: not beyond
            ["1-1-102", 100, 103.01, 80, 80],
            ["1-1-201", 100, 96.99, 80, 80],
            ["1-1-202", 100, 100, 80, 82.41],
        ),
    )

    assert done.counts == {"read": 4, "created": 0, "updated": 4, "unchanged": 0, "rejected": 0}
    beyond = units_beyond_three_percent(Project.objects.get())
    assert [u.short for u in beyond.by_area] == ["1-1-102", "1-1-201"]
    assert [u.short for u in beyond.by_area_or_inner] == ["1-1-102", "1-1-201", "1-1-202"]
    assert unit("1-1-101").area_contract == D(100)


def test_areas_of_unknown_and_repeated_units_are_refused(bring, estate):
    done = bring(
        "areas",
        areas(["1-1-101", 100, 101, 80, 80], ["9-9-999", 1, 1, 1, 1], ["1号楼1单元101", 100, 102, 80, 80]),
    )

    assert [(r.row, r.reason) for r in done.rejected] == [
        (3, "项目里没有这套房"),
        (4, "1号楼 1单元 101 与第 2 行重复"),
    ]
    assert unit("1-1-101").area_measured == D(101)


def test_the_same_areas_twice_change_nothing(bring, estate):
    content = areas(["1-1-101", 100, 101, 80, 80])
    bring("areas", content)
    before = everything()

    assert bring("areas", content).counts["unchanged"] == 1
    assert everything() == before


# --- owners ----------------------------------------------------------------------------------------------------------------
def test_an_owner_becomes_a_customer_with_a_live_deal_and_the_unit_is_signed(bring, estate):
    done = bring("customers", owners(owner("1号楼-1-101")), file_name="台账.xlsx")

    assert done.counts == {"read": 1, "created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    deal = Deal.objects.get()
    assert (deal.live, deal.stage, deal.payment, deal.bank) == (True, Deal.SIGNED, "mortgage", "中国工商银行")
    assert (deal.total_price, deal.down_payment, deal.list_price) == (D(1000000), D(300000), D(1000000))
    assert (deal.subscribed_date, deal.signed_date) == (date(2026, 1, 5), date(2026, 1, 12))
    assert deal.contract_number == "HT-1号楼-1-101"
    assert deal.source == "台账.xlsx 工作表「客户台账」第 3 行"
    buyer = DealBuyer.objects.get().customer
    assert (buyer.name, buyer.phone, buyer.identity_number) == ("赵一", "19900000001", resident(1))
    assert unit("1-1-101").control == Control.SIGNED
    change = ControlChange.objects.get()
    assert (change.before, change.after, change.recorded_at) == ("not_released", "signed", AT)
    (fact,) = came_from(target_kind=ImportedFact.DEAL, target_id=deal.pk)
    assert (fact.sheet, fact.row) == ("客户台账", 3)


def test_without_a_signing_day_the_unit_is_subscribed(bring, estate):
    bring("customers", owners(owner("1-1-101", 签约日期=None, 合同编号=None)))

    assert (Deal.objects.get().stage, unit("1-1-101").control) == (Deal.SUBSCRIBED, Control.SUBSCRIBED)


def test_a_later_register_brings_the_signing(bring, estate):
    bring("customers", owners(owner("1-1-101", 签约日期=None, 合同编号=None)))

    done = bring("customers", owners(owner("1-1-101")))

    assert done.counts["updated"] == 1
    assert (Deal.objects.get().stage, unit("1-1-101").control) == (Deal.SIGNED, Control.SIGNED)
    assert [c.after for c in ControlChange.objects.order_by("pk")] == ["subscribed", "signed"]


def test_one_person_with_two_homes_is_one_customer_with_all_numbers(bring, estate):
    bring("customers", owners(owner("1-1-101"), owner("1-1-102", 联系电话="19900000002/19900000003")))

    customer = Customer.objects.get()
    assert customer.phone == "19900000001"
    assert sorted(contact.value for contact in Contact.objects.all()) == ["19900000002", "19900000003"]
    assert Deal.objects.count() == 2


def test_co_buyers_keep_their_order_shares_and_own_numbers(bring, estate):
    names, numbers = "赵一60%、钱二40%", f"{resident(1)}/{resident(2)}"

    bring("customers", owners(owner("1-1-101", names, numbers, 联系电话="19900000001、19900000002")))

    found = [
        (b.position, b.customer.name, b.customer.phone, b.share)
        for b in DealBuyer.objects.order_by("position")
    ]
    assert found == [(1, "赵一", "19900000001", D(60)), (2, "钱二", "19900000002", D(40))]


def test_a_refused_row_leaves_nothing_and_marks_its_unit(bring, estate):
    content = owners(
        owner("1-1-101"), owner("1-1-102", "钱二", wrong(resident(2))), owner("9-9-999", "孙三", resident(3))
    )

    done = bring("customers", content, file_name="台账.xlsx")

    assert done.counts == {"read": 3, "created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    assert [(r.sheet, r.row) for r in done.rejected] == [("客户台账", 4), ("客户台账", 5)]
    assert done.rejected[1].reason == "房号「9-9-999」：项目里没有这套房"
    assert not Customer.objects.filter(name="钱二").exists()
    doubted = unit("1-1-102")
    assert doubted.unverified
    assert doubted.unverified_reason.startswith("台账.xlsx 工作表「客户台账」第 4 行：证件号码 110")
    assert wrong(resident(2)) not in doubted.unverified_reason
    assert Unit.objects.filter(unverified=True).count() == 1


def test_a_doubt_that_a_person_cleared_is_not_raised_again_by_the_same_row(bring, estate):
    content = owners(owner("1-1-101", "钱二", wrong(resident(2))))
    bring("customers", content)
    control.verify(unit_id=unit("1-1-101").pk)

    bring("customers", content)

    assert not unit("1-1-101").unverified


def test_a_mended_row_takes_the_doubt_away(bring, estate):
    bring("customers", owners(owner("1-1-101", "钱二", wrong(resident(2)))))

    bring("customers", owners(owner("1-1-101", "钱二", resident(2))))

    assert (unit("1-1-101").unverified, unit("1-1-101").unverified_reason) == (False, "")
    assert Doubt.objects.get().settled_import is not None


def test_a_unit_sold_twice_in_one_register_is_refused_the_second_time(bring, estate):
    done = bring(
        "customers", owners(owner("1-1-101"), owner("1号楼1单元101室", "钱二", resident(2), 合同编号="HT-2"))
    )

    assert [r.reason for r in done.rejected] == ["1号楼 1单元 101 与第 3 行重复"]
    assert unit("1-1-101").unverified


def test_a_unit_sold_before_is_not_sold_again_to_others(bring, estate):
    bring("customers", owners(owner("1-1-101")), file_name="台账.xlsx")

    done = bring("customers", owners(owner("1-1-101", "钱二", resident(2))))

    assert [r.reason for r in done.rejected] == [
        "1号楼 1单元 101已有成交（买受人 赵一，台账.xlsx 工作表「客户台账」第 3 行）"
    ]


def test_a_contract_number_belongs_to_one_home(bring, estate):
    done = bring("customers", owners(owner("1-1-101", 合同编号="HT-1"), owner("1-1-102", 合同编号="HT-1")))

    assert [r.reason for r in done.rejected] == ["合同编号 HT-1 已用于另一套房（第 3 行）"]


def test_a_number_that_belongs_to_another_name_is_refused(bring, estate):
    done = bring("customers", owners(owner("1-1-101"), owner("1-1-102", "钱二")))

    masked = resident(1)[:3] + "*" * 11 + resident(1)[-4:]
    assert [r.reason for r in done.rejected] == [f"证件号码 {masked} 已登记在「赵一」名下，与「钱二」不符"]


def test_a_sale_taken_back_leaves_the_home_free_for_the_next_buyer(bring, estate):
    content = owners(owner("1-1-101", 备注="已退房", 合同编号="HT-1"), owner("1-1-101", "钱二", resident(2)))

    done = bring("customers", content)

    assert done.counts["created"] == 2
    assert list(Deal.objects.order_by("pk").values_list("live", "stage")) == [
        (False, "closed"),
        (True, "signed"),
    ]
    assert bring("customers", content).counts["unchanged"] == 2


def test_the_same_owners_twice_change_nothing(bring, estate):
    content = owners(
        owner("1-1-101"), owner("1-1-102", "钱二", wrong(resident(2))), owner("1-1-201", "孙三", resident(3))
    )
    bring("customers", content)
    before = everything()

    again = bring("customers", content)

    assert again.counts == {"read": 3, "created": 0, "updated": 0, "unchanged": 2, "rejected": 1}
    assert everything() == before


def test_a_name_corrected_by_hand_stays(bring, estate):
    content = owners(owner("1-1-101", "李宏"))
    bring("customers", content)
    Customer.objects.update(name="李𬭎")

    again = bring("customers", content)

    assert again.counts["unchanged"] == 1
    assert Customer.objects.get().name == "李𬭎"


def test_terms_corrected_by_hand_stay_and_are_reported(bring, estate):
    bring("customers", owners(owner("1-1-101")))
    Deal.objects.update(total_price=D(990000))

    again = bring("customers", owners(owner("1-1-101", 贷款银行="建行")))

    deal = Deal.objects.get()
    assert (deal.total_price, deal.bank) == (D(990000), "中国建设银行")
    assert again.outcomes[0].notices == ["成交总价已人工改为「990,000.00」，保留不变"]


def test_a_price_beside_the_list_is_remarked_on_and_taken(bring, estate):
    done = bring("customers", owners(owner("1-1-101", 成交总价=980000)))

    assert done.outcomes[0].notices == ["成交总价 980,000.00 元，比表价 1,000,000.00 元低 20,000.00 元"]


def test_a_home_being_subscribed_is_not_sold_from_under_it(bring, estate):
    Unit.objects.filter(pk=unit("1-1-101").pk).update(control=Control.LOCKED, holder_case_id=7)

    done = bring("customers", owners(owner("1-1-101")))

    assert [r.reason for r in done.rejected] == ["1号楼 1单元 101正被锁定办理认购"]


def test_a_room_without_its_entrance_is_found_if_it_is_the_only_one(bring, estate):
    done = bring("customers", owners(owner("1号楼101")))

    assert [r.reason for r in done.rejected] == [
        "房号「1号楼101」：可能是 1号楼 1单元 101、1号楼 2单元 101，分不清是哪一套"
    ]


def test_buyers_are_found_by_name_and_phone_in_their_project(bring, estate):
    bring("customers", owners(owner("1-1-101")))

    project = Project.objects.get()
    assert [hit.label for hit in search("赵一", scopes=[project.pk], kinds=["customer"])] == ["赵一"]
    assert [hit.label for hit in search("0001", scopes=[project.pk], kinds=["customer"])] == ["赵一"]
    assert search("赵一", scopes=[project.pk + 1]) == []


def refuse_second_buyers():
    """Let the database refuse second buyers, as it refuses what somebody else wrote meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER no_second BEFORE INSERT ON sales_dealbuyer WHEN NEW.position = 2 "
                "BEGIN SELECT RAISE(ABORT, 'taken'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION no_second() RETURNS trigger AS $$ BEGIN IF NEW.position = 2 THEN "
                "RAISE unique_violation; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
            )
            cursor.execute(
                "CREATE TRIGGER no_second BEFORE INSERT ON sales_dealbuyer FOR EACH ROW EXECUTE FUNCTION no_second()"
            )


def test_a_file_whose_writing_fails_leaves_nothing(bring, estate):
    before, imports = everything(), Import.objects.count()
    refuse_second_buyers()
    rows = [owner("1-1-101"), owner("1-1-102", "钱二、孙三", f"{resident(2)}/{resident(3)}")]

    with pytest.raises(UnableToImport, match="什么都没有导入"):
        bring("customers", owners(*rows))

    assert (everything(), Import.objects.count()) == (before, imports)
    assert unit("1-1-101").control == Control.NOT_RELEASED


# --- complaints ------------------------------------------------------------------------------------------------------------
SOLVED = ["2026-1-5", "来电", "赵一", "1号楼-1-101", "19900000001", "阳台地砖空鼓三块", "质量", "工程部", "安排维修", "已解决", "2026-1-9", "满意"]  # fmt: skip
WAITING = ["2026-1-6", "微信", "钱二", "1号楼-1-101", "19900000002", "物业保洁不及时", "非质量", "物业公司", None, "处理中", "2026-1-8", None]  # fmt: skip


def test_complaints_come_in_as_history_without_clock_notice_or_todo(bring, estate):
    done = bring("complaints", complaints(SOLVED, WAITING), file_name="投诉.xlsx")

    assert done.counts["created"] == 2
    solved, waiting = Case.objects.order_by("pk")
    assert (solved.number, solved.historic, solved.state) == ("TS-CY1-2026-0001", True, "closed")
    assert (waiting.state, waiting.closed_at, waiting.due_at) == ("open", None, None)
    assert (Clock.objects.count(), Todo.objects.count(), Reaction.objects.count()) == (0, 0, 0)
    assert CaseLink.objects.filter(kind="unit", key=unit("1-1-101").pk).count() == 2
    complaint = solved.complaint
    assert (complaint.complainant, complaint.phone, complaint.quality) == ("赵一", "19900000001", True)
    assert waiting.complaint.contradictions == ["处理结果「处理中」，却有办结日期 2026-01-08"]
    assert waiting.complaint.source == "投诉.xlsx 工作表「投诉」第 3 行"


def test_the_same_complaints_twice_change_nothing_and_a_new_result_is_brought(bring, estate):
    bring("complaints", complaints(SOLVED, WAITING))
    before = everything()
    assert bring("complaints", complaints(SOLVED, WAITING)).counts["unchanged"] == 2
    assert everything() == before

    done = bring("complaints", complaints(SOLVED, [*WAITING[:9], "已解决", "2026-2-1", "满意"]))

    assert done.counts == {"read": 2, "created": 0, "updated": 1, "unchanged": 1, "rejected": 0}
    case = Case.objects.get(number="TS-CY1-2026-0002")
    assert (case.state, case.complaint.open, case.complaint.closed_date) == (
        "closed",
        False,
        date(2026, 2, 1),
    )
    assert [event.step for event in case.history.order_by("case_seq")] == ["import", "import_change"]


def test_a_complaint_written_twice_or_about_no_home_of_the_project_is_refused(bring, estate):
    elsewhere = [*SOLVED[:3], "9号楼-9-999", *SOLVED[4:]]

    done = bring("complaints", complaints(SOLVED, SOLVED, elsewhere))

    assert [r.reason for r in done.rejected] == [
        "同一投诉 与第 2 行重复",
        "房号「9号楼-9-999」：项目里没有这套房",
    ]
    assert not Unit.objects.filter(unverified=True).exists()


# --- the whole --------------------------------------------------------------------------------------------------------------
def test_every_import_that_changes_something_is_one_event_of_the_company_and_the_chain_holds(
    bring, estate, company
):
    bring("customers", owners(owner("1-1-101")))
    bring("complaints", complaints(SOLVED, WAITING))
    bring("complaints", complaints([*SOLVED[:11], "不满意"]))

    acts = Event.objects.filter(chain_id=company.pk, step="register_imported")
    assert acts.count() == 4
    assert verify().findings == []


def test_the_mend_file_has_the_refused_rows_with_reasons_and_can_be_imported(bring, estate):
    rows = [
        owner("1-1-101"),
        owner("1-1-102", "钱二", wrong(resident(2))),
        owner("9-9-999", "孙三", resident(3)),
    ]
    bring("customers", owners(*rows))

    book = load_workbook(BytesIO(mend_file(Import.objects.order_by("-pk").first())))

    lines = list(book["客户台账"].iter_rows(values_only=True))
    assert lines[0] == (*OWNERS_HEADER, "原行号", "拒绝原因")
    assert [line[-2] for line in lines[1:]] == [4, 5]
    assert lines[2][-1] == "房号「9-9-999」：项目里没有这套房"
    book["客户台账"]["C2"] = resident(2)
    book["客户台账"]["A3"] = "2-1-201"
    target = BytesIO()
    book.save(target)
    mended = bring("customers", target.getvalue())
    assert mended.counts == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert not Unit.objects.filter(unverified=True).exists()


def test_the_mend_file_of_a_price_list_keeps_the_merged_building(bring):
    rows = [UNITS_HEADER, ["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None]]
    rows.append([None, "1单元", 1, "102", "A", None, 80, 10000, 1000000, None])
    bring("units", excel(Page("价格", rows, merges=["A2:A3"])))

    book = load_workbook(BytesIO(mend_file(Import.objects.get())))

    assert [cell.value for cell in book["价格"][2]][:4] == ["1号楼", "1单元", "1", "102"]


def test_a_corrected_layout_is_remembered_for_the_next_file(bring, estate, company, lin):
    rows = [["房号", "买受人", "证件号码", "联系电话", "日期甲", "日期乙", "总价甲", "总价乙"]]
    rows.append(["1-1-101", "赵一", resident(1), "19900000001", "2026-1-5", "2026-1-9", 1000000, 5])
    content = excel(Page("台账", rows))
    mapping = bring("customers", content, dry_run=True).reading.pages[0].mapping
    columns = {"room": 0, "names": 1, "identities": 2, "phones": 3, "subscribed": 4, "signed": 5, "price": 6}

    remember_layout(
        company=company, kind="customers", fingerprint=mapping.fingerprint,
        headings=[heading.text for heading in mapping.headings], columns=columns, by=lin, at=AT,
    )  # fmt: skip
    bring("customers", content)

    deal = Deal.objects.get()
    assert (deal.subscribed_date, deal.signed_date, deal.total_price) == (
        date(2026, 1, 5),
        date(2026, 1, 9),
        D(1000000),
    )
    assert Layout.objects.get().corrected_by == lin


def test_one_column_cannot_mean_two_things(company, lin):
    with pytest.raises(UnableToRemember, match="同一列不能既是「买受人」又是「证件号码」"):
        remember_layout(
            company=company, kind="customers", fingerprint="x", headings=[], columns={"names": 1, "identities": 1},
            by=lin, at=AT,
        )  # fmt: skip


def test_what_is_kept_of_an_import_is_encrypted(bring, estate):
    bring("customers", owners(owner("1-1-101", "钱二", wrong(resident(2)))))

    stored = Import.objects.raw("SELECT id, result AS stored FROM registers_import ORDER BY id DESC")[
        0
    ].stored

    assert "钱二".encode() not in bytes(stored)


@pytest.mark.django_db
def test_the_models_have_their_migrations():
    call_command("makemigrations", "registers", check=True, dry_run=True, verbosity=0)


def test_statuses_have_words():
    assert [status.label for status in Status] == ["新增", "更新", "不变", "拒绝"]
