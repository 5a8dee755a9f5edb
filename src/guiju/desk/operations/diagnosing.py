"""The diagnosis of an after-sales case: who pays, within what time, who looks at it on site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import AfterSales, Coordination, Urgency
from guiju.desk.operations.coordinating import ask_department
from guiju.desk.operations.noting import note
from guiju.desk.operations.recording import earlier_of, say_repeat
from guiju.desk.warranty import decide, part_of
from guiju.estate.models import Unit
from guiju.kernel import calendar
from guiju.kernel.duration import Limit, due
from guiju.kernel.engine import Context
from guiju.kernel.numbering import ZONE

NORMAL_LIMIT = "3 工作日"


def diagnose(context: Context) -> None:
    """Record the preliminary analysis, decide who pays, apply the matrix, and ask for the investigation."""
    given = context.given
    assert isinstance(given, forms.DiagnoseForm)
    row = facts_of(context).row
    row.diagnosis, row.diagnosed_at, row.diagnosed_by_id = given.diagnosis, context.at, context.by_id
    row.nature, row.complexity = given.nature, given.complexity.value
    row.urgency, row.part = given.urgency.value, given.part
    row.service = given.service or row.service
    row.on_site, row.investigate, row.excluded = (
        isinstance(given, forms.OnSiteForm),
        given.investigate,
        given.excluded,
    )
    if row.repeat_of is None:
        row.repeat_of = earlier_of(row, "", context)
        say_repeat(context, row)
    _judge_warranty(row)
    note(
        context, row, "diagnosis", given.diagnosis,
        result="需要上门" if row.on_site else "不用上门，远程或送修解决",
    )  # fmt: skip
    _apply_matrix(context, row)
    row.save()
    context.say(payer=row.payer, warranty_until=row.warranty_until, resolve_rule=row.resolve_rule)
    if given.investigate:
        ask_department(
            context, row, kind=Coordination.INVESTIGATION, to_post=given.to_post,
            subject=f"调查：{part_of(row.part).name}", content=given.question, memo_kind="investigation",
        )  # fmt: skip
    if isinstance(given, forms.OnSiteForm):
        open_visit(context, row, trade=given.trade, place=given.place)


def _judge_warranty(row: AfterSales) -> None:
    if row.unit is None:
        row.payer, row.warranty_until, row.warranty_rules = "", None, ["没有对应房屋，保修责任由人判断"]
        return
    verdict = decide(
        part=part_of(row.part), unit=row.unit, reported_date=row.received_at.astimezone(ZONE).date(),
        excluded=row.excluded,
    )  # fmt: skip
    row.payer, row.warranty_until, row.warranty_rules = verdict.payer.value, verdict.ends_date, verdict.rules


def matrix_limit(context: Context, urgency: str, complexity: str) -> str:
    """Return the limit for solving by urgency and complexity (F-3.2-a)."""
    matrix: Mapping[str, str] = context.setting("resolve_matrix", {}) or {}
    return str(matrix.get(f"{urgency}_{complexity}") or context.policy.clock("resolve").limit or NORMAL_LIMIT)


def _apply_matrix(context: Context, row: AfterSales) -> None:
    """Let the solving clock follow the matrix, counted from receipt, where it says another limit than the normal one."""
    limit = matrix_limit(context, row.urgency, row.complexity)
    names = f"{Urgency(row.urgency).label}、{row.get_complexity_display()}"
    row.resolve_rule = f"{names}的问题 {limit}内解决，自收到反馈起算"
    if row.promised_at is not None or limit == (context.policy.clock("resolve").limit or NORMAL_LIMIT):
        return
    days = calendar.current(context.case.chain_id)
    context.start_clock("resolve", due_at=due(Limit.parse(limit), row.received_at, days).at)


def open_visit(
    context: Context, row: AfterSales, *, trade: str = "", place: str = "", purpose: str = ""
) -> int | None:
    """Open a visit for the case unless one is under way, and return its key."""
    facts = facts_of(context)
    if facts.open_visits:
        return None
    unit: Unit | None = row.unit
    given: dict[str, Any] = {
        "for_case": context.case.number, "unit": unit.pk if unit else None,
        "place": place or (f"{row.project.name} {unit.label}" if unit else row.where or row.project.name),
        "contact_name": row.contact_name, "contact_phone": row.contact_phone,
        "trade": trade or part_of(row.part).trade, "technician": None, "urgency": row.urgency,
        "purpose": purpose or row.symptom or row.problem or row.words[:200],
    }  # fmt: skip
    links = [("case", context.case.pk), *([("unit", unit.pk)] if unit else [])]
    links += [("customer", row.customer_id)] if row.customer_id else []
    title = f"上门 {unit.label if unit else row.project.name} {row.symptom}".strip()
    key = context.open("visit", given=given, title=title, links=links)
    context.link("case", key)
    return key
