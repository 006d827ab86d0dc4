from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """The events say when a person logged in, and from where; Django's own column was written and never read."""

    dependencies = [("accounts", "0005_event_names")]

    operations = [migrations.RemoveField(model_name="user", name="last_login")]
