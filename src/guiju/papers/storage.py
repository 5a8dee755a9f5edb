"""
Attachments at rest: encrypted with the data key, chunk by chunk, so that a stolen disk or backup shows nothing.

A file begins with a mark, the byte that names the key, and sixteen random bytes from which its own key is derived.
Then follow chunks of 64 KiB, each AES-256-GCM with its place in the file as nonce; the last one is marked as last, so
that a file cut short, or put together of two, does not open. A file without the mark was written before and is read
as it is. The place of a file is the digest of its plain content, as ever (DECISIONS 16).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from guiju.kernel.crypto import CannotDecrypt, file_keys

MARK = b"\x00GJF1"
SALT = 16
HEAD = len(MARK) + 1 + SALT
CHUNK = 64 * 1024
TAG = 16


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class Sealing(File):  # type: ignore[type-arg]
    """A file whose chunks come out encrypted."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Give the head, then every chunk sealed; one chunk is read ahead, to know the last."""
        salt = os.urandom(SALT)
        key_id, key = file_keys(salt)[0]
        cipher = AESGCM(key)
        head = MARK + bytes([key_id]) + salt
        yield head
        self.seek(0)
        number, here = 0, self._full()
        while True:
            following = self._full()
            yield cipher.encrypt(_nonce(number, last=not following), here, head)
            if not following:
                return
            number, here = number + 1, following

    def _full(self) -> bytes:
        """Read a whole chunk, however little the file gives at a time."""
        parts, missing = [], CHUNK
        while missing:
            part = self.read(missing)
            if not part:
                break
            part = part.encode() if isinstance(part, str) else bytes(part)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


class Opening(io.RawIOBase):
    """Reads an encrypted file from any place in it; a chunk that was changed, moved or cut off is refused."""

    def __init__(self, file: IO[bytes], head: bytes) -> None:
        self._file, self._head, self._at = file, head, 0
        salt = head[len(MARK) + 1 :]
        self._ciphers = [AESGCM(key) for key_id, key in file_keys(salt) if key_id == head[len(MARK)]]
        self._sealed = file.seek(0, os.SEEK_END) - HEAD
        self._count = max(1, -(-self._sealed // (CHUNK + TAG)))
        self.plain_size = self._sealed - self._count * TAG
        self._open: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.plain_size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= max(self.plain_size, 0):
            if self._at == 0:
                # An empty file has one empty chunk: it is asked, too.
                self._chunk(0)
            return 0
        number, offset = divmod(self._at, CHUNK)
        part = self._chunk(number)[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            self._file.seek(HEAD + number * (CHUNK + TAG))
            sealed = self._file.read(CHUNK + TAG)
            nonce = _nonce(number, last=number == self._count - 1)
            for cipher in self._ciphers:
                try:
                    self._open = (number, cipher.decrypt(nonce, sealed, self._head))
                    break
                except (InvalidTag, ValueError):
                    continue
            else:
                raise CannotDecrypt("An attachment cannot be decrypted: changed, cut short, or another key.")
        return self._open[1]

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class EncryptedFiles(FileSystemStorage):
    """A folder whose files are encrypted when written, and read whether they are or not."""

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, Sealing(content, name))  # type: ignore[misc]
        return saved

    def _open(self, name: str, mode: str = "rb") -> File:  # type: ignore[type-arg]
        if mode != "rb":
            raise ValueError("Attachments are only read, or saved whole.")
        raw = Path(self.path(name)).open("rb")  # noqa: SIM115 -- handed on
        head = raw.read(HEAD)
        if not head.startswith(MARK):
            raw.seek(0)
            return File(raw, name)
        if len(head) < HEAD:
            raw.close()
            raise CannotDecrypt("An attachment was cut short.")
        return File(io.BufferedReader(Opening(raw, head), CHUNK), name)

    def size(self, name: str) -> int:
        """Return the size of the plain content in bytes."""
        with self._open(name) as file:
            inner = file.file
            if isinstance(inner, io.BufferedReader) and isinstance(inner.raw, Opening):
                return max(0, inner.raw.plain_size)
        return super().size(name)


def is_sealed(path: Path) -> bool:
    """Whether a file on the disk is encrypted."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK
