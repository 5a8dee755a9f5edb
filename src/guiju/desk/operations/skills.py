"""The level of skill of employees by trade, assessed by their supervisors, and who is below what tasks take (G-5.2-c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from guiju.desk.models import Skill
from guiju.desk.scheduling import TECHNICIANS, TRADES
from guiju.kernel import engine
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Holding, Person

ASSESSORS: Final = (
    posts.FOREMAN,
    posts.SERVICE_MANAGER,
    posts.QUALITY,
    posts.CS_ASSISTANT_MANAGER,
    posts.CS_MANAGER,
)
ASSESSED = "desk.skill"


@transaction.atomic
def assess(*, person: Person, trade: str, level: int, assessed_date: date, by: Person, at: datetime) -> Skill:
    """
    Put the level of a person's skill in a trade on the record, with the day on which it was assessed.

    :raises NotYourPost: only supervisors assess.
    :raises BadlyFilled: unknown trade or level, a day that has not come, or one's own skill.
    """
    require_post(by, *ASSESSORS, at=at, company_id=person.company_id)
    wrong = {}
    if trade not in TRADES:
        wrong["trade"] = "工种：请从所列的选项中选"
    if level not in Skill.Level.values or level == Skill.Level.UNKNOWN:
        wrong["level"] = "等级：请从所列的选项中选"
    if assessed_date > at.astimezone(ZONE).date():
        wrong["assessed_date"] = "评定日期：不能晚于今天"
    if person.pk == by.pk:
        wrong["level"] = "等级：不能评定自己，请另一位主管评定"
    if wrong:
        raise BadlyFilled(wrong)
    row, _ = Skill.objects.update_or_create(
        person=person, trade=trade,
        defaults={"level": level, "assessed_date": assessed_date, "assessed_by": by},
    )  # fmt: skip
    given = {"person": person.pk, "trade": trade, "level": level, "assessed": assessed_date.isoformat()}
    engine.record(company_id=person.company_id, step=ASSESSED, by=by, at=at, given=given)
    return row


@dataclass(frozen=True)
class Lacking:
    """Somebody whose level in a trade is below what its tasks require."""

    person: Person
    skill: Skill

    @property
    def words(self) -> str:
        """Say it in a phrase."""
        trade = TRADES[self.skill.trade]
        return f"{trade.name}：{self.skill.get_level_display()}，要求{Skill.Level(trade.level).label}"


def below_level(company_id: int, *, at: datetime) -> list[Lacking]:
    """Return who goes to customers in a company with a trade below the level that its tasks require, by name."""
    held = (
        Holding.objects.at(at).filter(company_id=company_id, post__code__in=TECHNICIANS).values("person_id")
    )
    rows = Skill.objects.filter(person_id__in=held, trade__in=TRADES).select_related("person")
    return [
        Lacking(row.person, row)
        for row in rows.order_by("person__name", "trade", "pk")
        if row.level < TRADES[row.trade].level
    ]
