"""Which team carries a function of customer work now, and whose posts work in it (I-3.1-i, I-3.1-k, I-3.1-u)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from guiju.kernel.refusals import Refused
from guiju.org.functions import team_of
from guiju.org.models import Function, Team
from guiju.org.people import teams_of_posts

DAILY_CONTACT: Final = "daily_contact"
ACTIVITIES: Final = "activities"


class NobodyCarries(Refused):
    """No team carries this function in the company; says so."""


def team_for(company_id: int, function: str, at: datetime) -> Team:
    """
    Return the team that carries a function at the moment.

    :raises NobodyCarries: the company's chart does not have the function.
    """
    found = (
        Function.objects.filter(company_id=company_id, code=function)
        .select_related("team")
        .prefetch_related("moves__team")
        .first()
    )
    if found is None:
        raise NobodyCarries("组织图里还没有哪个组负责这项职能，请先在「人员岗位」里设定")
    return team_of(found, at)


def posts_in(team: Team) -> frozenset[str]:
    """Return the posts that work in a team."""
    places = teams_of_posts(team.department.company_id)
    return frozenset(post for post, teams in places.items() if team.pk in teams)
