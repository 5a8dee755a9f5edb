"""One complaint register in many layouts."""

from datetime import date

import pytest

from guiju.registers.reading import NotARegister, read_register
from guiju.registers.rows.complaints import contradictions, is_open
from tests.registers.builders import Page, excel, text_file

PAST = [
    (date(2026, 1, 5), "来电", "赵一", "101", "阳台地砖空鼓三块", True, "工程部", False, date(2026, 1, 9)),
    (date(2026, 1, 6), "微信", "钱二", "1502", "物业保洁不及时", False, "物业公司", True, None),
    (date(2026, 2, 1), "来访", "孙三", "201", "入户门门锁松动关不严", True, "工程部", True, None),
]
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
ROWS = [
    ["2026-01-05", "来电", "赵一", "1号楼-1-101", "19900000001", "阳台地砖空鼓三块", "质量", "工程部", "安排维修", "已解决", "2026.1.9", "满意"],
    ["2026.1.6", "微信", "钱二", "1号楼-2-1502", "19900000002", "物业保洁不及时", "非质量", "物业公司", None, "处理中", None, None],
    ["2026年2月1日", "来访", "孙三", "2号楼-1-201", "19900000003", "入户门门锁松动关不严", "质量", "工程部", "上门查看", "业主不认可", None, "不满意"],
]  # fmt: skip


def plain():
    return excel(Page("投诉登记", [HEADER, *ROWS]))


def titles_above_and_notes_below():
    return excel(
        Page(
            "2026",
            [
                ["澄园投诉登记表"],
                ["登记部门：客户服务部"],
                HEADER,
                *ROWS,
                ["合计", "3件"],
                ["备注：本表每周上报。"],
            ],
        )
    )


def other_names():
    header = [
        "序号",
        "受理时间",
        "投诉渠道",
        "投诉人",
        "房屋坐落",
        "联系方式",
        "反映问题",
        "投诉类别",
        "主责部门",
        "处理措施",
        "办理状态",
        "完成时间",
        "是否满意",
    ]
    return excel(Page("Sheet1", [header, *[[n, *r] for n, r in enumerate(ROWS, 1)]]))


def another_order_and_four_columns_of_place():
    header = [
        "楼号",
        "单元",
        "层",
        "室",
        "投诉事项",
        "客户姓名",
        "手机号码",
        "登记日期",
        "来源",
        "问题分类",
        "责任单位",
        "解决情况",
        "办结时间",
    ]
    places = [(1, 1, 1, 101), (1, 2, 15, 1502), (2, 1, 2, 201)]
    rows = [
        [*p, r[5], r[2], r[4], r[0], r[1], r[6], r[7], r[9], r[10]] for p, r in zip(places, ROWS, strict=True)
    ]
    return excel(Page("Sheet1", [header, *rows]))


def gbk_text():
    return text_file([HEADER, *ROWS], encoding="gbk")


def utf8_tabs():
    return text_file([["投诉台账"], HEADER, *ROWS], delimiter="\t")


def days_without_year():
    rows = [["1月5日", *ROWS[0][1:]], ROWS[1], ROWS[2]]
    return excel(Page("Sheet1", [HEADER, *rows]))


def real_days_with_times():
    rows = [[date(2026, 1, 5), *ROWS[0][1:]], ["2026-01-06 14:30", *ROWS[1][1:]], [46054, *ROWS[2][1:]]]
    return excel(Page("Sheet1", [HEADER, *rows]))


def sheets_by_month():
    return excel(Page("1月", [HEADER, *ROWS[:2]]), Page("2月", [["二月投诉"], HEADER, ROWS[2]]))


def repeated_headers_and_blank_rows():
    return excel(Page("Sheet1", [HEADER, ROWS[0], [], HEADER, ROWS[1], [4], ROWS[2]]))


def two_rows_of_header():
    top = ["投诉信息", None, None, None, None, None, "处理信息", None, None, None, None]
    sub = [
        "日期",
        "来源",
        "投诉人",
        "房号",
        "联系电话",
        "内容",
        "性质",
        "责任部门",
        "处理意见",
        "结果",
        "办结日期",
    ]
    return excel(Page("Sheet1", [top, sub, *[r[:11] for r in ROWS]], merges=["A1:F1", "G1:K1"]))


def yes_and_no_as_result():
    header = [*HEADER[:9], "是否办结", *HEADER[10:]]
    rows = [[*r[:9], result, *r[10:]] for r, result in zip(ROWS, ("是", "否", "否"), strict=True)]
    return excel(Page("Sheet1", [header, *rows]))


LAYOUTS = [
    plain, titles_above_and_notes_below, other_names, another_order_and_four_columns_of_place, gbk_text, utf8_tabs,
    days_without_year, real_days_with_times, sheets_by_month, repeated_headers_and_blank_rows, two_rows_of_header,
    yes_and_no_as_result,
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_same_complaints_are_read_from_every_layout(layout):
    reading = read_register("complaints", layout(), file_name="投诉.xlsx")

    found = []
    for entry in reading.entries:
        assert entry.reasons == []
        row = entry.facts
        found.append((
            row.received, row.channel, row.complainant, entry.places[0].room, row.content, row.quality,
            row.department, row.open, row.closed,
        ))  # fmt: skip
    assert found == PAST


@pytest.mark.parametrize(
    ("result", "open_"),
    [
        ("已解决", False), ("处理完毕", False), ("业主认可", False), ("已更换门锁，业主满意", False), ("是", False), ("已回复", False),
        ("处理中", True), ("未解决", True), ("业主不认可", True), ("不满意", True), ("待跟进", True), ("否", True), ("维修中", True),
    ],
)  # fmt: skip
def test_the_result_decides_whether_a_complaint_is_open(result, open_):
    assert is_open(result, date(2026, 1, 1)) == (open_, None)


def test_without_a_result_the_closing_day_decides():
    assert is_open("", None) == (True, None)
    assert is_open("", date(2026, 1, 1)) == (False, "处理结果为空，有办结日期，按已办结导入")
    assert is_open("详见附件", None) == (True, "处理结果「详见附件」看不出是否办结，按未办结导入")


def test_contradictions_are_listed():
    assert contradictions(date(2026, 1, 5), date(2026, 1, 4), open_=True, result="处理中") == [
        "处理结果「处理中」，却有办结日期 2026-01-04",
        "办结日期 2026-01-04 早于投诉日期 2026-01-05",
    ]
    assert contradictions(date(2026, 1, 5), None, open_=False, result="已解决") == [
        "处理结果「已解决」，却没有办结日期"
    ]
    assert contradictions(date(2026, 1, 5), None, open_=True, result="处理中") == []


def test_a_complaint_needs_a_day_and_words_but_no_home():
    rows = [
        [None, *ROWS[0][1:]],
        [*ROWS[0][:5], None, *ROWS[0][6:]],
        [*ROWS[0][:3], "小区北门", *ROWS[0][4:]],
    ]
    content = excel(Page("Sheet1", [HEADER, *ROWS, *rows]))

    entries = read_register("complaints", content, file_name="x.xlsx").entries[3:]

    assert [entry.reasons for entry in entries] == [["日期为空"], ["投诉内容为空"], []]
    assert entries[2].facts.place_as_read == "小区北门"


def test_an_owners_register_is_no_complaint_register():
    content = excel(
        Page(
            "Sheet1",
            [["房号", "姓名", "证件号码", "电话"], ["1-1-101", "张三", "110105198001150010", "19900000001"]],
        )
    )

    with pytest.raises(NotARegister, match="像客户台账"):
        read_register("complaints", content, file_name="x.xlsx")
