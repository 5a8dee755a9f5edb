"""Using an article in a case: looked at, answered from, its steps gone through, or sent. Each use is kept and an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from guiju.customers.models import Customer
from guiju.kernel import engine
from guiju.kernel.models import Case, CaseLink, Event
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.knowledge.models import ArticleUse, ArticleVersion
from guiju.knowledge.processes.article import WRITERS
from guiju.notify import links, outbox
from guiju.notify.outbox import Recipient
from guiju.org.gates import scope_of
from guiju.org.models import Holding, Person

USED: Final = "knowledge.used"
PURPOSE: Final = "article"
OPEN_FOR = 30
#: Whoever may write knowledge may use it.
AS_LINK, AS_PDF = "link", "pdf"


class UnableToUse(Refused):
    """The article cannot be used so; says why."""


@transaction.atomic
def note_use(
    *,
    version: ArticleVersion,
    case: Case,
    kind: str,
    by: Person,
    at: datetime,
    answer: str = "",
    steps: Sequence[int] = (),
) -> ArticleUse:
    """
    Note that an article was used in a case: ``answer`` is what the customer was told from it, ``steps`` which of its
    steps the customer was led through (by place, from 0).

    :raises UnableToUse: it is not published, or the case is of another company.
    :raises BadlyFilled: the answer is missing, or a step is none of the article's.
    """
    _usable(version, case)
    answer = answer.strip()
    if kind == ArticleUse.ANSWERED and len(answer) < 2:
        raise BadlyFilled({"answer": "答复：写下告诉客户的话"})
    if len(answer) > 5000:
        raise BadlyFilled({"answer": "答复：最多 5000 个字"})
    chosen = sorted(set(steps))
    if kind == ArticleUse.GUIDED and not chosen:
        raise BadlyFilled({"steps": "操作步骤：勾选指导客户做了哪几步"})
    if any(not 0 <= place < len(version.steps) for place in chosen):
        raise BadlyFilled({"steps": "操作步骤：没有这一步"})
    use = ArticleUse.objects.create(
        version=version, case=case, kind=kind, answer=answer, steps=[version.steps[place] for place in chosen],
        used_at=at, used_by=by,
    )  # fmt: skip
    _record(use, by, at)
    return use


@transaction.atomic
def send(
    *, version: ArticleVersion, case: Case, sent_as: str, phone: str, name: str, by: Person, at: datetime
) -> ArticleUse:
    """
    Send an article to the customer of a case as a link that opens for a month, or note that its PDF was handed over.

    What was sent and when is kept with the case (D-2.3-e).

    :raises UnableToUse: it is not published, or there is no number to send to.
    """
    _usable(version, case)
    use = ArticleUse(
        version=version, case=case, kind=ArticleUse.SENT, sent_as=sent_as, used_at=at, used_by=by
    )
    if sent_as == AS_LINK:
        if not phone.strip():
            raise UnableToUse("没有电话，发不出链接；可以打印或下载 PDF 交给客户")
        link = links.make(
            purpose=PURPOSE, case=case, subject={"version": version.pk}, phone=phone,
            expires_at=at + timedelta(days=OPEN_FOR), at=at, by=by.pk,
        )  # fmt: skip
        message = outbox.send(
            template="knowledge.article", to=_recipient(case, name, phone),
            values={"title": version.title, "link": links.full_address(link), "days": OPEN_FOR}, case=case, at=at,
            by=by.pk, key=f"article:{link.pk}",
        )  # fmt: skip
        use.link_id, use.message_id = link.pk, message.pk
    use.save()
    _record(use, by, at)
    return use


def _recipient(case: Case, name: str, phone: str) -> Recipient:
    key = CaseLink.objects.filter(case=case, kind="customer").values_list("key", flat=True).first()
    customer = Customer.objects.filter(pk=key or 0).first()
    if customer is not None:
        return Recipient(outbox.CUSTOMER, customer.pk, name or customer.name, phone)
    return Recipient(outbox.ADDRESS, None, name, phone)


def _usable(version: ArticleVersion, case: Case) -> None:
    if version.state != ArticleVersion.PUBLISHED or version.article.retired_at is not None:
        raise UnableToUse("这一版已不是现行的，请用现行版")
    if version.article.company_id != case.chain_id:
        raise UnableToUse("这条知识不是本公司的")


def _record(use: ArticleUse, by: Person, at: datetime) -> None:
    given = {
        "article": use.version.article.number, "version": use.version.version, "kind": use.kind,
        "case": use.case.number, "answer": use.answer, "steps": use.steps, "sent_as": use.sent_as,
    }  # fmt: skip
    engine.record(company_id=use.case.chain_id, step=USED, by=by, at=at, given=given)


@reaction("article", "publish")
def tell_the_group(event: Event, at: datetime) -> None:
    """Tell the members of the service group that a customer's solution can be used now (D-2.5-f)."""
    version = (
        ArticleVersion.objects.select_related("article", "case").filter(case_id=event.case_id or 0).first()
    )
    if version is None or version.source != ArticleVersion.CUSTOMER:
        return
    holders = Holding.objects.filter(company_id=version.article.company_id, post__code__in=WRITERS).at(at)
    people = {held.person_id: held.person for held in holders.select_related("person").order_by("pk")}
    for person in people.values():
        if not scope_of(person, at=at).holds(version.case.chain_id, version.case.scope_id):
            continue
        outbox.send(
            template="knowledge.shared", to=Recipient.person(person),
            values={"number": version.article.number, "title": version.title}, case=version.case, at=at,
            key=f"shared:{version.pk}",
        )  # fmt: skip
