"""Money that went out is checked by a second person, and under a voucher of its own: needs of every process that pays."""

from __future__ import annotations

from collections.abc import Sequence

from guiju.kernel.engine import Context
from guiju.kernel.process import Need
from guiju.ledger.operations import paying, slips
from guiju.ledger.operations.paying import unchecked
from guiju.sales.operations.acting import person_of


def something_is_unchecked(clause: str) -> Need:
    """Return the need that there is a payment that no second person has checked."""
    return Need(lambda context: None if unchecked(context.case.pk) else "没有待复核的付款", clause)


def checker_did_not_pay(clause: str) -> Need:
    """Return the need that who checks did not pay (domain 2.0, segregation)."""

    def ask(context: Context) -> str | None:
        own = any(row.booked_by_id == context.by_id for row in unchecked(context.case.pk))
        return "不能复核自己办理的付款" if own else None

    return Need(ask, clause, kind="person")


def payments_are_checked(clause: str) -> Need:
    """Return the need that a second person has checked each payment."""

    def ask(context: Context) -> str | None:
        rows = unchecked(context.case.pk)
        return f"还有 {len(rows)} 笔付款没有复核：{'、'.join(row.number for row in rows)}" if rows else None

    return Need(ask, clause)


def voucher_used(context: Context, vouchers: Sequence[str]) -> str | None:
    """Money goes out under a voucher once: the same one twice is the same payment twice."""
    if len(set(vouchers)) < len(vouchers):
        return "每笔付款的凭证号不能相同"
    for number in vouchers:
        if slips.went_out_under(number, company_id=context.case.chain_id):
            return f"付款凭证号 {number} 已经入过账，不能再用"
    return None


def check_paid(context: Context) -> None:
    """A second person has compared each payment with slip and approval."""
    said = paying.check_paid(case_id=context.case.pk, by_id=person_of(context).pk, at=context.recorded_at)
    context.say(checked=said)
    context.forget_facts()
