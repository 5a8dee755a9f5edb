"""One price list of four homes in many layouts: each must read as the same homes, areas and prices."""

from decimal import Decimal

import pytest

from guiju.registers.reading import NotARegister, read_register
from tests.registers.builders import Page, excel, text_file

D = Decimal
HOMES = [
    ("1", "1", "101", D("101.50"), D("80.20"), D("20000.00"), D("2030000.00")),
    ("1", "1", "102", D("89.45"), D("70.13"), D("21000.00"), D("1878450.00")),
    # 128.77 × 20,500.50 = 2,639,849.385, half up.
    ("1", "2", "1502", D("128.77"), D("101.92"), D("20500.50"), D("2639849.39")),
    ("2", "1", "201", D("143.08"), D("114.55"), D("30000.00"), D("4292400.00")),
]
HEADER = ["楼栋", "单元", "楼层", "房号", "建筑面积", "套内面积", "单价", "总价"]
ROWS = [
    ["1号楼", "1单元", 1, "101", 101.5, 80.2, 20000, 2030000],
    ["1号楼", "1单元", 1, "102", 89.45, 70.13, 21000, 1878450],
    ["1号楼", "2单元", 15, "1502", 128.77, 101.92, 20500.5, 2639849.39],
    ["2号楼", "1单元", 2, "201", 143.08, 114.55, 30000, 4292400],
]


def plain():
    return excel(Page("Sheet1", [HEADER, *ROWS]))


def titles_blank_rows_and_a_permit_above():
    above = [
        ["澄园 商品房一房一价公示表"],
        [],
        ["预售许可证号：示售证字(2026)1号", None, "制表日期", "2026.1.5"],
        [],
    ]
    return excel(Page("公示", [*above, HEADER, *ROWS], merges=["A1:H1"]))


def other_names_in_another_order():
    header = [
        "序号",
        "表价（元）",
        "单价(元/㎡)",
        "套内建筑面积(m²)",
        "预测建筑面积（平方米）",
        "房间号",
        "层",
        "门栋",
        "幢号",
    ]
    rows = [
        [n, r[7], r[6], r[5], r[4], r[3], r[2], r[1], r[0].replace("号楼", "幢")]
        for n, r in enumerate(ROWS, 1)
    ]
    return excel(Page("Sheet1", [header, *rows]))


def building_merged_down_and_entrance_only_in_its_first_row():
    rows = [
        ["1号楼", "1单元", 1, "101", 101.5, 80.2, 20000, 2030000],
        [None, None, 1, "102", 89.45, 70.13, 21000, 1878450],
        [None, "2单元", 15, "1502", 128.77, 101.92, 20500.5, 2639849.39],
        ["2号楼", "1单元", 2, "201", 143.08, 114.55, 30000, 4292400],
    ]
    return excel(Page("Sheet1", [HEADER, *rows], merges=["A2:A4"]))


def one_sheet_per_building_named_by_the_sheet():
    header, rows = HEADER[1:], [r[1:] for r in ROWS]
    return excel(Page("1号楼", [header, *rows[:3]]), Page("2#", [["价格表"], header, rows[3]]))


def building_in_the_title_room_with_entrance_in_one_cell():
    header = ["房号", "面积", "套内", "单价", "总价"]
    one = [["1-101", *ROWS[0][4:]], ["1-102", *ROWS[1][4:]], ["2-1502", *ROWS[2][4:]]]
    return excel(
        Page("甲", [["澄园1号楼价目表"], header, *one]),
        Page("乙", [["澄园2号楼价目表"], header, ["1-201", *ROWS[3][4:]]]),
    )


def whole_address_in_one_cell():
    header = ["房源", "建面", "套内面积", "单价", "总房款"]
    names = ["1号楼-1-101", "1#1-102", "1幢2单元1502室", "２－１－２０１"]
    return excel(Page("Sheet1", [header, *[[name, *r[4:]] for name, r in zip(names, ROWS, strict=True)]]))


def two_rows_of_header_with_groups():
    top = ["楼栋", "单元", "房号", "面积（㎡）", None, "价格", None]
    sub = [None, None, None, "建筑", "套内", "单价(元/㎡)", "总价(元)"]
    rows = [[r[0], r[1], r[3], *r[4:]] for r in ROWS]
    return excel(
        Page(
            "Sheet1",
            [["澄园价格表"], top, sub, *rows],
            merges=["A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:G2"],
        )
    )


def text_numbers_full_width_separators_and_units_in_cells():
    rows = [
        ["１号楼", "１单元", "1层", "１０１", "101.50㎡", "80.20 平方米", "¥20,000.00", "2,030,000.00元"],
        ["1号楼", "一单元", "1F", 102.0, "８９．４５", "70.13", "２１，０００", "￥1,878,450"],
        ["1#", "2单元", "15层", 1502, "128.77", 101.92, "20500.50元/㎡", "2 639 849.39"],
        ["2栋", 1, "2", "0201", " 143.08 ", "114.55m2", 30000, "429.24万"],
    ]
    return excel(Page("Sheet1", [HEADER, *rows]))


def totals_notes_and_repeated_headers_between_rows():
    body = [
        ROWS[0], ["小计", None, None, "1套", 101.5, None, None, 2030000], ROWS[1], HEADER, ROWS[2],
        ["合 计", None, None, None, 319.72, None, None, 6547999.39], [], ROWS[3],
        ["总计", None, None, "4套"], ["注：以上价格不含契税，最终以合同为准。"], ["制表人：林晓", None, None, "审核：周宁"],
    ]  # fmt: skip
    return excel(Page("Sheet1", [HEADER, *body]))


def totals_in_wan_yuan():
    header = [*HEADER[:7], "总价（万元）"]
    rows = [[*r[:7], total] for r, total in zip(ROWS, (203, 187.845, 263.98, 429.24), strict=True)]
    return excel(Page("Sheet1", [header, *rows]))


def totals_in_wan_yuan_said_above_the_table():
    header = ["楼号", "单元", "楼层", "室号", "建筑面积", "套内面积", "单价（元/㎡）", "总价"]
    rows = [[*r[:7], total] for r, total in zip(ROWS, (203, 187.845, 263.984939, 429.24), strict=True)]
    return excel(Page("Sheet1", [["澄园一房一价表"], ["单位：万元"], header, *rows]))


def gbk_text_file():
    return text_file([["澄园一房一价表"], HEADER, *ROWS], encoding="gb18030")


def utf8_text_file_with_mark_and_semicolons():
    return text_file([HEADER, *ROWS], delimiter=";")


def html_saved_as_xls():
    head = "".join(f"<th>{name}</th>" for name in HEADER)
    body = "<tr><td rowspan=3>1号楼</td>" + "".join(f"<td>{c}</td>" for c in ROWS[0][1:]) + "</tr>"
    body += "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r[1:]) + "</tr>" for r in ROWS[1:3])
    body += "<tr>" + "".join(f"<td>{c}</td>" for c in ROWS[3]) + "</tr>"
    return f"<html><meta charset=gbk><table><tr>{head}</tr>{body}</table></html>".encode("gbk")


def hidden_floor_price_columns_and_a_hidden_old_sheet():
    header = [*HEADER[:6], "单价", "总价", "底价单价", "底价总价"]
    rows = [[*r, 1, 2] for r in ROWS]
    return excel(
        Page("现行", [header, *rows], hidden_columns=[9, 10], hidden_rows=[3]),
        Page("旧价", [HEADER, *ROWS], hidden=True),
    )


def numbered_per_floor():
    rows = [
        ["1号楼", "1", "1层", "01", *ROWS[0][4:]], ["1号楼", "1", "1层", "02", *ROWS[1][4:]],
        ["1号楼", "2", "15层", "02", *ROWS[2][4:]], ["2号楼", "1", "2层", "01", *ROWS[3][4:]],
    ]  # fmt: skip
    return excel(Page("Sheet1", [HEADER, *rows]))


def a_row_that_numbers_the_columns():
    return excel(Page("Sheet1", [HEADER, list(range(1, 9)), *ROWS]))


LAYOUTS = [
    plain, titles_blank_rows_and_a_permit_above, other_names_in_another_order,
    building_merged_down_and_entrance_only_in_its_first_row, one_sheet_per_building_named_by_the_sheet,
    building_in_the_title_room_with_entrance_in_one_cell, whole_address_in_one_cell, two_rows_of_header_with_groups,
    text_numbers_full_width_separators_and_units_in_cells, totals_notes_and_repeated_headers_between_rows,
    totals_in_wan_yuan, totals_in_wan_yuan_said_above_the_table, gbk_text_file, utf8_text_file_with_mark_and_semicolons,
    html_saved_as_xls, hidden_floor_price_columns_and_a_hidden_old_sheet, numbered_per_floor,
    a_row_that_numbers_the_columns,
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_same_homes_are_read_from_every_layout(layout):
    reading = read_register("units", layout(), file_name="价格表.xls")

    found = []
    for entry in reading.entries:
        assert entry.reasons == []
        row = entry.facts
        found.append(
            (row.building, row.entrance, row.room, row.area, row.inner_area, row.unit_price, row.total)
        )
    assert found == HOMES


def read(rows, header=HEADER):
    return read_register("units", excel(Page("Sheet1", [header, *rows])), file_name="x.xlsx").entries


def test_a_total_that_is_not_area_times_price_is_refused_with_the_sum():
    entries = read([*ROWS, ["2号楼", "1单元", 3, "301", 128.77, 101.92, 40000, 1]])

    assert [e.reasons for e in entries[:4]] == [[], [], [], []]
    assert entries[4].reasons == ["总价 1.00 元与面积 × 单价（128.77 × 40,000.00 = 5,150,800.00）不符"]


def test_a_total_wrong_by_a_cent_is_refused():
    entries = read([*ROWS, ["2号楼", "1单元", 3, "301", 128.77, 101.92, 20500.5, 2639849.38]])

    assert entries[4].reasons == [
        "总价 2,639,849.38 元与面积 × 单价（128.77 × 20,500.50 = 2,639,849.39）不符"
    ]


def test_a_list_by_inner_area_is_known_by_its_own_sums():
    rows = [[*r[:7], round(r[5] * r[6] + 1e-9, 2)] for r in ROWS]
    rows.append(["2号楼", "1单元", 3, "301", 100, 80, 10000, 1000000])

    entries = read(rows)

    assert [e.facts.basis.value for e in entries[:4]] == ["inner"] * 4
    assert entries[4].reasons == [
        "总价 1,000,000.00 元与套内面积 × 单价（80.00 × 10,000.00 = 800,000.00）不符"
    ]


def test_totals_rounded_to_the_yuan_are_taken_when_the_whole_list_does_so():
    rows = [
        ["1号楼", "1单元", n, f"{n}01", 88.88, 70, 20001 + n, round(88.88 * (20001 + n))] for n in range(1, 7)
    ]

    entries = read(rows)

    assert [e.reasons for e in entries] == [[]] * 6
    assert entries[0].facts.total == D("1777778.00")


def test_a_list_without_unit_prices_is_per_home():
    header = ["楼栋", "房号", "建筑面积", "总价"]

    entries = read([["1幢", "101", 88, 1500000], ["1幢", "102", 90, 1600000]], header)

    assert [(e.facts.basis.value, e.facts.unit_price, e.facts.total) for e in entries] == [
        ("unit", None, D("1500000.00")), ("unit", None, D("1600000.00")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["1号楼", "1单元", 3, "301", None, 80, 20000, 2000000], "建筑面积为空"),
        (["1号楼", "1单元", 3, "301", 0, 80, 20000, 2000000], "建筑面积「0」不是大于 0 的面积"),
        (["1号楼", "1单元", 3, "301", "约100", 80, 20000, 2000000], "建筑面积「约100」不是面积"),
        (["1号楼", "1单元", 3, "301", 100, 120, 20000, 2000000], "套内面积 120.00 大于建筑面积 100.00"),
        (["1号楼", "1单元", 3, "301", 100, 80, None, 2000000], "单价为空"),
        (["1号楼", "1单元", 3, "301", 100, 80, 20000, None], "总价为空"),
        (["1号楼", "1单元", 3, "301", 100, 80, 20000, "面议"], "总价「面议」不是金额"),
        (["1号楼", "1单元", 3, None, 100, 80, 20000, 2000000], "房号为空"),
        (["1号楼", "1单元", 3, "样板间", 100, 80, 20000, 2000000], "房号「样板间」认不出是哪一套"),
        (["1号楼", "1单元", 3, "2-1-301", 100, 80, 20000, 2000000], "房号「2-1-301」与楼栋、单元列不一致"),
    ],
)
def test_a_bad_row_is_refused_with_the_column_and_what_stands_there(row, reason):
    entries = read([*ROWS, row])

    assert [e.reasons for e in entries] == [[], [], [], [], [reason]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 broken", "打不开"),
        (bytes(range(256)) * 4, "不是 Excel 工作簿"),
        ("只有一句话。".encode(), "没有找到分列的内容"),
        (excel(Page("空", [])), "文件里没有内容"),
        (excel(Page("Sheet1", [["甲", "乙"], [1, 2]])), "没有找到含「房号」、「建筑面积」、「总价」的表头"),
        (excel(Page("Sheet1", [HEADER])), "一房一价表里没有数据"),
        (
            excel(
                Page(
                    "Sheet1",
                    [
                        ["房号", "业主", "身份证号", "电话"],
                        ["1-1-101", "张三", "110105198001150010", "19900000001"],
                    ],
                )
            ),
            "像客户台账",
        ),
        (
            excel(Page("Sheet1", [["房号", "合同面积", "实测面积"], ["1-1-101", 100, 101]])),
            "像实测面积成果表",
        ),
    ],
)
def test_what_is_no_price_list_is_refused_in_a_sentence(content, words):
    with pytest.raises(NotARegister, match=words):
        read_register("units", content, file_name="x.xlsx")


def test_an_owners_register_with_areas_and_prices_is_still_no_price_list():
    header = ["房号", "姓名", "身份证号", "面积", "单价", "总价"]
    content = excel(Page("Sheet1", [header, ["1-1-101", "张三", "110105198001150010", 100, 10000, 1000000]]))

    with pytest.raises(NotARegister, match="像客户台账"):
        read_register("units", content, file_name="x.xlsx")


def test_a_list_with_an_unknown_column_shows_its_headings_to_correct():
    content = excel(Page("Sheet1", [["楼栋", "单元", "楼层", "房号", "甲", "套内面积", "丙", "乙"], *ROWS]))

    with pytest.raises(NotARegister, match="没有找到「总价或单价或套内单价」列") as refused:
        read_register("units", content, file_name="x.xlsx")

    (mapping,) = refused.value.mappings
    assert mapping.missing == ("总价或单价或套内单价",)
    corrected = {**mapping.places(), "area": 4, "unit_price": 6, "total": 7}
    reading = read_register("units", content, file_name="x.xlsx", corrected={mapping.fingerprint: corrected})
    assert [entry.facts.total for entry in reading.entries] == [home[-1] for home in HOMES]
