"""Sending what is due: claim, send outside any transaction, write down what happened. Nothing goes out twice.

A message is claimed by compare-and-set before its gateway is called. Whoever dies between the two leaves it claimed;
after the lease it is sent again only where the other side knows our key (``repeatable``). Elsewhere nobody knows
whether it went out, and a person decides (去向不明).
"""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import Refused
from guiju.notify import manners, routing, ways
from guiju.notify.gateways import Outgoing, Permanent, Temporary, Unsure
from guiju.notify.models import Attempt, Channel, Letter, Message
from guiju.notify.replies import tell_case
from guiju.notify.routing import Route
from guiju.org import posts
from guiju.org.models import Person

log = logging.getLogger(__name__)

State = Message.State
ATTEMPTS = 6
LEASE = timedelta(minutes=5)
#: For how long a gateway is asked whether a message arrived.
ASK_FOR = timedelta(days=3)
LETTER_SERIES = "FH"
SENT, LATER, REFUSED, UNSURE, AGAIN = "sent", "later", "refused", "unsure", "again"


def deliver_due(at: datetime, *, limit: int = 50) -> int:
    """Send what is due, and return how many messages were moved on."""
    _take_back(at)
    due = list(Message.objects.filter(state=State.WAITING, next_at__lte=at).order_by("next_at", "id")[:limit])
    return sum(_deliver(message, at) for message in due)


def _take_back(at: datetime) -> None:
    """Messages whose sender died: again where that is safe, else to a person."""
    for message in Message.objects.filter(state=State.SENDING, next_at__lte=at).order_by("next_at", "id")[
        :100
    ]:
        search = routing.search(message)
        safe = (
            search.route is not None
            and search.route.way == message.way
            and search.route.gateway is not None
            and search.route.gateway.repeatable
        )
        mine = Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts)
        if safe:
            mine.update(state=State.WAITING, next_at=at)
        elif mine.update(state=State.UNSURE, next_at=None, why="发送时程序中断，可能已经发出，请核对后决定"):
            _tried(message, UNSURE, "程序中断", at)


def _deliver(message: Message, at: datetime) -> bool:
    mine = Message.objects.filter(pk=message.pk, state=State.WAITING, attempts=message.attempts)
    if message.case is not None and message.case.historic:
        return bool(mine.update(state=State.REFUSED, next_at=None, why="历史事项不发通知"))
    if why := manners.refusal_of(message):
        return bool(mine.update(state=State.REFUSED, next_at=None, why=why))
    if (until := manners.held_back_until(message, at)) is not None:
        return bool(mine.update(next_at=until, why="免打扰时段，到时自动发送"))
    failed = _failed(message)
    search = routing.search(message, without=failed)
    route = search.route
    if route is None:
        return _nowhere(message, search, failed)
    if route.gateway is None:
        return _without_gateway(message, route, at)
    claimed = mine.update(
        state=State.SENDING, attempts=message.attempts + 1, way=route.way, next_at=at + LEASE, why=""
    )
    if claimed != 1:
        return False
    message.attempts, message.way = message.attempts + 1, route.way
    _hand_over(message, route, at)
    return True


def _failed(message: Message) -> frozenset[str]:
    """Return the ways on which the message was refused for good, since a person last put it back."""
    failed: set[str] = set()
    for way, outcome in Attempt.objects.filter(message=message).order_by("pk").values_list("way", "outcome"):
        if outcome == AGAIN:
            failed.clear()
        elif outcome == REFUSED:
            failed.add(way)
    return frozenset(failed)


def _nowhere(message: Message, search: routing.Search, failed: frozenset[str]) -> bool:
    mine = Message.objects.filter(pk=message.pk, state=State.WAITING, attempts=message.attempts)
    closed = list(dict.fromkeys(search.closed))
    if failed:
        last = Attempt.objects.filter(message=message, outcome=REFUSED).order_by("-pk").first()
        said = [f"{ways.label(last.way)}：{last.said}"] if last is not None else []
        return bool(mine.update(state=State.DEAD, next_at=None, why="；".join([*said, *closed])[:300]))
    why = "；".join(closed)[:300] or "没有可用的渠道"
    if search.unconnected:
        return bool(mine.update(state=State.UNCONNECTED, way=search.unconnected, next_at=None, why=why))
    return bool(mine.update(state=State.DEAD, next_at=None, why=why))


def _without_gateway(message: Message, route: Route, at: datetime) -> bool:
    """Put a message where its person sees it, or where people do it by hand."""
    with transaction.atomic():
        mine = Message.objects.filter(pk=message.pk, state=State.WAITING, attempts=message.attempts)
        channel = Channel.objects.filter(company_id=message.company_id, code=route.way).first()
        kind = channel.way if channel is not None else route.way
        if kind == ways.INSIDE:
            return bool(
                mine.update(
                    state=State.DELIVERED, way=route.way, next_at=None, sent_at=at, arrived_at=at, why=""
                )
            )
        moved = mine.update(
            state=State.BY_HAND, way=route.way, next_at=None, why="", post=message.post or posts.FRONT_DESK
        )
        if moved and kind == ways.LETTER:
            number = document_number(LETTER_SERIES, message.scope_id, at)
            Letter.objects.get_or_create(message=message, defaults={"number": number})
        return bool(moved)


def _hand_over(message: Message, route: Route, at: datetime) -> None:
    """Call the gateway, outside any transaction, and write down what it said."""
    assert route.gateway is not None
    body = message.body
    if route.filed is not None:
        tail = "　拒收请回复R" if message.kind == "marketing" else ""
        body = f"【{route.filed.signature}】{body}{tail}"
    outgoing = Outgoing(
        key=message.uuid, address=route.address, subject=message.subject, body=body,
        signature=route.filed.signature if route.filed else "",
        template_number=route.filed.template_number if route.filed else "", values=message.values,
    )  # fmt: skip
    try:
        outside_key = route.gateway.send(outgoing)
    except Permanent as refused:
        # Another way may be open: look again at once.
        _after(message, REFUSED, str(refused), at, {"state": State.WAITING, "next_at": at})
    except Temporary as later:
        if message.attempts >= ATTEMPTS:
            # This way is given up; another may be open.
            _after(message, REFUSED, str(later), at, {"state": State.WAITING, "attempts": 0, "next_at": at})
        else:
            pause = timedelta(seconds=min(3600, 15 * 2**message.attempts) * random.uniform(0.8, 1.2))
            _after(
                message, LATER, str(later), at,
                {"state": State.WAITING, "next_at": at + pause, "why": str(later)[:300]},
            )  # fmt: skip
    except Exception as unsure:
        if not isinstance(unsure, Unsure):
            log.exception("gateway %s failed", route.way)
        again = route.gateway.repeatable and message.attempts < ATTEMPTS
        changes: dict[str, object] = (
            {"state": State.WAITING, "next_at": at + timedelta(minutes=1)}
            if again
            else {
                "state": State.UNSURE,
                "next_at": None,
                "why": f"{unsure}，可能已经发出，请核对后决定"[:300],
            }
        )
        _after(message, UNSURE, str(unsure), at, changes)
    else:
        _after(
            message, SENT, "", at,
            {"state": State.SENT, "next_at": None, "sent_at": at, "gateway_key": outside_key, "why": ""},
        )  # fmt: skip


def _after(message: Message, outcome: str, said: str, at: datetime, changes: dict[str, object]) -> None:
    with transaction.atomic():
        mine = Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts)
        moved = mine.update(**changes)
        _tried(message, outcome, said, at)
        if moved and outcome == SENT and for_outside(message):
            tell_case(message, "notice:sent", at=at, to=message.name, words=message.body)


def for_outside(message: Message) -> bool:
    """Whether a message to somebody outside belongs into the history of its case."""
    return message.case_id is not None and message.to_kind != "person" and not message.secret


def _tried(message: Message, outcome: str, said: str, at: datetime) -> None:
    Attempt.objects.create(message=message, way=message.way, outcome=outcome, said=said[:500], tried_at=at)


# --- what became of it -----------------------------------------------------------------------------------------------
def ask_receipts(at: datetime, *, limit: int = 100) -> int:
    """Ask the gateways whether what was sent lately arrived; return of how many that is known now."""
    known = 0
    rows = Message.objects.filter(state=State.SENT, sent_at__gte=at - ASK_FOR).filter(
        Q(way=ways.SMS) & ~Q(gateway_key="")
    )
    for message in rows.order_by("sent_at", "id")[:limit]:
        channel = Channel.objects.filter(company_id=message.company_id, code=message.way, on=True).first()
        if channel is None or not channel.config.get("status_url"):
            continue
        search = routing.search(message)
        if search.route is None or search.route.gateway is None or search.route.way != message.way:
            continue
        try:
            receipt = search.route.gateway.receipt(message.gateway_key, message.uuid)
        except (Temporary, Permanent, Unsure):
            continue
        if receipt.state != "waiting":
            note_receipt(message, delivered=receipt.state == "delivered", said=receipt.said, at=at)
            known += 1
    return known


def note_receipt(message: Message, *, delivered: bool, said: str, at: datetime) -> None:
    """Note that a message arrived, or did not: then another way is tried. Told twice, nothing changes."""
    with transaction.atomic():
        mine = Message.objects.filter(pk=message.pk, state=State.SENT)
        if delivered:
            if mine.update(state=State.DELIVERED, arrived_at=at, why="") and for_outside(message):
                tell_case(message, "notice:delivered", at=at)
        elif mine.update(state=State.WAITING, next_at=at, why=f"未送达：{said}"[:300]):
            _tried(message, REFUSED, said or "未送达", at)


# --- what people decide ----------------------------------------------------------------------------------------------
class UnableToSendAgain(Refused):
    """The message is not put back; the text says why."""


def send_again(message: Message, *, by: Person, at: datetime) -> Message:
    """
    Put a message back that failed, found no gateway, or whose fate is unknown: a person looked and decided.

    :raises UnableToSendAgain: it is in another state.
    """
    moved = Message.objects.filter(
        pk=message.pk, state__in=[State.DEAD, State.UNCONNECTED, State.UNSURE]
    ).update(state=State.WAITING, attempts=0, next_at=at, why=f"{by.name}决定再发")
    if not moved:
        raise UnableToSendAgain("这条通知不在可以再发的状态。")
    with transaction.atomic():
        _tried(message, AGAIN, by.name, at)
    message.refresh_from_db()
    return message


def settle(message: Message, *, by: Person, at: datetime) -> Message:
    """
    Say of a message whose fate is unknown that it did arrive.

    :raises UnableToSendAgain: it is in another state.
    """
    moved = Message.objects.filter(pk=message.pk, state=State.UNSURE).update(
        state=State.DELIVERED,
        sent_at=at,
        arrived_at=at,
        done_at=at,
        done_by=by,
        why=f"{by.name}核对：已经收到",
    )
    if not moved:
        raise UnableToSendAgain("这条通知的去向已经清楚。")
    message.refresh_from_db()
    return message
