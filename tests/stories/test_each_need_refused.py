"""
Every condition that a step of selling sets and no story happens to meet is unmet here once, in the words of the SOP and by
its clause. The case is put where the step is asked; what is unmet is made so by hand.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.money import ZERO
from guiju.ledger.models import Receipt
from guiju.ledger.operations import receipts
from guiju.sales.models import (
    ChangeApplication,
    Deal,
    DealChange,
    Filing,
    Mortgage,
    Referral,
    Signing,
    Subscription,
)
from tests.sales.loans import Loans, after
from tests.stories import changing
from tests.stories.changing import THURSDAY
from tests.stories.conftest import WEDNESDAY, House, sop_without
from tests.stories.signed import contract, opened
from tests.stories.signing_desk import SIGNING_DAY, Desk
from tests.stories.test_contract_change_story import contracted
from tests.stories.test_referral_story import confirmed, slip
from tests.stories.test_refund_story import APPLIED, asked, bought
from tests.stories.test_refusals_of_signing_and_loan import SIGNED, put, refusal, says

pytestmark = pytest.mark.django_db
D = Decimal
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


# --- referral --------------------------------------------------------------------------------------------------------
@pytest.mark.clause("I-5.13-0")
def test_what_a_referral_refuses_of_slip_and_confirmation(house: House):
    first = bought(house, loan=False, names=("苏清越",))
    clause, at = "I-5.13-0", WEDNESDAY

    def slip_refused(words: str, **given: Any) -> None:
        with pytest.raises(engine.NotReady) as found:
            slip(house, **given)
        says({one.text: one.clause for one in found.value.reasons}, (words, clause))

    slip_refused("这套房只有 1 位买受人", referrer=2)
    Customer.objects.filter(purchases__deal=first).update(phone="")
    owner = Customer.objects.get(purchases__deal=first)
    owner.phone = house.deng.phone = "19900009876"
    owner.save()
    house.deng.save()
    slip_refused("推荐人是本公司员工，员工推荐不计奖励")
    house.deng.phone = ""
    house.deng.save()
    Deal.objects.filter(pk=first.pk).update(stage=Deal.SUBSCRIBED)
    slip_refused("推荐人应是已签约的业主：请从推荐人的房屋登记")
    Deal.objects.filter(pk=first.pk).update(stage=Deal.SIGNED)
    case = slip(house)

    # Who wrote the slip does not confirm it; who is no phone's owner did not agree.
    Referral.objects.filter(case=case).update(registered_by=house.gao)
    said = refusal(house, case, "confirm", "gao", at + HOUR, checked="无记录")
    says(
        said,
        ("不能确认自己登记的推荐", clause),
        ("被推荐人还没有同意留下电话，请先办「登记本人同意」", "PIPL 13"),
    )
    Referral.objects.filter(case=case).update(registered_by=house.lin)
    confirmed(house, case, at + HOUR)

    # The visit lies within the validity and not ahead; then only its own deal, on time, of another than the referrer.
    says(
        refusal(house, case, "visit", "lin", at + HOUR, visit_date=(at + DAY).date()),
        ("到访日期不能晚于今天", clause),
    )
    house.take(case, "visit", "lin", at + 2 * HOUR, visit_date=at.date())
    deal = bought(house, unit=1, loan=False, names=("程以蓝", "苏清越"))
    row = Referral.objects.get(case=case)
    for day, words in (
        (row.deal_due_date + DAY, "推荐的成交有效期到 2027-01-17，已经过期"),
        (at.date(), "不算推荐"),
    ):
        Deal.objects.filter(pk=deal.pk).update(subscribed_date=day)
        if "不算" in words:
            Referral.objects.filter(case=case).update(referrer=deal.buyers.get(position=2).customer)
        says(refusal(house, case, "link_deal", "lin", at + DAY, number="HT1"), (words, clause))
    Referral.objects.filter(case=case).update(referrer=owner)
    other = slip(house, name="程以绿", phone_tail="4321")
    Referral.objects.filter(case=other).update(deal=deal)
    said = refusal(house, case, "link_deal", "lin", at + DAY, number="HT1")
    says(said, ("这笔成交已有推荐人，一笔成交只认一位推荐人", clause))
    Referral.objects.filter(case=other).update(deal=None)
    house.take(case, "link_deal", "lin", at + DAY, number="HT1", spouse_proof=house.scan)
    says(
        refusal(house, put(case, "visited"), "expire", "deng", at + DAY),
        ("有效期到 2027-01-17，还没有过期", clause),
    )


@pytest.mark.clause("I-5.13-0")
def test_what_a_referral_refuses_of_the_reward(house: House):
    bought(house, loan=False, names=("苏清越",))
    clause, at = "I-5.13-0", WEDNESDAY
    case = slip(house)
    confirmed(house, case, at + HOUR)
    house.take(case, "visit", "lin", at + 2 * HOUR, visit_date=at.date())
    put(case, "eligible")
    says(
        refusal(house, case, "claim", "lin", at + HOUR, amount="5000"),
        ("所荐客户的成交已经结束，不能发放奖励", clause),
        ("还没有登记成交", clause),
    )
    deal = bought(house, unit=1, loan=False, names=("程以蓝",))
    Referral.objects.filter(case=case).update(deal=deal)

    # A deal that is not signed, is over, is not paid, or on which a return is asked for, earns nothing.
    put(case, "deal")
    for changed, words in (
        ({"stage": Deal.SUBSCRIBED}, "所荐客户还没有签约"),
        ({"live": False}, "所荐客户的成交已经结束"),
    ):
        before = {name: getattr(deal, name) for name in changed}
        Deal.objects.filter(pk=deal.pk).update(**changed)
        says(refusal(house, case, "qualify", "deng", at + DAY), (words, clause))
        Deal.objects.filter(pk=deal.pk).update(**before)
    back = asked(house, unit=1, at=at, cause="goodwill", clause="", proofs=[])
    waits = (f"所荐客户有变更或退房 {back.number} 在办，办结后再发放", clause)
    for state, step, by, given in (
        ("deal", "qualify", "deng", {}),
        ("eligible", "claim", "lin", {"amount": "5000"}),
        (
            "approved",
            "pay",
            "he",
            {"account": "6200 77", "voucher": "R1", "paid_date": at.date(), "income_tax": "0"},
        ),
        ("paid", "finish", "deng", {}),
    ):
        says(refusal(house, put(case, state), step, by, at + DAY, **given), waits)
    house.take(back, "withdraw", "lin", at + HOUR, reason="不退了")
    (paid,) = Receipt.objects.filter(unit=deal.unit)
    receipts.reverse(receipt=paid, reason="退票", at=at, recorded_at=at, by_id=house.he.pk)
    says(
        refusal(house, put(case, "deal"), "qualify", "deng", at + DAY),
        ("房款还没有付清（差 ¥2,000,000.00），付清后再申报奖励", clause),
    )

    # Paid: not ahead, not unapproved, not under a voucher of another payment, not more tax than reward; an empty seat stops it.
    put(case, "approved")
    pay = {"account": "6200 77", "voucher": "R1", "vat": "0", "income_tax": "0", "tax_note": "免税"}
    says(
        refusal(house, case, "pay", "he", at + DAY, **pay, paid_date=(at + 2 * DAY).date()),
        ("付款日期不能晚于今天", clause),
    )
    today = {**pay, "paid_date": at.date()}
    says(refusal(house, case, "pay", "he", at + DAY, **today), ("奖励还没有批准", clause))
    Referral.objects.filter(case=case).update(reward=D("5000"), clawed_back=D("4000"))
    says(
        refusal(house, case, "pay", "he", at + DAY, **{**today, "income_tax": "5000"}),
        ("代扣的税不能超过奖励", clause),
    )
    house.take(case, "pay", "he", at + DAY, **today)
    says(refusal(house, case, "check_payment", "he", at + DAY), ("不能复核自己办理的付款", clause))
    second = slip(house, name="程以绿", phone_tail="4321", at=at + DAY)
    Referral.objects.filter(case=case).update(live=False)
    Referral.objects.filter(case=second).update(deal=deal, reward=D("5000"))
    says(
        refusal(house, put(second, "approved"), "pay", "he", at + DAY, **today),
        ("付款凭证号 R1 已经入过账，不能再用", clause),
    )
    says(
        refusal(house, put(second, "recovering"), "check_payment", "tang", at + DAY),
        ("没有待复核的付款", clause),
    )
    Referral.objects.filter(case=second).update(clawed_back=D("4000"))
    given = {"amount": "3000", "voucher": "Z"}
    says(
        refusal(house, second, "recover", "he", at + DAY, **given),
        ("应追回 ¥4,000.00；少于这个数的，写明抵扣或核销的依据", clause),
    )
    assert (
        house.take(second, "recover", "he", at + DAY, **given, note="经批准抵扣 1,000 元").step == "recover"
    )
    sop_without("KF-ZY-13", "claim")
    said = refusal(house, put(case, "eligible"), "claim", "lin", at + DAY, amount="5000")
    says(said, ("申报奖励须经审批：请在作业标准书的审批里写上审批岗位", clause))


# --- subscription ----------------------------------------------------------------------------------------------------
@pytest.mark.clause(
    "I-5.1-1a", "I-5.1-2d", "I-5.1-3a", "I-5.1-3b", "I-5.1-4a", "I-5.1-4b", "I-5.1-4c", "I-5.2-5e"
)
def test_what_a_subscription_refuses(house: House):
    case = house.lock()
    at = WEDNESDAY + HOUR
    said = refusal(house, case, "cancel", "zhou", WEDNESDAY + MINUTE, cause="no_fault", reason="不要了")
    says(said, ("还没有签认购书，也没有收过款，请办「释放房源」", "2.2"))
    house.take(
        case,
        "hand_in",
        "lin",
        WEDNESDAY + 5 * MINUTE,
        **house.paper(buyers=[house.buyer(residence="missing")]),
    )
    house.take(case, "director_sign", "gao", at, opinion="同意")
    row = house.facts(case)
    checked = {"control_ok": True, "price_ok": True, "payment_ok": True}
    Subscription.objects.filter(pk=row.pk).update(sold_by=house.wu)
    Deal.objects.filter(pk=row.deal_id).update(list_price=D("2000100"))
    Unit.objects.filter(pk=row.unit_id).update(holder_case_id=None)
    says(
        refusal(house, case, "check_and_register", "wu", at, **checked),
        ("不能核对自己经手的认购书", "I-5.1-1a"), ("单价与价目表不符：相差 ¥100.00", "I-5.1-2b"), ("与销控不符：", "I-5.1-2a"),
    )  # fmt: skip
    Subscription.objects.filter(pk=row.pk).update(sold_by=house.lin)
    Deal.objects.filter(pk=row.deal_id).update(list_price=D("2000000"))
    Unit.objects.filter(pk=row.unit_id).update(holder_case_id=case.pk)
    house.take(case, "check_and_register", "wu", at, **checked)

    # The deposit: nothing to bounce, nothing from tomorrow; a part is money, and no whole.
    says(refusal(house, case, "bounce_deposit", "he", at, reason="退票"), ("没有已登记的定金", "I-5.1-3a"))
    ahead = house.money(received_at=(at + DAY).isoformat())
    for step in ("confirm_deposit", "part_deposit"):
        says(refusal(house, case, step, "he", at, **ahead), ("到账时间不能晚于现在", "I-5.1-3a"))
    for money, words in (
        (house.money("50000"), "已够定金，请用「确认定金」"),
        (house.money("0"), "请填实收金额"),
        (house.money("100", cleared=False), "款项未到账，不能登记"),
    ):
        says(refusal(house, case, "part_deposit", "he", at, **money), (words, "I-5.1-3a"))
    house.take(case, "part_deposit", "he", at, **house.money("20000"))
    says(
        refusal(house, case, "release", "lin", at, reason="不要了"),
        ("已收 ¥20,000.00，请办「退认购」并决定款项去向", "2.2"),
    )
    with pytest.raises(engine.NotReady, match="已收 ¥20,000.00"):
        engine.advance(put(case, "locked"), "expire_lock", by=None, at=at, given={})
    put(case, "registered")
    only = ("只有 1 位买受人", "I-5.1-4a")
    says(refusal(house, case, "collect_papers", "wu", at, buyer=2, attachment=house.scan), only)
    says(refusal(house, case, "record_death", "wu", at, buyer=2, deceased_date=at.date()), only)
    says(refusal(house, case, "correct", "wu", at, buyer=2, what="phone", value="1", reason="写错"), only)
    said = refusal(house, case, "residence_permit", "wu", at, buyer=2)
    says(said, only, ("请上传暂住证，或写明不需要的原因", "I-5.1-4b"))
    house.take(case, "confirm_deposit", "he", at, **house.money("30000"))

    # The seal; the appointment within the term; an extension of so many days, so often.
    Subscription.objects.filter(pk=row.pk).update(sold_by=house.fang)
    says(
        refusal(house, case, "seal", "fang", at, copies=4),
        ("合同章保管人不能同时是销售、审核或收款的人", "I-5.1-3b"),
    )
    Subscription.objects.filter(pk=row.pk).update(sold_by=house.lin)
    house.take(case, "seal", "fang", at, copies=4)
    for moment, words in (
        (at + 9 * DAY, "签约期限是 2026-11-25，约定时间超过了，请先办延期"),
        (at, "约定的签约时间应在现在以后"),
    ):
        says(
            refusal(house, case, "set_signing_date", "deng", at, signing_at=moment.isoformat()),
            (words, "I-5.1-4c"),
        )
    for until in ("2026-11-25", "2026-12-11"):
        said = refusal(house, case, "extend", "deng", at, until_date=until, reason="在外地")
        says(said, ("延期应晚于 2026-11-25，最多 15 日", "2.3"))
    Subscription.objects.filter(pk=row.pk).update(extensions=2)
    says(
        refusal(house, case, "extend", "deng", at, until_date="2026-11-30", reason="在外地"),
        ("最多延期 2 次", "2.3"),
    )

    # A contract's number is one contract's; nobody converts, seals or renews for who has died.
    second = house.sealed(unit=1)
    Deal.objects.filter(pk=house.facts(second).deal_id).update(contract_number="HT-9")
    Customer.objects.filter(purchases__deal=row.deal_id).update(deceased_date=at.date())
    with pytest.raises(engine.NotReady) as found:
        engine.advance(
            case, "convert", by=None, at=at, given={"contract_number": "HT-9", "signed_date": str(at.date())}
        )
    words = [one.text for one in found.value.reasons]
    assert any("合同编号 HT-9 已用于" in text for text in words), words
    assert any("买受人苏清越已去世" in text for text in words), words
    put(case, "paid")
    assert any("已去世" in text for text in refusal(house, case, "seal", "fang", at, copies=4))


# --- changes, signing, filing, loans, dunning ------------------------------------------------------------------------
@pytest.mark.clause("I-5.2-1b", "I-5.2-4b", "I-5.2-5g", "I-5.4-0")
def test_what_a_change_refuses_on_its_way_up(house: House):
    contracted(house)
    at, plan = THURSDAY, [{"name": "房款", "amount": "1960000.00", "due_date": "2027-01-31"}]
    case = changing.asked(house, "plan", process="contract_change", plan=plan)
    row = ChangeApplication.objects.get(change__case=case)
    ChangeApplication.objects.filter(pk=row.pk).update(applied_by=house.gao.pk)
    said = refusal(house, case, "director_opinion", "gao", at, opinion="同意", signature=house.scan)
    says(said, ("不能对自己提出的申请签署意见", "I-5.2-1b"))
    put(case, "registered")
    says(
        refusal(house, case, "report_up", "zhou", at, opinion="同意", signature=house.scan),
        ("客户服务部还没有审核登记并签字，变更不能报批", "I-5.2-4b"), ("法务还没有出具意见，签约变更不能报批", "2.5"),
    )  # fmt: skip
    says(refusal(house, put(case, "agreed"), "execute", "wu", at), ("补充协议或解除协议还没有签订", "2.5"))
    sop_without("KF-ZY-04", "report_up")
    said = refusal(
        house, put(case, "registered"), "report_up", "zhou", at, opinion="同意", signature=house.scan
    )
    says(said, ("变更须报总经理审批签字：请在作业标准书的审批里写上总经理", "I-5.2-5g"))

    # With a buyer's death only the heirs' change is asked for, anew or corrected.
    Customer.objects.filter(purchases__deal=row.change.deal_id).update(deceased_date=at.date())
    dead = "买受人苏清越已去世，待继承人凭证明办理"
    given = {
        "kind": "plan",
        "reason": "客户申请",
        "applicants": changing.signers(house, "苏清越"),
        "plan": plan,
    }
    assert any(dead in text for text in refusal(house, put(case, "returned"), "resubmit", "lin", at, **given))
    DealChange.objects.update(open=False)
    Case.objects.filter(pk=case.pk).update(state="cancelled", closed_at=at)
    with pytest.raises(engine.NotReady, match=dead):
        changing.asked(house, "plan", process="contract_change", plan=plan)


@pytest.mark.clause("I-5.3-0", "I-5.3-3a", "I-5.3-5b", "I-5.5-0b")
def test_what_signing_and_filing_refuse(house: House):
    desk = Desk(house).stocked()
    case = desk.booked()
    row, early = desk.row(case), SIGNING_DAY - 3 * DAY
    says(refusal(house, case, "check_points", "gao", early), ("没有待审核的谈判要点", "I-2.1-l"))
    says(
        refusal(house, case, "return_text", "lin", early, reason="写坏了"), ("还没有领取合同文本", "I-5.3-3b")
    )
    house.take(case, "note_point", "lin", early, subject="交付标准", buyer="加阳台窗", seller="不加")
    Deal.objects.filter(pk=row.deal_id).update(payment="mortgage", down_payment=D("1"), bank="建设银行")
    said = refusal(house, put(case, "drafted"), "sign", "deng", SIGNING_DAY, signed_date="2026-11-24")
    assert any(text.startswith("首付款不能少于总价的") for text in said), said
    says(said, ("谈判结果还没有审核：交付标准", "I-2.1-l"))
    put(case, "reviewed")
    Signing.objects.filter(pk=row.pk).update(sold_by=None)
    says(refusal(house, case, "take_over", "wu", early), ("没有登记业务人员，不能移交", "J-2.1-a"))
    Signing.objects.filter(pk=row.pk).update(signed_at=early, signed_by=house.deng.pk, sold_by=house.lin)
    said = refusal(house, case, "cancel", "zhou", early, reason="不要了")
    assert "合同已经签订，要退房请办「退房退款」，要更改请办「签约变更」" in said

    made = contract(house, house.sealed(unit=1), signed=SIGNED)
    type(made).objects.update(sealed_at=early)
    filing = opened(house, "presale_filing", made, "yu", early)
    Filing.objects.filter(case=filing).update(
        pre_notice_agreed=False, filed_at=early, filed_date=SIGNED, filing_number="备 1"
    )
    said = refusal(house, put(filing, "filed"), "apply_pre_notice", "yu", early, proof="1")
    assert "本合同没有约定办理预告登记" in said


@pytest.mark.clause("I-5.6-0", "I-2.2-f", "I-2.2-j", "I-2.2-k")
def test_what_a_loan_refuses(house: House):
    loans = Loans(house)
    deal = loans.signed("苏清越")
    case = loans.case(deal)
    at = after(2)
    says(
        refusal(house, case, "solve_problem", "yu", at, result="已处理"),
        ("没有未处理的问题", "I-2.2-f"),
    )
    delivered = {"proof": house.scan, "delivered_date": "2026-11-04", "receiver": "本人"}
    assert "还没有寄发催办按揭通知书" in refusal(house, case, "deliver", "yu", at, **delivered)
    says(refusal(house, case, "go_on", "zhou", at, reason="恢复"), ("没有暂停放款", "I-5.6-0"))
    Mortgage.objects.filter(case=case).update(bank="")
    assert "还没有选定贷款银行" in refusal(house, case, "complete_papers", "yu", at)
    put(case, "disbursed")
    says(refusal(house, case, "chase_repayment", "yu", at, way="call"), ("没有未还的逾期", "I-2.2-k"))
    Mortgage.objects.filter(case=case).update(
        disbursed_at=at, disbursed_amount=D("1"), guarantee_released_at=at
    )
    released = "阶段性担保已经解除，还款由银行和客户自己处理"
    assert released in refusal(house, case, "set_repayment", "yu", at, day=20, first_date="2026-12-20")
    Mortgage.objects.filter(case=case).update(paid_off_at=at)
    assert "这笔贷款已经结清" in refusal(
        house, case, "set_repayment", "yu", at, day=20, first_date="2026-12-20"
    )

    sop_without("KF-ZY-06", "ask_to_pay")
    asking = {
        "due_date": "2027-02-28", "amount": "1", "account": "6100", "reason": "客户不接电话", "proof": house.scan
    }  # fmt: skip
    nobody = "申请代偿须经审批：请在作业标准书的审批里写上审批岗位"
    says(refusal(house, case, "ask_to_pay", "yu", at, **asking), (nobody, "I-2.2-k"))

    # A loan of the past whose deal is over is not taken up.
    Deal.objects.filter(pk=deal.pk).update(live=False)
    put(case, "imported")
    over = ("这套房没有在办的成交和合同，不能接办", "J-2.2-b")
    for step, by, given in (
        ("take_up", "yu", {}),
        ("split", "yu", {"fund_amount": "1"}),
        ("take_up_submitted", "yu", {"acceptance_number": "1", "submitted_date": "2026-11-03"}),
        (
            "take_up_approved",
            "yu",
            {"amount": "1", "decided_date": "2026-11-03", "until_date": "2027-05-01", "approval_number": "1"},
        ),
        ("take_up_paid", "he", {"amount": "1", "received_date": "2026-11-03", "voucher": "1"}),
    ):
        says(refusal(house, case, step, by, at, basis="清单核对", **given), over)


@pytest.mark.clause("I-5.10-0a")
def test_a_refund_is_not_submitted_where_the_sop_names_nobody_who_approves(house: House):
    bought(house, loan=False, names=("苏清越",))
    case = asked(house, cause="goodwill", clause="", proofs=[])
    sop_without("KF-ZY-10", "submit")
    sums = {"payable": "2000000", "kept": "0", "legal": "公司同意", "legal_paper": house.scan}
    words = "须经审批：请在作业标准书的审批里写上审批岗位"
    said = refusal(house, put(case, "talked"), "submit", "deng", APPLIED, **sums)
    assert any(words in text and clause == "I-5.10-0a" for text, clause in said.items()), said


@pytest.mark.clause("J-2.3-c", "J-2.3-d")
def test_what_dunning_refuses(house: House):
    deal = bought(house, loan=False, names=("苏清越",))
    row = deal.unit.books.get().receivables.get()
    at = WEDNESDAY

    def begun(**given: Any) -> Case:
        event = engine.open_case(
            "dunning", by=house.wu, at=at, given=given, chain_id=house.project.company_id, scope_id=house.project.pk,
            links=[("receivable", given["receivable"])],
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    for key, words in ((0, "没有这笔应收"), (row.pk, "首付款没有逾期，不用催款")):
        with pytest.raises(engine.NotReady, match=words):
            begun(receivable=key)
    (paid,) = Receipt.objects.all()
    receipts.reverse(receipt=paid, reason="退票", at=at, recorded_at=at, by_id=house.he.pk)
    case = begun(receivable=row.pk)
    with pytest.raises(engine.NotReady, match="首付款已经在催"):
        begun(receivable=row.pk)
    delivered = {
        "tracking": "EMS1",
        "delivered_date": str(at.date()),
        "receiver": "本人",
        "proof": house.scan,
    }
    says(
        refusal(house, case, "deliver", "wu", at, **{**delivered, "tracking": "EMS1001"}),
        ("还没有寄发函件", "J-2.3-d"),
    )
    for code, step, by, given in (
        ("KF-CK-01", "waive", "wu", {"amount": "1", "until_date": str(at.date()), "reason": "协商"}),
        ("KF-CK-01", "decide", "zhou", {"way": "sue", "reason": "不付"}),
    ):
        sop_without(code, step)
        said = refusal(house, case, step, by, at, **given)
        assert any("须经审批：请在作业标准书的审批里写上审批岗位" in text for text in said), said
    assert row.entries.count() == 1
    assert ZERO == sum(one.amount for one in Receipt.objects.all())
