"""
Who bears the cost of a third party, and what a customer was paid for the contractor's fault (I-2.8-c; domain 2.15): the
retention of the contractor, as far as it is known and left; a claim against the contractor for the rest; what cannot be
had, the company by a reasoned decision.

Amounts are in yuan.
"""

from __future__ import annotations

from decimal import Decimal

from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.process import need
from guiju.kernel.refusals import NotReady
from guiju.quality.forms import compensation as forms
from guiju.quality.models import Compensation, ContractorWork, RecordEntry
from guiju.quality.operations.compensating import work_of
from guiju.quality.record import attach, enter, facts_of

NOTHING = Decimal(0)


def rest_of(row: ContractorWork) -> Decimal:
    """Return what of a third party's cost and of damages nobody has borne yet: not charged, not paid, not taken over."""
    cost = row.cost if row.third_party and row.cost is not None else NOTHING
    rest: Decimal = cost + row.damages - (row.charged or NOTHING) - row.recovered - row.borne
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
def something_is_owed(context: Context) -> str | None:
    """Only the cost of a third party and what a customer was paid is had back from the contractor."""
    row = work_of(context)
    if row.third_party or row.damages:
        return None
    return "责任单位自己维修的没有费用可扣；已赔给顾客的，先办「并入赔偿」"


@need("I-2.8-c", given=True)
def damages_fit(context: Context) -> str | None:
    """What is had back was paid, for the same matter or home, and is had back once."""
    given = context.given
    assert isinstance(given, forms.DamagesForm)
    found, row = _compensation(context, given.compensation), work_of(context)
    if found is None:
        return f"没有编号为 {given.compensation} 的赔偿"
    if found.case.state != "paid":
        return f"{found.case.number} 还没有付款"
    if found.charged_to is not None:
        return f"{found.case.number} 已并入 {found.charged_to.number}"
    same = (found.source_id is not None and found.source_id == row.source_id) or (
        found.unit_id is not None and found.unit_id == row.unit_id
    )
    return None if same else f"{found.case.number} 不是同一投诉或者同一房屋的赔偿"


def _compensation(context: Context, number: str) -> Compensation | None:
    found = Compensation.objects.filter(case__number=number, case__chain_id=context.case.chain_id)
    return found.select_related("case", "charged_to").first()


@need("I-2.8-c")
def something_is_open(context: Context) -> str | None:
    """A cost that is settled is settled."""
    row = work_of(context)
    return None if rest_of(row) or not (row.third_party or row.damages) else "费用已经处理完"


@need("I-2.8-c")
def retention_is_known(context: Context) -> str | None:
    """Nothing is deducted from a retention of which nobody has said that it is there."""
    row = work_of(context)
    if row.retention is not None or not rest_of(row):
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
        return f"扣回金额不能超过还没有着落的费用 {rest_of(row)} 元"
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
    return f"第三方维修和赔偿的费用还有 {rest} 元没有从质保金扣回、追偿到账或者决定由公司承担"


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


def add_damages(context: Context) -> None:
    """Take what the customer was paid over into what the contractor owes."""
    given = context.given
    assert isinstance(given, forms.DamagesForm)
    found, row = _compensation(context, given.compensation), work_of(context)
    assert found is not None
    if Compensation.objects.filter(pk=found.pk, charged_to=None).update(charged_to=context.case) != 1:
        raise NotReady(f"{found.case.number} 刚刚已由别人并入")
    row.damages += found.amount
    row.save(update_fields=["damages"])
    context.link("case", found.case_id)
    enter(context, "damages", given.ground, amount=str(found.amount), compensation=found.case.number)


def charge(context: Context) -> None:
    """Charge the cost to the contractor's retention; of a claim only what is still open stays."""
    given = context.given
    assert isinstance(given, forms.ChargeForm)
    row = work_of(context)
    row.charged = given.amount
    row.claimed = min(row.claimed, rest_of(row)) or None if row.claimed else None
    row.save(update_fields=["charged", "claimed"])
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
