"""销控登记: one status per unit with history; release, hold, restrict, reopen, verify; the day's unit control."""

from datetime import date, timedelta

import pytest

from guiju.estate import daily
from guiju.estate.models import Control, ControlChange, Unit
from guiju.estate.papers import daily_control_form
from guiju.kernel import clocks, engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import NotReady, NotYourPost
from guiju.papers.forms import print_form
from tests.stories.conftest import WEDNESDAY, House, beijing

MINUTE = timedelta(minutes=1)


def apply(house: House, kind: str, *places: int, by: str = "deng", at=WEDNESDAY, **given) -> Case:
    event = engine.open_case(
        "unit_control", by=house.people[by], at=at,
        given={"kind": kind, "units": [house.units[n].pk for n in places], "reason": "按销售安排", **given},
        chain_id=house.project.company_id, scope_id=house.project.pk,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def carry_out(house: House, case: Case, at=WEDNESDAY + 10 * MINUTE) -> None:
    step = "put_in_force" if case.control_order.kind in ("hold", "restrict") else "execute"
    house.take(case, step, "deng", at)
    if case.pending_request_id:
        house.approve(case, at + MINUTE)


@pytest.mark.clause("I-5.7-0")
def test_units_are_released_through_the_chain_and_the_register_keeps_every_change(house: House):
    Unit.objects.update(control=Control.NOT_RELEASED)

    case = apply(house, "release", 0, 1)
    carry_out(house, case)

    assert case.state == "ended"
    assert (house.control(0), house.control(1), house.control(2)) == (
        "available",
        "available",
        "not_released",
    )
    assert list(
        ControlChange.objects.order_by("id").values_list("unit_id", "before", "after", "case_id")
    ) == [
        (house.units[0].pk, "not_released", "available", case.pk),
        (house.units[1].pk, "not_released", "available", case.pk),
    ]


@pytest.mark.clause("I-5.7-0")
def test_units_without_permit_price_or_in_doubt_are_not_released(house: House):
    Unit.objects.update(control=Control.NOT_RELEASED)
    house.project.permits.all().delete()
    case = apply(house, "release", 0)

    with pytest.raises(NotReady, match="没有有效的商品房预售许可证，不能推出"):
        carry_out(house, case)
    Unit.objects.filter(pk=house.units[1].pk).update(unverified=True, unverified_reason="台账有误")
    with pytest.raises(NotReady, match="待核实"):
        apply(house, "release", 1)

    assert house.control(0) == "not_released"


@pytest.mark.clause("I-5.7-0")
def test_a_hold_has_an_end_and_lapses_by_itself(house: House):
    with pytest.raises(NotReady, match="销控保留要填保留至何时"):
        apply(house, "hold", 0)
    with pytest.raises(NotReady, match="销控保留最长 7 日"):
        apply(house, "hold", 0, until_at="2026-11-26T10:00:00+08:00")
    case = apply(house, "hold", 0, until_at="2026-11-20T10:00:00+08:00")
    carry_out(house, case)
    assert (case.state, house.control()) == ("in_force", "held")
    with pytest.raises(NotReady, match="现在是「销控」，不能认购"):
        house.lock(at=WEDNESDAY + timedelta(hours=1))

    clocks.sweep(beijing("2026-11-20 10:01"))

    case.refresh_from_db()
    assert (case.state, house.control()) == ("ended", "available")


def test_a_unit_in_doubt_is_verified_by_an_order_with_its_reason(house: House):
    Unit.objects.filter(pk=house.units[0].pk).update(unverified=True, unverified_reason="台账第 9 行")

    carry_out(house, apply(house, "verify", 0))

    assert Unit.objects.get(pk=house.units[0].pk).unverified is False


@pytest.mark.clause("I-3.1-h")
def test_only_the_signing_group_maintains_sales_control_others_look(house: House):
    case = apply(house, "restrict", 0)

    for username in ("lin", "gao", "zhou", "he", "fang", "jiang"):
        with pytest.raises(NotYourPost):
            house.take(case, "put_in_force", username, WEDNESDAY)
    assert {o.name for o in engine.options(case, by=house.jiang, at=WEDNESDAY) if o.open} == set()


@pytest.mark.clause("I-2.1-c")
def test_the_days_control_is_opening_plus_in_less_out_and_is_confirmed_by_a_person(house: House):
    house.registered()
    house.lock(unit=1)
    wednesday = date(2026, 11, 18)

    found = daily.day(house.project, wednesday)

    figures = {line.state.value: (line.opening, line.came, line.went, line.closing) for line in found.lines}
    assert figures["available"] == (4, 0, 2, 2)
    assert figures["locked"] == (0, 2, 1, 1)
    assert figures["subscribed"] == (0, 1, 0, 1)
    assert found.adds_up
    assert daily.unconfirmed(house.project, since=date(2026, 11, 13), until=wednesday) == [
        date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 17), wednesday,
    ]  # fmt: skip

    daily.confirm(project=house.project, on=wednesday, by=house.deng, at=WEDNESDAY + timedelta(hours=8))

    assert wednesday not in daily.unconfirmed(house.project, since=wednesday, until=wednesday)
    with pytest.raises(daily.UnableToConfirm, match="已经确认过"):
        daily.confirm(project=house.project, on=wednesday, by=house.deng, at=WEDNESDAY + timedelta(hours=9))


def test_a_past_day_is_counted_back_from_the_register(house: House):
    house.registered()
    house.lock(unit=1, at=WEDNESDAY + timedelta(days=1))

    found = daily.day(house.project, date(2026, 11, 18))

    figures = {line.state.value: (line.opening, line.came, line.went, line.closing) for line in found.lines}
    assert figures["available"] == (4, 0, 1, 3)
    assert figures["subscribed"] == (0, 1, 0, 1)


def test_the_daily_control_form_prints(house: House):
    house.registered()

    pdf = print_form("daily_control", daily_control_form(house.project, date(2026, 11, 18), WEDNESDAY))

    assert pdf[:5] == b"%PDF-"
