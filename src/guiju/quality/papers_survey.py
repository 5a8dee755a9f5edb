"""The printed survey of a case 顾客满意度调查表 (F-2.5, domain form 15), offered by every process that customers rate."""

from __future__ import annotations

from datetime import datetime

from guiju.estate.models import Project, Unit
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.process import processes
from guiju.papers.offers import offer
from guiju.papers.surveying import Asked, SurveyForm
from guiju.quality import surveys

MARKS = ("很不满意", "不满意", "一般", "满意", "很满意")
RATED = ("after_sales", "complaint", "visit", "reception", "callback")


def survey_form(case: Case, at: datetime) -> SurveyForm:
    """Return the survey of a case with the questions of its kind; who served stands on it, the customer does not."""
    key = CaseLink.objects.filter(case=case, kind="unit").values_list("key", flat=True).first()
    unit = Unit.objects.filter(pk=key or 0).select_related("project", "building").first()
    project = unit.project if unit is not None else Project.objects.filter(pk=case.scope_id or 0).first()
    person = surveys.served(case)
    questions = [Asked("您对本次服务总的评价", MARKS)]
    for item in surveys.items_for(case.process):
        marks = (
            tuple(str(mark) for mark in range(item.lowest, item.highest + 1)) if item.highest == 10 else MARKS
        )
        questions.append(Asked(item.asks + ("（0 决不，10 一定）" if item.highest == 10 else ""), marks))
    known = processes().get(case.process)
    return SurveyForm(
        project=project.name if project else "", case=case.number, matter=known.label if known else "服务",
        home=unit.label if unit else "", served_by=person.name if person else "", questions=tuple(questions),
        phone=project.seller_phone if project else "",
    )  # fmt: skip


for _process in RATED:
    offer(_process, "survey", "survey", "顾客满意度调查表")(survey_form)
