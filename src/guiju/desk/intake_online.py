"""What a customer types into the public form: it opens a reception at once, with its number and its clocks (F-2.1-c)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

from django.db import transaction
from pydantic import Field

from guiju.customers.models import Customer
from guiju.desk import intake, intake_guide
from guiju.desk.models import Channel, Incoming
from guiju.desk.operations.inbox import take_in
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.crypto import normalise_phone
from guiju.kernel.forms import Form, field, parse
from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled

PHONE_LENGTHS = range(7, 16)


class Wish(Enum):
    """What the customer wants, in everyday words."""

    label: str

    def __new__(cls, value: str, label: str) -> Wish:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    REPAIR = "repair", "家里有地方要修"
    INQUIRY = "inquiry", "想问一件事"
    COMPLAINT = "complaint", "有意见要反映"
    SUGGESTION = "suggestion", "提个建议"
    HELP = "help", "请帮个忙"
    PRAISE = "praise", "表扬工作人员"


class MessageForm(Form):
    """在线留言。"""

    kind: Wish = field("您想说的是")
    words: Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})] = (
        field("请写下来")
    )
    name: Annotated[str, Field(min_length=1, max_length=100)] = field("怎么称呼您")
    phone: Annotated[str, Field(min_length=1, max_length=40)] = field("联系电话", widget="phone")
    room: Annotated[str, Field(max_length=60)] = field("房号", default="", help="如 3栋 1单元 1502")
    wish: Annotated[str, Field(max_length=400)] = field("希望我们怎么做", default="")


def submit(typed: dict[str, object], *, project: Project, key: UUID, at: datetime) -> Case:
    """
    Open a reception for what a customer typed, once per key, and return its case; the message stands in the inbox
    until somebody opened it.

    :raises BadlyFilled: a field is not filled rightly; nothing is lost, the page shows it again.
    """
    given = parse(MessageForm, typed)
    phone = normalise_phone(given.phone)
    if len(phone.lstrip("+")) not in PHONE_LENGTHS or not phone.lstrip("+").isdigit():
        raise BadlyFilled({"phone": "联系电话：请填能打通的电话号码"})
    with transaction.atomic():
        item, new = take_in(
            company_id=project.company_id, project_id=project.pk, channel=Incoming.ONLINE, key=f"online:{key}",
            sender=given.name, phone=phone, room=given.room, subject=given.kind.label, text=given.words, at=at,
        )  # fmt: skip
        if not new and item.case is not None:
            return item.case
        callers = intake.by_phone(phone, among=Customer.objects.filter(company_id=project.company_id))
        units = intake.units_by_words(given.room, scopes=[project.pk]) if given.room else []
        event = engine.open_case(
            "reception", by=None, at=at, chain_id=project.company_id, scope_id=project.pk,
            given={
                "channel": Channel.ONLINE.value, "kind": given.kind.value, "words": given.words, "phone": phone,
                "caller": given.name, "need": given.wish or intake_guide.wish_for(given.kind.value, ""),
                # Who holds the number is probably who writes; a person confirms it.
                "customer": callers[0].customer.pk if len(callers) == 1 else None,
                "unit": units[0].pk if len(units) == 1 else None, "incoming": item.pk,
            },
        )  # fmt: skip
    assert event.case is not None
    return event.case
