"""The `guiju` command: quick help, honest exit codes."""

import os
import subprocess
import sys

import pytest

from guiju import cli

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
