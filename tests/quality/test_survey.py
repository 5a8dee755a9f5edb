"""The survey: what is asked, how answers come in, what a low score leads to."""

import itertools
from datetime import timedelta

import pytest

from guiju.kernel import worker
from guiju.kernel.models import Case, CaseLink, Event
from guiju.kernel.refusals import BadlyFilled, NotYourPost, Refused
from guiju.papers.forms import print_form
from guiju.quality import feedback, surveys
from guiju.quality.models import Feedback, Rating
from guiju.quality.papers_survey import survey_form
from tests.desk.servicing import MORNING

LATER = MORNING + timedelta(days=1)


def rate(
    case, service, *, score=5, solved=True, items=None, words="", source="phone", by="ma", at=LATER, **more
):
    return surveys.rate(
        case=case, score=score, solved=solved, items=items or {}, words=words, source=source,
        by=service.people[by] if by else None, at=at, **more,
    )  # fmt: skip


@pytest.mark.clause("A-1.1-c", "A-1.2-c", "H-3.2-a", "H-3.2-b", "K-1-b", "C-2-4", "E-5-d", "F-1-e", "F-1-f")
def test_the_survey_asks_what_each_sop_wants_to_know():
    asked = {item.code: item for item in surveys.ITEMS}

    assert "被重视和尊重" in asked["valued"].asks
    assert "第一印象" in asked["first_impression"].asks
    assert "积极" in asked["positive"].asks
    assert "可靠、安心" in asked["trust_safety"].asks
    assert "信任我们公司" in asked["company_trust"].asks
    assert ("形象" in asked["image"].asks, "信誉" in asked["reputation"].asks) == (True, True)
    assert (asked["recommend"].lowest, asked["recommend"].highest) == (0, 10)
    walk_in, repair = (
        {item.code for item in surveys.items_for(kind)} for kind in ("reception", "after_sales")
    )
    assert {"valued", "first_impression"} <= walk_in
    assert {
        "attitude",
        "positive",
        "trust_safety",
        "company_trust",
        "image",
        "reputation",
        "recommend",
    } <= repair


@pytest.mark.clause("C-4.4-a", "F-3.3-a", "F-2.5-b", "F-2.5-c")
def test_an_answer_keeps_marks_words_and_who_stood_before_the_customer(service):
    case = service.done()

    rating = rate(
        case,
        service,
        score=4,
        items={"attitude": 5, "recommend": 9},
        words="师傅准时，收拾得干净",
        suggestion="早点来更好",
    )

    assert (rating.score, rating.items, rating.words, rating.suggestion) == (
        4, {"attitude": 5, "recommend": 9}, "师傅准时，收拾得干净", "早点来更好",
    )  # fmt: skip
    assert rating.served_by.username == "kang"
    assert rating.unit_id == service.units[0].pk


def test_an_answer_is_written_once_and_is_an_event(service):
    case = service.done()
    rating = rate(case, service)

    assert Event.objects.filter(step=surveys.RATED, case=None).count() == 1
    rating.refresh_from_db()
    assert (rating.source, rating.taken_by.username) == ("phone", "ma")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"items": {"attitude": 6}}, "1 到 5 分"),
        ({"items": {"recommend": 11}}, "0 到 10 分"),
        ({"items": {"smell": 3}}, "没有这一项"),
        ({"score": 0}, "1 到 5 分"),
        ({"source": "dream"}, "请从所列的选项中选"),
    ],
)
def test_marks_outside_their_scale_are_refused(service, given, says):
    case = service.record()

    with pytest.raises(BadlyFilled) as refused:
        rate(case, service, **given)

    assert says in "".join(refused.value.errors.values())


def test_nothing_answered_is_no_answer(service):
    with pytest.raises(Refused, match="一项也没有答"):
        rate(service.record(), service, score=None, solved=None)


@pytest.mark.clause("F-2.5-a", "I-4.2-f")
def test_a_low_score_opens_one_complaint_and_no_second(service):
    case = service.closed()
    for score, when in ((2, 1), (1, 2)):
        rate(case, service, score=score, words="还是漏，没人管", at=LATER + timedelta(hours=when))
    worker.run_once(LATER + timedelta(hours=3))
    worker.run_once(LATER + timedelta(hours=4))

    complaints = Case.objects.filter(process="complaint")
    assert complaints.count() == 1
    complaint = complaints.get()
    assert CaseLink.objects.filter(case=complaint, kind="case", key=case.pk).exists()
    assert set(Feedback.objects.filter(rating__isnull=False).values_list("follow_up_id", flat=True)) == {
        complaint.pk
    }
    assert Feedback.objects.filter(kind=Feedback.COMPLAINT).count() == 0


def test_a_customer_who_answers_by_link_gets_a_complaint_opened_without_anybodys_post(service):
    case = service.closed()
    rate(case, service, score=1, words="白跑一趟", source="link", by=None)
    worker.run_once(LATER + timedelta(minutes=5))

    complaint = Case.objects.get(process="complaint")
    assert complaint.opened_by is None
    assert complaint.complaint.words == "白跑一趟"


def test_not_solved_counts_as_low_even_with_good_marks(service):
    rating = rate(service.done(), service, score=5, solved=False)

    assert surveys.is_low(rating)


def test_a_good_score_opens_nothing(service):
    rate(service.closed(), service, score=5)
    worker.run_once(LATER + timedelta(hours=1))

    assert not Case.objects.filter(process="complaint").exists()


@pytest.mark.clause("A-5.3-a")
def test_feedback_is_one_list_with_owner_status_and_action(service):
    case = service.done()
    rate(case, service, score=4, words="电梯广告太吵", suggestion="换个地方放")
    row = Feedback.objects.get()

    assert (row.state, row.owner, row.action) == (Feedback.NEW, None, "")
    with pytest.raises(NotYourPost):
        feedback.take(feedback=row, by=service.lin, at=LATER)
    feedback.take(feedback=row, by=service.ma, at=LATER)
    assert (row.state, row.owner) == (Feedback.ASSIGNED, service.ma)
    with pytest.raises(BadlyFilled):
        feedback.settle(feedback=row, action=" ", by=service.ma, at=LATER)
    feedback.settle(feedback=row, action="已转物业调低音量", by=service.ma, at=LATER + timedelta(hours=1))
    assert (row.state, row.action, row.done_at) == (
        Feedback.DONE, "已转物业调低音量", LATER + timedelta(hours=1),
    )  # fmt: skip


def test_feedback_that_led_to_a_complaint_is_settled_by_the_complaint_alone(service):
    case = service.closed()
    rate(case, service, score=1, words="还是漏")
    worker.run_once(LATER)
    row = Feedback.objects.get(rating__isnull=False)

    with pytest.raises(Refused, match="还没有办结"):
        feedback.settle(feedback=row, action="打过电话", by=service.ma, at=LATER)


def test_the_printed_survey_has_the_number_and_every_question_and_no_customer(service):
    case = service.done()
    data = survey_form(case, LATER)

    assert data.case == case.number
    assert data.served_by == "康水"
    assert len(data.questions) == 1 + len(surveys.items_for("after_sales"))
    assert "苏清越" not in str(data)
    assert print_form("survey", data).startswith(b"%PDF")


def test_points_of_every_item_are_asked_in_words_a_customer_understands():
    assert all(item.asks.endswith("？") for item in surveys.ITEMS)
    assert len({item.code for item in surveys.ITEMS}) == len(surveys.ITEMS)
    assert all(
        code in surveys.BY_CODE for code in itertools.chain(surveys.AT_THE_DESK, surveys.AFTER_SERVICE)
    )


@pytest.mark.clause("J-2.7-d", "A-5.2-a")
def test_opinions_on_the_developers_service_are_asked_for_and_kept_with_the_customer(service):
    case = service.closed()
    rating = rate(
        case, service, source="paper", words="交房以后服务比以前好", suggestion="多办几次老业主活动"
    )

    assert Rating.objects.get(pk=rating.pk).words == "交房以后服务比以前好"
    row = Feedback.objects.get(rating=rating)
    assert (row.kind, "多办几次老业主活动" in row.words) == (Feedback.SUGGESTION, True)
