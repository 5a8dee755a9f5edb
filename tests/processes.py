"""Programs that tests start: a port for them, waiting for them, what they started themselves."""

import random
import socket
import time
from pathlib import Path

# What a busy machine needs to start a program; nobody waits so long on an idle one.
PATIENCE = 240


def free_port():
    """
    A port on which nobody listens.

    It lies below those that the system gives to connections (32768 and up on Linux), so that none of these takes it
    before the program listens.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as place:
            try:
                place.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_for(question, seconds=PATIENCE, pause=0.05):
    """Ask until the answer is true, and return it."""
    gives_up = time.monotonic() + seconds
    while time.monotonic() < gives_up:
        if found := question():
            return found
        time.sleep(pause)
    raise AssertionError("waited in vain")


def children(pid):
    """The processes that a process started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"PPid:\t{pid}\n" in text and "State:\tZ" not in text:
            found.append(int(status.parent.name))
    return found


def command_line(pid):
    """The words with which a process was started, each ended by a zero; none if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
