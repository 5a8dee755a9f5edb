"""People, the posts they hold, and who acts for them while they are away."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q

from guiju.org.models.posts import Education, Post
from guiju.org.models.structure import Company


class PersonQuerySet(models.QuerySet["Person"]):
    def at_work(self) -> PersonQuerySet:
        """People who have not left."""
        return self.filter(is_active=True, left_at=None)


class PersonManager(BaseUserManager["Person"]):
    """Makes rows; who may be added and what is recorded is ``operations.people.add_person``."""

    def get_queryset(self) -> PersonQuerySet:
        return PersonQuerySet(self.model, using=self._db)

    def at_work(self) -> PersonQuerySet:
        """People who have not left."""
        return self.get_queryset().at_work()

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        """Make a person row; without a password the person cannot sign in."""
        person = self.model(username=self.model.normalize_username(username), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """An employee who signs in. A person is never deleted: leaving closes everything they held (``left_at``)."""

    is_staff: ClassVar[bool] = False

    username = models.CharField(
        "用户名", max_length=40, unique=True, error_messages={"unique": "这个用户名已有人用，请换一个。"}
    )
    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("内部电话", max_length=20, blank=True)
    company = models.ForeignKey(Company, models.PROTECT, related_name="people", verbose_name="所属公司")
    education = models.PositiveSmallIntegerField("学历", choices=Education, default=Education.NONE)
    experience_years = models.PositiveSmallIntegerField("相关工作经验（年）", default=0)
    peer_years = models.PositiveSmallIntegerField("同等规模项目同等职位经验（年）", default=0)
    is_active = models.BooleanField("可登录", default=True)
    must_change_password = models.BooleanField("须更改初始密码", default=False)
    joined_at = models.DateTimeField("加入时间")
    left_at = models.DateTimeField("离职时间", null=True, blank=True)
    left_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="离职经办人"
    )

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        constraints = [
            models.CheckConstraint(
                condition=Q(left_at=None, left_by=None) | Q(left_at__isnull=False, left_by__isnull=False),
                name="person_left_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(is_active=False), name="person_left_inactive"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Certificate(models.Model):
    """A certificate or other evidence of qualification that a person holds."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="certificates", verbose_name="人员")
    name = models.CharField("证书名称", max_length=100)
    number = models.CharField("证书编号", max_length=50, blank=True)
    issued_date = models.DateField("发证日期", null=True, blank=True)
    expires_date = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "证书"

    def __str__(self) -> str:
        return self.name


class HoldingQuerySet(models.QuerySet["Holding"]):
    def at(self, at: datetime) -> HoldingQuerySet:
        """Holdings in force at the moment, of people who have not left."""
        return self.filter(from_at__lte=at, person__is_active=True).filter(Q(to_at=None) | Q(to_at__gt=at))

    def open(self) -> HoldingQuerySet:
        """Holdings without an end."""
        return self.filter(to_at=None)


class Holding(models.Model):
    """A person holds a post in a company or in one of its projects, from a moment until another 任职.

    ``project_id`` is the key of the project above; empty means the whole company with all its projects.
    ``to_at`` is the first moment at which the post is no longer held. Rows are ended, never deleted.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="holdings", verbose_name="人员")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings", verbose_name="岗位")
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="holdings", verbose_name="公司", db_index=False
    )
    project_id = models.BigIntegerField("项目", null=True, blank=True)
    from_at = models.DateTimeField("任职起")
    to_at = models.DateTimeField("任职止", null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at=None) | Q(to_at__gte=F("from_at")), name="holding_from_to"
            ),
            models.UniqueConstraint(
                fields=["person", "post", "company", "project_id"],
                condition=Q(to_at=None, project_id__isnull=False),
                name="holding_project_once",
            ),
            models.UniqueConstraint(
                fields=["person", "post", "company"],
                condition=Q(to_at=None, project_id=None),
                name="holding_company_once",
            ),
        ]
        indexes = [models.Index(fields=["company", "post", "person"], name="holding_by_post")]

    def __str__(self) -> str:
        return f"{self.person} {self.post}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def at(self, at: datetime) -> DelegationQuerySet:
        """Delegations in force at the moment between people who have not left."""
        return self.filter(
            from_at__lte=at, to_at__gt=at, giver__is_active=True, taker__is_active=True
        ).filter(Q(ended_at=None) | Q(ended_at__gt=at))


class Delegation(models.Model):
    """Somebody acts for somebody else for a time 代理: one post, or all that the giver holds (I-4.2-b).

    What the taker does is shown as done on behalf of the giver. What was delegated is not delegated further.
    """

    giver = models.ForeignKey(Person, models.PROTECT, related_name="delegations_given", verbose_name="委托人")
    taker = models.ForeignKey(Person, models.PROTECT, related_name="delegations_taken", verbose_name="代理人")
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代理岗位"
    )
    from_at = models.DateTimeField("代理起")
    to_at = models.DateTimeField("代理止")
    reason = models.CharField("事由", max_length=200)
    made_at = models.DateTimeField("设定时间")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="设定人")
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结束人"
    )

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代理"
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="delegation_not_oneself"),
            models.CheckConstraint(condition=Q(to_at__gt=F("from_at")), name="delegation_from_to"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="delegation_ended_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker}"
