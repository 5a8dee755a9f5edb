"""`guiju trace` counts what passed on exactly this code, and nothing else."""

from types import SimpleNamespace

import pytest

from guiju import trace, trace_plugin


@pytest.fixture
def three_clauses(tmp_path, monkeypatch):
    file = tmp_path / "clauses.tsv"
    rows = ["id\tsection\trequirement\tkind\tarea\tsame_as"]
    rows += [
        "A-1\t一\tMust.\trule\tintake\t",
        "A-2\t二\tAlso.\trule\tintake\tA-1",
        "B-1\t三\tElse.\trule\ttitle\t",
    ]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setattr(trace, "CLAUSES", file)


def run(clauses, **databases):
    return {"clauses": clauses, "runs": {name: {"passed": passed} for name, passed in databases.items()}}


@pytest.mark.usefixtures("three_clauses")
def test_a_clause_is_shown_by_a_passed_test_and_so_is_its_repetition():
    results = {"tests": {"test_one": run(["A-1"], sqlite=True)}}

    assert trace.shown(results) == {"A-1": ["test_one"], "A-2": ["test_one"]}


@pytest.mark.usefixtures("three_clauses")
def test_a_test_that_failed_on_one_database_shows_nothing():
    results = {"tests": {"test_one": run(["B-1"], sqlite=True, postgresql=False)}}

    assert trace.shown(results) == {}


def test_results_of_other_code_do_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(trace, "RESULTS", tmp_path / "trace.json")

    assert trace.results_of_this_code() is None

    trace.RESULTS.write_text('{"code": "older", "tests": {}}', encoding="utf-8")
    assert trace.results_of_this_code() is None

    trace.RESULTS.write_text(f'{{"code": "{trace.code_state()}", "tests": {{}}}}', encoding="utf-8")
    assert trace.results_of_this_code() is not None


@pytest.mark.usefixtures("three_clauses")
def test_a_marker_with_an_unknown_clause_stops_the_run():
    marked = SimpleNamespace(
        nodeid="tests/test_x.py::test_it",
        user_properties=[],
        iter_markers=lambda name: [pytest.mark.clause("A-1", "Z-0-nonsense").mark],
    )

    with pytest.raises(pytest.UsageError, match="Z-0-nonsense"):
        trace_plugin.pytest_collection_modifyitems([marked])

    assert marked.user_properties == []
