"""Verifying the chain: which rows were changed, are missing or out of order; anchors outside the database.

An anchor is a line in a file (``heads.jsonl`` in ``settings.GUIJU_ANCHORS``) with the head of each company's chain. A chain that was
recomputed as a whole agrees with itself, but not with its anchors (DECISIONS 11). The head knows how far it was
anchored, so that lines taken away are missed. People may go on working while the chain is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from django.db.models import Max

from guiju.kernel import row_anchors, store
from guiju.kernel.anchors import AnchorFile
from guiju.kernel.chain import ERASED, digest_of, digest_of_body, open_body
from guiju.kernel.crypto import CannotDecrypt
from guiju.kernel.models import Case, ChainHead, Event
from guiju.kernel.numbering import ZONE
from guiju.kernel.questions import survey

HEADS: Final = AnchorFile("heads.jsonl")


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


@survey
def altered() -> Iterable[str]:
    """Tell in a sentence each what an app fixed beside the chain (files, texts, books) that is no longer as it was."""
    raise NotImplementedError


def anchors_file() -> Path:
    """Return where the heads of chains are anchored: outside the database, best on other storage."""
    return HEADS.path


def anchor(*, at: datetime) -> int:
    """Write the head of every chain to the anchor file, and return how many. Lines are linked and keyed."""
    with HEADS.held():
        return _anchor(at)


def anchor_daily(*, at: datetime) -> int:
    """Anchor once a day (Beijing time); later calls of the day do nothing, whichever worker makes them."""
    with HEADS.held():
        day = _day_of(HEADS.last_line())
        if day is not None and day >= at.astimezone(ZONE).date():
            return 0
        return _anchor(at)


def _anchor(at: datetime) -> int:
    heads = list(ChainHead.objects.order_by("chain_id"))
    HEADS.append(
        [
            {"chain": head.chain_id, "seq": head.seq, "digest": head.digest, "at": at.isoformat()}
            for head in heads
        ]
    )
    for head in heads:
        store.update(ChainHead, {"anchored": head.seq}, chain_id=head.chain_id)
    return len(heads)


def _day_of(line: str) -> date | None:
    """Return the day of an anchor; None for no line, or one that is damaged."""
    try:
        return datetime.fromisoformat(json.loads(line)["at"]).astimezone(ZONE).date()
    except (ValueError, KeyError, TypeError):
        return None


def verify(*, progress: Callable[[int], None] | None = None) -> Report:
    """Check every chain row by row, its head, its cases and its anchors. Changes nothing."""
    report = Report()
    heads = {head.chain_id: head for head in ChainHead.objects.all()}
    anchored = _anchored(report)
    chains = set(Event.objects.values_list("chain_id", flat=True).distinct()) | set(heads) | set(anchored)
    chains |= set(Case.objects.filter(events__gt=0).values_list("chain_id", flat=True).distinct())
    for chain_id in sorted(chains):
        report.chains += 1
        _Chain(report, chain_id, heads.get(chain_id), anchored.get(chain_id, {}), progress).verify()
    return report


def verify_all(*, progress: Callable[[int], None] | None = None) -> Report:
    """Check the chains, and with them everything that the apps fixed beside them: every file is read."""
    report = verify(progress=progress)
    report.findings.extend(Finding(0, 0, None, text) for text in row_anchors.problems())
    for told in altered.ask_all():
        report.findings.extend(Finding(0, 0, None, text) for text in told)
    return report


class _Chain:
    """The verification of one company's chain."""

    def __init__(
        self,
        report: Report,
        chain_id: int,
        head: ChainHead | None,
        anchored: dict[int, str],
        progress: Callable[[int], None] | None,
    ) -> None:
        self.report, self.chain_id, self.head, self.progress = report, chain_id, head, progress
        self.anchored, self.last_anchor = dict(anchored), max(anchored, default=0)
        self.case_last: dict[int, tuple[int, str, str]] = {}
        self.blank: dict[int, int] = {}
        self.erased: set[int] = set()
        self.digest_at_head = ""

    def found(self, seq: int, event_id: int | None, text: str) -> None:
        """Note a finding."""
        self.report.findings.append(Finding(self.chain_id, seq, event_id, text))

    def verify(self) -> None:
        """Read the chain once, then look at what should have been there."""
        expected, previous = 1, ""
        for event in self._rows():
            self.report.events += 1
            if self.progress is not None and self.report.events % 500 == 0:
                self.progress(self.report.events)
            if isinstance(event, _Unreadable):
                self.found(expected, event.pk, f"第 {expected} 条记录读不出来：被改动过")
                expected, previous = expected + 1, event.digest
                continue
            if event.seq != expected:
                several = f"第 {expected} 至 {event.seq - 1} 条"
                self.found(
                    expected, None, f"{f'第 {expected} 条' if event.seq == expected + 1 else several}记录缺失"
                )
            elif event.previous != previous:
                self.found(event.seq, event.pk, f"第 {event.seq} 条记录没有接上前一条：被改动、删除或调换过")
            self._look_at(event)
            expected, previous = event.seq + 1, event.digest
        for seq, event_id in self.blank.items():
            if seq not in self.erased:
                self.found(seq, event_id, f"第 {seq} 条记录的内容缺失，且没有依法删除的记载")
        self._compare_cases(expected)
        self._compare_head(expected, previous)
        for seq in sorted(self.anchored):
            self.found(seq, None, f"锚点记有第 {seq} 条记录，库里没有")

    def _rows(self) -> Iterator[Event | _Unreadable]:
        """Give the rows in order; one that holds what no program of ours would write is read round."""
        rows = Event.objects.filter(chain_id=self.chain_id).select_related("case").order_by("seq", "id")
        seen = 0
        try:
            for event in rows.iterator(chunk_size=2000):
                if not isinstance(event.seq, int):
                    raise TypeError
                seen += 1
                yield event
            return
        except UNREADABLE:
            pass
        for key, seq, digest in list(rows.values_list("pk", "seq", "digest"))[seen:]:
            found: Event | _Unreadable = _Unreadable(key, digest)
            if isinstance(seq, int):
                with suppress(*UNREADABLE):
                    found = Event.objects.select_related("case").get(pk=key)
            yield found

    def _look_at(self, event: Event) -> None:
        if self.head is not None and event.seq == self.head.seq:
            self.digest_at_head = event.digest
        if event.body is None:
            self.blank[event.seq] = event.pk
        elif problem := _body_problem(event):
            self.found(event.seq, event.pk, f"第 {event.seq} 条记录{problem}")
        elif event.step == ERASED:
            self.erased.add(int(open_body(event.body)["given"]["seq"]))
        if _digest(event) != event.digest:
            self.found(event.seq, event.pk, f"第 {event.seq} 条记录的内容与其摘要不符：被改动过")
        if event.case_id is not None:
            seq_before, digest_before, _ = self.case_last.get(event.case_id, (0, "", ""))
            if event.case_seq != seq_before + 1 or (digest_before and event.case_previous != digest_before):
                number = event.case.number if event.case else ""
                self.found(event.seq, event.pk, f"第 {event.seq} 条记录在事项 {number} 里次序不对")
            self.case_last[event.case_id] = (event.case_seq, event.digest, event.to_state)
        if (wanted := self.anchored.pop(event.seq, None)) is not None and wanted != event.digest:
            self.found(event.seq, event.pk, f"第 {event.seq} 条记录与库外留存的锚点不符：整条链被重算过")

    def _compare_cases(self, expected: int) -> None:
        """Each case has the events it counts, and stands where the last of them left it."""
        rows = Case.objects.filter(chain_id=self.chain_id)
        for key, number, events, state in rows.values_list("id", "number", "events", "state").iterator():
            there, _, left_in = self.case_last.get(key, (0, "", ""))
            if there == events and (state == left_in or not events):
                continue
            # Somebody may have worked on it since its events were read: ask again.
            mine = Event.objects.filter(case_id=key, chain_id=self.chain_id)
            now = mine.aggregate(last=Max("case_seq"))["last"] or 0
            if now > there:
                continue
            if there < events:
                self.found(
                    expected, None, f"事项 {number} 应有 {events} 条记录，链上只到第 {there} 条：末尾记录缺失"
                )
            elif there > events:
                self.found(
                    expected, None, f"事项 {number} 记有 {events} 条记录，链上有 {there} 条：事项被改动过"
                )
            else:
                self.found(expected, None, f"事项 {number} 的状态与它的最后一条记录不符：被改动过")

    def _compare_head(self, expected: int, previous: str) -> None:
        """The head, as it was before the rows were read, is one of them; what came later was added meanwhile."""
        head = self.head
        if head is None:
            if expected > 1:
                self.found(expected, None, "链尾的登记缺失")
            return
        last = expected - 1
        if last > head.seq:
            now = ChainHead.objects.filter(chain_id=self.chain_id).first()
            grown = (
                now is not None
                and now.seq >= last
                and self.digest_at_head == (head.digest if head.seq else "")
            )
        else:
            grown = last == head.seq and previous == head.digest
        if not grown:
            self.found(expected, None, f"链尾应在第 {head.seq} 条，现在到第 {last} 条：末尾记录缺失或被改动")
        if self.last_anchor < head.anchored:
            text = f"锚点应到第 {head.anchored} 条记录，锚点文件里只到第 {self.last_anchor} 条：有锚点被删去"
            self.found(head.anchored, None, text)


UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError)


@dataclass(frozen=True)
class _Unreadable:
    pk: int
    digest: str


def _body_problem(event: Event) -> str | None:
    assert event.body is not None
    try:
        return None if digest_of_body(event.body) == event.body_digest else "的内容被改动过"
    except (CannotDecrypt, *UNREADABLE):
        return "的内容被改动过，不能解密"


def _digest(event: Event) -> str:
    """Return the digest that the row should have; none if it holds what cannot be digested."""
    try:
        return _digest_of(event)
    except UNREADABLE:
        return ""


def _digest_of(event: Event) -> str:
    return digest_of(
        chain_id=event.chain_id, seq=event.seq, previous=event.previous,
        case=event.case.number if event.case_id is not None and event.case else "", case_seq=event.case_seq,
        case_previous=event.case_previous, step=event.step, from_state=event.from_state, to_state=event.to_state,
        actor_id=event.actor_id, behalf_id=event.behalf_id, post=event.post, happened_at=event.happened_at,
        recorded_at=event.recorded_at, key=event.key, body_digest=event.body_digest,
    )  # fmt: skip


def _anchored(report: Report) -> dict[int, dict[int, str]]:
    """Return the anchored digests by chain and place; anchors themselves tampered with are findings."""
    found: dict[int, dict[int, str]] = {}
    for number, (entry, genuine) in enumerate(HEADS.entries(), 1):
        if not genuine:
            chain_id = entry.get("chain")
            about = chain_id if isinstance(chain_id, int) else 0
            report.findings.append(Finding(about, 0, None, f"锚点文件第 {number} 行被改动过"))
        elif entry["seq"]:
            found.setdefault(entry["chain"], {})[entry["seq"]] = entry["digest"]
        report.anchors += 1
    return found
