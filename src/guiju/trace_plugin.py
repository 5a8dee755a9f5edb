"""
Pytest plug-in: notes which clauses the passed tests show, in var/trace.json.

Runs on the same code add up; the first run on changed code begins anew.
"""

import json
import os
from typing import Any

import pytest

from guiju import trace

PROPERTY = "clauses"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Hand each test's clauses on to its report.

    :raises pytest.UsageError: a marker names a clause that is not in docs/clauses.tsv.
    """
    known = trace.clauses() if trace.CLAUSES.exists() else {}
    for item in items:
        ids = [clause for marker in item.iter_markers("clause") for clause in marker.args]
        if unknown := [clause for clause in ids if clause not in known]:
            raise pytest.UsageError(
                f"{item.nodeid}: no such clause in docs/clauses.tsv: {', '.join(unknown)}"
            )
        if ids:
            item.user_properties.append((PROPERTY, sorted(set(ids))))


class Notes:
    """The tests with clauses of one run and how they ended."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        # Taken at the start, so that a file edited during the run does not get its results.
        self.code = trace.code_state()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        ids = dict(report.user_properties).get(PROPERTY)
        if not ids:
            return
        test = self.tests.setdefault(report.nodeid, {"clauses": ids, "passed": False, "failed": False})
        test["passed"] |= report.when == "call" and report.passed
        test["failed"] |= report.failed

    def pytest_sessionfinish(self) -> None:
        if not self.tests:
            return
        database = (os.environ.get("DATABASE_URL") or "sqlite").partition(":")[0]
        results = trace.results_of_this_code() or {"code": self.code, "tests": {}}
        if self.code != trace.code_state():
            return
        for nodeid, test in self.tests.items():
            kept = results["tests"].setdefault(nodeid, {"clauses": test["clauses"], "runs": {}})
            if test["passed"] or test["failed"]:
                kept["runs"][database] = {"passed": test["passed"] and not test["failed"]}
        results["tests"] = {k: v for k, v in results["tests"].items() if v["runs"]}
        trace.RESULTS.parent.mkdir(exist_ok=True)
        unfinished = trace.RESULTS.with_suffix(f".{os.getpid()}")
        unfinished.write_text(
            json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8"
        )
        unfinished.replace(trace.RESULTS)


def pytest_configure(config: pytest.Config) -> None:
    """Only the controlling process writes; the processes of pytest-xdist report to it."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.pluginmanager.register(Notes(), "guiju-trace-notes")
