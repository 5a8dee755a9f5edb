"""What the SOPs achieve: duration against the standard, error rate and quality, counted by hand from a story."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from guiju.kernel import acts
from guiju.kernel.models import Event
from guiju.kernel.refusals import NotReady
from guiju.org.gates import scope_of
from guiju.reports.sop_figures import figures
from guiju.sop.models import Slip
from tests.stories.conftest import WEDNESDAY, House, house

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 18)


def of(house, process="subscription", begin=DAY, end=DAY):
    rows = figures(scope_of(house.zhou, at=WEDNESDAY), begin=begin, end=end)
    return next(row for row in rows if row.process.name == process)


@pytest.mark.clause("G-1-c", "G-3-c")
def test_duration_is_reported_against_the_standard_of_the_sop(house):
    house.sealed()

    found = {one.label: one for one in of(house).durations}

    # Locked at 10:00 for 15 minutes, handed in at 10:05. Deposit within 24 hours, confirmed 65 minutes later.
    assert (found["锁定"].hours, found["锁定"].standard) == (Decimal("0.08"), Decimal("0.25"))
    assert (found["交纳定金"].hours, found["交纳定金"].standard) == (Decimal("1.08"), Decimal("24.00"))
    assert (found["交纳定金"].count, found["交纳定金"].in_time, found["交纳定金"].share) == (1, 1, 100)


@pytest.mark.clause("G-1-d")
def test_the_error_rate_counts_what_was_rejected_or_done_again(house):
    case = house.handed_in()
    house.take(case, "return_to_sales", "gao", WEDNESDAY + timedelta(minutes=20), reason="单价写错")
    house.take(case, "hand_in", "lin", WEDNESDAY + timedelta(minutes=25), **house.paper())

    found = of(house)

    # Four steps: locked, handed in, sent back, handed in again. One was rejected, one repeated.
    assert (found.steps, found.rejected, found.repeated) == (4, 1, 1)
    assert found.error_rate == Decimal(50)
    assert of(house, begin=DAY + timedelta(days=1), end=DAY + timedelta(days=1)).error_rate is None


@pytest.mark.clause("G-1-e", "G-3-d")
def test_quality_counts_control_points_dealt_with_and_overridden(house):
    # Handing in has one required point, checking has two (one of them optional): all three are dealt with.
    case = house.handed_in()
    house.take(case, "director_sign", "gao", WEDNESDAY + timedelta(minutes=30), opinion="同意")
    at = WEDNESDAY + timedelta(minutes=40)
    acts.override(
        case, "check_and_register", "copies_agree", reason="一份在客户手里，明天补看", by=house.zhou, at=at
    )
    case.refresh_from_db()
    from guiju.kernel import engine

    engine.advance(
        case, "check_and_register", by=house.wu, at=at + timedelta(minutes=5),
        given={"control_ok": True, "price_ok": True, "payment_ok": True, "points": {"discount_basis": "开盘政策"}},
    )  # fmt: skip

    found = of(house)

    assert (found.points, found.overridden) == (2, 1)
    assert found.passed is not None
    assert round(found.passed, 1) == Decimal("66.7")


@pytest.mark.clause("G-3-b")
def test_wrong_entries_and_unmet_conditions_are_refused_and_logged_per_sop(house):
    now = timezone.now()
    case = house.lock(at=now - timedelta(minutes=5))
    client = Client()
    client.force_login(house.lin)

    answer = client.post(f"/cases/{case.number}/steps/hand_in/", {"total_price": "很多"})

    assert answer.status_code == 422
    slip = Slip.objects.get()
    assert (slip.case_id, slip.process, slip.step, slip.kind) == (
        case.pk,
        "subscription",
        "hand_in",
        "filled",
    )
    assert slip.version.document.code == "KF-ZY-01"
    assert "total_price" in slip.about
    assert "很多" not in str(slip.about)
    client.force_login(house.zhou)
    page = client.get("/registers/sops/").content.decode()
    assert "认购" in page
    slips = client.get("/registers/sops/subscription/slips/").content.decode()
    assert case.number in slips
    assert "签署认购书" in slips


@pytest.mark.clause("G-4.2-a")
def test_the_steps_are_taken_in_sequence_only(house):
    case = house.handed_in()

    with pytest.raises(NotReady, match="待盖章"):
        house.take(case, "seal", "fang", WEDNESDAY + timedelta(hours=1), copies=4)
    with pytest.raises(NotReady, match="待确认定金"):
        house.take(case, "confirm_deposit", "he", WEDNESDAY + timedelta(hours=1), **house.money())

    client = Client()
    client.force_login(house.lin)
    page = client.get(f"/cases/{case.number}/").content.decode()
    ordered = ["签署认购书", "总监审核签字", "核对并登记", "确认定金", "加盖合同章"]
    shown = page[page.index('<ol class="steps">') :]
    places = [shown.index(label) for label in ordered]
    assert places == sorted(places)


@pytest.mark.clause("G-4.2-b")
def test_a_control_point_is_left_out_only_with_a_reason_and_a_supervisors_authorisation(house):
    case = house.handed_in()
    house.take(case, "director_sign", "gao", WEDNESDAY + timedelta(minutes=30), opinion="同意")
    at = WEDNESDAY + timedelta(minutes=40)
    from guiju.kernel import engine
    from guiju.kernel.models import Deviation
    from guiju.kernel.refusals import BadlyFilled, NotYourPost

    given = {"control_ok": True, "price_ok": True, "payment_ok": True}

    with pytest.raises(NotReady, match="控制要点未办：各份认购书内容一致"):
        engine.advance(case, "check_and_register", by=house.wu, at=at, given=given)
    with pytest.raises(NotYourPost, match="放行控制要点须由客服经理办理"):
        acts.override(case, "check_and_register", "copies_agree", reason="我看可以", by=house.wu, at=at)
    with pytest.raises(BadlyFilled):
        acts.override(case, "check_and_register", "copies_agree", reason="", by=house.zhou, at=at)
    acts.override(case, "check_and_register", "copies_agree", reason="一份在客户手里", by=house.zhou, at=at)

    engine.advance(case, "check_and_register", by=house.wu, at=at, given=given)

    deviation = Deviation.objects.get(case=case)
    assert (deviation.reason, deviation.post, deviation.allowed_by) == (
        "一份在客户手里",
        "cs_manager",
        house.zhou.pk,
    )
    assert deviation.used_event.step == "check_and_register"


@pytest.mark.clause("G-4.3-a")
def test_each_step_records_its_data_with_time_and_person_by_itself(house):
    from guiju.kernel import chain

    at = WEDNESDAY + timedelta(minutes=30)
    case = house.handed_in()
    house.take(case, "director_sign", "gao", at, opinion="同意，按开盘政策")

    event = Event.objects.get(case=case, step="director_sign")

    assert (event.actor_id, event.post, event.happened_at, event.recorded_at) == (
        house.gao.pk,
        "sales_director",
        at,
        at,
    )
    assert chain.open_body(event.body)["given"]["opinion"] == "同意，按开盘政策"
