"""I-3.1-r: a decoration scheme with colour and material for each room, confirmed by the customer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.kernel.models import Todo
from guiju.kernel.refusals import NotReady
from guiju.org.functions import team_of
from guiju.org.models import Function
from guiju.org.people import teams_of_posts
from tests.stories.conftest import WEDNESDAY, House

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def chosen(**changed) -> list[dict]:
    """Two rooms: 1,200.00 yuan beside the standard for the kitchen, nothing for the bedroom."""
    return [
        {
            "room": "厨房",
            "item": "橱柜",
            "colour": "雾灰",
            "material": "实木颗粒板 A3",
            "difference": "1200.00",
        },
        {"room": "主卧", "item": "墙面", "colour": "米白", "material": "乳胶漆 N102"} | changed,
    ]


def begun(house: House, **changed):
    from guiju.kernel import engine
    from guiju.kernel.models import Case

    given = {"scheme": "云栖 B 方案 1.0", "rooms": ["厨房", "主卧"], "window_date": "2026-12-10"} | changed
    event = engine.open_case(
        "fitout_selection", by=house.wu, at=WEDNESDAY + DAY, given=given, chain_id=house.project.company_id,
        scope_id=house.project.pk, links=[("unit", house.units[0].pk)],
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


@pytest.mark.clause("I-3.1-r")
def test_colour_and_material_of_every_room_are_chosen_confirmed_paid_ordered_and_checked(house: House):
    with pytest.raises(NotReady, match="这套房屋还没有买受人，不能选色选材"):
        begun(house)
    house.sealed()
    with pytest.raises(NotReady, match="选择截止日期要在今天以后"):
        begun(house, window_date="2026-11-19")
    case, at = begun(house), WEDNESDAY + DAY
    with pytest.raises(NotReady, match=f"选色选材 {case.number} 还没有办完"):
        begun(house)
    company = house.project.company
    team = team_of(Function.objects.get(company=company, code="fit_out"), at)
    todo = Todo.objects.get(case=case, act="select")
    assert team.name == "客户服务组"
    assert team.pk in teams_of_posts(company.pk)[todo.post]

    with pytest.raises(NotReady, match="还有房间没有选颜色和材料：主卧"):
        house.take(case, "select", "wu", at + HOUR, choices=chosen()[:1])
    with pytest.raises(NotReady, match="装修方案里没有「阳台」"):
        house.take(case, "select", "wu", at + HOUR, choices=chosen(room="阳台"))
    house.take(case, "select", "wu", at + HOUR, choices=chosen())
    with pytest.raises(NotReady, match="请客户签名确认"):
        house.take(case, "confirm", "wu", at + 2 * HOUR, agreed=True)
    with pytest.raises(NotReady, match="客户没有确认"):
        house.take(case, "confirm", "wu", at + 2 * HOUR, signed_by="苏清越", signature=house.scan)
    house.take(case, "confirm", "wu", at + 2 * HOUR, agreed=True, signed_by="苏清越", signature=house.scan)

    row = case.fitout
    row.refresh_from_db()
    assert (row.confirmed_by, row.difference) == ("苏清越", Decimal("1200.00"))
    with pytest.raises(NotReady, match="差价还没有收到，不能下单"):
        house.take(case, "order", "wu", at + 3 * HOUR, sample="FY-01", supplier="示范建材")
    with pytest.raises(NotReady, match="应收差价 1,200.00 元"):
        house.take(case, "pay", "he", at + 3 * HOUR, amount="1000", receipt="SJ-1")
    house.take(case, "pay", "he", at + 3 * HOUR, amount="1200", receipt="SJ-1")
    # Out of stock: changed, and confirmed anew before it is ordered.
    house.take(case, "change", "wu", at + 4 * HOUR, reason="雾灰缺货，客户同意换同等级岩灰")
    row.refresh_from_db()
    assert (row.confirmed_at, row.signature) == (None, "")
    house.take(case, "select", "wu", at + 5 * HOUR, choices=[chosen()[0] | {"colour": "岩灰"}, chosen()[1]])
    house.take(case, "confirm", "wu", at + 6 * HOUR, agreed=True, signed_by="苏清越", signature=house.scan)
    house.take(case, "order", "wu", at + 7 * HOUR, sample="FY-01", supplier="示范建材")
    with pytest.raises(NotReady, match="与确认的不一致，请整改后再检查"):
        house.take(case, "check", "wu", at + 30 * DAY, passed=False)
    house.take(case, "check", "wu", at + 30 * DAY, passed=True)

    assert case.state == "done"
    kept = row.choices.order_by("room").values_list("room", "item", "colour", "material")
    assert sorted(kept) == [
        ("主卧", "墙面", "米白", "乳胶漆 N102"),
        ("厨房", "橱柜", "岩灰", "实木颗粒板 A3"),
    ]


@pytest.mark.clause("I-3.1-r")
def test_who_does_not_choose_in_time_gets_the_standard_of_the_contract(house: House):
    house.sealed()
    case = begun(house)
    with pytest.raises(NotReady, match="选择到 2026-12-10 才截止"):
        house.take(case, "take_standard", "wu", WEDNESDAY + 2 * DAY, reason="客户不来")
    with pytest.raises(NotReady, match="选择已于 2026-12-10 截止，按合同标准配置"):
        house.take(case, "select", "wu", WEDNESDAY + 23 * DAY, choices=chosen())

    house.take(case, "take_standard", "wu", WEDNESDAY + 23 * DAY, reason="三次电话客户都没有来选")

    assert (case.state, case.fitout.open) == ("standard", False)
    with pytest.raises(NotReady, match="本事项已结束"):
        house.take(case, "cancel", "tang", WEDNESDAY + 24 * DAY, reason="不要了")
