"""What customer data may be used for (PIPL 6, 13, 15): the purposes, and who may be addressed for one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from guiju.customers.models import Consent, Customer

NOTICE, CARE, MAGAZINE, ACTIVITY, SURVEY, MARKETING = (
    "notice", "care", "magazine", "activity", "survey", "marketing",
)  # fmt: skip
PURPOSES: Final[Mapping[str, str]] = {
    NOTICE: "履行合同的通知", CARE: "日常联络和生日问候", MAGAZINE: "当代人杂志", ACTIVITY: "客户活动",
    SURVEY: "满意度调查", MARKETING: "营销信息",
}  # fmt: skip
#: Purposes that the contract does not ask for: only who said yes is addressed. For the others who said no is left alone.
ASKED: Final = frozenset({MAGAZINE, ACTIVITY, SURVEY, MARKETING})
REFUSED, NEVER_ASKED, DECEASED, MERGED = "不同意这个用途", "没有征得同意", "已去世", "已并入另一份档案"


def last_words(customers: Collection[int], purpose: str) -> dict[int, bool]:
    """Return the last word of each customer who was asked about a purpose; one query."""
    rows = Consent.objects.filter(customer__in=list(customers), purpose=purpose).order_by("pk")
    return dict(rows.values_list("customer_id", "given"))


def why_not(customers: Iterable[Customer], purpose: str) -> dict[int, str]:
    """Return why customers may not be addressed for a purpose; who may be is missing."""
    rows = list(customers)
    said = last_words([one.pk for one in rows], purpose)
    found: dict[int, str] = {}
    for one in rows:
        word = said.get(one.pk)
        if one.merged_into_id is not None:
            found[one.pk] = MERGED
        elif one.deceased_date is not None:
            found[one.pk] = DECEASED
        elif word is False:
            found[one.pk] = REFUSED
        elif word is None and purpose in ASKED:
            found[one.pk] = NEVER_ASKED
    return found
