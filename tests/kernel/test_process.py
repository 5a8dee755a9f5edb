"""The grammar of a process: each mistake is found when the module is imported, and said in so many words."""

from dataclasses import replace

import pytest

from guiju.kernel import process as processes
from guiju.kernel.process import BadProcess, ClockRule, Process, State, Step, problems, register

from .toy import TOY


class Is(State):
    NEW = "new", "新"
    BUSY = "busy", "办理中"
    DONE = "done", "办结"


def step(name, when=(), to=None, **facts):
    return Step(name, name, when=when, by=facts.pop("by", ("cs_clerk",)), clause="", to=to, **facts)


OPEN = step("open", to=Is.NEW, opens=True)
BEGIN = step("begin", (Is.NEW,), Is.BUSY)
END = step("end", (Is.BUSY,), Is.DONE)
CLOCK = ClockRule("all", "全程", starts=("open",), stops=("end",), limit="3 日")
SOUND = Process(
    "sound",
    "好流程",
    series="S",
    sop="S",
    starts=Is.NEW,
    ends=(Is.DONE,),
    steps=(OPEN, BEGIN, END),
    clocks=(CLOCK,),
)


class Alien(State):
    MARS = "mars", "火星"


def test_a_sound_process_has_no_problem():
    assert problems(SOUND) == []
    assert problems(TOY) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"steps": (OPEN, BEGIN, END, END)}, ["step end is declared twice"]),
        ({"steps": (BEGIN, END)}, ["exactly one step must open a case"]),
        ({"steps": (OPEN, replace(OPEN, name="open2"), BEGIN, END)}, ["exactly one step must open a case"]),
        (
            {"starts": Is.BUSY},
            ["the opening step must lead to the first state", "state new is never reached"],
        ),
        (
            {"steps": (OPEN, BEGIN, END, step("fly", (Is.NEW,), Alien.MARS))},
            ["Alien.MARS is no state of the process"],
        ),
        (
            {"steps": (OPEN, step("begin", (Is.NEW,), Is.DONE), END)},
            ["state busy is never reached"],
        ),
        (
            {"steps": (OPEN, BEGIN, step("end", (Is.NEW,), Is.DONE))},
            ["state busy is a dead end"],
        ),
        ({"clocks": ()}, ["state new waits without a clock", "state busy waits without a clock"]),
        (
            {"clocks": (replace(CLOCK, stops=("begin",)),)},
            ["state busy waits without a clock"],
        ),
        ({"steps": (OPEN, BEGIN, END, step("never"))}, ["step never can never be taken"]),
        ({"steps": (OPEN, BEGIN, replace(END, by=()))}, ["step end is open to nobody"]),
        (
            {"steps": (OPEN, BEGIN, END, step("stay", (Is.BUSY,), main=True))},
            ["step stay is the way forward but leads nowhere"],
        ),
        ({"clocks": (replace(CLOCK, stops=("end", "finish")),)}, ["clock all: no step finish"]),
        ({"clocks": (replace(CLOCK, then="end"),)}, ["clock all: end is no step that the clock may take"]),
        ({"clocks": (replace(CLOCK, then="gone"),)}, ["clock all: gone is no step that the clock may take"]),
    ],
)
def test_each_mistake_is_found_and_named(changes, found):
    assert problems(replace(SOUND, name="unsound", **changes)) == found


def test_states_after_which_nobody_waits_may_be_untimed():
    assert problems(replace(SOUND, clocks=(), untimed=(Is.NEW, Is.BUSY))) == []


def test_a_process_that_cannot_run_is_not_registered():
    with pytest.raises(BadProcess, match="unsound: state new waits without a clock"):
        register(replace(SOUND, name="unsound", clocks=()))
    assert "unsound" not in processes.processes()


def test_a_name_is_registered_once():
    try:
        register(SOUND)
        with pytest.raises(BadProcess, match="sound is registered twice"):
            register(SOUND)
    finally:
        processes._processes.pop("sound")


def test_every_process_of_the_program_is_sound():
    assert {
        name: problems(process) for name, process in processes.processes().items() if problems(process)
    } == {}
