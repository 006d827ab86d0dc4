from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0028_events_exported'),
    ]

    operations = [
        migrations.AddField(
            model_name='proposal',
            name='card_shown_at',
            field=models.DateTimeField(null=True),
        ),
    ]
