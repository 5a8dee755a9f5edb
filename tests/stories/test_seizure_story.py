"""A court seizes a flat on sale and one that is sold: by which paper, until when, what stands still, and how it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guiju.estate.models import ControlOrder, Unit
from guiju.estate.seizures import seized_text
from guiju.kernel import clocks, engine
from guiju.kernel.models import Case, Clock, Event, Todo
from guiju.kernel.refusals import NotReady
from tests.stories import changing
from tests.stories.changing import HOUR, THURSDAY, approved, signers, work
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_refund_in_parts import ready, slip
from tests.stories.test_refund_story import DAY, asked, refused
from tests.stories.test_sales_refusals import FRIDAY, no

COURT = {
    "authority": "示范市人民法院", "paper_number": "（2026）示01执保5号", "until_at": "2029-11-18T00:00:00+08:00",
}  # fmt: skip
SAID = "已被示范市人民法院查封：（2026）示01执保5号，至 2029-11-18"


def order(house: House, *units: int, at: datetime = WEDNESDAY, by: str = "deng", **more: Any) -> Case:
    """Ask for a seizure of these units to be entered."""
    given = {"kind": "seize", "units": [house.units[n].pk for n in units], "reason": "协助执行通知书"}
    event = engine.open_case(
        "unit_control", by=house.people[by], at=at, given=given | COURT | {"paper": house.scan} | more,
        chain_id=house.project.company_id, scope_id=house.project.pk,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


@pytest.mark.clause("I-5.7-0", "I-5.10-0b")
def test_a_seized_flat_is_not_sold_changed_or_paid_back_until_the_court_lifts_it(
    house: House, client: Client
):
    for missing in ("authority", "paper_number"):
        with pytest.raises(NotReady, match="查封要写明机关、文书号和期限，并上传查封文书"):
            order(house, 0, **{missing: ""})
    sub = house.sealed(unit=1)
    work()
    change = approved(house, changing.asked(house, "discount", unit=1, discounts=[{"name": "老业主", "percent": "3"}], total_price="1940000.00"))  # fmt: skip
    house.take(change, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)

    # In force at once, without anybody's consent: the free flat is taken off sale, the sold one stays sold.
    case = order(house, 0, 1, at=FRIDAY)
    house.take(case, "put_in_force", "deng", FRIDAY)
    assert case.state == "in_force"
    assert (house.control(0), house.control(1)) == ("restricted", "subscribed")
    with pytest.raises(NotReady, match=SAID):
        house.lock(at=FRIDAY)
    no(house, change, "execute", "wu", FRIDAY, SAID, "城市房地产管理法 38")
    with pytest.raises(NotReady, match=SAID):
        asked(house, unit=1, at=FRIDAY, cause="goodwill", clause="", proofs=[])
    house.take(change, "cancel", "lin", FRIDAY, reason="查封")
    with pytest.raises(NotReady, match=f"{SAID}.*解封以前不能变更"):
        changing.asked(house, "extend", unit=1, at=FRIDAY, until_date="2026-12-01")
    client.force_login(house.zhou)
    page = client.get(reverse("web:unit", args=[house.units[1].pk])).content.decode()
    assert SAID in page
    assert case.number in page

    # No job ends it, and nobody without the court's word.
    refused(house, case, "lift", "deng", FRIDAY + DAY, "解除查封要有机关的解封文书", reason="案外人异议成立")
    house.take(
        case, "lift", "deng", FRIDAY + DAY, reason="案外人异议成立", paper_number="（2026）示01执异9号"
    )
    assert ControlOrder.objects.get(case=case).lifted_by == "（2026）示01执异9号"
    assert not Unit.objects.filter(seized=True).exists()
    assert (house.control(0), house.control(1), sub.state) == ("available", "subscribed", "sealed")
    house.lock(at=FRIDAY + DAY)
    assert (
        changing.asked(house, "extend", unit=1, at=FRIDAY + DAY, until_date="2026-12-01").state == "applied"
    )


def test_a_seizure_stops_a_refund_on_its_way_and_two_seizures_end_one_by_one(house: House):
    case = ready(house)
    at = THURSDAY + DAY
    first, second = order(house, 0, at=at), order(house, 0, at=at, paper_number="（2026）示02执保7号")
    for one in (first, second):
        house.take(one, "put_in_force", "deng", at)
    assert house.control(0) == "cooling"
    pay = slip(house, "2000000", "P1", at)
    no(house, case, "pay", "he", at, "（2026）示02执保7号", "城市房地产管理法 38", **pay)
    no(house, case, "pay_part", "he", at, "已被示范市人民法院查封", "城市房地产管理法 38", **slip(house, "1", "P1", at, consent=house.scan))  # fmt: skip
    house.take(second, "lift", "deng", at + HOUR, reason="撤回", paper_number="（2026）示02执7号之一")
    no(house, case, "pay", "he", at + HOUR, "（2026）示01执保5号", "城市房地产管理法 38", **pay)
    house.take(first, "lift", "deng", at + HOUR, reason="撤回", paper_number="（2026）示01执5号之一")
    house.take(case, "pay", "he", at + 2 * HOUR, **pay)
    assert case.state == "paid"


@pytest.mark.clause("I-5.7-0")
def test_the_term_of_a_seizure_is_the_laws_and_reminds_before_it_ends(house: House):
    """From 2026-11-19 three years end on 2029-11-19; reminders 30 and 7 days before; a renewal adds three years at most."""
    too_long = {"until_at": "2029-11-20T00:00:00+08:00"}
    with pytest.raises(NotReady, match=r"一次不超过三年（至 2029-11-19）"):
        order(house, 0, at=THURSDAY, **too_long)
    with pytest.raises(NotReady, match="查封期限已经届满"):
        order(house, 0, at=THURSDAY, until_at="2026-11-18T00:00:00+08:00")
    case = order(house, 0, at=THURSDAY)
    house.take(case, "put_in_force", "deng", THURSDAY)
    end = datetime.fromisoformat(COURT["until_at"])
    clock = Clock.objects.get(case=case, name="seizure")
    assert clock.due_at == end

    def wanted(at: datetime) -> list[str]:
        clocks.sweep(at)
        return sorted(Todo.objects.filter(case=case, act="renew").values_list("post", flat=True))

    reminders = Event.objects.filter(case=case, step="clock:remind")
    assert wanted(end - 31 * DAY) == []
    assert wanted(end - 30 * DAY) == ["signing_supervisor"]
    assert reminders.count() == 1
    wanted(end - 7 * DAY)
    assert reminders.count() == 2

    # Renewed: the new paper stands, with its term; three years from the end of the old one.
    renewal = {"paper_number": "（2026）示01执保5号之二", "paper": house.scan}
    at = end - 5 * DAY
    refused(
        house,
        case,
        "renew",
        "deng",
        at,
        "原期限到 2029-11-18，续封应晚于这一天",
        until_at=end.isoformat(),
        **renewal,
    )
    refused(
        house,
        case,
        "renew",
        "deng",
        at,
        "一次不超过三年（至 2032-11-18）",
        until_at="2032-11-19T12:00:00+08:00",
        **renewal,
    )
    later = datetime.fromisoformat("2032-11-18T00:00:00+08:00")
    house.take(case, "renew", "deng", at, until_at=later.isoformat(), **renewal)
    assert "（2026）示01执保5号之二，至 2032-11-18" in (
        seized_text(Unit.objects.get(pk=house.units[0].pk)) or ""
    )
    assert [(one.state, one.due_at) for one in Clock.objects.filter(case=case, name="seizure").order_by("pk")] == [
        ("met", end), ("running", later),
    ]  # fmt: skip
    assert wanted(end + DAY) == []

    # Its term is over: the manager is told, no job ends it; a person does, having looked it up.
    wanted(later + DAY)
    assert (
        Todo.objects.filter(case=case, act="escalate:seizure").values_list("post", flat=True).get()
        == "cs_manager"
    )
    assert Unit.objects.get(pk=house.units[0].pk).seized
    with pytest.raises(NotReady, match="查封不自动解除"):
        engine.advance(case, "lapse", by=None, at=later + DAY, given={})
    house.take(case, "lift", "deng", later + DAY, reason="登记中心查询：查封期满未续封")
    assert (case.state, house.control(0)) == ("ended", "available")

    kept = engine.open_case(
        "unit_control", by=house.deng, at=THURSDAY, given={"kind": "restrict", "units": [house.units[2].pk], "reason": "权属争议"},
        chain_id=house.project.company_id, scope_id=house.project.pk,
    ).case  # fmt: skip
    house.take(kept, "put_in_force", "deng", THURSDAY)
    house.approve(kept, THURSDAY + HOUR)
    refused(
        house,
        kept,
        "renew",
        "deng",
        THURSDAY + 2 * HOUR,
        "只有查封办续封",
        until_at=later.isoformat(),
        **renewal,
    )
