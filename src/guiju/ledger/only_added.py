"""
The database itself refuses to change or remove rows of the books, whoever asks: a slip of the program, a shell, a
database tool. Held by triggers, so that a house needs no discipline for it.
"""

from __future__ import annotations

from typing import Any, Final

TABLES: Final = tuple(
    f"ledger_{name}"
    for name in (
        "allocation", "bankline", "bankmatch", "bankstatement", "book", "bookdeal", "collectiontarget", "daycheck", "dayclosing", "invoice",
        "invoicerequest", "penaltyterm", "penaltywaiver", "receipt", "receiptcheck", "receivable", "receivableentry",
        "refund",
    )
)  # fmt: skip
ACTS: Final = ("update", "delete")


def forward(apps: Any, schema_editor: Any) -> None:
    """Put the triggers on every table of the books."""
    for statement in _made(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def backward(apps: Any, schema_editor: Any) -> None:
    """Take the triggers away."""
    for statement in taken_away(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def _made(vendor: str) -> list[str]:
    if vendor == "postgresql":
        function = (
            "CREATE OR REPLACE FUNCTION ledger_only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
        return [function] + [
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION ledger_only_added()"
            for table in TABLES
        ]
    return [
        f"CREATE TRIGGER {table}_only_added_{act} BEFORE {act.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
        for table in TABLES
        for act in ACTS
    ]


def taken_away(vendor: str) -> list[str]:
    """Return the statements that take the triggers away (for the way back, and to plant damage in tests)."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS only_added ON {table}" for table in TABLES] + [
            "DROP FUNCTION IF EXISTS ledger_only_added()"
        ]
    return [f"DROP TRIGGER IF EXISTS {table}_only_added_{act}" for table in TABLES for act in ACTS]
