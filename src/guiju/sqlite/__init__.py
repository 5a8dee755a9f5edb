"""SQLite as a fair database for several processes. See docs/decisions/sqlite.md."""
