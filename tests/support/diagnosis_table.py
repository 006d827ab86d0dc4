"""Situations in which people call, each with its cause, its words, and what mends it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import lockout
from accounts.services.second_step import wrong_codes
from helpdesk import actions
from helpdesk.diagnosis import Cause
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.freezing import recover
from tests.support.helpdesk import lock
from tests.support.situations import (
    BROWSER,
    DAY,
    NOW,
    TODAY,
    Maker,
    asked,
    both,
    came_back,
    damage,
    elsewhere,
    freeze,
    happened,
    mailed,
    no,
    off,
    organisation,
    passkey,
    same_card_elsewhere,
    waits,
    wrong,
)

if TYPE_CHECKING:
    from helpdesk.actions import Action


@dataclasses.dataclass(frozen=True)
class Row:
    """One situation: what is on record, what happened, and what an agent reads."""

    situation: str
    facts: dict[str, Any]
    made: Maker
    cause: Cause
    says: str
    action: Action | None = None


NONE = {"password": None}
CARD: dict[str, Any] = {**NONE, "care_identity_only": True}
ASLEEP, HELD = {"dormant_since": NOW - DAY}, {"links_held_until": NOW + DAY}
ROWS = [
    Row("not active", {"is_active": False}, no, Cause.NOT_ACTIVE, "No: not active", actions.CHANGE_RECORD),
    Row("ended", {"ends_on": TODAY - DAY}, no, Cause.ENDED, "last day was 25 November 2026", actions.LAST_DAY),
    Row("the last day is today", {"ends_on": TODAY}, no, Cause.ALL_WELL, "Yes."),
    Row(
        "starts later",
        {"starts_on": TODAY + DAY},
        no,
        Cause.STARTS_LATER,
        "first day is 27 November 2026",
        actions.CHANGE_RECORD,
    ),
    Row("ended, and locked", {"ends_on": TODAY - DAY}, lock, Cause.ENDED, "No: their last day", actions.LAST_DAY),
    Row("locked by others", {}, wrong(10), Cause.LOCKED, "10 in other browsers, locked until 2:45pm", actions.UNLOCK),
    Row(
        "locked by themselves",
        {},
        wrong(10, BROWSER),
        Cause.LOCKED,
        "10 in a browser they have used before, locked until 2:45pm",
        actions.UNLOCK,
    ),
    Row(
        "locked by others, with a few tries of their own",
        {},
        both(wrong(10), wrong(3, BROWSER)),
        Cause.LOCKED,
        "10 in other browsers, locked until 2:45pm. Wrong passwords: 3 in a browser they have used before.",
        actions.UNLOCK,
    ),
    Row(
        "a hundred in a row",
        {"wrong_passwords_before": lockout.MOST_IN_A_ROW},
        no,
        Cause.USED_UP,
        "Not in other browsers: too many wrong passwords in a row, and waiting does not end it.",
        actions.UNLOCK,
    ),
    Row("locked, with a card", {}, both(link, wrong(10)), Cause.LOCKED, "With Care Identity, which", actions.UNLOCK),
    Row("mistyped a few times", {}, wrong(4), Cause.WRONG_PASSWORDS, "4 in other", actions.SEND_RECOVERY_EMAIL),
    Row("no password yet", NONE, no, Cause.NO_PASSWORD, "Not yet: they have no", actions.SEND_RECOVERY_EMAIL),
    Row("no password, and a card", NONE, link, Cause.NO_PASSWORD, "if they want one", actions.SEND_RECOVERY_EMAIL),
    Row("no password, locked name", NONE, lock, Cause.NO_PASSWORD, "Not yet", actions.SEND_RECOVERY_EMAIL),
    Row("card only, none linked", CARD, no, Cause.NONE_LINKED, "and none is linked", actions.LINK_CARE_IDENTITY),
    Row("must change", {"must_change_password": True}, no, Cause.MUST_CHANGE, "must set a new password at the next"),
    Row("frozen", {}, freeze, Cause.FROZEN, "it is frozen since 26 November 2026 at", actions.SEND_RECOVERY_EMAIL),
    Row("frozen, with a card", {}, both(link, freeze), Cause.FROZEN, "With Care Ident", actions.SEND_RECOVERY_EMAIL),
    Row("frozen and locked", {}, both(wrong(10), freeze), Cause.FROZEN, "10 in other", actions.SEND_RECOVERY_EMAIL),
    Row(
        "frozen after the address was changed",
        HELD,
        freeze,
        Cause.FROZEN_AND_HELD,
        "Find out which address is theirs",
        actions.CHANGE_EMAIL,
    ),
    Row("dormant", ASLEEP, no, Cause.DORMANT, "it is dormant since 25 November 2026", actions.SEND_RECOVERY_EMAIL),
    Row("dormant, with a card", ASLEEP, link, Cause.DORMANT, "also wakes their pass", actions.SEND_RECOVERY_EMAIL),
    Row("dormant, and locked", ASLEEP, wrong(10), Cause.DORMANT, "unlocking them does", actions.SEND_RECOVERY_EMAIL),
    Row("dormant, link held", {**ASLEEP, **HELD}, no, Cause.HELD, "it is dormant since 25 Nov", actions.CONFIRM_EMAIL),
    Row("dormant, set a new password", ASLEEP, recover, Cause.ALL_WELL, "Yes."),
    Row("damaged", {}, damage, Cause.UNREADABLE, "password is damaged", actions.SEND_RECOVERY_EMAIL),
    Row("damaged, with a card", {}, both(link, damage), Cause.UNREADABLE, "With Care", actions.SEND_RECOVERY_EMAIL),
    Row("frozen, changed since", {}, both(freeze, recover), Cause.FROZEN_BEFORE, "have set a new password since"),
    Row(
        "wrong date of birth at 14:02",
        {},
        asked(1),
        Cause.WRONG_DATE,
        "Not by the form so far: the date of birth that was typed did not match their record.",
        actions.DATE_OF_BIRTH,
    ),
    Row("wrong date, then the right one", {}, asked(1, 0), Cause.MAIL_WAITS, "a mail with it was made: 26 November"),
    Row("mail waiting", NONE, mailed(), Cause.MAIL_WAITS, "Recovery email asked for: 26 November 2026 at 2:30pm"),
    Row(
        "mail that failed for a while",
        NONE,
        mailed("SMTPRecipientsRefused 450"),
        Cause.MAIL_WAITS,
        "the mailbox may be full. Tried next: 26 November 2026 at 2:30pm.",
    ),
    Row(
        "mail refused for good",
        NONE,
        mailed("SMTPRecipientsRefused 550"),
        Cause.MAIL_REFUSED,
        "Not by email: the mail server refuses",
        actions.CHANGE_EMAIL,
    ),
    Row(
        "mail came back",
        NONE,
        both(mailed(sent=True), came_back),
        Cause.MAIL_BOUNCED,
        "There is no such mailbox",
        actions.CHANGE_EMAIL,
    ),
    Row(
        "mail came back, and the address was changed since",
        {},
        both(mailed(sent=True), came_back, happened(Event.PERSON_CHANGED, "email", minutes=0)),
        Cause.MAIL_TO_OLD_ADDRESS,
        "went to an address that is on their record no more",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row(
        "mail came back, and the helpdesk changed the address since",
        HELD,
        both(mailed(sent=True), came_back, happened(Event.PERSON_CHANGED, "email", minutes=0)),
        Cause.HELD,
        "Not by email yet: the helpdesk changed their address",
        actions.CONFIRM_EMAIL,
    ),
    Row("mail sent", NONE, mailed(sent=True), Cause.MAIL_SENT, "Recovery email sent", actions.SEND_RECOVERY_EMAIL),
    Row("mail sent, link used", {}, both(mailed(sent=True), recover), Cause.ALL_WELL, "Yes."),
    Row(
        "wrong date, then logged in", {}, both(asked(1), happened(Event.LOGGED_IN, minutes=-1)), Cause.ALL_WELL, "Yes."
    ),
    Row(
        "a wrong date of the day before yesterday",
        {},
        happened(Event.RECOVERY_DECIDED, Outcome.DATE_DIFFERS, minutes=48 * 60),
        Cause.ALL_WELL,
        "Never logged in.",
    ),
    Row(
        "four dates in a day",
        {},
        asked(1, 2, 3, 4),
        Cause.MANY_REQUESTS,
        "Not known: there were so many requests",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row(
        "asked, and not looked at yet",
        {},
        asked(0, decided=False),
        Cause.WAITS_FOR_DECISION,
        "the request waits to be looked at",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row(
        "the form is used up today",
        {},
        happened(Event.RECOVERY_DECIDED, Outcome.LIMITED),
        Cause.TOO_MANY_REQUESTS,
        "Not by the form today",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row(
        "outside, without internet access",
        {},
        both(organisation(requires_internet_access=True), happened(Event.LOG_IN_FAILED, "outside_network")),
        Cause.REFUSED_OUTSIDE,
        "Refused outside of the organisation’s network: 26 November 2026 at 2:02pm.",
        actions.GIVE_INTERNET_ACCESS,
    ),
    Row(
        "no internet access, and nothing tried",
        {},
        organisation(requires_internet_access=True),
        Cause.INSIDE_ONLY,
        "Only from the organisation’s network",
        actions.GIVE_INTERNET_ACCESS,
    ),
    Row(
        "internet access withdrawn",
        {"internet_access_withdrawn_at": NOW - DAY},
        no,
        Cause.INSIDE_ONLY,
        "they have no internet access",
        actions.GIVE_INTERNET_ACCESS,
    ),
    Row(
        "the card was unlinked today",
        {},
        happened(Event.CARE_IDENTITY_UNLINKED),
        Cause.CARD_NOT_LINKED,
        "no Care Identity is linked",
        actions.LINK_CARE_IDENTITY,
    ),
    Row(
        "level too low",
        {},
        both(link, happened(Event.CARE_IDENTITY_REFUSED, "level_below_organisations")),
        Cause.LEVEL_TOO_LOW,
        "Care Identity was less sure of them",
    ),
    Row(
        "second step required and none",
        {},
        organisation(second_step="required"),
        Cause.SECOND_STEP_MISSING,
        "They must set up a second step at the next log-in",
    ),
    Row(
        "second step lost",
        {},
        both(PhoneApp.of, happened(Event.SECOND_STEP_KEPT, "lost")),
        Cause.LOST_SECOND_STEP,
        "they have lost their second step",
        actions.MAKE_BOOTSTRAP_CODE,
    ),
    Row("codes wait", {}, waits(wrong_in_a_row=10), Cause.CODES_WAIT, "No code of their app", actions.LIFT_WAIT),
    Row(
        "recovery codes closed",
        {},
        waits(wrong_recovery_in_a_row=wrong_codes.MOST_IN_A_ROW),
        Cause.RECOVERY_CODES_CLOSED,
        "No recovery code of theirs is looked at",
        actions.LIFT_WAIT,
    ),
    Row("only passkeys, and these are off", {}, both(passkey, off), Cause.PASSKEYS_OFF, "switched off for all now"),
    Row("passkeys off, and an app", {}, both(passkey, PhoneApp.of, off), Cause.ALL_WELL, "Yes."),
    Row("known elsewhere by mailbox", {}, elsewhere, Cause.ALL_WELL, "Also known here at another organisation"),
    Row("known elsewhere by card", {}, same_card_elsewhere, Cause.ALL_WELL, "Also known here at another organisation"),
    Row(
        "address changed by the helpdesk a moment ago",
        {**NONE, **HELD},
        no,
        Cause.HELD,
        "Not by email yet: the helpdesk changed their address",
        actions.CONFIRM_EMAIL,
    ),
    Row("all is well", {}, no, Cause.ALL_WELL, "Yes. Never logged in."),
    Row("in three minutes ago", {}, happened(Event.LOGGED_IN, minutes=3), Cause.ALL_WELL, "logged in 3 minutes ago."),
]
