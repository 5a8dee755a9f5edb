"""The `guiju` command: quick help, honest exit codes."""

import os
import socket
import subprocess
import sys

import pytest

from guiju import cli, demo
from guiju.estate.models import Project
from guiju.org.models import Company, Group

COMMANDS = sorted(cli.WORK)


def guiju(*words, env=None):
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "guiju.cli", *words],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "guiju.settings", **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])

    assert ended.value.code == 0
    assert f"guiju {command}" in capsys.readouterr().out


def test_help_does_not_wait_for_the_framework():
    code = "import sys; from guiju import cli; cli.words(); sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["import", "units", "file.xlsx"],
        ["import", "trees", "file.xlsx", "--project", "CY1"],
        ["sop"],
        ["audit"],
        ["token", "create"],
    ],
)
def test_words_that_make_no_sense_are_refused(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)

    assert ended.value.code == 2
    assert "usage: guiju" in capsys.readouterr().err


def test_a_missing_key_is_explained_with_its_cure(tmp_path):
    env = {"GUIJU_DATA": str(tmp_path), "GUIJU_SECRET_KEY": "", "GUIJU_DATA_KEY": "", "DATABASE_URL": ""}

    done = guiju("audit", "verify", env=env)

    assert done.returncode == 1
    assert "GUIJU_SECRET_KEY" in done.stderr
    assert "guiju init" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["mysql://host/name", "oracle:thing"])
def test_an_unknown_database_is_explained_with_the_known_ones(tmp_path, url):
    env = {"GUIJU_DATA": str(tmp_path), "GUIJU_SECRET_KEY": "x", "GUIJU_DATA_KEY": "y", "DATABASE_URL": url}

    done = guiju("audit", "verify", env=env)

    assert done.returncode == 1
    assert "postgresql://" in done.stderr
    assert "sqlite:" in done.stderr


def test_a_port_that_is_taken_is_said_in_one_line(capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == 1
    assert f"port {port} is taken" in capsys.readouterr().err

    monkeypatch.setenv("PORT", "eight thousand")
    assert cli.main(["serve"]) == 1
    assert "Choose another" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_demonstration_that_was_stopped_half_way_is_not_called_done(settings, tmp_path, capsys):
    settings.GUIJU_DATA = tmp_path
    company = Company.objects.create(
        group=Group.objects.create(name="示范集团"), name="示范置业", kind="parent"
    )
    Project.objects.create(code="CY1", name="澄园", company=company)
    words = cli.words().parse_args(["demo"])
    assert demo.main(words) == 0
    assert "不再重做" in capsys.readouterr().out

    (tmp_path / demo.UNFINISHED).touch()

    assert demo.main(words) == 1
    assert "没有做完" in capsys.readouterr().err
