"""What each security event is to the person whom it is about: the sentences of services/activity.py.

A thief of the session reads them too: what must not be said is told there.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models.security_event import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What is said of an event, and of one that another person did; of some reasons something else is said."""

    sentence: StrPromise
    by_helpdesk: StrPromise | None = None
    by_reason: Mapping[str, Told] = dataclasses.field(default_factory=dict)


# Of an event for many people at once (services/events.AFTER_OUTAGE).
WITH_OTHERS = Told(_("After a fault of ESR the helpdesk let in many people whom it had kept out, you too."))
SHOWN: Mapping[Event, Told] = {
    Event.LOGGED_IN: Told(
        _("You logged in with your password."),
        by_reason={
            "care_identity": Told(_("You logged in with your Care Identity.")),
            "passkey": Told(_("You logged in with a passkey.")),
        },
    ),
    Event.LOG_IN_FAILED: Told(_("A log-in with your username failed.")),
    Event.LOCKED: Told(_("Your username was locked after too many wrong passwords.")),
    Event.UNLOCKED: Told(_("Your username was unlocked."), by_helpdesk=_("The helpdesk unlocked your username.")),
    Event.LOGGED_OUT: Told(_("You logged out.")),
    Event.LOG_IN_REFUSED: Told(_("A log-in was stopped before it was finished.")),
    Event.RECOVERY_DECIDED: Told(_("A username or a new password was asked for with your email address.")),
    Event.RECOVERY_LINK_USED: Told(_("The link in an email was used to set a new password.")),
    Event.PASSWORD_CHANGED: Told(_("Your password was changed.")),
    Event.PASSWORD_CHANGE_FAILED: Told(_("A wrong current password was given to change the password.")),
    Event.SECOND_STEP_ENROLLED: Told(_("An authenticator app was added.")),
    Event.SECOND_STEP_FAILED: Told(
        _("A wrong code was given for your second step."),
        by_reason={
            "passkey": Told(_("A passkey was tried as your second step and did not work.")),
            "wrong_recovery_code": Told(_("A wrong recovery code was given.")),
            "wrong_recovery_code_in_a_wait": Told(_("A wrong recovery code was given, soon after other wrong ones.")),
            "recovery_codes_closed": Told(
                _("A recovery code was given after too many wrong ones, and was not looked at.")
            ),
            "wrong_bootstrap_code": Told(_("A wrong code from the helpdesk was given.")),
            "wrong_code_at_set_up": Told(_("A wrong code was given to add an authenticator app.")),
            "too_many_wrong_codes": Told(_("A code was given too soon after wrong ones, and was not looked at.")),
        },
    ),
    Event.SECOND_STEP_REMOVED: Told(
        _("A second step was removed."), by_helpdesk=_("The helpdesk removed your second step.")
    ),
    Event.SECOND_STEP_KEPT: Told(
        _("You showed that your second step still works."),
        by_reason={
            "lost": Told(_("You said that you have lost your second step.")),
            "ask_next_time": Told(_("You put off showing that your second step still works.")),
        },
    ),
    Event.WRONG_CODES_FORGIVEN: Told(
        _("The wait after wrong codes was ended."), by_helpdesk=_("The helpdesk ended the wait after wrong codes.")
    ),
    Event.PASSKEY_ADDED: Told(_("A passkey was added.")),
    Event.PASSKEY_RENAMED: Told(_("A passkey was given another name.")),
    Event.PASSKEY_REMOVED: Told(_("A passkey was removed."), by_helpdesk=_("The helpdesk removed a passkey of yours.")),
    Event.PASSKEY_REFUSED: Told(
        _("A passkey of yours was refused."),
        by_reason={
            "counter": Told(_("A passkey of yours was refused, because there may be a copy of it.")),
            "device_stolen": Told(_("You said that a device may have been stolen: your passkeys were stopped.")),
        },
    ),
    Event.RECOVERY_CODES_MADE: Told(_("New recovery codes were made.")),
    Event.RECOVERY_CODE_USED: Told(_("A recovery code was used.")),
    Event.BOOTSTRAP_CODE_MADE: Told(
        _("A code to set up a new second step was made."),
        by_helpdesk=_("The helpdesk made a code with which you can set up a new second step."),
    ),
    Event.BOOTSTRAP_CODE_USED: Told(_("A code from the helpdesk was used to set up a new second step.")),
    Event.BROWSER_REMEMBERED: Told(_("A browser was remembered: it is not asked for a code for 30 days.")),
    Event.BROWSER_FORGOTTEN: Told(_("A remembered browser was forgotten: it is asked for a code again.")),
    Event.BROWSER_COPIED: Told(_("A copy of a remembered browser was refused.")),
    Event.SECOND_STEP_EXCUSED: Told(
        _("No second step is asked of you for a while."),
        by_helpdesk=_("The helpdesk arranged that no second step is asked of you for a while."),
    ),
    Event.SECOND_STEP_EXCUSE_ENDED: Told(
        _("A second step is asked of you again."),
        by_helpdesk=_("The helpdesk arranged that a second step is asked of you again."),
    ),
    # A passkey or a code confirms it too where it answers the question whether the second step still works.
    Event.PROVED_AGAIN: Told(
        _("You confirmed that it is you, to change your security settings."),
        by_reason={
            "passkey": Told(_("You confirmed with a passkey that it is you.")),
            "code": Told(_("You confirmed with a code that it is you.")),
        },
    ),
    Event.PROVING_AGAIN_FAILED: Told(
        _("A wrong password was given to change your security settings."),
        by_reason={
            "passkey": Told(_("A passkey was tried to confirm that it is you, and did not work.")),
            "code": Told(_("A wrong code was given to confirm that it is you.")),
        },
    ),
    Event.SESSION_ENDED: Told(
        _("You were logged out in another browser."),
        by_helpdesk=_("The helpdesk logged you out."),
        by_reason={
            "one": Told(_("You logged out another browser.")),
            "all_others": Told(_("You logged out everywhere else.")),
        },
    ),
    Event.ACCOUNT_SWITCHED: Told(_("You changed to another account of yours, or to this one.")),
    Event.FROZEN: Told(
        _("Your password was stopped, because you said that something was not you."),
        by_helpdesk=_("The helpdesk stopped your password, because a caller said that something was not you."),
    ),
    Event.UNFROZEN: Told(_("Your password works again.")),
    Event.ADDRESS_GIVEN: Told(
        _("You gave a personal email address."),
        by_reason={"correction": Told(_("You asked for another email address on your record, with your smartcard."))},
    ),
    Event.ADDRESS_CONFIRMED: Told(
        _("A personal email address was confirmed."),
        by_reason={"correction": Told(_("The email address that you asked for was confirmed."))},
    ),
    Event.ADDRESS_REMOVED: Told(
        _("A personal email address of yours was erased."),
        by_reason={
            "correction": Told(_("You took back that you asked for another email address.")),
            "correction_over": Told(_("The email address that you asked for was not put on your record in time.")),
        },
    ),
    Event.EMAIL_CORRECTION_ACCEPTED: Told(_("The helpdesk accepted the email address that you asked for.")),
    Event.EMAIL_CORRECTION_REFUSED: Told(_("The helpdesk refused the email address that you asked for.")),
    Event.LEAVER_PAGE_OPENED: Told(_("The page about what you may still do was opened.")),
    Event.BECAME_DORMANT: Told(_("Your password became dormant, because you had not logged in for a long time.")),
    Event.WOKEN: Told(_("Your password is dormant no more.")),
    Event.RECOVERY_EMAIL_SENT_BY_HELPDESK: Told(_("The helpdesk sent you an email with a link to set a password.")),
    Event.CALLER_CODE_MAILED: Told(_("The helpdesk sent you a code by email, to find out whether the caller is you.")),
    Event.CALLER_CHECKED: Told(
        _("The helpdesk found that a caller is you."),
        by_reason={
            "code": Told(_("A caller read your code to the helpdesk, which took them for you.")),
            "card": Told(_("The helpdesk saw your card, and took its holder for you.")),
            "call_back": Told(_("The helpdesk called you back on a number from HR.")),
        },
    ),
    Event.CALLER_CHECK_FAILED: Told(_("A caller who said they were you gave the helpdesk a wrong code.")),
    Event.SECOND_AGENT_ASKED: Told(_("The helpdesk asked a second agent to agree to a change for you.")),
    Event.SECOND_AGENT_AGREED: Told(_("A second agent of the helpdesk agreed to a change for you.")),
    Event.SECOND_AGENT_REFUSED: Told(_("A second agent of the helpdesk refused a change for you.")),
    Event.DONE_FOR_CALLER: Told(_("The helpdesk made a change for you, after it had found out who asked.")),
    Event.EMAIL_CONFIRMED: Told(_("A second agent of the helpdesk confirmed your new email address.")),
    Event.ADMIN_CREATED: Told(_("You were given the right to use the helpdesk’s pages.")),
    Event.CARE_IDENTITY_REFUSED: Told(_("A log-in with your Care Identity was refused.")),
    Event.CARE_IDENTITY_LINKED: Told(
        _("A Care Identity was linked to your account."),
        by_helpdesk=_("The helpdesk linked a Care Identity to your account."),
    ),
    Event.CARE_IDENTITY_UNLINKED: Told(
        _("A Care Identity was unlinked from your account."),
        by_helpdesk=_("The helpdesk unlinked a Care Identity from your account."),
    ),
    Event.CARE_IDENTITY_LOGGED_OUT: Told(_("You were logged out, because you logged out of Care Identity.")),
    Event.INTERNET_ACCESS_GRANTED: Told(
        _("Internet access was set up: your password works anywhere."),
        by_helpdesk=_("The helpdesk set up internet access for you: your password works anywhere."),
    ),
    Event.INTERNET_ACCESS_WITHDRAWN: Told(
        _("Internet access was withdrawn."), by_helpdesk=_("The helpdesk withdrew your internet access.")
    ),
    Event.PEOPLE_FILE_UPLOADED: Told(_("You uploaded a file of people.")),
    Event.PEOPLE_FILE_CONFIRMED: Told(_("You confirmed an import of people.")),
    Event.PEOPLE_FILE_AGREED: Told(_("You agreed to an import of people.")),
    Event.PEOPLE_EXPORTED: Told(_("You exported a list of people.")),
    Event.EVENTS_EXPORTED: Told(_("You exported security events.")),
    Event.EVENTS_KEPT_CHANGED: Told(_("You changed how long an organisation keeps security events.")),
    Event.LEAVERS_KEPT_CHANGED: Told(_("You changed how long an organisation keeps leavers.")),
    Event.DATA_HANDED_OUT: Told(
        _("You downloaded what we keep about you."),
        by_reason={
            "operator": Told(_("The people who run this portal handed out what it keeps about you.")),
            "operator_in_full": Told(_("The people who run this portal handed out all that it keeps about you.")),
        },
    ),
    Event.PERSON_IMPORTED: Told(_("Your account was made.")),
    Event.PERSON_ADDED: Told(_("Your account was made."), by_helpdesk=_("The helpdesk made your account.")),
    Event.ROLE_GIVEN: Told(
        _("You were given a role in the helpdesk’s pages."),
        by_helpdesk=_("The helpdesk gave you a role in its pages."),
    ),
    Event.ROLE_TAKEN_AWAY: Told(
        _("Your role in the helpdesk’s pages was taken away."),
        by_helpdesk=_("The helpdesk took away your role in its pages."),
    ),
    Event.PERSON_CHANGED: Told(
        _("Your record was changed."),
        by_helpdesk=_("The helpdesk changed your record."),
        by_reason={
            "email": Told(
                _("Your email address was changed."), by_helpdesk=_("The helpdesk changed your email address.")
            ),
            "person_type": Told(
                _("What your record says you are, like staff or volunteer, was changed."),
                by_helpdesk=_("The helpdesk changed what your record says you are, like staff or volunteer."),
            ),
            "starts_on": Told(_("Your first day was changed."), by_helpdesk=_("The helpdesk changed your first day.")),
            "ends_on": Told(_("Your last day was changed."), by_helpdesk=_("The helpdesk changed your last day.")),
            "is_active_on": Told(
                _("Your account was opened again."), by_helpdesk=_("The helpdesk opened your account again.")
            ),
            "is_active_off": Told(_("Your account was closed."), by_helpdesk=_("The helpdesk closed your account.")),
            "care_identity_only_on": Told(
                _("You were asked to log in with Care Identity alone."),
                by_helpdesk=_("The helpdesk had you log in with Care Identity alone."),
            ),
            "care_identity_only_off": Told(
                _("You may log in with a password too."),
                by_helpdesk=_("The helpdesk let you log in with a password too."),
            ),
            "must_change_password_on": Told(
                _("You were asked to choose a new password."),
                by_helpdesk=_("The helpdesk asked you to choose a new password."),
            ),
        },
    ),
    # Whether it was the right one stays out, as of every try.
    Event.DATE_OF_BIRTH_COMPARED: Told(
        _("A date of birth was compared with the one on your record."),
        by_helpdesk=_("The helpdesk compared a date of birth with the one on your record."),
    ),
}

NOT_SHOWN = frozenset(
    {
        # They name no person. What a request led to is shown: RECOVERY_DECIDED.
        Event.RECOVERY_REQUESTED,
        Event.RECOVERY_LOOKED_UP,
        Event.PASSKEYS_SWITCHED,
        Event.DATABASE_RESTORED,
        # There is no person left to show it to.
        Event.PERSON_ERASED,
        # The log-in that it belongs to is shown.
        Event.SECOND_STEP_PASSED,
    }
)
