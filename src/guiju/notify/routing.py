"""By which way a message goes: the person's preference among the template's ways, as far as it can be reached."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from guiju.kernel.crypto import normalise_phone
from guiju.notify import questions, ways
from guiju.notify.gateways import Gateway, kinds
from guiju.notify.models import Channel, Message, Reach, SmsFiling
from guiju.notify.templates import templates

MOBILE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Filed:
    """The operator's numbers that an SMS goes out under."""

    signature: str
    template_number: str


@dataclass(frozen=True)
class Route:
    """A way that a message can go: its gateway (none: by hand, or inside), the address on it."""

    way: str
    address: str = ""
    gateway: Gateway | None = None
    filed: Filed | None = None


@dataclass
class Search:
    """What was found: the route, or why each way is closed."""

    route: Route | None = None
    closed: list[str] = field(default_factory=list)
    unconnected: str = ""


class Unfiled(Exception):
    """The operator has not filed the signature or the template; the text says which."""


def order_of(message: Message) -> list[str]:
    """Return the ways of a message in order: those the person prefers first, if the template has them."""
    wanted: list[str] = []
    if message.to_kind == "customer" and message.to_id is not None:
        for said in questions.preferred_ways.ask_all(message.to_id):
            wanted += said
    elif message.to_kind == "person" and message.to_id is not None:
        wanted = list(
            Reach.objects.filter(person_id=message.to_id)
            .order_by("order", "pk")
            .values_list("way", flat=True)
        )
    there = list(message.ways)
    return list(dict.fromkeys([*(way for way in wanted if way in there), *there]))


def search(message: Message, *, without: frozenset[str] = frozenset()) -> Search:
    """Return the first way that is open for a message; ``without``: ways that failed for good."""
    found = Search()
    channels = {one.code: one for one in Channel.objects.filter(company_id=message.company_id)}
    for code in order_of(message):
        if code in without:
            continue
        own = channels.get(code)
        way = ways.WAYS.get(own.way if own is not None else code)
        if way is None:
            found.closed.append(f"没有「{code}」这个渠道")
            continue
        if own is not None and not own.on:
            found.closed.append(f"{own.name}已停用")
            continue
        if why := _unsuited(way, message):
            found.closed.append(why)
            continue
        address = address_of(message, way)
        if way.needs and not address:
            found.closed.append(f"{way.name}：没有可用的{_WANTS.get(way.needs, '地址')}")
            continue
        if not way.gateway:
            found.route = Route(code, address)
            return found
        if own is None or not own.config:
            found.closed.append(f"{way.name}还没有接通")
            found.unconnected = found.unconnected or code
            continue
        filed = None
        if way.code == ways.SMS:
            try:
                filed = filing_of(message)
            except Unfiled as unfiled:
                found.closed.append(str(unfiled))
                continue
        found.route = Route(code, address, kinds()[way.code].make(own.config), filed)
        return found
    return found


_WANTS = {"phone": "手机号", "email": "邮箱", "reach": "账号"}


def _unsuited(way: ways.Way, message: Message) -> str | None:
    declared = templates().get(message.template)
    if way.code == ways.ROBOT and (declared is None or not declared.data_free):
        return "群机器人不发含个人信息的内容"
    if way.code == ways.INSIDE and message.to_kind != "person":
        return "站内提醒只发给同事"
    if way.code in ways.PERSONAL and message.to_kind != "person":
        return f"{way.name}只发给同事本人"
    return None


def address_of(message: Message, way: ways.Way) -> str:
    """Return where the person is reached by this way; empty if nobody knows."""
    if way.needs == "phone":
        own = _reach(message, ways.SMS) or message.phone
        plain = normalise_phone(own)
        return plain if MOBILE.fullmatch(plain) else ""
    if way.needs == "email":
        return str(_reach(message, ways.EMAIL) or message.email).strip()
    if way.needs == "reach":
        return _reach(message, way.code)
    return str(message.address if way.code == ways.LETTER else message.phone)


def _reach(message: Message, way: str) -> str:
    if message.to_kind != "person" or message.to_id is None:
        return ""
    found: Any = Reach.objects.filter(person_id=message.to_id, way=way).first()
    return str(found.address) if found is not None else ""


def filing_of(message: Message) -> Filed:
    """
    Return the signature and template number that the operator filed for this kind, template and version.

    :raises Unfiled: one of the two is missing, in progress or refused.
    """
    rows = {
        (row.template, row.version): row
        for row in SmsFiling.objects.filter(
            company_id=message.company_id, kind=message.kind, template__in=["", message.template]
        )
    }
    signature = rows.get(("", 0))
    if signature is None or signature.state != SmsFiling.State.FILED:
        state = f"（{signature.get_state_display()}）" if signature is not None else ""
        raise Unfiled(f"短信签名没有报备{state}，不能发送")
    template = rows.get((message.template, message.version))
    if template is None or template.state != SmsFiling.State.FILED:
        state = f"（{template.get_state_display()}）" if template is not None else ""
        raise Unfiled(f"短信模板第 {message.version} 版没有报备{state}，不能发送")
    return Filed(signature.text, template.number)
