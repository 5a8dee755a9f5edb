"""Whole installations for tests that work as the administrator does, on the kind of database of this run."""

import os
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg

KEYS = {"GUIJU_SECRET_KEY": "signs", "GUIJU_DATA_KEY": "encrypts people"}


ADMIN = ("--admin", "boss", "--company", "试验公司", "--password-stdin", "--quiet")


class Installation:
    """A data folder with a database of its own, and the command working on it."""

    def __init__(self, folder: Path, url: str):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GUIJU_")}
        self.env |= KEYS | {
            "DJANGO_SETTINGS_MODULE": "guiju.settings",
            "GUIJU_DATA": str(folder),
            "DATABASE_URL": url,
        }

    def guiju(self, *words, given="", **env):
        return subprocess.run(
            [sys.executable, "-m", "guiju.cli", *words],
            env=self.env | env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def python(self, code):
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def people(self):
        return self.python(
            "import django; django.setup(); from guiju.org.models import Person;"
            "print(sorted(Person.objects.values_list('username', flat=True)))"
        )


class Place:
    """Makes installations below a folder, on the kind of database of this run; theirs go away at the end."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.served = os.environ.get("DATABASE_URL", "")
        self.made: list[str] = []

    def empty(self, name):
        (self.folder / name).mkdir()
        return self._installation(name, "template1")

    def copy(self, of, name):
        """The same people and files again, without the work of preparing them."""
        shutil.copytree(of.folder, self.folder / name)
        return self._installation(name, of.env["DATABASE_URL"].rpartition("/")[2])

    def _installation(self, name, template):
        if not self.served.startswith("postgres"):
            return Installation(self.folder / name, "")
        database = f"guiju_{name}_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.served, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        self.made.append(database)
        return Installation(self.folder / name, re.sub(r"/[^/]*$", f"/{database}", self.served))

    def clear(self):
        for database in self.made:
            with psycopg.connect(self.served, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
