"""What was given at a step, in the words of its form, as the evidence pack tells it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from guiju.org.masking import mask_identity
from guiju.papers import writing
from guiju.papers.evidence_parts import name_of


def given_words(given: Mapping[str, Any], form: type[BaseModel] | None) -> list[list[str]]:
    """Return what an act was given as label and words, as its form names them; identity numbers are masked."""
    return [[label, words] for label, words in _told(given, form) if words]


def _told(given: Mapping[str, Any], form: type[BaseModel] | None) -> list[tuple[str, str]]:
    """Return label and words of what was given, in the order of the form."""
    fields = form.model_fields if form is not None else {}
    found = []
    for name in (*(one for one in fields if one in given), *(one for one in given if one not in fields)):
        value, info = given[name], fields.get(name)
        label = (info.title if info is not None else "") or name
        kinds = _kinds(info.annotation) if info is not None else []
        said = _extra(info) if info is not None else {}
        if said.get("widget") == "hidden" or said.get("names") in ("customer", "unit"):
            # Keys of rows, which the page carries along; whom and what it is about stands on the first page.
            continue
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        choices = {
            str(one.value): str(getattr(one, "label", one.value))
            for kind in kinds
            if issubclass(kind, enum.Enum)
            for one in kind
        } | dict(_pairs(said.get("choices")))
        if said.get("names") == "person":
            found.append((label, name_of(value) if isinstance(value, int) else ""))
        elif name.startswith("identity") and isinstance(value, str):
            found.append((label, mask_identity(value)))
        elif inner is not None and isinstance(value, Mapping):
            found.append((label, _joined(value, inner)))
        elif inner is not None and isinstance(value, list):
            rows = [_joined(row, inner) for row in value if isinstance(row, Mapping)]
            found.append((label, "\n".join(row for row in rows if row)))
        elif isinstance(value, list) and choices:
            found.append((label, "、".join(choices.get(str(one), str(one)) for one in value)))
        elif (word := choices.get(str(value))) is not None:
            found.append((label, word if value != "" else ""))
        else:
            words = words_of(value)
            found.append((label, f"{words} {said['unit']}" if words and said.get("unit") else words))
    return found


def _extra(info: FieldInfo) -> dict[str, Any]:
    """Return what a field says of itself beside its type, also where that is optional."""
    own = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return _within(info.annotation) | own


def _within(annotation: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in get_args(annotation):
        if isinstance(part, FieldInfo) and isinstance(part.json_schema_extra, dict):
            found |= part.json_schema_extra
        elif get_origin(annotation) is not list:
            found |= _within(part)
    return found


def _pairs(choices: Any) -> list[tuple[str, str]]:
    """Return the choices that a field names beside its type, as value and words."""
    named = choices.items() if isinstance(choices, Mapping) else choices or ()
    return [(str(value), str(words)) for value, words in named]


def _joined(given: Mapping[str, Any], form: type[BaseModel]) -> str:
    return "；".join(f"{label}：{words}" for label, words in _told(given, form) if words)


def _kinds(annotation: Any) -> list[type]:
    """Return the classes that an annotation is made of: ``list[Buyer] | None`` has ``Buyer``."""
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [kind for part in get_args(annotation) for kind in _kinds(part)]


def words_of(value: Any) -> str:
    """Return a value in words."""
    if value in (None, "", [], {}, False):
        return ""
    if value is True:
        return "是"
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{words_of(inner)}" for key, inner in value.items() if words_of(inner))
    if isinstance(value, (list, tuple)):
        if all(isinstance(inner, str) and len(inner) == 64 for inner in value):
            return f"附件 {len(value)} 份"
        if any(isinstance(inner, (list, tuple)) for inner in value):
            return "（笔迹）"
        return "、".join(words_of(inner) for inner in value)
    text = str(value)
    if len(text) == 64 and all(c in "0123456789abcdef" for c in text):
        return "附件"
    if len(text) >= 19 and text[4:5] == "-" and text[10:11] == "T":
        try:
            return writing.short_moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text
