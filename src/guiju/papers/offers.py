"""Which papers a case can print. Processes offer them; pages, API and jobs ask here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.models import Company, Person
from guiju.papers.models import Paper
from guiju.papers.operations.papers import issue


class NotYetPrintable(Refused):
    """The case is not far enough for this paper; says what is missing."""


@dataclass(frozen=True)
class Offer:
    """A paper that a process prints: the form, its title, and the function that builds its data from the case.

    ``build`` raises ``NotYetPrintable``. ``number`` gives the paper's document number.
    """

    process: str
    name: str
    form: str
    title: str
    build: Callable[[Case, datetime], Any]


_offers: dict[str, list[Offer]] = {}


def offer(process: str, name: str, form: str, title: str) -> Callable[[Callable[[Case, datetime], Any]], Any]:
    """Register the function that builds a paper of a process."""

    def add(build: Callable[[Case, datetime], Any]) -> Callable[[Case, datetime], Any]:
        _offers.setdefault(process, []).append(Offer(process, name, form, title, build))
        return build

    return add


def offers_of(process: str) -> list[Offer]:
    """Return what a process can print, in the order of its module."""
    return list(_offers.get(process, []))


def print_case(case: Case, name: str, *, by: Person, at: datetime) -> Paper:
    """
    Print a paper of a case and keep it.

    :raises NotYetPrintable: there is no such paper, or the case is not far enough.
    """
    found = next((o for o in _offers.get(case.process, []) if o.name == name), None)
    if found is None:
        raise NotYetPrintable("这个事项没有这种单据")
    data = found.build(case, at)
    company = Company.objects.get(pk=case.chain_id)
    return issue(form=found.form, data=data, company=company, by=by, at=at, case=case)
