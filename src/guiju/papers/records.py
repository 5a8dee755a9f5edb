"""The forms of complaints and what follows from them: 顾客投诉及处理记录表, 纠正措施通知单, 内部工作联系单."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from guiju.papers.forms import FORMS, FormKind, Signed, Tick


@dataclass(frozen=True)
class Line:
    """A dated line of a record: when, by whom, what."""

    at: datetime
    by: str
    words: str


@dataclass(frozen=True)
class ComplaintRecordForm:
    """
    顾客投诉及处理记录表 (K-2.1-g). ``inner``: 内部联, with plan, judgement and who is at fault; else 客户联, which has
    neither, and a masked phone (DECISIONS 28). It has no document number of its own: it is printed as often as it grows.
    """

    case: str
    project: str
    inner: bool
    complainant: str
    phone: str
    unit: str
    received_at: datetime
    channels: tuple[Tick, ...]
    kinds: tuple[Tick, ...]
    times: tuple[Tick, ...]
    cause: str
    level: str
    words: str
    wish: str = ""
    earlier: str = ""
    receiver: Signed | None = None
    letters: int = 0
    rounds: tuple[Line, ...] = ()
    situation: str = ""
    plan: str = ""
    planner: Signed | None = None
    handed_over: Signed | None = None
    handed_late: bool = False
    departments: str = ""
    analysis: str = ""
    measures: str = ""
    analyst: Signed | None = None
    opinion: str = ""
    opinion_by: Signed | None = None
    delegate: str = ""
    qualification: str = ""
    regions: tuple[Tick, ...] = ()
    delegated_on: date | None = None
    arrive_by: str = ""
    arrived_at: datetime | None = None
    investigation: str = ""
    found: str = ""
    investigator: Signed | None = None
    faults: tuple[Tick, ...] = ()
    remedies: tuple[Tick, ...] = ()
    decision: str = ""
    execution: str = ""
    test: str = ""
    executor: Signed | None = None
    checked: str = ""
    confirmation: str = ""
    customer: Signed | None = None
    satisfactions: tuple[Tick, ...] = ()
    answer: str = ""
    handed_in: Signed | None = None
    corrective: str = ""
    result: str = ""
    closed: Signed | None = None


@dataclass(frozen=True)
class Measure:
    """A measure of a plan: what, who, by when."""

    what: str
    who: str
    due: str


@dataclass(frozen=True)
class CorrectiveForm:
    """纠正措施通知单 (K-2.6-b)."""

    case: str
    project: str
    kinds: tuple[Tick, ...]
    grades: tuple[Tick, ...]
    department: str
    source: str
    clause: str
    fact: str
    raised: Signed | None = None
    issued: Signed | None = None
    acknowledged: Signed | None = None
    corrected: str = ""
    corrected_by: Signed | None = None
    whys: tuple[str, ...] = ()
    cause: str = ""
    cause_by: Signed | None = None
    measures: tuple[Measure, ...] = ()
    planned: Signed | None = None
    approved: tuple[Signed, ...] = ()
    result: str = ""
    done: Signed | None = None
    verification: str = ""
    verified: Signed | None = None
    effect: str = ""
    effects: tuple[Tick, ...] = ()
    evaluated: Signed | None = None


@dataclass(frozen=True)
class MemoForm:
    """内部工作联系单 (J-2.8-a)."""

    case: str
    project: str
    kinds: tuple[Tick, ...]
    sender: str
    receiver: str
    subject: str
    content: str
    wish: str
    source: str
    due: str
    sent: Signed | None = None
    receipts: tuple[Line, ...] = ()
    instructions: tuple[Line, ...] = ()
    analysis: str = ""
    analyst: Signed | None = None
    result: str = ""
    answered: Signed | None = None
    finished: Signed | None = None


for _kind in (
    FormKind(
        "complaint_record", "KF-BD-11", "A/0", "顾客投诉及处理记录表", "complaint_record", ComplaintRecordForm
    ),
    FormKind("corrective", "KF-BD-12", "A/0", "纠正措施通知单", "corrective", CorrectiveForm),
    FormKind("memo", "KF-BD-13", "A/0", "内部工作联系单", "memo", MemoForm),
):
    FORMS[_kind.code] = _kind
