"""The form of the front desk: 业户接待登记表."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from guiju.papers.forms import FORMS, Desk, FormKind


@dataclass(frozen=True)
class Received:
    """A line of the register: who came when and how, with what; what was answered, handed on and became of it."""

    number: str
    time: str
    channel: str
    visitor: str
    unit: str
    phone: str
    kind: str
    content: str
    answer: str
    handed: str
    result: str
    end: str
    follow_up: str
    receptionist: str


@dataclass(frozen=True)
class ReceptionLogForm:
    """业户接待登记表: one row per visit, call or letter of a day, reviewed the same day (B-3.1-e)."""

    project: str
    day: date
    rows: tuple[Received, ...]
    desks: tuple[Desk, ...] = (Desk("接待人"), Desk("当日复核（客服主管）"))


_kind = FormKind("reception_log", "KF-BD-09", "A/0", "业户接待登记表", "reception_log", ReceptionLogForm)
FORMS[_kind.code] = _kind
