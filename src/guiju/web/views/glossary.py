"""名词释义: the definitions of the department's operating standard, and the words of this program."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.sop import policies, queries
from guiju.sop.models import Document, day_of
from guiju.web.views import asking

MANUAL, PART = "KF-SC-00", "释义"

OURS = (
    ("事项", "办理中的一件事，如一次认购、一次销控登记。一件事项有一个编号、一个状态，按一版作业标准书办。"),
    ("步骤", "事项往前走的一个动作，由作业标准书写明的岗位办理。"),
    (
        "控制要点",
        "办一个步骤以前必须做到的事。没有做到，步骤办不下去；放行由授权岗位写明理由，并留偏差记录。",
    ),
    ("时限", "从哪件事起算、多长时间内办完。工作日按工作日历算，暂停要有理由，法定期限不能暂停。"),
    ("补录", "先办后录：发生时间在前，录入时间在后。两个时间都显示，时限按发生时间算。"),
    ("更正", "办过的步骤有笔误，另办一次更正，写明原来的、现在的和理由，不改原来的记录。"),
    ("代理", "本人不在时，指定的同事在约定期间代办，记录上写明代谁办理。"),
    ("销控", "一套房屋能不能卖的状态：未推、可售、销控、锁定、已认购、已签约等，一套只有一个状态。"),
    ("待核实", "登记表里这套房屋的记录有疑问。核实以前不能推出，也不能认购。"),
    ("征询、咨询、回访", "征询是我们主动听取意见，咨询是客户来问，回访是办完以后回头问客户是否满意。"),
)


@dataclass(frozen=True)
class Term:
    """A word with its definition; ``number`` is its place in the document."""

    name: str
    words: str
    number: str = ""


def definitions(request: HttpRequest) -> tuple[list[Term], str]:
    """Return the definitions of the manual in force, and its version."""
    at, by = asking.now(), asking.person(request)
    try:
        document = queries.document(MANUAL, company_id=by.company_id)
    except Document.DoesNotExist:
        return [], ""
    version = policies.version_of(document, day_of(at))
    if version is None:
        return [], ""
    part = next((row for row in version.content.get("parts", []) if row["title"] == PART), None)
    if part is None:
        return [], version.number
    return [
        Term(row["title"], row.get("words", ""), f"{part['number']} {row['number']}")
        for row in part.get("sections", [])
    ], version.number


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Show the definitions that everybody in the house uses the words by (I-1-u)."""
    terms, version = definitions(request)
    return render(
        request,
        "web/glossary.html",
        {"terms": terms, "version": version, "manual": MANUAL, "ours": [Term(*row) for row in OURS]},
    )
