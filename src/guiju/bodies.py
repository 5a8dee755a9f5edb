"""
Requests are received whole before they take a thread of the program.

A thread that reads from somebody who sends slowly, or never goes on, is lost to everybody else; four such connections
would stop a server of four threads. So many threads that do nothing else receive, and the few that hold a database
connection each work on what is there. A proxy in front that receives whole requests, too, does no harm; it ends those
that never come, which the server cannot.
"""

from __future__ import annotations

import io
import mmap
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

#: The variable in which `guiju serve` tells its serving processes how many threads work.
THREADS: Final = "GUIJU_SERVER_THREADS"
#: How many requests of one process may be on their way in at once.
RECEIVERS: Final = 256
#: So many bytes are read at a time.
PIECE: Final = 64 * 1024
#: What lies in memory of all requests on their way in, in bytes; and the largest one (see ``web.middleware``).
MOST_HELD, MOST_BYTES = 128 * 1024 * 1024, 21 * 1024 * 1024
#: So much of a request that is too large is received and thrown away, so that a browser gets to read the refusal.
MOST_SWALLOWED: Final = 200 * 1024 * 1024

#: So many seconds a request waits for room in memory.
PATIENCE: Final = 20.0
CUT: Final = "内容没有传完，什么都没有改动。请再试一次。"
FULL: Final = "同时上传的太多，什么都没有改动。请稍等几秒再试一次。"

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Wsgi(Protocol):
    """A WSGI application."""

    def __call__(self, environ: Environ, start_response: Any, /) -> Iterable[bytes]:
        """Answer a request."""


class Unreceived(Exception):
    """The request did not arrive whole; the text is the status line, and what the sender is told."""


class Whole:
    """Receives requests whole, then lets a few threads answer them."""

    def __init__(
        self, application: Wsgi, *, threads: int, patience: float = PATIENCE, held: int = MOST_HELD
    ) -> None:
        self._application = application
        self._work = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._patience, self._most = patience, held
        self._held = 0
        # The server mixes the variables of the process into every request: keys and passwords are none of its business.
        self._own = dict(os.environ)
        self._room = threading.Condition()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request once it is whole; 503 if too much comes at once."""
        for name, value in self._own.items():
            # What the request itself says under the same name stays.
            if environ.get(name) == value:
                del environ[name]
        length = environ.get("CONTENT_LENGTH") or ""
        expected = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0
        # Memory of its own for what is large: the allocator would keep it for ever.
        whole = mmap.mmap(-1, expected) if PIECE < expected <= MOST_BYTES else io.BytesIO()
        held: list[int] = []
        try:
            if expected:
                self._receive(environ["wsgi.input"], expected, whole, held)
                whole.seek(0)
                environ["wsgi.input"] = whole
            status, headers, body = self._work.submit(self._answer, environ).result()
        except Unreceived as failure:
            line, words = failure.args
            status, body = line, [words.encode()]
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body[0])))]
        finally:
            whole.close()
            if held:
                self._hold(-sum(held))
        start_response(status, headers)
        return body

    def _receive(self, source: Any, expected: int, whole: io.BytesIO | mmap.mmap, held: list[int]) -> None:
        left = min(expected, MOST_SWALLOWED)
        while left > 0:
            piece = source.read(min(PIECE, left))
            if not piece:
                # Half a form is not what its sender meant.
                raise Unreceived("400 Bad Request", CUT)
            left -= len(piece)
            if expected <= MOST_BYTES:
                self._hold(len(piece))
                held.append(len(piece))
                whole.write(piece)

    def _hold(self, size: int) -> None:
        with self._room:
            if size > 0 and not self._room.wait_for(lambda: self._held + size <= self._most, self._patience):
                raise Unreceived("503 Service Unavailable", FULL)
            self._held += size
            self._room.notify_all()

    def _answer(self, environ: Environ) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            said.append((status, headers))

        answer = self._application(environ, start)
        try:
            body = list(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return (*said[-1], body)


def threads_wanted() -> int:
    """Return how many threads `guiju serve` asked this process to work with."""
    return int(os.environ.get(THREADS) or 4)
