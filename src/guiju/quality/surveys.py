"""
The survey 满意度调查: its questions, and the one door by which an answer comes in (link, phone, paper, on site).

The questions are the SOPs' own (A-1.1-c, A-1.2-c, C-4.4-a, F-2.5, H-3.2, K-1-b …). What is asked where depends on the
kind of case; whoever answers may leave out any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel import chain, engine, store
from guiju.kernel.models import Case, CaseLink, Event
from guiju.kernel.process import processes
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org import posts
from guiju.org.models import Person
from guiju.quality.models import Feedback, Rating

RATED: Final = "quality.rated"
LOW: Final = 2
GOOD: Final = 4
_SPACE: Final = UUID("6f1c7a52-2f0e-4d3e-9a35-6a4f3f0f9c11")


@dataclass(frozen=True)
class Item:
    """A question: its code, the words the customer reads, what it measures on the board, its scale, its clauses."""

    code: str
    asks: str
    measures: str
    clauses: tuple[str, ...]
    lowest: int = 1
    highest: int = 5
    of_employee: bool = False


RECOMMEND: Final = "recommend"
ITEMS: Final[tuple[Item, ...]] = (
    Item("attitude", "接待和服务人员友好、耐心、专业吗？", "友好、耐心、专业", ("C-4.4-a", "F-3.3-a"), of_employee=True),
    Item("positive", "服务人员态度积极吗？", "积极的态度", ("H-3.2-a",), of_employee=True),
    Item("warmth", "接待您的人热情、礼貌、周到吗？", "热情、礼貌、周到", ("K-2.1-f", "A-1.1-a"), of_employee=True),
    Item("modesty", "处理投诉的人态度谦和吗？", "谦和的态度", ("A-4.1-a",), of_employee=True),
    Item("timely", "办得及时吗？", "及时", ("F-2.5-b",)),
    Item("quality", "做得好吗？", "质量", ("F-2.5-b",)),
    Item("need_met", "您的需要得到满足了吗？", "需要得到满足", ("F-2.5-b",)),
    Item("valued", "您感到被重视和尊重吗？", "被重视和尊重", ("A-1.1-c",)),
    Item("first_impression", "前台给您的第一印象怎么样？", "第一印象", ("A-1.2-c",)),
    Item("trust_safety", "这次服务让您觉得可靠、安心吗？", "信任和安全感", ("H-3.2-b",)),
    Item("company_trust", "您信任我们公司吗？", "对公司的信任", ("K-1-b",)),
    Item("image", "您觉得我们公司的形象怎么样？", "公司和品牌形象", ("C-2-4", "F-1-e")),
    Item("reputation", "您觉得我们公司的信誉怎么样？", "公司信誉", ("E-5-d",)),
    Item(RECOMMEND, "您愿意把我们推荐给亲友吗？", "推荐意愿", ("F-1-f",), 0, 10),
)  # fmt: skip
BY_CODE: Final = {item.code: item for item in ITEMS}

AT_THE_DESK: Final = (
    "warmth",
    "attitude",
    "valued",
    "first_impression",
    "need_met",
    "company_trust",
    "image",
    RECOMMEND,
)
AFTER_SERVICE: Final = (
    "attitude", "positive", "timely", "quality", "need_met", "trust_safety", "company_trust", "image", "reputation", RECOMMEND,
)  # fmt: skip
AFTER_COMPLAINT: Final = ("warmth", "modesty", *AFTER_SERVICE)
ASKED: Final[Mapping[str, tuple[str, ...]]] = {"reception": AT_THE_DESK, "complaint": AFTER_COMPLAINT}
"""What is asked after a case of a process; anything else is asked ``AFTER_SERVICE``."""

SERVING: Final = (
    posts.TECHNICIAN, posts.ONSITE, posts.DELEGATE, posts.AFTER_SALES, posts.FRONT_DESK, posts.CS_CLERK,
    posts.FOREMAN, posts.CS_ASSISTANT_MANAGER,
)  # fmt: skip
"""Posts whose service a customer judges, those who stood before the customer first."""


class UnableToRate(Refused):
    """The answer cannot be taken; says why."""

    title = "评价没有记下"


def items_for(process: str) -> tuple[Item, ...]:
    """Return the questions to ask after a case of this process."""
    return tuple(BY_CODE[code] for code in ASKED.get(process, AFTER_SERVICE))


def checked_items(items: Mapping[str, int | None]) -> dict[str, int]:
    """Return the marks that were given.

    :raises BadlyFilled: a question is not known, or a mark lies outside its scale.
    """
    found: dict[str, int] = {}
    for code, mark in items.items():
        item = BY_CODE.get(code)
        if item is None:
            raise BadlyFilled({f"items.{code}": "没有这一项"})
        if mark is None:
            continue
        if isinstance(mark, bool) or not isinstance(mark, int) or not item.lowest <= mark <= item.highest:
            raise BadlyFilled(
                {f"items.{code}": f"{item.measures}：请在 {item.lowest} 到 {item.highest} 分之间打分"}
            )
        found[code] = mark
    return found


@transaction.atomic
def rate(
    *,
    case: Case,
    score: int | None,
    solved: bool | None,
    items: Mapping[str, int | None],
    words: str,
    source: str,
    by: Person | None,
    at: datetime,
    suggestion: str = "",
    channel: str = "",
    served_by: Person | None = None,
    given_at: datetime | None = None,
) -> Rating:
    """
    Take a customer's answer about a case, write it down with who served, and note words and low scores as feedback.

    ``by`` is who took it by phone, from paper or on site (None: the customer by link). A low score, or 没有解决,
    opens a complaint after the commit, once a case (C-3.3, I-4.2-f).

    :raises UnableToRate: nothing was answered.
    :raises BadlyFilled: a mark lies outside its scale.
    """
    marks = checked_items(items)
    if score is not None and (isinstance(score, bool) or not 1 <= score <= 5):
        raise BadlyFilled({"score": "总的评价：请在 1 到 5 分之间打分"})
    if source not in dict(Rating.SOURCES):
        raise BadlyFilled({"source": "来源：请从所列的选项中选"})
    words, suggestion = words.strip(), suggestion.strip()
    if score is None and solved is None and not marks and not words and not suggestion:
        raise UnableToRate("一项也没有答：请至少答总的评价，或写几句话")
    customer, unit = _link(case, "customer"), _link(case, "unit")
    rating = Rating.objects.create(
        case=case,
        customer=Customer.objects.filter(pk=customer).first() if customer else None,
        unit=Unit.objects.filter(pk=unit).first() if unit else None,
        channel=channel, source=source, score=score, solved=solved, items=marks, words=words[:5000],
        suggestion=suggestion[:5000], served_by=served_by or served(case, but=by), given_at=given_at or at,
        taken_by=by, recorded_at=at,
    )  # fmt: skip
    low = is_low(rating)
    if words or suggestion or low:
        kind = Feedback.SUGGESTION if suggestion and not low else Feedback.RATING
        if words and not low and score == 5 and not suggestion:
            kind = Feedback.PRAISE
        praised = kind == Feedback.PRAISE
        Feedback.objects.create(
            case=case, rating=rating, kind=kind, low=low, noted_at=at,
            words="\n".join(part for part in (words, suggestion) if part)[:5000],
            state=Feedback.DONE if praised else Feedback.NEW, done_at=at if praised else None,
            action="表扬，转告本人" if praised else "",
        )  # fmt: skip
    engine.record(
        company_id=case.chain_id, step=RATED, by=by, at=at, happened_at=rating.given_at,
        given={"rating": rating.pk, "case": case.number, "score": score, "solved": solved, "source": source},
    )  # fmt: skip
    return rating


def _link(case: Case, kind: str) -> int | None:
    return CaseLink.objects.filter(case=case, kind=kind).order_by("pk").values_list("key", flat=True).first()


def is_low(rating: Rating) -> bool:
    """Return whether the customer is to be called at once: 2 points or less, or it was not solved (domain 2.24)."""
    return rating.solved is False or (rating.score is not None and rating.score <= LOW)


def served(case: Case, *, but: Person | None = None) -> Person | None:
    """Return whose service the customer judges: who stood before the customer last, in this case or one linked to it."""
    linked = CaseLink.objects.filter(kind="case", key=case.pk).values_list("case_id", flat=True)[:20]
    events = Event.objects.filter(
        case_id__in=[case.pk, *linked], actor_id__isnull=False, post__in=SERVING
    ).order_by("-happened_at", "-pk")
    found = [(event.post, event.actor_id) for event in events[:60] if but is None or event.actor_id != but.pk]
    if not found:
        return None
    found.sort(key=lambda one: SERVING.index(one[0]))
    return Person.objects.filter(pk=found[0][1] or 0).first()


@reaction("", RATED)
def answer_low_score(event: Event, at: datetime) -> None:
    """Open a complaint about a case that was rated low; one that has an open complaint gets no second."""
    key = chain.open_body(event.body).get("given", {}).get("rating")
    rating = Rating.objects.select_related("case", "taken_by").filter(pk=key or 0).first()
    if rating is None or not is_low(rating) or "complaint" not in processes():
        return
    feedback = Feedback.objects.get(rating=rating)
    if feedback.follow_up_id is not None:
        return
    follow_up = _open_complaint_about(rating.case_id) or _complain(rating, at)
    store.update(Feedback, {"follow_up": follow_up, "state": Feedback.ASSIGNED}, id=feedback.pk)


def _open_complaint_about(case_id: int) -> int | None:
    """Return the complaint that a low score of this case already has, or the open case itself if it is a complaint."""
    known = Feedback.objects.filter(case_id=case_id, follow_up__isnull=False, follow_up__closed_at=None)
    if (found := known.values_list("follow_up_id", flat=True).first()) is not None:
        return found
    linked = CaseLink.objects.filter(
        kind="case", key=case_id, case__process="complaint", case__closed_at=None
    ).values_list("case_id", flat=True)
    own = Case.objects.filter(pk=case_id, process="complaint", closed_at=None).values_list("pk", flat=True)
    return linked.first() or own.first()


def _complain(rating: Rating, at: datetime) -> int:
    case = rating.case
    said = rating.words or rating.suggestion
    if not said:
        said = (
            "客户评价时表示问题没有解决"
            if rating.solved is False
            else f"客户只给了 {rating.score} 分，没有写原因"
        )
    who = rating.customer
    given = {
        "unit": rating.unit_id, "customer": rating.customer_id, "complainant": who.name if who else "",
        "phone": who.phone if who else "", "channel": "回访" if rating.source == Rating.PHONE else "评价",
        "words": said, "need": "", "problem": f"{case.number} 的服务评价偏低", "quality": None, "cause": "",
        "reported_at": rating.given_at.isoformat(), "reception": "", "important": False, "level": "",
        "repeat_of": case.number if case.process == "complaint" else "", "urgency": "ordinary",
    }  # fmt: skip
    links = [("case", case.pk)]
    links += [("unit", rating.unit_id)] if rating.unit_id else []
    links += [("customer", rating.customer_id)] if rating.customer_id else []
    opened = engine.open_case(
        "complaint", by=rating.taken_by, at=at, given=given, chain_id=case.chain_id, scope_id=case.scope_id,
        links=links, key=uuid5(_SPACE, f"low:{rating.pk}"), follows=True,
    )  # fmt: skip
    assert opened.case_id is not None
    return opened.case_id
