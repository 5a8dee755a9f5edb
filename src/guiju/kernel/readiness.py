"""What must hold before a step is taken: post, state, needs, control points, and a moment that can be true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from guiju.kernel import ports
from guiju.kernel.context import Context
from guiju.kernel.forms import unsuitable
from guiju.kernel.models import Case, Deviation, Tick
from guiju.kernel.policy import Point, StepPolicy
from guiju.kernel.ports import Actor
from guiju.kernel.prepared import prepared
from guiju.kernel.process import Process, Step
from guiju.kernel.refusals import BadlyFilled, NotYourPost, Reason

LATE_ENTRY = timedelta(days=31)
READ_ONLY_POSTS = frozenset({"auditor"})
OWN_OVERRIDE = Reason("放行控制要点的人不能自己办理这一步", "G-4.2-b", "approval")


def unmet(context: Context, *, with_given: bool) -> list[Reason]:
    """Return the reasons of needs that are not met; those that look at what was given only ``with_given``."""
    found = []
    for need in context.step.needs:
        if need.given and not with_given:
            continue
        if reason := need.reason(context):
            found.append(reason)
    return found


def points_missing(
    said: StepPolicy, given: Mapping[str, Any], earlier: Mapping[str, str], waived: set[str]
) -> list[Reason]:
    """Return a reason for each required control point that nobody dealt with, and refuse unknown ones."""
    known = {point.key: point for point in said.points}
    errors = {f"points.{key}": "没有这个控制要点" for key in given if key not in known}
    for key, value in given.items():
        if key in known and (problem := bad_point(known[key], value)):
            errors[f"points.{key}"] = problem
    if errors:
        raise BadlyFilled(errors)
    missing = []
    for point in said.points:
        now = given.get(point.key)
        dealt_with = (
            not (now is None or now is False or now == "") or point.key in earlier or point.key in waived
        )
        if point.required and not dealt_with:
            missing.append(
                Reason(f"控制要点未办：{point.label}", point.clause or said.clause, "point", point.key)
            )
    return missing


def points_given(given: dict[str, Any]) -> dict[str, Any]:
    """Take the control points out of what was given; a blank answer is none.

    :raises BadlyFilled: they are no group of names and values.
    """
    points = given.pop("points", None)
    if points is None:
        return {}
    if not isinstance(points, Mapping):
        raise BadlyFilled({"points": "控制要点：格式不对"})
    return {
        key: None if isinstance(value, str) and not value.strip() else value for key, value in points.items()
    }


def bad_point(point: Point, value: Any) -> str | None:
    """Return what is wrong with an answer to a control point, or None."""
    if value is None or value is False or value == "":
        return None
    if problem := unsuitable(value):
        return problem
    if point.kind == "tick":
        return None if value is True or value in ("1", "true", "on", "是") else "请勾选"
    if not isinstance(value, str):
        return "请填文字"
    if len(value) > 2000:
        return "不能超过 2000 个字"
    if point.kind == "record" and (
        blank := [name for name in point.fields if name not in point.filled(value)]
    ):
        return f"记录表「{point.label}」还没有填：{'、'.join(blank)}"
    if point.kind in ("photo", "signature") and not (
        len(value) == 64 and set(value) <= set("0123456789abcdef")
    ):
        return "请先上传，再填附件的 sha256"
    return None


def waivers(case_id: int, step: str) -> dict[str, Deviation]:
    """Return the control points of a step that were freed for its next attempt."""
    return {d.point: d for d in open_deviations(case_id) if d.step == step}


def post_of(
    by: Actor | None,
    step: Step,
    said: StepPolicy,
    chain_id: int,
    scope_id: int | None,
    at: datetime,
    *,
    free: bool = False,
) -> tuple[str, int | None, Mapping[str, int | None]]:
    """Return the post in which the person acts, on whose behalf, and all posts held here."""
    if by is None:
        if step.by_clock or free:
            return "", None, {}
        raise NotYourPost([Reason("系统不能自动办理这一步", step.clause, "post")])
    posts = ports.people().posts_of(by.pk, company_id=chain_id, project_id=scope_id, at=at)
    if free:
        return next(iter(posts), ""), None, posts
    allowed = allowed_posts(step, said)
    own = [post for post in allowed if post in posts]
    own.sort(key=lambda post: posts[post] is not None)
    if not own:
        labels = "、".join(ports.people().post_label(post) for post in allowed)
        raise NotYourPost(
            [Reason(f"「{said.label or step.label}」须由{labels or '系统'}办理", step.clause, "post")]
        )
    return own[0], posts[own[0]], posts


def allowed_posts(step: Step, said: StepPolicy) -> tuple[str, ...]:
    """Return the posts that may take the step: the SOP's choice within the code's list."""
    chosen = tuple(post for post in said.posts if post in step.by)
    return chosen or step.by


def happened_at(given: dict[str, Any], at: datetime, case: Case | None) -> datetime:
    """Take the moment of the act out of what was given, and check it against DECISIONS 10.

    :raises BadlyFilled: it lies in the future, too far back, or before the case began.
    """
    text = given.pop("happened_at", None)
    if text in (None, ""):
        return at
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadlyFilled({"happened_at": "发生时间：请填日期和时间，如 2026-11-21 15:30"}) from error
    if moment.tzinfo is None:
        moment = timezone.make_aware(moment)
    if moment > at + timedelta(minutes=2):
        raise BadlyFilled({"happened_at": "发生时间：不能晚于现在"})
    if moment < at - LATE_ENTRY:
        raise BadlyFilled({"happened_at": f"发生时间：最多补录 {LATE_ENTRY.days} 天以内的事"})
    if case is not None and moment < case.opened_at:
        raise BadlyFilled({"happened_at": "发生时间：不能早于本事项开始的时间"})
    return min(moment, at)


def wrong_state(step: Step, process: Process, case: Case) -> Reason:
    """Return why a step cannot be taken where the case stands."""
    here = process.state(case.state).label
    wanted = "、".join(f"「{state.label}」" for state in step.when)
    if case.closed_at is not None:
        return Reason(f"本事项已结束（{here}）", step.clause, "state")
    return Reason(f"现在是「{here}」，到{wanted}时才能办理", step.clause, "state")


@prepared
def open_ticks(case_id: int) -> QuerySet[Tick, Tick]:
    return Tick.objects.filter(case_id=case_id, used=False)


@prepared
def open_deviations(case_id: int) -> QuerySet[Deviation, Deviation]:
    return Deviation.objects.filter(case_id=case_id, used_event=None)
