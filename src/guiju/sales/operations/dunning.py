"""What the steps of dunning need and do. Effects and needs of ``processes.dunning``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from guiju.customers.models import Customer
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.models import CaseLink, Clock, Event
from guiju.kernel.money import money
from guiju.kernel.process import need
from guiju.ledger.models import PenaltyTerm, Receivable
from guiju.ledger.operations import penalties
from guiju.ledger.queries import Line, line_of
from guiju.sales import dunning_forms as forms
from guiju.sales.changing import pending_change
from guiju.sales.models import Deal, DealBuyer
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.receivables import deal_of

LETTER_AFTER, LAWYER_AFTER, RIGHT_AFTER = 7, 30, 30
LINK: Final = "receivable"


@dataclass
class DunningFacts:
    """The instalment that is late, with its deal and what was done about it."""

    receivable: Receivable
    case_id: int

    @cached_property
    def line(self) -> Line:
        """The instalment as it stands."""
        return line_of(self.receivable)

    @cached_property
    def deal(self) -> Deal | None:
        """The deal of the book."""
        return deal_of(self.receivable.book)

    @cached_property
    def buyers(self) -> list[Customer]:
        """The buyers in order."""
        if self.deal is None:
            return []
        rows = DealBuyer.objects.filter(deal=self.deal).select_related("customer").order_by("position")
        return [row.customer for row in rows]

    @cached_property
    def done(self) -> dict[str, datetime]:
        """When each step was last taken."""
        rows = (
            Event.objects.filter(case_id=self.case_id).order_by("case_seq").values_list("step", "happened_at")
        )
        return dict(rows)

    @cached_property
    def limit_days(self) -> int:
        """After how many days the contract gives a right to rescind (N of GF 8); 30 if it does not say."""
        term = PenaltyTerm.objects.filter(book=self.receivable.book_id).order_by("-id").first()
        return term.limit_days if term is not None and term.limit_days is not None else RIGHT_AFTER

    def late(self, at: datetime) -> int:
        """Return the days since it fell due, paid or not."""
        due = self.line.due_date
        return (local_date(at) - due).days if due is not None else 0


def _receivable(key: int | None) -> Receivable | None:
    rows = Receivable.objects.select_related("book__unit__project__company", "book__unit__building")
    return rows.filter(pk=key).first() if key else None


def load(context: Context) -> DunningFacts | None:
    """Read the receivable of the case."""
    row = _receivable(context.subject(LINK))
    return DunningFacts(row, context.case.pk or 0) if row is not None else None


def facts_for(case_id: int) -> DunningFacts:
    """Return the facts of a dunning case outside of a step.

    :raises Receivable.DoesNotExist: the case names none.
    """
    key = CaseLink.objects.filter(case=case_id, kind=LINK).values_list("key", flat=True).first()
    row = _receivable(key)
    if row is None:
        raise Receivable.DoesNotExist(f"case {case_id} names no receivable")
    return DunningFacts(row, case_id)


def facts_of(context: Context) -> DunningFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, DunningFacts)
    return facts


# --- needs -----------------------------------------------------------------------------------------------------------
@need("J-2.3-c", given=True)
def is_late(context: Context) -> str | None:
    """Only what is overdue is dunned, and by one case."""
    given = context.given
    assert isinstance(given, forms.BeginForm)
    row = Receivable.objects.filter(pk=given.receivable, book__project_id=context.case.scope_id or 0).first()
    if row is None:
        return "没有这笔应收"
    if not line_of(row).late(local_date(context.at)):
        return f"{row.name}没有逾期，不用催款"
    if CaseLink.objects.filter(kind=LINK, key=row.pk, case__process="dunning", case__closed_at=None).exists():
        return f"{row.name}已经在催"
    return None


@need("J-2.3-d")
def still_owed(context: Context) -> str | None:
    """Who has paid is not dunned."""
    return None if facts_of(context).line.open > 0 else "款项已收清，请办「收清结案」"


@need("J-2.3-d")
def nothing_owed(context: Context) -> str | None:
    """A case ends as paid when nothing is open."""
    left = facts_of(context).line.open
    return None if left <= 0 else f"还欠 {money(left)}，收清后才能办理"


def _after(context: Context, days: int, what: str) -> str | None:
    late = facts_of(context).late(context.at)
    return None if late >= days else f"逾期满 {days} 日才能{what}，现在逾期 {max(late, 0)} 日"


@need("J-2.3-d")
def a_week_late(context: Context) -> str | None:
    """The written notice goes out a week after the due day (T+7)."""
    return _after(context, LETTER_AFTER, "寄发催款通知书")


@need("J-2.3-d")
def a_month_late(context: Context) -> str | None:
    """The lawyer writes a month after the due day (T+30)."""
    return _after(context, LAWYER_AFTER, "寄发律师函")


@need("J-2.3-d")
def right_has_come(context: Context) -> str | None:
    """The contract gives a right to rescind after N days only (GF 8)."""
    return _after(context, facts_of(context).limit_days + 1, "决定解除或诉讼")


@need("J-2.3-d")
def letter_was_sent(context: Context) -> str | None:
    """Delivery is entered for a letter that was sent."""
    return None if {"letter", "lawyer"} & facts_of(context).done.keys() else "还没有寄发函件"


@need("J-2.3-d")
def letter_was_delivered(context: Context) -> str | None:
    """A letter that nobody can prove was delivered interrupts no limitation (CC 195)."""
    return None if "deliver" in facts_of(context).done else "催款通知书还没有送达凭证，请先登记送达"


@need("J-2.3-d", given=True)
def promise_is_ahead(context: Context) -> str | None:
    """A promise is for a day to come, within a month."""
    given = context.given
    assert isinstance(given, forms.PromiseForm)
    today = local_date(context.at)
    if today <= given.until_date <= today + timedelta(days=30):
        return None
    return "承诺付款日期应在今后 30 日以内"


@need("J-2.3-d", given=True)
def penalty_is_enough(context: Context) -> str | None:
    """Not more is waived than has come about."""
    given = context.given
    assert isinstance(given, forms.WaiveForm)
    if given.until_date > local_date(context.at):
        return "违约金只能算到今天"
    now = facts_of(context).line.penalty(given.until_date)
    return None if given.amount <= now else f"到 {given.until_date} 违约金为 {now} 元，减免不能超过它"


@need("J-2.3-d", given=True)
def rescission_can_begin(context: Context) -> str | None:
    """Only a contract in force is rescinded, and not while something else is asked for on it (domain 2.0)."""
    given, deal = context.given, facts_of(context).deal
    assert isinstance(given, forms.DecideForm)
    if given.way is not forms.Way.RESCIND:
        return None
    if deal is None or not deal.live:
        return "成交已经结束，不用解除"
    if deal.stage != Deal.SIGNED:
        return "还没有签订合同：请在认购里办「违约处理」"
    if number := pending_change(deal.pk):
        return f"本单已有变更或退房 {number} 在办，办结或撤回后再决定解除"
    return None


# --- what is wanted now ----------------------------------------------------------------------------------------------
def _owed(context: Context) -> bool:
    return facts_of(context).line.open > 0


def call_wanted(context: Context) -> bool:
    """Somebody calls the day after."""
    return _owed(context)


def promise_broken(context: Context) -> bool:
    """The day promised is over and the money is not there."""
    facts = facts_of(context)
    clock = Clock.objects.filter(case_id=context.case.pk, name="promise", state=Clock.RUNNING).first()
    return _owed(context) and clock is not None and clock.due_at <= context.at and "promise" in facts.done


def letter_wanted(context: Context) -> bool:
    """The written notice is due and not sent."""
    facts = facts_of(context)
    return _owed(context) and facts.late(context.at) >= LETTER_AFTER and "letter" not in facts.done


def delivery_wanted(context: Context) -> bool:
    """A letter is under way whose delivery is not proved."""
    done = facts_of(context).done
    sent = max((done[name] for name in ("letter", "lawyer") if name in done), default=None)
    return sent is not None and ("deliver" not in done or done["deliver"] < sent)


def lawyer_wanted(context: Context) -> bool:
    """A month is over and the lawyer has not written."""
    facts = facts_of(context)
    return _owed(context) and facts.late(context.at) >= LAWYER_AFTER and "lawyer" not in facts.done


def closing_wanted(context: Context) -> bool:
    """All is paid: a person closes the case, never the clock (DECISIONS 17)."""
    return not _owed(context)


def _due(context: Context, days: int) -> datetime | None:
    due = facts_of(context).line.due_date
    wanted = end_of(due + timedelta(days=days)) if due is not None else None
    return wanted if wanted is not None and wanted > context.at else end_of(local_date(context.at))


def letter_due(context: Context) -> datetime | None:
    """The day T+7, or today where that has passed."""
    return _due(context, LETTER_AFTER)


def lawyer_due(context: Context) -> datetime | None:
    """The day T+30, or today where that has passed."""
    return _due(context, LAWYER_AFTER)


def promise_due(context: Context) -> datetime | None:
    """The end of the day promised."""
    given = context.given
    return end_of(given.until_date) if isinstance(given, forms.PromiseForm) else None


# --- approval --------------------------------------------------------------------------------------------------------
def amount_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the approval of a waiver looks at: the amount in yuan."""
    return {"amount": getattr(context.given, "amount", Decimal(0))}


def owed_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the approval of the decision looks at: what is owed in yuan."""
    return {"owed": facts_of(context).line.open}


# --- effects ---------------------------------------------------------------------------------------------------------
def begin(context: Context) -> None:
    """Link what is late, its unit, deal and buyers."""
    given = context.given
    assert isinstance(given, forms.BeginForm)
    context.link(LINK, given.receivable)
    context.forget_facts()
    facts = facts_of(context)
    context.link("unit", facts.receivable.book.unit_id)
    if facts.deal is not None:
        context.link("deal", facts.deal.pk)
    for customer in facts.buyers:
        context.link("customer", customer.pk)
    names = "、".join(customer.name for customer in facts.buyers)
    context.title = f"催款 {facts.receivable.book.unit.label} {facts.receivable.name} {names}"[:200]
    context.say(receivable=facts.receivable.pk, owed=facts.line.open, due=facts.line.due_date)


def call(context: Context) -> None:
    """Record what was owed when the buyer was called."""
    facts = facts_of(context)
    context.say(owed=facts.line.open, penalty=facts.line.penalty(local_date(context.at)))
    _forget_done(context)


def promise(context: Context) -> None:
    """Record what was owed when the buyer promised."""
    context.say(owed=facts_of(context).line.open)
    _forget_done(context)


def letter(context: Context) -> None:
    """Record the letter with what it asks for."""
    given = context.given
    assert isinstance(given, forms.LetterForm)
    facts = facts_of(context)
    keep(context, [given.scan], "dunning_letter", f"{context.step.label} {given.tracking}")
    context.say(
        owed=facts.line.open, penalty=facts.line.penalty(local_date(context.at)), tracking=given.tracking
    )
    _forget_done(context)


def deliver(context: Context) -> None:
    """Keep the proof of delivery: limitation begins anew (CC 195)."""
    given = context.given
    assert isinstance(given, forms.DeliverForm)
    keep(context, [given.proof], "delivery_proof", f"送达回执 {given.tracking}")
    context.say(tracking=given.tracking, delivered=given.delivered_date)
    _forget_done(context)


def _forget_done(context: Context) -> None:
    """The event of this step is written after the effects: the to-dos planned then must know that it was taken."""
    facts = facts_of(context)
    facts.done = {**facts.done, context.step.name: context.at}


def waive(context: Context) -> None:
    """Ask no more for so much penalty, as approved."""
    given = context.given
    assert isinstance(given, forms.WaiveForm)
    penalties.waive(
        receivable=facts_of(context).receivable, amount=given.amount, until=given.until_date, reason=given.reason,
        case_id=context.case.pk, at=context.recorded_at, by_id=person_of(context).pk,
    )  # fmt: skip
    context.forget_facts()


def charge(context: Context) -> None:
    """Make the penalty owed as a line of its own, now that it grows no more."""
    given = context.given
    assert isinstance(given, forms.ChargeForm)
    facts = facts_of(context)
    until: date = max((on for on, _ in facts.line.payments), default=local_date(context.at))
    made = penalties.charge(
        receivable=facts.receivable, until=until, due_date=given.due_date, case_id=context.case.pk, at=context.at,
        recorded_at=context.recorded_at, by_id=person_of(context).pk,
    )  # fmt: skip
    context.say(penalty=line_of(made).amount, receivable=made.pk)
