"""What of articles can be found by search: title, keywords, problem and short answer. They hold no personal data."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.estate.models import Project
from guiju.kernel.search import Document, source
from guiju.knowledge.models import Article


def document(article: Article, scope_ids: tuple[int, ...] | None = None) -> Document:
    """Return an article as search knows it: in all projects of its company."""
    version = article.current
    assert version is not None
    if scope_ids is None:
        projects = Project.objects.filter(company_id=article.company_id).order_by("pk")
        scope_ids = tuple(projects.values_list("pk", flat=True))
    words = (article.number, version.title, version.keywords, version.problem[:1000], version.spoken)
    return Document("article", str(article.pk), version.title, scope_ids, words)


@source("article")
def articles() -> Iterator[Document]:
    """Give all published articles for a rebuild of the index."""
    rows = Article.objects.filter(current__isnull=False, retired_at=None).select_related("current")
    for article in rows.order_by("pk").iterator(chunk_size=500):
        yield document(article)
