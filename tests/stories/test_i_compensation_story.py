"""赔偿 and 责任单位维修 (I-2.8-c, h): limits by post, agreement, payment; refusal, third party, charge-back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from guiju.kernel import clocks, engine
from guiju.kernel.models import ApprovalRequest, Case, Clock, Todo
from guiju.kernel.refusals import NotReady, NotYourPost
from guiju.portal.purposes.approval import lines_of
from guiju.quality.models import Compensation, ContractorWork
from tests.stories.conftest import WEDNESDAY, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def opened(house: House, process: str, by: str, **given) -> Case:
    event = engine.open_case(
        process, by=house.people[by], at=WEDNESDAY, given=given, chain_id=house.project.company_id,
        scope_id=house.project.pk, links=[("unit", house.units[0].pk)],
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def proposed(house: House, amount: str) -> Case:
    return opened(house, "compensation", "wu", payee="苏清越", ground="泡坏地板，评估单附后", amount=amount)


@pytest.mark.parametrize(
    ("amount", "chain"),
    [
        ("5000", ["cs_manager"]),
        ("5000.01", ["cs_manager", "deputy_gm"]),
        ("50000", ["cs_manager", "deputy_gm"]),
        ("50000.01", ["cs_manager", "deputy_gm", "general_manager"]),
    ],
)
def test_the_amount_decides_who_has_to_agree(house: House, amount: str, chain: list[str]):
    case = proposed(house, amount)
    house.take(case, "approve", "wu", WEDNESDAY + HOUR, amount=amount)

    assert [seat["post"] for seat in ApprovalRequest.objects.get(case=case).chain] == chain


@pytest.mark.clause("I-2.8-h")
def test_a_limit_is_not_passed_in_pieces(house: House):
    first, second = proposed(house, "3000"), proposed(house, "2000.01")
    house.take(second, "approve", "wu", WEDNESDAY + HOUR, amount="2000.01")
    request = ApprovalRequest.objects.get(case=second)
    assert [seat["post"] for seat in request.chain] == ["cs_manager", "deputy_gm"]
    assert dict(lines_of(request, house.zhou, WEDNESDAY + HOUR))["合并计算"] == "5,000.01 元"

    # What was dropped does not count.
    house.take(first, "drop", "zhou", WEDNESDAY + HOUR, reason="并到另一笔")
    third = proposed(house, "2999.99")
    house.take(third, "approve", "wu", WEDNESDAY + HOUR, amount="2999.99")
    assert [seat["post"] for seat in ApprovalRequest.objects.get(case=third).chain] == ["cs_manager"]


def test_a_compensation_is_approved_agreed_and_paid_as_one_amount(house: House):
    case = proposed(house, "3200")
    with pytest.raises(NotReady, match="金额应为 3200.00 元；要改金额的，请重新提出并报批"):
        house.take(case, "approve", "wu", WEDNESDAY + HOUR, amount="4000")
    house.take(case, "approve", "wu", WEDNESDAY + HOUR, amount="3200")
    with pytest.raises(NotReady, match="到「待签协议」时才能办理"):
        house.take(case, "agree", "wu", WEDNESDAY + HOUR, amount="3200", agreement=house.scan)
    house.approve(case, WEDNESDAY + 2 * HOUR)
    house.take(case, "agree", "wu", WEDNESDAY + DAY, amount="3200", agreement=house.scan)
    with pytest.raises(NotYourPost, match="须由财务、财务收款员办理|须由财务收款员、财务办理"):
        house.take(
            case, "pay", "wu", WEDNESDAY + 2 * DAY, amount="3200", voucher="V1", paid_date="2026-11-20"
        )
    with pytest.raises(NotReady, match="付款日期不能晚于今天"):
        house.take(
            case, "pay", "he", WEDNESDAY + 2 * DAY, amount="3200", voucher="V1", paid_date="2026-11-21"
        )
    house.take(case, "pay", "he", WEDNESDAY + 2 * DAY, amount="3200", voucher="V1", paid_date="2026-11-20")

    row = Compensation.objects.get(case=case)
    assert (case.state, row.amount, row.voucher, row.agreement) == (
        "paid",
        Decimal("3200.00"),
        "V1",
        house.scan,
    )


def work(house: House) -> Case:
    return opened(
        house,
        "contractor_work",
        "wu",
        contractor="恒筑防水",
        scope="飘窗重做防水",
        retention="8000.00",
        finish_date="2026-11-25",
    )


def test_a_contractor_accepts_does_the_work_and_somebody_else_inspects_it(house: House):
    case = work(house)
    house.take(case, "accept", "wu", WEDNESDAY + HOUR, by_whom="恒筑李工")
    with pytest.raises(NotReady, match="测试合格后才能报告完工"):
        house.take(case, "report", "wu", WEDNESDAY + DAY, words="做好了", test="淋水还渗")
    house.take(case, "report", "wu", WEDNESDAY + DAY, words="做好了", test="淋水不渗", passed=True)
    with pytest.raises(NotReady, match="验收不合格的请办「退回返工」"):
        house.take(case, "inspect", "zheng", WEDNESDAY + DAY, passed=False, words="收口不平")
    house.take(case, "inspect", "zheng", WEDNESDAY + DAY, passed=True, words="合格")
    with pytest.raises(NotReady, match="责任单位自己维修的没有费用可扣"):
        house.take(case, "charge", "zhou", WEDNESDAY + DAY, amount="100", basis="合同")
    house.take(case, "finish", "wu", WEDNESDAY + 2 * DAY)

    assert case.state == "finished"


def test_who_refuses_after_a_written_notice_pays_for_the_third_party_from_the_retention(house: House):
    case = work(house)
    with pytest.raises(NotReady, match="请先书面通知责任单位"):
        house.take(case, "refuse", "wu", WEDNESDAY + HOUR, words="说过了保修期")
    house.take(case, "refuse", "wu", WEDNESDAY + HOUR, words="说过了保修期", notice="EMS1001")
    house.take(
        case,
        "replace",
        "zheng",
        WEDNESDAY + 2 * HOUR,
        third_party="安居维修",
        estimate="6000",
        reason="三日未进场",
    )
    house.approve(case, WEDNESDAY + 3 * HOUR)
    assert case.state == "working"
    with pytest.raises(NotReady, match="第三方维修的请填费用"):
        house.take(case, "report", "wu", WEDNESDAY + 3 * DAY, words="做好了", test="不渗", passed=True)
    house.take(
        case, "report", "wu", WEDNESDAY + 3 * DAY, words="做好了", test="不渗", passed=True, cost="9000"
    )
    house.take(case, "inspect", "zheng", WEDNESDAY + 3 * DAY, passed=True, words="合格")
    with pytest.raises(NotReady, match="还有 9000.00 元没有从质保金扣回、追偿到账或者决定由公司承担"):
        house.take(case, "finish", "wu", WEDNESDAY + 4 * DAY)
    with pytest.raises(NotReady, match="不能超过未付质保金 8000.00 元"):
        house.take(case, "charge", "zhou", WEDNESDAY + 4 * DAY, amount="9000", basis="合同第八条")
    house.take(case, "charge", "zhou", WEDNESDAY + 4 * DAY, amount="8000", basis="合同第八条")
    house.approve(case, WEDNESDAY + 4 * DAY)
    with pytest.raises(NotReady, match="已经扣回，余额请办「向责任单位追偿」"):
        house.take(case, "charge", "zhou", WEDNESDAY + 4 * DAY, amount="1000", basis="合同第八条")
    with pytest.raises(NotReady, match="还没有着落的费用是 1000.00 元，金额应与它一致"):
        house.take(case, "bear", "zhou", WEDNESDAY + 4 * DAY, amount="9000", reason="追不回来")
    house.take(case, "bear", "zhou", WEDNESDAY + 4 * DAY, amount="1000", reason="数额小于追偿的费用")
    house.approve(case, WEDNESDAY + 4 * DAY)
    house.take(case, "finish", "wu", WEDNESDAY + 5 * DAY)

    row = ContractorWork.objects.get(case=case)
    assert (case.state, row.third_party, row.charged, row.borne) == ("finished", "安居维修", 8000, 1000)


def replaced(
    house: House, at, number: str = "", retention: str | None = "8000.00", cost: str = "6000"
) -> Case:
    """A contractor's work that a third party did; its cost is to be had back."""
    case = opened(
        house, "contractor_work", "wu", contractor="恒筑防水", scope="飘窗重做防水", retention=retention, contract_number=number
    )  # fmt: skip
    house.take(case, "refuse", "wu", at, words="说过了保修期", notice="EMS1001")
    house.take(case, "replace", "zheng", at, third_party="安居维修", estimate="6000", reason="三日未进场")
    house.approve(case, at)
    house.take(case, "report", "wu", at, words="做好了", test="不渗", passed=True, cost=cost)
    house.take(case, "inspect", "zheng", at, passed=True, words="合格")
    return case


@pytest.mark.clause("I-2.8-c")
def test_without_a_known_retention_the_cost_is_claimed_by_letter_and_not_deducted(house: House):
    at = WEDNESDAY + DAY
    case = replaced(house, at, retention=None)
    letter = {
        "basis": "质保金已结清，合同第九条",
        "letter": house.scan,
        "notice": "EMS2",
        "pay_by": "2026-12-10",
    }

    with pytest.raises(NotReady, match="还不知道未付质保金有多少") as refused:
        house.take(case, "charge", "zhou", at, amount="6000", basis="合同第八条")
    assert {reason.clause for reason in refused.value.reasons} == {"I-2.8-c"}
    with pytest.raises(NotReady, match="追偿金额不能超过还没有着落的费用 6000.00 元"):
        house.take(case, "claim", "zhou", at, amount="6000.01", **letter)
    house.take(case, "claim", "zhou", at, amount="6000", **letter)
    # The end of 10 December in China.
    assert Clock.objects.get(case=case, name="claim").due_at == datetime(2026, 12, 10, 16, tzinfo=UTC)

    paid = {"paid_date": "2026-11-19", "voucher": "SK-1"}
    with pytest.raises(NotReady, match="到账日期不能晚于今天"):
        house.take(case, "recover", "he", at, amount="4000", **paid | {"paid_date": "2026-11-20"})
    with pytest.raises(NotReady, match="到账金额不能超过追偿金额 6000.00 元"):
        house.take(case, "recover", "he", at, amount="7000", **paid)
    house.take(case, "recover", "he", at, amount="4000", **paid)
    with pytest.raises(NotReady, match="凭证 SK-1 已经登记过"):
        house.take(case, "recover", "he", at, amount="2000", **paid)
    with pytest.raises(NotReady, match="还有 2000.00 元没有从质保金扣回"):
        house.take(case, "finish", "wu", at)
    house.take(case, "recover", "he", at, amount="2000", **paid | {"voucher": "SK-2"})
    house.take(case, "finish", "wu", at)

    row = ContractorWork.objects.get(case=case)
    assert (case.state, row.charged, row.claimed, row.recovered) == ("finished", None, None, 6000)


@pytest.mark.clause("I-2.8-c")
def test_what_the_customer_was_paid_for_the_contractors_fault_is_had_back_once(house: House):
    case, paid, at = work(house), proposed(house, "3200"), WEDNESDAY + DAY
    house.take(case, "accept", "wu", at, by_whom="恒筑李工")
    house.take(case, "report", "wu", at, words="做好了", test="淋水不渗", passed=True)
    house.take(case, "inspect", "zheng", at, passed=True, words="合格")
    taken_over = {"compensation": paid.number, "ground": "渗水泡坏地板，验收记录"}
    with pytest.raises(NotReady, match=f"{paid.number} 还没有付款"):
        house.take(case, "add_damages", "zhou", at, **taken_over)
    house.take(paid, "approve", "wu", at, amount="3200")
    house.approve(paid, at)
    house.take(paid, "agree", "wu", at, amount="3200", agreement=house.scan)
    house.take(paid, "pay", "he", at, amount="3200", voucher="V1", paid_date="2026-11-19")

    house.take(case, "add_damages", "zhou", at, **taken_over)
    with pytest.raises(NotReady, match=f"{paid.number} 已并入 {case.number}"):
        house.take(case, "add_damages", "zhou", at, **taken_over)
    with pytest.raises(NotReady, match="还有 3200.00 元没有从质保金扣回"):
        house.take(case, "finish", "wu", at)
    house.take(case, "charge", "zhou", at, amount="3200", basis="合同第八条")
    house.approve(case, at)
    house.take(case, "finish", "wu", at)

    row = ContractorWork.objects.get(case=case)
    assert (case.state, row.damages, row.charged) == ("finished", 3200, 3200)


@pytest.mark.clause("I-2.8-c")
def test_what_finance_says_of_the_retention_today_is_what_may_be_deducted(house: House):
    at = WEDNESDAY + DAY
    first = replaced(house, at, "HZ-08", retention=None)
    second = replaced(house, at, "HZ-08", retention=None)
    told = {"source": "财务台账，何收款核对"}
    house.take(first, "verify_retention", "he", at, retention="7000", **told)
    house.take(second, "verify_retention", "he", at, retention="7000", **told)
    house.take(first, "charge", "zhou", at, amount="6000", basis="合同第八条")
    house.approve(first, at)

    with pytest.raises(NotReady, match="不能超过未付质保金 1000.00 元，其余办「向责任单位追偿」"):
        house.take(second, "charge", "zhou", at, amount="6000", basis="合同第八条")
    letter = {"basis": "质保金不够", "letter": house.scan, "notice": "EMS2", "pay_by": "2026-12-10"}
    house.take(second, "claim", "zhou", at, amount="6000", **letter)
    # Asked again, finance names what is left now, not what was whole before.
    house.take(second, "verify_retention", "he", at, retention="1000", **told)
    house.take(second, "charge", "zhou", at, amount="1000", basis="合同第八条")
    house.approve(second, at)

    row = ContractorWork.objects.get(case=second)
    assert (row.charged, row.claimed) == (1000, 5000)


def test_two_works_of_one_contract_are_not_charged_to_the_same_retention_twice(house: House):
    at, charge = WEDNESDAY + DAY, {"amount": "6000", "basis": "合同第八条"}
    first, second, elsewhere = (replaced(house, at, number) for number in ("HZ-08", "HZ-08", "HZ-09"))
    house.take(first, "charge", "zhou", at, **charge)
    house.approve(first, at)

    with pytest.raises(NotReady, match="不能超过未付质保金 2000.00 元，其余办「向责任单位追偿」"):
        house.take(second, "charge", "zhou", at, **charge)
    house.take(second, "charge", "zhou", at, **charge | {"amount": "2000"})
    house.take(elsewhere, "charge", "zhou", at, **charge)


def test_a_contractor_who_does_not_answer_is_heard_of_after_a_day(house: House):
    case = work(house)
    clocks.sweep(WEDNESDAY + 25 * HOUR)

    assert Todo.objects.filter(case=case, act="escalate:accept", post="service_manager").exists()
