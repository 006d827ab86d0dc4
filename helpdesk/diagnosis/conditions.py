"""When the rules of the diagnosis hold, where that takes more than one fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import hashers
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import recovery
from accounts.services.recovery import looking_up
from accounts.services.second_step import still_works
from helpdesk.mail_fate import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models.user import NotInForce
    from helpdesk.facts import Facts


def not_in_force(why: NotInForce) -> Callable[[Facts], bool]:
    """Return whether their record is not in force for this reason."""
    return lambda facts: facts.person.why_not_in_force() is why


def card_alone(facts: Facts) -> bool:
    """Return whether only a Care Identity could let them in, and none does: they have no password that works."""
    return facts.comes_by_card_alone and facts.care_identity is None and not has_one_that_works(facts)


def has_one_that_works(facts: Facts) -> bool:
    """Return whether they have a password that recovery does not first have to set anew."""
    person = facts.person
    works_no_more = person.password_is_frozen() or person.is_dormant() or is_damaged(facts)
    return person.has_usable_password() and not works_no_more


def is_damaged(facts: Facts) -> bool:
    """Return whether they have a password whose stored hash cannot be read."""
    return facts.person.has_usable_password() and not hashers.can_be_read(facts.person.password)


def request_says(*outcomes: str) -> Callable[[Facts], bool]:
    """Return whether what a request led to is still what their ways in hang on."""
    return lambda facts: facts.decided is not None and facts.decided.reason in outcomes


def waits_for_decision(facts: Facts) -> bool:
    """Return whether a recovery request of theirs waits to be decided."""
    request = facts.request
    return request is not None and request.outcome == Outcome.UNDECIDED and looking_up.is_open(request)


def many_requests(facts: Facts) -> bool:
    """Return whether what came of their requests may not be told, unless they have got in since."""
    request, last = facts.request, facts.last_log_in
    if request is None or not looking_up.is_one_of_many(request):
        return False
    return last is None or last.at < request.created_at


def mail_is(*states: State) -> Callable[[Facts], bool]:
    """Return whether the mail with the way in that they wait for is so far."""
    return lambda facts: facts.recovery_mail is not None and facts.recovery_mail.state in states


def link_is(*states: State) -> Callable[[Facts], bool]:
    """Return whether that mail is so far, and has a link for them."""
    return lambda facts: facts.gets_a_link and mail_is(*states)(facts)


def lost(facts: Facts) -> bool:
    """Return whether they said that their second step is lost, and it is set up still and has not worked since."""
    kept = facts.newest(Event.SECOND_STEP_KEPT, Event.SECOND_STEP_ENROLLED, Event.PASSKEY_ADDED)
    if kept is None or kept.event != Event.SECOND_STEP_KEPT or kept.reason != "lost":
        return False
    shown = still_works.last_shown(user=facts.person)
    return shown is not None and shown <= kept.at


def card_not_linked(facts: Facts) -> bool:
    """Return whether they came with a Care Identity that is not linked, or it was unlinked since they were last in."""
    if not facts.is_connected or facts.care_identity is not None:
        return False
    refused = facts.since_log_in(Event.LOG_IN_REFUSED, reasons=["care_identity_not_linked"])
    return (refused or facts.since_log_in(Event.CARE_IDENTITY_UNLINKED)) is not None


def is_held(facts: Facts) -> bool:
    """Return whether they need a link, and their new address gets none yet."""
    has_none = not facts.person.has_usable_password() or facts.person.is_dormant() or is_damaged(facts)
    # Sent by the helpdesk: its mail has no link then, and says so.
    waits_for_one = facts.mail_went_to_an_old_address or facts.recovery_mail is not None
    needs_one = has_none or waits_for_one or request_says(Outcome.TOLD_WHY_NOT.value)(facts)
    return needs_one and recovery.why_no_link(user=facts.person) is recovery.WhyNoLink.HELD


def has_password(facts: Facts) -> bool:
    """Return whether they have a password, which may not work."""
    return facts.person.has_usable_password()
