"""Articles of the knowledge base with their versions, the glossary of plain words, and every use of an article."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Article(models.Model):
    """An article (知识): how to solve or answer something. What people read is its current version."""

    REPAIR, QUESTION, COMPLAINT, PROCEDURE = "repair", "question", "complaint", "procedure"
    KINDS: ClassVar = [(REPAIR, "维修"), (QUESTION, "咨询"), (COMPLAINT, "投诉"), (PROCEDURE, "办事")]

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="articles", db_index=False
    )
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    part = models.CharField(max_length=40, default="")
    title = models.CharField(max_length=100)
    current = models.OneToOneField(
        "knowledge.ArticleVersion", on_delete=models.PROTECT, null=True, related_name="current_of"
    )
    retired_at = models.DateTimeField(null=True)
    retired_why = models.CharField(max_length=200, default="")

    class Meta:
        indexes = [models.Index(fields=["company", "kind", "-id"], name="article_kind")]

    def __str__(self) -> str:
        return self.title


class ArticleVersion(models.Model):
    """One version of an article: drafted, reviewed by another, published. ``spoken`` is the short answer (D-2.3-b)."""

    DRAFT, REVIEW, PUBLISHED, REPLACED, REFUSED = "draft", "review", "published", "replaced", "refused"
    STATES: ClassVar = [
        (DRAFT, "草稿"), (REVIEW, "待审核"), (PUBLISHED, "现行"), (REPLACED, "已被替换"), (REFUSED, "不采用"),
    ]  # fmt: skip
    STAFF, CUSTOMER = "staff", "customer"
    SOURCES: ClassVar = [(STAFF, "员工"), (CUSTOMER, "客户")]

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="versions", db_index=False)
    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="article_version")
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=STATES, default=DRAFT)
    title = models.CharField(max_length=100)
    problem = models.TextField()
    solution = models.TextField()
    spoken = models.CharField(max_length=300, default="")
    steps = models.JSONField(default=list)
    keywords = models.CharField(max_length=200, default="")
    source = models.CharField(max_length=10, choices=SOURCES, default=STAFF)
    source_case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="articles_from"
    )
    proposer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="articles_proposed"
    )
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "version"], name="article_version_once"),
            models.CheckConstraint(
                condition=models.Q(published_at=None, published_by=None)
                | models.Q(published_at__isnull=False, published_by__isnull=False),
                name="article_published_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version} 版"


class Term(models.Model):
    """A technical word of a company and what to say instead (D-2.3-c); beside those the program knows."""

    company = models.ForeignKey("org.Company", on_delete=models.CASCADE, related_name="terms", db_index=False)
    word = models.CharField(max_length=30)
    plain = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "word"], name="term_once")]

    def __str__(self) -> str:
        return self.word


class ArticleUse(models.Model):
    """An article used in a case: looked at, answered from, customer guided by its steps, or sent (D-2.3-a, d, e)."""

    READ, ANSWERED, GUIDED, SENT = "read", "answered", "guided", "sent"
    KINDS: ClassVar = [(READ, "查阅"), (ANSWERED, "据此答复"), (GUIDED, "指导客户操作"), (SENT, "发给客户")]

    version = models.ForeignKey(ArticleVersion, on_delete=models.PROTECT, related_name="uses")
    case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, related_name="article_uses", db_index=False
    )
    kind = models.CharField(max_length=10, choices=KINDS)
    answer = models.TextField(default="")
    steps = models.JSONField(default=list)
    sent_as = models.CharField(max_length=10, default="")
    message_id = models.BigIntegerField(null=True)
    link_id = models.BigIntegerField(null=True)
    used_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="article_use_case")]
