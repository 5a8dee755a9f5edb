"""The printed survey and the sheet of an article: data of two forms of the library."""

from __future__ import annotations

from dataclasses import dataclass

from guiju.papers.forms import FORMS, FormKind


@dataclass(frozen=True)
class Asked:
    """A question of the survey: its words, and the marks to choose from, lowest first."""

    words: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class SurveyForm:
    """顾客满意度调查表: filled in by the customer on paper, typed in afterwards under the case's number."""

    project: str
    case: str
    matter: str
    home: str
    served_by: str
    questions: tuple[Asked, ...]
    phone: str = ""


@dataclass(frozen=True)
class ArticleSheet:
    """An article as a customer takes it home: the short answer, what to do, the steps. No customer stands in it."""

    title: str
    number: str
    spoken: str
    problem: str
    solution: tuple[str, ...]
    steps: tuple[str, ...]
    company: str
    published: str
    phone: str = ""


for _kind in (
    FormKind("survey", "KF-BD-15", "A/0", "顾客满意度调查表", "survey", SurveyForm),
    FormKind("article", "KF-BD-16", "A/0", "资料", "article", ArticleSheet, True),
):
    FORMS[_kind.code] = _kind
