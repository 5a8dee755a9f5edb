"""`guiju init`: from nothing to a working installation without demo data. Running it again upgrades what is there."""

import argparse
import getpass
import os
import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import django
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

# Years of the working calendar: old cases come in from registers, limits reach across New Year.
YEARS_BACK: Final = 6
YEARS_AHEAD: Final = 3


class UnableToInit(Exception):
    """What is missing, in one sentence for the administrator."""


def init(args: argparse.Namespace) -> int:
    """
    Make keys, tables, static files, SOPs 1.0, the calendar, and the first administrator if there is nobody yet.

    Prints each step. Nothing that exists is replaced.
    """

    def say(text: str) -> None:
        if not args.quiet:
            print(text)

    for file in make_keys():
        say(f"made {file} (keep a copy in a safe place: without it personal data cannot be read)")
    django.setup()
    from django.conf import settings

    from guiju.kernel import calendar
    from guiju.org.seed import seed_posts

    for folder in (settings.MEDIA_ROOT, settings.GUIJU_ANCHORS):
        folder.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    say("database is up to date")
    call_command("collectstatic", interactive=False, verbosity=0)
    say("static files collected")
    at = timezone.now()
    seed_posts()
    calendar.seed(range(at.year - YEARS_BACK, at.year + YEARS_AHEAD + 1))
    say("working calendar and posts are there")
    try:
        _first_administrator(args, at, say)
    except (UnableToInit, ValidationError) as error:
        text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        print(f"guiju init: {text}", file=sys.stderr)
        return 1
    if _call_if_there("guiju.sop.operations", "load_shipped"):
        say("SOPs 1.0 loaded")
    return 0


def demo(args: argparse.Namespace) -> int:
    """Fill an empty database with the demo project; one in which people work is left alone."""
    from guiju import demo
    from guiju.demo import scenes
    from guiju.org.models import Person

    if not args.sign_ins and Person.objects.exists() and not scenes.built():
        print(
            "guiju demo: there are people in this database already; the demo wants an empty one.",
            file=sys.stderr,
        )
        return 1
    return demo.main(args)


def make_keys() -> list[Path]:
    """
    Make the key files that neither exist nor come from the environment; gives back the files made.

    :raises SystemExit: personal data was written already, so a new key could not read it.
    """
    data = Path(os.environ.get("GUIJU_DATA") or _data_folder()).resolve()
    data.mkdir(parents=True, exist_ok=True)
    made = []
    for variable, name in (("GUIJU_SECRET_KEY", "secret.key"), ("GUIJU_DATA_KEY", "data.key")):
        file = data / name
        if os.environ.get(variable) or file.exists():
            continue
        if name == "data.key" and (data / "guiju.sqlite3").exists():
            raise SystemExit(
                f"guiju init: {data / 'guiju.sqlite3'} exists, but {file} does not. A new key could not read its "
                "personal data. Put the old key file back, or move the database away."
            )
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(48 if name == "secret.key" else 32) + "\n")
        made.append(file)
    return made


def _data_folder() -> Path:
    # The settings cannot be asked: they want the keys that are about to be made.
    checkout = Path(__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "var"


def _call_if_there(module: str, function: str) -> bool:
    if not find_spec(module):
        return False
    work = getattr(import_module(module), function, None)
    if work is None:
        return False
    work()
    return True


def _first_administrator(args: argparse.Namespace, at: datetime, say: Callable[[str], None]) -> None:
    """
    Make the first administrator with a company to belong to, unless there are people already.

    :raises UnableToInit: nobody can be asked, and nobody was named.
    :raises ValidationError: the password is too weak.
    """
    from django.contrib.auth import get_user_model
    from django.contrib.auth.password_validation import validate_password

    people = get_user_model()._default_manager
    if args.no_admin or people.exists():
        if args.company or args.group:
            say("no company made: --company and --group belong to the first administrator")
        return
    asks = sys.stdin.isatty() and not args.password_stdin
    username = args.admin or (
        input("Sign-in name of the first administrator [admin]: ") or "admin" if asks else ""
    )
    if not username:
        raise UnableToInit("nobody can be asked here. Use --admin USER --password-stdin, or --no-admin.")
    company_name = args.company or (input("Company (legal entity): ") if asks else "")
    if not company_name:
        raise UnableToInit("the first administrator belongs to a company: --company NAME.")
    password = getpass.getpass("Password: ") if asks else sys.stdin.readline().rstrip("\n")
    validate_password(password)
    from guiju.org.seed import seed_administrator, seed_organisation

    group_name = args.group or f"{company_name}（集团）"
    company = seed_organisation(
        at, company_name=company_name, short_name="", group_name=group_name, parent_name=group_name
    )
    seed_administrator(
        at, company=company, username=username, name=args.name or "系统管理员", password=password
    )
    say(f"administrator {username} made")
