"""What quality tells others: evidence packs, merged customers."""

from datetime import timedelta

from guiju.customers.models import Customer
from guiju.customers.questions import fold, projects_of, unfold
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.papers.questions import exchanged, subjects
from guiju.quality.models import Complaint
from tests.stories.conftest import WEDNESDAY, House

HOUR = timedelta(hours=1)


def complain(house: House, **given) -> Case:
    event = engine.open_case(
        "complaint", by=house.ma, at=WEDNESDAY, given={"words": "没人回电话", "quality": False, **given},
        chain_id=house.project.company_id, scope_id=house.project.pk,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def test_the_evidence_pack_hears_who_complained_and_what_was_said(house: House):
    case = complain(house, complainant="苏清越")
    house.take(case, "talk", "ma", WEDNESDAY + HOUR, words="致歉，说明原因", answer="可以", satisfied=True)
    house.take(case, "feedback", "ma", WEDNESDAY + 2 * HOUR, words="已安排专人", how="短信")

    said = [one for part in exchanged.ask_all(case) for one in part if one.to == "顾客"]

    assert ("投诉人", "苏清越") in [pair for part in subjects.ask_all(case) for pair in part]
    assert [(one.way, one.words, one.answer) for one in said] == [
        ("协商", "致歉，说明原因", "可以"),
        ("短信", "已安排专人", ""),
    ]


def test_complaints_follow_a_merged_customer_and_come_back(house: House):
    kept, folded = (
        Customer.objects.create(company=house.project.company, name=name, recorded_at=WEDNESDAY)
        for name in ("苏清越", "苏清月")
    )
    row = Complaint.objects.get(case=complain(house, customer=folded.pk))
    assert house.project.pk in {key for part in projects_of.ask_all(folded.pk) for key in part}

    moved: dict[str, list[int]] = {}
    for part in fold.ask_all(kept.pk, folded.pk):
        moved |= part
    row.refresh_from_db()
    assert row.customer == kept
    for answer in unfold.answers:
        answer(kept.pk, folded.pk, moved)
    row.refresh_from_db()
    assert row.customer == folded
