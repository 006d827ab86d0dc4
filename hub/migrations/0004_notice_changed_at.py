"""When a notice came to say what it says. Of those that are there it is not known: nothing is made new to people by it."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hub", "0003_welsh_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="changed_at",
            field=models.DateTimeField(null=True, editable=False),
        ),
        migrations.AlterField(
            model_name="notice",
            name="changed_at",
            field=models.DateTimeField(null=True, default=django.utils.timezone.now, editable=False),
        ),
    ]
