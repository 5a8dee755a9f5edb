"""Charts drawn by the server as SVG: lines over time, small trend lines, stacked bars. Colours come from the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Points = Sequence[Decimal | None]


@dataclass(frozen=True)
class Series:
    """One line of a chart: its name, its points (None: no figure), its look (``a`` or ``b``), the words at its end."""

    name: str
    points: Points
    look: str = "a"
    end: str = ""


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return the stretches without a gap."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _path(run: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in run)


def spark(points: Points, *, good: bool | None = None, width: int = 92, height: int = 26) -> SafeString:
    """Return a small trend line; the numbers stand beside it, so readers aloud skip it."""
    known = [point for point in points if point is not None]
    if len(known) < 2:
        return mark_safe("")
    low, high = float(min(known)), float(max(known))
    span = high - low or 1.0
    step = (width - 8) / max(1, len(points) - 1)
    places = [
        None
        if point is None
        else (4 + place * step, 3 + (height - 6) * (0.5 if high == low else 1 - (float(point) - low) / span))
        for place, point in enumerate(points)
    ]
    lines = format_html_join(
        "", '<polyline points="{}"/>', ((_path(run),) for run in _runs(places) if len(run) > 1)
    )
    last = next(place for place in reversed(places) if place is not None)
    look = "spark-bad" if good is False else "spark-plain"
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">{}'
        '<circle cx="{}" cy="{}" r="2.2"/></svg>',
        look, width, height, width, height, lines, f"{last[0]:.1f}", f"{last[1]:.1f}",
    )  # fmt: skip


def _bounds(series: Sequence[Series], target: Decimal | None, share: bool) -> tuple[float, float]:
    known = [float(point) for one in series for point in one.points if point is not None]
    known += [float(target)] if target is not None else []
    if not known:
        return 0.0, 100.0
    low, high = min(known), max(known)
    if share:
        high = 100.0 if high > 60 else max(high, 5.0)
        low = 0.0 if low < 40 else float(int((low - 2) / 10) * 10)
        return low, high if high > low else low + 10
    low = min(0.0, low)
    return low, low + 4 * _tick((high - low) / 4)


def _tick(least: float) -> float:
    """Return the smallest round distance (1, 2, 2.5, 5 or 10 times a power of ten; no part of one) not below ``least``."""
    power = 10.0 ** floor(log10(least)) if least > 1 else 1.0
    return next(
        power * part for part in (1, 2, 2.5, 5, 10) if power * part >= least and (power * part) % 1 == 0
    )


def _written(value: float, share: bool) -> str:
    return (
        f"{value:.0f}%"
        if share
        else f"{value:,.0f}"
        if value == int(value) or value >= 20
        else f"{value:,.1f}"
    )


def lines(
    series: Sequence[Series],
    labels: Sequence[str],
    *,
    target: Decimal | None = None,
    share: bool = True,
    width: int = 700,
    height: int = 246,
    title: str = "",
) -> SafeString:
    """
    Return a chart of lines over time: solid with dots and dashed with squares, the target as a thin dashed line.

    A table with the same numbers belongs beside it.
    """
    keys = width <= 500 and len(series) > 1
    left, right, top, bottom = 42, 104 if width > 500 else 20, 34 if keys else 12, 26
    low, high = _bounds(series, target, share)
    plot_w, plot_h = width - left - right, height - top - bottom
    step = plot_w / max(1, len(labels) - 1)

    def x(place: int) -> float:
        return left + place * step

    def y(value: float) -> float:
        return top + plot_h * (1 - (value - low) / (high - low))

    grid = []
    for part in range(5):
        value = low + (high - low) * part / 4
        grid.append((left, f"{y(value):.1f}", width - right, f"{y(value):.1f}", left - 6, f"{y(value) + 4:.1f}", _written(value, share)))  # fmt: skip
    drawn = [
        format_html_join(
            "",
            '<line class="plot-grid" x1="{}" y1="{}" x2="{}" y2="{}"/><text class="plot-tick" x="{}" y="{}" text-anchor="end">{}</text>',
            grid,
        )
    ]
    every = 1 if width > 500 or len(labels) <= 6 else 2
    drawn.append(
        format_html_join(
            "",
            '<text class="plot-tick" x="{}" y="{}" text-anchor="middle">{}</text>',
            (
                (f"{x(place):.1f}", height - 8, label)
                for place, label in enumerate(labels)
                if (len(labels) - 1 - place) % every == 0
            ),
        )
    )
    if target is not None:
        drawn.append(
            format_html(
                '<line class="plot-target" x1="{}" y1="{}" x2="{}" y2="{}"/>',
                left, f"{y(float(target)):.1f}", width - right, f"{y(float(target)):.1f}",
            )
        )  # fmt: skip
    if keys:
        drawn.append(_keys(series, left))
    ends: list[float] = []
    for one in series:
        places = [None if point is None else (x(at), y(float(point))) for at, point in enumerate(one.points)]
        for run in _runs(places):
            if len(run) > 1:
                drawn.append(
                    format_html(
                        '<polyline class="plot-line plot-line-{}" points="{}"/>', one.look, _path(run)
                    )
                )
        for place in places:
            if place is None:
                continue
            mark = (
                format_html('<circle class="plot-mark plot-mark-a" cx="{}" cy="{}" r="3"/>', f"{place[0]:.1f}", f"{place[1]:.1f}")
                if one.look == "a"
                else format_html(
                    '<rect class="plot-mark plot-mark-b" x="{}" y="{}" width="6" height="6"/>',
                    f"{place[0] - 3:.1f}", f"{place[1] - 3:.1f}",
                )
            )  # fmt: skip
            drawn.append(mark)
        last = next((place for place in reversed(places) if place is not None), None)
        if last is not None and one.end and width > 500:
            at = last[1] + 4
            while any(abs(at - other) < 15 for other in ends):
                at += 15 if at < top + plot_h - 15 else -15
            ends.append(at)
            drawn.append(
                format_html(
                    '<text class="plot-end plot-end-{}" x="{}" y="{}">{}</text>',
                    one.look,
                    f"{last[0] + 8:.1f}",
                    f"{at:.1f}",
                    one.end,
                )
            )
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width, height, title, mark_safe("".join(drawn)),  # noqa: S308 - each piece was escaped above
    )  # fmt: skip


def _keys(series: Sequence[Series], left: float) -> SafeString:
    """Return the names of the lines above the plot, each behind its mark."""
    drawn, x = [], left
    for one in series:
        mark = (
            format_html('<circle class="plot-mark plot-mark-a" cx="{}" cy="12" r="3"/>', f"{x + 3:.1f}")
            if one.look == "a"
            else format_html(
                '<rect class="plot-mark plot-mark-b" x="{}" y="9" width="6" height="6"/>', f"{x:.1f}"
            )
        )
        drawn.append(
            format_html('{}<text class="plot-tick" x="{}" y="16">{}</text>', mark, f"{x + 12:.1f}", one.name)
        )
        x += 28 + 12 * len(one.name)
    return format_html_join("", "{}", ((one,) for one in drawn))


@dataclass(frozen=True)
class Piece:
    """A piece of a bar: how many, its look, where its list is, and its words for readers aloud."""

    count: int
    look: str
    url: str
    words: str


def bars(rows: Sequence[tuple[str, Sequence[Piece], int, str]], *, width: int = 430) -> SafeString:
    """Return stacked bars, one a row of (label, pieces, total, address of the whole); each piece leads to its list."""
    left, right, each = 82, 34, 36
    most = max((total for _, _, total, _ in rows), default=0) or 1
    drawn: list[SafeString] = []
    for place, (label, pieces, total, url) in enumerate(rows):
        top = place * each + 6
        drawn.append(
            format_html(
                '<text class="age-name" x="{}" y="{}" text-anchor="end">{}</text>', left - 10, top + 15, label
            )
        )
        at = float(left)
        for piece in pieces:
            if not piece.count:
                continue
            long = max(4.0, (width - left - right) * piece.count / most - 2)
            drawn.append(
                format_html(
                    '<a href="{}" aria-label="{}"><rect class="age age-{}" x="{}" y="{}" width="{}" height="20" rx="1.5"/></a>',
                    piece.url, piece.words, piece.look, f"{at:.1f}", top, f"{long:.1f}",
                )
            )  # fmt: skip
            at += long + 2
        drawn.append(
            format_html(
                '<a href="{}"><text class="age-count" x="{}" y="{}">{}</text></a>',
                url,
                f"{at + 5:.1f}",
                top + 15,
                total,
            )
            if total
            else format_html('<text class="age-count age-none" x="{}" y="{}">0</text>', left, top + 15)
        )
    height = len(rows) * each + 4
    hatch = format_html(
        '<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="3" height="6"/></pattern></defs>',
        "hatch",
    )
    return format_html(
        '<svg class="plot bars" viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}</svg>',
        width, height, "在办事项按收件天数", hatch, mark_safe("".join(drawn)),  # noqa: S308 - escaped above
    )  # fmt: skip
