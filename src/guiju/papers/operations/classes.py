"""Changing the confidentiality class of a file that a case took up (E-4.4-b)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Person
from guiju.org.secrecy import Secrecy
from guiju.papers.models import Attachment


class UnableToClassify(Refused):
    """The class is not changed; the text says why."""


@transaction.atomic
def classify_attachment(
    *, attachment: Attachment, case: Case, secrecy: str, reason: str, by: Person, at: datetime
) -> Attachment:
    """
    Give a file of a case another class; recorded with the reason. Whoever brought the file may make it confidential.

    :raises NotYourPost: the post may not; what is confidential is opened by those only who read all of it.
    :raises UnableToClassify: no such class, this class already, or no reason.
    """
    locked = Attachment.objects.select_for_update().get(pk=attachment.pk)
    own = locked.uploaded_by_id == by.pk and secrecy == Secrecy.CONFIDENTIAL
    if not own:
        may = posts.MAY_CLASSIFY if locked.secrecy != Secrecy.CONFIDENTIAL else posts.MAY_READ_CONFIDENTIAL
        require_post(by, *sorted(may), company_id=case.chain_id, project_id=case.scope_id, at=at)
    if secrecy not in Secrecy.values:
        raise UnableToClassify("请从列出的密级中选。")
    if secrecy == locked.secrecy:
        raise UnableToClassify("这份文件已是这个密级。")
    if len(reason.strip()) < 2:
        raise UnableToClassify("请写明为什么改密级。")
    engine.record(
        company_id=case.chain_id, step="papers.classify", by=by, at=at,
        given={
            "attachment": locked.sha256, "case": case.number, "from": locked.secrecy, "to": secrecy,
            "reason": reason.strip(),
        },
    )  # fmt: skip
    locked.secrecy = secrecy
    locked.save(update_fields=["secrecy"])
    return locked
