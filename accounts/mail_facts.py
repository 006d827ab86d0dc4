"""What the mails say: the facts that their texts are filled in with, read at the time of sending."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import joining_words, user_agents
from accounts.models import GivenAddress, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.names_in_mail import unlinked
from accounts.services import (
    activity,
    caller_checks,
    care_identities,
    dormancy,
    events,
    freezing,
    given_addresses,
    internet_access,
    leaving,
    lockout,
    recovery,
)
from accounts.services.joining import Missing
from accounts.trusted_networks import OwnNetworks
from nhsuk.wording import minutes, spoken_date, spoken_moment, spoken_time, until_the_minute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accounts.models import Organisation, OutboxMessage

# The mail was held up, or is a second copy after a crash, and its person has set a password meanwhile.
SET_SINCE = "set_since"
# These tell of a freeze: each other mail about one account may tell of what another person did.
_OF_A_FREEZE = frozenset({Kind.FROZEN, Kind.FROZEN_FOR_CONTACT})
# What a row says that chooses the words.
_FLAGS = ("code_made", "unfrozen", "email_confirmed", "removed", "correction", "by_operator", "undecided")
# Nothing was done yet that could have been another person.
_OF_NOTHING_DONE = frozenset(
    {Kind.CALLER_CODE, Kind.CONFIRM_ADDRESS, Kind.DORMANT_SOON, Kind.LEAVING_SOON, Kind.STILL_OPEN, Kind.WELCOME}
)


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """One login as a mail speaks of it. `link` and `why_not` exclude each other."""

    given_name: str
    username: str
    organisation: str
    contact: str
    link: str = ""
    link_ends: str = ""
    # Why there is no link: a recovery.WhyNoLink, or SET_SINCE.
    why_not: str = ""
    starts_on: str = ""
    ends_on: str = ""
    held_until: str = ""
    # Of an account that has not begun: what its person still lacks.
    missing: tuple[str, ...] = ()
    # Whether its password works only on the organisation's network.
    inside_only: bool = False


def of_recovery(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return what the recovery mail says: of each login its username and, where it may have one, its link."""
    accounts = [_recovery_account(message, user) for user in users]
    names = {account.given_name for account in accounts}
    return {
        "accounts": accounts,
        "has_link": any(account.link for account in accounts),
        "is_set_since": any(account.why_not == SET_SINCE for account in accounts),
        "minutes": minutes(recovery.LINK_LASTS),
        # A household may share a mailbox: then each account says whose it is.
        "given_name": names.pop() if len(names) == 1 else "",
        "by_helpdesk": bool(message.about.get("by_helpdesk")),
        **reference(message),
    }


def reference(message: OutboxMessage) -> dict[str, Any]:
    """Return the reference of the form that a mail answers, as its page has shown it; nothing where none led to it."""
    request = RecoveryRequest.objects.filter(pk=message.about.get("request")).first()
    return {"reference": request.reference} if request else {}


def last_mails(message: OutboxMessage, address: str) -> dict[str, Any]:
    """Return what a mail that a recovery form led to says of the daily limit once it is near, for its address."""
    left = recovery.mails_left(email=address) if "request" in message.about else None
    if left is None or left.number > 1:
        return {}
    return {"mails_left": left.number, "mails_again": _spoken_end(until_the_minute(left.until))}


def _recovery_account(message: OutboxMessage, user: User) -> Account:
    """Return what the recovery mail says of one login, with its link if it may have one.

    Raises LinkUnusable where the person changes at this very moment: the next try says how they are then.
    """
    account = _account(user)
    why_not = recovery.why_no_link(user=user)
    if why_not:
        starts_on = spoken_date(user.starts_on) if user.starts_on else ""
        ends_on = spoken_date(user.ends_on) if user.ends_on else ""
        held = _spoken_end(until_the_minute(user.links_held_until)) if user.links_held_until else ""
        missing = joining_words.said_to(user) if user.starts_later() else ()
        return dataclasses.replace(
            account, why_not=why_not.value, starts_on=starts_on, ends_on=ends_on, held_until=held, missing=missing
        )
    try:
        link = recovery.link_in_mail(message_id=message.pk, user=user)
    except recovery.LinkUnusable as unusable:
        if unusable.reason not in {"used", "password_changed"}:
            raise
        return dataclasses.replace(account, why_not=SET_SINCE)
    return dataclasses.replace(account, link=link.address, link_ends=_spoken_end(link.ends_at))


def of_what_happened(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return what a mail says of one thing that happened to one login. Its row was added by what happened.

    Where an event of it is known, it is the time, the browser and the network of that.
    """
    user = users[0]
    event = SecurityEvent.objects.filter(pk=message.about.get("event")).first()
    at = event.at if event else message.created_at
    return {
        "account": _account(user),
        "has_password": user.has_usable_password(),
        **_of_links(user),
        "changed_at": spoken_time(at),
        "changed_on": spoken_date(timezone.localdate(at)),
        "is_former_address": "former_email" in message.about,
        "linked": message.about.get("linked", False),
        "by_helpdesk": message.about.get("by_helpdesk", False),
        "what": message.about.get("what", ""),
        **{flag: bool(message.about.get(flag)) for flag in _FLAGS},
        "role": user.get_role_display() if user.role else "",
        "not_me_address": _not_me_address(message, user),
        "not_me_days": freezing.LASTS.days,
        "by_mail": event is not None and event.reason == freezing.Reason.MAIL,
        "after_outage": event is not None and event.reason == events.AFTER_OUTAGE,
        "what_happened": activity.sentence(event) if message.kind == Kind.HELPED and event else "",
        **(_of_event(event, user) if event else {}),
    }


def _of_links(user: User) -> dict[str, str]:
    """Return why recovery would give a login no link today, and until when it is held: no mail leads to a dead end."""
    held = _spoken_end(until_the_minute(user.links_held_until)) if user.links_held_until else ""
    return {"why_no_link": (recovery.why_no_link(user=user) or ""), "held_until": held}


def _not_me_address(message: OutboxMessage, user: User) -> str:
    """Return the address by which the reader says that what a mail tells of was not them, or "" where it has none.

    A new email address has none: it may have been mistyped, and its reader be a stranger.
    """
    goes_to_new_address = message.kind == Kind.EMAIL_CHANGED and "former_email" not in message.about
    goes_to_new_address |= message.kind == Kind.CORRECTION_REFUSED and "former_email" in message.about
    if message.kind in _OF_A_FREEZE | _OF_NOTHING_DONE or goes_to_new_address:
        return ""
    return freezing.link_in_mail(message_id=message.pk, user=user)


def _of_event(event: SecurityEvent, user: User) -> dict[str, Any]:
    """Return who did it, where that is not the person, and from where: nothing of what was done at a command line."""
    by_another = event.by_id is not None and event.by_id != user.pk
    if not event.address:
        return {"done_by_helpdesk": by_another}
    return {
        "done_by_helpdesk": by_another,
        "device": user_agents.in_words(event.device) or _("not known"),
        "network": _network(event.address, user.organisation),
    }


def _network(address: str, organisation: Organisation) -> str:
    """Return the network that `address` is in as a mail names it: the organisation's, or that it is another one."""
    is_theirs = OwnNetworks(organisation).hold(address)
    return unlinked(organisation.shown_name) if is_theirs else _("another network")


def of_lock(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return what the mail about a lock says besides."""
    return {
        "used_up": lockout.are_used_up(user=users[0]),
        "most_in_a_row": lockout.MOST_IN_A_ROW,
        "most_in_own_browser": lockout.MOST_IN_A_ROW_IN_A_KNOWN_BROWSER,
        "minutes": minutes(lockout.DURATION),
        "has_care_identity": care_identities.of(user=users[0]) is not None,
    }


def of_welcome(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return since when the account is open, by what its person gets in, and what they still lack."""
    user = users[0]
    return {
        "starts_on": spoken_date(user.starts_on) if user.starts_on else "",
        # The mail itself says how they get a password.
        "missing": joining_words.said_to(user, but={Missing.PASSWORD}),
        "by_card_alone": internet_access.comes_by_card_alone(user=user),
    }


def of_dormancy(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return on which day the password stops, and after how many days without a log-in."""
    day, days = dormancy.dormant_on(user=users[0]), users[0].organisation.dormant_after_days
    return {"dormant_on": spoken_date(day) if day else "", "dormant_after": days}


def of_last_day(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return the last day, and for how many days after it a personal address is kept."""
    last = users[0].ends_on
    return {"ends_on": spoken_date(last) if last else "", "days": leaving.KEPT_AFTER.days}


def of_address(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return for how many days after the last day a personal address is kept."""
    return {"days": leaving.KEPT_AFTER.days}


def of_link_to_confirm(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return the link by which the owner of an address confirms it: of the person nothing but the organisation."""
    address = GivenAddress.objects.get(pk=message.about["given_address"])
    return _of_link(message, address, "given_address_link")


def of_link_of_leaver(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return the link to what a leaver may still do."""
    address = leaving.address_of_leaver(user=users[0])
    return {**(_of_link(message, address, "leaver_link") if address else {}), **reference(message)}


def _of_link(message: OutboxMessage, address: GivenAddress, page: str) -> dict[str, Any]:
    link = given_addresses.link_in_mail(message_id=message.pk, address=address, page=page)
    return {"link": link.address, "link_ends": _spoken_end(link.ends_at), "minutes": minutes(recovery.LINK_LASTS)}


def of_caller_check(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return the code that the reader tells the helpdesk, and the word by which they know the agent."""
    check = caller_checks.shown_in_mail(check_id=message.about["check"])
    return {
        "check": dataclasses.replace(check, agent=unlinked(check.agent)),
        "check_ends": _spoken_end(until_the_minute(check.ends_at)),
    }


def _account(user: User) -> Account:
    organisation = user.organisation
    return Account(
        given_name=unlinked(user.given_name),
        username=user.username,
        organisation=unlinked(organisation.shown_name),
        contact=organisation.support_email,
        inside_only=not internet_access.works_outside(user=user),
    )


def contacts(users: list[User]) -> list[dict[str, str]]:
    """Return the contacts that the mail names, each organisation once."""
    organisations: dict[int, Organisation] = {user.organisation_id: user.organisation for user in users}
    return [{"organisation": unlinked(o.shown_name), "email": o.support_email} for o in organisations.values()]


def _spoken_end(moment: datetime.datetime) -> str:
    """Return a time of this day or the next, "2:35pm today, 22 November 2026": right also when it is read later.

    Of a later day it is "22 December 2026 at 2:35pm".
    """
    day = timezone.localdate(moment)
    if day > timezone.localdate() + datetime.timedelta(days=1):
        return spoken_moment(moment)
    said = _("%(time)s today, %(date)s") if day == timezone.localdate() else _("%(time)s tomorrow, %(date)s")
    return said % {"time": spoken_time(moment), "date": spoken_date(day)}


# What mails of these kinds say besides.
OF_KIND: Mapping[Kind, Callable[[OutboxMessage, list[User]], dict[str, Any]]] = {
    Kind.LOCKED: of_lock,
    Kind.CALLER_CODE: of_caller_check,
    Kind.WELCOME: of_welcome,
    Kind.DORMANT_SOON: of_dormancy,
    Kind.LEAVING_SOON: of_last_day,
    Kind.ADDRESS_TOLD: of_address,
    Kind.CONFIRM_ADDRESS: of_link_to_confirm,
    Kind.STILL_OPEN: of_link_of_leaver,
}
