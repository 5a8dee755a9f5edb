"""Mortgages from the signed contract to the released guarantee: a bank that refuses, another that pays; a combined loan."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.kernel.engine import options
from guiju.kernel.models import Event, Todo
from guiju.kernel.refusals import NotReady, NotYourPost
from guiju.ledger.models import Kind, Payout, Receipt, Receivable
from guiju.ledger.queries import line_of, receivables_of
from guiju.ledger.verify import problems
from guiju.notify.models import Message
from guiju.sales import mortgage_jobs
from guiju.sales.models import Deal, DealChange, LoanArrears, Mortgage, MortgagePaper
from guiju.sales.mortgages import open_loans, payoffs
from guiju.web import casepage
from guiju.web.prefill import prefill
from tests.sales.loans import FUND, SIGNED, Loans, after, on
from tests.stories.signed import seats

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def loans(house) -> Loans:
    return Loans(house)


def wanted(case):
    return set(Todo.objects.filter(case=case).values_list("act", flat=True))


def lines(deal):
    book = deal.unit.books.get()
    return {line.receivable.name: line for line in receivables_of(book.pk)}


@pytest.mark.clause(
    "I-5.6-0",
    "J-2.2-b",
    "J-2.2-c",
    "I-2.2-d",
    "I-2.2-e",
    "I-2.2-f",
    "I-2.2-g",
    "I-2.2-i",
    "I-2.2-j",
    "I-2.2-k",
)
def test_a_buyer_whose_first_bank_refuses_and_whose_second_pays(house, loans):
    deal = loans.signed("苏清越", "陆望舒")
    case = loans.case(deal)
    row = loans.row(case)
    assert case.number.startswith("AJ-")
    assert (row.part, row.amount, row.bank) == ("commercial", D("1400000.00"), "建设银行")
    # 7 papers of each of two borrowers, 5 that they share… the fund's one is not asked for.
    assert row.papers.count() == 6 * 2 + 5
    assert wanted(case) == {"receive_papers"}

    # Item by item; what is only a copy, expired or missing is not there.
    items = [
        {"kind": "identity", "buyer": 1, "state": "copy"}, {"kind": "identity", "buyer": 2, "state": "copy"},
        {"kind": "income", "buyer": 1, "state": "copy"}, {"kind": "flow", "buyer": 2, "state": "expired"},
    ]  # fmt: skip
    loans.take(case, "receive_papers", after(1), items=items)
    words = loans.refused(case, "complete_papers", after(1))
    assert "苏清越的收入证明（要原件）" in words
    assert "陆望舒的银行流水（已过期，要新的）" in words
    assert "身份证" not in words
    assert "不在资料清单里" in loans.refused(
        case, "receive_papers", after(1), items=[{"kind": "fund", "state": "original"}]
    )

    loans.take(case, "plan_interview", after(2), interview_at="2026-11-07T10:00", place="示范支行")
    assert Message.objects.filter(template="mortgage.interview").count() == 2
    loans.hand_in(case, after(3), buyers=2)
    loans.take(case, "complete_papers", after(3, 11))
    assert "到场" in loans.refused(case, "interview", after(4))
    loans.take(case, "interview", after(5), everybody=True)

    assert "还没有完成预售登记" in loans.refused(case, "submit", after(6), acceptance_number="CCB-1")
    loans.file(deal)
    loans.take(case, "submit", after(11), acceptance_number="CCB-1")
    loans.take(case, "ask_supplement", after(12), wanted="补近三个月流水", kinds=["flow"])
    assert "银行流水" in loans.refused(case, "supplied", after(12), note="流水")
    assert "没有找到同事" in loans.refused(
        case, "raise_problem", after(12), text="流水缺三个月", owner="不存在"
    )
    loans.take(case, "raise_problem", after(12), text="流水缺三个月", owner="于静", action="请客户到柜台打印")
    assert "solve_problem" in wanted(case)
    loans.hand_in(case, after(13), "flow", buyers=2)
    loans.take(case, "supplied", after(13), note="补交流水")
    loans.take(case, "solve_problem", after(13), result="银行已收下")
    loans.take(case, "refuse", after(15), cause="buyer", reason="征信有逾期")
    assert case.state == "refused"

    assert "现在就是这家银行" in loans.refused(
        case, "switch_bank", after(16), bank="建设银行", reason="换一家"
    )
    loans.take(case, "switch_bank", after(16), bank="招商银行", reason="建设银行拒贷")
    row.refresh_from_db()
    assert (case.state, row.bank, row.submitted_at) == ("collecting", "招商银行", None)
    assert set(row.papers.exclude(state="original").values_list("kind", flat=True)) == {"credit"}
    assert "综合融资成本表" in loans.refused(case, "appoint_lawyer", after(16), lawyer="程远")
    loans.take(
        case,
        "appoint_lawyer",
        after(16),
        lawyer="程远",
        firm="示范律师事务所",
        phone="19900002222",
        fee_in_table=True,
    )
    loans.take(case, "exchange", after(16), heard="to", words="借款人资料一套", papers=[house.scan])
    loans.hand_in(case, after(17), "credit", buyers=2)
    loans.take(case, "complete_papers", after(17))
    loans.take(case, "interview", after(18), everybody=True)
    loans.take(case, "submit", after(19), acceptance_number="CMB-1")

    assert "少批的请办" in loans.refused(
        case, "approve", after(22), amount="1300000", until_date="2027-05-01"
    )
    assert "已经过了" in loans.refused(case, "approve", after(22), amount="1400000", until_date="2026-11-01")
    loans.take(
        case, "approve", after(22), amount="1400000", until_date="2027-05-01", approval_number="CMB 批 1"
    )
    loans.take(case, "sign_loan", after(23), loan_number="借 1", loan_date="2026-11-25")
    loans.take(
        case, "register_mortgage", after(25), registration_number="预抵 1", registered_date="2026-11-27"
    )

    # Presale by the old rules: the gate is the topping out.
    assert "主体结构封顶" in loans.refused(case, "open_gate", after(25))
    assert mortgage_jobs.open_gates(after(25)) == 0
    loans.topped_out(date(2026, 11, 28))
    assert lines(deal)["按揭款"].due_date is None
    assert mortgage_jobs.open_gates(after(28)) == 1
    assert lines(deal)["按揭款"].due_date == date(2026, 12, 28)
    case.refresh_from_db()

    loans.take(case, "hold_payout", after(28), by="deng", reason="借款人失业，向银行核实")
    assert "已暂停放款" in loans.refused(case, "ask_payout", after(28), account="4400 0000 0001")
    loans.take(case, "go_on", after(29), by="deng", reason="银行同意继续")
    assert "监管账户 4400 0000 0001" in loans.refused(case, "ask_payout", after(29), account="6222 0000")
    loans.take(case, "ask_payout", after(29), account="440000000001")
    loans.take(
        case,
        "press_bank",
        after(36),
        who="信贷部 秦",
        way="call",
        answer="下周放",
        promised_date="2026-12-15",
    )
    assert loans.row(case).presses == 1

    paid = {"received_date": "2026-12-10", "voucher": "CMB20261210"}
    with pytest.raises(NotYourPost):
        loans.take(case, "disburse", after(38), by="yu", amount="1400000", **paid)
    assert "登记部分放款" in loans.refused(case, "disburse", after(38), by="he", amount="1000000", **paid)
    assert "先和银行核对" in loans.refused(case, "disburse", after(38), by="he", amount="1500000", **paid)
    assert "不能晚于今天" in loans.refused(case, "disburse", after(37), by="he", amount="1400000", **paid)
    loans.take(case, "disburse_part", after(38), by="he", amount="1000000", **paid)
    loans.take(
        case,
        "disburse",
        after(39),
        by="he",
        amount="400000",
        received_date="2026-12-11",
        voucher="CMB20261211",
    )

    assert case.state == "disbursed"
    assert lines(deal)["按揭款"].open == 0
    assert Receipt.objects.filter(method="loan").count() == 2
    told = Message.objects.filter(template="mortgage.paid_out").order_by("id")
    assert told.count() == 4
    assert "招商银行商业贷款 1,000,000.00 元已于 2026年12月10日 到账" in told[0].body
    assert list(problems()) == []

    # Repayments, while the company answers for the loan.
    assert casepage.load(case, by=house.yu, at=after(40)).primary.name == "set_repayment"
    loans.take(case, "set_repayment", after(40), day=31, first_date="2027-01-31")
    assert casepage.load(case, by=house.yu, at=after(41)).primary.name == "release_guarantee"
    assert mortgage_jobs.remind_repayments(on(date(2027, 1, 25))) == 0
    assert mortgage_jobs.remind_repayments(on(date(2027, 1, 26))) == 2
    mortgage_jobs.remind_repayments(on(date(2027, 1, 26), 15))
    assert mortgage_jobs.remind_repayments(on(date(2027, 2, 23))) == 2, "the 31st of February is its last day"
    assert Message.objects.filter(template="mortgage.repayment").count() == 4
    late = on(date(2027, 3, 1))
    loans.take(case, "report_arrears", late, due_date="2027-02-28", amount="6200", how="招行电话")
    assert "已经登记" in loans.refused(case, "report_arrears", late, due_date="2027-02-28", amount="6200")
    loans.take(case, "chase_repayment", late, way="call", answer="忘了，明天还")
    assert "还款逾期" in loans.refused(
        case, "release_guarantee", late, number="抵 1", released_date="2027-03-01"
    )
    # Paid by the company: approved by the chain, then by the cashier's desk into the books, then checked by another.
    pay: dict[str, Any] = {"due_date": "2027-02-28", "note": "DC-1", "paid_date": "2027-03-01"}
    assert "代偿还没有批准，不能付款" in loans.refused(case, "pay_for_buyer", late, by="he", **pay)
    asking = {
        "due_date": "2027-02-28", "amount": "6200", "account": "招商银行 6100", "reason": "电话催了三次，客户不接", "proof": house.scan,
    }  # fmt: skip
    assert prefill(case, "ask_to_pay") == {"due_date": "2027-02-28", "amount": "6200.00"}
    assert prefill(case, "pay_for_buyer") == {}
    assert "登记的逾期金额是 6200.00 元，和代偿金额不符" in loans.refused(
        case, "ask_to_pay", late, **{**asking, "amount": "62000"}
    )
    assert "没有待复核的付款" in loans.refused(case, "check_payment", late, by="tang")
    loans.take(case, "ask_to_pay", late, **asking)
    assert seats(case) == ["cs_manager"], "then finance, the deputy and the general manager, in this order"
    house.approve(case, late)
    assert not Payout.objects.filter(kind="guarantee").exists(), "an approval moves no money"
    assert "已经批准" in loans.refused(case, "ask_to_pay", late, **asking)
    assert "没有批准，或者已经付清" in loans.refused(
        case, "pay_for_buyer", late, by="he", **{**pay, "due_date": "2027-01-31"}
    )
    early = {**pay, "paid_date": "2027-02-28"}
    assert "批准以前不能付款，2027-03-01 才批准" in loans.refused(
        case, "pay_for_buyer", late, by="he", **early
    )
    assert casepage.load(case, by=house.people["he"], at=late).primary.name == "pay_for_buyer"
    row = LoanArrears.objects.get()
    asker, row.payment_asked_by = row.payment_asked_by, house.people["he"]
    row.save()
    assert "申请代偿的人不能办理付款" in loans.refused(case, "pay_for_buyer", late, by="he", **pay)
    row.payment_asked_by = asker
    row.save()
    loans.take(case, "pay_for_buyer", late, by="he", **pay)
    paid = Payout.objects.get(kind="guarantee")
    assert (paid.amount, paid.payee, paid.payee_account, paid.voucher) == (
        D("6200"), "招商银行", "招商银行 6100", "DC-1",
    )  # fmt: skip
    assert "代偿的 ¥6,200.00 还没有追回" in loans.refused(
        case, "release_guarantee", late, number="抵 1", released_date="2027-03-01"
    )
    assert "笔付款没有复核" in loans.refused(case, "recover", late, by="he", due_date="2027-02-28")
    assert "不能复核自己办理的付款" in loans.refused(case, "check_payment", late, by="he")
    loans.take(case, "check_payment", late, by="tang")
    loans.take(case, "recover", late, by="he", due_date="2027-02-28", note="SH-1")
    assert [row.amount for row in Payout.objects.order_by("pk")] == [D("6200"), D("-6200")]
    assert list(problems()) == []
    loans.take(case, "release_guarantee", late, number="抵 1", released_date="2027-03-01")
    assert case.state == "released"
    assert mortgage_jobs.remind_repayments(on(date(2027, 3, 26))) == 0
    told = [
        event.step
        for event in Event.objects.filter(case=case, step__in=("chase_repayment", "exchange", "press_bank"))
    ]
    assert sorted(told) == ["chase_repayment", "exchange", "press_bank"]


@pytest.mark.clause("I-5.6-0", "J-2.2-b")
def test_a_combined_loan_is_two_cases_and_closes_when_both_have_come(house, loans):
    loans.topped_out()
    deal = loans.signed("苏清越", payment="combined", loan="800000.00", fund="600000.00")
    commercial, fund = loans.case(deal), loans.case(deal, "fund")
    assert {row.part: row.amount for row in open_loans(deal.pk)} == {
        "commercial": D("800000.00"),
        "fund": D("600000.00"),
    }
    contract = deal.contracts.select_related("deal__project", "deal__unit").get()
    assert mortgage_jobs.open_for(contract, at=after(1)) == [], "opened once"

    # Chased together: one message that names what both lack, counted on each.
    for case in (commercial, fund):
        loans.take(case, "chase", after(1), way="message")
    told = Message.objects.get(template="mortgage.papers")
    assert "办理商业贷款和公积金贷款还缺：" in told.body
    assert all(told.body.count(name) == 1 for name in ("收入证明", "公积金缴存证明", "身份证"))
    assert (loans.row(commercial).chases, loans.row(fund).chases) == (1, 1)

    # What the buyer brings serves both; the bank's own authorisation does not.
    loans.hand_in(commercial, after(2))
    rows = MortgagePaper.objects.filter(mortgage__case=fund)
    assert set(rows.exclude(state="original").values_list("kind", flat=True)) == {"fund"}
    loans.take(fund, "receive_papers", after(2), items=[{"kind": "fund", "state": "original"}])
    loans.take(fund, "choose_bank", after(2), bank="公积金中心")

    assert "另一笔已占 ¥600,000.00" in loans.refused(
        commercial, "adjust_amount", after(2), amount="900000", reason="多贷"
    )
    loans.take(commercial, "adjust_amount", after(2), amount="700000", reason="商贷少一点")
    loans.take(commercial, "complete_papers", after(3))
    loans.take(commercial, "interview", after(4), everybody=True)
    loans.file(deal)
    words = loans.refused(commercial, "submit", after(11), acceptance_number="1")
    assert "自付 ¥600,000.00 加贷款 ¥1,300,000.00 是 ¥1,900,000.00，应等于合同总价 ¥2,000,000.00" in words
    # back to what the plan says, from the file that is with us still
    loans.take(commercial, "adjust_amount", after(11), amount="800000", reason="恢复")

    for case, amount, kinds in ((commercial, "800000", None), (fund, "600000", FUND)):
        if kinds:
            loans.take(case, "complete_papers", after(11))
            loans.take(case, "interview", after(11), everybody=True)
        loans.take(case, "submit", after(12), acceptance_number="号")
        loans.take(case, "approve", after(20), amount=amount, until_date="2027-05-01")
        loans.take(case, "sign_loan", after(21), loan_number="借", loan_date="2026-11-23")
        loans.take(
            case, "register_mortgage", after(22), registration_number="抵", registered_date="2026-11-24"
        )
    assert mortgage_jobs.open_gates(after(23)) == 2
    for case in (commercial, fund):
        case.refresh_from_db()
        loans.take(case, "ask_payout", after(23), account="4400 0000 0001")
    loans.take(
        commercial, "disburse", after(30), by="he", amount="800000", received_date="2026-12-02", voucher="A1"
    )
    assert lines(deal)["按揭款"].open == 0
    assert lines(deal)["公积金款"].open == D("600000.00")
    loans.take(
        fund, "disburse", after(31), by="he", amount="600000", received_date="2026-12-03", voucher="A2"
    )
    assert sum(line.open for line in lines(deal).values()) == 0

    # Ending it: the banks first.
    assert [(one.bank, one.paid_out) for one in payoffs(deal.pk)] == [
        ("建设银行", D("800000.00")),
        ("公积金中心", D("600000.00")),
    ]
    assert "先把银行的钱还清" in loans.refused(fund, "cancel", after(40), by="zhou", reason="退房")
    loans.take(fund, "record_payoff", after(40), by="he", amount="601200", on_date="2026-12-12")
    loans.take(fund, "paid_off", after(41), by="he", voucher="B1")
    loans.take(fund, "cancel", after(41), by="zhou", reason="退房")
    assert [row.part for row in open_loans(deal.pk)] == ["commercial"]


@pytest.mark.clause("I-5.6-0")
def test_a_combined_loan_of_one_planned_line_is_split_by_hand(house, loans):
    from guiju.kernel import engine

    loans.topped_out()
    deal = loans.signed("苏清越", payment="combined")
    commercial = loans.case(deal)
    where = {
        "chain_id": house.project.company_id,
        "scope_id": house.project.pk,
        "links": [("unit", deal.unit_id)],
    }
    with pytest.raises(NotReady, match="由另一笔贷款占满"):
        engine.open_case("mortgage", by=house.yu, at=after(1), given={"part": "fund"}, **where)
    loans.take(commercial, "adjust_amount", after(1), amount="800000", reason="其余用公积金")
    with pytest.raises(NotReady, match="留给公积金贷款的是 ¥600,000.00"):
        engine.open_case(
            "mortgage", by=house.yu, at=after(1), given={"part": "fund", "amount": "700000"}, **where
        )
    engine.open_case(
        "mortgage", by=house.yu, at=after(1), given={"part": "fund", "bank": "公积金中心"}, **where
    )
    assert loans.row(loans.case(deal, "fund")).amount == D("600000.00")
    loans.asked(commercial, deal, "800000")
    loans.take(
        commercial, "disburse", after(30), by="he", amount="800000", received_date="2026-12-02", voucher="A1"
    )
    assert lines(deal)["按揭款"].open == D("600000.00")


@pytest.mark.clause("I-5.6-0")
def test_a_bank_that_lends_less_is_topped_up_by_everybody_and_paid_before_the_loan_contract(house, loans):
    deal = loans.signed()
    case = loans.case(deal)
    loans.submitted(case, deal)
    assert "不少于申请的" in loans.refused(
        case, "approve_less", after(20), amount="1400000", until_date="2027-05-01"
    )
    loans.take(case, "approve_less", after(20), amount="1300000", until_date="2027-05-01")
    given = {"due_date": "2026-12-05", "agreement": house.scan}
    assert "全体买受人" in loans.refused(case, "top_up", after(21), **given)
    assert "15 日内付清" in loans.refused(
        case, "top_up", after(21), **(given | {"due_date": "2027-01-01", "everybody": True})
    )
    change = DealChange.objects.create(
        case=case, deal=deal, kind="plan", opened_at=after(21), opened_version=1, before={}, after={}
    )
    loans.row(case)
    assert change.open
    change.delete()
    loans.take(case, "top_up", after(21), everybody=True, **given)

    found = lines(deal)
    assert (found["按揭款"].amount, found["贷款不足补足款"].amount) == (D("1300000.00"), D("100000.00"))
    assert found["贷款不足补足款"].due_date == date(2026, 12, 5)
    assert Deal.objects.get(pk=deal.pk).terms_version == 2
    assert "补足款还差 ¥100,000.00" in loans.refused(
        case, "sign_loan", after(22), loan_number="1", loan_date="2026-11-24"
    )
    loans.pay(deal, "100000", at=after(22))
    loans.take(case, "sign_loan", after(23), loan_number="1", loan_date="2026-11-25")
    assert loans.row(case).amount == D("1300000.00")


@pytest.mark.clause("I-5.6-0")
def test_what_keeps_a_file_from_the_bank(house, loans):
    deal = loans.signed("苏清越", paid=False)
    case = loans.case(deal)
    loans.complete(case)
    loans.take(case, "interview", after(5), everybody=True)
    loans.file(deal)
    assert "首付款还差 ¥600,000.00" in loans.refused(case, "submit", after(11), acceptance_number="1")
    loans.pay(deal, "600000", payer="苏建国", third=True)
    assert "¥600,000.00由他人代付" in loans.refused(case, "submit", after(11), acceptance_number="1")
    loans.take(case, "require_paper", after(11), kind="relation", reason="首付由父亲代付")
    loans.take(case, "receive_papers", after(11), items=[{"kind": "relation", "state": "original"}])
    other = loans.signed("程一舟")
    DealChange.objects.create(
        case=loans.case(other),
        deal=deal,
        kind="plan",
        opened_at=after(11),
        opened_version=1,
        before={},
        after={},
    )
    assert "有变更或退房" in loans.refused(case, "submit", after(11), acceptance_number="1")
    DealChange.objects.update(open=False)
    loans.take(case, "submit", after(11), acceptance_number="1")
    assert case.state == "submitted"


@pytest.mark.clause("I-5.6-0")
def test_an_approval_that_runs_out_sends_the_file_back_to_the_bank(house, loans):
    from guiju.kernel import clocks

    deal = loans.signed()
    case = loans.case(deal)
    loans.submitted(case, deal)
    loans.take(case, "approve", after(20), amount="1400000", until_date="2026-12-31")
    assert "还没有过期" in loans.refused(case, "expire", after(21))
    assert case.clocks.get(name="validity", state="running").due_at == on(date(2027, 1, 1), 0)
    clocks.sweep(on(date(2027, 1, 1), 1))
    case.refresh_from_db()
    assert case.state == "expired"
    loans.take(case, "resubmit", on(date(2027, 1, 3)), acceptance_number="CCB-2")
    assert case.state == "submitted"


def test_a_case_of_cash_or_of_an_unsigned_deal_is_not_opened(house, loans):
    from guiju.kernel import engine

    deal = loans.signed(payment="lump_sum", loan="0")
    assert Mortgage.objects.count() == 0
    where = {
        "chain_id": house.project.company_id,
        "scope_id": house.project.pk,
        "links": [("unit", deal.unit_id)],
    }
    with pytest.raises(NotReady, match="不用办按揭"):
        engine.open_case("mortgage", by=house.yu, at=after(1), given={}, **where)
    Deal.objects.update(stage=Deal.SUBSCRIBED)
    with pytest.raises(NotReady, match="还没有签约"):
        engine.open_case("mortgage", by=house.yu, at=after(1), given={}, **where)
    other = loans.signed()
    where["links"] = [("unit", other.unit_id)]
    with pytest.raises(NotReady, match="商业贷款已经在办"):
        engine.open_case("mortgage", by=house.yu, at=after(1), given={"part": "commercial"}, **where)


def test_every_step_has_words_a_clause_and_a_post(house, loans):
    case = loans.case(loans.signed())
    for option in options(case, by=house.yu, at=after(1)):
        assert option.words
        assert option.clause
    assert Receivable.objects.filter(kind=Kind.LOAN).exists()
    assert line_of(Receivable.objects.get(kind=Kind.LOAN)).due_date is None
    assert SIGNED + timedelta(days=1) == date(2026, 11, 3)
