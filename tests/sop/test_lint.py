"""An SOP that could not be kept is found before it takes effect, in words that say where and what."""

from copy import deepcopy

import pytest

from guiju.sop import lint, shipped
from tests.sop.conftest import with_limit, with_step


@pytest.fixture
def sound():
    return shipped.documents()["KF-ZY-01"]


def said(content):
    return [(finding.rule, str(finding)) for finding in lint.errors(lint.lint(content))]


def added(content, part, row):
    changed = deepcopy(content)
    changed[part].append(row)
    return changed


def test_a_document_under_another_number_than_its_process_names_is_found(sound):
    assert said(sound | {"code": "KF-ZY-09"}) == [
        ("process", "文件编号：流程「认购」的作业标准书编号是 KF-ZY-01")
    ]


def test_an_unknown_step_is_found(sound):
    row = {"step": "gift", "label": "赠送家电", "posts": ["sales"], "words": "赠送家电一套。"}

    assert said(added(sound, "steps", row)) == [("step", "步骤「赠送家电」：流程「认购」没有步骤「gift」")]


def test_a_step_left_out_is_found(sound):
    changed = deepcopy(sound)
    changed["steps"] = [row for row in sound["steps"] if row["step"] != "seal"]

    assert said(changed) == [("words", "步骤「加盖合同章」：没有写进作业标准书")]


def test_a_limit_without_a_clock_is_found_among_the_clocks(sound):
    row = {"clock": "tea", "label": "上茶", "limit": "5 分钟", "words": "客户到访后上茶。"}

    assert said(added(sound, "clocks", row)) == [
        ("limit_without_clock", "时限「上茶」：流程「认购」没有时限「tea」，这个期限没有人计时")
    ]


def test_a_limit_in_the_words_of_a_step_that_nothing_counts_is_found(sound):
    changed = with_step(sound, "collect_papers", words="在 3 个工作日内收取每位买受人的身份证明。")

    assert said(changed) == [
        ("limit_without_clock", "步骤「收取身份证明」：写了「3 个工作日内」，却没有对应的时限")
    ]


def test_a_form_without_a_template_is_found(sound):
    changed = added(sound, "forms", {"form": "KF-BD-99", "title": "购房意向书"})

    assert said(changed) == [("form_without_template", "相关表格「购房意向书」：表单库里没有这张表的模板")]


def test_a_form_used_but_not_listed_is_found(sound):
    changed = with_step(sound, "seal", forms=["KF-BD-03", "KF-BD-09"])

    assert said(changed) == [("form", "步骤「加盖合同章」：表格「KF-BD-09」没有列在本文件的相关表格里")]


@pytest.mark.parametrize(
    ("clock", "limit", "says"),
    [
        ("lock", "31 分钟", "时限「锁定」：31 分钟超过了允许的最长期限 30 分钟"),
        ("deposit", "4 日", "时限「交纳定金」：4 日超过了允许的最长期限 72 小时"),
        ("sign", "16 日", "时限「签约期限」：16 日超过了允许的最长期限 15 日"),
    ],
)
def test_a_limit_looser_than_the_code_allows_is_found(sound, clock, limit, says):
    assert said(with_limit(sound, clock, limit)) == [("looser_than_law", says)]


def test_a_limit_at_the_maximum_may_stand(sound):
    assert said(with_limit(sound, "sign", "15 日")) == []


def test_a_post_outside_the_list_of_the_code_is_found_and_with_it_the_dead_end(sound):
    assert said(with_step(sound, "confirm_deposit", posts=["sales"])) == [
        ("post", "步骤「确认定金」：不能由置业顾问办理，程序只允许财务收款员"),
    ]
    assert said(with_step(sound, "director_sign", posts=["ghost"])) == [
        ("post", "步骤「总监审核签字」：没有岗位「ghost」"),
    ]


def test_a_state_that_nobody_can_leave_is_a_dead_end(sound):
    changed = sound
    for step in ("seal", "cancel", "reissue", "bounce_deposit"):
        changed = with_step(changed, step, posts=["ghost"])

    assert ("dead_end", "状态「待盖章」：没有人能把事项办出这个状态") in said(changed)


def test_an_unknown_clause_is_found(sound):
    changed = added(sound, "clauses", {"id": "I-9.9-9z", "number": "第九部分", "words": "不存在的条款。"})

    assert said(changed) == [("clause", "条款：条款 I-9.9-9z 不在条款目录里")]


def test_a_clause_that_the_document_does_not_quote_is_found(sound):
    assert said(with_step(sound, "seal", clause="I-2.1-p")) == [
        ("clause", "步骤「加盖合同章」：引用的条款 I-2.1-p 没有写在本文件的条款里")
    ]


def test_a_condition_on_a_figure_that_the_step_does_not_give_is_found(sound):
    seats = [{"order": 1, "post": "deputy_gm", "when": "moon > 2"}]

    assert said(with_step(sound, "hand_in", approval=seats)) == [
        (
            "condition",
            (
                "步骤「签署认购书」：审批条件「moon > 2」里的「moon」这一步没有，"
                "可用的是discount_percent、total_price、extensions、cause"
            ),
        )
    ]
    assert said(with_step(sound, "seal", approval=seats)) == [
        ("condition", "步骤「加盖合同章」：审批条件「moon > 2」里的「moon」这一步没有")
    ]


def test_a_chain_of_the_requesters_own_post_alone_is_found(sound):
    seats = [{"order": 1, "post": "cs_manager"}]

    assert said(with_step(sound, "cancel", approval=seats)) == [
        ("own_approval", "步骤「退认购」：审批岗位就是办理岗位，没有别人把关")
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("客服部常核后盖章。", "「常核」应为「审核」"),
        ("核对无误,加盖合同章。", "中文之间用了半角标点「核对无误,加盖合同」"),
        ("核对无误................7", "夹有目录的点线"),
        ("投诉及危机攵卜理后盖章。", "夹有误识的字符「诉及危机攵卜理后盖」"),
        ("核对\ufffd后盖章。", "有无法显示的字符"),
    ],
)
def test_rubbish_of_a_scan_is_found(sound, words, says):
    found = said(with_step(sound, "seal", words=words))

    assert [rule for rule, _ in found] == ["ocr"]
    assert says in found[0][1]


def test_missing_words_are_found(sound):
    changed = deepcopy(sound)
    changed["steps"][0].pop("words")
    changed["control"].pop("approved")

    assert [text for _, text in said(changed)] == ["文件控制：缺「批准」", "步骤「锁定房源」：缺「正文」"]


def test_a_clock_without_anybody_to_tell_is_a_warning_only(sound):
    changed = deepcopy(sound)
    next(row for row in changed["clocks"] if row["clock"] == "seal").pop("escalate")

    assert said(changed) == []
    assert [str(finding) for finding in lint.lint(changed)] == ["时限「盖章」：超期后没有写报给谁"]


def test_an_override_by_the_post_that_takes_the_step_is_found(sound):
    assert said(with_step(sound, "hand_in", override_post="sales")) == [
        ("post", "步骤「签署认购书」：放行岗位就是办理岗位，没有人能放行")
    ]
