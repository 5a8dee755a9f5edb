"""The worker: sounds the clocks and runs the reactions. Any number may run; whatever one claims no other takes."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.utils import timezone

from guiju.kernel import audit, clocks, reactions, replies, row_anchors

log = logging.getLogger(__name__)

Job = Callable[[datetime], object]
_jobs: list[tuple[timedelta, str, Job]] = []


def every(pause: timedelta, name: str) -> Callable[[Job], Job]:
    """Register a job that the worker runs again and again. Running it twice must change nothing."""

    def add(job: Job) -> Job:
        _jobs.append((pause, name, job))
        return job

    return add


def run_once(at: datetime) -> dict[str, int]:
    """Do all that is due now, and return how much of each."""
    sounded = clocks.sweep(at)
    ran = 0
    while step := reactions.run_due(at):
        ran += step
    return {"clocks": sounded, "reactions": ran}


def run_forever(*, pause: float = 2.0, stop: threading.Event | None = None) -> None:
    """Work until the process is told to end (SIGTERM, SIGINT); what was begun is finished first."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    last: dict[str, float] = {}
    while not stop.is_set():
        close_old_connections()
        at = timezone.now()
        try:
            run_once(at)
            for every_, name, job in _jobs:
                if time.monotonic() - last.get(name, float("-inf")) >= every_.total_seconds():
                    last[name] = time.monotonic()
                    job(at)
        except Exception:
            log.exception("the worker goes on after a failure")
        stop.wait(pause)


@every(timedelta(hours=1), "anchor")
def _anchor(at: datetime) -> None:
    audit.anchor_daily(at=at)
    row_anchors.anchor(at=at)


@every(timedelta(hours=1), "replies")
def _forget_replies(at: datetime) -> None:
    replies.forget_old(at=at)
