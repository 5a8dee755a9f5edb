"""Real processes of a real installation: started, killed, asked over HTTP, looked at from outside."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.test import override_settings

from guiju.papers.storage import EncryptedFiles
from tests.failure import invariants
from tests.processes import PATIENCE, children, command_line, free_port, wait_for

__all__ = ["PATIENCE", "children", "free_port", "wait_for"]

ROOT = Path(__file__).resolve().parents[2]
SECRET = "encrypts people"


def plain(path):
    """What a file of an installation's attachments says, decrypted with the key of these installations."""
    files = EncryptedFiles(location=path.parent)
    with override_settings(GUIJU_DATA_KEYS=[SECRET]), files.open(path.name) as file:
        return file.read()


def office(here, units):
    """Make the world of the stories in an installation; return what callers need to know."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.failure.world", str(units)], env=here.env, cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Server:
    """`guiju serve` on a port of its own; `kill` is kill -9."""

    def __init__(self, here, port, *words):
        self.here, self.port, self.words = here, port, words
        self.process, self.log = None, here.folder / f"server-{port}.log"

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guiju.cli", "serve", "--port", str(self.port), *self.words],
            env=self.here.env | {"GUIJU_PLAIN_HTTP": "1", "GUIJU_LOG_LEVEL": "ERROR"},
            stdout=subprocess.DEVNULL,
            stderr=self.log.open("ab"),
        )
        try:
            wait_for(self.answers)
        except AssertionError as error:
            raise AssertionError(f"the server does not answer: {self.log.read_text()[-2000:]}") from error

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def kill_a_serving_process(self):
        """Kill one of the processes that answer; the server starts another."""
        theirs = children(self.process.pid)
        victim = next(pid for pid in theirs if b"resource_tracker" not in command_line(pid))
        os.kill(victim, signal.SIGKILL)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)

    def send(self, method, path, token, body=None, key=None, timeout=PATIENCE):
        """Status, headers and body of an answer; an error that is an answer is one. OSError: nobody answered."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}", data, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


@contextmanager
def looking_into(here):
    """A connection of our own to an installation's database, beside the program."""
    url = here.env["DATABASE_URL"]
    if url:
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            yield cursor
    else:
        connection = sqlite3.connect(here.folder / "guiju.sqlite3", isolation_level=None, timeout=PATIENCE)
        try:
            yield connection.cursor()
        finally:
            connection.close()


def wrong(here):
    """What is not true of the installation's database."""
    with looking_into(here) as cursor:
        return invariants.broken(invariants.asking(cursor), SECRET)


def rows(here, query):
    with looking_into(here) as cursor:
        return invariants.asking(cursor)(query)


def change(here, *statements):
    """Do to the database what the program would never do."""
    with looking_into(here) as cursor:
        for statement in statements:
            cursor.execute(statement)
