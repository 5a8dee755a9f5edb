"""The forms of after-sales: 售后服务记录 and 维修任务单."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from guiju.papers.forms import FORMS, FormKind, Signed, Tick, Yuan


@dataclass(frozen=True)
class Service:
    """A line of the service record: when, what, by whom, its result, minutes and material (H-2.5-a..g)."""

    at: str
    kind: str
    words: str
    result: str
    by: str
    minutes: str = ""
    material: str = ""


@dataclass(frozen=True)
class Offered:
    """A solution that was offered: how the customer answered."""

    attempt: str
    kind: str
    words: str
    price: Yuan | None
    outcome: str


@dataclass(frozen=True)
class ServiceRecordForm:
    """售后服务记录: customer, problem, handling, solution, result (E-2.6-a..d, H-2.5-a..g)."""

    number: str
    project: str
    unit: str
    customer: str
    phone: str
    received_at: datetime
    receiver: str
    owner: str
    services: tuple[Tick, ...]
    urgency: str
    words: str
    problem: str
    part: str
    diagnosis: str
    payer: str
    warranty: str
    solutions: tuple[Offered, ...]
    lines: tuple[Service, ...]
    cause: str
    measure: str
    minutes: str
    material: str
    met: str
    confirmed: str
    rating: str
    repeat: str = ""
    owner_signed: Signed | None = None


@dataclass(frozen=True)
class Checked:
    """An item of an inspection with what was found."""

    item: str
    ok: bool
    words: str


@dataclass(frozen=True)
class WorkOrderForm:
    """维修任务单: where to go, when, for what; procedure and safety; findings, material, signature (E-2.3-b, H-2.4-a)."""

    number: str
    for_case: str
    project: str
    place: str
    contact: str
    phone: str
    when: str
    trade: str
    worker: str
    problem: str
    solution: str
    payer: str
    safety: tuple[Tick, ...]
    procedure: tuple[Tick, ...]
    arrived: str = ""
    findings: tuple[Checked, ...] = ()
    cause: str = ""
    done: str = ""
    test: str = ""
    material: tuple[tuple[str, str], ...] = ()
    minutes: str = ""
    signed: Signed | None = None
    unsigned: str = ""
    worker_signed: Signed | None = None


for _kind in (
    FormKind("service_record", "KF-BD-20", "A/0", "售后服务记录", "service_record", ServiceRecordForm),
    FormKind("work_order", "KF-BD-21", "A/0", "维修任务单", "work_order", WorkOrderForm),
):
    FORMS[_kind.code] = _kind
