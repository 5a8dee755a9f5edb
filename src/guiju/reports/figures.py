"""
Figures of sales by project and span of days: 认购, 签约, 登记, 按揭, 回款 (I-2.1-d to i; form 23 of domain 3).

A deal counts on the day its paper says, money on the day it arrived. What is ended is counted on the day it ended: a
contract of an earlier week that is taken back now is a minus of now, never a change of then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from guiju.kernel.money import ZERO
from guiju.kernel.numbering import ZONE
from guiju.ledger.models import Receipt, Refund
from guiju.reports.tables import AREA, COUNT, MONEY
from guiju.sales.models import Contract, Deal, Mortgage, Subscription
from guiju.sales.models.filing import Filing

VOIDED: Final = "voided"
ENDED: Final = ("cancelled", "defaulted", "released", "swapped")


@dataclass(frozen=True)
class Figure:
    """A figure: its code, its words, the part of the report it stands in, units or yuan or ㎡, its clause."""

    code: str
    label: str
    group: str
    kind: str
    clause: str
    target: bool = False

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return {MONEY: "元", AREA: "㎡"}.get(self.kind, "套" if self.group in ("认购", "签约") else "件")


SUBSCRIBED, SIGNED, FILED, LOANS, MONEY_IN = "认购", "签约", "登记", "按揭", "回款"
FIGURES: Final[tuple[Figure, ...]] = (
    Figure("subscribed", "新认购", SUBSCRIBED, COUNT, "I-2.1-f", target=True),
    Figure("subscribed_area", "新认购面积", SUBSCRIBED, AREA, "I-2.1-f"),
    Figure("subscribed_amount", "新认购金额", SUBSCRIBED, MONEY, "I-2.1-f"),
    Figure("subscription_ended", "退认购、违约、释放和换房", SUBSCRIBED, COUNT, "I-2.1-f"),
    Figure("subscribed_net", "净认购", SUBSCRIBED, COUNT, "I-2.1-f"),
    Figure("signed", "新签约", SIGNED, COUNT, "I-2.1-g", target=True),
    Figure("signed_area", "新签约面积", SIGNED, AREA, "I-2.1-g"),
    Figure("signed_amount", "新签约金额", SIGNED, MONEY, "I-2.1-g", target=True),
    Figure("taken_back", "退房", SIGNED, COUNT, "I-2.1-g"),
    Figure("taken_back_amount", "退房金额", SIGNED, MONEY, "I-2.1-g"),
    Figure("signed_net", "净签约", SIGNED, COUNT, "I-2.1-g"),
    Figure("signed_net_amount", "净签约金额", SIGNED, MONEY, "I-2.1-g"),
    Figure("filing_submitted", "报送登记", FILED, COUNT, "I-2.1-h"),
    Figure("filed", "办结登记", FILED, COUNT, "I-2.1-h", target=True),
    Figure("filed_late", "其中超过 30 天", FILED, COUNT, "I-2.1-h"),
    Figure("filing_withdrawn", "撤销登记", FILED, COUNT, "I-2.1-h"),
    Figure("loans", "新增按揭", LOANS, COUNT, "I-2.1-i"),
    Figure("loans_amount", "新增按揭金额", LOANS, MONEY, "I-2.1-i"),
    Figure("loan_papers", "资料收齐", LOANS, COUNT, "I-2.1-i"),
    Figure("loan_submitted", "报送银行", LOANS, COUNT, "I-2.1-i"),
    Figure("loan_approved", "批贷", LOANS, COUNT, "I-2.1-i"),
    Figure("loan_approved_amount", "批贷金额", LOANS, MONEY, "I-2.1-i"),
    Figure("loan_paid", "放款", LOANS, COUNT, "I-2.1-i"),
    Figure("loan_paid_amount", "放款金额", LOANS, MONEY, "I-2.1-i", target=True),
    Figure("received", "收款", MONEY_IN, MONEY, "I-2.1-f", target=True),
    Figure("paid_back", "退款", MONEY_IN, MONEY, "I-2.1-f"),
)
BY_CODE: Final[Mapping[str, Figure]] = {one.code: one for one in FIGURES}
GROUPS: Final = (SUBSCRIBED, SIGNED, FILED, LOANS, MONEY_IN)
TARGETS: Final = tuple(one for one in FIGURES if one.target)
#: What is drawn over the last weeks and months: figure, and the read that gives its days.
DRAWN: Final = ("subscribed", "signed", "filed", "loan_paid")

Counts = dict[str, Decimal]


def _moments(begin: date, end: date) -> tuple[datetime, datetime]:
    """Return the first moment of the first day and the first after the last one (Beijing time)."""
    return datetime.combine(begin, time(), ZONE), datetime.combine(end + timedelta(days=1), time(), ZONE)


def registered(projects: Iterable[int]) -> QuerySet[Subscription]:
    """Return the registered subscriptions; of one voided and issued anew, the new one only."""
    rows = Subscription.objects.filter(deal__project_id__in=list(projects), deal__isnull=False)
    return rows.exclude(number="").exclude(case__state=VOIDED)


def imported(projects: Iterable[int]) -> QuerySet[Deal]:
    """Return the deals that came with the owners' register: their subscriptions were made before this program."""
    return Deal.objects.filter(project_id__in=list(projects)).exclude(source="").filter(subscriptions=None)


def contracts(projects: Iterable[int]) -> QuerySet[Contract]:
    """Return the signed contracts, ended ones too."""
    return Contract.objects.filter(deal__project_id__in=list(projects))


def filings(projects: Iterable[int]) -> QuerySet[Filing]:
    """Return the filings of contracts."""
    return Filing.objects.filter(project_id__in=list(projects))


def loans(projects: Iterable[int]) -> QuerySet[Mortgage]:
    """Return the loan parts of deals."""
    return Mortgage.objects.filter(project_id__in=list(projects))


def _add(
    found: dict[int, Counts],
    rows: QuerySet[Any],
    project: str,
    sums: Mapping[str, Any],
) -> None:
    """Add the sums of rows, grouped by project, to what was found."""
    for row in (
        rows.values(project).annotate(**{f"n_{code}": how for code, how in sums.items()}).order_by(project)
    ):
        for code in sums:
            value = row[f"n_{code}"]
            if value:
                found[row[project]][code] += Decimal(str(value))


def count(projects: Sequence[int], begin: date, end: date) -> dict[int, Counts]:
    """Return every figure of the days from ``begin`` to ``end`` by project; the same number of queries for any number."""
    start, stop = _moments(begin, end)
    days: Callable[[str], Q] = lambda name: Q(**{f"{name}__gte": begin, f"{name}__lte": end})  # noqa: E731
    within: Callable[[str], Q] = lambda name: Q(**{f"{name}__gte": start, f"{name}__lt": stop})  # noqa: E731
    found: dict[int, Counts] = {key: defaultdict(lambda: ZERO) for key in projects}

    def sold(name: str, price: str, area: str) -> dict[str, Any]:
        return {name: Count("pk"), f"{name}_area": Sum(area), f"{name}_amount": Sum(price)}

    _add(
        found, registered(projects).filter(days("deal__subscribed_date")), "deal__project_id",
        sold("subscribed", "deal__total_price", "unit__area_contract"),
    )  # fmt: skip
    _add(
        found, imported(projects).filter(days("subscribed_date")), "project_id",
        sold("subscribed", "total_price", "unit__area_contract"),
    )  # fmt: skip
    _add(
        found,
        registered(projects).filter(within("case__closed_at"), case__process="subscription", case__state__in=ENDED),
        "deal__project_id",
        {"subscription_ended": Count("pk")},
    )  # fmt: skip
    _add(
        found, contracts(projects).filter(days("signed_date")), "deal__project_id",
        sold("signed", "total_price", "deal__unit__area_contract"),
    )  # fmt: skip
    _add(
        found, contracts(projects).filter(within("closed_at")), "deal__project_id",
        {"taken_back": Count("pk"), "taken_back_amount": Sum("total_price")},
    )  # fmt: skip
    _add(
        found,
        filings(projects).filter(within("submitted_at")),
        "project_id",
        {"filing_submitted": Count("pk")},
    )
    _add(found, filings(projects).filter(days("filed_date")), "project_id", {"filed": Count("pk")})
    for project, due, filed in (
        filings(projects).filter(days("filed_date")).values_list("project_id", "due_date", "filed_date")
    ):
        if filed is not None and filed > due:
            found[project]["filed_late"] += 1
    _add(
        found,
        filings(projects).filter(within("withdrawn_at")),
        "project_id",
        {"filing_withdrawn": Count("pk")},
    )
    _add(
        found, loans(projects).filter(days("signed_date")), "project_id",
        {"loans": Count("pk"), "loans_amount": Sum("amount")},
    )  # fmt: skip
    for code, name in (("loan_papers", "papers_complete_at"), ("loan_submitted", "submitted_at")):
        _add(found, loans(projects).filter(within(name)), "project_id", {code: Count("pk")})
    _add(
        found, loans(projects).filter(within("decided_at"), approved_amount__gt=0), "project_id",
        {"loan_approved": Count("pk"), "loan_approved_amount": Sum("approved_amount")},
    )  # fmt: skip
    _add(
        found, loans(projects).filter(within("disbursed_at")), "project_id",
        {"loan_paid": Count("pk")},
    )  # fmt: skip
    # A loan may come in parts: the money counts on the day it came, the loan when all of it is there.
    came = Receipt.objects.filter(project_id__in=list(projects), method="loan")
    _add(found, came.filter(within("received_at")), "project_id", {"loan_paid_amount": Sum("amount")})
    money = Receipt.objects.filter(project_id__in=list(projects)).exclude(purpose="pass_through")
    _add(found, money.filter(within("received_at")), "project_id", {"received": Sum("amount")})
    back = Refund.objects.filter(receipt__project_id__in=list(projects)).exclude(
        receipt__purpose="pass_through"
    )
    _add(found, back.filter(within("paid_at")), "receipt__project_id", {"paid_back": Sum("amount")})
    for sums in found.values():
        sums["subscribed_net"] = sums["subscribed"] - sums["subscription_ended"]
        sums["signed_net"] = sums["signed"] - sums["taken_back"]
        sums["signed_net_amount"] = sums["signed_amount"] - sums["taken_back_amount"]
    return {key: {one.code: sums[one.code] for one in FIGURES} for key, sums in found.items()}


def add(many: Iterable[Mapping[str, Decimal]]) -> Counts:
    """Add figures of projects up."""
    rows = list(many)
    return {one.code: sum((row.get(one.code, ZERO) for row in rows), ZERO) for one in FIGURES}


def by_day(projects: Sequence[int], begin: date, end: date) -> dict[str, dict[date, int]]:
    """Return how many there were on each day, by the figures that are drawn; four queries and one."""
    start, stop = _moments(begin, end)
    found: dict[str, dict[date, int]] = {code: defaultdict(int) for code in DRAWN}

    def grouped(code: str, rows: QuerySet[Any], name: str) -> None:
        for row in rows.values(name).annotate(n=Count("pk")).order_by(name):
            on = row[name]
            found[code][on.astimezone(ZONE).date() if isinstance(on, datetime) else on] += row["n"]

    grouped("subscribed", registered(projects).filter(deal__subscribed_date__range=(begin, end)), "deal__subscribed_date")  # fmt: skip
    grouped("subscribed", imported(projects).filter(subscribed_date__range=(begin, end)), "subscribed_date")
    grouped("signed", contracts(projects).filter(signed_date__range=(begin, end)), "signed_date")
    grouped("filed", filings(projects).filter(filed_date__range=(begin, end)), "filed_date")
    grouped(
        "loan_paid", loans(projects).filter(disbursed_at__gte=start, disbursed_at__lt=stop), "disbursed_at"
    )
    return found
