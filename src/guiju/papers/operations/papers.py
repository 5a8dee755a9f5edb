"""Printing papers that are kept: the first print, reprints, voiding, and finding the paper of a scan."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.models import Company, Person
from guiju.papers import forms, scans
from guiju.papers.forms import Stamp
from guiju.papers.models import Attachment, AttachmentUse, Paper, Reprint
from guiju.papers.operations.attachments import keep_content

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SYSTEM = "系统"


class UnableToIssue(Refused):
    """The paper is not printed or reprinted; the text says why."""


def issue(
    *,
    form: str,
    data: Any,
    company: Company,
    by: Person | None,
    at: datetime,
    case: Case | None = None,
    number: str = "",
    copy: str = "",
) -> Paper:
    """
    Print a form for the first time and keep it: its content, its PDF (``paper.file``) and the token of its QR code.

    ``by`` is empty when the program prints after an act. A valid paper of this form and number that says the same is
    returned as it is, so a follow-up that runs twice prints once. Call it outside of a transaction.

    :raises UnableToIssue: this number is out with other words; void that paper first.
    :raises UnableToPrint: there is no such form, or the data is not of its kind.
    """
    kind = forms.form_kind(form)
    number = number or getattr(data, "number", "")
    content = forms.written(data)
    if number:
        out = Paper.objects.valid().filter(company=company, form=kind.code, number=number).first()
        if out is not None:
            if out.content == content:
                return out
            raise UnableToIssue(f"{kind.title} {number} 已经印过，内容不同。请先作废原件，再用新编号印制。")

    token = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    stamp = Stamp(by=by.name if by else SYSTEM, at=at, qr=scans.qr_text(token), number=number, copy=copy)
    pdf = forms.print_written(kind.code, content, stamp=stamp, company=company.name)
    title = forms.title_of(kind, data)
    file = keep_content(
        content=pdf,
        name=f"{title} {number}".strip() + ".pdf",
        kind=Attachment.Kind.PRINTED,
        secrecy=case.secrecy if case is not None else Attachment.Secrecy.PERSONAL,
        company_id=company.pk,
        by=by,
        at=at,
    )
    with transaction.atomic():
        paper = Paper.objects.create(
            company=company,
            case=case,
            form=kind.code,
            form_number=forms.number_of(kind, data),
            form_version=kind.version,
            title=title,
            number=number,
            token=token,
            content=content,
            file=file,
            sha256=file.sha256,
            printed_at=at,
            printed_by=by,
        )
        AttachmentUse.objects.create(
            attachment=file, case=case, kind="paper", key=str(paper.pk), title=title, used_at=at, used_by=by
        )
    return paper


def reprint(*, paper: Paper, reason: str, by: Person, at: datetime, copy: str = "") -> bytes:
    """
    Print a paper again, with the same words and the mark 补打 第 n 次; the reprint is written down.

    :raises UnableToIssue: it was voided, or no reason was given.
    """
    if not reason.strip():
        raise UnableToIssue("请填写补打原因。")
    with transaction.atomic():
        locked = Paper.objects.select_for_update().get(pk=paper.pk)
        if locked.voided_at is not None:
            raise UnableToIssue(f"{locked} 已作废，不能补打。")
        locked.reprints += 1
        locked.save(update_fields=["reprints"])
        Reprint.objects.create(
            paper=locked, count=locked.reprints, reason=reason.strip(), reprinted_at=at, reprinted_by=by
        )
    paper.reprints = locked.reprints
    return forms.print_written(
        locked.form,
        locked.content,
        stamp=_stamp(locked, by=by, at=at, copy=copy),
        company=locked.company.name,
        version=locked.form_version,
    )


def _stamp(paper: Paper, *, by: Person, at: datetime, copy: str = "", mark: str = "") -> Stamp:
    return Stamp(
        by=by.name,
        at=at,
        qr=scans.qr_text(paper.token),
        number=paper.number,
        copy=copy,
        reprint=paper.reprints,
        mark=mark,
    )


@transaction.atomic
def void(*, paper: Paper, reason: str, by: Person, at: datetime) -> Paper:
    """
    Void a paper; it stays in the books, its number is never used again by it, a new one gets a new number.

    :raises UnableToIssue: it is void already, or no reason was given.
    """
    if not reason.strip():
        raise UnableToIssue("请填写作废原因。")
    locked = Paper.objects.select_for_update().get(pk=paper.pk)
    if locked.voided_at is not None:
        raise UnableToIssue(f"{locked} 已经作废。")
    locked.voided_at, locked.voided_by, locked.void_reason = at, by, reason.strip()
    locked.save(update_fields=["voided_at", "voided_by", "void_reason"])
    return locked


def print_void(*, paper: Paper, by: Person, at: datetime) -> bytes:
    """
    Print a voided paper for the file, with 作废 across it.

    :raises UnableToIssue: it is not void.
    """
    if paper.voided_at is None:
        raise UnableToIssue(f"{paper} 没有作废。")
    return forms.print_written(
        paper.form,
        paper.content,
        stamp=_stamp(paper, by=by, at=at, mark="作废"),
        company=paper.company.name,
        version=paper.form_version,
    )


def match_scan(attachment: Attachment) -> Paper | None:
    """
    Return the paper whose QR code is in the scan or photo; None if there is none, or if two papers are in it.

    A voided paper is returned as well: the caller says that it is void.
    """
    tokens = scans.tokens_in(attachment.read(), attachment.mime)
    found = list(Paper.objects.filter(company_id=attachment.company_id, token__in=tokens).order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def looked_up(token: str) -> Paper | None:
    """Return the paper that a code names, for the page behind the QR code."""
    return Paper.objects.filter(token=token).select_related("case", "company").first()
