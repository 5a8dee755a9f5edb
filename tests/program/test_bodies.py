"""Requests come in whole, or not at all, and whoever sends slowly keeps nobody waiting."""

import io
import threading

import pytest

from guiju import bodies


def echo(environ, start_response):
    """Says what it was sent."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Stuck(io.RawIOBase):
    """Somebody who sends a little and never goes on."""

    def __init__(self):
        self.gone = threading.Event()

    def read(self, size=-1):
        self.gone.wait()
        return b""


def sent(app, source, length):
    said = []
    body = b"".join(
        app({"wsgi.input": source, "CONTENT_LENGTH": str(length)}, lambda *answer: said.append(answer))
    )
    return said[0][0], body


@pytest.fixture
def app():
    return bodies.Whole(echo, threads=1)


def test_a_request_reaches_the_program_as_it_was_sent(app):
    text = b"x" * (3 * bodies.PIECE + 5)

    assert sent(app, io.BytesIO(text + b"next"), len(text)) == ("200 OK", text)
    assert sent(app, io.BytesIO(b""), 0) == ("200 OK", b"")
    assert app._held == 0


def test_the_variables_of_the_process_are_no_part_of_a_request(monkeypatch):
    monkeypatch.setenv("GUIJU_DATA_KEY", "secret")
    monkeypatch.setenv("SERVER_NAME", "of the process")
    seen = {}
    app = bodies.Whole(lambda environ, start: seen.update(environ) or echo(environ, start), threads=1)

    request = {"wsgi.input": io.BytesIO(), "GUIJU_DATA_KEY": "secret", "HTTP_HOST": "a", "SERVER_NAME": "b"}
    app(request, lambda *_: None)

    assert "GUIJU_DATA_KEY" not in seen
    assert (seen["HTTP_HOST"], seen["SERVER_NAME"]) == ("a", "b")


def test_half_a_request_is_not_taken_for_a_whole_one(app):
    status, words = sent(app, io.BytesIO(b"half"), 400)

    assert (status, words.decode()) == ("400 Bad Request", bodies.CUT)


def test_what_is_too_large_is_thrown_away_and_refused_by_the_program(app):
    assert sent(app, io.BytesIO(b"x" * (bodies.MOST_BYTES + 1)), bodies.MOST_BYTES + 1) == ("200 OK", b"")


def test_while_others_send_slowly_a_request_is_answered():
    app = bodies.Whole(echo, threads=1)
    stuck = [Stuck() for _ in range(20)]
    answers = []
    waiting = [threading.Thread(target=lambda one=one: answers.append(sent(app, one, 100))) for one in stuck]
    for one in waiting:
        one.start()

    assert sent(app, io.BytesIO(b"ok"), 2) == ("200 OK", b"ok")
    for one in stuck:
        one.gone.set()
    for one in waiting:
        one.join()
    assert answers == [("400 Bad Request", bodies.CUT.encode())] * 20


def test_no_more_lies_in_memory_than_there_is_room_for():
    app = bodies.Whole(echo, threads=1, patience=0.2, held=10)

    assert sent(app, io.BytesIO(b"x" * 11), 11) == ("503 Service Unavailable", bodies.FULL.encode())
    assert sent(app, io.BytesIO(b"x" * 10), 10) == ("200 OK", b"x" * 10)


def test_what_fails_in_the_program_fails_outside_too():
    def broken(environ, start_response):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sent(bodies.Whole(broken, threads=1), io.BytesIO(b""), 0)
