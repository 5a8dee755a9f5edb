"""Logs and failures say where and how, and nothing that is somebody's."""

import logging

import pytest

from guiju import discreet


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Not Found: /o/Zm9vYmFyYmF6/code/", "Not Found: /o/…/code/"),
        (
            "Forbidden (CSRF token missing.): /o/message/YQ1/",
            "Forbidden (CSRF token missing.): /o/message/YQ1/",
        ),
        ("GET /reception/call/?phone=19900001111 failed", "GET /reception/call/?… failed"),
        ("买受人苏清越 19900001111 已登记", "… … …"),
        ("no one has 110101 19900307 8515", "no one has …"),
        ("token guiju_QV-HzLFzVJHb is dead", "token guiju_… is dead"),
        (
            'null value in column "name"\nDETAIL:  Failing row contains (7, Su, 199 0000 1111).\nCONTEXT: x',
            'null value in column "name" …',
        ),
        ("reaction papers.print to event 12345 failed", "reaction papers.print to event 12345 failed"),
        ("RG-YQ1-2026-0001 at 2026-11-18 10:00", "RG-YQ1-2026-0001 at 2026-11-18 10:00"),
        ("199-0000-1111, 1990000 1111, 010-66668888", "…, …, …"),
    ],
)
def test_what_may_be_somebodys_is_left_out(said, left):
    assert discreet.words(said) == left


def test_a_failure_tells_the_way_to_it_and_its_kind_without_what_it_was_about():
    name, phone = "苏清越", "19900001111"
    try:
        try:
            {}[name]
        except KeyError as first:
            raise ValueError(f"{phone} is no name") from first
    except ValueError as error:
        told = discreet.failure(error)
        record = logging.LogRecord(
            "guiju",
            logging.ERROR,
            __file__,
            1,
            "case of %s failed",
            (name,),
            (type(error), error, error.__traceback__),
        )

    assert "KeyError: '…'" in told
    assert told.endswith("ValueError: … is no name")
    assert "test_discreet.py" in told
    line = discreet.Line("%(levelname)s %(message)s").format(record)
    assert line.startswith("ERROR case of … failed\nTraceback")
    assert "19900001111" not in line
    # Who keeps whole failures for a test or a watch keeps them whole.
    assert record.getMessage() == "case of 苏清越 failed"
