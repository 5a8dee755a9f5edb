"""
Rows outside the books that are written once, anchored as the books are: what an auditor reads beside the chain.

``guiju audit verify`` names each that was changed, removed or put in between (``kernel.row_anchors``). Of rows that go on
(a post that ends, a paper that is printed again) the columns that never change are anchored. The customer is left out:
joining two entries of one person moves their rows. Looks and uses of articles are many, and events say them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import models

from guiju.customers.models import ContactRecord, Customer, CustomerFact, MailingList
from guiju.desk.models import AreaCheck, ServiceEntry
from guiju.kernel import figures
from guiju.notify.models import Attempt
from guiju.org.models import Delegation, FunctionMove, Holding, PlanVersion, TaskCheck
from guiju.papers.models import AttachmentUse, Paper
from guiju.quality.models import (
    CallbackAttempt,
    Maintenance,
    Observation,
    Rating,
    RecordEntry,
    SafetyIncident,
)
from guiju.reports.models import Adjustment, Snapshot, Target
from guiju.sales.models import BuildingRegime, Milestone, TextCount, TextEntry
from guiju.sop.models import Edition, Reading, ScopeValue, Slip

#: Written once.
WHOLE: Final[tuple[type[models.Model], ...]] = (
    FunctionMove, PlanVersion, TaskCheck, Edition, Reading, Slip, AttachmentUse, Attempt, ContactRecord, CustomerFact,
    MailingList, AreaCheck, ServiceEntry, RecordEntry, CallbackAttempt, Maintenance, Observation, Rating, SafetyIncident,
    Adjustment, Snapshot, Target, BuildingRegime, Milestone, TextCount, TextEntry,
)  # fmt: skip
#: Of rows that go on, what stays: who holds which post where since when and for whom, which value of an SOP holds from when and who
#: wanted it, what was printed.
PARTS: Final[tuple[tuple[type[models.Model], tuple[str, ...]], ...]] = (
    (Holding, ("person_id", "post_id", "company_id", "project_id", "from_at")),
    (Delegation, ("giver_id", "taker_id", "post_id", "from_at", "to_at", "made_by_id")),
    (ScopeValue, ("document_id", "company_id", "project_id", "path", "value", "from_date", "proposed_by_id")),
    (Paper, ("case_id", "form", "number", "file_id", "sha256", "printed_at", "printed_by_id")),
)  # fmt: skip


@figures.watched.answered_by
def written_once() -> Iterator[tuple[type[models.Model], tuple[str, ...], tuple[str, ...]]]:
    """No event changes any of these."""
    for model in WHOLE:
        fields = model._meta.concrete_fields
        yield (
            model,
            tuple(one.attname for one in fields if not one.primary_key and one.related_model is not Customer),
            (),
        )
    for model, names in PARTS:
        yield model, names, ()
