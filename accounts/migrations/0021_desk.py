from __future__ import annotations

from django.db import migrations, models

EVENT_INDEXES = {
    "security_event_by_reference": models.Index(
        fields=["reference"], condition=models.Q(reference__gt=""), name="security_event_by_reference"
    ),
    "recovery_decided_by_time": models.Index(
        fields=["-at"], condition=models.Q(event="recovery_decided"), name="recovery_decided_by_time"
    ),
}
# By the primary keys of people and requests in it.
OF_POSTGRESQL = {"outbox_by_about": "accounts_outboxmessage USING gin (about jsonb_path_ops)"}
ON_EVENTS = {
    "security_event_by_reference": "accounts_securityevent (reference) WHERE reference > ''",
    "recovery_decided_by_time": "accounts_securityevent (at DESC) WHERE event = 'recovery_decided'",
}


def add_indexes(apps, schema_editor):
    """Add the indexes while others write. One that a broken try left behind is made anew."""
    if schema_editor.connection.vendor == "postgresql":
        for name, of in (ON_EVENTS | OF_POSTGRESQL).items():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")
        return
    model = apps.get_model("accounts", "SecurityEvent")
    for name, index in EVENT_INDEXES.items():
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
        schema_editor.add_index(model, index)


def drop_indexes(apps, schema_editor):
    concurrently = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    for name in ON_EVENTS | OF_POSTGRESQL:
        schema_editor.execute(f"DROP INDEX {concurrently}IF EXISTS {name}")


class Migration(migrations.Migration):
    """What the helpdesk's desk reads by. Outside a transaction; begun again after an end in the middle, it goes on."""

    atomic = False

    dependencies = [("accounts", "0020_helped_by_the_desk")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(model_name="securityevent", index=index) for index in EVENT_INDEXES.values()
            ],
            database_operations=[migrations.RunPython(add_indexes, drop_indexes)],
        ),
    ]
