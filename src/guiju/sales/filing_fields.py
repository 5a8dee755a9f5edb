"""
What a contract says, field by field in the order of the city's system; and what of the city's data is not as it says.

The words are compared as people mean them: full-width characters, blanks, separators and the order of buyers do not
matter; amounts and areas are numbers, dates are dates. What the city masks (``110***********123X``) is compared where it
shows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from guiju.estate.models import Permit
from guiju.sales.models import Contract, DealBuyer, Payment


@dataclass(frozen=True)
class Field:
    """A field of the city's system: its key, its name here, other names it has in exports, and whether it must be."""

    key: str
    label: str
    kind: str = "text"
    also: tuple[str, ...] = ()
    must: bool = True


FIELDS: Final[tuple[Field, ...]] = (
    Field("city_number", "网签合同号", also=("合同编号", "合同备案编号", "网签编号", "备案合同号")),
    Field("buyers", "买受人", "names", ("购房人", "买方", "买受人姓名", "客户姓名", "姓名")),
    Field("identities", "证件号码", "masked", ("买受人证件号码", "身份证号", "证件号", "购房人证件号码")),
    Field("room", "房号", "room", ("房屋坐落", "坐落", "房屋", "室号")),
    Field("area", "建筑面积", "number", ("面积", "预测建筑面积", "建筑面积（㎡）", "建筑面积(㎡)")),
    Field("inner_area", "套内建筑面积", "number", ("套内面积", "预测套内面积"), False),
    Field("unit_price", "单价", "number", ("成交单价", "合同单价", "单价（元/㎡）"), False),
    Field("total_price", "总价", "number", ("成交总价", "合同总价", "合同金额", "总价款", "总价（元）")),
    Field("payment", "付款方式", "text", ("付款类型",), False),
    Field("signed_date", "签约日期", "date", ("签订日期", "合同签订日期", "网签日期")),
    Field("permit", "预售许可证号", "text", ("预售证号", "许可证号", "预售许可证"), False),
    Field("account", "监管账户", "text", ("监管账号", "资金监管账户"), False),
)
BY_KEY: Final = {field.key: field for field in FIELDS}
_HEADINGS: Final = {_name: field.key for field in FIELDS for _name in (field.label, *field.also)}
_SEPARATORS: Final = re.compile(r"[、,;/|\s]+")
_UNIT: Final = re.compile(r"(元/M2|元/平方米|元|M2|平方米)$")
_DATE: Final = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")


@dataclass(frozen=True)
class Difference:
    """A field in which the city's data is not as in the contract."""

    key: str
    label: str
    paper: str
    city: str

    def __str__(self) -> str:
        return f"{self.label}：合同「{self.paper}」，系统「{self.city or '空白'}」"

    def as_row(self) -> dict[str, str]:
        """Return it as it is kept."""
        return {"key": self.key, "label": self.label, "paper": self.paper, "city": self.city}


def paper_fields(contract: Contract) -> dict[str, str]:
    """Return what the contract and the deal say, by field, as people write it."""
    deal = contract.deal
    unit = deal.unit
    buyers = list(DealBuyer.objects.filter(deal=deal).select_related("customer").order_by("position"))
    permit = (
        Permit.objects.filter(kind="presale", buildings=unit.building_id)
        .order_by("-issued_date", "-pk")
        .first()
    )
    return {
        "city_number": contract.city_number,
        "buyers": "、".join(buyer.customer.name for buyer in buyers),
        "identities": "、".join(buyer.customer.identity_number for buyer in buyers),
        "room": unit.label,
        "area": _number(unit.area_contract),
        "inner_area": _number(unit.inner_area),
        "unit_price": _number(contract.unit_price),
        "total_price": _number(contract.total_price),
        "payment": Payment(deal.payment).label if deal.payment else "",
        "signed_date": f"{contract.signed_date:%Y-%m-%d}",
        "permit": permit.number if permit is not None else "",
        "account": unit.project.escrow_account,
    }


def in_order(names: str) -> list[Field]:
    """Return the fields in the city's order, given as names with 、 between; those not named come last."""
    wanted = [key_of(name) for name in names.split("、")]
    first = [BY_KEY[key] for key in dict.fromkeys(key for key in wanted if key)]
    return [*first, *(field for field in FIELDS if field not in first)]


def key_of(heading: str) -> str:
    """Return the field that a heading of the city's export means; empty if none."""
    plain = unicodedata.normalize("NFKC", str(heading)).strip().replace(" ", "")
    by_plain = {unicodedata.normalize("NFKC", name): key for name, key in _HEADINGS.items()}
    return by_plain.get(plain, "")


def differences(
    paper: Mapping[str, str], city: Mapping[str, str], *, exported: bool = False
) -> list[Difference]:
    """
    Return the fields in which the two are not the same. A field that must be there and is blank in the city's data is a
    difference; one that need not be there is compared when both have it. ``exported``: fields that an export does not
    carry at all are left out, if they need not be there.
    """
    found = []
    for field in FIELDS:
        said, shown = paper.get(field.key, ""), str(city.get(field.key, "") or "")
        if not shown.strip() and (not field.must or (exported and field.key not in city)):
            continue
        if field.key == "city_number" and not said:
            continue
        if not same(field, said, shown):
            found.append(Difference(field.key, field.label, said, shown))
    return found


def same(field: Field, paper: str, city: str) -> bool:
    """Return whether two values of a field mean the same."""
    left, right = _plain(paper), _plain(city)
    if field.kind == "number":
        return decimal_of(left) is not None and decimal_of(left) == decimal_of(right)
    if field.kind == "date":
        return day_of(left) is not None and day_of(left) == day_of(right)
    if field.kind == "names":
        return sorted(_parts(left)) == sorted(_parts(right))
    if field.kind == "masked":
        return _masked_alike(_parts(left), _parts(right))
    if field.kind == "room":
        return bool(room_of(left)) and f"-{room_of(right)}".endswith(f"-{room_of(left)}")
    return left == right


def day_of(text: str) -> date | None:
    """Return the date that a text means: 2026-11-20, 2026/11/20, 2026年11月20日."""
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def as_text(value: object) -> str:
    """Return a cell of the city's export as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value).strip()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def decimal_of(text: str) -> Decimal | None:
    """Return the number that a text means, without its unit and separators; None if it is none."""
    try:
        return Decimal(_UNIT.sub("", re.sub(r"[,¥\s]", "", _plain(text))))
    except InvalidOperation:
        return None


def room_of(text: str) -> str:
    """Return the numbers of a place in order (``1-1-1502``), without the words between them."""
    return "-".join(re.findall(r"[0-9A-Z]+", _plain(text)))


def _masked_alike(paper: Sequence[str], city: Sequence[str]) -> bool:
    if len(paper) != len(city):
        return False
    left = list(city)
    for number in paper:
        match = next((shown for shown in left if _fits(number, shown)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _fits(number: str, shown: str) -> bool:
    return len(number) == len(shown) and all(b in ("*", a) for a, b in zip(number, shown, strict=True))
