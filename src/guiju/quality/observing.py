"""
Observing service 服务观察, checking calls and cases 抽检, and what an employee has learnt: criteria and operations.

The criteria are the SOPs' own skills (A-1.2, A-2.1, C-4.2, D-2.4, E-3, H-3.1). Marks run from 1 to 5; a criterion that
could not be seen is left out and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from guiju.kernel import engine, ports
from guiju.kernel.duration import months_after
from guiju.kernel.models import Case, Event
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Holding, Person
from guiju.quality.models import Observation, ProductDuty, Rating, Training

COMMUNICATION, AWARENESS, CARE, SOLVING, CONDUCT = "communication", "awareness", "care", "solving", "conduct"
ABILITIES: Final[Mapping[str, str]] = {
    COMMUNICATION: "沟通能力", AWARENESS: "服务意识", CARE: "责任心和细致", SOLVING: "解决问题", CONDUCT: "言谈举止",
}  # fmt: skip


@dataclass(frozen=True)
class Criterion:
    """What is judged: the words on the form, the ability it counts for, and the clauses that ask for it."""

    code: str
    asks: str
    ability: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class ObservationForm:
    """A form of observation: its name and its criteria."""

    code: str
    name: str
    criteria: tuple[Criterion, ...]

    def criterion(self, code: str) -> Criterion | None:
        """Return the criterion of this code."""
        return next((one for one in self.criteria if one.code == code), None)


DESK, CALL, CASE = "desk", "call", "case"
FORMS: Final[Mapping[str, ObservationForm]] = {
    form.code: form
    for form in (
        ObservationForm(
            DESK,
            "现场服务观察",
            (
                Criterion("conduct", "言谈举止得体", CONDUCT, ("A-1.2-b",)),
                Criterion("calm", "不急躁，不打断客户发言", COMMUNICATION, ("A-2.1-c", "D-2.1-d")),
                Criterion("listening", "耐心倾听客户的问题", COMMUNICATION, ("C-4.2-b",)),
                Criterion("awareness", "主动为客户着想，有服务意识", AWARENESS, ("E-3.1-a",)),
                Criterion("care", "细致、负责", CARE, ("E-3.5-c",)),
            ),
        ),
        ObservationForm(
            CALL,
            "通话抽检",
            (
                Criterion("friendly", "用语友善、礼貌", COMMUNICATION, ("D-2.4-a",)),
                Criterion("voice", "声音清晰、响亮", COMMUNICATION, ("D-2.4-b",)),
                Criterion("speed", "语速适中", COMMUNICATION, ("D-2.4-c",)),
                Criterion("no_laughter", "没有大笑声", CONDUCT, ("D-2.4-d",)),
                Criterion("no_noise", "没有嘈杂的背景声", CONDUCT, ("D-2.4-e",)),
                Criterion("no_interruption", "不中断客户讲述", COMMUNICATION, ("D-2.1-d", "A-2.1-c")),
            ),
        ),
        ObservationForm(
            CASE,
            "事项质量抽检",
            (
                Criterion("listened", "倾听并记下了客户的需求和问题", COMMUNICATION, ("C-4.2-b", "H-3.1-a")),
                Criterion("patient", "耐心解答了客户的疑问", COMMUNICATION, ("C-4.2-c", "H-3.1-b")),
                Criterion("plain", "语言清晰、简洁", COMMUNICATION, ("H-3.1-c",)),
                Criterion("polite", "礼貌和耐心", AWARENESS, ("E-4.1-a",)),
                Criterion("first_time", "第一次给的办法就有效", SOLVING, ("E-3.1-b",)),
                Criterion("record", "记录完整、细致", CARE, ("E-3.5-c",)),
            ),
        ),
    )
}
SUPERVISORS: Final = (
    posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.SERVICE_MANAGER, posts.FOREMAN, posts.QUALITY,
)  # fmt: skip
OBSERVED, LEARNT = "quality.observed", "quality.learnt"


class UnableToObserve(Refused):
    """The observation is not taken; says why."""

    title = "没有记下"


@transaction.atomic
def observe(
    *,
    person: Person,
    form: str,
    scores: Mapping[str, int | None],
    by: Person,
    at: datetime,
    case: Case | None = None,
    remark: str = "",
    record_errors: int = 0,
    observed_at: datetime | None = None,
    project_id: int | None = None,
) -> Observation:
    """
    Write a supervisor's marks of an employee's service.

    :raises NotYourPost: only supervisors observe.
    :raises UnableToObserve: nobody observes themselves; a check of a case names it.
    :raises BadlyFilled: no mark was given, a criterion is unknown, or a mark lies outside 1 to 5.
    """
    company_id = person.company_id
    project = case.scope_id if case is not None else project_id
    require_post(by, *SUPERVISORS, at=at, company_id=company_id, project_id=project)
    if by.pk == person.pk:
        raise UnableToObserve("不能给自己打分，请另一位主管来观察")
    known = FORMS.get(form)
    if known is None:
        raise BadlyFilled({"form": "观察表：请从所列的选项中选"})
    if form == CASE and case is None:
        raise UnableToObserve("事项质量抽检要写明是哪个事项")
    marks: dict[str, int] = {}
    for code, mark in scores.items():
        criterion = known.criterion(code)
        if criterion is None:
            raise BadlyFilled({f"scores.{code}": "没有这一项"})
        if mark is None:
            continue
        if not 1 <= mark <= 5:
            raise BadlyFilled({f"scores.{code}": f"{criterion.asks}：请在 1 到 5 分之间打分"})
        marks[code] = mark
    if not marks:
        raise BadlyFilled({"scores": "一项也没有打分"})
    row = Observation.objects.create(
        person=person, company_id=company_id, project_id=project, form=form, case=case, scores=marks,
        record_errors=record_errors, remark=remark.strip()[:5000], observed_at=observed_at or at, observed_by=by,
        recorded_at=at,
    )  # fmt: skip
    given = {"person": person.pk, "form": form, "scores": marks, "case": case.number if case else ""}
    engine.record(company_id=company_id, step=OBSERVED, by=by, at=at, given=given)
    return row


@dataclass(frozen=True)
class Score:
    """An average that keeps what it was made of: points and how many marks."""

    points: int
    marks: int

    @property
    def average(self) -> Decimal | None:
        """The average, or None without marks."""
        return Decimal(self.points) / self.marks if self.marks else None

    def __add__(self, other: Score) -> Score:
        return Score(self.points + other.points, self.marks + other.marks)


def abilities(rows: Iterable[Observation]) -> dict[str, Score]:
    """Return what observations say of each ability; every mark counts the same."""
    found = {ability: Score(0, 0) for ability in ABILITIES}
    for row in rows:
        form = FORMS.get(row.form)
        for code, mark in row.scores.items():
            criterion = form.criterion(code) if form else None
            if criterion is not None:
                found[criterion.ability] += Score(mark, 1)
    return found


@dataclass(frozen=True)
class Competency:
    """The competency record of an employee in a period: abilities, ratings by customers, record errors."""

    person: Person
    abilities: Mapping[str, Score]
    observations: int
    record_errors: int
    satisfied: int
    rated: int
    attitude: Score
    positive: Score

    @property
    def satisfaction(self) -> Decimal | None:
        """The share of the customers who rated this employee's service and were satisfied, in per cent."""
        return Decimal(self.satisfied * 100) / self.rated if self.rated else None


def competency(person: Person, *, begin: datetime, end: datetime) -> Competency:
    """Return the competency record of an employee: what was observed and rated from ``begin`` until before ``end``."""
    rows = list(
        Observation.objects.filter(person=person, observed_at__gte=begin, observed_at__lt=end).order_by(
            "observed_at"
        )
    )
    ratings = list(Rating.objects.filter(served_by=person, given_at__gte=begin, given_at__lt=end))
    scored = [rating for rating in ratings if rating.score is not None]

    def of(item: str) -> Score:
        marks = [int(rating.items[item]) for rating in ratings if item in rating.items]
        return Score(sum(marks), len(marks))

    return Competency(
        person=person, abilities=abilities(rows), observations=len(rows),
        record_errors=sum(row.record_errors for row in rows) + corrections_of(person, begin, end),
        satisfied=sum(rating.score is not None and rating.score >= 4 for rating in scored), rated=len(scored),
        attitude=of("attitude"), positive=of("positive"),
    )  # fmt: skip


def corrections_of(person: Person, begin: datetime, end: datetime) -> int:
    """Return how many corrections (更正) were made in cases that the person had opened: errors of the record."""
    mine = Event.objects.filter(actor_id=person.pk, case_seq=1).values("case_id")
    return Event.objects.filter(
        step="correct", case_id__in=mine, happened_at__gte=begin, happened_at__lt=end
    ).count()


def observed_posts(company_id: int, at: datetime) -> list[Person]:
    """Return the employees who stand before customers in a company now, by name."""
    codes = (
        posts.FRONT_DESK, posts.CS_CLERK, posts.AFTER_SALES, posts.TECHNICIAN, posts.ONSITE, posts.FOREMAN,
        posts.DELEGATE, posts.INSPECTOR, posts.REGISTRAR, posts.SIGNING_SUPERVISOR, posts.CS_ASSISTANT_MANAGER,
    )  # fmt: skip
    held = Holding.objects.filter(company_id=company_id, post__code__in=codes).at(at).select_related("person")
    return sorted({one.person for one in held}, key=lambda person: person.pk)


@transaction.atomic
def give_product(
    *, person: Person, product: str, from_date: date, by: Person, at: datetime,
    evidence: str = "", evidence_text: str = "", evidence_date: date | None = None,
) -> ProductDuty:  # fmt: skip
    """
    Make an employee responsible for a product, with the evidence of knowing it (C-4.1-a). Given again, the row that is
    open gets the new evidence.

    :raises NotYourPost: only supervisors say so.
    :raises BadlyFilled: no product, or evidence of a kind without what it is.
    """
    require_post(by, *SUPERVISORS, at=at, company_id=person.company_id)
    product = product.strip()
    if len(product) < 2:
        raise BadlyFilled({"product": "产品：写明户型、系统或设备"})
    if evidence and not evidence_text.strip():
        raise BadlyFilled({"evidence_text": "证明：写明考核成绩或证书编号"})
    row, _ = ProductDuty.objects.update_or_create(
        person=person, product=product, to_date=None,
        defaults={
            "from_date": from_date, "evidence": evidence, "evidence_text": evidence_text.strip(),
            "evidence_date": evidence_date, "recorded_by": by, "recorded_at": at,
        },
    )  # fmt: skip
    given = {"person": person.pk, "product": product, "evidence": evidence, "text": evidence_text}
    engine.record(company_id=person.company_id, step=LEARNT, by=by, at=at, given=given)
    return row


@transaction.atomic
def plan_training(*, person: Person, topic: str, planned_date: date, by: Person, at: datetime) -> Training:
    """
    Plan a training of an employee (C-4.1-b).

    :raises NotYourPost: only supervisors plan.
    :raises BadlyFilled: no topic.
    """
    require_post(by, *SUPERVISORS, at=at, company_id=person.company_id)
    if len(topic.strip()) < 2:
        raise BadlyFilled({"topic": "内容：写明学什么"})
    row = Training.objects.create(
        person=person, topic=topic.strip()[:100], planned_date=planned_date, planned_by=by, recorded_at=at
    )
    given = {"person": person.pk, "topic": row.topic, "planned": planned_date.isoformat()}
    engine.record(company_id=person.company_id, step=LEARNT, by=by, at=at, given=given)
    return row


@transaction.atomic
def finish_training(
    *, training: Training, done_date: date, evidence: str, by: Person, at: datetime,
    hours: Decimal | None = None, score: int | None = None,
) -> Training:  # fmt: skip
    """
    Write down that a training took place, with its evidence.

    :raises NotYourPost: only supervisors confirm.
    :raises UnableToObserve: it is confirmed already.
    :raises BadlyFilled: no evidence, or a day that has not come.
    """
    person = training.person
    require_post(by, *SUPERVISORS, at=at, company_id=person.company_id)
    if training.done_date is not None:
        raise UnableToObserve("这次培训已经登记过完成")
    if len(evidence.strip()) < 2:
        raise BadlyFilled({"evidence": "证明：写明签到表、试卷或证书"})
    if done_date > at.astimezone(ZONE).date():
        raise BadlyFilled({"done_date": "完成日期：不能晚于今天"})
    training.done_date, training.evidence, training.hours, training.score = (
        done_date,
        evidence.strip()[:200],
        hours,
        score,
    )
    training.save(update_fields=["done_date", "evidence", "hours", "score"])
    given = {
        "person": person.pk,
        "topic": training.topic,
        "done": done_date.isoformat(),
        "evidence": evidence,
    }
    engine.record(company_id=person.company_id, step=LEARNT, by=by, at=at, given=given)
    return training


def training_months(company_id: int, at: datetime) -> int:
    """Return how many months without training the SOP allows."""
    policy = ports.policies().current("callback", company_id=company_id, project_id=None, at=at)
    return int(policy.settings.get("training_months", 6))


def without_training(company_id: int, *, day: date, months: int, at: datetime) -> list[Person]:
    """Return the employees who finished no training in the months before a day (C-4.1-b)."""
    since = months_after(day, -months)
    people = observed_posts(company_id, at)
    trained = set(
        Training.objects.filter(
            person__in=people, done_date__isnull=False, done_date__gt=since, done_date__lte=day
        ).values_list("person_id", flat=True)
    )
    return [person for person in people if person.pk not in trained]
