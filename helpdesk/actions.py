"""Everything that an agent can do for a person on the desk: the one list that the page and its addresses draw from.

To add one: an `Action` in `ALL`. With `do`, it is a button that posts to /admin/desk/people/<key>/<name>/. Without,
it is a link to a page of its own: `admin:desk_<name>` with the key of the person, or `leads_to`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import proposal
from accounts.services import internet_access, recovery
from helpdesk import unlocked_words
from helpdesk.services import helping
from nhsuk.wording import spoken_moment, until_the_minute

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrPromise

    from accounts.models import User
    from helpdesk.facts import Facts


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What came of an action, in a sentence for the agent, and whether anything did."""

    sentence: str
    changed: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """One thing that an agent can do. `question` says what it does, before it is done.

    `do` takes the keyword arguments person, by and note. `is_offered` says whether it would do anything.
    """

    name: str
    label: StrPromise
    question: StrPromise
    is_offered: Callable[[Facts], bool]
    do: Callable[..., Done] | None = None
    leads_to: str = ""
    is_operators: bool = False  # For national administrators alone.

    @property
    def is_button(self) -> bool:
        """Whether one press does it. A template that names `do` would call it."""
        return self.do is not None

    @property
    def is_guarded(self) -> bool:
        """Whether it takes a check of the caller or a second agent (helpdesk/services/proposals.py)."""
        return self.name in proposal.Action.values

    @property
    def address_name(self) -> str:
        """The name of its address, which takes the key of a person."""
        return self.leads_to or f"admin:desk_{self.name}"


def _unlock(*, person: User, by: User, note: str) -> Done:
    if not helping.unlock(person=person, by=by, note=note):
        return Done(_("%(person)s had no wrong passwords to forget.") % {"person": person}, changed=False)
    return Done(unlocked_words.said_of(person))


def _send_recovery_email(*, person: User, by: User, note: str) -> Done:
    try:
        helping.send_recovery_email(person=person, by=by, note=note)
    except recovery.TooManyMails as too_many:
        said = _(
            "No email was sent to %(person)s: the helpdesk has sent %(number)s within 24 hours. The next can be sent "
            "on %(moment)s."
        )
        until = spoken_moment(until_the_minute(too_many.until))
        facts = {"person": person, "number": recovery.MAILS_BY_HELPDESK_A_DAY, "moment": until}
        return Done(said % facts, changed=False)
    sentence = _("The recovery email for %(person)s is on its way to %(address)s.")
    if recovery.why_no_link(user=person):
        sentence = _(
            "The recovery email for %(person)s is on its way to %(address)s. It has no link: it says why this person "
            "cannot set a password."
        )
    return Done(sentence % {"person": person, "address": internet_access.masked_email(user=person)})


def _give_internet_access(*, person: User, by: User, note: str) -> Done:
    changed = helping.give_internet_access(person=person, by=by, note=note)
    sentence = (
        _("%(person)s has internet access now, and is told by email.")
        if changed
        else _("%(person)s has internet access already.")
    )
    return Done(sentence % {"person": person}, changed)


def _withdraw_internet_access(*, person: User, by: User, note: str) -> Done:
    changed = helping.withdraw_internet_access(person=person, by=by, note=note)
    sentence = (
        _("%(person)s has no internet access any more, and is told by email.")
        if changed
        else _("%(person)s had no internet access to withdraw.")
    )
    return Done(sentence % {"person": person}, changed)


def _lift_wait(*, person: User, by: User, note: str) -> Done:
    changed = helping.lift_wait(person=person, by=by, note=note)
    sentence = (
        _("%(person)s can type a code again now. Wrong ones are counted anew.")
        if changed
        else _("%(person)s had no wrong codes to forget.")
    )
    return Done(sentence % {"person": person}, changed)


def _end_sessions(*, person: User, by: User, note: str) -> Done:
    changed = helping.end_sessions(person=person, by=by, note=note) > 0
    sentence = (
        _("%(person)s is logged out everywhere, and is told by email.")
        if changed
        else _("%(person)s was not logged in anywhere.")
    )
    return Done(sentence % {"person": person}, changed)


def _must_change(*, person: User, by: User, note: str) -> Done:
    changed = helping.require_new_password(person=person, by=by, note=note)
    sentence = (
        _("%(person)s must set a new password at the next log-in with it, and is told by email.")
        if changed
        else _("%(person)s has to set a new password already.")
    )
    return Done(sentence % {"person": person}, changed)


def _freeze(*, person: User, by: User, note: str) -> Done:
    helping.freeze(person=person, by=by, note=note)
    sentence = _(
        "The password of %(person)s is frozen, they are logged out everywhere, and they are told by email. The "
        "recovery email lets them set a new one."
    )
    return Done(sentence % {"person": person})


def _always(facts: Facts) -> bool:
    return True


UNLOCK = Action(
    "unlock",
    gettext_lazy("Unlock"),
    gettext_lazy("Lifts every lock, and forgets the wrong passwords."),
    lambda facts: bool(facts.locks.counters),
    _unlock,
)
SEND_RECOVERY_EMAIL = Action(
    "send_recovery_email",
    gettext_lazy("Send recovery email"),
    gettext_lazy("Sends the username, and a link to set a password, to the address on record."),
    _always,
    _send_recovery_email,
)
LIFT_WAIT = Action(
    "lift_wait",
    gettext_lazy("Lift the wait after wrong codes"),
    gettext_lazy("Lets codes of theirs be looked at again."),
    lambda facts: facts.waits.app is not None or facts.waits.recovery_codes_are_closed,
    _lift_wait,
)
GIVE_INTERNET_ACCESS = Action(
    "give_internet_access",
    gettext_lazy("Give internet access"),
    gettext_lazy("Lets their password work outside of the organisation’s network."),
    lambda facts: not facts.works_outside,
    _give_internet_access,
)
WITHDRAW_INTERNET_ACCESS = Action(
    "withdraw_internet_access",
    gettext_lazy("Withdraw internet access"),
    gettext_lazy("Lets their password work on the organisation’s network alone."),
    lambda facts: internet_access.status(user=facts.person) is internet_access.Status.ON,
    _withdraw_internet_access,
)
END_SESSIONS = Action(
    "end_sessions",
    gettext_lazy("Log out everywhere"),
    gettext_lazy("Ends each of their sessions."),
    _always,
    _end_sessions,
)
MUST_CHANGE = Action(
    "must_change",
    gettext_lazy("Ask for a new password"),
    gettext_lazy("The next log-in with the password asks for a new one before anything else."),
    lambda facts: facts.person.has_usable_password() and not facts.person.must_change_password,
    _must_change,
)
FREEZE = Action(
    "freeze",
    gettext_lazy("Freeze the password"),
    gettext_lazy("The caller says that something was not them: logs out everywhere, and stops the password."),
    lambda facts: facts.person.has_usable_password() and not facts.person.password_is_frozen(),
    _freeze,
)
DATE_OF_BIRTH = Action(
    "date_of_birth",
    gettext_lazy("Compare a date of birth"),
    gettext_lazy("Says whether the date that the caller gives is the one on record."),
    _always,
)
LAST_DAY = Action(
    "last_day",
    gettext_lazy("Change the last day"),
    gettext_lazy("Extends their access, or ends it."),
    _always,
)
CHANGE_RECORD = Action(
    "change_record",
    gettext_lazy("Change the record"),
    gettext_lazy("Name, dates, and the ways in that the record allows."),
    _always,
    leads_to="admin:accounts_user_change",
)
# These wait for a check of the caller, or for a second agent (helpdesk/services/proposals.py).
CHANGE_EMAIL = Action(
    "change_email",
    gettext_lazy("Change the email address"),
    gettext_lazy("After a check of the caller."),
    _always,
)
CONFIRM_EMAIL = Action(
    "confirm_email",
    gettext_lazy("Confirm the new email address"),
    gettext_lazy("A second agent lets links go to it at once."),
    lambda facts: facts.person.links_are_held(),
)
LINK_CARE_IDENTITY = Action(
    "link_care_identity",
    gettext_lazy("Link a Care Identity"),
    gettext_lazy("After a check of the caller."),
    lambda facts: facts.is_connected,
)
UNLINK_CARE_IDENTITY = Action(
    "unlink_care_identity",
    gettext_lazy("Unlink the Care Identity"),
    gettext_lazy("After a check of the caller."),
    lambda facts: facts.care_identity is not None,
)
MAKE_BOOTSTRAP_CODE = Action(
    "make_bootstrap_code",
    gettext_lazy("Give a code for a new second step"),
    gettext_lazy("After a check of the caller, who has lost every second step."),
    lambda facts: facts.has_second_step,
)
REMOVE_SECOND_STEP = Action(
    "remove_second_step",
    gettext_lazy("Remove the second step"),
    gettext_lazy("After a check of the caller."),
    lambda facts: facts.has_second_step,
)
UNFREEZE = Action(
    "unfreeze",
    gettext_lazy("Let the frozen password work again"),
    gettext_lazy("After a check of the caller, who pressed by mistake."),
    lambda facts: facts.person.password_frozen_at is not None,
)

ERASE = Action(
    "erase",
    gettext_lazy("Erase a person who has left"),
    gettext_lazy("For good, once a second agent has agreed."),
    lambda facts: facts.person.has_ended(),
    is_operators=True,
)

# In the order in which the page shows them.
ALL: tuple[Action, ...] = (
    *(UNLOCK, SEND_RECOVERY_EMAIL, LIFT_WAIT, GIVE_INTERNET_ACCESS, DATE_OF_BIRTH, MUST_CHANGE),
    *(END_SESSIONS, LAST_DAY, WITHDRAW_INTERNET_ACCESS, FREEZE),
    *(MAKE_BOOTSTRAP_CODE, CHANGE_EMAIL, CONFIRM_EMAIL, LINK_CARE_IDENTITY, UNLINK_CARE_IDENTITY),
    *(REMOVE_SECOND_STEP, UNFREEZE, ERASE, CHANGE_RECORD),
)
