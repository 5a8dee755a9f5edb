"""Department goals, work plans, their execution, checks and corrections: Part IV of the SOP, the manager."""

from datetime import date

import pytest

from guiju.org.models import Department
from guiju.org.operations.plans import (
    UnableToPlan,
    change_goal,
    change_plan,
    check_task,
    draw_up_plan,
    report_task,
    set_goal,
)

from .conftest import LATER, NOW

FIRST, LAST = date(2027, 1, 1), date(2027, 3, 31)


@pytest.fixture
def department(company):
    return Department.objects.get(company=company, code="customer_service")


@pytest.fixture
def goal(people, department):
    return set_goal(
        department=department,
        title="客户服务满意率",
        measure="满意答卷比全部答卷",
        target="100 %",
        from_date=FIRST,
        to_date=LAST,
        by=people["zhou"],
        at=NOW,
    )


@pytest.fixture
def plan(people, goal):
    return draw_up_plan(
        goal=goal,
        title="一季度回访",
        tasks=[
            ("回访 1 号楼", people["wu"], date(2027, 1, 31)),
            ("整理答卷", people["ma"], date(2027, 2, 15)),
        ],
        by=people["zhou"],
        at=NOW,
    )


@pytest.mark.clause("I-4.1-i")
def test_the_manager_sets_a_goal_with_measure_target_and_period(goal):
    assert (goal.measure, goal.target) == ("满意答卷比全部答卷", "100 %")
    assert (goal.from_date, goal.to_date, goal.version) == (FIRST, LAST, 1)


def test_only_the_head_of_the_department_plans(people, department):
    with pytest.raises(UnableToPlan, match="部门负责人"):
        set_goal(
            department=department,
            title="目标",
            measure="办法",
            target="1",
            from_date=FIRST,
            to_date=LAST,
            by=people["wu"],
            at=NOW,
        )


@pytest.mark.clause("I-4.1-j")
def test_a_plan_draws_tasks_with_owner_and_day_from_the_goal(plan, goal, people):
    assert plan.goal == goal
    assert list(plan.tasks.order_by("pk").values_list("title", "owner__username", "due_date")) == [
        ("回访 1 号楼", "wu", date(2027, 1, 31)),
        ("整理答卷", "ma", date(2027, 2, 15)),
    ]


@pytest.mark.clause("I-4.1-k")
def test_tasks_are_assigned_and_show_how_far_they_are(plan, people):
    task = plan.tasks.get(title="回访 1 号楼")
    change_plan(
        plan=plan,
        change=[(task, people["tang"], date(2027, 1, 25))],
        reason="吴敏休假",
        by=people["zhou"],
        at=NOW,
    )
    task.refresh_from_db()
    assert (task.owner, task.due_date) == (people["tang"], date(2027, 1, 25))

    report_task(task=task, state="doing", on=date(2027, 1, 10), by=people["tang"], at=NOW)
    done = report_task(task=task, state="done", on=date(2027, 1, 24), by=people["tang"], at=LATER)

    assert (done.get_state_display(), done.done_date) == ("已完成", date(2027, 1, 24))
    with pytest.raises(UnableToPlan):
        report_task(task=done, state="open", on=date(2027, 1, 24), by=people["lin"], at=LATER)


@pytest.mark.clause("I-4.1-l")
def test_the_manager_records_a_check_with_finding_and_date(plan, people):
    task = plan.tasks.get(title="整理答卷")

    check = check_task(task=task, finding="缺 3 户答卷", by=people["zhou"], at=LATER)

    assert (check.finding, check.checked_at, check.checked_by) == ("缺 3 户答卷", LATER, people["zhou"])
    with pytest.raises(UnableToPlan):
        check_task(task=task, finding=" ", by=people["zhou"], at=LATER)
    with pytest.raises(UnableToPlan):
        check_task(task=task, finding="都好", by=people["ma"], at=LATER)


@pytest.mark.clause("I-4.1-m")
def test_goal_and_plan_are_corrected_with_reason_and_keep_what_they_said(goal, plan, people):
    with pytest.raises(UnableToPlan, match="原因"):
        change_goal(goal=goal, target="98 %", reason="", by=people["zhou"], at=LATER)
    changed = change_goal(goal=goal, target="98 %", reason="样本太小", by=people["zhou"], at=LATER)
    dropped = plan.tasks.get(title="整理答卷")
    replanned = change_plan(
        plan=plan,
        add=[("电话补访", people["wu"], date(2027, 2, 20))],
        drop=[dropped],
        reason="改为电话",
        by=people["zhou"],
        at=LATER,
    )

    assert (changed.target, changed.version) == ("98 %", 2)
    old = changed.versions.get()
    assert (old.version, old.content["target"], old.reason) == (1, "100 %", "样本太小")
    assert replanned.version == 2
    assert [row[1] for row in replanned.versions.get().content["tasks"]] == ["回访 1 号楼", "整理答卷"]
    dropped.refresh_from_db()
    assert dropped.get_state_display() == "已取消"
    with pytest.raises(UnableToPlan, match="没有改动"):
        change_goal(goal=changed, target="98 %", reason="再改", by=people["zhou"], at=LATER)
