"""Returns and referrals in the demonstration: a bank to be paid off, a buyer to be paid, an owner who brought a friend."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guiju.demo import scenes
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.calendar import local_date
from guiju.ledger.queries import book_of_deal
from guiju.org.models import Person
from guiju.sales.changing import pending_change
from guiju.sales.contracts import contract_of
from guiju.sales.models import Deal, Payment, RoomReturn
from guiju.sales.mortgages import payoffs
from guiju.sales.refund_facts import RefundFacts

HOUR = timedelta(hours=1)
FRIENDS = (("程以蓝", "19900009961"), ("闻人澈", "19900009962"))


def build(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Take two returns and two referrals to where they wait for somebody."""
    rows = Deal.objects.filter(project=project, live=True, stage=Deal.SIGNED).select_related("unit")
    free = [
        deal for deal in rows.order_by("pk")
        if pending_change(deal.pk) is None and contract_of(deal.pk) is not None and book_of_deal(deal.pk) is not None
    ]  # fmt: skip
    lent = next((deal for deal in free if payoffs(deal.pk)), None)
    if lent is not None:
        _return(
            project,
            staff,
            lent,
            at - timedelta(days=4),
            reason="contract",
            words="实测面积误差超过 3%，选择解除合同",
        )
    cash = [deal for deal in free if deal is not lent and deal.payment == Payment.LUMP_SUM and _paid(deal)]
    if cash:
        _return(
            project, staff, cash[0], at - timedelta(days=3), reason="goodwill", words="家庭变故，无力继续履行"
        )
    owners = [deal for deal in free if deal is not lent and deal not in cash[:1]][:2]
    for place, (deal, (name, phone)) in enumerate(zip(owners, FRIENDS, strict=False)):
        _referral(
            project,
            staff,
            deal,
            name,
            phone,
            at - timedelta(hours=3 + place),
            confirmed=place == 0,
        )


def _facts(deal: Deal) -> RefundFacts:
    return RefundFacts(
        RoomReturn(deal=deal, kind=RoomReturn.ROOM, stage=RoomReturn.SIGNED, reason="goodwill")
    )


def _paid(deal: Deal) -> bool:
    return bool(_facts(deal).own_by_payer)


def _return(
    project: Project, staff: dict[str, Person], deal: Deal, at: datetime, *, reason: str, words: str
) -> None:
    scan = scenes.signature(staff["lin"], at)
    given: dict[str, Any] = {
        "kind": "room", "cause": reason, "words": words, "term": "15", "signed": [scan],
        "clause": "合同第五条" if reason == "contract" else "", "proofs": [scan],
    }  # fmt: skip
    opened = engine.open_case(
        "refund", by=staff["lin"], at=at, given=given, chain_id=project.company_id, scope_id=project.pk,
        links=[("unit", deal.unit_id)],
    )  # fmt: skip
    case_id = opened.case_id
    assert case_id is not None
    scenes.take(
        case_id, "talk", staff["lin"], at + HOUR, {"words": "说明了换房和改付款方式的办法，客户仍坚持退房"}
    )
    until = local_date(at) + timedelta(days=14)
    banks = []
    for one in payoffs(deal.pk):
        amount = str(one.paid_out)
        engine.advance(
            one.mortgage.case_id,
            "record_payoff",
            by=staff["deng"],
            at=at + HOUR,
            given={"amount": amount, "on_date": until},
        )
        banks.append({"bank": one.bank, "amount": amount, "account": "贷款结清专户"})
    payees = [{"name": name, "account": "示范银行 6200 0000 0000"} for name in _facts(deal).own_by_payer]
    sums = {"until_date": until, "payoffs": banks, "payees": payees}
    sums |= {"rate": "3.50"} if reason == "contract" else {"fee": "20000"}
    scenes.take(case_id, "calculate", staff["deng"], at + 2 * HOUR, sums)
    row = RoomReturn.objects.get(case_id=case_id)
    legal = {"legal": "依据充分，同意按测算办理", "legal_paper": scan}
    submit = {"payable": str(row.payable), "kept": str(row.kept), **legal}
    scenes.take(case_id, "submit", staff["deng"], at + 3 * HOUR, submit)
    scenes.approve(case_id, staff, at + 4 * HOUR)
    if reason == "contract":
        count = deal.buyers.count()
        signers = [{"buyer": place, "kind": "self", "signature": scan} for place in range(1, count + 1)]
        at += timedelta(days=1)
        agreement = {"agreement": scan, "agreed_date": local_date(at), "signers": signers}
        scenes.take(case_id, "sign_agreement", staff["deng"], at, agreement)


def _referral(
    project: Project,
    staff: dict[str, Person],
    deal: Deal,
    name: str,
    phone: str,
    at: datetime,
    *,
    confirmed: bool,
) -> None:
    scan = scenes.signature(staff["luo"], at)
    given = {
        "name": name, "phone_tail": phone[-4:], "relation": "同事", "contact_date": local_date(at), "signed": scan,
    }  # fmt: skip
    opened = engine.open_case(
        "referral", by=staff["luo"], at=at, given=given, chain_id=project.company_id, scope_id=project.pk,
        links=[("unit", deal.unit_id)],
    )  # fmt: skip
    assert opened.case_id is not None
    if confirmed:
        scenes.take(opened.case_id, "consent", staff["luo"], at + HOUR / 4, {"phone": phone, "proof": scan})
        checked = {"checked": "来访、来电登记和渠道报备均无记录"}
        scenes.take(opened.case_id, "confirm", staff["gao"], at + HOUR / 2, checked)
