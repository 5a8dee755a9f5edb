"""Backup and verification while people work: what comes back is one moment, whole; nobody is accused for working."""

import hashlib
import http.client
import io
import os
import threading
from collections import Counter
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from PIL import Image

from guiju.papers.models import place_of
from guiju.papers.operations.attachments import store
from tests.failure.running import PATIENCE, Server, free_port, office, plain, rows, wait_for, wrong
from tests.failure.stream import Stream
from tests.stories.conftest import PNG, WEDNESDAY

ACTS = int(os.environ.get("GUIJU_BACKUP_ACTS", "4"))


def picture(seed):
    made = io.BytesIO()
    Image.frombytes("RGB", (200, 150), Random(seed).randbytes(90_000)).save(made, "PNG")
    return made.getvalue()


def upload(port, token, content):
    """Status and body of an upload."""
    mark = uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="照片.png"\r\nContent-Type: image/png\r\n\r\n'
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", "/api/v1/attachments", body, {
            "Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={mark}",
        })  # fmt: skip
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.slow
def test_a_backup_made_while_people_work_comes_back_whole(prepared, place, tmp_path):
    here, other, file = place.copy(prepared, "working"), place.empty("restored"), tmp_path / "guiju.tar"
    world = office(here, units=900)
    server = Server(here, free_port(), "--with-worker")
    uploaded = []

    def photographer():
        for seed in range(10_000):
            if stream.stopping.is_set():
                return
            uploaded.append(upload(server.port, world["tokens"]["ma"], picture(seed))[0])

    try:
        server.start()
        with Stream(server, world, clerks=2) as stream:
            taking = threading.Thread(target=photographer)
            taking.start()
            stream.goes_on(ACTS)
            wait_for(lambda: uploaded)
            before = Counter(stream.steps())
            verified = here.guiju("audit", "verify")
            saved = here.guiju("backup", str(file))
            verified_again = here.guiju("audit", "verify")
            after = Counter(stream.steps())
        taking.join(PATIENCE)
    finally:
        server.end()
    assert stream.errors == []
    assert (verified.returncode, verified.stdout.startswith("核对无误")) == (0, True), (
        verified.stdout + verified.stderr
    )
    assert saved.returncode == 0, saved.stderr
    assert verified_again.returncode == 0, verified_again.stdout + verified_again.stderr
    assert set(uploaded) == {201}
    assert after.total() > before.total()

    restored = other.guiju("restore", str(file))

    assert restored.returncode == 0, restored.stderr
    found = Counter(
        row["step"] for row in rows(other, "SELECT step FROM kernel_event WHERE case_id IS NOT NULL")
    )
    assert before <= found
    assert found.total() < Counter(stream.steps()).total() + 4
    assert wrong(other) == []
    assert other.guiju("audit", "verify").returncode == 0
    kept = rows(other, "SELECT sha256 FROM papers_attachment")
    assert len(kept) > 1
    for row in kept:
        content = plain(other.folder / "attachments" / place_of(row["sha256"]))
        assert hashlib.sha256(content).hexdigest() == row["sha256"]


@pytest.mark.django_db
def test_a_file_half_written_by_a_killed_program_is_written_again(house, settings):
    content = PNG + b"more"
    digest = hashlib.sha256(content).hexdigest()
    half = Path(settings.MEDIA_ROOT) / place_of(digest)
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(content[:20])

    kept = store(file=content, name="签字.png", by=house.lin, at=WEDNESDAY)

    assert kept.read() == content
