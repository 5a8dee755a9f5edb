"""The one question of page, API and flowchart: what may this person do with this case now, and if not, why not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from guiju.kernel import ports
from guiju.kernel.context import Context
from guiju.kernel.forms import Form
from guiju.kernel.models import Case, Tick
from guiju.kernel.policy import Point, StepPolicy
from guiju.kernel.ports import Actor
from guiju.kernel.process import Process, Step, process_of, steps_from
from guiju.kernel.readiness import (
    OWN_OVERRIDE,
    READ_ONLY_POSTS,
    allowed_posts,
    open_deviations,
    open_ticks,
    post_of,
    unmet,
    wrong_state,
)
from guiju.kernel.refusals import NotYourPost, Reason


@dataclass(frozen=True)
class PointState:
    """A control point of a step in hand, and whether it has been dealt with."""

    point: Point
    value: str | None
    by_id: int | None = None
    at: datetime | None = None
    waived: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.value is not None or self.waived


@dataclass(frozen=True)
class Option:
    """One step as this person sees it now: may it be taken, and if not, why not."""

    name: str
    label: str
    clause: str
    number: str
    words: str
    posts: tuple[str, ...]
    open: bool
    reasons: tuple[Reason, ...]
    form: type[Form]
    points: tuple[PointState, ...]
    primary: bool
    here: bool
    mine: bool
    step: Step
    policy: StepPolicy

    @property
    def fillable(self) -> bool:
        """Whether only control points are missing, which can be dealt with on the step's own page."""
        return self.here and self.mine and all(reason.kind == "point" for reason in self.reasons)


def why_not_open(
    process: Process, *, by: Actor, at: datetime, chain_id: int, scope_id: int | None, links: Sequence[tuple[str, int]]
) -> list[Reason]:  # fmt: skip
    """Return why this person cannot open a case of the process about these things now; what the form brings aside."""
    policy = ports.policies().current(process.name, company_id=chain_id, project_id=scope_id, at=at)
    step = process.opening
    try:
        _, _, posts = post_of(by, step, policy.step(step.name), chain_id, scope_id, at)
    except NotYourPost as refused:
        return list(refused.reasons)
    case = Case(
        process=process.name, sop_version_id=policy.id, state=process.starts.value, chain_id=chain_id, scope_id=scope_id,
        opened_at=at, opened_by=by.pk,
    )  # fmt: skip
    context = Context(
        case=case,
        process=process,
        step=step,
        policy=policy,
        by=by,
        at=at,
        recorded_at=at,
        posts=posts,
        links=links,
    )
    return unmet(context, with_given=False)


def options(case: Case, *, by: Actor, at: datetime) -> list[Option]:
    """
    Answer the one question: what may this person do with this case now, and for everything else, why not?

    Steps that can be taken in the state come first, in the order of the process.
    """
    process = process_of(case.process)
    policy = ports.policies().get(case.sop_version_id)
    posts = ports.people().posts_of(by.pk, company_id=case.chain_id, project_id=case.scope_id, at=at)
    state = process.state(case.state)
    ticks: dict[tuple[str, str], Tick] = {}
    waivers: dict[tuple[str, str], int] = {}
    if case.closed_at is None and any(policy.step(step.name).points for step in steps_from(process, state)):
        ticks = {(t.step, t.point): t for t in open_ticks(case.pk)}
        waivers = {(d.step, d.point): d.allowed_by for d in open_deviations(case.pk)}
    base = Context(
        case=case,
        process=process,
        step=process.opening,
        policy=policy,
        by=by,
        at=at,
        recorded_at=at,
        posts=posts,
    )
    found: list[Option] = []
    for step in process.steps:
        if step.opens or not step.by:
            continue
        said = policy.step(step.name)
        allowed = allowed_posts(step, said)
        mine = any(post in posts for post in allowed) and not (set(posts) <= READ_ONLY_POSTS)
        here = state in step.when
        reasons: list[Reason] = []
        points: list[PointState] = []
        if not here:
            reasons.append(wrong_state(step, process, case))
        else:
            if case.pending_request_id and not step.while_pending:
                reasons.append(Reason("正在审批，有结果前不能办理", said.clause or step.clause, "approval"))
            reasons += unmet(base.for_step(step), with_given=False)
            for point in said.points:
                tick = ticks.get((step.name, point.key))
                points.append(
                    PointState(
                        point,
                        tick.value if tick else None,
                        tick.ticked_by if tick else None,
                        tick.ticked_at if tick else None,
                        (step.name, point.key) in waivers,
                    )  # fmt: skip
                )
                if point.required and not points[-1].done:
                    reasons.append(Reason(f"控制要点未办：{point.label}", point.clause, "point", point.key))
                if waivers.get((step.name, point.key)) == by.pk:
                    reasons.append(OWN_OVERRIDE)
        if not mine:
            labels = "、".join(ports.people().post_label(post) for post in allowed)
            reasons.append(Reason(f"须由{labels}办理", said.clause or step.clause, "post"))
        clause = said.clause or step.clause
        found.append(
            Option(
                name=step.name,
                label=said.label or step.label,
                clause=clause,
                number=policy.number(clause),
                words=said.words,
                posts=allowed,
                open=not reasons,
                reasons=tuple(reasons),
                form=step.form,
                points=tuple(points),
                primary=step.main and here,
                here=here,
                mine=mine,
                step=step,
                policy=said,
            )  # fmt: skip
        )
    found.sort(key=lambda option: not option.here)
    return found
