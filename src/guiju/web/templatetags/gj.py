"""Tags and filters of the staff pages. ``{% load gj %}``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import lucide
from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode, url
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from guiju.web import clausewords, formats
from guiju.web.addresses import address

register = template.Library()

DUE_ICONS = {
    "ok": "circle-check",
    "risk": "triangle-alert",
    "over": "octagon-alert",
    "hold": "pause",
    "done": "check",
    "late": "octagon-alert",
    "none": "minus",
}


class _Address(URLNode):
    """Django's ``{% url %}``, which takes the short way for the addresses that a list writes for every row."""

    def render(self, context: Context) -> str:
        """Write the address; names, keyword arguments and ``as`` are Django's own business."""
        if self.asvar is None and not self.kwargs:
            args = [one.resolve(context) for one in self.args]
            if all(type(one) is int or type(one) is str for one in args):
                try:
                    return conditional_escape(address(self.view_name.resolve(context), *args))
                except NoReverseMatch:
                    # A number that is written as a text: Django's own way finds it, or says what is wrong.
                    pass
        return super().render(context)


@register.tag(name="url")
def _url(parser: Parser, token: Token) -> _Address:
    node = url(parser, token)
    return _Address(node.view_name, node.args, node.kwargs, node.asvar)


@functools.lru_cache(maxsize=256)
def _icon(name: str) -> SafeString:
    how = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    try:
        drawn = lucide._render_icon(name, None, **how)
    except lucide.IconDoesNotExist:
        # The house rules find a wrong name; a page is not refused for want of a picture.
        drawn = lucide._render_icon("circle", None, **how)
    # The drawing comes from our own package list, never from a user.
    return mark_safe(drawn)  # noqa: S308


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon. It is never the only carrier of a meaning, so readers aloud skip it."""
    return _icon(str(name))


@register.simple_tag(takes_context=True)
def due(context: Context, chip: formats.Chip | None, *, big: bool = False) -> SafeString:
    """Show a deadline chip: colour, shape and words together."""
    if chip is None:
        chip = formats.Chip("none", formats.NOTHING)
    kind = "deadline" if big else "due"
    words: SafeString | str = chip.words
    if chip.live and chip.due_at is not None:
        words = format_html('<time datetime="{}">{}</time>', chip.due_at.isoformat(), chip.words)
        return format_html(
            '<span class="{0} {0}-{1}" data-state="{1}" data-due="{2}" data-risk="{3}" data-what="{4}">{5}{6}</span>',
            kind,
            chip.state,
            chip.due_at.isoformat(),
            (chip.risk_at or chip.due_at).isoformat(),
            chip.what,
            _icon(DUE_ICONS[chip.state]),
            words,
        )
    if chip.state == "none":
        return format_html('<span class="{0} {0}-none">{1}</span>', kind, chip.words)
    return format_html(
        '<span class="{0} {0}-{1}">{2}{3}</span>', kind, chip.state, _icon(DUE_ICONS[chip.state]), words
    )


@register.simple_tag
def kbd(keys: str) -> SafeString:
    """Show a key."""
    return format_html("<kbd>{}</kbd>", keys)


@register.simple_tag
def dot() -> SafeString:
    """Separate two things on one line."""
    return mark_safe('<i class="dot"></i>')


TONES = {
    "brand": "pill-brand",
    "ok": "pill-ok",
    "risk": "pill-risk",
    "over": "pill-over",
    "hold": "pill-hold",
}


@register.simple_tag
def pill(words: str, tone: str = "plain") -> SafeString:
    """Show a state or kind with its one tone."""
    return format_html('<span class="{}">{}</span>', f"pill {TONES.get(tone, '')}".strip(), words)


@register.filter
def yuan(amount: Decimal | None) -> str:
    """Money in a sentence: ¥2,372,400.00."""
    return formats.money(amount)


@register.filter
def yuan_column(amount: Decimal | None) -> str:
    """Money in a column headed 元: 2,372,400.00."""
    return formats.money(amount, sign=False)


@register.filter
def area(square_metres: Decimal | None) -> str:
    """118.62 ㎡."""
    return formats.area(square_metres)


@register.filter
def phone(number: str | None) -> str:
    """138 0000 2067."""
    return formats.phone(number)


@register.filter
def masked(number: str | None) -> str:
    """138 **** 2067."""
    return formats.masked_phone(number)


@register.filter
def day(when: date | datetime | None) -> str:
    """11-20, or with the year when it is another."""
    return formats.day(when, today=formats.local(timezone.now()).date())


@register.filter
def long_day(when: date | datetime | None) -> str:
    """11月20日 周五."""
    return formats.long_day(when)


@register.filter
def paper_day(when: date | datetime | None) -> str:
    """2026年11月20日."""
    return formats.paper_day(when)


@register.filter
def moment(when: datetime | None) -> str:
    """今天 09:42."""
    return formats.moment(when, now=timezone.now())


@register.filter
def due_moment(when: datetime | None) -> str:
    """A due moment: 今天 18:00; the end of a day as that day's 24:00."""
    return formats.due_moment(when, now=timezone.now()) if when is not None else ""


@register.filter
def iso(when: datetime | None) -> str:
    """The moment for machines."""
    return when.isoformat() if when else ""


@register.filter
def clause(key: str | None) -> str:
    """Return the number of a clause as people know it."""
    return clausewords.known(key or "")


@register.filter
def all_clauses(keys: Iterable[str] | None) -> str:
    """Return the numbers of clauses as people know them, each once."""
    return "、".join(dict.fromkeys(clausewords.known(key) for key in keys or ()))


@register.filter
def or_dash(value: Any) -> Any:
    """A dash where there is nothing."""
    return formats.NOTHING if value in (None, "") else value


@register.filter
def initial(name: str | None) -> str:
    """The first character of a name, for the round mark."""
    return (name or "？")[0]


@register.filter
def get(values: Mapping[Any, Any] | None, key: Any) -> Any:
    """Look a key up."""
    return (values or {}).get(key)


@register.filter
def joined(values: Iterable[Any] | None) -> str:
    """Several things in one phrase: 甲、乙."""
    return "、".join(str(value) for value in values or ())


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """Return this page's query with these keys changed; an empty value takes the key away."""
    values = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            values.pop(key, None)
        else:
            values[key] = str(value)
    for key in ("after", "before", "part"):
        if key not in changes:
            values.pop(key, None)
    text = values.urlencode()
    return f"?{text}" if text else context["request"].path


@register.simple_tag
def widget(field: Any) -> SafeString:
    """Show the input of a plain Django form field in our own dress."""
    kind = getattr(field.field.widget, "input_type", "")
    attrs = {} if kind in ("checkbox", "radio", "hidden") else {"class": "input"}
    if field.errors:
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{field.id_for_label}_error"
    drawn: SafeString = field.as_widget(attrs=attrs)
    return drawn


@register.filter
def is_group(value: Any) -> bool:
    """Whether a fact is itself a list of facts."""
    return isinstance(value, list)
