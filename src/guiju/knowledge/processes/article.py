"""
Knowledge 知识 (KF-ZS-01; D-2.3, D-2.5-e, C-4.3-b): one version of an article, from draft to publication.

Whoever writes does not publish; nothing is published in which a person, a number or a room can be recognised.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, need, register
from guiju.knowledge.forms import ChangeForm, PublishForm, Source, WriteForm
from guiju.knowledge.models import Article
from guiju.knowledge.operations import writing
from guiju.knowledge.operations.writing import facts_of
from guiju.org.posts import (
    AFTER_SALES,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DELEGATE,
    FOREMAN,
    FRONT_DESK,
    ONSITE,
    QUALITY,
    SERVICE_MANAGER,
    TECHNICIAN,
)


class Is(State):
    """Where a version of an article stands."""

    DRAFT = "draft", "草稿"
    REVIEW = "review", "待审核", "brand"
    PUBLISHED = "published", "已发布", "ok"
    REFUSED = "refused", "不采用", "done"


@need("D-2.3-d", given=True)
def article_is_known(context: Context) -> str | None:
    """A new version belongs to an article of the company."""
    given = context.given
    assert isinstance(given, WriteForm)
    if (
        given.replaces
        and not Article.objects.filter(number=given.replaces, company_id=context.case.chain_id).exists()
    ):
        return "没有这条知识，不能写新版本"
    return None


@need("D-2.5-e", given=True)
def customer_is_source(context: Context) -> str | None:
    """A customer's solution names the case in which the customer proposed it."""
    given = context.given
    assert isinstance(given, WriteForm)
    if given.source is Source.CUSTOMER and not given.source_case:
        return "客户提出的办法要从事项页登记，客户作为来源记在事项上"
    return None


@need("D-2.3-b")
def has_spoken_answer(context: Context) -> str | None:
    """Beside the full text there is a short answer to be spoken."""
    return (
        None if facts_of(context).row.spoken.strip() else "还没有写一句话答复：电话里要能简明扼要地说给客户听"
    )


@need("D-2.3-c")
def speaks_plainly(context: Context) -> str | None:
    """What customers hear or read has no technical word without its plain word."""
    flags = facts_of(context).flags
    if not flags:
        return None
    said = "、".join(f"「{flag.word}」可说「{flag.plain}」" for flag in flags[:6])
    return f"一句话答复和操作步骤里有行话，请换成客户听得懂的话：{said}"


@need("E-4.4-a")
def names_nobody(context: Context) -> str | None:
    """No name, number or room of a customer is published."""
    found = facts_of(context).personal
    if not found:
        return None
    said = "、".join(f"{one.kind}「{one.words}」" for one in found[:6])
    return f"正文里有客户的个人信息，去掉以后才能发布：{said}"


@need("D-2.3-d")
def not_the_writer(context: Context) -> str | None:
    """Somebody else than the writer reviews."""
    row = facts_of(context).row
    if context.by_id is not None and context.by_id == row.written_by_id:
        return "自己写的知识由别人审核"
    return None


WRITERS = (
    FRONT_DESK, CS_CLERK, AFTER_SALES, TECHNICIAN, ONSITE, FOREMAN, DELEGATE, QUALITY, CS_ASSISTANT_MANAGER, CS_MANAGER,
    SERVICE_MANAGER,
)  # fmt: skip
REVIEWERS = writing.REVIEWING

ARTICLE = register(
    Process(
        "article",
        "知识",
        series="ZS",
        sop="KF-ZS-01",
        starts=Is.DRAFT,
        ends=(Is.PUBLISHED, Is.REFUSED),
        untimed=(Is.DRAFT,),
        facts=writing.load,
        steps=(
            Step(
                "write", "写知识", (), WRITERS, "C-4.3-b", to=Is.DRAFT, opens=True, form=WriteForm,
                needs=(article_is_known, customer_is_source), does=(writing.write,),
            ),
            Step("change", "改草稿", (Is.DRAFT,), WRITERS, "C-4.3-b", form=ChangeForm, does=(writing.change,)),
            Step(
                "submit", "提交审核", (Is.DRAFT,), WRITERS, "D-2.3-b", to=Is.REVIEW, form=Nothing,
                needs=(has_spoken_answer, speaks_plainly, names_nobody), does=(writing.send_in,), todo=True,
                main=True,
            ),
            Step(
                "publish", "审核发布", (Is.REVIEW,), REVIEWERS, "D-2.3-d", to=Is.PUBLISHED, form=PublishForm,
                needs=(not_the_writer, has_spoken_answer, speaks_plainly, names_nobody), does=(writing.publish,),
                todo=True, main=True,
            ),
            Step(
                "send_back", "退回修改", (Is.REVIEW,), REVIEWERS, "D-2.3-d", to=Is.DRAFT, form=WithReason,
                does=(writing.send_back,),
            ),
            Step(
                "refuse", "不采用", (Is.DRAFT, Is.REVIEW), REVIEWERS, "D-2.3-d", to=Is.REFUSED, form=WithReason,
                does=(writing.refuse,),
            ),
        ),
        clocks=(
            ClockRule(
                "review", "审核", starts=("submit",), stops=("publish", "send_back", "refuse"), limit="3 工作日",
                clause="D-2.3-d",
            ),
        ),
    )
)  # fmt: skip
