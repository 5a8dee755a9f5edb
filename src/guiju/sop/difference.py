"""What changes between two versions, in sentences that a person can decide on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guiju.org import posts
from guiju.sop import content as contents

_HEAD = ("title", "purpose", "scope", "department", "category")
_LISTS = ("clauses", "steps", "clocks", "settings", "kpis", "forms", "related", "parts")


def difference(old: contents.Content, new: contents.Content) -> list[str]:
    """Return one sentence per change, in the order of the document; empty if the two say the same."""
    found = [
        f"{contents.WORDS[key]}：{_said(old.get(key))} → {_said(new.get(key))}"
        for key in _HEAD
        if old.get(key) != new.get(key)
    ]
    for key in _LISTS:
        found += _rows(contents.WORDS[key], contents.NAMED_BY[key], old.get(key, []), new.get(key, []))
    return found


def _rows(
    word: str, named_by: str, old: list[dict[str, Any]], new: list[dict[str, Any]], before: str = ""
) -> Iterator[str]:
    was = {row[named_by]: row for row in old}
    now = {row[named_by]: row for row in new}
    for name, row in now.items():
        head = f"{before}{word}「{_name(row, named_by)}」"
        if name not in was:
            yield f"增加{head}"
        elif row != was[name]:
            yield from _row(head, was[name], row)
    for name, row in was.items():
        if name not in now:
            yield f"取消{before}{word}「{_name(row, named_by)}」"


def _row(head: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*was, *now]):
        old, new = was.get(key), now.get(key)
        if old == new:
            continue
        if key in {"points", "sections"}:
            yield from _rows(contents.WORDS[key], contents.NAMED_BY[key], old or [], new or [], f"{head}的")
        else:
            yield f"{head}的{contents.WORDS.get(key, key)}：{_said(old)} → {_said(new)}"


def _name(row: Mapping[str, Any], named_by: str) -> str:
    if named_by == "id":
        return str(row.get("number"))
    return str(row.get("label") or row.get("title") or row[named_by])


def _said(value: Any) -> str:
    """Write a value as people read it."""
    match value:
        case None | "" | []:
            return "（无）"
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(_said(part) for part in value)
        case {"order": order, "post": post}:
            when = f"（{value['when']}）" if value.get("when") else ""
            return f"{order} {posts.label(post)}{when}"
        case {"after": after, "post": post}:
            return f"{after}报{posts.label(post)}"
        case dict():
            return "，".join(f"{contents.WORDS.get(key, key)} {_said(part)}" for key, part in value.items())
        case str() if value in posts.BY_CODE:
            return posts.label(value)
    return f"「{value}」"
