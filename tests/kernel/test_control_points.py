"""Control points are gates: what counts as dealt with, who may free one, and what remains of it."""

from datetime import timedelta

import pytest

from guiju.kernel import acts, chain, engine, ports
from guiju.kernel.models import Deviation, Event, Tick
from guiju.kernel.refusals import BadlyFilled, NoSuchStep, NotReady, NotYourPost, SomebodyWasFaster

from . import toy
from .toy import FRIDAY, HE, LIN, WU, ZHOU, point

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
SHA = "ab" * 32


def take(case, by=LIN, step="check", **given):
    return engine.advance(case, step, by=by, at=LATER, given=given)


def refused(kind, case, **words):
    before = toy.whole(case)
    with pytest.raises(kind) as caught:
        take(case, **words)
    assert toy.whole(case) == before
    return [(reason.text, reason.clause) for reason in caught.value.reasons]


def test_a_point_not_dealt_with_bars_the_step_in_the_words_of_the_sop(install, ask):
    install(toy.with_points(point(clause="G-3"), point("stamp", "盖章齐全"), clause="G-2"))

    assert refused(NotReady, ask()) == [("控制要点未办：看过原件", "G-3"), ("控制要点未办：盖章齐全", "G-2")]


def test_a_point_given_with_the_step_opens_it_and_stands_in_the_event(install, ask):
    install(toy.with_points(point()))
    case = ask()

    event = take(case, points={"seen": True})

    assert chain.open_body(Event.objects.get(pk=event.pk).body)["points"] == {"seen": True}


def test_a_point_ticked_before_opens_the_step_and_is_used_up_by_it(install, ask):
    install(toy.with_points(point(), step="recheck"))
    case = ask()
    take(case)
    acts.tick(case, "recheck", "seen", value=True, by=LIN, at=FRIDAY)

    take(case, step="recheck")

    assert list(Tick.objects.values_list("point", "value", "used", "ticked_by")) == [
        ("seen", "是", True, LIN.pk)
    ]
    assert refused(NotReady, case, step="recheck") == [("控制要点未办：看过原件", "")]


def test_a_tick_can_be_taken_back(install, ask):
    install(toy.with_points(point()))
    case = ask()
    acts.tick(case, "check", "seen", value=True, by=LIN, at=FRIDAY)

    acts.tick(case, "check", "seen", value=False, by=LIN, at=FRIDAY)

    assert refused(NotReady, case) == [("控制要点未办：看过原件", "")]
    assert [step for step, *_ in toy.story(case)] == ["ask", "tick", "tick"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("tick", True),
        ("tick", "on"),
        ("note", "金额与发票相符"),
        ("number", "A-17"),
        ("photo", SHA),
        ("signature", SHA),
    ],
)
def test_each_kind_of_point_takes_its_own_kind_of_answer(install, ask, kind, value):
    install(toy.with_points(point(kind=kind)))

    take(ask(), points={"seen": value})


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("tick", "maybe", "请勾选"),
        ("tick", 0, "请勾选"),
        ("tick", ["是"], "请勾选"),
        ("note", 5, "请填文字"),
        ("note", {"a": 1}, "请填文字"),
        ("note", "长" * 2001, "不能超过 2000 个字"),
        ("note", "a\x00", "文字里有不能保存的控制字符，请删去后再交"),
        ("photo", "photo.jpg", "请先上传，再填附件的 sha256"),
        ("signature", "AB" * 32, "请先上传，再填附件的 sha256"),
    ],
)
def test_a_wrong_kind_of_answer_is_refused(install, ask, kind, value, sentence):
    install(toy.with_points(point(kind=kind)))
    case = ask()

    assert refused(BadlyFilled, case, points={"seen": value}) == [(sentence, "")]
    with pytest.raises(BadlyFilled, match=sentence):
        acts.tick(case, "check", "seen", value=value, by=LIN, at=FRIDAY)


@pytest.mark.parametrize("value", [None, False, "", "   "])
def test_a_blank_answer_deals_with_nothing(install, ask, value):
    install(toy.with_points(point(kind="note")))

    assert refused(NotReady, ask(), points={"seen": value}) == [("控制要点未办：看过原件", "")]


def test_an_unknown_point_is_refused(install, ask):
    install(toy.with_points(point()))
    case = ask()

    assert refused(BadlyFilled, case, points={"seen": True, "sung": True}) == [("没有这个控制要点", "")]
    with pytest.raises(NoSuchStep):
        acts.tick(case, "check", "sung", value=True, by=LIN, at=FRIDAY)


def test_a_point_that_is_not_required_bars_nothing(install, ask):
    install(toy.with_points(point(required=False)))

    take(ask())


def test_a_tick_is_for_whoever_may_take_the_step_where_it_can_be_taken(install, ask):
    install(toy.with_points(point(), step="pay"))
    case = ask()

    with pytest.raises(NotReady, match="到「已核对」时才能办理"):
        acts.tick(case, "pay", "seen", value=True, by=LIN, at=FRIDAY)
    take(case)
    with pytest.raises(NotYourPost, match="须由客户服务、财务办理"):
        acts.tick(case, "pay", "seen", value=True, by=WU, at=FRIDAY)


# --- override -------------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(install, ask):
    install(toy.with_points(point(), point("hard", "身份核实", hard=True), override_post="cs_manager"))
    return ask()


def free(case, by=WU, key="seen", reason="原件在银行，周一补看"):
    return acts.override(case, "check", key, reason=reason, by=by, at=FRIDAY)


def test_an_override_frees_one_point_for_one_attempt_and_leaves_a_deviation_record(guarded):
    free(guarded)

    event = take(guarded, points={"hard": True})

    (record,) = Deviation.objects.all()
    assert (record.point, record.reason, record.post, record.allowed_by, record.used_event_id) == (
        "seen", "原件在银行，周一补看", "cs_manager", WU.pk, event.pk,
    )  # fmt: skip
    assert chain.open_body(Event.objects.get(pk=event.pk).body)["waived"] == {"seen": record.pk}
    assert toy.story(guarded)[1] == ("override", "asked", "asked", "吴")


def test_the_next_attempt_needs_the_point_again(install, ask):
    install(toy.with_points(point(), step="recheck", override_post="cs_manager"))
    case = ask()
    take(case)
    acts.override(case, "recheck", "seen", reason="原件在银行，周一补看", by=WU, at=FRIDAY)
    take(case, step="recheck")

    assert refused(NotReady, case, step="recheck") == [("控制要点未办：看过原件", "")]


def test_a_point_cannot_be_freed_twice_for_one_attempt(guarded):
    free(guarded)

    with pytest.raises(SomebodyWasFaster, match="已放行"):
        free(guarded)
    assert Deviation.objects.count() == 1


def test_whoever_frees_a_point_does_not_take_the_step_and_is_told_before(guarded):
    free(guarded)

    (option,) = [o for o in engine.options(guarded, by=WU, at=LATER) if o.name == "check"]
    assert "放行控制要点的人不能自己办理这一步" in [r.text for r in option.reasons]
    assert refused(NotReady, guarded, by=WU, points={"hard": True}) == [
        ("放行控制要点的人不能自己办理这一步", "G-4.2-b")
    ]


def test_a_hard_point_is_never_freed(guarded):
    with pytest.raises(NotReady, match="控制要点「身份核实」不允许放行"):
        free(guarded, key="hard")


def test_a_point_is_freed_only_by_the_post_that_the_sop_names(guarded):
    for person in (LIN, ZHOU, HE):
        with pytest.raises(NotYourPost, match="放行控制要点须由客服经理办理"):
            free(guarded, by=person)


def test_without_a_post_named_by_the_sop_nothing_is_freed(install, ask):
    install(toy.with_points(point()))

    with pytest.raises(NotReady, match="不允许放行"):
        free(ask())


def test_an_override_needs_a_reason_and_a_step_in_hand(guarded):
    with pytest.raises(BadlyFilled, match="放行理由"):
        free(guarded, reason="急 ")
    take(guarded, points={"seen": True, "hard": True})
    with pytest.raises(NotReady, match="到「已提出」时才能办理"):
        free(guarded)
    assert Deviation.objects.count() == 0


def test_options_show_each_point_and_what_was_done_about_it(guarded):
    acts.tick(guarded, "check", "hard", value=True, by=LIN, at=FRIDAY)
    free(guarded)

    (option,) = [o for o in engine.options(guarded, by=LIN, at=LATER) if o.name == "check"]

    assert [(p.point.key, p.value, p.by_id, p.waived, p.done) for p in option.points] == [
        ("seen", None, None, True, True),
        ("hard", "是", LIN.pk, False, True),
    ]
    assert option.open


def test_a_step_that_lacks_only_points_can_be_filled_on_its_page(guarded):
    (option,) = [o for o in engine.options(guarded, by=LIN, at=LATER) if o.name == "check"]

    assert (option.open, option.fillable) == (False, True)


# --- the SOP version of a case --------------------------------------------------------------------------------------


def test_a_case_keeps_the_sop_it_began_with_until_it_is_moved(install, ask):
    _, policies = install(toy.policy(1))
    old = ask()
    policies.publish(toy.with_points(point(), number=2))
    new = ask()

    take(old)
    assert refused(NotReady, new) == [("控制要点未办：看过原件", "")]
    assert (old.sop_version_id, new.sop_version_id) == (1, 2)


def test_moving_a_case_to_a_newer_sop_is_an_act_with_the_difference_shown(install, ask):
    _, policies = install(toy.policy(1))
    case = ask()
    policies.publish(toy.with_points(point(), number=2))

    event = acts.move(
        case, 2, difference=["核对：加控制要点「看过原件」"], reason="新版实施", by=WU, at=FRIDAY
    )

    assert chain.open_body(Event.objects.get(pk=event.pk).body) == {
        "old": 1, "new": 2, "difference": ["核对：加控制要点「看过原件」"], "reason": "新版实施",
    }  # fmt: skip
    case.refresh_from_db()
    assert refused(NotReady, case) == [("控制要点未办：看过原件", "")]


def test_a_closed_case_is_not_moved(install, ask):
    install(toy.policy(1), toy.policy(2))
    case = ask()
    engine.advance(case, "drop", by=WU, at=LATER, given={"reason": "重复提出"})

    with pytest.raises(NotReady, match="已结束的事项"):
        acts.move(case, 1, difference=[], reason="试试", by=WU, at=LATER)


def test_an_sop_chooses_among_the_posts_of_the_code_and_adds_none(install, ask):
    from guiju.kernel.policy import StepPolicy

    install(toy.policy(steps={"check": StepPolicy("check", posts=("cs_manager", "finance"))}))
    case = ask()

    with pytest.raises(NotYourPost, match="须由客服经理办理"):
        take(case, by=LIN)
    with pytest.raises(NotYourPost):
        take(case, by=HE)
    take(case, by=WU)
    assert ports.people().post_label("cs_manager") == "客服经理"
