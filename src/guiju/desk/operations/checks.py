"""The start of the shift: appearance confirmed, spot checks, tidy reception areas (A-1.2-a, D-3.1-f)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from guiju.desk.models import AreaCheck, ShiftCheck
from guiju.kernel import engine
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Refused
from guiju.org.models import Person

APPEARANCE = (
    ("dress", "着工装，整洁无破损"),
    ("badge", "佩戴工牌"),
    ("hair", "头发整齐，妆容自然"),
    ("hands", "双手干净，饰物简单"),
    ("spirit", "精神饱满，面带微笑"),
)


class UnableToCheck(Refused):
    """The check cannot be recorded so; says why."""


@transaction.atomic
def confirm_appearance(*, items: list[str], by: Person, at: datetime) -> ShiftCheck:
    """
    Record the person's own check of the day: every item confirmed, once a day (A-1.2-a).

    :raises UnableToCheck: an item is missing, or it is done already.
    """
    missing = [label for key, label in APPEARANCE if key not in items]
    if missing:
        raise UnableToCheck(f"还没有确认：{'、'.join(missing)}")
    day = at.astimezone(ZONE).date()
    try:
        with transaction.atomic():
            made = ShiftCheck.objects.create(
                person=by, company_id=by.company_id, shift_date=day, items=[key for key, _ in APPEARANCE], confirmed_at=at
            )  # fmt: skip
    except IntegrityError as twice:
        raise UnableToCheck("今天已经确认过") from twice
    engine.record(company_id=by.company_id, step="desk.appearance", by=by, at=at, given={"check": made.pk})
    return made


@transaction.atomic
def spot_check(*, check: ShiftCheck, good: bool, note: str, by: Person, at: datetime) -> ShiftCheck:
    """
    Record a supervisor's spot check with its result.

    :raises UnableToCheck: of oneself, a second time, or a bad result without a note.
    """
    found = ShiftCheck.objects.select_for_update().get(pk=check.pk)
    if found.person_id == by.pk:
        raise UnableToCheck("不能抽查自己")
    if found.spot_at is not None:
        raise UnableToCheck("这一次已经抽查过")
    if not good and len(note.strip()) < 2:
        raise UnableToCheck("不合格的请写明哪里不合格")
    found.spot_at, found.spot_by, found.spot_good, found.spot_note = at, by, good, note.strip()[:400]
    found.save(update_fields=["spot_at", "spot_by", "spot_good", "spot_note"])
    given = {"check": found.pk, "person": found.person_id, "good": good}
    engine.record(company_id=found.company_id, step="desk.spot_check", by=by, at=at, given=given)
    return found


@transaction.atomic
def check_area(*, area: str, tidy: bool, note: str, by: Person, at: datetime) -> AreaCheck:
    """
    Record that a reception area was looked at today: tidy, or what was put right (D-3.1-f).

    :raises UnableToCheck: without an area, or untidy without a note.
    """
    if not area.strip():
        raise UnableToCheck("请填检查的是哪个区域")
    if not tidy and len(note.strip()) < 2:
        raise UnableToCheck("不整洁的请写明怎样整改的")
    made = AreaCheck.objects.create(
        company_id=by.company_id, area=area.strip()[:60], checked_date=at.astimezone(ZONE).date(), tidy=tidy,
        note=note.strip()[:400], checked_at=at, checked_by=by,
    )  # fmt: skip
    given = {"check": made.pk, "tidy": tidy}
    engine.record(company_id=by.company_id, step="desk.area_check", by=by, at=at, given=given)
    return made
