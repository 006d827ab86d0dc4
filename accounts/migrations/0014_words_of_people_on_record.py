from __future__ import annotations

from django.db import migrations

from accounts.services.search_words import refold

# By name, and by the beginning of an ESR number at any organisation.
INDEXES = {
    "user_by_search_words": """USING gin (array_to_tsvector(string_to_array("search_words", ' '))) WITH (fastupdate = off)""",
    "user_by_employee_number": """("employee_number" varchar_pattern_ops)""",
}


def fill(apps, schema_editor):
    """Give the people on record their words, some at a time: others read and write meanwhile."""
    refold(people=apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias))


def add_indexes(apps, schema_editor):
    """Add the indexes while others write. One that a broken try left behind is made anew."""
    if schema_editor.connection.vendor == "postgresql":
        for name, of in INDEXES.items():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} ON accounts_user {of}")
        schema_editor.execute("ANALYZE accounts_user")


def drop_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


class Migration(migrations.Migration):
    """Fills in batches, outside a transaction; begun again after an end in the middle, it goes on where it was."""

    atomic = False

    dependencies = [("accounts", "0013_search_words")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(add_indexes, drop_indexes),
    ]
