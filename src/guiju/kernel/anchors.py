"""
Files of anchors, outside the database, best on other storage (``settings.GUIJU_ANCHORS``): lines that are linked to each
other and marked with a key, so that none can be changed, added or taken out without being seen (DECISIONS 11).
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from guiju.kernel.crypto import keyed_digest


@dataclass(frozen=True)
class AnchorFile:
    """A file of anchors by its name."""

    name: str

    @property
    def path(self) -> Path:
        """Return where it is kept."""
        return Path(settings.GUIJU_ANCHORS) / self.name

    @contextmanager
    def held(self) -> Iterator[None]:
        """Give the file to one process at a time; the system takes it back from one that dies."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def lines(self) -> list[str]:
        """Return the lines as they stand."""
        if not self.path.exists():
            return []
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()

    def last_line(self) -> str:
        """Return the last line, empty if there is none."""
        lines = self.lines()
        return lines[-1] if lines else ""

    def append(self, entries: Sequence[dict[str, Any]]) -> None:
        """Add entries, linked and marked. All of them or none: a process killed here leaves no half."""
        if not entries:
            return
        last, written = self.last_line(), ""
        # A power cut may have left half a line; it stays as it is, and is told.
        torn = self.path.stat().st_size > 0 and not self.path.read_bytes().endswith(b"\n")
        for entry in entries:
            said = {**entry, "before": hashlib.sha256(last.encode()).hexdigest()}
            said["mark"] = _mark(said)
            last = json.dumps(said, sort_keys=True)
            written += last + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, (("\n" if torn else "") + written).encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> Iterator[tuple[dict[str, Any], bool]]:
        """Give every line's entry, and whether it is genuine and in its place; an unreadable one is empty."""
        last = ""
        for line in self.lines():
            try:
                entry = json.loads(line)
                genuine = hmac.compare_digest(entry["mark"], _mark(entry))
                linked = entry["before"] == hashlib.sha256(last.encode()).hexdigest()
            except (ValueError, KeyError, TypeError):
                genuine = linked = False
                entry = {}
            yield entry if isinstance(entry, dict) else {}, genuine and linked
            last = line


def _mark(entry: dict[str, Any]) -> str:
    plain = {key: value for key, value in entry.items() if key != "mark"}
    return keyed_digest("anchor:" + json.dumps(plain, sort_keys=True)).hex()
