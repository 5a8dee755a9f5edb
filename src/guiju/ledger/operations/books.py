"""Opening the book of a purchase, and holding it still while money moves in it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from guiju.estate.models import Unit
from guiju.ledger.models import Book, BookDeal


def open_book(*, unit: Unit, at: datetime, by_id: int | None, deal: int | None = None) -> Book:
    """
    Open a book for a purchase of this unit; for a deal that has one, return that (two at once make one).
    """
    found = Book.objects.filter(deals__deal=deal).first() if deal is not None else None
    if found is not None:
        return found
    try:
        with transaction.atomic():
            book = Book.objects.create(
                company_id=unit.project.company_id, project_id=unit.project_id, unit=unit, opened_at=at, opened_by_id=by_id
            )  # fmt: skip
            if deal is not None:
                BookDeal.objects.create(book=book, deal=deal, added_at=at)
            return book
    except IntegrityError:
        if deal is None:
            raise
        return Book.objects.get(deals__deal=deal)


def join(*, book: Book, deal: int, at: datetime) -> None:
    """Let a deal go on in the book of the one it replaces; naming it again changes nothing."""
    BookDeal.objects.get_or_create(deal=deal, defaults={"book": book, "added_at": at})


def hold(book_id: int) -> Book:
    """Return the book, held till the end of the transaction: whoever moves its money waits for the other."""
    return Book.objects.select_for_update(no_key=True).get(pk=book_id)
