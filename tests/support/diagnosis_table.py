"""Situations in which people call, by their record and counters: each with its cause, words, and what mends it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from accounts.models.security_event import Event
from accounts.services import lockout
from helpdesk import actions
from helpdesk.diagnosis import Cause
from tests.support.care_identity import link
from tests.support.freezing import recover
from tests.support.helpdesk import lock
from tests.support.situations import (
    BROWSER,
    DAY,
    NOW,
    TODAY,
    Maker,
    both,
    damage,
    freeze,
    happened,
    mailed,
    no,
    off,
    organisation,
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
ONLY: dict[str, Any] = {"care_identity_only": True}
CARD: dict[str, Any] = {**NONE, **ONLY}
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
        "frozen, changed since, and locked",
        {},
        both(freeze, recover, wrong(10)),
        Cause.LOCKED,
        "10 in other browsers, locked until 2:45pm",
        actions.UNLOCK,
    ),
    Row(
        "frozen, changed since, and refused outside",
        {},
        both(
            freeze,
            recover,
            organisation(requires_internet_access=True),
            happened(Event.LOG_IN_FAILED, "outside_network", minutes=-1),
        ),
        Cause.REFUSED_OUTSIDE,
        "Refused outside of the organisation’s network",
        actions.GIVE_INTERNET_ACCESS,
    ),
    Row(
        "frozen, passkeys off",
        {},
        both(freeze, off),
        Cause.FROZEN,
        "unlocking them does not help. Never",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row(
        "dormant, passkeys off",
        ASLEEP,
        off,
        Cause.DORMANT,
        "unlocking them does not help. Never",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row("damaged, link held", HELD, damage, Cause.HELD, "password is damaged", actions.CONFIRM_EMAIL),
    Row(
        "card only with an old password, frozen",
        ONLY,
        both(link, freeze),
        Cause.CARD_ONLY,
        "With Care Identity only: their",
    ),
    Row(
        "card only with an old password, dormant", {**ONLY, **ASLEEP}, link, Cause.CARD_ONLY, "the recovery email gives"
    ),
    Row(
        "card only, dormant, none linked",
        {**ONLY, **ASLEEP},
        no,
        Cause.NONE_LINKED,
        "and none is",
        actions.LINK_CARE_IDENTITY,
    ),
    Row(
        "card only, with internet access",
        {**CARD, "internet_access_since": NOW - DAY},
        no,
        Cause.NO_PASSWORD,
        "Not yet: they have no password. Send",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row(
        "card only, with a card and internet access",
        {**CARD, "internet_access_since": NOW - DAY},
        link,
        Cause.NO_PASSWORD,
        "if they want one",
        actions.SEND_RECOVERY_EMAIL,
    ),
    Row("card only, with a card", CARD, link, Cause.NO_PASSWORD, "and the recovery email gives none"),
    Row(
        "card only, with a card and a mail without a link",
        CARD,
        both(link, mailed(sent=True)),
        Cause.NO_PASSWORD,
        "With Care Identity only. They have no password",
    ),
    Row(
        "link held, and the helpdesk has sent a mail",
        HELD,
        mailed(sent=True),
        Cause.HELD,
        "Not by email yet: the helpdesk changed their address",
        actions.CONFIRM_EMAIL,
    ),
]
