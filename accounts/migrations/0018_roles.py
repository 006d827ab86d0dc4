"""Give people roles, from which Django's two flags follow (docs/decisions/0049).

What was an agent stays an agent, an operator becomes a national administrator. The version before knows nothing of
roles and goes on giving and taking the flags while it is replaced, so that on PostgreSQL, where two versions run side
by side, a trigger has the role follow wherever the flags alone were written. A later version can drop it.
"""

from django.db import migrations, models

_ROLE = """CASE WHEN NOT {row}is_staff THEN '' WHEN {row}is_superuser THEN 'national_admin' ELSE 'agent' END"""

FILL = f"UPDATE accounts_user SET role = {_ROLE.format(row='')} WHERE is_staff"
POSTGRESQL = f"""
CREATE FUNCTION accounts_user_role_follows() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.role = '' THEN
            NEW.role := {_ROLE.format(row='NEW.')};
        END IF;
    ELSIF NEW.role = OLD.role
        AND (NEW.is_staff, NEW.is_superuser) IS DISTINCT FROM (OLD.is_staff, OLD.is_superuser)
    THEN
        NEW.role := {_ROLE.format(row='NEW.')};
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER user_role_follows BEFORE INSERT OR UPDATE OF is_staff, is_superuser ON accounts_user
FOR EACH ROW EXECUTE FUNCTION accounts_user_role_follows();
"""
POSTGRESQL_BACK = """
DROP TRIGGER user_role_follows ON accounts_user;
DROP FUNCTION accounts_user_role_follows();
"""


def fill(apps, schema_editor):
    """Give each person with rights their role; have it follow from what the version before writes."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL)
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)


def drop_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(POSTGRESQL_BACK)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0017_wrong_recovery_codes'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='user',
            name='operator_is_helpdesk',
        ),
        migrations.AddField(
            model_name='user',
            name='role',
            field=models.CharField(blank=True, choices=[('agent', 'Helpdesk agent'), ('lead', 'Helpdesk lead'), ('auditor', 'Auditor'), ('organisation_admin', 'Organisation administrator'), ('national_admin', 'National administrator')], db_default='', default='', help_text='What they may do in this admin. Changing it logs them out.', max_length=20),
        ),
        migrations.AlterField(
            model_name='outboxmessage',
            name='kind',
            field=models.CharField(choices=[('decide_recovery', 'Decide a recovery request'), ('decide_lock_mail', 'Decide whether to tell of a lock'), ('recovery', 'Mail: your username and a link'), ('date_of_birth_differs', 'Mail: the date of birth did not match'), ('password_changed', 'Mail: your password was changed'), ('locked', 'Mail: your username was locked'), ('email_changed', 'Mail: your email address was changed'), ('role_changed', 'Mail: your role in the helpdesk’s pages was changed'), ('care_identity_changed', 'Mail: your Care Identity was linked or unlinked'), ('internet_access_granted', 'Mail: you have internet access'), ('internet_access_withdrawn', 'Mail: your internet access was withdrawn'), ('second_step_added', 'Mail: a second step was added'), ('second_step_removed', 'Mail: a second step was removed'), ('recovery_codes_made', 'Mail: recovery codes were made'), ('new_browser', 'Mail: a log-in from a new browser'), ('wrong_codes', 'Mail: wrong codes after a right password'), ('browser_copied', 'Mail: a remembered browser was copied'), ('frozen', 'Mail: your password is frozen'), ('frozen_for_contact', 'Mail to the ESR contact: a person says that it was not them')], max_length=30),
        ),
        migrations.AlterField(
            model_name='securityevent',
            name='event',
            field=models.CharField(choices=[('logged_in', 'Logged in'), ('log_in_failed', 'Log-in failed'), ('locked', 'Locked after too many wrong passwords'), ('unlocked', 'Unlocked'), ('logged_out', 'Logged out'), ('log_in_refused', 'Log-in refused at the last check'), ('recovery_requested', 'Recovery requested'), ('recovery_decided', 'Recovery decided'), ('recovery_looked_up', 'Recovery request looked up by the helpdesk'), ('recovery_link_used', 'Recovery link used'), ('password_changed', 'Password changed'), ('password_change_failed', 'Current password was wrong'), ('second_step_enrolled', 'Second step set up'), ('second_step_passed', 'Second step passed'), ('second_step_failed', 'Second step failed'), ('second_step_removed', 'Second step removed'), ('second_step_kept', 'Asked whether the second step still works'), ('wrong_codes_forgiven', 'Wait after wrong codes lifted'), ('passkey_added', 'Passkey added'), ('passkey_renamed', 'Passkey renamed'), ('passkey_removed', 'Passkey removed'), ('passkey_refused', 'Passkey refused'), ('passkeys_switched', 'Passkeys switched on or off for all'), ('recovery_codes_made', 'Recovery codes made'), ('recovery_code_used', 'Recovery code used'), ('bootstrap_code_made', 'Bootstrap code made by the helpdesk'), ('bootstrap_code_used', 'Bootstrap code used'), ('browser_remembered', 'Browser remembered, without a second step for 30 days'), ('browser_forgotten', 'Remembered browser forgotten'), ('browser_copied', 'Copy of a remembered browser refused'), ('second_step_excused', 'Excused from the second step'), ('second_step_excuse_ended', 'No longer excused from the second step'), ('proved_again', 'Proved again who they are'), ('proving_again_failed', 'Did not prove again who they are'), ('session_ended', 'A session ended from elsewhere'), ('account_switched', 'Switched to another account of theirs'), ('frozen', 'Password frozen: “this was not me”'), ('unfrozen', 'Password works again after “this was not me”'), ('recovery_email_sent_by_helpdesk', 'Recovery email sent by the helpdesk'), ('admin_created', 'Admin created'), ('care_identity_refused', 'Log-in with Care Identity refused'), ('care_identity_linked', 'Care Identity linked'), ('care_identity_unlinked', 'Care Identity unlinked'), ('care_identity_logged_out', 'Logged out by Care Identity'), ('internet_access_granted', 'Internet access granted'), ('internet_access_withdrawn', 'Internet access withdrawn'), ('person_imported', 'Person imported'), ('person_added', 'Person added'), ('person_changed', 'Person changed'), ('role_given', 'Role given'), ('role_taken_away', 'Role taken away'), ('database_restored', 'Database restored from a back-up')], max_length=40),
        ),
        migrations.AlterField(
            model_name='user',
            name='is_staff',
            field=models.BooleanField(default=False, editable=False, verbose_name='helpdesk'),
        ),
        migrations.RunPython(fill, drop_trigger, elidable=False),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_staff', False), ('is_superuser', False), ('role', '')), models.Q(('is_staff', True), ('is_superuser', True), ('role', 'national_admin')), models.Q(('is_staff', True), ('is_superuser', False), ('role__in', ('agent', 'lead', 'auditor', 'organisation_admin'))), _connector='OR'), name='rights_are_those_of_the_role'),
        ),
    ]
