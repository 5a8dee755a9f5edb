"""The working calendar as stored: days that differ from Monday to Friday, and the work hours of companies."""

from __future__ import annotations

from django.db import models

FROM_SEED, BY_HAND, CONFIRMED = "seed", "hand", "confirmed"


class CalendarDay(models.Model):
    """
    A day that the plain week does not explain: a public holiday, a make-up working day (调休), a company's own day.

    Days without a row follow the week: Monday to Friday are worked. ``provisional``: the State Council has not yet
    said how the year's holidays are arranged. A row changed by hand, or confirmed with its year, is never overwritten
    by the seed.
    """

    date = models.DateField(unique=True)
    is_workday = models.BooleanField()
    note = models.CharField(max_length=100)
    source = models.CharField(max_length=10, default=FROM_SEED)
    provisional = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)
    changed_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calendar_day_changed_pair",
                condition=models.Q(changed_at=None, changed_by_id=None)
                | models.Q(changed_at__isnull=False, changed_by_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.note}"


class WorkHours(models.Model):
    """Work hours of a company from a day on; without a row the kernel's ordinary hours hold."""

    company_id = models.BigIntegerField()
    valid_from = models.DateField()
    morning_opens = models.TimeField()
    lunch_starts = models.TimeField()
    lunch_ends = models.TimeField()
    afternoon_closes = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "valid_from"], name="work_hours_once_a_day"),
            models.CheckConstraint(
                name="work_hours_in_order",
                condition=models.Q(morning_opens__lt=models.F("lunch_starts"))
                & models.Q(lunch_starts__lte=models.F("lunch_ends"))
                & models.Q(lunch_ends__lt=models.F("afternoon_closes")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.valid_from:%Y-%m-%d}"


class CalendarEdition(models.Model):
    """One row whose token changes with every change of days or hours, so that processes know their copy is old."""

    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.token
