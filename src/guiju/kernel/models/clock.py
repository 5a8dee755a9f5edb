"""Clocks of cases and their pauses."""

from __future__ import annotations

from django.db import models

from guiju.kernel.models.case import Case


class Clock(models.Model):
    """A time limit (时限) that runs on a case. ``due_at`` is computed once and stored; nothing counts down."""

    RUNNING, PAUSED, MET, LATE, VOID = "running", "paused", "met", "late", "void"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    limit = models.CharField(max_length=40, default="")
    state = models.CharField(max_length=10, default=RUNNING)
    started_at = models.DateTimeField()
    started_by_step = models.CharField(max_length=60, default="")
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    alarm_at = models.DateTimeField(null=True)
    alarm = models.PositiveSmallIntegerField(default=0)
    chain_id = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["case", "state"], name="clock_case"),
            models.Index(fields=["alarm_at", "id"], name="clock_alarm", condition=models.Q(state="running")),
            # Figures average what was stopped in a period.
            models.Index(
                fields=["chain_id", "stopped_at"],
                name="clock_stopped",
                condition=models.Q(stopped_at__isnull=False),
            ),
        ]


class ClockPause(models.Model):
    """A pause of a clock, with its reason. Kept as a record; the due moment is computed from it."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses", db_index=False)
    paused_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["clock", "paused_at"], name="pause_clock")]
