"""Installations shared by the tests of the program."""

import pytest

from tests.program.installations import ADMIN, Place


@pytest.fixture(scope="session")
def unmanned(tmp_path_factory):
    """An installation in which nobody can sign in yet."""
    place = Place(tmp_path_factory.mktemp("unmanned"))
    here = place.empty("first")
    done = here.guiju("init", "--no-admin", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    yield here
    place.clear()


@pytest.fixture(scope="session")
def prepared(unmanned, tmp_path_factory):
    """The same with its administrator."""
    place = Place(tmp_path_factory.mktemp("prepared"))
    here = place.copy(unmanned, "second")
    done = here.guiju("init", *ADMIN, given="a long pass phrase 7\n")
    assert (done.returncode, done.stderr) == (0, "")
    yield here
    place.clear()


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    place.clear()
