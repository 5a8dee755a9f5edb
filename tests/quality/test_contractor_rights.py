"""A contractor's link opens what was given to the contractor, and nothing of what others do instead."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guiju.kernel.models import Case
from guiju.notify.models import Link
from tests.quality.test_contractor_link import dispatched, inside

__all__ = ["dispatched"]


@pytest.fixture
def replaced(house, dispatched: Case) -> Case:
    """The contractor refused; a third party does the work."""
    at = timezone.now() - timedelta(minutes=30)
    house.take(dispatched, "refuse", "wu", at, words="说不是他们的质量问题", notice="EMS-1")
    house.take(
        dispatched, "replace", "zhou", at + timedelta(minutes=5), third_party="安居维修", estimate="3000",
        reason="业主等不了",
    )  # fmt: skip
    house.approve(dispatched, at + timedelta(minutes=6))
    assert dispatched.state == "working"
    return dispatched


def test_whoever_was_replaced_cannot_report_the_work_of_the_third_party(replaced: Case):
    link = Link.objects.get(case=replaced)

    answer = inside(link).post(
        link.url_path, {"act": "report", "words": "我们修的", "test": "没漏", "passed": "on"}
    )

    replaced.refresh_from_db()
    assert replaced.state == "working"
    assert answer.status_code == 422
    assert "现在没有要您办的事" in answer.content.decode()


def test_whoever_refused_takes_the_work_on_again_through_the_house_only(house, dispatched: Case):
    at = timezone.now() - timedelta(minutes=30)
    house.take(dispatched, "refuse", "wu", at, words="说不是他们的质量问题", notice="EMS-1")
    link = Link.objects.get(case=dispatched)

    answer = inside(link).post(link.url_path, {"act": "accept", "by_whom": "李工"})

    dispatched.refresh_from_db()
    assert (dispatched.state, answer.status_code) == ("refused", 422)
