"""Expected refusals: what the kernel says when an act may not be taken. Their text is fit for the user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One sentence that says why not, with the clause it rests on (its id in the clause inventory, or a law)."""

    text: str
    clause: str = ""
    kind: str = "need"
    key: str = ""

    def __str__(self) -> str:
        return self.text


class Refused(Exception):
    """The act was not taken and nothing was changed."""

    status = 422
    title = "暂不能办理"

    def __init__(self, reasons: Sequence[Reason] | str) -> None:
        self.reasons: tuple[Reason, ...] = (Reason(reasons),) if isinstance(reasons, str) else tuple(reasons)
        super().__init__("；".join(reason.text for reason in self.reasons))


class NotReady(Refused):
    """A need or control point of the step is not met."""


class BadlyFilled(Refused):
    """What was given does not fit the form of the step. ``errors`` maps a field's path to its sentence."""

    title = "填写有误"

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__([Reason(text, kind="field", key=path) for path, text in errors.items()])


class NotYourPost(Refused):
    """The person holds none of the posts that may take the step in this scope."""

    status = 403
    title = "不在你的岗位职责内"


class SomebodyWasFaster(Refused):
    """The case, unit or request moved on since it was read."""

    status = 409
    title = "已有人先办了"


class NoSuchStep(Refused):
    """The process does not know this step."""

    status = 404
    title = "没有这一步"
