"""The one door: what advance does, what it refuses, and that a refusal changes nothing."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection

from guiju.kernel import acts, chain, engine
from guiju.kernel.models import Case, Clock, Event, Reaction, Todo
from guiju.kernel.refusals import BadlyFilled, NoSuchStep, NotReady, NotYourPost, SomebodyWasFaster

from . import toy
from .toy import BAI, FRIDAY, HE, LIN, PROJECT, QIAN, WU, ZHOU

pytestmark = pytest.mark.django_db

KEY = UUID("6f1b6c1e-0000-4000-8000-000000000001")
OTHER_KEY = UUID("6f1b6c1e-0000-4000-8000-000000000002")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _installed(install):
    install()
    toy.fill_pot(1000)


def advance(case, step, by=LIN, at=FRIDAY + HOUR, **words):
    return engine.advance(case, step, by=by, at=at, **words)


def refused(kind, case, step, **words):
    """Take a step that must be refused, and return its reasons; nothing stored may differ afterwards."""
    before = toy.whole(case)
    with pytest.raises(kind) as caught:
        advance(case, step, **words)
    assert toy.whole(case) == before
    return [reason.text for reason in caught.value.reasons]


def test_a_case_opens_with_number_state_link_and_first_event():
    event = engine.open_case(
        "toy", by=LIN, at=FRIDAY, given={"subject": "买纸"}, chain_id=toy.COMPANY, scope_id=PROJECT,
        title="买纸一箱", links=[("unit", 5), ("customer", 6)],
    )  # fmt: skip

    case = Case.objects.get(pk=event.case_id)
    assert (case.number, case.state, case.version, case.title) == ("QK-YQ1-2026-0001", "asked", 1, "买纸一箱")
    assert sorted(case.links.values_list("kind", "key")) == [("customer", 6), ("unit", 5)]
    assert (case.opened_at, case.opened_by, case.closed_at, case.events) == (FRIDAY, LIN.pk, None, 1)
    assert toy.story(case) == [("ask", "", "asked", "林")]


def test_a_step_moves_the_state_and_writes_who_when_from_to_and_what_was_given(ask):
    case = ask(amount="300")
    advance(case, "check")

    event = advance(case, "pay", by=HE, at=FRIDAY + 2 * HOUR, given={"amount": "250.00", "remark": "现金"})

    case.refresh_from_db()
    assert (case.state, case.version, case.closed_at, case.due_at) == ("paid", 3, FRIDAY + 2 * HOUR, None)
    assert toy.story(case) == [
        ("ask", "", "asked", "林"),
        ("check", "asked", "checked", "林"),
        ("pay", "checked", "paid", "何"),
    ]
    stored = Event.objects.get(pk=event.pk)
    assert (stored.post, stored.case_seq, stored.seq) == ("finance", 3, 3)
    assert chain.open_body(stored.body) == {
        "given": {"amount": "250.00", "remark": "现金"},
        "said": {"left": 750},
    }
    assert toy.in_pot() == 750


def test_the_event_returned_is_the_event_stored(ask):
    event = advance(ask(), "check")

    stored = Event.objects.get(pk=event.pk)
    assert (event.seq, event.digest, event.case_seq) == (stored.seq, stored.digest, stored.case_seq)


def test_a_step_that_leads_nowhere_leaves_the_state_and_counts_the_version(ask):
    case = ask()

    advance(case, "remark", given={"note": "等报价"})

    case.refresh_from_db()
    assert (case.state, case.version) == ("asked", 2)


def test_whoever_saw_an_older_version_is_told_who_was_faster(ask):
    case = ask()
    advance(case, "remark", by=LIN, at=FRIDAY + HOUR)

    reasons = refused(SomebodyWasFaster, case, "check", by=WU, version=1)

    assert reasons == ["林 11:00 改过这一单，现在是「已提出」，看改动后再办"]


def test_the_version_seen_lets_the_step_pass(ask):
    case = ask()

    advance(case, "check", version=1)

    case.refresh_from_db()
    assert case.version == 2


def test_a_person_without_the_post_is_told_whose_it_is(ask):
    assert refused(NotYourPost, ask(), "check", by=HE) == ["「核对」须由客户服务、客服经理办理"]


def test_a_post_in_another_project_does_not_count(ask):
    assert refused(NotYourPost, ask(), "check", by=BAI) == ["「核对」须由客户服务、客服经理办理"]


def test_the_auditor_takes_no_step_and_writes_no_note(ask):
    case = ask()

    refused(NotYourPost, case, "check", by=QIAN)
    with pytest.raises(NotYourPost, match="没有可以办理的岗位"):
        acts.note(case, text="看过", by=QIAN, at=FRIDAY)


def test_a_delegate_acts_on_behalf_and_the_event_says_so(install, ask):
    case = ask()
    from guiju.kernel import ports

    ports.people().delegate(WU, ZHOU)

    event = advance(case, "check", by=ZHOU)

    assert (event.actor_id, event.behalf_id, event.post) == (ZHOU.pk, WU.pk, "cs_manager")


def test_a_step_from_the_wrong_state_says_where_the_case_is(ask):
    assert refused(NotReady, ask(), "pay", given={"amount": "1"}) == [
        "现在是「已提出」，到「已核对」时才能办理"
    ]


def test_a_closed_case_says_that_it_is_closed(ask):
    case = ask()
    advance(case, "drop", by=WU, given={"reason": "重复提出"})

    assert refused(NotReady, case, "check") == ["本事项已结束（已作废）"]


def test_needs_not_met_are_all_named_with_their_clauses(ask):
    case = ask()
    advance(case, "check")
    toy.fill_pot(0)

    with pytest.raises(NotReady) as caught:
        advance(case, "pay", given={"amount": "5"})

    assert [(r.text, r.clause) for r in caught.value.reasons] == [
        ("款项已用完，不能再付", "G-4.2-a"),
        ("款项只剩 0 元，不够付", "G-4.2-a"),
    ]


def test_a_form_filled_wrongly_names_each_field_in_chinese(ask):
    case = ask()
    advance(case, "check")

    with pytest.raises(BadlyFilled) as caught:
        advance(case, "pay", given={"amount": "-3", "remarks": "x"})

    assert caught.value.errors == {"amount": "金额：应大于 0", "remarks": "没有这一项"}


@pytest.mark.parametrize("given", [{}, {"amount": None}, {"amount": ""}])
def test_a_missing_amount_is_asked_for(ask, given):
    case = ask()
    advance(case, "check")

    assert refused(BadlyFilled, case, "pay", given=given) == ["金额：必填"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("２５０", "250"), ("1,000.00", "1000.00"), ("¥9", "9"), (" 8.5 元", "8.5"), (7, "7"), (0.1, "0.1")],
)
def test_amounts_are_read_as_people_type_them(typed, meant):
    from guiju.kernel.forms import parse

    assert parse(toy.Paying, {"amount": typed}).amount == Decimal(meant)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_cannot_be_stored_is_refused(ask, text):
    refused(BadlyFilled, ask(), "remark", given={"note": text})


@pytest.mark.parametrize("points", ["abc", ["seen"], 7, True])
def test_control_points_that_are_no_group_are_refused(ask, points):
    assert refused(BadlyFilled, ask(), "check", given={"points": points}) == ["控制要点：格式不对"]


def test_an_unknown_step_and_the_opening_step_cannot_be_taken(ask):
    case = ask()

    assert refused(NoSuchStep, case, "fly") == ["流程「请款」没有「fly」这一步"]
    assert refused(NoSuchStep, case, "ask") == ["流程「请款」没有「ask」这一步"]


def test_an_effect_that_refuses_midway_leaves_nothing_behind(ask):
    case = ask()
    advance(case, "check")

    assert refused(NotReady.__mro__[1], case, "pay", given={"amount": "10", "remark": "break"}) == [
        "中途停下"
    ]

    assert toy.in_pot() == 1000


def test_a_refused_opening_leaves_no_case_and_takes_no_number(ask):
    with pytest.raises(BadlyFilled):
        ask(subject="")

    assert Case.objects.count() == 0
    assert ask().number.endswith("-0001")


# --- when it happened and when it was recorded ----------------------------------------------------------------------


def test_saturdays_work_typed_on_monday_has_both_times_and_clocks_judge_the_first(ask):
    case = ask(at=FRIDAY)
    saturday, monday = FRIDAY + timedelta(hours=23), FRIDAY + timedelta(days=3)

    event = advance(case, "check", at=monday, given={"happened_at": saturday.isoformat()})

    assert (event.happened_at, event.recorded_at) == (saturday, monday)
    answer = Clock.objects.get(case=case, name="answer")
    assert (answer.state, answer.stopped_at) == (Clock.MET, saturday)
    assert Clock.objects.get(case=case, name="law").started_at == saturday


def test_a_moment_without_a_zone_is_beijing_time(ask):
    event = advance(ask(), "check", given={"happened_at": "2026-11-20T10:30"})

    assert event.happened_at == FRIDAY + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (FRIDAY + 2 * HOUR, "发生时间：不能晚于现在"),
        (FRIDAY - timedelta(days=40), "发生时间：最多补录 31 天以内的事"),
        (FRIDAY - HOUR, "发生时间：不能早于本事项开始的时间"),
        ("昨天", "发生时间：请填日期和时间，如 2026-11-21 15:30"),
        (5, "发生时间：请填日期和时间，如 2026-11-21 15:30"),
        ("0001-01-01T00:00:00+14:00", "发生时间：最多补录 31 天以内的事"),
        ("9999-12-31T23:59:59-14:00", "发生时间：不能晚于现在"),
        ("\ud800", "发生时间：请填日期和时间，如 2026-11-21 15:30"),
    ],
)
def test_a_moment_in_the_future_too_far_back_or_before_the_case_is_refused(ask, moment, sentence):
    given = {"happened_at": moment.isoformat() if isinstance(moment, datetime) else moment}

    assert refused(BadlyFilled, ask(), "check", given=given) == [sentence]


def test_a_clock_of_a_computer_two_minutes_fast_is_forgiven_and_set_right(ask):
    at = FRIDAY + HOUR

    event = advance(ask(), "check", at=at, given={"happened_at": (at + timedelta(minutes=1)).isoformat()})

    assert event.happened_at == at


def test_a_case_can_be_opened_for_an_earlier_day(ask):
    case = ask(at=FRIDAY, happened_at=(FRIDAY - timedelta(days=2)).isoformat())

    assert case.opened_at == FRIDAY - timedelta(days=2)


# --- the client's key -----------------------------------------------------------------------------------------------


def test_a_repeated_key_returns_the_first_event_and_does_nothing_again(ask):
    case = ask()
    first = advance(case, "remark", key=KEY, given={"note": "一"})

    again = advance(case, "remark", key=KEY, given={"note": "一"}, version=1, at=FRIDAY + timedelta(days=20))

    assert again.pk == first.pk
    assert len(toy.story(case)) == 2


def test_a_repeated_key_of_an_opening_returns_the_first_case():
    def open_it(key=KEY, by=LIN):
        return engine.open_case(
            "toy",
            by=by,
            at=FRIDAY,
            given={"subject": "买纸"},
            chain_id=toy.COMPANY,
            scope_id=PROJECT,
            key=key,
        )

    assert open_it().case_id == open_it().case_id
    assert open_it(OTHER_KEY).case_id != open_it().case_id
    assert Case.objects.count() == 2
    with pytest.raises(BadlyFilled, match="已用于另一次办理"):
        open_it(by=WU)


def test_a_key_used_for_another_act_case_or_person_is_refused(ask):
    one, two = ask(), ask()
    advance(one, "remark", key=KEY)

    assert refused(BadlyFilled, one, "check", key=KEY) == ["这个编号已用于另一次办理"]
    assert refused(BadlyFilled, two, "remark", key=KEY) == ["这个编号已用于另一次办理"]
    with pytest.raises(BadlyFilled, match="已用于另一次办理"):
        acts.note(one, text="二", by=LIN, at=FRIDAY, key=KEY)


def test_a_repeated_note_is_written_once(ask):
    case = ask()

    first = acts.note(case, text="客户来电", by=LIN, at=FRIDAY, key=KEY)
    again = acts.note(case, text="客户来电", by=LIN, at=FRIDAY, key=KEY)

    assert first.pk == again.pk
    assert [step for step, *_ in toy.story(case)] == ["ask", "note"]


# --- nested steps, to-dos, options, record --------------------------------------------------------------------------


def test_a_nested_step_moves_two_cases_in_one_transaction(ask):
    one, two = ask(), ask()

    event = advance(one, "drop_two", by=WU, given={"reason": f"并入 #{two.pk}"})

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == ("dropped", "dropped")
    assert [e.case_id for e in Event.objects.order_by("seq")][-2:] == [two.pk, one.pk]
    assert event.case_id == one.pk


def test_a_nested_step_that_is_refused_refuses_all(ask):
    one, two = ask(), ask()
    advance(two, "drop", by=WU, given={"reason": "先作废"})

    assert refused(NotReady, one, "drop_two", by=WU, given={"reason": f"并入 #{two.pk}"}) == [
        "本事项已结束（已作废）"
    ]


def todos(case):
    return sorted(Todo.objects.filter(case=case).values_list("act", "post", "person_id"))


def test_to_dos_name_one_next_act_and_follow_the_case(ask):
    case = ask()
    assert todos(case) == [("check", "cs_clerk", LIN.pk)]

    advance(case, "check", by=WU)
    assert todos(case) == [("pay", "cs_clerk", None)]

    advance(case, "drop", by=WU, given={"reason": "不需要了"})
    assert todos(case) == []


def test_the_to_do_is_due_when_the_nearest_clock_is(ask):
    case = ask()

    assert Todo.objects.get(case=case).due_at == FRIDAY + timedelta(hours=24)


def test_options_say_of_every_step_whether_it_may_be_taken_and_why_not(ask):
    case = ask()

    found = {o.name: (o.open, [r.text for r in o.reasons]) for o in engine.options(case, by=LIN, at=FRIDAY)}

    assert found == {
        "check": (True, []),
        "pay": (False, ["现在是「已提出」，到「已核对」时才能办理"]),
        "wait": (False, ["现在是「已提出」，到「已核对」时才能办理"]),
        "go_on": (False, ["现在是「已提出」，到「等补件」时才能办理"]),
        "remark": (True, []),
        "recheck": (False, ["现在是「已提出」，到「已核对」时才能办理"]),
        "drop": (False, ["须由客服经理办理"]),
        "drop_two": (False, ["须由客服经理办理"]),
    }


def test_what_an_option_calls_open_can_be_taken_and_what_it_calls_locked_cannot(ask):
    for state_path in [(), ("check",), ("check", "wait")]:
        for by in (LIN, WU, HE, QIAN):
            for name in [step.name for step in toy.TOY.steps if not step.opens and step.by]:
                case = ask()
                for step in state_path:
                    advance(case, step, given={"reason": "等发票"} if step == "wait" else {})
                case.refresh_from_db()
                (option,) = [o for o in engine.options(case, by=by, at=FRIDAY + HOUR) if o.name == name]
                given = {
                    "pay": {"amount": "1"},
                    "wait": {"reason": "等发票"},
                    "drop": {"reason": "作废了"},
                }.get(name, {})
                if name == "drop_two":
                    given = {"reason": f"并入 #{ask().pk}"}
                try:
                    advance(case, name, by=by, given=given)
                    taken = True
                except (NotReady, NotYourPost):
                    taken = False

                assert (by, name, state_path, taken) == (by, name, state_path, option.open)


def test_options_cost_the_same_for_every_case(ask, django_assert_num_queries):
    case = ask()
    engine.options(case, by=LIN, at=FRIDAY)

    with django_assert_num_queries(0):
        engine.options(case, by=LIN, at=FRIDAY)


def test_an_act_that_belongs_to_no_case_is_chained_too(ask):
    ask()

    event = engine.record(
        company_id=toy.COMPANY, step="calendar.change", by=WU, at=FRIDAY, given={"day": "2026-12-31"}
    )

    stored = Event.objects.get(pk=event.pk)
    assert (stored.case_id, stored.seq, stored.actor_id) == (None, 2, WU.pk)
    assert chain.open_body(stored.body) == {"given": {"day": "2026-12-31"}}


def test_every_company_has_its_own_chain():
    for company in (toy.COMPANY, toy.OTHER_COMPANY, toy.COMPANY):
        engine.record(company_id=company, step="x", by=WU, at=FRIDAY)

    assert list(Event.objects.order_by("id").values_list("chain_id", "seq")) == [
        (toy.COMPANY, 1),
        (toy.OTHER_COMPANY, 1),
        (toy.COMPANY, 2),
    ]


def test_a_note_needs_text_and_reaches_the_story(ask):
    case = ask()
    with pytest.raises(BadlyFilled, match="1 到 5000"):
        acts.note(case, text="  ", by=LIN, at=FRIDAY)

    acts.note(case, text="已电话通知", by=WU, at=FRIDAY)

    assert toy.story(case)[-1] == ("note", "asked", "asked", "吴")
    case.refresh_from_db()
    assert (case.version, case.events) == (1, 2)


def test_reactions_to_a_step_wait_in_the_outbox(ask):
    case = ask()
    advance(case, "check")
    event = advance(case, "pay", given={"amount": "1"})

    assert sorted(Reaction.objects.values_list("event_id", "name", "state")) == [
        (event.pk, "toy.file_away", "waiting"),
        (event.pk, "toy.tell", "waiting"),
    ]


def test_a_bare_step_costs_few_statements_between_begin_and_commit(ask, django_assert_num_queries):
    warm, case = ask(), ask()
    advance(warm, "remark")
    # The case with its last event, its clocks, the move, its to-dos, the head of the chain, the event, the head; the
    # move with the to-dos and the lock of the head, and the event with the head, are one statement each where a
    # statement travels.
    expected = ["SELECT", "SELECT", "UPDATE", "SELECT", "SELECT", "INSERT", "UPDATE"]
    if connection.vendor == "postgresql":
        expected = ["SELECT", "SELECT", "WITH", "WITH"]

    with django_assert_num_queries(len(expected) + 2) as counted:
        advance(case, "remark")

    sent = [sql.split()[0] for sql in (query["sql"] for query in counted.captured_queries)]
    assert sent[1:-1] == expected
