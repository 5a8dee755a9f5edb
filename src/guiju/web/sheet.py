"""A form on a page: made from a kernel form, read back, with every mistake beside its field and nothing typed lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.http import HttpRequest

from guiju.kernel import forms
from guiju.kernel.forms import Form
from guiju.kernel.refusals import BadlyFilled
from guiju.web import stepform
from guiju.web.stepform import Field

F = TypeVar("F", bound=Form)
Choice = Sequence[tuple[str, str]]


@dataclass
class Sheet(Generic[F]):
    """
    A form with what was typed into it. ``prefix`` keeps several forms of one page apart; ``choices`` gives the
    choices of fields by name (``rows.person`` within a group), for those that the form itself cannot know; ``order`` names the fields that come
    first.
    """

    form: type[F]
    prefix: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    sent: bool = False
    order: Sequence[str] = ()

    def take(self, request: HttpRequest) -> F | None:
        """Read what was posted; None if it does not fit the form, or if only another empty row was asked for."""
        self.sent = True
        self.typed = stepform.read(self.form, request.POST, prefix=self.prefix)
        if "add" in request.POST:
            rows = self.typed.setdefault(request.POST["add"].removeprefix(self.prefix), [])
            if isinstance(rows, list):
                rows.append({})
            return None
        try:
            given = forms.parse(self.form, self.typed, prefix=self.prefix)
        except BadlyFilled as wrong:
            self.errors = dict(wrong.errors)
            return None
        self._check(given, "")
        return None if self.errors else given

    def _check(self, given: Form, path: str) -> None:
        """Refuse what is not among the choices that this page offered."""
        for name in type(given).model_fields:
            value, here = getattr(given, name), f"{path}{name}"
            if isinstance(value, list):
                for place, row in enumerate(value):
                    if isinstance(row, Form):
                        self._check(row, f"{here}.{place}.")
            elif (choices := self._choices(self.prefix + here)) is not None and value not in (None, ""):
                if str(value) not in {key for key, _ in choices}:
                    self.errors[self.prefix + here] = "请从所列的选项中选"

    def refuse(self, refused: Exception, *, beside: str = "") -> None:
        """Show why an operation refused: beside a field, or above the form."""
        reasons = getattr(refused, "reasons", None) or [refused]
        words = [str(getattr(reason, "text", reason)) for reason in reasons]
        if beside:
            label = self.form.model_fields[beside].title or beside
            self.errors[self.prefix + beside] = f"{label}：{'；'.join(words)}"
        else:
            self.refusals += words

    @property
    def status(self) -> int:
        """200, or 422 when something was refused."""
        return 422 if self.errors or self.refusals else 200

    @property
    def open(self) -> bool:
        """Whether the form stands open on its page: somebody sent it."""
        return self.sent

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields as the page shows them. Asked for when everything is known."""
        found = stepform.fields_of(
            self.form,
            self.typed,
            self.errors,
            prefix=self.prefix,
            choices=self._choices if self.choices else None,
        )
        if not self.order:
            return found
        place = {self.prefix + name: at for at, name in enumerate(self.order)}
        return tuple(sorted(found, key=lambda one: place.get(one.name, len(place))))

    @property
    def mistakes(self) -> list[tuple[str, str, str]]:
        """(id, label, error) of every wrong field, in the order of the page."""
        return stepform.summary(self.fields)

    def _choices(self, path: str) -> Choice | None:
        parts = path.removeprefix(self.prefix).split(".")
        return self.choices.get(
            ".".join(part for part in parts if not part.isdigit() and part != stepform.MARK)
        )
