"""Cases, what they are about, and who has to do what next."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet


class Case(models.Model):
    """
    A case (事项): one run of a process. Only ``engine.advance`` writes its state.

    ``secrecy``: its class. An ordinary case shows people to those whose work needs them; a confidential one is open
    only to those whom the gates above let in. ``acts.classify`` changes it.
    """

    ORDINARY, CONFIDENTIAL = "personal", "confidential"

    number = models.CharField(max_length=40, unique=True)
    process = models.CharField(max_length=40)
    sop_version_id = models.BigIntegerField()
    state = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    chain_id = models.BigIntegerField()
    scope_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    historic = models.BooleanField(default=False)
    secrecy = models.CharField(max_length=12, default=ORDINARY, db_default=ORDINARY)
    events = models.PositiveIntegerField(default=0)
    pending_request_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["scope_id", "-id"], name="case_scope"),
            models.Index(fields=["scope_id", "process", "state", "-id"], name="case_process"),
            models.Index(
                fields=["scope_id", "due_at", "id"],
                name="case_due",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(fields=["scope_id", "-id"], name="case_historic", condition=models.Q(historic=True)),
            # The same for those who see a whole company.
            models.Index(fields=["chain_id", "-id"], name="case_company"),
            models.Index(fields=["chain_id", "process", "state", "-id"], name="case_company_process"),
            models.Index(
                fields=["chain_id", "due_at", "id"],
                name="case_company_due",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["chain_id", "-id"], name="case_company_historic", condition=models.Q(historic=True)
            ),
            # Figures count what was closed in a period.
            models.Index(
                fields=["process", "closed_at"],
                name="case_closed",
                condition=models.Q(closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


def among(cases: QuerySet[Case], of: str = "case_id") -> Exists:
    """
    Return the condition that the case of a row is one of these; ``of`` leads to its key.

    Asked row by row, by the case's key: for ``case__in`` SQLite reads every case that there is into a table first.
    """
    return Exists(cases.filter(pk=OuterRef(of)))


class CaseLink(models.Model):
    """What a case is about: a unit, a customer, a deal, another case. Kind and key, so no foreign key runs upward."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "case"], name="case_link_once")]


class Todo(models.Model):
    """One next act on a case for a post (or one person). Written by ``advance`` only (DECISIONS 6)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="todos", db_index=False)
    act = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    post = models.CharField(max_length=40)
    person_id = models.BigIntegerField(null=True)
    chain_id = models.BigIntegerField()
    scope_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField()
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "act", "post"], name="todo_once")]
        indexes = [
            # What waits for a post in a project, or in a company; taken by nobody, or by one person.
            models.Index(fields=["post", "scope_id", "person_id", "due_at", "id"], name="todo_scope"),
            models.Index(fields=["post", "chain_id", "person_id", "due_at", "id"], name="todo_company"),
            models.Index(fields=["person_id", "due_at", "id"], name="todo_person"),
        ]


class Tick(models.Model):
    """A control point that somebody dealt with before the step was taken: ticked, noted, numbered, pictured, signed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ticks")
    step = models.CharField(max_length=60)
    point = models.CharField(max_length=60)
    value = models.TextField(default="")
    ticked_at = models.DateTimeField()
    ticked_by = models.BigIntegerField()
    used = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step", "point"], name="one_open_tick", condition=models.Q(used=False)
            )
        ]


class Deviation(models.Model):
    """An override of one control point for one attempt, by the post the SOP names (ARCHITECTURE 2, DECISIONS 7)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deviations")
    step = models.CharField(max_length=60)
    point = models.CharField(max_length=60)
    reason = models.TextField()
    post = models.CharField(max_length=40)
    allowed_at = models.DateTimeField()
    allowed_by = models.BigIntegerField()
    used_event = models.ForeignKey(
        "kernel.Event", on_delete=models.PROTECT, null=True, related_name="deviations"
    )


class Counter(models.Model):
    """The last number of a series. One row per series, scope and year; never ``max() + 1``."""

    series = models.CharField(max_length=60, unique=True)
    value = models.PositiveBigIntegerField(default=0)


class Reply(models.Model):
    """An API answer kept for a day under its Idempotency-Key (DECISIONS 12)."""

    person_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "key"], name="reply_once")]
