"""What a person may do with an SOP now, and why not the rest: drafting, review, approval, publication, retirement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from guiju.kernel import ports
from guiju.kernel.forms import Day, Form, Text
from guiju.kernel.forms import field as ask
from guiju.org.models import Holding, Person
from guiju.org.posts import label as post_label
from guiju.sop import authority, lint, queries
from guiju.sop.models import Document, Reading, Version, day_of
from guiju.sop.operations import approve, publish, retire, review, send_back, submit
from guiju.sop.operations.revising import company_of
from guiju.web.sheet import Sheet

State = Version.State


class OpinionForm(Form):
    """An opinion that may be left out."""

    opinion: Text = ask("意见", default="")


class WhyForm(Form):
    """A reason that must be given."""

    reason: Annotated[str, Field(min_length=2, max_length=300)] = ask("原因")


class PublishForm(Form):
    """From which day the version holds."""

    effective_date: Day = ask("实施日期", help="从这天起开的事项照新版办，在办的照旧版办完")


class NothingForm(Form):
    """Nothing to fill in."""


@dataclass(frozen=True)
class Act:
    """An act on a version: open with its form, or locked with the reason."""

    name: str
    label: str
    sheet: Sheet[Any]
    why: str = ""
    primary: bool = False
    danger: bool = False

    @property
    def open(self) -> bool:
        """Whether this person may do it now."""
        return not self.why


@dataclass(frozen=True)
class Kind:
    """How an act is asked for: its words, its form, whose it is, from which states."""

    label: str
    form: type[Form]
    posts: frozenset[str]
    states: tuple[str, ...]
    primary: bool = False
    danger: bool = False


ACTS: dict[str, Kind] = {
    "submit": Kind("送审", NothingForm, authority.DRAFT, (State.DRAFT,), True),
    "review": Kind("审核通过", OpinionForm, authority.REVIEW, (State.SUBMITTED,), True),
    "approve": Kind("批准", OpinionForm, authority.APPROVE, (State.REVIEWED,), True),
    "publish": Kind("发布", PublishForm, authority.PUBLISH, (State.APPROVED,), True),
    "send_back": Kind(
        "退回编制",
        WhyForm,
        authority.REVIEW | authority.APPROVE,
        (State.SUBMITTED, State.REVIEWED, State.APPROVED),
    ),
    "retire": Kind("作废这一版", WhyForm, authority.APPROVE, (State.PUBLISHED,), danger=True),
}

DONE = {
    "submit": "已送审，内容不再改动",
    "review": "已审核通过，等待批准",
    "approve": "已批准，相关岗位学习后可以发布",
    "publish": "已发布",
    "send_back": "已退回编制人，写明了原因",
    "retire": "已作废，新开的事项照前一版办",
}


def take(version: Version, name: str, given: Any, *, by: Person, at: datetime) -> Version:
    """
    Do an act on a version.

    :raises UnableToRevise: the act is refused; likewise ``UnableToPublish``.
    """
    match name:
        case "submit":
            return submit(version, by=by, at=at)
        case "review":
            return review(version, by=by, at=at, opinion=given.opinion)
        case "approve":
            return approve(version, by=by, at=at, opinion=given.opinion)
        case "publish":
            return publish(version, effective_date=given.effective_date, by=by, at=at)
        case "send_back":
            return send_back(version, by=by, at=at, reason=given.reason)
    return retire(version, by=by, at=at, reason=given.reason)


def acts(
    version: Version, *, by: Person, at: datetime, sent: dict[str, Sheet[Any]] | None = None
) -> list[Act]:
    """Return the acts of the version's state for this person, those that are refused with the reason."""
    company_id = company_of(version.document, by)
    found = []
    for name, kind in ACTS.items():
        if version.state not in kind.states:
            continue
        why = authority.lacking(by, kind.posts, company_id=company_id, at=at) or _own(version, name, by, at)
        if name == "retire" and why:
            continue
        sheet = (sent or {}).get(name) or Sheet(kind.form, prefix=f"{name}.")
        if name == "publish" and not sheet.sent:
            sheet.typed = {"effective_date": day_of(at)}
        found.append(Act(name, kind.label, sheet, why, kind.primary, kind.danger))
    return found


def _own(version: Version, name: str, by: Person, at: datetime) -> str:
    """Return why somebody who had a part in a version may not decide on it (three different people)."""
    if name == "review" and _had_part(version.prepared_by_id, by, at):
        return "编制人及其代理人不能审核自己编制的版本"
    if name == "approve":
        if _had_part(version.prepared_by_id, by, at):
            return "编制人及其代理人不能批准同一版本"
        if _had_part(version.reviewed_by_id, by, at):
            return "审核人及其代理人不能批准同一版本"
    return ""


def _had_part(person_id: int | None, by: Person, at: datetime) -> bool:
    if person_id is None:
        return False
    return by.pk == person_id or by.pk in ports.people().delegates_of(person_id, at=at)


@dataclass(frozen=True)
class Stage:
    """One station of a version's way: 编制, 审核, 批准, 发布."""

    label: str
    who: str
    at: datetime | None
    state: str
    more: str = ""


def stages(version: Version) -> list[Stage]:
    """Return the stations of a version that is under way or was published here."""
    rows = (
        ("编制", version.prepared_by, version.prepared_at),
        ("审核", version.reviewed_by, version.reviewed_at),
        ("批准", version.approved_by, version.approved_at),
        ("发布", version.published_by, version.published_at),
    )
    order = [State.DRAFT, State.SUBMITTED, State.REVIEWED, State.APPROVED, State.PUBLISHED, State.RETIRED]
    reached = order.index(State(version.state))
    found = []
    for place, (label, person, at) in enumerate(rows):
        state = "done" if place < reached else "now" if place == reached else "todo"
        found.append(
            Stage(
                label,
                person.name if person and state == "done" else "",
                at if state == "done" else None,
                state,
            )
        )
    return found


@dataclass(frozen=True)
class Learner:
    """A post that a version gives work to, with who has read it and who has not."""

    post: str
    read: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass
class Learning:
    """Who has read a version or was trained in it."""

    posts: list[Learner] = field(default_factory=list)
    rows: list[Reading] = field(default_factory=list)

    @property
    def missing(self) -> list[Learner]:
        """Posts of which nobody has read it: they refuse publication."""
        return [one for one in self.posts if not one.read]


def learning(version: Version, *, company_id: int, at: datetime) -> Learning:
    """Return who of the company has read a version, by post; and the records themselves, newest first."""
    rows = list(
        Reading.objects.filter(version=version, person__company_id=company_id)
        .select_related("person", "trainer")
        .order_by("-read_at", "-pk")
    )
    readers = {row.person_id for row in rows}
    held: dict[str, dict[int, str]] = {}
    for code, key, name in (
        Holding.objects.at(at)
        .filter(company_id=company_id)
        .order_by("person__name", "pk")
        .values_list("post__code", "person_id", "person__name")
    ):
        held.setdefault(code, {})[key] = name
    wanted = lint.posts_of(version.content)
    found = []
    for code in sorted(queries.concerned(version), key=lambda code: (code not in wanted, code)):
        people = held.get(code, {})
        read = tuple(name for key, name in people.items() if key in readers)
        unread = tuple(name for key, name in people.items() if key not in readers)
        found.append(Learner(post_label(code), read, unread))
    return Learning(found, rows)


@dataclass(frozen=True)
class Waiting:
    """A version that waits for this person."""

    version: Version
    label: str


def waiting_for(by: Person, *, at: datetime, company_id: int) -> list[Waiting]:
    """Return the versions under way on which this person may act next, in the order of their codes."""
    rows = Version.objects.open().select_related("document").order_by("document__code", "pk")
    held = authority.held(by, company_id=company_id, at=at)
    found = []
    for version in rows:
        if version.document.company_id not in (None, company_id):
            continue
        name = next(name for name, kind in ACTS.items() if version.state in kind.states)
        mine = version.state != State.DRAFT or version.prepared_by_id == by.pk
        if mine and held & ACTS[name].posts and not _own(version, name, by, at):
            found.append(Waiting(version, ACTS[name].label))
    return found


def version_of(document: Document, number: str, on: date) -> Version | None:
    """Return the version of this number, or without a number the one in force, else the newest."""
    rows = list(document.versions.select_related("document", "based_on").order_by("major", "minor", "pk"))
    if number:
        return next((row for row in rows if row.number == number), None)
    past = [
        row
        for row in rows
        if row.state == State.PUBLISHED and row.effective_date and row.effective_date <= on
    ]
    return max(past or rows, key=lambda row: (row.major, row.minor), default=None)
