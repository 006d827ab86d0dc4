"""Why a person cannot get in: the rules, in the order in which they are asked. The first that holds is the cause.

First what their record and its counters say, then what was tried since they were last in, then how they can get in.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.models.user import NotInForce
from helpdesk import actions
from helpdesk.diagnosis import sentences
from helpdesk.diagnosis.conditions import (
    card_alone,
    card_not_linked,
    has_one_that_works,
    has_password,
    is_damaged,
    is_held,
    link_is,
    lost,
    mail_is,
    many_requests,
    not_in_force,
    request_says,
    waits_for_decision,
)
from helpdesk.diagnosis.how_they_get_in import yes
from helpdesk.mail_fate import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpdesk.actions import Action
    from helpdesk.facts import Facts

_WRONG_DATE = (Outcome.DATE_DIFFERS.value, Outcome.TOLD_DATE_DIFFERS.value)
_LEVEL = ("level_below_organisations", "level_too_low", "identity_level_too_low")


class Cause(enum.StrEnum):
    """What keeps a person from getting in, or that nothing does."""

    NOT_ACTIVE = "not_active"
    ENDED = "ended"
    STARTS_LATER = "starts_later"
    NONE_LINKED = "none_linked"
    NOT_CONNECTED = "not_connected"
    CARD_ONLY = "card_only"
    FROZEN_AND_HELD = "frozen_and_held"
    FROZEN = "frozen"
    UNREADABLE = "unreadable"
    DORMANT = "dormant"
    USED_UP = "used_up"
    LOCKED = "locked"
    REFUSED_OUTSIDE = "refused_outside"
    CODES_WAIT = "codes_wait"
    RECOVERY_CODES_CLOSED = "recovery_codes_closed"
    PASSKEYS_OFF = "passkeys_off"
    LOST_SECOND_STEP = "lost_second_step"
    CARD_NOT_LINKED = "card_not_linked"
    LEVEL_TOO_LOW = "level_too_low"
    MAIL_TO_OLD_ADDRESS = "mail_to_old_address"
    MAIL_REFUSED = "mail_refused"
    MAIL_BOUNCED = "mail_bounced"
    MAIL_WAITS = "mail_waits"
    MAIL_SENT = "mail_sent"
    WAITS_FOR_DECISION = "waits_for_decision"
    MANY_REQUESTS = "many_requests"
    WRONG_DATE = "wrong_date"
    TOO_MANY_REQUESTS = "too_many_requests"
    HELD = "held"
    NO_PASSWORD = "no_password"  # noqa: S105 - no password, but the lack of one.
    FROZEN_BEFORE = "frozen_before"
    SECOND_STEP_MISSING = "second_step_missing"
    MUST_CHANGE = "must_change"
    INSIDE_ONLY = "inside_only"
    WRONG_PASSWORDS = "wrong_passwords"
    ALL_WELL = "all_well"
    # Of a recovery request that is for no person of the agent's.
    RECEIVED = "received"
    # Of one whose outcome is in its words.
    DECIDED = "decided"


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One cause: when it holds, its sentence, and what mends it."""

    cause: Cause
    holds: Callable[[Facts], bool]
    sentence: Callable[[Facts], str]
    action: Action | None = None


# Of their record and its counters: what the plain page of the record says too.
STATE: tuple[Rule, ...] = (
    Rule(Cause.NOT_ACTIVE, not_in_force(NotInForce.NOT_ACTIVE), sentences.not_active, actions.CHANGE_RECORD),
    Rule(Cause.ENDED, not_in_force(NotInForce.ENDED), sentences.ended, actions.LAST_DAY),
    Rule(
        Cause.STARTS_LATER,
        not_in_force(NotInForce.STARTS_LATER),
        sentences.starts_later,
        actions.CHANGE_RECORD,
    ),
    Rule(
        Cause.NONE_LINKED,
        lambda facts: card_alone(facts) and facts.is_connected,
        sentences.none_linked,
        actions.LINK_CARE_IDENTITY,
    ),
    Rule(Cause.NOT_CONNECTED, card_alone, sentences.not_connected),
    # No recovery email sets these anew.
    Rule(
        Cause.CARD_ONLY,
        lambda facts: facts.comes_by_card_alone and has_password(facts) and not has_one_that_works(facts),
        sentences.card_only,
    ),
    Rule(
        Cause.FROZEN_AND_HELD,
        lambda facts: facts.person.password_is_frozen() and facts.person.links_are_held(),
        sentences.frozen_and_held,
        actions.CHANGE_EMAIL,
    ),
    Rule(
        Cause.FROZEN,
        lambda facts: has_password(facts) and facts.person.password_is_frozen(),
        sentences.frozen,
        actions.SEND_RECOVERY_EMAIL,
    ),
    # Before a lock, which a dormant password does not wait for. A link that is held back would wake nothing.
    Rule(
        Cause.HELD,
        lambda facts: facts.person.is_dormant() and is_held(facts),
        sentences.dormant_and_held,
        actions.CONFIRM_EMAIL,
    ),
    Rule(
        Cause.DORMANT,
        lambda facts: has_password(facts) and facts.person.is_dormant(),
        sentences.dormant,
        actions.SEND_RECOVERY_EMAIL,
    ),
    Rule(
        Cause.HELD,
        lambda facts: is_damaged(facts) and is_held(facts),
        sentences.unreadable_and_held,
        actions.CONFIRM_EMAIL,
    ),
    Rule(Cause.UNREADABLE, is_damaged, sentences.unreadable, actions.SEND_RECOVERY_EMAIL),
    Rule(
        Cause.USED_UP,
        lambda facts: has_password(facts) and bool(facts.locks.used_up),
        sentences.used_up,
        actions.UNLOCK,
    ),
    Rule(
        Cause.LOCKED,
        lambda facts: has_password(facts) and facts.locks.locked_until is not None,
        sentences.locked,
        actions.UNLOCK,
    ),
)
# Of what was tried since they were last in.
TRIED: tuple[Rule, ...] = (
    Rule(
        Cause.REFUSED_OUTSIDE,
        lambda facts: not facts.works_outside and facts.refused_outside is not None,
        sentences.refused_outside,
        actions.GIVE_INTERNET_ACCESS,
    ),
    Rule(Cause.PASSKEYS_OFF, lambda facts: facts.only_passkeys_which_are_off, sentences.passkeys_off),
    Rule(Cause.LOST_SECOND_STEP, lost, sentences.lost_second_step, actions.MAKE_BOOTSTRAP_CODE),
    Rule(Cause.CARD_NOT_LINKED, card_not_linked, sentences.card_not_linked, actions.LINK_CARE_IDENTITY),
    Rule(
        Cause.LEVEL_TOO_LOW,
        lambda facts: facts.since_log_in(Event.CARE_IDENTITY_REFUSED, Event.LOG_IN_REFUSED, reasons=_LEVEL) is not None,
        sentences.level_too_low,
    ),
    # First of those about mail: its mail has no link and says so.
    Rule(Cause.HELD, is_held, sentences.held, actions.CONFIRM_EMAIL),
    Rule(
        Cause.MAIL_TO_OLD_ADDRESS,
        lambda facts: facts.mail_went_to_an_old_address,
        sentences.mail_to_old_address,
        actions.SEND_RECOVERY_EMAIL,
    ),
    Rule(
        Cause.MAIL_WAITS,
        lambda facts: facts.gets_a_link and facts.mail_goes_to_a_new_address,
        sentences.mail_waits,
        actions.SEND_RECOVERY_EMAIL,
    ),
    Rule(Cause.MAIL_REFUSED, mail_is(State.REFUSED), sentences.mail_refused, actions.CHANGE_EMAIL),
    Rule(Cause.MAIL_BOUNCED, mail_is(State.BOUNCED), sentences.mail_bounced, actions.CHANGE_EMAIL),
    Rule(Cause.MAIL_WAITS, link_is(State.WAITING, State.BEING_SENT, State.FAILED), sentences.mail_waits),
    Rule(Cause.MAIL_SENT, link_is(State.SENT), sentences.mail_sent, actions.SEND_RECOVERY_EMAIL),
    Rule(Cause.MANY_REQUESTS, many_requests, sentences.many_requests, actions.SEND_RECOVERY_EMAIL),
    Rule(
        Cause.WAITS_FOR_DECISION,
        waits_for_decision,
        sentences.waits_for_decision,
        actions.SEND_RECOVERY_EMAIL,
    ),
    Rule(Cause.WRONG_DATE, request_says(*_WRONG_DATE), sentences.wrong_date, actions.DATE_OF_BIRTH),
    Rule(
        Cause.TOO_MANY_REQUESTS,
        request_says(Outcome.LIMITED.value),
        sentences.too_many_requests,
        actions.SEND_RECOVERY_EMAIL,
    ),
)
# Of how they get in who can, and what comes between.
WAYS_IN: tuple[Rule, ...] = (
    Rule(
        Cause.NO_PASSWORD,
        lambda facts: not has_password(facts) and not facts.gets_a_link,
        sentences.no_password,
    ),
    Rule(
        Cause.NO_PASSWORD,
        lambda facts: not has_password(facts),
        sentences.no_password,
        actions.SEND_RECOVERY_EMAIL,
    ),
    # Set a new password since. A lock holds for that as for every other, and is said before.
    Rule(
        Cause.FROZEN_BEFORE,
        lambda facts: has_password(facts) and facts.person.password_frozen_at is not None,
        sentences.frozen,
    ),
    Rule(Cause.SECOND_STEP_MISSING, lambda facts: facts.second_step_is_missing, yes),
    Rule(Cause.CODES_WAIT, lambda facts: facts.waits.app is not None, yes, actions.LIFT_WAIT),
    Rule(
        Cause.RECOVERY_CODES_CLOSED,
        lambda facts: facts.waits.recovery_codes_are_closed,
        yes,
        actions.LIFT_WAIT,
    ),
    Rule(Cause.MUST_CHANGE, lambda facts: facts.person.must_change_password, yes),
    Rule(Cause.INSIDE_ONLY, lambda facts: not facts.works_outside, yes, actions.GIVE_INTERNET_ACCESS),
    Rule(
        Cause.WRONG_PASSWORDS,
        lambda facts: bool(facts.locks.counters),
        yes,
        actions.SEND_RECOVERY_EMAIL,
    ),
    Rule(Cause.ALL_WELL, lambda _: True, yes),
)
