"""
At which moment the suite begins: always the same one, so that no run depends on the hour at which it is started.

Quiet hours, working hours, holidays and the turn of a month are the product's own matter, and a test that asks for
them names its moments. All others begin on an ordinary working morning, and the clock goes on from there, in this
process and in every program that a test starts (tests/clock). PostgreSQL, file times and Chromium keep the machine's
clock; nothing in the product compares theirs with its own.

``GUIJU_TEST_MOMENT="2026-12-31 23:50" script/test`` begins at another moment of China's time, and
``GUIJU_TEST_MOMENT=now`` at the true one.
"""

import os
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine

#: A Wednesday in China's time, in no holiday, in the middle of a month.
MOMENT = "2026-11-18 10:00"


def begin() -> None:
    """Set the clock of this process, and of those that it starts; in one of these it is set already."""
    if "SUITE_IS_AHEAD" in os.environ:
        return
    wanted = os.environ.get("GUIJU_TEST_MOMENT", MOMENT)
    if wanted == "now":
        return
    begins = datetime.fromisoformat(wanted).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    clock = str(Path(__file__).parent / "clock")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (clock, os.environ.get("PYTHONPATH"))))
    time_machine.travel(begins.timestamp(), tick=True).start()
    # Told after the clock was set, which takes its time on a busy machine: programs must not be ahead of this process.
    os.environ["SUITE_IS_AHEAD"] = str(time.time() - time_machine.escape_hatch.time.time())
