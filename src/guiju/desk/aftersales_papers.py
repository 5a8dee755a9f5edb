"""The papers of after-sales and visits: 售后服务记录, 维修任务单."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from guiju.desk import aftersales_facts, lists, visit_facts
from guiju.desk.models import AfterSales, ListEntry, ServiceEntry, Solution, Visit, VisitMaterial
from guiju.desk.parts import plain
from guiju.desk.scheduling import trade_of
from guiju.desk.warranty import Payer, part_of
from guiju.kernel import ports
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, Event
from guiju.kernel.numbering import ZONE
from guiju.papers import servicing as paper
from guiju.papers.forms import Signed, Tick
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.writing import short_moment


def payer_label(code: str) -> str:
    """Return who pays, in words; before the diagnosis nobody says so (DECISIONS 28)."""
    return Payer(code).label if code in set(Payer) else "诊断后确定"


def material_words(items: list[dict[str, str]]) -> str:
    """Return materials of an entry in words."""
    return "、".join(f"{item.get('name', '')} {item.get('quantity', '')}".strip() for item in items)


def _service(entry: ServiceEntry) -> paper.Service:
    return paper.Service(
        at=short_moment(entry.happened_at),
        kind=entry.get_kind_display(),
        words=entry.words,
        result=entry.result,
        by=entry.recorded_by.name if entry.recorded_by is not None else "系统",
        minutes=f"{entry.minutes} 分" if entry.minutes else "",
        material=material_words(entry.material),
    )


def _offered(solution: Solution) -> paper.Offered:
    label = lists.label(ListEntry.SOLUTION, solution.kind)
    if solution.equivalent:
        label += f"（{lists.EQUIVALENTS.get(solution.equivalent, solution.equivalent)}）"
    return paper.Offered(
        f"第 {solution.attempt} 次", label, solution.words, solution.price, solution.get_outcome_display()
    )


def cause_words(row: AfterSales | Visit) -> str:
    """Return the coded cause with its explanation."""
    if not row.cause:
        return ""
    label = lists.label(ListEntry.CAUSE, row.cause)
    return f"{label}：{row.cause_words}" if row.cause_words else label


@offer("after_sales", "service_record", "service_record", "售后服务记录")
def service_record(case: Case, at: datetime) -> paper.ServiceRecordForm:
    """Build the 售后服务记录 as it stands (E-1.4-a)."""
    facts = aftersales_facts.of_case(case.pk)
    row = facts.row
    entries = facts.entries
    spent = sum(entry.minutes or 0 for entry in entries)
    used: list[dict[str, str]] = [item for entry in entries for item in entry.material]
    owner = row.owner
    signed = Signed(owner.name, row.closed_at.astimezone(ZONE).date()) if row.closed_at is not None else None
    details = "；".join(
        f"{name}：{value}"
        for name, value in (
            ("服务对象", f"内部客户 {row.department}" if row.department else "外部客户"),
            ("产品", row.get_product_display()), ("现象", row.symptom), ("问题", row.problem), ("位置", row.where), ("起于", row.since),
            ("影响", row.effect), ("要求", row.need), ("型号", row.model),
        )
        if value
    )  # fmt: skip
    return paper.ServiceRecordForm(
        number=case.number, project=row.project.name, unit=row.unit.label if row.unit is not None else "公共部位",
        customer=row.customer.name if row.customer is not None else row.contact_name,
        phone=row.contact_phone, received_at=row.received_at,
        receiver=ports.people().name(row.received_by_id) if row.received_by_id else "系统", owner=owner.name,
        services=tuple(
            Tick(words, code == row.service) for code, words in lists.entries(ListEntry.SERVICE).items()
        ),
        urgency=row.get_urgency_display(), words=row.words, problem=details, part=part_of(row.part).name if row.part else "",
        diagnosis=row.diagnosis, payer=payer_label(row.payer), warranty="；".join(row.warranty_rules),
        solutions=tuple(_offered(one) for one in facts.solutions),
        lines=tuple(_service(entry) for entry in entries), cause=cause_words(row), measure=row.measure,
        minutes=f"{spent} 分钟" if spent else "", material=material_words(used), met=row.get_met_display(),
        confirmed=short_moment(row.confirmed_at) if row.confirmed_at is not None else "",
        rating="已评价" if row.rated_at is not None else row.unrated_why,
        repeat=row.repeat_of.case.number if row.repeat_of is not None else "", owner_signed=signed,
    )  # fmt: skip


def _ticked(case: Case) -> set[tuple[str, str]]:
    """Return the control points of a visit that were dealt with, by step and key."""
    found: set[tuple[str, str]] = set()
    for event in Event.objects.filter(case=case, step__in=["start", "finish"]).order_by("case_seq"):
        body: Any = open_body(event.body)
        found |= {(event.step, key) for key in body.get("points", {})}
    return found


@offer("visit", "work_order", "work_order", "维修任务单")
def work_order(case: Case, at: datetime) -> paper.WorkOrderForm:
    """Build the 维修任务单 of a visit: to take along, or as it was filled in."""
    facts = visit_facts.of_case(case.pk)
    row = facts.row
    if row.technician is None:
        raise NotYetPrintable("还没有派人上门")
    policy = ports.policies().get(case.sop_version_id)
    ticked = _ticked(case)
    points = {
        (name, point.key): point.label for name in ("start", "finish") for point in policy.step(name).points
    }
    aftersales = AfterSales.objects.filter(case_id=row.for_case_id).first()
    solution = aftersales.solutions.order_by("-attempt").first() if aftersales is not None else None
    signed = row.closed_at.astimezone(ZONE).date() if row.closed_at is not None else None
    when = ""
    if row.starts_at is not None and row.ends_at is not None:
        when = f"{short_moment(row.starts_at)}–{row.ends_at.astimezone(ZONE):%H:%M}"
    late = f"（迟 {row.late_minutes} 分钟）" if row.late_minutes else ""
    return paper.WorkOrderForm(
        number=case.number, for_case=row.for_case.number, project=row.project.name, place=row.place,
        contact=row.contact_name, phone=row.contact_phone, when=when, trade=trade_of(row.trade).name,
        worker=row.technician.name, problem=row.confirmed_need or row.purpose,
        solution=row.solution or (solution.words if solution is not None else ""),
        payer=payer_label(aftersales.payer if aftersales is not None else ""),
        safety=tuple(Tick(words, key in ticked) for key, words in points.items() if key[1] == "safe"),
        procedure=tuple(Tick(words, key in ticked) for key, words in points.items() if key[1] != "safe"),
        arrived=short_moment(row.arrived_at) + late if row.arrived_at is not None else "",
        findings=tuple(
            paper.Checked(str(one.get("item", "")), bool(one.get("ok")), str(one.get("words", "")))
            for one in row.findings
        ),
        cause=cause_words(row), done=row.done, test=row.test,
        material=tuple(
            (one.material.name, f"{plain(one.quantity)} {one.material.measure}")
            for one in facts.materials if one.state == VisitMaterial.USED
        ),
        minutes=f"{row.minutes} 分钟" if row.minutes is not None else "",
        signed=Signed(row.signed_name, signed) if row.signed_name and signed is not None else None,
        unsigned=row.unsigned_why,
        worker_signed=Signed(row.technician.name, row.finished_at.astimezone(ZONE).date())
        if row.finished_at is not None else None,
    )  # fmt: skip
