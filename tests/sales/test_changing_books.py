"""Any order of changes, payments and reversals leaves the books balanced, one live deal a flat, and no orphan receivable."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guiju.kernel.models import Case
from guiju.kernel.refusals import NotReady
from guiju.ledger.models import Receipt
from guiju.ledger.operations import receipts
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.sales.changing_money import owes_nothing
from guiju.sales.models import Deal, DealChange, Subscription
from tests.stories.changing import HOUR, THURSDAY, approved, asked, signers, work
from tests.stories.conftest import house  # noqa: F401 - the house of the stories

D = Decimal
ACTS = ("swap", "back", "payment", "discount", "extend", "add", "deposit", "pay", "reverse")


class Sale:
    """One purchase to which things happen, an hour and a day apart."""

    def __init__(self, house):
        self.house, self.at = house, THURSDAY
        house.sealed()
        work()

    @property
    def deal(self):
        return Deal.objects.select_related("unit").get(live=True)

    def place(self):
        return next(n for n, unit in enumerate(self.house.units) if unit.pk == self.deal.unit_id)

    def names(self):
        return [b.customer.name for b in self.deal.buyers.select_related("customer").order_by("position")]

    def happen(self, act):
        self.at += timedelta(hours=12)
        book = book_of_deal(self.deal.pk)
        if act == "pay":
            made = receipts.book(
                unit=self.deal.unit, case_id=None, purpose="price", amount=D("100000"), method="transfer",
                account="预售资金监管账户", voucher=f"P{Receipt.objects.count()}", payer="苏清越", third_party=False,
                relation="", received_at=self.at, recorded_at=self.at, by_id=self.house.he.pk, to=book,
            )  # fmt: skip
            allocate(receipt=made, at=self.at, by_id=self.house.he.pk)
            return
        if act == "reverse":
            row = Receipt.objects.filter(book=book, reverses=None, reversal=None, purpose="price").first()
            if row is not None:
                receipts.reverse(
                    receipt=row, reason="退票", at=self.at, recorded_at=self.at, by_id=self.house.he.pk
                )
            return
        self.change(*self.wanted(act))

    def wanted(self, act):
        deal = self.deal
        if act in ("swap", "back"):
            room = "1502" if act == "swap" else "1501"
            return "swap", {"new_unit": f"1-1-{room}", "total_price": "2000000.00"}
        if act == "payment":
            return "payment", {
                "payment": "instalments", "down_payment": "600000", "discounts": [{"name": "分期", "percent": "1"}],
                "total_price": "1980000.00",
            }  # fmt: skip
        if act == "discount":
            return "discount", {
                "discounts": [{"name": "老业主", "percent": "4"}],
                "total_price": "1920000.00",
            }
        if act == "extend":
            due = Subscription.objects.get(deal=deal).signing_due_date
            return "extend", {"until_date": due + timedelta(days=5)}
        if act == "deposit":
            return "deposit", {"deposit": str(Subscription.objects.get(deal=deal).deposit + D("50000"))}
        name = f"程{'一二三四五'[len(self.names())]}"
        return "add", {"buyers": [self.house.buyer(name)], "ground": "child", "proof": [self.house.scan]}

    def change(self, kind, given):
        """Ask and carry out, or be refused by a rule; a new 认购书 gets its seal."""
        try:
            case = approved_quickly(self.house, kind, self.place(), self.at, given)
        except NotReady:
            return
        people = [*self.names(), *(buyer["name"] for buyer in given.get("buyers", []))]
        self.house.take(
            case, "sign_new", "lin", self.at + 6 * HOUR, signers=signers(self.house, *people), old_copies=4
        )
        self.house.take(case, "execute", "wu", self.at + 7 * HOUR)
        self.house.take(case, "hand_back", "wu", self.at + 7 * HOUR, receiver="林晓雯")
        sub = Subscription.objects.select_related("case").get(deal=self.deal).case
        if sub.state == "paid":
            row = Subscription.objects.get(case=sub)
            if row.deposit_confirmed_at is None:
                more = {**self.house.money("50000"), "voucher": f"D{Receipt.objects.count()}"}
                self.house.take(sub, "confirm_more", "he", self.at + 7 * HOUR, **more)
            self.house.take(sub, "seal", "fang", self.at + 8 * HOUR, copies=4)
        work(self.at + 9 * HOUR)


def approved_quickly(house, kind, unit, at, given):
    case = asked(house, kind, unit=unit, at=at, **given)
    if kind == "extend":
        house.take(case, "director_opinion", "gao", at + HOUR, signature=house.scan)
        house.take(
            case,
            "check_and_register",
            "wu",
            at + HOUR,
            content_ok=True,
            control_ok=True,
            signature=house.scan,
        )
        house.take(case, "report_up", "zhou", at + 4 * HOUR, signature=house.scan)
        house.approve(case, at + 5 * HOUR)
        return case
    return approved(house, case, at)


@pytest.mark.django_db
def test_any_order_of_changes_leaves_the_books_balanced(house):
    executed = []

    @settings(max_examples=4, deadline=None, derandomize=True, database=None)
    @example(["deposit", "discount", "deposit", "reverse"])
    @example(["pay", "deposit", "swap"])
    @given(st.lists(st.sampled_from(ACTS), min_size=2, max_size=4))
    def holds(acts):
        with transaction.atomic():
            play(house, acts)
            executed.extend(
                DealChange.objects.filter(executed_at__isnull=False).values_list("kind", flat=True)
            )
            transaction.set_rollback(True)

    holds()

    # What was tried was not only refused.
    assert len(set(executed)) >= 3
    assert "deposit" in executed


def play(house, acts):
    sale = Sale(house)
    for act in acts:
        sale.happen(act)

        assert list(problems()) == []
        live = list(Deal.objects.filter(live=True))
        assert len(live) == 1
        now = statement(book_of_deal(live[0].pk))
        assert now.owed == live[0].total_price
        assert now.received == now.paid + now.over
        for ended in Deal.objects.filter(live=False):
            book = book_of_deal(ended.pk)
            assert book is None or book.pk == now.book.pk or owes_nothing(book)
    assert not Case.objects.filter(process="subscription_change", closed_at=None).exists()
