"""Internal memos: one department asks or tells another, or the leadership."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Memo(models.Model):
    """An 内部工作联系单: from whom to which post, about what, wished by when (J-2.8)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="memo")
    source = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="memos", db_index=False
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    to_post = models.CharField(max_length=40)
    to_department = models.ForeignKey(
        "org.Department", on_delete=models.PROTECT, null=True, related_name="memos"
    )
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=120)
    content = models.TextField(default="")
    wish = models.CharField(max_length=1000, default="")
    reply_due_date = models.DateField(null=True)
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    received_at = models.DateTimeField(null=True)
    result = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="memo_receipt_pair",
                condition=models.Q(receiver=None, received_at=None)
                | models.Q(receiver__isnull=False, received_at__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["source", "id"], name="memo_of_source")]
