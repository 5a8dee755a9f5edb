"""Books of deals, and how far a project's days are closed."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Book(models.Model):
    """The book (户账) of one purchase: all that is owed and paid for it. It belongs to one company for ever."""

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="books")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="books", db_index=False
    )
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="books", db_index=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["project", "id"], name="book_project"),
            models.Index(fields=["unit", "id"], name="book_unit"),
        ]


class BookDeal(models.Model):
    """A deal that uses a book. A 认购书 issued anew makes a new deal, which goes on in the book of the old one."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="deals")
    deal = models.BigIntegerField(unique=True)
    added_at = models.DateTimeField()


class Till(models.Model):
    """Up to which day the cashier of a project has closed (日结). The one row here that moves on."""

    project = models.OneToOneField("estate.Project", on_delete=models.PROTECT, related_name="till")
    closed_until_date = models.DateField(null=True)
