"""The house of the notices, and a visitor with a phone and no account."""

import pytest
from django.test import Client

from tests.notify.conftest import Operator, case, company, connect, house, operator, su, to

__all__ = ["Operator", "case", "company", "connect", "house", "operator", "su", "to"]


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=False)
