"""Store each event under its name: one was stored under another, and the column was too short for it.

Security events are append-only by a trigger (0002). It is set aside for this one change, in the transaction of the
migration, whose lock on the table keeps every other writer out until the trigger is back.
"""

from django.db import migrations, models

FORMER, NOW = "recovery_email_by_helpdesk", "recovery_email_sent_by_helpdesk"

SET_ASIDE = {
    "postgresql": "ALTER TABLE accounts_securityevent DISABLE TRIGGER securityevent_append_only",
    "sqlite": "DROP TRIGGER securityevent_append_only",
}
# SQLite makes the table anew to widen a column, and a trigger goes with its table.
BRING_BACK = {
    "postgresql": "ALTER TABLE accounts_securityevent ENABLE TRIGGER securityevent_append_only",
    "sqlite": """
CREATE TRIGGER securityevent_append_only BEFORE UPDATE ON accounts_securityevent
BEGIN SELECT RAISE(ABORT, 'security events are append-only'); END;
""",
}


def _set_aside(apps, schema_editor):
    schema_editor.execute(SET_ASIDE[schema_editor.connection.vendor])


def _bring_back(apps, schema_editor):
    schema_editor.execute(BRING_BACK[schema_editor.connection.vendor])


def _rename(apps, schema_editor):
    _store(apps, schema_editor, instead_of=FORMER, event=NOW)


def _rename_back(apps, schema_editor):
    _store(apps, schema_editor, instead_of=NOW, event=FORMER)


def _store(apps, schema_editor, *, instead_of, event):
    rows = apps.get_model("accounts", "SecurityEvent").objects.using(schema_editor.connection.alias)
    rows.filter(event=instead_of).update(event=event)


class Migration(migrations.Migration):
    # The trigger must not be away without the lock on the table.
    atomic = True

    dependencies = [
        ('accounts', '0004_care_identity'),
    ]

    operations = [
        migrations.RunPython(_set_aside, _bring_back, elidable=False),
        migrations.AlterField(
            model_name='securityevent',
            name='event',
            field=models.CharField(choices=[('logged_in', 'Logged in'), ('log_in_failed', 'Log-in failed'), ('locked', 'Locked after too many wrong passwords'), ('unlocked', 'Unlocked'), ('logged_out', 'Logged out'), ('log_in_refused', 'Log-in refused at the last check'), ('recovery_requested', 'Recovery requested'), ('recovery_decided', 'Recovery decided'), ('recovery_link_used', 'Recovery link used'), ('password_changed', 'Password changed'), ('password_change_failed', 'Current password was wrong'), ('second_step_enrolled', 'Second step set up'), ('second_step_passed', 'Second step passed'), ('second_step_failed', 'Second step failed'), ('second_step_removed', 'Second step removed'), ('recovery_email_sent_by_helpdesk', 'Recovery email sent by the helpdesk'), ('admin_created', 'Admin created'), ('care_identity_refused', 'Log-in with Care Identity refused'), ('care_identity_linked', 'Care Identity linked'), ('care_identity_unlinked', 'Care Identity unlinked'), ('care_identity_logged_out', 'Logged out by Care Identity'), ('internet_access_granted', 'Internet access granted'), ('internet_access_withdrawn', 'Internet access withdrawn'), ('person_imported', 'Person imported'), ('person_added', 'Person added'), ('person_changed', 'Person changed')], max_length=40),
        ),
        migrations.RunPython(_rename, _rename_back, elidable=False),
        migrations.RunPython(_bring_back, _set_aside, elidable=False),
    ]
