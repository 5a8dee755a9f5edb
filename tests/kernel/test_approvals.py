"""Approvals: a step with a chain is asked for, decided seat by seat, and taken as its requester (DECISIONS 5)."""

from datetime import timedelta

import pytest

from guiju.kernel import acts, approvals, chain, engine
from guiju.kernel.models import ApprovalRequest, Event, Todo, Vote
from guiju.kernel.policy import ApprovalSeat, StepPolicy
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost, SomebodyWasFaster

from . import toy
from .toy import FRIDAY, HE, LIN, QIAN, SUN, WU, ZHOU

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
ORDERED = ((1, "cs_manager"), (2, "deputy_gm"))
PARALLEL = ((1, "cs_manager"), (1, "deputy_gm"))


@pytest.fixture
def asked(install, ask):
    """A case whose payment was asked for; says only the chain and what matters."""

    def make(*seats, by=LIN, amount="300", prepare=None, **said):
        people, _ = install(toy.with_approval(*seats, **said))
        if prepare:
            prepare(people)
        toy.fill_pot(1000)
        case = ask()
        engine.advance(case, "check", by=LIN, at=FRIDAY)
        engine.advance(case, "pay", by=by, at=LATER, given={"amount": amount})
        case.refresh_from_db()
        return case

    return make


def request_of(case):
    return ApprovalRequest.objects.get(case=case)


def vote(case, by, decision="yes", reason="", at=LATER, **words):
    return acts.vote(request_of(case).pk, decision=decision, by=by, at=at, reason=reason, **words)


def state(case):
    case.refresh_from_db()
    return case.state, request_of(case).state, case.pending_request_id is not None


def refused(kind, case, act):
    before = toy.whole(case)
    with pytest.raises(kind) as caught:
        act()
    assert toy.whole(case) == before
    return [reason.text for reason in caught.value.reasons]


def todos(case):
    return sorted(Todo.objects.filter(case=case).values_list("act", "post"))


def test_asking_leaves_state_and_clocks_as_they_are_and_stores_what_was_given(asked):
    case = asked(*ORDERED)

    assert state(case) == ("checked", "pending", True)
    assert toy.in_pot() == 1000
    assert sorted(case.clocks.values_list("name", "state")) == [
        ("answer", "met"), ("finish", "running"), ("law", "running"), ("meet", "running"),
    ]  # fmt: skip
    assert approvals.given_of(request_of(case)) == {"amount": "300"}
    assert toy.story(case)[-1] == ("request:pay", "checked", "checked", "林")


def test_the_chain_is_asked_in_its_order_and_the_last_yes_takes_the_step_as_the_requester(asked):
    case = asked(*ORDERED)
    assert todos(case) == [("approve:1", "cs_manager")]
    assert refused(NotYourPost, case, lambda: vote(case, ZHOU)) == ["现在等客服经理审批"]

    vote(case, WU)
    assert state(case) == ("checked", "pending", True)
    assert todos(case) == [("approve:2", "deputy_gm")]

    vote(case, ZHOU, reason="同意")
    assert state(case) == ("paid", "taken", False)
    assert toy.in_pot() == 700
    assert toy.story(case)[2:] == [
        ("request:pay", "checked", "checked", "林"),
        ("vote:pay", "checked", "checked", "吴"),
        ("vote:pay", "checked", "checked", "周"),
        ("pay", "checked", "paid", "林"),
    ]
    taken = Event.objects.get(case=case, step="pay")
    assert chain.open_body(taken.body)["approval"]["votes"] == [["cs_manager", WU.pk], ["deputy_gm", ZHOU.pk]]


def test_parallel_seats_vote_in_any_order_and_all_count(asked):
    case = asked(*PARALLEL)
    assert todos(case) == [("approve:1", "cs_manager"), ("approve:2", "deputy_gm")]

    vote(case, ZHOU)
    vote(case, WU)

    assert state(case) == ("paid", "taken", False)


@pytest.mark.parametrize(
    ("amount", "seats"), [("500", ["cs_manager"]), ("500.01", ["cs_manager", "deputy_gm"])]
)
def test_a_seat_with_a_condition_is_asked_only_when_it_holds(asked, amount, seats):
    case = asked((1, "cs_manager"), ApprovalSeat(2, "deputy_gm", "amount > 500"), amount=amount)

    assert [seat["post"] for seat in request_of(case).chain] == seats


def test_without_a_seat_whose_condition_holds_the_step_is_simply_taken(asked):
    case = asked(ApprovalSeat(1, "deputy_gm", "amount > 500"), amount="300")

    assert case.state == "paid"
    assert not ApprovalRequest.objects.exists()


def test_the_step_is_asked_for_only_when_it_could_be_taken(install, ask):
    install(toy.with_approval(*ORDERED))
    toy.fill_pot(100)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)

    with pytest.raises(NotReady, match="款项只剩 100 元"):
        engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "300"})
    assert not ApprovalRequest.objects.exists()


def test_while_a_request_waits_only_notes_withdrawal_and_allowed_steps_pass(asked):
    case = asked(*ORDERED)

    text = "本事项正在审批，审批有结果前只能写备注或撤回申请"
    take = lambda step, **given: engine.advance(case, step, by=LIN, at=LATER, given=given)  # noqa: E731
    assert refused(NotReady, case, lambda: take("wait", reason="等发票")) == [text]
    assert refused(NotReady, case, lambda: take("pay", amount="1")) == [text]
    take("remark", note="已电话催办")
    acts.note(case, text="领导出差", by=LIN, at=LATER)
    assert state(case) == ("checked", "pending", True)


def test_options_say_that_an_approval_is_pending(asked):
    case = asked(*ORDERED)

    (option,) = [o for o in engine.options(case, by=LIN, at=LATER) if o.name == "wait"]

    assert [r.text for r in option.reasons] == ["正在审批，有结果前不能办理"]


# --- returned, refused, withdrawn -----------------------------------------------------------------------------------


def test_returned_goes_back_with_its_reason_and_the_next_round_begins_at_the_first_seat(asked):
    case = asked(*ORDERED)
    vote(case, WU)
    vote(case, ZHOU, "return", "附上发票")
    assert state(case) == ("checked", "returned", True)
    assert todos(case) == [("resubmit", "cs_clerk")]

    acts.resubmit(request_of(case).pk, given={"amount": "200"}, by=LIN, at=LATER)
    assert (request_of(case).round, request_of(case).order) == (2, 1)
    vote(case, WU)
    vote(case, ZHOU)

    assert state(case) == ("paid", "taken", False)
    assert toy.in_pot() == 800
    assert Vote.objects.count() == 4


def test_a_changed_request_is_asked_of_the_seats_that_its_new_figures_need(asked):
    case = asked((1, "cs_manager"), ApprovalSeat(2, "deputy_gm", "amount > 500"), amount="300")
    vote(case, WU, "return", "金额不对")

    acts.resubmit(request_of(case).pk, given={"amount": "800"}, by=LIN, at=LATER)

    assert [seat["post"] for seat in request_of(case).chain] == ["cs_manager", "deputy_gm"]
    vote(case, WU)
    assert state(case) == ("checked", "pending", True)


@pytest.mark.parametrize(
    ("given", "kind", "sentence"),
    [
        ({"amount": "-1"}, BadlyFilled, "金额：应大于 0"),
        ({"amount": "2000"}, NotReady, "款项只剩 1000 元，不够付"),
        ({"amount": "1", "points": {"sung": True}}, BadlyFilled, "没有这个控制要点"),
        ({"amount": "1", "happened_at": "2030-01-01T00:00"}, BadlyFilled, "发生时间：不能晚于现在"),
    ],
)
def test_a_changed_request_is_checked_like_the_step(asked, given, kind, sentence):
    case = asked(*ORDERED)
    vote(case, WU, "return", "金额不对")

    act = lambda: acts.resubmit(request_of(case).pk, given=given, by=LIN, at=LATER)  # noqa: E731
    assert refused(kind, case, act) == [sentence]


def test_a_changed_request_may_name_another_moment_of_the_act(asked):
    case = asked((1, "cs_manager"))
    vote(case, WU, "return", "日期不对")
    done_at = FRIDAY + timedelta(minutes=10)

    acts.resubmit(
        request_of(case).pk, given={"amount": "5", "happened_at": done_at.isoformat()}, by=LIN, at=LATER
    )
    vote(case, WU)

    assert Event.objects.get(case=case, step="pay").happened_at == done_at


def test_only_its_maker_answers_a_returned_request_and_only_a_returned_one(asked):
    case = asked(*ORDERED)
    again = lambda by: acts.resubmit(request_of(case).pk, given={"amount": "5"}, by=by, at=LATER)  # noqa: E731
    assert refused(SomebodyWasFaster, case, lambda: again(LIN)) == ["这个申请没有退回，不需要重新提交"]

    vote(case, WU, "return", "金额不对")

    assert refused(NotYourPost, case, lambda: again(HE)) == ["由原申请人修改后重新提交"]
    assert refused(SomebodyWasFaster, case, lambda: vote(case, ZHOU)) == ["这个申请已有结果，或已退回修改"]


def test_refused_ends_the_request_and_frees_the_case(asked):
    case = asked(*ORDERED)

    vote(case, WU, "no", "不在预算内")

    assert state(case) == ("checked", "refused", False)
    assert todos(case) == [("pay", "cs_clerk")]
    engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "5"})
    assert ApprovalRequest.objects.filter(case=case, state="pending").count() == 1


@pytest.mark.parametrize("decision", ["return", "no"])
def test_returning_and_refusing_need_a_reason(asked, decision):
    case = asked(*ORDERED)

    assert refused(BadlyFilled, case, lambda: vote(case, WU, decision, " ")) == [
        "意见：退回或不同意要写明理由"
    ]


def test_a_decision_is_one_of_three(asked):
    case = asked(*ORDERED)

    assert refused(BadlyFilled, case, lambda: vote(case, WU, "maybe")) == ["请选：同意、退回、不同意"]


def test_the_maker_withdraws_and_nobody_else(asked):
    case = asked(*ORDERED)
    withdraw = lambda by: acts.withdraw(request_of(case).pk, reason="客户改主意", by=by, at=LATER)  # noqa: E731
    assert refused(NotYourPost, case, lambda: withdraw(WU)) == ["只有申请人自己可以撤回"]

    withdraw(LIN)

    assert state(case) == ("checked", "withdrawn", False)
    assert refused(SomebodyWasFaster, case, lambda: withdraw(LIN)) == ["这个申请已有结果，不能撤回"]
    assert refused(SomebodyWasFaster, case, lambda: vote(case, WU)) == ["这个申请已有结果，或已退回修改"]


# --- who may decide -------------------------------------------------------------------------------------------------


def test_nobody_decides_their_own_request(asked):
    case = asked((1, "cs_clerk"), prepare=lambda people: people.give(HE, "cs_clerk"))

    assert refused(NotYourPost, case, lambda: vote(case, LIN)) == ["不能审批自己或自己代理人的申请"]
    vote(case, HE)
    assert state(case)[0] == "paid"


def test_the_requesters_delegate_never_decides(asked):
    def prepare(people):
        people.give(SUN, "cs_manager")
        people.delegate(LIN, SUN)

    case = asked((1, "cs_manager"), prepare=prepare)

    assert refused(NotYourPost, case, lambda: vote(case, SUN)) == ["不能审批自己或自己代理人的申请"]
    vote(case, WU)
    assert state(case)[0] == "paid"


def test_whoever_acts_for_the_requesters_delegate_does_not_decide_in_that_name_but_in_the_own(asked):
    def prepare(people):
        people.give(HE, "cs_manager")
        people.delegate(LIN, HE)
        people.delegate(HE, ZHOU)

    case = asked((1, "cs_manager"), (1, "deputy_gm"), prepare=prepare)

    assert refused(NotYourPost, case, lambda: vote(case, ZHOU, post="cs_manager")) == [
        "不能替申请人或其代理人审批这个申请"
    ]
    vote(case, ZHOU)
    assert list(Vote.objects.values_list("post", "behalf_id")) == [("deputy_gm", None)]


def test_a_delegate_decides_for_an_approver_who_is_away(asked):
    case = asked((1, "cs_manager"), prepare=lambda people: people.delegate(WU, ZHOU))

    vote(case, ZHOU)

    assert list(Vote.objects.values_list("person_id", "behalf_id", "post")) == [
        (ZHOU.pk, WU.pk, "cs_manager")
    ]


@pytest.mark.parametrize(
    ("prepare", "post"),
    [
        (lambda people: people.take(WU, "cs_manager"), "deputy_gm"),
        (lambda people: (people.take(WU, "cs_manager"), people.give(LIN, "cs_manager")), "deputy_gm"),
        (lambda people: people.delegate(LIN, WU), "deputy_gm"),
        (lambda people: (people.take(WU, "cs_manager"), people.take(ZHOU, "deputy_gm")), "general_manager"),
    ],
)
def test_a_seat_without_anybody_left_goes_to_the_superior(asked, prepare, post):
    case = asked((1, "cs_manager"), prepare=prepare)

    assert [(seat["post"], seat["asked"]) for seat in request_of(case).chain] == [(post, "cs_manager")]


def test_without_any_superior_left_the_step_says_so(install, ask):
    people, _ = install(toy.with_approval((1, "general_manager")))
    people.take(SUN, "general_manager")
    toy.fill_pot(1000)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)

    with pytest.raises(NotReady, match="审批岗位「总经理」没有可以审批的人"):
        engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "1"})


def test_a_seat_decides_once_a_round(asked):
    case = asked(*PARALLEL, prepare=lambda people: people.give(SUN, "cs_manager"))
    vote(case, WU)

    assert refused(SomebodyWasFaster, case, lambda: vote(case, WU)) == ["你已对这一轮申请表过态"]
    assert refused(NotYourPost, case, lambda: vote(case, SUN)) == ["现在等主管副总审批"]


def test_the_chain_of_a_request_does_not_follow_later_changes_of_people(asked, install):
    case = asked((1, "cs_manager"))
    from guiju.kernel import ports

    ports.people().take(WU, "cs_manager")
    ports.people().give(HE, "cs_manager")

    vote(case, HE)

    assert state(case)[0] == "paid"


# --- the last yes ---------------------------------------------------------------------------------------------------


def test_the_last_yes_asks_the_needs_again_and_goes_back_with_the_reasons(asked):
    case = asked((1, "cs_manager"), amount="300")
    toy.fill_pot(200)

    vote(case, WU)

    assert state(case) == ("checked", "returned", True)
    assert toy.in_pot() == 200
    last = Event.objects.filter(case=case).order_by("-case_seq")[0]
    assert (last.step, chain.open_body(last.body)["reasons"]) == ("returned:pay", ["款项只剩 200 元，不够付"])
    assert Vote.objects.count() == 1


def test_the_last_yes_asks_again_whether_the_requester_still_holds_the_post(asked):
    case = asked((1, "cs_manager"))
    from guiju.kernel import ports

    ports.people().take(LIN, "cs_clerk")
    ports.people().give(LIN, "finance", project=toy.OTHER_PROJECT)

    vote(case, WU)

    assert state(case) == ("checked", "returned", True)


def test_a_last_yes_whose_effect_breaks_midway_leaves_the_vote_and_nothing_of_the_effect(install, ask):
    install(toy.with_approval((1, "cs_manager")))
    toy.fill_pot(1000)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "300", "remark": "break"})

    vote(case, WU)

    assert state(case) == ("checked", "returned", True)
    assert toy.in_pot() == 1000
    assert [step for step, *_ in toy.story(case)] == [
        "ask",
        "check",
        "request:pay",
        "vote:pay",
        "returned:pay",
    ]
    from guiju.kernel import audit

    assert audit.verify().ok


def test_the_step_is_taken_at_the_moment_that_was_stated_when_it_was_asked_for(install, ask):
    install(toy.with_approval((1, "cs_manager")))
    toy.fill_pot(1000)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    done_at = FRIDAY + timedelta(minutes=5)
    engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "1", "happened_at": done_at.isoformat()})

    vote(case, WU, at=LATER + timedelta(days=20))

    taken = Event.objects.get(case=case, step="pay")
    assert (taken.happened_at, taken.recorded_at) == (done_at, LATER + timedelta(days=20))


def test_points_given_with_the_request_count_when_it_is_taken(install, ask):
    install(
        toy.policy(
            steps={"pay": StepPolicy("pay", points=(toy.point(),), approval=(ApprovalSeat(1, "cs_manager"),))}
        )
    )
    toy.fill_pot(1000)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "1", "points": {"seen": True}})

    vote(case, WU)

    assert state(case)[0] == "paid"


def test_a_repeated_key_of_a_step_that_became_a_request_returns_the_request(install, ask):
    from uuid import UUID

    install(toy.with_approval((1, "cs_manager")))
    toy.fill_pot(1000)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    key = UUID("6f1b6c1e-0000-4000-8000-000000000009")
    take = lambda: engine.advance(case, "pay", by=LIN, at=LATER, given={"amount": "1"}, key=key)  # noqa: E731

    assert take().pk == take().pk
    assert ApprovalRequest.objects.count() == 1


def test_an_escalation_does_not_vanish_when_an_approval_is_asked_for(install, ask):
    from guiju.kernel import clocks
    from guiju.kernel.policy import ClockPolicy

    install(
        toy.policy(
            steps={"pay": StepPolicy("pay", approval=(ApprovalSeat(1, "cs_manager"),))},
            clocks={"finish": ClockPolicy("finish", limit="1 小时", escalate=(("+1 小时", "deputy_gm"),))},
        )
    )
    toy.fill_pot(1000)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    clocks.sweep(FRIDAY + timedelta(hours=3))

    engine.advance(case, "pay", by=LIN, at=FRIDAY + timedelta(hours=4), given={"amount": "1"})

    assert todos(case) == [("approve:1", "cs_manager"), ("escalate:finish", "deputy_gm")]


# --- decisions on paper ---------------------------------------------------------------------------------------------

SCAN = "cd" * 32


def test_a_clerk_records_a_decision_on_paper_with_its_scan_marked_as_such(asked):
    case = asked((1, "cs_manager"))

    vote(case, WU, recorded_by=HE, paper_sha256=SCAN)

    assert state(case)[0] == "paid"
    assert list(Vote.objects.values_list("person_id", "recorded_by", "paper_sha256")) == [
        (WU.pk, HE.pk, SCAN)
    ]
    event = Event.objects.get(case=case, step="vote:pay")
    said = chain.open_body(event.body)
    assert (event.actor_id, said["voter"], said["on_paper"], said["paper"]) == (HE.pk, WU.pk, True, SCAN)


def test_a_decision_on_paper_needs_its_scan_and_a_clerk_who_is_not_the_requester(asked):
    case = asked((1, "cs_manager"))
    assert refused(BadlyFilled, case, lambda: vote(case, WU, recorded_by=HE)) == [
        "补录书面意见要附签字件扫描"
    ]

    record = lambda by: vote(case, WU, recorded_by=by, paper_sha256=SCAN)  # noqa: E731
    assert refused(NotYourPost, case, lambda: record(LIN)) == ["申请人不能补录对自己申请的意见"]
    assert refused(NotYourPost, case, lambda: record(QIAN)) == ["你在这个项目没有可以办理的岗位"]


# --- conditions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (None, {}, True),
        ("amount > 500", {"amount": 501}, True),
        ("amount > 500", {"amount": 500}, False),
        ("amount >= 500", {"amount": 500}, True),
        ("amount <= 2.5", {"amount": 3}, False),
        ("amount != 1", {"amount": 2}, True),
        ("kind == 换房", {"kind": "换房"}, True),
        ("kind != 换房", {"kind": "换房"}, False),
    ],
)
def test_conditions_compare_a_fact_with_a_value(condition, facts, expected):
    assert approvals.holds(condition, facts) is expected


@pytest.mark.parametrize("condition", ["size > 3", "amount", "amount > much more", "__import__('os')"])
def test_a_condition_that_cannot_be_read_is_an_error_and_no_silent_pass(condition):
    with pytest.raises(approvals.BadCondition):
        approvals.holds(condition, {"amount": 1})
