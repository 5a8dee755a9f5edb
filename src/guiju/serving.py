"""Web server and worker as processes of this installation."""

import argparse
import logging
import os
import socket
import subprocess
import sys
import threading

import django
from django.conf import settings
from django.utils import timezone

from guiju import bodies, lifetime

_stopping = threading.Event()
_worker: "subprocess.Popen[bytes] | None" = None


def serve(args: argparse.Namespace) -> int:
    """
    Serve pages, API and static files on 127.0.0.1 until stopped.

    HTTPS is the business of the proxy in front. The application is loaded in the serving processes only.
    """
    from granian.constants import Interfaces
    from granian.server import Server

    port = args.port or _port_wanted()
    if not 0 < port < 65536 or not _is_free(port):
        print(
            f"guiju serve: port {port} is taken or cannot be used. Choose another: PORT=8001", file=sys.stderr
        )
        return 1
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        collect_static()
    if args.with_worker:
        threading.Thread(target=_keep_worker, daemon=True).start()
    os.environ[lifetime.SERVER] = str(os.getpid())
    os.environ[bodies.THREADS] = str(args.threads)
    # It warns of many threads; ours wait for what is sent.
    logging.getLogger("_granian").addFilter(lambda said: "Python threads" not in said.getMessage())
    server = Server(
        "guiju.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=args.workers,
        # These receive; the threads that work are in guiju.bodies.
        blocking_threads=bodies.RECEIVERS,
        blocking_threads_idle_timeout=60,
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,
        static_path_route=[settings.STATIC_URL.rstrip("/")],
        static_path_mount=[settings.STATIC_ROOT],
        static_path_expires=365 * 24 * 60 * 60,
    )
    try:
        server.serve()
    finally:
        _stopping.set()
        if _worker is not None:
            _worker.terminate()
            _worker.wait(timeout=30)
    return 0


def _port_wanted() -> int:
    """Return the port that the variable PORT names, else 8000; 0 when it names none."""
    wanted = os.environ.get("PORT") or "8000"
    return int(wanted) if wanted.isascii() and wanted.isdigit() else 0


def _is_free(port: int) -> bool:
    """Return whether nobody listens there; the server itself would share the port with another one in silence."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _keep_worker() -> None:
    """Keep one worker running beside the server; a worker that dies is followed by another."""
    global _worker
    while not _stopping.is_set():
        _worker = subprocess.Popen(
            [sys.executable, "-m", "guiju.cli", "worker"], preexec_fn=lifetime.end_with_parent
        )
        code = _worker.wait()
        if not _stopping.wait(2):
            print(f"the worker ended with code {code}; starting another", file=sys.stderr)


def work(args: argparse.Namespace) -> int:
    """Do what is due until stopped, or once."""
    from guiju.kernel import worker

    if args.once:
        print(worker.run_once(timezone.now()))
    else:
        worker.run_forever()
    return 0


def collect_static() -> None:
    """Gather the static files of all apps under names that change with their content."""
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
