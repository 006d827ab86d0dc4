"""The sentences of the diagnosis: one for each cause, and what differs where a Care Identity opens the account too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import recovery, second_step
from nhsuk.wording import spoken_date, spoken_moment, spoken_time, until_the_minute

if TYPE_CHECKING:
    from collections.abc import Collection

    from helpdesk.facts import Facts
    from helpdesk.lock_state import Counter


def not_active(facts: Facts) -> str:
    """Return that the record is switched off."""
    return _("No: not active. Their record says so, and can be changed.")


def ended(facts: Facts) -> str:
    """Return which day was the last."""
    day = facts.person.ends_on
    return _("No: their last day was %(day)s.") % {"day": spoken_date(day)} if day else _("No: ended.")


def starts_later(facts: Facts) -> str:
    """Return which day is the first."""
    day = facts.person.starts_on
    return _("No: their first day is %(day)s.") % {"day": spoken_date(day)} if day else _("No: not yet.")


def none_linked(facts: Facts) -> str:
    """Return that the one way in which a person may log in is missing."""
    return _("No: they log in with Care Identity only, and none is linked.")


def not_connected(facts: Facts) -> str:
    """Return that the one way in which a person may log in is not there for any person."""
    return _("No: they log in with Care Identity only, and this portal is not connected to it.")


def no_password(facts: Facts) -> str:
    """Return that there is no password, and how it comes."""
    if facts.care_identity is None:
        return _("Not yet: they have no password. Send the recovery email.")
    if facts.comes_by_card_alone:
        return _("With Care Identity only. They have no password, and the recovery email gives none.")
    return _("With Care Identity. They have no password: send the recovery email if they want one.")


def card_only(facts: Facts) -> str:
    """Return that a password which was there works no more, and none comes by recovery."""
    return _("With Care Identity only: their password does not work any more, and the recovery email gives none.")


def unreadable(facts: Facts) -> str:
    """Return that no password can be right, by a fault of ours, and what mends it."""
    if facts.care_identity is not None:
        return _(
            "With Care Identity. Their stored password is damaged: send the recovery email, and tell who runs ESR."
        )
    return _(
        "No: their stored password is damaged, by a fault of ours. Send the recovery email, and tell who runs ESR."
    )


def held(facts: Facts) -> str:
    """Return until when a new address gets no link."""
    until = facts.person.links_held_until
    said = _(
        "Not by email yet: the helpdesk changed their address, which gets no link before %(moment)s unless a second "
        "agent confirms it."
    )
    return said % {"moment": spoken_moment(until_the_minute(until)) if until else ""}


def used_up(facts: Facts) -> str:
    """Return where no password is looked at any more."""
    where = {"where": _where(facts.locks.used_up)}
    if facts.care_identity is not None:
        return (
            _(
                "With Care Identity, which also unlocks them. With a password not %(where)s: too many wrong passwords "
                "in a row, and waiting does not end it."
            )
            % where
        )
    return (
        _(
            "Not %(where)s: too many wrong passwords in a row, and waiting does not end it. Unlock them, or send the "
            "recovery email."
        )
        % where
    )


def locked(facts: Facts) -> str:
    """Return that a lock is on; its evidence says until when, and in which browsers the tries were."""
    if facts.care_identity is not None:
        return _(
            "With Care Identity, which also unlocks them. With a password not now: locked after too many wrong ones."
        )
    return _("Not now: locked after too many wrong passwords. Unlock them, or send the recovery email.")


def refused_outside(facts: Facts) -> str:
    """Return that a right password did not work outside of the organisation's network."""
    return _("Not from where they are: they have no internet access, and tried outside the organisation’s network.")


def card_not_linked(facts: Facts) -> str:
    """Return that the Care Identity that they had is on their record no more."""
    return _("Not with their smartcard: no Care Identity is linked to their record any more.")


def level_too_low(facts: Facts) -> str:
    """Return that Care Identity was less sure of them than it has to be."""
    return _("Not in the way they tried: Care Identity was less sure of them than this organisation asks for.")


def lost_second_step(facts: Facts) -> str:
    """Return that the second step is lost, as the person said."""
    return _("Not with a password: they said that they have lost their second step.")


def passkeys_off(facts: Facts) -> str:
    """Return that the only second step is one that works for no person now."""
    return _("Not with a password: their only second step is a passkey, and passkeys are switched off for all now.")


def mail_to_old_address(facts: Facts) -> str:
    """Return that the mail with the way in has gone to an address that is theirs no more."""
    return _(
        "Not yet: the recovery email for them went to an address that is on their record no more. Send it to "
        "the new one."
    )


def mail_refused(facts: Facts) -> str:
    """Return that the mail with the way in does not arrive."""
    return _("Not by email: the mail server refuses the recovery email for them. Their address can be wrong.")


def mail_bounced(facts: Facts) -> str:
    """Return that the mail with the way in came back."""
    return _("Not by email: the recovery email for them came back. Their address can be wrong.")


def mail_waits(facts: Facts) -> str:
    """Return that the mail with the way in has not gone yet."""
    return _("Not yet: the recovery email for them waits to be sent.")


def mail_sent(facts: Facts) -> str:
    """Return that the mail with the way in went, and nothing came of it so far."""
    mail = facts.recovery_mail
    if mail is not None and mail.sent_at is not None and mail.sent_at + recovery.LINK_LASTS <= facts.now:
        return _("Not yet: the recovery email was sent, and its link was not used and is over by now. Send another.")
    return _("Not yet: the recovery email was sent, and its link was not used so far. It may be among unwanted mail.")


def waits_for_decision(facts: Facts) -> str:
    """Return that a request is in the queue."""
    return _("Not yet: they asked for their username or password, and the request waits to be looked at.")


def many_requests(facts: Facts) -> str:
    """Return that more was asked than may be told."""
    return _("Not known: there were so many requests for their address that what came of each is not shown.")


def too_many_requests(facts: Facts) -> str:
    """Return that the day's requests are used up."""
    return _("Not by the form today: there were too many requests for their address. Send the recovery email.")


def wrong_date(facts: Facts) -> str:
    """Return that the form was sent with another date of birth than the record has."""
    return _("Not by the form so far: the date of birth that was typed did not match their record.")


def frozen_and_held(facts: Facts) -> str:
    """Return what a person needs who said so after the helpdesk had changed their address."""
    return _(
        "Not with a password: they said that something was not them, after the helpdesk had changed their address. It "
        "gets no link. Find out which address is theirs: a second agent has to agree to it."
    )


def frozen(facts: Facts) -> str:
    """Return what a person needs who said that something was not them."""
    with_card = facts.care_identity is not None
    at = timezone.localtime(facts.person.password_frozen_at)
    when = {"day": spoken_date(at.date()), "time": spoken_time(at)}
    if not facts.person.password_is_frozen() and not second_step.is_needed(user=facts.person):
        said = _(
            "They said on %(day)s at %(time)s that something was not them, and have set a new password since, which "
            "lets them in. No second step is needed."
        )
    elif not facts.person.password_is_frozen():
        said = _(
            "They said on %(day)s at %(time)s that something was not them, and have set a new password since: with it, "
            "they have to show their second step or set one up."
        )
    elif with_card:
        said = _(
            "The password is frozen since %(day)s at %(time)s: they said that something was not them. Send the "
            "recovery email; unlocking them does not help."
        )
    else:
        said = _(
            "Not with a password: it is frozen since %(day)s at %(time)s, because they said that something was not "
            "them. Send the recovery email; unlocking them does not help."
        )
    by_passkey = _by_passkey(facts) if facts.person.password_is_frozen() else ""
    return f"{_('With Care Identity.') if with_card else ''} {said % when}{by_passkey}".strip()


def _by_passkey(facts: Facts) -> str:
    """Return the other way in of people without a Care Identity whose password does not work, where it is one."""
    if facts.care_identity is not None or not facts.passkeys_are_on:
        return ""
    return f" {_('A passkey of theirs lets them in.')}"


def dormant(facts: Facts) -> str:
    """Return what a person needs whose password was not used for too long."""
    since = facts.person.dormant_since
    day = {"day": spoken_date(timezone.localdate(since)) if since else ""}
    if facts.care_identity is not None:
        said = _(
            "With Care Identity, which also wakes their password: it is dormant since %(day)s, because they had not "
            "logged in for too long. The recovery email wakes it too; unlocking them does not help."
        )
    else:
        said = _(
            "Not with a password: it is dormant since %(day)s, because they had not logged in for too long. Send the "
            "recovery email; unlocking them does not help."
        )
    return f"{said % day}{_by_passkey(facts)}"


def dormant_and_held(facts: Facts) -> str:
    """Return what a person needs whose password is dormant, and whose new address gets no link yet."""
    return f"{dormant(facts)} {held(facts)}"


def unreadable_and_held(facts: Facts) -> str:
    """Return what a person needs whose password is damaged, and whose new address gets no link yet."""
    return f"{unreadable(facts)} {held(facts)}"


def _where(used_up: Collection[Counter]) -> str:
    """Return in which browsers no password is looked at any more."""
    in_known_browser = any(counter.in_known_browser for counter in used_up)
    if all(counter.in_known_browser for counter in used_up):
        return _("in a browser they have used before")
    return _("in other browsers and in a browser they have used before") if in_known_browser else _("in other browsers")
