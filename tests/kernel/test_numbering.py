"""Numbers: one counter row per series, scope and year; those of documents leave no gap."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from guiju.kernel import numbering

from . import toy

pytestmark = pytest.mark.django_db

NEW_YEARS_EVE = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _installed(install):
    install()


def test_a_series_counts_from_one():
    assert [numbering.next_value("a"), numbering.next_value("a"), numbering.next_value("b")] == [1, 2, 1]


def test_a_case_number_names_series_project_and_the_year_in_china():
    assert numbering.case_number("RG", toy.PROJECT, NEW_YEARS_EVE) == "RG-YQ1-2026-0001"
    assert numbering.case_number("RG", toy.PROJECT, NEW_YEARS_EVE) == "RG-YQ1-2026-0002"
    assert numbering.case_number("RG", toy.PROJECT, NEW_YEAR) == "RG-YQ1-2027-0001"
    assert numbering.case_number("RG", None, NEW_YEAR) == "RG-GS-2027-0001"


def test_documents_count_beside_cases():
    numbering.case_number("RG", toy.PROJECT, NEW_YEAR)

    assert numbering.document_number("RG", toy.PROJECT, NEW_YEAR) == "RG-YQ1-2027-0001"


def test_a_number_taken_in_vain_is_given_back():
    with pytest.raises(RuntimeError), transaction.atomic():
        numbering.document_number("RG", toy.PROJECT, NEW_YEAR)
        raise RuntimeError

    assert numbering.document_number("RG", toy.PROJECT, NEW_YEAR) == "RG-YQ1-2027-0001"


def test_the_ten_thousandth_number_is_longer_and_no_other():
    from guiju.kernel.models import Counter

    Counter.objects.create(series="RG-YQ1-2027", value=9999)

    assert numbering.case_number("RG", toy.PROJECT, NEW_YEAR) == "RG-YQ1-2027-10000"
