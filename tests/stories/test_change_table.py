"""Who may do what in which state of a change: written by hand from the SOP (document I, process 二 and 四)."""

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.sales.processes.subscription_change import SUBSCRIPTION_CHANGE, Is
from tests.stories.changing import THURSDAY, asked, work
from tests.stories.conftest import House

SELLERS = {"lin", "luo", "song"}
CLERKS = {"wu", "deng", "tang"}
STOP = SELLERS | {"zhou", "deng"}

# state -> step -> who may (by sign-in name); a step that is not named may be taken by nobody.
TABLE: dict[str, dict[str, set[str]]] = {
    "applied": {
        "director_opinion": {"gao"}, "return_to_sales": CLERKS | {"gao", "zhou"}, "reject": {"gao", "zhou"},
        "cancel": STOP,
    },
    "reviewed": {
        "check_and_register": CLERKS, "return_to_sales": CLERKS | {"gao", "zhou"}, "reject": {"gao", "zhou"},
        "cancel": STOP,
    },
    "registered": {
        "finance_check": {"he"}, "report_up": {"zhou"}, "return_to_sales": CLERKS | {"gao", "zhou"},
        "reject": {"gao", "zhou"}, "cancel": STOP,
    },
    "approved": {
        "finance_check": {"he"}, "sign_new": SELLERS | CLERKS, "execute": CLERKS, "cancel": STOP,
    },
    "executed": {"hand_back": CLERKS},
    "returned": {"resubmit": SELLERS, "cancel": STOP},
    "done": {},
    "rejected": {},
    "cancelled": {},
}  # fmt: skip


@pytest.mark.clause("I-5.2-1a", "I-5.2-1b", "I-5.2-4a", "I-5.2-5f")
def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(house: House):
    house.sealed()
    work()
    case = asked(house, "extend", until_date="2026-12-05")
    assert set(TABLE) == {state.value for state in Is}

    for state, wanted in TABLE.items():
        closed = SUBSCRIPTION_CHANGE.state(state) in SUBSCRIPTION_CHANGE.ends
        Case.objects.filter(pk=case.pk).update(state=state, closed_at=THURSDAY if closed else None)
        case.refresh_from_db()
        found: dict[str, set[str]] = {}
        for username, person in house.people.items():
            for option in engine.options(case, by=person, at=THURSDAY):
                assert option.open or option.reasons
                assert option.clause
                assert option.number
                if not any(reason.kind in ("state", "post") for reason in option.reasons):
                    found.setdefault(option.name, set()).add(username)
        assert found == wanted, state
