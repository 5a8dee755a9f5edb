"""
Writes one lean `0001_initial` for every app of ours, from the models as they are.

Django's own `makemigrations` puts most foreign keys, indexes and constraints behind the tables. Each of those steps
builds hundreds of model classes anew, and on SQLite copies the table: seconds of every first start and every test run.
Here each table is made once, with all it has, in the order in which tables name each other; only where two name one
another does a key come later. Other migrations of an app that change data (RunPython, RunSQL) are kept, and follow.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiju.settings")
# Any key will do: nothing is read or written but files.
os.environ.setdefault("GUIJU_SECRET_KEY", "-")
os.environ.setdefault("GUIJU_DATA_KEY", "-")

import django
from django.utils import translation

django.setup()
# Words of the framework stay in its own language, as in `makemigrations`.
translation.deactivate_all()

from django.apps import AppConfig, apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import migrations, models  # noqa: E402
from django.db.migrations.operations import AddField, CreateModel, RunPython, RunSQL  # noqa: E402
from django.db.migrations.state import ModelState  # noqa: E402
from django.db.migrations.writer import MigrationWriter  # noqa: E402

SOURCE = Path(__file__).resolve().parents[1] / "src" / "guiju"


def target(field: models.Field) -> tuple[str, str] | None:
    """Return app and model that a field points at."""
    if field.remote_field is None or not field.remote_field.model:
        return None
    to = field.remote_field.model
    if isinstance(to, str):
        app, _, name = to.rpartition(".")
        return app.lower(), name.lower()
    return to._meta.app_label, to._meta.model_name


def targets(field: models.Field) -> set[tuple[str, str]]:
    """Return all that must be there before the field: its target, and the table between in many-to-many."""
    found = {target(field)}
    through = getattr(field.remote_field, "through", None)
    if through is not None:
        if isinstance(through, str):
            app, _, name = through.rpartition(".")
            found.add((app.lower(), name.lower()))
        elif not through._meta.auto_created:
            found.add((through._meta.app_label, through._meta.model_name))
    return {one for one in found if one is not None}


def operations(label: str, states: dict[str, ModelState]) -> list[migrations.operations.base.Operation]:
    """Return the tables of an app in order; of a circle, the one that needs least comes first without those keys."""
    found: list[migrations.operations.base.Operation] = []
    waiting = dict(states)
    made: set[str] = set()
    late: list[tuple[str, str, models.Field]] = []

    def lacks(name: str) -> dict[str, models.Field]:
        return {
            field_name: field
            for field_name, field in waiting[name].fields.items()
            if any(app == label and to not in made and to != name for app, to in targets(field))
        }

    while waiting:
        ready = [name for name in waiting if not lacks(name)]
        name = ready[0] if ready else min(waiting, key=lambda one: len(lacks(one)))
        missing = lacks(name)
        state = waiting.pop(name)
        fields = [
            (field_name, field) for field_name, field in state.fields.items() if field_name not in missing
        ]
        options = {key: value for key, value in state.options.items() if value not in ({}, [], ())}
        if missing:
            named = set(missing)
            for kind in ("indexes", "constraints"):
                if any(named & set(getattr(one, "fields", ()) or ()) for one in options.get(kind, ())):
                    sys.exit(
                        f"{label}.{name}: a {kind[:-2]} needs a key of a circle; order the models by hand"
                    )
        found.append(CreateModel(state.name, fields, options, state.bases, state.managers))
        late += [(state.name, field_name, field) for field_name, field in missing.items()]
        made.add(name)
    found += [AddField(name, field_name, field) for name, field_name, field in late]
    return found


def dependencies(label: str, states: dict[str, ModelState]) -> list[tuple[str, str]]:
    """Return the migrations that must come before."""
    swapped = settings.AUTH_USER_MODEL.lower()
    found: set[tuple[str, str]] = set()
    for state in states.values():
        for field in state.fields.values():
            for app, name in targets(field):
                if app == label:
                    continue
                if f"{app}.{name}" == swapped:
                    found.add(migrations.swappable_dependency(settings.AUTH_USER_MODEL))
                elif ours(app):
                    found.add((app, "0001_initial"))
                else:
                    found.add((app, newest(app)))
    return sorted(found)


def newest(app: str) -> str:
    """Return the last migration of a third-party app."""
    folder = Path(import_module(f"{apps.get_app_config(app).name}.migrations").__file__ or "").parent
    return max(path.stem for path in folder.glob("0*.py"))


def ours(app: str) -> bool:
    """Whether the app is one of this program's."""
    return apps.get_app_config(app).name.startswith("guiju.")


def changes_data(config: AppConfig, name: str) -> bool:
    """Whether a migration does more than follow the models."""
    module = import_module(f"{config.name}.migrations.{name}")
    return any(isinstance(one, RunPython | RunSQL) for one in module.Migration.operations)


def main() -> int:
    """Rewrite the migrations; with --check only say what would change."""
    words = argparse.ArgumentParser(description="Write one lean initial migration per app.")
    words.add_argument("app", nargs="*", help="labels (default: all apps that have migrations)")
    args = words.parse_args()
    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        if not config.name.startswith("guiju.") or (args.app and config.label not in args.app):
            continue
        if not folder.is_relative_to(SOURCE) or not list(config.get_models()):
            continue
        states = {
            model._meta.model_name: ModelState.from_model(model)
            for model in config.get_models()
            if not model._meta.auto_created
        }
        made = type(
            "Migration",
            (migrations.Migration,),
            {"initial": True, "operations": operations(config.label, states),
             "dependencies": dependencies(config.label, states)},
        )("0001_initial", config.label)  # fmt: skip
        text = MigrationWriter(made, include_header=False).as_string()
        kept = []
        for path in sorted(folder.glob("0*.py")):
            if path.stem == "0001_initial":
                continue
            if changes_data(config, path.stem):
                kept.append(path.stem)
            else:
                path.unlink()
        (folder / "0001_initial.py").write_text(text, encoding="utf-8")
        behind = sum(isinstance(one, AddField) for one in made.operations)
        print(
            f"{config.label}: {len(states)} tables, {behind} keys behind them"
            + (f", kept {', '.join(kept)}" if kept else "")
        )
    print("Now: manage.py makemigrations --check")
    return 0


if __name__ == "__main__":
    sys.exit(main())
