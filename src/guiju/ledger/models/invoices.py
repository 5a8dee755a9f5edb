"""The register of invoices (发票登记): asked for, issued, taken back in red."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField
from guiju.ledger.models.books import Book


class InvoiceRequest(models.Model):
    """Somebody asks for an invoice over money received, in yuan; it is made out to the contract buyer only."""

    KINDS = [("advance", "预收款发票（不征税）"), ("tax", "销售发票"), ("service", "服务发票")]

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="invoice_requests")
    kind = models.CharField(max_length=20, choices=KINDS)
    title = models.CharField(max_length=100)
    amount = FenField()
    note = models.CharField(max_length=200, default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="invoice_asked", condition=models.Q(amount__gt=0))]


class Invoice(models.Model):
    """An invoice by its number, or its red letter (negative, naming the one it takes back)."""

    request = models.ForeignKey(InvoiceRequest, on_delete=models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=40, unique=True)
    amount = FenField()
    issued_date = models.DateField()
    red_of = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="red_letter")
    reason = models.CharField(max_length=200, default="")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invoice_sign",
                condition=models.Q(red_of=None, amount__gt=0)
                | (models.Q(red_of__isnull=False, amount__lt=0) & ~models.Q(reason="")),
            )
        ]
