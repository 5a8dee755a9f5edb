"""Moves a running case to another SOP version, with the difference shown."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import acts
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.models import Person
from guiju.sop import authority, policies
from guiju.sop.difference import difference
from guiju.sop.models import Edition, Version, day_of


class UnableToMove(Exception):
    """The case keeps the version it began with; says why."""


def changes_for(case: Case, *, to: Version, at: datetime) -> tuple[Edition, list[str]]:
    """
    Return the edition that the case would get and what would change for it, without doing it.

    :raises UnableToMove: the version is not for the case's process, not published, or changes nothing.
    """
    if to.document.process != case.process:
        raise UnableToMove(f"《{to.document.title}》不是这个流程的作业标准书")
    if to.state != Version.State.PUBLISHED or to.effective_date is None or to.effective_date > day_of(at):
        raise UnableToMove(f"{to} 还没有生效")
    edition = policies.edition_for(to, company_id=case.chain_id, project_id=case.scope_id, day=day_of(at))
    now = Edition.objects.select_related("version").get(pk=case.sop_version_id)
    changes = difference(now.content, edition.content)
    if not changes:
        raise UnableToMove("两版内容相同，不用改用")
    return edition, changes


@transaction.atomic
def move_case(case: Case, *, to: Version, by: Person, at: datetime, reason: str) -> list[str]:
    """
    Move a running case to another version of its SOP. The event keeps the difference, which is returned.

    :raises UnableToMove: the case is closed, the version is not in force or changes nothing, or the post may not.
    """
    if lacking := authority.lacking(by, authority.MOVE, company_id=case.chain_id, at=at):
        raise UnableToMove(lacking)
    if not reason.strip():
        raise UnableToMove("请写改用的理由")
    edition, changes = changes_for(case, to=to, at=at)
    try:
        acts.move(case, edition.pk, difference=changes, reason=reason.strip(), by=by, at=at)
    except Refused as error:
        raise UnableToMove(str(error)) from error
    return changes
