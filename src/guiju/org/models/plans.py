"""Department goals, work plans, their tasks and the checks on them (I-4.1-i to I-4.1-m)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guiju.org.models.people import Person
from guiju.org.models.structure import Department


class Goal(models.Model):
    """A goal of a department: what is measured, the target, the period (I-4.1-i)."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="goals", verbose_name="部门")
    title = models.CharField("目标", max_length=100)
    measure = models.CharField("衡量办法", max_length=100)
    target = models.CharField("目标值", max_length=50)
    from_date = models.DateField("起")
    to_date = models.DateField("止")
    version = models.PositiveSmallIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "部门目标"
        constraints = [models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="goal_from_to")]

    def __str__(self) -> str:
        return self.title


class WorkPlan(models.Model):
    """A work plan drawn up from a goal (I-4.1-j)."""

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="plans", verbose_name="目标")
    title = models.CharField("计划", max_length=100)
    version = models.PositiveSmallIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "工作计划"

    def __str__(self) -> str:
        return self.title


class Task(models.Model):
    """A task of a work plan: owner, day, state of execution (I-4.1-j, k)."""

    class State(models.TextChoices):
        OPEN = "open", "未开始"
        DOING = "doing", "进行中"
        DONE = "done", "已完成"
        DROPPED = "dropped", "已取消"

    plan = models.ForeignKey(WorkPlan, models.CASCADE, related_name="tasks", verbose_name="工作计划")
    title = models.CharField("任务", max_length=100)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="tasks", verbose_name="责任人")
    due_date = models.DateField("完成日期")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    done_date = models.DateField("实际完成日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "计划任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", done_date__isnull=False) | ~Q(state="done") & Q(done_date=None),
                name="task_done_has_date",
            )
        ]

    def __str__(self) -> str:
        return self.title


class TaskCheck(models.Model):
    """A supervision check on a task: what was found, when, by whom (I-4.1-l)."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="checks", verbose_name="计划任务")
    finding = models.CharField("检查发现", max_length=300)
    checked_at = models.DateTimeField("检查时间")
    checked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="检查人")

    class Meta:
        verbose_name = verbose_name_plural = "督导检查"

    def __str__(self) -> str:
        return self.finding


class PlanVersion(models.Model):
    """What a goal or a plan said before a change, and why it was changed (I-4.1-m)."""

    goal = models.ForeignKey(
        Goal,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="versions",
        verbose_name="目标",
        db_index=False,
    )
    plan = models.ForeignKey(
        WorkPlan,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="versions",
        verbose_name="工作计划",
        db_index=False,
    )
    version = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("原内容")
    reason = models.CharField("修正原因", max_length=200)
    changed_at = models.DateTimeField("修正时间")
    changed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="修正人")

    class Meta:
        verbose_name = verbose_name_plural = "目标与计划版本"
        constraints = [
            models.CheckConstraint(
                condition=Q(goal=None, plan__isnull=False) | Q(goal__isnull=False, plan=None),
                name="plan_version_of_one",
            ),
            models.UniqueConstraint(fields=["goal", "version"], name="goal_version_once"),
            models.UniqueConstraint(fields=["plan", "version"], name="plan_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.goal or self.plan} {self.version}"
