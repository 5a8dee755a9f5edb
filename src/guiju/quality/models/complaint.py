"""Complaints: the 顾客投诉及处理记录表 as it stands now, and who is in charge. What was done lies in ``models.record``."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField


class Complaint(models.Model):
    """A complaint (投诉): the customer's words, how it came, what was found and decided (K-2.1-g..t)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="complaint")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="complaints", db_index=False
    )
    unit = models.ForeignKey(
        "estate.Unit", on_delete=models.PROTECT, null=True, related_name="complaints", db_index=False
    )
    unit_as_read = models.CharField(max_length=60, default="")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="complaints", db_index=False
    )
    complained_date = models.DateField(null=True)
    channel = models.CharField(max_length=20, default="")
    complainant = models.CharField(max_length=100, default="")
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, default="", db_index=True)
    words = models.TextField()
    words_key = models.CharField(max_length=40, default="")
    wish = models.CharField(max_length=1000, default="")
    problem = models.CharField(max_length=1000, default="")
    quality = models.BooleanField(null=True)
    cause = models.CharField(max_length=20, default="")
    level = models.CharField(max_length=2, default="")
    urgency = models.CharField(max_length=20, default="")
    important = models.BooleanField(default=False)
    incident = models.BooleanField(default=False)
    ticket = models.CharField(max_length=60, default="")
    in_writing = models.BooleanField(default=False)
    reception = models.CharField(max_length=40, default="")
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    about_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    region = models.CharField(max_length=20, default="")
    fault = models.CharField(max_length=20, default="")
    cause_found = models.CharField(max_length=20, default="")
    remedy = models.CharField(max_length=20, default="")
    satisfied = models.BooleanField(null=True)
    department = models.CharField(max_length=60, default="")
    treatment = models.CharField(max_length=400, default="")
    result = models.CharField(max_length=60, default="")
    closed_date = models.DateField(null=True)
    satisfaction = models.CharField(max_length=20, default="")
    open = models.BooleanField(default=True)
    contradictions = models.JSONField(default=list)
    source = models.CharField(max_length=200, default="", db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "cause", "-complained_date"], name="complaint_unit_cause"),
            models.Index(fields=["unit", "words_key", "-complained_date"], name="complaint_unit_words"),
            models.Index(fields=["customer", "cause", "-complained_date"], name="complaint_customer_cause"),
            models.Index(fields=["project", "cause", "-complained_date"], name="complaint_project_cause"),
            models.Index(fields=["ticket"], name="complaint_ticket", condition=~models.Q(ticket="")),
        ]


class ComplaintClerk(models.Model):
    """Who is in charge of product-quality complaint information (专人, K-2.1-a), and from when until when."""

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="complaint_clerks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company"], name="one_complaint_clerk", condition=models.Q(until_at=None)
            )
        ]
