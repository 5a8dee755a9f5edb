"""Rooms, days, amounts, areas and phones as people write them; and what hypothesis makes of them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiju.registers.buyers import acting_for, read_buyers, split_names
from guiju.registers.payments import bank_name, read_payment
from guiju.registers.rooms import (
    building_key,
    building_name,
    find_building,
    floor_from_room,
    floor_of,
    looks_like_room,
    place_from,
    read_places,
)
from guiju.registers.values import DayOfYear, Unreadable, read_amount, read_area, read_day, read_phones
from guiju.sales.models import Payment
from tests.registers.builders import resident

D = Decimal


# --- homes -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1号楼-2-1502", ("1", "2", "1502")),
        ("1号楼2单元1502室", ("1", "2", "1502")),
        ("1#2-1502", ("1", "2", "1502")),
        ("1-2-1502", ("1", "2", "1502")),
        ("1幢1502", ("1", None, "1502")),
        ("A座2门1502", ("A", "2", "1502")),
        ("１号楼－２－１５０２", ("1", "2", "1502")),
        ("澄园1号楼2单元1502室", ("1", "2", "1502")),
        ("北区3号楼1单元101", ("北区3", "1", "101")),
        ("十二号楼一单元101", ("12", "1", "101")),
        ("第1幢第2单元第15层1502号", ("1", "2", "1502")),
        ("1栋2单元15层02室", ("1", "2", "1502")),
        ("1-2-15-02", ("1", "2", "1502")),
        ("1.2.1502", ("1", "2", "1502")),
        ("01#楼02单元0101", ("1", "2", "101")),
        ("1号楼2单元1502（含车位）", ("1", "2", "1502")),
        ("2单元1502", (None, "2", "1502")),
        ("1502", (None, None, "1502")),
        ("商铺101", (None, None, "商铺101")),
        ("3幢商铺S-05", ("3", None, "商铺S05")),
        ("3幢13A01", ("3", None, "13A01")),
        ("1-2-1301-1401", ("1", "2", "1301-1401")),
        ("-101", (None, None, "-101")),
    ],
)
def test_a_home_is_read_as_people_write_it(text, expected):
    place = read_places(text)[0]

    assert (place.building, place.entrance, place.room) == expected


@pytest.mark.parametrize(
    "text", ["", "合计", "72套", "小区北门", "公共区域", "注：以上价格不含契税", "/", "—"]
)
def test_what_is_no_home_is_not_read_as_one(text):
    assert read_places(text) == []
    assert not looks_like_room(text)


def test_two_numbers_can_mean_building_or_entrance():
    assert [(p.building, p.entrance, p.room) for p in read_places("2-1502")] == [
        ("2", None, "1502"),
        (None, "2", "1502"),
    ]


def test_the_sheets_building_makes_them_an_entrance():
    places = place_from(
        building=None, entrance=None, floor=None, room="2-1502", default_building="1号楼", short_rooms=False
    )

    assert (places[0].building, places[0].entrance, places[0].room) == ("1", "2", "1502")


def test_columns_and_cell_must_agree():
    assert (
        place_from(
            building="1号楼",
            entrance=None,
            floor=None,
            room="2-1-101",
            default_building=None,
            short_rooms=False,
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "key", "name"),
    [("1号楼", "1", "1号楼"), ("01#", "1", "1号楼"), (1, "1", "1号楼"), ("3幢", "3", "3幢"), ("a座", "A", "A座"), ("B", "B", "B座"), ("澄园2号楼", "2", "2号楼")],
)  # fmt: skip
def test_a_building_has_one_key_and_its_own_name(text, key, name):
    assert (building_key(text), building_name(text)) == (key, name)


def test_a_title_names_a_building_only_if_it_names_one():
    assert find_building("澄园 1号楼 商品房价格表") == "1号楼"
    assert find_building("1号楼、2号楼价格表") is None
    assert find_building("Sheet1") is None


BUILDINGS = st.integers(1, 99)
ENTRANCES = st.integers(1, 9)
FLOORS = st.integers(1, 60)
NUMBERS = st.integers(1, 20)


@settings(max_examples=150, deadline=None)
@given(BUILDINGS, ENTRANCES, FLOORS, NUMBERS, st.sampled_from(["号楼", "幢", "栋", "#", "#楼", "号楼-", "#-"]), st.sampled_from(["单元", "-", "门", "单元-"]), st.sampled_from(["", "室", "号"]), st.booleans())  # fmt: skip
def test_every_way_of_writing_a_home_means_the_same_home(
    building, entrance, floor, number, sign, mark, tail, wide
):
    text = f"{building}{sign}{entrance}{mark}{floor}{number:02d}{tail}"
    if wide:
        text = text.translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789-#"})

    place = read_places(text)[0]

    assert (place.building, place.entrance, place.room) == (
        str(building),
        str(entrance),
        f"{floor}{number:02d}",
    )


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text):
    read_places(text)
    split_names(text)
    bank_name(text)
    for reader in (read_day, read_amount, read_area, read_phones, read_payment):
        try:
            reader(text)
        except Unreadable as refusal:
            assert "不" in str(refusal) or "没有" in str(refusal) or "是负数" in str(refusal)


# --- days ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "cell",
    [
        date(2025, 9, 18), datetime(2025, 9, 18, 10, 30), "2025-09-18", "2025.9.18", "2025/9/18", "2025年9月18日",
        "2025年09月18号", "20250918", 20250918, 45918, "45918", 45918.5, "２０２５．９．１８", "2025-9-18 10:20:00", "25.9.18",
        "2025年9月18日（周四）", "2025-09-18T10:20:00", "2025年9月18日 10时", " 2025 . 9 . 18 ", "2025.9.18.",
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_writing(cell):
    assert read_day(cell) == date(2025, 9, 18)


@pytest.mark.parametrize("text", ["9月18日", "9.18", "9-18", "9/18", "09月18号"])
def test_a_day_without_year_says_so(text):
    assert read_day(text) == DayOfYear(9, 18)


@pytest.mark.parametrize(
    "cell", ["2025.13.1", "2025-2-30", "九月", "2025年9月", "0918", 918, 3.5, "1888-1-1", "2025-9-18至10-1"]
)
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(Unreadable):
        read_day(cell)


@settings(max_examples=150, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["{0}-{1}-{2}", "{0}.{1}.{2}", "{0}/{1:02d}/{2:02d}", "{0}年{1}月{2}日", "{0}{1:02d}{2:02d}", "serial"]))  # fmt: skip
def test_a_day_survives_every_writing(day, form):
    text = (day - date(1899, 12, 30)).days if form == "serial" else form.format(day.year, day.month, day.day)

    assert read_day(text) == day


# --- amounts, areas ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        (5293734.7, "5293734.70"), ("3,683,551.00", "3683551.00"), ("￥1,234.5元", "1234.50"), ("人民币 100 元整", "100.00"),
        ("529.37万", "5293700.00"), ("529.37 万元", "5293700.00"), ("1.2亿", "120000000.00"), ("１２３４", "1234.00"),
        (101.91999999999999, "101.92"), ("1e6", None), ("2 639 849.39", "2639849.39"), (0, "0.00"),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_any_writing(cell, yuan):
    if yuan is None:
        with pytest.raises(Unreadable):
            read_amount(cell)
    else:
        assert read_amount(cell).yuan == D(yuan)


@pytest.mark.parametrize("cell", ["—", "", None, "/", "无", " - "])
def test_a_filler_is_no_amount(cell):
    assert read_amount(cell) is None


@pytest.mark.parametrize("cell", ["面议", -5, "1,23,4", "12.3.4", date(2026, 1, 1)])
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(Unreadable):
        read_amount(cell)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10**12),
    st.sampled_from(["{:.2f}", "{:,.2f}", "¥{:,.2f}", "{:.2f}元", "{:,.2f} 元整"]),
    st.booleans(),
)
def test_an_amount_survives_every_writing(fen, form, wide):
    yuan = D(fen) / 100
    text = form.format(yuan)
    if wide:
        text = text.translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789,."})

    assert read_amount(text).yuan == yuan


@settings(max_examples=100, deadline=None)
@given(
    st.decimals(D("0.01"), D("99999.99"), places=2),
    st.sampled_from(["{}", "{}㎡", "{}平方米", "{} m2", "{}平"]),
)
def test_an_area_survives_every_writing(area, form):
    assert read_area(form.format(area)) == area


# --- phones, names, payments -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("19900000001", ["19900000001"]), (19900000001, ["19900000001"]), (19900000001.0, ["19900000001"]),
        ("+86-19900000001", ["19900000001"]), ("0086 199 0000 0001", ["19900000001"]), ("199 0000 0001", ["19900000001"]),
        ("19900000001/19900000002", ["19900000001", "19900000002"]), ("19900000001、19900000001", ["19900000001"]),
        ("19900000001(女儿) 19900000002", ["19900000001", "19900000002"]), ("本人：19900000001", ["19900000001"]),
        ("010-12345678", ["010-12345678"]), ("010-12345678转123", ["010-12345678-123"]), ("+852 5123 4567", ["+85251234567"]),
    ],
)  # fmt: skip
def test_phones_are_brought_into_one_form(cell, numbers):
    assert read_phones(cell) == numbers


@pytest.mark.parametrize("cell", ["1990000001", "199000000012", "12345", "无此人"])
def test_a_wrong_phone_is_refused(cell):
    with pytest.raises(Unreadable):
        read_phones(cell)


@pytest.mark.parametrize(
    ("cell", "expected", "names"),
    [
        ("赵一", 1, ["赵一"]), ("赵　一", 1, ["赵一"]), ("赵一 钱二", 2, ["赵一", "钱二"]), ("赵一\n钱二", 2, ["赵一", "钱二"]),
        ("赵一、钱二，孙三", 3, ["赵一", "钱二", "孙三"]), ("赵一和钱二", 2, ["赵一", "钱二"]), ("和平", 1, ["和平"]),
        ("Anna Smith", 1, ["Anna Smith"]), ("示范 商贸有限公司", 1, ["示范商贸有限公司"]), ("李𬭎/𠮷田", 2, ["李𬭎", "𠮷田"]),
        ("阿依古丽·买买提", 1, ["阿依古丽·买买提"]), ("欧阳 赵一", 2, ["欧阳", "赵一"]), ("赵一（主）、钱二（共有人）", 2, ["赵一", "钱二"]),
    ],
)  # fmt: skip
def test_names_are_split_as_people_mean_them(cell, expected, names):
    assert [name for name, _ in split_names(cell, expected)] == names


@pytest.mark.parametrize(
    ("names", "shares", "expected"),
    [
        ("何一60% 何二40%", None, [("何一", 60), ("何二", 40)]),
        ("60%何一 40%何二", None, [("何一", 60), ("何二", 40)]),
        ("何一、何二", "60%、40%", [("何一", 60), ("何二", 40)]),
        ("何一、何二", "各50%", [("何一", 50), ("何二", 50)]),
        ("何一、何二", "1/2 1/2", [("何一", 50), ("何二", 50)]),
        ("何一、何二", "共同共有", [("何一", None), ("何二", None)]),
    ],
)
def test_shares_are_read_beside_the_names_or_from_their_column(names, shares, expected):
    buyers, wrong = read_buyers(
        names, f"{resident(1)}、{resident(2)}", names_label="买受人", numbers_label="证件号码", shares=shares
    )

    assert ([(buyer.name, buyer.share) for buyer in buyers], wrong) == (expected, [])


@pytest.mark.parametrize(
    ("names", "numbers", "shares", "reason"),
    [
        ("何一60% 何二30%", "both", None, "买受人的份额合计 90%，不是 100%"),
        ("何一、何二", "both", "60%", "买受人 2 位，份额 1 个，个数不符"),
        ("何一、何二", "both", "六成4成", "份额「六成4成」认不出来"),
        ("何一", "110105********0018", None, "证件号码有几位被遮住（如 ****），请填完整的号码"),
    ],
)
def test_a_wrong_share_or_a_hidden_number_is_refused_with_the_reason(names, numbers, shares, reason):
    given = f"{resident(1)}、{resident(2)}" if numbers == "both" else numbers

    _, wrong = read_buyers(names, given, names_label="买受人", numbers_label="证件号码", shares=shares)

    assert wrong == [reason]


def test_who_acts_for_a_buyer_is_no_buyer_and_a_sign_for_x_is_an_x():
    number = next(text for serial in range(1, 100) if (text := resident(serial)).endswith("X"))

    buyers, wrong = read_buyers(
        "林小小（未成年）监护人：林大", f"{number[:-1]}×", names_label="买受人", numbers_label="证件号码"
    )

    assert ([(buyer.name, buyer.identity.number) for buyer in buyers], wrong) == ([("林小小", number)], [])
    assert acting_for("林小小（未成年）监护人：林大") == "林大"


@pytest.mark.parametrize(
    ("text", "payment"),
    [
        ("一次性", Payment.LUMP_SUM), ("全款付清", Payment.LUMP_SUM), ("分期付款", Payment.INSTALMENTS), ("按揭", Payment.MORTGAGE),
        ("银行按揭（首付30%）", Payment.MORTGAGE), ("商贷", Payment.MORTGAGE), ("商业贷款", Payment.MORTGAGE), ("公积金贷款", Payment.PROVIDENT),
        ("纯公积金", Payment.PROVIDENT), ("组合贷款", Payment.COMBINED), ("公积金+商贷", Payment.COMBINED), ("商贷+公积金", Payment.COMBINED),
    ],
)  # fmt: skip
def test_ways_of_paying_have_one_name(text, payment):
    assert read_payment(text) is payment


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("工行", "中国工商银行"), ("中国工商银行股份有限公司", "中国工商银行"), ("建设银行", "中国建设银行"), ("建行示范支行", "中国建设银行示范支行"),
        ("中国银行北京分行", "中国银行北京分行"), ("中行", "中国银行"), ("招行（示范支行）", "招商银行示范支行"), ("示范村镇银行", "示范村镇银行"),
        ("/", ""), ("ICBC", "中国工商银行"),
    ],
)  # fmt: skip
def test_banks_have_one_name(text, name):
    assert bank_name(text) == name


# --- what stands in one cell or another --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"building": "1-2", "room": "1502"}, ("1", "2", "1502")),
        ({"building": "1号楼2单元", "room": "1502室"}, ("1", "2", "1502")),
        ({"building": "3幢", "room": "2-1502"}, ("3", "2", "1502")),
        ({"building": "2幢", "room": "2-1502"}, ("2", "2", "1502")),
        ({"building": "2幢", "room": "2-1502", "repeats_building": True}, ("2", None, "1502")),
        (
            {"building": "2幢", "room": "2-1502", "entrance": "1", "repeats_building": True},
            ("2", "1", "1502"),
        ),
        ({"building": "2幢", "room": "1单元1502"}, ("2", "1", "1502")),
        ({"default_building": "1号楼", "room": "2号楼-1-101"}, ("2", "1", "101")),
        (
            {"building": "1号楼", "entrance": "1单元", "floor": "15层", "room": "02", "short_rooms": True},
            ("1", "1", "1502"),
        ),
        ({"building": "1号楼", "floor": "13A", "room": "02", "short_rooms": True}, ("1", None, "13A02")),
        ({"building": "地下车库", "floor": "-1", "room": "B1-023"}, ("地下车库", None, "B1-023")),
        ({"building": "3幢", "floor": "-1", "room": "101"}, ("3", None, "-101")),
    ],
)
def test_a_home_is_put_together_from_its_columns(given, expected):
    blank = {
        "building": None,
        "entrance": None,
        "floor": None,
        "default_building": None,
        "short_rooms": False,
    }

    place = place_from(**{**blank, **given})[0]

    assert (place.building, place.entrance, place.room) == expected


def test_a_day_in_chinese_numerals_is_read():
    assert read_day("二〇二五年九月十八日") == date(2025, 9, 18)
    assert read_day("十二月三十一日") == DayOfYear(12, 31)


def test_a_floor_that_avoids_a_number_is_the_one_above():
    assert [floor_of(text) for text in ("13A", "3A层", "12B", "-1", "B2", "15F")] == [14, 4, 14, -1, -2, 15]
    assert [floor_from_room(room) for room in ("13A01", "1502", "B1-023", "-101")] == [14, 15, -1, -1]


@pytest.mark.parametrize("text", ["建筑面积/㎡", "单价元/m2", "满意/不满意", "2026-1-5至2026-1-9"])
def test_a_heading_or_a_span_is_no_home(text):
    assert read_places(text) == []
