"""Money and areas: exact in code, whole numbers in the database, words that banks accept."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Max, Sum
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from guiju.kernel.money import AreaField, FenField, area, half_up, money, words, yuan


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        # from the rule of the banks (支付结算办法附一) itself
        ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("1680.32", "人民币壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "人民币壹拾万柒仟元伍角叁分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        # yuan
        ("0", "人民币零元整"),
        ("1", "人民币壹元整"),
        ("10", "人民币壹拾元整"),
        ("15", "人民币壹拾伍元整"),
        ("20", "人民币贰拾元整"),
        ("100", "人民币壹佰元整"),
        ("101", "人民币壹佰零壹元整"),
        ("110", "人民币壹佰壹拾元整"),
        ("1001", "人民币壹仟零壹元整"),
        ("1010", "人民币壹仟零壹拾元整"),
        ("1100", "人民币壹仟壹佰元整"),
        ("10001", "人民币壹万零壹元整"),
        ("10010", "人民币壹万零壹拾元整"),
        ("10100", "人民币壹万零壹佰元整"),
        ("11000", "人民币壹万壹仟元整"),
        ("50000", "人民币伍万元整"),
        ("200000", "人民币贰拾万元整"),
        ("1050000", "人民币壹佰零伍万元整"),
        ("2372400", "人民币贰佰叁拾柒万贰仟肆佰元整"),
        ("6140993.60", "人民币陆佰壹拾肆万零玖佰玖拾叁元陆角整"),
        ("10000000", "人民币壹仟万元整"),
        ("20001000.10", "人民币贰仟万壹仟元壹角整"),
        ("10500000.01", "人民币壹仟零伍拾万元零壹分"),
        ("100000000", "人民币壹亿元整"),
        ("100000001", "人民币壹亿零壹元整"),
        ("100010000", "人民币壹亿零壹万元整"),
        ("110000000", "人民币壹亿壹仟万元整"),
        ("1244286017.20", "人民币壹拾贰亿肆仟肆佰贰拾捌万陆仟零壹拾柒元贰角整"),
        ("1000000000000", "人民币壹万亿元整"),
        ("1000100000000", "人民币壹万零壹亿元整"),
        ("1000000010000", "人民币壹万亿零壹万元整"),
        (
            "9999999999999999.99",
            "人民币玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
        ),
        # jiao and fen alone
        ("0.01", "人民币壹分"),
        ("0.10", "人民币壹角整"),
        ("0.35", "人民币叁角伍分"),
        ("1.05", "人民币壹元零伍分"),
        ("1.50", "人民币壹元伍角整"),
        # owed the other way
        ("-1.50", "人民币负壹元伍角整"),
        ("-0.05", "人民币负伍分"),
        ("-200000", "人民币负贰拾万元整"),
    ],
)
def test_amounts_in_words(amount, text):
    assert words(Decimal(amount)) == text


@pytest.mark.parametrize("amount", ["0.001", "1.005", "10000000000000000"])
def test_what_cannot_be_written_in_words_is_refused(amount):
    with pytest.raises(ValueError, match=r"fen|too large"):
        words(Decimal(amount))


def _read(text):
    """Read words back, by their own rules."""
    body = text.removeprefix("人民币")
    sign = -1 if body.startswith("负") else 1
    body = body.removeprefix("负").removesuffix("整")
    digits = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
    total = group = part = digit = Decimal(0)
    for character in body:
        match character:
            case "仟" | "佰" | "拾":
                part += digit * {"仟": 1000, "佰": 100, "拾": 10}[character]
                digit = Decimal(0)
            case "万":
                group, part, digit = (part + digit) * 10**4, Decimal(0), Decimal(0)
            case "亿":
                total, group, part, digit = (group + part + digit) * 10**8, Decimal(0), Decimal(0), Decimal(0)
            case "元":
                total, group, part, digit = total + group + part + digit, Decimal(0), Decimal(0), Decimal(0)
            case "角":
                total, digit = total + digit / 10, Decimal(0)
            case "分":
                total, digit = total + digit / 100, Decimal(0)
            case _:
                digit = Decimal(digits[character])
    return sign * total


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_words_read_back_are_the_amount(fen):
    amount = Decimal(fen).scaleb(-2)
    text = words(amount)

    assert _read(text) == amount
    assert "零零" not in text
    assert "零元" not in text or fen == 0
    assert "零万" not in text
    assert "零亿" not in text


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("1.005", 2, "1.01"),
        ("1.004999", 2, "1.00"),
        ("2.675", 2, "2.68"),
        ("-1.005", 2, "-1.01"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("92.0649", 3, "92.065"),
    ],
)
def test_halves_are_rounded_away_from_zero(value, places, rounded):
    assert half_up(Decimal(value), places) == Decimal(rounded)
    assert str(half_up(Decimal(value), places)) == rounded


def test_amounts_of_the_worked_examples():
    # 89.37 ㎡ at 105.00; late payment of 300,000 by two in ten thousand over 20 days
    assert half_up(Decimal("89.37") * Decimal("105.00")) == Decimal("9383.85")
    assert half_up(Decimal("300000") * Decimal("0.0002") * 20) == Decimal("1200.00")


def test_yuan_is_exact_or_refused():
    assert yuan("2372400") == Decimal("2372400.00")
    assert str(yuan(5)) == "5.00"
    assert str(yuan("-0.00")) == "0.00"
    for wrong in ("1.005", "abc", 1.5, "NaN"):
        with pytest.raises(ValueError, match=r"amount|fen|float"):
            yuan(wrong)


def test_amounts_and_areas_as_printed():
    assert money(Decimal("2372400")) == "¥2,372,400.00"
    assert money(Decimal("-50")) == "-¥50.00"
    assert money(Decimal("0.005")) == "¥0.01"
    assert area(Decimal("89.37")) == "89.37 ㎡"


# --- fields --------------------------------------------------------------------------------------------------------------
@pytest.fixture
def bill(db):
    """A table with money and an area."""
    with isolate_apps("guiju.kernel"):

        class Bill(models.Model):
            amount = FenField()
            paid = FenField(null=True)
            size = AreaField(default=0)

            class Meta:
                app_label = "kernel"

        with connection.schema_editor() as editor:
            editor.create_model(Bill)
        yield Bill
        with connection.schema_editor() as editor:
            editor.delete_model(Bill)


tables = pytest.mark.django_db(transaction=True)


@tables
def test_money_is_decimal_in_code_and_fen_in_the_database(bill):
    made = bill.objects.create(amount=Decimal("2372400.05"), size=Decimal("89.37"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT amount, paid, size FROM kernel_bill")
        stored = cursor.fetchone()
    read = bill.objects.get(pk=made.pk)
    assert stored == (237240005, None, 8937)
    assert (read.amount, read.paid, read.size) == (Decimal("2372400.05"), None, Decimal("89.37"))
    assert str(read.amount) == "2372400.05"


@tables
def test_money_is_compared_and_added_up_by_the_database(bill):
    for amount in ("0.10", "0.20", "1000000.00"):
        bill.objects.create(amount=Decimal(amount))

    assert bill.objects.filter(amount__lt=Decimal("0.20")).count() == 1
    assert bill.objects.filter(amount__gte=Decimal("0.20")).count() == 2
    assert bill.objects.filter(amount=Decimal("0.2")).count() == 1
    assert bill.objects.filter(amount__in=["0.10", 1000000]).count() == 2
    assert bill.objects.aggregate(all=Sum("amount"), most=Max("amount")) == {
        "all": Decimal("1000000.30"),
        "most": Decimal("1000000.00"),
    }
    assert bill.objects.aggregate(paid=Sum("paid")) == {"paid": None}
    bill.objects.update(paid=models.F("amount"))
    assert bill.objects.filter(paid=models.F("amount")).count() == 3


@tables
def test_parts_of_a_fen_and_floats_are_refused_and_nothing_is_stored(bill):
    with pytest.raises(ValidationError, match="小数超过两位"):
        bill.objects.create(amount=Decimal("0.005"))
    with pytest.raises(TypeError, match="float"):
        bill.objects.create(amount=0.1)
    with pytest.raises(ValidationError, match="不是数字"):
        bill.objects.create(amount="一百")

    assert bill.objects.count() == 0


@tables
def test_a_form_takes_yuan(bill):
    field = bill._meta.get_field("amount").formfield()

    assert field.clean("2372400.05") == Decimal("2372400.05")
    with pytest.raises(ValidationError):
        field.clean("0.005")
    made = bill(amount="12.5")
    made.clean_fields(exclude={"paid"})
    assert made.amount == Decimal("12.50")
    assert bill(amount=1).size == Decimal("0.00")
