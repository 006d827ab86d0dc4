from __future__ import annotations

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_guessing'),
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
        migrations.AlterField(
            model_name='securityevent',
            name='event',
            field=models.CharField(choices=[('logged_in', 'Logged in'), ('log_in_failed', 'Log-in failed'), ('locked', 'Locked after too many wrong passwords'), ('unlocked', 'Unlocked'), ('logged_out', 'Logged out'), ('log_in_refused', 'Log-in refused at the last check'), ('recovery_requested', 'Recovery requested'), ('recovery_decided', 'Recovery decided'), ('recovery_looked_up', 'Recovery request looked up by the helpdesk'), ('recovery_link_used', 'Recovery link used'), ('password_changed', 'Password changed'), ('password_change_failed', 'Current password was wrong'), ('second_step_enrolled', 'Second step set up'), ('second_step_passed', 'Second step passed'), ('second_step_failed', 'Second step failed'), ('second_step_removed', 'Second step removed'), ('recovery_email_sent_by_helpdesk', 'Recovery email sent by the helpdesk'), ('admin_created', 'Admin created'), ('care_identity_refused', 'Log-in with Care Identity refused'), ('care_identity_linked', 'Care Identity linked'), ('care_identity_unlinked', 'Care Identity unlinked'), ('care_identity_logged_out', 'Logged out by Care Identity'), ('internet_access_granted', 'Internet access granted'), ('internet_access_withdrawn', 'Internet access withdrawn'), ('person_imported', 'Person imported'), ('person_added', 'Person added'), ('person_changed', 'Person changed')], max_length=40),
        ),
    ]
