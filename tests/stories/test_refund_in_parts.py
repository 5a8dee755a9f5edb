"""A refund paid in parts: agreed in writing, each a row of the books with a second person's check, interest for being late."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guiju.kernel.models import Case
from guiju.kernel.money import ZERO
from guiju.ledger.models import PaidCheck, Payout, Refund
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.papers import forms as papers
from guiju.papers.forms import Stamp
from guiju.papers.offers import offers_of
from guiju.sales.models import RoomReturn
from tests.stories.conftest import House, beijing
from tests.stories.test_refund_story import APPLIED, DAY, HOUR, asked, bought, refused, row_of, signers

D = Decimal


def ready(house: House, names: tuple[str, ...] = ("苏清越",)) -> Case:
    """A home given back by consent, executed on 2026-11-05: 2,000,000 to pay by 2026-11-20."""
    bought(house, loan=False, names=names)
    case = asked(house, cause="goodwill", clause="", proofs=[])
    house.take(case, "talk", "lin", APPLIED + HOUR, words="客户坚持")
    payees = [{"name": "苏清越", "account": "示范银行 6200 01"}]
    house.take(case, "calculate", "deng", APPLIED + HOUR, until_date="2026-11-17", payees=payees)
    legal = {"legal": "公司同意", "legal_paper": house.scan}
    house.take(case, "submit", "deng", APPLIED + HOUR, payable="2000000", kept="0", **legal)
    house.approve(case, APPLIED + 2 * HOUR)
    at = APPLIED + 2 * DAY
    house.take(
        case, "sign_agreement", "deng", at, agreement=house.scan, agreed_date=at.date(),
        signers=signers(house, len(names)),
    )  # fmt: skip
    for kind in ("tax", "invoice", "keys"):
        house.take(case, "release", "deng", at, kind=kind, not_needed=True, note="不涉及")
    house.take(case, "release", "deng", at, kind="papers", proof=house.scan)
    house.take(case, "execute", "deng", at)
    return case


def slip(house: House, amount: str, voucher: str, at: datetime, **more: Any) -> dict[str, Any]:
    line = {"payee": "苏清越", "amount": amount, "voucher": voucher, "slip": house.scan}
    return {"paid_date": at.date(), "payments": [line], **more}


@pytest.mark.clause("I-5.10-0b")
def test_a_refund_in_three_parts_is_over_at_the_full_sum_with_interest_for_what_was_late(
    house: House, client: Client
):
    case = ready(house)
    book = book_of_deal(row_of(case).deal_id)
    assert book is not None

    # Without the buyer's word in writing it is paid at once; a part is a part.
    at, early = beijing("2026-11-10 10:00"), APPLIED - DAY
    agreed = {"consent": house.scan}
    for words, given in (
        ("分次退款要买受人书面同意", slip(house, "500000", "P1", at)),
        ("还有 ¥2,000,000.00 未付，本次超过了", slip(house, "2000001", "P1", at, **agreed)),
        ("这次付清，请办「付款」", slip(house, "2000000", "P1", at, **agreed)),
        ("批准以前不能付款，2026-11-03 才批准", slip(house, "500000", "P1", early, **agreed)),
    ):
        refused(house, case, "pay_part", "he", at, words, **given)
    RoomReturn.objects.filter(case=case).update(calculated_by=house.he)
    for step in ("pay", "pay_part"):
        refused(house, case, step, "he", at, "测算的人不能办理付款", **slip(house, "500000", "P1", at))
    RoomReturn.objects.filter(case=case).update(calculated_by=house.deng)
    house.take(case, "pay_part", "he", at, **slip(house, "500000", "P1", at, **agreed))
    assert (case.state, statement(book).refunded, row_of(case).paid_at) == ("pay_ready", D("500000"), None)

    # The same voucher is the same payment; what is open shows on the page of the case and at the till.
    refused(house, case, "pay_part", "he", at, "付款凭证号 P1 已经入过账", **slip(house, "500000", "P1", at))
    client.force_login(house.zhou)
    page = client.get(reverse("web:case", args=[case.number])).content.decode()
    for words in ("退款测算", "已付自有资金", "2,000,000.00", "500,000.00", "待复核", "还应付"):
        assert words in page, words
    house.take(case, "check_payment", "zhou", at)
    assert "周岚复核" in client.get(reverse("web:case", args=[case.number])).content.decode()
    client.force_login(house.he)
    assert "1,500,000.00" in client.get(reverse("web:till")).content.decode()

    # It came back and is paid again, to the account corrected.
    house.take(
        case, "come_back", "he", at, payee="苏清越", returned="P1", account="6200 03", reason="户名不符"
    )
    assert statement(book).refunded == ZERO
    house.take(case, "pay_part", "he", at + HOUR, **slip(house, "500000", "P2", at))

    # Two parts after the term of 2026-11-20: 700,000 ten days late, 800,000 twenty: 3 % on 365 days.
    at = beijing("2026-11-30 10:00")
    house.take(case, "pay_part", "he", at, **slip(house, "700000", "P3", at))
    at = beijing("2026-12-10 10:00")
    words = "应付苏清越 ¥801,890.41（含逾期利息 ¥1,890.41），所填不符"
    refused(house, case, "pay", "he", at, words, **slip(house, "800000", "P4", at))
    # 700,000 × 3 % × 10 ÷ 365 = 575.34; 800,000 × 3 % × 20 ÷ 365 = 1,315.07.
    house.take(case, "pay", "he", at, **slip(house, "801890.41", "P4", at))
    assert [one.amount for one in Payout.objects.all()] == [D("1890.41")]
    assert (case.state, statement(book).refunded, statement(book).over) == ("paid", D("2000000"), ZERO)
    refused(house, case, "close", "deng", at, "笔付款没有复核")
    house.take(case, "check_payment", "tang", at)
    assert PaidCheck.objects.count() == 5
    house.take(case, "close", "deng", at)
    assert (case.state, house.control()) == ("closed", "available")
    assert sum(row.amount for row in Refund.objects.filter(case=case)) == D("2000000")
    assert list(problems()) == []

    offer = offers_of("refund")[0]
    form = offer.build(case, at)
    assert [(one.amount, one.voucher) for one in form.payees] == [
        (D("500000"), "P2"), (D("700000"), "P3"), (D("801890.41"), "P4"),
    ]  # fmt: skip
    assert papers.print_form("refund", form, stamp=Stamp(), company="云栖置业").startswith(b"%PDF")


def test_a_part_that_came_back_is_paid_again_with_its_own_interest_once(house: House):
    case = ready(house)
    at = beijing("2026-11-12 10:00")
    house.take(case, "pay_part", "he", at, **slip(house, "1000000", "P1", at, consent=house.scan))
    at = beijing("2026-11-30 10:00")
    # 1,000,000 × 3 % × 10 ÷ 365 = 821.92.
    house.take(case, "pay", "he", at, **slip(house, "1000821.92", "P2", at))
    house.take(
        case, "come_back", "he", at, payee="苏清越", returned="P1", account="6200 03", reason="户名不符"
    )
    assert case.state == "pay_ready"
    # What came back is open again, twenty days after the term: 1,000,000 × 3 % × 20 ÷ 365 = 1,643.84 more.
    at = beijing("2026-12-10 10:00")
    house.take(case, "pay", "he", at, **slip(house, "1001643.84", "P3", at))
    assert sum(row.amount for row in Payout.objects.all()) == D("821.92") + D("1643.84")
    assert sum(row.amount for row in Refund.objects.all()) == D("2000000")
    assert list(problems()) == []
