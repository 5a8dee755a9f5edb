"""Naming the person in charge of product-quality complaint information (专人, K-2.1-a)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import engine
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import holds_post, require_post
from guiju.org.models import Company, Person
from guiju.quality.models import ComplaintClerk
from guiju.quality.operations.complaint_people import HANDLERS


class UnableToName(Refused):
    """The person cannot be in charge; says why."""

    title = "没有改"


@transaction.atomic
def name_clerk(*, company: Company, person: Person, by: Person, at: datetime) -> ComplaintClerk:
    """
    Put a person in charge of product-quality complaint information of a company; who was before stays on record.

    :raises NotYourPost: who names holds no post that may.
    :raises UnableToName: the person handles no complaints, or is in charge already.
    """
    require_post(
        by, posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.DEPUTY_GM, at=at, company_id=company.pk
    )
    if not holds_post(person, *HANDLERS, at=at, company_id=company.pk):
        raise UnableToName(f"{person.name}的岗位不办理投诉，请选客户服务、经理助理、前台或售后服务人员。")
    before = ComplaintClerk.objects.select_for_update().filter(company=company, until_at=None).first()
    if before is not None:
        if before.person_id == person.pk:
            raise UnableToName(f"专人已经是{person.name}。")
        before.until_at = at
        before.save(update_fields=["until_at"])
    made = ComplaintClerk.objects.create(company=company, person=person, named_at=at, named_by=by)
    engine.record(
        company_id=company.pk, step="quality.complaint_clerk", by=by, at=at,
        given={"person": person.pk, "before": before.person_id if before is not None else None},
    )  # fmt: skip
    return made
