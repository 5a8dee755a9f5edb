"""Safety and equipment: incidents, devices with their maintenance, and emergencies handled by the SOP's procedure."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from guiju.kernel.duration import months_after

PERSON = settings.AUTH_USER_MODEL


class Equipment(models.Model):
    """
    A device 设备 with what its maintenance requires, how often, its condition and its service life (G-5.3).

    ``works`` names the processes whose tasks use it: there its requirements are shown. ``every_days`` are calendar days,
    ``life_months`` months from ``in_use_date``.
    """

    class Condition(models.TextChoices):
        GOOD = "good", "正常"
        LIMITED = "limited", "带病运行"
        STOPPED = "stopped", "停用待修"
        SCRAPPED = "scrapped", "已报废"

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="equipment", db_index=False
    )
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="equipment"
    )
    code = models.CharField("设备编号", max_length=30)
    name = models.CharField("名称", max_length=60)
    model = models.CharField("型号", max_length=60, default="", blank=True)
    requirements = models.TextField("维护要求")
    every_days = models.PositiveSmallIntegerField("维护周期（天）")
    in_use_date = models.DateField("启用日期")
    life_months = models.PositiveSmallIntegerField("使用寿命（月）")
    works = models.JSONField("用于流程", default=list)
    condition = models.CharField("状况", max_length=10, choices=Condition, default=Condition.GOOD)
    next_date = models.DateField("下次维护日期")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="equipment_code_once"),
            models.CheckConstraint(condition=Q(every_days__gt=0), name="equipment_every_days"),
        ]
        indexes = [models.Index(fields=["company", "next_date", "id"], name="equipment_due")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def life_until(self) -> date:
        """The last day of its service life."""
        return months_after(self.in_use_date, self.life_months) - timedelta(days=1)

    @property
    def in_use(self) -> bool:
        """Whether it may be worked with."""
        return self.condition in (self.Condition.GOOD, self.Condition.LIMITED)


class Maintenance(models.Model):
    """A maintenance that was done: when, what, and the condition it left the device in. Written once (G-5.3-b)."""

    equipment = models.ForeignKey(
        Equipment, on_delete=models.PROTECT, related_name="maintenances", db_index=False
    )
    done_date = models.DateField("维护日期")
    words = models.TextField("做了什么")
    condition = models.CharField("维护后状况", max_length=10, choices=Equipment.Condition)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["equipment", "-done_date", "-id"], name="maintenance_of")]


class Emergency(models.Model):
    """
    An emergency 紧急情况 handled by the procedure of an SOP version (G-5.4): start, first response, end, effect.

    ``case``: the task during which it was declared, if there was one.
    """

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="emergencies", db_index=False
    )
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="emergencies"
    )
    version = models.ForeignKey("sop.Version", on_delete=models.PROTECT, related_name="emergencies")
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="emergencies")
    place = models.CharField("地点", max_length=100, default="")
    words = models.TextField("情况")
    started_at = models.DateTimeField("发生时间")
    declared_at = models.DateTimeField("启动时间")
    declared_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    responded_at = models.DateTimeField("首次响应时间", null=True)
    responded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True)
    ended_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    effect = models.TextField("后果和影响", default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(responded_at=None, responded_by=None)
                | Q(responded_at__isnull=False, responded_by__isnull=False),
                name="emergency_responded_pair",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(effect="")),
                name="emergency_ended_with_effect",
            ),
        ]
        indexes = [models.Index(fields=["company", "-started_at", "-id"], name="emergency_newest")]

    @property
    def response_minutes(self) -> int | None:
        """Whole minutes from the start to the first response; None while nobody responded."""
        if self.responded_at is None:
            return None
        return int((self.responded_at - self.started_at).total_seconds() // 60)


class EmergencyStep(models.Model):
    """A line of the procedure as a checklist: done by whom and when, or left out with the reason."""

    emergency = models.ForeignKey(Emergency, on_delete=models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()
    words = models.TextField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    left_out = models.CharField("未做原因", max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "position"], name="emergency_step_once"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="emergency_step_done_pair",
            ),
        ]


class SafetyIncident(models.Model):
    """
    A safety incident 安全事故 that involved staff or equipment, with the SOP concerned. Written once (G-3-e).

    ``process``: the type of task during which it happened.
    """

    class Kind(models.TextChoices):
        INJURY = "injury", "人员受伤"
        DAMAGE = "damage", "设备损坏"
        NEAR = "near", "险情，没有造成损失"

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="safety_incidents", db_index=False
    )
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="safety_incidents"
    )
    kind = models.CharField("种类", max_length=10, choices=Kind)
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="safety_incidents")
    equipment = models.ForeignKey(
        Equipment, on_delete=models.PROTECT, null=True, related_name="safety_incidents"
    )
    document = models.ForeignKey("sop.Document", on_delete=models.PROTECT, related_name="safety_incidents")
    process = models.CharField("作业类型", max_length=40, default="")
    place = models.CharField("地点", max_length=100, default="")
    words = models.TextField("经过")
    measure = models.TextField("处理和防范")
    happened_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(equipment__isnull=False), name="incident_of_somebody"
            )
        ]
        indexes = [models.Index(fields=["company", "-happened_at", "-id"], name="incident_newest")]
