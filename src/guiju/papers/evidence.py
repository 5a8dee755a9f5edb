"""The evidence pack 证据包 of a case: everything that happened, on paper, with a way to check it without this program.

Three files: the PDF for people; ``events.json`` with what the digests are made of; ``evidence_check.py``, which
recomputes them with Python's standard library (docs/decisions/audit-chain.md).

What was done for a case in cases of their own belongs to it (the call that it came from, the visits, the call-back
afterwards): the apps above name these parts, and the pack tells all of them as one story.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from guiju.kernel import chain, clocks, engine, ports
from guiju.kernel.clocks import ZONE
from guiju.kernel.crypto import decrypt
from guiju.kernel.models import ApprovalRequest, Case, Clock, Deviation, Event, Tick
from guiju.kernel.policy import POINT_KINDS, Policy
from guiju.kernel.process import Process
from guiju.org.models import Company
from guiju.papers import evidence_check, typesetting, writing
from guiju.papers.evidence_parts import Part, belonging, name_of, part_of
from guiju.papers.evidence_photos import Shot, files_of, photo_of, picture_of, reduced, shots_of
from guiju.papers.evidence_words import given_words, words_of
from guiju.papers.models import Paper, Signature
from guiju.papers.questions import exchanged, subjects

CHECK = Path(evidence_check.__file__)

FORM_NUMBER, FORM_VERSION, TITLE = "KF-ZJ-01", "A/0", "证据包"

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
    shots = shots_of(told)
    signatures = [
        (part, one)
        for part in told
        for one in Signature.objects.filter(case=part.case)
        .select_related("paper", "picture")
        .order_by("signed_at", "pk")
    ]
    pictures = {
        f"photo{number}": picture_of(*reduced(shot.use.attachment)) for number, shot in enumerate(shots)
    }
    for number, (_, one) in enumerate(signatures):
        if one.picture is not None and (one.picture.width or one.picture.small):
            pictures[f"sign{number}"] = picture_of(*reduced(one.picture, 420))
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
        "photos": [photo_of(number, shot, several) for number, shot in enumerate(shots)],
        "files": [
            [
                use.title or use.attachment.name,
                f"{use.attachment.size:,} 字节",
                writing.short_moment(use.used_at),
                use.attachment.sha256,
            ]
            for use in files_of(parts)
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


def _facts(case: Case, process: Process, policy: Policy) -> list[list[str]]:
    found = [["事项", f"{case.number}　{process.label}"], ["状态", process.state(case.state).label]]
    for said in subjects.ask_all(case):
        found += [[label, words] for label, words in said]
    found += [
        ["登记", f"{writing.moment(case.opened_at)}　{name_of(case.opened_by)}"],
        ["办结", writing.moment(case.closed_at) if case.closed_at else "尚未办结"],
        ["依据", _law(policy)],
    ]
    return found


def _law(policy: Policy) -> str:
    return f"《{policy.title}》{policy.code} {policy.version} 版"


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
        told += given_words(given, step.form if step is not None else None)
    for key, label in WORDS.items():
        if (value := words_of(content.get(key))) and key not in ("clock", "offset"):
            told.append([label, VOTES.get(value, value) if key == "decision" else value])
    late = event.recorded_at - event.happened_at
    who = name_of(event.actor_id)
    if event.behalf_id:
        who += f"（代{name_of(event.behalf_id)}）"
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
                done = f"{name_of(tick.ticked_by)} {writing.short_moment(tick.ticked_at)}"
                value = words_of(tick.value)
            elif in_step not in (None, "", False):
                done = f"{name_of(event.actor_id)} {writing.short_moment(event.recorded_at)}"
                value = words_of(in_step)
            else:
                done, value = "", ""
            if not done and deviation is not None:
                done = f"{name_of(deviation.allowed_by)}放行 {writing.short_moment(deviation.allowed_at)}"
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
                "who": name_of(event.actor_id),
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
                "by": name_of(request.requested_by),
                "at": writing.short_moment(request.requested_at),
                "state": states.get(request.state, ""),
                "votes": [
                    [
                        ports.people().post_label(vote.post),
                        name_of(vote.person_id)
                        + (f"（代{name_of(vote.behalf_id)}）" if vote.behalf_id else ""),
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


def day_of(at: datetime) -> str:
    """Return the day of a pack for its file name."""
    return f"{at.astimezone(ZONE):%Y%m%d}"
