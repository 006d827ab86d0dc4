from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_second_steps'),
    ]

    operations = [
        migrations.AddField(
            model_name='secondsteprecord',
            name='last_wrong_recovery_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='secondsteprecord',
            name='wrong_recovery_in_a_row',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='secondsteprecord',
            name='wrong_recovery_today',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
