"""Functions 职能 of the chart: which team carries them when, and to which posts their to-dos go (I-3.1-d to w)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from guiju.kernel.process import Process, Step, processes
from guiju.org.models import Company, Function, FunctionMove, Team
from guiju.org.people import ROSTER, teams_of_posts


def team_of(function: Function, at: datetime) -> Team:
    """Return the team that carries the function at the moment."""
    past = [move for move in function.moves.all() if move.from_at <= at]
    return max(past, key=lambda move: (move.from_at, move.pk)).team if past else function.team


def steps_of(
    function: Function, functions: Collection[Function] | None = None
) -> Iterator[tuple[Process, Step]]:
    """
    Give the steps with to-dos that the function consists of; of its processes, those no other function names.

    ``functions``: all of the company, if they are at hand.
    """
    known = processes()
    if functions is None:
        functions = Function.objects.filter(company_id=function.company_id)
    elsewhere = {work for other in functions if other.pk != function.pk for work in other.works}
    for work in function.works:
        name, _, step_name = work.partition(".")
        process = known.get(name)
        if process is None:
            continue
        for step in process.steps:
            if not step.todo or not step.by:
                continue
            if step.name == step_name or (not step_name and f"{name}.{step.name}" not in elsewhere):
                yield process, step


def without_post(function: Function, team: Team) -> list[str]:
    """
    Return the labels of steps of the function that no post of the team may take. Steps that belong first to a post
    outside the teams (sales, finance) stay there whoever carries the function, so they are not among them.
    """
    places = teams_of_posts(function.company_id)
    return [
        step.label
        for _, step in steps_of(function)
        if step.by[0] in places and not any(team.pk in places.get(post, ()) for post in step.by)
    ]


@dataclass(frozen=True)
class Route:
    """A post and the labels of the steps whose to-dos go to it; ``outside``: it does not work in the team."""

    post: str
    labels: tuple[str, ...]
    outside: bool


@dataclass(frozen=True)
class Carried:
    """A function with the team that carries it now, the moves to come, and where its to-dos go."""

    function: Function
    team: Team
    coming: tuple[FunctionMove, ...]
    past: tuple[FunctionMove, ...]
    routes: tuple[Route, ...]
    processes: tuple[str, ...]


def carried(company: Company, *, at: datetime) -> list[Carried]:
    """Return the functions of a company in the order of the chart, as they stand at the moment."""
    places = teams_of_posts(company.pk)
    found = []
    rows = Function.objects.filter(company=company).select_related("team").prefetch_related("moves__team")
    functions = list(rows.order_by("pk"))
    for function in functions:
        team = team_of(function, at)
        by_post: dict[str, dict[str, None]] = {}
        labels: dict[str, None] = {}
        for process, step in steps_of(function, functions):
            post = ROSTER.duty_post(process.name, step.name, step.by, company_id=company.pk, at=at)
            by_post.setdefault(post, {})[step.label] = None
            labels[process.label] = None
        last = {move.from_at: move for move in sorted(function.moves.all(), key=lambda move: move.pk)}
        moves = [last[moment] for moment in sorted(last)]
        found.append(
            Carried(
                function,
                team,
                tuple(move for move in moves if move.from_at > at),
                tuple(move for move in moves if move.from_at <= at),
                tuple(
                    Route(ROSTER.post_label(post), tuple(steps), team.pk not in places.get(post, ()))
                    for post, steps in by_post.items()
                ),
                tuple(labels),
            )
        )
    return found
