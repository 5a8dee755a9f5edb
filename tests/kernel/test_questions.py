"""Upward questions: asked by name below, answered above; one that nobody answers is an error of the installation."""

import pytest

from guiju.kernel import questions
from guiju.kernel.checks import questions_are_answered
from guiju.kernel.questions import Question, Unanswered, question, survey


@pytest.fixture
def forgotten():
    before = dict(Question.asked)
    yield
    Question.asked.clear()
    Question.asked.update(before)


def test_the_one_answer_comes_back(forgotten):
    @question
    def keys_out(unit: int) -> bool:
        """Are keys out?"""

    keys_out.answered_by(lambda unit: unit == 7)

    assert (keys_out.ask(7), keys_out.ask(8)) == (True, False)
    with pytest.raises(RuntimeError, match="answered twice"):
        keys_out.answered_by(lambda unit: False)


def test_a_survey_collects_every_answer(forgotten):
    @survey
    def open_matters(customer: int) -> str:
        """What is open?"""

    open_matters.answered_by(lambda customer: "认购")
    open_matters.answered_by(lambda customer: "投诉")

    assert open_matters.ask_all(1) == ["认购", "投诉"]


def test_a_question_that_nobody_answers_fails_the_check_and_the_asking(forgotten):
    @question
    def lonely() -> int:
        """Nobody knows."""

    with pytest.raises(Unanswered):
        lonely.ask()
    assert [error.id for error in questions_are_answered(None)] == ["guiju.E001"]


def test_in_this_installation_every_question_is_answered():
    assert questions.unanswered() == []
    assert questions_are_answered(None) == []
