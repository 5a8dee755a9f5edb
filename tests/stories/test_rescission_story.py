"""A debt that stays unpaid: the decision to rescind begins the return of the home by itself, with the notice to deliver."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.kernel import engine, reactions
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.kernel.refusals import NotReady
from guiju.ledger.models import Receipt, Receivable
from guiju.ledger.operations import allocating, penalties, receipts
from guiju.papers import forms as papers
from guiju.papers.forms import Stamp
from guiju.papers.offers import NotYetPrintable, offers_of
from guiju.sales.models import Deal, ReturnRelease, RoomReturn
from guiju.sales.operations.dunning import facts_for as dunning_facts
from guiju.sales.rescinding import right_from
from tests.sales.loans import on
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

    # The buyer signs nothing. The reminder came on 18 November, the notice a day later: without a term in the contract the
    # right comes three months after the reminder and lapses a year later.
    end = {"no_objection": False, "checked": "电话问过本人，查过法院公告", "legal_paper": house.scan}
    early = "解除权从 2027-02-19 起才有，通知 2026-11-19 送达得早了"
    refused(house, case, "end_by_notice", "zhou", at, early, **end)
    for delivered, said in (
        (None, "解除合同通知书还没有送达凭证"),
        (date(2028, 2, 20), "到 2028-02-19 为止；通知 2028-02-20 才送达，须由双方签解除协议，或凭法院文书"),
        (date(2027, 2, 19), "异议期 15 日，到 2027-03-06 为止，2027-03-07 起才能办理"),
    ):
        RoomReturn.objects.filter(pk=found.pk).update(trigger_date=delivered)
        refused(house, case, "end_by_notice", "zhou", on(date(2027, 3, 6)), said, **end)
    later = on(date(2027, 3, 7))
    refused(house, case, "end_by_notice", "zhou", later, "由法院或仲裁机构确认，请办「转诉讼」", **end)
    end["no_objection"] = True
    book = row.book
    late = receipts.book(
        unit=deal.unit, case_id=None, purpose="price", amount=D("500000"), method="transfer", account="监管户", voucher="E10",
        payer="苏清越", third_party=False, relation="", received_at=later, recorded_at=later, by_id=house.he.pk, to=book,
    )  # fmt: skip
    allocating.allocate(receipt=late, at=later, by_id=house.he.pk)
    refused(house, case, "end_by_notice", "zhou", later, "欠款已经收清，不能再按通知解除", **end)
    receipts.reverse(receipt=late, reason="退票", at=later, recorded_at=later, by_id=house.he.pk)
    house.take(case, "end_by_notice", "zhou", later, **end)
    found.refresh_from_db()
    assert (case.state, found.agreement, found.agreed) == ("releasing", "", [])
    assert ReturnRelease.objects.filter(request=found, needed=True).exists()
    assert Deal.objects.get(pk=deal.pk).live, "nothing has been executed yet"


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

    # Late for more than 30 days from Monday 2025-03-03, as agreed; agreed nothing, three months after the reminder.
    assert right_from(dunning_facts(case.pk)) == date(2027, 2, 19)
    penalties.set_term(
        book=row.book, millionths=100, limit_days=30, basis="合同第八条", at=WEDNESDAY, by_id=None
    )
    assert right_from(dunning_facts(case.pk)) == date(2025, 4, 3)
    assert case.state == "decided"
    assert not RoomReturn.objects.exists()
    assert Deal.objects.get(pk=deal.pk).live
