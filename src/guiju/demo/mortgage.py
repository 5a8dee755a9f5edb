"""Mortgages in the demonstration: a board full of buyers who lack papers, some with the bank, some waiting for money."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from django.db import transaction

from guiju.demo import scenes
from guiju.estate.models import Project
from guiju.kernel.calendar import local_date
from guiju.kernel.numbering import ZONE
from guiju.ledger.models import Receivable
from guiju.ledger.queries import lines
from guiju.org.models import Person
from guiju.sales import mortgage_jobs, mortgage_list
from guiju.sales.contracts import contract_of
from guiju.sales.models import Contract, Deal, Filing, Mortgage
from guiju.sales.mortgage_facts import MortgageFacts
from guiju.sales.regimes import gate_opened

MOST: Final = 26
FILED: Final = (
    "disbursed",
    "asked",
    "asked",
    "waiting",
    "approved",
    "submitted",
    "less",
    "refused",
    "supplement",
    "submitted",
)
MINUTE = timedelta(minutes=1)


@transaction.atomic
def build(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Open the loans of the signed deals and take those that are filed on; the others collect papers."""
    random = Random(6)
    filed = set(
        Filing.objects.filter(project=project, filed_at__isnull=False, withdrawn_at=None).values_list(
            "deal", flat=True
        )
    )
    stages = iter(FILED)
    for place, loan in enumerate(_opened(project, at)):
        stage = (
            next(stages, "") if loan.deal_id in filed and not MortgageFacts(loan).down_payment_open else ""
        )
        _hand_in(loan, staff, random, everything=bool(stage) or place % 9 == 0)
        if stage:
            _go_on(loan, staff, stage)
        elif place % 9 == 0 and loan.bank and _on(loan, 3) < at:
            scenes.take(loan.case_id, "complete_papers", staff["yu"], _on(loan, 2), {})
            if place % 2 == 0:
                scenes.take(loan.case_id, "interview", staff["yu"], _on(loan, 3), {"everybody": True})
        elif place % 3 == 1:
            _chase(loan, staff, at, place)
    monday = mortgage_list.mondays(at)[0]
    for week in (monday - timedelta(days=7), monday):
        closing = mortgage_list.closing_of(week, project.company_id)
        made = mortgage_list.close(project=project, monday=week, at=closing) if closing <= at else None
        if made is not None and week < monday:
            mortgage_list.receive(found=made, by=staff["lin"], at=closing + timedelta(hours=15))


def _opened(project: Project, at: datetime) -> list[Mortgage]:
    """Open the loans of deals whose book still waits for the bank, newest contract first."""
    made: list[Mortgage] = []
    rows = Deal.objects.filter(
        project=project, stage=Deal.SIGNED, live=True, payment__in=["mortgage", "provident", "combined"]
    )
    for deal in rows.select_related("unit__building", "project").order_by("-signed_date", "pk"):
        owed = lines(Receivable.objects.filter(book__deals__deal=deal.pk, kind__in=["loan", "fund_loan"]))
        if len(made) >= MOST or not any(line.open > 0 and not line.paid for line in owed):
            continue
        assert deal.signed_date is not None
        signed = datetime.combine(deal.signed_date, time(15), ZONE)
        if contract_of(deal.pk) is None:
            Contract.objects.create(
                deal=deal, number=deal.contract_number, signed_date=deal.signed_date, total_price=deal.total_price,
                unit_price=deal.unit_price, plan=[{"name": "房款", "amount": str(deal.total_price)}],
                terms={"late_pay_rate": "2", "late_handover_rate": "2", "handover_date": "2028-06-30"},
            )  # fmt: skip
        contract = Contract.objects.select_related("deal__project", "deal__unit__building").get(
            deal=deal, live=True
        )
        made += mortgage_jobs.open_for(contract, at=min(signed, at))
    keys = [loan.pk for loan in made]
    return list(
        Mortgage.objects.filter(pk__in=keys)
        .select_related("case", "deal__unit__building", "project")
        .order_by("pk")
    )


def _on(loan: Mortgage, days: int, hour: int = 10) -> datetime:
    moment = datetime.combine(loan.signed_date + timedelta(days=days), time(hour, loan.pk % 60), ZONE)
    return moment.astimezone(loan.case.opened_at.tzinfo)


def _hand_in(loan: Mortgage, staff: dict[str, Person], random: Random, *, everything: bool) -> None:
    items: list[dict[str, Any]] = []
    for paper in loan.papers.order_by("position"):
        chance = 1.0 if everything else random.random()
        if chance < 0.3:
            continue
        state = (
            "original"
            if everything or chance > 0.42 or paper.owner == "company"
            else ("copy" if chance > 0.35 else "expired")
        )
        item: dict[str, Any] = {"kind": paper.kind, "state": state}
        if state == "original" and paper.kind in ("income", "flow", "credit"):
            item["valid_until"] = str(loan.signed_date + timedelta(days=170))
        items.append(item)
    if items:
        scenes.take(
            loan.case_id, "receive_papers", staff["yu"], _on(loan, 1), {"items": items, "both": False}
        )


def _chase(loan: Mortgage, staff: dict[str, Person], at: datetime, place: int) -> None:
    """A call with an answer: some promise, some promised and did not come."""
    when = _on(loan, 4, 16)
    if when >= at or not MortgageFacts(loan).lacking(when, "buyer"):
        return
    promised = local_date(at) + timedelta(days=(place % 5) - 2)
    scenes.take(
        loan.case_id, "chase", staff["yu"], when,
        {"way": "call", "answer": "单位还没有盖章，盖好就送来", "promised_date": str(promised)},
    )  # fmt: skip


def _go_on(loan: Mortgage, staff: dict[str, Person], stage: str) -> None:
    yu, case, amount = staff["yu"], loan.case_id, str(loan.amount)
    until = str(loan.signed_date + timedelta(days=170))
    if not loan.bank:
        scenes.take(case, "choose_bank", yu, _on(loan, 2), {"bank": "示范市公积金中心"})
    scenes.take(case, "complete_papers", yu, _on(loan, 2, 11), {})
    scenes.take(case, "interview", yu, _on(loan, 3), {"everybody": True})
    scenes.take(case, "submit", yu, _on(loan, 13), {"acceptance_number": f"SL{loan.pk:05d}"})
    if stage == "supplement":
        scenes.take(
            case, "ask_supplement", yu, _on(loan, 16), {"wanted": "近三个月银行流水", "kinds": ["flow"]}
        )
        scenes.take(
            case, "raise_problem", yu, _on(loan, 16, 11),
            {"text": "流水里有一笔大额转入，银行要求说明来源", "owner": "于静", "action": "请客户写说明并附凭证"},
        )  # fmt: skip
    elif stage == "refused":
        scenes.take(case, "refuse", yu, _on(loan, 17), {"cause": "buyer", "reason": "征信近两年有连续逾期"})
    elif stage == "less":
        less = str(loan.amount - 100000)
        scenes.take(case, "approve_less", yu, _on(loan, 18), {"amount": less, "until_date": until})
    if stage not in ("approved", "waiting", "asked", "disbursed"):
        return
    scenes.take(
        case,
        "approve",
        yu,
        _on(loan, 18),
        {"amount": amount, "until_date": until, "approval_number": f"PF{loan.pk:05d}"},
    )
    if stage == "approved":
        return
    scenes.take(
        case,
        "sign_loan",
        yu,
        _on(loan, 19),
        {"loan_number": f"JK{loan.pk:05d}", "loan_date": str(local_date(_on(loan, 19)))},
    )
    scenes.take(
        case, "register_mortgage", yu, _on(loan, 20),
        {"registration_number": f"示（2026）预抵第 {loan.pk:05d} 号", "registered_date": str(local_date(_on(loan, 20)))},
    )  # fmt: skip
    if stage == "waiting":
        return
    row = MortgageFacts(loan)
    opened = gate_opened(row.contract, _on(loan, 21)) if row.contract is not None else None
    if opened is None:
        return
    scenes.take(case, "open_gate", yu, _on(loan, 21), {})
    scenes.take(case, "ask_payout", yu, _on(loan, 21, 14), {"account": loan.project.escrow_account})
    scenes.take(
        case,
        "press_bank",
        yu,
        _on(loan, 26),
        {"who": "个贷中心 秦经理", "way": "call", "answer": "额度已批，排队放款"},
    )
    if stage == "disbursed":
        came = _on(loan, 27)
        scenes.take(
            case, "disburse", staff["he"], came,
            {"amount": amount, "received_date": str(local_date(came)), "voucher": f"FK9{loan.pk:05d}"},
        )  # fmt: skip
        scenes.take(
            case,
            "set_repayment",
            yu,
            _on(loan, 28),
            {"day": 20, "first_date": str(loan.signed_date + timedelta(days=60))},
        )
