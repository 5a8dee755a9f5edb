"""Processes that must not outlive the one that started them."""

import ctypes
import os
import signal
import sys
from typing import Final

# The variable in which `guiju serve` tells its serving processes who started them.
SERVER: Final = "GUIJU_SERVER_PID"
_PR_SET_PDEATHSIG: Final = 1


def end_with_parent() -> None:
    """
    Ask Linux to kill this process when the one that started it ends, however it ends.

    Otherwise a killed server would leave processes that hold its port. What they had begun is rolled back by the database.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_server() -> None:
    """
    Bind a serving process to the `guiju serve` that started it; without one, nothing happens.

    :raises SystemExit: if that server is already gone: nobody would ever end this process again.
    """
    server = os.environ.get(SERVER)
    if server is None:
        return
    end_with_parent()
    if server != str(os.getppid()):
        raise SystemExit("the server that started this process has ended")
