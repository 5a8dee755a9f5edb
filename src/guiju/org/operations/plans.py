"""Goals, work plans, tasks and checks of a department (I-4.1-i to I-4.1-m)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.org.models import Department, Goal, Person, PlanVersion, Task, TaskCheck, WorkPlan
from guiju.org.operations.recording import record


class UnableToPlan(Refused):
    """The goal, plan or task cannot be set or changed like this; the text says why."""


def _lead(department: Department, by: Person, at: datetime) -> None:
    leads = department.head_id == by.pk
    if department.code == "customer_service":
        leads = leads or holds_post(by, posts.CS_MANAGER, company_id=department.company_id, at=at)
    if not leads:
        raise UnableToPlan(f"{department.name}的目标和计划由部门负责人制定。")


@transaction.atomic
def set_goal(
    *,
    department: Department,
    title: str,
    measure: str,
    target: str,
    from_date: date,
    to_date: date,
    by: Person,
    at: datetime,
) -> Goal:
    """
    Set a goal of a department: measure, target and period (I-4.1-i).

    :raises UnableToPlan: ``by`` does not head the department, something is blank, or the period is turned round.
    """
    _lead(department, by, at)
    if not (title.strip() and measure.strip() and target.strip()):
        raise UnableToPlan("请填写目标、衡量办法和目标值。")
    if to_date < from_date:
        raise UnableToPlan("结束日期早于开始日期。")
    goal = Goal.objects.create(
        department=department,
        title=title.strip(),
        measure=measure.strip(),
        target=target.strip(),
        from_date=from_date,
        to_date=to_date,
    )
    record(department.company_id, "set_goal", by=by, at=at, given={"goal": goal.pk, **_goal_content(goal)})
    return goal


def _goal_content(goal: Goal) -> dict[str, Any]:
    return {
        "title": goal.title,
        "measure": goal.measure,
        "target": goal.target,
        "from_date": goal.from_date.isoformat(),
        "to_date": goal.to_date.isoformat(),
    }


@transaction.atomic
def change_goal(*, goal: Goal, reason: str, by: Person, at: datetime, **changes: Any) -> Goal:
    """
    Correct a goal with a reason; what it said before is kept as a version (I-4.1-m).

    :raises UnableToPlan: no reason, nothing changed, an unknown field, or not the head of the department.
    """
    goal = Goal.objects.select_for_update(of=("self",)).select_related("department").get(pk=goal.pk)
    _lead(goal.department, by, at)
    if not reason.strip():
        raise UnableToPlan("请填写修正原因。")
    if not changes.keys() <= {"title", "measure", "target", "from_date", "to_date"}:
        raise UnableToPlan("只能修正目标、衡量办法、目标值和期间。")
    before = _goal_content(goal)
    for name, value in changes.items():
        setattr(goal, name, value)
    if goal.to_date < goal.from_date:
        raise UnableToPlan("结束日期早于开始日期。")
    if _goal_content(goal) == before:
        raise UnableToPlan("没有改动。")
    _keep(goal=goal, plan=None, version=goal.version, content=before, reason=reason, by=by, at=at)
    goal.version += 1
    goal.save(update_fields=[*changes, "version"])
    given = {"goal": goal.pk, "before": before, "after": _goal_content(goal), "reason": reason.strip()}
    record(goal.department.company_id, "change_goal", by=by, at=at, given=given)
    return goal


def _keep(
    *,
    goal: Goal | None,
    plan: WorkPlan | None,
    version: int,
    content: dict[str, Any],
    reason: str,
    by: Person,
    at: datetime,
) -> None:
    PlanVersion.objects.create(
        goal=goal,
        plan=plan,
        version=version,
        content=content,
        reason=reason.strip(),
        changed_at=at,
        changed_by=by,
    )


@transaction.atomic
def draw_up_plan(
    *, goal: Goal, title: str, tasks: Sequence[tuple[str, Person, date]], by: Person, at: datetime
) -> WorkPlan:
    """
    Draw up a work plan from a goal: tasks with owner and day (I-4.1-j).

    :raises UnableToPlan: no task, a task of somebody who left, or not the head of the department.
    """
    _lead(goal.department, by, at)
    if not tasks:
        raise UnableToPlan("计划至少有一项任务。")
    plan = WorkPlan.objects.create(goal=goal, title=title.strip())
    for task, owner, due_date in tasks:
        _add_task(plan, task, owner, due_date)
    given = {"plan": plan.pk, "goal": goal.pk, **_plan_content(plan)}
    record(goal.department.company_id, "draw_up_plan", by=by, at=at, given=given)
    return plan


def _add_task(plan: WorkPlan, title: str, owner: Person, due_date: date) -> Task:
    if not owner.is_active:
        raise UnableToPlan(f"{owner.name}已离职，不能负责任务。")
    return Task.objects.create(plan=plan, title=title.strip(), owner=owner, due_date=due_date)


def _plan_content(plan: WorkPlan) -> dict[str, Any]:
    rows = plan.tasks.order_by("pk").values_list("pk", "title", "owner_id", "due_date", "state")
    return {
        "title": plan.title,
        "tasks": [[pk, title, owner, due.isoformat(), state] for pk, title, owner, due, state in rows],
    }


@transaction.atomic
def change_plan(
    *,
    plan: WorkPlan,
    reason: str,
    by: Person,
    at: datetime,
    add: Sequence[tuple[str, Person, date]] = (),
    change: Sequence[tuple[Task, Person, date]] = (),
    drop: Sequence[Task] = (),
) -> WorkPlan:
    """
    Add, re-assign, move or drop tasks of a plan with a reason; the plan as it was is kept (I-4.1-k, m).

    :raises UnableToPlan: no reason, nothing changed, a foreign task, or not the head of the department.
    """
    plan = WorkPlan.objects.select_for_update(of=("self",)).select_related("goal__department").get(pk=plan.pk)
    _lead(plan.goal.department, by, at)
    if not reason.strip():
        raise UnableToPlan("请填写修正原因。")
    if any(task.plan_id != plan.pk for task in [*drop, *(row[0] for row in change)]):
        raise UnableToPlan("任务不属于这份计划。")
    before = _plan_content(plan)
    for title, owner, due_date in add:
        _add_task(plan, title, owner, due_date)
    for task, owner, due_date in change:
        Task.objects.filter(pk=task.pk).update(owner=owner, due_date=due_date)
    for task in drop:
        Task.objects.filter(pk=task.pk).update(state=Task.State.DROPPED, done_date=None)
    if _plan_content(plan) == before:
        raise UnableToPlan("没有改动。")
    _keep(goal=None, plan=plan, version=plan.version, content=before, reason=reason, by=by, at=at)
    plan.version += 1
    plan.save(update_fields=["version"])
    given = {"plan": plan.pk, "before": before, "after": _plan_content(plan), "reason": reason.strip()}
    record(plan.goal.department.company_id, "change_plan", by=by, at=at, given=given)
    return plan


@transaction.atomic
def report_task(*, task: Task, state: str, on: date, by: Person, at: datetime) -> Task:
    """
    Report how a task stands, by its owner or the head of the department (I-4.1-k). ``on`` is the day done.

    :raises UnableToPlan: somebody else's task, an unknown state, or a dropped task.
    """
    task = (
        Task.objects.select_for_update(of=("self",)).select_related("plan__goal__department").get(pk=task.pk)
    )
    department = task.plan.goal.department
    if by.pk != task.owner_id:
        _lead(department, by, at)
    if task.state == Task.State.DROPPED:
        raise UnableToPlan("任务已取消。")
    if state not in (Task.State.OPEN, Task.State.DOING, Task.State.DONE):
        raise UnableToPlan("请选择任务状态。")
    before, task.state = task.state, Task.State(state)
    task.done_date = on if state == Task.State.DONE else None
    task.save(update_fields=["state", "done_date"])
    given = {"task": task.pk, "from": before, "to": state, "on": on.isoformat()}
    record(department.company_id, "report_task", by=by, at=at, given=given)
    return task


@transaction.atomic
def check_task(*, task: Task, finding: str, by: Person, at: datetime) -> TaskCheck:
    """
    Record a supervision check on a task (I-4.1-l).

    :raises UnableToPlan: nothing found is written down, or not the head of the department.
    """
    department = task.plan.goal.department
    _lead(department, by, at)
    if not finding.strip():
        raise UnableToPlan("请填写检查发现。")
    check = TaskCheck.objects.create(task=task, finding=finding.strip(), checked_at=at, checked_by=by)
    record(
        department.company_id, "check_task", by=by, at=at, given={"task": task.pk, "finding": check.finding}
    )
    return check
