"""Who may do what in which state of a subscription: written by hand from the SOP (document I, process 一)."""

from tests.stories.conftest import WEDNESDAY, House
from tests.tables import Table, who_may

DESK = {"wu", "deng", "ma", "tang"}
CLERKS = {"wu", "deng"}
SELLERS = {"lin", "luo", "song"}

TABLE: Table = {
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


def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(house: House):
    assert who_may(house.sealed(), house.people, at=WEDNESDAY) == TABLE
