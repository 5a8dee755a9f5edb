"""
Bank statements of any bank: which column is which is found by the words of the head row (明细, 流水, 对账单), wherever
it stands. Money that came in and money that went out are read, each line as one of them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from guiju.kernel.money import half_up

# What banks call their columns; the first that matches wins, longer words first.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("交易日期", "记账日期", "入账日期", "交易时间", "日期", "记账日"),
    "credit": ("贷方发生额", "收入金额", "贷方金额", "收入", "贷方", "存入金额", "转入金额", "credit"),
    "debit": ("借方发生额", "支出金额", "借方金额", "支出", "借方", "转出金额"),
    "amount": ("交易金额", "发生额", "金额"),
    "sign": ("借贷标志", "收支标志", "收支方向", "借贷", "收付标志"),
    "payee_account": ("收款人账号", "收款账号"),
    "payee": ("收款人名称", "收款人户名", "收款单位", "收款人"),
    "payer_account": ("对方账号", "付款人账号", "对方账户", "付款账号"),
    "payer": ("对方户名", "付款人名称", "对方名称", "付款人户名", "对方单位", "付款人", "户名"),
    "voucher": ("交易流水号", "流水号", "凭证号码", "凭证号", "核心流水号", "交易编号"),
    "memo": ("附言", "摘要", "用途", "备注", "交易说明"),
}
CAME: Final = ("贷", "收", "C", "入", "+")
WENT: Final = ("借", "付", "支", "D", "出", "-")


class NoStatement(Exception):
    """The sheet has no head row with a date and an amount."""


@dataclass(frozen=True)
class Read:
    """
    A line of money that came in, or went ``out``. Amount in yuan, positive; ``payer`` is the other side; ``key`` is the
    same whenever the line is read.
    """

    on_date: date
    amount: Decimal
    payer: str
    payer_account: str
    voucher: str
    memo: str
    key: str
    out: bool = False


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        # A spreadsheet keeps 88001 as 88001.0.
        value = int(value)
    return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


def _head(row: Sequence[Any]) -> dict[str, int]:
    cells = [re.sub(r"[\s()（）:：元/]", "", _text(cell)) for cell in row]
    found: dict[str, int] = {}
    for name, words in WORDS.items():
        for word in words:
            place = next(
                (at for at, cell in enumerate(cells) if word in cell and at not in found.values()), None
            )
            if place is not None:
                found[name] = place
                break
    if "credit" in found:
        found.pop("amount", None)
    return found


def layout(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """
    Return the head row's place and which column is which.

    :raises NoStatement: no row names a date and an amount.
    """
    for place, row in enumerate(rows[:30]):
        found = _head(row)
        if "date" in found and {"credit", "debit", "amount"} & set(found) and len(found) >= 3:
            return place, found
    raise NoStatement


def _amount(value: Any) -> Decimal | None:
    text = _text(value).replace(",", "").replace("¥", "").lstrip("+")
    if not text or text in ("-", "--"):
        return None
    try:
        return half_up(Decimal(text))
    except InvalidOperation:
        return None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    digits = re.findall(r"\d+", _text(value))
    try:
        if digits and len(digits[0]) >= 8:
            return date(int(digits[0][:4]), int(digits[0][4:6]), int(digits[0][6:8]))
        if len(digits) >= 3 and len(digits[0]) == 4:
            return date(int(digits[0]), int(digits[1]), int(digits[2]))
    except ValueError:
        return None
    return None


def _moved(cells: Mapping[str, Any]) -> tuple[Decimal, bool] | None:
    """Return how much a line moved, positive, and whether it went out; None if it says nothing of money."""
    for name, out in (("credit", False), ("debit", True)):
        amount = _amount(cells.get(name))
        if amount is not None and amount > 0:
            return amount, out
    amount = None if "credit" in cells else _amount(cells.get("amount"))
    if not amount:
        return None
    sign = _text(cells.get("sign"))
    if any(word in sign for word in CAME):
        return (amount, False) if amount > 0 else None
    if sign and not any(word in sign for word in WENT):
        return None
    return abs(amount), bool(sign) or amount < 0


def read(rows: Sequence[Sequence[Any]]) -> tuple[list[Read], dict[str, int]]:
    """
    Return the money that came in and went out, in the order of the sheet, and the layout.

    Two lines that are alike in everything are told apart by their count, so that both are booked, and a file pasted
    again is known line by line.

    :raises NoStatement: the sheet has no head row.
    """
    place, columns = layout(rows)
    found: list[Read] = []
    seen: Counter[str] = Counter()

    def cell(row: Sequence[Any], name: str) -> Any:
        at = columns.get(name)
        return row[at] if at is not None and at < len(row) else None

    for row in rows[place + 1 :]:
        on = _day(cell(row, "date"))
        moved = _moved({name: cell(row, name) for name in columns})
        if on is None or moved is None:
            continue
        amount, out = moved
        side = "payee" if out and "payee" in columns else "payer"
        there = "payee_account" if out and "payee_account" in columns else "payer_account"
        payer, account = _text(cell(row, side)), re.sub(r"\s", "", _text(cell(row, there)))
        voucher, memo = _text(cell(row, "voucher")), _text(cell(row, "memo"))
        stem = "|".join(
            (on.isoformat(), str(amount), payer, account, voucher, memo, *(["out"] if out else []))
        )
        seen[stem] += 1
        key = hashlib.sha256(f"{stem}|{seen[stem]}".encode()).hexdigest()
        found.append(Read(on, amount, payer[:100], account[:40], voucher[:80], memo[:200], key, out))
    return found, columns
