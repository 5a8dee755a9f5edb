"""
`guiju trace`: of the clauses in docs/clauses.tsv, which are shown by a test that passed.

The figures come from the last run of the tests on exactly this code (see :mod:`guiju.trace_plugin`); if there is none,
the marked tests are run first.
"""

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
CLAUSES: Final = ROOT / "docs" / "clauses.tsv"
RESULTS: Final = ROOT / "var" / "trace.json"


@dataclass(frozen=True)
class Clause:
    """One numbered sentence of the source SOPs."""

    id: str
    section: str
    requirement: str
    kind: str
    area: str
    same_as: str


def clauses() -> dict[str, Clause]:
    """All clauses by id, in the order of the file."""
    with CLAUSES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["id"]: Clause(**row) for row in rows}


def code_state() -> str:
    """A digest of the program, its tests and the clauses: results of a run hold for this state only."""
    digest = hashlib.sha256()
    files = [*(ROOT / "src").rglob("*"), *(ROOT / "tests").rglob("*"), CLAUSES, ROOT / "pyproject.toml"]
    for file in sorted(files):
        if file.is_file() and file.suffix not in (".pyc", ".orig") and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:20]


def shown(results: dict[str, Any]) -> dict[str, list[str]]:
    """
    Clause id → tests that show it. A test counts if it passed on every database on which it ran.

    A clause that repeats another (`same_as`) is shown with it.
    """
    tests: dict[str, list[str]] = {}
    for test, runs in results.get("tests", {}).items():
        if all(run["passed"] for run in runs["runs"].values()):
            for clause in runs["clauses"]:
                tests.setdefault(clause, []).append(test)
    known = clauses()
    return {c.id: found for c in known.values() if (found := tests.get(c.id) or tests.get(c.same_as, []))}


def results_of_this_code() -> dict[str, Any] | None:
    """What the last runs on exactly this code found; None if there was none."""
    try:
        results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return results if results.get("code") == code_state() else None


def main(args: argparse.Namespace) -> int:
    """Command: print how many clauses of each area are shown; the last line is `clauses shown: N of M`."""
    if not CLAUSES.exists():
        print(
            "guiju trace: docs/clauses.tsv is not here; this command needs the source tree.", file=sys.stderr
        )
        return 1
    results = None if args.run else results_of_this_code()
    if results is None:
        print("no results for this code yet: running the marked tests …", file=sys.stderr)
        results = _run_marked_tests()
    if results is None:
        print("guiju trace: the tests could not be run.", file=sys.stderr)
        return 1
    known, found = clauses(), shown(results)
    of_area = Counter(c.area for c in known.values())
    shown_of_area = Counter(known[c].area for c in found)
    if args.json:
        areas = {a: {"shown": shown_of_area[a], "of": n} for a, n in sorted(of_area.items())}
        missing = [c for c in known if c not in found]
        answer = {"shown": len(found), "of": len(known), "areas": areas, "clauses": found, "missing": missing}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for area, number in sorted(of_area.items(), key=lambda x: (-shown_of_area[x[0]], x[0])):
        print(f"{area:24}{shown_of_area[area]:5} of {number}")
    if args.missing:
        for clause in known.values():
            if clause.id not in found:
                print(f"- {clause.id:14} {clause.requirement}")
    print(f"clauses shown: {len(found)} of {len(known)}")
    return 0


def _run_marked_tests() -> dict[str, Any] | None:
    """Run the tests that show clauses; gives back what they found, or None if they could not be run."""
    run = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "clause",
        "-n",
        "2",
        "--no-header",
        "-p",
        "no:cacheprovider",
    ]
    # The tests choose their own settings.
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        run,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 5):
        print("\n".join(done.stdout.splitlines()[-15:]), file=sys.stderr)
    return {} if done.returncode == 5 else results_of_this_code()
