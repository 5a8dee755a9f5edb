"""Choices of a step's form that depend on the case: who of its company goes there, which of its buyers, which paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from guiju.desk import scheduling
from guiju.kernel.models import Case
from guiju.org.masking import mask_name
from guiju.sales.models import DealBuyer, Mortgage, Signing, SigningPaper
from guiju.web.stepform import Choices

WORKERS: Final = {"visit": "technician", "after_sales": "worker"}
"""The field by process that names who goes to the customer."""
_BUYER: Final = re.compile(r"(?:buyer|(?:items|signers)\.\w+\.buyer)")
_PAPER: Final = re.compile(r"papers\.\w+\.paper")


def choices_of(process: str, *, company_id: int, project_id: int | None, at: datetime) -> Choices | None:
    """Return the choices of a form by field; None for a process whose forms know their own."""
    field = WORKERS.get(process)
    if field is None:
        return None

    def of(path: str) -> list[tuple[str, str]] | None:
        if path != field:
            return None
        people = scheduling.technicians(company_id=company_id, project_id=project_id, at=at)
        return [(str(one.pk), one.name) for one in sorted(people, key=lambda one: (one.name, one.pk))]

    return of


def choices_for(case: Case, *, masked: bool, at: datetime) -> Choices | None:
    """Return the choices of the forms of a case: its buyers by name and its papers by title, where a form counts them."""
    if case.process not in ("mortgage", "signing"):
        return choices_of(case.process, company_id=case.chain_id, project_id=case.scope_id, at=at)
    of_case: QuerySet[Mortgage] | QuerySet[Signing] = (
        Mortgage.objects.filter(case=case)
        if case.process == "mortgage"
        else Signing.objects.filter(case=case)
    )
    deal_id = of_case.values_list("deal_id", flat=True).first()
    buyers = DealBuyer.objects.filter(deal_id=deal_id or 0).select_related("customer").order_by("position")
    papers = SigningPaper.objects.filter(signing__case=case).select_related("customer").order_by("position")

    def named(name: str) -> str:
        return mask_name(name) if masked else name

    def of(path: str) -> list[tuple[str, str]] | None:
        if _BUYER.fullmatch(path):
            shared = [("0", "全体" if case.process == "signing" else "共用")] if path == "buyer" else []
            return shared + [(str(at), named(one.customer.name)) for at, one in enumerate(buyers, 1)]
        if _PAPER.fullmatch(path):
            return [(str(one.position), _titled(one, named)) for one in papers]
        return None

    return of


def _titled(paper: SigningPaper, named: Callable[[str], str]) -> str:
    whose = f"{named(paper.customer.name)}的" if paper.customer is not None else ""
    there = "不需要" if not paper.needed else "已收" if paper.received_at is not None else "未收"
    return f"{whose}{paper.name}（{there}）"
