"""
Figures of the sales side: limits kept from the 认购书 to the loan's money, and what banks decide (domain 4). The rows with
formula and target stand in the SOPs too, under the same codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Clock, Event
from guiju.reports.kpi import DOWN, MEAN, SHARE, UP, Kpi, Line, Reader
from guiju.reports.kpi_lines import NOT_COUNTED, Batch
from guiju.sales.models import Filing, Mortgage

ALL: Final = Decimal(100)


def kept(process: str, *names: str) -> Reader:
    """
    Return the reader of some limits of a process: one line a limit, counted if it was kept, at the moment when it was
    kept or missed. A limit that still runs has its line at the moment when it will be missed.
    """

    def read(cases: Batch, now: datetime) -> Iterator[Line]:
        for clock in cases.sales_clocks:
            if clock.case.process != process or clock.name not in names:
                continue
            met = clock.state == Clock.MET
            at = clock.stopped_at if met and clock.stopped_at is not None else clock.due_at
            why = "" if met else ("超期办了" if clock.state == Clock.LATE else "超期未办")
            yield Line(at, clock.case_id, met, why, what=clock.label, part=clock.pk)

    return read


def signed_of(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give each subscription by the day when it began: signed within its limit, or why not; who left stays in."""
    last: dict[int, Clock] = {}
    for clock in cases.sales_clocks_of_all_ends:
        if clock.case.process == "subscription" and clock.name == "sign":
            last[clock.case_id] = clock
    for clock in last.values():
        met = clock.state == Clock.MET
        running = "还没有签约" if clock.due_at > now else "超期未签约"
        why = {Clock.LATE: "超期签约", Clock.RUNNING: running, Clock.PAUSED: "还没有签约"}.get(
            clock.state, "退认购"
        )
        yield Line(clock.started_at, clock.case_id, met, "" if met else why)


def days_to_filing(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the days from signing to the city's file, on the day of filing."""
    rows = Filing.objects.filter(case_id__in=cases.keys, filed_at__isnull=False, filed_date__isnull=False)
    for row in rows.order_by("pk"):
        assert row.filed_at is not None
        assert row.filed_date is not None
        yield Line(row.filed_at, row.case_id, True, value=Decimal((row.filed_date - row.signed_date).days))


def days_to_loan(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give the days from signing to the whole loan on the account, on the day when it was there."""
    rows = Mortgage.objects.filter(case_id__in=cases.keys, disbursed_at__isnull=False).exclude(
        case__state__in=NOT_COUNTED
    )
    for row in rows.order_by("pk"):
        assert row.disbursed_at is not None
        days = (local_date(row.disbursed_at) - row.signed_date).days
        yield Line(row.disbursed_at, row.case_id, True, value=Decimal(days))


_DECIDED: Final = {"approve": "", "approve_less": "批贷不足", "refuse": "拒贷"}


def bank_decisions(cases: Batch, now: datetime) -> Iterator[Line]:
    """Give every decision of a bank on a loan: approved in full, for less, or refused."""
    rows = Event.objects.filter(
        case_id__in=cases.keys, case__process="mortgage", step__in=list(_DECIDED), case__historic=False
    )
    for case_id, seq, step, at in rows.order_by("pk").values_list(
        "case_id", "case_seq", "step", "happened_at"
    ):
        yield Line(at, case_id, step == "approve", _DECIDED[step], part=seq)


def _limit(code: str, label: str, process: str, clocks: Sequence[str], formula: str, clause: str) -> Kpi:
    return Kpi(code, label, SHARE, "%", formula, clause, kept(process, *clocks), UP, ALL, "按时", "超期")


SALES: Final[tuple[Kpi, ...]] = (
    _limit(
        "subscriptions_registered_in_time", "认购登记及时率", "subscription", ("review",),
        "在审核登记时限内登记的认购 ÷ 时限落在本期的认购", "I-5.1-2d",
    ),
    _limit(
        "deposit_in_time", "定金按期到账率", "subscription", ("deposit",), "在定金时限内确认定金的认购 ÷ 时限落在本期的认购",
        "I-5.1-3a",
    ),
    Kpi(
        "signing_conversion", "签约转化率", SHARE, "%", "在签约期限内签约的认购 ÷ 同期认购（退认购留在分母里）", "I-5.1-0", signed_of,
        UP, ALL, "按期签约", "没有按期签约",
    ),
    _limit(
        "signed_in_time", "签约及时率", "subscription", ("sign",), "在签约期限内签约的认购 ÷ 签约期限落在本期的认购", "I-5.1-4c",
    ),
    _limit(
        "texts_collected_in_time", "合同文本按时领取率", "signing", ("collect",), "签约前一日以前领取的合同 ÷ 领取时限落在本期的合同",
        "I-5.3-3a",
    ),
    _limit(
        "contracts_archived_in_time", "合同归档及时率", "signing", ("archive",), "在归档时限内归档的合同 ÷ 时限落在本期的合同", "J-2.1-c",
    ),
    _limit(
        "approvals_in_time", "合同审批及时率", "contract_approval", ("approve",), "在审批时限内批准的合同 ÷ 时限落在本期的合同",
        "I-2.1-o",
    ),
    _limit(
        "filed_in_time", "备案及时率", "presale_filing", ("file",), "签约三十日内备案的合同 ÷ 第三十日落在本期的合同", "I-5.5-0b",
    ),
    Kpi(
        "days_to_filing", "签约到登记平均天数", MEAN, "日", "本期登记的合同从签约到预售登记的平均天数", "I-5.3-5d",
        days_to_filing, DOWN, Decimal(30), "已登记",
    ),
    _limit(
        "loan_papers_in_time", "按揭资料齐备率", "mortgage", ("papers",), "签约后在时限内收齐资料的贷款 ÷ 时限落在本期的贷款", "I-5.3-5c",
    ),
    Kpi(
        "loans_approved", "按揭审批通过率", SHARE, "%", "银行足额批准的 ÷ 本期银行作出决定的贷款", "I-5.6-0", bank_decisions, UP, None,
        "足额批准", "批贷不足或拒贷",
    ),
    _limit(
        "loans_paid_in_time", "放款及时率", "mortgage", ("payout",), "申请后在时限内放款的贷款 ÷ 时限落在本期的贷款", "J-2.2-c",
    ),
    Kpi(
        "days_to_loan", "签约到放款平均天数", MEAN, "日", "本期放款的合同从签约到放款的平均天数", "I-5.3-5e", days_to_loan,
        DOWN, None, "已放款",
    ),
    _limit(
        "changes_in_time", "认购变更审核及时率", "subscription_change", ("review",), "在审核报批时限内批准或答复的变更 ÷ 时限落在本期的变更",
        "I-5.2-2a",
    ),
    _limit(
        "changes_executed_in_time", "认购变更执行及时率", "subscription_change", ("execute",),
        "在执行时限内执行的变更 ÷ 时限落在本期的已批准变更", "I-5.2-6",
    ),
    _limit(
        "contract_changes_in_time", "签约变更办理及时率", "contract_change", ("execute",),
        "在签协议和执行时限内执行的变更 ÷ 时限落在本期的已批准变更", "I-5.4-0",
    ),
    _limit(
        "refunds_paid_in_time", "退款按期率", "refund", ("pay",), "在退款期限内付清的退款 ÷ 期限落在本期的退款", "I-5.10-0b",
    ),
)  # fmt: skip
