"""
The index over search tokens, which Django's schema cannot say: FTS5 on SQLite, GIN on PostgreSQL.

Called by a migration after ``SearchEntry`` is there: ``RunPython(search_schema.forward, search_schema.backward)``.
"""

from __future__ import annotations

from typing import Any

# Contentless: the tokens stand in the entry. Without positions and sizes, which nobody asks for.
_SQLITE = (
    "CREATE VIRTUAL TABLE kernel_search_fts USING fts5("
    "tokens, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '-_:+'\")"
)
VECTOR = "array_to_tsvector(string_to_array(tokens, ' '))"
_POSTGRESQL = f"CREATE INDEX kernel_search_tokens ON kernel_searchentry USING gin ({VECTOR})"


def forward(apps: Any, schema_editor: Any) -> None:
    """Create the index of the database at hand, and fill it from the entries that are there."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(_SQLITE)
        schema_editor.execute(
            "INSERT INTO kernel_search_fts (rowid, tokens) SELECT id, tokens FROM kernel_searchentry"
        )
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_POSTGRESQL)


def backward(apps: Any, schema_editor: Any) -> None:
    """Drop the index."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE kernel_search_fts")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX kernel_search_tokens")
