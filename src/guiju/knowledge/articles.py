"""Finding articles beside a case, and drafting one from what a case has taught."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from guiju.customers.models import Customer
from guiju.estate.models import Project
from guiju.kernel import engine, search
from guiju.kernel.models import Case, CaseLink
from guiju.knowledge import likeness, personal, questions
from guiju.knowledge.models import Article, ArticleVersion
from guiju.knowledge.questions import Solved
from guiju.org.models import Person

LOOKED_AT = 2000


def published(company_id: int | None = None) -> Any:
    """Return the articles that people may use."""
    found = Article.objects.filter(current__isnull=False, retired_at=None).select_related("current")
    return found if company_id is None else found.filter(company_id=company_id)


def _text(article: Article) -> str:
    version = article.current
    assert version is not None
    return f"{version.title}\n{version.title}\n{version.keywords}\n{version.problem}\n{version.spoken}"


def similar(
    *, words: str, part: str = "", kind: str = "", at: datetime, company_id: int | None = None, most: int = 5
) -> list[Article]:
    """Return the published articles that fit a story best: by its words, those of the same part and kind first."""
    found = published(company_id).filter(current__published_at__lte=at)
    candidates = list(found.order_by("-pk")[:LOOKED_AT])
    scored = dict(likeness.best(words, candidates, _text, most=len(candidates), least=0.05))

    def rank(article: Article) -> float:
        score = scored.get(article, 0.0)
        score += 0.3 if part and article.part == part else 0.0
        return score + (0.1 if score and kind and article.kind == kind else 0.0)

    return [article for article in sorted(candidates, key=rank, reverse=True) if rank(article) >= 0.08][:most]


def look_up(words: str, *, company_ids: Collection[int], most: int = 50) -> list[Article]:
    """Return the articles of these companies that hold all the words, found by the kernel's search index."""
    projects = Project.objects.filter(company_id__in=list(company_ids)).order_by("pk")
    hits = search.search(
        words, scopes=list(projects.values_list("pk", flat=True)), kinds=["article"], limit=most
    )
    keys = [int(hit.key) for hit in hits]
    rows = published().filter(company_id__in=list(company_ids)).in_bulk(keys)
    return [rows[key] for key in keys if key in rows][:most]


def similar_cases(case: Case, *, most: int = 5) -> list[Solved]:
    """Return closed cases of the same company that resemble this one, best first (C-4.3-c)."""
    words, part = story(case), part_of(case)
    found = [
        solved
        for answer in questions.solved_cases.ask_all(words, part, case.chain_id, case.pk)
        for solved in answer
    ]
    return sorted(found, key=lambda one: -one.likeness)[:most]


def story(case: Case) -> str:
    """Return what was said in a case, or its title where no app knows more."""
    return "\n".join(said for said in questions.story_of.ask_all(case.pk) if said) or case.title


def part_of(case: Case) -> str:
    """Return the part of the building that a case is about, if an app knows it."""
    return next((part for part in questions.part_of.ask_all(case.pk) if part), "")


def names_in(case: Case) -> list[str]:
    """Return the names of people that a case knows: its customers, and whom the apps know besides."""
    keys = CaseLink.objects.filter(case=case, kind="customer").values_list("key", flat=True)
    names = list(Customer.objects.filter(pk__in=list(keys)).values_list("name", flat=True))
    for answer in questions.names_in.ask_all(case.pk):
        names += answer
    return list(dict.fromkeys(name for name in names if len(name) >= 2))


KIND_OF = {"complaint": Article.COMPLAINT, "reception": Article.QUESTION}


def draft_from(
    case: Case,
    *,
    title: str,
    problem: str,
    solution: str,
    by: Person,
    at: datetime,
    spoken: str = "",
    steps: Sequence[str] = (),
    kind: str = "",
    from_customer: bool = False,
) -> ArticleVersion:
    """
    Draft an article from what a case has taught, with names, numbers and rooms taken out (C-4.3-b, D-2.5-e).

    ``from_customer``: the solution is the customer's own; the customer stands as its source, unnamed in the text.

    :raises NotYourPost: the person's post may not write articles here.
    :raises BadlyFilled: title, problem or solution is missing or too long.
    """
    names = names_in(case)

    def clean(text: str) -> str:
        return personal.strip(text, names=names)

    opened = engine.open_case(
        "article", by=by, at=at, chain_id=case.chain_id, scope_id=case.scope_id, links=[("case", case.pk)],
        given={
            "title": clean(title), "problem": clean(problem), "solution": clean(solution), "spoken": clean(spoken),
            "steps": [clean(step) for step in steps], "kind": kind or KIND_OF.get(case.process, Article.REPAIR),
            "part": part_of(case), "source": "customer" if from_customer else "staff", "source_case": case.number,
        },
    )  # fmt: skip
    return ArticleVersion.objects.select_related("article").get(case_id=opened.case_id or 0)
