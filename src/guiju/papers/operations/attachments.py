"""Taking files in: what they are is read from their content, never from their name (DECISIONS 16)."""

from __future__ import annotations

import hashlib
import io
import os
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError

from guiju.kernel.crypto import CannotDecrypt
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.models import Company, Person
from guiju.papers import scans
from guiju.papers.models import Attachment, AttachmentUse, place_of

if TYPE_CHECKING:
    from PIL import Image

#: The most that one file may have.
MOST_BYTES = 20 * 1024 * 1024
#: The most pixels that a picture may have: a small file can unfold into gigabytes.
MOST_PIXELS = 100_000_000
#: The longer side of the small copy, in pixels.
SMALL = 1600
#: How long an attachment that no act took up is kept.
ORPHAN_FOR = timedelta(days=7)

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_LONGEST_NAME = 200
_ARRIVING, _WAITING = "arriving", "incoming"
_JPEG, _PDF = "image/jpeg", "application/pdf"
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
}
_ENDINGS = {_JPEG: ".jpg", "image/png": ".png", "image/webp": ".webp", _PDF: ".pdf"} | dict(_OFFICE.values())
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


class UploadedFile(Protocol):
    """A file as Django hands it over."""

    name: str | None
    size: int | None

    def read(self, num_bytes: int = ...) -> bytes: ...


class UnableToStore(Refused):
    """The file is not taken in; the text says what is wrong with it."""


@dataclass(frozen=True)
class _Prepared:
    content: bytes
    mime: str
    width: int | None = None
    height: int | None = None
    small: bytes | None = None
    taken_at: datetime | None = None


def store(
    *,
    file: UploadedFile | bytes,
    by: Person,
    at: datetime,
    name: str = "",
    kind: str = "",
    secrecy: str = Attachment.Secrecy.PERSONAL,
    company: Company | None = None,
) -> Attachment:
    """
    Take a file in and return its row; the same content in the same company is kept once.

    Photos are turned upright in their small copy (1600 px), HEIC becomes JPEG. The kind is photo for pictures and
    document for the rest unless given. Kept 7 days unless an act takes it up (``attach``).

    :raises UnableToStore: empty, above 20 MB, of a kind that is not accepted, or damaged.
    """
    if isinstance(file, bytes):
        content = file
    else:
        name = name or file.name or ""
        if (file.size or 0) > MOST_BYTES:
            raise UnableToStore(_too_large(file.size or 0))
        content = file.read()
    return keep_content(
        content=content,
        name=name,
        kind=kind,
        secrecy=secrecy,
        company_id=(company or by.company).pk,
        by=by,
        at=at,
    )


def keep_content(
    *, content: bytes, name: str, kind: str, secrecy: str, company_id: int, by: Person | None, at: datetime
) -> Attachment:
    """
    Take content in, as ``store``; ``by`` is empty when the program made it.

    :raises UnableToStore: as ``store``.
    """
    if not content:
        raise UnableToStore("文件是空的，请重新选择。")
    if len(content) > MOST_BYTES:
        raise UnableToStore(_too_large(len(content)))
    source = hashlib.sha256(content).hexdigest()
    known = _known(company_id, source)
    if known is not None and default_storage.exists(known.place):
        return known

    mime = _sniffed(content)
    prepared = _prepared(content, mime)
    sha256 = hashlib.sha256(prepared.content).hexdigest()
    mark = _announce(sha256)
    _write(place_of(sha256), prepared.content)
    if prepared.small is not None:
        _write(f"{place_of(sha256)}.1600.jpg", prepared.small)
    attachment, _ = Attachment.objects.get_or_create(
        company_id=company_id,
        sha256=sha256,
        defaults={
            "source_sha256": source if source != sha256 else "",
            "name": clean_name(name, prepared.mime),
            "mime": prepared.mime,
            "size": len(prepared.content),
            "kind": kind or (Attachment.Kind.PHOTO if prepared.width else Attachment.Kind.DOCUMENT),
            "secrecy": secrecy,
            "width": prepared.width,
            "height": prepared.height,
            "small": prepared.small is not None,
            "taken_at": prepared.taken_at,
            "uploaded_at": at,
            "uploaded_by": by,
        },
    )
    transaction.on_commit(lambda: default_storage.delete(mark))
    return attachment


def _known(company_id: int, source: str) -> Attachment | None:
    own = Attachment.objects.filter(company_id=company_id)
    return own.filter(sha256=source).first() or own.filter(source_sha256=source).order_by("pk").first()


def _too_large(size: int) -> str:
    return f"文件有 {size / 1024 / 1024:.1f} MB，最多 20 MB。请压缩后再传，或者分成几个文件。"


def _announce(sha256: str) -> str:
    """
    Note that a content is about to be written and return the place of the note, which goes when the row is there.

    A program that is killed in between leaves the note: ``sweep_strays`` clears up after it.
    """
    return default_storage.save(f"{_ARRIVING}/{sha256}-{uuid4().hex}", ContentFile(b""))


def _write(place: str, content: bytes) -> None:
    """
    Write the content, down to the disk. In a folder it appears whole or not at all, however many write it at once.

    What lies there already is the same content, unless the disk lost a part: then it is written again.
    """
    if default_storage.exists(place):
        with suppress(CannotDecrypt, FileNotFoundError), default_storage.open(place) as there:
            if there.read() == content:
                return
    try:
        path = Path(default_storage.path(place))
    except NotImplementedError:
        # A store that is not a folder here answers for itself.
        default_storage.delete(place)
        default_storage.save(place, ContentFile(content))
        return
    whole = Path(
        default_storage.path(default_storage.save(f"{_WAITING}/{uuid4().hex}", ContentFile(content)))
    )
    _to_disk(whole)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.replace(path)
    _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clean_name(name: str, mime: str) -> str:
    """Return the name without folders and control characters, with the ending of its kind, 200 characters at most."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in plain if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    right = _ENDINGS[mime]
    same = {".jpg": {"jpg", "jpeg"}}.get(right, {right[1:]})
    if dot and ending.lower() in same:
        right = "." + ending
    elif dot and len(ending) <= 5 and ending.isascii():
        plain = stem
    if dot and ending.lower() in same:
        plain = stem
    return (plain or "附件")[: _LONGEST_NAME - len(right)] + right


def _sniffed(content: bytes) -> str:
    """
    Return the kind of the content by its first bytes.

    :raises UnableToStore: it is none of those accepted.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if b"%PDF-" in content[:1024]:
        return _PDF
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except zipfile.BadZipFile:
            names = []
        if "[Content_Types].xml" in names and not any(part.endswith("vbaProject.bin") for part in names):
            for folder, (mime, _) in _OFFICE.items():
                if any(part.startswith(folder) for part in names):
                    return mime
        raise UnableToStore("不收压缩包和带宏的文件。请解压后逐个上传，或者另存为 PDF。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnableToStore("这是旧版 Office 文件。请另存为 .docx、.xlsx 或者 PDF 再上传。")
    raise UnableToStore(
        "这种文件不能上传。可以传照片（JPG、PNG、HEIC、WebP）、PDF、Word（.docx）和 Excel（.xlsx）。"
    )


def _prepared(content: bytes, mime: str) -> _Prepared:
    if mime == _PDF:
        page = scans.first_page(content, SMALL)
        return _Prepared(content, mime, small=_as_jpeg(page, 82) if page is not None else None)
    if not mime.startswith("image/"):
        return _Prepared(content, mime)
    # Pictures come now and then; the program starts without their libraries.
    from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

    if mime == "image/heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise UnableToStore("图片的像素太多，请缩小后再传。")
                exif = picture.getexif()
                taken_at = _taken_at(exif)
                picture.load()
                upright = _on_white(ImageOps.exif_transpose(picture))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UnableToStore("图片打不开，可能没有传完。请重新选择或者重拍。") from error
    if mime == "image/heic":
        exif[ExifTags.Base.Orientation] = 1
        content, mime = _as_jpeg(upright, 90, exif.tobytes()), _JPEG
    small = upright.copy()
    small.thumbnail((SMALL, SMALL))
    return _Prepared(content, mime, upright.width, upright.height, _as_jpeg(small, 82), taken_at)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture without its transparency: a signature drawn on glass is dark on white, not black on black."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    from PIL import Image

    drawn = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB")


def _as_jpeg(picture: Image.Image, quality: int, exif: bytes = b"") -> bytes:
    made = io.BytesIO()
    options: dict[str, Any] = {"exif": exif} if exif else {}
    picture.convert("RGB").save(made, "JPEG", quality=quality, optimize=True, **options)
    return made.getvalue()


def _taken_at(exif: Image.Exif) -> datetime | None:
    """Return when the camera says the photo was taken; a camera without a zone is taken to be in China."""
    from PIL import ExifTags

    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = str(details.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    zone = str(details.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    try:
        if zone:
            return datetime.strptime(f"{text} {zone}", "%Y:%m:%d %H:%M:%S %z").astimezone(UTC)
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=_SHANGHAI).astimezone(UTC)
    except ValueError:
        return None


# --- taking up and sweeping -------------------------------------------------------------------------------------------
class UnableToAttach(Refused):
    """The attachments are not taken up; the text says which is missing."""


@transaction.atomic
def attach(
    *,
    sha256s: Iterable[str],
    company_id: int,
    kind: str,
    by: Person | None,
    at: datetime,
    case: Case | None = None,
    key: str = "",
    title: str = "",
) -> list[AttachmentUse]:
    """
    Let an act take attachments up, so that they stay: on a case, or on an object that kind and key name.

    Taking up twice changes nothing.

    :raises UnableToAttach: one of them is not there (never uploaded, or swept after 7 days).
    """
    wanted = list(dict.fromkeys(sha256s))
    found = {a.sha256: a for a in Attachment.objects.filter(company_id=company_id, sha256__in=wanted)}
    missing = [sha256 for sha256 in wanted if sha256 not in found]
    if missing:
        raise UnableToAttach(f"有 {len(missing)} 个附件找不到，请重新上传。")
    uses = []
    for sha256 in wanted:
        use, _ = AttachmentUse.objects.get_or_create(
            attachment=found[sha256],
            case=case,
            kind=kind,
            key=key,
            defaults={"title": title, "used_at": at, "used_by": by},
        )
        uses.append(use)
    return uses


def sweep_orphans(*, at: datetime, limit: int = 1000) -> int:
    """
    Delete attachments that no act took up within 7 days, and their files; return how many.

    Whatever another row points to stays, as does a file that another company keeps as well.
    """
    gone = 0
    old = Attachment.objects.unused().filter(uploaded_at__lt=at - ORPHAN_FOR).order_by("uploaded_at", "pk")
    for attachment in list(old[:limit]):
        try:
            with transaction.atomic():
                attachment.delete()
        except ProtectedError:
            continue
        gone += 1
        if not Attachment.objects.filter(sha256=attachment.sha256).exists():
            default_storage.delete(attachment.place)
            if attachment.small:
                default_storage.delete(attachment.small_place)
    return gone


def sweep_strays(*, at: datetime) -> int:
    """
    Delete contents that no row came to name within 7 days, and imports that nobody finished; return how many files.

    A program that is killed between a file and its row, or in the middle of a file, leaves one behind.
    """
    gone = 0
    for mark in _older(_ARRIVING, at - ORPHAN_FOR):
        sha256 = mark.rpartition("/")[2][:64]
        if not Attachment.objects.filter(sha256=sha256).exists():
            for place in (place_of(sha256), f"{place_of(sha256)}.1600.jpg"):
                gone += default_storage.exists(place)
                default_storage.delete(place)
        default_storage.delete(mark)
    for place in _older(_WAITING, at - ORPHAN_FOR):
        default_storage.delete(place)
        gone += 1
    return gone


def _older(folder: str, moment: datetime) -> list[str]:
    """Return the places in a folder of the storage that were last written before a moment."""
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []
    places = [f"{folder}/{name}" for name in names]
    return [place for place in places if default_storage.get_modified_time(place) < moment]
