"""The letter of a mortgage: 催办按揭通知书, with exactly what is missing."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.papers.forms import LetterForm
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.writing import day, money, money_words
from guiju.sales.models import Mortgage, MortgagePaper
from guiju.sales.mortgage_facts import MortgageFacts, words
from guiju.sales.mortgage_needs import LATE_AFTER, LETTER_AFTER


@offer("mortgage", "letter", "letter", "催办按揭通知书")
def chasing_letter(case: Case, at: datetime) -> LetterForm:
    """
    Build the 催办按揭通知书 (after thirty days).

    :raises NotYetPrintable: nothing is missing, or it is too early.
    """
    row = (
        Mortgage.objects.filter(case=case)
        .select_related("deal__unit__building", "deal__unit__project", "project__company")
        .first()
    )
    if row is None:
        raise NotYetPrintable("没有找到这笔贷款")
    facts, today = MortgageFacts(row), local_date(at)
    missing = facts.lacking(at, MortgagePaper.BUYER)
    days = (today - row.signed_date).days
    if not missing:
        raise NotYetPrintable("客户要交的资料已齐，不用发函")
    if days <= LETTER_AFTER:
        raise NotYetPrintable(f"签约满 {LETTER_AFTER} 日后才发催办按揭通知书，现在是第 {days} 日")
    unit, project = row.deal.unit, row.project
    rows: list[tuple[str, str]] = [("房屋", f"{project.name}{unit.label}")]
    if facts.contract is not None:
        rows.append(("合同编号", facts.contract.number))
    rows += [
        ("贷款", f"{row.get_part_display()} {money(row.amount)} 元（{money_words(row.amount)}）{row.bank}"),
        ("签约日期", f"{day(row.signed_date)}，至今 {days} 日"),
        ("尚缺资料", words(missing, today, named=len(facts.buyers) > 1)),
        ("已提醒", f"{row.chases} 次"),
    ]
    return LetterForm(
        title="催办按揭通知书",
        number=f"AJH-{case.number}",
        to="、".join(buyer.customer.name for buyer in facts.buyers) or "买受人",
        paragraphs=(
            f"您购买的{project.name}{unit.label}约定以贷款支付部分房款，办理贷款所需的资料至今没有交齐，情况如下表。",
            "请您在收到本通知之日起 7 日内把所缺资料交到我公司签约中心，并配合银行办理面签。",
            f"签约后 {LATE_AFTER} 日仍未交齐，致使贷款不能发放的，将按合同关于逾期付款的约定处理。如有困难，请在 7 日内书面告知我们。",
        ),
        company=project.company.name,
        written_on=today,
        facts=tuple(rows),
        phone=project.seller_phone,
        address=project.signing_place,
        delivery="EMS",
    )
