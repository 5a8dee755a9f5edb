"""Corrective actions: what a responsible department does so that a fault does not come back."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class CorrectiveAction(models.Model):
    """A 纠正措施通知单: the fact, to whom, how grave, what came of it (K-2.6)."""

    MINOR, MAJOR = "minor", "major"
    GRADES = [(MINOR, "一般"), (MAJOR, "严重")]

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="corrective_action")
    source = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="corrective_actions"
    )
    kind = models.CharField(max_length=20, default="corrective")
    trigger = models.CharField(max_length=80, default="", db_index=True)
    department = models.ForeignKey(
        "org.Department", on_delete=models.PROTECT, null=True, related_name="corrective_actions"
    )
    fact = models.TextField()
    clause = models.CharField(max_length=40, default="")
    grade = models.CharField(max_length=10, choices=GRADES, default=MINOR)
    cause = models.CharField(max_length=20, default="", db_index=True)
    owner = models.CharField(max_length=60, default="")
    due_date = models.DateField(null=True)
    doer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    effective = models.BooleanField(null=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reissued_as")
