"""What customers tell an evidence pack: who the case is about."""

from __future__ import annotations

from guiju.customers.models import Customer
from guiju.kernel.models import Case, CaseLink
from guiju.papers.questions import subjects


@subjects.answered_by
def customers_of(case: Case) -> list[tuple[str, str]]:
    """Return the customers the case is linked with."""
    keys = list(CaseLink.objects.filter(case=case, kind="customer").values_list("key", flat=True))
    names = [str(one) for one in Customer.objects.filter(pk__in=keys).order_by("pk")]
    return [("客户", "、".join(names))] if names else []
