"""Who may do what in which state of a reception: written by hand from the SOP (documents A and D)."""

import pytest

from guiju.desk.processes.reception import RECEPTION, Is
from guiju.kernel import engine
from guiju.kernel.models import Case
from tests.stories.at_the_desk import desk
from tests.stories.conftest import WEDNESDAY, house

__all__ = ["desk", "house"]

# Whoever is asked first answers for it; leaders, tills, seals and quality receive nobody.
ANYBODY = {"zhou", "tang", "deng", "wu", "yu", "xu", "ma", "lin", "luo", "song", "wei"}
DESK = {"zhou", "tang", "wu", "ma"}
ALWAYS = {
    "identify", "note_down", "link_recording", "promise", "keep_promise", "follow_up", "followed_up", "ask_transfer",
    "accept_transfer", "refuse_transfer", "end_contact", "close",
}  # fmt: skip

# state -> step -> who may; a step that is not named may be taken by nobody.
TABLE: dict[str, dict[str, set[str]]] = {
    "received": dict.fromkeys(ALWAYS | {"welcome", "answer", "hand_on"}, ANYBODY) | {"reply_letter": DESK, "void": DESK},
    "handed": dict.fromkeys(ALWAYS, ANYBODY) | {"reply_letter": DESK},
    "waiting": dict.fromkeys(ALWAYS | {"answer", "hand_on"}, ANYBODY) | {"reply_letter": DESK},
    "closed": {},
    "voided": {},
}  # fmt: skip


def test_the_table_names_every_state():
    assert set(TABLE) == {state.value for state in Is}


@pytest.mark.parametrize("state", list(TABLE))
def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(desk, state):
    case = desk.receive()
    closed = RECEPTION.state(state) in RECEPTION.ends
    Case.objects.filter(pk=case.pk).update(state=state, closed_at=WEDNESDAY if closed else None)
    case.refresh_from_db()

    found: dict[str, set[str]] = {}
    for username, person in desk.house.people.items():
        if username not in set().union(*TABLE["received"].values()) | {
            "qian", "sun", "gao", "he", "fang", "zheng", "jiang", "admin",
        }:  # fmt: skip
            continue
        for option in engine.options(case, by=person, at=WEDNESDAY):
            if not any(reason.kind in ("state", "post") for reason in option.reasons):
                found.setdefault(option.name, set()).add(username)

    assert found == TABLE[state]


def test_every_locked_act_says_why_and_by_which_clause(desk):
    case = desk.receive()

    for person in desk.house.people.values():
        for option in engine.options(case, by=person, at=WEDNESDAY):
            assert option.open or option.reasons
            assert all(reason.text for reason in option.reasons)
            assert option.clause
            assert option.number
