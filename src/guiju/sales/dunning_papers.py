"""The letters of dunning: 催款通知书 and 律师函, with amount in words and the penalty line by line."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.ledger.models import Receivable
from guiju.papers.forms import LetterForm
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.writing import day, money, money_words
from guiju.sales.operations.dunning import LETTER_AFTER, DunningFacts, facts_for


def _facts(case: Case) -> DunningFacts:
    try:
        return facts_for(case.pk)
    except Receivable.DoesNotExist as missing:
        raise NotYetPrintable("没有找到所催的应收") from missing


def _letter(case: Case, at: datetime, title: str, series: str, wish: str, closing: str) -> LetterForm:
    facts = _facts(case)
    line, today = facts.line, local_date(at)
    unit = facts.receivable.book.unit
    if line.open <= 0 or line.due_date is None:
        raise NotYetPrintable("款项已收清，不用再发函")
    if facts.late(at) < LETTER_AFTER:
        raise NotYetPrintable(f"逾期满 {LETTER_AFTER} 日后才发{title}")
    contract = facts.deal.contract_number if facts.deal is not None else ""
    rows: list[tuple[str, str]] = [("房屋", f"{unit.project.name}{unit.label}")]
    if contract:
        rows.append(("合同编号", contract))
    rows += [
        ("款项", f"{facts.receivable.name}，应于 {day(line.due_date)} 前付清"),
        ("应付", f"{money(line.amount)} 元，已付 {money(line.paid)} 元"),
        ("欠款", f"{money(line.open)} 元（{money_words(line.open)}）"),
        ("逾期", f"{line.late(today)} 日（至 {day(today)}）"),
    ]
    for part in line.sheet(today):
        rate = f"{line.millionths / 100:g}"
        rows.append(
            ("违约金", f"{money(part.overdue)} 元 × 万分之{rate} × {part.days} 日 ＝ {money(part.amount)} 元")
        )
    penalty = line.penalty(today)
    if line.waived:
        rows.append(("已减免", f"{money(line.waived)} 元"))
    if penalty:
        rows.append(
            (
                "违约金合计",
                f"{money(penalty)} 元（{money_words(penalty)}），按日计算至付清之日，与欠款分开列示",
            )
        )
    return LetterForm(
        title=title,
        number=f"{series}-{case.number}",
        to="、".join(customer.name for customer in facts.buyers) or "买受人",
        paragraphs=(
            f"您购买的{unit.project.name}{unit.label}，{facts.receivable.name}已超过约定的付款日期，欠款情况如下表。",
            wish,
            closing,
        ),
        company=unit.project.company.name,
        written_on=today,
        facts=tuple(rows),
        phone=unit.project.seller_phone,
        address=unit.project.signing_place,
        delivery="EMS",
    )


@offer("dunning", "letter", "letter", "催款通知书")
def dunning_letter(case: Case, at: datetime) -> LetterForm:
    """
    Build the 催款通知书 (T+7), which interrupts limitation when delivered (CC 195).

    :raises NotYetPrintable: less than a week late, or paid.
    """
    return _letter(
        case, at, "催款通知书", "CKH", "请您在收到本通知之日起 7 日内付清欠款。逾期付款的违约金按合同约定逐日计算。",
        "如已付款，请出示付款凭证；如有困难或对金额有异议，请在 7 日内书面告知我们。",
    )  # fmt: skip


@offer("dunning", "lawyer", "letter", "律师函")
def lawyer_letter(case: Case, at: datetime) -> LetterForm:
    """
    Build the lawyer's letter (T+30).

    :raises NotYetPrintable: less than a week late, or paid.
    """
    return _letter(
        case, at, "律师函", "LSH", "受委托人委托函告您：请在收到本函之日起 7 日内付清欠款和违约金。",
        "逾期仍不付清的，委托人将依照合同和法律主张权利，包括解除合同、要求赔偿损失。",
    )  # fmt: skip
