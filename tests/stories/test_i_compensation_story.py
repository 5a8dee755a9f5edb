"""赔偿 and 责任单位维修 (I-2.8-c, h): limits by post, agreement, payment; refusal, third party, charge-back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.kernel import clocks, engine
from guiju.kernel.models import ApprovalRequest, Case, Todo
from guiju.kernel.refusals import NotReady, NotYourPost
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
    with pytest.raises(NotReady, match="费用还没有从责任单位质保金扣回"):
        house.take(case, "finish", "wu", WEDNESDAY + 4 * DAY)
    with pytest.raises(NotReady, match="不能超过未付质保金 8000.00 元"):
        house.take(case, "charge", "zhou", WEDNESDAY + 4 * DAY, amount="9000", basis="合同第八条")
    house.take(case, "charge", "zhou", WEDNESDAY + 4 * DAY, amount="8000", basis="合同第八条")
    house.approve(case, WEDNESDAY + 4 * DAY)
    house.take(case, "finish", "wu", WEDNESDAY + 5 * DAY)

    row = ContractorWork.objects.get(case=case)
    assert (case.state, row.third_party, row.charged) == ("finished", "安居维修", Decimal("8000.00"))


def test_two_works_of_one_contract_are_not_charged_to_the_same_retention_twice(house: House):
    def replaced(at, number):
        case = opened(
            house, "contractor_work", "wu", contractor="恒筑防水", scope="飘窗重做防水", retention="8000.00", contract_number=number
        )  # fmt: skip
        house.take(case, "refuse", "wu", at, words="说过了保修期", notice="EMS1001")
        house.take(case, "replace", "zheng", at, third_party="安居维修", estimate="6000", reason="三日未进场")
        house.approve(case, at)
        house.take(case, "report", "wu", at, words="做好了", test="不渗", passed=True, cost="6000")
        house.take(case, "inspect", "zheng", at, passed=True, words="合格")
        return case

    at, charge = WEDNESDAY + DAY, {"amount": "6000", "basis": "合同第八条"}
    first, second, elsewhere = (replaced(at, number) for number in ("HZ-08", "HZ-08", "HZ-09"))
    house.take(first, "charge", "zhou", at, **charge)
    house.approve(first, at)

    with pytest.raises(NotReady, match="不能超过未付质保金 2000.00 元，其余另行追偿"):
        house.take(second, "charge", "zhou", at, **charge)
    house.take(second, "charge", "zhou", at, **charge | {"amount": "2000"})
    house.take(elsewhere, "charge", "zhou", at, **charge)


def test_a_contractor_who_does_not_answer_is_heard_of_after_a_day(house: House):
    case = work(house)
    clocks.sweep(WEDNESDAY + 25 * HOUR)

    assert Todo.objects.filter(case=case, act="escalate:accept", post="service_manager").exists()
