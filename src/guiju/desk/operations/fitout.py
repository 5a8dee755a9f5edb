"""Needs and effects of a fit-out selection: rooms, choices, the customer's confirmation, difference, order, check."""

from __future__ import annotations

from decimal import Decimal

from guiju.desk.forms import fitout as forms
from guiju.desk.models import FitoutChoice, FitoutSelection
from guiju.estate.models import Unit
from guiju.kernel.engine import Context
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach
from guiju.sales.models import Deal


def load(context: Context) -> FitoutSelection:
    """Return the selection of the case; an empty one while it is being opened."""
    found = FitoutSelection.objects.filter(case_id=context.case.pk or 0).first()
    return found if found is not None else FitoutSelection()


def row_of(context: Context) -> FitoutSelection:
    """Return the selection of the context's case."""
    row = context.facts
    assert isinstance(row, FitoutSelection)
    return row


def _deal(context: Context) -> Deal | None:
    unit = context.subject("unit")
    return Deal.objects.filter(unit_id=unit or 0, live=True, project_id=context.case.scope_id or 0).first()


@need("I-3.1-r")
def unit_is_sold(context: Context) -> str | None:
    """Only who bought a home chooses for it, and one selection is open at a time."""
    unit = context.subject("unit")
    if unit is None or not Unit.objects.filter(pk=unit, project_id=context.case.scope_id or 0).exists():
        return "请先选本项目的一套房屋"
    if _deal(context) is None:
        return "这套房屋还没有买受人，不能选色选材"
    before = FitoutSelection.objects.filter(unit_id=unit, open=True).select_related("case").first()
    return f"这套房屋的选色选材 {before.case.number} 还没有办完" if before is not None else None


@need("I-3.1-r", given=True)
def window_is_ahead(context: Context) -> str | None:
    """The last day to choose lies ahead."""
    given = context.given
    assert isinstance(given, forms.BeginForm)
    return "选择截止日期要在今天以后" if given.window_date <= context.at.astimezone(ZONE).date() else None


@need("I-3.1-r")
def window_is_open(context: Context) -> str | None:
    """Choosing ends with the window; afterwards the contract's standard applies."""
    last = row_of(context).window_date
    over = context.at.astimezone(ZONE).date() > last
    return f"选择已于 {last:%Y-%m-%d} 截止，按合同标准配置" if over else None


@need("I-3.1-r")
def window_is_over(context: Context) -> str | None:
    """The standard applies only to who did not choose in time."""
    last = row_of(context).window_date
    over = context.at.astimezone(ZONE).date() > last
    return None if over else f"选择到 {last:%Y-%m-%d} 才截止，请与客户联系"


@need("I-3.1-r", given=True)
def every_room_is_chosen(context: Context) -> str | None:
    """Each room of the scheme has a colour and a material, no part twice, no room that the scheme does not have."""
    given = context.given
    assert isinstance(given, forms.SelectForm)
    rooms = list(row_of(context).rooms)
    chosen = [(one.room, one.item) for one in given.choices]
    if strange := [room for room, _ in chosen if room not in rooms]:
        return f"装修方案里没有「{strange[0]}」"
    if twice := [pair for pair in chosen if chosen.count(pair) > 1]:
        return f"「{twice[0][0]}」的「{twice[0][1]}」选了两次"
    if missing := [room for room in rooms if room not in {room for room, _ in chosen}]:
        return f"还有房间没有选颜色和材料：{'、'.join(missing)}"
    return None


@need("I-3.1-r", given=True)
def customer_confirms(context: Context) -> str | None:
    """The customer confirms what was chosen, by name and signature."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    if not given.agreed:
        return "客户没有确认；要改的请办「修改」"
    return None if given.signature and given.signed_by.strip() else "请客户签名确认，并写明确认人"


@need("I-3.1-r", given=True)
def amount_is_right(context: Context) -> str | None:
    """What is paid is the difference that was confirmed, to the cent."""
    given = context.given
    assert isinstance(given, forms.PaidForm)
    wanted = row_of(context).difference
    if wanted <= 0:
        return "没有要收的差价"
    return None if given.amount == wanted else f"应收差价 {wanted:,.2f} 元"


@need("I-3.1-r")
def difference_is_paid(context: Context) -> str | None:
    """Nothing is ordered before the difference is paid."""
    row = row_of(context)
    return "差价还没有收到，不能下单" if row.difference > 0 and row.paid_at is None else None


@need("I-3.1-r", given=True)
def looks_as_confirmed(context: Context) -> str | None:
    """What is installed is what was confirmed."""
    given = context.given
    assert isinstance(given, forms.CheckForm)
    return None if given.passed else "与确认的不一致，请整改后再检查"


def begin(context: Context) -> None:
    """Offer the scheme: which rooms, and until when the buyer chooses."""
    given = context.given
    assert isinstance(given, forms.BeginForm)
    deal = _deal(context)
    assert deal is not None
    FitoutSelection.objects.create(
        case_id=context.case.pk, unit_id=deal.unit_id, deal=deal, scheme=given.scheme, rooms=list(given.rooms),
        window_date=given.window_date,
    )  # fmt: skip
    for key in deal.buyers.order_by("position").values_list("customer_id", flat=True):
        context.link("customer", key)
    context.link("deal", deal.pk)
    context.forget_facts()


def select(context: Context) -> None:
    """Keep what was chosen for each room; an earlier choice is replaced, and stays in its event."""
    given = context.given
    assert isinstance(given, forms.SelectForm)
    row = row_of(context)
    row.choices.all().delete()
    FitoutChoice.objects.bulk_create(FitoutChoice(selection=row, **one.model_dump()) for one in given.choices)
    row.difference = sum((one.difference for one in given.choices), Decimal(0))
    row.confirmed_at, row.confirmed_by, row.signature = None, "", ""
    row.save()
    context.say(difference=str(row.difference))


def confirm(context: Context) -> None:
    """Keep the customer's confirmation with name and signature."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    assert given.signature is not None
    row = row_of(context)
    if isinstance(context.by, Person):
        attach(
            sha256s=[given.signature], company_id=context.case.chain_id, kind="fitout_signature", by=context.by,
            at=context.recorded_at, case=context.case, title="选色选材客户签名",
        )  # fmt: skip
    row.confirmed_at, row.confirmed_by, row.signature = context.at, given.signed_by.strip(), given.signature
    row.save()


def change(context: Context) -> None:
    """Take the confirmation back: out of stock, or the customer wants something else. What was paid stays paid."""
    row = row_of(context)
    row.confirmed_at, row.confirmed_by, row.signature, row.ordered_at = None, "", "", None
    row.save()


def pay(context: Context) -> None:
    """Note that the difference is paid, with the receipt."""
    given = context.given
    assert isinstance(given, forms.PaidForm)
    row = row_of(context)
    row.paid_at, row.receipt = context.at, given.receipt
    row.save()


def order(context: Context) -> None:
    """Order what was confirmed; the sample is sealed."""
    given = context.given
    assert isinstance(given, forms.OrderForm)
    row = row_of(context)
    row.ordered_at, row.sample = context.at, given.sample
    row.save()


def check(context: Context) -> None:
    """Note that what was installed is what was confirmed."""
    row = row_of(context)
    row.checked_at, row.open = context.at, False
    row.save()


def end(context: Context) -> None:
    """Close the selection without an order: the standard applies, or it is no longer wanted."""
    row = row_of(context)
    row.open = False
    row.save(update_fields=["open"])
