"""Who may do what in which state of a reception: written by hand from the SOP (documents A and D)."""

from guiju.kernel import engine
from tests.stories.at_the_desk import desk
from tests.stories.conftest import WEDNESDAY, house
from tests.tables import Table, who_may

__all__ = ["desk", "house"]

# Whoever is asked first answers for it; leaders, tills, seals and quality receive nobody.
ANYBODY = {"zhou", "tang", "deng", "wu", "yu", "xu", "ma", "lin", "luo", "song", "wei"}
DESK = {"zhou", "tang", "wu", "ma"}
ALWAYS = {
    "identify", "note_down", "link_recording", "promise", "keep_promise", "follow_up", "followed_up", "ask_transfer",
    "accept_transfer", "refuse_transfer", "end_contact", "close",
}  # fmt: skip
WRITES = {"reply_letter": DESK, "return_ticket": DESK}

TABLE: Table = {
    "received": dict.fromkeys(ALWAYS | {"welcome", "answer", "hand_on"}, ANYBODY) | WRITES | {"void": DESK},
    "handed": dict.fromkeys(ALWAYS, ANYBODY) | WRITES,
    "waiting": dict.fromkeys(ALWAYS | {"answer", "hand_on"}, ANYBODY) | WRITES,
    "closed": {},
    "voided": {},
}  # fmt: skip


def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(desk):
    known = ANYBODY | {"qian", "sun", "gao", "he", "fang", "zheng", "jiang", "admin"}
    people = {name: person for name, person in desk.house.people.items() if name in known}
    assert who_may(desk.receive(), people, at=WEDNESDAY) == TABLE


def test_every_locked_act_says_why_and_by_which_clause(desk):
    case = desk.receive()

    for person in desk.house.people.values():
        for option in engine.options(case, by=person, at=WEDNESDAY):
            assert option.open or option.reasons
            assert all(reason.text for reason in option.reasons)
            assert option.clause
            assert option.number
