"""What reports keep: the tasks set for a month, figures frozen at the end of a span, and what was found out later."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField


class Target(models.Model):
    """
    The task (任务) of a project in a month by a figure of ``reports.figures``: units, or money in yuan. The newest row
    of a month holds; the year's task is the sum of its months.
    """

    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="sales_targets")
    month_date = models.DateField()
    figure = models.CharField(max_length=30)
    value = FenField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="sales_target_sign", condition=models.Q(value__gt=0)),
            models.CheckConstraint(name="sales_target_month", condition=models.Q(month_date__day=1)),
        ]
        indexes = [models.Index(fields=["project", "month_date", "id"], name="sales_target_month")]


class Snapshot(models.Model):
    """
    The figures of a day, week or month of a project as they were frozen; they are never changed (DECISIONS 27).

    ``figures``: by span (``day``, ``week``, ``month``, ``year``; each up to the last day of this one) and figure, as text.
    ``targets``: the tasks of the month and the year at that time.
    """

    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="snapshots")
    kind = models.CharField(max_length=10)
    begin_date = models.DateField()
    end_date = models.DateField()
    figures = models.JSONField()
    targets = models.JSONField(default=dict)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "kind", "begin_date"], name="snapshot_once")
        ]


class Adjustment(models.Model):
    """A frozen figure turned out otherwise later (补录, 更正): by how much, found when. The frozen figure stays."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="adjustments")
    figure = models.CharField(max_length=30)
    change = FenField()
    noted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["snapshot", "figure", "id"], name="adjustment_figure")]
