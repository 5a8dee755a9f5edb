"""What the settings make of the environment."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from guiju import settings


def test_silence_means_sqlite_in_the_data_folder(tmp_path):
    chosen = settings._database("", data=tmp_path)

    assert chosen["ENGINE"] == "guiju.sqlite"
    assert chosen["NAME"] == tmp_path / "guiju.sqlite3"
    assert chosen["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in chosen["OPTIONS"]["init_command"]


def test_a_postgresql_url_is_read_with_escapes_and_options(tmp_path):
    url = "postgresql://gui%40ju:p%3Aw@db.example:6543/na%20me?sslmode=require&search_path=tenant_7"

    chosen = settings._database(url, data=tmp_path)

    assert chosen["ENGINE"] == "django.db.backends.postgresql"
    assert (chosen["USER"], chosen["PASSWORD"]) == ("gui@ju", "p:w")
    assert (chosen["HOST"], chosen["PORT"], chosen["NAME"]) == ("db.example", "6543", "na me")
    assert chosen["OPTIONS"] == {
        "sslmode": "require",
        "options": "-c search_path=tenant_7",
        "prepare_threshold": None,
    }


def test_a_pool_takes_the_place_of_lasting_connections(tmp_path):
    chosen = settings._database("postgresql://guiju@localhost/guiju?pool=8", data=tmp_path)

    assert chosen["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 8, "timeout": 10}
    assert chosen["CONN_MAX_AGE"] == 0


def test_a_socket_folder_is_a_host(tmp_path):
    chosen = settings._database("postgresql:///guiju?host=/run/postgresql", data=tmp_path)

    assert chosen["HOST"] == "/run/postgresql"


def test_a_switch_is_yes_or_no_and_nothing_else(monkeypatch):
    monkeypatch.setenv("GUIJU_DEBUG", "perhaps")

    with pytest.raises(ImproperlyConfigured, match="Use 1 or 0"):
        settings._switch("GUIJU_DEBUG")


def test_a_key_comes_from_the_environment_before_the_file(monkeypatch, tmp_path):
    file = tmp_path / "data.key"
    file.write_text("from the file\n", encoding="ascii")
    monkeypatch.setenv("GUIJU_DATA_KEY", "from the environment")

    assert settings._key("GUIJU_DATA_KEY", file) == "from the environment"

    monkeypatch.delenv("GUIJU_DATA_KEY")
    assert settings._key("GUIJU_DATA_KEY", file) == "from the file"


@pytest.mark.clause("E-4.4-c")
def test_pages_travel_encrypted_unless_somebody_says_that_the_machine_is_alone(tmp_path):
    """Settings of an installation with a name of its own: https only, cookies only over it, remembered for a year."""
    code = (
        "import django.conf as c; s = c.settings;"
        "print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS)"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUIJU_")}
    env = kept | {
        "DJANGO_SETTINGS_MODULE": "guiju.settings",
        "GUIJU_DATA": str(tmp_path),
        "GUIJU_SECRET_KEY": "x",
        "GUIJU_DATA_KEY": "y",
        "GUIJU_HOSTS": "guiju.example",
        "DATABASE_URL": "",
    }

    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "True", "True", str(365 * 24 * 60 * 60)]
