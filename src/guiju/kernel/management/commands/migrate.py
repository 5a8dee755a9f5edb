"""
`migrate`, fast on an empty database.

Django builds its historical models anew after every migration: half a minute of computing for a database in which
there is nothing to carry over. An empty one gets the tables as they are at the end, then what our own migrations do
beside tables (triggers, indexes of the search), and every migration is noted as applied. A house test holds both ways
to the same tables. A database in which there is anything goes the ordinary way.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

#: With any of these the caller wants something other than an up-to-date database.
_SPECIAL: Final = (
    "app_label",
    "migration_name",
    "fake",
    "fake_initial",
    "plan",
    "check_unapplied",
    "prune",
)


class Command(migrate.Command):
    """Brings the tables up to date."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Build an empty database at once; then, as always, apply what is missing."""
        connection = connections[options["database"]]
        if not any(options.get(name) for name in _SPECIAL) and not connection.introspection.table_names():
            build(connection)
        super().handle(*args, **options)


def build(connection: BaseDatabaseWrapper) -> None:
    """Make all tables in an empty database, and note every migration as applied; all of it or nothing."""
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    state = executor.loader.project_state()
    models = state.apps
    executor.recorder.ensure_schema()
    with connection.schema_editor(atomic=True) as editor:
        for model in models.get_models():
            if model._meta.managed and not model._meta.proxy and not model._meta.swapped:
                editor.create_model(model)
        for migration in plan:
            # What other packages' migrations do beside tables carries over rows, and there are none.
            if not apps.get_app_config(migration.app_label).name.startswith("guiju."):
                continue
            for operation in migration.operations:
                if isinstance(operation, RunPython | RunSQL):
                    operation.database_forwards(migration.app_label, editor, state, state)
        for migration in plan:
            executor.recorder.record_applied(migration.app_label, migration.name)
    executor.check_replacements()
