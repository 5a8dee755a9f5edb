"""Complaints. What is known of them beyond the case itself; old ones come in from registers as history."""

from __future__ import annotations

from django.db import models

from guiju.kernel.crypto import EncryptedTextField


class Complaint(models.Model):
    """A complaint (投诉): the customer's words, how it came, what was done (K-2.1-g..t)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="complaint")
    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="complaints")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="complaints")
    unit_as_read = models.CharField(max_length=60, default="")
    complained_date = models.DateField(null=True)
    channel = models.CharField(max_length=20, default="")
    complainant = models.CharField(max_length=100, default="")
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, default="", db_index=True)
    words = models.TextField()
    quality = models.BooleanField(null=True)
    department = models.CharField(max_length=60, default="")
    treatment = models.CharField(max_length=400, default="")
    result = models.CharField(max_length=60, default="")
    closed_date = models.DateField(null=True)
    satisfaction = models.CharField(max_length=20, default="")
    open = models.BooleanField(default=True)
    contradictions = models.JSONField(default=list)
    source = models.CharField(max_length=200, default="", db_index=True)
