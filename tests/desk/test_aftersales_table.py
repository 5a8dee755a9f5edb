"""Who may do what in which state of an after-sales case and of a visit: written by hand from documents C, E, F and H."""

from tests.desk.servicing import MORNING, Service
from tests.tables import who_may

CARE = {"shen", "wu", "tang", "duan"}
DESK = CARE | {"ma"}
DISPATCH = CARE | {"guo"}
SUPERIORS = {"zhou", "tang", "sun", "qian"}
TESTERS = {"ling", "guo", "duan", "shen", "wu"}
WORKERS = {"shen", "wu", "guo", "wei", "du", "kang"}
ON_SITE = {"wei", "du", "kang", "guo"}

ALWAYS = {
    "follow": DESK, "coordinate": DISPATCH, "note_result": DISPATCH, "transfer": CARE | {"zhou"},
    "accept": DESK | {"zhou"}, "decline": DESK | {"zhou"}, "mark_important": DESK | {"zhou"}, "report": CARE,
    "read_report": SUPERIORS, "step_in": SUPERIORS, "link_repeat": CARE, "correct": CARE | {"zhou"}, "promise": DESK,
    "keep_promise": DESK, "return_ticket": DESK,
}  # fmt: skip
WHILE_WORKED = ALWAYS | {
    "agree_date": CARE, "cannot_solve": DESK | {"guo"}, "wait": DISPATCH, "resume": DISPATCH,
}  # fmt: skip
BEFORE = WHILE_WORKED | {"withdraw": DESK}
REVIEW = {"review_report": SUPERIORS | {"duan", "zheng"}}
DIAGNOSES = {"diagnose_on_site": CARE, "diagnose_remote": CARE}

AFTER_SALES = {
    "received": BEFORE | DIAGNOSES | {"contact": DESK, "miss": DESK},
    "contacted": BEFORE | DIAGNOSES | {"propose": CARE},
    "diagnosed": BEFORE | {"propose": CARE, "consent": DESK, "arrange": DISPATCH, "remote_failed": CARE},
    "proposed": BEFORE | {
        "consent": DESK, "refuse": DESK, "arrange": DISPATCH, "remote_failed": CARE, "close_unsolved": CARE,
    },
    "negotiating": BEFORE | {"propose": CARE, "arrange": DISPATCH, "close_unsolved": CARE},
    "agreed": BEFORE | {"arrange": DISPATCH, "remote_failed": CARE, "finish": WORKERS},
    "working": WHILE_WORKED | {"remote_failed": CARE, "finish": WORKERS},
    "done": WHILE_WORKED | REVIEW | {"test": TESTERS, "fail_test": TESTERS, "close": CARE},
    "tested": ALWAYS | REVIEW | {
        "miss": DESK, "confirm": DESK, "unsolved": DESK, "close": CARE, "close_unsolved": CARE,
    },
    "confirmed": ALWAYS | REVIEW | {
        "unsolved": DESK, "rate": DESK, "leave_unrated": DESK, "close": CARE, "close_unsolved": CARE,
    },
    "closed": {"reopen": DESK},
    "unsolved": {"reopen": DESK},
    "withdrawn": {},
}  # fmt: skip

VISITS = {
    "requested": {"offer": DISPATCH, "agree": DISPATCH | {"ma"}, "assign": DISPATCH, "cancel": DISPATCH},
    "offered": {"offer": DISPATCH, "agree": DISPATCH | {"ma"}, "assign": DISPATCH, "cancel": DISPATCH},
    "booked": {
        "move": DISPATCH | {"ma"}, "assign": DISPATCH, "cancel": DISPATCH, "depart": ON_SITE, "arrive": ON_SITE,
        "call_late": ON_SITE | {"shen", "wu"}, "customer_absent": ON_SITE, "we_missed": DISPATCH,
    },
    "en_route": {
        "move": DISPATCH | {"ma"}, "arrive": ON_SITE, "call_late": ON_SITE | {"shen", "wu"},
        "customer_absent": ON_SITE, "we_missed": DISPATCH,
    },
    "arrived": {"start": ON_SITE, "customer_absent": ON_SITE, "entry_refused": ON_SITE},
    "working": {
        "inspect": ON_SITE, "use": ON_SITE, "ask": ON_SITE, "leave_unfinished": ON_SITE, "finish": ON_SITE,
    },
    "waiting": {"assign": DISPATCH, "material_arrived": DISPATCH, "cancel": DISPATCH},
    "finished": {"sign": ON_SITE, "close_unsigned": ON_SITE},
    "signed": {},
    "unsigned": {},
    "cancelled": {},
}  # fmt: skip


def test_in_each_state_of_an_after_sales_case_each_step_is_open_to_these_posts_and_no_others(
    service: Service,
):
    assert who_may(service.agreed(), service.people, at=MORNING) == AFTER_SALES


def test_in_each_state_of_a_visit_each_step_is_open_to_these_posts_and_no_others(service: Service):
    assert who_may(service.booked().case, service.people, at=MORNING) == VISITS
