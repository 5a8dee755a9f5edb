"""The paper of unit control: 日销控表."""

from __future__ import annotations

from datetime import date, datetime

from guiju.estate import daily
from guiju.estate.models import Control, Project
from guiju.papers import forms as paper


def daily_control_form(project: Project, on: date, at: datetime) -> paper.DailyControlForm:
    """Build the 日销控表 of a day (I-2.1-c, I-5.1-2e)."""
    found = daily.day(project, on)
    return paper.DailyControlForm(
        project=project.name,
        day=on,
        lines=tuple(
            paper.StateLine(
                line.state.label, line.opening, line.came, line.went, line.closing, line.area, line.amount
            )
            for line in found.lines
        ),
        movements=tuple(
            paper.Movement(
                at=change.recorded_at,
                unit=change.unit.label,
                left=Control(change.before).label if change.before else "新增",
                entered=Control(change.after).label,
                case=change.case.number if change.case is not None else "",
                by=change.changed_by.name if change.changed_by is not None else "系统",
                amount=change.unit.list_price,
                note=change.reason,
            )
            for change in found.movements
        ),
        closed_at=found.confirmed.confirmed_at if found.confirmed is not None else None,
    )
