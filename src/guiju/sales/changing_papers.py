"""The papers of changes: 认购客户房屋变更申请 and 签约客户房屋变更申请, as far as the case has come."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guiju.estate.models import Unit
from guiju.kernel.calendar import local_date
from guiju.kernel.models import ApprovalRequest, Case
from guiju.org.models import Person
from guiju.papers.changing import (
    BuyerSign,
    ChangeApplicationForm,
    ChangedLine,
    ContractChangeForm,
    OpinionLine,
)
from guiju.papers.forms import Signed, Tick
from guiju.papers.offers import offer
from guiju.papers.writing import day, money
from guiju.sales.changing_facts import ChangeFacts
from guiju.sales.changing_forms import AfterSigning, BeforeSigning
from guiju.sales.changing_rules import City, Loan, Way
from guiju.sales.models import ChangeApplication, Payment


def _facts(case: Case) -> ChangeFacts:
    rows = ChangeApplication.objects.select_related(
        "change__deal__unit__building", "change__deal__unit__project__company", "subscription", "contract"
    )
    return ChangeFacts(rows.get(case=case))


def _signed(person_id: int | None, at: datetime | None) -> Signed | None:
    if person_id is None or at is None:
        return None
    return Signed(Person.objects.values_list("name", flat=True).get(pk=person_id), local_date(at))


def _unit(key: int) -> str:
    return Unit.objects.select_related("building").get(pk=key).label


def lines_of(facts: ChangeFacts) -> tuple[ChangedLine, ...]:
    """Return the terms of a change, before and after, as people read them (I-5.2-5a to 5e)."""
    before, after = facts.change.before, facts.after
    found: list[tuple[str, str, str]] = []

    def put(name: str, was: str, will: str) -> None:
        found.append((name, was, will))

    put("房号", _unit(before["unit"]), _unit(after["unit"]))
    put("买受人", facts.names(before["buyers"]), facts.names(after["buyers"]))
    put("付款方式", _payment(before), _payment(after))
    price = "合同总价" if facts.row.contract_id is not None else "认购价格"
    put(price, f"{money(Decimal(before['total_price']))} 元", f"{money(Decimal(after['total_price']))} 元")
    put("折扣", _discounts(before), _discounts(after))
    if before.get("deposit") != after.get("deposit"):
        put("定金", f"{money(Decimal(before['deposit']))} 元", f"{money(Decimal(after['deposit']))} 元")
    if before["plan"] != after["plan"]:
        put("付款计划", _plan(before["plan"]), _plan(after["plan"]))
    if facts.row.contract_id is None:
        put("签约日期", before.get("signing_due") or "—", after.get("signing_due") or "—")
    for item in facts.change.after.get("items", []):
        put(item["name"], item["old"], item["new"])
    return tuple(
        ChangedLine(name, was, will if will != was else "不变", will != was) for name, was, will in found
    )


def _payment(terms: dict[str, Any]) -> str:
    label = Payment(terms["payment"]).label if terms.get("payment") else "—"
    down = f"，首付 {money(Decimal(terms['down_payment']))} 元" if terms.get("down_payment") else ""
    return f"{label}{'（' + terms['bank'] + '）' if terms.get('bank') else ''}{down}"


def _discounts(terms: dict[str, Any]) -> str:
    lines = [
        f"{line['name']} 减 {money(Decimal(line['deduction']))} 元" for line in terms.get("discounts", [])
    ]
    return "；".join(lines) or "无"


def _plan(lines: list[dict[str, Any]]) -> str:
    return "；".join(
        f"{line['name']} {money(Decimal(line['amount']))} 元"
        + (f"（{line['due_date']}）" if line.get("due_date") else "")
        for line in lines
    )


def _money(facts: ChangeFacts) -> tuple[tuple[str, str], ...]:
    gap = Decimal(facts.after["total_price"]) - Decimal(facts.change.before["total_price"])
    found = [("差价", f"{money(gap)} 元"), ("变更手续费", "0.00 元")]
    back = facts.row.finance
    if back:
        found.append(
            (
                "原收据",
                "已收回" if back.get("receipts_back") else ("已声明遗失" if back.get("lost") else "不涉及"),
            )
        )
    return tuple(found)


def _signers(facts: ChangeFacts) -> tuple[BuyerSign, ...]:
    olds = {line["customer"] for line in facts.change.before["buyers"]}
    signed = {
        line["customer"]: date.fromisoformat(line["on"])
        for line in (*facts.row.signers, *facts.row.applied_signers)
    }
    return tuple(
        BuyerSign(
            name,
            "买受人" if key in olds else "新买受人",
            Signed(name, signed[key]) if key in signed else None,
        )
        for key, name in facts.people.items()
    )


def _opinions(facts: ChangeFacts, case: Case) -> list[OpinionLine]:
    row = facts.row
    found = [
        OpinionLine("销售总监", row.director_opinion, _signed(row.director_id, row.director_signed_at)),
        OpinionLine(
            "客户服务部",
            f"已核定，登记编号 {row.register_number}。{row.findings.get('opinion', '')}"
            if row.register_number
            else "",
            _signed(row.registered_by, row.registered_at),
        ),
        OpinionLine("财务", row.finance.get("note", ""), _signed(row.finance_by, row.finance_at)),
    ]
    if row.contract_id is not None:
        # The signed paper of legal is attached; the case knows who it was and when it came.
        lawyer = row.legal.get("lawyer", "")
        signed = Signed(lawyer, local_date(row.legal_at)) if row.legal_at is not None else None
        found.append(OpinionLine("法务", row.legal.get("opinion", ""), signed))
    manager = row.findings.get("manager", "")
    found.append(OpinionLine("客户服务部经理", manager, _signed(row.manager_id, row.manager_signed_at)))
    return found + _votes(case)


def _votes(case: Case) -> list[OpinionLine]:
    """Return what deputy and general manager said; an empty line for the general manager before."""
    request = ApprovalRequest.objects.filter(case=case, step="report_up").order_by("-pk").first()
    found = []
    if request is not None:
        labels = {"deputy_gm": "主管副总", "general_manager": "总经理"}
        seats = {entry["seat"]: labels.get(entry["asked"], entry["asked"]) for entry in request.chain}
        for vote in request.votes.filter(round=request.round).order_by("pk"):
            said = {"yes": "同意"}.get(vote.decision, "不同意")
            found.append(OpinionLine(seats.get(vote.seat, ""), said, _signed(vote.person_id, vote.voted_at)))
    if not any(line.post == "总经理" for line in found):
        found.append(OpinionLine("总经理"))
    return found


def _outcome(facts: ChangeFacts) -> tuple[str, str]:
    row, change = facts.row, facts.change
    executed = ""
    if change.executed_at is not None:
        new = f"，新编号 {row.new_number}，原编号 {row.old_number} 作废" if row.new_number else ""
        executed = f"{day(local_date(change.executed_at))}执行{new}"
    back = ""
    if row.handed_back_at is not None:
        back = f"接收人 {row.receiver}　返回日期 {day(local_date(row.handed_back_at))}"
    return executed, back


def _common(case: Case, facts: ChangeFacts, kinds: tuple[Tick, ...]) -> dict[str, Any]:
    executed, back = _outcome(facts)
    proof = len(facts.row.proof)
    return {
        "project": facts.unit.project.name, "number": facts.row.register_number, "case": case.number,
        "paper": facts.change.before.get("number", ""), "unit": facts.unit.label,
        "applied_on": day(local_date(facts.change.opened_at)), "kinds": kinds, "lines": lines_of(facts),
        "reason": facts.row.reason, "proof": f"{proof} 份" if proof else "", "money": _money(facts),
        "signers": _signers(facts), "opinions": tuple(_opinions(facts, case)), "executed": executed,
        "handed_back": back,
    }  # fmt: skip


@offer("subscription_change", "application", "subscription_change", "认购客户房屋变更申请")
def subscription_change_form(case: Case, at: datetime) -> ChangeApplicationForm:
    """Build the 认购客户房屋变更申请 (I-5.2-7, I-6-5), with what has been signed so far."""
    facts = _facts(case)
    ticks = tuple(Tick(kind.label, kind.value == facts.change.kind) for kind in BeforeSigning)
    return ChangeApplicationForm(**_common(case, facts, ticks))


@offer("contract_change", "application", "contract_change", "签约客户房屋变更申请")
def contract_change_form(case: Case, at: datetime) -> ContractChangeForm:
    """Build the 签约客户房屋变更申请 (I-6-6), with filing, loan, agreement, city and invoices."""
    facts = _facts(case)
    row = facts.row
    ticks = tuple(Tick(kind.label, kind.value == facts.change.kind) for kind in AfterSigning)
    found = row.findings
    city = City(found.get("city", "nothing")).label
    standing = (
        ("备案", "已备案" if found.get("filed") else "未备案"),
        ("贷款", Loan[found.get("loan", "none").upper()].label),
        (
            "银行意见",
            "书面同意"
            if row.bank_consent.get("agrees")
            else ("须取得" if found.get("bank_first") else "不需要"),
        ),
        ("预告登记", "已办" if found.get("pre_notice") else "未办"),
        ("变更方式", Way(found.get("way", "supplement")).label),
        ("协议编号", row.agreement_number or "—"),
        ("城市系统", f"{city}{' ' + row.city['number'] if row.city else ''}"),
    )
    invoices = tuple((one["number"], one["amount"], one["act"]) for one in row.invoices)
    return ContractChangeForm(**_common(case, facts, ticks), standing=standing, invoices=invoices)
