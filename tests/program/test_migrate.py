"""`migrate` on an empty database makes at once what the migrations make one after another."""

import json

import pytest

pytestmark = pytest.mark.slow

LIST = """
import json
import django
django.setup()
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection

def named(name):
    # SQLite numbers what has no name in the order of the columns, which is no matter.
    return "" if name.startswith(("fk_", "__unnamed")) else name

if SLOWLY:
    call_command(migrate.Command(), verbosity=0, interactive=False)
with connection.cursor() as cursor:
    look = connection.introspection
    found = {}
    for table in look.table_names(cursor):
        columns = look.get_table_description(cursor, table)
        constraints = look.get_constraints(cursor, table)
        found[table] = [
            sorted([c.name, str(c.type_code), str(c.internal_size), c.null_ok, str(c.default)] for c in columns),
            sorted(json.dumps([named(name), *(sorted(map(str, given.items())))]) for name, given in constraints.items()),
        ]
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' OR sql LIKE 'CREATE VIRTUAL%'")
    else:
        cursor.execute("SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal")
    found["triggers"] = sorted(map(list, cursor.fetchall()))
    if connection.vendor == "postgresql":
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()")
        found["indexes"] = sorted(map(list, cursor.fetchall()))
        cursor.execute("SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0")
        found["constraints"] = sorted(map(list, cursor.fetchall()))
    cursor.execute("SELECT app, name FROM django_migrations")
    found["applied"] = sorted(map(list, cursor.fetchall()))
print(json.dumps(found))
"""


def test_an_empty_database_gets_the_same_tables_at_once_as_step_by_step(unmanned, place):
    slow = place.empty("slow")

    quick = json.loads(unmanned.python("SLOWLY = False" + LIST))
    ordinary = json.loads(slow.python("SLOWLY = True" + LIST))

    assert quick.keys() == ordinary.keys()
    assert {name for name in quick if quick[name] != ordinary[name]} == set()
    assert len(quick) > 100
