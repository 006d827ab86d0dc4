"""What happened to a person's account lately, in sentences for the person.

A thief of the session reads them too. What a sentence says of a failed try must not depend on what was right in it: not
the password, nor the date of birth (OWASP ASVS 6.3.8, 14.2.6). So the reasons of such events stay out, but for the kind
of way that was tried, which the browser that tried it knows.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.trusted_networks import OwnNetworks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_stubs_ext import StrPromise

    from accounts.models import User

SHOWN_FOR = datetime.timedelta(days=90)
A_PAGE = 20

# Microseconds since 1970, far from the end of the calendar, and how many entries of that moment were shown.
_CURSOR = re.compile(r"([0-9]{1,16})-([0-9]{1,4})", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """What is said of an event, and of one that another person did; of some reasons something else is said."""

    sentence: StrPromise
    by_helpdesk: StrPromise | None = None
    by_reason: Mapping[str, _Told] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `device` and `network` are in words, "" where it came from no browser."""

    sentence: str
    at: datetime.datetime
    device: str
    network: str


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first, and what `page` takes to go on with older ones, "" where there are none."""

    entries: Sequence[Entry]
    older: str


SHOWN: Mapping[Event, _Told] = {
    Event.LOGGED_IN: _Told(
        _("You logged in with your password."),
        by_reason={
            "care_identity": _Told(_("You logged in with your Care Identity.")),
            "passkey": _Told(_("You logged in with a passkey.")),
        },
    ),
    Event.LOG_IN_FAILED: _Told(_("A log-in with your username failed.")),
    Event.LOCKED: _Told(_("Your username was locked after too many wrong passwords.")),
    Event.UNLOCKED: _Told(_("Your username was unlocked."), by_helpdesk=_("The helpdesk unlocked your username.")),
    Event.LOGGED_OUT: _Told(_("You logged out.")),
    Event.LOG_IN_REFUSED: _Told(_("A log-in was stopped before it was finished.")),
    Event.RECOVERY_DECIDED: _Told(_("A username or a new password was asked for with your email address.")),
    Event.RECOVERY_LINK_USED: _Told(_("The link in an email was used to set a new password.")),
    Event.PASSWORD_CHANGED: _Told(_("Your password was changed.")),
    Event.PASSWORD_CHANGE_FAILED: _Told(_("A wrong current password was given to change the password.")),
    Event.SECOND_STEP_ENROLLED: _Told(_("An authenticator app was added.")),
    Event.SECOND_STEP_FAILED: _Told(
        _("A wrong code was given for your second step."),
        by_reason={
            "passkey": _Told(_("A passkey was tried as your second step and did not work.")),
            "wrong_recovery_code": _Told(_("A wrong recovery code was given.")),
            "wrong_recovery_code_in_a_wait": _Told(_("A wrong recovery code was given, soon after other wrong ones.")),
            "recovery_codes_closed": _Told(
                _("A recovery code was given after too many wrong ones, and was not looked at.")
            ),
            "wrong_bootstrap_code": _Told(_("A wrong code from the helpdesk was given.")),
            "wrong_code_at_set_up": _Told(_("A wrong code was given to add an authenticator app.")),
            "too_many_wrong_codes": _Told(_("A code was given too soon after wrong ones, and was not looked at.")),
        },
    ),
    Event.SECOND_STEP_REMOVED: _Told(
        _("A second step was removed."), by_helpdesk=_("The helpdesk removed your second step.")
    ),
    Event.SECOND_STEP_KEPT: _Told(
        _("You showed that your second step still works."),
        by_reason={
            "lost": _Told(_("You said that you have lost your second step.")),
            "ask_next_time": _Told(_("You put off showing that your second step still works.")),
        },
    ),
    Event.WRONG_CODES_FORGIVEN: _Told(
        _("The wait after wrong codes was ended."), by_helpdesk=_("The helpdesk ended the wait after wrong codes.")
    ),
    Event.PASSKEY_ADDED: _Told(_("A passkey was added.")),
    Event.PASSKEY_RENAMED: _Told(_("A passkey was given another name.")),
    Event.PASSKEY_REMOVED: _Told(
        _("A passkey was removed."), by_helpdesk=_("The helpdesk removed a passkey of yours.")
    ),
    Event.PASSKEY_REFUSED: _Told(
        _("A passkey of yours was refused."),
        by_reason={
            "counter": _Told(_("A passkey of yours was refused, because there may be a copy of it.")),
            "device_stolen": _Told(_("You said that a device may have been stolen: your passkeys were stopped.")),
        },
    ),
    Event.RECOVERY_CODES_MADE: _Told(_("New recovery codes were made.")),
    Event.RECOVERY_CODE_USED: _Told(_("A recovery code was used.")),
    Event.BOOTSTRAP_CODE_MADE: _Told(
        _("A code to set up a new second step was made."),
        by_helpdesk=_("The helpdesk made a code with which you can set up a new second step."),
    ),
    Event.BOOTSTRAP_CODE_USED: _Told(_("A code from the helpdesk was used to set up a new second step.")),
    Event.BROWSER_REMEMBERED: _Told(_("A browser was remembered: it is not asked for a code for 30 days.")),
    Event.BROWSER_FORGOTTEN: _Told(_("A remembered browser was forgotten: it is asked for a code again.")),
    Event.BROWSER_COPIED: _Told(_("A copy of a remembered browser was refused.")),
    Event.SECOND_STEP_EXCUSED: _Told(
        _("No second step is asked of you for a while."),
        by_helpdesk=_("The helpdesk arranged that no second step is asked of you for a while."),
    ),
    Event.SECOND_STEP_EXCUSE_ENDED: _Told(
        _("A second step is asked of you again."),
        by_helpdesk=_("The helpdesk arranged that a second step is asked of you again."),
    ),
    # A passkey or a code confirms it too where it answers the question whether the second step still works.
    Event.PROVED_AGAIN: _Told(
        _("You confirmed that it is you, to change your security settings."),
        by_reason={
            "passkey": _Told(_("You confirmed with a passkey that it is you.")),
            "code": _Told(_("You confirmed with a code that it is you.")),
        },
    ),
    Event.PROVING_AGAIN_FAILED: _Told(
        _("A wrong password was given to change your security settings."),
        by_reason={
            "passkey": _Told(_("A passkey was tried to confirm that it is you, and did not work.")),
            "code": _Told(_("A wrong code was given to confirm that it is you.")),
        },
    ),
    Event.SESSION_ENDED: _Told(
        _("You were logged out in another browser."),
        by_helpdesk=_("The helpdesk logged you out."),
        by_reason={
            "one": _Told(_("You logged out another browser.")),
            "all_others": _Told(_("You logged out everywhere else.")),
        },
    ),
    Event.ACCOUNT_SWITCHED: _Told(_("You changed to another account of yours, or to this one.")),
    Event.FROZEN: _Told(
        _("Your password was stopped, because you said that something was not you."),
        by_helpdesk=_("The helpdesk stopped your password, because a caller said that something was not you."),
    ),
    Event.UNFROZEN: _Told(_("Your password works again.")),
    Event.RECOVERY_EMAIL_SENT_BY_HELPDESK: _Told(_("The helpdesk sent you an email with a link to set a password.")),
    Event.CALLER_CODE_MAILED: _Told(_("The helpdesk sent you a code by email, to find out whether the caller is you.")),
    Event.CALLER_CHECKED: _Told(
        _("The helpdesk found that a caller is you."),
        by_reason={
            "code": _Told(_("A caller read your code to the helpdesk, which took them for you.")),
            "card": _Told(_("The helpdesk saw your card, and took its holder for you.")),
            "call_back": _Told(_("The helpdesk called you back on a number from HR.")),
        },
    ),
    Event.CALLER_CHECK_FAILED: _Told(_("A caller who said they were you gave the helpdesk a wrong code.")),
    Event.SECOND_AGENT_ASKED: _Told(_("The helpdesk asked a second agent to agree to a change for you.")),
    Event.SECOND_AGENT_AGREED: _Told(_("A second agent of the helpdesk agreed to a change for you.")),
    Event.SECOND_AGENT_REFUSED: _Told(_("A second agent of the helpdesk refused a change for you.")),
    Event.DONE_FOR_CALLER: _Told(_("The helpdesk made a change for you, after it had found out who asked.")),
    Event.EMAIL_CONFIRMED: _Told(_("A second agent of the helpdesk confirmed your new email address.")),
    Event.ADMIN_CREATED: _Told(_("You were given the right to use the helpdesk’s pages.")),
    Event.CARE_IDENTITY_REFUSED: _Told(_("A log-in with your Care Identity was refused.")),
    Event.CARE_IDENTITY_LINKED: _Told(
        _("A Care Identity was linked to your account."),
        by_helpdesk=_("The helpdesk linked a Care Identity to your account."),
    ),
    Event.CARE_IDENTITY_UNLINKED: _Told(
        _("A Care Identity was unlinked from your account."),
        by_helpdesk=_("The helpdesk unlinked a Care Identity from your account."),
    ),
    Event.CARE_IDENTITY_LOGGED_OUT: _Told(_("You were logged out, because you logged out of Care Identity.")),
    Event.INTERNET_ACCESS_GRANTED: _Told(
        _("Internet access was set up: your password works anywhere."),
        by_helpdesk=_("The helpdesk set up internet access for you: your password works anywhere."),
    ),
    Event.INTERNET_ACCESS_WITHDRAWN: _Told(
        _("Internet access was withdrawn."), by_helpdesk=_("The helpdesk withdrew your internet access.")
    ),
    Event.PEOPLE_FILE_UPLOADED: _Told(_("You uploaded a file of people.")),
    Event.PEOPLE_FILE_CONFIRMED: _Told(_("You confirmed an import of people.")),
    Event.PEOPLE_FILE_AGREED: _Told(_("You agreed to an import of people.")),
    Event.PEOPLE_EXPORTED: _Told(_("You exported a list of people.")),
    Event.PERSON_IMPORTED: _Told(_("Your account was made.")),
    Event.PERSON_ADDED: _Told(_("Your account was made."), by_helpdesk=_("The helpdesk made your account.")),
    Event.ROLE_GIVEN: _Told(
        _("You were given a role in the helpdesk’s pages."),
        by_helpdesk=_("The helpdesk gave you a role in its pages."),
    ),
    Event.ROLE_TAKEN_AWAY: _Told(
        _("Your role in the helpdesk’s pages was taken away."),
        by_helpdesk=_("The helpdesk took away your role in its pages."),
    ),
    Event.PERSON_CHANGED: _Told(
        _("Your record was changed."),
        by_helpdesk=_("The helpdesk changed your record."),
        by_reason={
            "email": _Told(
                _("Your email address was changed."), by_helpdesk=_("The helpdesk changed your email address.")
            ),
            "ends_on": _Told(_("Your last day was changed."), by_helpdesk=_("The helpdesk changed your last day.")),
            "must_change_password_on": _Told(
                _("You were asked to choose a new password."),
                by_helpdesk=_("The helpdesk asked you to choose a new password."),
            ),
        },
    ),
    # Whether it was the right one stays out, as of every try.
    Event.DATE_OF_BIRTH_COMPARED: _Told(
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
        # The log-in that it belongs to is shown.
        Event.SECOND_STEP_PASSED,
    }
)


def page(*, user: User, before: str = "") -> Page:
    """Return what happened to `user` within SHOWN_FOR, A_PAGE entries at most.

    `before` is the `older` of the page before this one; what is none gives the newest.
    """
    moment, seen_of_it = _read(before)
    events = SecurityEvent.objects.filter(user=user, event__in=list(SHOWN), at__gte=timezone.now() - SHOWN_FOR)
    if moment is not None:
        events = events.filter(at__lte=moment)
    rows = list(events[seen_of_it : seen_of_it + A_PAGE + 1])
    networks = OwnNetworks(user.organisation)
    entries = [_entry(row, networks) for row in rows[:A_PAGE]]
    return Page(entries=entries, older=_older(rows, moment, seen_of_it) if len(rows) > A_PAGE else "")


def _entry(row: SecurityEvent, networks: OwnNetworks) -> Entry:
    by_another = row.by_id is not None and row.by_id != row.user_id
    # Where the helpdesk's own browser is, is not the person's to know.
    came_from_here = row.address is not None and not by_another
    return Entry(
        sentence=sentence(row),
        at=row.at,
        device="" if by_another else row.device,
        network=networks.in_words(row.address) if came_from_here else "",
    )


def sentence(row: SecurityEvent) -> str:
    """Return what an event of a kind in SHOWN is to its person, as a mail says it too."""
    told = SHOWN[Event(row.event)]
    told = told.by_reason.get(row.reason, told)
    by_another = row.by_id is not None and row.by_id != row.user_id
    return str(told.by_helpdesk if by_another and told.by_helpdesk else told.sentence)


def _older(rows: Sequence[SecurityEvent], moment: datetime.datetime | None, seen_of_it: int) -> str:
    """Return where the next page begins: at the moment of the last entry, after those of that moment that were shown.

    Not the number of a row, which would tell how many events there are in the portal.
    """
    last = rows[A_PAGE - 1].at
    shown = sum(row.at == last for row in rows[:A_PAGE]) + (seen_of_it if last == moment else 0)
    return f"{(last - _EPOCH) // _MICROSECOND}-{shown}"


def _read(before: str) -> tuple[datetime.datetime | None, int]:
    found = _CURSOR.fullmatch(before)
    if found is None:
        return None, 0
    return _EPOCH + int(found[1]) * _MICROSECOND, int(found[2])
