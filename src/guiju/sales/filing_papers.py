"""The papers of approval and filing: 销售合同审批单, 备案告知书, 合同领取签收表."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.ledger.models import Receipt
from guiju.ledger.queries import book_of_deal
from guiju.org import posts
from guiju.org.models import Person
from guiju.papers import forms as paper
from guiju.papers.contracting import ContractApprovalForm, Opinion
from guiju.papers.models import SealUse
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.writing import day as written_day
from guiju.sales.filing_facts import ApprovalFacts, FilingFacts
from guiju.sales.models import ContractApproval, Filing, Payment

CHECKS: Final = (
    "单价、总价、折扣与认购书和批准文件一致", "买受人姓名、证件与合同一致，签字齐全", "收款进入监管账户，已付款与收据一致",
    "预售许可证有效，范围包括本房屋",
)  # fmt: skip
WORDS: Final = {
    "legal": "与范本不同的条款和补充条款",
    posts.CS_MANAGER: "合同内容、资料和签字",
    posts.FINANCE: "总价、折扣、已付款和监管账户",
    posts.DEPUTY_GM: "偏离范本的条款",
    posts.GENERAL_MANAGER: "批准",
}
STANDARD: Final = (posts.CS_MANAGER, posts.FINANCE)
DEVIATING: Final = (posts.CS_MANAGER, posts.FINANCE, "legal", posts.DEPUTY_GM, posts.GENERAL_MANAGER)


def _local(text: str | None) -> date | None:
    return datetime.fromisoformat(text).astimezone(ZONE).date() if text else None


def _name(person_id: int | None) -> str:
    if person_id is None:
        return ""
    return Person.objects.values_list("name", flat=True).filter(pk=person_id).first() or ""


def _opinions(facts: ApprovalFacts) -> tuple[Opinion, ...]:
    row = facts.row
    said = row.opinions if row.approved_at is not None else facts.opinions
    by_post = {line.get("asked"): line for line in said}
    found = []
    for post in DEVIATING if row.deviating else STANDARD:
        line = by_post.get(post)
        label = "法律意见" if post == "legal" else posts.label(post)
        if line is None:
            found.append(Opinion(label, WORDS[post]))
            continue
        on = _local(line.get("at"))
        name = line.get("name") or _name(line.get("person"))
        found.append(
            Opinion(
                label, WORDS[post], str(line.get("opinion", "")),
                paper.Signed(name, on) if on is not None and name else None, bool(line.get("on_paper")),
            )
        )  # fmt: skip
    return tuple(found)


def _rate(terms: dict[str, Any], key: str) -> str:
    value = terms.get(key)
    return f"每日万分之{value}" if value not in (None, "") else "按合同"


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@offer("contract_approval", "contract_approval", "contract_approval", "销售合同审批单")
def approval_form(case: Case, at: datetime) -> ContractApprovalForm:
    """
    Build the 销售合同审批单 as it was put to approval (I-6-3).

    :raises NotYetPrintable: the sheet is not filled in.
    """
    row = ContractApproval.objects.select_related(
        "contract__deal__unit__building", "contract__deal__unit__project"
    ).get(case_id=case.pk)
    if not row.facts:
        raise NotYetPrintable("还没有填写合同审批单")
    facts = ApprovalFacts(row.contract, row)
    contract, deal, unit, said = facts.contract, facts.deal, facts.unit, row.facts
    book = book_of_deal(deal.pk)
    receipts = (
        Receipt.objects.filter(book=book, reverses=None, reversal=None).values_list("number", flat=True)
        if book is not None
        else []
    )
    subscription = deal.subscriptions.order_by("-pk").first()
    use = SealUse.objects.select_related("seal__keeper").filter(number=row.seal_number).first()
    prepared = _name(row.prepared_by)
    terms = said.get("terms") or {}
    deviations = tuple(str(line) for line in said.get("deviations", []))
    plan = []
    for place, line in enumerate(said.get("plan") or [], 1):
        due = line.get("due_date") or ("放款条件具备时" if line.get("loan") else "按约定")
        plan.append(
            paper.Instalment(str(place), str(line.get("name", "")), str(due), Decimal(str(line["amount"])))
        )
    return ContractApprovalForm(
        project=unit.project.name,
        number=case.number,
        contract=contract.number,
        subscription=subscription.number if subscription is not None else "",
        city_number=contract.city_number,
        buyers="、".join(buyer.customer.name for buyer in facts.buyers),
        unit=f"{unit.project.name}{unit.label}",
        use=unit.get_kind_display(),
        gross_area=str(unit.area_contract or ""),
        inner_area=str(unit.inner_area or ""),
        signed_on=contract.signed_date,
        list_unit_price=unit.unit_price,
        list_total=deal.list_price,
        unit_price=_amount(said["unit_price"]),
        total=Decimal(said["total"]),
        discount=f"{said.get('discount', '0')}%",
        discount_basis=f"认购书 {subscription.number}" if subscription is not None else "",
        payment=Payment(deal.payment).label if deal.payment else "",
        bank=said.get("bank", ""),
        plan=tuple(plan),
        paid=Decimal(said["paid"]),
        receipts="、".join(receipts),
        account=str(terms.get("escrow_account") or unit.project.escrow_account),
        handover=str(terms.get("handover_date") or ""),
        late_pay=_rate(terms, "late_pay_rate"),
        late_handover=_rate(terms, "late_handover_rate"),
        standard=not deviations,
        deviations=deviations,
        special=said.get("special", ""),
        permit=said.get("permit", ""),
        regime=said.get("regime", ""),
        checks=tuple(paper.Tick(label, True) for label in CHECKS),
        opinions=_opinions(facts),
        prepared=paper.Signed(prepared, on) if prepared and (on := _local(said.get("prepared_at"))) else None,
        returned=tuple(f"{_local(line['at'])} {line['reason']}" for line in row.returned),
        seal=paper.Sealed(
            "合同专用章",
            row.seal_number,
            row.sealed_at.astimezone(ZONE).date(),
            use.seal.keeper.name if use else "",
        )
        if row.sealed_at is not None
        else None,
        copies=str(row.copies) if row.copies else "",
    )


def _filing(case: Case) -> FilingFacts:
    row = Filing.objects.select_related(
        "contract__deal__unit__building", "contract__deal__unit__project__company"
    ).get(case_id=case.pk)
    return FilingFacts(row.contract, row)


@offer("presale_filing", "told", "letter", "备案告知书")
def told_letter(case: Case, at: datetime) -> paper.LetterForm:
    """
    Build the letter that tells the buyer of the filing (domain 1.3).

    :raises NotYetPrintable: the contract is not filed.
    """
    facts = _filing(case)
    row, unit = facts.row, facts.unit
    if row.filed_date is None:
        raise NotYetPrintable("备案完成后才能打印告知书")
    return paper.LetterForm(
        title="商品房买卖合同备案告知书",
        number=f"BAG-{case.number}",
        to="、".join(buyer.customer.name for buyer in facts.buyers),
        paragraphs=(
            f"您与我公司签订的{unit.project.name}{unit.label}《商品房买卖合同》，已在房屋登记机关办理登记备案，备案情况如下表。",
            "请您携带本人身份证件到签约地点领取合同；委托他人领取的，请提供授权委托书。",
        ),
        company=unit.project.company.name,
        written_on=at.astimezone(ZONE).date(),
        facts=(
            ("合同编号", facts.contract.number), ("网签合同号", row.city_number), ("备案编号", row.filing_number),
            ("备案日期", written_day(row.filed_date)),
        ),
        phone=unit.project.seller_phone,
        address=unit.project.signing_place,
    )  # fmt: skip


@offer("presale_filing", "receipt", "register", "合同领取签收表")
def copies_register(case: Case, at: datetime) -> paper.RegisterForm:
    """
    Build the 合同领取签收表: who took which copies, with room to sign.

    :raises NotYetPrintable: the contract is not filed.
    """
    facts = _filing(case)
    row = facts.row
    if row.filed_date is None:
        raise NotYetPrintable("备案完成后才能打印领取签收表")
    lines = [
        (
            facts.contract.number, facts.unit.label, line["receiver"], line["capacity"],
            line["authority"] or "—", str(line["copies"]), f"{_local(line['at'])}", "",
        )
        for line in row.copies_given
    ] or [(facts.contract.number, facts.unit.label, "", "", "", "", "", "")]  # fmt: skip
    return paper.RegisterForm(
        title="合同领取签收表",
        code="KF-BD-06",
        project=facts.unit.project.name,
        columns=tuple(
            paper.Column(*one)
            for one in (
                ("合同编号",), ("房号",), ("领取人",), ("身份",), ("授权委托书",), ("份数",), ("日期",), ("签名",),
            )
        ),
        rows=tuple(lines),
    )  # fmt: skip
