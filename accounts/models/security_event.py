"""What happened: to which person, by which, when and from where. Append-only."""

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """Past-tense names of what can happen. Each is stored as its name in small letters."""

    LOGGED_IN = "logged_in", _("Logged in")
    LOG_IN_FAILED = "log_in_failed", _("Log-in failed")
    LOCKED = "locked", _("Locked after too many wrong passwords")
    UNLOCKED = "unlocked", _("Unlocked")
    LOGGED_OUT = "logged_out", _("Logged out")
    LOG_IN_REFUSED = "log_in_refused", _("Log-in refused at the last check")
    RECOVERY_REQUESTED = "recovery_requested", _("Recovery requested")
    RECOVERY_DECIDED = "recovery_decided", _("Recovery decided")
    RECOVERY_LOOKED_UP = "recovery_looked_up", _("Recovery request looked up by the helpdesk")
    RECOVERY_LINK_USED = "recovery_link_used", _("Recovery link used")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_CHANGE_FAILED = "password_change_failed", _("Current password was wrong")
    SECOND_STEP_ENROLLED = "second_step_enrolled", _("Second step set up")
    SECOND_STEP_PASSED = "second_step_passed", _("Second step passed")
    SECOND_STEP_FAILED = "second_step_failed", _("Second step failed")
    SECOND_STEP_REMOVED = "second_step_removed", _("Second step removed")
    SECOND_STEP_KEPT = "second_step_kept", _("Asked whether the second step still works")
    WRONG_CODES_FORGIVEN = "wrong_codes_forgiven", _("Wait after wrong codes lifted")
    PASSKEY_ADDED = "passkey_added", _("Passkey added")
    PASSKEY_RENAMED = "passkey_renamed", _("Passkey renamed")
    PASSKEY_REMOVED = "passkey_removed", _("Passkey removed")
    PASSKEY_REFUSED = "passkey_refused", _("Passkey refused")
    PASSKEYS_SWITCHED = "passkeys_switched", _("Passkeys switched on or off for all")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes made")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    BOOTSTRAP_CODE_MADE = "bootstrap_code_made", _("Bootstrap code made by the helpdesk")
    BOOTSTRAP_CODE_USED = "bootstrap_code_used", _("Bootstrap code used")
    BROWSER_REMEMBERED = "browser_remembered", _("Browser remembered, without a second step for 30 days")
    BROWSER_FORGOTTEN = "browser_forgotten", _("Remembered browser forgotten")
    BROWSER_COPIED = "browser_copied", _("Copy of a remembered browser refused")
    SECOND_STEP_EXCUSED = "second_step_excused", _("Excused from the second step")
    SECOND_STEP_EXCUSE_ENDED = "second_step_excuse_ended", _("No longer excused from the second step")
    PROVED_AGAIN = "proved_again", _("Proved again who they are")
    PROVING_AGAIN_FAILED = "proving_again_failed", _("Did not prove again who they are")
    SESSION_ENDED = "session_ended", _("A session ended from elsewhere")
    ACCOUNT_SWITCHED = "account_switched", _("Switched to another account of theirs")
    FROZEN = "frozen", _("Password frozen: “this was not me”")
    UNFROZEN = "unfrozen", _("Password works again after “this was not me”")
    BECAME_DORMANT = "became_dormant", _("Password became dormant: no log-in for too long")
    WOKEN = "woken", _("Password is dormant no more")
    RECOVERY_EMAIL_SENT_BY_HELPDESK = (
        "recovery_email_sent_by_helpdesk",
        _("Recovery email sent by the helpdesk"),
    )
    CALLER_CODE_MAILED = "caller_code_mailed", _("Code for the helpdesk sent by email")
    CALLER_CHECKED = "caller_checked", _("Caller checked by the helpdesk")
    CALLER_CHECK_FAILED = "caller_check_failed", _("Caller gave the helpdesk a wrong code")
    SECOND_AGENT_ASKED = "second_agent_asked", _("A second agent was asked to agree")
    SECOND_AGENT_AGREED = "second_agent_agreed", _("A second agent agreed")
    SECOND_AGENT_REFUSED = "second_agent_refused", _("A second agent refused")
    DONE_FOR_CALLER = "done_for_caller", _("Done by the helpdesk for a caller")
    EMAIL_CONFIRMED = "email_confirmed", _("New email address confirmed by a second agent")
    ADDRESS_GIVEN = "address_given", _("Another email address given by the person")
    ADDRESS_CONFIRMED = "address_confirmed", _("Another email address confirmed by its owner")
    ADDRESS_REMOVED = "address_removed", _("Another email address erased")
    EMAIL_CORRECTION_ACCEPTED = "email_correction_accepted", _("Correction of the email address accepted")
    EMAIL_CORRECTION_REFUSED = "email_correction_refused", _("Correction of the email address refused")
    LEAVER_PAGE_OPENED = "leaver_page_opened", _("A leaver looked up what they may still do")
    ADMIN_CREATED = "admin_created", _("Admin created")
    CARE_IDENTITY_REFUSED = "care_identity_refused", _("Log-in with Care Identity refused")
    CARE_IDENTITY_LINKED = "care_identity_linked", _("Care Identity linked")
    CARE_IDENTITY_UNLINKED = "care_identity_unlinked", _("Care Identity unlinked")
    CARE_IDENTITY_LOGGED_OUT = "care_identity_logged_out", _("Logged out by Care Identity")
    INTERNET_ACCESS_GRANTED = "internet_access_granted", _("Internet access granted")
    INTERNET_ACCESS_WITHDRAWN = "internet_access_withdrawn", _("Internet access withdrawn")
    PEOPLE_FILE_UPLOADED = "people_file_uploaded", _("File of people uploaded, to be looked at")
    PEOPLE_FILE_CONFIRMED = "people_file_confirmed", _("Import of people confirmed")
    PEOPLE_FILE_AGREED = "people_file_agreed", _("Import of people agreed to by a second agent")
    PEOPLE_EXPORTED = "people_exported", _("List of people exported")
    EVENTS_EXPORTED = "events_exported", _("Security events exported")
    EVENTS_KEPT_CHANGED = "events_kept_changed", _("How long an organisation keeps security events was changed")
    LEAVERS_KEPT_CHANGED = "leavers_kept_changed", _("How long an organisation keeps leavers was changed")
    DATA_HANDED_OUT = "data_handed_out", _("What is kept of a person was handed out")
    PERSON_ERASED = "person_erased", _("Person erased")
    PERSON_IMPORTED = "person_imported", _("Person imported")
    PERSON_ADDED = "person_added", _("Person added")
    PERSON_CHANGED = "person_changed", _("Person changed")
    DATE_OF_BIRTH_COMPARED = "date_of_birth_compared", _("Date of birth compared by the helpdesk")
    ROLE_GIVEN = "role_given", _("Role given")
    ROLE_TAKEN_AWAY = "role_taken_away", _("Role taken away")
    DATABASE_RESTORED = "database_restored", _("Database restored from a back-up")


# The least ages at which the database deletes an event (accounts/migrations/0011_security_events_have_an_age.py): those
# that strangers can have written as often as they like go sooner.
WRITTEN_BY_STRANGERS = frozenset(
    {
        Event.LOG_IN_FAILED,
        Event.LOCKED,
        Event.RECOVERY_REQUESTED,
        Event.RECOVERY_DECIDED,
        Event.CARE_IDENTITY_REFUSED,
    }
)


def least_age(event: Event) -> datetime.timedelta:
    """Return how old an event has to be before the database lets it be deleted."""
    return datetime.timedelta(days=30 if event in WRITTEN_BY_STRANGERS else 365)


# Characters: a sentence, as in "Jo Smith called from ward 4, locked since this morning".
LONGEST_NOTE = 200


class AppendOnly(Exception):
    """A caller tried to change or delete a security event."""


class SecurityEventQuerySet(models.QuerySet["SecurityEvent"]):
    """Events can be added and read, and those that are old enough deleted."""

    def update(self, **kwargs: Any) -> int:
        """Refuse. Raises AppendOnly."""
        raise AppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse. Raises AppendOnly."""
        raise AppendOnly

    def delete_old(self) -> int:
        """Delete these events; return how many. The database refuses where one is younger than `least_age`."""
        return self._raw_delete(self.db)


class SecurityEvent(models.Model):
    """One thing that happened. Holds no secret, and outlives the people it names."""

    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=40, choices=Event)
    # The person it is about. No constraint in the database: an event outlives the person, and writing one costs the
    # same whether the username was real or not.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="security_events",
    )
    # The person who did it, where that is another one (an agent of the helpdesk).
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    address = models.GenericIPAddressField("from", null=True)
    device = models.CharField(max_length=60, blank=True)
    # Why, in a code of ours: wrong_password, locked, unknown_username …
    reason = models.CharField(max_length=40, blank=True)
    # The reference of a recovery request, which a person can quote.
    reference = models.CharField(max_length=12, blank=True)
    # What the agent wrote who did it: which caller, and why. For agents alone, never in the log. Null and not "":
    # SQLite would rebuild the table for a column that has a default, and lose the triggers on it.
    note = models.CharField(max_length=LONGEST_NOTE, null=True, blank=True)  # noqa: DJ001

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-at"], name="security_event_by_user"),
            models.Index(fields=["-at"], name="security_event_by_time"),
            # For the helpdesk: what came of a request that is named by its reference, and of those of the last days.
            models.Index(
                fields=["reference"], condition=models.Q(reference__gt=""), name="security_event_by_reference"
            ),
            models.Index(
                fields=["-at"], condition=models.Q(event=Event.RECOVERY_DECIDED), name="recovery_decided_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} {self.at:%Y-%m-%d %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the event. Raises AppendOnly when it is there already."""
        if self.pk is not None:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse. Raises AppendOnly."""
        raise AppendOnly
