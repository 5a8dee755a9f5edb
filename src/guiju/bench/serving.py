"""Two web servers side by side: this program, and the bare project; both with two processes, as in an office."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Final

from guiju import lifetime
from guiju.bench import cpu

PROCESSES: Final = 2
START_SECONDS: Final = 120.0
_LAUNCH: Final = """
import os, sys
from granian.constants import Interfaces
from granian.server import Server
os.environ["GUIJU_SERVER_PID"] = str(os.getpid())
Server(sys.argv[1], address="127.0.0.1", port=int(sys.argv[2]), interface=Interfaces.WSGI, workers=int(sys.argv[3]),
       blocking_threads=4, blocking_threads_idle_timeout=600, websockets=False, log_access=False,
       log_enabled=False).serve()
"""


class UnableToServe(Exception):
    """The web server did not come up; its last words are in the message."""


@dataclass
class Site:
    """A running web server."""

    port: int
    process: subprocess.Popen[bytes]
    database: list[int] = field(default_factory=list)
    _backlog: http.client.HTTPConnection | None = None

    def pids(self) -> list[int]:
        """Return the server's processes and those of the database behind it."""
        return [*cpu.tree(self.process.pid), *(one for root in self.database for one in cpu.tree(root))]

    def spent(self) -> float:
        """Return the seconds of processor time that application and database have used."""
        return cpu.spent(self.pids())


@dataclass(frozen=True)
class Asked:
    """One request as it is sent."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    expect: int = 200


class Client:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, asked: Asked) -> bytes:
        """Send a request and return the body of its answer.

        :raises RuntimeError: the answer has another status than expected.
        """
        try:
            answer = self._answer(asked)
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            # The server closes a connection that was silent for long: it is opened anew, as browsers do.
            self.connection.close()
            answer = self._answer(asked)
        body = answer.read()
        if answer.status != asked.expect:
            text = body.decode("utf-8", "replace")[:600]
            raise RuntimeError(
                f"{asked.method} {asked.path}: {answer.status} instead of {asked.expect}: {text}"
            )
        return body

    def _answer(self, asked: Asked) -> http.client.HTTPResponse:
        self.connection.request(asked.method, asked.path, body=asked.body, headers=dict(asked.headers))
        return self.connection.getresponse()


@contextmanager
def serve(
    application: str, environment: Mapping[str, str], *, database: list[int], ready: str
) -> Iterator[Site]:
    """Run a web server with two processes until the block ends; ``ready`` is asked until it answers."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _LAUNCH, application, str(port), str(PROCESSES)],
        env=dict(environment) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lifetime.end_with_parent,
    )
    words: list[bytes] = []
    Thread(target=_listen, args=(process, words), daemon=True).start()
    try:
        _wait(port, ready, process, words)
        yield Site(port, process, database)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listen(process: subprocess.Popen[bytes], words: list[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        words.append(line)
        del words[:-60]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int, path: str, process: subprocess.Popen[bytes], words: list[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise UnableToServe(b"".join(words[-20:]).decode("utf-8", "replace") or "the web server ended")


def database_server() -> list[int]:
    """Return the main process of the database server, if this process's connection leads to one on this machine."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    main = cpu.parent(backend)
    # Another machine's process number means something else here.
    if main is None or main == os.getpid() or "postgres" not in _command(backend):
        return []
    return [main]


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - a file of the kernel
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
