from __future__ import annotations

from django.db import migrations

import accounts.models.search_words


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_database_restored")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="search_words",
            field=accounts.models.search_words.SearchWordsField(db_default="", editable=False),
        ),
    ]
