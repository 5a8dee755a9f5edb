"""The way to books and receipts for a person: closed by default, named for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404

from guiju.ledger.models import Book, Receipt, Refund
from guiju.org.gates import scope_of
from guiju.org.masking import mask_name
from guiju.org.models import Person
from guiju.sales.models import Deal


def books_of(person: Person, at: datetime) -> QuerySet[Book]:
    """Return the books in the person's scope."""
    return Book.objects.filter(scope_of(person, at=at).q("company_id", "project_id"))


def book_for(person: Person, key: int, at: datetime) -> Book:
    """
    Return a book in the person's scope.

    :raises Http404: there is none, or it is none of this person's business.
    """
    rows = books_of(person, at).select_related("unit__building", "unit__project", "project__company")
    found = rows.filter(pk=key).first()
    if found is None:
        raise Http404("没有这本户账，或者它不在你的项目里。")
    return found


def receipt_for(person: Person, key: int, at: datetime) -> Receipt:
    """
    Return a receipt in the person's scope.

    :raises Http404: there is none, or it is none of this person's business.
    """
    rows = Receipt.objects.filter(scope_of(person, at=at).q("company_id", "project_id"))
    found = rows.filter(pk=key).select_related("project", "unit", "book").first()
    if found is None:
        raise Http404("没有这张收据，或者它不在你的项目里。")
    return found


def return_for(person: Person, key: int, at: datetime) -> Refund:
    """
    Return money sent back outside of a case (暂收退回) in the person's scope.

    :raises Http404: there is none, or it is none of this person's business.
    """
    scope = scope_of(person, at=at).q("receipt__company_id", "receipt__project_id")
    found = Refund.objects.filter(scope, pk=key, case=None).select_related("receipt__project").first()
    if found is None:
        raise Http404("没有这笔退回，或者它不在你的项目里。")
    return found


def deals_of(books: Iterable[Book]) -> Mapping[int, Deal]:
    """Return the newest deal of each book, with its buyers; two queries for any number."""
    keys: dict[int, int] = {}
    for book in books:
        for one in book.deals.all():
            keys[one.deal] = book.pk
    found: dict[int, Deal] = {}
    for deal in Deal.objects.filter(pk__in=keys).prefetch_related("buyers__customer").order_by("pk"):
        found[keys[deal.pk]] = deal
    return found


def buyers_of(deal: Deal | None, *, masked: bool = False) -> list[str]:
    """Return the names of a deal's buyers, masked for whoever need not know them."""
    if deal is None:
        return []
    names = [buyer.customer.name for buyer in sorted(deal.buyers.all(), key=lambda one: one.position)]
    return [mask_name(name) for name in names] if masked else names
