"""The words of templates: written by one person, approved by another, in force from then on (F-3.3-c)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guiju.kernel import engine
from guiju.kernel.refusals import Refused
from guiju.notify import ways
from guiju.notify.models import Message, Wording
from guiju.notify.templates import fields_of, template_of
from guiju.org import posts
from guiju.org.gates import require_post, scope_of
from guiju.org.models import Person

MAY_APPROVE = (posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.SERVICE_MANAGER)
MAY_WRITE = (
    *MAY_APPROVE, posts.CS_CLERK, posts.FRONT_DESK, posts.AFTER_SALES, posts.SIGNING_SUPERVISOR,
    posts.ADMINISTRATOR,
)  # fmt: skip


class UnableToWord(Refused):
    """The words are not taken; the text says why."""


@transaction.atomic
def write_wording(
    *,
    template: str,
    company_id: int,
    subject: str,
    text: str,
    channels: Sequence[str],
    by: Person,
    at: datetime,
) -> Wording:
    """
    Write a new version of a template's words; it holds once somebody else approved it.

    :raises NotYourPost: ``by`` may not write them.
    :raises UnableToWord: empty, too long, unknown names in braces, no way, or a version waits already.
    """
    require_post(by, *MAY_WRITE, at=at, company_id=company_id)
    declared = template_of(template)
    text = text.strip()
    if not 5 <= len(text) <= 1000:
        raise UnableToWord("正文请写 5 到 1000 个字。")
    unknown = [name for name in (*fields_of(text), *fields_of(subject)) if name not in declared.fields]
    if unknown:
        known = "、".join(f"{{{name}}}" for name in declared.fields) or "（没有）"
        raise UnableToWord(f"没有「{'、'.join(unknown)}」这些内容，可以用的是 {known}。")
    chosen = [way for way in channels if way in ways.WAYS]
    if not chosen:
        raise UnableToWord("请至少选一个渠道。")
    if ways.ROBOT in chosen and not declared.data_free:
        raise UnableToWord("这个模板含个人信息，不能发到群里。")
    waiting = Wording.objects.filter(
        company_id=company_id, template=template, approved_at=None, refused_at=None
    ).exists()
    if waiting:
        raise UnableToWord("还有一版等待审核，请先审核。")
    last = Wording.objects.filter(company_id=company_id, template=template).order_by("-version").first()
    made = Wording.objects.create(
        company_id=company_id,
        template=template,
        version=last.version + 1 if last is not None else 1,
        subject=subject.strip()[:100],
        text=text,
        channels=chosen,
        written_at=at,
        written_by=by,
    )
    _record("write_wording", made, by=by, at=at)
    return made


@transaction.atomic
def approve_wording(*, wording: Wording, by: Person, at: datetime) -> Wording:
    """
    Approve a version; from now on new messages read so.

    :raises NotYourPost: ``by`` may not approve.
    :raises UnableToWord: one's own, or decided already.
    """
    locked = _undecided(wording, by=by, at=at)
    locked.approved_at, locked.approved_by = at, by
    locked.save(update_fields=["approved_at", "approved_by"])
    _record("approve_wording", locked, by=by, at=at)
    return locked


@transaction.atomic
def refuse_wording(*, wording: Wording, reason: str, by: Person, at: datetime) -> Wording:
    """
    Send a version back with the reason.

    :raises NotYourPost: ``by`` may not approve.
    :raises UnableToWord: one's own, decided already, or no reason.
    """
    if not reason.strip():
        raise UnableToWord("请写明退回原因。")
    locked = _undecided(wording, by=by, at=at)
    locked.refused_at, locked.refused_by, locked.refused_reason = at, by, reason.strip()[:200]
    locked.save(update_fields=["refused_at", "refused_by", "refused_reason"])
    _record("refuse_wording", locked, by=by, at=at)
    return locked


def _undecided(wording: Wording, *, by: Person, at: datetime) -> Wording:
    locked = Wording.objects.select_for_update().get(pk=wording.pk)
    require_post(by, *MAY_APPROVE, at=at, company_id=locked.company_id)
    if locked.written_by_id == by.pk:
        raise UnableToWord("自己写的由另一位审核。")
    if locked.approved_at is not None or locked.refused_at is not None:
        raise UnableToWord("这一版已经审核过。")
    return locked


@transaction.atomic
def check_message(*, message: Message, accept: bool, by: Person, at: datetime, reason: str = "") -> Message:
    """
    Look at a message that somebody else wrote: let it go out, or stop it with a reason.

    :raises UnableToWord: one's own, not waiting to be looked at, out of scope, or stopped without a reason.
    """
    locked = Message.objects.select_for_update().get(pk=message.pk)
    if not scope_of(by, at=at).holds(locked.company_id, locked.scope_id):
        raise UnableToWord("这不在你的项目里。")
    if locked.state != Message.State.CHECKING:
        raise UnableToWord("这条通知不在待复核的状态。")
    if locked.made_by_id == by.pk:
        raise UnableToWord("自己写的由另一位复核。")
    if not accept and not reason.strip():
        raise UnableToWord("请写明不发的原因。")
    locked.checked_at, locked.checked_by = at, by
    locked.state = Message.State.WAITING if accept else Message.State.REFUSED
    locked.next_at = at if accept else None
    locked.why = "" if accept else f"{by.name}复核不发：{reason.strip()}"[:300]
    locked.save(update_fields=["checked_at", "checked_by", "state", "next_at", "why"])
    return locked


def _record(step: str, wording: Wording, *, by: Person, at: datetime) -> None:
    engine.record(
        company_id=wording.company_id, step=f"notify.{step}", by=by, at=at,
        given={"template": wording.template, "version": wording.version, "text": wording.text},
    )  # fmt: skip
