"""Signatures: drawn on a screen, or found on a scanned paper. What was signed is held by its digest."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guiju.kernel.refusals import Refused
from guiju.org.models import Person
from guiju.papers.models import Attachment, AttachmentUse, Paper, Signature
from guiju.papers.operations.attachments import keep_content
from guiju.papers.strokes import Strokes, UnableToRead, extent, read_strokes

#: Shorter than this, in units of the drawing's own size, and it is a slip of the finger.
_SHORTEST = 0.6
_PICTURE = (900, 360)


class UnableToSign(Refused):
    """The signature is not taken; the text says why."""


def sign_on_screen(
    *,
    paper: Paper,
    role: str,
    name: str,
    strokes: Sequence[Any],
    by: Person,
    at: datetime,
    signer: Person | None = None,
) -> Signature:
    """
    Keep a signature drawn on screen: strokes, picture, moment, and the digest of the paper that was shown.

    ``by`` holds the device; ``signer`` is set when an employee signs, who must be ``by``.

    :raises UnableToSign: nothing was drawn, it is too short, the paper is void, or somebody signs for another.
    """
    _may_sign(paper, name, signer, by)
    drawn = drawing(strokes)
    picture = keep_content(
        content=_picture(drawn),
        name=f"签名 {name}.png",
        kind=Attachment.Kind.SIGNATURE,
        secrecy=Attachment.Secrecy.PERSONAL,
        company_id=paper.company_id,
        by=by,
        at=at,
    )
    return _kept(
        paper=paper, role=role, name=name, signer=signer, method=Signature.Method.ON_SCREEN,
        strokes=strokes_kept(drawn), picture=picture, signed_at=at, by=by, at=at,
    )  # fmt: skip


def sign_by_scan(
    *,
    paper: Paper,
    scan: Attachment,
    role: str,
    name: str,
    signed_at: datetime,
    by: Person,
    at: datetime,
    signer: Person | None = None,
) -> Signature:
    """
    Record that a scanned paper bears a signature; the digest is that of the paper as it was printed.

    :raises UnableToSign: the paper is void, the moment lies ahead, or the scan is another company's.
    """
    if paper.voided_at is not None:
        raise UnableToSign(f"{paper} 已作废，不能登记签名。")
    if not name.strip():
        raise UnableToSign("请填写签名人。")
    if signed_at > at:
        raise UnableToSign("签名时间不能晚于现在。")
    if scan.company_id != paper.company_id:
        raise UnableToSign("扫描件不属于这家公司。")
    return _kept(
        paper=paper, role=role, name=name, signer=signer, method=Signature.Method.PAPER_SCANNED,
        strokes=None, picture=scan, signed_at=signed_at, by=by, at=at,
    )  # fmt: skip


def drawing(strokes: Sequence[Any]) -> Strokes:
    """
    Return what was drawn, long enough to be a signature: asked before a paper is made for it.

    :raises UnableToSign: nothing was drawn, it is too short, or no drawing at all.
    """
    try:
        drawn = read_strokes(strokes)
    except UnableToRead as error:
        raise UnableToSign(str(error)) from error
    if _length(drawn) < _SHORTEST:
        raise UnableToSign("签名太短，请重签。")
    return drawn


def _may_sign(paper: Paper, name: str, signer: Person | None, by: Person) -> None:
    if paper.voided_at is not None:
        raise UnableToSign(f"{paper} 已作废，不能签名。")
    if not name.strip():
        raise UnableToSign("请填写签名人。")
    if signer is not None and signer.pk != by.pk:
        raise UnableToSign("员工签名须本人登录后签，不能代签。")


@transaction.atomic
def _kept(
    *,
    paper: Paper,
    role: str,
    name: str,
    signer: Person | None,
    method: str,
    strokes: list[Any] | None,
    picture: Attachment,
    signed_at: datetime,
    by: Person,
    at: datetime,
) -> Signature:
    signature = Signature.objects.create(
        case=paper.case,
        paper=paper,
        role=role,
        signer_name=name.strip(),
        signer=signer,
        method=method,
        strokes=strokes,
        picture=picture,
        signed_sha256=paper.sha256,
        signed_at=signed_at,
        recorded_at=at,
        recorded_by=by,
    )
    AttachmentUse.objects.get_or_create(
        attachment=picture,
        case=paper.case,
        kind="signature",
        key=str(paper.pk),
        defaults={"title": role, "used_at": at, "used_by": by},
    )
    return signature


def strokes_kept(strokes: Strokes) -> list[Any]:
    """Return strokes as they are stored: lists of ``[x, y, milliseconds]``."""
    return [[[x, y, t] for x, y, t in stroke] for stroke in strokes]


def _length(strokes: Strokes) -> float:
    """Return the length of the line over the longer side of its extent (a straight dash is 1, a name above 3)."""
    left, top, right, bottom = extent(strokes)
    size = max(right - left, bottom - top)
    if size < 8:
        return 0.0
    drawn = sum(math.dist(a[:2], b[:2]) for stroke in strokes for a, b in itertools.pairwise(stroke))
    return drawn / size


def _picture(strokes: Strokes) -> bytes:
    """Return the signature as PNG, dark on white, fitted with a margin."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = extent(strokes)
    scale = min((_PICTURE[0] - 60) / max(right - left, 1), (_PICTURE[1] - 60) / max(bottom - top, 1))
    image = Image.new("L", _PICTURE, 255)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        line = [(30 + (x - left) * scale, 30 + (y - top) * scale) for x, y, _ in stroke]
        if len(line) == 1:
            line = [line[0], (line[0][0] + 1, line[0][1] + 1)]
        pen.line(line, fill=20, width=6, joint="curve")
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()
