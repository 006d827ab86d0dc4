"""Let the database delete a security event once it is old, and refuse it before (docs/decisions/0026).

The least ages stand here and in the triggers, out of reach of a setting. They are less than the portal's own ages
(SECURITY_EVENTS_KEPT in esr_portal/settings.py), and are measured by the database's clock.
"""

from django.db import migrations

# What strangers can have written as often as they like, and every other kind. Days.
STRANGERS = ("log_in_failed", "locked", "recovery_requested", "recovery_decided", "care_identity_refused")
LEAST_OF_STRANGERS, LEAST = 30, 365

_KINDS = ", ".join(f"'{kind}'" for kind in STRANGERS)

POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION accounts_securityevent_is_append_only() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < CURRENT_TIMESTAMP - (
        CASE WHEN OLD.event IN ({_KINDS}) THEN INTERVAL '{LEAST_OF_STRANGERS} days' ELSE INTERVAL '{LEAST} days' END
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'security events are append-only';
END
$$ LANGUAGE plpgsql;
"""
POSTGRESQL_BACK = """
CREATE OR REPLACE FUNCTION accounts_securityevent_is_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'security events are append-only';
END
$$ LANGUAGE plpgsql;
"""
# Until here SQLite had no trigger for this, and deleted whatever it was told to.
SQLITE = f"""
CREATE TRIGGER securityevent_kept BEFORE DELETE ON accounts_securityevent
WHEN OLD.at >= datetime(
    'now', CASE WHEN OLD.event IN ({_KINDS}) THEN '-{LEAST_OF_STRANGERS} days' ELSE '-{LEAST} days' END
)
BEGIN SELECT RAISE(ABORT, 'security events are append-only'); END;
"""
SQLITE_BACK = "DROP TRIGGER securityevent_kept;"


def _forwards(apps, schema_editor):
    _run(schema_editor, {"postgresql": POSTGRESQL, "sqlite": SQLITE})


def _backwards(apps, schema_editor):
    _run(schema_editor, {"postgresql": POSTGRESQL_BACK, "sqlite": SQLITE_BACK})


def _run(schema_editor, by_vendor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(by_vendor[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    # A later migration that makes SQLite rebuild the table must make this trigger again, and that of 0002.
    dependencies = [("accounts", "0010_recovery_turns")]
    operations = [migrations.RunPython(_forwards, _backwards, elidable=False)]
