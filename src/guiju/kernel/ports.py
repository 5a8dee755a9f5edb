"""What the kernel must ask of the apps above it, as small protocols that they register when they start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from guiju.kernel.policy import Policy


class Actor(Protocol):
    """Whoever takes a step: a person with a key and a name."""

    @property
    def pk(self) -> int: ...


class People(Protocol):
    """Answers which posts a person holds. Implemented by ``org``."""

    def posts_of(
        self, person_id: int, *, company_id: int, project_id: int | None, at: datetime
    ) -> dict[str, int | None]:
        """Return post code -> person on whose behalf (``None``: the person's own post)."""

    def holders(self, post: str, *, company_id: int, project_id: int | None, at: datetime) -> list[int]: ...

    def duty_post(
        self, process: str, step: str, posts: Sequence[str], *, company_id: int, at: datetime
    ) -> str:
        """Return which of the posts that may take a step its to-do goes to, in a case opened at the moment."""

    def superior(self, post: str) -> str | None: ...

    def delegates_of(self, person_id: int, *, at: datetime) -> set[int]: ...

    def name(self, person_id: int) -> str: ...

    def post_label(self, post: str) -> str: ...


class Policies(Protocol):
    """Answers which SOP version governs a case. Implemented by ``sop``."""

    def current(self, process: str, *, company_id: int, project_id: int | None, at: datetime) -> Policy: ...

    def get(self, version_id: int) -> Policy: ...


class Scopes(Protocol):
    """Answers what a scope (a project) is called. Implemented by ``estate``."""

    def code(self, scope_id: int) -> str: ...


_people: People | None = None
_policies: Policies | None = None
_scopes: Scopes | None = None


class NotRegistered(RuntimeError):
    """An app that the kernel relies on did not register its port."""


def register_people(port: People) -> None:
    """Name the answerer of questions about people."""
    global _people
    _people = port


def register_policies(port: Policies) -> None:
    """Name the answerer of questions about SOP versions."""
    global _policies
    _policies = port


def register_scopes(port: Scopes) -> None:
    """Name the answerer of questions about scopes."""
    global _scopes
    _scopes = port


def people() -> People:
    """Return the registered people port.

    :raises NotRegistered: no app registered one.
    """
    if _people is None:
        raise NotRegistered("No app registered the people port.")
    return _people


def policies() -> Policies:
    """Return the registered policies port.

    :raises NotRegistered: no app registered one.
    """
    if _policies is None:
        raise NotRegistered("No app registered the policies port.")
    return _policies


def scope_code(scope_id: int | None) -> str:
    """Return the code that numbers of this scope carry (``GS`` for the company itself)."""
    if scope_id is None or _scopes is None:
        return "GS"
    return _scopes.code(scope_id)
