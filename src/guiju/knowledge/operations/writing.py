"""What the steps of an article do. Effects of ``processes.article``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from guiju.customers.models import Customer
from guiju.kernel import engine, search, store
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.knowledge import articles, glossary, personal
from guiju.knowledge.forms import ChangeForm, Source, WriteForm
from guiju.knowledge.models import Article, ArticleVersion, Term
from guiju.knowledge.searching import document
from guiju.org.gates import require_post
from guiju.org.models import Person
from guiju.org.posts import CS_ASSISTANT_MANAGER, CS_MANAGER, QUALITY, SERVICE_MANAGER

REVIEWING = (CS_ASSISTANT_MANAGER, CS_MANAGER, SERVICE_MANAGER, QUALITY)


@dataclass
class ArticleFacts:
    """A version of an article that is being written."""

    row: ArticleVersion

    def texts(self) -> Iterator[str]:
        """Everything of it that somebody else will read."""
        yield from (self.row.title, self.row.problem, self.row.solution, self.row.spoken, self.row.keywords)
        yield from self.row.steps

    @property
    def personal(self) -> list[personal.Found]:
        """The personal data that still stands in it."""
        names = articles.names_in(self.row.source_case) if self.row.source_case is not None else []
        return personal.find("\n".join(self.texts()), names=names)

    @property
    def flags(self) -> list[glossary.Flag]:
        """Technical words in what the customer hears or reads, without their plain words."""
        said = "\n".join([self.row.spoken, *self.row.steps])
        return glossary.flags(said, glossary.terms_of(self.row.article.company_id))


def load(context: Context) -> ArticleFacts:
    """Read the version of the case."""
    rows = ArticleVersion.objects.select_related("article", "source_case")
    return ArticleFacts(rows.get(case_id=context.case.pk))


def facts_of(context: Context) -> ArticleFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, ArticleFacts)
    return facts


def write(context: Context) -> None:
    """Write the first draft: of a new article, or of a new version of a known one."""
    given = context.given
    assert isinstance(given, WriteForm)
    source = Case.objects.filter(number=given.source_case, chain_id=context.case.chain_id).first()
    article = Article.objects.filter(number=given.replaces, company_id=context.case.chain_id).first()
    if article is None:
        article = Article.objects.create(
            company_id=context.case.chain_id, number=context.case.number, kind=given.kind.value, part=given.part,
            title=given.title,
        )  # fmt: skip
    proposer = None
    if given.source is Source.CUSTOMER and source is not None:
        key = CaseLink.objects.filter(case=source, kind="customer").values_list("key", flat=True).first()
        proposer = Customer.objects.filter(pk=key or 0).first()
    last = article.versions.order_by("-version").values_list("version", flat=True).first() or 0
    store.add(
        ArticleVersion(
            article=article, case_id=context.case.pk, version=last + 1, title=given.title, problem=given.problem,
            solution=given.solution, spoken=given.spoken, steps=list(given.steps), keywords=given.keywords,
            source=given.source.value, source_case=source, proposer=proposer, written_at=context.at,
            written_by_id=context.by_id,
        )
    )  # fmt: skip
    context.title = f"知识 {given.title}"


def change(context: Context) -> None:
    """Change the draft; what it said before stays in the event."""
    given = context.given
    assert isinstance(given, ChangeForm)
    row = facts_of(context).row
    context.say(
        old={"title": row.title, "problem": row.problem, "solution": row.solution, "spoken": row.spoken}
    )
    row.title, row.problem, row.solution, row.spoken = (
        given.title,
        given.problem,
        given.solution,
        given.spoken,
    )
    row.steps, row.keywords = list(given.steps), given.keywords
    row.written_by_id = context.by_id
    row.save(update_fields=["title", "problem", "solution", "spoken", "steps", "keywords", "written_by"])
    context.title = f"知识 {given.title}"


def send_in(context: Context) -> None:
    """Hand the draft to the reviewer."""
    _set_state(context, ArticleVersion.REVIEW)


def send_back(context: Context) -> None:
    """Give the draft back to its writer."""
    _set_state(context, ArticleVersion.DRAFT)


def refuse(context: Context) -> None:
    """Do not take the draft; it stays readable with its reason."""
    _set_state(context, ArticleVersion.REFUSED)


def _set_state(context: Context, state: str) -> None:
    row = facts_of(context).row
    row.state = state
    row.save(update_fields=["state"])


def publish(context: Context) -> None:
    """Make this version the current one, replace the one before, and let it be found."""
    row = facts_of(context).row
    article = row.article
    if article.current_id is not None:
        ArticleVersion.objects.filter(pk=article.current_id).update(state=ArticleVersion.REPLACED)
    row.state, row.published_at, row.published_by_id = ArticleVersion.PUBLISHED, context.at, context.by_id
    row.save(update_fields=["state", "published_at", "published_by"])
    article.current, article.title, article.retired_at = row, row.title, None
    article.save(update_fields=["current", "title", "retired_at"])
    search.index_many([document(article)])


@transaction.atomic
def retire(*, article: Article, reason: str, by: Person, at: datetime) -> None:
    """
    Take an article out of use; its versions and uses stay.

    :raises NotYourPost: only reviewers do.
    """
    require_post(by, *REVIEWING, at=at, company_id=article.company_id)
    article.retired_at, article.retired_why = at, reason[:200]
    article.save(update_fields=["retired_at", "retired_why"])
    search.remove(kind="article", key=str(article.pk))
    given = {"article": article.number, "reason": reason}
    engine.record(company_id=article.company_id, step="knowledge.retired", by=by, at=at, given=given)


@transaction.atomic
def set_term(*, company_id: int, word: str, plain: str, by: Person, at: datetime) -> Term:
    """
    Say what a company says instead of a technical word; said again, the newer words hold.

    :raises NotYourPost: only reviewers do.
    """
    require_post(by, *REVIEWING, at=at, company_id=company_id)
    row, _ = Term.objects.update_or_create(company_id=company_id, word=word, defaults={"plain": plain})
    given = {"word": word, "plain": plain}
    engine.record(company_id=company_id, step="knowledge.term", by=by, at=at, given=given)
    return row
