"""Shows the form of a step and reads it back: pydantic form ⇄ HTML fields, for any process.

A page never knows what a step asks for. It gets a tree of :class:`Field` made from the kernel's form, each with its
label, hint, kind, what was typed and what is wrong with it; and :func:`read` turns a POST into the nested values that
``advance`` takes. What was typed comes back as it was typed, right or wrong.
"""

from __future__ import annotations

import enum
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from guiju.org.masking import mask_identity
from guiju.web.formats import local, whole

MARK = "__n__"
LONG = 200
Choices = Callable[[str], Sequence[tuple[str, str]] | None]
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Field:
    """One field as a page shows it. ``kind`` names the template part; ``name`` is the path, such as buyers.0.name."""

    name: str
    label: str
    kind: str
    help: str = ""
    unit: str = ""
    required: bool = False
    value: Any = ""
    error: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    items: tuple[tuple[Field, ...], ...] = ()
    blank: tuple[Field, ...] = ()
    autocomplete: str = "off"
    mode: str = ""
    max_length: int | None = None
    sign: bool = False
    open: bool = False

    @property
    def id(self) -> str:
        """The id of its input."""
        return "f-" + self.name.replace(".", "-")

    @property
    def describes(self) -> str:
        """The ids of what describes it."""
        parts = []
        if self.error:
            parts.append(f"{self.id}-error")
        if self.help:
            parts.append(f"{self.id}-help")
        return " ".join(parts)

    @property
    def full(self) -> bool:
        """Whether it takes the whole width of the form."""
        return self.kind in (
            "longtext",
            "group",
            "part",
            "files",
            "file",
            "signature",
            "checks",
            "switch",
            "grid",
        )

    @property
    def few(self) -> bool:
        """Whether its choices fit side by side."""
        return len(self.choices) <= 6 and sum(len(words) for _, words in self.choices) <= 42


@dataclass(frozen=True)
class _Kind:
    kind: str
    form: type[BaseModel] | None = None
    choices: tuple[tuple[str, str], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    plain: Any = None


def _strip(annotation: Any) -> tuple[Any, dict[str, Any], list[Any]]:
    """Take Annotated and None off an annotation; return it, its schema extras and its metadata."""
    extra: dict[str, Any] = {}
    metadata: list[Any] = []
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *found = get_args(annotation)
            metadata += found
            for part in found:
                if isinstance(part, FieldInfo) and isinstance(part.json_schema_extra, dict):
                    extra = {**part.json_schema_extra, **extra}
        elif origin in (Union, types.UnionType):
            parts = [part for part in get_args(annotation) if part is not type(None)]
            if len(parts) != 1:
                return annotation, extra, metadata
            annotation = parts[0]
        else:
            return annotation, extra, metadata


def _enum_choices(kind: type[enum.Enum]) -> tuple[tuple[str, str], ...]:
    return tuple((str(member.value), str(getattr(member, "label", member.value))) for member in kind)


def _is_form(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


_WIDGETS = {
    "money": "money",
    "percent": "percent",
    "date": "date",
    "moment": "moment",
    "longtext": "longtext",
    "attachment": "file",
    "attachments": "files",
    "photo": "file",
    "photos": "files",
    "signature": "signature",
    "hidden": "hidden",
    "units": "units",
    "area": "area",
    "phone": "phone",
    "identity": "identity",
}


def _kind(info: FieldInfo) -> _Kind:
    annotation, extra, metadata = _strip(info.annotation)
    extra = {**extra, **(info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {})}
    widget = str(extra.get("widget", ""))
    named = extra.get("choices")
    choices = tuple(
        (str(v), str(w)) for v, w in (named.items() if isinstance(named, Mapping) else named or ())
    )
    origin = get_origin(annotation)
    if origin in (list, tuple, Sequence):
        inner, inner_extra, _ = _strip((get_args(annotation) or (str,))[0])
        if _is_form(inner):
            return _Kind("group", inner, extra=extra)
        if isinstance(inner, type) and issubclass(inner, enum.Enum):
            return _Kind("checks", choices=choices or _enum_choices(inner), extra=extra)
        if get_origin(inner) is Literal:
            return _Kind(
                "checks", choices=choices or tuple((str(v), str(v)) for v in get_args(inner)), extra=extra
            )
        if choices:
            return _Kind("checks", choices=choices, extra=extra)
        if widget == "units":
            return _Kind("units", extra=extra)
        inner_widget = str(inner_extra.get("widget", ""))
        if widget in ("attachments", "photos", "attachment", "signatures") or inner_widget == "attachment":
            return _Kind("files", extra=extra)
        return _Kind("lines", extra=extra)
    if _is_form(annotation):
        return _Kind("part", annotation, extra=extra)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _Kind("choice", choices=choices or _enum_choices(annotation), extra=extra)
    if origin is Literal:
        return _Kind(
            "choice", choices=choices or tuple((str(v), str(v)) for v in get_args(annotation)), extra=extra
        )
    if annotation is bool:
        return _Kind("switch", extra=extra)
    if widget == "choice" or choices:
        return _Kind("choice", choices=choices, extra=extra)
    if widget in _WIDGETS:
        return _Kind(_WIDGETS[widget], extra=extra)
    if annotation is datetime:
        return _Kind("moment", extra=extra)
    if annotation is date:
        return _Kind("date", extra=extra)
    if annotation is Decimal:
        places = next(
            (m.decimal_places for m in (*info.metadata, *metadata) if hasattr(m, "decimal_places")), None
        )
        return _Kind("money" if places == 2 and not extra.get("unit") else "number", extra=extra)
    if annotation in (int, float):
        return _Kind("number", extra=extra)
    longest = _longest(info, metadata)
    return _Kind("longtext" if longest is not None and longest > LONG else "text", extra=extra)


def _longest(info: FieldInfo, metadata: Iterable[Any]) -> int | None:
    found = [m.max_length for m in (*info.metadata, *metadata) if getattr(m, "max_length", None)]
    return min(found) if found else None


def fields_of(
    form: type[BaseModel],
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    prefix: str = "",
    choices: Choices | None = None,
    blank: bool = False,
) -> tuple[Field, ...]:
    """Return the fields of a form in their order, filled with what was typed or the defaults, with their errors."""
    typed, errors = typed or {}, errors or {}
    found = []
    for name, info in form.model_fields.items():
        known = _kind(info)
        path = prefix + name
        value = typed[name] if name in typed else _default(info)
        own = choices(path) if choices else None
        shown = Field(
            name=path,
            label=info.title or name,
            kind=known.kind,
            help=info.description or "",
            unit=str(known.extra.get("unit", "")) or ("元" if known.kind == "money" else ""),
            required=info.is_required() or _must(info),
            error=errors.get(path, "") and _without_label(errors[path], info.title),
            choices=tuple(own) if own is not None else known.choices,
            max_length=_longest(info, ()),
            sign=known.extra.get("widget") == "signatures",
            mode={"money": "decimal", "number": "decimal", "percent": "decimal", "phone": "tel"}.get(
                known.kind, ""
            ),
        )
        if own is not None and known.kind not in ("choice", "checks", "units"):
            shown = replace(shown, kind="choice")
        if known.kind == "group" and known.form is not None:
            rows = value if isinstance(value, list) else []
            if not rows and shown.required and not blank:
                rows = [{}]
            shown = replace(
                shown,
                items=tuple(
                    fields_of(known.form, row, errors, prefix=f"{path}.{at}.", choices=choices)
                    for at, row in enumerate(rows)
                ),
                blank=fields_of(known.form, {}, {}, prefix=f"{path}.{MARK}.", choices=choices, blank=True),
                value=len(rows),
            )
        elif known.kind == "part" and known.form is not None:
            inner = value if isinstance(value, Mapping) else {}
            shown = replace(
                shown, fields=fields_of(known.form, inner, errors, prefix=f"{path}.", choices=choices)
            )
        elif known.kind in ("checks", "files", "units"):
            several = [str(v) for v in value] if isinstance(value, list | tuple) else []
            if known.kind == "files":
                several = [v for v in several if _DIGEST.fullmatch(v)]
            shown = replace(shown, value=tuple(several))
        elif known.kind == "file":
            # Only what an upload answered can be shown again as a file.
            shown = replace(shown, value=value if isinstance(value, str) and _DIGEST.fullmatch(value) else "")
        elif known.kind == "lines":
            shown = replace(
                shown, value="\n".join(map(str, value)) if isinstance(value, list | tuple) else ""
            )
        elif known.kind == "moment":
            # A browser's field for a moment takes no zone: what was typed would be lost.
            shown = replace(shown, value=str(_text(value))[:16])
        else:
            shown = replace(shown, value=_text(value))
        found.append(shown)
    return tuple(found)


def _must(info: FieldInfo) -> bool:
    least = [m.min_length for m in info.metadata if getattr(m, "min_length", None)]
    return bool(least)


def _without_label(sentence: str, label: str | None) -> str:
    return sentence.split("：", 1)[1] if label and "：" in sentence else sentence


def _default(info: FieldInfo) -> Any:
    if info.default_factory is not None:
        made = info.get_default(call_default_factory=True, validated_data={})
        return [_dumped(v) for v in made] if isinstance(made, list | tuple) else made
    return "" if info.default in (PydanticUndefined, None) else info.default


def _dumped(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def read(
    form: type[BaseModel], data: QueryDict | MultiValueDict[str, Any], *, prefix: str = ""
) -> dict[str, Any]:
    """
    Return what was typed as nested values. Empty groups and empty answers are left out, so that the form's own
    defaults hold; a switch that is off is a plain no.
    """
    given: dict[str, Any] = {}
    for name, info in form.model_fields.items():
        known = _kind(info)
        path = prefix + name
        if known.kind == "group" and known.form is not None:
            rows = [read(known.form, data, prefix=f"{path}.{at}.") for at in _numbers(data, path)]
            kept = [row for row in rows if _told(known.form, row)]
            if kept:
                given[name] = kept
        elif known.kind == "part" and known.form is not None:
            inner = read(known.form, data, prefix=f"{path}.")
            if _told(known.form, inner) or info.is_required():
                given[name] = inner
        elif known.kind in ("checks", "files", "units"):
            values = [value for value in data.getlist(path) if isinstance(value, str) and value]
            if values:
                given[name] = values
        elif known.kind == "lines":
            lines = [line.strip() for line in str(data.get(path, "")).splitlines() if line.strip()]
            if lines:
                given[name] = lines
        elif known.kind == "switch":
            if f"{path}.shown" in data or path in data:
                given[name] = data.get(path) in ("1", "on", "true", "yes")
        else:
            value = data.get(path)
            if isinstance(value, str) and value.strip():
                given[name] = moment(value) if known.kind == "moment" else value.strip()
    return given


def moment(text: str) -> str:
    """Return a moment as the browser gives it, in the zone of the office; anything else stays as it was typed."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}+08:00"


def _numbers(data: Mapping[str, Any], path: str) -> list[int]:
    start = path + "."
    found = set()
    for key in data:
        if key.startswith(start):
            number = whole(key[len(start) :].split(".", 1)[0])
            if number is not None:
                found.add(number)
    return sorted(found)


def _told(form: type[BaseModel], given: Mapping[str, Any]) -> bool:
    """Whether somebody filled a group in: anything beyond the answers that it starts with."""
    for name, info in form.model_fields.items():
        value = given.get(name)
        known = _kind(info)
        if value in (None, "", [], {}, False):
            continue
        if known.kind == "group" and known.form is not None and isinstance(value, list):
            if any(_told(known.form, row) for row in value):
                return True
        elif known.kind == "part" and known.form is not None and isinstance(value, Mapping):
            if _told(known.form, value):
                return True
        elif known.kind == "switch":
            if value != _default(info):
                return True
        elif value != _text(_default(info)):
            return True
    return False


def summary(fields: Iterable[Field]) -> list[tuple[str, str, str]]:
    """Return (id, label, error) of every field that is wrong, in the order of the page."""
    found = []
    for one in fields:
        if one.error:
            found.append((one.id, one.label, one.error))
        for row in one.items:
            found += summary(row)
        found += summary(one.fields)
    return found


def kinds(form: type[BaseModel]) -> list[tuple[str, str, type[BaseModel] | None]]:
    """Return (name, kind, inner form) of every field."""
    found = []
    for name, info in form.model_fields.items():
        known = _kind(info)
        found.append((name, known.kind, known.form))
    return found


HIDDEN = "已遮住"


def keys_named(form: type[BaseModel], given: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    """Return (what, key) for each row that was given by its key and is shown by its name."""
    for name, info in form.model_fields.items():
        what = _kind(info).extra.get("names")
        if what and isinstance(given.get(name), int):
            yield str(what), given[name]


def shown(
    form: type[BaseModel],
    given: Mapping[str, Any],
    *,
    masked: bool = False,
    named: Mapping[tuple[str, int], str] | None = None,
) -> list[tuple[str, Any]]:
    """
    Return (label, words) for what an event was given, in the form's order, nested groups as lists of the same.

    ``named``: names of rows by what they are and their key; a row without one is left out.
    Identity numbers are masked for everybody; with ``masked`` free text is left out, since it may name people.
    """
    found: list[tuple[str, Any]] = []
    for name, info in form.model_fields.items():
        if name not in given or given[name] in (None, "", [], {}):
            continue
        known, value = _kind(info), given[name]
        if known.kind == "hidden" and isinstance(value, int):
            # The key of a row, passed on unseen: its number tells people nothing.
            continue
        label = info.title or name
        if what := known.extra.get("names"):
            if name_of := (named or {}).get((str(what), value)):
                found.append((label, name_of))
            continue
        words = dict(known.choices)
        if known.kind == "group" and known.form is not None and isinstance(value, list):
            for at, row in enumerate(value, 1):
                found.append(
                    (
                        f"{label} {at}",
                        shown(known.form, row, masked=masked) if isinstance(row, Mapping) else HIDDEN,
                    )
                )
        elif known.kind == "part" and known.form is not None and isinstance(value, Mapping):
            found.append((label, shown(known.form, value, masked=masked)))
        elif known.kind == "switch":
            found.append((label, "是" if value else "否"))
        elif known.kind in ("file", "signature"):
            found.append((label, "已附"))
        elif known.kind in ("files", "units"):
            found.append((label, f"{len(value)} {'套' if known.kind == 'units' else '份'}"))
        elif isinstance(value, list):
            found.append((label, "、".join(words.get(str(v), str(v)) for v in value)))
        elif name.startswith("identity") or known.kind == "identity":
            found.append((label, mask_identity(str(value))))
        elif masked and known.kind in ("text", "longtext", "lines", "phone"):
            found.append((label, HIDDEN))
        elif known.kind == "money":
            found.append((label, f"¥{Decimal(str(value)):,.2f}"))
        elif known.kind == "moment":
            try:
                found.append((label, f"{local(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"))
            except ValueError:
                found.append((label, str(value)))
        else:
            unit = str(known.extra.get("unit", ""))
            found.append((label, words.get(str(value), str(value)) + (f" {unit}" if unit else "")))
    return found
