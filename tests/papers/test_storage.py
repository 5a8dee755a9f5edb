"""Attachments at rest: nobody reads the disk, and nobody changes it unseen."""

import hashlib
import io
import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from guiju.kernel.crypto import CannotDecrypt
from guiju.papers.storage import CHUNK, HEAD, MARK, TAG, EncryptedFiles, is_sealed

WORDS = "苏清越 身份证 440301".encode()


@pytest.fixture
def files(tmp_path):
    return EncryptedFiles(location=tmp_path)


def kept(files, content, name="a/b"):
    return Path(files.path(files.save(name, ContentFile(content))))


@pytest.mark.parametrize(
    "size", [0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17, 5_000_000]
)
def test_what_was_kept_comes_back_whatever_its_size(files, size):
    content = os.urandom(size)
    path = kept(files, content)

    with files.open("a/b") as file:
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(content).digest()
    assert files.size("a/b") == size
    chunks = max(1, -(-size // CHUNK))
    assert path.stat().st_size == HEAD + size + chunks * TAG


def test_the_disk_shows_nothing(files, tmp_path):
    path = kept(files, WORDS * 1000)

    raw = path.read_bytes()
    assert WORDS not in raw
    assert raw.startswith(MARK)
    assert is_sealed(tmp_path / "a" / "b")


def test_the_same_content_twice_is_not_the_same_on_the_disk(files):
    one, two = kept(files, WORDS, "one"), kept(files, WORDS, "two")

    assert one.read_bytes() != two.read_bytes()


def test_a_file_written_before_is_read_as_it_is(files, tmp_path):
    (tmp_path / "old").write_bytes(WORDS)

    with files.open("old") as file:
        assert file.read() == WORDS
    assert files.size("old") == len(WORDS)
    assert not is_sealed(tmp_path / "old")


def test_any_place_of_it_can_be_read(files):
    content = os.urandom(3 * CHUNK + 5)
    kept(files, content)

    with files.open("a/b") as file:
        for place, length in ((0, 4), (CHUNK - 2, 4), (2 * CHUNK + 7, CHUNK), (3 * CHUNK, 5), (4 * CHUNK, 1)):
            file.seek(place)
            assert file.read(length) == content[place : place + length]
        file.seek(-5, io.SEEK_END)
        assert file.read() == content[-5:]


def changed(raw):
    raw[HEAD + 10] ^= 1


def cut_a_chunk(raw):
    del raw[-(5 + TAG) :]


def cut_in_the_middle(raw):
    del raw[HEAD + 100 :]


def swapped(raw):
    size = CHUNK + TAG
    first, second = raw[HEAD : HEAD + size], raw[HEAD + size : HEAD + 2 * size]
    raw[HEAD : HEAD + 2 * size] = second + first


def other_salt(raw):
    raw[HEAD - 1] ^= 1


def other_key(raw):
    raw[len(MARK)] ^= 1


def only_the_mark(raw):
    del raw[len(MARK) + 2 :]


@pytest.mark.parametrize(
    "touch", [changed, cut_a_chunk, cut_in_the_middle, swapped, other_salt, other_key, only_the_mark]
)
def test_a_file_that_was_touched_does_not_open(files, touch):
    path = kept(files, os.urandom(2 * CHUNK + 5))
    raw = bytearray(path.read_bytes())
    touch(raw)
    path.write_bytes(raw)

    with pytest.raises(CannotDecrypt), files.open("a/b") as file:
        file.read()


def test_a_new_key_in_front_writes_and_the_old_one_still_reads(files, settings):
    kept(files, WORDS, "before")
    settings.GUIJU_DATA_KEYS = ["a new key", *settings.GUIJU_DATA_KEYS]
    kept(files, WORDS, "after")

    for name in ("before", "after"):
        with files.open(name) as file:
            assert file.read() == WORDS
    settings.GUIJU_DATA_KEYS = settings.GUIJU_DATA_KEYS[1:]
    with pytest.raises(CannotDecrypt), files.open("after") as file:
        file.read()


def test_a_file_is_never_written_in_place(files):
    kept(files, WORDS)

    with pytest.raises(ValueError, match="saved whole"):
        files.open("a/b", "wb")
