"""Events: the audit trail, the history and the outbox in one append-only, hash-chained table."""

from __future__ import annotations

from django.db import models

from guiju.kernel.models.case import Case


class Event(models.Model):
    """One act. Chained per company and within its case; personal content lies encrypted in ``body`` (DECISIONS 11)."""

    chain_id = models.BigIntegerField()
    seq = models.PositiveBigIntegerField()
    # Its index is the beginning of another one; every index more is a page more to write with each act.
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="history", db_index=False
    )
    case_seq = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=60)
    from_state = models.CharField(max_length=40, default="")
    to_state = models.CharField(max_length=40, default="")
    actor_id = models.BigIntegerField(null=True)
    behalf_id = models.BigIntegerField(null=True)
    post = models.CharField(max_length=40, default="")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    key = models.UUIDField(null=True)
    body = models.BinaryField(null=True)
    body_digest = models.CharField(max_length=64)
    case_previous = models.CharField(max_length=64, default="")
    previous = models.CharField(max_length=64, default="")
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain_id", "seq"], name="event_once_in_chain"),
            # Most acts have no key of a client: those need no place in the index.
            models.UniqueConstraint(
                fields=["key"], name="event_key_once", condition=models.Q(key__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["case", "case_seq"], name="event_case"),
            models.Index(fields=["chain_id", "step", "happened_at"], name="event_step"),
            models.Index(fields=["actor_id", "-id"], name="event_actor"),
        ]


class ChainHead(models.Model):
    """
    The last event of a company's chain. Its row is locked last in every transaction (DECISIONS 3).

    ``anchored`` is the last event whose digest was written to the anchors outside the database.
    """

    chain_id = models.BigIntegerField(unique=True)
    seq = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    anchored = models.PositiveBigIntegerField(default=0, db_default=0)


class Reaction(models.Model):
    """Something to be done after an event committed: a message, a paper, a follow-up case. Retried, visible."""

    WAITING, RUNNING, DONE, DEAD = "waiting", "running", "done", "dead"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="reactions", db_index=False)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="reaction_once")]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="reaction_due",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
            models.Index(fields=["-id"], name="reaction_dead", condition=models.Q(state="dead")),
        ]
