"""Who may do what in which state of the processes of quality: written by hand from the SOPs (K-2, I-2.8, J-2.8, J-2.11)."""

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.process import processes
from guiju.quality.people import ANYBODY
from tests.stories.conftest import WEDNESDAY, House
from tests.tables import who_may

FRONT = {"wu", "ma", "tang", "zhou"}
SITE = {"wei"}
QUALITY = {"zheng"}
LEADERS = {"zhou", "tang", "sun", "qian"}
EVERYBODY = {
    "qian", "sun", "zhou", "tang", "deng", "wu", "yu", "xu", "ma", "gao", "lin", "luo", "song", "he", "fang", "zheng", "wei",
}  # fmt: skip
BESIDE = {
    "contact": FRONT, "leave": FRONT, "feedback": FRONT | SITE | QUALITY, "reply": FRONT, "reply_letter": FRONT, "return_ticket": FRONT,
    "coordinate": FRONT | QUALITY, "set_level": FRONT | QUALITY | {"sun", "qian"}, "assign": LEADERS,
    "upset": EVERYBODY, "incident": FRONT | SITE | QUALITY | {"sun", "qian"}, "review": LEADERS | QUALITY,
    "join": FRONT | QUALITY, "corrective": QUALITY | {"zhou", "wu"}, "promise": FRONT | SITE | QUALITY,
    "keep_promise": FRONT | SITE | QUALITY,
}  # fmt: skip
CLASSIFY = {"classify": FRONT | QUALITY}
COMPLAINT = {
    "recorded": BESIDE | CLASSIFY | {"talk": FRONT, "plan": FRONT, "close": FRONT},
    "planned": BESIDE | CLASSIFY | {"hand_over": FRONT},
    "handed": BESIDE | CLASSIFY | {"judge": QUALITY, "opine": QUALITY},
    "judged": BESIDE | CLASSIFY | {"delegate": QUALITY},
    "delegated": BESIDE | {"delegate": QUALITY, "read": SITE, "arrive": SITE},
    "onsite": BESIDE | {"investigate": SITE, "decide": SITE | QUALITY},
    "handling": BESIDE | {"execute": SITE},
    "executed": BESIDE
    | {"check": QUALITY, "confirm": SITE | {"wu", "tang"}, "rework": SITE | QUALITY | {"wu", "tang"}},
    "confirmed": BESIDE | {"hand_in": SITE, "rework": SITE | QUALITY | {"wu", "tang"}},
    "back": BESIDE | {"close": FRONT, "rework": SITE | QUALITY | {"wu", "tang"}},
    "done": {"reopen": FRONT | QUALITY},
    "left": {"reopen": FRONT | QUALITY},
    "open": {"settle": FRONT | QUALITY, "take_up": FRONT | QUALITY},
    "closed": {},
}
MEMO = {
    "sent": {"receive": EVERYBODY, "forward": EVERYBODY, "withdraw": EVERYBODY},
    "received": {"forward": EVERYBODY, "analyse": EVERYBODY, "answer": EVERYBODY, "withdraw": EVERYBODY},
    "replied": {"send_back": EVERYBODY, "finish": EVERYBODY},
    "done": {},
    "withdrawn": {},
}
CHECKERS = {"zheng", "zhou", "sun"}
CORRECTIVE = {
    "raised": {"issue": CHECKERS | {"qian"}, "drop": CHECKERS},
    "issued": {"acknowledge": EVERYBODY, "dispute": EVERYBODY},
    "taken": {"correct": EVERYBODY, "analyse": EVERYBODY, "plan": EVERYBODY},
    "doing": {"report": EVERYBODY},
    "reported": {"verify": CHECKERS, "refuse": CHECKERS},
    "verified": {"evaluate": CHECKERS, "reissue": CHECKERS},
    "closed": {}, "reissued": {}, "dropped": {},
}  # fmt: skip
HANDLERS = {"wu", "tang", "zhou", "deng", "yu"}
LISTENERS = HANDLERS | {"ma", "lin", "luo", "song", "gao"}
TALK = {"report": HANDLERS, "instruct": {"sun", "qian"}, "promise": HANDLERS, "keep_promise": HANDLERS}
DISPUTE = {
    "heard": {"write": LISTENERS, "explain": HANDLERS, "investigate": HANDLERS},
    "written": TALK | {"explain": HANDLERS, "investigate": HANDLERS},
    "explained": TALK
    | {"explain": HANDLERS, "investigate": HANDLERS, "settle": HANDLERS, "end": {"zhou", "sun"}},
    "inquired": TALK | {"explain": HANDLERS},
    "settled": {},
    "ended": {},
}
DESK = {"wu", "tang", "zhou"}
COMPENSATION = {
    "proposed": {"approve": DESK | QUALITY, "drop": {"tang", "zhou", "sun"}},
    "approved": {"agree": DESK, "drop": {"tang", "zhou", "sun"}},
    "agreed": {"pay": {"he"}},
    "paid": {},
    "dropped": {},
}
MONEY = {"verify_retention": {"he", "zhou"}}
WORK = {
    "dispatched": MONEY
    | {
        "accept": {"wu", "tang", "zheng"},
        "refuse": {"wu", "tang", "zheng"},
        "cancel": {"zhou", "zheng"},
    },
    "working": MONEY
    | {
        "refuse": {"wu", "tang", "zheng"},
        "report": {"wu", "tang", "zheng", "wei"},
        "cancel": {"zhou", "zheng"},
    },
    "refused": MONEY
    | {
        "accept": {"wu", "tang", "zheng"},
        "replace": {"zhou", "zheng", "sun"},
        "cancel": {"zhou", "zheng"},
    },
    "done": MONEY | {"inspect": {"zheng"}, "redo": {"zheng"}},
    "accepted": MONEY
    | {
        "add_damages": {"he", "zhou"},
        "charge": {"he", "zhou"},
        "claim": {"he", "zhou", "zheng"},
        "recover": {"he"},
        "bear": {"zhou", "sun"},
        "finish": {"wu", "tang", "zheng", "zhou"},
    },
    "finished": {},
    "cancelled": {},
}
TABLES = {
    "complaint": COMPLAINT, "internal_memo": MEMO, "corrective_action": CORRECTIVE, "dispute": DISPUTE,
    "compensation": COMPENSATION, "contractor_work": WORK,
}  # fmt: skip
GIVEN = {
    "complaint": {"words": "渗水", "quality": True},
    "internal_memo": {"to_post": "quality", "subject": "请核实", "content": "请核实渗水"},
    "corrective_action": {"fact": "没有附加防水层", "department_name": "工程部"},
    "dispute": {"complainant": "苏清越", "subject": "面积误差"},
    "compensation": {"payee": "苏清越", "ground": "泡坏地板", "amount": "3200"},
    "contractor_work": {"contractor": "恒筑防水", "scope": "重做防水"},
}


def test_whoever_acts_at_all_may_record_a_complaint_and_send_a_memo():
    assert (
        set(processes()["complaint"].opening.by)
        == set(ANYBODY)
        == set(processes()["internal_memo"].opening.by)
    )


@pytest.mark.parametrize("name", list(TABLES))
def test_in_each_state_each_step_is_open_to_these_posts_and_no_others(house: House, name: str):
    event = engine.open_case(
        name,
        by=house.wu,
        at=WEDNESDAY,
        given=GIVEN[name],
        chain_id=house.project.company_id,
        scope_id=house.project.pk,
    )
    found = who_may(Case.objects.get(pk=event.case_id), house.people, at=WEDNESDAY)
    shown = {state: {step: who & EVERYBODY for step, who in here.items()} for state, here in found.items()}
    assert shown == TABLES[name]
