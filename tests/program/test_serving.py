"""`guiju serve`: one command that serves, works beside it, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.processes import PATIENCE, children, command_line, free_port, wait_for

pytestmark = pytest.mark.slow


def ask(port, path):
    """Status, headers and body of an answer; errors are answers too."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def can_be_served_again(port):
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            again.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.fixture
def server(prepared, place):
    """A running server with its worker, on a port of its own."""
    here, port = place.copy(prepared, "served"), free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "guiju.cli", "serve", "--with-worker", "--port", str(port)],
        env=here.env | {"GUIJU_PLAIN_HTTP": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def answers():
        try:
            return ask(port, "/healthz")[0] == 200
        except OSError:
            return False

    wait_for(answers)
    wait_for(lambda: len(children(process.pid)) >= 2)
    yield process, port
    if process.poll() is None:
        process.kill()
    process.wait(PATIENCE)


def half_sent(port):
    """A form that is begun and never finished, by somebody who passes for a visitor of the sign-in page."""
    begun = socket.create_connection(("127.0.0.1", port))
    begun.sendall(
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin="
    )
    return begun


def test_pages_static_files_and_figures_are_served_while_others_send_slowly(server):
    _, port = server
    slow = [half_sent(port) for _ in range(8)]

    ready, page, figures = ask(port, "/readyz"), ask(port, "/accounts/login/"), ask(port, "/metrics")
    styles = re.findall(rb'href="(/static/[^"]+\.css)"', page[2])
    style = ask(port, styles[0].decode())

    for begun in slow:
        begun.close()
    assert (ready[0], page[0], figures[0]) == (200, 200, 200)
    assert b"guiju_cases_open 0" in figures[2]
    assert re.search(rb"\.[0-9a-f]{12}\.css$", styles[0])
    assert style[0] == 200
    assert "max-age=31536000" in style[1]["Cache-Control"]


def test_a_stop_ends_the_server_and_its_worker(server):
    process, _ = server
    mine = children(process.pid)

    process.send_signal(signal.SIGTERM)

    assert process.wait(PATIENCE) == 0
    wait_for(lambda: not any(map(alive, mine)))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a process when its parent is gone")
def test_a_killed_server_leaves_no_process_behind(server):
    process, port = server
    mine = children(process.pid)

    os.kill(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)

    wait_for(lambda: not any(map(alive, mine)))
    # A process counts as dead when its first thread is; the others let go of the port a moment later.
    wait_for(lambda: can_be_served_again(port))


def test_a_worker_that_dies_is_followed_by_another(server):
    process, _ = server

    def workers():
        return [p for p in children(process.pid) if b"\0worker" in command_line(p)]

    (first,) = wait_for(workers)
    os.kill(first, signal.SIGKILL)

    assert wait_for(lambda: [p for p in workers() if p != first])
