"""The flowchart is drawn from the definition that runs, so it cannot drift."""

import xml.etree.ElementTree as ElementTree

import pytest

from guiju.kernel.process import process_of
from guiju.sop import content as contents
from guiju.sop import flowchart, shipped
from guiju.sop.flowchart import layout

SVG = "{http://www.w3.org/2000/svg}"


def chart(process="subscription", code="KF-ZY-01"):
    policy = contents.policy_of(shipped.documents()[code], key=1, version="1.0")
    return flowchart.chart_of(process_of(process), policy)


def drawing(**options):
    return ElementTree.fromstring(flowchart.draw(chart(), **options))


def overlap(one, other):
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@pytest.mark.clause("I-5.1-p")
def test_the_chart_has_every_state_and_step_of_the_definition_with_the_clauses_of_control_points_1_to_5():
    process = process_of("subscription")

    drawn = drawing()

    assert {g.get("data-step") for g in drawn.iter(f"{SVG}g") if g.get("data-step")} == {
        s.name for s in process.steps
    }
    assert {g.get("data-state") for g in drawn.iter(f"{SVG}g") if g.get("data-state")} == {
        s.value for s in process.states
    }
    texts = " ".join(text.text or "" for text in drawn.iter(f"{SVG}text"))
    for number in ("3.1", "3.2", "3.3", "3.4", "3.5"):
        assert f"第五部分 一 {number}" in texts


def test_the_way_to_the_good_end_runs_down_the_middle():
    assert chart().spine == ("locked", "signed", "reviewed", "registered", "paid", "sealed", "converted")


@pytest.mark.parametrize(("process", "code"), [("subscription", "KF-ZY-01"), ("unit_control", "KF-ZY-07")])
def test_nothing_lies_on_top_of_anything_and_it_fits_a_screen_of_1440(process, code):
    plan = layout.plan(chart(process, code))

    boxes = [placed.at for placed in plan.states.values()] + [card.at for card in plan.cards]
    boxes += [group.at for group in plan.groups]
    assert [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if overlap(a, b)] == []
    assert all(box.x >= 0 and box.right <= plan.width and box.bottom <= plan.height for box in boxes)
    assert plan.width <= 1440


def test_every_text_stays_inside_its_box():
    plan = layout.plan(chart())

    for card in plan.cards:
        for words in card.hints:
            assert layout.text.width(words, layout.SMALL) <= card.at.w - 2 * layout.PAD + layout.SMALL
        for words in card.label:
            assert (
                layout.text.width(words, layout.LABEL)
                <= card.at.w - 2 * layout.PAD - layout.INDEX + layout.LABEL
            )


def test_a_case_sees_where_it_is_what_is_behind_it_and_who_did_it():
    live = flowchart.Live(
        "registered", frozenset({"locked", "signed", "reviewed"}), {"hand_in": "林晓雯 11-20"}
    )

    drawn = drawing(live=live)

    kinds = {g.get("data-state"): g.get("class") for g in drawn.iter(f"{SVG}g") if g.get("data-state")}
    assert kinds["registered"] == "flow-state is-here"
    assert kinds["signed"] == "flow-state is-past"
    assert kinds["paid"] == "flow-state"
    done = [g.get("data-step") for g in drawn.iter(f"{SVG}g") if "is-done" in (g.get("class") or "").split()]
    assert done == ["hand_in"]
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert "现在：待确认定金" in texts
    assert "林晓雯 11-20" in texts


def test_the_drawing_needs_no_style_and_no_script_and_says_in_words_what_it_shows():
    drawn = drawing(links={"seal": "#step-seal"})

    assert not [
        part for part in drawn.iter() if part.get("style") or part.tag in (f"{SVG}style", f"{SVG}script")
    ]
    assert drawn.get("role") == "group"
    assert drawn.find(f"{SVG}desc").text.startswith("办理顺序：已锁定待签认购书，待总监审核")
    assert [a.get("href") for a in drawn.iter(f"{SVG}a")] == ["#step-seal"]


def test_words_from_the_sop_cannot_break_the_drawing():
    content = shipped.documents()["KF-ZY-01"]
    row = next(row for row in content["steps"] if row["step"] == "seal")
    row["label"] = "盖<章>&\"'"
    policy = contents.policy_of(content, key=1, version="1.0")

    drawn = ElementTree.fromstring(flowchart.draw(flowchart.chart_of(process_of("subscription"), policy)))

    assert "盖<章>&\"'" in [text.text for text in drawn.iter(f"{SVG}text")]


def test_conditional_approvals_and_limits_are_shown():
    shown = chart()

    assert next(act.approval for act in shown.acts if act.name == "hand_in") == "主管副总 → 总经理（按条件）"
    assert shown.boxes["signed"].limits == ("交纳定金 24 小时", "审核登记 1 工作日", "签约期限 7 日")
    assert shown.boxes["reviewed"].limits == ()


def test_mermaid_says_the_same():
    text = flowchart.mermaid(chart("unit_control", "KF-ZY-07"))

    assert text.splitlines()[:3] == [
        "flowchart TD",
        '  begin(( )) -->|"1 申请销控调整<br>签约主管、客户服务、销售总监、置业顾问、客服经理<br>第五部分 七"| s0',
        '  s0["待执行<br>执行 1 工作日"]',
    ]
    assert '  s0 ==>|"2 执行<br>签约主管、客户服务<br>第五部分 七"| s2' in text
    assert '  s1 -->|"5 保留到期<br>系统按时<br>第五部分 七"| s2' in text
