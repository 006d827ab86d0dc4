
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_security_events_are_append_only'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-changed_at'],
            },
        ),
        migrations.AlterField(
            model_name='outboxmessage',
            name='kind',
            field=models.CharField(choices=[('decide_recovery', 'Decide a recovery request'), ('recovery', 'Mail: your username and a link'), ('date_of_birth_differs', 'Mail: the date of birth did not match'), ('password_changed', 'Mail: your password was changed'), ('email_changed', 'Mail: your email address was changed')], max_length=30),
        ),
        migrations.AlterField(
            model_name='securityevent',
            name='event',
            field=models.CharField(choices=[('logged_in', 'Logged in'), ('log_in_failed', 'Log-in failed'), ('locked', 'Locked after too many wrong passwords'), ('unlocked', 'Unlocked'), ('logged_out', 'Logged out'), ('log_in_refused', 'Log-in refused at the last check'), ('recovery_requested', 'Recovery requested'), ('recovery_decided', 'Recovery decided'), ('recovery_link_used', 'Recovery link used'), ('password_changed', 'Password changed'), ('password_change_failed', 'Current password was wrong'), ('second_step_enrolled', 'Second step set up'), ('second_step_passed', 'Second step passed'), ('second_step_failed', 'Second step failed'), ('second_step_removed', 'Second step removed'), ('recovery_email_by_helpdesk', 'Recovery email sent by the helpdesk'), ('admin_created', 'Admin created'), ('person_imported', 'Person imported'), ('person_added', 'Person added'), ('person_changed', 'Person changed')], max_length=30),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('is_superuser', False), ('is_staff', True), _connector='OR'), name='operator_is_helpdesk', violation_error_message='An operator is helpdesk too. Tick both.'),
        ),
        migrations.AddField(
            model_name='formeremail',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_emails', to=settings.AUTH_USER_MODEL),
        ),
    ]
