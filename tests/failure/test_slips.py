"""Slips of people and programs that once went past the forms: each is refused in words, or does what was meant."""

from datetime import timedelta

import pytest

from guiju.customers.models import Customer
from guiju.kernel import clocks, engine
from guiju.kernel.models import Case, Todo
from guiju.kernel.refusals import BadlyFilled, NotReady, SomebodyWasFaster
from guiju.ledger.models import Receipt
from guiju.sales.models import BuyerPaper, Subscription
from tests.stories.conftest import WEDNESDAY, beijing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]

MINUTE = timedelta(minutes=1)
CHECKED = {"control_ok": True, "price_ok": True, "payment_ok": True}


def reissued(house, case):
    house.take(case, "reissue", "deng", WEDNESDAY + 100 * MINUTE, reason="写错了一处")
    return Case.objects.filter(process="subscription").latest("pk")


def test_a_flat_that_is_paid_for_is_not_released_by_a_clock_after_its_paper_was_voided(house):
    new = reissued(house, house.sealed())

    for days in (0, 1, 2, 30):
        clocks.sweep(WEDNESDAY + timedelta(days=days, minutes=130))

    new.refresh_from_db()
    assert new.state == "locked"
    with pytest.raises(SomebodyWasFaster, match="已被别人锁定"):
        house.lock(by="luo", at=WEDNESDAY + timedelta(days=31))
    with pytest.raises(NotReady, match="请办「退认购」"):
        house.take(new, "release", "lin", WEDNESDAY + timedelta(days=31), reason="客户不买了")


def test_money_held_from_a_voided_paper_is_decided_on_before_a_new_one_is_signed(house):
    new = reissued(house, house.sealed())

    house.take(new, "cancel", "zhou", WEDNESDAY + 200 * MINUTE, cause="buyer_default", reason="客户不再签")
    house.approve(new, WEDNESDAY + 210 * MINUTE)

    assert new.state == "cancelled"
    outcome = Subscription.objects.get(case=new).outcome
    assert (outcome["paid"], outcome["effective"], outcome["forfeited"]) == (
        "50000.00",
        "50000.00",
        "50000.00",
    )
    assert house.control() == "cooling"


def test_a_voided_paper_without_money_lapses_like_a_deposit_and_frees_the_flat(house):
    new = reissued(house, house.registered())

    clocks.sweep(WEDNESDAY + 130 * MINUTE)
    new.refresh_from_db()
    assert new.state == "locked"
    clocks.sweep(WEDNESDAY + timedelta(hours=26))
    new.refresh_from_db()
    assert (new.state, house.control()) == ("released", "available")


def test_before_anything_is_signed_or_paid_there_is_nothing_to_cancel(house):
    case = house.lock()

    with pytest.raises(NotReady, match="请办「释放房源」"):
        house.take(case, "cancel", "zhou", WEDNESDAY, cause="no_fault", reason="客户不买了")


def test_a_moment_typed_without_a_zone_is_beijing_time(house):
    case = house.registered()

    house.take(
        case,
        "confirm_deposit",
        "he",
        WEDNESDAY + 70 * MINUTE,
        **house.money(),
        received_at="2026-11-18 10:58",
    )

    assert Receipt.objects.get().received_at == beijing("2026-11-18 10:58")


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "2200-01-01", "1e18", "明天"]
)
def test_a_moment_beyond_reckoning_is_badly_filled(house, moment):
    case = house.sealed()

    with pytest.raises(BadlyFilled, match="签约时间"):
        house.take(case, "set_signing_date", "deng", WEDNESDAY + 100 * MINUTE, signing_at=moment)


def test_money_that_is_to_arrive_tomorrow_has_not_arrived(house):
    case = house.registered()

    with pytest.raises(NotReady, match="到账时间不能晚于现在"):
        house.take(
            case,
            "confirm_deposit",
            "he",
            WEDNESDAY + 70 * MINUTE,
            **house.money(),
            received_at="2026-11-19 09:00",
        )


def test_a_contract_number_stands_for_one_flat(house):
    first, second = house.sealed(), house.sealed(unit=1)
    at, given = WEDNESDAY + 170 * MINUTE, {"contract_number": "HT1", "signed_date": "2026-11-18"}
    engine.advance(first, "convert", by=None, at=at, given=given)

    with pytest.raises(NotReady, match="合同编号 HT1 已用于1号楼 1单元 1501"):
        engine.advance(second, "convert", by=None, at=at, given=given)


def test_an_identity_number_known_under_another_name_is_asked_about(house):
    buyer = house.buyer("苏清越")
    house.handed_in(buyers=[buyer])
    case = house.lock(unit=1)

    with pytest.raises(NotReady, match="这个证件号码已登记在「苏清越」名下"):
        house.take(
            case, "hand_in", "lin", WEDNESDAY + MINUTE, **house.paper(buyers=[{**buyer, "name": "章海宁"}])
        )

    assert Customer.objects.get().name == "苏清越"


def test_a_name_mistyped_is_set_right_on_the_same_subscription(house):
    buyer = house.buyer("苏青越")
    case = house.handed_in(buyers=[buyer])
    house.take(case, "return_to_sales", "gao", WEDNESDAY + 30 * MINUTE, reason="姓名写错")

    house.take(
        case, "hand_in", "lin", WEDNESDAY + 40 * MINUTE, **house.paper(buyers=[{**buyer, "name": "苏清越"}])
    )

    assert Customer.objects.get().name == "苏清越"


def test_papers_are_asked_only_of_those_who_buy(house):
    case = house.handed_in()
    house.take(case, "return_to_sales", "gao", WEDNESDAY + 30 * MINUTE, reason="换人")
    house.take(case, "hand_in", "lin", WEDNESDAY + 40 * MINUTE, **house.paper(buyers=[house.buyer("章海宁")]))
    house.take(case, "director_sign", "gao", WEDNESDAY + 50 * MINUTE)
    house.take(case, "check_and_register", "wu", WEDNESDAY + 60 * MINUTE, **CHECKED)

    house.take(case, "collect_papers", "wu", WEDNESDAY + 70 * MINUTE, buyer=1, attachment=house.scan)

    assert list(BuyerPaper.objects.filter(needed=True).values_list("customer__name", flat=True)) == ["章海宁"]
    assert not Todo.objects.filter(case=case, act="collect_papers").exists()


LONG = {
    "account": ("收款账户", 101), "voucher": ("银行流水号", 81), "payer": ("付款人", 101), "relation": ("与买受人关系", 101),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_a_text_longer_than_its_column_is_badly_filled(house, name):
    label, length = LONG[name]
    case = house.registered()

    with pytest.raises(BadlyFilled, match=f"{label}.*不能超过 {length - 1} 个字"):
        house.take(
            case, "confirm_deposit", "he", WEDNESDAY + 70 * MINUTE, **{**house.money(), name: "长" * length}
        )
