"""The toy process with its people, installed for a test."""

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case

from . import toy


@pytest.fixture
def install():
    """Install the toy with the SOP versions given; returns (people, policies)."""
    opened = []

    def start(*versions, people=None):
        block = toy.installed(*versions, people=people)
        opened.append(block)
        return block.__enter__()

    yield start
    for block in reversed(opened):
        block.__exit__(None, None, None)


@pytest.fixture
def ask():
    """Open a case; says only what matters."""

    def make(by=toy.LIN, at=toy.FRIDAY, subject="买纸", scope_id=toy.PROJECT, **given):
        event = engine.open_case(
            "toy", by=by, at=at, given={"subject": subject, **given}, chain_id=toy.COMPANY, scope_id=scope_id
        )
        return Case.objects.get(pk=event.case_id)

    return make
