"""Where everything of a flowchart stands.

The way to the good end runs down the middle. Steps that lead back hang to the left of the state they leave; states
off the way stand to the right, with the steps that lead there before them; steps that change nothing but the record
are listed at the far left, beside the states in which they are open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from guiju.sop.flowchart import text
from guiju.sop.flowchart.chart import Act, Box, Chart

STATE, CARD, ASIDE, SIDE = 212.0, 212.0, 268.0, 168.0
LABEL, SMALL = 14.0, 12.0
LINE, TITLE = 17.0, 20.0
PAD = 9.0
LANE = 15.0
MARGIN = 22.0
ARROW = 24.0
INDEX = 26.0
PORT = 17.0


@dataclass
class Rect:
    """A rectangle."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def middle(self) -> float:
        return self.x + self.w / 2

    @property
    def centre(self) -> float:
        return self.y + self.h / 2


@dataclass
class Placed:
    """A state in its place, with the lines of text inside."""

    box: Box
    at: Rect
    label: list[str]
    limits: list[str]
    good: bool = False


@dataclass
class Card:
    """A step in its place."""

    act: Act
    at: Rect
    label: list[str]
    hints: list[str]
    number: str


@dataclass
class Group:
    """Steps that may be taken any time in the same states: a list beside them."""

    sources: tuple[str, ...]
    heading: list[str]
    cards: list[Card]
    at: Rect
    bar: float = 0.0
    span: tuple[float, float] = (0.0, 0.0)
    dots: list[float] = field(default_factory=list)


@dataclass
class Line:
    """A line through points; ``kind`` is main, way, back or side; ``arrow`` at its end."""

    points: list[tuple[float, float]]
    kind: str
    act: str
    arrow: bool = True


@dataclass
class Plan:
    """The whole drawing."""

    width: float
    height: float
    states: dict[str, Placed]
    cards: list[Card]
    groups: list[Group]
    lines: list[Line]
    start: tuple[float, float]
    captions: list[tuple[float, float, str]]
    joints: list[tuple[float, float]]
    ports: list[tuple[float, float, int]]


def _card(act: Act, w: float = CARD) -> Card:
    """Return a step's card, as high as its text, at no place yet."""
    label = text.lines(act.label, LABEL, w - 2 * PAD - INDEX, 2)
    hints = text.lines(act.posts, SMALL, w - 2 * PAD, 2)
    if act.approval:
        hints += text.lines(f"审批：{act.approval}", SMALL, w - 2 * PAD, 2)
    number = act.number
    return Card(act, Rect(0, 0, w, _card_height(label, hints, number)), label, hints, number)


def _card_height(label: Sequence[str], hints: Sequence[str], number: str) -> float:
    return 2 * PAD + TITLE * len(label) + LINE * (len(hints) + bool(number)) - 2


def _state(box: Box, w: float, good: bool = False) -> Placed:
    label = text.lines(box.label, LABEL + 1, w - 2 * PAD, 2)
    limits: list[str] = []
    for limit in box.limits:
        limits += text.lines(limit, SMALL, w - 2 * PAD - 18, 2)
    return Placed(box, Rect(0, 0, w, 22 + TITLE * len(label) + LINE * len(limits)), label, limits, good)


def plan(chart: Chart) -> Plan:
    """Lay a chart out."""
    return _Planner(chart).plan()


class _Planner:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.spine = list(chart.spine)
        self.row = {value: index for index, value in enumerate(self.spine)}
        self.sides = [value for value in chart.boxes if value not in self.row]
        self.states: dict[str, Placed] = {}
        self.cards: list[Card] = []
        self.leaving: dict[tuple[str, str], Card] = {}
        self.lines: list[Line] = []
        self.captions: list[tuple[float, float, str]] = []
        self.joints: list[tuple[float, float]] = []
        self.ports: list[tuple[float, float, int]] = []

    def plan(self) -> Plan:
        self._sort_acts()
        self._columns()
        bottom = self._place_spine()
        bottom = max(bottom, self._place_sides())
        bottom = max(bottom, self._place_groups())
        self._draw_loops()
        self._draw_exits()
        width = self.x_end + MARGIN
        return Plan(
            width,
            bottom + MARGIN,
            self.states,
            self.cards,
            self.groups,
            self.lines,
            self.start,
            self.captions,
            self.joints,
            self.ports,
        )

    # --- what goes where ---------------------------------------------------------------------------------------------
    def _sort_acts(self) -> None:
        self.forward: dict[int, list[Act]] = {}
        self.loops: list[tuple[str, Act, Card]] = []
        self.exits: dict[str, list[Act]] = {}
        self.returns: list[tuple[str, Act]] = []
        for act in self.chart.moves():
            assert act.target is not None
            from_spine = [source for source in act.sources if source in self.row]
            from_side = [source for source in act.sources if source not in self.row]
            self.returns += [(source, act) for source in from_side]
            if act.target not in self.row:
                if from_spine:
                    self.exits.setdefault(act.target, []).append(act)
                continue
            goal = self.row[act.target]
            for source in from_spine:
                if self.row[source] == goal - 1:
                    self.forward.setdefault(goal - 1, []).append(act)
                else:
                    self.loops.append((source, act, _card(act)))
        grouped: dict[tuple[str, ...], list[Act]] = {}
        for act in self.chart.stays():
            live = tuple(source for source in act.sources if not self.chart.boxes[source].ends) or act.sources
            grouped.setdefault(live, []).append(act)
        self.groups = [self._group(sources, acts) for sources, acts in grouped.items()]
        self.groups.sort(key=lambda group: (min(self._rows(group.sources)), max(self._rows(group.sources))))

    def _rows(self, sources: Iterable[str]) -> list[int]:
        return [self.row[source] for source in sources if source in self.row] or [len(self.spine) - 1]

    def _group(self, sources: tuple[str, ...], acts: list[Act]) -> Group:
        rows = self._rows(sources)
        labels = [self.chart.boxes[source].label for source in sources]
        whole = len(rows) == len(sources) > 2 and max(rows) - min(rows) == len(rows) - 1
        names = (
            f"{self.chart.boxes[self.spine[min(rows)]].label} 至 {self.chart.boxes[self.spine[max(rows)]].label}"
            if whole
            else "、".join(labels)
        )
        heading = text.lines(names, SMALL, ASIDE - 2 * PAD, 3)
        cards = []
        for act in acts:
            room = ASIDE - 2 * PAD - INDEX
            label = text.lines(act.label, LABEL, room, 2)
            whole_hint = "，".join(part for part in (act.posts, act.number) if part)
            if text.width(whole_hint, SMALL) <= room:
                hints = [whole_hint]
            else:
                hints = [*text.lines(act.posts, SMALL, room, 3), act.number]
            if act.approval:
                hints += text.lines(f"审批：{act.approval}", SMALL, ASIDE - 2 * PAD - INDEX, 2)
            height = TITLE * len(label) + LINE * len(hints) + 10
            cards.append(Card(act, Rect(0, 0, ASIDE - 2 * PAD, height), label, hints, ""))
        height = PAD + LINE * len(heading) + 6 + sum(card.at.h for card in cards) + 2
        return Group(sources, heading, cards, Rect(0, 0, ASIDE, height))

    def _columns(self) -> None:
        x = MARGIN
        self.x_aside = x
        if self.groups:
            self.bars = _pack([(min(self._rows(g.sources)), max(self._rows(g.sources))) for g in self.groups])
            x += ASIDE + 16
            for group, lane in zip(self.groups, self.bars, strict=True):
                group.bar = x + 4 + lane * 14
            x += 8 + (max(self.bars) + 1) * 14 + 18
        if self.loops:
            spans = [sorted((self.row[source], self.row[act.target or ""])) for source, act, _ in self.loops]
            self.loop_lanes = _pack([(low, high) for low, high in spans], inner_first=True)
            count = max(self.loop_lanes) + 1
            self.x_loop_lane = x + (count - 1) * LANE + 6
            x += count * LANE + 10
            self.x_loop_card = x
            x += CARD + 28
        self.x_spine = x
        x += STATE
        exits = sum(len(acts) for acts in self.exits.values())
        backs = sum(1 for _, act in self.returns if act.target in self.row)
        if self.sides:
            self.x_lane = x + 22
            x += 22 + (exits + backs) * LANE + 10
            self.x_side_card = x
            x += CARD + ARROW + 6
            self.x_side = x
            x += SIDE
            if any(act.target not in self.row for _, act in self.returns):
                x += 40
        self.x_end = x

    # --- the middle --------------------------------------------------------------------------------------------------
    def _place_spine(self) -> float:
        y = MARGIN + 26
        self.start = (self.x_spine + STATE / 2, y)
        self.captions.append((self.x_spine + STATE / 2, MARGIN + 4, "办理顺序"))
        card = _card(self.chart.opening, STATE)
        card.at.x, card.at.y = self.x_spine, y + 8 + 16
        self.cards.append(card)
        self._down(self.start[1] + 8, card.at.y, "main", card.act.name, arrow=False)
        y = card.at.bottom
        previous = card.act.name
        last = len(self.spine) - 1
        for index, value in enumerate(self.spine):
            placed = _state(self.chart.boxes[value], STATE, good=index == last)
            ports = self._ports(value)
            placed.at.h = max(placed.at.h, 20 + PORT * ports)
            placed.at.x, placed.at.y = self.x_spine, y + ARROW
            self._down(y, placed.at.y, "main", previous)
            self.states[value] = placed
            y = placed.at.bottom
            loops = [card for source, _, card in self.loops if source == value]
            top = placed.at.y + (18 if self._entered(value) else 0)
            for loop in loops:
                loop.at.x, loop.at.y = self.x_loop_card, top
                top = loop.at.bottom + 12
                self.cards.append(loop)
            acts = self.forward.get(index, [])
            for act in acts:
                card = _card(act, STATE)
                card.at.x, card.at.y = self.x_spine, y + 16
                self._down(y, card.at.y, "main", act.name, arrow=False)
                self.cards.append(card)
                y = card.at.bottom
                previous = act.name
            if loops:
                y = max(y, top - 12 + (10 if self._entered(self.spine[min(index + 1, last)]) else 0) - ARROW)
                if acts and y > self.cards[-1].at.bottom:
                    self._stretch(y)
        return y

    def _stretch(self, y: float) -> None:
        """Let the arrow to the next state begin at the card above, where a list of returns pushed the state down."""
        card = (
            self.cards[-1] if self.cards[-1].at.w == STATE and self.cards[-1].at.x == self.x_spine else None
        )
        if card is not None:
            self._down(card.at.bottom, y, "main", card.act.name, arrow=False)

    def _down(self, y1: float, y2: float, kind: str, act: str, *, arrow: bool = True) -> None:
        x = self.x_spine + STATE / 2
        self.lines.append(Line([(x, y1), (x, y2)], kind, act, arrow))

    def _entered(self, value: str) -> bool:
        return any(act.target == value for _, act, _ in self.loops)

    def _ports(self, value: str) -> int:
        out = sum(1 for acts in self.exits.values() for act in acts if value in act.sources)
        back = sum(1 for _, act in self.returns if act.target == value)
        return out + back

    # --- the right ---------------------------------------------------------------------------------------------------
    def _place_sides(self) -> float:
        if not self.sides:
            return 0.0
        self.captions.append((self.x_side + SIDE / 2, MARGIN + 4, "其他去向"))
        stacks: list[tuple[float, str, list[Card], list[Card]]] = []
        for value in self.sides:
            coming = [_card(act) for act in self.exits.get(value, [])]
            leaving = [_card(act) for source, act in self.returns if source == value]
            rows = [self.states[s].at.centre for c in coming for s in c.act.sources if s in self.states]
            wish = sum(rows) / len(rows) if rows else 1e9
            stacks.append((wish, value, coming, leaving))
        stacks.sort(key=lambda stack: stack[0])
        y = self.states[self.spine[0]].at.y
        heights = []
        for _, value, coming, leaving in stacks:
            placed = _state(self.chart.boxes[value], SIDE)
            self.states[value] = placed
            tall = sum(card.at.h for card in coming) + 12 * max(0, len(coming) - 1)
            below = sum(card.at.h + 22 for card in leaving)
            heights.append(max(tall, placed.at.h) + below)
        tops: list[float] = []
        for (wish, _, coming, _), height in zip(stacks, heights, strict=True):
            top = max(y, wish - height / 2) if coming else y
            tops.append(top)
            y = top + height + 24
        limit = max(self.states[self.spine[-1]].at.bottom, tops[0] + sum(heights) + 24 * (len(heights) - 1))
        for index in range(len(tops) - 1, -1, -1):
            tops[index] = min(tops[index], limit - heights[index])
            limit = tops[index] - 24
        for top, height, (_, value, coming, leaving) in zip(tops, heights, stacks, strict=True):
            self._stack(top, height, value, coming, leaving)
        return tops[-1] + heights[-1]

    def _stack(self, top: float, height: float, value: str, coming: list[Card], leaving: list[Card]) -> None:
        placed = self.states[value]
        below = sum(card.at.h + 22 for card in leaving)
        room = height - below
        y = top + (room - sum(card.at.h for card in coming) - 12 * max(0, len(coming) - 1)) / 2
        placed.at.x, placed.at.y = self.x_side, top + (room - placed.at.h) / 2
        for card in coming:
            card.at.x, card.at.y = self.x_side_card, y
            y = card.at.bottom + 12
            self.cards.append(card)
            x = card.at.right + ARROW / 2 + 1
            points = [(card.at.right, card.at.centre)]
            if abs(card.at.centre - placed.at.centre) > 1:
                inside = min(max(card.at.centre, placed.at.y + 10), placed.at.bottom - 10)
                points += [(x, card.at.centre), (x, inside)]
                points.append((placed.at.x, inside))
            else:
                points.append((placed.at.x, placed.at.centre))
            self.lines.append(Line(points, "side", card.act.name))
        y = max([placed.at.bottom, *(card.at.bottom for card in coming)])
        trunk = self.x_side + SIDE - 12
        for card in leaving:
            card.at.x, card.at.y = trunk - 14 - CARD, y + 22
            points = [(trunk, placed.at.bottom), (trunk, card.at.centre), (card.at.right, card.at.centre)]
            if card is not leaving[-1]:
                self.joints.append((trunk, card.at.centre))
            self.lines.append(Line(points, "side", card.act.name, arrow=False))
            y = card.at.bottom
            self.cards.append(card)
            self.leaving[(value, card.act.name)] = card

    # --- the left ----------------------------------------------------------------------------------------------------
    def _place_groups(self) -> float:
        if not self.groups:
            return 0.0
        self.captions.append((self.x_aside + ASIDE / 2, MARGIN + 4, "不改变状态、随时可办"))
        y = MARGIN + 26
        for group in self.groups:
            rows = sorted(self._rows(group.sources))
            first, last = self.states[self.spine[rows[0]]], self.states[self.spine[rows[-1]]]
            group.span = (first.at.y + 6, last.at.bottom - 6)
            group.dots = [self.states[self.spine[row]].at.centre for row in rows]
            group.at.x, group.at.y = self.x_aside, max(y, first.at.y)
            inner = group.at.y + PAD + LINE * len(group.heading) + 6
            for card in group.cards:
                card.at.x, card.at.y = group.at.x + PAD, inner
                inner = card.at.bottom
            y = group.at.bottom + 14
        return y - 14

    # --- lines -------------------------------------------------------------------------------------------------------
    def _draw_loops(self) -> None:
        if not self.loops:
            return
        backwards = any(self.row[act.target or ""] < self.row[source] for source, act, _ in self.loops)
        self.captions.append((self.x_loop_card + CARD / 2, MARGIN + 4, "退回与跳转" if backwards else "跳转"))
        for (source, act, card), lane in zip(self.loops, self.loop_lanes, strict=True):
            assert act.target is not None
            state, goal = self.states[source], self.states[act.target]
            out = min(max(card.at.centre, state.at.y + 8), state.at.bottom - 8)
            elbow = self.x_spine - 14
            points = [(state.at.x, out)]
            if abs(out - card.at.centre) > 1:
                points += [(elbow, out), (elbow, card.at.centre)]
            points.append((card.at.right, card.at.centre))
            self.lines.append(Line(points, "back", act.name, arrow=False))
            x = self.x_loop_lane - lane * LANE
            enter = goal.at.y + 9
            self.lines.append(
                Line(
                    [(card.at.x, card.at.centre), (x, card.at.centre), (x, enter), (goal.at.x, enter)],
                    "back",
                    act.name,
                )
            )

    def _draw_exits(self) -> None:
        ports: dict[str, int] = {}

        def port(value: str) -> float:
            placed = self.states[value]
            used = ports.get(value, 0)
            ports[value] = used + 1
            count = self._ports(value)
            return placed.at.centre + (used - (count - 1) / 2) * PORT

        cards = {(card.act.name, card.at.x): card for card in self.cards}
        wanted: list[tuple[float, Act, Card]] = []
        for acts in self.exits.values():
            for act in acts:
                card = cards[(act.name, self.x_side_card)]
                wanted.append((card.at.centre, act, card))
        # The outermost lane belongs to the highest card, so that lines leaving to the right cross as few as possible.
        wanted.sort(key=lambda row: row[0])
        lanes = len(wanted)
        for index, (_, act, card) in enumerate(wanted):
            x = self.x_lane + (lanes - 1 - index) * LANE
            sources = [source for source in act.sources if source in self.row]
            ys = [port(source) for source in sources]
            enter = card.at.centre
            if len(ys) == 1:
                enter = min(max(ys[0], card.at.y + 12), card.at.bottom - 12)
            for source, y in zip(sources, ys, strict=True):
                right = self.states[source].at.right
                self.ports.append((right + 10, y, act.index))
                self.lines.append(Line([(right, y), (x, y), (x, enter)], "side", act.name, arrow=False))
            self.lines.append(Line([(x, enter), (card.at.x, enter)], "side", act.name))
            inner = sorted([*ys, enter])[1:-1]
            self.joints += [(x, y) for y in inner if len(ys) > 1]
        lane = lanes
        for source, act in self.returns:
            card = self.leaving[(source, act.name)]
            assert act.target is not None
            goal = self.states[act.target]
            came = [self.row[s] for a in self.exits.get(source, []) for s in a.sources if s in self.row]
            kind = "back"
            if act.target in self.row:
                x = self.x_lane + lane * LANE
                lane += 1
                y = port(act.target)
                points = [(card.at.x, card.at.centre), (x, card.at.centre), (x, y), (goal.at.right, y)]
                if came and self.row[act.target] > max(came):
                    kind = "side"
            else:
                x = self.x_side + SIDE + 20
                points = [(card.at.right, card.at.centre), (x, card.at.centre)]
                points += [(x, goal.at.centre), (goal.at.right, goal.at.centre)]
            self.lines.append(Line(points, kind, act.name))


def _pack(spans: Sequence[tuple[int, int]], *, inner_first: bool = False) -> list[int]:
    """Give overlapping spans different lanes; short ones first if ``inner_first``."""
    order = (
        sorted(range(len(spans)), key=lambda i: (spans[i][1] - spans[i][0], i))
        if inner_first
        else range(len(spans))
    )
    lanes: list[list[tuple[int, int]]] = []
    found = [0] * len(spans)
    for index in order:
        low, high = spans[index]
        for lane, taken in enumerate(lanes):
            if all(high < other_low or low > other_high for other_low, other_high in taken):
                taken.append((low, high))
                found[index] = lane
                break
        else:
            lanes.append([(low, high)])
            found[index] = len(lanes) - 1
    return found
