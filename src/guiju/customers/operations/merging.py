"""Making two entries of one customer one, traceably, and undoing it (DECISIONS 18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from guiju.customers.models import (
    AuthorityLetter,
    CareContact,
    Consent,
    Contact,
    ContactRecord,
    Customer,
    CustomerFact,
    Merge,
)
from guiju.customers.operations.entries import index_customer
from guiju.customers.questions import fold, unfold
from guiju.kernel import engine, search
from guiju.kernel.models import CaseLink
from guiju.kernel.refusals import Refused
from guiju.org.models import Person

MOVED = (
    (AuthorityLetter, "principal"),
    (AuthorityLetter, "agent"),
    (Contact, "customer"),
    (ContactRecord, "customer"),
    (CareContact, "customer"),
    (CustomerFact, "customer"),
    # Who refused a use of the data under one entry has refused it (PIPL 15).
    (Consent, "customer"),
)


class UnableToMerge(Refused):
    """The entries cannot be made one; says why."""


@transaction.atomic
def merge(*, kept: Customer, folded: Customer, reason: str, by: Person, at: datetime) -> Merge:
    """
    Fold one entry into another: deals, cases, letters and contacts move, the folded entry stays and points to it.

    What moved is kept, so that ``undo`` can put it back.

    :raises UnableToMerge: the same entry, another company's, one already folded, or without a reason.
    """
    first, second = sorted((kept.pk, folded.pk))
    locked = {
        c.pk: c for c in Customer.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")
    }
    kept, folded = locked[kept.pk], locked.get(folded.pk, folded)
    if kept.pk == folded.pk:
        raise UnableToMerge("这是同一位客户")
    if kept.company_id != folded.company_id:
        raise UnableToMerge("两家公司的客户不能合并")
    if kept.merged_into_id is not None or folded.merged_into_id is not None:
        raise UnableToMerge("其中一位已并入别的客户")
    if kept.identity_index and folded.identity_index and kept.identity_index != folded.identity_index:
        raise UnableToMerge("证件号码不同，不是同一位客户")
    if len(reason.strip()) < 2:
        raise UnableToMerge("请写明合并理由")
    moved: dict[str, list[int]] = {}
    for model, name in MOVED:
        theirs = model._default_manager.filter(**{name: folded})
        if model is CareContact:
            # The kept entry has its own birthday card of the year.
            theirs = theirs.exclude(Q(kind=CareContact.BIRTHDAY))
        ids = list(theirs.values_list("pk", flat=True))
        model._default_manager.filter(pk__in=ids).update(**{name: kept})
        moved[f"customers.{model.__name__}.{name}"] = ids
    links = CaseLink.objects.filter(kind="customer", key=folded.pk)
    own = set(CaseLink.objects.filter(kind="customer", key=kept.pk).values_list("case_id", flat=True))
    ids = [link.pk for link in links if link.case_id not in own]
    CaseLink.objects.filter(pk__in=ids).update(key=kept.pk)
    moved["kernel.CaseLink.key"] = ids
    for answer in fold.ask_all(kept.pk, folded.pk):
        moved.update(answer)
    folded.merged_into = kept
    folded.save(update_fields=["merged_into"])
    row = Merge.objects.create(
        kept=kept, folded=folded, moved=moved, reason=reason.strip(), merged_at=at, merged_by=by
    )
    search.remove(kind="customer", key=str(folded.pk))
    index_customer(kept)
    _note("customers.merge", row, by, at)
    return row


@transaction.atomic
def undo(*, merge: Merge, by: Person, at: datetime) -> Merge:
    """
    Put back what a merge moved.

    :raises UnableToMerge: it has been undone, or the kept entry was itself folded into another since.
    """
    row = Merge.objects.select_for_update().get(pk=merge.pk)
    if row.undone_at is not None:
        raise UnableToMerge("这次合并已经撤销")
    if row.kept.merged_into_id is not None:
        raise UnableToMerge("保留的客户后来又并入别的客户，请先撤销那一次")
    moved: dict[str, Any] = dict(row.moved)
    for model, name in MOVED:
        ids = moved.pop(f"customers.{model.__name__}.{name}", [])
        model._default_manager.filter(pk__in=ids).update(**{name: row.folded})
    CaseLink.objects.filter(pk__in=moved.pop("kernel.CaseLink.key", [])).update(key=row.folded_id)
    unfold.ask_all(row.kept_id, row.folded_id, moved)
    row.folded.merged_into = None
    row.folded.save(update_fields=["merged_into"])
    row.undone_at, row.undone_by = at, by
    row.save(update_fields=["undone_at", "undone_by"])
    index_customer(row.folded)
    index_customer(row.kept)
    _note("customers.unmerge", row, by, at)
    return row


def _note(step: str, row: Merge, by: Person, at: datetime) -> None:
    engine.record(
        company_id=row.kept.company_id, step=step, by=by, at=at,
        given={"kept": row.kept_id, "folded": row.folded_id, "moved": row.moved, "reason": row.reason},
    )  # fmt: skip
