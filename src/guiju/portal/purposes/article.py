"""资料: an article that the desk sent to a customer: the short answer, what to do, in plain words. Nothing to fill in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guiju.knowledge import glossary
from guiju.knowledge.models import ArticleVersion
from guiju.knowledge.operations.using import PURPOSE
from guiju.notify.models import Link
from guiju.portal.pages import page


@page(PURPOSE)
def article(request: HttpRequest, link: Link) -> HttpResponse:
    """Show the version that was sent, also when there is a newer one: it is what the answer was based on."""
    version = ArticleVersion.objects.filter(
        pk=int(link.subject.get("version", 0)), article__company_id=link.company_id
    ).first()
    terms = glossary.terms_of(link.company_id)
    return render(
        request,
        "portal/article.html",
        {
            "link": link,
            "version": version,
            "problem": glossary.plainly(version.problem, terms) if version else "",
            "solution": glossary.plainly(version.solution, terms) if version else "",
            "steps": [glossary.plainly(step, terms) for step in version.steps] if version else [],
        },
    )
