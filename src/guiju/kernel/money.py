"""
Money and areas: Decimal in code, whole numbers in the database.

Money is yuan with two places in code and integer fen stored; areas are ㎡ with two places and integer 0.01 ㎡ stored.
Nothing rounds by itself: whoever multiplies says ``half_up`` once per printed line, and totals are sums of lines.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import checks
from django.core.exceptions import ValidationError
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round to so many places, halves away from zero (四舍五入). The one rounding function of the product."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def yuan(value: Decimal | int | str) -> Decimal:
    """
    Return an amount as Decimal yuan with two places, exactly.

    :raises ValueError: it is no number, or has parts of a fen (round it first, on purpose).
    """
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a float: money is exact.")
    try:
        amount = Decimal(value)
        exact = amount.quantize(CENT)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no amount.") from None
    if exact != amount:
        raise ValueError(f"{value!r} has parts of a fen: round it with half_up first.")
    return exact + ZERO


def money(value: Decimal | int) -> str:
    """Return an amount as printed in running text: ``¥2,372,400.00``, ``-¥50.00``."""
    amount = half_up(Decimal(value))
    return f"{'-' if amount < 0 else ''}¥{abs(amount):,.2f}"


def area(value: Decimal | int) -> str:
    """Return an area as printed: ``89.37 ㎡``."""
    return f"{half_up(Decimal(value)):.2f} ㎡"


# --- amounts in words --------------------------------------------------------------------------------------------------
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_MOST = 10**16


def words(value: Decimal | int) -> str:
    """
    Return an amount in the characters that banks accept (大写): ``人民币壹佰零伍万元整``.

    After 支付结算办法附一《正确填写票据和结算凭证的基本规定》: 整 after yuan and after jiao, none after fen; zeros
    inside read as one 零; where the rule leaves 零 free (万位 or 元位 is zero and the next place is not) none is
    written. Negative amounts read 人民币负….

    :raises ValueError: the amount has parts of a fen, or ten thousand 万亿 and more.
    """
    amount = yuan(value)
    fen_total = int(abs(amount).scaleb(2))
    whole, cents = divmod(fen_total, 100)
    if whole >= _MOST:
        raise ValueError(f"{value} is too large to be written in words.")
    jiao, fen = divmod(cents, 10)
    text = "人民币" + ("负" if amount < 0 else "")
    if whole or not cents:
        text += _whole_words(whole) + "元"
    if not cents:
        return text + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif whole:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "整")


def _whole_words(number: int) -> str:
    """Return a whole number below 10^16 in words, by groups of four places."""
    if number == 0:
        return "零"
    high, low = divmod(number, 10**8)
    text = _below_yi(high) + "亿" if high else ""
    if low:
        text += ("零" if high and low < 10**7 else "") + _below_yi(low)
    return text


def _below_yi(number: int) -> str:
    high, low = divmod(number, 10**4)
    text = _below_wan(high) + "万" if high else ""
    if low:
        text += ("零" if high and low < 10**3 else "") + _below_wan(low)
    return text


def _below_wan(number: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return text


# --- fields ----------------------------------------------------------------------------------------------------------------
if TYPE_CHECKING:
    # To the type checker it is no integer: it takes and gives decimals.
    _BigIntegerField = models.Field[Any, Any]
else:
    _BigIntegerField = models.BigIntegerField


class _HundredthsField(_BigIntegerField):
    """Decimal with two places in code, its hundredths as an integer in the database."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Decimal | int | str | None
        _pyi_private_get_type: Decimal
        _pyi_lookup_exact_type: Decimal | int | str

    description = "An amount with two places, stored as whole hundredths"

    @property
    def validators(self) -> list[Any]:
        """The validators given to the field; the inherited limits of integers would judge yuan as fen."""
        return list(vars(self)["_validators"])

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        if isinstance(value, float):
            value = repr(value)
        try:
            amount = Decimal(value)
            exact = amount.quantize(CENT)
        except (InvalidOperation, TypeError, ValueError):
            raise ValidationError(f"「{value}」不是数字。", code="invalid") from None
        if exact != amount:
            raise ValidationError(f"「{value}」的小数超过两位。", code="places")
        return exact + ZERO

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if isinstance(value, float):
            raise TypeError(f"{self.name} got the float {value!r}: amounts are exact.")
        amount = self.to_python(value)
        return None if amount is None else int(amount.scaleb(2))

    def from_db_value(
        self, value: Any, expression: object, connection: BaseDatabaseWrapper
    ) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)

    def get_default(self) -> Any:
        """Return the default as Decimal, also where it was written as an integer or text."""
        default = super().get_default()
        return default if default is None else self.to_python(default)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(
            self, **{"form_class": forms.DecimalField, "decimal_places": 2, "max_digits": 18, **kwargs}
        )

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [message for message in super().check(**kwargs) if message.id != "fields.W122"]


class FenField(_HundredthsField):
    """Money: Decimal yuan in code, integer fen in the database."""


class AreaField(_HundredthsField):
    """An area: Decimal ㎡ in code, integer 0.01 ㎡ in the database."""
