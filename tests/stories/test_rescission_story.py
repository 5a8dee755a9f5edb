"""A debt that stays unpaid: the decision to rescind begins the return of the home by itself, with the notice to deliver."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.kernel import engine, reactions
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.kernel.refusals import NotReady
from guiju.ledger.models import Receipt, Receivable
from guiju.ledger.operations import allocating, receipts
from guiju.papers import forms as papers
from guiju.papers.forms import Stamp
from guiju.papers.offers import NotYetPrintable, offers_of
from guiju.sales.models import Deal, RoomReturn
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_refund_story import asked, bought, refused

pytestmark = pytest.mark.django_db
D, HOUR, DAY = Decimal, timedelta(hours=1), timedelta(days=1)


def owes_half_a_million(house: House) -> tuple[Deal, Receivable]:
    """2,000,000 was due on 2025-03-01; the cheque bounced, and 1,500,000 came instead."""
    deal = bought(house, loan=False, names=("苏清越",))
    (first,) = Receipt.objects.all()
    at = WEDNESDAY - 300 * DAY
    receipts.reverse(receipt=first, reason="退票", at=at, recorded_at=at, by_id=house.he.pk)
    made = receipts.book(
        unit=deal.unit, case_id=None, purpose="price", amount=D("1500000"), method="transfer", account="监管户", voucher="E9",
        payer="苏清越", third_party=False, relation="", received_at=at, recorded_at=at, by_id=house.he.pk, to=first.book,
    )  # fmt: skip
    receipts.check(receipt=made, by_id=house.zhou.pk, at=at)
    allocating.allocate(receipt=made, at=at, by_id=house.he.pk)
    return deal, Receivable.objects.get(book=first.book, name="首付款")


def paper(case: Case, name: str, at):
    return next(one for one in offers_of(case.process) if one.name == name).build(case, at)


@pytest.mark.clause("J-2.3-d", "I-5.10-0a")
def test_a_rescission_decided_for_a_debt_begins_the_return_of_the_home_by_itself(house: House):
    deal, row = owes_half_a_million(house)
    at = WEDNESDAY
    opened = engine.open_case(
        "dunning", by=house.wu, at=at, given={"receivable": row.pk}, chain_id=house.project.company_id,
        scope_id=house.project.pk, links=[("receivable", row.pk)],
    )  # fmt: skip
    debt = opened.case
    house.take(debt, "letter", "wu", at, tracking="EMS1001")
    delivered = {
        "tracking": "EMS1001",
        "delivered_date": local_date(at),
        "receiver": "本人",
        "proof": house.scan,
    }
    house.take(debt, "deliver", "wu", at + HOUR, **delivered)

    # Not beside another change, not of a deal that is over or not signed, and not without approval.
    words = {"way": "rescind", "reason": "多次催告未付"}
    other = asked(house, cause="goodwill", clause="", proofs=[], at=at)
    refused(
        house,
        debt,
        "decide",
        "zhou",
        at,
        f"本单已有变更或退房 {other.number} 在办，办结或撤回后再决定解除",
        **words,
    )
    house.take(other, "withdraw", "lin", at, reason="先付款")
    for changed, said in (({"live": False}, "成交已经结束"), ({"stage": Deal.SUBSCRIBED}, "还没有签订合同")):
        before = {name: getattr(deal, name) for name in changed}
        Deal.objects.filter(pk=deal.pk).update(**changed)
        refused(house, debt, "decide", "zhou", at, said, **words)
        Deal.objects.filter(pk=deal.pk).update(**before)
    house.take(debt, "decide", "zhou", at + 2 * HOUR, **words)
    assert debt.state == "written"
    house.approve(debt, at + 3 * HOUR)
    assert debt.state == "decided"
    while reactions.run_due(at + 4 * HOUR):
        pass

    case = Case.objects.get(links__kind="case", links__key=debt.pk, process="refund")
    found = RoomReturn.objects.get(case=case)
    assert (case.state, found.kind, found.reason, found.stage) == ("applied", "room", "buyer_fault", "signed")
    # 2025-03-01 is a Saturday, so that Monday the third was the last day (CC 203): 625 days before 2026-11-18.
    assert (
        found.words
        == "首付款应于 2025-03-01 付清，欠 ¥500,000.00，逾期 625 日，经催告仍未付清，决定解除合同：多次催告未付"
    )
    assert CaseLink.objects.filter(case=case, kind="unit", key=deal.unit_id).exists()

    # The notice is printed and delivered before anything is approved; its day is the first of the fifteen.
    at += DAY
    notice = paper(case, "rescission", at)
    facts = dict(notice.facts)
    assert (notice.title, notice.number, notice.delivery) == ("解除合同通知书", f"JCH-{case.number}", "EMS")
    assert facts["欠款"] == "500,000.00 元（人民币伍拾万元整）"
    assert (facts["合同编号"], facts["逾期"][:5]) == ("HT0", "626 日")
    assert papers.print_form("letter", notice, stamp=Stamp(), company="云栖置业").startswith(b"%PDF")
    with pytest.raises(NotYetPrintable):
        paper(other, "rescission", at)
    house.take(case, "talk", "lin", at, words="联系本人，仍不付款")
    payees = [{"name": "苏清越", "account": "6200 01"}]
    house.take(case, "calculate", "deng", at, until_date=local_date(at), payees=payees)
    found.refresh_from_db()
    # 5 % of 2,000,000 as agreed: 100,000 stays, 1,400,000 of the 1,500,000 goes back.
    assert (found.kept, found.payable) == (D("100000"), D("1400000"))
    sums = {"payable": "1400000", "kept": "100000", "legal": "催告和期限齐全", "legal_paper": house.scan}
    day = local_date(at)
    for more, said in (
        ({}, "请打印并送达解除合同通知书，填送达日期，上传送达凭证"),
        ({"notice_date": day}, "送达日期和送达凭证要一起填"),
        ({"notice_date": day + DAY, "notice": house.scan}, "解除通知送达日期不能晚于今天"),
    ):
        refused(house, case, "submit", "deng", at, said, **sums, **more)
    house.take(case, "submit", "deng", at, **sums, notice_date=day, notice=house.scan)
    house.approve(case, at + HOUR)
    found.refresh_from_db()
    assert (case.state, found.trigger_date, found.due_date) == ("approved", day, day + 15 * DAY)
    assert (
        local_date(Clock.objects.get(case=case, name="pay", state="running").due_at - HOUR) == found.due_date
    )


def test_a_lawsuit_decided_for_a_debt_leaves_the_deal_as_it_is(house: House):
    deal, row = owes_half_a_million(house)
    case = engine.open_case(
        "dunning", by=house.wu, at=WEDNESDAY, given={"receivable": row.pk}, chain_id=house.project.company_id,
        scope_id=house.project.pk, links=[("receivable", row.pk)],
    ).case  # fmt: skip
    with pytest.raises(NotReady, match="还没有送达凭证"):
        house.take(case, "decide", "zhou", WEDNESDAY, way="sue", reason="多次催告未付")
    house.take(case, "letter", "wu", WEDNESDAY, tracking="EMS1001")
    house.take(case, "deliver", "wu", WEDNESDAY, tracking="EMS1001", delivered_date=local_date(WEDNESDAY), receiver="本人", proof=house.scan)  # fmt: skip
    house.take(case, "decide", "zhou", WEDNESDAY, way="sue", reason="多次催告未付")
    house.approve(case, WEDNESDAY + HOUR)
    while reactions.run_due(WEDNESDAY + 2 * HOUR):
        pass

    assert case.state == "decided"
    assert not RoomReturn.objects.exists()
    assert Deal.objects.get(pk=deal.pk).live
