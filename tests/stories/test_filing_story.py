"""Contract approval and filing (document I, process 五; domain 2.6) with every control point refused once."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guiju.kernel import acts, clocks, engine, ports, reactions
from guiju.kernel.calendar import end_of
from guiju.kernel.models import ApprovalRequest, Case, Clock, Event, Todo
from guiju.kernel.refusals import NotReady, NotYourPost
from guiju.notify.models import Link, Message
from guiju.org import people
from guiju.org.models import Holding, Post
from guiju.papers import forms as printed
from guiju.papers.models import SealUse
from guiju.papers.offers import NotYetPrintable
from guiju.papers.operations.votes import vote_on_paper
from guiju.sales import filings
from guiju.sales.filing_fields import paper_fields
from guiju.sales.filing_papers import approval_form, copies_register, told_letter
from guiju.sales.filing_rows import compare
from guiju.sales.models import Contract, ContractApproval, Deal, DealChange, Filing, Milestone
from guiju.sales.operations.filing import reach_milestone
from tests.stories.conftest import PNG, WEDNESDAY, House
from tests.stories.signed import contract, opened, seats, vote

SIGNED = date(2026, 11, 20)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AFTER = WEDNESDAY + 2 * DAY + 6 * HOUR
SHEET = {"price_ok": True, "identity_ok": True, "escrow_ok": True, "permit_ok": True, "special": "无"}


def words(refused: pytest.ExceptionInfo[NotReady]) -> str:
    return "；".join(reason.text for reason in refused.value.reasons)


def run(at: object) -> None:
    for _ in range(6):
        if not reactions.run_due(at, limit=200):  # type: ignore[arg-type]
            break


@pytest.mark.clause("I-5.5-0a", "I-2.1-o", "I-6-3", "I-3.1-f")
def test_a_standard_contract_goes_from_the_signed_paper_to_the_seal(house: House):
    made = contract(house, house.sealed(), signed=SIGNED)
    case = opened(house, "contract_approval", made, "deng", AFTER)
    assert case.number == "GA-YQ1-2026-0001"
    with pytest.raises(NotReady, match="这份合同已在审批：GA-YQ1-2026-0001"):
        opened(house, "contract_approval", made, "deng", AFTER)
    # The to-do goes to the signing group.
    assert set(Todo.objects.filter(case=case).values_list("act", "post")) >= {("prepare", "cs_clerk")}
    with pytest.raises(NotYetPrintable, match="还没有填写"):
        approval_form(case, AFTER)

    with pytest.raises(NotReady) as refused:
        house.take(case, "prepare", "wu", AFTER, **(SHEET | {"escrow_ok": False}))
    assert "还没有核对：监管账户和已付款" in words(refused)
    Contract.objects.filter(pk=made.pk).update(plan=[{"name": "房款", "amount": "1959999.99"}])
    with pytest.raises(NotReady) as refused:
        house.take(case, "prepare", "wu", AFTER, **SHEET)
    assert "付款计划合计 1959999.99 元，与合同总价 1960000.00 元不符" in words(refused)
    Contract.objects.filter(pk=made.pk).update(plan=[{"name": "房款", "amount": "1960000.00"}])
    house.take(case, "prepare", "wu", AFTER, **SHEET)

    # Asked for, not taken: the manager looks at the papers, then finance at the money; the maker may not.
    house.take(case, "submit", "wu", AFTER + HOUR)
    assert (case.state, seats(case)) == ("prepared", ["cs_manager"])
    with pytest.raises(NotYourPost):
        vote(house, case, "wu", AFTER + HOUR)
    vote(house, case, "zhou", AFTER + HOUR)
    assert seats(case) == ["finance"]
    house.approve(case, AFTER + 2 * HOUR)
    assert case.state == "approved"
    row = ContractApproval.objects.get(case=case)
    assert [line["asked"] for line in row.opinions] == ["cs_manager", "finance"]
    assert row.approved_terms == made.deal.terms_version

    # Not sealed by who filled it in; not on other terms; not without both opinions.
    with pytest.raises(NotYourPost):
        house.take(case, "seal", "wu", AFTER + 3 * HOUR)
    Deal.objects.filter(pk=made.deal_id).update(terms_version=9)
    with pytest.raises(NotReady) as refused:
        house.take(case, "seal", "fang", AFTER + 3 * HOUR)
    assert "现在是第 9 版，请退回重填" in words(refused)
    Deal.objects.filter(pk=made.deal_id).update(terms_version=row.approved_terms)
    ContractApproval.objects.filter(pk=row.pk).update(opinions=row.opinions[:1], prepared_by=house.fang.pk)
    with pytest.raises(NotReady) as refused:
        house.take(case, "seal", "fang", AFTER + 3 * HOUR)
    assert "合同审批单还缺财务的意见，不能盖章" in words(refused)
    assert "盖章人不能是本合同的填单人" in words(refused)
    ContractApproval.objects.filter(pk=row.pk).update(opinions=row.opinions, prepared_by=house.wu.pk)

    house.take(case, "seal", "fang", AFTER + 4 * HOUR, copies=5)
    use = SealUse.objects.latest("pk")
    made.refresh_from_db()
    assert (case.state, made.sealed_at, made.approved_at is not None) == ("sealed", AFTER + 4 * HOUR, True)
    assert (use.approval_number, use.copies, use.across_pages) == (case.number, 5, True)
    sheet = approval_form(case, AFTER + 5 * HOUR)
    assert [(one.post, one.signed.name if one.signed else "") for one in sheet.opinions] == [
        ("客服经理", "周岚"), ("财务", sheet.opinions[1].signed.name),
    ]  # fmt: skip
    assert sheet.seal is not None and sheet.seal.number == use.number
    assert printed.print_form("contract_approval", sheet, company="归居示范").startswith(b"%PDF-")

    # The seal opens the filing, once, with the thirty days from signing.
    run(AFTER + 5 * HOUR)
    run(AFTER + 6 * HOUR)
    filing = Filing.objects.select_related("case").get(contract=made)
    assert (filing.case.number, filing.due_date) == ("BA-YQ1-2026-0001", date(2026, 12, 20))
    assert Clock.objects.get(case=filing.case, name="file").due_at == end_of(date(2026, 12, 20))


@pytest.mark.clause("I-5.5-0a", "I-2.1-o")
def test_a_deviating_contract_needs_the_lawyer_and_both_managers_who_decide_on_the_phone_or_on_paper(
    house: House,
):
    for who in ("sun", "qian"):
        house.people[who].phone = "19900002222"
        house.people[who].save(update_fields=["phone"])
    made = contract(
        house,
        house.sealed(),
        signed=SIGNED,
        deviations=[{"title": "第八条", "words": "逾期交付违约金改为万分之三"}],
    )
    case = opened(house, "contract_approval", made, "deng", AFTER)
    house.take(case, "prepare", "wu", AFTER, **SHEET)
    with pytest.raises(NotReady) as refused:
        house.take(case, "submit", "wu", AFTER)
    assert "合同偏离范本，先取得法律意见再报批" in words(refused)
    house.take(
        case, "legal", "deng", AFTER, lawyer="示范律师事务所", opinion="条款有效，建议降低", agrees=False
    )
    with pytest.raises(NotReady) as refused:
        house.take(case, "submit", "wu", AFTER)
    assert "法律意见不同意签署" in words(refused)
    house.take(
        case, "legal", "deng", AFTER, lawyer="示范律师事务所", opinion="条款有效，可以签署", agrees=True
    )
    house.take(case, "submit", "wu", AFTER)
    vote(house, case, "zhou", AFTER)

    # Returned with reasons, changed, asked again: the second round begins with the manager.
    seat = seats(case)
    assert seat == ["finance"]
    who = "he" if "finance" in {seat["post"] for seat in _open(case)} else "qian"
    vote(house, case, who, AFTER, "return", "折扣依据没有附")
    request = ApprovalRequest.objects.get(case=case)
    assert request.state == ApprovalRequest.RETURNED
    acts.resubmit(request.pk, given={}, by=house.wu, at=AFTER + HOUR)
    vote(house, case, "zhou", AFTER + HOUR)
    vote(house, case, who, AFTER + HOUR)
    assert seats(case) == ["deputy_gm"]

    # The deputy gets a link; opening it decides nothing, the code lets in, one press says yes.
    run(AFTER + 2 * HOUR)
    link = next(
        one
        for one in Link.objects.filter(purpose="approval").order_by("-pk")
        if one.subject["post"] == "deputy_gm"
    )
    assert Message.objects.filter(template="approval.ask", to_id=house.sun.pk).count() == 1
    Link.objects.filter(pk=link.pk).update(expires_at=AFTER + 3650 * DAY)
    visitor = Client()
    assert "验证码" in visitor.get(link.url_path).content.decode()
    assert visitor.post(link.url_path, {"decision": "yes"}).status_code == 200
    assert seats(case) == ["deputy_gm"]
    visitor.post(f"{link.url_path}code/", {"act": "send"})
    code = re.search(r"\d{6}", Message.objects.filter(template="portal.code").latest("pk").body)
    assert code is not None
    visitor.post(f"{link.url_path}code/", {"act": "check", "code": code.group()})
    page = visitor.get(link.url_path)
    assert "逾期交付违约金改为万分之三" in page.content.decode()
    visitor.get(f"{link.url_path}?decision=yes")
    assert seats(case) == ["deputy_gm"]
    assert "理由" in visitor.post(link.url_path, {"decision": "no"}).content.decode()
    assert visitor.post(link.url_path, {"decision": "yes"}).status_code == 302
    assert "您的意见已登记：同意" in visitor.get(link.url_path).content.decode()
    assert seats(case) == ["general_manager"]

    # Somebody else's sign-in does not open the general manager's link; his own does, without a code.
    late = max(timezone.now(), AFTER) + HOUR
    run(late)
    link = next(
        one
        for one in Link.objects.filter(purpose="approval").order_by("-pk")
        if one.subject["post"] == "general_manager"
    )
    Link.objects.filter(pk=link.pk).update(expires_at=AFTER + 3650 * DAY)
    phone = Client()
    phone.force_login(house.lin)
    assert "验证码" in phone.get(link.url_path).content.decode()
    phone.force_login(house.qian)
    assert "同意" in phone.get(link.url_path).content.decode()
    request = ApprovalRequest.objects.get(case=case)
    with pytest.raises(NotYourPost, match="申请人不能补录"):
        vote_on_paper(
            request=request, decision="yes", reason="同意", voter=house.qian, post="general_manager", scan=PNG,
            name="审批单.png", by=house.wu, at=late,
        )  # fmt: skip
    vote_on_paper(
        request=request, decision="yes", reason="同意", voter=house.qian, post="general_manager", scan=PNG,
        name="审批单.png", by=house.deng, at=late,
    )  # fmt: skip
    case.refresh_from_db()
    assert case.state == "approved"
    sheet = approval_form(case, late)
    assert [one.post for one in sheet.opinions] == ["客服经理", "财务", "法律意见", "主管副总", "总经理"]
    assert sheet.opinions[-1].on_paper
    assert (
        "现在不用您审批" in phone.get(link.url_path).content.decode()
        or "已登记" in phone.get(link.url_path).content.decode()
    )

    # The keeper sends it back: what was approved counts no more.
    house.take(case, "redo", "fang", late + HOUR, reason="第三页少一个签名")
    row = ContractApproval.objects.get(case=case)
    assert (case.state, row.approved_at, row.opinions, row.returned[0]["reason"]) == (
        "draft",
        None,
        [],
        "第三页少一个签名",
    )


def _open(case: Case) -> list[dict[str, str]]:
    from guiju.kernel import approvals

    return approvals.open_seats(ApprovalRequest.objects.get(case=case, state=ApprovalRequest.PENDING))


@pytest.mark.clause("I-5.5-0b", "I-2.2-a", "I-3.1-g", "I-5.3-5d")
def test_a_contract_is_filed_with_papers_complete_and_no_difference_and_the_pre_notice_runs_out_in_ninety_days(
    house: House,
):
    made = contract(house, house.sealed(), signed=SIGNED)
    with pytest.raises(NotReady, match="合同还没有审批盖章，不能办理预售登记"):
        opened(house, "presale_filing", made, "yu", AFTER)
    Contract.objects.filter(pk=made.pk).update(sealed_at=AFTER)
    case = opened(house, "presale_filing", made, "yu", AFTER)
    assert (filings.filed(made), case.state) == (False, "collecting")

    # Alarms on days 10, 20 and 25, red on day 28; the last Sunday is not rolled.
    heard = []
    for day in range(8, 32):
        at = WEDNESDAY.replace(day=20, hour=12) + day * DAY
        clocks.sweep(at)
        events = Event.objects.filter(case=case, step__startswith="clock:")
        heard += [(day, events.count())] if not heard or events.count() != heard[-1][1] else []
    assert [day for day, count in heard if count] == [10, 20, 25, 28, 31]
    assert Todo.objects.filter(case=case, act="escalate:red", post="cs_manager").exists()

    papers = {"contract": True, "approval": True, "identity": True, "payment": False, "application": True}
    house.take(case, "collect", "yu", AFTER, **papers, missing="缴款凭证，客户补", pre_notice_agreed=True)
    # The reminder is a to-do of the signing group.
    assert Todo.objects.filter(case=case, act="chase", post="cs_clerk").exists()
    house.take(case, "chase", "wu", AFTER, how="电话", answer="明天送来", promised_date="2026-11-23")
    with pytest.raises(NotReady) as refused:
        house.take(case, "submit", "yu", AFTER, proof="S1")
    assert "登记资料还缺：首付款或房款进入监管账户的凭证" in words(refused)
    assert "先核对网签数据与合同" in words(refused)
    house.take(case, "collect", "yu", AFTER, **(papers | {"payment": True}), pre_notice_agreed=True)
    buyer = made.deal.buyers.get().customer
    city = {
        "city_number": "WQ2026-0001", "buyers": buyer.name, "identities": buyer.identity_number, "room": "1号楼1单元1501",
        "area": "100", "total_price": "1960000", "signed_date": "2026-11-20",
    }  # fmt: skip
    house.take(case, "compare", "yu", AFTER, **(city | {"total_price": "1690000"}))
    with pytest.raises(NotReady) as refused:
        house.take(case, "submit", "yu", AFTER, proof="S1")
    assert "网签数据与合同不一致（总价：合同「1960000.00」，系统「1690000」），改一致后再报送" in words(
        refused
    )

    # The city's export says it right; the same file again changes nothing. A row of nobody is told.
    rows = [
        ["合同编号", "购房人", "证件号码", "坐落", "建筑面积", "合同金额", "签订日期"],
        ["WQ2026-0001", buyer.name, buyer.identity_number, "1号楼 1单元 1501", 100.0, 1960000.0, SIGNED],
        ["WQ2026-0002", "周亦安", "1", "9号楼 101", 90.0, 1.0, SIGNED],
    ]  # fmt: skip
    done = compare(rows, project=house.project, by=house.yu, at=AFTER + HOUR)
    assert [(one.number, one.outcome) for one in done.results] == [(2, "same"), (3, "unknown")]
    again = Event.objects.filter(case=case, step="compare").count()
    compare(rows, project=house.project, by=house.yu, at=AFTER + HOUR)
    assert Event.objects.filter(case=case, step="compare").count() == again == 2
    Deal.objects.filter(pk=made.deal_id).update(terms_version=7)
    with pytest.raises(NotReady) as refused:
        house.take(case, "submit", "yu", AFTER + HOUR, proof="S1")
    assert "核对以后成交条件变过，请重新核对" in words(refused)
    compare(rows, project=house.project, by=house.yu, at=AFTER + HOUR)

    house.take(case, "submit", "yu", AFTER + HOUR, proof="S1")
    house.take(case, "return_by_city", "yu", AFTER + DAY, cause="papers", reason="身份证复印件不清")
    with pytest.raises(NotReady, match="先核对网签数据"):
        house.take(case, "submit", "yu", AFTER + DAY, proof="S2")
    compare(rows, project=house.project, by=house.yu, at=AFTER + DAY)
    house.take(case, "submit", "yu", AFTER + DAY, proof="S2")
    house.take(case, "accept", "yu", AFTER + 2 * DAY, acceptance_number="SL-77")
    with pytest.raises(NotReady) as refused:
        house.take(case, "file", "yu", AFTER + 3 * DAY, filing_number="BA-1", filed_date="2026-11-19")
    assert "备案日期不能早于签约日期" in words(refused)
    house.take(case, "file", "yu", AFTER + 4 * DAY, filing_number="BA-1", filed_date="2026-11-24")
    made.refresh_from_db()
    row = Filing.objects.get(case=case)
    assert (made.filed_number, made.filed_date, made.city_number, house.control()) == (
        "BA-1", date(2026, 11, 24), "WQ2026-0001", "filed",
    )  # fmt: skip
    assert (filings.filed(made), (row.filed_date - row.signed_date).days, row.returned[0]["cause"]) == (
        True,
        4,
        "papers",
    )
    assert Clock.objects.get(case=case, name="file").state == Clock.MET
    assert Clock.objects.get(case=case, name="tell").due_at == end_of(date(2026, 12, 9))

    # What is on the city's file does not end by a row here.
    with pytest.raises(NotReady, match="先在登记机关注销备案"):
        house.take(case, "cancel", "zhou", AFTER + 5 * DAY, reason="退房")
    assert told_letter(case, AFTER + 5 * DAY).facts[2] == ("备案编号", "BA-1")
    with pytest.raises(NotReady, match="约定了预告登记"):
        house.take(case, "finish", "yu", AFTER + 5 * DAY)
    house.take(case, "tell_buyer", "yu", AFTER + 5 * DAY, proof="苏清越签收", told_date="2026-11-25")
    with pytest.raises(NotReady, match="代领合同的，要收授权委托书"):
        house.take(case, "hand_copies", "yu", AFTER + 5 * DAY, receiver="周亦安", capacity="代理人")
    house.take(case, "hand_copies", "yu", AFTER + 5 * DAY, receiver="苏清越")
    assert copies_register(case, AFTER + 5 * DAY).rows[0][2] == "苏清越"
    with pytest.raises(NotReady, match="先申请预告登记"):
        house.take(case, "pre_notice", "yu", AFTER + 6 * DAY, number="YG-1", registered_date="2026-11-25")
    house.take(case, "apply_pre_notice", "yu", AFTER + 6 * DAY, proof="YGS-1")
    house.take(case, "pre_notice", "yu", AFTER + 6 * DAY, number="YG-1", registered_date="2026-11-25")
    assert case.state == "pre_noted"

    # The first registration of the building starts the ninety days of CC 221 by itself.
    later = AFTER + 12 * DAY
    with pytest.raises(NotYourPost):
        reach_milestone(
            building=house.units[0].building, kind=Milestone.FIRST_REGISTERED, on=date(2026, 12, 1), proof="证 1",
            by=house.lin, at=later,
        )  # fmt: skip
    reach_milestone(
        building=house.units[0].building, kind=Milestone.FIRST_REGISTERED, on=date(2026, 12, 1), proof="证 1",
        by=house.yu, at=later,
    )  # fmt: skip
    run(later)
    assert Clock.objects.get(case=case, name="pre_notice").due_at == end_of(date(2027, 3, 1))
    house.take(case, "ask_withdrawal", "yu", later + HOUR, reason="退房")
    house.approve(case, later + HOUR)
    house.take(case, "withdraw", "yu", later + DAY, proof="ZX-1", withdrawn_date="2026-12-02")
    made.refresh_from_db()
    assert (case.state, filings.filed(made), made.filed_number, house.control()) == (
        "withdrawn",
        False,
        "",
        "signed",
    )


@pytest.mark.clause("I-5.5-0b")
def test_where_the_city_comes_first_nothing_is_sealed_without_its_number(house: House):
    made = contract(house, house.sealed(), signed=SIGNED)
    case = opened(house, "contract_approval", made, "deng", AFTER)
    house.take(case, "prepare", "wu", AFTER, **SHEET)
    house.take(case, "submit", "wu", AFTER)
    house.approve(case, AFTER)
    case.refresh_from_db()
    policy = engine.ports.policies().get(case.sop_version_id)
    policy.settings["city_first"] = 1
    try:
        with pytest.raises(NotReady, match="先登记网签合同号"):
            house.take(case, "seal", "fang", AFTER + HOUR)
        house.take(case, "enter_city", "wu", AFTER + HOUR, city_number="WQ-9")
        house.take(case, "seal", "fang", AFTER + HOUR, copies=4)
    finally:
        policy.settings["city_first"] = 0
    assert Contract.objects.get(pk=made.pk).city_number == "WQ-9"


@pytest.mark.clause("I-5.5-0b")
def test_a_finished_filing_rests_and_can_still_be_taken_off_the_file(house: House):
    made = contract(house, house.sealed(), signed=SIGNED, sealed_at=AFTER)
    case = opened(house, "presale_filing", made, "yu", AFTER)
    house.take(
        case,
        "collect",
        "yu",
        AFTER,
        contract=True,
        approval=True,
        identity=True,
        payment=True,
        application=True,
    )
    house.take(case, "compare", "yu", AFTER, **(paper_fields(made) | {"city_number": "WQ-1"}))
    # A change that is open on the deal keeps the contract from the authority.
    change = DealChange.objects.create(
        case=case, deal=made.deal, kind="rename", opened_at=AFTER, opened_version=1, before={}, after={}
    )
    DealChange.objects.filter(pk=change.pk).update(case=made.case)
    with pytest.raises(NotReady, match="本单有变更或退房"):
        house.take(case, "submit", "yu", AFTER, proof="S1")
    DealChange.objects.filter(pk=change.pk).update(open=False)
    house.take(case, "submit", "yu", AFTER, proof="S1")
    house.take(case, "file", "yu", AFTER, filing_number="BA-2", filed_date="2026-11-20")
    with pytest.raises(NotReady) as refused:
        house.take(case, "finish", "yu", AFTER)
    assert "还没有书面告知买受人" in words(refused)
    assert "还没有登记合同领取签收" in words(refused)
    house.take(case, "tell_buyer", "yu", AFTER, proof="EMS 1", told_date="2026-11-20")
    house.take(case, "hand_copies", "yu", AFTER, receiver="苏清越")
    house.take(case, "finish", "yu", AFTER)
    assert (case.state, case.closed_at, Todo.objects.filter(case=case).count()) == ("kept", None, 0)
    house.take(case, "ask_withdrawal", "yu", AFTER + DAY, reason="双方协议退房")
    house.approve(case, AFTER + DAY)
    house.take(case, "withdraw", "yu", AFTER + 2 * DAY, proof="ZX-2", withdrawn_date="2026-11-21")
    assert (case.state, filings.filed(made), house.control()) == ("withdrawn", False, "signed")


@pytest.mark.clause("I-5.5-0a", "I-2.1-o")
def test_legal_votes_on_the_sheet_where_the_company_has_the_post_and_wants_it(house: House):
    made = contract(
        house, house.sealed(), signed=SIGNED, deviations=[{"title": "第八条", "words": "违约金改为万分之三"}]
    )
    case = opened(house, "contract_approval", made, "deng", AFTER)
    house.take(case, "prepare", "wu", AFTER, **SHEET)
    policy = ports.policies().get(case.sop_version_id)
    policy.settings["legal_vote"] = 1
    try:
        # Wanted, but nobody holds the post: on paper, as without it.
        with pytest.raises(NotReady, match="先取得法律意见再报批"):
            house.take(case, "submit", "wu", AFTER)
        Holding.objects.create(
            person=house.yu, post=Post.objects.get(code="legal"), company=house.project.company, from_at=AFTER
        )
        people.forget()
        house.take(case, "submit", "wu", AFTER + HOUR)
        for asked, who in (("cs_manager", "zhou"), ("finance", "he"), ("legal", "yu"), ("deputy_gm", "sun")):
            assert seats(case) == [asked]
            vote(house, case, who, AFTER + HOUR, reason="条款有效" if asked == "legal" else "同意")
        vote(house, case, "qian", AFTER + HOUR)
        sheet = approval_form(case, AFTER + 2 * HOUR)
        legal = sheet.opinions[2]
        assert (legal.post, legal.opinion, legal.signed.name if legal.signed else "") == (
            "法律意见", "条款有效", "于静",
        )  # fmt: skip

        # Without the opinion of legal there is no seal.
        row = ContractApproval.objects.get(case=case)
        kept = [line for line in row.opinions if line["asked"] != "legal"]
        ContractApproval.objects.filter(pk=row.pk).update(opinions=kept)
        with pytest.raises(NotReady, match="合同审批单还缺法务的意见，不能盖章"):
            house.take(case, "seal", "fang", AFTER + 3 * HOUR, copies=5)
        ContractApproval.objects.filter(pk=row.pk).update(opinions=row.opinions)
        house.take(case, "seal", "fang", AFTER + 3 * HOUR, copies=5)
        assert case.state == "sealed"
    finally:
        policy.settings["legal_vote"] = 0
        people.forget()
