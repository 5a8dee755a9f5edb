"""Who may do what in which state of a process: the program is asked here, for tables that are written by hand."""

from collections.abc import Mapping
from datetime import datetime

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.process import process_of
from guiju.org.models import Person

# State → step → who may take it, by sign-in name. A step that is not named may be taken by nobody.
Table = dict[str, dict[str, set[str]]]


def who_may(case: Case, people: Mapping[str, Person], *, at: datetime) -> Table:
    """
    Put the case into each state of its process and say who may take which step there, by state and post alone.

    What else stands in the way is asked elsewhere. Whoever is kept from a step must be told why; every step has its
    clause and its number. The answer names every state, so that a table equal to it does, too.
    """
    process, found = process_of(case.process), Table()
    for state in process.states:
        closed_at = at if state in process.ends else None
        Case.objects.filter(pk=case.pk).update(state=state.value, closed_at=closed_at)
        case.refresh_from_db()
        here = found[state.value] = {}
        for name, person in people.items():
            for option in engine.options(case, by=person, at=at):
                assert option.open or option.reasons, (state, option.name, name)
                assert all(reason.text for reason in option.reasons), (state, option.name, name)
                assert option.clause, (state, option.name)
                assert option.number, (state, option.name)
                if not any(reason.kind in ("state", "post") for reason in option.reasons):
                    here.setdefault(option.name, set()).add(name)
    return found
