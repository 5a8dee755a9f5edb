"""
按揭资料不齐清单 (form 24; I-5.3-5): closes Monday at the end of work (the working day before, if Monday is off), is frozen,
goes to sales at once, and sales ticks receipt. What is sent on Tuesday or later is flagged as late (DECISIONS 27).
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from guiju.estate.models import Project
from guiju.kernel import calendar, engine, ports
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.models import Event
from guiju.kernel.process import process_of
from guiju.kernel.refusals import Refused
from guiju.notify.outbox import Recipient, send
from guiju.org.gates import require_post
from guiju.org.models import Person
from guiju.org.posts import SALES, SALES_DIRECTOR
from guiju.papers.forms import Column, Desk, RegisterForm
from guiju.sales.models import MissingList, Mortgage, MortgagePaper
from guiju.sales.mortgage_board import BEFORE_PAYOUT, loans, row_of
from guiju.sales.mortgage_facts import shown_state

RECEIVERS: Final = (SALES_DIRECTOR, SALES)
WEEK: Final = timedelta(days=7)
MOST: Final = 8
"""Lists older than so many weeks are not made up: what was missing then nobody can act on."""


class UnableToReceive(Refused):
    """The list has been received before."""


def closing_of(monday: date, company_id: int) -> datetime:
    """Return when the list of a Monday closes: the end of work on it, or on the working day before."""
    days = calendar.current(company_id)
    return days.close_of(days.workday_before(monday))


def due_of(monday: date) -> datetime:
    """Return the moment from which sending is late: Tuesday 00:00."""
    return end_of(monday)


def mondays(at: datetime) -> tuple[date, date]:
    """Return the Monday of this week and the next: a list whose Monday is off closes the week before."""
    today = local_date(at)
    this = today - timedelta(days=today.weekday())
    return this, this + timedelta(days=7)


def lines(project: Project, at: datetime) -> list[dict[str, Any]]:
    """
    Return what was missing of each loan of a project at a moment, longest waiting first (form 24).

    What came later is put back by what is recorded: the state that the last act before the moment left, papers taken
    in after it. Reminders and promises are shown as they are known now.
    """
    today = local_date(at)
    last = Event.objects.filter(case=OuterRef("case"), happened_at__lte=at).order_by("-case_seq")
    rows = Mortgage.objects.filter(project=project).annotate(was=Subquery(last.values("to_state")[:1]))
    was = dict(rows.filter(was__in=BEFORE_PAYOUT).values_list("pk", "was"))
    found = []
    for loan in loans(Mortgage.objects.filter(pk__in=list(was)).order_by("pk")):
        for paper in loan.papers.all():
            if paper.received_at is not None and paper.received_at > at:
                paper.state, paper.valid_until = MortgagePaper.MISSING, None
        row = row_of(loan, (), today)
        if not row.missing:
            continue
        found.append(
            {
                "case": loan.case.number, "unit": loan.deal.unit.label, "buyers": "、".join(row.buyers), "phone": row.phone,
                "part": loan.get_part_display(), "bank": loan.bank, "amount": str(loan.amount),
                "signed": f"{loan.signed_date}", "days": row.days, "next": label_of(was[loan.pk]), "chases": loan.chases,
                "last": f"{local_date(loan.chased_at)}" if loan.chased_at else "",
                "items": [_item(paper, today, many=len(row.buyers) > 1) for paper in row.missing],
            }
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one["days"], one["case"]))


def _item(paper: MortgagePaper, today: date, *, many: bool) -> dict[str, Any]:
    label = {"missing": "缺", "copy": "只有复印件", "expired": "过期"}.get(shown_state(paper, today), "缺")
    whose = f"{paper.customer.name} " if many and paper.customer is not None else ""
    return {
        "name": f"{whose}{paper.name}", "state": label, "owner": paper.get_owner_display(),
        "promised": f"{paper.promised_date}" if paper.promised_date else "", "reminders": paper.reminders,
        "last": f"{local_date(paper.reminded_at)}" if paper.reminded_at else "",
    }  # fmt: skip


def close(*, project: Project, monday: date, at: datetime, by: Person | None = None) -> MissingList | None:
    """
    Freeze and send the list of a Monday if its time has come; None if it has not, or was sent. Twice sends once.

    It says how things stood when it closed, however late it is made; sent on Tuesday or later it is late.
    """
    closing = closing_of(monday, project.company_id)
    if at < closing:
        return None
    if MissingList.objects.filter(project=project, week_date=monday).exists():
        return None
    rows = lines(project, closing)
    try:
        with transaction.atomic():
            made = MissingList.objects.create(
                project=project, week_date=monday, closed_at=closing, due_at=due_of(monday), sent_at=at, buyers=len(rows),
                papers=sum(len(row["items"]) for row in rows), body=json.dumps(rows, ensure_ascii=False), made_by=by,
            )  # fmt: skip
            engine.record(
                company_id=project.company_id, step="missing_list", by=by, at=at,
                given={"list": made.pk, "week": f"{monday}", "buyers": made.buyers, "papers": made.papers, "late": made.late},
            )  # fmt: skip
    except IntegrityError:
        return None
    for person in _receivers(project, at):
        send(
            template="mortgage.list", to=Recipient.person(person), case=None, at=at, key=f"{made.pk}",
            company_id=project.company_id,
            values={"project": project.name, "week": f"{monday.month}月{monday.day}日", "buyers": made.buyers, "papers": made.papers},
        )  # fmt: skip
    return made


def _receivers(project: Project, at: datetime) -> list[Person]:
    people = ports.people()
    keys: list[int] = []
    for post in RECEIVERS:
        keys += people.holders(post, company_id=project.company_id, project_id=project.pk, at=at)
    return list(Person.objects.filter(pk__in=keys, is_active=True).order_by("pk"))


def close_due(at: datetime) -> int:
    """
    Close the lists whose time has come, of projects that had a loan in hand then. Lists that were missed (nothing ran
    that evening) are made up, each as of its own closing and marked late.
    """
    made = 0
    busy = Mortgage.objects.filter(case__historic=False).values_list("project", flat=True).distinct()
    for project in Project.objects.filter(pk__in=set(busy)).order_by("pk"):
        closings = {monday: closing_of(monday, project.company_id) for monday in _since(project, at)}
        due = [monday for monday, closing in closings.items() if closing <= at]
        first = _first(project) if due else None
        for monday in due:
            if first is not None and first <= closings[monday]:
                made += close(project=project, monday=monday, at=at) is not None
    return made


def _first(project: Project) -> datetime | None:
    """Return when the first loan of a project was taken in hand."""
    rows = Event.objects.filter(case__mortgage__project=project, to_state__in=BEFORE_PAYOUT)
    return rows.order_by("happened_at").values_list("happened_at", flat=True).first()


def _since(project: Project, at: datetime) -> list[date]:
    """Return the Mondays after the last list, up to next week's: a list whose Monday is off closes the week before."""
    this, following = mondays(at)
    last = (
        MissingList.objects.filter(project=project)
        .order_by("-week_date")
        .values_list("week_date", flat=True)
        .first()
    )
    begin = last + WEEK if last is not None else this - MOST * WEEK
    begin = max(begin, this - MOST * WEEK)
    return [begin + place * WEEK for place in range((following - begin) // WEEK + 1)]


def label_of(state: str) -> str:
    """Return the name of a loan's state."""
    return process_of("mortgage").state(state).label


@transaction.atomic
def receive(*, found: MissingList, by: Person, at: datetime) -> MissingList:
    """
    Sales ticks that it has the list.

    :raises NotYourPost: not the sales department's post here.
    :raises UnableToReceive: somebody ticked it before.
    """
    project = found.project
    require_post(by, *RECEIVERS, at=at, company_id=project.company_id, project_id=project.pk)
    done = MissingList.objects.filter(pk=found.pk, received_at=None).update(received_at=at, received_by=by)
    if not done:
        raise UnableToReceive("这份清单已经签收。")
    engine.record(
        company_id=project.company_id, step="missing_list_received", by=by, at=at, given={"list": found.pk}
    )
    found.refresh_from_db()
    return found


def rows_of(found: MissingList) -> list[dict[str, Any]]:
    """Return what a list says, as frozen."""
    rows: list[dict[str, Any]] = json.loads(found.body)
    return rows


COLUMNS: Final = (
    Column("房号", 1.3), Column("买受人", 1.1), Column("电话", 1.6), Column("贷款", 1.2), Column("签约日期", 1),
    Column("天数", 0.6, "right"), Column("所缺资料", 2.6), Column("谁来办", 0.7), Column("答应日期", 1),
    Column("提醒", 0.7, "right"), Column("下一步", 1.2),
)  # fmt: skip


def form_of(found: MissingList) -> RegisterForm:
    """Return the list as it is printed: one line for each missing paper."""
    rows = []
    for row in rows_of(found):
        for place, item in enumerate(row["items"]):
            head = (
                (
                    row["unit"],
                    row["buyers"],
                    row["phone"],
                    f"{row['part']} {row['bank']}",
                    row["signed"],
                    str(row["days"]),
                )
                if place == 0
                else ("",) * 6
            )
            rows.append(
                (*head, f"{item['name']}（{item['state']}）", item["owner"], item["promised"], str(item["reminders"]),
                 row["next"] if place == 0 else "")
            )  # fmt: skip
    late = (
        f"；截止 {local_date(found.closed_at)}，{local_date(found.sent_at)} 补报，迟于周二前"
        if found.late
        else ""
    )
    return RegisterForm(
        title="按揭资料不齐清单", columns=COLUMNS, rows=tuple(rows), project=found.project.name,
        period=f"{found.week_date - timedelta(days=7)} 至 {found.week_date}",
        remarks=f"共 {found.buyers} 户 {found.papers} 项{late}", desks=(Desk("按揭经办"), Desk("销售部签收")),
    )  # fmt: skip
