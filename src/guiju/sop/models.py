"""SOP documents, their versions, the values of companies and projects, and who has read what."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from guiju.kernel.policy import Policy
from guiju.org.models import Company
from guiju.sop import content as contents

ZONE = ZoneInfo("Asia/Shanghai")


def day_of(at: datetime) -> date:
    """Return the calendar day of a moment, as people in China date it."""
    return at.astimezone(ZONE).date()


class Stamp(models.Model):
    """Counts changes of what is in force, so that every process knows when its memory is stale."""

    only = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    value = models.PositiveBigIntegerField("变更计数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "作业标准书变更计数"
        constraints = [models.CheckConstraint(condition=Q(only=1), name="stamp_only_one")]

    def __str__(self) -> str:
        return str(self.value)


class Document(models.Model):
    """A controlled document 作业标准书. Without a company it is the group's template; a company may have its own."""

    code = models.CharField("文件编号", max_length=20)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="sop_documents", verbose_name="公司"
    )
    title = models.CharField("名称", max_length=120)
    kind = models.CharField("类别", max_length=12, choices=list(contents.KINDS.items()))
    category = models.CharField("分类", max_length=30)
    process = models.CharField("流程", max_length=40, blank=True)
    department = models.CharField("部门", max_length=50)
    audience = models.JSONField("适用岗位", default=list, blank=True)
    next_review_date = models.DateField("下次复审日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "作业标准书"
        constraints = [
            models.UniqueConstraint(fields=["code", "company"], name="sop_code_in_company"),
            models.UniqueConstraint(fields=["code"], condition=Q(company=None), name="sop_code_in_group"),
            models.UniqueConstraint(
                fields=["process", "company"], condition=~Q(process=""), name="sop_process_in_company"
            ),
            models.UniqueConstraint(
                fields=["process"], condition=Q(company=None) & ~Q(process=""), name="sop_process_in_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class VersionQuerySet(models.QuerySet["Version"]):
    def published(self) -> VersionQuerySet:
        """Versions that hold, held, or will hold from their date."""
        return self.filter(state=Version.State.PUBLISHED)

    def effective_on(self, day: date) -> VersionQuerySet:
        """Published versions whose date has come; the newest of a document is the one in force."""
        return self.published().filter(effective_date__lte=day)

    def open(self) -> VersionQuerySet:
        """Versions on their way: drafted, submitted, reviewed or approved."""
        return self.filter(state__in=Version.ON_THE_WAY)

    def newest_first(self) -> VersionQuerySet:
        """Highest version number first."""
        return self.order_by("-major", "-minor", "-pk")


class Version(models.Model):
    """One version of a document. Its content is fixed once it was submitted; ``sha256`` proves it.

    Who drafted, reviewed and approved it are three different people (I-0-a to I-0-c). It is in force from its date
    (I-0-d) until the date of a newer published version. Shipped versions 1.0 carry no people of this installation.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "编制中"
        SUBMITTED = "submitted", "待审核"
        REVIEWED = "reviewed", "待批准"
        APPROVED = "approved", "已批准"
        PUBLISHED = "published", "已发布"
        RETIRED = "retired", "已作废"

    ON_THE_WAY = (State.DRAFT, State.SUBMITTED, State.REVIEWED, State.APPROVED)

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="versions", verbose_name="作业标准书", db_index=False
    )
    major = models.PositiveSmallIntegerField("版本号")
    minor = models.PositiveSmallIntegerField("修订号")
    content = models.JSONField("内容")
    sha256 = models.CharField("内容摘要", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    shipped = models.BooleanField("随程序提供", default=False)
    change_note = models.CharField("修订说明", max_length=500, blank=True)
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name="所依据的版本"
    )
    effective_date = models.DateField("实施日期", null=True, blank=True)

    prepared_at = models.DateTimeField("编制时间", null=True, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="编制人",
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="审核人",
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准人",
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="发布人",
    )
    retired_at = models.DateTimeField("作废时间", null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="作废人",
    )
    remark = models.CharField("退回或作废原因", max_length=500, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "作业标准书版本"
        constraints = [
            models.UniqueConstraint(fields=["document", "major", "minor"], name="sop_version_once"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state__in=["draft", "submitted", "reviewed", "approved"]),
                name="sop_one_version_on_the_way",
            ),
            models.CheckConstraint(
                condition=Q(prepared_at=None, prepared_by=None)
                | Q(prepared_at__isnull=False, prepared_by__isnull=False),
                name="sop_prepared_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="sop_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="sop_approved_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="sop_published_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="sop_retired_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("prepared_by")), name="sop_not_own_review"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    Q(reviewed_by__isnull=False)
                    & ~Q(approved_by=F("prepared_by"))
                    & ~Q(approved_by=F("reviewed_by"))
                ),
                name="sop_not_own_approval",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | (Q(effective_date__isnull=False) & (Q(shipped=True) | Q(approved_by__isnull=False))),
                name="sop_published_with_date_and_approval",
            ),
        ]
        indexes = [models.Index(fields=["document", "state", "effective_date"], name="sop_in_force")]

    def __str__(self) -> str:
        return f"{self.document.code} {self.number}"

    @property
    def number(self) -> str:
        """The version's number as it is printed."""
        return f"{self.major}.{self.minor}"

    @property
    def intact(self) -> bool:
        """Whether the content is still the one that was digested."""
        return contents.digest(self.content) == self.sha256

    def policy(self, *, key: int = 0) -> Policy:
        """Return the version as the kernel uses it, without the values of a company or project."""
        return contents.policy_of(self.content, key=key, version=self.number)


class ScopeValue(models.Model):
    """A value that a company or project sets for itself, from a day on: a parameter or a limit (DECISIONS 7).

    It counts once another person approved it. The narrower scope wins; within a scope the later day.
    """

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="values", verbose_name="作业标准书", db_index=False
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="公司")
    project_id = models.BigIntegerField("项目", null=True, blank=True)
    path = models.CharField("内容", max_length=100)
    value = models.JSONField("值")
    from_date = models.DateField("起始日期")
    to_date = models.DateField("最后日期", null=True, blank=True)
    reason = models.CharField("理由", max_length=200)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人", db_index=False
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "公司和项目参数"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="sop_value_approved_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="sop_value_not_own_approval",
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="sop_value_from_to"
            ),
        ]
        indexes = [
            models.Index(fields=["document", "company", "project_id", "from_date"], name="sop_value_scope")
        ]

    def __str__(self) -> str:
        return f"{self.path} = {self.value}"


class Edition(models.Model):
    """A version with the values of one scope put in: what a case is pinned to (DECISIONS 8). Never changed."""

    version = models.ForeignKey(
        Version, models.PROTECT, related_name="editions", verbose_name="版本", db_index=False
    )
    values = models.JSONField("另定的值", default=dict)
    sha256 = models.CharField("内容摘要", max_length=64)
    made_at = models.DateTimeField("生成时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "执行版本"
        constraints = [models.UniqueConstraint(fields=["version", "sha256"], name="sop_edition_once")]

    def __str__(self) -> str:
        return f"{self.version}"

    @property
    def content(self) -> contents.Content:
        """The version's content with the values put in."""
        return contents.with_values(self.version.content, self.values)


class Reading(models.Model):
    """A person has read a version, or was trained in it (G-4.1-a, G-4.1-b)."""

    class Kind(models.TextChoices):
        READ = "read", "已阅读"
        TRAINED = "trained", "已培训"

    version = models.ForeignKey(Version, models.PROTECT, related_name="readings", verbose_name="版本")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="sop_readings",
        verbose_name="人员",
        db_index=False,
    )
    kind = models.CharField("方式", max_length=8, choices=Kind)
    read_at = models.DateTimeField("时间")
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="培训人",
    )
    score = models.PositiveSmallIntegerField("测验得分", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "阅读和培训记录"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "person"], condition=Q(kind="read"), name="sop_reading_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="read", trainer=None) | Q(kind="trained", trainer__isnull=False),
                name="sop_training_has_trainer",
            ),
        ]
        indexes = [models.Index(fields=["person", "version"], name="sop_reading_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.get_kind_display()} {self.version}"


class Slip(models.Model):
    """
    An attempt at a step of the SOP that was refused (差错): filled wrongly, or a need or control point was not met.

    ``about`` names the fields or clauses, never what was typed (G-3-b).
    """

    class Kind(models.TextChoices):
        FILLED = "filled", "填写有误"
        UNREADY = "unready", "条件或控制要点未满足"

    version = models.ForeignKey(
        Version, models.PROTECT, null=True, related_name="slips", verbose_name="作业标准书版本"
    )
    case = models.ForeignKey("kernel.Case", models.PROTECT, related_name="slips", verbose_name="事项")
    process = models.CharField("流程", max_length=40)
    step = models.CharField("步骤", max_length=60)
    kind = models.CharField("种类", max_length=8, choices=Kind)
    about = models.JSONField("字段或条款", default=list)
    made_at = models.DateTimeField("时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "差错"
        indexes = [models.Index(fields=["process", "made_at"], name="slip_process")]

    def __str__(self) -> str:
        return f"{self.process} {self.step} {self.get_kind_display()}"


class Suggestion(models.Model):
    """What somebody would change in an SOP, decided by the head of its department (G-6-b, G-6-c)."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        ACCEPTED = "accepted", "已采纳"
        REJECTED = "rejected", "未采纳"

    version = models.ForeignKey(Version, models.PROTECT, related_name="suggestions", verbose_name="版本")
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name="公司", db_index=False
    )
    place = models.CharField("针对内容", max_length=120, blank=True)
    text = models.TextField("建议")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField("提出时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人"
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="处理人",
    )
    reason = models.CharField("处理意见", max_length=500, blank=True)
    led_to = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="suggested_by", verbose_name="形成的版本"
    )

    class Meta:
        verbose_name = verbose_name_plural = "修订建议"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="sop_suggestion_decided_at_and_by",
            ),
        ]
        indexes = [models.Index(fields=["company", "state", "id"], name="sop_suggestion_open")]

    def __str__(self) -> str:
        return self.text[:40]
