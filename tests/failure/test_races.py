"""Many at once on PostgreSQL: one wins, the others are told, and afterwards everything agrees."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from guiju.api.operations.tokens import make_token
from guiju.customers.models import Customer
from guiju.kernel import acts, clocks, engine
from guiju.kernel.models import ApprovalRequest, Case, Event, Vote
from guiju.kernel.refusals import NotReady, NotYourPost, Refused, SomebodyWasFaster
from guiju.ledger.models import Receipt
from guiju.papers.models import SealUse
from guiju.quality.models import Complaint
from guiju.registers import operations as registers
from guiju.sales.models import Deal
from tests.failure.conftest import wrong
from tests.processes import PATIENCE
from tests.stories.conftest import WEDNESDAY

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

MINUTE = timedelta(minutes=1)
ROUNDS = int(os.environ.get("GUIJU_RACES", "2"))


def together(*acts_):
    """Run the acts at the same moment, each on its own connection; return what each returned or raised."""
    start = threading.Barrier(len(acts_), timeout=PATIENCE)

    def run(act):
        try:
            start.wait()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts_)) as pool:
        return list(pool.map(run, acts_))


def only_refusals(results):
    """Whoever did not win was refused in words; nothing else went wrong."""
    return [type(r) for r in results if isinstance(r, Exception) and not isinstance(r, Refused)] == []


def won(results):
    return [r for r in results if not isinstance(r, Exception)]


def step(house, case, name, by, minutes, **given):
    """A step as a program sends it: with its control points, by the case's key, reading no version."""
    points = {p.point.key: house.value(p.point.kind) for p in house.option(case, name, by).points}
    given |= {"points": points} if points else {}
    at, person, key = WEDNESDAY + minutes * MINUTE, house.people[by], case.pk
    return lambda: engine.advance(key, name, by=person, at=at, given=given)


def lock(house, by, minutes=0, unit=0):
    at, person, key = WEDNESDAY + minutes * MINUTE, house.people[by], house.units[unit].pk
    company, scope = house.project.company_id, house.project.pk
    return lambda: engine.open_case(
        "subscription", by=person, at=at, chain_id=company, scope_id=scope, links=[("unit", key)]
    )


@pytest.mark.clause("I-5.1-1a")
def test_of_twenty_who_lock_one_flat_exactly_one_has_it(house):
    results = together(*[lock(house, by) for by in ("lin", "luo", "song", "lin") * 5])

    assert len(won(results)) == 1
    assert only_refusals(results)
    assert {str(r) for r in results if isinstance(r, Refused)} == {
        "1号楼 1单元 1501已被别人锁定，换一套，或等锁定到期"
    }
    assert Case.objects.filter(process="subscription").count() == 1
    assert wrong() == []


def test_twenty_subscribe_one_flat_over_the_api_and_nineteen_are_told(house):
    tokens = [
        make_token(person=house.people[by], by=None, at=WEDNESDAY)[1] for by in ("lin", "luo", "song", "lin")
    ]
    house.people["lin"].company  # noqa: B018 - read before the threads begin

    for unit in range(min(ROUNDS, 4)):
        body = {"process": "subscription", "unit": house.units[unit].pk}

        def post(token, body=body):
            return Client().post(
                "/api/v1/cases", body, content_type="application/json",
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
            )  # fmt: skip

        answers = together(*[lambda token=token: post(token) for token in tokens * 5])

        assert sorted(answer.status_code for answer in answers)[:2] in ([201, 409], [201, 422])
        told = [answer.json() for answer in answers if answer.status_code != 201]
        assert len(told) == 19
        assert {one["detail"] for one in told} == {
            f"{house.units[unit].label}已被别人锁定，换一套，或等锁定到期"
        }
    assert wrong() == []


def test_two_who_take_over_one_lapsed_lock_cannot_both_have_it(house):
    old = house.lock()
    for round_ in range(ROUNDS):
        at = 20 * (round_ + 1)

        results = together(
            lock(house, "lin", at), lock(house, "luo", at), lambda m=at: clocks.sweep(WEDNESDAY + m * MINUTE)
        )

        assert only_refusals(results)
        assert len([r for r in results if isinstance(r, Event)]) == 1, results
        assert wrong() == []
    old.refresh_from_db()
    assert old.state in ("locked", "released")


@pytest.mark.clause("I-5.1-3a")
def test_a_deposit_confirmed_twice_at_once_is_booked_once(house):
    for unit in range(ROUNDS):
        case = house.registered(unit=unit)

        results = together(
            *[step(house, case, "confirm_deposit", "he", 70, **house.money()) for _ in range(2)]
        )

        assert len(won(results)) == 1
        assert [type(r) for r in results if isinstance(r, Exception)] == [NotReady]
        assert Receipt.objects.filter(case=case).count() == 1
    assert wrong() == []


def test_one_voucher_pays_for_one_flat_only(house):
    first, second = house.registered(), house.registered(unit=1)
    money = house.money()

    results = together(
        step(house, first, "confirm_deposit", "he", 70, **money),
        step(house, second, "confirm_deposit", "he", 70, **money),
    )

    assert len(won(results)) == 1
    assert only_refusals(results)
    assert Receipt.objects.count() == 1
    assert wrong() == []


@pytest.mark.clause("I-5.1-3b")
def test_a_paper_is_sealed_once(house):
    for unit in range(ROUNDS):
        case = house.paid(unit=unit)

        results = together(*[step(house, case, "seal", "fang", 90, copies=4) for _ in range(4)])

        assert len(won(results)) == 1
        assert only_refusals(results)
        assert SealUse.objects.filter(case=case).count() == 1
    assert wrong() == []


def test_seals_of_different_papers_have_numbers_without_a_gap(house):
    cases = [house.paid(unit=unit) for unit in range(4)]

    results = together(*[step(house, case, "seal", "fang", 90, copies=4) for case in cases])

    assert len(won(results)) == 4
    assert wrong() == []


def test_a_paper_is_either_sealed_or_voided(house):
    for unit in range(ROUNDS):
        case = house.paid(unit=unit)

        together(
            step(house, case, "seal", "fang", 90, copies=4),
            step(house, case, "reissue", "deng", 90, reason="写错了一处"),
        )

        case.refresh_from_db()
        assert case.state in ("sealed", "voided")
        assert wrong() == []


def test_money_bounced_while_the_seal_is_put_leaves_no_sealed_paper_without_money(house):
    for unit in range(ROUNDS):
        case = house.paid(unit=unit)

        results = together(
            step(house, case, "seal", "fang", 90, copies=4),
            step(house, case, "bounce_deposit", "he", 90, reason="退票"),
        )

        case.refresh_from_db()
        assert only_refusals(results)
        assert len(won(results)) == 1
        assert case.state in ("sealed", "registered")
        assert wrong() == []


def test_votes_in_parallel_and_a_withdrawal_leave_one_outcome(house):
    for unit in range(ROUNDS):
        case = house.handed_in(
            unit=unit, total_price="1900000.00", discounts=[{"name": "团购", "percent": "5"}]
        )
        request = ApprovalRequest.objects.get(case=case, state="pending")
        at = WEDNESDAY + 10 * MINUTE
        yes = [
            lambda by=by, r=request, a=at: acts.vote(
                r.pk, decision="yes", by=house.people[by], at=a, reason="同意"
            )
            for by in ("sun", "sun", "qian", "qian")
        ]

        results = together(
            *yes,
            lambda r=request, a=at: acts.withdraw(r.pk, reason="客户不买了", by=house.people["lin"], at=a),
        )

        assert only_refusals(results)
        assert {type(r) for r in results if isinstance(r, Exception)} <= {NotYourPost, SomebodyWasFaster}
        request.refresh_from_db()
        case.refresh_from_db()
        assert (case.state, request.state) in {
            ("signed", "taken"),
            ("locked", "withdrawn"),
            ("locked", "pending"),
        }
        assert Vote.objects.filter(request=request).values("seat").distinct().count() == request.votes.count()
        assert wrong() == []


def test_a_flat_is_either_held_back_or_locked(house):
    for unit in range(ROUNDS):
        given = {"kind": "restrict", "units": [house.units[unit].pk], "reason": "样板间"}
        opened = engine.open_case(
            "unit_control", by=house.deng, at=WEDNESDAY, given=given, chain_id=house.project.company_id, scope_id=house.project.pk
        )  # fmt: skip
        order = Case.objects.get(pk=opened.case_id)
        step(house, order, "put_in_force", "deng", 1)()
        request = ApprovalRequest.objects.filter(case=order, state="pending").first()
        while (
            request
            and len([s for s in request.chain if not request.votes.filter(seat=s["seat"]).exists()]) > 1
        ):
            house.approve(order, WEDNESDAY + 2 * MINUTE)
            request = ApprovalRequest.objects.filter(case=order, state="pending").first()

        results = together(
            lambda o=order: house.approve(o, WEDNESDAY + 3 * MINUTE), lock(house, "lin", 3, unit)
        )

        assert only_refusals(results)
        assert house.control(unit) in ("restricted", "locked")
        assert wrong() == []


def register(house, unit, name):
    """An owners' register of one row, as a spreadsheet program would save it."""
    buyer = house.buyer(name)
    lines = [
        "序号,房号,业主姓名,身份证号,联系电话,认购日期,签约日期,合同编号,付款方式,成交总价",
        f"1,{unit.short},{name},{buyer['identity']},19900003333,2026-11-01,2026-11-08,HT{unit.pk},一次性付款,1960000",
    ]
    return "\r\n".join(lines).encode("utf-8-sig")


def test_owners_imported_while_somebody_subscribes_the_flat(house):
    company, code, by = house.project.company, house.project.code, house.people["deng"]
    for unit in range(ROUNDS):
        content = register(house, house.units[unit], "宋伯言")

        def imported(content=content):
            return registers.apply(
                kind="customers", content=content, file_name="客户台账.csv", project_code=code, company=company, by=by,
                at=WEDNESDAY,
            )  # fmt: skip

        results = together(imported, lock(house, "lin", 0, unit))

        assert all(
            isinstance(r, Refused | registers.UnableToImport) for r in results if isinstance(r, Exception)
        ), results
        applied = results[0] if not isinstance(results[0], Exception) else None
        sold = applied is not None and applied.preview.counts["created"] == 1
        locked = isinstance(results[1], Event)
        assert not (sold and locked)
        assert sold == Deal.objects.filter(unit=house.units[unit], live=True).exists()
        assert house.control(unit) == ("signed" if sold else "locked" if locked else house.control(unit))
        assert wrong() == []


def test_a_customer_new_to_two_sales_people_is_entered_once(house):
    for round_ in range(ROUNDS):
        first, second = house.lock(unit=2 * round_), house.lock(unit=2 * round_ + 1, by="luo")
        buyer = house.buyer("苏清越")

        results = together(
            step(house, first, "hand_in", "lin", 5, **house.paper(buyers=[buyer])),
            step(house, second, "hand_in", "luo", 5, **house.paper(buyers=[buyer])),
        )

        assert len(won(results)) == 2, results
        assert Customer.objects.count() == round_ + 1
        assert wrong() == []
        if round_ == 1:
            break


def test_a_case_opened_by_the_same_key_at_once_is_opened_once(house):
    token = make_token(person=house.people["lin"], by=None, at=WEDNESDAY)[1]
    body = {"process": "subscription", "unit": house.units[0].pk}
    key = str(uuid4())

    def post():
        return Client().post(
            "/api/v1/cases", body, content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )  # fmt: skip

    answers = together(*[post] * 8)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Case.objects.filter(process="subscription").count() == 1
    assert wrong() == []


def test_clocks_sweep_while_people_work_and_each_case_ends_once(house):
    cases = [house.lock(unit=unit) for unit in range(4)]
    work = [step(house, case, "release", "lin", 16, reason="客户不买了") for case in cases]

    results = together(*work, *[lambda: clocks.sweep(WEDNESDAY + 16 * MINUTE)] * 3)

    assert only_refusals(results)
    assert {Case.objects.get(pk=case.pk).state for case in cases} == {"released"}
    for case in cases:
        assert Event.objects.filter(case=case, step__in=["release", "expire_lock"]).count() == 1
    assert wrong() == []


@pytest.mark.clause("I-2.8-b")
def test_a_ticket_that_six_record_at_once_is_one_matter(house):
    at, company, scope = WEDNESDAY, house.project.company_id, house.project.pk
    given = {"words": "工地晚上太吵", "channel": "ticket", "ticket": "SH-20261118-7"}
    who = [house.people[by] for by in ("lin", "luo", "song", "wu", "zhou", "tang")]

    results = together(
        *[
            lambda person=person: engine.open_case(
                "complaint", by=person, at=at, given=given, chain_id=company, scope_id=scope
            )
            for person in who
        ]
    )

    assert len(won(results)) == 6
    first, *others = Complaint.objects.order_by("pk")
    assert [row.parent_id for row in (first, *others)] == [None, *[first.pk] * 5]
    assert wrong() == []
