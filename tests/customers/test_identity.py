"""Identity numbers: kind, faults, mask. The numbers are made up; their check characters were worked out by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiju.customers.identity import (
    Identity,
    IdentityKind,
    decide,
    hint,
    mask,
    problems,
    split_identities,
)

RESIDENT = "11010519491231002X"  # the example of GB 11643-1999 itself
CREDIT_CODE = "91350100M000100Y43"  # the example of GB 32100-2015 itself


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        (RESIDENT, IdentityKind.RESIDENT, RESIDENT),
        ("11010519491231002x", IdentityKind.RESIDENT, RESIDENT),
        (" 110105 19491231 002X ", IdentityKind.RESIDENT, RESIDENT),
        ("１１０１０５１９４９１２３１００２Ｘ", IdentityKind.RESIDENT, RESIDENT),
        ("510104190007043309", IdentityKind.RESIDENT, "510104190007043309"),
        ("810000199408230021", IdentityKind.RESIDENCE_HMT, "810000199408230021"),
        ("110105491231002", IdentityKind.RESIDENT_OLD, "110105491231002"),
        ("110108000000016", IdentityKind.LICENCE_OLD, "110108000000016"),
        (CREDIT_CODE, IdentityKind.CREDIT_CODE, CREDIT_CODE),
        ("91350100m000100y43", IdentityKind.CREDIT_CODE, CREDIT_CODE),
        ("91110105MA01ABCD2X", IdentityKind.CREDIT_CODE, "91110105MA01ABCD2X"),
        ("911124198108030022", IdentityKind.FOREIGN_PERMANENT, "911124198108030022"),
        ("USA110112345678", IdentityKind.FOREIGN_PERMANENT, "USA110112345678"),
        ("H12345678", IdentityKind.TRAVEL_HK_MACAO, "H12345678"),
        ("m12345678", IdentityKind.TRAVEL_HK_MACAO, "M12345678"),
        ("H1234567801", IdentityKind.TRAVEL_HK_MACAO, "H1234567801"),
        ("12345678", IdentityKind.TRAVEL_TAIWAN, "12345678"),
        ("1234567890(B)", IdentityKind.TRAVEL_TAIWAN, "1234567890B"),
        ("A123456(3)", IdentityKind.HONG_KONG, "A1234563"),
        ("E84586804", IdentityKind.PASSPORT, "E84586804"),
        ("EA1234567", IdentityKind.PASSPORT, "EA1234567"),
        ("G12345678", IdentityKind.PASSPORT, "G12345678"),
        ("512345678", IdentityKind.PASSPORT, "512345678"),
        ("军字第1234567号", IdentityKind.MILITARY, "军字第1234567号"),
        ("南字第0012号", IdentityKind.MILITARY, "南字第0012号"),
        ("1101051949123100", IdentityKind.RESIDENT, "1101051949123100"),
        ("不详", IdentityKind.UNKNOWN, "不详"),
        ("", IdentityKind.UNKNOWN, ""),
    ],
)
def test_the_kind_is_decided_first(text, kind, number):
    assert decide(text) == Identity(kind, number)


@pytest.mark.parametrize(
    "text",
    [
        RESIDENT,
        "11010819061022299X",
        "44010619050127556X",
        "510104190603193990",
        "810000199408230021",
        "110105491231002",
        "110108000000016",
        CREDIT_CODE,
        "H12345678",
        "12345678",
        "A123456(3)",
        "E84586804",
        "军字第1234567号",
        "USA110112345678",
    ],
)
def test_right_numbers_have_no_problem(text):
    assert problems(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("510104190007043308", "居民身份证号的校验位不对"),
        ("110105194912310021", "居民身份证号的校验位不对"),
        ("110105194902300021", "居民身份证号中的出生日期 19490230 不存在"),
        ("110105194913310021", "居民身份证号中的出生日期 19491331 不存在"),
        ("11010519491231002", "居民身份证号应为 18 位，现为 17 位"),
        ("1101051949123100211", "居民身份证号应为 18 位，现为 19 位"),
        ("91350100M000100Y44", "统一社会信用代码的校验位不对"),
        ("91110105MA01ABCD2X", "统一社会信用代码的校验位不对"),
        ("91350100MO00100Y43", "统一社会信用代码不用字母 O"),
        ("91350100M000100Y4", "统一社会信用代码应为 18 位，现为 17 位"),
        ("110108000000017", "营业执照注册号的校验位不对"),
        ("A123456(4)", "香港居民身份证号的校验位不对"),
        ("", "证件号码为空"),
        ("不详", "认不出是哪种证件的号码（2 位）"),
        ("1234", "认不出是哪种证件的号码（4 位）"),
    ],
)
def test_what_is_wrong_is_said_in_words(text, reason):
    assert problems(text) == reason


def test_nobody_is_told_the_right_check_digit():
    assert "X" not in problems("110105194912310021")


def test_a_birth_in_the_future_is_wrong_on_the_day_of_judging():
    assert problems("11010520300101001X", on=date(2026, 11, 20)) in (
        "居民身份证号中的出生日期 2030-01-01 还没有到",
        "居民身份证号的校验位不对",
    )
    assert problems(RESIDENT, on=date(1949, 12, 30)) == "居民身份证号中的出生日期 1949-12-31 还没有到"
    assert problems(RESIDENT, on=date(1949, 12, 31)) is None


def test_the_county_code_is_only_a_hint():
    unheard_of = next(
        number for digit in "0123456789X" if problems(number := f"99010519491231002{digit}") is None
    )

    assert decide(unheard_of).kind in (IdentityKind.RESIDENT, IdentityKind.FOREIGN_PERMANENT)
    assert hint(RESIDENT) is None
    strange = next(
        number for digit in "0123456789X" if problems(number := f"66010519491231002{digit}") is None
    )
    assert hint(strange) == "地区代码 660105 不在国家标准内，请核对原件"


def test_an_old_number_is_the_new_one_with_century_and_check_digit():
    assert decide("110105491231002").as_18 == RESIDENT
    assert decide(RESIDENT).as_18 == RESIDENT


def test_numbers_hold_the_day_of_birth():
    assert decide(RESIDENT).born_date == date(1949, 12, 31)
    assert decide("110105491231002").born_date == date(1949, 12, 31)
    assert decide("E84586804").born_date is None


def test_organisations_are_told_from_people():
    assert decide(CREDIT_CODE).kind.is_organisation
    assert not decide(RESIDENT).kind.is_organisation
    assert decide(RESIDENT).label == "居民身份证"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (RESIDENT, "110***********002X"),
        ("E84586804", "E84**6804"),
        ("12345678", "123*5678"),
        ("1234567", "1****67"),
        ("A123", "A*23"),
        ("A1", "**"),
        ("", ""),
    ],
)
def test_the_first_three_and_last_four_are_shown(number, masked):
    assert mask(number) == masked
    assert decide(RESIDENT).masked == "110***********002X"


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        (RESIDENT, [RESIDENT]),
        (f"{RESIDENT}/510104190603193990", [RESIDENT, "510104190603193990"]),
        (f"{RESIDENT}\n510104190603193990", [RESIDENT, "510104190603193990"]),
        (f"{RESIDENT}、E84586804", [RESIDENT, "E84586804"]),
        (f"{RESIDENT}，E84586804；H12345678", [RESIDENT, "E84586804", "H12345678"]),
        (f"{RESIDENT} 510104190603193990", [RESIDENT, "510104190603193990"]),
        ("110105 19491231 002X", [RESIDENT]),
        ("1101 0519 4912 3100 2X", [RESIDENT]),
        ("军字第 1234567 号", ["军字第 1234567 号"]),
        (f" {RESIDENT} / ", [RESIDENT]),
        ("", []),
    ],
)
def test_several_numbers_in_one_cell(cell, numbers):
    assert split_identities(cell) == numbers


def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_found():
    missed = []
    for place in range(17):
        for digit in "0123456789":
            changed = RESIDENT[:place] + digit + RESIDENT[place + 1 :]
            if digit != RESIDENT[place] and problems(changed) is None:
                missed.append(changed)
        swapped = RESIDENT[:place] + RESIDENT[place + 1] + RESIDENT[place] + RESIDENT[place + 2 :]
        if (
            swapped != RESIDENT
            and decide(swapped).kind is IdentityKind.RESIDENT
            and problems(swapped) is None
        ):
            missed.append(swapped)

    assert missed == []


@given(st.text(max_size=30))
def test_any_text_is_judged_without_an_error(text):
    identity = decide(text)

    assert problems(text) is None or problems(text).strip()
    assert len(identity.masked) == len(identity.number)
    for part in split_identities(text):
        decide(part)
