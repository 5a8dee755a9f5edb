"""A case keeps the text, limits and values it began with; scopes differ from a day on."""

from datetime import date, timedelta

import pytest

from guiju.estate.models import ControlOrder
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case
from guiju.kernel.ports import policies
from guiju.sop.models import Edition, Stamp
from guiju.sop.operations import (
    UnableToMove,
    UnableToSetValue,
    approve_value,
    move_case,
    propose_value,
)
from guiju.sop.policies import NoSopInForce
from tests.sop.conftest import (
    NEXT_DAY,
    NOW,
    OTHER_PROJECT,
    PROJECT,
    TODAY,
    TOMORROW,
    published,
    with_limit,
    with_step,
)


def current(company, *, project=PROJECT, at=NOW):
    return policies().current("subscription", company_id=company.pk, project_id=project, at=at)


def set_value(people, document, path, value, *, project=None, from_date=TODAY, to_date=None):
    made = propose_value(
        document, company=people["zhou"].company, project_id=project, path=path, value=value,
        from_date=from_date, to_date=to_date, reason="本项目惯例", by=people["deng"], at=NOW,
    )  # fmt: skip
    return approve_value(made, by=people["zhou"], at=NOW)


def test_without_an_sop_in_force_nothing_begins(db, people, company):
    with pytest.raises(NoSopInForce, match="没有生效的作业标准书"):
        current(company)


def test_the_policy_says_what_the_file_says(shelf, company):
    policy = current(company)

    assert (policy.code, policy.version, policy.title) == ("KF-ZY-01", "1.0", "认购审批工作流程")
    assert policy.number("I-5.1-3b") == "第五部分 一 3.3"
    assert policy.step("seal").posts == ("seal_keeper",)
    assert [(p.key, p.kind, p.required, p.hard) for p in policy.step("seal").points] == [
        ("receipt_seen", "tick", True, True)
    ]
    assert [(s.order, s.post, s.condition) for s in policy.step("hand_in").approval] == [
        (1, "deputy_gm", "discount_percent > 2"),
        (2, "general_manager", "discount_percent > 4"),
    ]
    assert policy.clock("sign").remind == ("-3 日", "-1 日")
    assert policy.clock("sign").escalate == (
        ("0", "signing_supervisor"),
        ("1 日", "sales_director"),
        ("7 日", "cs_manager"),
    )
    assert policy.settings["minimum_deposit"] == 10000


def test_a_second_question_about_the_same_scope_reads_only_the_stamp(
    shelf, company, django_assert_num_queries
):
    current(company)

    with django_assert_num_queries(1):
        current(company)


def test_an_edition_is_read_once(shelf, company, django_assert_num_queries):
    policy = current(company)

    with django_assert_num_queries(0):
        assert policies().get(policy.id) is policies().get(policy.id)


def test_a_case_begun_before_a_new_version_keeps_its_edition(people, shelf, company):
    before = current(company)

    published(people, shelf["KF-ZY-01"], with_limit(shelf["KF-ZY-01"].content, "deposit", "12 小时"))

    assert policies().get(before.id).clock("deposit").limit == "24 小时"
    assert current(company).clock("deposit").limit == "12 小时"
    assert current(company).id != before.id


def test_the_narrower_scope_wins(people, subscription, company):
    set_value(people, subscription, "settings.minimum_deposit", 20000)
    set_value(people, subscription, "settings.minimum_deposit", 50000, project=PROJECT)

    assert current(company).settings["minimum_deposit"] == 50000
    assert current(company, project=OTHER_PROJECT).settings["minimum_deposit"] == 20000
    assert (
        policies()
        .current("subscription", company_id=company.pk + 999, project_id=None, at=NOW)
        .settings["minimum_deposit"]
        == 10000
    )


def test_a_value_holds_from_its_day_to_its_day(people, subscription, company):
    set_value(
        people,
        subscription,
        "clocks.deposit.limit",
        "12 小时",
        from_date=TOMORROW,
        to_date=date(2026, 11, 22),
    )

    limits = [current(company, at=NOW + timedelta(days=n)).clock("deposit").limit for n in range(4)]

    assert limits == ["24 小时", "12 小时", "12 小时", "24 小时"]


def test_scopes_with_the_same_values_share_an_edition(people, subscription, company):
    set_value(people, subscription, "settings.minimum_deposit", 20000)

    assert current(company).id == current(company, project=OTHER_PROJECT).id
    assert Edition.objects.filter(version__document=subscription).count() == 2


def test_a_value_counts_only_when_somebody_else_approved_it(people, subscription, company):
    made = propose_value(
        subscription, company=company, project_id=None, path="settings.minimum_deposit", value=20000,
        from_date=TODAY, reason="提高门槛", by=people["zhou"], at=NOW,
    )  # fmt: skip

    with pytest.raises(UnableToSetValue, match="不能批准自己提出的值"):
        approve_value(made, by=people["zhou"], at=NOW)

    assert current(company).settings["minimum_deposit"] == 10000


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("clocks.lock.limit", "2 小时", "超过了允许的最长期限 30 分钟"),
        ("clocks.sign.limit", "30 日", "超过了允许的最长期限 15 日"),
        ("clocks.deposit.limit", "很快", "看不懂时限「很快」"),
        ("settings.signing_days_longest", 20, "20 高于上限 15"),
        ("settings.nothing", 1, "没有「settings.nothing」"),
        ("steps.seal.posts", ["sales"], "不能按公司或项目另定"),
    ],
)
def test_a_value_may_tighten_and_never_loosen(people, subscription, company, path, value, says):
    with pytest.raises(UnableToSetValue, match=says):
        set_value(people, subscription, path, value)

    assert current(company).clock("lock").limit == "15 分钟"


def test_setting_a_value_moves_the_stamp(people, subscription):
    before = Stamp.objects.get().value

    set_value(people, subscription, "settings.minimum_deposit", 20000)

    assert Stamp.objects.get().value == before + 1


@pytest.fixture
def case(company, shelf):
    policy = policies().current("unit_control", company_id=company.pk, project_id=PROJECT, at=NOW)
    case = Case.objects.create(
        number="XK-CY1-2026-0001", process="unit_control", sop_version_id=policy.id, state="applied",
        title="推出可售", chain_id=company.pk, scope_id=PROJECT, opened_at=NOW, events=1,
    )  # fmt: skip
    ControlOrder.objects.create(case_id=case.pk, kind="release", reason="二期开盘", applied_at=NOW)
    return case


def sooner(version):
    return with_limit(version.content, "execute", "4 工作小时")


def test_moving_a_case_shows_the_difference_and_keeps_it_in_the_event(people, shelf, case):
    changed = with_step(
        sooner(shelf["KF-ZY-07"]), "withdraw", posts=["sales_director"], words="写明原因撤回。"
    )
    new = published(people, shelf["KF-ZY-07"], changed)

    shown = move_case(case, to=new, by=people["zhou"], at=NOW, reason="按新规定办")

    assert shown == [
        "步骤「撤回」的岗位：签约主管、客户服务、销售总监、置业顾问、客服经理 → 销售总监",
        "步骤「撤回」的正文：「申请有误或不再需要的，执行前写明原因撤回。」 → 「写明原因撤回。」",
        "时限「执行」的期限：「1 工作日」 → 「4 工作小时」",
    ]
    case.refresh_from_db()
    assert policies().get(case.sop_version_id).version == "1.1"
    event = case.history.get()
    assert event.step == "move"
    assert open_body(event.body)["difference"] == shown


def test_a_case_does_not_move_to_a_version_that_is_not_in_force(people, shelf, case):
    new = published(people, shelf["KF-ZY-07"], sooner(shelf["KF-ZY-07"]), effective=TOMORROW)

    with pytest.raises(UnableToMove, match=r"KF-ZY-07 1\.1 还没有生效"):
        move_case(case, to=new, by=people["zhou"], at=NOW, reason="想早点用")

    assert move_case(case, to=new, by=people["zhou"], at=NEXT_DAY, reason="到期换用") == [
        "时限「执行」的期限：「1 工作日」 → 「4 工作小时」"
    ]


def test_a_case_moves_by_a_manager_only(people, shelf, case):
    new = published(people, shelf["KF-ZY-07"], sooner(shelf["KF-ZY-07"]))

    with pytest.raises(UnableToMove, match="须由"):
        move_case(case, to=new, by=people["lin"], at=NOW, reason="我想换")
