"""Throw-away databases: measuring never touches the installation's own data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

NAME = "guiju_bench"
#: What the data of a measurement is signed and encrypted with, by the file in the folder that holds it.
KEYS = {
    "secret.key": "signs the sessions of a measurement",
    "data.key": "encrypts the invented people of a measurement",
}


class UnableToMakePlace(Exception):
    """The database server does not let this user make a database; says what it said."""


def is_postgresql(url: str) -> bool:
    """Whether the URL names PostgreSQL."""
    return urlsplit(url).scheme.startswith("postgres")


def named(url: str, name: str, folder: Path) -> str:
    """Return the URL of a database of this name: on the same server, or a file in the folder."""
    if not is_postgresql(url):
        return f"sqlite:///{folder / name}.sqlite3"
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path="/" + quote(name)))


def name_of(url: str) -> str:
    """Return what Django calls the database of such a URL: its name on the server, or its file."""
    return unquote(urlsplit(url).path)[1:]


@contextmanager
def server(url: str) -> Iterator[object]:
    """Give a connection to the server's own database, on which databases can be made."""
    import psycopg

    parts = urlsplit(url)
    for name in dict.fromkeys(("postgres", parts.path.lstrip("/"))):
        plain = urlunsplit(parts._replace(path="/" + name, query=""))
        try:
            with psycopg.connect(plain, autocommit=True) as connection:
                yield connection
                return
        except psycopg.OperationalError as error:
            refusal = error
    raise UnableToMakePlace(str(refusal).strip())


def exists(url: str, name: str, folder: Path) -> bool:
    """Whether the database is there (kept by an earlier run)."""
    if not is_postgresql(url):
        return (folder / f"{name}.sqlite3").exists()
    with server(url) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])  # type: ignore[attr-defined]
        return found.fetchone() is not None


def create(url: str, name: str, folder: Path, *, like: str = "") -> None:
    """Make an empty database, or a copy of another one that nobody is connected to.

    :raises UnableToMakePlace: the server refuses.
    """
    if not is_postgresql(url):
        if like:
            # Under another name first: half a copy would be taken for a database by the next run.
            half = folder / f"{name}.half"
            shutil.copyfile(folder / f"{like}.sqlite3", half)
            half.replace(folder / f"{name}.sqlite3")
        return
    import psycopg

    template = f' TEMPLATE "{like}"' if like else ""
    try:
        with server(url) as connection:
            connection.execute(f'CREATE DATABASE "{name}"{template}')  # type: ignore[attr-defined]
    except psycopg.Error as error:
        raise UnableToMakePlace(str(error).strip()) from error


def drop(url: str, name: str, folder: Path) -> None:
    """Remove the database, whoever is still connected to it."""
    if is_postgresql(url):
        with server(url) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[attr-defined]
        return
    for ending in ("", "-wal", "-shm", ".lock"):
        (folder / f"{name}.sqlite3{ending}").unlink(missing_ok=True)


def keep_keys(folder: Path) -> None:
    """Write the keys into the folder, unless it has its own: ``GUIJU_DATA`` set to it opens what was kept."""
    for name, words in KEYS.items():
        file = folder / name
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(words, encoding="ascii")


def _key(folder: Path, name: str) -> str:
    file = folder / name
    return file.read_text(encoding="ascii").strip() if file.exists() else KEYS[name]


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return the environment in which this program uses that database and nothing of the installation."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "GUIJU_DATA": str(folder),
        "GUIJU_SECRET_KEY": _key(folder, "secret.key"),
        "GUIJU_DATA_KEY": _key(folder, "data.key"),
        "GUIJU_PLAIN_HTTP": "1",
        "GUIJU_HOSTS": "127.0.0.1",
        "GUIJU_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "guiju.bench.settings",
    }
