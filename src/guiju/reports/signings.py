"""
签约登记表 and 签约报表: the contracts of a period, line by line, and added up by building and way of paying
(I-5.3-6b, I-5.3-6c). A contract that was taken back keeps its line; the report takes it off on the day it ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.org.masking import mask_name, mask_unit
from guiju.reports.tables import AREA, COUNT, DAY, MONEY, Column, Table
from guiju.sales.models import Contract, DealBuyer, Payment

#: More rows than this are asked for in shorter periods.
MOST = 3000


@dataclass(frozen=True)
class Row:
    """A line of the signing register. ``case``: the signing, '' for contracts that came with the owners' register."""

    number: str
    case: str
    signed: date
    unit: str
    unit_id: int
    building: str
    buyers: tuple[str, ...]
    area: Decimal
    unit_price: Decimal | None
    price: Decimal
    payment: str
    payment_label: str
    bank: str
    register_number: str
    taken_over: date | None
    filed: date | None
    filed_number: str
    ended: date | None
    end_reason: str

    @property
    def live(self) -> bool:
        """Whether the contract still holds."""
        return self.ended is None

    @property
    def state(self) -> str:
        """How far it is."""
        if not self.live:
            return f"已终止（{self.end_reason or '退房'}）"
        if self.filed:
            return "已登记备案"
        return "已交接" if self.taken_over else "已签约"


def signed(found: QuerySet[Contract], *, begin: date, end: date) -> QuerySet[Contract]:
    """Return the contracts signed in a period, by day and key."""
    return found.filter(signed_date__gte=begin, signed_date__lte=end).order_by("signed_date", "pk")


def rows(found: QuerySet[Contract], *, masked: bool = False) -> list[Row]:
    """Return the lines of the register, at most ``MOST`` + 1; the same number of queries for any number of lines."""
    buyers = Prefetch("deal__buyers", DealBuyer.objects.select_related("customer").order_by("position"))
    contracts = found.select_related("deal__unit__building", "case").prefetch_related(buyers)
    return [_row(one, masked=masked) for one in contracts[: MOST + 1]]


def _row(one: Contract, *, masked: bool) -> Row:
    deal = one.deal
    payment = Payment(deal.payment) if deal.payment in Payment.values else Payment.OTHER
    names = [buyer.customer.name for buyer in deal.buyers.all()]
    return Row(
        number=one.number, case=one.case.number if one.case is not None else "", signed=one.signed_date,
        unit=mask_unit(deal.unit.label) if masked else deal.unit.label, unit_id=deal.unit_id,
        building=deal.unit.building.name, buyers=tuple(mask_name(name) if masked else name for name in names),
        area=deal.unit.area_contract or Decimal(0), unit_price=one.unit_price, price=one.total_price, payment=payment.value,
        payment_label=str(payment.label), bank=deal.bank, register_number=one.register_number,
        taken_over=local_date(one.taken_over_at) if one.taken_over_at else None, filed=one.filed_date,
        filed_number=one.filed_number, ended=local_date(one.closed_at) if one.closed_at else None,
        end_reason=one.close_reason,
    )  # fmt: skip


@dataclass
class Sum:
    """Contracts added up: how many, ㎡, yuan; of them ended."""

    label: str
    count: int = 0
    area: Decimal = ZERO
    price: Decimal = ZERO
    ended: int = 0
    ended_price: Decimal = ZERO

    def take(self, row: Row) -> None:
        """Add a contract."""
        self.count += 1
        self.area += row.area
        self.price += row.price
        if not row.live:
            self.ended += 1
            self.ended_price += row.price

    @property
    def net(self) -> Decimal:
        """What of the money still stands."""
        return self.price - self.ended_price

    @property
    def average(self) -> Decimal | None:
        """Yuan per ㎡ on average."""
        return self.price / self.area if self.area else None


def total(lines: Iterable[Row]) -> Sum:
    """Return all lines added up."""
    found = Sum("合计")
    for row in lines:
        found.take(row)
    return found


def by_building(lines: Iterable[Row]) -> list[Sum]:
    """Return the contracts of each building."""
    found: dict[str, Sum] = {}
    for row in lines:
        found.setdefault(row.building, Sum(row.building)).take(row)
    return [found[key] for key in sorted(found)]


def by_payment(lines: Iterable[Row]) -> list[Sum]:
    """Return the contracts of each way of paying, in the order of the choices."""
    found: dict[str, Sum] = defaultdict(lambda: Sum(""))
    for row in lines:
        found[row.payment].label = row.payment_label
        found[row.payment].take(row)
    return [found[value] for value in Payment.values if value in found]


REGISTER = (
    Column("合同编号", width=18),
    Column("签约日期", DAY, 11),
    Column("房号", width=18),
    Column("买受人", width=16),
    Column("建筑面积（㎡）", AREA, 11),
    Column("单价（元／㎡）", MONEY, 12),
    Column("合同总价（元）", MONEY, 16),
    Column("付款方式", width=11),
    Column("按揭银行", width=14),
    Column("交接编号", width=16),
    Column("登记备案", DAY, 11),
    Column("状态", width=14),
)


def register(lines: Sequence[Row], *, project: str, begin: date, end: date) -> Table:
    """Return the signing register as a list to be written out (I-5.3-6b)."""
    added = total(lines)
    body = [
        (
            row.number, row.signed, row.unit, "、".join(row.buyers), row.area, row.unit_price, row.price,
            row.payment_label, row.bank, row.register_number, row.filed, row.state,
        )
        for row in lines
    ]  # fmt: skip
    foot = ("合计", "", f"{added.count} 套", "", added.area, "", added.price, "", "", "", "", "")
    return Table("签约登记表", REGISTER, body, foot, project, f"{begin:%Y-%m-%d} 至 {end:%Y-%m-%d}")


REPORT = (
    Column("分类", width=10),
    Column("项", width=16),
    Column("签约（套）", COUNT, 10),
    Column("面积（㎡）", AREA, 12),
    Column("金额（元）", MONEY, 17),
    Column("均价（元／㎡）", MONEY, 13),
    Column("后来终止（套）", COUNT, 12),
    Column("终止金额（元）", MONEY, 16),
    Column("净金额（元）", MONEY, 17),
)


def report(lines: Sequence[Row], *, project: str, begin: date, end: date) -> Table:
    """Return the signing report: the period added up by building and by way of paying; it names no people (I-5.3-6c)."""

    def cells(kind: str, one: Sum) -> tuple[object, ...]:
        average = one.average.quantize(Decimal("0.01")) if one.average is not None else ""
        return (kind, one.label, one.count, one.area, one.price, average, one.ended, one.ended_price, one.net)

    body = [cells("楼栋", one) for one in by_building(lines)] + [
        cells("付款方式", one) for one in by_payment(lines)
    ]
    foot = ("合计", "", *cells("", total(lines))[2:])
    return Table("签约报表", REPORT, body, foot, project, f"{begin:%Y-%m-%d} 至 {end:%Y-%m-%d}")
