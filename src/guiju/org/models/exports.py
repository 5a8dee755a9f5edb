"""Export of personal data in bulk: asked for, approved by somebody else, watermarked, taken once (DECISIONS 20)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guiju.org.models.people import Person
from guiju.org.models.structure import Company


class ExportRequest(models.Model):
    """A request to take a list out of the program. Approved by another person, with a watermark that names both."""

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        TAKEN = "taken", "已导出"

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="公司")
    project_id = models.BigIntegerField("项目", null=True, blank=True)
    what = models.CharField("导出内容", max_length=50)
    chosen = models.JSONField("筛选条件", default=dict)
    reason = models.CharField("用途", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="申请人")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decision_note = models.CharField("审批意见", max_length=200, blank=True)
    taken_at = models.DateTimeField("导出时间", null=True, blank=True)
    rows = models.PositiveIntegerField("行数", null=True, blank=True)
    sha256 = models.CharField("文件摘要", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导出申请"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="export_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="export_not_own_approval"
            ),
        ]

    def __str__(self) -> str:
        return self.what
