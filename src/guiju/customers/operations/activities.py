"""Customer activities: planned with a budget, approved by another, customers invited, attendance and result (I-3.1-u)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from guiju.customers.consenting import ACTIVITY, why_not
from guiju.customers.models import Activity, ActivityGuest, Customer
from guiju.customers.operations.contacts import record_contact
from guiju.customers.routing import ACTIVITIES, team_for
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.refusals import Refused
from guiju.org.models import Company, Person


class UnableToHold(Refused):
    """The activity cannot go on so; says why."""


@transaction.atomic
def plan(
    *,
    company: Company,
    project: Project | None,
    name: str,
    plan: str,
    place: str,
    starts_at: datetime,
    budget: Decimal,
    seats: int | None = None,
    by: Person,
    at: datetime,
) -> Activity:
    """
    Plan an activity: what, where, when, how many seats, with which budget in yuan. It belongs to the team that carries
    the function now.

    :raises UnableToHold: name, plan or place is missing, or it lies behind.
    """
    if len(name.strip()) < 2 or len(plan.strip()) < 5 or len(place.strip()) < 2:
        raise UnableToHold("请写明活动名称、方案和地点")
    if starts_at <= at:
        raise UnableToHold("活动时间应在以后")
    made = Activity.objects.create(
        company=company, project=project, team=team_for(company.pk, ACTIVITIES, at), name=name.strip()[:80],
        plan=plan.strip()[:4000], place=place.strip()[:100], starts_at=starts_at, seats=seats, budget=budget, planned_at=at,
        planned_by=by,
    )  # fmt: skip
    _note("customers.plan_activity", made, by, at, budget=str(budget))
    return made


@transaction.atomic
def approve(*, activity: Activity, by: Person, at: datetime) -> Activity:
    """
    Approve plan and budget.

    :raises UnableToHold: approved before, or by the one who planned it.
    """
    row = Activity.objects.select_for_update().get(pk=activity.pk)
    if row.approved_at is not None:
        raise UnableToHold("这个活动已经批准过")
    if row.planned_by_id == by.pk:
        raise UnableToHold("方案不能由编制人自己批准")
    row.approved_at, row.approved_by = at, by
    row.save(update_fields=["approved_at", "approved_by"])
    _note("customers.approve_activity", row, by, at)
    return row


@transaction.atomic
def invite(
    *, activity: Activity, customers: Sequence[Customer], by: Person, at: datetime
) -> tuple[int, Mapping[str, str]]:
    """
    Invite customers; return how many were, and by name why others were not. Who was invited before is left out silently,
    as the list already has them.

    :raises UnableToHold: not approved yet, over, or without seats for them.
    """
    row = Activity.objects.select_for_update().get(pk=activity.pk)
    if row.approved_at is None:
        raise UnableToHold("方案和预算批准以后才能邀请客户")
    if row.closed_at is not None:
        raise UnableToHold("活动已经总结")
    known = set(row.guests.values_list("customer_id", flat=True))
    barred = why_not(customers, ACTIVITY)
    wanted = [one for one in customers if one.pk not in known and one.pk not in barred]
    if row.seats is not None:
        taken = row.guests.exclude(answer=ActivityGuest.DECLINED).count()
        if taken + len(wanted) > row.seats:
            raise UnableToHold(f"名额 {row.seats} 位，已邀请 {taken} 位，还能邀请 {row.seats - taken} 位")
    ActivityGuest.objects.bulk_create(
        [ActivityGuest(activity=row, customer=one, invited_at=at, invited_by=by) for one in wanted],
        batch_size=500,
    )
    for one in wanted:
        record_contact(
            customer=one, channel="call", summary=f"邀请参加活动：{row.name}", outward=True, by=by, at=at
        )
    _note("customers.invite", row, by, at, customers=[one.pk for one in wanted])
    return len(wanted), {one.name: barred[one.pk] for one in customers if one.pk in barred}


@transaction.atomic
def answer(*, guest: ActivityGuest, answer: str, by: Person, at: datetime) -> ActivityGuest:
    """
    Write down what an invited customer answered.

    :raises UnableToHold: no such answer, or the activity is over.
    """
    row = ActivityGuest.objects.select_for_update().select_related("activity").get(pk=guest.pk)
    if answer not in dict(ActivityGuest.ANSWERS) or row.activity.closed_at is not None:
        raise UnableToHold("请选参加或不参加；活动总结后不再改")
    row.answer = answer
    row.save(update_fields=["answer"])
    return row


@transaction.atomic
def note_attendance(*, activity: Activity, came: Mapping[int, bool], by: Person, at: datetime) -> int:
    """
    Write down who came, by guest; returns how many did.

    :raises UnableToHold: before it begins, or after it was closed.
    """
    row = Activity.objects.select_for_update().get(pk=activity.pk)
    if at < row.starts_at:
        raise UnableToHold("活动还没有开始")
    if row.closed_at is not None:
        raise UnableToHold("活动已经总结")
    for guest in row.guests.select_for_update().filter(pk__in=list(came)).order_by("pk"):
        guest.attended = came[guest.pk]
        guest.save(update_fields=["attended"])
    _note("customers.attendance", row, by, at, came=sum(came.values()), of=len(came))
    return row.guests.filter(attended=True).count()


@transaction.atomic
def close(
    *, activity: Activity, result: str, cost: Decimal, by: Person, at: datetime, over_reason: str = ""
) -> Activity:
    """
    Close an activity with its result and cost in yuan.

    :raises UnableToHold: no result, attendance of somebody is missing, or over budget without a reason.
    """
    row = Activity.objects.select_for_update().get(pk=activity.pk)
    if row.closed_at is not None or row.approved_at is None:
        raise UnableToHold("没有批准，或已经总结过")
    if len(result.strip()) < 5:
        raise UnableToHold("请写明活动结果")
    if row.guests.filter(attended=None).exclude(answer=ActivityGuest.DECLINED).exists():
        raise UnableToHold("还有客户没有记是否到场")
    if cost > row.budget and len(over_reason.strip()) < 2:
        raise UnableToHold(f"实际费用超出预算 {cost - row.budget:.2f} 元，请写明原因")
    row.result = result.strip()[:4000] + (
        f"\n超预算原因：{over_reason.strip()[:400]}" if cost > row.budget else ""
    )
    row.cost, row.closed_at, row.closed_by = cost, at, by
    row.save(update_fields=["result", "cost", "closed_at", "closed_by"])
    _note("customers.close_activity", row, by, at, cost=str(cost))
    return row


def _note(step: str, activity: Activity, by: Person, at: datetime, **given: object) -> None:
    engine.record(
        company_id=activity.company_id, step=step, by=by, at=at, given={"activity": activity.pk, **given}
    )
