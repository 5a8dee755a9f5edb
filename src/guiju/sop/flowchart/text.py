"""How wide a text is, and where it breaks. Chinese characters are square; Latin ones are a little over half."""

from __future__ import annotations

import unicodedata


def width(text: str, size: float) -> float:
    """Return the width of a text in pixels at a font size."""
    return sum(size * _share(letter) for letter in text)


def _share(letter: str) -> float:
    if letter == " ":
        return 0.3
    return 1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.57


def lines(text: str, size: float, room: float, most: int = 3) -> list[str]:
    """
    Break a text into lines that fit the room, if possible after 、 or → and never before a closing mark; what does not
    fit into ``most`` lines ends in ``…``.
    """
    found: list[str] = []
    here = ""
    for letter in text:
        if width(here + letter, size) > room and here and letter not in "，。；：、）」》":
            kept = _good_break(here)
            found.append(here[:kept].rstrip())
            here = (here[kept:] + letter).lstrip()
        else:
            here += letter
    if here:
        found.append(here.rstrip())
    if len(found) > most:
        found = found[:most]
        found[-1] = found[-1][:-1] + "…"
    return found


def _good_break(line: str) -> int:
    """Return after how many letters a full line is broken: at the last separator, unless that wastes half of it."""
    last = max(line.rfind(mark) + len(mark) if mark in line else 0 for mark in ("、", "，", "→ ", "至 "))
    return last if last * 2 >= len(line) else len(line)
