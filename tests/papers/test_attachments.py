"""Taking files in, taking them up, sweeping them."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pillow_heif
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from guiju.papers import forms
from guiju.papers.models import Attachment, AttachmentUse
from guiju.papers.operations import attachments
from guiju.papers.operations.attachments import UnableToAttach, UnableToStore, attach, store, sweep_orphans
from tests.papers import samples
from tests.papers.conftest import LATER, NOW


def photo(width=2400, height=1800, kind="JPEG", orientation=1, taken="2026:11:19 09:30:00", zone="") -> bytes:
    picture = Image.new("RGB", (width, height), (200, 180, 150))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = taken
    if zone:
        details[ExifTags.Base.OffsetTimeOriginal] = zone
    made = io.BytesIO()
    if kind == "HEIF":
        heif = pillow_heif.from_pillow(picture)
        heif.info["exif"] = exif.tobytes()
        heif.save(made, quality=60)
    else:
        picture.save(made, kind, exif=exif.tobytes())
    return made.getvalue()


def test_photo_is_kept_by_its_content_with_a_small_copy_and_the_time_it_was_taken(people):
    content = photo()

    made = store(file=SimpleUploadedFile("厨房漏水.JPG", content), by=people["lin"], at=NOW)

    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert (made.name, made.mime, made.size) == ("厨房漏水.JPG", "image/jpeg", len(content))
    assert (made.width, made.height, made.kind, made.secrecy) == (2400, 1800, "photo", "personal")
    assert made.taken_at == datetime(2026, 11, 19, 1, 30, tzinfo=UTC)
    assert made.read() == content
    assert Image.open(io.BytesIO(made.read_small())).size == (1600, 1200)
    assert default_storage.exists(f"{made.sha256[:2]}/{made.sha256[2:4]}/{made.sha256}")


def test_photo_taken_abroad_keeps_its_moment(people):
    made = store(file=photo(taken="2026:11:19 09:30:00", zone="+01:00"), by=people["lin"], at=NOW)

    assert made.taken_at == datetime(2026, 11, 19, 8, 30, tzinfo=UTC)


def test_photo_held_sideways_is_upright_in_its_small_copy(people):
    made = store(file=photo(orientation=6), name="a.jpg", by=people["lin"], at=NOW)

    assert (made.width, made.height) == (1800, 2400)
    assert Image.open(io.BytesIO(made.read_small())).size == (1200, 1600)


def test_what_is_drawn_on_glass_is_dark_on_white_in_its_small_copy(people):
    drawn, made = Image.new("RGBA", (200, 100), (0, 0, 0, 0)), io.BytesIO()
    drawn.paste((10, 10, 10, 255), (90, 40, 110, 60))
    drawn.save(made, "PNG")

    small = Image.open(
        io.BytesIO(store(file=made.getvalue(), name="签名.png", by=people["lin"], at=NOW).read_small())
    )

    assert [min(small.getpixel(at)) > 200 for at in ((5, 5), (100, 50))] == [True, False]


def test_heic_becomes_jpeg_and_the_same_heic_is_known_again(people):
    content = photo(800, 600, "HEIF")

    first = store(file=content, name="IMG_0001.HEIC", by=people["lin"], at=NOW)
    second = store(file=content, name="IMG_0001.HEIC", by=people["lin"], at=LATER)

    assert (first.name, first.mime) == ("IMG_0001.jpg", "image/jpeg")
    assert first.source_sha256 == hashlib.sha256(content).hexdigest()
    assert first.sha256 == hashlib.sha256(first.read()).hexdigest()
    assert first.taken_at == datetime(2026, 11, 19, 1, 30, tzinfo=UTC)
    assert Image.open(io.BytesIO(first.read())).format == "JPEG"
    assert second == first


def test_same_content_is_kept_once_per_company(people):
    content = photo(60, 40)

    first = store(file=content, name="a.jpg", by=people["lin"], at=NOW)
    second = store(file=content, name="b.jpg", by=people["luo"], at=LATER)

    assert second == first
    assert Attachment.objects.count() == 1


def test_pdf_shows_its_first_page_as_a_small_copy(people):
    made = store(file=forms.print_form("letter", samples.letter()), name="来函.pdf", by=people["lin"], at=NOW)

    assert (made.mime, made.kind, made.width) == ("application/pdf", "document", None)
    assert max(Image.open(io.BytesIO(made.read_small())).size) == 1600


def office(folder: str, *, macro: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<x/>")
        if macro:
            archive.writestr(f"{folder}/vbaProject.bin", "x")
    return made.getvalue()


@pytest.mark.parametrize(("folder", "ending"), [("word", ".docx"), ("xl", ".xlsx")])
def test_office_files_without_macros_are_taken(people, folder, ending):
    made = store(file=office(folder), name="资料", by=people["lin"], at=NOW)

    assert made.name == f"资料{ending}"
    assert made.small is False
    assert made.read_small() == made.read()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (b"MZ\x90\x00 program", "这种文件不能上传"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "这种文件不能上传"),
        (b"<html></html>", "这种文件不能上传"),
        (b"\xd0\xcf\x11\xe0 old office", "旧版 Office"),
        (b"\xff\xd8\xff\xe0 cut off", "图片打不开"),
        (b"PK\x03\x04 broken", "不收压缩包"),
        (office("word", macro=True), "带宏"),
        (b"\xff\xd8\xff" + bytes(20 * 1024 * 1024), "文件有 20.0 MB，最多 20 MB"),
    ],
    ids=["empty", "program", "svg", "html", "old office", "cut photo", "broken zip", "macro", "too large"],
)
def test_other_content_is_refused_in_words_and_leaves_nothing(people, folder, content, words):
    with pytest.raises(UnableToStore, match=words):
        store(file=content, name="证件.jpg", by=people["lin"], at=NOW)

    assert Attachment.objects.count() == 0
    assert list(folder.rglob("*")) == []


def test_picture_that_unfolds_into_gigabytes_is_refused(people, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_PIXELS", 1000)

    with pytest.raises(UnableToStore, match="像素太多"):
        store(file=photo(60, 40), name="a.jpg", by=people["lin"], at=NOW)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("李𬭎身份证.jpeg", "李𬭎身份证.jpeg"),
        ("𠮷雪.png", "𠮷雪.jpg"),
        ("..\\..\\etc/passwd", "passwd.jpg"),
        ("C:\\照片\\一.JPG", "一.JPG"),
        ("a\x00b\u202egpj.exe", "abgpj.jpg"),
        ("", "附件.jpg"),
        ("3.5 米层高", "3.5 米层高.jpg"),
        ("长" * 300 + ".jpg", "长" * 196 + ".jpg"),
    ],
)
def test_name_keeps_rare_characters_and_loses_folders_and_false_endings(name, kept):
    assert attachments.clean_name(name, "image/jpeg") == kept


def test_used_attachments_stay_and_orphans_go_after_seven_days(people, company):
    used = store(file=photo(60, 40), name="a.jpg", by=people["lin"], at=NOW)
    orphan = store(file=photo(61, 40), name="b.jpg", by=people["lin"], at=NOW)
    attach(sha256s=[used.sha256], company_id=company.pk, kind="test", key="1", by=people["lin"], at=NOW)

    assert sweep_orphans(at=NOW + timedelta(days=7)) == 0
    assert sweep_orphans(at=NOW + timedelta(days=7, seconds=1)) == 1

    assert list(Attachment.objects.all()) == [used]
    assert default_storage.exists(used.place)
    assert not default_storage.exists(orphan.place)
    assert not default_storage.exists(orphan.small_place)


def test_taking_up_twice_changes_nothing_and_an_unknown_file_is_refused(people, company):
    made = store(file=photo(60, 40), name="a.jpg", by=people["lin"], at=NOW)

    def take(*sha256s):
        return attach(sha256s=sha256s, company_id=company.pk, kind="test", key="1", by=people["lin"], at=NOW)

    assert take(made.sha256) == take(made.sha256, made.sha256)
    assert AttachmentUse.objects.count() == 1
    with pytest.raises(UnableToAttach, match="有 1 个附件找不到"):
        take(made.sha256, "0" * 64)
