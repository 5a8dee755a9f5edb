"""
What the company pays to a bank for a buyer while it guarantees (代偿), and what comes back: in the books, by the cashier's
desk, checked by a second person. Needs and effects of ``processes.mortgage``.
"""

from __future__ import annotations

from typing import Final

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.process import need
from guiju.ledger.models import Payout
from guiju.ledger.operations import paying
from guiju.org.posts import CASHIER, FINANCE
from guiju.sales import mortgage_forms as forms
from guiju.sales.mortgage_facts import facts_of
from guiju.sales.operations.acting import person_of
from guiju.sales.second_person import voucher_used

KIND: Final = "guarantee"


@need("I-2.2-k", given=True)
def payment_for_buyer_is_whole(context: Context) -> str | None:
    """Money leaves by the cashier's desk only, to a named account, under a voucher of its own."""
    given = context.given
    assert isinstance(given, forms.SettledForm)
    if not given.by_us:
        return None
    if not {CASHIER, FINANCE} & set(context.posts):
        return "公司代偿由财务收款员或财务付款并登记"
    if not (given.account.strip() and given.note.strip()):
        return "公司代偿的，请填银行收款账号和付款凭证号"
    if given.paid_date is not None and given.paid_date > local_date(context.recorded_at):
        return "付款日期不能晚于今天"
    if facts_of(context).book is None:
        return "这套房没有户账，不能登记代偿"
    return voucher_used(context, [given.note])


def pay_for_buyer(context: Context) -> None:
    """Book what the company paid to the bank of the buyer's repayment."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.SettledForm)
    if not given.by_us:
        return
    assert facts.book is not None
    arrears = facts.row.arrears.get(due_date=given.due_date)
    made = paying.pay_out(
        book=facts.book, kind=KIND, amount=arrears.amount, payee=facts.row.bank, account=given.account, voucher=given.note,
        method="transfer", paid_at=context.at, at=context.recorded_at, by_id=person_of(context).pk, case_id=context.case.pk,
    )  # fmt: skip
    context.say(payout=made.number, amount=made.amount)


def buyer_paid_back(context: Context) -> None:
    """Book that the buyer has paid the company back; a claim of the time before it was booked has no payment."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.RecoveredForm)
    arrears = facts.row.arrears.get(due_date=given.due_date)
    mine = {"case_id": context.case.pk, "kind": KIND, "reverses": None, "reversal": None}
    paid = Payout.objects.filter(**mine, amount=arrears.amount).order_by("pk").first()
    if paid is not None:
        paying.came_back(payout=paid, at=context.recorded_at, by_id=person_of(context).pk, voucher=given.note)
