"""
`guiju bench`: measures this program on the chosen database, in a database of its own that is thrown away afterwards.

This process makes and removes the databases; another one, with the environment of a fresh installation, measures.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from guiju import lifetime
from guiju.bench import figures, place

CASES: Final = 10_000


def main(args: argparse.Namespace) -> int:
    """Measure, and print a table or JSON. 0 when everything asked for was measured, whether goals were met or not."""
    only = list(args.only or ())
    if unknown := [name for name in only if name not in figures.PARTS]:
        print(f"没有这一部分：{'、'.join(unknown)}。可选：{'、'.join(figures.PARTS)}", file=sys.stderr)
        return 2
    end_when_told()
    url = os.environ.get("DATABASE_URL", "")
    kept: str = args.keep or ""
    with tempfile.TemporaryDirectory(prefix="guiju-bench-") as temporary:
        folder = Path(kept).resolve() if kept else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        # On a server several benches may run at once; a kept one is found again by its folder's name.
        stem = f"{place.NAME}_{folder.name if kept else os.getpid()}"
        names = {"big": stem, "small": f"{stem}_small", "bare": f"{stem}_bare"}
        try:
            return _measured(args, url, folder, names, only)
        except place.UnableToMakePlace as refusal:
            print(f"不能建立测量用的数据库：{refusal}", file=sys.stderr)
            return 1
        finally:
            for role, name in names.items():
                if not (kept and role in ("big", "small")):
                    place.drop(url, name, folder)


def end_when_told() -> None:
    """Let a request to end (SIGTERM, a closed terminal) end this process as Ctrl-C does: it cleans up after itself."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, lambda signum, frame: sys.exit(128 + signum))


def _run(environment: dict[str, str]) -> int:
    """Run the process that measures. However this one ends, that one ends, too, and its web servers with it."""
    measuring = subprocess.Popen(
        [sys.executable, "-m", "guiju.bench"], env=environment, preexec_fn=lifetime.end_with_parent
    )
    try:
        return measuring.wait()
    finally:
        if measuring.poll() is None:
            measuring.terminate()
            try:
                measuring.wait(timeout=30)
            except subprocess.TimeoutExpired:
                measuring.kill()
                measuring.wait()


def _measured(
    args: argparse.Namespace, url: str, folder: Path, names: dict[str, str], only: list[str]
) -> int:
    if not place.exists(url, names["big"], folder):
        place.create(url, names["big"], folder)
    result = folder / "figures.json"
    result.unlink(missing_ok=True)
    asked = {
        "url": url,
        "folder": str(folder),
        "names": names,
        "cases": args.cases or (2_000 if args.quick else CASES),
        "quick": bool(args.quick),
        "only": only,
        "result": str(result),
    }
    place.keep_keys(folder)
    environment = place.environment(place.named(url, names["big"], folder), folder)
    environment["GUIJU_BENCH"] = json.dumps(asked)
    code = _run(environment)
    if code != 0 or not result.exists():
        print("测量没有完成，原因见上。", file=sys.stderr)
        return code or 1
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    print(json.dumps(found, ensure_ascii=False, indent=1) if args.json else figures.table(found))
    return 0
