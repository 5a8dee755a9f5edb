"""评价: a customer rates a service by a link, once: solved or not, marks, words. No account, no name to fill in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.notify import links
from guiju.notify.models import Link
from guiju.portal.pages import page
from guiju.quality import surveys
from guiju.quality.callbacks import PURPOSE
from guiju.quality.models import Rating

FIVE = ((5, "很满意"), (4, "满意"), (3, "一般"), (2, "不满意"), (1, "很不满意"))


@page(PURPOSE)
def rating(request: HttpRequest, link: Link) -> HttpResponse:
    """Show the survey of a case and take the answer, once."""
    case = link.case
    items = surveys.items_for(case.process)
    wrong: dict[str, str] = {}
    typed: dict[str, Any] = {}
    if request.method == "POST" and link.used_at is None:
        typed = {name: request.POST.get(name, "") for name in ("score", "solved", "words", "suggestion")}
        marks = {item.code: _mark(request.POST.get(f"item.{item.code}", "")) for item in items}
        typed["items"] = {code: mark for code, mark in marks.items() if mark is not None}
        wrong = _take(link, typed, marks, timezone.now())
        if not wrong:
            return redirect("portal:door", token=link.token)
    known = processes().get(case.process)
    return render(
        request,
        "portal/rating.html",
        {
            "link": link,
            "case": case,
            "what": known.label if known else "服务",
            "done": link.used_at is not None,
            "items": [
                {"item": item, "marks": _marks(item), "chosen": typed.get("items", {}).get(item.code)}
                for item in items
            ],
            "five": FIVE,
            "typed": typed,
            "score": _mark(str(typed.get("score", ""))),
            "wrong": wrong,
        },
        status=422 if wrong else 200,
    )


def _marks(item: surveys.Item) -> list[tuple[int, str]]:
    if item.highest == 10:
        return [(mark, str(mark)) for mark in range(item.lowest, item.highest + 1)]
    return [(mark, str(mark)) for mark, _ in FIVE]


def _mark(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _take(link: Link, typed: dict[str, Any], marks: dict[str, int | None], at: datetime) -> dict[str, str]:
    score = _mark(str(typed["score"]))
    solved = {"yes": True, "no": False}.get(str(typed["solved"]))
    wrong: dict[str, str] = {}
    if score is None:
        wrong["score"] = "请给本次服务打个分"
    if solved is None:
        wrong["solved"] = "请告诉我们问题解决了没有"
    if len(typed["words"]) > 2000 or len(typed["suggestion"]) > 2000:
        wrong["words"] = "最多 2000 字，请写短一些"
    if wrong:
        return wrong
    try:
        # Both or neither: an answer that is refused leaves the link open for another try.
        with transaction.atomic():
            if not links.used(link, at=at):
                return {}
            surveys.rate(
                case=link.case, score=score, solved=solved, items=marks, words=typed["words"], channel="链接",
                suggestion=typed["suggestion"], source=Rating.LINK, by=None, at=at,
            )  # fmt: skip
    except BadlyFilled as refused:
        return dict(refused.errors)
    except Refused as refused:
        return {"score": str(refused)}
    return {}
