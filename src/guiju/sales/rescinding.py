"""
Ending a contract by the seller's notice alone, where the buyers who do not pay sign nothing: what the law wants of it.

The right is the contract's (late for more than N days, GF 8); without a term agreed it comes three months after the
reminder. It lapses after a year (民法典 564; 商品房买卖合同解释 11). The notice ends the contract when it arrives (民法典
565); who objects goes to court, and so does the case then.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from guiju.kernel.calendar import local_date
from guiju.kernel.duration import months_after
from guiju.kernel.engine import Context
from guiju.kernel.process import need
from guiju.ledger.models import PenaltyTerm
from guiju.sales import refund_forms as forms
from guiju.sales.operations.dunning import DunningFacts
from guiju.sales.operations.dunning import facts_for as dunning_facts
from guiju.sales.refund_facts import facts_of
from guiju.sales.refund_needs import rescinded_by

CLAUSE: Final = "I-5.10-0a"
CC_564: Final = "民法典 564；商品房买卖合同解释 11"
CC_565: Final = "民法典 565"
GRACE_MONTHS: Final = 3
LAPSES_MONTHS: Final = 12
OBJECTION_DAYS: Final = 15


def right_from(debt: DunningFacts) -> date | None:
    """Return the first day on which the seller may rescind for a debt, or None if nothing has begun it."""
    term = PenaltyTerm.objects.filter(book=debt.receivable.book_id).order_by("-id").first()
    if term is not None and term.limit_days is not None:
        last = debt.line.last_date
        return last + timedelta(days=term.limit_days + 1) if last is not None else None
    reminded = debt.done.get("deliver")
    return (
        months_after(local_date(reminded), GRACE_MONTHS) + timedelta(days=1) if reminded is not None else None
    )


def _debt(context: Context) -> DunningFacts | None:
    began = rescinded_by(context.case.pk)
    return dunning_facts(began) if began is not None else None


def may_end_by_notice(context: Context) -> bool:
    """Whether the return began with a decision to rescind, so that the notice may end the contract without signatures."""
    return facts_of(context).room and rescinded_by(context.case.pk) is not None


@need(CC_565)
def notice_was_delivered(context: Context) -> str | None:
    """Only a decision to rescind for a debt ends a contract by notice, and only a notice whose delivery is proved."""
    if _debt(context) is None:
        return "本单不是因逾期付款决定解除的，须由全体买受人签解除协议，或凭法院文书"
    return None if facts_of(context).row.trigger_date is not None else "解除合同通知书还没有送达凭证"


@need(CC_564)
def right_was_there(context: Context) -> str | None:
    """The notice arrived while there was a right to rescind: not before it came, not after it lapsed."""
    debt, delivered = _debt(context), facts_of(context).row.trigger_date
    if debt is None or delivered is None:
        return None
    begins = right_from(debt)
    if begins is None:
        return "合同没有约定解除的期限，也没有催告送达的记录，没有解除权"
    if delivered < begins:
        return f"解除权从 {begins} 起才有，通知 {delivered} 送达得早了，不发生解除的效力"
    until = months_after(begins, LAPSES_MONTHS)
    if delivered > until:
        return f"解除权从 {begins} 起一年内行使，到 {until} 为止；通知 {delivered} 才送达，须由双方签解除协议，或凭法院文书"
    return None


@need(CC_565)
def debt_was_not_paid(context: Context) -> str | None:
    """Who paid after all is not put out by a notice: then both sign, or a court says so."""
    debt = _debt(context)
    if debt is not None and debt.line.open <= 0:
        return "欠款已经收清，不能再按通知解除；请由双方签解除协议，或撤回"
    return None


@need(CLAUSE)
def objections_had_their_time(context: Context) -> str | None:
    """The buyers had the days of the SOP to object."""
    delivered = facts_of(context).row.trigger_date
    if delivered is None:
        return None
    days = int(context.setting("objection_days", OBJECTION_DAYS))
    last = delivered + timedelta(days=days)
    today = local_date(context.at)
    return (
        None if today > last else f"异议期 {days} 日，到 {last} 为止，{last + timedelta(days=1)} 起才能办理"
    )


@need(CC_565, given=True)
def nobody_objected(context: Context) -> str | None:
    """Whether a notice was rightful is for the court as soon as somebody objects."""
    given = context.given
    assert isinstance(given, forms.EndByNoticeForm)
    return (
        None if given.no_objection else "买受人提出异议的，解除是否有效由法院或仲裁机构确认，请办「转诉讼」"
    )
