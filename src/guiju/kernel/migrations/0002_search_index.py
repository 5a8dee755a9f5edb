"""The index over search tokens: FTS5 on SQLite, GIN on PostgreSQL."""

from django.db import migrations

from guiju.kernel import search_schema


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [migrations.RunPython(search_schema.forward, search_schema.backward)]
