"""One owners' register in many layouts: people, numbers, days, terms."""

from datetime import date
from decimal import Decimal

import pytest

from guiju.registers.reading import read_register
from tests.registers.builders import Page, credit_code, excel, resident, text_file, wrong

D = Decimal
ZHAO, QIAN, SUN = resident(1), resident(2), resident(3)
FIRM = credit_code(5)
SALES = [
    ("1", "1", "101", [("赵一", ZHAO)], ["19900000001"], date(2026, 1, 5), date(2026, 1, 12), "mortgage", D("1000000.00"), "中国工商银行"),
    ("1", "2", "1502", [("钱二", QIAN), ("孙三四", SUN)], ["19900000002", "19900000003"], date(2026, 1, 6), date(2026, 1, 6), "lump_sum", D("2500000.50"), ""),
    ("2", "1", "201", [("澄园示范商贸有限公司", FIRM)], ["19900000004"], date(2025, 12, 30), date(2026, 2, 1), "combined", D("3000000.00"), "中国建设银行示范支行"),
]  # fmt: skip
HEADER = ["序号", "房号", "买受人", "证件号码", "联系电话", "认购日期", "签约日期", "合同编号", "付款方式", "成交总价", "首付款", "贷款银行", "备注"]  # fmt: skip
ROWS = [
    [1, "1号楼-1-101", "赵一", ZHAO, "19900000001", "2026-01-05", "2026-01-12", "HT001", "银行按揭", 1000000, 300000, "工行", None],
    [2, "1号楼-2-1502", "钱二、孙三四", f"{QIAN}\n{SUN}", "19900000002/19900000003", "2026.1.6", "2026.1.6", "HT002", "一次性", 2500000.5, 2500000.5, None, "加名"],
    [3, "2号楼-1-201", "澄园示范商贸有限公司", FIRM, "19900000004", "2025年12月30日", "2026年2月1日", "HT003", "组合贷款", 3000000, 900000, "建行示范支行", None],
]  # fmt: skip


def plain():
    return excel(Page("客户台账", [["澄园客户台账"], [], HEADER, *ROWS]))


def other_names_in_another_order():
    header = [
        "按揭银行",
        "首付",
        "合同总价（元）",
        "付款类型",
        "合同号",
        "签约时间",
        "认购时间",
        "手机",
        "身份证号/统一社会信用代码",
        "客户姓名",
        "房间",
    ]
    rows = [[r[11], r[10], r[9], r[8], r[7], r[6], r[5], r[4], r[3], r[2], r[1]] for r in ROWS]
    return excel(Page("Sheet1", [header, *rows]))


def room_in_four_columns():
    header = ["楼栋", "单元", "楼层", "室", *HEADER[2:]]
    places = [("1#", "1", 1, "101"), ("1#", "2", 15, "1502"), ("2#", "1", 2, "201")]
    return excel(Page("Sheet1", [header, *[[*p, *r[2:]] for p, r in zip(places, ROWS, strict=True)]]))


def room_as_people_say_it():
    names = ["1号楼1单元101室", "1幢2单元1502", "2-1-201"]
    return excel(
        Page("Sheet1", [HEADER, *[[r[0], name, *r[2:]] for name, r in zip(names, ROWS, strict=True)]])
    )


def a_line_for_each_buyer_under_a_merged_room():
    rows = [
        ROWS[0],
        [
            2,
            "1号楼-2-1502",
            "钱二",
            QIAN,
            "19900000002",
            "2026-1-6",
            "2026-1-6",
            "HT002",
            "全款",
            2500000.5,
            2500000.5,
        ],
        [None, None, "孙三四", SUN, "19900000003"],
        ROWS[2],
    ]
    return excel(Page("Sheet1", [HEADER, *rows], merges=["A3:A4", "B3:B4", "J3:J4"]))


def a_line_for_each_buyer_with_blanks():
    rows = [
        ROWS[0],
        [
            2,
            "1号楼-2-1502",
            "钱二",
            QIAN,
            "19900000002",
            "2026-1-6",
            "2026-1-6",
            "HT002",
            "一次付清",
            2500000.5,
            2500000.5,
        ],
        [None, None, "孙三四", SUN, "19900000003"],
        ROWS[2],
    ]
    return text_file([HEADER, *rows], encoding="gb18030")


def amounts_in_wan_yuan():
    header = [*HEADER[:9], "成交总价(万元)", "首付款(万元)", "贷款银行", "备注"]
    rows = [
        [*r[:9], total, down, *r[11:]]
        for r, total, down in zip(ROWS, (100, 250.00005, 300), (30, 250.00005, 90), strict=True)
    ]
    return excel(Page("Sheet1", [header, *rows]))


def amounts_in_wan_yuan_not_said():
    rows = [
        [*r[:9], total, down, *r[11:]]
        for r, total, down in zip(ROWS, (100, 250.00005, 300), (30, 250.00005, 90), strict=True)
    ]
    return excel(Page("Sheet1", [HEADER, *rows]))


def numbers_stored_as_numbers_and_serial_days():
    rows = [
        [1, "1号楼-1-101", "赵　一", ZHAO, 19900000001, 46027, 46034, "HT001", "商业贷款", "1,000,000.00", "30万", "中国工商银行", None],
        [2, "1号楼-2-1502", "钱二 孙三四", f"{QIAN}、{SUN}", "199 0000 0002，19900000003", date(2026, 1, 6), "20260106", "HT002", "一次性付款", "2500000.50元", None, "/", None],
        [3, "2号楼-1-201", "澄园示范商贸有限公司", f" {FIRM} ", "+86-199-0000-0004", "2025/12/30", "26.2.1", "HT003", "公积金+商贷", 3000000, 900000, "建设银行示范支行", None],
    ]  # fmt: skip
    return excel(Page("Sheet1", [HEADER, *rows]))


def totals_notes_and_blank_numbered_rows():
    rows = [
        ROWS[0],
        ["合计", None, None, None, None, None, None, None, None, 1000000],
        ROWS[1],
        [],
        ROWS[2],
        [4],
        [5],
    ]
    return excel(Page("Sheet1", [["内部资料"], HEADER, *rows, ["注：客户信息不得外传。"]]))


def building_by_the_sheet():
    header = HEADER
    first = [[1, "1-101", *ROWS[0][2:]], [2, "2-1502", *ROWS[1][2:]]]
    return excel(
        Page("1号楼", [header, *first]), Page("2号楼", [["台账"], header, [1, "1-201", *ROWS[2][2:]]])
    )


def two_rows_of_header():
    top = ["房号", "客户信息", None, None, "时间", None, "合同", None, None, None, "贷款银行"]
    sub = [
        None,
        "姓名",
        "证件号码",
        "联系电话",
        "认购日期",
        "签约日期",
        "合同编号",
        "付款方式",
        "总价",
        "首付",
        None,
    ]
    rows = [r[1:12] for r in ROWS]
    return excel(Page("Sheet1", [top, sub, *rows], merges=["A1:A2", "B1:D1", "E1:F1", "G1:J1", "K1:K2"]))


def shares_and_roles_beside_names():
    rows = [ROWS[0], [2, "1号楼-2-1502", "钱二(60%)，孙三四（40%）", f"{QIAN}/{SUN}", *ROWS[1][4:]], ROWS[2]]
    return excel(Page("Sheet1", [HEADER, *rows]))


def unnamed_number_and_phone_columns():
    header = ["房号", "客户", "号码甲", "号码乙", *HEADER[5:]]
    return excel(Page("Sheet1", [header, *[r[1:] for r in ROWS]]))


def columns_for_the_second_buyer():
    header = [
        "房号",
        "买受人",
        "身份证号/信用代码",
        "电话",
        "共有人",
        "共有人身份证号",
        "共有人电话",
        *HEADER[5:],
    ]
    rows = [
        [*ROWS[0][1:5], None, None, None, *ROWS[0][5:]],
        [ROWS[1][1], "钱二", QIAN, "19900000002", "孙三四", SUN, "19900000003", *ROWS[1][5:]],
        [*ROWS[2][1:5], "/", "/", None, *ROWS[2][5:]],
    ]
    return excel(Page("Sheet1", [header, *rows]))


def numbered_buyer_columns():
    header = ["房号", "买受人1", "买受人2", "证件号码1", "证件号码2", "联系电话1", "联系电话2", *HEADER[5:]]
    rows = [
        [ROWS[0][1], "赵一", None, f"身份证：{ZHAO}", None, "19900000001", None, *ROWS[0][5:]],
        [
            ROWS[1][1],
            "钱二",
            "孙三四",
            f"{QIAN}(钱二)",
            f"'{SUN}",
            "19900000002",
            "19900000003",
            *ROWS[1][5:],
        ],
        [ROWS[2][1], ROWS[2][2], None, FIRM.lower(), None, "19900000004", None, *ROWS[2][5:]],
    ]
    return excel(Page("Sheet1", [header, *rows]))


def units_in_a_row_below_the_header():
    units = [None] * 9 + ["（万元）", "（万元）", None, None]
    rows = [
        [*r[:9], total, down, *r[11:]]
        for r, total, down in zip(ROWS, (100, 250.00005, 300), (30, 250.00005, 90), strict=True)
    ]
    return excel(
        Page(
            "Sheet1",
            [
                HEADER,
                units,
                *rows,
                ["1号楼小计", None, "2户"],
                ["本页合计：", None, None, None, None, None, None, None, None, 650],
            ],
        )
    )


LAYOUTS = [
    plain, other_names_in_another_order, room_in_four_columns, room_as_people_say_it,
    a_line_for_each_buyer_under_a_merged_room, a_line_for_each_buyer_with_blanks, amounts_in_wan_yuan,
    amounts_in_wan_yuan_not_said, numbers_stored_as_numbers_and_serial_days, totals_notes_and_blank_numbered_rows,
    building_by_the_sheet, two_rows_of_header, shares_and_roles_beside_names, unnamed_number_and_phone_columns,
    columns_for_the_second_buyer, numbered_buyer_columns, units_in_a_row_below_the_header,
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_same_sales_are_read_from_every_layout(layout):
    reading = read_register("customers", layout(), file_name="台账.xlsx")

    found = []
    for entry in reading.entries:
        assert entry.reasons == []
        if entry.head is not None:
            continue
        place = next(p for p in entry.places if p.building)
        row = entry.facts
        found.append((
            place.building, place.entrance, place.room, [(b.name, b.identity.number) for b in row.buyers],
            list(row.phones), row.subscribed, row.signed, row.payment.value, row.price, row.bank,
        ))  # fmt: skip
    assert found == SALES


def read(*rows, header=HEADER, **more):
    return read_register(
        "customers", excel(Page("Sheet1", [header, *ROWS, *rows])), file_name="x.xlsx", **more
    ).entries[3:]


def row(**changes):
    made = dict(zip(HEADER, [9, "1号楼-1-301", "李五", resident(9), "19900000009", "2026-1-5", "2026-1-9", "HT9", "一次性", 900000, 900000, None, None], strict=True))  # fmt: skip
    return list({**made, **changes}.values())


def masked(number):
    return number[:3] + "*" * 11 + number[-4:]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"买受人": None}, "买受人为空"),
        ({"证件号码": None}, "证件号码为空"),
        ({"买受人": "李五、周六"}, "买受人 2 位，证件号码 1 个，人数不符"),
        (
            {"证件号码": wrong(resident(9))},
            f"证件号码 {masked(wrong(resident(9)))}：居民身份证号的校验位不对",
        ),
        ({"证件号码": wrong(FIRM)}, f"证件号码 {masked(wrong(FIRM))}：统一社会信用代码的校验位不对"),
        (
            {"证件号码": resident(9)[:17]},
            f"证件号码 110{'*' * 10}{resident(9)[13:17]}：居民身份证号应为 18 位，现为 17 位",
        ),
        (
            {"买受人": "李五、周六", "证件号码": f"{resident(9)}/{resident(9)}"},
            f"证件号码 {masked(resident(9))} 写了两次",
        ),
        (
            {"买受人": "李五60%、周六30%", "证件号码": f"{resident(9)}/{resident(8)}"},
            "买受人的份额合计 90%，不是 100%",
        ),
        ({"联系电话": "1990000009"}, "联系电话「1990000009」不是电话号码"),
        ({"签约日期": "2026-1-4"}, "签约日期 2026-01-04 早于认购日期 2026-01-05"),
        ({"签约日期": "2026-2-30"}, "签约日期「2026-2-30」没有这一天"),
        ({"认购日期": "下周"}, "认购日期「下周」不是日期"),
        ({"成交总价": None}, "成交总价为空"),
        ({"成交总价": "待定"}, "成交总价「待定」不是金额"),
        ({"首付款": 900000.01}, "首付款 900,000.01 元大于成交总价 900,000.00 元"),
        ({"付款方式": "以物抵债"}, "付款方式「以物抵债」不是付款方式"),
        ({"房号": "样板房"}, "房号「样板房」认不出是哪一套"),
    ],
)
def test_a_bad_row_is_refused_with_the_column_and_what_stands_there(changes, reason):
    (entry,) = read(row(**changes))

    assert (entry.reasons, entry.facts) == ([reason], None)


def test_days_without_a_year_take_the_only_year_of_their_column():
    one, *_ = read(row(认购日期="1月5日", 签约日期="2026-1-9"), row(房号="1号楼-1-302", 签约日期="1月9日"))

    # 认购日期 lies in 2025 and 2026, so its year cannot be told.
    assert one.reasons == ["认购日期「1月5日」没有年份，请指定年份"]


def test_days_without_a_year_take_the_year_that_was_told():
    one, two = read(row(认购日期="1月5日"), row(房号="1号楼-1-302", 签约日期="1.9"), year=2026)

    assert (one.facts.subscribed, two.facts.signed) == (date(2026, 1, 5), date(2026, 1, 9))


def test_a_sale_that_was_taken_back_is_not_live():
    one, two, three = read(
        row(备注="已退房"), row(房号="1号楼-1-302", 备注="换房"), row(房号="1号楼-1-303", 备注="退订")
    )

    assert [entry.facts.live for entry in (one, two, three)] == [False, True, False]


def test_odd_facts_are_remarked_on_and_taken():
    (entry,) = read(row(贷款银行="工行", 联系电话=None, 买受人="示范贸易有限公司"))

    assert entry.facts is not None
    assert entry.notices == [
        "付款方式是一次性付款，却写了贷款银行「中国工商银行」",
        "没有联系电话",
        "「示范贸易有限公司」像单位名称，证件却是居民身份证",
    ]


def test_homes_without_a_buyer_are_unsold_not_wrong():
    content = excel(
        Page(
            "Sheet1",
            [
                HEADER,
                *ROWS,
                [4, "1号楼-1-102", None, None, None, None, None, None, None, 900000],
                [5, "1号楼-1-201"],
            ],
        )
    )

    reading = read_register("customers", content, file_name="x.xlsx")

    assert len(reading.entries) == 3
    assert reading.passed == [("Sheet1", 5, "没有买受人，未售"), ("Sheet1", 6, "没有买受人，未售")]


def test_a_lone_blank_building_is_an_omission_and_not_the_building_above():
    header = ["楼栋", "单元", "室", *HEADER[2:]]
    rows = [["1号楼", 1, n, *row(买受人="李五")[2:]] for n in range(101, 106)]
    rows[3][0] = None

    entries = read_register("customers", excel(Page("Sheet1", [header, *rows])), file_name="x.xlsx").entries

    assert [entry.places[0].building for entry in entries] == ["1", "1", "1", None, "1"]
