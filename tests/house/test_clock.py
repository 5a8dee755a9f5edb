"""The suite runs at a moment of its own, in every process. See tests/moment.py."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests import moment


@pytest.mark.skipif("GUIJU_TEST_MOMENT" in os.environ, reason="this run begins at another moment")
def test_the_suite_begins_on_its_working_morning():
    begins = datetime.fromisoformat(moment.MOMENT).replace(tzinfo=ZoneInfo("Asia/Shanghai"))

    assert begins <= datetime.now(begins.tzinfo) < begins + timedelta(hours=9)


def test_a_program_that_a_test_starts_has_the_clock_of_the_suite():
    before = datetime.now().astimezone() - timedelta(seconds=1)
    told = subprocess.run(
        [sys.executable, "-c", "import datetime; print(datetime.datetime.now().astimezone().isoformat())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert (
        before
        <= datetime.fromisoformat(told.stdout.strip())
        <= datetime.now().astimezone() + timedelta(seconds=1)
    )
