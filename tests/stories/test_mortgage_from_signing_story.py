"""From the subscription to the loan: signing the contract opens the loan case with what the plan leaves to the bank."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.sales.models import Mortgage
from tests.stories.signing_desk import SIGNING_DAY, Desk, work

pytestmark = pytest.mark.django_db


@pytest.mark.clause("J-2.2-b")
def test_signing_a_contract_with_a_loan_opens_its_mortgage(house):
    desk = Desk(house).stocked()
    case = desk.booked(payment="mortgage", down_payment="588000.00", bank="建设银行")
    desk.ready(case, pay="538000.00")
    desk.signatures(case)
    desk.sign(case)
    work(SIGNING_DAY + timedelta(hours=1))

    row = Mortgage.objects.select_related("case").get()
    # 1,960,000 less 588,000 paid by the buyer
    assert (row.part, row.amount, row.bank) == ("commercial", Decimal("1372000.00"), "建设银行")
    assert row.case.state == "collecting"
    assert row.papers.count() == 11
    work(SIGNING_DAY + timedelta(hours=2))
    assert Mortgage.objects.count() == 1
    # The down payment was booked before: its receipt is in the loan's papers already.
    assert list(row.papers.exclude(state="missing").values_list("kind", "state")) == [("receipt", "copy")]
