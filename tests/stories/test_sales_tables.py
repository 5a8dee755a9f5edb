"""
Who may do what in which state of a contract approval, a filing and a loan: written by hand from the SOP (document I,
processes 五 and 六; 2.2). A step that is not named may be taken by nobody; what stands in the way is asked elsewhere.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from guiju.org.models import Person
from guiju.sales.models import Contract
from tests.sales.loans import Loans, after
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.signed import contract, opened
from tests.tables import Table, who_may

pytestmark = pytest.mark.django_db
AFTER = WEDNESDAY + timedelta(days=2, hours=6)

# One person of each post that could have to do with it.
ASKED = ("wu", "deng", "yu", "tang", "zhou", "lin", "gao", "he", "fang", "sun", "xu")
CLERKS = {"wu", "deng"}
HEADS = {"zhou", "deng"}

# --- contract approval (五): clerk and supervisor fill in, the keeper seals, who finds a mistake sends it back --------
REDO = CLERKS | {"zhou", "he", "fang"}
APPROVAL: Table = {
    "draft": {"prepare": CLERKS, "legal": HEADS, "enter_city": CLERKS | {"yu"}, "cancel": HEADS},
    "prepared": {
        "legal": HEADS, "enter_city": CLERKS | {"yu"}, "submit": CLERKS, "redo": REDO, "cancel": HEADS,
    },
    "approved": {"enter_city": CLERKS | {"yu"}, "redo": REDO, "seal": {"fang"}, "cancel": HEADS},
    "sealed": {},
    "cancelled": {},
}  # fmt: skip

# --- filing (五): the registration group with the signing group; taken off the file also by the assistant manager -----
FILERS = CLERKS | {"yu"}
PREPARING = dict.fromkeys(("collect", "chase", "enter_city", "compare", "submit", "outage"), FILERS) | {"cancel": HEADS}  # fmt: skip
AT_CITY = dict.fromkeys(("outage", "return_by_city", "file"), FILERS) | {"cancel": HEADS}
OFF = {"ask_withdrawal": FILERS | {"tang"}, "cancel": HEADS}
FILING: Table = {
    "collecting": PREPARING,
    "returned": PREPARING,
    "submitted": AT_CITY | {"accept": FILERS},
    "accepted": AT_CITY,
    "filed": OFF | dict.fromkeys(("tell_buyer", "hand_copies", "apply_pre_notice", "pre_notice", "finish"), FILERS),
    "pre_noted": OFF | dict.fromkeys(("tell_buyer", "hand_copies", "first_registration", "title_applied"), FILERS),
    "kept": OFF | {"title_applied": FILERS},
    "withdrawing": {"withdraw": FILERS, "cancel": HEADS},
    "done": {},
    "withdrawn": {},
    "cancelled": {},
}  # fmt: skip

# --- mortgage (六; 2.2): the desk works, sales helps to chase, the till books money, heads stop and cancel -----------
DESK = CLERKS | {"yu", "tang"}
CHASERS = DESK | {"lin"}
TILL = {"he"}
STOPPERS = {"deng", "tang", "zhou"}
ALWAYS = {"exchange": DESK, "raise_problem": DESK, "solve_problem": DESK, "deliver": DESK, "cancel": HEADS}
BEFORE_PAYOUT = ALWAYS | {
    "appoint_lawyer": DESK, "letter": DESK, "chase": CHASERS, "receive_papers": CHASERS, "require_paper": DESK,
    "answer": CHASERS, "treat_as_late": {"zhou"}, "switch_bank": DESK,
}  # fmt: skip
STOPPABLE = {"hold_payout": STOPPERS, "go_on": STOPPERS}
GATHERING = BEFORE_PAYOUT | STOPPABLE | {
    "choose_bank": CHASERS, "adjust_amount": DESK, "plan_interview": DESK,
}  # fmt: skip
GRANTED = BEFORE_PAYOUT | STOPPABLE | {"refuse": DESK, "press_bank": DESK}
MORTGAGE: Table = {
    "imported": {
        "split": DESK, "take_up": DESK, "take_up_submitted": DESK, "take_up_approved": DESK, "take_up_paid": TILL,
        "cancel": HEADS,
    },
    "collecting": GATHERING | {"complete_papers": DESK},
    "complete": GATHERING | {"interview": DESK},
    "interviewed": BEFORE_PAYOUT | STOPPABLE | {"adjust_amount": DESK, "submit": DESK},
    "submitted": BEFORE_PAYOUT | STOPPABLE | {
        "approve": DESK, "approve_less": DESK, "ask_supplement": DESK, "refuse": DESK, "press_bank": DESK,
    },
    "supplement": BEFORE_PAYOUT | STOPPABLE | {"supplied": DESK, "refuse": DESK},
    "less": BEFORE_PAYOUT | {"top_up": DESK},
    "refused": BEFORE_PAYOUT,
    "expired": BEFORE_PAYOUT | {"resubmit": DESK},
    "approved": GRANTED | {"sign_loan": DESK},
    "contracted": GRANTED | {"register_mortgage": DESK},
    "waiting": GRANTED | {"open_gate": DESK},
    "ready": GRANTED | {"ask_payout": DESK},
    "asked": GRANTED | {"disburse_part": TILL, "disburse": TILL},
    "disbursed": ALWAYS | {
        "set_repayment": DESK, "report_arrears": DESK, "chase_repayment": DESK, "settle_arrears": DESK | TILL,
        "ask_to_pay": DESK, "pay_for_buyer": TILL,
        "check_payment": {"he", "tang", "zhou"}, "recover": {"he", "tang"}, "release_guarantee": DESK, "record_payoff": DESK | TILL, "paid_off": DESK | TILL,
    },
    # A buyer may leave after the guarantee ended, too: the bank first.
    "released": {"record_payoff": DESK | TILL, "paid_off": DESK | TILL, "check_payment": {"he", "tang", "zhou"}},
    "cancelled": {},
}  # fmt: skip
# "expire" is the clock's in these states; people who hold the desk may see to it, too.
for state in ("less", "approved", "contracted", "waiting", "ready", "asked"):
    MORTGAGE[state] = MORTGAGE[state] | {"expire": DESK}


def asked(house: House) -> dict[str, Person]:
    return {name: house.people[name] for name in ASKED}


@pytest.mark.clause("I-5.5-0a", "I-5.5-0b", "I-3.1-f", "I-3.1-m")
def test_in_each_state_of_approval_and_filing_each_step_is_open_to_these_posts(house: House):
    made = contract(house, house.sealed(), signed=date(2026, 11, 20))
    case = opened(house, "contract_approval", made, "deng", AFTER)
    assert who_may(case, asked(house), at=AFTER) == APPROVAL
    Contract.objects.filter(pk=made.pk).update(sealed_at=AFTER)
    case = opened(house, "presale_filing", made, "yu", AFTER)
    assert who_may(case, asked(house), at=AFTER) == FILING


@pytest.mark.clause("I-5.6-0", "I-2.2-b", "I-3.1-n")
def test_in_each_state_of_a_loan_each_step_is_open_to_these_posts(house: House):
    loans = Loans(house)
    case = loans.case(loans.signed("苏清越"))
    assert who_may(case, asked(house), at=after(3)) == MORTGAGE
