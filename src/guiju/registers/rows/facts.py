"""What a row of each register says, as typed facts; and the row itself with what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from guiju.registers import pricing
from guiju.registers.buyers import Buyer
from guiju.registers.rooms import Place
from guiju.registers.workbook import Cell
from guiju.sales.models import Payment


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A home of a price list. Areas in ㎡, prices in yuan; ``unit_price`` is per ㎡ of the list's basis."""

    building: str
    entrance: str
    floor: int | None
    room: str
    layout: str
    layout_name: str
    orientation: str
    use: str
    area: Decimal | None
    inner_area: Decimal | None
    shared_area: Decimal | None
    basis: pricing.Basis
    unit_price: Decimal | None
    total: Decimal
    show_unit: bool
    note: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """The measured areas of a home in ㎡, and the contract's as this register quotes them."""

    area: Decimal | None
    inner_area: Decimal | None
    shared_area: Decimal | None
    contract_area: Decimal | None
    contract_inner_area: Decimal | None
    note: str


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A sale: who bought a home on what terms. ``live`` is False for one that was taken back."""

    buyers: tuple[Buyer, ...]
    phones: tuple[str, ...]
    address: str
    subscribed: date | None
    signed: date | None
    contract_number: str
    payment: Payment | None
    payment_as_read: str
    price: Decimal | None
    unit_price: Decimal | None
    down_payment: Decimal | None
    loan: Decimal | None
    bank: str
    live: bool
    note: str


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint of the past. The result decides whether it is open, not the dates (DECISIONS 22)."""

    received: date
    channel: str
    complainant: str
    phones: tuple[str, ...]
    content: str
    quality: bool | None
    department: str
    opinion: str
    result: str
    open: bool
    closed: date | None
    satisfaction: str
    place_as_read: str


Facts = UnitRow | AreaRow | OwnerRow | ComplaintRow


@dataclass(slots=True)
class Entry:
    """One row of the register: what it says, or why it is refused, and the homes it may speak of."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]
    facts: Facts | None = None
    places: list[Place] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    building: str = ""
    """The building's name as the register writes it."""
    place_text: str = ""
    """Where the register says the home is, as it is quoted."""
    filled: dict[int, Cell] = field(default_factory=dict)
    """Cells that are blank but meant: column → what was carried down or merged over them."""
    head: int | None = None
    """For a row that only continues another (a co-buyer's line): the number of that row."""
