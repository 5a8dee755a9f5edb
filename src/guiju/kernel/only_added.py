"""
Tables whose rows the database itself refuses to change or remove, whoever asks: a slip of the program, a shell, a
database tool. Held by triggers, so that a house needs no discipline for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

ACTS: Final = ("update", "delete")


def triggers(*tables: str) -> tuple[Any, Any]:
    """Return the way there and the way back of a migration that puts triggers on these tables."""

    def forward(apps: Any, schema_editor: Any) -> None:
        for statement in _made(schema_editor.connection.vendor, tables):
            schema_editor.execute(statement, params=None)

    def backward(apps: Any, schema_editor: Any) -> None:
        for statement in taken_away(schema_editor.connection.vendor, tables):
            schema_editor.execute(statement, params=None)

    return forward, backward


def _made(vendor: str, tables: Sequence[str]) -> list[str]:
    if vendor == "postgresql":
        function = (
            "CREATE OR REPLACE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
        return [function] + [
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION only_added()"
            for table in tables
        ]
    return [
        f"CREATE TRIGGER {table}_only_added_{act} BEFORE {act.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
        for table in tables
        for act in ACTS
    ]


def taken_away(vendor: str, tables: Sequence[str]) -> list[str]:
    """Return the statements that take the triggers away (for the way back, and to plant damage in tests)."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS only_added ON {table}" for table in tables]
    return [f"DROP TRIGGER IF EXISTS {table}_only_added_{act}" for table in tables for act in ACTS]
