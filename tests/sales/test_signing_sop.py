"""The SOP of signing: its flow chart is drawn from the process that runs, its procedure of contract review is held."""

import xml.etree.ElementTree as ElementTree

import pytest

from guiju.kernel.process import process_of
from guiju.sop import content as contents
from guiju.sop import flowchart, lint, shipped

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.clause("I-5.3-p")
def test_the_flow_chart_of_signing_has_every_step_and_the_clauses_of_control_points_1_to_4():
    process = process_of("signing")
    policy = contents.policy_of(shipped.documents()["KF-ZY-03"], key=1, version="1.0")

    drawn = ElementTree.fromstring(flowchart.draw(flowchart.chart_of(process, policy)))

    assert {g.get("data-step") for g in drawn.iter(f"{SVG}g") if g.get("data-step")} == {
        step.name for step in process.steps
    }
    texts = " ".join(text.text or "" for text in drawn.iter(f"{SVG}text"))
    for number in ("3.1", "3.2", "3.3", "3.4"):
        assert f"第五部分 三 {number}" in texts


@pytest.mark.clause("K-3.1-c", "I-5.3-0")
def test_the_library_holds_the_procedure_of_contract_review_and_every_clause_of_signing():
    content = shipped.documents()["KF-ZY-03"]
    clauses = {row["id"]: row["words"] for row in content["clauses"]}

    assert [found for found in lint.lint(content) if found in lint.errors([found])] == []
    assert "合同评审" in clauses["K-3.1-c"]
    assert "不同意的答复顾客" in clauses["K-3.1-c"]
    review = next(row for row in content["steps"] if row["step"] == "review_service")
    assert (review["posts"], review["clause"]) == (["sales", "sales_director"], "K-3.1-a")
    assert {f"I-5.3-1{letter}" for letter in "abcdefghijkl"} <= set(clauses)
    reserve = next(row for row in content["settings"] if row["setting"] == "reserve")
    assert (reserve["value"], reserve["minimum"]) == (20, 20)
