"""What is counted of a day, in words."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.security_event import Event
from accounts.services import counting, daily_counts
from helpdesk.services import people_counts
from nhsuk.wording import spoken_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

# Why a log-in failed (accounts/services/log_in.py), and how one did not.
_REASONS: Mapping[str, StrPromise] = {
    "log_in_failed/wrong_password": gettext_lazy("Wrong password"),
    "log_in_failed/locked": gettext_lazy("Tried while locked"),
    "log_in_failed/locked_unknown_username": gettext_lazy("Username that nobody has, tried too often"),
    "log_in_failed/unknown_username": gettext_lazy("Username that nobody has"),
    "log_in_failed/not_in_force": gettext_lazy("Right password, and not active, ended or not started yet"),
    "log_in_failed/outside_network": gettext_lazy("Right password, outside the network without internet access"),
    "log_in_failed/no_password_yet": gettext_lazy("No password yet"),
    "log_in_failed/dormant": gettext_lazy("Right password, and dormant"),
    "log_in_failed/frozen": gettext_lazy("Password frozen: “this was not me”"),
    "log_in_failed/too_many_in_a_row": gettext_lazy("A hundred wrong passwords in a row"),
    "log_in_failed/password_changed": gettext_lazy("Password changed at that moment"),
    "log_in_failed/unreadable_hash": gettext_lazy("The stored password cannot be read"),
    "logged_in/password": gettext_lazy("Logged in with a password"),
    "logged_in/care_identity": gettext_lazy("Logged in with Care Identity"),
    "logged_in/passkey": gettext_lazy("Logged in with a passkey"),
    counting.ASKED: gettext_lazy("People for whom a recovery form was sent"),
    counting.MAILED: gettext_lazy("Of them, mailed a way in"),
    counting.LINK_USED: gettext_lazy("Of them, used the link within a day"),
    counting.BACK_IN: gettext_lazy("Of them, logged in within a day"),
    counting.SPRAYED: gettext_lazy("People tried from a network that tries many usernames"),
    counting.STUFFED: gettext_lazy("Usernames that nobody has, in the worst hour"),
    f"{daily_counts.OF_PEOPLE}{people_counts.ALL}": gettext_lazy("People in force"),
    f"{daily_counts.OF_PEOPLE}{people_counts.SECOND_STEP}": gettext_lazy("People with a second step"),
    f"{daily_counts.OF_PEOPLE}{people_counts.PASSKEY}": gettext_lazy("People with a passkey"),
    f"{daily_counts.OF_PEOPLE}{people_counts.PASSWORD_ONLY}": gettext_lazy("People with a password alone"),
}
_OTHER: Mapping[str, StrPromise] = {
    "log_in_failed": gettext_lazy("Log-in failed for another reason"),
    "logged_in": gettext_lazy("Logged in another way"),
}


def in_words(what: str) -> str:
    """Return what was counted, as the pages and the CSV call it."""
    if what in _REASONS:
        return str(_REASONS[what])
    if what.startswith(counting.WITHIN):
        return _("In within %(time)s of asking") % {"time": within(int(what.removeprefix(counting.WITHIN)))}
    if what.startswith(counting.DESK):
        return _of_event(what.removeprefix(counting.DESK))
    kind = what.partition("/")[0]
    return str(_OTHER[kind]) if kind in _OTHER else _of_event(kind)


def _of_event(kind: str) -> str:
    """Return the name of a kind of event; of one that another version has counted, no code of ours."""
    return str(Event(kind).label) if kind in Event.values else _("Something else")


def within(minutes: int) -> str:
    """Return a time in words: "10 minutes", "4 hours"."""
    return spoken_duration(datetime.timedelta(minutes=minutes))


def within_in_short(minutes: int) -> str:
    """Return a time as a chart has room for: "10m", "4h"."""
    if minutes < 60:
        return _("%(number)sm") % {"number": minutes}
    return _("%(number)sh") % {"number": minutes // 60}
