"""The database refuses to change or remove rows of the books."""

from django.db import migrations

from guiju.ledger import only_added


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(only_added.forward, only_added.backward)]
