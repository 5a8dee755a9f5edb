"""What was done on a case of this app, entry by entry: the columns of its printed record. Added to, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class RecordEntry(models.Model):
    """One entry of a case's record: a round of negotiation, an opinion, an arrival, a reply, a measure."""

    case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, related_name="record_entries", db_index=False
    )
    kind = models.CharField(max_length=24)
    words = models.TextField(default="")
    data = models.JSONField(default=dict)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="record_of_case")]
