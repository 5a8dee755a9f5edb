"""Which posts may do what with SOPs: draft, review, approve, publish, move cases (domain: department → quality → 总经理)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from guiju.kernel import ports
from guiju.org import posts
from guiju.org.models import Person

DRAFT: Final = frozenset(
    {
        posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.SIGNING_SUPERVISOR, posts.SALES_DIRECTOR, posts.FINANCE,
        posts.QUALITY, posts.SERVICE_MANAGER, posts.DEPUTY_GM,
    }
)  # fmt: skip
REVIEW: Final = frozenset(
    {posts.CS_MANAGER, posts.SALES_DIRECTOR, posts.QUALITY, posts.FINANCE, posts.DEPUTY_GM}
)
APPROVE: Final = frozenset({posts.DEPUTY_GM, posts.GENERAL_MANAGER})
PUBLISH: Final = frozenset({posts.CS_MANAGER, posts.QUALITY, posts.DEPUTY_GM, posts.GENERAL_MANAGER})
MOVE: Final = frozenset({posts.CS_MANAGER, posts.SALES_DIRECTOR, posts.DEPUTY_GM, posts.GENERAL_MANAGER})
TRAIN: Final = DRAFT | {posts.GENERAL_MANAGER}


def held(by: Person, *, company_id: int, at: datetime) -> set[str]:
    """Return the posts that the person holds or stands in for in the whole company."""
    return set(ports.people().posts_of(by.pk, company_id=company_id, project_id=None, at=at))


def names(wanted: frozenset[str]) -> str:
    """Return the posts in words, in the order of the house."""
    return "、".join(kind.name for kind in posts.POSTS if kind.code in wanted)


def lacking(by: Person, wanted: frozenset[str], *, company_id: int, at: datetime) -> str | None:
    """Return the sentence that names the posts of which the person holds none, or None."""
    if held(by, company_id=company_id, at=at) & wanted:
        return None
    return f"须由{names(wanted)}办理"
