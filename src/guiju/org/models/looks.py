"""Looks at personal data: who saw whose data on which day (E-4.4-a, DECISIONS 20)."""

from __future__ import annotations

from django.db import models

from guiju.org.models.people import Person


class Look(models.Model):
    """A person saw personal data of an object. One row, and one event, per person, object and day."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="looks", verbose_name="查看人", db_index=False
    )
    kind = models.CharField("对象类型", max_length=20)
    key = models.CharField("对象", max_length=40)
    day_date = models.DateField("日期")
    looked_at = models.DateTimeField("首次查看时间")

    class Meta:
        verbose_name = verbose_name_plural = "个人信息查看记录"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "key", "day_date"], name="look_once_a_day")
        ]
        indexes = [models.Index(fields=["kind", "key", "day_date"], name="look_by_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
