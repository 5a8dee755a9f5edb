"""Execution of a 认购变更, in one transaction, and what it does inside the subscription's own case (domain 2.0, 2.3)."""

from __future__ import annotations

from typing import Final

from django.db.models import F

from guiju.estate.models import Control, Unit
from guiju.estate.operations import control
from guiju.kernel import figures, store
from guiju.kernel.engine import Context
from guiju.kernel.numbering import document_number
from guiju.ledger.operations import books
from guiju.ledger.operations.allocating import allocate_book
from guiju.ledger.operations.receivables import add
from guiju.ledger.queries import book_of_deal
from guiju.sales import receivables
from guiju.sales.changing import check_unchanged, close_change
from guiju.sales.changing_facts import ChangeFacts, day_of, facts_of
from guiju.sales.changing_forms import Kind, OfChangeForm
from guiju.sales.changing_money import move_all
from guiju.sales.facts import facts_of as subscription_facts
from guiju.sales.models import BuyerPaper, ChangeApplication, Deal, DealChange, Subscription
from guiju.sales.operations.acting import person_of
from guiju.sales.operations.changing_terms import put_buyers, put_terms, reshape_book
from guiju.sales.operations.ending import end_deal
from guiju.sales.operations.subscribing import _index

TAKEN: Final = (Control.LOCKED, Control.SUBSCRIBED)


def execute(context: Context) -> None:
    """
    Execute an approved change of a subscription, in one transaction: the deal's row is held and its version compared,
    then terms, 认购书, unit control and money change together (domain 2.0, 2.3).
    """
    facts = facts_of(context)
    deal = check_unchanged(facts.deal)
    row, kind = facts.row, facts.kind
    assert row.subscription is not None
    row.old_number = row.subscription.number
    if kind is Kind.SWAP:
        _swap(context, facts, deal)
    else:
        if kind is Kind.EXTEND:
            context.nested(
                row.subscription.case_id, "extend",
                given={"until_date": facts.after["signing_due"], "reason": row.reason},
            )  # fmt: skip
        elif kind.renews:
            context.nested(row.subscription.case_id, "renew", given={"change": facts.change.pk})
            row.new_number = Subscription.objects.values_list("number", flat=True).get(pk=row.subscription.pk)
        Deal.objects.filter(pk=deal.pk).update(terms_version=F("terms_version") + 1)
        if kind in (Kind.PAYMENT, Kind.DISCOUNT, Kind.DEPOSIT):
            reshape_book(context, facts, deal)
    row.save(update_fields=["old_number", "new_number", "new_deal"])
    close_change(context)
    context.say(old=row.old_number, new=row.new_number)
    context.forget_facts()


def _swap(context: Context, facts: ChangeFacts, deal: Deal) -> None:
    """Both units are held in the order of their keys; the old deal ends, the new one begins, the money goes with it."""
    row, unit = facts.row, facts.new_unit
    old = row.subscription
    assert unit is not None
    assert old is not None
    list(
        Unit.objects.select_for_update()
        .filter(pk__in=(deal.unit_id, unit.pk))
        .order_by("pk")
        .values_list("pk")
    )
    end_deal(context, deal, reason="换房")
    context.nested(old.case_id, "swap_out", given={"reason": f"换房 {context.case.number}"})
    control.move(
        unit_id=unit.pk, to=Control.AVAILABLE, expected=(Control.LOCKED,), case_id=context.case.pk,
        by_id=context.by_id, at=context.at, recorded_at=context.recorded_at, reason=f"换房执行 {context.case.number}",
        held_by_case=context.case.pk,
    )  # fmt: skip
    opened = context.open(
        "subscription", given={"note": f"换房 {context.case.number}，原 {old.number}"},
        links=[("unit", unit.pk), ("case", old.case_id)],
    )  # fmt: skip
    new = Subscription.objects.get(case_id=opened)
    new.replaces, new.sold_by_id = old, old.sold_by_id
    store.write(new, "replaces", "sold_by")
    context.nested(opened, "take_up", given={"change": facts.change.pk})
    new.refresh_from_db()
    row.new_number, row.new_deal_id = new.number, new.deal_id
    was = book_of_deal(deal.pk)
    book = books.open_book(unit=unit, at=context.recorded_at, by_id=context.by_id, deal=new.deal_id)
    if was is not None:
        moved = move_all(
            was, book, from_cases={old.case_id}, to_case=opened, reason=f"换房 {context.case.number}", at=context.at,
            recorded_at=context.recorded_at, by_id=person_of(context).pk, case_id=context.case.pk,
        )  # fmt: skip
        context.say(receipts=moved)
    lines = receivables.planned(
        new.plan, payment=facts.after["payment"], deposit_due=deal.subscribed_date or day_of(context),
        signing_due=new.signing_due_date,
    )  # fmt: skip
    add(
        book=book, planned=lines, at=context.at, recorded_at=context.recorded_at, by_id=context.by_id, case_id=opened,
        reason=f"换房 {context.case.number}",
    )  # fmt: skip
    allocate_book(book_id=book.pk, at=context.recorded_at, by_id=context.by_id)
    context.link("case", opened)


def renew(context: Context) -> None:
    """
    Issue a new 认购书 under a new number: the old copies are void, the new ones wait for the contract seal. The money
    confirmed stays confirmed.
    """
    given = context.given
    assert isinstance(given, OfChangeForm)
    facts = subscription_facts(context)
    row, deal = facts.row, facts.row.deal
    assert deal is not None
    change = ChangeApplication.objects.select_related("change").get(change_id=given.change)
    after = {**change.change.before, **change.change.after}
    if Kind.of(change.change.kind).buyers:
        put_buyers(context, deal, row, after["buyers"])
    put_terms(deal, row, after)
    figures.say(context, deal)
    old = row.number
    row.number = document_number("RGS", context.case.scope_id, context.at)
    row.sealed_at = row.sealed_by = None
    row.seal_number = ""
    row.signed_with_customer_at, row.signed_how = context.at, "paper"
    if change.signers:
        row.signed_paper = change.signers[0]["signed"]
    row.save()
    context.say(old=old, new=row.number)
    context.forget_facts()
    names = "、".join(subscription_facts(context).buyer_names)
    context.title = f"认购 {row.unit.label} {names}"
    _index(context)


def swap_out(context: Context) -> None:
    """The old unit goes to 待公开: it is offered publicly again, not to the next in the queue (domain 2.1)."""
    facts = subscription_facts(context)
    control.let_go(
        unit_id=facts.unit.pk, to=Control.COOLING, expected=TAKEN, case_id=context.case.pk, by_id=context.by_id,
        at=context.at, recorded_at=context.recorded_at, reason="换房",
    )  # fmt: skip


def take_up(context: Context) -> None:
    """
    The subscription of the new unit begins where the old one stood: registered, its deposit confirmed, waiting for the
    seal on the new 认购书.
    """
    given = context.given
    assert isinstance(given, OfChangeForm)
    facts = subscription_facts(context)
    row, unit = facts.row, facts.unit
    change = _change(given.change)
    old, before_deal = row.replaces, change.deal
    assert old is not None
    after = {**change.before, **change.after}
    deal = Deal.objects.create(
        unit=unit, project_id=unit.project_id, payment=after["payment"], list_price=unit.list_price,
        subscribed_date=before_deal.subscribed_date, opened_at=context.at, opened_by_id=context.by_id,
        source=f"换房 {change.case.number}", stage=Deal.SUBSCRIBED,
    )  # fmt: skip
    for name in (
        "deposit", "signing_due_date", "signed_how", "director_id", "director_signed_at", "deposit_confirmed_at",
        "deposit_confirmed_by", "bank_asked_at", "extensions", "list_given_at", "list_given_how",
    ):  # fmt: skip
        setattr(row, name, getattr(old, name))
    application = ChangeApplication.objects.get(change=change)
    row.deal, row.signed_with_customer_at = deal, context.at
    row.signed_paper = application.signers[0]["signed"] if application.signers else old.signed_paper
    row.number = document_number("RGS", context.case.scope_id, context.at)
    row.registered_at, row.registered_by = context.at, context.by_id
    row.checked = {
        "control": True,
        "price": True,
        "payment": True,
        "deviations": f"换房 {change.case.number}",
    }
    put_terms(deal, row, after)
    figures.say(context, deal)
    row.save()
    put_buyers(context, deal, None, after["buyers"])
    for paper in old.papers.all():
        BuyerPaper.objects.create(
            subscription=row, customer_id=paper.customer_id, kind=paper.kind, needed=paper.needed,
            attachment=paper.attachment, received_at=paper.received_at,
        )  # fmt: skip
    control.move(
        unit_id=unit.pk, to=Control.SUBSCRIBED, expected=(Control.LOCKED,), case_id=context.case.pk,
        by_id=context.by_id, at=context.at, recorded_at=context.recorded_at, reason=f"换房认购登记 {row.number}",
        held_by_case=context.case.pk, hold=context.case.pk,
    )  # fmt: skip
    context.link("deal", deal.pk)
    context.say(number=row.number, replaces=old.number)
    context.forget_facts()
    context.title = f"认购 {unit.label} {'、'.join(subscription_facts(context).buyer_names)}"
    _index(context)


def _change(key: int) -> DealChange:
    return DealChange.objects.select_related("deal", "case").get(pk=key)
