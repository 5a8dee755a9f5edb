"""Files on their way in: the server is killed, the file is too large, of a wrong kind, the same twice at once."""

import contextlib
import io
import os
import random
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from guiju.papers.models import Attachment, place_of
from guiju.papers.operations.attachments import MOST_BYTES, store, sweep_orphans, sweep_strays
from tests.failure.conftest import wrong
from tests.failure.running import (
    PATIENCE,
    Server,
    change,
    children,
    free_port,
    looking_into,
    office,
    plain,
    rows,
    wait_for,
)  # fmt: skip
from tests.failure.test_races import together

MEGABYTE = 1024 * 1024


def photo(size=(64, 48), *, form="JPEG", noise=False):
    """A photo as a phone takes it; with noise it cannot be made small."""
    picture = Image.new("RGB", size, (90, 120, 150))
    if noise:
        picture = Image.frombytes("RGB", size, random.Random(7).randbytes(size[0] * size[1] * 3))
    made = io.BytesIO()
    picture.save(made, form, quality=95)
    return made.getvalue()


def envelope(content, name="现场.jpg"):
    """A multipart body, as a browser makes it."""
    mark = uuid4().hex
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return mark, head.encode() + content + f"\r\n--{mark}--\r\n".encode()


def begin(server, token, content, *, share=1.0):
    """Send an upload, or the first part of one; return the open connection."""
    mark, body = envelope(content)
    head = (
        f"POST /api/v1/attachments HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={mark}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    connection.sendall(head.encode() + body[: int(len(body) * share)])
    return connection


def answer(connection):
    with connection:
        text = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(text.split(b" ", 2)[1]), text


def kill_all_of(server):
    """kill -9 of the server and every process of it."""
    theirs = children(server.process.pid)
    server.kill()
    for pid in theirs:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def files(here):
    folder = here.folder / "attachments"
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


BUSY = "SELECT count(*) FROM sqlite_master a, sqlite_master b, sqlite_master c, sqlite_master d"
SLOW = {
    "sqlite": (f"CREATE TRIGGER slow BEFORE INSERT ON papers_attachment BEGIN {BUSY}; END",),
    "postgresql": (
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3600); RETURN NEW; END $$",
        "CREATE TRIGGER slow BEFORE INSERT ON papers_attachment FOR EACH ROW EXECUTE FUNCTION slow()",
    ),
}
FAST = {"sqlite": ("DROP TRIGGER slow",), "postgresql": ("DROP TRIGGER slow ON papers_attachment",)}
SWEEP = (
    "import django; django.setup(); from datetime import timedelta; from django.utils import timezone;"
    "from guiju.papers.operations.attachments import sweep_orphans, sweep_strays;"
    "at = timezone.now() + timedelta(days={days}); print(sweep_orphans(at=at), sweep_strays(at=at))"
)


def arrive_now(folder):
    """Say of files that they were written now by the clock of the suite. See tests/moment.py."""
    for file in folder.rglob("*"):
        os.utime(file, (time.time(), time.time()))


def swept(here, days):
    """What the sweep takes so many days after the files arrived."""
    arrive_now(here.folder / "attachments")
    done = subprocess.run(
        [sys.executable, "-c", SWEEP.format(days=days)], env=here.env, capture_output=True, text=True, check=True
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.slow
def test_a_server_killed_during_an_upload_keeps_nothing_half(prepared, place):
    here = place.copy(prepared, "uploading")
    kind = "postgresql" if here.env["DATABASE_URL"] else "sqlite"
    world = office(here, units=1)
    before = rows(here, "SELECT count(*) AS n FROM papers_attachment")[0]["n"]
    there = files(here)
    content = photo((1400, 1400), noise=True)
    token = world["tokens"]["lin"]
    server = Server(here, free_port())
    try:
        # In the middle of the body.
        server.start()
        connection = begin(server, token, content, share=0.5)
        kill_all_of(server)
        connection.close()
        assert files(here) == there
        assert rows(here, "SELECT count(*) AS n FROM papers_attachment")[0]["n"] == before

        # Between the file and its row.
        change(here, *SLOW[kind])
        server.start()
        connection = begin(server, token, content)
        wait_for(lambda: len(files(here)) >= len(there) + 3)
        kill_all_of(server)
        connection.close()
        with looking_into(here) as cursor:
            if kind == "postgresql":
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            for statement in FAST[kind]:
                cursor.execute(statement)
        assert rows(here, "SELECT count(*) AS n FROM papers_attachment")[0]["n"] == before
        stray = set(files(here)) - set(there)
        assert len(stray) == 3

        # A half file of the same content is written again, not believed.
        half = max((here.folder / "attachments" / name for name in stray), key=lambda f: f.stat().st_size)
        half.write_bytes(half.read_bytes()[:1000])
        server.start()
        status, text = answer(begin(server, token, content))
        assert status == 201, text
        assert plain(half) == content
        assert rows(here, "SELECT count(*) AS n FROM papers_attachment")[0]["n"] == before + 1
        server.end()

        # And without a second try the sweep takes them away, a week later.
        assert swept(here, days=5) == ["0", "0"]
        change(here, "DELETE FROM papers_attachment WHERE size > 1000000")
        (here.folder / "attachments" / "arriving").mkdir(exist_ok=True)
        (here.folder / "attachments" / "arriving" / half.name).touch()
        assert swept(here, days=8)[1] == "2"
        assert not half.exists()
        assert set(files(here)) <= set(there)
    finally:
        server.end()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_same_photo_sent_by_four_phones_at_once_is_kept_once_and_whole(house):
    content = photo((900, 900), noise=True)
    now = timezone.now()
    people = [house.people[name] for name in ("lin", "wu", "deng", "luo")]

    results = together(*[lambda by=by: store(file=content, name="现场.jpg", by=by, at=now) for by in people])

    assert len({attachment.pk for attachment in results}) == 1, results
    kept = Attachment.objects.get(pk=results[0].pk)
    assert kept.read() == content
    folder = Path(kept.place).parent
    assert sorted(default_storage.listdir(str(folder))[1]) == [kept.sha256, f"{kept.sha256}.1600.jpg"]
    assert sweep_strays(at=now + timedelta(days=30)) == 0
    assert kept.read() == content


@pytest.mark.django_db
def test_a_content_without_its_row_goes_after_a_week_and_one_with_its_row_stays(house, settings):
    now = timezone.now()
    kept = store(file=photo(), name="a.jpg", by=house.lin, at=now)
    root = Path(settings.MEDIA_ROOT)
    stray = "5" * 64
    for name in (f"arriving/{stray}", f"arriving/{kept.sha256}", place_of(stray), "incoming/left"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"half")
    arrive_now(root)

    assert sweep_strays(at=now + timedelta(days=6)) == 0
    assert sweep_strays(at=now + timedelta(days=8)) == 2

    assert kept.read() == photo()
    assert not (root / place_of(stray)).exists()
    assert not list((root / "arriving").iterdir())
    assert not list((root / "incoming").iterdir())


@pytest.fixture
def client(house):
    client = Client()
    client.force_login(house.lin)
    return client


def send(client, content, name="现场.jpg", kind="image/jpeg"):
    return client.post("/attachments/", {"file": SimpleUploadedFile(name, content, content_type=kind)})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("IMG_0001.HEIC", "HEIF"),
        ("𠮷家的阳台 🏠.jpg", "JPEG"),
        ("a.webp", "WEBP"),
        ("长" * 400 + ".png", "PNG"),
    ],
    ids=["heic", "rare name", "webp", "long name"],
)
def test_photos_of_every_phone_are_taken_in(house, client, name, form):
    import pillow_heif

    pillow_heif.register_heif_opener()
    told = send(client, photo(form=form), name)

    assert told.status_code == 201, told.content
    kept = Attachment.objects.get(sha256=told.json()["sha256"])
    assert kept.width == 64
    assert len(kept.name) <= 200
    assert client.get(f"/attachments/{kept.sha256}/?small=1").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ\x90\x00" * 50, "发票.jpg", "不能上传"),
        (b"<svg onload=alert(1)>", "a.svg", "不能上传"),
        (b"", "空.jpg", "空"),
        (photo((300, 300), noise=True)[:2000], "断.jpg", "打不开"),
        (b"\xff\xd8\xff" + b"0" * MOST_BYTES, "大.jpg", "最多 20 MB"),
    ],
    ids=["program", "svg", "empty", "cut", "too large"],
)
def test_what_is_no_photo_is_refused_in_words(house, client, content, name, words):
    before = Attachment.objects.count()

    told = send(client, content, name)

    assert told.status_code == 422
    assert words in told.json()["words"]
    assert Attachment.objects.count() == before


@pytest.mark.django_db
def test_a_photo_of_twenty_megabytes_goes_in_and_one_more_byte_does_not(house, client):
    base = photo((1200, 1200), noise=True)
    # Behind its end a JPEG may carry anything: phones put their previews there.
    largest = base + b"\0" * (MOST_BYTES - len(base))

    assert send(client, largest).status_code == 201
    refused = send(client, largest + b"\0")

    assert refused.status_code == 422
    assert "最多 20 MB" in refused.json()["words"]
    assert wrong() == []
    assert sweep_orphans(at=timezone.now() + timedelta(days=8)) >= 1
