"""What processes cost: user and system time from /proc, of the web servers and of the database server behind them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name of the program stands in brackets and may hold anything.
    return text.rpartition(")")[2].split()


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))) is not None:
            found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def tree(pid: int) -> list[int]:
    """Return a process with all that it started and they started."""
    children, found, edge = _children(), [], [pid]
    while edge:
        one = edge.pop()
        found.append(one)
        edge += children.get(one, [])
    return found


def parent(pid: int) -> int | None:
    """Return the process that started this one; None if it is not on this machine."""
    fields = _fields(pid)
    return int(fields[1]) if fields is not None else None


def spent(pids: Iterable[int]) -> float:
    """
    Return the seconds that these processes have used so far, those of children that ended included.

    The scheduler's own count is exact to the nanosecond where the kernel keeps it; else the clock ticks count.
    """
    total = 0.0
    for pid in pids:
        fields = _fields(pid)
        if fields is None:
            continue
        own = (int(fields[11]) + int(fields[12])) / _TICK
        ended = (int(fields[13]) + int(fields[14])) / _TICK
        total += (_exact(pid) or own) + ended
    return total


def _exact(pid: int) -> float | None:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        nanoseconds = sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
    except (OSError, ValueError, IndexError):
        return None
    return nanoseconds / 1e9 or None
