"""The shapes of requests and answers, from which the OpenAPI description is made. Requests are read strictly."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

PLAIN = r"^[^\x00-\x1f\x7f]+$"
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]
Long = Annotated[str, Field(max_length=5000)]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Uuid = Annotated[
    str, Field(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")
]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Given = dict[str, Any]


class Asked(BaseModel):
    """What a request may hold: nothing else, and nothing of another kind."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OpenCase(Asked):
    """A case to be opened. ``unit`` is a key or a label (``1-1-1502``), ``project`` a code, ``key`` the client's UUID."""

    process: Word
    unit: Id | Word | None = None
    project: Word | None = None
    given: Given = {}
    key: Uuid | None = None


class TakeStep(Asked):
    """A step to be taken. ``version`` is the one that was read; ``key`` the client's own UUID of the act."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    given: Given = {}
    key: Uuid | None = None


class WriteNote(Asked):
    """A note on a case; internal unless it goes to the customer."""

    text: Long
    to_customer: bool = False
    key: Uuid | None = None


class Classify(Asked):
    """Another confidentiality class of a case, with the reason."""

    secrecy: Literal["personal", "confidential"]
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class DealWithPoint(Asked):
    """A control point dealt with before its step; an empty value takes it back."""

    step: Word
    point: Word
    value: bool | Annotated[str, Field(max_length=2000)] | None = None


class Override(Asked):
    """A control point to be freed for one attempt, with the reason."""

    step: Word
    point: Word
    reason: Annotated[str, Field(max_length=2000)]


class OnPaper(Asked):
    """A decision made on paper: whose it is, and the scan of the signed sheet."""

    person: Id
    sha256: Sha


class CastVote(Asked):
    """A decision on an approval; returning and refusing need a reason."""

    decision: Literal["yes", "return", "no"]
    reason: Annotated[str, Field(max_length=2000)] = ""
    post: Annotated[str, Field(max_length=40, pattern=r"^[a-z_]*$")] = ""
    on_paper: OnPaper | None = None


class AskAgain(Asked):
    """A returned request, changed."""

    given: Given = {}


class TakeBack(Asked):
    """A request withdrawn by its maker."""

    reason: Annotated[str, Field(max_length=2000)] = ""


class Said(Schema):
    """An answer; more may be added to it."""

    model_config = ConfigDict(extra="allow")


class ReasonSaid(Said):
    """Why not, and by which clause."""

    text: str
    clause: str


class Problem(Said):
    """A refusal (RFC 9457): each need not met with its clause; ``errors`` by field when something is badly filled."""

    type: str
    title: str
    status: int
    detail: str
    reasons: list[ReasonSaid] = []
    errors: dict[str, str] = {}


class UnitSaid(Said):
    """The unit of a case."""

    id: int
    label: str
    short: str
    project: str


class CustomerSaid(Said):
    """A customer of a case, the name masked."""

    id: int
    name: str


class ClockSaid(Said):
    """A clock of a case; ``explanation`` says line by line how it came to be due."""

    name: str
    label: str
    due_at: datetime
    state: Literal["running", "paused", "met", "late", "void"]
    explanation: list[str]


class StepSaid(Said):
    """A step: open, or locked with its reasons. ``form`` is the JSON Schema of ``given``."""

    name: str
    label: str
    clause: str
    open: bool
    reasons: list[ReasonSaid]
    form: dict[str, Any]


class EventSaid(Said):
    """What happened: who, when, when it was recorded."""

    seq: int
    step: str
    label: str
    from_state: str
    to_state: str
    by: str | None
    happened_at: datetime
    recorded_at: datetime


class SeatSaid(Said):
    """One seat of an approval."""

    seat: int
    order: int
    post: str
    waiting: bool
    decision: str | None
    by: str | None
    reason: str


class ApprovalSaid(Said):
    """An approval request with its seats in this round."""

    id: int
    case: str
    step: str
    label: str
    state: Literal["pending", "returned", "refused", "taken", "withdrawn"]
    round: int
    requested_by: str
    requested_at: datetime
    seats: list[SeatSaid]


class CaseBrief(Said):
    """A case in a list."""

    number: str
    process: str
    sop_version: str
    state: str
    version: int
    unit: UnitSaid | None
    customers: list[CustomerSaid]
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    secrecy: str


class CaseWhole(CaseBrief):
    """
    A case: it reads the same everywhere.

    ``events`` are the newest 100, the oldest of them first: the whole story of nearly every case. ``earlier`` is true
    where there were more before them; ``GET /cases/{number}/events`` walks the whole story.
    """

    clocks: list[ClockSaid]
    steps: list[StepSaid]
    events: Annotated[list[EventSaid], Field(max_length=100)]
    earlier: Annotated[bool, Field(description="events 之前还有：用 /cases/{number}/events 从头一页一页读")]
    approval: ApprovalSaid | None


class CasePage(Said):
    """One page of cases; ``next`` is what ``after`` takes, null at the end."""

    items: list[CaseBrief]
    next: int | None


class EventPage(Said):
    """One page of what happened on a case, the oldest first; ``next`` is what ``after`` takes, null at the end."""

    items: list[EventSaid]
    next: int | None


class ApprovalPage(Said):
    """One page of approvals."""

    items: list[ApprovalSaid]
    next: int | None


class HomeSaid(Said):
    """A unit: what is sold. Areas in ㎡ and prices in yuan, as text."""

    id: int
    label: str
    short: str
    project: str
    building: str
    entrance: str
    floor: int | None
    room: str
    control: str
    control_label: str
    area_contract: str | None
    list_price: str | None


class HomeWhole(HomeSaid):
    """A unit with its live deal and its newest 200 cases (all: ``/cases?unit=``); buyers' names are masked."""

    deal: dict[str, Any] | None
    cases: list[dict[str, Any]]


class HomePage(Said):
    """One page of units."""

    items: list[HomeSaid]
    next: int | None


class PersonSaid(Said):
    """
    A customer, masked: name, phone, identity number and address are never in full here. The newest 200 deals and
    cases; ``/cases?customer=`` walks all.
    """

    id: int
    kind: Literal["person", "organisation"]
    name: str
    phone: str
    identity_kind: str
    identity_number: str
    address: str
    merged_into: int | None
    deals: list[dict[str, Any]]
    cases: list[dict[str, Any]]


class SopSaid(Said):
    """A standard operating procedure of the library and its version in force."""

    code: str
    title: str
    process: str
    version: str | None
    effective_date: date | None


class SopWhole(SopSaid):
    """An SOP with what its version in force says."""

    content: dict[str, Any] | None


class SopList(Said):
    """The library."""

    items: list[SopSaid]


class FileSaid(Said):
    """An attachment; acts name it by its sha256. One that no act takes up is deleted after seven days."""

    sha256: str
    name: str
    mime: str
    size: int
    kind: str
    secrecy: str
