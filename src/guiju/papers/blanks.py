"""Blank forms (空表): the form as it is printed to be filled in by hand."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from guiju.papers.forms import Tick


def blank(kind: type, **given: Any) -> Any:
    """Return a form's data with nothing in it: defaults stay, lists get one empty row, ``given`` is filled in."""
    hints = get_type_hints(kind, include_extras=False)
    made: dict[str, Any] = {}
    for part in fields(kind):
        if part.name in given:
            made[part.name] = given[part.name]
        elif part.default is MISSING and part.default_factory is MISSING:
            made[part.name] = _nothing(hints[part.name])
    return kind(**made)


def _nothing(hint: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return None
    if origin is tuple:
        row = inner[0] if inner else str
        return (blank(row),) if is_dataclass(row) and row is not Tick else ()
    if isinstance(hint, type) and is_dataclass(hint):
        return blank(hint)
    # Figures and days print as room to write.
    return {str: "", bool: False}.get(hint)
