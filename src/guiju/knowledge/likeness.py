"""How alike two texts are: the pairs of characters they share, rare ones counting more than those in every text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import log
from typing import TypeVar

T = TypeVar("T")

_RUNS = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
_EMPTY = frozenset(
    "的了是在有我他她们你您和就都不没很这那要会来去上下里外一二三四五六七八九十个次天月年家请说"
)


@lru_cache(maxsize=8192)
def pairs(text: str) -> frozenset[str]:
    """Return the pairs of Chinese characters and the words of a text; pairs of mere function words are left out."""
    found: set[str] = set()
    for run in _RUNS.findall(text.lower()):
        if run[0].isascii():
            found.add(run)
        else:
            found.update(pair for pair in map("".join, itertools.pairwise(run)) if not set(pair) <= _EMPTY)
    return frozenset(found)


def best(
    words: str, texts: Iterable[T], text_of: Callable[[T], str], *, most: int = 5, least: float = 0.08
) -> Sequence[tuple[T, float]]:
    """Return what resembles the words most, with its likeness between 0 and 1, best first; nothing below ``least``."""
    wanted = pairs(words)
    if not wanted:
        return []
    known = [(one, pairs(text_of(one))) for one in texts]
    count = len(known)
    often: dict[str, int] = {}
    for _, theirs in known:
        for pair in theirs & wanted:
            often[pair] = often.get(pair, 0) + 1
    weight = {pair: log(1 + count / (1 + often.get(pair, 0))) + 0.1 for pair in wanted}
    whole = sum(weight.values())
    scored = [(one, sum(weight[pair] for pair in theirs & wanted) / whole) for one, theirs in known]
    found = [(one, score) for one, score in scored if score >= least]
    return sorted(found, key=lambda pair: -pair[1])[:most]
