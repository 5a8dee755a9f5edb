"""What no list, calendar or column holds is refused at its field, and never breaks the page or the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from guiju.desk.models import AfterSales
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled, NotReady, Refused
from guiju.quality.models import Complaint, Memo
from tests.desk.servicing import MORNING, Service
from tests.stories.at_the_desk import Desk, desk
from tests.stories.conftest import house

__all__ = ["desk", "house"]

HOUR = timedelta(hours=1)
HUGE = 10**20
LISTED = "请从所列的选项中选"


def opened(s: Service, process: str, by: str, **given: Any) -> Case:
    event = engine.open_case(
        process, by=s.people[by], at=MORNING, given=given, chain_id=s.project.company_id, scope_id=s.project.pk,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def test_what_is_on_no_list_and_fits_no_column_is_refused_at_its_field(service: Service):
    s, there = service, MORNING + 5 * HOUR
    visit = s.arrived()
    home = Case.objects.get(pk=visit.for_case_id)
    asked = s.visit_of(s.on_site(at=MORNING + HOUR)).case
    coordinate = {"subject": "查来源", "content": "同批密封胶"}
    for case, step, by, given, said in (
        (visit.case, "entry_refused", "kang", {"why": "flood", "words": "不让进"}, {"why": f"情形：{LISTED}"}),
        (asked, "offer", "guo", {"how": "pigeon"}, {"how": f"怎样告知：{LISTED}"}),
        (home, "coordinate", "shen", {"to_post": "astronaut"} | coordinate, {"to_post": f"请谁：{LISTED}"}),
        (home, "follow", "shen", {"how": "x" * 400, "words": "电话里说好多了"}, {"how": f"联系方式：{LISTED}"}),
    ):  # fmt: skip
        with pytest.raises(BadlyFilled) as found:
            engine.advance(case, step, by=s.people[by], at=there, given=given)
        assert found.value.errors == said

    with pytest.raises(BadlyFilled, match="上门人员：数字太大"):
        engine.advance(asked, "assign", by=s.guo, at=there, given={"technician": HUGE})
    with pytest.raises(NotReady, match="上门时段的结束要晚于开始"):
        opened(
            s, "visit", "guo", for_case=home.number, trade="general", starts_at=there, ends_at=there - HOUR,
        )  # fmt: skip


@pytest.mark.parametrize("moment", [1.5, "1969-12-31T10:00", "2150-01-01T10:00", "9999-12-31T23:59"])
def test_a_deadline_beyond_the_calendar_is_refused_in_words(service: Service, moment: Any):
    with pytest.raises(BadlyFilled, match="外部工单期限：年份应在 1990 到 2098 之间"):
        opened(service, "complaint", "ma", words="没有回电话", ticket="T-1", ticket_due_at=moment)

    assert not Case.objects.filter(process="complaint").exists()


def test_a_day_beyond_the_calendar_is_refused_in_words(service: Service):
    memo = {"to_post": "质检", "subject": "查来源", "content": "同批密封胶"}
    kept = opened(service, "internal_memo", "wu", **memo, reply_due="2098-12-30")
    assert kept.state == "sent"
    with pytest.raises(Refused, match="日期超出工作日历（1990 年至 2099 年）"):
        opened(service, "internal_memo", "wu", **memo, reply_due="2150-01-01")


@pytest.mark.parametrize("to", ["after_sales", "complaint", "internal_memo"])
def test_a_story_of_any_length_is_handed_on_and_the_rest_is_found_in_the_reception(desk: Desk, to: str):
    story = "𠮷" * 4990 + "漏水😀"
    case = desk.receive(words=story, need="修" * 400, problem="漏" * 400)
    desk.take(case, "note_down", words="又说了一遍：" + story)
    desk.take(case, "hand_on", to=to, subject="转" * 200, note="请今天联系" if to == "internal_memo" else "")

    made = Case.objects.get(number=desk.row(case).handed_to)
    kept = {"after_sales": "words", "complaint": "words", "internal_memo": "content"}[to]
    row = {"after_sales": AfterSales, "complaint": Complaint, "internal_memo": Memo}[to].objects.get(
        case=made
    )
    told = getattr(row, kept)
    assert len(told) == 5000
    assert told.startswith("𠮷")
    assert f"……（全文见接待 {case.number}）" in told
    assert told.endswith("请今天联系") == (to == "internal_memo")
    assert desk.row(case).words.endswith("漏水😀")


def test_a_program_that_sends_groups_for_codes_still_gets_its_complaint_recorded(service: Service):
    case = opened(service, "complaint", "ma", words="没有回电话", channel={"a": 1}, cause=[{}], level=["L9"])

    row = Complaint.objects.get(case=case)
    assert (row.words, row.channel) == ("没有回电话", "other")
