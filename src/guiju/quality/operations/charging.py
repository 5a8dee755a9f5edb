"""
Who bears the cost of a third party (I-2.8-c; domain 2.15): the retention of the contractor who refused, as far as it is
known and left; a claim against the contractor for the rest; what cannot be had, the company by a reasoned decision.

Amounts are in yuan.
"""

from __future__ import annotations

from decimal import Decimal

from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.process import need
from guiju.quality.forms import compensation as forms
from guiju.quality.models import ContractorWork, RecordEntry
from guiju.quality.operations.compensating import work_of
from guiju.quality.record import attach, enter, facts_of

NOTHING = Decimal(0)


def rest_of(row: ContractorWork) -> Decimal:
    """Return what of a third party's cost nobody has borne yet: not charged, not paid, not taken over."""
    if not row.third_party or row.cost is None:
        return NOTHING
    rest: Decimal = row.cost - (row.charged or NOTHING) - row.recovered - row.borne
    return rest


def to_settle(context: Context) -> bool:
    """Whether part of the cost is still open and no claim waits for its money."""
    row = work_of(context)
    return bool(rest_of(row)) and not row.claimed


def to_recover(context: Context) -> bool:
    """Whether a claim waits for its money."""
    return bool(work_of(context).claimed)


def is_settled(context: Context) -> bool:
    """Whether nothing of the cost is open."""
    return not rest_of(work_of(context))


# --- conditions ------------------------------------------------------------------------------------------------------
@need("I-2.8-c")
def was_done_by_third(context: Context) -> str | None:
    """Only the cost of a third party is had back from the contractor."""
    return None if work_of(context).third_party else "责任单位自己维修的没有费用可扣"


@need("I-2.8-c")
def something_is_open(context: Context) -> str | None:
    """A cost that is settled is settled."""
    row = work_of(context)
    return None if not row.third_party or rest_of(row) else "第三方维修的费用已经处理完"


@need("I-2.8-c")
def retention_is_known(context: Context) -> str | None:
    """Nothing is deducted from a retention of which nobody has said that it is there."""
    row = work_of(context)
    if row.retention is not None or not row.third_party:
        return None
    return "还不知道未付质保金有多少：请财务先办「核实质保金」；没有质保金可扣的，办「向责任单位追偿」"


@need("I-2.8-c")
def is_charged_once(context: Context) -> str | None:
    """What the retention does not cover is claimed, not deducted again."""
    return "已经扣回，余额请办「向责任单位追偿」" if work_of(context).charged else None


@need("I-2.8-c", given=True)
def charge_is_covered(context: Context) -> str | None:
    """No more is charged than is open of the cost, and than is left of the retention."""
    given = context.given
    assert isinstance(given, forms.ChargeForm)
    row = work_of(context)
    if given.amount > rest_of(row):
        return f"扣回金额不能超过维修费用 {rest_of(row)} 元"
    left = (row.retention or NOTHING) - charged_since(context, row)
    if given.amount > left:
        return f"扣回金额不能超过未付质保金 {left} 元，其余办「向责任单位追偿」"
    return None


def charged_since(context: Context, row: ContractorWork) -> Decimal:
    """
    Return what other work of the same contract was charged with since the retention of this one was written down: it was
    whole then. The rows are held until the transaction ends.
    """
    if not row.contract_number:
        return NOTHING
    beside = ContractorWork.objects.filter(
        case__chain_id=row.case.chain_id, contractor=row.contractor, contract_number=row.contract_number
    )
    held = list(beside.select_for_update(of=("self",)).order_by("pk"))
    known = facts_of(context).last("retention") or facts_of(context).last("dispatched")
    later = set(
        RecordEntry.objects.filter(
            case__in=[one.case_id for one in held], kind="charged", pk__gt=known.pk if known else 0
        ).values_list("case_id", flat=True)
    )
    own = (one.charged for one in held if one.case_id in later and one.pk != row.pk)
    return sum((charged for charged in own if charged is not None), NOTHING)


@need("I-2.8-c", given=True)
def claim_is_open(context: Context) -> str | None:
    """No more is claimed than nobody has borne."""
    given = context.given
    assert isinstance(given, forms.ClaimForm)
    rest = rest_of(work_of(context))
    if given.amount > rest:
        return f"追偿金额不能超过还没有着落的费用 {rest} 元"
    return None if end_of(given.pay_by) > context.at else "要求付款的日期已经过去"


@need("I-2.8-c")
def was_claimed(context: Context) -> str | None:
    """Money comes in for a claim."""
    return None if work_of(context).claimed else "还没有向责任单位追偿"


@need("I-2.8-c", given=True)
def paid_is_claimed(context: Context) -> str | None:
    """No more comes in than was claimed."""
    given = context.given
    assert isinstance(given, forms.RecoverForm)
    claimed = work_of(context).claimed or NOTHING
    if given.amount > claimed:
        return f"到账金额不能超过追偿金额 {claimed} 元"
    return "到账日期不能晚于今天" if given.paid_date > local_date(context.at) else None


@need("I-2.8-c", given=True)
def voucher_is_new(context: Context) -> str | None:
    """One voucher pays once."""
    given = context.given
    assert isinstance(given, forms.RecoverForm)
    used = RecordEntry.objects.filter(
        case__chain_id=context.case.chain_id, case__process=context.case.process, kind="recovered",
        data__voucher=given.voucher,
    )  # fmt: skip
    return f"凭证 {given.voucher} 已经登记过" if used.exists() else None


@need("I-2.8-c", given=True)
def borne_is_the_rest(context: Context) -> str | None:
    """The company takes over the rest, knowing how much it is."""
    given = context.given
    assert isinstance(given, forms.BearForm)
    rest = rest_of(work_of(context))
    return None if given.amount == rest else f"还没有着落的费用是 {rest} 元，金额应与它一致"


@need("I-2.8-c")
def cost_is_settled(context: Context) -> str | None:
    """Before the end it is decided who bears the cost of a third party."""
    rest = rest_of(work_of(context))
    if not rest:
        return None
    return f"第三方维修的费用还有 {rest} 元没有从质保金扣回、追偿到账或者决定由公司承担"


def pay_by(context: Context) -> object:
    """The day that the letter names, by its end."""
    given = context.given
    assert isinstance(given, forms.ClaimForm)
    return end_of(given.pay_by)


# --- acts ------------------------------------------------------------------------------------------------------------
def verify(context: Context) -> None:
    """Write down what is left of the retention now, and who says so."""
    given = context.given
    assert isinstance(given, forms.RetentionForm)
    row = work_of(context)
    before = row.retention
    row.retention = given.retention
    row.contract_number = given.contract_number or row.contract_number
    row.save(update_fields=["retention", "contract_number"])
    enter(
        context, "retention", given.source, amount=str(given.retention),
        before=str(before) if before is not None else None,
    )  # fmt: skip


def charge(context: Context) -> None:
    """Charge the cost of the third party to the contractor's retention."""
    given = context.given
    assert isinstance(given, forms.ChargeForm)
    row = work_of(context)
    row.charged = given.amount
    row.save(update_fields=["charged"])
    enter(context, "charged", given.basis, amount=str(given.amount))


def claim(context: Context) -> None:
    """Claim what the retention does not cover from the contractor, by a letter with a day."""
    given = context.given
    assert isinstance(given, forms.ClaimForm)
    row = work_of(context)
    row.claimed = given.amount
    row.save(update_fields=["claimed"])
    attach(context, [given.letter], "contractor_claim", "追偿函")
    enter(
        context, "claimed", given.basis, amount=str(given.amount), notice=given.notice,
        due_date=given.pay_by.isoformat(), letter=given.letter,
    )  # fmt: skip


def recover(context: Context) -> None:
    """The contractor has paid, all or part of the claim."""
    given = context.given
    assert isinstance(given, forms.RecoverForm)
    row = work_of(context)
    assert row.claimed is not None
    row.recovered += given.amount
    row.claimed = row.claimed - given.amount or None
    row.save(update_fields=["recovered", "claimed"])
    enter(
        context, "recovered", "", amount=str(given.amount), voucher=given.voucher,
        paid_date=given.paid_date.isoformat(),
    )  # fmt: skip


def bear(context: Context) -> None:
    """The company takes over what cannot be had."""
    given = context.given
    assert isinstance(given, forms.BearForm)
    row = work_of(context)
    row.borne += given.amount
    row.claimed = None
    row.save(update_fields=["borne", "claimed"])
    enter(context, "borne", given.reason, amount=str(given.amount))
