"""Call-backs: planned by rule, by sample and by interval; attempts; a result or the reason why there is none."""

from datetime import timedelta

import pytest

from guiju.customers.operations.entries import enter, index_customer
from guiju.demo.invented import identity
from guiju.kernel import engine, worker
from guiju.kernel.models import Case, Clock, Todo
from guiju.kernel.refusals import BadlyFilled, NotReady
from guiju.notify.models import Link, Message
from guiju.quality import callbacks, surveys
from guiju.quality.models import Callback, Rating
from guiju.sales.models import Deal, DealBuyer
from tests.desk.servicing import MORNING
from tests.stories.conftest import BORN

CLOSED = MORNING + timedelta(hours=8, minutes=10)
NEXT = MORNING + timedelta(days=1)


def planned(service, at=CLOSED, **given):
    event = engine.open_case(
        "callback", by=service.ma, at=at, chain_id=service.project.company_id, scope_id=service.project.pk,
        given={"kind": "asked", "reason": "问问修得怎样", "contact_name": "苏清越", "contact_phone": "19900001111"} | given,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def answers(**changed):
    return {"score": "5", "solved": "yes", "way": "phone", "marks": {"attitude": "5"}} | changed


@pytest.fixture
def everybody(monkeypatch):
    """Draw every case: what is drawn is tested on its own."""
    monkeypatch.setattr(callbacks, "in_sample", lambda number, percent: percent > 0)


@pytest.mark.clause("F-2.5-a", "E-1.2-b", "E-2.5-b")
def test_closing_a_repair_asks_the_customer_and_plans_a_call(service, everybody):
    case = service.confirmed()
    service.take(case, "leave_unrated", "shen", CLOSED - timedelta(minutes=5), reason="客户说回头再说")
    service.take(case, "close", "shen", CLOSED, met="full")
    worker.run_once(CLOSED + timedelta(minutes=1))
    worker.run_once(CLOSED + timedelta(minutes=2))

    row = Callback.objects.get(about=case)
    assert (row.kind, row.contact_name, row.contact_phone) == ("sample", "苏清越", "19900001111")
    message = Message.objects.get(template="survey.ask", case=case)
    link = Link.objects.get(case=case, purpose="rating")
    assert link.token in message.body
    assert Todo.objects.filter(case=row.case, act="finish").exists()


def test_a_repair_that_was_rated_before_closing_gets_no_second_question(service, everybody):
    case = service.closed()
    worker.run_once(CLOSED + timedelta(minutes=1))

    assert Callback.objects.filter(about=case).count() == 1
    assert not Message.objects.filter(template="survey.ask").exists()


@pytest.mark.clause("A-5.1-a")
def test_the_sample_is_drawn_by_the_number_alone():
    drawn = [number for number in range(2000) if callbacks.in_sample(f"WX-YQ1-2026-{number:04d}", 60)]

    assert 1100 < len(drawn) < 1300
    assert callbacks.in_sample("WX-1", 100)
    assert not callbacks.in_sample("WX-1", 0)
    assert callbacks.in_sample("WX-7", 60) == callbacks.in_sample("WX-7", 60)


def test_what_was_voided_is_not_called_back():
    assert "withdraw" not in callbacks.closing_steps(callbacks.processes()["after_sales"])
    assert "close" in callbacks.closing_steps(callbacks.processes()["after_sales"])
    assert set(callbacks.closing_steps(callbacks.processes()["complaint"])) >= {"close", "leave"}


@pytest.mark.clause("F-2.5-a", "F-2.5-b", "F-2.5-c")
def test_the_result_is_the_customers_answers(service):
    case = planned(service)

    service.take(
        case, "finish", "ma", NEXT, **answers(score="4", words="修得挺好", suggestion="先打电话再来")
    )

    rating = Rating.objects.get()
    assert (rating.score, rating.solved, rating.source, rating.taken_by) == (4, True, "phone", service.ma)
    assert (rating.words, rating.suggestion, rating.items) == ("修得挺好", "先打电话再来", {"attitude": 5})
    assert (case.state, Callback.objects.get(case=case).rating) == ("done", rating)


def test_without_answers_there_is_no_result(service):
    case = planned(service)

    with pytest.raises(BadlyFilled) as refused:
        service.take(case, "finish", "ma", NEXT)

    assert set(refused.value.errors) == {"score", "solved"}


def test_the_result_needs_the_case_to_have_been_read(service):
    case = planned(service)

    with pytest.raises(NotReady, match="打电话以前看过事项的经过"):
        engine.advance(case, "finish", by=service.ma, at=NEXT, given=answers())


@pytest.mark.clause("E-1.2-b")
def test_nobody_gives_up_before_three_attempts_on_two_days(service):
    case = planned(service)
    for hours in (1, 2, 3):
        service.take(case, "attempt", "ma", CLOSED + timedelta(hours=hours / 3), outcome="no_answer")

    with pytest.raises(NotReady, match="已联系 3 次、1 天：至少 3 次，分在 2 个不同的日子"):
        service.take(case, "give_up", "ma", CLOSED + timedelta(hours=2), reason="一直没人接")
    service.take(case, "attempt", "ma", NEXT, outcome="off")
    service.take(case, "give_up", "ma", NEXT, reason="一直没人接")

    row = Callback.objects.get(case=case)
    assert (case.state, row.attempts, row.why_none) == ("unreached", 4, "联系不上，结束：一直没人接")


def test_a_wrong_number_ends_the_trying_at_once(service):
    case = planned(service)
    service.take(case, "attempt", "ma", CLOSED + timedelta(minutes=5), outcome="wrong")

    service.take(case, "give_up", "ma", CLOSED + timedelta(minutes=6), reason="是别人的号码")

    assert case.state == "unreached"


def test_a_customer_who_names_a_time_is_called_then(service):
    case = planned(service)
    service.take(case, "attempt", "ma", CLOSED, outcome="later", next_at="2025-09-23 19:30")

    assert (
        f"{Callback.objects.get(case=case).next_at.astimezone(MORNING.tzinfo):%m-%d %H:%M}" == "09-23 19:30"
    )


@pytest.mark.clause("E-1.2-b")
def test_a_customer_who_does_not_want_it_is_left_alone_and_the_reason_kept(service):
    case = planned(service)
    service.take(case, "decline", "ma", NEXT, reason="说没时间")

    assert Callback.objects.get(case=case).why_none == "客户不愿回访：说没时间"


def test_the_call_is_due_within_three_days(service):
    case = planned(service)
    clock = Clock.objects.get(case=case, name="callback")

    assert f"{clock.due_at.astimezone(MORNING.tzinfo):%Y-%m-%d}" in ("2025-09-25", "2025-09-26")


def test_whoever_answered_by_the_link_is_not_called(service, everybody):
    case = service.confirmed()
    service.take(case, "leave_unrated", "shen", CLOSED - timedelta(minutes=5), reason="客户说回头再说")
    service.take(case, "close", "shen", CLOSED, met="full")
    worker.run_once(CLOSED + timedelta(minutes=1))
    surveys.rate(
        case=case,
        score=5,
        solved=True,
        items={},
        words="",
        source="link",
        by=None,
        at=CLOSED + timedelta(hours=1),
    )
    worker.run_once(CLOSED + timedelta(hours=2))

    row = Callback.objects.select_related("case").get(about=case)
    assert (row.case.state, row.rating.source) == ("done", "link")


@pytest.mark.clause("F-2.5-a")
def test_a_call_ends_by_an_answer_only_if_the_customer_gave_one_about_this_matter(service):
    case = planned(service)
    other = surveys.rate(
        case=planned(service), score=5, solved=True, items={}, words="", source="link", by=None,
        at=CLOSED + timedelta(hours=1),
    )  # fmt: skip
    for number in (other.pk, other.pk + 1000):
        with pytest.raises(NotReady, match="没有找到客户对这个事项的评价"):
            engine.advance(
                case, "answered", by=None, at=CLOSED + timedelta(hours=2), given={"rating": number}
            )

    case.refresh_from_db()
    assert case.state == "planned"


@pytest.mark.clause("A-5.1-a")
def test_buyers_whom_nobody_called_for_half_a_year_are_called(service):
    buyer = enter(
        company_id=service.project.company_id, name="温故新", identity=identity(BORN, 9), phone="19900003333",
        at=MORNING - timedelta(days=300),
    )  # fmt: skip
    index_customer(buyer)
    deal = Deal.objects.create(
        unit=service.units[1], project=service.project, stage=Deal.SIGNED, opened_at=MORNING - timedelta(days=300),
        subscribed_date=(MORNING - timedelta(days=300)).date(),
    )  # fmt: skip
    DealBuyer.objects.create(deal=deal, customer=buyer, position=1)

    assert callbacks.plan_care(MORNING) == 1
    assert callbacks.plan_care(MORNING + timedelta(hours=6)) == 0
    row = Callback.objects.get()
    assert (row.kind, row.customer, row.unit, row.contact_phone) == (
        "care",
        buyer,
        service.units[1],
        "19900003333",
    )
    service.take(row.case, "finish", "ma", NEXT, **answers())
    assert callbacks.plan_care(NEXT + timedelta(days=150)) == 0
    assert callbacks.plan_care(NEXT + timedelta(days=200)) == 1
