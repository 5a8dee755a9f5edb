"""Checks that run with Django's own: every upward question has an answer, every port its app (DECISIONS 4)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from guiju.kernel import ports
from guiju.kernel.questions import unanswered


@register()
def questions_are_answered(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Report each question that no installed app answers, and each port that no app registered."""
    found: list[CheckMessage] = [
        Error(
            f"Nobody answers {name}.",
            hint="An upper app must register an answer in its ready().",
            id="guiju.E001",
        )
        for name in unanswered()
    ]
    for port in (ports.people, ports.policies):
        try:
            port()
        except ports.NotRegistered as missing:
            found.append(Error(str(missing), id="guiju.E002"))
    return found
