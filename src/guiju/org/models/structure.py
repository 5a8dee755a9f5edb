"""Group, companies, centres, departments, teams and the functions they carry (I-1-a to I-1-n, I-3.1-a to w)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Group(models.Model):
    """The group 集团: the root of the organisation. There is exactly one in a database (I-1-a)."""

    only = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    name = models.CharField("名称", max_length=100)
    charter = models.TextField("集团章程", blank=True)
    highest_body = models.CharField("最高权力机构", max_length=50, default="集团成员大会")

    class Meta:
        verbose_name = verbose_name_plural = "集团"
        constraints = [models.CheckConstraint(condition=Q(only=1), name="group_only_one")]

    def __str__(self) -> str:
        return self.name


class CompanyQuerySet(models.QuerySet["Company"]):
    def members(self) -> CompanyQuerySet:
        """Member companies of the group: the four kinds together (I-1-j); they form the assembly (I-1-k)."""
        return self.filter(kind__in=Company.Kind.values, left_date=None)

    def operating(self) -> CompanyQuerySet:
        """Companies that own projects and sign contracts (I-1-m)."""
        return self.filter(operating=True, left_date=None)


class Company(models.Model):
    """A legal entity of the group 集团成员企业. Its id is the audit chain (DECISIONS 11, 15).

    Kinds are those of I-1-b, e, f, g; an affiliated company states on which of its three bases it is one
    (I-1-g share, I-1-h charter and co-operation, I-1-i investment without management).
    """

    class Kind(models.TextChoices):
        PARENT = "parent", "集团公司"
        SUBSIDIARY = "subsidiary", "集团子公司"
        PARTICIPATING = "participating", "集团参股企业"
        AFFILIATED = "affiliated", "集团关联企业"

    class Hold(models.TextChoices):
        NONE = "", "无产权关系"
        CONTROL = "control", "控股"
        SHARE = "share", "参股"

    class Basis(models.TextChoices):
        NONE = "", "—"
        SHARE = "share", "子公司或参股企业参股"
        CHARTER = "charter", "承认集团章程并互利协作"
        INVESTMENT = "investment", "只投资不参与经营管理"

    group = models.ForeignKey(Group, models.PROTECT, related_name="companies", verbose_name="集团")
    kind = models.CharField("类型", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=100, unique=True)
    short_name = models.CharField("简称", max_length=30, blank=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    held_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="holds", verbose_name="持股单位"
    )
    hold = models.CharField("持股方式", max_length=10, choices=Hold, blank=True)
    basis = models.CharField("关联依据", max_length=12, choices=Basis, blank=True)
    basis_note = models.CharField("关联依据说明", max_length=200, blank=True)
    operating = models.BooleanField("经营主体", default=False)
    left_date = models.DateField("退出集团日期", null=True, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公司"
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(kind="parent"), name="company_one_parent"),
            models.CheckConstraint(
                condition=Q(held_by=None, hold="") | Q(held_by__isnull=False) & ~Q(hold=""),
                name="company_held_by_and_hold",
            ),
            models.CheckConstraint(
                condition=Q(kind="parent", held_by=None, basis="")
                | Q(kind="subsidiary", hold="control", basis="")
                | Q(kind="participating", held_by__isnull=False, basis="")
                | Q(kind="affiliated", basis="share", hold="share")
                | Q(kind="affiliated", basis="charter", held_by=None)
                | Q(kind="affiliated", basis="investment", hold="share"),
                name="company_kind_fits_hold",
            ),
            models.CheckConstraint(
                condition=Q(held_by=None) | ~Q(held_by=F("id")), name="company_not_own_holder"
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class Centre(models.Model):
    """A centre 中心: a functional unit of the group parent company (I-1-l)."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="centres", verbose_name="集团公司", db_index=False
    )
    name = models.CharField("名称", max_length=50)
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="负责人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "集团中心"
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="centre_once")]

    def __str__(self) -> str:
        return self.name


class CompanyDuty(models.Model):
    """A duty of the group company, and the centre that carries it (I-1-c, I-1-d)."""

    company = models.ForeignKey(
        Company, models.CASCADE, related_name="duties", verbose_name="公司", db_index=False
    )
    name = models.CharField("职责", max_length=50)
    centre = models.ForeignKey(
        Centre, models.PROTECT, null=True, blank=True, related_name="duties", verbose_name="履行中心"
    )

    class Meta:
        verbose_name = verbose_name_plural = "公司职责"
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="company_duty_once")]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department 部门 of a company, with its head who receives reviews and SOP suggestions (G-4.5-d)."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="departments", verbose_name="公司", db_index=False
    )
    code = models.SlugField("代码", max_length=30)
    name = models.CharField("名称", max_length=50)
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="heads",
        verbose_name="部门负责人",
    )
    duty = models.CharField("职能", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="department_code_once")]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A group 组 within a department: 签约组, 登记产权组, 客户服务组 (I-3.1-a, b, c)."""

    department = models.ForeignKey(
        Department, models.CASCADE, related_name="teams", verbose_name="部门", db_index=False
    )
    code = models.SlugField("代码", max_length=30)
    name = models.CharField("名称", max_length=50)

    class Meta:
        verbose_name = verbose_name_plural = "组"
        constraints = [models.UniqueConstraint(fields=["department", "code"], name="team_code_once")]

    def __str__(self) -> str:
        return self.name


class Function(models.Model):
    """
    A function 职能 and the team that answered for it first (I-3.1-d to w); ``FunctionMove`` says who does since.

    ``works`` names its processes (``complaint``) and single steps (``subscription.collect_papers``): their to-dos go to
    the posts of the team.
    """

    company = models.ForeignKey(
        Company, models.CASCADE, related_name="functions", verbose_name="公司", db_index=False
    )
    code = models.SlugField("代码", max_length=30)
    name = models.CharField("名称", max_length=50)
    team = models.ForeignKey(Team, models.PROTECT, related_name="functions", verbose_name="责任组")
    clause = models.CharField("条款", max_length=20, blank=True)
    works = models.JSONField("流程和步骤", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "职能"
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="function_one_team")]

    def __str__(self) -> str:
        return self.name


class FunctionMove(models.Model):
    """
    A function goes over to another team from a moment on; of two for one moment the later row counts.

    Cases opened before stay with the team they began with.
    """

    function = models.ForeignKey(Function, models.PROTECT, related_name="moves", verbose_name="职能")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", verbose_name="责任组")
    from_at = models.DateTimeField("移交时间")
    reason = models.CharField("原因", max_length=200, blank=True)
    made_at = models.DateTimeField("设定时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设定人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "职能移交"

    def __str__(self) -> str:
        return f"{self.function} → {self.team}"
