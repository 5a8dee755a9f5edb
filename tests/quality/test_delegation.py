"""Whoever is sent to a quality complaint has the trade's qualification on record (K-2.3)."""

from datetime import date

import pytest

from guiju.kernel.refusals import NotReady
from guiju.org.models import Certificate
from tests.stories.conftest import WEDNESDAY, house
from tests.stories.test_k_complaint_story import DAY, HOUR, Desk, desk

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


@pytest.mark.clause("K-2.3-b")
def test_an_inspector_without_the_qualification_on_record_does_not_check(desk: Desk):
    case = desk.found()
    at = WEDNESDAY + 2 * DAY
    desk.take(case, "decide", "wei", at, fault="own", remedy="rectify", words="重做防水")
    desk.take(case, "execute", "wei", at + HOUR, words="做好了", test="淋水不渗", passed=True)
    held = Certificate.objects.get(person=desk.people["luo"])
    Certificate.objects.filter(pk=held.pk).update(name="二级建造师")
    checked = {"passed": True, "words": "复看合格"}
    with pytest.raises(NotReady, match="检验员应由具备相应专业技术的人担任：你没有「质量检验」，不能检查"):
        desk.take(case, "check", "luo", at + 2 * HOUR, **checked)
    Certificate.objects.filter(pk=held.pk).update(name="质量检验员证", expires_date=date(2026, 11, 19))
    with pytest.raises(NotReady, match="你「质量检验」已于 2026-11-19 到期，不能检查"):
        desk.take(case, "check", "luo", at + 2 * HOUR, **checked)
    Certificate.objects.filter(pk=held.pk).update(expires_date=date(2026, 11, 20))

    desk.take(case, "check", "luo", at + 2 * HOUR, **checked)

    assert desk.entry(case, "checked").entered_by == desk.people["luo"]
