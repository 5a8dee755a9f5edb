"""A figure that misses its target two months in a row leads to one corrective action (K-2.6, A-2.2-b)."""

from datetime import timedelta

import pytest

from guiju.quality.models import CorrectiveAction
from guiju.reports.kpi_misses import raise_missed
from tests.desk.servicing import MORNING
from tests.reports.test_kpi import rate

DAY = timedelta(days=1)
# MORNING lies in September 2025.
OCTOBER, NOVEMBER, DECEMBER = (MORNING + days * DAY for days in (20, 50, 75))


@pytest.mark.clause("K-2.6-b", "A-2.2-b")
def test_two_months_below_the_target_raise_one_action_and_the_third_none(service):
    cases = [service.record() for _ in range(4)]
    rate(service, cases[0], 2)
    rate(service, cases[1], 5)
    assert raise_missed(OCTOBER) == []  # one month

    rate(service, cases[2], 1, at=OCTOBER)
    assert raise_missed(OCTOBER) == []  # October is not over
    (raised,) = [row for row in raise_missed(NOVEMBER) if "满意率" in row.corrective_action.fact]
    assert (
        raised.corrective_action.fact == "指标「满意率」连续 2 期未达到目标 100%：2025-09 50.0%、2025-10 0.0%"
    )

    rate(service, cases[3], 1, at=NOVEMBER)
    raise_missed(DECEMBER)
    assert CorrectiveAction.objects.filter(fact__contains="满意率").count() == 1
