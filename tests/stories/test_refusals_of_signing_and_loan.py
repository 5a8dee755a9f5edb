"""
Control points of signing, contract approval, filing and mortgage that the stories do not meet: each is refused once, in
the words of the SOP and by its clause. The case is put where the step is asked; what is unmet is made so by hand.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.customers.models import Customer
from guiju.estate.models import Control, Permit, Unit
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import NotReady
from guiju.sales.models import (
    Contract,
    ContractTemplate,
    Deal,
    DealChange,
    Filing,
    LoanArrears,
    Mortgage,
    Subscription,
)
from tests.sales.loans import Loans, after
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.signed import contract, opened
from tests.stories.signing_desk import SIGNING_DAY, Desk

pytestmark = pytest.mark.django_db
SIGNED = date(2026, 11, 20)
AFTER = WEDNESDAY + timedelta(days=2, hours=6)
PENDING = "在办，办结或撤销以后再办"
SHEET = {"price_ok": True, "identity_ok": True, "escrow_ok": True, "permit_ok": True}


def put(case: Case, state: str) -> Case:
    Case.objects.filter(pk=case.pk).update(state=state)
    case.refresh_from_db()
    return case


def refusal(house: House, case: Case, step: str, by: str, at: Any, **given: Any) -> dict[str, str]:
    """Why a step is refused: clause by words."""
    with pytest.raises(NotReady) as refused:
        engine.advance(case, step, by=house.people[by], at=at, given=given)
    return {reason.text: reason.clause for reason in refused.value.reasons}


def says(reasons: dict[str, str], *wanted: tuple[str, str]) -> None:
    for words, clause in wanted:
        assert any(words in text and clause == found for text, found in reasons.items()), (words, reasons)


def change_on(deal: Deal, at: Any) -> None:
    """An open change of the deal, of a case of its own."""
    case = Case.objects.create(
        number=f"BG-{deal.pk}", process="contract_change", sop_version_id=0, state="filled", title="变更",
        chain_id=deal.project.company_id, scope_id=deal.project_id, opened_at=at,
    )  # fmt: skip
    DealChange.objects.create(
        case=case, deal=deal, kind="plan", opened_at=at, opened_version=1, before={}, after={}
    )


@pytest.mark.clause("I-5.6-0", "I-2.2-d", "I-2.2-k")
def test_what_a_loan_may_not_do(house: House):
    loans = Loans(house)
    deal = loans.signed("苏清越", paid=False, phone="")
    case, row = loans.case(deal), loans.row(loans.case(deal))

    said = refusal(house, case, "require_paper", "yu", after(1), kind="flow", buyer=5, reason="银行要求")
    says(said, ("没有第 5 位买受人", "I-2.2-d"))
    said = refusal(house, case, "require_paper", "yu", after(1), kind="other", reason="银行要求")
    says(said, ("其他资料请写明名称", "I-2.2-d"))

    # An approval that ran out stops the loan contract and the application for payout; the gate stops the latter too.
    Mortgage.objects.filter(pk=row.pk).update(
        approved_amount=Decimal("1400000"), approval_until_date=date(2026, 11, 10)
    )
    over = ("银行批复有效期到 2026-11-10，已过期，请更新资料重新报批", "I-5.6-0")
    put(case, "approved")
    says(refusal(house, case, "sign_loan", "yu", after(20), loan_number="1", loan_date="2026-11-22"), over)
    put(case, "ready")
    gate = ("贷款须在主体结构封顶后发放，现在还没有", "个人住房贷款管理办法（试行） 22")
    says(refusal(house, case, "ask_payout", "yu", after(20), account="4400 0000 0001"), over, gate)
    put(case, "submitted")
    says(
        refusal(house, case, "approve_less", "yu", after(20), amount="1300000", until_date="2026-11-01"),
        ("批复有效期已经过了", "I-5.6-0"),
    )

    # Asked again after it ran out, all that a bank wants is asked again.
    put(case, "expired")
    loans.pay(deal, "100000", payer="苏伯言", third=True)
    Contract.objects.filter(deal=deal).update(total_price=Decimal("2100000"))
    change_on(deal, after(20))
    says(
        refusal(house, case, "resubmit", "yu", after(20), acceptance_number="2"),
        ("还没有完成预售登记，登记以后才能报银行审批", "I-5.6-0"),
        ("首付款还差 ¥500,000.00，交清后才能报批", "I-5.6-0"),
        ("首付款中有 ¥100,000.00由他人代付", "I-5.6-0"),
        ("应等于合同总价 ¥2,100,000.00，请先调整", "I-5.6-0"),
        ("按揭资料不齐，还缺：身份证", "I-2.2-d"),
        (PENDING, "2.0"),
    )

    # While a change is open nothing of the loan moves.
    many: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("switch_bank", "refused", {"bank": "招商银行", "reason": "拒贷"}),
        ("adjust_amount", "collecting", {"amount": "1000000", "reason": "少贷"}),
        ("top_up", "less", {"everybody": True, "due_date": "2026-11-25", "agreement": house.scan}),
        ("sign_loan", "approved", {"loan_number": "1", "loan_date": "2026-11-22"}),
        ("ask_payout", "ready", {"account": "4400 0000 0001"}),
    )
    for step, state, given in many:
        says(refusal(house, put(case, state), step, "yu", after(20), **given), (PENDING, "2.0"))

    # Money of the bank: what has come, where, when, and no more than was approved.
    put(case, "asked")
    paid = {"received_date": "2026-12-31", "voucher": "1", "account": "6222 0000"}
    said = refusal(house, case, "disburse_part", "he", after(20), amount="1400000", **paid)
    says(
        said,
        ("放款只能进预售资金监管账户 4400 0000 0001", "城市房地产管理法 45"),
        ("到账日期不能晚于今天", "I-5.6-0"),
        ("已经全部到账，请办「登记放款」", "I-5.6-0"),
    )
    said = refusal(house, case, "disburse", "he", after(20), amount="1400000.01", **paid)
    says(
        said,
        ("放款只能进预售资金监管账户 4400 0000 0001", "城市房地产管理法 45"),
        ("到账 ¥1,400,000.01 多于还应放的 ¥1,400,000.00", "I-5.6-0"),
    )

    # Guarantee: what was not reported is not settled, what was not paid for the buyer not recovered.
    put(case, "disbursed")
    law = "商品房买卖合同解释 20"
    says(
        refusal(house, case, "settle_arrears", "yu", after(40), due_date="2026-12-01"),
        ("没有登记逾期", "I-2.2-k"),
    )
    notice = {
        "due_date": "2026-12-01",
        "amount": "1",
        "account": "6100",
        "reason": "客户失联",
        "proof": house.scan,
    }
    says(refusal(house, case, "ask_to_pay", "yu", after(40), **notice), ("没有未还的逾期", "I-2.2-k"))
    pay = {"due_date": "2026-12-01", "note": "DC-1", "paid_date": "2026-12-05"}
    says(
        refusal(house, case, "pay_for_buyer", "he", after(40), **pay),
        ("代偿还没有批准，不能付款；请先申请代偿", "I-2.2-k"),
    )
    says(refusal(house, case, "recover", "he", after(40), due_date="2026-12-01"), ("没有公司代偿", "I-2.2-k"))
    given = {"amount": "1", "on_date": "2026-12-01"}
    says(refusal(house, case, "record_payoff", "yu", after(40), **given), ("还没有放款，不用结清", law))
    says(refusal(house, case, "paid_off", "he", after(40)), ("还没有放款，不用结清", law))
    LoanArrears.objects.create(
        mortgage=row, due_date=date(2026, 12, 1), amount=Decimal("6200"), reported_at=after(40)
    )
    says(
        refusal(house, case, "chase_repayment", "yu", after(40), way="message"),
        ("买受人都没有登记手机号，请打电话问清", "I-2.2-c"),
    )


@pytest.mark.clause("I-5.3-0", "I-5.3-2a", "I-5.3-4b", "I-2.1-q", "K-3.1-a")
def test_what_a_signing_may_not_do(house: House):
    desk = Desk(house).stocked()
    case = desk.booked()
    row = desk.row(case)
    subscription = Subscription.objects.get(pk=row.subscription_id)
    early = SIGNING_DAY - timedelta(days=3)

    said = refusal(house, case, "ask_paper", "wu", early, name="收入证明", buyer=4)
    says(said, ("只有 1 位买受人", "I-2.1-q"))
    said = refusal(house, case, "check_money", "he", early)
    says(said, ("请核对实收与应付，相符后再确认", "I-5.3-4b"), ("不能签约", "I-5.3-4b"))
    desk.take(
        case, "propose_clause", "lin", early, kind="service", title="代办验房", words="公司派人陪同验房一次。"
    )
    said = refusal(house, case, "review_service", "lin", early, number=1, decision="release")
    says(said, ("不能评审自己提出的条款", "I-2.1-m"))
    said = refusal(house, case, "review_service", "gao", early, number=1, decision="refuse")
    says(said, ("不同意的，请写明评审意见", "I-2.1-m"))
    desk.take(case, "review_service", "gao", early, number=1, decision="release")

    # Another price than the subscribed one, another plan, no model contract, an open change: nothing is filled in.
    price = Deal.objects.get(pk=row.deal_id).total_price
    Deal.objects.filter(pk=row.deal_id).update(total_price=Decimal("1950000"))
    ContractTemplate.objects.update(valid_until=date(2026, 11, 1))
    change_on(row.deal, early)
    for step, state in (("draft", "booked"), ("redraft", "drafted")):
        said = refusal(house, put(case, state), step, "deng", early)
        says(
            said,
            ("付款计划合计 ¥1,960,000.00，应等于成交总价 ¥1,950,000.00", "I-5.3-2a"),
            ("没有在用的合同范本，请签约主管先发布范本", "I-5.3-2a"),
            (PENDING, "2.0"),
        )
    Deal.objects.filter(pk=row.deal_id).update(total_price=None)
    says(refusal(house, case, "redraft", "deng", early), ("没有成交总价，不能填制合同", "I-5.3-2a"))
    Deal.objects.filter(pk=row.deal_id).update(total_price=price)
    ContractTemplate.objects.update(valid_until=None)
    DealChange.objects.update(open=False)
    said = refusal(house, case, "redraft", "deng", early, late_pay_rate="5", late_handover_rate="2")
    says(said, ("逾期交付的违约金比例不能低于逾期付款的（买卖合同第八条、第十二条）", "I-5.3-2a"))

    # A buyer who died stops everything; so does a subscription that no longer holds its unit.
    Customer.objects.filter(purchases__deal=row.deal_id).update(deceased_date=date(2026, 11, 20))
    dead = ("买受人苏清越已去世，待继承人办理", "domain 1.17；民法典 1121")
    signers = {"signers": [{"buyer": 1, "every_page": True}], "pages": [house.scan]}
    says(refusal(house, case, "reappoint", "deng", early, signing_at=SIGNING_DAY.isoformat()), dead)
    says(refusal(house, case, "redraft", "deng", early), dead)
    says(refusal(house, case, "check_signatures", "wu", early, **signers), dead)
    Unit.objects.filter(pk=row.unit_id).update(control=Control.AVAILABLE)
    said = refusal(house, case, "sign", "deng", SIGNING_DAY, signed_date="2026-11-24")
    says(
        said,
        dead,
        ("现在是「可售」，不能签约", "I-5.1-0"),
        ("签约准备文件还没有核对", "I-5.3-1"),
        ("合同还没有填制", "I-5.3-2a"),
        ("已同意的内容还没有写进合同：代办验房，请重新填制", "K-3.1-b"),
        ("销售还没有领取合同文本", "I-5.3-3a"),
        ("还没有交给客户", "I-5.3-3d"),
        ("客户的签字还没有审查", "I-5.3-4a"),
        ("已交付的款费还没有核对", "I-5.3-4b"),
        ("客户提交的资料还没有核对", "I-5.3-4c"),
    )
    Unit.objects.filter(pk=row.unit_id).update(control=Control.SUBSCRIBED, unverified=True)
    said = refusal(house, case, "sign", "deng", SIGNING_DAY, signed_date="2026-11-24")
    says(
        said,
        ("房屋待核实，不能签约", "I-5.1-0"),
        ("控制要点未办：加重客户责任和限制客户权利的条款已逐条说明", "I-5.3-0"),
    )
    put(Case.objects.get(pk=subscription.case_id), "released")
    said = refusal(house, case, "sign", "deng", SIGNING_DAY, signed_date="2026-11-24")
    says(said, ("认购已经不在生效状态，不能签约", "I-5.1-0"))


@pytest.mark.clause("I-5.5-0a", "I-2.1-o")
def test_what_a_contract_may_not_do_before_its_seal(house: House):
    made = contract(house, house.sealed(), signed=SIGNED)
    Contract.objects.filter(pk=made.pk).update(live=False)
    with pytest.raises(NotReady, match="这套房屋没有已签署、有效的合同"):
        opened(house, "contract_approval", made, "deng", AFTER)
    with pytest.raises(NotReady, match="这套房屋没有已签署、有效的合同"):
        opened(house, "presale_filing", made, "yu", AFTER)
    Contract.objects.filter(pk=made.pk).update(live=True)
    with pytest.raises(NotReady, match="合同还没有审批盖章，不能办理预售登记"):
        opened(house, "presale_filing", made, "yu", AFTER)
    case = opened(house, "contract_approval", made, "deng", AFTER)

    Permit.objects.update(valid_until=date(2026, 11, 19))
    said = refusal(house, case, "prepare", "wu", AFTER, **SHEET)
    says(
        said,
        ("1号楼在签约日没有有效的预售许可证，合同不能报批", "I-5.5-0a"),
        ("控制要点未办：各份合同内容一致，签字、指印齐全，无涂改", "I-2.1-o"),
    )
    Permit.objects.update(valid_until=None)

    change_on(made.deal, AFTER)
    put(case, "prepared")
    said = refusal(house, case, "submit", "wu", AFTER)
    says(said, ("先填写合同审批单", "I-5.5-0a"), (PENDING, "2.0"))
    DealChange.objects.update(open=False)
    house.take(put(case, "draft"), "prepare", "wu", AFTER, **SHEET)
    Deal.objects.filter(pk=made.deal_id).update(terms_version=9)
    said = refusal(house, case, "submit", "wu", AFTER)
    says(said, ("现在是第 9 版，请退回重填", "I-5.5-0a"))
    DealChange.objects.update(open=True)
    said = refusal(house, put(case, "approved"), "seal", "fang", AFTER, copies=5)
    says(
        said,
        (PENDING, "2.0"),
        ("合同审批单还缺客服经理、财务的意见，不能盖章", "I-2.1-o"),
        ("控制要点未办：已核对审批单编号、合同编号和总价一致", "I-5.5-0a"),
    )


@pytest.mark.clause("I-5.5-0b")
def test_what_a_filing_may_not_do(house: House):
    first = contract(house, house.sealed(unit=0), signed=SIGNED)
    second = contract(house, house.sealed(unit=1), signed=SIGNED)
    Contract.objects.update(sealed_at=AFTER)
    case, other = (opened(house, "presale_filing", one, "yu", AFTER) for one in (first, second))
    with pytest.raises(NotReady, match=f"这份合同已在办登记：{case.number}"):
        opened(house, "presale_filing", first, "yu", AFTER)

    # A filing number is of one contract; the day is neither ahead nor before the signing.
    put(case, "submitted")
    house.take(case, "file", "yu", AFTER, filing_number="备 0001", filed_date="2026-11-20")
    put(other, "submitted")
    said = refusal(house, other, "file", "yu", AFTER, filing_number="备 0001", filed_date="2026-11-19")
    says(
        said,
        (f"备案编号已用于合同 {first.number}", "I-5.5-0b"),
        ("备案日期不能早于签约日期", "I-5.5-0b"),
    )
    said = refusal(house, other, "file", "yu", AFTER, filing_number="备 2", filed_date="2026-11-21")
    says(said, ("备案日期不能晚于今天", "I-5.5-0b"))
    # The thirtieth day was 20 December: later needs its reason.
    later = AFTER + timedelta(days=31)
    given = {"filing_number": "备 2", "filed_date": "2026-12-21"}
    said = refusal(house, other, "file", "yu", later, **given)
    says(said, ("签约第 31 日才备案，超过三十日，请写明原因", "I-5.5-0b"))
    house.take(other, "file", "yu", later, late_reason="登记系统停用两周", **given)

    # Told and taken off the file: after the filing, and not ahead.
    late = AFTER + timedelta(days=3)
    wrong = "日期应在备案日期以后，不能晚于今天"
    for day in ("2026-11-19", "2026-11-24"):
        said = refusal(house, case, "tell_buyer", "yu", late, proof="1", told_date=day)
        says(said, (f"告知{wrong}", "I-5.5-0b"))
        said = refusal(house, put(case, "withdrawing"), "withdraw", "yu", late, proof="1", withdrawn_date=day)
        says(said, (f"注销{wrong}", "I-5.5-0b"))
        put(case, "filed")

    Filing.objects.filter(case=case).update(pre_notice_agreed=True)
    change_on(first.deal, late)
    says(refusal(house, case, "apply_pre_notice", "yu", late, proof="1"), (PENDING, "2.0"))
    said = refusal(house, case, "pre_notice", "yu", late, number="1", registered_date="2026-11-23")
    says(said, ("先申请预告登记", "民法典 221"))
    said = refusal(house, case, "finish", "yu", late)
    says(said, ("约定了预告登记，请先办理预告登记", "I-5.5-0b"))
