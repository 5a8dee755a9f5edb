"""The rows of a register as typed facts: what a row of each kind says, or in Chinese why it cannot be taken.

Nothing here asks the database; whether a home exists and what it is sold for is asked in `plans`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from guiju.registers import buyers as buyer_cells
from guiju.registers import pricing, rooms, values
from guiju.registers.buyers import Buyer
from guiju.registers.fields import Kind
from guiju.registers.payments import bank_name, read_payment
from guiju.registers.recognise import DataRows, data_rows
from guiju.registers.recognise import Mapping as Columns
from guiju.registers.rooms import Place
from guiju.registers.values import CENT, Amount, DayOfYear, Unreadable, says_nothing, shown, squeezed, text_of
from guiju.registers.workbook import Cell, Row, Sheet
from guiju.sales.models import Payment

T = TypeVar("T")


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


@dataclass(slots=True)
class Page:
    """A sheet with its mapping and its rows."""

    sheet: Sheet
    mapping: Columns
    data: DataRows

    @classmethod
    def of(cls, sheet: Sheet, mapping: Columns) -> Page:
        """Take the entries of a sheet."""
        return cls(sheet, mapping, data_rows(sheet, mapping))


class _RowReader:
    """Reads one row through the mapping and collects what is wrong."""

    def __init__(self, page: Page, row: Row) -> None:
        self.page, self.row = page, row
        self.columns = page.mapping
        self.reasons: list[str] = []
        self.notices: list[str] = []
        self.place_text = ""
        self.filled: dict[int, Cell] = {}

    def cell(self, name: str) -> Cell:
        column = self.columns.column(name)
        return None if column is None else self.row.cell(column)

    def label(self, name: str) -> Cell:
        column = self.columns.column(name)
        return None if column is None else self.row.label(column)

    def text(self, name: str, most: int) -> str:
        cell = self.cell(name)
        return "" if says_nothing(cell) else text_of(cell).strip()[:most]

    def read(self, name: str, reader: Callable[[Cell], T | None]) -> T | None:
        try:
            return reader(self.cell(name))
        except Unreadable as error:
            self.reasons.append(f"{self.columns.name(name)}{error}")
            return None

    def demand(self, name: str, value: object) -> None:
        """Note that a needed cell is empty, unless it was already found unreadable."""
        label = self.columns.name(name)
        if value is None and not any(reason.startswith(label) for reason in self.reasons):
            self.reasons.append(f"{label}为空")

    def amount(self, name: str, scale: Decimal) -> Amount | None:
        return self.read(name, lambda cell: values.read_amount(cell, scale=scale))


def money(value: Decimal) -> str:
    """Return an amount as reasons print it: 5,150,800.00."""
    return f"{value:,.2f}"


def scale_of(pages: Sequence[Page], page: Page, name: str, *, below: Decimal) -> Decimal:
    """
    Return how many yuan one unit of a column is: by its heading or sheet; else 10,000 if half of its figures lie
    below what such an amount can be in yuan.
    """
    said = page.mapping.scale(name)
    if said is not None:
        return said
    column = page.mapping.column(name)
    if column is None:
        return Decimal(1)
    figures: list[Decimal] = []
    for row in page.data.rows:
        try:
            number = values.read_amount(row.cell(column))
        except Unreadable:
            continue
        if number and number.yuan > 0:
            figures.append(number.yuan)
    figures.sort()
    return Decimal(10_000) if len(figures) > 0 and figures[len(figures) // 2] < below else Decimal(1)


def _places(reader: _RowReader, carried: dict[str, Cell], style: _Style) -> list[Place]:
    """Read where the row's home is; building and entrance are carried down from the row above where they are blank."""
    building, entrance = rooms.split_building(reader.label("building"), reader.label("entrance"))
    if building is None and style.carries:
        building = carried.get("building")
        entrance = carried.get("entrance") if entrance is None else entrance
    elif (
        entrance is None
        and style.carries
        and rooms.building_key(building) == rooms.building_key(carried.get("building"))
    ):
        entrance = carried.get("entrance")
    building, entrance = (None if says_nothing(cell) else cell for cell in (building, entrance))
    carried["building"], carried["entrance"] = building, entrance
    floor = reader.label("floor")
    room = reader.label("room")
    for name, value in (("building", building), ("entrance", entrance), ("floor", floor), ("room", room)):
        column = reader.columns.column(name)
        if column is not None and reader.row.cell(column) is None and not says_nothing(value):
            reader.filled[column] = value
    said = [building, entrance, room] if not rooms.looks_like_place(room) else [room]
    reader.place_text = " ".join(shown(cell) for cell in said if not says_nothing(cell))
    if says_nothing(room):
        reader.reasons.append(f"{reader.columns.name('room')}为空")
        return []
    places = rooms.place_from(
        building=building, entrance=entrance, floor=floor, room=room,
        default_building=reader.columns.building, short_rooms=style.per_floor, repeats_building=style.repeats_building,
    )  # fmt: skip
    if not places:
        if rooms.read_places(room):
            reader.reasons.append(f"{reader.columns.name('room')}「{shown(room)}」与楼栋、单元列不一致")
        else:
            reader.reasons.append(f"{reader.columns.name('room')}「{shown(room)}」认不出是哪一套")
    return places


@dataclass(frozen=True, slots=True)
class _Style:
    """How a sheet writes its rooms."""

    per_floor: bool
    """Rooms are numbered per floor (楼层 15, 房号 02)."""
    carries: bool
    """Building and entrance stand in the first row of a run only; a lone blank is an omission, not a run."""
    repeats_building: bool
    """The first of two numbers (2-1502) repeats the building that stands elsewhere, it is not the entrance."""

    @classmethod
    def of(cls, page: Page) -> _Style:
        """Look at all rows of a sheet."""
        room, floor = page.mapping.column("room"), page.mapping.column("floor")
        if room is None:
            return cls(False, False, False)
        cells = [row.label(room) for row in page.data.rows if not says_nothing(row.label(room))]
        short = sum(len(squeezed(cell)) <= 2 and squeezed(cell).isdigit() for cell in cells)
        per_floor = floor is not None and bool(cells) and short >= 0.9 * len(cells)
        return cls(per_floor, _carries(page), _repeats_building(page, room))


def _carries(page: Page) -> bool:
    """Whether a quarter of the rows leave their building or entrance to the row above."""
    for name in ("building", "entrance"):
        column = page.mapping.column(name)
        if column is not None:
            labels = [row.label(column) for row in page.data.rows]
            blank = sum(label is None for label in labels)
            if 0 < blank < len(labels) and blank * 4 >= len(labels):
                return True
    return False


def _repeats_building(page: Page, room: int) -> bool:
    """Whether every room that begins with a number of its own begins with its building's, and not just always with 1."""
    column = page.mapping.column("building")
    if column is None and page.mapping.building is None:
        return False
    own = rooms.building_key(page.mapping.building)
    pairs = set()
    for row in page.data.rows:
        if column is not None and not says_nothing(row.label(column)):
            own = rooms.building_key(row.label(column))
        readings = rooms.read_places(row.label(room))
        if len(readings) == 2 and readings[0].building == readings[1].entrance:
            pairs.add((own, readings[0].building))
    return bool(pairs) and all(mine == first for mine, first in pairs) and pairs != {("1", "1")}


def _entry(
    page: Page, row: Row, reader: _RowReader, facts: Facts | None, places: list[Place], building: str = ""
) -> Entry:
    return Entry(
        page.sheet.name, row.number, row.cells, None if reader.reasons else facts, places,
        reader.reasons, reader.notices, building, reader.place_text, reader.filled,
    )  # fmt: skip


# --- price lists ---------------------------------------------------------------------------------------------------------
_BASIS_WORDS = {pricing.Basis.BUILDING: "面积", pricing.Basis.INNER: "套内面积", pricing.Basis.UNIT: "面积"}


def read_units(pages: Sequence[Page]) -> Iterator[Entry]:
    """Read price lists. The rule of reckoning is settled per sheet; a total that does not follow it is refused."""
    for page in pages:
        carried: dict[str, Cell] = {}
        style = _Style.of(page)
        scales = {
            "total": scale_of(pages, page, "total", below=Decimal(20_000)),
            "unit_price": scale_of(pages, page, "unit_price", below=Decimal(100)),
            "inner_unit_price": scale_of(pages, page, "inner_unit_price", below=Decimal(100)),
        }
        readers = [_RowReader(page, row) for row in page.data.rows]
        figures = [_figures(reader, scales) for reader in readers]
        rule = pricing.settle(figures)
        has_total = any(figure.total is not None for figure in figures)
        for reader, figure in zip(readers, figures, strict=True):
            places = _places(reader, carried, style)
            facts = _unit_row(reader, figure, rule, places, has_total=has_total)
            name = carried.get("building") or reader.columns.building
            yield _entry(page, reader.row, reader, facts, places, rooms.building_name(name) if name else "")


def _figures(reader: _RowReader, scales: Mapping[str, Decimal]) -> pricing.Figures:
    def price(name: str) -> Decimal | None:
        amount = reader.amount(name, scales[name])
        return amount.yuan if amount else None

    return pricing.Figures(
        area=reader.read("area", values.read_area),
        inner_area=reader.read("inner_area", values.read_area),
        unit_price=price("unit_price"),
        inner_unit_price=price("inner_unit_price"),
        total=reader.amount("total", scales["total"]),
    )


def _unit_row(
    reader: _RowReader, figures: pricing.Figures, rule: pricing.Rule, places: list[Place], *, has_total: bool
) -> UnitRow | None:
    inner = rule.basis is pricing.Basis.INNER
    if "area" in reader.columns.choices:
        reader.demand("area", figures.area)
    if inner or "area" not in reader.columns.choices:
        reader.demand("inner_area", figures.inner_area)
    shared = reader.read("shared_area", values.read_area)
    if figures.area and figures.inner_area and figures.inner_area > figures.area:
        reader.reasons.append(f"套内面积 {figures.inner_area} 大于建筑面积 {figures.area}")
    if (
        figures.area
        and figures.inner_area
        and shared
        and abs(figures.inner_area + shared - figures.area) > Decimal("0.02")
    ):
        reader.notices.append(
            f"套内面积 {figures.inner_area} 加分摊面积 {shared} 不等于建筑面积 {figures.area}"
        )
    price = figures.inner_unit_price if rule.price == "inner_unit_price" else figures.unit_price
    total = figures.total.yuan if figures.total else None
    if rule.basis is not pricing.Basis.UNIT:
        reader.demand(rule.price, price)
    if has_total or rule.basis is pricing.Basis.UNIT:
        reader.demand("total", total)
    if price is not None and price <= 0:
        reader.reasons.append(f"{reader.columns.name(rule.price)}应大于 0")
    expected, factors = rule.expected(figures), rule.factors(figures)
    if not has_total:
        total = expected
    elif rule.agrees(figures) is False and expected is not None and factors is not None and total is not None:
        words = _BASIS_WORDS[rule.basis]
        reader.reasons.append(
            f"{reader.columns.name('total')} {money(total)} 元与{words} × 单价"
            f"（{factors[0]} × {money(factors[1])} = {money(expected)}）不符"
        )
    elif figures.total and figures.total.step > CENT and expected is not None and not rule.derived:
        total = expected
    if total is not None and total <= 0:
        reader.reasons.append(f"{reader.columns.name('total')}应大于 0")
    if reader.reasons or total is None or not places:
        return None
    place = places[0]
    note = reader.text("note", 200)
    floor = place.floor if place.floor is not None else rooms.floor_from_room(place.room)
    return UnitRow(
        building=place.building or "",
        entrance=place.entrance or "",
        floor=floor,
        room=place.room,
        layout=text_of(reader.label("layout"))[:20],
        layout_name=text_of(reader.label("layout_name"))[:40],
        orientation=text_of(reader.label("orientation"))[:20],
        use=text_of(reader.label("use"))[:40],
        area=figures.area,
        inner_area=figures.inner_area,
        shared_area=shared,
        basis=pricing.Basis.UNIT if rule.derived else rule.basis,
        unit_price=price,
        total=total,
        show_unit="样板" in note,
        note=note,
    )


# --- measured areas ------------------------------------------------------------------------------------------------------
def read_areas(pages: Sequence[Page]) -> Iterator[Entry]:
    """Read measured areas. A home needs at least one measured area."""
    for page in pages:
        carried: dict[str, Cell] = {}
        style = _Style.of(page)
        main = "area" if "area" in page.mapping.choices else "inner_area"
        for row in page.data.rows:
            reader = _RowReader(page, row)
            places = _places(reader, carried, style)
            found = {
                name: reader.read(name, values.read_area)
                for name in ("area", "inner_area", "shared_area", "contract_area", "contract_inner_area")
            }
            reader.demand(main, found[main])
            area, inner = found["area"], found["inner_area"]
            if area and inner and inner > area:
                reader.reasons.append(f"实测套内面积 {inner} 大于实测建筑面积 {area}")
            for measured, contract, words in (
                (area, found["contract_area"], "建筑面积"),
                (inner, found["contract_inner_area"], "套内面积"),
            ):
                if measured and contract and abs(measured - contract) * 5 > contract:
                    reader.notices.append(
                        f"实测{words} {measured} 与合同约定 {contract} 相差超过 20%，请核对"
                    )
            yield _entry(page, row, reader, AreaRow(**found, note=reader.text("note", 200)), places)


# --- owners --------------------------------------------------------------------------------------------------------------
_GONE = ("退房", "退订", "退定", "撤定", "撤销", "作废", "挞定", "解除", "已退", "终止", "换出")


def read_customers(pages: Sequence[Page], days: Days) -> Iterator[Entry]:
    """
    Read sales. Lines below a sale that only add a buyer (the room cell merged over them, or blank) belong to it:
    they share its outcome.
    """
    for page in pages:
        carried: dict[str, Cell] = {}
        style = _Style.of(page)
        scale = scale_of(pages, page, "price", below=Decimal(20_000))
        said = page.mapping.scale("down_payment")
        scales = {
            "price": scale,
            "down_payment": said if said is not None else scale,
            "loan": page.mapping.scale("loan") or scale,
        }
        scales["unit_price"] = scale_of(pages, page, "unit_price", below=Decimal(100))
        for group in _sales(page):
            reader = _RowReader(page, group[0])
            places = _places(reader, carried, style)
            facts = _owner_row(reader, group, days, scales)
            entry = _entry(page, group[0], reader, facts, places)
            yield entry
            for row in group[1:]:
                yield Entry(
                    page.sheet.name,
                    row.number,
                    row.cells,
                    None,
                    places,
                    list(entry.reasons),
                    head=group[0].number,
                )


def _sales(page: Page) -> Iterator[list[Row]]:
    """Group the rows of each sale."""
    room, names = page.mapping.column("room"), page.mapping.column("names")
    terms = [
        column
        for name in ("price", "contract_number", "signed", "subscribed")
        if (column := page.mapping.column(name)) is not None
    ]
    group: list[Row] = []
    for row in page.data.rows:
        merge = page.sheet.merge_over(room, row.number) if room is not None else None
        joined = merge is not None and bool(group) and merge[0] <= group[0].number
        blank = (
            room is not None and merge is None and says_nothing(row.cell(room))
            and names is not None and not says_nothing(row.cell(names))
            and bool(terms) and all(says_nothing(row.cell(column)) for column in terms)
        )  # fmt: skip
        if group and not joined and not blank:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _together(reader: _RowReader, group: Sequence[Row], name: str) -> Cell:
    """Return what all rows of a sale say about all its buyers in the columns of a field, one line each."""
    columns = [reader.columns.column(known) for known in (name, f"{name}2", f"{name}3")]
    said = [
        row.cell(column)
        for row in group
        for column in columns
        if column is not None and not says_nothing(row.cell(column))
    ]
    return said[0] if len(said) == 1 else "\n".join(text_of(cell) for cell in said) or None


def _owner_row(
    reader: _RowReader, group: Sequence[Row], days: Days, scales: Mapping[str, Decimal]
) -> OwnerRow:
    names, numbers = _together(reader, group, "names"), _together(reader, group, "identities")
    buyers, wrong = buyer_cells.read_buyers(
        names,
        numbers,
        names_label=reader.columns.name("names"),
        numbers_label=reader.columns.name("identities"),
    )
    reader.reasons += wrong
    phones: list[str] = []
    try:
        phones = values.read_phones(_together(reader, group, "phones"))
    except Unreadable as error:
        reader.reasons.append(f"{reader.columns.name('phones')}{error}")
    subscribed = days.read(reader, "subscribed")
    signed = days.read(reader, "signed")
    if subscribed and signed and signed < subscribed:
        reader.reasons.append(
            f"{reader.columns.name('signed')} {signed} 早于{reader.columns.name('subscribed')} {subscribed}"
        )
    price = reader.amount("price", scales["price"])
    if "price" in reader.columns.choices:
        reader.demand("price", price)
    if price is not None and price.yuan <= 0:
        reader.reasons.append(f"{reader.columns.name('price')}应大于 0")
    down, loan = reader.amount("down_payment", scales["down_payment"]), reader.amount("loan", scales["loan"])
    for part, name in ((down, "down_payment"), (loan, "loan")):
        if part and price and part.yuan > price.yuan:
            reader.reasons.append(
                f"{reader.columns.name(name)} {money(part.yuan)} 元大于{reader.columns.name('price')} {money(price.yuan)} 元"
            )
    payment = reader.read("payment", read_payment)
    bank = bank_name(reader.cell("bank"))
    unit_price = reader.amount("unit_price", scales["unit_price"])
    status, note = reader.text("status", 40), reader.text("note", 200)
    live = not any(word in status for word in _GONE) and not (
        len(note) <= 8 and any(word in note for word in _GONE if word != "换出")
    )
    if bank and payment and not payment.needs_bank:
        reader.notices.append(f"付款方式是{payment.label}，却写了贷款银行「{bank}」")
    if not subscribed and not signed and not reader.reasons:
        reader.notices.append("没有认购日期，也没有签约日期")
    if not phones and not reader.reasons:
        reader.notices.append("没有联系电话")
    if price and down and loan and down.yuan + loan.yuan != price.yuan and not reader.reasons:
        reader.notices.append(
            f"首付款加贷款 {money(down.yuan + loan.yuan)} 元不等于总价 {money(price.yuan)} 元"
        )
    for buyer in buyers:
        if buyer.organisation and not buyer.identity.kind.is_organisation:
            reader.notices.append(f"「{buyer.name}」像单位名称，证件却是{buyer.identity.label}")
        elif buyer.identity.kind.is_organisation and not buyer_cells.COMPANY.search(buyer.name):
            reader.notices.append(f"「{buyer.name}」像人名，证件却是{buyer.identity.label}")
    return OwnerRow(
        buyers=tuple(buyers),
        phones=tuple(phones),
        address=reader.text("address", 300),
        subscribed=subscribed,
        signed=signed,
        contract_number=squeezed(reader.cell("contract_number"))[:60]
        if reader.text("contract_number", 60)
        else "",
        payment=payment,
        payment_as_read=reader.text("payment", 60),
        price=price.yuan if price else None,
        unit_price=unit_price.yuan if unit_price else None,
        down_payment=down.yuan if down else None,
        loan=loan.yuan if loan else None,
        bank=bank[:60],
        live=live,
        note=note,
    )


# --- complaints ----------------------------------------------------------------------------------------------------------
_OPEN = (
    "未",
    "处理中",
    "跟进",
    "待",
    "不认可",
    "不同意",
    "不满意",
    "不接受",
    "进行",
    "正在",
    "协商",
    "升级",
    "搁置",
    "无法",
    "诉讼",
    "否",
    "没有",
    "办理中",
    "整改中",
    "处置中",
    "中",
)
_CLOSED = (
    "已",
    "解决",
    "完成",
    "办结",
    "完毕",
    "结案",
    "关闭",
    "闭环",
    "是",
    "认可",
    "同意",
    "满意",
    "妥善",
    "恢复",
    "正常",
    "销案",
    "撤诉",
    "和解",
    "完",
)


def is_open(result: str, closed: date | None) -> tuple[bool, str | None]:
    """Return whether a result leaves a complaint open, and a remark where its words do not say."""
    text = squeezed(result)
    if not text or says_nothing(result):
        return (closed is None, None if closed is None else "处理结果为空，有办结日期，按已办结导入")
    if any(word in text for word in _OPEN[:-1]) or text.endswith("中"):
        return True, None
    if any(word in text for word in _CLOSED):
        return False, None
    return (
        closed is None,
        f"处理结果「{shown(result)}」看不出是否办结，按{'未办结' if closed is None else '已办结'}导入",
    )


def _is_quality(text: str) -> bool | None:
    flat = squeezed(text)
    if not flat:
        return None
    if flat in ("否", "非") or flat.startswith(("非质量", "不是", "服务", "销售", "物业", "非工程")):
        return False
    return flat == "是" or "质量" in flat or "工程" in flat


def read_complaints(pages: Sequence[Page], days: Days) -> Iterator[Entry]:
    """Read complaints of the past. Contradictions between result and dates are notices, not refusals."""
    for page in pages:
        carried: dict[str, Cell] = {}
        style = _Style.of(page)
        for row in page.data.rows:
            reader = _RowReader(page, row)
            room = reader.label("room")
            places: list[Place] = []
            if not says_nothing(room) and (
                rooms.looks_like_room(room) or not says_nothing(reader.label("building"))
            ):
                places = _places(reader, carried, style)
            received = days.read(reader, "received")
            reader.demand("received", received)
            content = reader.text("content", 4000)
            reader.demand("content", content or None)
            phones: list[str] = []
            try:
                phones = values.read_phones(reader.cell("phones"))
            except Unreadable as error:
                reader.notices.append(f"{reader.columns.name('phones')}{error}，未导入电话")
            closed = days.read(reader, "closed", strict=False)
            result = reader.text("result", 60)
            open_, remark = is_open(result, closed)
            if remark:
                reader.notices.append(remark)
            reader.notices += contradictions(received, closed, open_=open_, result=result)
            facts = None
            if received is not None and content:
                facts = ComplaintRow(
                    received=received,
                    channel=reader.text("channel", 20),
                    complainant=reader.text("complainant", 100),
                    phones=tuple(phones),
                    content=content,
                    quality=_is_quality(reader.text("nature", 20)),
                    department=reader.text("department", 60),
                    opinion=reader.text("opinion", 400),
                    result=result,
                    open=open_,
                    closed=closed,
                    satisfaction=reader.text("satisfaction", 20),
                    place_as_read=text_of(room)[:60],
                )
            yield _entry(page, row, reader, facts, places)


def contradictions(received: date | None, closed: date | None, *, open_: bool, result: str) -> list[str]:
    """Return in Chinese where the result and the dates of a complaint contradict each other."""
    found = []
    if open_ and closed is not None:
        found.append(f"处理结果「{result or '空'}」，却有办结日期 {closed}")
    if not open_ and closed is None and result:
        found.append(f"处理结果「{result}」，却没有办结日期")
    if received and closed and closed < received:
        found.append(f"办结日期 {closed} 早于投诉日期 {received}")
    return found


# --- days without a year -------------------------------------------------------------------------------------------------
_DAY_FIELDS = {Kind.CUSTOMERS: ("subscribed", "signed"), Kind.COMPLAINTS: ("received", "closed")}


class Days:
    """Gives days without a year theirs: the year that was told, else the only one among the column's full days."""

    def __init__(self, kind: Kind, pages: Sequence[Page], year: int | None) -> None:
        self.told = year
        self.inferred: dict[str, int] = {}
        self.yearless: dict[str, int] = {}
        for name in _DAY_FIELDS.get(kind, ()):
            years: set[int] = set()
            for page in pages:
                column = page.mapping.column(name)
                if column is None:
                    continue
                for row in page.data.rows:
                    try:
                        day = values.read_day(row.cell(column))
                    except Unreadable:
                        continue
                    if isinstance(day, DayOfYear):
                        self.yearless[name] = self.yearless.get(name, 0) + 1
                    elif day is not None:
                        years.add(day.year)
            if len(years) == 1 and self.yearless.get(name):
                self.inferred[name] = years.pop()

    @property
    def asked(self) -> bool:
        """Whether a person has to be asked for the year: days lack it, nobody told it, the column does not show it."""
        return self.told is None and any(name not in self.inferred for name in self.yearless)

    def read(self, reader: _RowReader, name: str, *, strict: bool = True) -> date | None:
        """Read a day of a row. Not ``strict``: an unreadable one is only remarked on."""
        problems = reader.reasons if strict else reader.notices
        label = reader.columns.name(name)
        try:
            day = values.read_day(reader.cell(name))
            if not isinstance(day, DayOfYear):
                return day
            year = self.told if self.told is not None else self.inferred.get(name)
            if year is None:
                problems.append(f"{label}「{shown(reader.cell(name))}」没有年份，请指定年份")
                return None
            return day.in_year(year)
        except Unreadable as error:
            problems.append(f"{label}{error}")
            return None


def read_entries(kind: Kind, pages: Sequence[Page], days: Days) -> list[Entry]:
    """Read all rows of a register."""
    match kind:
        case Kind.UNITS:
            return list(read_units(pages))
        case Kind.AREAS:
            return list(read_areas(pages))
        case Kind.CUSTOMERS:
            return list(read_customers(pages, days))
        case Kind.COMPLAINTS:
            return list(read_complaints(pages, days))
