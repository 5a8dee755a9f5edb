"""The photos and files of an evidence pack: which there are, each once, reduced for the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guiju.papers import writing
from guiju.papers.evidence_parts import Part, name_of
from guiju.papers.models import Attachment, AttachmentUse

#: The longer side of a photo on the page, in pixels: 150 dpi at half a page's width.
PHOTO_PIXELS = 760


@dataclass(frozen=True)
class Shot:
    """A picture of the pack: shown once, whatever it was used for."""

    use: AttachmentUse
    title: str
    parts: Sequence[Part]


def _uses(parts: Sequence[Part]) -> Iterable[tuple[Part, AttachmentUse]]:
    for part in parts:
        rows = AttachmentUse.objects.filter(case=part.case).select_related("attachment")
        yield from ((part, use) for use in rows.order_by("used_at", "pk"))


def shots_of(parts: Sequence[Part]) -> list[Shot]:
    """Return the pictures in the order in which they were taken up."""
    uses: dict[int, list[tuple[Part, AttachmentUse]]] = {}
    for part, use in _uses(parts):
        if use.attachment.width and use.kind != "signature":
            uses.setdefault(use.attachment_id, []).append((part, use))
    found = [
        Shot(
            same[0][1],
            "、".join(dict.fromkeys(use.title or use.attachment.name for _, use in same)),
            list({part.case.pk: part for part, _ in same}.values()),
        )
        for same in uses.values()
    ]
    return sorted(found, key=lambda shot: (shot.use.used_at, shot.use.pk))


def files_of(parts: Sequence[Part]) -> Iterable[AttachmentUse]:
    """Return the files that are no photos."""
    seen: dict[int, AttachmentUse] = {}
    for _, use in _uses(parts):
        if not use.attachment.width and use.attachment.kind != Attachment.Kind.PRINTED:
            seen.setdefault(use.attachment_id, use)
    return seen.values()


def photo_of(number: int, shot: Shot, several: bool) -> dict[str, str]:
    """Return what the page says under a photo."""
    kept = shot.use.attachment
    return {
        "picture": f"photo{number}",
        "title": shot.title,
        "part": "、".join(part.name for part in shot.parts) if several else "",
        "taken": writing.short_moment(kept.taken_at) if kept.taken_at else "",
        "uploaded": writing.short_moment(kept.uploaded_at),
        "by": name_of(kept.uploaded_by_id),
        "sha256": kept.sha256,
    }


def reduced(attachment: Attachment, side: int = PHOTO_PIXELS) -> tuple[bytes, int, int]:
    """Return a picture as JPEG of at most ``side`` pixels, with its size; a grey square where the file is gone."""
    from PIL import Image, UnidentifiedImageError

    try:
        content = attachment.read_small()
        with Image.open(io.BytesIO(content)) as picture:
            picture.draft("RGB", (side, side))
            upright = picture.convert("RGB")
    except (OSError, ValueError, UnidentifiedImageError):
        upright = Image.new("RGB", (side, side * 3 // 4), "#dddddd")
    upright.thumbnail((side, side))
    made = io.BytesIO()
    upright.save(made, "JPEG", quality=78)
    return made.getvalue(), upright.width, upright.height


def picture_of(jpeg: bytes, width: int, height: int) -> str:
    """Wrap a picture so that it reaches the typesetter as text, without a file on the way."""
    data = base64.b64encode(jpeg).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}" '
        f'xlink:href="data:image/jpeg;base64,{data}"/></svg>'
    )
