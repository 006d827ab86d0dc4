from __future__ import annotations

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_email_domains_as_dns_has_them'),
    ]

    operations = [
        migrations.AddField(
            model_name='outboxmessage',
            name='turn_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='recoverylink',
            name='last_message_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='recoverylink',
            name='message_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='recoveryrequest',
            name='network',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='recoveryrequest',
            name='turn_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name='recoveryrequest',
            name='outcome',
            field=models.CharField(blank=True, choices=[('', 'Not decided yet'), ('mailed', 'A mail with a way in was sent to the address on record'), ('told_why_not', 'A mail saying why there is no link was sent'), ('told_date_differs', 'The mailbox was told that the date of birth did not match'), ('date_differs', 'The date of birth did not match; the mailbox had been told already today'), ('no_match', 'Nobody here has this address'), ('limited', 'Too many requests for this address today'), ('superseded', 'A newer request for this address, from the same network, took its place')], default='', max_length=20),
        ),
        migrations.AddIndex(
            model_name='outboxmessage',
            index=models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['kind', 'turn_at'], name='outbox_by_turn'),
        ),
        migrations.AddIndex(
            model_name='recoveryrequest',
            index=models.Index(condition=models.Q(('decided_at__isnull', True)), fields=['network', 'turn_at'], name='recovery_request_in_the_queue'),
        ),
    ]
