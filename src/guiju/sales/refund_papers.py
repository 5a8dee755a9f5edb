"""The printed 退房申请、审批表 (form 7, I-6-7), and 解除合同通知书."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from guiju.kernel.calendar import local_date
from guiju.kernel.models import ApprovalRequest, Case, Event, Vote
from guiju.kernel.money import ZERO
from guiju.ledger.models import Receipt, Refund
from guiju.org.masking import mask_identity
from guiju.org.models import Person
from guiju.org.posts import label
from guiju.papers import returning as paper
from guiju.papers.forms import Desk, LetterForm, Signed, Tick
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.writing import day, money, money_words
from guiju.sales.models import RoomReturn, Subscription
from guiju.sales.operations.dunning import facts_for
from guiju.sales.refund_facts import RefundFacts
from guiju.sales.refund_forms import SignerKind
from guiju.sales.refund_needs import rescinded_by
from guiju.sales.refund_sheet import ReasonClass

WAYS = dict(Receipt.METHODS)
PAYEES = dict(Refund.PAYEES)
CHAIN = ("sales_director", "cs_manager", "finance", "deputy_gm", "general_manager")


def signed_by(person_id: int | None, at: datetime | None) -> Signed | None:
    """Return who acted on which day, as printed."""
    if person_id is None or at is None:
        return None
    name = Person.objects.filter(pk=person_id).values_list("name", flat=True).first()
    return Signed(name, local_date(at)) if name else None


def desks_of(case: Case, step: str, chain: tuple[str, ...]) -> tuple[Desk, ...]:
    """Return the seats of a step's approval with who said yes and when; empty places where nobody has yet."""
    request = ApprovalRequest.objects.filter(case=case, step=step).order_by("-pk").first()
    votes: Mapping[str, Vote] = {}
    if request is not None:
        rows = request.votes.filter(round=request.round, decision=Vote.YES).order_by("pk")
        asked = {entry["seat"]: entry.get("asked", entry["post"]) for entry in request.chain}
        votes = {asked.get(vote.seat, vote.post): vote for vote in rows}
    found = []
    for post in chain:
        vote = votes.get(post)
        found.append(
            Desk(
                label(post),
                vote.reason[:40] if vote else "",
                signed_by(vote.person_id, vote.voted_at) if vote else None,
            )
        )
    return tuple(found)


@offer("refund", "refund", "refund", "退房申请、审批表")
def refund_form(case: Case, at: datetime) -> paper.RefundForm:
    """
    Build the 退房申请、审批表 as far as the case has come.

    :raises NotYetPrintable: the application is not in.
    """
    rows = RoomReturn.objects.select_related("deal__unit__building", "deal__unit__project__company")
    row = rows.filter(case=case).first()
    if row is None:
        raise NotYetPrintable("还没有退房申请")
    facts = RefundFacts(row)
    deal, unit = row.deal, row.deal.unit
    first = Event.objects.filter(case=case, step="apply").order_by("pk").first()
    subscription = Subscription.objects.filter(deal=deal).order_by("-pk").first()
    agreed = {one["customer"]: one["kind"] for one in row.agreed}
    agreed_on = local_date(row.agreed_at) if row.agreed_at is not None and row.agreement else None
    contract = facts.contract
    return paper.RefundForm(
        project=unit.project.name,
        number=case.number,
        applied_on=local_date(case.opened_at),
        stages=tuple(Tick(words, value == row.stage) for value, words in RoomReturn.STAGES),
        kind=row.get_kind_display(),
        unit=f"{unit.project.name} {unit.label}",
        area=unit.area_contract,
        unit_price=deal.unit_price or unit.unit_price,
        total=deal.total_price,
        contract=contract.number if contract is not None else deal.contract_number,
        subscription=subscription.number if subscription is not None else "",
        buyers=tuple(
            paper.ReturnBuyer(
                name=one.customer.name, identity=mask_identity(one.customer.identity_number), phone=one.customer.phone,
                address=one.customer.address,
                signed=Signed(one.customer.name, agreed_on) if agreed_on is not None and one.customer_id in agreed else None,
                capacity=_capacity(agreed.get(one.customer_id, "self")),
            )
            for one in facts.buyers
        ),
        reasons=tuple(Tick(one.label, one is facts.reason) for one in ReasonClass),
        words=row.words,
        clause=row.clause,
        paid=tuple(
            paper.ReturnPaid(one.on, one.receipt, one.payer, "贷款" if one.loan else "自有", one.amount) for one in facts.paid
        ),
        paid_total=sum((one.amount for one in facts.paid), ZERO),
        lines=tuple(paper.ReturnLine(one["name"], one["words"], Decimal(one["amount"])) for one in row.sheet),
        payable=row.payable,
        payees=tuple(_payments(facts)),
        term=f"{row.term_days} 日",
        due_on=row.due_date,
        items=tuple(
            paper.ReturnItem(
                one.get_kind_display(), one.needed, local_date(one.done_at) if one.done_at is not None else None,
                one.number or one.note,
            )
            for one in facts.releases
        ),
        legal=str(row.inputs.get("legal", "")),
        desks=(
            Desk("申请经办", "", signed_by(first.actor_id, first.happened_at) if first is not None else None),
            *desks_of(case, "submit", CHAIN),
        ),
        cashier=_cashier(case),
    )  # fmt: skip


def _payments(facts: RefundFacts) -> Iterator[paper.ReturnPay]:
    """Tell whom is paid how much: each payment that was made, and what is still open."""
    for one in facts.payees:
        made = [part for part in facts.parts if part.payee == one.name and part.bank == (one.kind == "bank")]
        kind = PAYEES.get(one.kind, one.kind)
        for part in made:
            yield paper.ReturnPay(
                str(one.position), kind, one.name, one.account, part.amount, part.voucher, part.on
            )
        if open_ := facts.open_of(one):
            yield paper.ReturnPay(str(one.position), kind, one.name, one.account, open_, "", None)


def _capacity(kind: str) -> str:
    return "" if kind == "self" else next((one.label for one in SignerKind if one.value == kind), kind)


def _cashier(case: Case) -> Signed | None:
    event = Event.objects.filter(case=case, step="pay").order_by("-pk").first()
    return signed_by(event.actor_id, event.happened_at) if event is not None else None


@offer("refund", "rescission", "letter", "解除合同通知书")
def rescission_notice(case: Case, at: datetime) -> LetterForm:
    """
    Build the notice that rescinds a contract for a debt: it ends when the notice arrives (CC 565).

    :raises NotYetPrintable: the return did not begin with a decision to rescind, or the debt is paid.
    """
    row = RoomReturn.objects.select_related("deal__unit__project__company", "deal__unit__building").get(
        case=case
    )
    began = rescinded_by(case.pk)
    if began is None:
        raise NotYetPrintable("不是因逾期付款决定解除的退房")
    debt, facts, unit = facts_for(began), RefundFacts(row), row.deal.unit
    line = debt.line
    if line.open <= 0 or line.due_date is None:
        raise NotYetPrintable("款项已收清，不再通知解除")
    number = facts.contract.number if facts.contract is not None else row.deal.contract_number
    penalty = line.penalty(local_date(at))
    rows = [
        ("合同编号", number), ("房屋", f"{unit.project.name}{unit.label}"),
        ("逾期款项", f"{debt.receivable.name}，应于 {day(line.due_date)} 前付清"),
        ("欠款", f"{money(line.open)} 元（{money_words(line.open)}）"), ("逾期", f"{line.late(local_date(at))} 日（至 {day(local_date(at))}）"),
    ]  # fmt: skip
    if penalty:
        rows.append(("违约金", f"{money(penalty)} 元（{money_words(penalty)}），至 {day(local_date(at))}"))
    return LetterForm(
        title="解除合同通知书",
        number=f"JCH-{case.number}",
        to="、".join(one.customer.name for one in facts.buyers),
        paragraphs=(
            f"您购买{unit.project.name}{unit.label}，签订了编号为 {number} 的《商品房买卖合同》。您逾期付款，经我司书面催告仍未付清，情况如下表。",
            "依照《中华人民共和国民法典》第五百六十三条、第五百六十五条和合同关于逾期付款的约定，我司通知您解除该合同。合同自本通知到达您时解除。",
            "请在收到本通知之日起 15 日内到下列地址办理注销备案和退款手续，带合同、收据原件和身份证件。合同解除后的退款和违约金按合同约定逐项列明。",
            "如有异议，可以请求人民法院或者仲裁机构确认解除行为的效力。",
        ),
        company=unit.project.company.name,
        written_on=local_date(at),
        facts=tuple(rows),
        phone=unit.project.seller_phone,
        address=unit.project.signing_place,
        delivery="EMS",
    )
