"""The SOP files that ship with the program: beside each process module, and in this app's library."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps

from guiju.sop import content as contents

LIBRARY = Path(__file__).parent / "library"


def files() -> list[Path]:
    """Return the shipped files: those of processes in the order of the apps, then the library."""
    found: list[Path] = []
    for app in apps.get_app_configs():
        if app.name.startswith("guiju."):
            found += sorted((Path(app.path) / "processes").glob("*.yaml"))
    return found + sorted(LIBRARY.glob("*.yaml"))


def documents() -> dict[str, contents.Content]:
    """
    Return the shipped documents by code.

    :raises BadFile: a file cannot be read, or two files carry one code.
    """
    found: dict[str, contents.Content] = {}
    for path in files():
        content = contents.read_file(path)
        code = str(content.get("code", path.stem))
        if code in found:
            raise contents.BadFile(f"{path.name}：文件编号 {code} 用了两次")
        found[code] = content
    return found
