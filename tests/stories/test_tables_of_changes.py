"""Who may do what in which state of 签约变更, 退房退款 and 推荐: written by hand from the SOP (document I, 四, 十, 十三)."""

from __future__ import annotations

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.process import Process
from guiju.sales.processes.contract_change import CONTRACT_CHANGE
from guiju.sales.processes.referral import REFERRAL
from guiju.sales.processes.refund import REFUND
from tests.stories import changing
from tests.stories.changing import THURSDAY
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_contract_change_story import contracted
from tests.stories.test_referral_story import slip
from tests.stories.test_refund_story import APPLIED, asked, bought

SELLERS = {"lin", "luo", "song"}
HANDLERS = {"wu", "deng"}
DESK = {"yu", "wu", "deng", "tang"}
Table = dict[str, dict[str, set[str]]]

# state -> step -> who may (by sign-in name); a step that is not named may be taken by nobody.
STOP = {"withdraw": SELLERS | HANDLERS | {"zhou"}}
LEADERS = {"zhou", "sun"}
CHECK = {"check_payment": {"he", "zhou", "tang"}}
REFUNDS: Table = {
    "applied": {
        "talk": SELLERS | HANDLERS | {"gao", "zhou"}, "calculate": HANDLERS, "submit": HANDLERS, **STOP,
        "refuse": LEADERS, "litigate": LEADERS,
    },
    "talked": {"calculate": HANDLERS, "submit": HANDLERS, **STOP, "refuse": LEADERS, "litigate": LEADERS},
    "approved": {"sign_agreement": HANDLERS, "prepare": HANDLERS | {"he"}, **STOP, "litigate": LEADERS},
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


def who_may(house: House, case: Case, process: Process, table: Table) -> None:
    """Put the case into each state, and ask of everybody what the table says."""
    assert {state for step in process.steps for state in (*(s.value for s in step.when), *((step.to.value,) if step.to else ()))} == set(table)  # fmt: skip
    for state, wanted in table.items():
        closed = process.state(state) in process.ends
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


@pytest.mark.clause("I-5.10-0a", "I-5.10-0b")
def test_in_each_state_of_a_refund_each_step_is_open_to_these_posts_and_no_others(house: House):
    bought(house)
    who_may(house, asked(house, at=APPLIED), REFUND, REFUNDS)


@pytest.mark.clause("I-5.4-0")
def test_in_each_state_of_a_contract_change_each_step_is_open_to_these_posts_and_no_others(house: House):
    contracted(house)
    plan = [{"name": "房款", "amount": "1960000.00", "due_date": "2027-01-31"}]
    case = changing.asked(house, "plan", process="contract_change", plan=plan)
    who_may(house, case, CONTRACT_CHANGE, CHANGES)


@pytest.mark.clause("I-5.13-0")
def test_in_each_state_of_a_referral_each_step_is_open_to_these_posts_and_no_others(house: House):
    bought(house, loan=False, names=("苏清越",))
    who_may(house, slip(house, at=WEDNESDAY), REFERRAL, REFERRALS)
