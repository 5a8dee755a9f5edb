"""
What the program writes down about itself names nobody: logs, failed reactions, what a command says when it breaks.

A log is read by whoever runs the machine and kept where nobody erases it. What a failure says may hold names, phones,
numbers of identity papers, and the database's refusals hold whole rows; addresses hold the keys of links. The place in
the program and the kind of failure are enough to find it. ``GUIJU_DEBUG=1`` leaves everything as it is.
"""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType
from typing import Final

_LEFT_OUT: Final = "…"
# In this order: what PostgreSQL tells of rows, keys of links and of the API, what follows a question mark in an address,
# every word that is not of the program's own alphabet, and the numbers of telephones, cards and identity
# papers, however they are grouped; numbers of cases stay.
_HIDDEN: Final = (
    (re.compile(r"\s*\b(DETAIL|CONTEXT|HINT|QUERY):.*", re.DOTALL), " " + _LEFT_OUT),
    (re.compile(r"(/o/)(?!message/)[^/\s'\"]+"), rf"\1{_LEFT_OUT}"),
    (re.compile(r"\bguiju_[\w-]+"), f"guiju_{_LEFT_OUT}"),
    (re.compile(r"(?<=[/\w])\?[\w.%+-]+=[^\s'\"]*"), f"?{_LEFT_OUT}"),
    (re.compile(r"[^\x00-\u2fff]+"), _LEFT_OUT),
    (re.compile(r"\d(?:[ -]?\d){10,}[Xx]?|\d{7,}[Xx]?"), _LEFT_OUT),
)


def words(text: object) -> str:
    """Return a text without what may be somebody's."""
    said = str(text)
    for pattern, instead in _HIDDEN:
        said = pattern.sub(instead, said)
    return said


def failure(error: BaseException) -> str:
    """Return where and how something failed, with what led to it, and without what it was about."""
    parts: list[str] = []
    known: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in known:
        known.add(id(current))
        kind = type(current)
        name = (
            kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        )
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{name}: {words(current)}".rstrip(": "))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\nand then\n\n".join(reversed(parts))


class Line(logging.Formatter):
    """A line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line with its failure, if it tells of one."""
        own = logging.makeLogRecord(
            record.__dict__ | {"msg": words(record.getMessage()), "args": None, "exc_text": None}
        )
        return super().format(own)

    def formatException(self, ei: object) -> str:  # noqa: N802 (the library's name)
        """Return the failure as :func:`failure` tells it."""
        error = ei[1] if isinstance(ei, tuple) else None
        return failure(error) if isinstance(error, BaseException) else ""


def excepthook(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    """Tell of what no command expected."""
    import sys

    print(failure(error), file=sys.stderr)
