"""What an import may write over: its own last word, never a person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.conf import settings

from guiju.kernel.crypto import keyed_digest
from guiju.kernel.money import CENT


def said(value: Any) -> str:
    """Return a value as text for comparison; '' for nothing said (None, '', False, 0 of a floor is the caller's)."""
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return "1"
    if isinstance(value, Decimal):
        return format(value.quantize(CENT), "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def digest(value: Any) -> str:
    """Return the keyed digest under which an imported value is remembered; '' for nothing."""
    text = said(value)
    return (
        blake2b(text.encode(), digest_size=10, key=_key(settings.GUIJU_DATA_KEYS[-1])).hexdigest()
        if text
        else ""
    )


@lru_cache(maxsize=4)
def _key(oldest: str) -> bytes:
    """Return the key of these digests, derived from the oldest data key as all blind indexes are."""
    return keyed_digest("imported value")


@dataclass(slots=True)
class Merged:
    """What is to be written, what was there, and the fields that keep a person's value though the register differs."""

    new: dict[str, Any] = field(default_factory=dict)
    old: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)


def merge(current: Mapping[str, Any], wanted: Mapping[str, Any], written: Mapping[str, str] | None) -> Merged:
    """
    Compare what is on file with what the register says.

    A blank in the register erases nothing. A blank on file is filled, unless the import had filled it and a person
    emptied it. A value is replaced only if it is what an import last wrote; otherwise it is kept and reported.
    """
    result = Merged()
    for name, value in wanted.items():
        there = current[name]
        if not said(value) or said(there) == said(value):
            continue
        last = (written or {}).get(name)
        if (last is None and not said(there)) or (last is not None and last == digest(there)):
            result.new[name] = value
            result.old[name] = there
        else:
            result.kept[name] = there
    return result
