"""
变更登记表: the changes of a period, before and after signing, line by line and added up by kind (I-5.2-2b, I-5.4-0).

The register holds what customer service has entered with a number; an application on its way has none yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from guiju.estate.models import Unit
from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.kernel.process import process_of
from guiju.org.masking import mask_name, mask_unit
from guiju.reports.tables import COUNT, DAY, MONEY, Column, Table
from guiju.sales.changing_facts import ChangeFacts
from guiju.sales.changing_forms import Kind
from guiju.sales.models import ChangeApplication, Payment

#: More lines than this are asked for in shorter periods.
MOST = 1000


@dataclass(frozen=True)
class Row:
    """A line of the register: a change with what was, what will be, and how far it is."""

    number: str
    case: str
    process: str
    kind: Kind
    registered: date
    unit: str
    unit_id: int
    buyers: str
    before: str
    after: str
    difference: Decimal
    state: str
    tone: str
    executed: date | None
    handed_back: date | None
    receiver: str
    days: int | None


def registered(found: QuerySet[ChangeApplication], *, begin: date, end: date) -> QuerySet[ChangeApplication]:
    """Return the changes entered in a period, by moment and key."""
    rows = found.filter(registered_at__date__gte=begin, registered_at__date__lte=end)
    return rows.order_by("registered_at", "pk")


def rows(found: QuerySet[ChangeApplication], *, masked: bool = False) -> list[Row]:
    """Return the lines, at most ``MOST`` + 1."""
    taken = list(found.select_related("case", "change__deal__unit__building", "change__deal")[: MOST + 1])
    units = {
        unit.pk: unit.label
        for unit in Unit.objects.select_related("building").filter(
            pk__in={one.change.after["unit"] for one in taken if "unit" in one.change.after}
        )
    }
    return [_row(one, units, masked=masked) for one in taken]


def _row(one: ChangeApplication, units: dict[int, str], *, masked: bool) -> Row:
    facts = ChangeFacts(one)
    change, case = one.change, one.case
    state = process_of(case.process).state(case.state)
    executed = local_date(change.executed_at) if change.executed_at else None
    gap = Decimal(facts.after["total_price"]) - Decimal(change.before["total_price"])
    assert one.registered_at is not None
    unit = facts.unit.label
    names = [mask_name(name) if masked else name for name in facts.people.values()]
    before, after = _terms(facts, units, masked=masked)
    return Row(
        one.register_number, case.number, case.process, facts.kind, local_date(one.registered_at),
        mask_unit(unit) if masked else unit, facts.unit.pk, "、".join(names), before, after, gap, state.label, state.tone,
        executed, local_date(one.handed_back_at) if one.handed_back_at else None,
        mask_name(one.receiver) if masked and one.receiver else one.receiver,
        (executed - local_date(change.opened_at)).days if executed else None,
    )  # fmt: skip


def _terms(facts: ChangeFacts, units: dict[int, str], *, masked: bool) -> tuple[str, str]:
    before, after = facts.change.before, facts.after

    def names(side: Sequence[dict[str, int]]) -> str:
        found = [facts.people.get(line["customer"], "") for line in side]
        return "、".join(mask_name(name) if masked else name for name in found)

    def price(terms: dict[str, str]) -> str:
        return f"{Decimal(terms['total_price']):,.2f} 元"

    match facts.kind:
        case Kind.SWAP:
            new = units.get(after["unit"], "")
            return tuple(mask_unit(x) if masked else x for x in (facts.unit.label, new))  # type: ignore[return-value]
        case Kind.RENAME | Kind.ADD | Kind.REMOVE:
            return names(before["buyers"]), names(after["buyers"])
        case Kind.PAYMENT:
            labels = [Payment(side["payment"]).label if side["payment"] else "—" for side in (before, after)]
            return str(labels[0]), str(labels[1])
        case Kind.DISCOUNT:
            return price(before), price(after)
        case Kind.DEPOSIT:
            was, will = (Decimal(side.get("deposit") or 0) for side in (before, after))
            return f"定金 {was:,.2f} 元", f"定金 {will:,.2f} 元"
        case Kind.EXTEND:
            return before.get("signing_due") or "—", after.get("signing_due") or "—"
        case Kind.BANK:
            return before.get("bank") or "—", after.get("bank") or "—"
        case Kind.PLAN:
            return f"{len(before['plan'])} 期", f"{len(after['plan'])} 期"
    items = facts.change.after.get("items", [])
    return "；".join(f"{i['name']}：{i['old']}" for i in items), "；".join(i["new"] for i in items)


@dataclass
class Sum:
    """Changes added up: how many, executed, refused or withdrawn, on the way; the price difference of those executed."""

    label: str
    count: int = 0
    executed: int = 0
    dropped: int = 0
    difference: Decimal = ZERO
    days: list[int] = field(default_factory=list)

    def take(self, row: Row) -> None:
        """Add a change."""
        self.count += 1
        if row.executed is not None:
            self.executed += 1
            self.difference += row.difference
            self.days.append(row.days or 0)
        elif row.tone == "done":
            self.dropped += 1

    @property
    def open(self) -> int:
        """How many are on their way."""
        return self.count - self.executed - self.dropped

    @property
    def middle(self) -> int | None:
        """Days from application to execution, in the middle."""
        return sorted(self.days)[len(self.days) // 2] if self.days else None


def total(lines: Iterable[Row]) -> Sum:
    """Return all lines added up."""
    found = Sum("合计")
    for row in lines:
        found.take(row)
    return found


def by_kind(lines: Sequence[Row]) -> list[Sum]:
    """Return the changes of each kind, in the order of the choices."""
    found: dict[Kind, Sum] = {}
    for kind in Kind:
        for row in lines:
            if row.kind is kind:
                found.setdefault(kind, Sum(kind.label)).take(row)
    return list(found.values())


def by_month(lines: Sequence[Row]) -> list[Sum]:
    """Return the changes of each month of registration."""
    found: dict[str, Sum] = {}
    for row in lines:
        key = f"{row.registered:%Y-%m}"
        found.setdefault(key, Sum(key)).take(row)
    return list(found.values())


REGISTER = (
    Column("登记编号", width=18),
    Column("登记日期", DAY, 11),
    Column("房号", width=18),
    Column("买受人", width=16),
    Column("变更内容", width=14),
    Column("原内容", width=20),
    Column("变更后", width=20),
    Column("差价（元）", MONEY, 14),
    Column("状态", width=13),
    Column("执行日期", DAY, 11),
    Column("返销售部", DAY, 11),
    Column("接收人", width=9),
)


def table(lines: Sequence[Row], *, project: str, begin: date, end: date) -> Table:
    """Return the register as a list to be written out (I-5.2-2b)."""
    body = [
        (
            row.number, row.registered, row.unit, row.buyers, row.kind.label, row.before, row.after, row.difference,
            row.state, row.executed, row.handed_back, row.receiver,
        )
        for row in lines
    ]  # fmt: skip
    added = total(lines)
    foot = (
        "合计",
        "",
        f"{added.count} 单",
        "",
        "",
        "",
        "",
        added.difference,
        f"已执行 {added.executed}",
        "",
        "",
        "",
    )
    return Table("变更登记表", REGISTER, body, foot, project, f"{begin:%Y-%m-%d} 至 {end:%Y-%m-%d}")


STATISTICS = (
    Column("分类", width=10),
    Column("项", width=20),
    Column("登记（单）", COUNT, 10),
    Column("已执行（单）", COUNT, 12),
    Column("未执行结束（单）", COUNT, 15),
    Column("在办（单）", COUNT, 10),
    Column("差价（元）", MONEY, 16),
    Column("办理天数（中位）", COUNT, 15),
)


def statistics(lines: Sequence[Row], *, project: str, begin: date, end: date) -> Table:
    """Return the period added up by kind and month; it names no people (I-5.2-2b)."""

    def cells(kind: str, one: Sum) -> tuple[object, ...]:
        middle = one.middle if one.middle is not None else ""
        return (kind, one.label, one.count, one.executed, one.dropped, one.open, one.difference, middle)

    body = [cells("变更内容", one) for one in by_kind(lines)] + [
        cells("月份", one) for one in by_month(lines)
    ]
    foot = ("合计", "", *cells("", total(lines))[2:])
    return Table("变更统计表", STATISTICS, body, foot, project, f"{begin:%Y-%m-%d} 至 {end:%Y-%m-%d}")
