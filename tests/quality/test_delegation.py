"""Whoever is sent to a quality complaint has the trade's qualification on record (K-2.3)."""

from datetime import date

import pytest

from guiju.kernel.refusals import NotReady
from guiju.org.models import Certificate
from tests.stories.conftest import WEDNESDAY, house
from tests.stories.test_k_complaint_story import HOUR, Desk, desk

__all__ = ["desk", "house"]


@pytest.mark.clause("K-2.3-a")
def test_a_technician_without_the_qualification_on_record_is_refused_and_with_it_is_delegated(desk: Desk):
    case = desk.judged()
    at = WEDNESDAY + 5 * HOUR
    with pytest.raises(NotReady, match="没有「低压电工作业证」，不能委派"):
        desk.take(case, "delegate", "zheng", at, person="wei", qualification="低压电工作业证")

    Certificate.objects.create(person=desk.wei, name="低压电工作业证", expires_date=date(2028, 1, 1))
    desk.take(case, "delegate", "zheng", at, person="wei", qualification="低压电工作业证")

    assert desk.row(case).delegate == desk.wei
