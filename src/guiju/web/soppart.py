"""A part of an SOP as one form: how it looks now, and how what was filled in goes back into the content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from guiju.kernel.duration import BadLimit, Limit
from guiju.kernel.forms import Form
from guiju.org import posts
from guiju.sop import content as contents
from guiju.sop.content import Content
from guiju.web.sopfields import Choices


@dataclass(frozen=True)
class Part:
    """A part of a document that is edited by itself. ``row`` is what it says now, to notice somebody else's change."""

    kind: str
    name: str
    title: str
    form: type[Form]
    row: Any
    typed: dict[str, Any]
    apply: Callable[[Content, Any], Content]
    choices: Choices = field(default_factory=dict)
    summary: str = ""
    words: str = ""
    law: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """Its title without the kind: what stands between the quotes."""
        return self.title.split("「", 1)[-1].rstrip("」")

    @property
    def key(self) -> str:
        """Its place in the document, for addresses and anchors."""
        return f"{self.kind}-{self.name}" if self.name else self.kind

    @property
    def digest(self) -> str:
        """A digest of what it says now."""
        return contents.digest({"row": self.row})


def without_empty(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row without what says nothing."""
    return {key: value for key, value in row.items() if value not in ("", None, [], ())}


def post_choices(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return posts as choices."""
    return [(code, posts.label(code)) for code in codes]


def all_posts() -> list[tuple[str, str]]:
    """Return every post as a choice."""
    return [(kind.code, kind.name) for kind in posts.POSTS]


def clause_choices(content: Content) -> list[tuple[str, str]]:
    """Return the clauses of a document as choices, by number and first words."""
    return [
        (row["id"], f"{row['number']}　{shortened(row['words'])}（{row['id']}）")
        for row in content.get("clauses", [])
    ]


def shortened(words: str, most: int = 22) -> str:
    """Return words cut to a length."""
    return words if len(words) <= most else words[: most - 1] + "…"


def ticks(label: str, choices: Sequence[tuple[str, str]], help: str = "") -> Any:
    """Return a field of choices to tick."""
    made: Any = Field(
        title=label,
        description=help or None,
        default_factory=list,
        json_schema_extra={"choices": dict(choices)},
    )
    return (list[str], made)


def check_limit(limit: str, path: str, label: str, wrong: dict[str, str]) -> None:
    """Note under ``path`` what is wrong with a limit."""
    try:
        Limit.parse(limit)
    except BadLimit as error:
        wrong[path] = f"{label}：{str(error).rstrip('。')}"


def replaced(content: Content, key: str, named: str, name: str, row: dict[str, Any]) -> Content:
    """Return the content with one row of a list replaced."""
    changed = deepcopy(content)
    changed[key] = [row if old[named] == name else old for old in changed[key]]
    return changed


def in_order(before: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """Return what was chosen: what stood there before in its order, what is new behind it."""
    return [one for one in before if one in chosen] + [one for one in chosen if one not in before]


def codes_of(given: Sequence[Any], key: str, stem: str) -> list[str]:
    """Return a code for each row: the one it has, or a new one that nobody has."""
    used = {getattr(row, key) for row in given if getattr(row, key)}
    found: list[str] = []
    for row in given:
        name = getattr(row, key)
        number = len(found) + 1
        while not name or (name in found):
            name = f"{stem}_{number}"
            number += 1
            if name in used:
                name = ""
        found.append(name)
    return found
