"""Birthday cards: a task for each customer ahead of the birthday, of the team that carries daily contact (I-2.1-u)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from guiju.customers.consenting import CARE, why_not
from guiju.customers.models import CareContact, Customer
from guiju.customers.routing import DAILY_CONTACT, NobodyCarries, team_for
from guiju.kernel.calendar import local_date

#: Days before the birthday on which the task is made, and on which the card is to be in the post.
MADE_BEFORE: Final = 7
POSTED_BEFORE: Final = 3


def birthday_in(born: date, year: int) -> date:
    """Return the birthday in a year; who was born on 29 February has it on the 28th in other years."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _born_on(days: list[date]) -> Q:
    found = Q(pk__in=[])
    for day in days:
        found |= Q(birth_date__month=day.month, birth_date__day=day.day)
        if (day.month, day.day) == (2, 28):
            found |= Q(birth_date__month=2, birth_date__day=29)
    return found


@transaction.atomic
def plan_birthdays(at: datetime) -> int:
    """
    Make the tasks of birthdays within the next week; each once a year. Nobody who refused contact, has died, or is a
    company gets one. Returns how many were made.
    """
    today = local_date(at)
    days = [today + timedelta(days=ahead) for ahead in range(MADE_BEFORE + 1)]
    rows = list(
        Customer.objects.filter(_born_on(days), kind=Customer.PERSON, merged_into=None, deceased_date=None)
        .select_related("company")
        .order_by("pk")
    )
    barred = why_not(rows, CARE)
    wanted: list[CareContact] = []
    teams: dict[int, int | None] = {}
    for one in rows:
        assert one.birth_date is not None
        coming = [birthday_in(one.birth_date, year) for year in (today.year, today.year + 1)]
        birthday = next((day for day in coming if day in days), None)
        if birthday is None or one.pk in barred:
            continue
        if one.company_id not in teams:
            try:
                teams[one.company_id] = team_for(one.company_id, DAILY_CONTACT, at).pk
            except NobodyCarries:
                teams[one.company_id] = None
        team = teams[one.company_id]
        if team is None:
            continue
        wanted.append(
            CareContact(
                customer=one, company_id=one.company_id, kind=CareContact.BIRTHDAY, year=birthday.year,
                due_date=max(today, birthday - timedelta(days=POSTED_BEFORE)), channel="letter", team_id=team,
                subject=f"寄生日卡：{birthday.month} 月 {birthday.day} 日生日", planned_at=at,
            )
        )  # fmt: skip
    known = set(
        CareContact.objects.filter(
            kind=CareContact.BIRTHDAY, customer__in=[one.customer_id for one in wanted], year__gte=today.year
        ).values_list("customer_id", "year")
    )
    fresh = [one for one in wanted if (one.customer_id, one.year) not in known]
    CareContact.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    return len(fresh)
