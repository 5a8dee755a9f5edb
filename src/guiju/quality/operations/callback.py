"""What the steps of call-backs do. Effects of ``processes.callback``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from guiju.customers.models import Customer
from guiju.kernel import store
from guiju.kernel.crypto import normalise_phone
from guiju.kernel.engine import Context
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.quality import surveys
from guiju.quality.forms.callback import (
    AnsweredForm,
    AttemptForm,
    DeclineForm,
    EndForm,
    Outcome,
    PlanForm,
    ResultForm,
    Way,
)
from guiju.quality.forms.survey import Solved
from guiju.quality.models import Callback, CallbackAttempt, Rating
from guiju.quality.record import case_numbered

ATTEMPTS, DAYS = 3, 2


@dataclass
class CallbackFacts:
    """A call-back with its attempts."""

    row: Callback

    @property
    def days_tried(self) -> int:
        """On how many different days somebody tried."""
        return len(
            {tried.astimezone(ZONE).date() for tried in self.row.tries.values_list("tried_at", flat=True)}
        )


def load(context: Context) -> CallbackFacts:
    """Read the call-back of the case."""
    return CallbackFacts(Callback.objects.select_related("about", "customer").get(case_id=context.case.pk))


def facts_of(context: Context) -> CallbackFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, CallbackFacts)
    return facts


def _by(context: Context) -> Person | None:
    if context.by_id is None:
        return None
    return context.by if isinstance(context.by, Person) else Person.objects.get(pk=context.by_id)


def write_plan(context: Context) -> None:
    """Write whom to call about what; name and number come from the customer where nobody gave them."""
    given = context.given
    assert isinstance(given, PlanForm)
    about = case_numbered(given.about, company_id=context.case.chain_id)
    customer_id, unit_id = context.subject("customer"), context.subject("unit")
    customer = Customer.objects.filter(pk=customer_id).first() if customer_id else None
    name = given.contact_name or (customer.name if customer else "")
    phone = given.contact_phone or (customer.phone if customer else "")
    store.add(
        Callback(
            case_id=context.case.pk, about=about, kind=given.kind.value, reason=given.reason, customer=customer,
            unit_id=unit_id, contact_name=name, contact_phone=normalise_phone(phone) if phone else "",
            planned_at=context.at,
        )
    )  # fmt: skip
    what = f"{about.number} {about.title}" if about is not None else given.reason or given.kind.label
    context.title = f"回访 {name} {what}".replace("  ", " ")


def write_attempt(context: Context) -> None:
    """Write an attempt that reached nobody, and when to try again."""
    given = context.given
    assert isinstance(given, AttemptForm)
    row = facts_of(context).row
    CallbackAttempt.objects.create(
        callback=row,
        outcome=given.outcome.value,
        note=given.note,
        tried_at=context.at,
        tried_by_id=context.by_id,
    )
    row.attempts += 1
    row.next_at = given.next_at or context.at + timedelta(hours=4)
    row.save(update_fields=["attempts", "next_at"])
    context.say(attempt=row.attempts)


def write_result(context: Context) -> None:
    """Write what the customer said; a low score opens a complaint after the commit."""
    given = context.given
    assert isinstance(given, ResultForm)
    row = facts_of(context).row
    rating = surveys.rate(
        case=row.about or context.case, score=given.score.points, solved=given.solved is Solved.YES,
        items=given.marks.points(), words=given.words, suggestion=given.suggestion, channel="回访",
        source=Rating.ON_SITE if given.way is Way.ON_SITE else Rating.PHONE, by=_by(context),
        at=context.recorded_at, given_at=context.at,
    )  # fmt: skip
    row.rating, row.ended_at = rating, context.at
    row.save(update_fields=["rating", "ended_at"])
    context.say(rating=rating.pk, low=surveys.is_low(rating))


def note_answer(context: Context) -> None:
    """Note that the customer has answered by the link: nobody needs to call."""
    given = context.given
    assert isinstance(given, AnsweredForm)
    row = facts_of(context).row
    row.rating, row.ended_at = Rating.objects.get(pk=given.rating), context.at
    row.save(update_fields=["rating", "ended_at"])


def end_without(context: Context) -> None:
    """End without a result, with the reason why there is none (E-1.2-b)."""
    given = context.given
    assert isinstance(given, DeclineForm | EndForm)
    row = facts_of(context).row
    row.why_none, row.ended_at = f"{context.step.label}：{given.reason}"[:200], context.at
    row.save(update_fields=["why_none", "ended_at"])


def wrong_number(row: Callback) -> bool:
    """Return whether an attempt found that the number is wrong: trying again would reach nobody."""
    return row.tries.filter(outcome=Outcome.WRONG.value).exists()
