"""Draws a laid-out chart as SVG.

Colours are presentation attributes, so that the file stands alone (print, PDF, other programs); ``sop/flowchart.css``
repaints the same classes with the page's tokens, light and dark. There is no style element and no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import pairwise

from guiju.sop.flowchart import layout, text
from guiju.sop.flowchart.chart import Chart, Live
from guiju.sop.flowchart.layout import INDEX, LABEL, LINE, PAD, SMALL, TITLE, Card, Group, Placed, Plan

FACE = (
    "PingFang SC, HarmonyOS Sans SC, MiSans, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, "
    "Source Han Sans SC, Noto Sans CJK JP, sans-serif"
)
INK, INK_2, INK_3 = "#1a2330", "#465060", "#5f6b7a"
LINE_INK, LINE_2, SURFACE, SURFACE_2 = "#e2e6eb", "#c6ced8", "#ffffff", "#f8f9fb"
BRAND, BRAND_WEAK, BRAND_LINE = "#2257a8", "#eaf1fb", "#b9d0f0"
OK, OK_BG, OK_LINE = "#0d6a45", "#e4f4eb", "#a6d8bd"
RISK = "#854600"
HOLD, HOLD_BG, HOLD_LINE = "#4d5866", "#eef0f3", "#8590a0"

_STROKES = {"main": (BRAND, 2.0, ""), "side": (HOLD_LINE, 1.4, ""), "back": (RISK, 1.4, "5 4")}


def draw(
    chart: Chart,
    *,
    live: Live | None = None,
    links: Mapping[str, str] | None = None,
    name: str = "flow",
    heading: bool = False,
) -> str:
    """
    Return the chart as SVG text.

    ``live`` marks where a case is; ``links`` leads from a step's name to an address; ``name`` makes ids unique on a
    page; ``heading`` prints title, number and version above the chart, for paper.
    """
    plan = layout.plan(chart)
    top = 44.0 if heading else 0.0
    where = live or Live()
    # A picture may hold nothing that can be pressed.
    role = "group" if links else "img"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" viewBox="0 0 {_n(plan.width)} {_n(plan.height + top)}" '
            f'width="{_n(plan.width)}" height="{_n(plan.height + top)}" role="{role}" aria-labelledby="{name}-title {name}-desc" '
            f'font-family="{escape(FACE)}">'
        ),
        f'<title id="{name}-title">{escape(chart.title)}流程图</title>',
        f'<desc id="{name}-desc">{escape(_description(chart, where))}</desc>',
        f'<rect class="flow-ground" width="100%" height="100%" fill="{SURFACE}"/>',
    ]
    if heading:
        parts += _heading(chart, plan.width)
    parts.append(f'<g transform="translate(0 {_n(top)})">')
    for x, y, words in plan.captions:
        parts.append(_text(x, y + 6, words, SMALL, INK_3, "flow-caption", anchor="middle"))
    parts += _bars(plan)
    parts += _lines(plan, where)
    parts += _joints(plan)
    parts += [_start(plan)]
    for state in plan.states.values():
        parts.append(_state(state, where))
    for group in plan.groups:
        parts.append(_group(group, where, links or {}))
    for card in plan.cards:
        parts.append(_card(card, where, links or {}))
    parts += ["</g>", "</svg>"]
    return "\n".join(parts)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _text(
    x: float, y: float, words: str, size: float, fill: str, kind: str, *, bold: bool = False, anchor: str = ""
) -> str:
    weight = ' font-weight="600"' if bold else ""
    align = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{fill}"{weight}{align}>{escape(words)}</text>'


def _description(chart: Chart, live: Live) -> str:
    way = "，".join(chart.boxes[value].label for value in chart.spine)
    others = "、".join(box.label for value, box in chart.boxes.items() if value not in chart.spine)
    words = f"办理顺序：{way}。"
    if others:
        words += f"其他去向：{others}。"
    if live.here:
        words += f"现在是：{chart.boxes[live.here].label}。"
    return words


def _heading(chart: Chart, width: float) -> list[str]:
    left = layout.MARGIN
    code = "，".join(part for part in (chart.code, f"版本 {chart.version}" if chart.version else "") if part)
    return [
        _text(left, 30, chart.title, 19, INK, "flow-name", bold=True),
        _text(width - left, 30, code, 13, INK_2, "flow-code", anchor="end"),
        f'<path class="flow-rule" d="M{_n(left)} 43H{_n(width - left)}" stroke="{LINE_2}" fill="none"/>',
    ]


def _bars(plan: Plan) -> list[str]:
    found = []
    for group in plan.groups:
        low, high = group.span
        y = group.at.y + 14
        x = group.bar
        joint = f"M{_n(group.at.right)} {_n(y)}H{_n(x)}"
        if y < low:
            joint += f"V{_n(low)}"
        elif y > high:
            joint += f"V{_n(high)}"
        found.append(
            f'<path class="flow-joint" d="{joint}" stroke="{HOLD_LINE}" fill="none" stroke-dasharray="2 3"/>'
        )
        found.append(
            f'<path class="flow-bar" d="M{_n(x)} {_n(low)}V{_n(high)}" stroke="{BRAND_LINE}" stroke-width="5" '
            'stroke-linecap="round" fill="none"/>'
        )
        found += [
            f'<circle class="flow-dot" cx="{_n(x)}" cy="{_n(dot)}" r="3.5" fill="{BRAND}"/>'
            for dot in group.dots
        ]
    return found


def _lines(plan: Plan, live: Live) -> list[str]:
    """Draw the lines: quiet ones first, each over a halo, so that crossings read as bridges."""
    found = []
    order = {"side": 0, "back": 1, "main": 2}
    for line in sorted(plan.lines, key=lambda line: order[line.kind]):
        stroke, width, dash = _STROKES[line.kind]
        path = _path(line.points)
        done = " is-done" if line.act in live.taken else ""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        found.append(
            f'<path class="flow-halo" d="{path}" stroke="{SURFACE}" stroke-width="{_n(width + 4)}" fill="none"/>'
        )
        found.append(
            f'<path class="flow-line flow-{line.kind}{done}" d="{path}" stroke="{stroke}" stroke-width="{_n(width)}" '
            f'fill="none" stroke-linejoin="round"{dashes}/>'
        )
        if line.arrow:
            found.append(_arrow(line.points, stroke, f"flow-tip flow-{line.kind}{done}"))
    return found


def _joints(plan: Plan) -> list[str]:
    """Draw where lines of one step meet, and which step leaves a state at which port."""
    found = [
        f'<circle class="flow-joined" cx="{_n(x)}" cy="{_n(y)}" r="2.8" fill="{HOLD_LINE}"/>'
        for x, y in plan.joints
    ]
    for x, y, index in plan.ports:
        wide = 8 if index < 10 else 14
        found.append(
            f'<rect class="flow-halo" x="{_n(x - wide / 2)}" y="{_n(y - 6)}" width="{wide}" height="12" fill="{SURFACE}" '
            f'stroke="none"/>' + _text(x, y + 4, str(index), 11, INK_3, "flow-number", anchor="middle")
        )
    return found


def _path(points: list[tuple[float, float]]) -> str:
    """Write a path with rounded corners."""
    clean = [points[0], *(p for before, p in pairwise(points) if p != before)]
    found = f"M{_n(clean[0][0])} {_n(clean[0][1])}"
    for index in range(1, len(clean)):
        x, y = clean[index]
        if index == len(clean) - 1:
            found += f"L{_n(x)} {_n(y)}"
            continue
        (px, py), (nx, ny) = clean[index - 1], clean[index + 1]
        radius = min(7.0, (abs(x - px) + abs(y - py)) / 2, (abs(nx - x) + abs(ny - y)) / 2)
        ax, ay = x - _sign(x - px) * radius, y - _sign(y - py) * radius
        bx, by = x + _sign(nx - x) * radius, y + _sign(ny - y) * radius
        found += f"L{_n(ax)} {_n(ay)}Q{_n(x)} {_n(y)} {_n(bx)} {_n(by)}"
    return found


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _arrow(points: list[tuple[float, float]], fill: str, kind: str) -> str:
    (px, py), (x, y) = [p for p in points if p != points[-1]][-1], points[-1]
    dx, dy = _sign(round(x - px, 3)), _sign(round(y - py, 3))
    if dx:
        tip = f"M{_n(x)} {_n(y)}l{_n(-dx * 9)} -5v10z"
    else:
        tip = f"M{_n(x)} {_n(y)}l-5 {_n(-dy * 9)}h10z"
    return f'<path class="{kind}" d="{tip}" fill="{fill}"/>'


def _start(plan: Plan) -> str:
    x, y = plan.start
    return f'<circle class="flow-start" cx="{_n(x)}" cy="{_n(y)}" r="8" fill="{BRAND}"/>'


def _state(placed: Placed, live: Live) -> str:
    at, value = placed.at, placed.box.value
    fill, stroke, ink, small = SURFACE, BRAND, INK, INK_3
    kind = "flow-state"
    if placed.box.ends:
        fill, stroke = (OK_BG, OK) if placed.good else (HOLD_BG, HOLD_LINE)
        kind += " is-good" if placed.good else " is-end"
    if value == live.here:
        fill, stroke, ink, small = BRAND, BRAND, "#ffffff", "#ffffff"
        kind += " is-here"
    elif value in live.past:
        fill = BRAND_WEAK
        kind += " is-past"
    radius = min(at.h / 2, 26) if placed.box.ends else 8
    parts = [
        f'<g class="{kind}" data-state="{escape(value)}">',
        (
            f'<rect x="{_n(at.x)}" y="{_n(at.y)}" width="{_n(at.w)}" height="{_n(at.h)}" rx="{_n(radius)}" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="{"2" if placed.good or value == live.here else "1.5"}"/>'
        ),
    ]
    tall = TITLE * len(placed.label) + LINE * len(placed.limits)
    y = at.centre - tall / 2
    for words in placed.label:
        mark = "现在：" if value == live.here and words == placed.label[0] else ""
        parts.append(
            _text(at.middle, y + 15.5, mark + words, LABEL + 1, ink, "flow-label", bold=True, anchor="middle")
        )
        y += TITLE
    for words in placed.limits:
        parts.append(_clock(at.middle - text.width(words, SMALL) / 2 - 9, y + 8.5, small))
        parts.append(_text(at.middle + 8, y + 13, words, SMALL, small, "flow-hint", anchor="middle"))
        y += LINE
    parts.append("</g>")
    return "".join(parts)


def _clock(x: float, y: float, ink: str) -> str:
    return (
        f'<g class="flow-clock" stroke="{ink}" fill="none" stroke-width="1.2"><circle cx="{_n(x)}" cy="{_n(y)}" r="5"/>'
        f'<path d="M{_n(x)} {_n(y - 3)}V{_n(y)}H{_n(x + 2.5)}"/></g>'
    )


def _card(card: Card, live: Live, links: Mapping[str, str]) -> str:
    at, act = card.at, card.act
    done = act.name in live.taken
    stroke = OK_LINE if done else (BRAND_LINE if act.main else LINE_2)
    fill = BRAND_WEAK if act.main and not done else (OK_BG if done else SURFACE_2)
    kind = "flow-step" + (" is-main" if act.main else "") + (" is-done" if done else "")
    parts = [
        f'<g class="{kind}" data-step="{escape(act.name)}">',
        f'<rect x="{_n(at.x)}" y="{_n(at.y)}" width="{_n(at.w)}" height="{_n(at.h)}" rx="6" fill="{fill}" stroke="{stroke}"/>',
        _badge(at.x + PAD + 9, at.y + PAD + 9, act.index, done=done),
    ]
    y = at.y + PAD
    for words in card.label:
        parts.append(_text(at.x + PAD + INDEX, y + 14, words, LABEL, INK, "flow-label", bold=True))
        y += TITLE
    for words in card.hints:
        parts.append(_text(at.x + PAD, y + 12.5, words, SMALL, INK_2, "flow-hint"))
        y += LINE
    if card.number:
        stamp = live.taken.get(act.name, "")
        parts.append(_text(at.x + PAD, y + 12.5, card.number, SMALL, BRAND, "flow-clause"))
        if stamp:
            parts.append(_text(at.right - PAD, y + 12.5, stamp, SMALL, OK, "flow-stamp", anchor="end"))
    parts.append("</g>")
    return _linked("".join(parts), act.name, links)


def _badge(x: float, y: float, index: int, *, done: bool) -> str:
    if done:
        return (
            f'<g class="flow-tick"><circle cx="{_n(x)}" cy="{_n(y)}" r="9" fill="{OK}"/>'
            f'<path d="M{_n(x - 4)} {_n(y)}l3 3l5 -6" stroke="#ffffff" stroke-width="1.8" fill="none"/></g>'
        )
    return (
        f'<g class="flow-index"><circle cx="{_n(x)}" cy="{_n(y)}" r="9" fill="{SURFACE}" stroke="{HOLD_LINE}"/>'
        + _text(x, y + 4, str(index), 11, INK_2, "flow-number", anchor="middle")
        + "</g>"
    )


def _group(group: Group, live: Live, links: Mapping[str, str]) -> str:
    at = group.at
    parts = [
        '<g class="flow-group">',
        f'<rect x="{_n(at.x)}" y="{_n(at.y)}" width="{_n(at.w)}" height="{_n(at.h)}" rx="6" fill="{SURFACE}" stroke="{LINE_2}"/>',
    ]
    y = at.y + PAD
    for words in group.heading:
        parts.append(_text(at.x + PAD, y + 12, words, SMALL, INK_3, "flow-hint"))
        y += LINE
    for card in group.cards:
        done = card.act.name in live.taken
        inner = [f'<g class="flow-step{" is-done" if done else ""}" data-step="{escape(card.act.name)}">']
        top = card.at.y
        inner.append(_badge(card.at.x + 9, top + 11, card.act.index, done=done))
        for words in card.label:
            inner.append(_text(card.at.x + INDEX, top + 16, words, LABEL, INK, "flow-label", bold=True))
            top += TITLE
        for words in card.hints:
            inner.append(_text(card.at.x + INDEX, top + 14, words, SMALL, INK_2, "flow-hint"))
            top += LINE
        inner.append("</g>")
        parts.append(_linked("".join(inner), card.act.name, links))
    parts.append("</g>")
    return "".join(parts)


def _linked(drawn: str, name: str, links: Mapping[str, str]) -> str:
    return f'<a href="{escape(links[name])}">{drawn}</a>' if name in links else drawn
