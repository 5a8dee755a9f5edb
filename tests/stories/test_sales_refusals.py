"""What 认购变更, 签约变更 and 退房退款 refuse: each condition unmet once, in the words of the SOP with its clause."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.demo.invented import identity
from guiju.estate.models import Control, Unit
from guiju.kernel import engine
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import NotReady, Refused
from guiju.sales.models import Deal
from guiju.sop.models import Document
from guiju.sop.operations.values import approve_value, propose_value
from tests.stories import changing
from tests.stories.changing import HOUR, THURSDAY, change_of, signers, work
from tests.stories.conftest import House, beijing
from tests.stories.test_contract_change_story import contracted
from tests.stories.test_refund_story import APPLIED, DAY, asked, bought
from tests.stories.test_refund_story import signers as parties

D = Decimal
FRIDAY = THURSDAY + timedelta(days=1)


def no(
    house: House, case: Case, step: str, by: str, at: datetime, words: str, clause: str, **given: Any
) -> None:
    """The step is refused in these words with this clause, and nothing has happened."""
    before = Event.objects.filter(case=case).count()
    with pytest.raises(NotReady) as found:
        house.take(case, step, by, at, **given)
    said = [(reason.text, reason.clause) for reason in found.value.reasons]
    assert any(words in text and of == clause for text, of in said), said
    assert Event.objects.filter(case=case).count() == before


def not_asked(house: House, kind: str, words: str, clause: str, **given: Any) -> None:
    """The application is refused in these words with this clause."""
    cases = Case.objects.count()
    with pytest.raises(NotReady) as found:
        changing.asked(house, kind, **given)
    said = [(reason.text, reason.clause) for reason in found.value.reasons]
    assert any(words in text and of == clause for text, of in said), said
    assert Case.objects.count() == cases


def no_point(house: House, case: Case, step: str, by: str, at: datetime, label: str, **given: Any) -> None:
    """Without its control points the step is refused, naming them."""
    with pytest.raises(Refused) as found:
        engine.advance(case, step, by=house.people[by], at=at, given=given)
    assert label in str(found.value)


@pytest.mark.clause("I-5.2-5b", "I-5.2-5c", "I-5.2-5d", "I-5.2-2a", "I-5.2-4a", "I-5.2-6")
def test_what_a_change_of_a_subscription_refuses(house: House):
    sub = house.sealed()
    work()
    proof = {"ground": "spouse", "proof": [house.scan]}
    child = identity(datetime(2015, 6, 1), 7)
    for kind, words, clause, given in (
        ("add", "办增加买受人，请填新买受人", "I-5.2-5e", proof),
        ("add", "换入房号与增加买受人请分开申请", "I-5.2-5e", {**proof, "buyers": [house.buyer("程望舒")], "new_unit": "1-1-1502"}),
        ("add", "未满 18 周岁，须由监护人签署", "I-5.1-4a", {**proof, "buyers": [house.buyer("程小满", identity=child)]}),
        ("add", "这个证件号码已登记在「苏清越」名下", "I-5.1-4a", {**proof, "buyers": [house.buyer("程望舒", identity=house.facts(sub).deal.buyers.get().customer.identity_number)]}),
        ("add", "份额要写齐变更后的每位买受人", "I-5.1-4a", {**proof, "buyers": [house.buyer("程望舒")], "shares": [{"name": "程望舒", "share": "50"}]}),
        ("remove", "至少留一位买受人", "建房〔2010〕53 号；I-5.2-5b", {"leaving": ["苏清越"]}),
        ("payment", "选贷款的，请填首付款", "I-5.2-5c", {"payment": "mortgage", "total_price": "2000000.00"}),
        ("payment", "付款计划合计 ¥1.00，应等于总价", "I-5.2-5c", {"payment": "instalments", "down_payment": "600000", "total_price": "2000000.00", "plan": [{"name": "房款", "amount": "1"}]}),
        ("payment", "折扣率与优惠金额只填一个", "I-5.2-5d", {"payment": "lump_sum", "total_price": "2000000.00", "discounts": [{"name": "老业主"}]}),
        ("discount", "认购以后公司不能加价", "I-5.2-5d", {"total_price": "2000000.00"}),
        ("swap", "本项目没有「9-9-901」", "I-5.2-5a", {"new_unit": "9-9-901", "total_price": "2000000.00"}),
        ("swap", "换入的就是原来的房屋", "I-5.2-5a", {"new_unit": "1-1-1501", "total_price": "2000000.00"}),
        ("swap", "折扣不能超过 0%", "I-5.2-5a", {"new_unit": "1-1-1502", "total_price": "1990000.00", "discounts": [{"name": "老业主", "amount": "10000"}]}),
    ):  # fmt: skip
        not_asked(house, kind, words, clause, **given)

    # The new unit is sold, or its price moved, while the application was on its way; the terms moved; the approval is old.
    case = changing.asked(house, "swap", new_unit="1-1-1502", total_price="2000000.00")
    house.take(case, "director_opinion", "gao", THURSDAY + HOUR, signature=house.scan)
    fixed = {"content_ok": True, "control_ok": True, "signature": house.scan}
    no_point(house, case, "check_and_register", "wu", THURSDAY + HOUR, "已核对证明材料原件", **fixed)
    other = Unit.objects.filter(pk=house.units[1].pk)
    other.update(control=Control.SIGNED)
    no(house, case, "check_and_register", "wu", THURSDAY + HOUR, "1502", "I-5.2-5a", **fixed)
    other.update(control=Control.AVAILABLE)
    deal = Deal.objects.filter(pk=change_of(case).deal_id)
    deal.update(terms_version=2)
    no(
        house,
        case,
        "check_and_register",
        "wu",
        THURSDAY + HOUR,
        "现在是第 2 版，请撤销后重新申请",
        "I-5.2-4a",
        **fixed,
    )
    deal.update(terms_version=1)
    house.take(case, "check_and_register", "wu", THURSDAY + HOUR, **fixed)
    house.take(case, "finance_check", "he", THURSDAY + 3 * HOUR, difference_ok=True, receipts_back=True)
    deal.update(terms_version=2)
    no(
        house,
        case,
        "report_up",
        "zhou",
        THURSDAY + 4 * HOUR,
        "现在是第 2 版",
        "I-5.2-4a",
        signature=house.scan,
    )
    deal.update(terms_version=1)
    house.take(case, "report_up", "zhou", THURSDAY + 4 * HOUR, signature=house.scan)
    house.approve(case, THURSDAY + 5 * HOUR)
    strangers = signers(house, "路人甲")
    no(house, case, "sign_new", "lin", FRIDAY, "路人甲不是变更前后的买受人", "2.0", signers=strangers)
    agent = signers(house, "苏清越", agent=True)
    no(house, case, "sign_new", "lin", FRIDAY, "没有在有效期内的授权委托书", "2.0", signers=agent)
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    other.update(list_price=D("2100000"))
    no(house, case, "execute", "wu", FRIDAY, "价目表已变，请撤销后按当日价格重新申请", "2.3")
    other.update(list_price=D("2000000"), control=Control.RESTRICTED, holder_case_id=None)
    no(house, case, "execute", "wu", FRIDAY, "1502", "I-5.2-5a")
    other.update(control=Control.LOCKED, holder_case_id=case.pk)
    no(house, case, "execute", "wu", THURSDAY + 31 * DAY, "批准已超过 30 日，请撤销后重新申请", "2.3")


@pytest.mark.clause("I-5.4-0")
def test_what_a_change_of_a_contract_refuses(house: House):
    asks = {"process": "contract_change"}
    sub = house.sealed()
    not_asked(
        house,
        "other",
        "这套房没有生效的合同",
        "I-5.4-0",
        items=[{"name": "车位", "old": "无", "new": "一个"}],
        **asks,
    )
    Case.objects.filter(pk=sub.pk).update(state="cancelled", closed_at=THURSDAY)
    Deal.objects.update(live=False)
    Unit.objects.filter(pk=house.units[0].pk).update(control=Control.AVAILABLE, holder_case_id=None)
    contracted(house)
    plan = [{"name": "房款", "amount": "1960000.00", "due_date": "2027-01-31"}]
    undated = [{"name": "房款", "amount": "1960000.00"}]
    not_asked(house, "plan", "每一期都要有应付日期", "I-5.2-5c", plan=undated, **asks)
    not_asked(house, "plan", "路人甲不是买受人", "I-5.2-1a", plan=plan, applicants=("路人甲",), **asks)
    not_asked(
        house, "other", "没有风水", "I-5.2-5e", items=[{"name": "风水", "old": "无", "new": "有"}], **asks
    )
    case = changing.asked(house, "plan", plan=plan, **asks)
    not_asked(house, "plan", f"{case.number} 在办，办结后再申请", "2.0", plan=plan, **asks)

    house.take(case, "director_opinion", "gao", THURSDAY + HOUR, signature=house.scan)
    checked = {"content_ok": True, "control_ok": True, "interview": "本人到场", "signature": house.scan}
    no_point(
        house,
        case,
        "check_and_register",
        "wu",
        THURSDAY + HOUR,
        "已核对证明材料原件",
        **checked,
        invoices_ok=True,
    )
    no(
        house,
        case,
        "check_and_register",
        "wu",
        THURSDAY + HOUR,
        "还没有核定：发票影响清单",
        "I-5.2-4a",
        **checked,
    )
    deal = Deal.objects.filter(pk=change_of(case).deal_id)
    deal.update(terms_version=2)
    no(
        house,
        case,
        "check_and_register",
        "wu",
        THURSDAY + HOUR,
        "现在是第 2 版",
        "I-5.2-4a",
        **checked,
        invoices_ok=True,
    )
    deal.update(terms_version=1)
    house.take(case, "check_and_register", "wu", THURSDAY + HOUR, **checked, invoices_ok=True)
    no(house, case, "finance_check", "he", THURSDAY + 2 * HOUR, "请核对差价和应收变动", "2.3")
    house.take(case, "finance_check", "he", THURSDAY + 2 * HOUR, difference_ok=True)
    house.take(
        case, "legal_opinion", "wu", THURSDAY + 2 * HOUR, lawyer="章律师", opinion="可以", paper=house.scan
    )
    house.take(case, "report_up", "zhou", THURSDAY + 4 * HOUR, signature=house.scan)
    house.approve(case, THURSDAY + 5 * HOUR)
    no(
        house,
        case,
        "sign_agreement",
        "deng",
        FRIDAY,
        "路人甲不是变更前后的买受人",
        "2.0",
        number="BC1",
        signers=signers(house, "路人甲"),
    )
    no(house, case, "sign_agreement", "deng", FRIDAY, "请填协议编号", "2.5", signers=signers(house, "苏清越"))
    house.take(case, "sign_agreement", "deng", FRIDAY, number="BC1", signers=signers(house, "苏清越"))
    no(
        house,
        case,
        "sign_late",
        "deng",
        FRIDAY,
        "路人甲不是变更前后的买受人",
        "2.0",
        signers=signers(house, "路人甲"),
    )
    deal.update(terms_version=2)
    no(house, case, "execute", "deng", FRIDAY, "批准的是成交条款第 1 版，现在是第 2 版", "2.0")


@pytest.mark.clause("I-5.10-0a", "I-5.10-0b")
def test_what_a_refund_refuses(house: House):
    bought(house, loan=False, names=("苏清越",))
    # The city lets a returned home be sold again only after 90 days.
    value = propose_value(
        Document.objects.get(code="KF-ZY-10"), company=house.project.company, project_id=None, path="settings.relist_days",
        value=90, from_date=APPLIED.date(), reason="城市规定", by=house.zhou, at=APPLIED,
    )  # fmt: skip
    approve_value(value, by=house.qian, at=APPLIED)
    with pytest.raises(NotReady, match="解除通知送达日期不能晚于今天"):
        asked(house, notice_date=APPLIED.date() + DAY)
    case = asked(house, cause="goodwill", clause="", proofs=[])
    house.take(case, "talk", "lin", APPLIED + HOUR, words="客户坚持")
    payees = [{"name": "苏清越", "account": "6200 01"}]
    sums = {"until_date": "2026-11-17", "payees": payees}
    no_point(house, case, "calculate", "deng", APPLIED + HOUR, "已付款逐笔与财务户账核对", **sums)
    no(
        house,
        case,
        "calculate",
        "deng",
        APPLIED + HOUR,
        "计息日期不能早于今天",
        "I-5.10-0a",
        **(sums | {"until_date": "2026-11-01"}),
    )
    house.take(case, "calculate", "deng", APPLIED + HOUR, **sums)
    legal = {"legal": "公司同意", "legal_paper": house.scan}
    house.take(case, "submit", "deng", APPLIED + HOUR, payable="2000000", kept="0", **legal)
    house.approve(case, APPLIED + 2 * HOUR)
    at = APPLIED + DAY
    paper = {"agreement": house.scan, "signers": parties(house, 1)}
    no(
        house,
        case,
        "sign_agreement",
        "deng",
        at,
        "协议日期不能晚于今天",
        "I-5.10-0a",
        agreed_date=at.date() + DAY,
        **paper,
    )
    no(
        house,
        case,
        "sign_agreement",
        "deng",
        at,
        "批准以前不能签解除协议",
        "I-5.10-0a",
        agreed_date=APPLIED.date() - DAY,
        **paper,
    )
    no(house, case, "prepare", "deng", at, "退房的先签解除协议", "I-5.10-0b")
    house.take(case, "sign_agreement", "deng", at, agreed_date=at.date(), **paper)
    no(house, case, "release", "deng", at, "不涉及的请写明原因", "I-5.10-0a", kind="tax", not_needed=True)
    for kind in ("tax", "invoice", "keys"):
        house.take(case, "release", "deng", at, kind=kind, not_needed=True, note="不涉及")
    no(
        house,
        case,
        "release",
        "deng",
        at,
        "「红冲发票」已经登记",
        "I-5.10-0a",
        kind="invoice",
        not_needed=True,
        note="不涉及",
    )
    house.take(case, "release", "deng", at, kind="papers", proof=house.scan)
    house.take(case, "execute", "deng", at)
    slip = {"payee": "苏清越", "voucher": "P1", "slip": house.scan, "amount": "2000000"}
    paid = {"paid_date": at.date(), "payments": [slip]}
    no_point(house, case, "pay", "he", at, "已核对收款户名、账号与审批表一致", **paid)
    no(
        house,
        case,
        "pay",
        "he",
        at,
        "付款日期不能晚于今天",
        "I-5.10-0b",
        **(paid | {"paid_date": at.date() + DAY}),
    )
    no(
        house,
        case,
        "pay",
        "he",
        at,
        "旁人不在批准的收款人里",
        "I-5.10-0b",
        **(paid | {"payments": [slip, {**slip, "payee": "旁人"}]}),
    )
    house.take(case, "pay", "he", at, **paid)
    no(
        house,
        case,
        "come_back",
        "he",
        at,
        "没有付给旁人的款",
        "I-5.10-0b",
        payee="旁人",
        account="6200 02",
        reason="退汇",
    )

    house.take(case, "come_back", "he", at, payee="苏清越", account="6200 02", reason="户名不符")
    house.take(case, "pay", "he", at, **(paid | {"payments": [{**slip, "voucher": "P2"}]}))
    house.take(case, "check_payment", "zhou", at)
    no(house, case, "close", "deng", at, "城市规定退房满 90 日后才能再售，2027-02-02 起", "I-5.10-0a")
    house.take(case, "close", "deng", beijing("2027-02-02 09:00"))
    assert house.control() == "available"
