"""The evidence pack 证据包 of a case: everything that happened, on paper, with a way to check it without this program.

Three files: the PDF for people; ``events.json`` with what the digests are made of; ``evidence_check.py``, which
recomputes them with Python's standard library (docs/decisions/audit-chain.md).

What was done for a case in cases of their own belongs to it (the call that it came from, the visits, the call-back
afterwards): the apps above name these parts, and the pack tells all of them as one story.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from guiju.kernel import chain, clocks, engine, ports
from guiju.kernel.clocks import ZONE
from guiju.kernel.crypto import decrypt
from guiju.kernel.models import ApprovalRequest, Case, Clock, Deviation, Event, Tick
from guiju.kernel.policy import POINT_KINDS, Policy
from guiju.kernel.process import Process, process_of
from guiju.org.masking import mask_identity
from guiju.org.models import Company
from guiju.papers import evidence_check, typesetting, writing
from guiju.papers.models import Attachment, AttachmentUse, Paper, Signature
from guiju.papers.questions import exchanged, parts_of, subjects

CHECK = Path(evidence_check.__file__)
FORM_NUMBER, FORM_VERSION, TITLE = "KF-ZJ-01", "A/0", "证据包"
#: The longer side of a photo on the page, in pixels: 150 dpi at half a page's width.
PHOTO_PIXELS = 760
VOTES = {"yes": "同意", "return": "退回", "no": "不同意"}
CLOCK_STATES = {
    Clock.RUNNING: "计时中",
    Clock.PAUSED: "暂停",
    Clock.MET: "按时",
    Clock.LATE: "超期",
    Clock.VOID: "作废",
}
OTHER_ACTS = {
    "note": "备注", "tick": "控制要点", "override": "放行控制要点", "pause": "暂停计时", "resume": "恢复计时",
    "request": "申请审批", "resubmit": "重新申请", "vote": "审批意见", "withdraw": "撤回申请", "returned": "退回",
    "move": "改用新版作业标准书", "correct": "更正", "evidence": "制作证据包", "erase": "依法删除内容",
}  # fmt: skip
CLOCK_ACTS = {"remind": "时限提醒", "due": "时限到期", "escalate": "超期升级"}
NOTICE_ACTS = {
    "sent": "通知已发出", "delivered": "通知已送达", "answer": "客户回复", "done": "与客户沟通", "missed": "没有联系上",
    "posted": "信函寄出", "returned": "信函退回",
}  # fmt: skip
#: What an event says besides what was given, and how it is called on paper.
WORDS = {
    "reason": "理由", "text": "", "label": "", "value": "", "words": "", "answer": "回复", "decision": "意见",
    "to": "对象", "clock": "", "offset": "", "tracking": "运单号", "received_by": "签收人", "number": "编号",
}  # fmt: skip


@dataclass(frozen=True)
class Pack:
    """
    The three files of a pack, and the digests that bind them.

    ``last``: the digest of the case's last event. ``digest``: the one over all cases in the pack, which is printed.
    """

    number: str
    pdf: bytes
    record: bytes
    check: bytes
    last: str
    digest: str
    events: int
    photos: int

    @property
    def record_sha256(self) -> str:
        """The digest of ``events.json`` that the PDF prints."""
        return hashlib.sha256(self.record).hexdigest()

    def zipped(self) -> bytes:
        """Return the three files in one."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"证据包 {self.number}.pdf", self.pdf, compress_type=zipfile.ZIP_STORED)
            archive.writestr("events.json", self.record)
            archive.writestr("evidence_check.py", self.check)
        return made.getvalue()


@dataclass(frozen=True)
class Part:
    """A case in the pack, by the process and the policy under which it ran, with its events in order."""

    case: Case
    process: Process
    policy: Policy
    events: Sequence[Event]

    @property
    def name(self) -> str:
        """What it is called on paper: 上门 SM-2025-0001."""
        return f"{self.process.label} {self.case.number}"

    @property
    def last(self) -> str:
        """The digest of its last event; empty where nothing is on record."""
        return self.events[-1].digest if self.events else ""


def part_of(case: Case) -> Part:
    """Read a case as a part of a pack."""
    return Part(
        case, process_of(case.process), ports.policies().get(case.sop_version_id),
        list(Event.objects.filter(case=case).order_by("case_seq")),
    )  # fmt: skip


def belonging(case: Case) -> list[Case]:
    """Return the cases that the apps above name as parts of this one, in the order of their opening."""
    keys = {key for named in parts_of.ask_all(case) for key in named}
    rows = Case.objects.filter(pk__in=keys - {case.pk}, chain_id=case.chain_id)
    return list(rows.order_by("opened_at", "pk"))


def record_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Return what ``events.json`` says: what the digests of all events are made of, and their contents."""
    cases = [
        {
            "case": part.case.number,
            "last": part.last,
            "events": [_plain(part.case, event) for event in part.events],
        }
        for part in parts
    ]
    return {"format": evidence_check.FORMAT, "digest": evidence_check.digest_of_all(cases), "cases": cases}


def _plain(case: Case, event: Event) -> dict[str, Any]:
    return {
        "chain": event.chain_id, "seq": event.seq, "previous": event.previous, "case": case.number,
        "case_seq": event.case_seq, "case_previous": event.case_previous, "step": event.step,
        "from_state": event.from_state, "to_state": event.to_state, "actor": event.actor_id,
        "behalf": event.behalf_id, "post": event.post, "happened_at": chain.moment(event.happened_at),
        "recorded_at": chain.moment(event.recorded_at), "key": str(event.key or ""),
        "body_digest": event.body_digest,
        "body": decrypt(bytes(event.body), chain.PLACE) if event.body is not None else None,
        "erased_at": chain.moment(event.erased_at) if event.erased_at else "",
        "digest": event.digest,
    }  # fmt: skip


def make_pack(
    case: Case, *, by_name: str, at: datetime, parts: Sequence[Case] | None = None, left_out: int = 0
) -> Pack:
    """
    Make the pack of a case as it stands. Reads only; call it outside of a transaction.

    :param parts: what belongs to it and goes into the pack; all that belongs to it if nothing is said.
    :param left_out: how many parts the taker may not take out; the pack says so.
    :raises UnableToPrint: the typesetter refused.
    """
    told = [part_of(one) for one in (case, *(belonging(case) if parts is None else parts))]
    said = record_of(told)
    record = json.dumps(said, ensure_ascii=False, indent=1).encode()
    shots = _shots(told)
    signatures = [
        (part, one)
        for part in told
        for one in Signature.objects.filter(case=part.case)
        .select_related("paper", "picture")
        .order_by("signed_at", "pk")
    ]
    pictures = {f"photo{number}": _svg(*_reduced(shot.use.attachment)) for number, shot in enumerate(shots)}
    for number, (_, one) in enumerate(signatures):
        if one.picture is not None and (one.picture.width or one.picture.small):
            pictures[f"sign{number}"] = _svg(*_reduced(one.picture, 420))
    document = _head(case, by_name=by_name, at=at)
    document["data"] = _data(told, shots, signatures, pictures) | {
        "left_out": left_out,
        "digest": said["digest"],
        "record_sha256": hashlib.sha256(record).hexdigest(),
        "check_sha256": hashlib.sha256(CHECK.read_bytes()).hexdigest(),
        "made": writing.moment(at),
        "by": by_name,
    }
    pdf = typesetting.render("evidence", document, at=at, pictures=pictures)
    return Pack(
        case.number, pdf, record, CHECK.read_bytes(), told[0].last, said["digest"],
        sum(len(part.events) for part in told), len(shots),
    )  # fmt: skip


def _head(case: Case, *, by_name: str, at: datetime) -> dict[str, Any]:
    return {
        "company": Company.objects.get(pk=case.chain_id).name,
        "department": "客户服务部",
        "form": {"code": FORM_NUMBER, "version": FORM_VERSION, "title": TITLE},
        "stamp": {
            "by": by_name,
            "at": writing.short_moment(at),
            "qr": "",
            "number": case.number,
            "copy": "",
            "reprint": 0,
            "mark": "",
        },
    }


def _data(
    parts: Sequence[Part],
    shots: Sequence[Shot],
    signatures: Sequence[tuple[Part, Signature]],
    pictures: Mapping[str, str],
) -> dict[str, Any]:
    # All parts are one story: their events are counted in the order in which the company recorded them.
    line = sorted(
        ((event.seq, part, event) for part in parts for event in part.events), key=lambda one: one[0]
    )
    place = {event.pk: number for number, (_, _, event) in enumerate(line, 1)}
    main = parts[0]
    several = len(parts) > 1

    def named(part: Part) -> str:
        return part.name if several else ""

    return {
        "number": main.case.number,
        "title": main.case.title,
        "facts": _facts(main.case, main.process, main.policy),
        "parts": [
            [
                part.name,
                part.process.state(part.case.state).label,
                _law(part.policy),
                str(len(part.events)),
                part.last,
            ]
            for part in parts
        ],
        "events": [
            _line(event, part.process, part.policy) | {"seq": place[event.pk], "part": named(part)}
            for _, part, event in line
        ],
        "steps": [
            {"part": named(part), "law": _law(part.policy), "steps": _steps(part, place)} for part in parts
        ],
        "clocks": [{"part": named(part), "clocks": found} for part in parts if (found := _clocks(part))],
        "approvals": [one for part in parts for one in _approvals(part)],
        "exchanges": _exchanges([part.case for part in parts]),
        "papers": [
            [
                str(paper) + ("（作废）" if paper.voided_at else ""),
                writing.short_moment(paper.printed_at),
                paper.sha256,
            ]
            for part in parts
            for paper in Paper.objects.filter(case=part.case).order_by("printed_at", "pk")
        ],
        "signatures": [
            {
                "role": one.role,
                "name": one.signer_name,
                "method": one.get_method_display(),
                "at": writing.short_moment(one.signed_at),
                "paper": str(one.paper) if one.paper is not None else "",
                "part": named(part),
                "sha256": one.signed_sha256,
                "picture": f"sign{number}" if f"sign{number}" in pictures else "",
            }
            for number, (part, one) in enumerate(signatures)
        ],
        "photos": [_photo(number, shot, several) for number, shot in enumerate(shots)],
        "files": [
            [
                use.title or use.attachment.name,
                f"{use.attachment.size:,} 字节",
                writing.short_moment(use.used_at),
                use.attachment.sha256,
            ]
            for use in _files(parts)
        ],
        "digests": [
            {
                "part": part.name,
                "last": part.last,
                "rows": [
                    [
                        str(place[event.pk]),
                        str(event.case_seq),
                        str(event.seq),
                        _act(event, part.process, part.policy),
                        writing.short_moment(event.recorded_at),
                        event.digest,
                    ]
                    for event in part.events
                ],
            }
            for part in parts
        ],
        "count": len(line),
    }


# --- what happened ---------------------------------------------------------------------------------------------------
def _facts(case: Case, process: Process, policy: Policy) -> list[list[str]]:
    found = [["事项", f"{case.number}　{process.label}"], ["状态", process.state(case.state).label]]
    for said in subjects.ask_all(case):
        found += [[label, words] for label, words in said]
    found += [
        ["登记", f"{writing.moment(case.opened_at)}　{_name(case.opened_by)}"],
        ["办结", writing.moment(case.closed_at) if case.closed_at else "尚未办结"],
        ["依据", _law(policy)],
    ]
    return found


def _law(policy: Policy) -> str:
    return f"《{policy.title}》{policy.code} {policy.version} 版"


def _name(person_id: int | None) -> str:
    return (ports.people().name(person_id) if person_id else "") or "系统"


def _act(event: Event, process: Process, policy: Policy) -> str:
    name, _, rest = event.step.partition(":")
    if name == "clock":
        return CLOCK_ACTS.get(rest, "时限")
    if name == "notice":
        return NOTICE_ACTS.get(rest, "通知")
    # A process may call a step of its own by the same word (登记上门 is a request).
    own = not rest and process.step(name) is not None
    step = rest if name in OTHER_ACTS and rest else event.step
    said, known = policy.steps.get(step), process.step(step)
    label = (said.label if said else "") or (known.label if known else "")
    if name in OTHER_ACTS and not own:
        return f"{OTHER_ACTS[name]}：{label}" if label and rest else OTHER_ACTS[name]
    return label or event.step


def _line(event: Event, process: Process, policy: Policy) -> dict[str, Any]:
    content = chain.open_body(event.body)
    given = content.get("given")
    told: list[list[str]] = []
    if content.get("erased"):
        told.append(["", "内容已依法删除，摘要保留"])
    step = process.step(event.step)
    if isinstance(given, Mapping):
        told += _given(given, step.form if step is not None else None)
    for key, label in WORDS.items():
        if (value := _words(content.get(key))) and key not in ("clock", "offset"):
            told.append([label, VOTES.get(value, value) if key == "decision" else value])
    late = event.recorded_at - event.happened_at
    who = _name(event.actor_id)
    if event.behalf_id:
        who += f"（代{_name(event.behalf_id)}）"
    states = ""
    if event.from_state != event.to_state and event.to_state:
        states = process.state(event.to_state).label
    return {
        "at": writing.short_moment(event.happened_at),
        "recorded": writing.short_moment(event.recorded_at) if late.total_seconds() >= 60 else "",
        "who": who,
        "post": ports.people().post_label(event.post) if event.post else "",
        "act": _act(event, process, policy),
        "state": states,
        "told": told,
    }


def _given(given: Mapping[str, Any], form: type[BaseModel] | None) -> list[list[str]]:
    """Return what an act was given as label and words, as its form names them; identity numbers are masked."""
    return [[label, words] for label, words in _told(given, form) if words]


def _told(given: Mapping[str, Any], form: type[BaseModel] | None) -> list[tuple[str, str]]:
    """Return label and words of what was given, in the order of the form."""
    fields = form.model_fields if form is not None else {}
    found = []
    for name in (*(one for one in fields if one in given), *(one for one in given if one not in fields)):
        value, info = given[name], fields.get(name)
        label = (info.title if info is not None else "") or name
        kinds = _kinds(info.annotation) if info is not None else []
        said = _extra(info) if info is not None else {}
        if said.get("widget") == "hidden" or said.get("names") in ("customer", "unit"):
            # Keys of rows, which the page carries along; whom and what it is about stands on the first page.
            continue
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        choices = {
            str(one.value): str(getattr(one, "label", one.value))
            for kind in kinds
            if issubclass(kind, enum.Enum)
            for one in kind
        } | dict(_pairs(said.get("choices")))
        if said.get("names") == "person":
            found.append((label, _name(value) if isinstance(value, int) else ""))
        elif name.startswith("identity") and isinstance(value, str):
            found.append((label, mask_identity(value)))
        elif inner is not None and isinstance(value, Mapping):
            found.append((label, _joined(value, inner)))
        elif inner is not None and isinstance(value, list):
            rows = [_joined(row, inner) for row in value if isinstance(row, Mapping)]
            found.append((label, "\n".join(row for row in rows if row)))
        elif isinstance(value, list) and choices:
            found.append((label, "、".join(choices.get(str(one), str(one)) for one in value)))
        elif (word := choices.get(str(value))) is not None:
            found.append((label, word if value != "" else ""))
        else:
            words = _words(value)
            found.append((label, f"{words} {said['unit']}" if words and said.get("unit") else words))
    return found


def _extra(info: FieldInfo) -> dict[str, Any]:
    """Return what a field says of itself beside its type, also where that is optional."""
    own = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return _within(info.annotation) | own


def _within(annotation: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in get_args(annotation):
        if isinstance(part, FieldInfo) and isinstance(part.json_schema_extra, dict):
            found |= part.json_schema_extra
        elif get_origin(annotation) is not list:
            found |= _within(part)
    return found


def _pairs(choices: Any) -> list[tuple[str, str]]:
    """Return the choices that a field names beside its type, as value and words."""
    named = choices.items() if isinstance(choices, Mapping) else choices or ()
    return [(str(value), str(words)) for value, words in named]


def _joined(given: Mapping[str, Any], form: type[BaseModel]) -> str:
    return "；".join(f"{label}：{words}" for label, words in _told(given, form) if words)


def _kinds(annotation: Any) -> list[type]:
    """Return the classes that an annotation is made of: ``list[Buyer] | None`` has ``Buyer``."""
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [kind for part in get_args(annotation) for kind in _kinds(part)]


def _words(value: Any) -> str:
    if value in (None, "", [], {}, False):
        return ""
    if value is True:
        return "是"
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{_words(inner)}" for key, inner in value.items() if _words(inner))
    if isinstance(value, (list, tuple)):
        if all(isinstance(inner, str) and len(inner) == 64 for inner in value):
            return f"附件 {len(value)} 份"
        if any(isinstance(inner, (list, tuple)) for inner in value):
            return "（笔迹）"
        return "、".join(_words(inner) for inner in value)
    text = str(value)
    if len(text) == 64 and all(c in "0123456789abcdef" for c in text):
        return "附件"
    if len(text) >= 19 and text[4:5] == "-" and text[10:11] == "T":
        try:
            return writing.short_moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text


def _steps(part: Part, place: Mapping[int, int]) -> list[dict[str, Any]]:
    """The steps taken, each with its clause's words and its control points: who dealt with them, when."""
    case, process, policy = part.case, part.process, part.policy
    ticks = list(Tick.objects.filter(case=case).order_by("pk"))
    waived = {(one.step, one.point): one for one in Deviation.objects.filter(case=case).order_by("pk")}
    found = []
    for event in part.events:
        step, said = process.step(event.step), policy.steps.get(event.step)
        if step is None:
            continue
        clause = (said.clause if said else "") or step.clause
        points = []
        given = chain.open_body(event.body).get("points")
        for point in said.points if said else ():
            mine = [
                tick
                for tick in ticks
                if tick.step == event.step and tick.point == point.key and tick.ticked_at <= event.recorded_at
            ]
            tick = mine[-1] if mine else None
            deviation = waived.get((event.step, point.key))
            in_step = given.get(point.key) if isinstance(given, Mapping) else None
            if tick is not None:
                done = f"{_name(tick.ticked_by)} {writing.short_moment(tick.ticked_at)}"
                value = _words(tick.value)
            elif in_step not in (None, "", False):
                done = f"{_name(event.actor_id)} {writing.short_moment(event.recorded_at)}"
                value = _words(in_step)
            else:
                done, value = "", ""
            if not done and deviation is not None:
                done = f"{_name(deviation.allowed_by)}放行 {writing.short_moment(deviation.allowed_at)}"
                value = deviation.reason
            if value in ("True", "1", "是", "true", "on"):
                value = ""
            points.append(
                {
                    "label": point.label,
                    "kind": POINT_KINDS.get(point.kind, ""),
                    "number": policy.number(point.clause) if point.clause else "",
                    "done": done,
                    "value": value,
                }
            )
        found.append(
            {
                "seq": place[event.pk],
                "label": _act(event, process, policy),
                "at": writing.short_moment(event.happened_at),
                "who": _name(event.actor_id),
                "posts": "、".join(
                    ports.people().post_label(code)
                    for code in engine.allowed_posts(step, policy.step(event.step))
                ),
                "number": policy.number(clause) if clause else "",
                "words": said.words if said else "",
                "points": points,
            }
        )
    return found


def _clocks(part: Part) -> list[dict[str, Any]]:
    case, process = part.case, part.process
    known = {rule.name for rule in process.clocks}
    return [
        {
            "label": clock.label,
            "state": CLOCK_STATES.get(clock.state, ""),
            "started": writing.short_moment(clock.started_at),
            "due": _limit(clock.due_at),
            "stopped": writing.short_moment(clock.stopped_at) if clock.stopped_at else "",
            "breached": bool(clock.breached_at) or clock.state == Clock.LATE,
            "lines": clocks.explain(clock, case) if clock.name in known else [],
        }
        for clock in Clock.objects.filter(case=case).prefetch_related("pauses").order_by("started_at", "pk")
    ]


def _limit(at: datetime) -> str:
    """Return until when: the end of a day is its 24:00, as the explanation says it."""
    local = at.astimezone(ZONE)
    return (
        f"{local - timedelta(days=1):%Y-%m-%d} 24:00" if local.time() == time() else f"{local:%Y-%m-%d %H:%M}"
    )


def _approvals(part: Part) -> list[dict[str, Any]]:
    case, process, policy = part.case, part.process, part.policy
    states = {
        ApprovalRequest.PENDING: "审批中", ApprovalRequest.RETURNED: "退回", ApprovalRequest.REFUSED: "未批准",
        ApprovalRequest.TAKEN: "已批准并办理", ApprovalRequest.WITHDRAWN: "已撤回",
    }  # fmt: skip
    found = []
    for request in ApprovalRequest.objects.filter(case=case).prefetch_related("votes").order_by("pk"):
        known = process.step(request.step)
        found.append(
            {
                "label": (policy.step(request.step).label or (known.label if known else request.step)),
                "by": _name(request.requested_by),
                "at": writing.short_moment(request.requested_at),
                "state": states.get(request.state, ""),
                "votes": [
                    [
                        ports.people().post_label(vote.post),
                        _name(vote.person_id) + (f"（代{_name(vote.behalf_id)}）" if vote.behalf_id else ""),
                        VOTES.get(vote.decision, vote.decision)
                        + ("（书面补录）" if vote.paper_sha256 else ""),
                        writing.short_moment(vote.voted_at),
                        vote.reason,
                    ]
                    for vote in sorted(request.votes.all(), key=lambda vote: (vote.voted_at, vote.pk))
                ],
            }
        )
    return found


def _exchanges(cases: Sequence[Case]) -> list[dict[str, str]]:
    found = [one for case in cases for said in exchanged.ask_all(case) for one in said]
    found.sort(key=lambda one: one.at)
    return [
        {
            "at": writing.short_moment(one.at),
            "way": one.way,
            "to": one.to,
            "words": one.words,
            "state": one.state,
            "number": one.number,
            "answer": one.answer,
            "proof": one.proof,
        }
        for one in found
    ]


# --- pictures --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shot:
    """A picture of the pack: shown once, whatever it was used for."""

    use: AttachmentUse
    title: str
    parts: Sequence[Part]


def _uses(parts: Sequence[Part]) -> Iterable[tuple[Part, AttachmentUse]]:
    for part in parts:
        rows = AttachmentUse.objects.filter(case=part.case).select_related("attachment")
        yield from ((part, use) for use in rows.order_by("used_at", "pk"))


def _shots(parts: Sequence[Part]) -> list[Shot]:
    """Return the pictures in the order in which they were taken up."""
    uses: dict[int, list[tuple[Part, AttachmentUse]]] = {}
    for part, use in _uses(parts):
        if use.attachment.width and use.kind != "signature":
            uses.setdefault(use.attachment_id, []).append((part, use))
    found = [
        Shot(
            same[0][1],
            "、".join(dict.fromkeys(use.title or use.attachment.name for _, use in same)),
            list({part.case.pk: part for part, _ in same}.values()),
        )
        for same in uses.values()
    ]
    return sorted(found, key=lambda shot: (shot.use.used_at, shot.use.pk))


def _files(parts: Sequence[Part]) -> Iterable[AttachmentUse]:
    seen: dict[int, AttachmentUse] = {}
    for _, use in _uses(parts):
        if not use.attachment.width and use.attachment.kind != Attachment.Kind.PRINTED:
            seen.setdefault(use.attachment_id, use)
    return seen.values()


def _photo(number: int, shot: Shot, several: bool) -> dict[str, str]:
    kept = shot.use.attachment
    return {
        "picture": f"photo{number}",
        "title": shot.title,
        "part": "、".join(part.name for part in shot.parts) if several else "",
        "taken": writing.short_moment(kept.taken_at) if kept.taken_at else "",
        "uploaded": writing.short_moment(kept.uploaded_at),
        "by": _name(kept.uploaded_by_id),
        "sha256": kept.sha256,
    }


def _reduced(attachment: Attachment, side: int = PHOTO_PIXELS) -> tuple[bytes, int, int]:
    """Return a picture as JPEG of at most ``side`` pixels, with its size; a grey square where the file is gone."""
    from PIL import Image, UnidentifiedImageError

    try:
        content = attachment.read_small()
        with Image.open(io.BytesIO(content)) as picture:
            picture.draft("RGB", (side, side))
            upright = picture.convert("RGB")
    except (OSError, ValueError, UnidentifiedImageError):
        upright = Image.new("RGB", (side, side * 3 // 4), "#dddddd")
    upright.thumbnail((side, side))
    made = io.BytesIO()
    upright.save(made, "JPEG", quality=78)
    return made.getvalue(), upright.width, upright.height


def _svg(jpeg: bytes, width: int, height: int) -> str:
    """Wrap a picture so that it reaches the typesetter as text, without a file on the way."""
    data = base64.b64encode(jpeg).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}" '
        f'xlink:href="data:image/jpeg;base64,{data}"/></svg>'
    )


def day_of(at: datetime) -> str:
    """Return the day of a pack for its file name."""
    return f"{at.astimezone(ZONE):%Y%m%d}"
