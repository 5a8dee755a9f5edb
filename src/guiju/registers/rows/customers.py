"""Sales, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from guiju.registers import buyers as buyer_cells
from guiju.registers import values
from guiju.registers.payments import bank_name, read_payment
from guiju.registers.rows.days import Days
from guiju.registers.rows.facts import Entry, OwnerRow
from guiju.registers.rows.reader import Page, RowReader, Style, entry_of, money, places_of, scale_of
from guiju.registers.values import Unreadable, says_nothing, squeezed, text_of
from guiju.registers.workbook import Cell, Row

_GONE = ("退房", "退订", "退定", "撤定", "撤销", "作废", "挞定", "解除", "已退", "终止", "换出")


def read_customers(pages: Sequence[Page], days: Days) -> Iterator[Entry]:
    """
    Read sales. Lines below a sale that only add a buyer (the room cell merged over them, or blank) belong to it:
    they share its outcome.
    """
    for page in pages:
        carried: dict[str, Cell] = {}
        style = Style.of(page)
        scale = scale_of(page, "price", below=Decimal(20_000))
        said = page.mapping.scale("down_payment")
        scales = {
            "price": scale,
            "down_payment": said if said is not None else scale,
            "loan": page.mapping.scale("loan") or scale,
        }
        scales["unit_price"] = scale_of(page, "unit_price", below=Decimal(100))
        for group in _sales(page):
            reader = RowReader(page, group[0])
            places = places_of(reader, carried, style)
            facts = _owner_row(reader, group, days, scales)
            entry = entry_of(page, group[0], reader, facts, places)
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


def _together(reader: RowReader, group: Sequence[Row], name: str) -> Cell:
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
    reader: RowReader, group: Sequence[Row], days: Days, scales: Mapping[str, Decimal]
) -> OwnerRow:
    names, numbers = _together(reader, group, "names"), _together(reader, group, "identities")
    buyers, wrong = buyer_cells.read_buyers(
        names,
        numbers,
        names_label=reader.columns.name("names"),
        numbers_label=reader.columns.name("identities"),
        shares=_together(reader, group, "shares"),
    )
    reader.reasons += wrong
    if behalf := buyer_cells.acting_for(names):
        reader.notices.append(f"{reader.columns.name('names')}旁写有「{behalf}」，不作为买受人导入")
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
