"""Templates: what may be said in whose words. Declared in code by each app's ``notices.py``, edited in the program.

``{name}`` stands for a value and nothing else: no attribute, no format, so that a value is only ever shown. The words
declared are version 0 and approved with the program; a company's later versions are in force once a second person
approved them (F-3.3-c).
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guiju.kernel.refusals import Refused
from guiju.notify import ways
from guiju.notify.models import Wording

NOTICE, MARKETING = "notice", "marketing"
KINDS = {NOTICE: "通知", MARKETING: "营销"}
PURPOSES = {
    "notice": "告知",
    "progress": "反馈进展",
    "opinion": "征求意见",
    "reply": "答复",
    "apology": "致歉",
}


class BadTemplate(Exception):
    """A declared template cannot be used; a fault of the program."""


class UnableToFill(Refused):
    """The template is unknown or lacks a value; nothing is sent."""


@dataclass(frozen=True)
class Template:
    """A template as declared.

    ``data_free``: holds no personal data, so that a group robot may say it. ``urgent``: goes out in quiet hours.
    ``check``: a second person looks at each message before it goes. ``secret``: its words are hidden once sent.
    """

    code: str
    name: str
    kind: str
    channels: tuple[str, ...]
    text: str
    subject: str = ""
    purpose: str = "notice"
    urgent: bool = False
    data_free: bool = False
    check: bool = False
    secret: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """The words in force: of which version, by which ways, and how they read."""

    template: Template
    version: int
    subject: str
    text: str
    channels: tuple[str, ...]


_templates: dict[str, Template] = {}


def fields_of(text: str) -> tuple[str, ...]:
    """Return the names that a text stands for, each once.

    :raises UnableToFill: a brace is open, or something other than a plain name stands in braces.
    """
    found: list[str] = []
    try:
        for _, field, spec, conversion in string.Formatter().parse(text):
            if field is None:
                continue
            if not field.isidentifier() or spec or conversion:
                raise UnableToFill(f"「{{{field}}}」不是可用的内容名，只能写 {{名字}}。")
            found.append(field)
    except ValueError as error:
        raise UnableToFill("大括号没有成对，请检查「{」和「}」。") from error
    return tuple(dict.fromkeys(found))


def template(
    code: str,
    name: str,
    kind: str = NOTICE,
    channels: Sequence[str] = (ways.SMS,),
    text: str = "",
    *,
    subject: str = "",
    purpose: str = "notice",
    urgent: bool = False,
    data_free: bool = False,
    check: bool = False,
    secret: bool = False,
    fields: Sequence[str] = (),
) -> Template:
    """Declare a template. ``fields`` are values that later wordings may use besides those of the text.

    :raises BadTemplate: declared twice, of no known kind or way, or its text cannot be filled.
    """
    if code in _templates:
        raise BadTemplate(f"{code} is declared twice.")
    if kind not in KINDS or purpose not in PURPOSES or not text or not channels:
        raise BadTemplate(f"{code}: unknown kind or purpose, no text or no channels.")
    if unknown := [way for way in channels if way not in ways.WAYS]:
        raise BadTemplate(f"{code}: unknown ways {unknown}.")
    if ways.ROBOT in channels and not data_free:
        raise BadTemplate(f"{code}: a group robot may only say what holds no personal data.")
    try:
        names = tuple(dict.fromkeys([*fields_of(text), *fields_of(subject), *fields]))
    except UnableToFill as error:
        raise BadTemplate(f"{code}: {error}") from error
    made = Template(
        code,
        name,
        kind,
        tuple(channels),
        text,
        subject or name,
        purpose,
        urgent,
        data_free,
        check,
        secret,
        names,
    )
    _templates[code] = made
    return made


def templates() -> Mapping[str, Template]:
    """Return all declared templates by code."""
    return _templates


def template_of(code: str) -> Template:
    """Return the declared template.

    :raises UnableToFill: there is none.
    """
    found = _templates.get(code)
    if found is None:
        raise UnableToFill(f"没有名为「{code}」的通知模板。")
    return found


def words_of(code: str, company_id: int) -> Words:
    """Return the words in force in a company: its last approved version, else those declared (version 0).

    :raises UnableToFill: there is no such template.
    """
    declared = template_of(code)
    own = (
        Wording.objects.filter(company_id=company_id, template=code, approved_at__isnull=False)
        .order_by("-version")
        .first()
    )
    if own is None:
        return Words(declared, 0, declared.subject, declared.text, declared.channels)
    return Words(declared, own.version, own.subject or declared.subject, own.text, tuple(own.channels))


def filled(text: str, values: Mapping[str, object]) -> str:
    """Return the text with every name replaced by its value; values are never read as text to be filled.

    :raises UnableToFill: a value is missing.
    """
    if missing := [name for name in fields_of(text) if name not in values]:
        raise UnableToFill(f"通知缺少内容：{'、'.join(missing)}。")
    return string.Formatter().vformat(text, (), {name: str(value) for name, value in values.items()})
