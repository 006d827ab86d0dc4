"""Let the database itself refuse to change a security event, and PostgreSQL to delete one row of them."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION accounts_securityevent_is_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'security events are append-only';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER securityevent_append_only BEFORE UPDATE OR DELETE ON accounts_securityevent
FOR EACH ROW EXECUTE FUNCTION accounts_securityevent_is_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER securityevent_append_only ON accounts_securityevent;
DROP FUNCTION accounts_securityevent_is_append_only();
"""
# SQLite empties a table by deleting its rows (it has no TRUNCATE), so a DELETE cannot be told from that here.
SQLITE = """
CREATE TRIGGER securityevent_append_only BEFORE UPDATE ON accounts_securityevent
BEGIN SELECT RAISE(ABORT, 'security events are append-only'); END;
"""
SQLITE_BACK = "DROP TRIGGER securityevent_append_only;"


def _forwards(apps, schema_editor):
    _run(schema_editor, {"postgresql": POSTGRESQL, "sqlite": SQLITE})


def _backwards(apps, schema_editor):
    _run(schema_editor, {"postgresql": POSTGRESQL_BACK, "sqlite": SQLITE_BACK})


def _run(schema_editor, by_vendor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(by_vendor[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    # A later migration that makes SQLite rebuild this table must make the trigger again.
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(_forwards, _backwards, elidable=False)]
