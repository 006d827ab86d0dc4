"""Work that a request leaves behind: mails to send and recovery requests to decide."""

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a row asks for."""

    DECIDE_RECOVERY = "decide_recovery", _("Decide a recovery request")
    DECIDE_LOCK_MAIL = "decide_lock_mail", _("Decide whether to tell of a lock")
    RECOVERY = "recovery", _("Mail: your username and a link")
    DATE_OF_BIRTH_DIFFERS = "date_of_birth_differs", _("Mail: the date of birth did not match")
    PASSWORD_CHANGED = "password_changed", _("Mail: your password was changed")
    LOCKED = "locked", _("Mail: your username was locked")
    EMAIL_CHANGED = "email_changed", _("Mail: your email address was changed")
    ROLE_CHANGED = "role_changed", _("Mail: your role in the helpdesk’s pages was changed")
    CARE_IDENTITY_CHANGED = "care_identity_changed", _("Mail: your Care Identity was linked or unlinked")
    INTERNET_ACCESS_GRANTED = "internet_access_granted", _("Mail: you have internet access")
    INTERNET_ACCESS_WITHDRAWN = "internet_access_withdrawn", _("Mail: your internet access was withdrawn")
    SECOND_STEP_ADDED = "second_step_added", _("Mail: a second step was added")
    SECOND_STEP_REMOVED = "second_step_removed", _("Mail: a second step was removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Mail: recovery codes were made")
    NEW_BROWSER = "new_browser", _("Mail: a log-in from a new browser")
    WRONG_CODES = "wrong_codes", _("Mail: wrong codes after a right password")
    BROWSER_COPIED = "browser_copied", _("Mail: a remembered browser was copied")
    HELPED = "helped", _("Mail: the helpdesk did something for you")
    FROZEN = "frozen", _("Mail: your password is frozen")
    CALLER_CODE = "caller_code", _("Mail: your code for the helpdesk")
    DONE_FOR_CALLER = "done_for_caller", _("Mail: the helpdesk did what you asked for")
    LEAVING_SOON = "leaving_soon", _("Mail: you leave soon, and can give a personal address")
    CONFIRM_ADDRESS = "confirm_address", _("Mail: confirm this address")
    ADDRESS_TOLD = "address_told", _("Mail: another address was added or removed")
    CORRECTION_REFUSED = "correction_refused", _("Mail: a correction of the email address was refused")
    STILL_OPEN = "still_open", _("Mail: a link to what a leaver may still do")
    WELCOME = "welcome", _("Mail: welcome, and how to log in")
    DORMANT_SOON = "dormant_soon", _("Mail: your password will be dormant soon")
    DATA_HANDED_OUT = "data_handed_out", _("Mail: what is kept about you was handed out")
    PEOPLE_FILE = "people_file", _("Check or import a file of people")
    OUTAGE_UNLOCK = "outage_unlock", _("Let in many people after an outage")
    FROZEN_FOR_CONTACT = "frozen_for_contact", _("Mail to the ESR contact: a person says that it was not them")


def _no_details() -> dict[str, Any]:
    return {}


class OutboxMessage(models.Model):
    """One piece of work, kept until it is done. It says who and which mail: never a token, an address or a text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30, choices=Kind)
    # Primary keys, and flags that choose the words: {"request": 1, "users": [2, 3], "by_helpdesk": true}; of a
    # security event that it tells of, {"event": 4}.
    about = models.JSONField(default=_no_details)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    # Of the rows that are due, the earliest is done first.
    turn_at = models.DateTimeField(default=timezone.now, db_default=Now())
    # While a worker holds the row; a worker that dies lets go when this is past.
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    # Of a mail that was sent and came back: when the notice was read, and the status in it (RFC 3463), like 5.1.1.
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_status = models.CharField(max_length=11, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(sent_at__isnull=True), name="outbox_due"),
            models.Index(fields=["kind", "turn_at"], condition=models.Q(sent_at__isnull=True), name="outbox_by_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"
