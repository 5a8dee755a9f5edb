"""Mailing lists for one permitted purpose, the magazine 当代人 among them; labels, dispatch per customer, returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from guiju.customers.consenting import PURPOSES, why_not
from guiju.customers.models import Customer, Mailing, MailingList
from guiju.customers.operations.contacts import record_contact
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.calendar import local_date
from guiju.kernel.refusals import Refused
from guiju.org.models import Company, Person
from guiju.papers import typesetting

NO_ADDRESS: Final = "没有通讯地址"
SAME_HOUSEHOLD: Final = "同一地址已有一份"
MOST: Final = 20000


class UnableToMail(Refused):
    """The list cannot be made, or the dispatch cannot be recorded; says why."""


@transaction.atomic
def make_list(
    *,
    company: Company,
    project: Project | None,
    purpose: str,
    name: str,
    customers: Sequence[Customer],
    segment: Mapping[str, Any],
    by: Person,
    at: datetime,
    one_per_address: bool = False,
) -> MailingList:
    """
    Make a list of the customers of a segment who may be addressed for the purpose and have an address; the others are
    counted with the reason (I-2.1-s). ``one_per_address``: a household gets one copy (I-2.1-v).

    :raises UnableToMail: no such purpose, no name, the name was used, nobody is left, or too many.
    """
    name = name.strip()
    if purpose not in PURPOSES:
        raise UnableToMail("名单要写明用途，并且只能用于客户同意的用途")
    if len(name) < 2:
        raise UnableToMail("请写名单的名称，如：当代人 2026 年第 4 期")
    if len(customers) > MOST:
        raise UnableToMail(f"一份名单最多 {MOST} 位客户，请缩小范围")
    if MailingList.objects.filter(company=company, project=project, purpose=purpose, name=name).exists():
        raise UnableToMail("这个名称的名单已经有了，寄发记在那一份上")
    barred = why_not(customers, purpose)
    left_out: Counter[str] = Counter()
    wanted: list[Customer] = []
    places: set[str] = set()
    for one in customers:
        place = "".join(one.address.split())
        if one.pk in barred:
            left_out[barred[one.pk]] += 1
        elif not place:
            left_out[NO_ADDRESS] += 1
        elif one_per_address and place in places:
            left_out[SAME_HOUSEHOLD] += 1
        else:
            places.add(place)
            wanted.append(one)
    if not wanted:
        why = "；".join(f"{reason} {count} 位" for reason, count in left_out.items())
        raise UnableToMail(f"没有可以寄的客户：{why or '这个范围里没有客户'}")
    made = MailingList.objects.create(
        company=company, project=project, purpose=purpose, name=name[:80], segment=dict(segment),
        left_out=dict(left_out), made_at=at, made_by=by,
    )  # fmt: skip
    Mailing.objects.bulk_create(
        [Mailing(mailing_list=made, customer=one, address=one.address) for one in wanted], batch_size=500
    )
    engine.record(
        company_id=company.pk, step="customers.mailing_list", by=by, at=at,
        given={"list": made.pk, "purpose": purpose, "name": name, "customers": len(wanted), "left_out": dict(left_out)},
    )  # fmt: skip
    return made


@transaction.atomic
def dispatch(
    *,
    mailing_list: MailingList,
    mailings: Collection[int],
    sent_date: date,
    how: str,
    by: Person,
    at: datetime,
) -> int:
    """
    Record for these customers of a list that it was sent: on the list, and in each one's contact history (I-2.1-v).
    Those sent before are left as they are; returns how many were recorded.

    :raises UnableToMail: nobody is chosen, it is not said how, the day lies ahead or before the list, or a customer has
        refused the purpose meanwhile.
    """
    if len(how.strip()) < 2:
        raise UnableToMail("请写明怎样寄的，如：邮局大宗印刷品")
    if sent_date < local_date(mailing_list.made_at):
        raise UnableToMail("寄发日期早于名单")
    if sent_date > local_date(at):
        raise UnableToMail("寄发日期不能晚于今天")
    rows = list(
        Mailing.objects.select_for_update()
        .filter(mailing_list=mailing_list, pk__in=list(mailings))
        .select_related("customer")
        .order_by("pk")
    )
    if not rows:
        raise UnableToMail("请选寄给了哪些客户")
    barred = why_not([row.customer for row in rows], mailing_list.purpose)
    sent = 0
    for row in rows:
        if row.sent_date is not None:
            continue
        if row.customer_id in barred:
            raise UnableToMail(f"{row.customer.name}{barred[row.customer_id]}，请从这次寄发中去掉")
        row.sent_date, row.sent_how, row.recorded_at, row.recorded_by = sent_date, how.strip()[:60], at, by
        row.save(update_fields=["sent_date", "sent_how", "recorded_at", "recorded_by"])
        record_contact(
            customer=row.customer, channel="letter", summary=f"寄发{mailing_list.name}（{how.strip()}）", outward=True,
            by=by, at=at,
        )  # fmt: skip
        sent += 1
    engine.record(
        company_id=mailing_list.company_id, step="customers.dispatch", by=by, at=at,
        given={"list": mailing_list.pk, "sent": sent, "date": sent_date.isoformat()},
    )  # fmt: skip
    return sent


@transaction.atomic
def came_back(*, mailing: Mailing, on: date, why: str, by: Person, at: datetime) -> Mailing:
    """
    Record that what was sent came back; the customer's address is to be asked for again.

    :raises UnableToMail: it was not sent, came back before, on a day before it was sent or ahead, or without a reason.
    """
    row = Mailing.objects.select_for_update().select_related("mailing_list", "customer").get(pk=mailing.pk)
    if row.sent_date is None or row.returned_date is not None:
        raise UnableToMail("这一份没有寄出，或已经记过退回")
    if not row.sent_date <= on <= local_date(at):
        raise UnableToMail("退回日期应在寄发以后，不晚于今天")
    if len(why.strip()) < 2:
        raise UnableToMail("请写明退回的原因，如：查无此人")
    row.returned_date, row.returned_why = on, why.strip()[:100]
    row.save(update_fields=["returned_date", "returned_why"])
    record_contact(
        customer=row.customer, channel="letter", summary=f"{row.mailing_list.name}退回：{why.strip()}", outward=True,
        reached=False, by=by, at=at,
    )  # fmt: skip
    return row


def labels(rows: Sequence[Mailing], *, sender: str, at: datetime) -> bytes:
    """Return address labels as PDF, 24 on an A4 sheet (3 × 8, 70 × 37 mm): address, name, sender."""
    data = {
        "labels": [{"address": row.address, "name": row.customer.name, "list": row.mailing_list.name} for row in rows],
        "sender": sender,
    }  # fmt: skip
    return typesetting.render("labels", {"data": data}, at=at)
