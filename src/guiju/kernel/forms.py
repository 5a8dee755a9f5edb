"""Forms of steps: pydantic models with Chinese labels, from which pages, JSON Schema and checks are made."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)
from pydantic.fields import FieldInfo

from guiju.kernel.refusals import BadlyFilled

F = TypeVar("F", bound="Form")
ZONE = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: A moment lies within the working calendar; a day may be somebody's birthday.
FIRST_MOMENT, LAST_MOMENT = 1990, 2098
LARGEST = 2**63 - 1


class Form(BaseModel):
    """What a step asks for. Labels are titles, hints are descriptions, ``widget`` says how a page shows it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, use_enum_values=False)


def field(label: str, *, help: str = "", widget: str = "", unit: str = "", **options: Any) -> Any:
    """Declare a field: its Chinese label, a hint, the widget of the page and the unit shown behind it."""
    extra: dict[str, Any] = {key: value for key, value in (("widget", widget), ("unit", unit)) if value}
    if extra:
        # Only then: a None would take away what the kind of the field brings along, such as its place for a file.
        options["json_schema_extra"] = extra
    return Field(title=label, description=help or None, **options)


def _plain_number(value: Any) -> Any:
    """Accept what people type for an amount: full-width digits, separators, a currency sign."""
    if isinstance(value, str):
        text = (
            unicodedata.normalize("NFKC", value).replace(",", "").replace("¥", "").replace("元", "").strip()
        )
        if text == "":
            return None
        try:
            return Decimal(text)
        except InvalidOperation:
            return value
    if isinstance(value, float):
        return Decimal(repr(value))
    return value


def _blank_is_none(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        return None
    return value


def _in_reach(value: date, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> date:
    """Refuse years that are a slip of the hand, and with which nothing can be computed."""
    if not first <= value.year <= last:
        raise ValueError(f"年份应在 {first} 到 {last} 之间")
    return value


def _zoned(value: datetime) -> datetime:
    """Take a moment without a zone for one in China, as people type it."""
    _in_reach(value, FIRST_MOMENT, LAST_MOMENT)
    return value if value.tzinfo is not None else value.replace(tzinfo=ZONE)


Money = Annotated[
    Decimal,
    BeforeValidator(_plain_number),
    Field(max_digits=16, decimal_places=2, json_schema_extra={"widget": "money", "unit": "元"}),
    PlainSerializer(str, return_type=str),
]
Percent = Annotated[
    Decimal,
    BeforeValidator(_plain_number),
    Field(max_digits=7, decimal_places=4, json_schema_extra={"widget": "percent", "unit": "%"}),
    PlainSerializer(str, return_type=str),
]
Day = Annotated[
    date,
    BeforeValidator(_blank_is_none),
    AfterValidator(_in_reach),
    Field(json_schema_extra={"widget": "date"}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(_blank_is_none),
    AfterValidator(_zoned),
    Field(json_schema_extra={"widget": "moment"}),
]
Text = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=5000, json_schema_extra={"widget": "longtext"})]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", json_schema_extra={"widget": "attachment"})]


def _sentence(error: Mapping[str, Any]) -> str:
    """Put a pydantic error in the user's words."""
    kind, context = error["type"], error.get("ctx") or {}
    sentences = {
        "missing": "必填",
        "string_too_short": f"不能少于 {context.get('min_length', 1)} 个字",
        "string_too_long": f"不能超过 {context.get('max_length')} 个字，现在太长",
        "too_short": f"至少要有 {context.get('min_length', 1)} 项",
        "too_long": f"最多 {context.get('max_length')} 项",
        "extra_forbidden": "没有这一项",
        "greater_than": f"应大于 {context.get('gt')}",
        "greater_than_equal": f"不能小于 {context.get('ge')}",
        "less_than": f"应小于 {context.get('lt')}",
        "less_than_equal": f"不能大于 {context.get('le')}",
        "decimal_max_places": f"小数最多 {context.get('decimal_places')} 位",
        "decimal_max_digits": "数字太大",
        "decimal_whole_digits": "数字太大",
        "string_pattern_mismatch": "格式不对",
    }
    if kind in sentences:
        return sentences[kind]
    if kind == "value_error":
        return str(context.get("error") or error["msg"])
    if kind in {"enum", "literal_error"}:
        return "请从所列的选项中选"
    if kind.startswith("decimal") or kind in {"int_parsing", "int_type", "float_parsing", "finite_number"}:
        return "请填数字" if error.get("input") is not None else "必填"
    if kind.startswith("date") or kind.startswith("datetime") or kind.startswith("timezone"):
        return "请填日期，如 2026-11-20" if error.get("input") is not None else "必填"
    if kind.startswith("bool"):
        return "请选是或否"
    if kind in {"string_type", "model_type", "list_type", "dict_type", "model_attributes_type"}:
        return "必填" if error.get("input") is None else "格式不对"
    return "填写有误"


def parse(form: type[F], given: Mapping[str, Any], *, prefix: str = "") -> F:
    """Check what was given against the form.

    :raises BadlyFilled: with one Chinese sentence per field, keyed by its path (``buyers.0.name``).
    """
    problem = unsuitable(given)
    if problem:
        raise BadlyFilled({prefix or "given": problem})
    try:
        made = form.model_validate(dict(given))
    except ValidationError as error:
        errors: dict[str, str] = {}
        for found in error.errors(include_url=False):
            path = ".".join(str(part) for part in found["loc"] if not str(part).startswith("function-"))
            label = label_of(form, [str(part) for part in found["loc"]])
            sentence = _sentence(found)
            errors.setdefault(prefix + path, f"{label}：{sentence}" if label else sentence)
        raise BadlyFilled(errors) from error
    for name, value in made:
        # No column holds more; people's slips are longer than any number we keep.
        if type(value) is int and abs(value) > LARGEST:
            raise BadlyFilled({prefix + name: f"{label_of(form, [name])}：数字太大"})
    return made


def unsuitable(value: Any) -> str | None:
    """Return why a text cannot be stored (NUL, lone surrogates), looking into lists and groups; else None."""
    if isinstance(value, str):
        if "\x00" in value:
            return "文字里有不能保存的控制字符，请删去后再交"
        try:
            value.encode()
        except UnicodeEncodeError:
            return "文字里有不完整的字符，请重新输入"
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if problem := unsuitable(key) or unsuitable(part):
                return problem
    elif isinstance(value, list | tuple):
        for part in value:
            if problem := unsuitable(part):
                return problem
    return None


def label_of(form: type[BaseModel], path: list[str]) -> str:
    """Return the Chinese labels along a field's path: 买受人 1 · 姓名 reads ``买受人 1 姓名``."""
    labels: list[str] = []
    fields: Mapping[str, FieldInfo] = form.model_fields
    for part in path:
        if part.isdigit():
            labels.append(str(int(part) + 1))
            continue
        info = fields.get(part)
        if info is None:
            continue
        labels.append(info.title or part)
        inner = _inner_form(info.annotation)
        fields = inner.model_fields if inner else {}
    return " ".join(labels)


def _inner_form(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if found := _inner_form(part):
            return found
    return None


class Nothing(Form):
    """The form of a step that asks for nothing but an optional note."""

    note: LongText = field("说明", default="")


class WithReason(Form):
    """The form of a step that must carry a reason (reversal, refusal, release)."""

    reason: Annotated[str, Field(min_length=2, max_length=1000)] = field("理由", widget="longtext")
