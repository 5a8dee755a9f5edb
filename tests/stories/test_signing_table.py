"""Who may do what in which state of a signing: written by hand from the SOP (document I, process 三; J-2.1)."""

from __future__ import annotations

import pytest

from tests.stories.conftest import House
from tests.stories.signing_desk import SIGNING_DAY, Desk
from tests.tables import Table, who_may

CLERKS = {"wu", "deng"}
COUNTER = CLERKS | {"ma", "tang"}
SELLERS = {"lin", "luo", "song"}
CANCEL = {"zhou", "deng"}

AHEAD: dict[str, set[str]] = {
    "reappoint": CLERKS,
    "give_list": COUNTER,
    "check_papers": COUNTER,
    "ask_paper": CLERKS,
    "prepare": CLERKS,
    "note_point": CLERKS | SELLERS,
    "check_points": {"gao", "zhou"},
    "propose_clause": CLERKS | SELLERS,
    "release_clause": {"zhou", "sun"},
    "review_service": SELLERS | {"gao"},
    "collect_text": SELLERS,
    "return_text": CLERKS | SELLERS,
    "check_money": {"he"},
    "cancel": CANCEL,
}
TABLE: Table = {
    "booked": AHEAD | {"draft": CLERKS},
    "drafted": AHEAD | {"redraft": CLERKS, "check_signatures": CLERKS, "sign": CLERKS},
    "signed": {
        "check_papers": COUNTER,
        "review": {"zhou", "tang", "deng"},
        "send_back": {"zhou", "tang", "deng"},
        "cancel": CANCEL,
    },
    "reviewed": {"check_papers": COUNTER, "take_over": {"wu", "yu", "xu"}, "cancel": CANCEL},
    "taken_over": {"check_papers": COUNTER, "archive": {"wu", "xu"}, "cancel": CANCEL},
    "archived": {},
    "cancelled": {},
}


@pytest.mark.clause("J-2.1-a", "I-5.3-3b", "I-2.1-m")
def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(house: House):
    case = Desk(house).stocked().booked()

    assert who_may(case, house.people, at=SIGNING_DAY) == TABLE
