"""
The index over search tokens, which Django's schema cannot say: FTS5 on SQLite, GIN on PostgreSQL.

Called by a migration after ``SearchEntry`` is there: ``RunPython(search_schema.forward, search_schema.backward)``.
"""

from __future__ import annotations

from typing import Any

FTS_TABLE = "kernel_search_fts"
GIN_INDEX = "kernel_search_tokens"
ENTRY_TABLE = "kernel_searchentry"

# Contentless: the tokens stand in the entry. Without positions and sizes, which nobody asks for.
_SQLITE = (
    f"CREATE VIRTUAL TABLE {FTS_TABLE} USING fts5("
    "tokens, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '-_:+'\")"
)
VECTOR = "array_to_tsvector(string_to_array(tokens, ' '))"
_POSTGRESQL = f"CREATE INDEX {GIN_INDEX} ON {ENTRY_TABLE} USING gin ({VECTOR})"


def forward(apps: Any, schema_editor: Any) -> None:
    """Create the index of the database at hand, and fill it from the entries that are there."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(_SQLITE)
        schema_editor.execute(f"INSERT INTO {FTS_TABLE} (rowid, tokens) SELECT id, tokens FROM {ENTRY_TABLE}")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_POSTGRESQL)


def backward(apps: Any, schema_editor: Any) -> None:
    """Drop the index."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TABLE {FTS_TABLE}")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {GIN_INDEX}")
