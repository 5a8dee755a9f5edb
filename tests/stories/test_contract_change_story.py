"""签约变更 told with people: from cash to a loan, a daughter's name after filing; the decision table row by row."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import NotReady
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.papers.offers import offers_of
from guiju.sales.changing_forms import Ground, Kind
from guiju.sales.changing_rules import City, Loan, Standing, Way, decide
from guiju.sales.models import Contract, Deal, DealBuyer, Filing
from tests.stories.changing import HOUR, THURSDAY, asked, facts_of, registered, signers, work
from tests.stories.conftest import House

D = Decimal
FRIDAY = THURSDAY + timedelta(days=1)
OPEN, FILED = Standing(False), Standing(True)
AFTER_FILING = [
    (Kind.RENAME, FILED, {"ground": Ground.SPOUSE}, "已备案的合同不能更名"),
    (Kind.RENAME, Standing(True, city_resigns=True), {"ground": Ground.SPOUSE}, ""),
    (Kind.RENAME, FILED, {"ground": Ground.INHERITANCE}, ""),
    (Kind.RENAME, FILED, {"ground": Ground.COURT}, ""),
    (Kind.RENAME, OPEN, {"ground": Ground.CHILD}, ""),
    (Kind.RENAME, OPEN, {"ground": Ground.NONE}, "合同不能随意更名"),
    (Kind.ADD, FILED, {"ground": Ground.SPOUSE}, ""),
    (Kind.ADD, OPEN, {"ground": Ground.NONE}, "增减买受人只限"),
    (Kind.SWAP, OPEN, {}, "签约以后换房按「退房」加「重新认购」办理"),
    (Kind.SWAP, FILED, {}, "签约以后换房按「退房」加「重新认购」办理"),
    (Kind.PAYMENT, Standing(True, Loan.APPROVED), {"from_loan": True}, ""),
    (Kind.PAYMENT, Standing(True, Loan.PAID_OUT), {"from_loan": True}, "贷款已经发放，不能再变更付款方式"),
    (Kind.BANK, Standing(True, Loan.ASKED), {}, ""),
    (Kind.BANK, Standing(True, Loan.APPROVED), {}, "贷款已经批准"),
    (Kind.DISCOUNT, OPEN, {}, ""),
    (Kind.DISCOUNT, OPEN, {"dearer": True}, "签约以后公司不能加价"),
    (Kind.DISCOUNT, FILED, {}, "已备案的合同不能变更价格"),
    (Kind.DISCOUNT, FILED, {"correction": True}, ""),
    (Kind.PLAN, FILED, {}, ""),
    (Kind.OTHER, FILED, {}, ""),
]


@pytest.mark.clause("I-5.4-0")
@pytest.mark.parametrize(("kind", "at", "words", "why"), AFTER_FILING)
def test_the_table_says_what_is_possible_after_signing(kind, at, words, why):
    found = decide(kind, at, **words)

    assert found.why.startswith(why)
    assert found.possible is (why == "")


def test_the_table_says_how_it_is_done():
    assert decide(Kind.ADD, FILED, ground=Ground.SPOUSE).way is Way.RESIGN
    assert decide(Kind.ADD, FILED, ground=Ground.SPOUSE).city is City.CANCEL
    assert decide(Kind.ADD, OPEN, ground=Ground.SPOUSE).city is City.NOTHING
    assert decide(Kind.PAYMENT, FILED).city is City.CHANGE
    # The bank comes first: where a loan runs, and where one is wanted; not where it is given up.
    assert decide(Kind.PLAN, OPEN).bank_first is False
    assert decide(Kind.PAYMENT, OPEN, to_loan=True).bank_first is True
    assert decide(Kind.ADD, Standing(False, Loan.ASKED), ground=Ground.SPOUSE).bank_first is True
    assert decide(Kind.PAYMENT, Standing(False, Loan.ASKED), from_loan=True).bank_first is False


def contracted(house: House) -> tuple[Case, Contract]:
    """A signed contract over the first flat, at 1,960,000 in one payment, with its books."""
    sub = house.sealed()
    work()
    row = house.facts(sub)
    Deal.objects.filter(pk=row.deal_id).update(
        stage=Deal.SIGNED, signed_date=date(2026, 11, 18), contract_number="HT-1"
    )
    Case.objects.filter(pk=sub.pk).update(state="converted", closed_at=THURSDAY)
    contract = Contract.objects.create(
        deal_id=row.deal_id, number="HT-1", signed_date=date(2026, 11, 18), total_price=row.deal.total_price,
        unit_price=row.deal.unit_price, plan=row.plan,
    )  # fmt: skip
    return sub, contract


@pytest.mark.clause("I-5.4-0", "I-6-6")
def test_from_cash_to_a_loan_the_bank_comes_first(house: House):
    _, contract = contracted(house)
    with pytest.raises(NotReady) as refused:
        asked(house, "swap", process="contract_change")
    assert "签约以后换房按「退房」加「重新认购」办理" in str(refused.value)
    case = asked(
        house, "payment", process="contract_change", payment="mortgage", bank="建设银行", down_payment="588000",
        discounts=[{"name": "开盘优惠", "percent": "2"}], total_price="1960000.00",
    )  # fmt: skip
    assert case.number == "QB-YQ1-2026-0001"
    registered(house, case)
    with pytest.raises(NotReady) as refused:
        house.take(case, "report_up", "zhou", THURSDAY + 3 * HOUR, signature=house.scan)
    assert {reason.text for reason in refused.value.reasons} == {
        "涉及款项，财务还没有核对差价和收据", "本单有贷款，先取得银行书面同意，再报批", "法务还没有出具意见，签约变更不能报批",
    }  # fmt: skip
    house.take(case, "finance_check", "he", THURSDAY + 3 * HOUR, difference_ok=True)
    house.take(
        case, "legal_opinion", "deng", THURSDAY + 3 * HOUR, lawyer="章律师", opinion="可以", paper=house.scan
    )
    house.take(
        case, "bank_consent", "deng", THURSDAY + 3 * HOUR, bank="建设银行", agrees=True, paper=house.scan,
        dated="2026-11-19",
    )  # fmt: skip
    house.take(case, "report_up", "zhou", THURSDAY + 4 * HOUR, signature=house.scan)
    house.approve(case, THURSDAY + 5 * HOUR)
    house.take(case, "sign_agreement", "deng", FRIDAY, number="BC-1", signers=signers(house, "苏清越"))
    assert Contract.objects.get(pk=contract.pk).plan == contract.plan
    house.take(case, "execute", "deng", FRIDAY + HOUR)

    deal, now = Deal.objects.get(pk=contract.deal_id), Contract.objects.get(pk=contract.pk)
    assert (deal.payment, deal.bank, deal.terms_version, now.live) == ("mortgage", "建设银行", 2, True)
    assert [(line["name"], line["amount"]) for line in now.plan] == [
        ("定金", "50000.00"), ("首付款", "538000.00"), ("贷款", "1372000.00"),
    ]  # fmt: skip
    owed = statement(book_of_deal(deal.pk))
    assert [(line.receivable.name, line.amount) for line in owed.lines if line.amount] == [
        ("定金", D("50000")), ("首付款", D("538000")), ("贷款", D("1372000")),
    ]  # fmt: skip
    assert list(problems()) == []
    work(FRIDAY + 2 * HOUR)
    assert deal.mortgages.get().amount == D("1372000")
    form = offers_of("contract_change")[0].build(case, FRIDAY)
    assert dict(form.standing)["银行意见"] == "书面同意"
    assert form.executed.startswith("2026 年 11 月 20 日执行") or "执行" in form.executed
    house.take(case, "hand_back", "deng", FRIDAY + 3 * HOUR, receiver="林晓雯")
    assert case.state == "done"


def test_a_daughter_joins_after_filing_only_when_the_filing_is_withdrawn(house: House):
    _, contract = contracted(house)
    work()
    opened = engine.open_case(
        "presale_filing", by=None, at=THURSDAY, given={}, chain_id=house.project.company_id, follows=True,
        scope_id=house.project.pk, links=[("deal", contract.deal_id), ("unit", house.units[0].pk)],
    )  # fmt: skip
    filing = Filing.objects.get(case_id=opened.case_id)
    Filing.objects.filter(pk=filing.pk).update(
        filed_at=THURSDAY, filing_number="BA-1", filed_date=date(2026, 11, 19)
    )
    case = asked(
        house,
        "add",
        process="contract_change",
        buyers=[house.buyer("程小满")],
        ground="child",
        proof=[house.scan],
    )
    row = facts_of(case)
    assert (row.findings["way"], row.findings["city"], row.findings["filed"]) == ("resign", "cancel", True)
    registered(house, case)
    house.take(case, "finance_check", "he", THURSDAY + 3 * HOUR, difference_ok=True, receipts_back=True)
    house.take(
        case, "legal_opinion", "deng", THURSDAY + 3 * HOUR, lawyer="章律师", opinion="可以", paper=house.scan
    )
    house.take(case, "report_up", "zhou", THURSDAY + 4 * HOUR, signature=house.scan)
    house.approve(case, THURSDAY + 5 * HOUR)
    with pytest.raises(NotReady) as refused:
        house.take(case, "sign_agreement", "deng", FRIDAY, number="JC-1", signers=signers(house, "苏清越"))
    assert "解除后重签的，请填新合同编号" in str(refused.value)
    both = signers(house, "苏清越", "程小满")
    house.take(
        case, "sign_agreement", "deng", FRIDAY, number="JC-1", new_contract_number="HT-2", signers=both
    )
    with pytest.raises(NotReady) as refused:
        house.take(case, "execute", "deng", FRIDAY)
    assert "合同还在备案：先在预售登记里注销备案，再执行" in str(refused.value)
    Filing.objects.filter(pk=filing.pk).update(withdrawn_at=FRIDAY, open=False)
    Case.objects.filter(pk=filing.case_id).update(state="withdrawn", closed_at=FRIDAY)
    house.take(case, "execute", "deng", FRIDAY + HOUR)

    contracts = list(Contract.objects.filter(deal_id=contract.deal_id).order_by("pk"))
    assert [(one.number, one.live) for one in contracts] == [("HT-1", False), ("HT-2", True)]
    assert [b.customer.name for b in DealBuyer.objects.select_related("customer").order_by("position")] == [
        "苏清越", "程小满",
    ]  # fmt: skip
    work(FRIDAY + 2 * HOUR)
    assert Case.objects.filter(process="contract_approval").count() == 1
