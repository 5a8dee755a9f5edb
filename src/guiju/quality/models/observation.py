"""How employees serve and what they have learnt: scored observations, products in their care, skills, training."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Observation(models.Model):
    """
    A scored observation (服务观察, 通话抽检, 案例抽检): a supervisor's marks 1–5 by criterion, written once.

    ``form`` names the criteria (``observing.FORMS``), ``case`` the case that was looked at.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="observations", db_index=False
    )
    company_id = models.BigIntegerField()
    project_id = models.BigIntegerField(null=True)
    form = models.CharField(max_length=12)
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="observations")
    scores = models.JSONField()
    record_errors = models.PositiveSmallIntegerField(default=0)
    remark = models.TextField(default="")
    observed_at = models.DateTimeField()
    observed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("observed_by")), name="observed_by_another")
        ]
        indexes = [models.Index(fields=["person", "-observed_at"], name="observation_person")]


class ProductDuty(models.Model):
    """A product (layout, system, equipment) that an employee is responsible for, and the evidence (C-4.1-a)."""

    TEST, CERTIFICATE, COURSE = "test", "certificate", "course"
    EVIDENCE: ClassVar = [(TEST, "考核"), (CERTIFICATE, "证书"), (COURSE, "培训")]

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="product_duties"
    )
    product = models.CharField(max_length=60)
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    evidence = models.CharField(max_length=12, choices=EVIDENCE, default="")
    evidence_text = models.CharField(max_length=200, default="")
    evidence_date = models.DateField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "product"], condition=Q(to_date=None), name="product_duty_once"
            )
        ]


class Training(models.Model):
    """A training of an employee: planned, then done with evidence (C-4.1-b)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trainings", db_index=False
    )
    topic = models.CharField(max_length=100)
    planned_date = models.DateField()
    done_date = models.DateField(null=True)
    hours = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    evidence = models.CharField(max_length=200, default="")
    score = models.PositiveSmallIntegerField(null=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_date=None) | ~Q(evidence=""), name="training_done_has_evidence"
            )
        ]
        indexes = [models.Index(fields=["person", "-planned_date"], name="training_person")]
