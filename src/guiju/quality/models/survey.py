"""What customers say of the service: marks and words (评价), and what was done about them (客户意见)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Rating(models.Model):
    """
    A customer's satisfaction with one case (评价): written once; a later one of the same case stands beside it.

    ``score`` 1–5 for the service as a whole (None: only words were given), ``items`` the marks of single questions
    by code (1–5, ``recommend`` 0–10), ``served_by`` the employee whose service is judged (C-4.4-a, F-3.3-a).
    """

    LINK, PHONE, PAPER, ON_SITE = "link", "phone", "paper", "on_site"
    SOURCES: ClassVar = [(LINK, "链接"), (PHONE, "电话"), (PAPER, "纸面"), (ON_SITE, "当面")]

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="ratings")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="ratings"
    )
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="ratings")
    channel = models.CharField(max_length=20, default="")
    source = models.CharField(max_length=10, choices=SOURCES)
    score = models.PositiveSmallIntegerField(null=True)
    solved = models.BooleanField(null=True)
    items = models.JSONField(default=dict)
    words = models.TextField(default="")
    suggestion = models.TextField(default="")
    served_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    given_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=1, score__lte=5),
                name="rating_score_1_to_5",
            )
        ]
        indexes = [models.Index(fields=["given_at", "id"], name="rating_given")]


class Feedback(models.Model):
    """One thing that a customer told us (客户意见), with who follows it up and what was done (A-5.3-a)."""

    NEW, ASSIGNED, DONE = "new", "assigned", "done"
    STATES: ClassVar = [(NEW, "待跟进"), (ASSIGNED, "跟进中"), (DONE, "已处理")]
    RATING, COMPLAINT, SUGGESTION, PRAISE = "rating", "complaint", "suggestion", "praise"
    KINDS: ClassVar = [(RATING, "评价"), (COMPLAINT, "投诉"), (SUGGESTION, "建议"), (PRAISE, "表扬")]

    kind = models.CharField(max_length=12, choices=KINDS)
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="feedback")
    rating = models.OneToOneField(Rating, on_delete=models.PROTECT, null=True, related_name="feedback")
    follow_up = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="follows_feedback"
    )
    words = models.TextField(default="")
    low = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=STATES, default=NEW)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.TextField(default="")
    noted_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False)
                | ~models.Q(state="done") & models.Q(done_at=None),
                name="feedback_done_has_moment",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=models.Q(rating=None), name="feedback_once_a_case"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="feedback_state")]
