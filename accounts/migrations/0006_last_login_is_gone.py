from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Read and write Django's own `last_login` no more: the events say when a person logged in, and from where.

    Only the models forget it here. A process of the version before, still at work during an upgrade, reads the column;
    it may be dropped once no such process is left, by the next version.
    """

    dependencies = [("accounts", "0005_event_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="user", name="last_login")]
        )
    ]
