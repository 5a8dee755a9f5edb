"""One report of measured areas in many layouts."""

from decimal import Decimal

import pytest

from guiju.registers.reading import NotARegister, read_register
from tests.registers.builders import Page, excel, text_file

D = Decimal
HOMES = [
    ("1", "1", "101", D("101.90"), D("80.52")),
    ("1", "2", "1502", D("132.64"), D("104.98")),
    ("2", "1", "201", D("142.00"), D("113.68")),
]
HEADER = ["幢号", "单元", "房号", "合同约定建筑面积", "实测建筑面积", "合同约定套内面积", "实测套内面积"]
ROWS = [
    ["1号楼", 1, "101", 101.5, 101.9, 80.2, 80.52],
    ["1号楼", 2, "1502", 128.77, 132.64, 101.92, 104.98],
    ["2号楼", 1, "201", 143.08, 142, 114.55, 113.68],
]


def plain():
    return excel(Page("实测成果", [["澄园 房屋实测面积成果表"], HEADER, *ROWS]))


def measured_before_contract():
    header = ["实测套内", "实测建面", "预测套内", "预测建面", "室号", "单元号", "楼号"]
    return excel(Page("Sheet1", [header, *[[r[6], r[4], r[5], r[3], r[2], r[1], r[0]] for r in ROWS]]))


def groups_over_two_rows():
    top = ["楼栋", "单元", "房号", "合同约定面积（㎡）", None, "实测面积（㎡）", None, "误差比"]
    sub = [None, None, None, "建筑", "套内", "建筑", "套内", None]
    rows = [[r[0], r[1], r[2], r[3], r[5], r[4], r[6], "1.2%"] for r in ROWS]
    return excel(
        Page("Sheet1", [["测绘成果"], top, sub, *rows], merges=["A1:H1", "D2:E2", "F2:G2", "A2:A3", "H2:H3"])
    )


def groups_without_merging():
    top = ["房屋坐落", "暂测", "", "实测", ""]
    sub = ["", "建筑面积", "套内面积", "建筑面积", "套内面积"]
    names = ["1号楼1单元101", "1#2-1502", "2栋1单元201室"]
    rows = [[name, r[3], r[5], r[4], r[6]] for name, r in zip(names, ROWS, strict=True)]
    return text_file([top, sub, *rows], encoding="gb18030")


def only_measured_columns_named_by_the_title():
    header = ["房号", "建筑面积", "套内建筑面积", "分摊面积"]
    names = ["1-1-101", "1-2-1502", "2-1-201"]
    rows = [[name, r[4], r[6], round(r[4] - r[6], 2)] for name, r in zip(names, ROWS, strict=True)]
    return excel(Page("Sheet1", [["房屋竣工实测面积汇总表"], header, *rows]))


def three_area_versions_beside_each_other():
    header = [
        "楼幢",
        "单元",
        "房间号",
        "预售建筑面积",
        "竣工建筑面积",
        "面积差",
        "预售套内面积",
        "竣工套内面积",
        "套内差",
    ]
    rows = [[r[0], r[1], r[2], r[3], r[4], round(r[4] - r[3], 2), r[5], r[6], 0.1] for r in ROWS]
    return excel(Page("Sheet1", [header, *rows]))


def text_with_units_and_full_width():
    rows = [
        [r[0], f"{r[1]}单元", f"{r[2]}室", f"{r[3]}㎡", f"{r[4]}平方米", f"{r[5]}m2", f"{r[6]} ㎡"]
        for r in ROWS
    ]
    rows[0][4] = "１０１．９０"
    return excel(Page("Sheet1", [HEADER, *rows]))


def sheets_by_building():
    header = [name for name in HEADER if name != "幢号"]
    return excel(
        Page("1号楼", [["实测面积"], header, ROWS[0][1:], ROWS[1][1:], ["合计", None, 230.27]]),
        Page("2号楼", [header, ROWS[2][1:]]),
    )


def merged_building_and_totals():
    rows = [
        ROWS[0],
        [None, *ROWS[1][1:]],
        ["小计", None, "2套", 230.27, 234.54],
        ROWS[2],
        ["合计", None, "3套"],
    ]
    return excel(Page("Sheet1", [HEADER, *rows], merges=["A2:A3"]))


def tabs_in_utf16():
    return text_file([HEADER, *ROWS], encoding="utf-16", delimiter="\t")


def hidden_columns_with_an_older_survey():
    header = [*HEADER, "原实测建筑面积"]
    return excel(Page("Sheet1", [header, *[[*r, 1] for r in ROWS]], hidden_columns=[8]))


def titles_and_notes():
    above = [["澄园项目"], ["产权面积测绘报告"], ["测绘单位：示范测绘院", None, "单位：平方米"]]
    below = [["说明：实测面积以不动产登记为准。"], ["审核：", None, "日期：2026年3月"]]
    return excel(Page("Sheet1", [*above, HEADER, *ROWS, [], *below]))


LAYOUTS = [
    plain, measured_before_contract, groups_over_two_rows, groups_without_merging,
    only_measured_columns_named_by_the_title, three_area_versions_beside_each_other, text_with_units_and_full_width,
    sheets_by_building, merged_building_and_totals, tabs_in_utf16, hidden_columns_with_an_older_survey, titles_and_notes,
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_same_areas_are_read_from_every_layout(layout):
    reading = read_register("areas", layout(), file_name="面积.xlsx")

    assert [entry.reasons for entry in reading.entries] == [[], [], []]
    found = []
    for entry in reading.entries:
        place = entry.places[0]
        found.append((place.building, place.entrance, place.room, entry.facts.area, entry.facts.inner_area))
    assert found == HOMES


def test_a_home_without_a_measured_area_is_refused():
    content = excel(Page("Sheet1", [HEADER, *ROWS, ["2号楼", 1, "202", 100, None, 80, 81]]))

    entries = read_register("areas", content, file_name="x.xlsx").entries

    assert [entry.reasons for entry in entries] == [[], [], [], ["实测建筑面积为空"]]


def test_a_price_list_is_no_report_of_measured_areas():
    header = ["房号", "建筑面积", "套内面积", "单价", "总价"]
    content = excel(Page("Sheet1", [header, ["1-1-101", 100, 80, 10000, 1000000]]))

    with pytest.raises(NotARegister, match="像一房一价表"):
        read_register("areas", content, file_name="x.xlsx")


def test_far_apart_areas_are_remarked_on():
    content = excel(Page("Sheet1", [HEADER, ["1号楼", 1, "101", 100, 150, 80, 81]]))

    entries = read_register("areas", content, file_name="x.xlsx").entries

    assert entries[0].notices == ["实测建筑面积 150.00 与合同约定 100.00 相差超过 20%，请核对"]
