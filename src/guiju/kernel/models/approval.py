"""Requests for approval and the votes on them."""

from __future__ import annotations

from django.db import models

from guiju.kernel.models.case import Case


class ApprovalRequest(models.Model):
    """A step asked for, waiting for its chain. Stores what was given; the case stays where it is (DECISIONS 5)."""

    PENDING, RETURNED, REFUSED, TAKEN, WITHDRAWN = "pending", "returned", "refused", "taken", "withdrawn"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    step = models.CharField(max_length=60)
    body = models.BinaryField()
    case_version = models.PositiveIntegerField()
    sop_version_id = models.BigIntegerField()
    requested_by = models.BigIntegerField()
    requested_at = models.DateTimeField()
    happened_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1)
    order = models.PositiveSmallIntegerField(default=1)
    chain = models.JSONField()
    state = models.CharField(max_length=10, default=PENDING)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                name="one_open_request",
                condition=models.Q(state__in=["pending", "returned"]),
            )
        ]


class Vote(models.Model):
    """One seat's decision in one round. Unique by seat and round, so that parallel votes all count."""

    YES, RETURN, NO = "yes", "return", "no"

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.PROTECT, related_name="votes", db_index=False
    )
    round = models.PositiveSmallIntegerField()
    seat = models.PositiveSmallIntegerField()
    post = models.CharField(max_length=40)
    person_id = models.BigIntegerField()
    behalf_id = models.BigIntegerField(null=True)
    decision = models.CharField(max_length=10)
    reason = models.TextField(default="")
    voted_at = models.DateTimeField()
    paper_sha256 = models.CharField(max_length=64, default="")
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "round", "seat"], name="one_vote_a_seat")]
