"""Which guides of the library belong to a process: the instructions that name its SOP among their related documents."""

from __future__ import annotations

from functools import cache

from guiju.sop import shipped


@cache
def _guides() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for code, content in shipped.documents().items():
        if content.get("kind") != "instruction":
            continue
        for row in content.get("related", []):
            found.setdefault(row["code"], []).append((code, content["title"]))
    return {code: tuple(rows) for code, rows in found.items()}


def guides_of(sop: str) -> tuple[tuple[str, str], ...]:
    """Return (code, title) of the guides of an SOP, in the order of the library."""
    return _guides().get(sop, ())
