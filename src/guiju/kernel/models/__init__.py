"""Models of the kernel, by subject."""

from guiju.kernel.models.approval import ApprovalRequest, Vote
from guiju.kernel.models.calendar import CalendarDay, CalendarEdition, WorkHours
from guiju.kernel.models.case import Case, CaseLink, Counter, Deviation, Reply, Tick, Todo, among
from guiju.kernel.models.clock import Clock, ClockPause
from guiju.kernel.models.event import ChainHead, Event, Reaction
from guiju.kernel.models.search import SearchEntry

__all__ = [
    "ApprovalRequest",
    "CalendarDay",
    "CalendarEdition",
    "Case",
    "CaseLink",
    "ChainHead",
    "Clock",
    "ClockPause",
    "Counter",
    "Deviation",
    "Event",
    "Reaction",
    "Reply",
    "SearchEntry",
    "Tick",
    "Todo",
    "Vote",
    "WorkHours",
    "among",
]
