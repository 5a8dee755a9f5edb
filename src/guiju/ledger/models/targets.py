"""What a project is to collect in a month (回款目标)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField


class CollectionTarget(models.Model):
    """The money a project is to collect in a month, in yuan; ``month_date`` is its first day. The newest row holds."""

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="collection_targets", db_index=False
    )
    month_date = models.DateField()
    amount = FenField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="target_sign", condition=models.Q(amount__gt=0))]
        indexes = [models.Index(fields=["project", "month_date", "id"], name="target_month")]
