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

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="sales_targets", db_index=False
    )
    month_date = models.DateField()
    figure = models.CharField(max_length=30)
    value = FenField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
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

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="snapshots", db_index=False
    )
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

    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="adjustments", db_index=False
    )
    figure = models.CharField(max_length=30)
    change = FenField()
    noted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["snapshot", "figure", "id"], name="adjustment_figure")]


class KpiLine(models.Model):
    """
    What one case adds to one figure of the board, kept so that figures are sums and need no reading of cases.

    Derived from the case and written anew whenever it moves (``reports.kpi_kept``); ``guiju kpi`` makes all of them
    again. ``falls_at`` is the moment to which the line belongs, ``day_date`` its day in China's time; a limit that still runs
    has its line at the moment when it will be missed. ``part`` tells apart several lines of a case; ``key`` is the cell
    of the map of defects. ``millionths``: what is averaged, times a million.
    """

    code = models.CharField(max_length=40)
    case = models.ForeignKey("kernel.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    part = models.BigIntegerField(default=0)
    chain_id = models.BigIntegerField()
    scope_id = models.BigIntegerField(default=0)
    falls_at = models.DateTimeField()
    day_date = models.DateField()
    counted = models.BooleanField()
    why = models.CharField(max_length=200, default="")
    millionths = models.BigIntegerField(null=True)
    what = models.CharField(max_length=200, default="")
    person_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "code", "part"], name="kpi_line_once")]
        indexes = [
            models.Index(fields=["code", "counted", "falls_at", "case", "part"], name="kpi_line_list"),
            models.Index(
                fields=["scope_id", "code", "counted", "falls_at", "case", "part"], name="kpi_line_project"
            ),
        ]


class KpiSum(models.Model):
    """
    The lines of a day or a month added up: by figure, company and project; ``person`` and ``cell`` kinds also by ``key``.

    ``lines`` is all of them, ``counted`` those that count, ``millionths`` the sum of what is averaged of those.
    """

    kind = models.CharField(max_length=14)
    begin_date = models.DateField()
    code = models.CharField(max_length=40)
    chain_id = models.BigIntegerField()
    scope_id = models.BigIntegerField()
    key = models.CharField(max_length=40)
    counted = models.BigIntegerField()
    lines = models.BigIntegerField()
    millionths = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "begin_date", "code", "chain_id", "scope_id", "key"], name="kpi_sum_once"
            )
        ]


class KpiMark(models.Model):
    """How far the lines follow a company's chain of events."""

    chain_id = models.BigIntegerField(unique=True)
    seq = models.PositiveBigIntegerField(default=0)
