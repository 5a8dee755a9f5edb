"""Upward questions: a lower app asks by name, an upper app answers. No import runs upward (DECISIONS 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Unanswered(RuntimeError):
    """A question was asked that no installed app answers."""


class Question(Generic[P, R]):
    """A question that the app defining it cannot answer itself."""

    asked: dict[str, Question[..., object]] = {}

    def __init__(self, name: str, signature: Callable[P, R], *, many: bool = False) -> None:
        self.name, self.signature, self.many = name, signature, many
        self.answers: list[Callable[P, R]] = []
        Question.asked[name] = self  # type: ignore[assignment]

    def answered_by(self, answer: Callable[P, R]) -> Callable[P, R]:
        """Register an answer. A question with ``many`` collects all; another takes exactly one."""
        if self.answers and not self.many:
            raise RuntimeError(f"{self.name} is answered twice.")
        self.answers.append(answer)
        return answer

    def ask(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the one answer.

        :raises Unanswered: no app answers.
        """
        if not self.answers:
            raise Unanswered(f"Nobody answers {self.name}.")
        return self.answers[0](*args, **kwargs)

    def ask_all(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """Return every app's answer, in the order of registration."""
        return [answer(*args, **kwargs) for answer in self.answers]


def question(signature: Callable[P, R]) -> Question[P, R]:
    """Make a question of a function whose body is only its docstring."""
    return Question(f"{signature.__module__}.{signature.__name__}", signature)


def survey(signature: Callable[P, R]) -> Question[P, R]:
    """Make a question that any number of apps answer."""
    return Question(f"{signature.__module__}.{signature.__name__}", signature, many=True)


def unanswered() -> list[str]:
    """Return the names of questions that nobody answers (a check of the house fails on them)."""
    return sorted(name for name, asked in Question.asked.items() if not asked.answers and not asked.many)
