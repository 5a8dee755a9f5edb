"""Letters by post: printed under their number, posted with a tracking number, delivered with proof, or returned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel.clocks import ZONE
from guiju.kernel.refusals import Refused
from guiju.notify.models import Letter, Message
from guiju.notify.replies import tell_case
from guiju.org.models import Company, Person
from guiju.papers.forms import LetterForm
from guiju.papers.models import Attachment
from guiju.papers.operations.attachments import attach
from guiju.papers.operations.papers import issue


class UnableToHandleLetter(Refused):
    """The letter stays as it is; the text says why."""


def print_letter(*, letter: Letter, by: Person, at: datetime) -> Letter:
    """
    Print a letter under its number and keep the print. Call it outside of a transaction.

    :raises UnableToHandleLetter: it was stopped.
    """
    message = letter.message
    if message.state == Message.State.STOPPED:
        raise UnableToHandleLetter("这封信已经撤回，不再打印。")
    company = Company.objects.get(pk=message.company_id)
    written = letter.printed_at or at
    form = LetterForm(
        title=message.subject or "通知书",
        number=letter.number,
        to=message.name or "业主",
        paragraphs=tuple(line for line in message.body.splitlines() if line.strip()),
        company=company.name,
        written_on=written.astimezone(ZONE).date(),
        facts=(("寄送地址", message.address),) if message.address else (),
        delivery="邮政特快专递",
    )
    paper = issue(
        form="letter", data=form, company=company, by=by, at=at, case=message.case, number=letter.number
    )
    Letter.objects.filter(pk=letter.pk, printed_at=None).update(paper=paper, printed_at=at, printed_by=by)
    letter.refresh_from_db()
    return letter


@transaction.atomic
def post_letter(*, letter: Letter, carrier: str, tracking: str, by: Person, at: datetime) -> Letter:
    """
    Note that a letter was posted, with carrier and tracking number.

    :raises UnableToHandleLetter: not printed, posted already, or no tracking number.
    """
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    if locked.printed_at is None:
        raise UnableToHandleLetter("请先打印这封信。")
    if locked.posted_at is not None:
        raise UnableToHandleLetter("这封信已经寄出。")
    if not carrier.strip() or not tracking.strip():
        raise UnableToHandleLetter("请填写承运单位和运单号，签收要凭它查。")
    locked.posted_at, locked.posted_by = at, by
    locked.carrier, locked.tracking = carrier.strip(), tracking.strip()
    locked.save(update_fields=["posted_at", "posted_by", "carrier", "tracking"])
    Message.objects.filter(pk=locked.message_id).update(state=Message.State.SENT, sent_at=at)
    tell_case(
        locked.message, "notice:posted", at=at, by_id=by.pk, number=locked.number, tracking=tracking.strip(),
        words=locked.message.body, to=locked.message.name,
    )  # fmt: skip
    return locked


@transaction.atomic
def deliver_letter(
    *,
    letter: Letter,
    received_by: str,
    delivered_at: datetime,
    by: Person,
    at: datetime,
    proof_sha256: str = "",
) -> Letter:
    """
    Note that a letter was received: by whom, when, with the proof (a picture of the signed slip).

    :raises UnableToHandleLetter: not posted, ended already, or the moment does not fit.
    """
    locked = _posted(letter)
    if not received_by.strip():
        raise UnableToHandleLetter("请填写签收人。")
    assert locked.posted_at is not None
    if not locked.posted_at <= delivered_at <= at:
        raise UnableToHandleLetter("签收时间应在寄出之后、现在之前。")
    if proof_sha256:
        (use,) = attach(
            sha256s=[proof_sha256], company_id=locked.message.company_id, kind="letter_proof", by=by, at=at,
            case=locked.message.case, key=str(locked.pk), title=f"{locked.number} 签收凭证",
        )  # fmt: skip
        locked.proof = Attachment.objects.get(pk=use.attachment_id)
    locked.delivered_at, locked.delivered_by, locked.received_by_name = delivered_at, by, received_by.strip()
    locked.save(update_fields=["delivered_at", "delivered_by", "received_by_name", "proof"])
    Message.objects.filter(pk=locked.message_id).update(
        state=Message.State.DELIVERED, arrived_at=delivered_at, done_at=at, done_by=by
    )
    tell_case(locked.message, "notice:delivered", at=at, by_id=by.pk, received_by=received_by.strip())
    return locked


@transaction.atomic
def return_letter(*, letter: Letter, reason: str, by: Person, at: datetime) -> Letter:
    """
    Note that a letter came back, and why.

    :raises UnableToHandleLetter: not posted, ended already, or no reason.
    """
    locked = _posted(letter)
    if not reason.strip():
        raise UnableToHandleLetter("请填写退回原因。")
    locked.returned_at, locked.returned_by, locked.returned_reason = at, by, reason.strip()[:200]
    locked.save(update_fields=["returned_at", "returned_by", "returned_reason"])
    Message.objects.filter(pk=locked.message_id).update(
        state=Message.State.DEAD, why=f"信函被退回：{reason.strip()}"[:300]
    )
    tell_case(locked.message, "notice:returned", at=at, by_id=by.pk, words=reason.strip())
    return locked


def _posted(letter: Letter) -> Letter:
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    if locked.posted_at is None:
        raise UnableToHandleLetter("这封信还没有寄出。")
    if locked.delivered_at is not None or locked.returned_at is not None:
        raise UnableToHandleLetter("这封信已经有结果。")
    return locked
