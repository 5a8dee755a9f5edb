"""
Owners' registers (客户台账): makes customers and deals, and sets the units 已认购 or 已签约 at once.

A deal of the register is live unless it says that the flat was taken back. One live deal per unit: another buyer of a
sold unit is refused, whoever sold it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from guiju.customers.models import Contact, Customer
from guiju.estate.models import Control, ControlChange, Unit
from guiju.kernel import figures
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.engine import record
from guiju.kernel.search import Document
from guiju.org.models import Person
from guiju.registers import running
from guiju.registers.buyers import Buyer
from guiju.registers.homes import Homes
from guiju.registers.memory import merge
from guiju.registers.models import ImportedFact
from guiju.registers.outcomes import Outcome, Status, refused
from guiju.registers.rows.facts import Entry, OwnerRow
from guiju.registers.rows.reader import money
from guiju.registers.writers.base import (
    BATCH,
    Act,
    Facts,
    Scope,
    UnableToImport,
    changes_of,
    find_again,
    first_seen,
    kept_notices,
    start_of,
)
from guiju.sales.models import Contract, Deal, DealBuyer, Mortgage

LABELS = {
    "payment": "付款方式", "payment_as_read": "付款方式（原文）", "bank": "贷款银行", "total_price": "成交总价",
    "unit_price": "成交单价", "down_payment": "首付款", "subscribed_date": "认购日期", "signed_date": "签约日期",
    "contract_number": "合同编号", "remark": "备注",
}  # fmt: skip
_MONEY = {"payment", "bank", "total_price", "unit_price", "down_payment", "signed_date", "stage"}
_STAYS = (Control.RESTRICTED, Control.FILED)


def index_of(buyer: Buyer) -> str:
    """Return the keyed index under which a buyer's number is stored."""
    return blind_index("identity", buyer.identity.number)


@dataclass(slots=True)
class _Sale:
    """A deal to be made, with its row and its buyers' indexes in order."""

    deal: Deal
    unit: Unit
    entry: Entry
    facts: OwnerRow
    indexes: list[str]


@dataclass(slots=True)
class CustomerWriter:
    """Writes owners' registers."""

    scope: Scope
    homes: Homes = field(init=False)
    facts: Facts = field(init=False)
    _deals: dict[int, list[Deal]] = field(init=False)
    _parties: dict[int, dict[str, str]] = field(init=False)
    _contracts: dict[str, str] = field(init=False)
    _customers: dict[str, Customer] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _sales: list[_Sale] = field(default_factory=list)
    _changed: list[tuple[Deal, dict[str, Any]]] = field(default_factory=list)
    _moves: list[tuple[Unit, Control, datetime | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.homes = Homes(self.scope.units())
        self.facts = Facts(self.scope, ImportedFact.DEAL)
        self._deals, self._parties, self._contracts = defaultdict(list), defaultdict(dict), {}
        if self.scope.project is None:
            return
        for deal in Deal.objects.filter(project=self.scope.project).order_by("pk"):
            self._deals[deal.unit_id].append(deal)
            if deal.live and deal.contract_number:
                self._contracts[deal.contract_number] = deal.source or "系统"
        parties = DealBuyer.objects.filter(deal__project=self.scope.project).order_by("position")
        for deal_id, index, name in parties.values_list(
            "deal_id", "customer__identity_index", "customer__name"
        ):
            self._parties[deal_id][index] = name

    # --- planning ------------------------------------------------------------------------------------------------------
    def plan(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Return what would become of each row. Lines that only add a buyer share the outcome of their sale."""
        wanted = {
            index_of(buyer)
            for entry in entries
            if isinstance(entry.facts, OwnerRow)
            for buyer in entry.facts.buyers
        }
        self._load_customers(wanted)
        seen: dict[int, Entry] = {}
        outcomes: list[Outcome] = []
        for entry in entries:
            if entry.head is not None:
                first = outcomes[-1]
                outcomes.append(
                    Outcome(
                        entry, first.status, first.label, reasons=list(first.reasons), unit_id=first.unit_id
                    )
                )
            else:
                outcomes.append(self._row(entry, seen))
        return outcomes

    def _load_customers(self, indexes: Iterable[str]) -> None:
        wanted = sorted(indexes)
        for start in range(0, len(wanted), BATCH):
            for customer in Customer.objects.filter(
                company_id=self.scope.company_id,
                identity_index__in=wanted[start : start + BATCH],
                merged_into=None,
            ):
                self._customers[customer.identity_index] = customer
                self._names[customer.identity_index] = customer.name

    def _row(self, entry: Entry, seen: dict[int, Entry]) -> Outcome:
        unit, why = self.homes.find(entry.places)
        facts = entry.facts
        if not isinstance(facts, OwnerRow):
            return refused(entry, unit_id=unit.pk if unit else None)
        if unit is None:
            return refused(entry, f"房号「{entry.place_text}」：{why}")
        label = unit.label
        indexes = [index_of(buyer) for buyer in facts.buyers]
        deals = self._deals.get(unit.pk, [])
        same = [deal for deal in deals if set(self._parties.get(deal.pk, {})) == set(indexes)]
        if not facts.live:
            return self._taken_back(entry, facts, unit, indexes, same)
        again = first_seen(seen, unit.pk, entry, label)
        if again is not None:
            again.unit_id = unit.pk
            return again
        live = next((deal for deal in deals if deal.live), None)
        if live is not None:
            if live not in same:
                names = "、".join(self._parties.get(live.pk, {}).values())
                where = f"，{live.source}" if live.source else ""
                return refused(
                    entry, f"{label}已有成交（买受人 {names or '未填'}{where}）", label=label, unit_id=unit.pk
                )
            return self._known(entry, facts, unit, live)
        wrong = self._strangers(facts, indexes)
        if facts.contract_number and facts.contract_number in self._contracts:
            where = self._contracts[facts.contract_number]
            wrong.append(f"合同编号 {facts.contract_number} 已用于另一套房（{where}）")
        if unit.control == Control.LOCKED and unit.holder_case_id:
            wrong.append(f"{label}正被锁定办理认购")
        if wrong:
            return refused(entry, *wrong, label=label, unit_id=unit.pk)
        return self._new(entry, facts, unit, indexes)

    def _strangers(self, facts: OwnerRow, indexes: Sequence[str]) -> list[str]:
        """Say which numbers belong to somebody of another name."""
        wrong = []
        for index, buyer in zip(indexes, facts.buyers, strict=True):
            known = self._names.get(index)
            if known is not None and known != buyer.name:
                wrong.append(
                    f"证件号码 {buyer.identity.masked} 已登记在「{known}」名下，与「{buyer.name}」不符"
                )
        return wrong

    def _known(self, entry: Entry, facts: OwnerRow, unit: Unit, deal: Deal) -> Outcome:
        wanted = values_of(facts)
        current = {name: getattr(deal, name) for name in wanted}
        merged = merge(current, wanted, self.facts.written(deal.pk))
        notices = entry.notices + kept_notices(LABELS, merged.kept) + price_notices(facts, unit)
        if not merged.new:
            return Outcome(entry, Status.UNCHANGED, unit.label, notices=notices, unit_id=unit.pk)
        for name, value in merged.new.items():
            setattr(deal, name, value)
        new = dict(merged.new)
        if "signed_date" in new and deal.stage == Deal.SUBSCRIBED and deal.source:
            deal.stage = new["stage"] = Deal.SIGNED
            self._move(unit, deal, facts, entry)
        self._changed.append((deal, new))
        self.facts.note(deal, entry, merged.new)
        changes = changes_of(LABELS, merged.new, merged.old)
        return Outcome(entry, Status.UPDATED, unit.label, changes, notices=notices, unit_id=unit.pk)

    def _taken_back(
        self, entry: Entry, facts: OwnerRow, unit: Unit, indexes: list[str], same: Sequence[Deal]
    ) -> Outcome:
        """Plan a sale that the register says was taken back: a closed deal, for the record."""
        wrong = self._strangers(facts, indexes)
        if any(deal.live for deal in same):
            wrong.append(f"台账写明已退，系统里 {unit.label} 仍是有效成交，请先办理退房")
        if wrong:
            return refused(entry, *wrong, label=unit.label, unit_id=unit.pk)
        closed = [
            deal
            for deal in same
            if deal.subscribed_date == facts.subscribed and deal.signed_date == facts.signed
        ]
        if closed:
            return Outcome(entry, Status.UNCHANGED, unit.label, notices=list(entry.notices), unit_id=unit.pk)
        outcome = self._new(entry, facts, unit, indexes)
        outcome.notices.append("台账写明已退，按已结束的成交导入，不占房源")
        return outcome

    def _new(self, entry: Entry, facts: OwnerRow, unit: Unit, indexes: list[str]) -> Outcome:
        signed = facts.signed is not None or (facts.subscribed is None and bool(facts.contract_number))
        deal = Deal(
            unit=unit, project_id=unit.project_id, live=facts.live, list_price=unit.list_price,
            stage=(Deal.SIGNED if signed else Deal.SUBSCRIBED) if facts.live else Deal.CLOSED,
            source=self.scope.source(entry), **{name: value for name, value in values_of(facts).items() if value is not None},
        )  # fmt: skip
        self._sales.append(_Sale(deal, unit, entry, facts, indexes))
        for index, buyer in zip(indexes, facts.buyers, strict=True):
            self._names.setdefault(index, buyer.name)
        notices = entry.notices + price_notices(facts, unit)
        if facts.live:
            if facts.contract_number:
                self._contracts[facts.contract_number] = f"第 {entry.number} 行"
            if unit.control in _STAYS:
                notices.append(f"房源现为「{Control(unit.control).label}」，状态未改")
            else:
                self._move(unit, deal, facts, entry)
        return Outcome(entry, Status.CREATED, unit.label, notices=notices, unit_id=unit.pk)

    def _move(self, unit: Unit, deal: Deal, facts: OwnerRow, entry: Entry) -> None:
        to = Control.SIGNED if deal.stage == Deal.SIGNED else Control.SUBSCRIBED
        day = facts.signed if deal.stage == Deal.SIGNED and facts.signed else facts.subscribed
        if unit.control not in (to, *_STAYS):
            moment = start_of(day) if day else None
            self._moves.append((unit, to, moment, f"台账导入：{self.scope.source(entry)}"))

    # --- writing -------------------------------------------------------------------------------------------------------
    def write(self, act: Act) -> None:
        """Make customers, deals and buyers, and move the units."""
        fresh = self._make_customers(act)
        for sale in self._sales:
            day = sale.facts.subscribed or sale.facts.signed
            sale.deal.opened_at = start_of(day) if day else act.at
            sale.deal.opened_by_id = act.by_id
            if not sale.facts.live:
                sale.deal.closed_at, sale.deal.close_reason = act.at, "台账写明已退"
        Deal.objects.bulk_create([sale.deal for sale in self._sales], batch_size=BATCH)
        DealBuyer.objects.bulk_create(
            [
                DealBuyer(
                    deal=sale.deal, customer=self._customers[index], position=position, share=buyer.share
                )
                for sale in self._sales
                for position, (index, buyer) in enumerate(
                    zip(sale.indexes, sale.facts.buyers, strict=True), 1
                )
            ],
            batch_size=BATCH,
        )
        for sale in self._sales:
            self.facts.note(sale.deal, sale.entry, values_of(sale.facts))
        names = sorted({name for _, new in self._changed for name in new})
        if names:
            Deal.objects.bulk_update([deal for deal, _ in self._changed], names, batch_size=200)
        self._move_units(act)
        self.facts.write(act)
        corrected = [deal for deal, new in self._changed if set(new) & _MONEY]
        running.align(corrected, by_id=act.by_id, at=act.at)
        self._say_figures(corrected, act)
        sold = [sale.deal for sale in self._sales] + corrected
        running.begin(sold, by_id=act.by_id, at=act.at)
        self._index(fresh)

    def _make_customers(self, act: Act) -> set[str]:
        """Make the buyers who are not on file, fill what is blank on those who are; return the new ones' indexes."""
        fresh: dict[str, Customer] = {}
        filled: dict[str, Customer] = {}
        contacts: list[tuple[str, str]] = []
        for sale in self._sales:
            for index, buyer, phones in _with_phones(sale):
                customer = self._customers.get(index)
                if customer is None:
                    customer = self._customers[index] = fresh[index] = Customer(
                        company_id=self.scope.company_id, name=buyer.name[:100], identity_index=index,
                        kind=Customer.ORGANISATION if buyer.organisation else Customer.PERSON,
                        identity_kind=buyer.identity.kind.value, identity_number=buyer.identity.number,
                        phone="", address=sale.facts.address, recorded_at=act.at,
                        birth_date=buyer.identity.born_date, source=sale.deal.source,
                    )  # fmt: skip
                for phone in phones:
                    number = normalise_phone(phone)
                    if not customer.phone:
                        customer.phone, customer.phone_index = number, blind_index("phone", number)
                        filled[index] = customer
                    elif customer.phone != number:
                        contacts.append((index, number))
                if sale.facts.address and not customer.address:
                    customer.address = sale.facts.address
                    filled[index] = customer
        Customer.objects.bulk_create(fresh.values(), batch_size=BATCH)
        old = [customer for index, customer in filled.items() if index not in fresh]
        Customer.objects.bulk_update(old, ["phone", "phone_index", "address"], batch_size=200)
        self._add_contacts(contacts)
        return set(fresh)

    def _add_contacts(self, contacts: Sequence[tuple[str, str]]) -> None:
        """Keep further phone numbers as contacts, each once."""
        wanted = {
            (self._customers[index].pk, blind_index("phone", number)): number for index, number in contacts
        }
        keys = sorted({customer_id for customer_id, _ in wanted})
        known: set[tuple[int, str]] = set()
        for start in range(0, len(keys), BATCH):
            rows = Contact.objects.filter(customer_id__in=keys[start : start + BATCH], kind="phone")
            known.update(rows.values_list("customer_id", "value_index"))
        Contact.objects.bulk_create(
            [
                Contact(customer_id=key[0], kind="phone", value=number, value_index=key[1])
                for key, number in wanted.items()
                if key not in known
            ],
            batch_size=BATCH,
        )

    def _say_figures(self, corrected: list[Deal], act: Act) -> None:
        """Prices and loans that this import corrected are said by an event, as those that a step changes."""
        rows: list[Model] = list(corrected)
        rows += Contract.objects.filter(deal__in=corrected, live=True)
        rows += Mortgage.objects.filter(deal__in=corrected, live=True)
        if rows:
            said = {key: value for row in rows for key, value in figures.of(row).items()}
            by = Person.objects.get(pk=act.by_id) if act.by_id else None
            record(
                company_id=self.scope.company_id, step=figures.CORRECTED, by=by, at=act.at,
                given={figures.SAID: said},
            )  # fmt: skip

    def _move_units(self, act: Act) -> None:
        """
        Set the units' control states and write the sales-control register, state by state.

        :raises UnableToImport: somebody moved one of the units meanwhile.
        """
        groups: dict[tuple[str, Control], list[int]] = defaultdict(list)
        changes = []
        for unit, to, moment, reason in self._moves:
            groups[unit.control, to].append(unit.pk)
            changes.append(
                ControlChange(
                    unit=unit, project_id=unit.project_id, before=unit.control, after=to, reason=reason[:400],
                    changed_by_id=act.by_id, changed_at=moment or act.at, recorded_at=act.at,
                )
            )  # fmt: skip
        for (before, to), keys in groups.items():
            for start in range(0, len(keys), BATCH):
                chunk = keys[start : start + BATCH]
                moved = Unit.objects.filter(pk__in=chunk, control=before).update(
                    control=to, control_since_at=act.at, lock_until_at=None, holder_case_id=None
                )
                if moved != len(chunk):
                    raise UnableToImport("导入时有人改了其中房源的销控状态，什么都没有导入，请再试一次。")
        ControlChange.objects.bulk_create(changes, batch_size=BATCH)

    def _index(self, fresh: set[str]) -> None:
        """Make the buyers findable in this project."""
        project = self.scope.project
        assert project is not None
        touched = {index for sale in self._sales for index in sale.indexes}
        find_again(_document(self._customers[index], (project.pk,)) for index in sorted(fresh))
        again = {self._customers[index].pk: self._customers[index] for index in touched - fresh}
        scopes: dict[int, set[int]] = {key: {project.pk} for key in again}
        keys = sorted(again)
        for start in range(0, len(keys), BATCH):
            bought = DealBuyer.objects.filter(customer_id__in=keys[start : start + BATCH])
            for customer_id, project_id in bought.values_list("customer_id", "deal__project_id").distinct():
                scopes[customer_id].add(project_id)
        find_again(_document(again[key], tuple(sorted(scopes[key]))) for key in keys)


def _document(customer: Customer, scope_ids: tuple[int, ...]) -> Document:
    """Return a customer as search knows one (as `customers.operations.entries` indexes it)."""
    parts = [customer.name, customer.phone, customer.identity_number]
    return Document("customer", str(customer.pk), customer.name, scope_ids, personal_parts=parts)


def _with_phones(sale: _Sale) -> Iterator[tuple[str, Buyer, Sequence[str]]]:
    """Give each buyer with the phone numbers that are theirs: one each if there are as many, else all to the first."""
    phones, buyers = sale.facts.phones, sale.facts.buyers
    each = len(phones) == len(buyers)
    for position, (index, buyer) in enumerate(zip(sale.indexes, buyers, strict=True)):
        theirs = [phones[position]] if each else list(phones) if position == 0 else []
        yield index, buyer, theirs


def values_of(facts: OwnerRow) -> dict[str, Any]:
    """Return a row's facts by the deal's fields."""
    return {
        "payment": facts.payment.value if facts.payment else "",
        "payment_as_read": facts.payment_as_read,
        "bank": facts.bank,
        "total_price": facts.price,
        "unit_price": facts.unit_price,
        "down_payment": facts.down_payment,
        "subscribed_date": facts.subscribed,
        "signed_date": facts.signed,
        "contract_number": facts.contract_number,
        "remark": facts.note,
    }


def price_notices(facts: OwnerRow, unit: Unit) -> list[str]:
    """Say how the deal's price differs from the price list."""
    if facts.price is None or unit.list_price is None or facts.price == unit.list_price:
        return []
    apart = facts.price - unit.list_price
    sign = "高" if apart > 0 else "低"
    return [
        f"成交总价 {money(facts.price)} 元，比表价 {money(unit.list_price)} 元{sign} {money(abs(apart))} 元"
    ]
