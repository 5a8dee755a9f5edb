"""The cashier's daily closing (日结)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField


class DayClosing(models.Model):
    """What the cashier counted on a day beside what the books say, in yuan; a difference is explained."""

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="closings", db_index=False
    )
    on_date = models.DateField()
    booked = models.JSONField()
    counted_cash = FenField()
    counted_pos = FenField()
    counted_transfer = FenField()
    counted_cheque = FenField()
    receipts = models.PositiveIntegerField()
    difference = FenField()
    explanation = models.CharField(max_length=400, default="")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "on_date"], name="closed_once"),
            models.CheckConstraint(
                name="difference_explained", condition=models.Q(difference=0) | ~models.Q(explanation="")
            ),
        ]


class DayCheck(models.Model):
    """A second person has counted again and agrees (日结复核); never the one who closed."""

    closing = models.OneToOneField(DayClosing, on_delete=models.PROTECT, related_name="check_row")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="day_checked_by_another", condition=~models.Q(checked_by=models.F("closed_by"))
            )
        ]
