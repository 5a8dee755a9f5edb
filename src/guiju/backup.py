"""
One file that holds an installation: database, attachments, anchors; and the fingerprint of its key, never the key.

The file is a tar: `manifest.json`, then `database.sqlite3` or `database.dump`, `attachments/…`, `anchors/…`.
"""

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.utils import timezone
from tqdm import tqdm

from guiju import __version__

FORMAT = 1


class UnableToBackup(Exception):
    """Why no backup was written."""


class UnableToRestore(Exception):
    """Why nothing was put back."""


def backup(args: argparse.Namespace) -> int:
    """Command: write a backup, and say its size and digest."""
    try:
        file = write(Path(args.file))
    except UnableToBackup as error:
        print(f"guiju backup: {error}", file=sys.stderr)
        return 1
    print(f"{file}  {file.stat().st_size:,} bytes  sha256 {_digest(file)}")
    return 0


def restore(args: argparse.Namespace) -> int:
    """Command: put a backup back."""
    try:
        manifest = read(Path(args.file), force=args.force)
    except UnableToRestore as error:
        print(f"guiju restore: {error}", file=sys.stderr)
        return 1
    print(
        f"restored: backup of {manifest['made_at']}, version {manifest['version']}, {manifest['attachments']} files"
    )
    return 0


def key_fingerprints() -> list[str]:
    """Tell the keys that personal data was written with, without giving them away."""
    return [hashlib.sha256(b"guiju key " + key.encode()).hexdigest()[:16] for key in settings.GUIJU_DATA_KEYS]


def write(file: Path) -> Path:
    """
    Write a backup of the running installation into `file`; people may go on working.

    The database is copied first, as of one moment; attachments are only ever added, so those it names are all there
    (a swept orphan may vanish meanwhile, nobody misses it). Anchors are those of the same moment.

    :raises UnableToBackup: the file exists, or the database's own program failed.
    """
    if file.exists():
        raise UnableToBackup(f"{file} exists already.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".guiju-backup-") as folder:
        anchors = Path(folder) / "anchors"
        database = _dump_with_anchors(Path(folder), anchors)
        trees = [("attachments", Path(settings.MEDIA_ROOT)), ("anchors", anchors)]
        members = [(f"{n}/{p.relative_to(root)}", p) for n, root in trees for p in _files_of(root)]
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "database": database.name,
            "database_sha256": _digest(database),
            "key_fingerprints": key_fingerprints(),
            "attachments": sum(1 for name, _ in members if name.startswith("attachments/")),
        }
        head = Path(folder) / "manifest.json"
        head.write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        unfinished = Path(folder) / "backup.tar"
        with tarfile.open(unfinished, "w") as tar:
            tar.add(head, "manifest.json")
            tar.add(database, database.name)
            for name, path in tqdm(members, desc="attachments", unit="file", delay=2, file=sys.stderr):
                with suppress(FileNotFoundError):
                    tar.add(path, name)
        unfinished.chmod(0o600)
        unfinished.replace(file)
    return file


def read(file: Path, *, force: bool = False) -> dict[str, Any]:
    """
    Put the backup in `file` back into this installation; gives back its manifest.

    :raises UnableToRestore: it is no backup, was damaged, belongs to another kind of database or another key, or this
        installation is not empty and `force` was not said.
    """
    if not file.exists():
        raise UnableToRestore(f"{file} does not exist.")
    with tempfile.TemporaryDirectory(dir=settings.GUIJU_DATA, prefix=".restore-") as folder:
        root = Path(folder)
        try:
            with tarfile.open(file) as tar:
                tar.extractall(root, filter="data")
            manifest: dict[str, Any] = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
        except (tarfile.TarError, OSError, ValueError) as error:
            raise UnableToRestore(f"{file} is no readable backup ({error}).") from error
        _check(manifest, root)
        if not force and not _is_empty():
            raise UnableToRestore("this installation is not empty. --force replaces what is there.")
        if _is_sqlite():
            _load_sqlite(root / "database.sqlite3")
        else:
            _load_postgresql(root / "database.dump")
        for name, target in (
            ("attachments", Path(settings.MEDIA_ROOT)),
            ("anchors", Path(settings.GUIJU_ANCHORS)),
        ):
            if target.exists():
                shutil.rmtree(target)
            if (root / name).exists():
                shutil.copytree(root / name, target)
            else:
                target.mkdir(parents=True)
    return manifest


def _check(manifest: dict[str, Any], root: Path) -> None:
    if manifest.get("format") != FORMAT:
        raise UnableToRestore(f"the backup has format {manifest.get('format')}, this program reads {FORMAT}.")
    if not set(manifest["key_fingerprints"]) <= set(key_fingerprints()):
        raise UnableToRestore(
            "the backup was written with another key. Put the key file data.key of that installation into "
            f"{settings.GUIJU_DATA}, or set GUIJU_DATA_KEY: without it personal data cannot be read."
        )
    wanted = "database.sqlite3" if _is_sqlite() else "database.dump"
    if manifest["database"] != wanted:
        raise UnableToRestore("the backup is of the other kind of database. Check DATABASE_URL.")
    if _digest(root / wanted) != manifest["database_sha256"]:
        raise UnableToRestore("the database inside the backup is damaged (its digest differs).")


def _is_sqlite() -> bool:
    return str(settings.DATABASES["default"]["ENGINE"]) == "guiju.sqlite"


def _is_empty() -> bool:
    """True if no table of ours holds a row that somebody made."""
    if _is_sqlite() and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return True
    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import DatabaseError

    try:
        return not get_user_model()._default_manager.exists()
    except DatabaseError:
        return True


def _dump_with_anchors(folder: Path, anchors: Path) -> Path:
    """Copy the database and the anchors so that they agree: an anchor written meanwhile means copying again."""
    kept = Path(settings.GUIJU_ANCHORS)
    while True:
        shutil.rmtree(anchors, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, anchors)
        database = _dump_sqlite(folder) if _is_sqlite() else _dump_postgresql(folder)
        if _contents(kept) == _contents(anchors):
            return database
        database.unlink()


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in _files_of(folder)}


def _dump_sqlite(folder: Path) -> Path:
    target = folder / "database.sqlite3"
    source = sqlite3.connect(f"file:{settings.DATABASES['default']['NAME']}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise UnableToBackup(f"SQLite: {error}") from error
    finally:
        copy.close()
        source.close()
    return target


def _load_sqlite(source: Path) -> None:
    from django.db import connection

    connection.close()
    target = Path(settings.DATABASES["default"]["NAME"])
    # The lock file stays: writers that wait for it must go on waiting for the same one.
    for leftover in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _dump_postgresql(folder: Path) -> Path:
    target = folder / "database.dump"
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}", refuse=UnableToBackup)
    return target


def _load_postgresql(source: Path) -> None:
    from django.db import connection

    connection.close()
    database = str(settings.DATABASES["default"]["NAME"])
    _run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={database}", str(source),
        refuse=UnableToRestore,
    )  # fmt: skip


def _run(program: str, *words: str, refuse: type[Exception]) -> None:
    """Run a program of PostgreSQL against the chosen database; the password goes through its environment."""
    found = shutil.which(program) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if found is None:
        raise refuse(f"the program {program} of PostgreSQL is not installed here.")
    chosen = settings.DATABASES["default"]
    environment = os.environ | {
        "PGHOST": str(chosen["HOST"]),
        "PGPORT": str(chosen["PORT"]),
        "PGUSER": str(chosen["USER"]),
        "PGPASSWORD": str(chosen["PASSWORD"]),
        "PGDATABASE": str(chosen["NAME"]),
    }
    done = subprocess.run(
        [found, *words],
        env={k: v for k, v in environment.items() if v},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise refuse(f"{program}: {done.stderr.strip()}")


def _files_of(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.is_file()) if root.exists() else []


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
