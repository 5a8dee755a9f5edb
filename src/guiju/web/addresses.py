"""
Addresses of pages by their names, as ``reverse`` gives them, without asking the resolver for each row of a list.

The menu alone names forty pages, a list two for every row; the resolver takes longer to write one than the database to
find the row.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.urls import get_script_prefix, reverse

_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch
# Stand-ins for the open places; nothing is called or numbered so.
_NUMBER = 1_987_654_321
_TEXT = "open-place-"


def address(name: str, *args: str | int) -> str:
    """Return the address of a page. Numbers, and texts of letters, digits and hyphens, take the short way."""
    places = tuple(type(one) for one in args)
    if not all(one >= 0 if isinstance(one, int) else _PLAIN(one) for one in args):
        return reverse(name, args=args)
    pattern = _pattern(name, places, get_script_prefix())
    return pattern % args if args else pattern


@lru_cache(maxsize=1024)
def _pattern(name: str, places: tuple[type, ...], prefix: str) -> str:
    """Return a page's address with ``%s`` in its open places."""
    stands = [_NUMBER + place if kind is int else f"{_TEXT}{place}" for place, kind in enumerate(places)]
    written = reverse(name, args=stands)
    if not stands:
        return written
    written = written.replace("%", "%%")
    for stand in stands:
        written = written.replace(str(stand), "%s")
    return written
