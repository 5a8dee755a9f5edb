"""
What the company pays to a bank for a buyer while it guarantees (代偿), and what comes back: asked for and approved first,
then paid by the cashier's desk into the books, then checked by a second person. Needs and effects of ``processes.mortgage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need
from guiju.ledger.models import Payout
from guiju.ledger.operations import paying
from guiju.sales import mortgage_forms as forms
from guiju.sales.models import LoanArrears
from guiju.sales.mortgage_facts import facts_of
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.second_person import voucher_used

KIND: Final = "guarantee"


def approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the approval of a payment looks at: the amount in yuan."""
    given = context.given
    assert isinstance(given, forms.AskToPayForm)
    found = [one.amount for one in facts_of(context).arrears if one.due_date == given.due_date]
    return {"amount": sum(found, ZERO)}


@need("I-2.2-k", given=True)
def is_asked_once(context: Context) -> str | None:
    """A payment is approved once, in the amount that the bank reported, and there is a book that it can be paid from."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AskToPayForm)
    if any(one.due_date == given.due_date for one in facts.payable):
        return f"{given.due_date} 这一期的代偿已经批准，由财务付款"
    reported = approval_facts(context)["amount"]
    if reported and given.amount != reported:
        return f"登记的逾期金额是 {reported} 元，和代偿金额不符；银行改了数的，请重新核对通知"
    return "这套房没有户账，不能登记代偿" if facts.book is None else None


def payment_approved(context: Context) -> None:
    """Everybody has said yes: finance may pay this repayment, to this account. No money has moved."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AskToPayForm)
    keep(context, [given.proof], "guarantee_notice", f"银行代偿通知 {given.due_date}")
    facts.row.arrears.filter(due_date=given.due_date, settled_at=None).update(
        payment_asked_by=person_of(context),
        payment_approved_at=context.at,
        payment_account=given.account.strip(),
    )
    context.say(amount=approval_facts(context)["amount"])
    context.forget_facts()


@need("I-2.2-k")
def a_payment_is_approved(context: Context) -> str | None:
    """No money leaves for a buyer before everybody of the SOP's chain has said yes."""
    return None if facts_of(context).payable else "代偿还没有批准，不能付款；请先申请代偿"


@need("I-2.2-k", given=True, person=True)
def payer_did_not_ask(context: Context) -> str | None:
    """Who asked for the payment does not make it (domain 2.0, segregation)."""
    found = _approved(context)
    return (
        "申请代偿的人不能办理付款"
        if found is not None and found.payment_asked_by_id == context.by_id
        else None
    )


@need("I-2.2-k", given=True)
def payment_for_buyer_is_whole(context: Context) -> str | None:
    """Money leaves for the repayment that was approved, not before it was, under a voucher of its own."""
    given, found = context.given, _approved(context)
    assert isinstance(given, forms.PayForBuyerForm)
    if found is None:
        return f"{given.due_date} 这一期的代偿没有批准，或者已经付清"
    if given.paid_date > local_date(context.recorded_at):
        return "付款日期不能晚于今天"
    assert found.payment_approved_at is not None
    if given.paid_date < (on := local_date(found.payment_approved_at)):
        return f"批准以前不能付款，{on} 才批准"
    return voucher_used(context, [given.note])


def waits_for_payment(context: Context) -> bool:
    """Whether an approved payment is finance's next act."""
    return bool(facts_of(context).payable)


def _approved(context: Context) -> LoanArrears | None:
    given = context.given
    assert isinstance(given, forms.PayForBuyerForm)
    return next((one for one in facts_of(context).payable if one.due_date == given.due_date), None)


def pay_for_buyer(context: Context) -> None:
    """Book what the company paid to the bank of the buyer's repayment; it is a claim against the buyer."""
    given, facts, arrears = context.given, facts_of(context), _approved(context)
    assert isinstance(given, forms.PayForBuyerForm)
    assert facts.book is not None
    assert arrears is not None
    made = paying.pay_out(
        book=facts.book, kind=KIND, amount=arrears.amount, payee=facts.row.bank, account=arrears.payment_account,
        voucher=given.note.strip(), method="transfer", paid_at=datetime.combine(given.paid_date, time(12), ZONE),
        at=context.recorded_at, by_id=person_of(context).pk, case_id=context.case.pk,
    )  # fmt: skip
    facts.row.arrears.filter(pk=arrears.pk).update(settled_at=context.at, paid_by_us=True)
    context.say(payout=made.number, amount=made.amount)
    context.forget_facts()


def buyer_paid_back(context: Context) -> None:
    """Book that the buyer has paid the company back; a claim of the time before it was booked has no payment."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.RecoveredForm)
    arrears = facts.row.arrears.get(due_date=given.due_date)
    mine = {"case_id": context.case.pk, "kind": KIND, "reverses": None, "reversal": None}
    paid = Payout.objects.filter(**mine, amount=arrears.amount).order_by("pk").first()
    if paid is not None:
        paying.came_back(payout=paid, at=context.recorded_at, by_id=person_of(context).pk, voucher=given.note)
