"""Posts 岗位 with their qualification, and how many of each a company plans (岗位设置, 人员编制: I-3.3-a, b)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guiju.org.models.structure import Company, Department, Team


class Education(models.IntegerChoices):
    """Levels of education 学历, in their order."""

    NONE = 0, "不限"
    MIDDLE = 10, "高中／中专"
    JUNIOR_COLLEGE = 20, "大学专科"
    BACHELOR = 30, "大学本科"
    MASTER = 40, "硕士"
    DOCTOR = 50, "博士"


class Post(models.Model):
    """A post of the SOP 岗位. Its code is named by process modules; its qualification is checked on assignment.

    Years are whole years of experience: ``years`` related to the work, ``peer_years`` in the same post on a
    project of the same size (I-4.1-b, c, d; I-4.2-m, n; I-4.3-b, c).
    """

    class Category(models.TextChoices):
        MANAGER = "manager", "经理"
        PROFESSIONAL = "professional", "专业人员"
        OTHER = "other", "其他"

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=50)
    may = models.CharField("可以做什么", max_length=200, blank=True)
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="juniors", verbose_name="直接上级"
    )
    category = models.CharField("人员类别", max_length=15, choices=Category, default=Category.PROFESSIONAL)
    clause = models.CharField("条款", max_length=20, blank=True)
    education = models.PositiveSmallIntegerField("学历要求", choices=Education, default=Education.NONE)
    years = models.PositiveSmallIntegerField("相关工作经验（年）", default=0)
    peer_years = models.PositiveSmallIntegerField("同等规模项目同等职位经验（年）", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=Q(superior=None) | ~Q(superior=F("id")), name="post_not_own_superior"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Establishment(models.Model):
    """
    A post as it stands in one company 编制: department, team, post number, planned headcount (I-3.3-b).

    ``also``: further teams in which people of this post work, so that work of those teams is theirs as well.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="establishments", verbose_name="公司", db_index=False
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="establishments", verbose_name="岗位")
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="establishments", verbose_name="部门"
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="establishments", verbose_name="组"
    )
    also = models.ManyToManyField(Team, blank=True, related_name="+", verbose_name="也在的组")
    number = models.CharField("职位编号", max_length=20)
    planned = models.PositiveSmallIntegerField("编制人数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编制"
        constraints = [
            models.UniqueConstraint(fields=["company", "post"], name="establishment_post_once"),
            models.UniqueConstraint(fields=["company", "number"], name="establishment_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.company} {self.post}"
