"""Numbers, amounts, areas, days and phone numbers as people type them into registers.

Every reader takes a cell and returns the value, ``None`` for a cell that says nothing, or raises `Unreadable` with
the reason in Chinese. Money is Decimal yuan, areas Decimal ㎡, both to two places, half up.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from guiju.registers.workbook import Cell

CENT = Decimal("0.01")
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
_NOTHING = {
    "",
    "-",
    "--",
    "---",
    "/",
    "\\",
    "无",
    "空",
    "n/a",
    "na",
    "null",
    "none",
    "nan",
    "#n/a",
    "#ref!",
    "#value!",
    "〃",
    "—",
    "——",
}
_SPACES = re.compile(r"[ \t\u3000\xa0]+")
_WHITE = re.compile(r"\s+")
_DASHES = re.compile(r"[‐‑‒–—―−－﹣─━]")


HAN_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}


def han_number(text: str) -> int:
    """Return the number that Chinese numerals write, below a hundred with 十, else digit by digit (二〇二六)."""
    if "十" in text:
        tens, ones = text.split("十", 1)
        return (HAN_DIGITS[tens] if tens else 1) * 10 + (HAN_DIGITS[ones] if ones else 0)
    value = 0
    for sign in text:
        value = value * 10 + HAN_DIGITS[sign]
    return value


class Unreadable(Exception):
    """A cell does not hold what its column holds. Says in Chinese what is wrong, without naming the column."""


def text_of(cell: Cell) -> str:
    """Return the cell as the text a reader sees; '' when it is empty."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    return str(cell)


def plain(cell: Cell) -> str:
    """Return the cell's text with full-width forms made half-width, every dash '-', spaces collapsed."""
    return _plain_text(text_of(cell))


@lru_cache(maxsize=4096)
def _plain_text(text: str) -> str:
    return _SPACES.sub(" ", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).strip()


def squeezed(cell: Cell) -> str:
    """Return `plain` text without any white space, for comparison."""
    return _squeezed_text(text_of(cell))


@lru_cache(maxsize=8192)
def _squeezed_text(text: str) -> str:
    return _WHITE.sub("", _plain_text(text))


def says_nothing(cell: Cell) -> bool:
    """Whether the cell is empty or holds only a filler such as '—', '/' or '无'."""
    return squeezed(cell).lower() in _NOTHING


def shown(cell: Cell, most: int = 24) -> str:
    """Return the cell as it is quoted in a reason: on one line, not too long."""
    text = re.sub(r"\s+", " ", text_of(cell)).strip()
    return text if len(text) <= most else text[: most - 1] + "…"


def read_number(cell: Cell) -> Decimal | None:
    """
    Read a number: digits of any width, thousands separators, spaces.

    :raises Unreadable: it is no number, or it cannot be told from one.
    """
    if isinstance(cell, date):
        raise Unreadable("读到的是日期，不是数字")
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        return _untangled(Decimal(repr(cell)))
    if says_nothing(cell):
        return None
    text = squeezed(cell).replace("，", ",").lstrip("+")
    if "," in text:
        if not re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", text) and not re.fullmatch(
            r"-?\d{1,4}(,\d{4})+(\.\d*)?", text
        ):
            raise Unreadable(f"「{shown(cell)}」不是数字")
        text = text.replace(",", "")
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?", text.lower()):
        raise Unreadable(f"「{shown(cell)}」不是数字")
    try:
        return _untangled(Decimal(text))
    except InvalidOperation as error:
        raise Unreadable(f"「{shown(cell)}」不是数字") from error


def _untangled(number: Decimal) -> Decimal:
    """Undo binary noise of a spreadsheet's own sums: 101.91999999999999 is 101.92."""
    if abs(number) >= Decimal("1e14"):
        return number
    return number.quantize(Decimal("0.00000001"), ROUND_HALF_UP).normalize() + 0


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as read: the yuan, and how exact the writing can be (0.01 for 元, 100 for 万元 with two places)."""

    yuan: Decimal
    step: Decimal


_AMOUNT = re.compile(
    r"^(?:人民币|rmb|cny|¥|￥)?\s*(?P<number>-?[\d,.]+)\s*(?P<unit>亿|万|千)?(?:元|圆|块)?(?:整|正)?(?:/套|/个|/m2)?$",
    re.IGNORECASE,
)
_SCALES = {"亿": Decimal(100_000_000), "万": Decimal(10_000), "千": Decimal(1_000)}


def read_amount(cell: Cell, *, scale: Decimal = Decimal(1)) -> Amount | None:
    """
    Read an amount of money in yuan. ``scale`` is what the column's heading says (10000 for 万元);
    a unit inside the cell goes before it.

    :raises Unreadable: no amount, or a negative one.
    """
    if says_nothing(cell):
        return None
    if isinstance(cell, int | float | date):
        number, factor = read_number(cell), scale
    else:
        text = squeezed(cell).replace("，", ",")
        match = _AMOUNT.fullmatch(text)
        if not match:
            raise Unreadable(f"「{shown(cell)}」不是金额")
        number = read_number(match.group("number"))
        unit = match.group("unit")
        has_yuan = bool(re.search(r"[元圆块]", text))
        factor = _SCALES[unit] if unit else (Decimal(1) if has_yuan else scale)
    if number is None:
        return None
    if number < 0:
        raise Unreadable(f"「{shown(cell)}」是负数")
    if number * factor >= Decimal("1e13"):
        raise Unreadable(f"「{shown(cell)}」大得不像金额")
    exponent = number.as_tuple().exponent
    step = Decimal(1).scaleb(min(int(exponent), 0)) * factor if factor > 1 else CENT
    return Amount((number * factor).quantize(CENT, ROUND_HALF_UP), max(step, CENT))


_AREA = re.compile(r"^(?P<number>[\d,.]+)\s*(?:m2|m\^2|㎡|平方米|平米|平方|平|方)?$", re.IGNORECASE)


def read_area(cell: Cell) -> Decimal | None:
    """
    Read an area in ㎡, rounded half up to 0.01 ㎡ as it is surveyed.

    :raises Unreadable: no area, zero, or more than any flat has.
    """
    if says_nothing(cell):
        return None
    if isinstance(cell, int | float | date):
        number = read_number(cell)
    else:
        match = _AREA.fullmatch(squeezed(cell))
        if not match:
            raise Unreadable(f"「{shown(cell)}」不是面积")
        number = read_number(match.group("number"))
    if number is None:
        return None
    if number <= 0:
        raise Unreadable(f"「{shown(cell)}」不是大于 0 的面积")
    if number > 1_000_000:
        raise Unreadable(f"「{shown(cell)}」大得不像面积")
    return number.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """A day whose year was not written: 9月18日."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """
        Return the day of that year.

        :raises Unreadable: 2月29日 of a common year.
        """
        try:
            return date(year, self.month, self.day)
        except ValueError as error:
            raise Unreadable(f"{year}年没有{self.month}月{self.day}日") from error


_HAN_DAY = re.compile(
    r"(?:[零〇○一二三四五六七八九]{4}年)?[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号]?"
)
_HAN_NUMBER = re.compile(r"[零〇○一二三四五六七八九十]+")
_TIME = re.compile(
    r"[ tT日]+\d{1,2}(?::|时|点)\d{0,2}(?:[:分]\d{0,2})?(?:\.\d+)?(?:秒)?\s*(?:z|Z|[+-]\d\d:?\d\d)?$"
)
_WEEKDAY = re.compile(r"[(\[]?\s*(?:星期|周|礼拜)[一二三四五六日天]\s*[)\]]?")
_FULL = re.compile(r"^(\d{4}|\d{2})\s*[-./年、,\\ ]\s*(\d{1,2})\s*[-./月、,\\ ]\s*(\d{1,2})\s*[日号]?\.?$")
_PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SHORT = re.compile(r"^(\d{1,2})\s*(?:月|[-./])\s*(\d{1,2})\s*[日号]?$")
_EXCEL_ZERO = date(1899, 12, 30)


def read_day(cell: Cell) -> date | DayOfYear | None:
    """
    Read a day in any of the ways people write it, an Excel serial number included.

    :raises Unreadable: no day, no such day, or a year outside 1990–2099.
    """
    if isinstance(cell, datetime):
        return _sane(cell.date(), cell)
    if isinstance(cell, date):
        return _sane(cell, cell)
    if says_nothing(cell):
        return None
    if isinstance(cell, float) and not cell.is_integer() and not 20_000 <= cell <= 80_000:
        raise Unreadable(f"「{shown(cell)}」不是日期")
    if isinstance(cell, int | float):
        return _from_number(int(cell), cell)
    text = _WEEKDAY.sub("", plain(cell)).strip()
    if _HAN_DAY.fullmatch(text):
        text = _HAN_NUMBER.sub(lambda match: str(han_number(match.group())), text)
    text = _TIME.sub(lambda match: "日" if "日" in match.group() else "", text).strip()
    if re.fullmatch(r"\d{5}(\.\d+)?|\d{8}", text):
        return _from_number(int(float(text)), cell)
    match = _FULL.fullmatch(text)
    if match:
        year, month, day = (int(part) for part in match.groups())
        return _made(year + 2000 if year < 100 else year, month, day, cell)
    match = _SHORT.fullmatch(text)
    if match:
        month, day = int(match.group(1)), int(match.group(2))
        _made(2024, month, day, cell)
        return DayOfYear(month, day)
    raise Unreadable(f"「{shown(cell)}」不是日期")


def _from_number(number: int, cell: Cell) -> date:
    packed = _PACKED.fullmatch(str(number))
    if packed:
        year, month, day = (int(part) for part in packed.groups())
        return _made(year, month, day, cell)
    if 20_000 <= number <= 80_000:
        return _sane(_EXCEL_ZERO + timedelta(days=number), cell)
    raise Unreadable(f"「{shown(cell)}」不是日期")


def _made(year: int, month: int, day: int, cell: Cell) -> date:
    try:
        return _sane(date(year, month, day), cell)
    except ValueError as error:
        raise Unreadable(f"「{shown(cell)}」没有这一天") from error


def _sane(day: date, cell: Cell) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Unreadable(f"「{shown(cell)}」的年份不对")
    return day


_NOTE = re.compile(r"[(\[（【][^)\]）】]*[)\]）】]|(?:(?!转)[\u4e00-\u9fff:：])+")


def read_phones(cell: Cell) -> list[str]:
    """
    Read the phone numbers of a cell, each reduced to its digits (a landline keeps the dash after its area code,
    a number abroad its '+'); words beside them are left out.

    :raises Unreadable: one of them has the wrong number of digits.
    """
    if says_nothing(cell):
        return []
    text = _NOTE.sub(" / ", plain(cell)) if isinstance(cell, str) else text_of(cell)
    found: list[str] = []
    for part in re.split(r"[/\n、,;，；|]+|\s{2,}|(?<=\d{11}) (?=1\d)", text):
        if not re.search(r"\d", part):
            continue
        number = _phone(part)
        if number is None:
            raise Unreadable(f"「{shown(part.strip())}」不是电话号码")
        if number not in found:
            found.append(number)
    if not found:
        raise Unreadable(f"「{shown(cell)}」不是电话号码")
    return found


def _phone(text: str) -> str | None:
    """Return the number in its one form, or None when it has the wrong length for its kind."""
    text = text.strip().replace(".", "")
    digits = re.sub(r"\D", "", text)
    home = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$|0?\d{9,11}$)", "", digits)
    if re.fullmatch(r"1[3-9]\d{9}", home):
        return home
    if re.fullmatch(r"01[3-9]\d{9}", home):
        return home[1:]
    if re.fullmatch(r"(?:400|800)\d{7}", home):
        return home
    if (text.startswith("+") and not text.startswith("+86")) or digits.startswith("00"):
        return "+" + digits.lstrip("0") if 7 <= len(digits.lstrip("0")) <= 15 else None
    landline = re.fullmatch(r"(0(?:10|2\d)|0[3-9]\d{2})(\d{7,8})(\d{0,5})", home)
    if landline and (not landline.group(3) or re.search(r"转|-\d{1,5}$", text)):
        return "-".join(group for group in landline.groups() if group)
    if re.fullmatch(r"[2-9]\d{6,7}", digits):
        return digits
    return None
