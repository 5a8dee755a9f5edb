"""Call-backs (回访): whom to call about what, and every attempt to reach them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField


class Callback(models.Model):
    """A planned call-back: by rule, by sample, as regular care, or because somebody asked for it (A-5.1-a, C-3.3)."""

    RULE, SAMPLE, CARE, ASKED = "rule", "sample", "care", "asked"
    KINDS: ClassVar = [(RULE, "必访"), (SAMPLE, "抽访"), (CARE, "定期回访"), (ASKED, "临时安排")]

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="callback")
    about = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="callbacks")
    kind = models.CharField(max_length=10, choices=KINDS)
    reason = models.CharField(max_length=200, default="")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="callbacks", db_index=False
    )
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="callbacks")
    contact_name = models.CharField(max_length=100, default="")
    contact_phone = EncryptedTextField()
    planned_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    why_none = models.CharField(max_length=200, default="")
    rating = models.ForeignKey(
        "quality.Rating", on_delete=models.PROTECT, null=True, related_name="callbacks"
    )

    class Meta:
        constraints = [
            # One case is called back once by plan; further calls are asked for.
            models.UniqueConstraint(
                fields=["about"],
                condition=models.Q(kind__in=["rule", "sample"]),
                name="callback_once_a_case",
            )
        ]
        indexes = [models.Index(fields=["customer", "-planned_at"], name="callback_customer")]


class CallbackAttempt(models.Model):
    """One attempt that reached nobody: when, how it ended, who tried."""

    NO_ANSWER, BUSY, OFF, WRONG, LATER = "no_answer", "busy", "off", "wrong", "later"
    OUTCOMES: ClassVar = [
        (NO_ANSWER, "无人接听"), (BUSY, "占线"), (OFF, "关机或停机"), (WRONG, "号码不对"), (LATER, "请改时间再打"),
    ]  # fmt: skip

    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="tries", db_index=False)
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    note = models.CharField(max_length=200, default="")
    tried_at = models.DateTimeField()
    tried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["callback", "tried_at"], name="callback_attempt")]
