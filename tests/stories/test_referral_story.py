"""推荐客户确认 by the posts of the SOP (document I, process 十三): Lin writes the slip, Gao confirms, four approve, He pays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.kernel import engine
from guiju.kernel.models import ApprovalRequest, Case
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import BadlyFilled, NotReady
from guiju.ledger.models import PaidCheck, Payout
from guiju.ledger.operations import receipts
from guiju.ledger.verify import problems
from guiju.papers import forms as papers
from guiju.papers.forms import Stamp
from guiju.papers.offers import offers_of
from guiju.sales.models import Deal, Referral
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_refund_story import asked, bought, refused, signers

pytestmark = pytest.mark.django_db
D = Decimal
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLAUSE = pytest.mark.clause("I-5.13-0", "I-6-8")


def slip(house: House, *, at: Any = WEDNESDAY, by: str = "lin", unit: int = 0, **changed: Any) -> Case:
    """A slip of the owner of the first unit for 程以蓝, filled in today."""
    given = {
        "name": "程以蓝", "phone_tail": "5678", "contact_date": at.date().isoformat(), "signed": house.scan,
    } | changed  # fmt: skip
    event = engine.open_case(
        "referral", by=house.people[by], at=at, given=given, chain_id=house.project.company_id, scope_id=house.project.pk,
        links=[("unit", house.units[unit].pk)],
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def confirmed(house: House, case: Case, at: Any) -> None:
    house.take(case, "consent", "lin", at, phone="19900005678", proof=house.scan)
    house.take(case, "confirm", "gao", at, checked="来访、来电、渠道均无记录")


def row_of(case: Case) -> Referral:
    return Referral.objects.get(case=case)


@CLAUSE
def test_the_first_confirmed_wins_whatever_the_slip_says_of_its_day(house: House):
    bought(house, loan=False, names=("苏清越",))
    bought(house, unit=1, loan=False, names=("罗闻樱",))

    # No back-dating: neither by the day typed nor by the moment it is said to have happened.
    yesterday = (WEDNESDAY - DAY).date().isoformat()
    with pytest.raises(NotReady, match="当日未填的不予追认"):
        slip(house, contact_date=yesterday)
    with pytest.raises(NotReady, match="当日未填的不予追认"):
        slip(house, contact_date=yesterday, happened_at=(WEDNESDAY - DAY).isoformat())
    with pytest.raises(NotReady, match="不能自己推荐自己"):
        slip(house, name="苏清越", phone_tail="7701")
    with pytest.raises(NotReady, match="已签约的业主"):
        slip(house, unit=3)
    with pytest.raises(BadlyFilled):
        slip(house, phone_tail="19900005678")

    late, first = slip(house), slip(house, unit=1, at=WEDNESDAY + HOUR)
    # Without consent nothing but name and last digits is kept, and nothing is confirmed.
    assert (row_of(late).phone, row_of(late).phone_index) == ("", "")
    refused(house, first, "confirm", "gao", WEDNESDAY + HOUR, "还没有同意留下电话", checked="无记录")
    refused(
        house,
        first,
        "consent",
        "lin",
        WEDNESDAY + HOUR,
        "尾号不是登记的 5678",
        phone="19900005679",
        proof=house.scan,
    )
    confirmed(house, first, WEDNESDAY + 2 * HOUR)
    house.take(late, "consent", "lin", WEDNESDAY + 3 * HOUR, phone="19900005678", proof=house.scan)
    refused(
        house,
        late,
        "confirm",
        "gao",
        WEDNESDAY + 3 * HOUR,
        f"已由推荐单 {first.number} 先确认",
        checked="无记录",
    )
    with pytest.raises(NotReady, match="先确认"):
        slip(house, at=WEDNESDAY + 4 * HOUR)

    # Who was a customer before the slip was not brought by it.
    known = slip(house, name="罗闻樱", phone_tail="7711")
    house.take(known, "consent", "lin", WEDNESDAY + HOUR, phone="19900007711", proof=house.scan)
    refused(house, known, "confirm", "gao", WEDNESDAY + HOUR, "不是新客户", checked="无记录")
    house.take(known, "reject", "gao", WEDNESDAY + HOUR, reason="老业主")

    # A lapse is a person's word, and then somebody else's slip counts.
    refused(house, first, "expire", "deng", WEDNESDAY + DAY, "还没有过期")
    house.take(first, "expire", "deng", WEDNESDAY + 8 * DAY)
    house.take(late, "confirm", "gao", WEDNESDAY + 8 * DAY, checked="无记录")
    assert (first.state, late.state, row_of(first).live) == ("expired", "confirmed", False)


@CLAUSE
def test_the_reward_is_earned_taxed_paid_and_comes_back_with_the_home(house: House):
    bought(house, loan=False, names=("苏清越",))
    at = WEDNESDAY
    case = slip(house)
    confirmed(house, case, at + HOUR)
    refused(house, case, "visit", "lin", at + 9 * DAY, "已经过期", visit_date=(at + 9 * DAY).date())
    house.take(case, "visit", "lin", at + DAY, visit_date=(at + DAY).date())

    deal = bought(house, unit=1, loan=False, names=("程以蓝",))
    refused(house, case, "link_deal", "lin", at + DAY, "没有编号为 X 的成交", number="X")
    refused(house, case, "link_deal", "lin", at + DAY, "在登记推荐以前", number="HT1")
    Deal.objects.filter(pk=deal.pk).update(subscribed_date=(at + DAY).date())
    Referral.objects.filter(case=case).update(name="程以青")
    refused(house, case, "link_deal", "lin", at + DAY, "请上传关系证明", number="HT1")
    house.take(case, "link_deal", "lin", at + DAY, number="HT1", spouse_proof=house.scan)
    house.take(case, "qualify", "deng", at + 2 * DAY)
    refused(house, case, "claim", "lin", at + 2 * DAY, "按奖励规定为 ¥5,000.00", amount="6000")
    house.take(case, "claim", "lin", at + 2 * DAY, amount="5000")
    assert [seat["post"] for seat in ApprovalRequest.objects.get(case=case).chain] == [
        "sales_director", "cs_manager", "finance", "general_manager",
    ]  # fmt: skip
    house.approve(case, at + 2 * DAY + HOUR)

    # From 2026-11-01 the VAT is checked: 5,000 ÷ 1.01 × 1 % = 49.50; income tax (4,950.50 × 80 %) × 20 % = 792.08.
    pay_at = at + 3 * DAY
    pay = {"account": "6200 77", "voucher": "R1", "paid_date": pay_at.date()}
    refused(house, case, "pay", "he", pay_at, "应核定代扣增值税", income_tax="792.08", **pay)
    Referral.objects.filter(case=case).update(confirmed_by=house.he)
    refused(
        house,
        case,
        "pay",
        "he",
        pay_at,
        "确认或申报这笔奖励的人不能办理付款",
        vat="49.50",
        income_tax="792.08",
        **pay,
    )
    Referral.objects.filter(case=case).update(confirmed_by=house.gao)
    refused(house, case, "pay", "he", pay_at, "测算代扣增值税 ¥49.50", vat="0", income_tax="792.08", **pay)
    house.take(case, "pay", "he", pay_at, vat="49.50", income_tax="792.08", **pay)
    assert (row_of(case).net, Payout.objects.get(kind="reward").amount) == (D("4158.42"), D("4158.42"))
    number = Payout.objects.get().number
    refused(house, case, "check_payment", "he", pay_at, "不能复核自己办理的付款")

    # The home comes back: the reward too, in the same transaction.
    back = asked(house, unit=1, at=pay_at + HOUR, cause="goodwill", clause="", proofs=[])
    refused(house, case, "finish", "deng", pay_at + HOUR, f"有变更或退房 {back.number} 在办")
    house.take(back, "talk", "lin", pay_at + 2 * HOUR, words="客户坚持")
    payees = [{"name": "程以蓝", "account": "6200 01"}]
    house.take(back, "calculate", "deng", pay_at + 2 * HOUR, until_date="2026-11-30", payees=payees)
    legal = {"legal": "公司同意", "legal_paper": house.scan}
    house.take(back, "submit", "deng", pay_at + 2 * HOUR, payable="2000000", kept="0", **legal)
    house.approve(back, pay_at + 3 * HOUR)
    at = pay_at + DAY
    house.take(
        back,
        "sign_agreement",
        "deng",
        at,
        agreement=house.scan,
        agreed_date=at.date(),
        signers=signers(house, 1),
    )
    for kind in ("tax", "invoice", "keys"):
        house.take(back, "release", "deng", at, kind=kind, not_needed=True, note="不涉及")
    house.take(back, "release", "deng", at, kind="papers", proof=house.scan)
    house.take(back, "execute", "deng", at)
    case.refresh_from_db()
    assert (case.state, row_of(case).clawed_back) == ("recovering", D("4158.42"))
    refused(
        house, case, "recover", "he", at, f"还有 1 笔付款没有复核：{number}", amount="4158.42", voucher="Z1"
    )
    house.take(case, "check_payment", "tang", at)
    refused(house, case, "check_payment", "tang", at, "没有待复核的付款")
    assert PaidCheck.objects.get(payout__number=number).checked_by == house.tang
    refused(house, case, "recover", "he", at, "应追回 ¥4,158.42", amount="4000", voucher="Z1")
    house.take(case, "recover", "he", at, amount="4158.42", voucher="Z1")
    assert (case.state, row_of(case).live) == ("clawed_back", False)
    assert [row.amount for row in Payout.objects.filter(kind="reward").order_by("pk")] == [
        D("4158.42"),
        D("-4158.42"),
    ]
    assert list(problems()) == []

    (offer,) = offers_of("referral")
    pdf = papers.print_form("referral", offer.build(case, at), stamp=Stamp(), company="云栖置业")
    assert pdf.startswith(b"%PDF")


@CLAUSE
def test_an_unpaid_price_earns_nothing(house: House):
    bought(house, loan=False, names=("苏清越",))
    deal = bought(house, unit=1, names=("程以蓝",))
    case = slip(house)
    confirmed(house, case, WEDNESDAY)
    house.take(case, "visit", "lin", WEDNESDAY + HOUR, visit_date=WEDNESDAY.date())
    Deal.objects.filter(pk=deal.pk).update(subscribed_date=WEDNESDAY.date())
    house.take(case, "link_deal", "lin", WEDNESDAY + HOUR, number="HT1", spouse_proof=house.scan)
    loan = deal.contracts.get()
    assert loan.live
    for receipt in deal.unit.receipts.filter(method="loan"):
        receipts.reverse(
            receipt=receipt, reason="退票", at=WEDNESDAY, recorded_at=WEDNESDAY, by_id=house.he.pk
        )

    refused(house, case, "qualify", "deng", WEDNESDAY + DAY, "贷款还没有全部到账（差 ¥1,400,000.00）")
    house.take(case, "claw_back", "zhou", WEDNESDAY + DAY, reason="客户退房")
    assert (case.state, row_of(case).clawed_back) == ("clawed_back", ZERO)
