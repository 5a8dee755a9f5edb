"""Verifying the chain: which rows were changed, are missing or out of order; anchors outside the database.

An anchor is a line in a file (``heads.jsonl`` in ``settings.GUIJU_ANCHORS``) with the head of each company's chain. A chain that was
recomputed as a whole agrees with itself, but not with its anchors (DECISIONS 11).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from guiju.kernel.chain import digest_of, digest_of_body
from guiju.kernel.crypto import CannotDecrypt, keyed_digest
from guiju.kernel.models import Case, ChainHead, Event
from guiju.kernel.numbering import ZONE


@dataclass
class Finding:
    """Something wrong with the chain, named by its company and place."""

    chain_id: int
    seq: int
    event_id: int | None
    text: str


@dataclass
class Report:
    """What a verification saw."""

    events: int = 0
    chains: int = 0
    anchors: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def anchors_file() -> Path:
    """Return where anchors are kept: outside the database, best on other storage."""
    return Path(settings.GUIJU_ANCHORS) / "heads.jsonl"


def anchor(*, at: datetime) -> int:
    """Write the head of every chain to the anchor file, and return how many. Lines are linked and keyed."""
    heads = list(ChainHead.objects.order_by("chain_id"))
    path = anchors_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    last = _last_line(path)
    with path.open("a", encoding="utf-8") as file:
        for head in heads:
            entry = {
                "chain": head.chain_id, "seq": head.seq, "digest": head.digest, "at": at.isoformat(),
                "before": hashlib.sha256(last.encode()).hexdigest(),
            }  # fmt: skip
            entry["mark"] = _mark(entry)
            last = json.dumps(entry, sort_keys=True)
            file.write(last + "\n")
    return len(heads)


def anchor_daily(*, at: datetime) -> int:
    """Anchor once a day (Beijing time); later calls of the day do nothing."""
    last = _last_line(anchors_file())
    if last:
        before = datetime.fromisoformat(json.loads(last)["at"]).astimezone(ZONE).date()
        if before >= at.astimezone(ZONE).date():
            return 0
    return anchor(at=at)


def _last_line(path: Path) -> str:
    if not path.exists():
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[-1] if lines else ""


def _mark(entry: dict[str, Any]) -> str:
    plain = {key: value for key, value in entry.items() if key != "mark"}
    return keyed_digest("anchor:" + json.dumps(plain, sort_keys=True)).hex()


def verify(*, progress: Callable[[int], None] | None = None) -> Report:
    """Check every chain row by row, its head, and its anchors. Changes nothing."""
    report = Report()
    heads = {head.chain_id: head for head in ChainHead.objects.all()}
    chains = set(Event.objects.values_list("chain_id", flat=True).distinct()) | set(heads)
    anchored = _anchored(report)
    for chain_id in sorted(chains):
        report.chains += 1
        head = heads.get(chain_id)
        _verify_chain(report, chain_id, head, anchored.get(chain_id, {}), progress)
    return report


def _rows(chain_id: int) -> Iterator[Event]:
    return (
        Event.objects.filter(chain_id=chain_id)
        .select_related("case")
        .order_by("seq", "id")
        .iterator(chunk_size=2000)
    )


def _verify_chain(
    report: Report,
    chain_id: int,
    head: ChainHead | None,
    anchored: dict[int, str],
    progress: Callable[[int], None] | None,
) -> None:
    expected, previous, anchored = 1, "", dict(anchored)
    case_last: dict[int, tuple[int, str]] = {}

    def found(seq: int, event_id: int | None, text: str) -> None:
        report.findings.append(Finding(chain_id, seq, event_id, text))

    for event in _rows(chain_id):
        report.events += 1
        if progress is not None and report.events % 500 == 0:
            progress(report.events)
        if event.seq != expected:
            missing = (
                f"第 {expected} 条" if event.seq == expected + 1 else f"第 {expected} 至 {event.seq - 1} 条"
            )
            found(expected, None, f"{missing}记录缺失")
        elif event.previous != previous:
            found(event.seq, event.pk, f"第 {event.seq} 条记录没有接上前一条：被改动、删除或调换过")
        if problem := _body_problem(event):
            found(event.seq, event.pk, f"第 {event.seq} 条记录{problem}")
        if _digest(event) != event.digest:
            found(event.seq, event.pk, f"第 {event.seq} 条记录的内容与其摘要不符：被改动过")
        if event.case_id is not None:
            seq_before, digest_before = case_last.get(event.case_id, (0, ""))
            if event.case_seq != seq_before + 1 or (digest_before and event.case_previous != digest_before):
                number = event.case.number if event.case else ""
                found(event.seq, event.pk, f"第 {event.seq} 条记录在事项 {number} 里次序不对")
            case_last[event.case_id] = (event.case_seq, event.digest)
        if (wanted := anchored.pop(event.seq, None)) is not None and wanted != event.digest:
            found(event.seq, event.pk, f"第 {event.seq} 条记录与库外留存的锚点不符：整条链被重算过")
        expected, previous = event.seq + 1, event.digest
    for case_id, number, events in Case.objects.filter(chain_id=chain_id).values_list(
        "id", "number", "events"
    ):
        if (there := case_last.get(case_id, (0, ""))[0]) < events:
            found(expected, None, f"事项 {number} 应有 {events} 条记录，链上只到第 {there} 条：末尾记录缺失")
    if head is not None and (head.seq != expected - 1 or head.digest != previous):
        found(expected, None, f"链尾应在第 {head.seq} 条，现在到第 {expected - 1} 条：末尾记录缺失或被改动")
    for seq in sorted(anchored):
        found(seq, None, f"锚点记有第 {seq} 条记录，库里没有")


def _body_problem(event: Event) -> str | None:
    if event.body is None:
        return None if event.erased_at is not None else "的内容缺失，且没有依法删除的记载"
    try:
        return None if digest_of_body(event.body) == event.body_digest else "的内容被改动过"
    except CannotDecrypt:
        return "的内容被改动过，不能解密"


def _digest(event: Event) -> str:
    return digest_of(
        chain_id=event.chain_id, seq=event.seq, previous=event.previous,
        case=event.case.number if event.case_id is not None and event.case else "", case_seq=event.case_seq,
        case_previous=event.case_previous, step=event.step, from_state=event.from_state, to_state=event.to_state,
        actor_id=event.actor_id, behalf_id=event.behalf_id, post=event.post, happened_at=event.happened_at,
        recorded_at=event.recorded_at, key=event.key, body_digest=event.body_digest,
    )  # fmt: skip


def _anchored(report: Report) -> dict[int, dict[int, str]]:
    """Return the anchored digests by chain and place; anchors themselves tampered with are findings."""
    path = anchors_file()
    found: dict[int, dict[int, str]] = {}
    if not path.exists():
        return found
    last = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            genuine = hmac.compare_digest(entry["mark"], _mark(entry))
            linked = entry["before"] == hashlib.sha256(last.encode()).hexdigest()
        except (ValueError, KeyError, TypeError):
            genuine = linked = False
            entry = {}
        if not (genuine and linked):
            report.findings.append(
                Finding(int(entry.get("chain", 0)), 0, None, f"锚点文件第 {number} 行被改动过")
            )
        elif entry["seq"]:
            found.setdefault(entry["chain"], {})[entry["seq"]] = entry["digest"]
        report.anchors += 1
        last = line
    return found
