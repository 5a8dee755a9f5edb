"""The timeline of a case, read from its events: who did what, when it happened, and when it was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel import chain, ports
from guiju.kernel.models import Event
from guiju.kernel.policy import Point, Policy
from guiju.kernel.process import Process
from guiju.notify import ways
from guiju.org.masking import mask_name
from guiju.web import stepform
from guiju.web.names import PROGRAM, names_of

LATE_ENTRY = timedelta(minutes=10)

NOTES, STEPS, CONTACT, SYSTEM = "notes", "steps", "contact", "system"
# What became of a communication with the customer: words, icon, mark.
NOTICES = {
    "sent": ("通知已发出", "send", "m-act"),
    "delivered": ("通知已送达", "check-check", "m-ok"),
    "answer": ("客户回复", "reply", "m-act"),
    "done": ("与客户沟通", "message-square", "m-act"),
    "missed": ("没有联系上", "phone-missed", "m-warn"),
    "posted": ("信函寄出", "mailbox", "m-act"),
    "returned": ("信函退回", "undo-2", "m-warn"),
}
VOTES = {"yes": "同意", "return": "退回", "no": "不同意"}


@dataclass(frozen=True)
class Line:
    """One entry of the timeline. ``kind`` says under which tab it stands."""

    kind: str
    icon: str
    mark: str
    who: str
    what: str
    happened_at: datetime
    recorded_at: datetime
    text: str = ""
    note: str = ""
    behalf: str = ""
    facts: Sequence[tuple[str, Any]] = field(default_factory=tuple)
    points: Sequence[str] = field(default_factory=tuple)
    seq: int = 0
    moved: str = ""

    @property
    def late_entry(self) -> bool:
        """Whether it was typed in afterwards (补录): both times are shown then."""
        return self.recorded_at - self.happened_at > LATE_ENTRY


def names_in(events: Sequence[Event]) -> Mapping[int, str]:
    """Return the names of everybody in these events, in one query."""
    return names_of(key for event in events for key in (event.actor_id, event.behalf_id))


def read(events: Sequence[Event], process: Process, policy: Policy, *, masked: bool = False) -> list[Line]:
    """Return the timeline in the order of the events given."""
    names = names_in(events)
    contents = [chain.open_body(event.body) for event in events]
    named = _named(events, contents, process, masked)
    return [
        line(event, process, policy, names, masked=masked, content=content, named=named)
        for event, content in zip(events, contents, strict=True)
    ]


def _named(
    events: Sequence[Event], contents: Sequence[Mapping[str, Any]], process: Process, masked: bool
) -> Mapping[tuple[str, int], str]:
    """Return the names of the customers and units that the events were given by their keys."""
    wanted: dict[str, set[int]] = {}
    for event, content in zip(events, contents, strict=True):
        step = process.step(event.step)
        if step is not None and isinstance(content.get("given"), dict):
            for what, key in stepform.keys_named(step.form, content["given"]):
                wanted.setdefault(what, set()).add(key)
    found: dict[tuple[str, int], str] = {}
    if keys := wanted.get("customer"):
        people = Customer.objects.filter(pk__in=keys)
        found |= {("customer", one.pk): mask_name(one.name) if masked else one.name for one in people}
    if keys := wanted.get("unit"):
        rooms = Unit.objects.filter(pk__in=keys).select_related("building", "project")
        found |= {("unit", one.pk): one.label for one in rooms}
    if keys := wanted.get("person"):
        found |= {("person", key): name for key, name in names_of(keys).items()}
    return found


def _dealt_with(point: Point, value: Any) -> str:
    """Return a control point that was dealt with; of a record form also what it says (G-4.4-b)."""
    said = point.filled(value) if point.kind == "record" and isinstance(value, str) else {}
    return (
        f"{point.label}（{'；'.join(f'{name}：{text}' for name, text in said.items())}）"
        if said
        else point.label
    )


def step_label(name: str, process: Process, policy: Policy) -> str:
    """Return what people call a step: the SOP's word, else the process's."""
    said = policy.steps.get(name)
    known = process.step(name)
    return (said.label if said and said.label else "") or (known.label if known else name)


def line(
    event: Event,
    process: Process,
    policy: Policy,
    names: Mapping[int, str],
    *,
    masked: bool = False,
    content: dict[str, Any] | None = None,
    named: Mapping[tuple[str, int], str] | None = None,
) -> Line:
    """Return one event as a line of the timeline; ``content``: what it holds, if it was opened before."""
    content = chain.open_body(event.body) if content is None else content
    name, _, rest = event.step.partition(":")
    common: dict[str, Any] = {
        "who": names.get(event.actor_id or 0, PROGRAM),
        "behalf": names.get(event.behalf_id or 0, ""),
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "seq": event.case_seq,
    }
    reason = str(content.get("reason", ""))
    if name == "note":
        outside = bool(content.get("to_customer"))
        text = str(content.get("text", ""))
        if outside:
            return Line(CONTACT, "message-square", "m-act", what="与客户沟通", text=text, **common)
        return Line(NOTES, "lock", "m-note", what="内部备注", note=text, **common)
    if name == "tick":
        verb = "完成控制要点" if content.get("value") not in (None, False, "") else "取消控制要点"
        return Line(SYSTEM, "square-check", "", what=f"{verb}：{content.get('label', '')}", **common)
    if name == "override":
        return Line(
            STEPS,
            "shield-alert",
            "m-warn",
            what=f"放行控制要点：{content.get('label', '')}",
            text=reason,
            **common,
        )
    if name == "classify":
        secret = content.get("new") == "confidential"
        what = "密级改为机密" if secret else "解除机密"
        return Line(STEPS, "lock" if secret else "lock-open", "m-warn", what=what, text=reason, **common)
    if name in ("pause", "resume"):
        label = next((c.label for c in process.clocks if c.name == content.get("clock")), "")
        verb, icon = ("暂停计时", "pause") if name == "pause" else ("恢复计时", "play")
        return Line(SYSTEM, icon, "", what=f"{verb}：{label}", text=reason, **common)
    if name == "vote":
        decision = str(content.get("decision", ""))
        mark = {"yes": "m-ok", "no": "m-wrong"}.get(decision, "m-warn")
        on_paper = "（书面意见补录）" if content.get("on_paper") else ""
        key = content.get("voter") or 0
        voter = names.get(key) or (ports.people().name(key) if key else "")
        what = f"{VOTES.get(decision, decision)}「{step_label(rest, process, policy)}」{on_paper}"
        return Line(STEPS, "gavel", mark, what=what, text=reason, **{**common, "who": voter or common["who"]})
    acts = {
        "request": ("申请审批", "send", "m-act"),
        "resubmit": ("修改后重新申请", "send", "m-act"),
        "withdraw": ("撤回申请", "undo-2", ""),
        "returned": ("审批通过但条件已变，退回", "undo-2", "m-warn"),
    }
    if name in acts and rest:
        verb, icon, mark = acts[name]
        text = "；".join(content.get("reasons", ())) or reason
        return Line(
            STEPS, icon, mark, what=f"{verb}：{step_label(rest, process, policy)}", text=text, **common
        )
    if name == "notice":
        words, icon, mark = NOTICES.get(rest, ("通知", "send", ""))
        way = ways.label(str(content.get("way", "")))
        said = [
            str(content.get("words", "")),
            f"对方意见：{content['answer']}" if content.get("answer") else "",
        ]
        told = "" if masked else "\n".join(one for one in said if one)
        return Line(CONTACT, icon, mark, what=f"{words}{f'（{way}）' if way else ''}", text=told, **common)
    if name == "evidence":
        return Line(SYSTEM, "file-check", "", what="制作证据包", **common)
    if name == "clock":
        name = rest
    if name in ("remind", "due", "escalate", "overdue", "breach"):
        label = content.get("label") or next(
            (c.label for c in process.clocks if c.name in (rest, content.get("clock"))), ""
        )
        words = {"remind": "系统提醒", "escalate": "系统升级"}.get(name, "时限已到")
        return Line(
            SYSTEM,
            "triangle-alert",
            "m-warn",
            what=f"{words}：{label}",
            text=str(content.get("text", "")),
            **common,
        )
    if name == "move":
        return Line(
            SYSTEM,
            "git-branch",
            "",
            what="改用新版作业标准书",
            text="\n".join(content.get("difference", ())),
            **common,
        )
    return _step_line(event, content, process, policy, common, masked, named)


def _step_line(
    event: Event,
    content: dict[str, Any],
    process: Process,
    policy: Policy,
    common: dict[str, Any],
    masked: bool,
    named: Mapping[tuple[str, int], str] | None = None,
) -> Line:
    known = process.step(event.step)
    given = dict(content.get("given") or {})
    note = str(given.pop("note", "") or "")
    reason = str(given.pop("reason", "") or "")
    facts: list[tuple[str, Any]] = (
        stepform.shown(known.form, given, masked=masked, named=named) if known else []
    )
    said = policy.steps.get(event.step)
    done = content.get("points") or {}
    points = (
        [_dealt_with(point, done[point.key]) for point in said.points if point.key in done] if said else []
    )
    moved = ""
    if event.from_state != event.to_state and event.to_state:
        try:
            moved = process.state(event.to_state).label
        except ValueError:
            moved = event.to_state
    opening = known is not None and known.opens
    return Line(
        STEPS,
        "circle-plus" if opening else "arrow-right",
        "m-act" if moved or opening else "",
        what=step_label(event.step, process, policy),
        text="\n".join(part for part in (reason, note) if part),
        facts=facts,
        points=points,
        moved=moved,
        **common,
    )
