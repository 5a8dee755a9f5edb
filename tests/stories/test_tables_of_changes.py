"""
Who may do what in which state of 认购变更, 签约变更, 退房退款 and 推荐: written by hand from the SOP (document I, 二, 四, 十,
十三).
"""

from __future__ import annotations

import pytest

from tests.stories import changing
from tests.stories.changing import THURSDAY, work
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_contract_change_story import contracted
from tests.stories.test_referral_story import slip
from tests.stories.test_refund_story import APPLIED, asked, bought
from tests.tables import Table, who_may

SELLERS = {"lin", "luo", "song"}
HANDLERS = {"wu", "deng"}
DESK = {"yu", "wu", "deng", "tang"}

CLERKS = {"wu", "deng", "tang"}
END = {"cancel": SELLERS | {"zhou", "deng"}}
SUBSCRIPTION_CHANGES: Table = {
    "applied": {
        "director_opinion": {"gao"}, "return_to_sales": CLERKS | {"gao", "zhou"}, "reject": {"gao", "zhou"},
        **END,
    },
    "reviewed": {
        "check_and_register": CLERKS, "return_to_sales": CLERKS | {"gao", "zhou"}, "reject": {"gao", "zhou"},
        **END,
    },
    "registered": {
        "finance_check": {"he"}, "report_up": {"zhou"}, "return_to_sales": CLERKS | {"gao", "zhou"},
        "reject": {"gao", "zhou"}, **END,
    },
    "approved": {
        "finance_check": {"he"}, "sign_new": SELLERS | CLERKS, "execute": CLERKS, **END,
    },
    "executed": {"hand_back": CLERKS},
    "returned": {"resubmit": SELLERS, **END},
    "done": {},
    "rejected": {},
    "cancelled": {},
}  # fmt: skip

STOP = {"withdraw": SELLERS | HANDLERS | {"zhou"}}
LEADERS = {"zhou", "sun"}
CHECK = {"check_payment": {"he", "zhou", "tang"}}
REFUNDS: Table = {
    "applied": {
        "talk": SELLERS | HANDLERS | {"gao", "zhou"}, "calculate": HANDLERS, "submit": HANDLERS, **STOP,
        "refuse": LEADERS, "litigate": LEADERS,
    },
    "talked": {"calculate": HANDLERS, "submit": HANDLERS, **STOP, "refuse": LEADERS, "litigate": LEADERS},
    "approved": {"sign_agreement": HANDLERS, "end_by_notice": LEADERS, "prepare": HANDLERS | {"he"}, **STOP, "litigate": LEADERS},
    "releasing": {"pay_bank": {"he"}, "release": HANDLERS | {"yu", "he"}, "execute": {"deng", "zhou"}, **CHECK, **STOP},
    "pay_ready": {"pay": {"he"}, "pay_part": {"he"}, "come_back": {"he"}, **CHECK},
    "paid": {"come_back": {"he"}, "close": {"deng", "zhou"}, **CHECK},
    "closed": {}, "refused": {}, "withdrawn": {}, "litigation": {},
}  # fmt: skip

CANCEL = {"cancel": SELLERS | {"zhou", "deng"}}
BACK = {"return_to_sales": DESK | {"gao", "zhou"}, "reject": {"gao", "zhou"}, **CANCEL}
CHANGES: Table = {
    "applied": {"director_opinion": {"gao"}, **BACK},
    "reviewed": {"check_and_register": DESK, **BACK},
    "registered": {
        "finance_check": {"he"}, "legal_opinion": DESK, "bank_consent": DESK, "report_up": {"zhou"}, **BACK,
    },
    "approved": {"finance_check": {"he"}, "sign_agreement": DESK, **CANCEL},
    "agreed": {"sign_late": DESK, "city_change": DESK, "execute": DESK, **CANCEL},
    "executed": {"hand_back": DESK},
    "returned": {"resubmit": SELLERS | {"wu", "yu"}, **CANCEL},
    "done": {}, "rejected": {}, "cancelled": {},
}  # fmt: skip

LAPSE = {"expire": HANDLERS | {"gao"}}
FALLS = {"claw_back": {"zhou", "he"}}
REFERRALS: Table = {
    "registered": {"consent": SELLERS | HANDLERS, "confirm": {"gao"}, "reject": {"gao"}},
    "confirmed": {"visit": SELLERS | HANDLERS, **LAPSE},
    "visited": {"link_deal": SELLERS | HANDLERS, **LAPSE},
    "deal": {"qualify": HANDLERS | {"zhou"}, **FALLS},
    "eligible": {"claim": SELLERS | HANDLERS, **FALLS},
    "approved": {"pay": {"he"}, **FALLS},
    "paid": {"finish": HANDLERS | {"zhou"}, "claw_back_paid": {"zhou", "he"}, **CHECK},
    "recovering": {"recover": {"he"}, **CHECK},
    "finished": {}, "rejected": {}, "expired": {}, "clawed_back": {},
}  # fmt: skip


@pytest.mark.clause("I-5.2-1a", "I-5.2-1b", "I-5.2-4a", "I-5.2-5f")
def test_in_each_state_of_a_change_each_step_is_open_to_these_posts_and_no_others(house: House):
    house.sealed()
    work()
    case = changing.asked(house, "extend", until_date="2026-12-05")
    assert who_may(case, house.people, at=THURSDAY) == SUBSCRIPTION_CHANGES


@pytest.mark.clause("I-5.10-0a", "I-5.10-0b")
def test_in_each_state_of_a_refund_each_step_is_open_to_these_posts_and_no_others(house: House):
    bought(house)
    assert who_may(asked(house, at=APPLIED), house.people, at=THURSDAY) == REFUNDS


@pytest.mark.clause("I-5.4-0")
def test_in_each_state_of_a_contract_change_each_step_is_open_to_these_posts_and_no_others(house: House):
    contracted(house)
    plan = [{"name": "房款", "amount": "1960000.00", "due_date": "2027-01-31"}]
    case = changing.asked(house, "plan", process="contract_change", plan=plan)
    assert who_may(case, house.people, at=THURSDAY) == CHANGES


@pytest.mark.clause("I-5.13-0")
def test_in_each_state_of_a_referral_each_step_is_open_to_these_posts_and_no_others(house: House):
    bought(house, loan=False, names=("苏清越",))
    assert who_may(slip(house, at=WEDNESDAY), house.people, at=THURSDAY) == REFERRALS
