"""Who may do what in which state of a subscription: written by hand from the SOP (document I, process 一)."""

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.sales.processes.subscription import SUBSCRIPTION, Is
from tests.stories.conftest import WEDNESDAY, House

DESK = {"wu", "deng", "ma", "tang"}
CLERKS = {"wu", "deng"}
SELLERS = {"lin", "luo", "song"}

# state -> step -> who may (by sign-in name); a step that is not named may be taken by nobody.
TABLE: dict[str, dict[str, set[str]]] = {
    "locked": {"hand_in": SELLERS, "release": SELLERS | {"gao", "deng"}, "cancel": {"zhou"}},
    "signed": {
        "correct": CLERKS,
        "director_sign": {"gao"},
        "return_to_sales": {"gao"} | CLERKS,
        "choose_bank": SELLERS | CLERKS,
        "record_death": CLERKS | {"zhou"},
        "release": SELLERS | {"gao", "deng"},
        "cancel": {"zhou"},
    },
    "reviewed": {
        "correct": CLERKS,
        "check_and_register": CLERKS,
        "return_to_sales": {"gao"} | CLERKS,
        "choose_bank": SELLERS | CLERKS,
        "record_death": CLERKS | {"zhou"},
        "release": SELLERS | {"gao", "deng"},
        "cancel": {"zhou"},
    },
    "registered": {
        "correct": CLERKS,
        "confirm_deposit": {"he"},
        "part_deposit": {"he"},
        "bounce_deposit": {"he"},
        "collect_papers": DESK,
        "residence_permit": DESK,
        "remind_residence": DESK,
        "hand_out_list": DESK,
        "choose_bank": SELLERS | CLERKS,
        "record_death": CLERKS | {"zhou"},
        "release": SELLERS | {"gao", "deng"},
        "reissue": CLERKS,
        "cancel": {"zhou"},
    },
    "paid": {
        "correct": CLERKS,
        "seal": {"fang"},
        "confirm_more": {"he"},
        "bounce_deposit": {"he"},
        "collect_papers": DESK,
        "residence_permit": DESK,
        "remind_residence": DESK,
        "hand_out_list": DESK,
        "choose_bank": SELLERS | CLERKS,
        "record_death": CLERKS | {"zhou"},
        "reissue": CLERKS,
        "cancel": {"zhou"},
    },
    "sealed": {
        "correct": CLERKS,
        "collect_papers": DESK,
        "residence_permit": DESK,
        "remind_residence": DESK,
        "hand_out_list": DESK,
        "choose_bank": SELLERS | CLERKS,
        "set_signing_date": CLERKS,
        "remind_signing": CLERKS | SELLERS,
        "extend": {"deng"} | SELLERS,
        "deliver_notice": CLERKS,
        "record_death": CLERKS | {"zhou"},
        "reissue": CLERKS,
        "decide_default": {"zhou"},
        "cancel": {"zhou"},
    },
    "converted": {},
    "released": {},
    "voided": {},
    "defaulted": {},
    "swapped": {},
    "cancelled": {},
}


def test_the_table_names_every_state():
    assert set(TABLE) == {state.value for state in Is}


@pytest.mark.parametrize("state", list(TABLE))
def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(house: House, state: str):
    case = house.sealed()
    closed = SUBSCRIPTION.state(state) in SUBSCRIPTION.ends
    Case.objects.filter(pk=case.pk).update(state=state, closed_at=WEDNESDAY if closed else None)
    case.refresh_from_db()

    found: dict[str, set[str]] = {}
    for username, person in house.people.items():
        for option in engine.options(case, by=person, at=WEDNESDAY):
            if not any(reason.kind in ("state", "post") for reason in option.reasons):
                found.setdefault(option.name, set()).add(username)

    assert found == TABLE[state]


def test_every_locked_act_says_why_and_by_which_clause(house: House):
    case = house.sealed()

    for person in house.people.values():
        for option in engine.options(case, by=person, at=WEDNESDAY):
            assert option.open or option.reasons
            assert all(reason.text for reason in option.reasons)
            assert option.clause
            assert option.number
