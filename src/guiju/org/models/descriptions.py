"""Job description 职位说明书 (I-4.0-1 to I-4.0-29): a versioned form per post, signed by holder and superior."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guiju.kernel.money import FenField
from guiju.org.models.people import Person
from guiju.org.models.posts import Establishment


class JobDescription(models.Model):
    """One version of a job description. Once anybody signed it, its words stay; a change is a new version.

    Unit, title, department, team, superior and number are copied from the establishment when the version is
    drafted, so that a signed paper keeps saying what was signed.
    """

    establishment = models.ForeignKey(
        Establishment, models.PROTECT, related_name="descriptions", verbose_name="编制", db_index=False
    )
    version = models.PositiveSmallIntegerField("版本")
    compiled_date = models.DateField("编制日期")
    compiled_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="编制人", db_index=False
    )
    unit = models.CharField("单位", max_length=100)
    title = models.CharField("职位名称", max_length=50)
    number = models.CharField("职位编号", max_length=20)
    department = models.CharField("部门", max_length=50)
    team = models.CharField("组", max_length=50, blank=True)
    superior = models.CharField("直接上级", max_length=50, blank=True)
    holder = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="descriptions", verbose_name="任职人"
    )

    education = models.CharField("学历", max_length=100, blank=True)
    experience = models.CharField("经历", max_length=200, blank=True)
    knowledge = models.TextField("专业知识", blank=True)
    business_scope = models.TextField("业务了解范围", blank=True)

    purpose = models.TextField("职位目的（目标）", blank=True)
    authority = models.TextField("职位目的（权限）", blank=True)

    subordinates_stated = models.PositiveSmallIntegerField("下属人数", null=True, blank=True)
    direct_stated = models.PositiveSmallIntegerField("直接下属", null=True, blank=True)
    indirect_stated = models.PositiveSmallIntegerField("间接下属", null=True, blank=True)
    managers_stated = models.PositiveSmallIntegerField("经理", null=True, blank=True)
    professionals_stated = models.PositiveSmallIntegerField("专业人员", null=True, blank=True)
    others_stated = models.PositiveSmallIntegerField("其他", null=True, blank=True)

    sales_volume = FenField("销售额（元）", null=True, blank=True)
    profit = FenField("利润（元）", null=True, blank=True)
    staff_total = models.PositiveIntegerField("职员总数", null=True, blank=True)

    change_note = models.CharField("修订说明", max_length=200, blank=True)
    holder_signed_at = models.DateTimeField("任职人签字时间", null=True, blank=True)
    holder_signed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="任职人签字"
    )
    superior_signed_at = models.DateTimeField("直接上级签字时间", null=True, blank=True)
    superior_signed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="直接上级签字"
    )

    class Meta:
        verbose_name = verbose_name_plural = "职位说明书"
        constraints = [
            models.UniqueConstraint(fields=["establishment", "version"], name="description_version_once"),
            models.CheckConstraint(
                condition=Q(holder_signed_at=None, holder_signed_by=None)
                | Q(holder_signed_at__isnull=False, holder_signed_by=F("holder")),
                name="description_holder_signed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(superior_signed_at=None, superior_signed_by=None)
                | Q(superior_signed_at__isnull=False, superior_signed_by__isnull=False),
                name="description_superior_signed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}.0"

    @property
    def signed(self) -> bool:
        """Whether holder and superior both signed."""
        return self.holder_signed_at is not None and self.superior_signed_at is not None

    @property
    def fixed(self) -> bool:
        """Whether anybody signed, so that the words may not change."""
        return self.holder_signed_at is not None or self.superior_signed_at is not None


class DescribedDuty(models.Model):
    """A row of the duty table: duty, degree of responsibility, indicator (I-4.0-27, 28, 29)."""

    class Degree(models.TextChoices):
        FULL = "full", "全责"
        SHARED = "shared", "部分责任"
        SUPPORT = "support", "协助"

    description = models.ForeignKey(
        JobDescription, models.CASCADE, related_name="duties", verbose_name="职位说明书", db_index=False
    )
    position = models.PositiveSmallIntegerField("序号")
    duty = models.CharField("职责范围", max_length=200)
    degree = models.CharField("负责程度", max_length=10, choices=Degree)
    kpi = models.CharField("考核指标（KPI）", max_length=200, blank=True)
    kpi_code = models.SlugField("系统指标代码", max_length=50, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "职责"
        constraints = [
            models.UniqueConstraint(fields=["description", "position"], name="described_duty_once")
        ]

    def __str__(self) -> str:
        return self.duty


class Contact(models.Model):
    """A communication relation 沟通关系 inside or outside the company (I-4.0-17, 18, 19)."""

    class Side(models.TextChoices):
        INTERNAL = "internal", "内部"
        EXTERNAL = "external", "外部"

    description = models.ForeignKey(
        JobDescription, models.CASCADE, related_name="contacts", verbose_name="职位说明书", db_index=False
    )
    side = models.CharField("内外", max_length=10, choices=Side)
    name = models.CharField("沟通对象", max_length=50)

    class Meta:
        verbose_name = verbose_name_plural = "沟通关系"
        constraints = [
            models.UniqueConstraint(fields=["description", "side", "name"], name="described_contact_once")
        ]

    def __str__(self) -> str:
        return self.name
