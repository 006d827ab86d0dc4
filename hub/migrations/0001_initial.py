# Made by makemigrations.

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('text', models.TextField(help_text='Plain text. An empty line begins a new paragraph.', max_length=1000)),
                ('kind', models.CharField(choices=[('information', 'Information'), ('planned_downtime', 'Planned downtime')], default='information', max_length=20)),
                ('shown_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('shown_until', models.DateTimeField(blank=True, help_text='Empty: until you take it away.', null=True)),
            ],
            options={
                'ordering': ['-shown_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='notice_has_a_title'), models.CheckConstraint(condition=models.Q(('shown_until__isnull', True), ('shown_until__gt', models.F('shown_from')), _connector='OR'), name='notice_ends_after_it_begins', violation_error_message='A notice ends after it begins.')],
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('address', models.CharField(max_length=500, validators=[django.core.validators.URLValidator(message='Write a web address, like https://rota.example.nhs.uk', schemes=['http', 'https'])], verbose_name='web address')),
                ('description', models.CharField(blank=True, help_text='One sentence: what people do there.', max_length=200)),
                ('position', models.PositiveSmallIntegerField(default=0, help_text='Small numbers come first.')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='applications', to='accounts.organisation')),
            ],
            options={
                'ordering': ['position', 'name'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'name'), name='application_once_an_organisation'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='application_has_a_name'), models.CheckConstraint(condition=models.Q(('address__startswith', 'https://'), ('address__startswith', 'http://'), _connector='OR'), name='application_is_a_web_address', violation_error_message='Write a web address that begins with https://')],
            },
        ),
    ]
