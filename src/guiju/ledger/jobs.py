"""What the worker does for the books by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from guiju.kernel.worker import every
from guiju.ledger.verify import problems

log = logging.getLogger(__name__)


@every(timedelta(days=1), "ledger.verify")
def add_up(at: datetime) -> None:
    """Add up the books every night, and say aloud what does not."""
    for problem in problems():
        log.error("books: %s", problem)
