"""What notices tell an evidence pack: every communication with the customer about the case."""

from __future__ import annotations

from guiju.kernel.models import Case
from guiju.notify import ways
from guiju.notify.models import Channel, Message
from guiju.papers import writing
from guiju.papers.questions import Exchange, exchanged

HIDDEN = "（验证码，正文不保留）"


@exchanged.answered_by
def messages_of(case: Case) -> list[Exchange]:
    """Return the messages to people outside, with letters' numbers, tracking and proof."""
    own = dict(Channel.objects.filter(company_id=case.chain_id).values_list("code", "name"))
    rows = Message.objects.filter(case=case).exclude(to_kind="person").select_related("letter__proof")
    found = []
    for message in rows.order_by("made_at", "pk"):
        letter = getattr(message, "letter", None)
        proof = ""
        if letter is not None:
            if letter.delivered_at is not None:
                proof = f"{letter.received_by_name} {writing.short_moment(letter.delivered_at)} 签收"
            elif letter.returned_at is not None:
                proof = f"退回：{letter.returned_reason}"
            elif letter.posted_at is not None:
                proof = f"{letter.carrier} {letter.tracking}"
        elif message.arrived_at is not None:
            proof = writing.short_moment(message.arrived_at)
        found.append(
            Exchange(
                at=message.sent_at or message.made_at,
                way=own.get(message.way) or ways.label(message.way) or "未定",
                to=message.name or message.phone,
                words=HIDDEN if message.secret else message.body,
                state=message.get_state_display(),
                number=letter.number if letter is not None else "",
                answer=message.answer,
                proof=proof,
            )
        )
    return found
