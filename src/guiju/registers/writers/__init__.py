"""One writer per kind of register: it plans what becomes of each row, then writes the plan in bulk."""
