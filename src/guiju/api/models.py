"""Bearer tokens: who calls, by which program, until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Token(models.Model):
    """A bearer token of a person. Only its digest is kept; it acts with the person's posts and no more."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens", verbose_name="人员", db_index=False
    )
    label = models.CharField("用途", max_length=100, blank=True)
    digest = models.CharField("摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("创建时间")
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用时间", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        indexes = [models.Index(fields=["person", "-id"], name="token_person")]

    def __str__(self) -> str:
        return self.label or f"{self.person_id}"
