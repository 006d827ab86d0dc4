"""The mails: which people and addresses get them, and what they say. All is read at the time of sending.

A mail holds no personal data but given name, username and organisation. Its only links are those with a one-time token,
built from BASE_URL alone; every other way in is named in words, because people are told that ESR never mails them a
link to log in with (docs/decisions/0022-a-link-only-with-a-token.md). Nothing that was typed goes into a header:
subjects are fixed, and the one recipient is the bare stored address.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import FormerEmail, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.names_in_mail import unlinked
from accounts.services import care_identities, freezing, internet_access, lockout, outbox, recovery
from nhsuk.wording import minutes, spoken_date, spoken_time, until_the_minute

if TYPE_CHECKING:
    from accounts.models import Organisation, OutboxMessage
    from accounts.services.mail_server import Connection

# RFC 3834: out-of-office assistants leave such mail alone; Exchange, which NHSmail is, wants its own header.
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Content-Language": "en-GB"}

# The subjects of mails that say one thing.
_CHANGES = {
    Kind.PASSWORD_CHANGED: gettext_lazy("Your ESR password was changed"),
    Kind.EMAIL_CHANGED: gettext_lazy("Your ESR email address was changed"),
    Kind.INTERNET_ACCESS_WITHDRAWN: gettext_lazy("Your internet access to ESR was withdrawn"),
    Kind.FROZEN: gettext_lazy("Your ESR account is stopped"),
    Kind.FROZEN_FOR_CONTACT: gettext_lazy("An ESR account was stopped: its person says that something was not them"),
}
# What a mail tells of may be another person's doing: it carries the link by which its reader says so.
_MAY_NOT_BE_THEIRS = frozenset(
    {
        Kind.PASSWORD_CHANGED,
        Kind.LOCKED,
        Kind.EMAIL_CHANGED,
        Kind.CARE_IDENTITY_CHANGED,
        Kind.INTERNET_ACCESS_GRANTED,
        Kind.INTERNET_ACCESS_WITHDRAWN,
        Kind.SECOND_STEP_ADDED,
        Kind.SECOND_STEP_REMOVED,
        Kind.RECOVERY_CODES_MADE,
        Kind.NEW_BROWSER,
        Kind.WRONG_CODES,
        Kind.BROWSER_COPIED,
    }
)
# The mail was held up, or is a second copy after a crash, and its person has set a password meanwhile.
SET_SINCE = "set_since"
# A closed mailbox is never told; its address is not kept for ever.
FORMER_EMAIL_KEPT_FOR = datetime.timedelta(days=30)


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
    # Whether its password works only on the organisation's network.
    inside_only: bool = False


def send(*, message: OutboxMessage, connection: Connection) -> None:
    """Compose and send the mail of an outbox row, to the address its people have now.

    Sends nothing where no recipient is left. People who by now have different addresses get a row each: none reads
    the other's mail, and a refused address does not hold up the rest. Raises what Connection.send raises.
    """
    by_address = _recipients(message)
    if len(by_address) > 1:
        outbox.split(message=message, groups=[[user.pk for user in users] for users in by_address.values()])
        return
    for address, users in by_address.items():
        connection.send(_email(message=message, address=address, users=users))
    # It was kept for this mail alone.
    FormerEmail.objects.filter(pk=message.about.get("former_email")).delete()


def delete_former_emails() -> int:
    """Delete former addresses that could not be told within FORMER_EMAIL_KEPT_FOR; return how many. Daily work."""
    deleted, _ = FormerEmail.objects.filter(changed_at__lte=timezone.now() - FORMER_EMAIL_KEPT_FOR).delete()
    return deleted


def _recipients(message: OutboxMessage) -> dict[str, list[User]]:
    people = User.objects.select_related("organisation").filter(pk__in=message.about["users"])
    former = message.about.get("former_email")
    if former is not None:
        told = FormerEmail.objects.filter(pk=former).first()
        return {told.email: list(people)} if told else {}
    if message.kind == Kind.FROZEN_FOR_CONTACT:
        return {user.organisation.support_email: [user] for user in people}
    by_address: dict[str, list[User]] = {}
    for user in people.order_by("organisation__name", "username"):
        by_address.setdefault(user.email, []).append(user)
    return by_address


def _email(*, message: OutboxMessage, address: str, users: list[User]) -> EmailMultiAlternatives:
    match Kind(message.kind):
        case Kind.RECOVERY:
            subject, facts = _recovery(message, users)
        case Kind.DATE_OF_BIRTH_DIFFERS:
            # No name and no username: the sender of the form has not shown that they are theirs.
            subject, facts = _("The date of birth did not match your ESR record"), _reference(message)
        case kind if kind in _CHANGES:
            subject, facts = str(_CHANGES[kind]), _change(message, users)
        case Kind.CARE_IDENTITY_CHANGED if message.about["linked"]:
            subject, facts = (
                _("A Care Identity now opens your ESR account"),
                {**_change(message, users), "linked": True},
            )
        case Kind.CARE_IDENTITY_CHANGED:
            subject, facts = _("Your Care Identity no longer opens your ESR account"), _change(message, users)
        case Kind.INTERNET_ACCESS_GRANTED:
            by_helpdesk = bool(message.about.get("by_helpdesk"))
            subject, facts = (
                _("You have internet access to ESR"),
                {**_change(message, users), "by_helpdesk": by_helpdesk},
            )
        case Kind.LOCKED:
            subject, facts = _("Your ESR username was locked"), _lock(message, users)
        case Kind.DECIDE_RECOVERY | Kind.DECIDE_LOCK_MAIL:
            raise ValueError(message.kind)
    context = {
        **facts,
        **_last_mails(message, address),
        "subject": subject,
        "contacts": _contacts(users),
    }
    email = EmailMultiAlternatives(
        subject=subject,
        body=_tidy(render_to_string(f"mail/{message.kind}.txt", context)),
        to=[address],
        headers={**_HEADERS, "Message-ID": message_id(message)},
    )
    email.attach_alternative(render_to_string(f"mail/{message.kind}.html", context), "text/html")
    return email


def message_id(message: OutboxMessage) -> str:
    """Return the Message-ID of a row's mail: the same at each try, so that mail programs show two copies as one."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    # RFC 5322, 3.6.4: ASCII, and an address of IPv6 in brackets.
    return f"<{message.pk}@{f'[{host}]' if ':' in host else punycode(host)}>"


def _recovery(message: OutboxMessage, users: list[User]) -> tuple[str, dict[str, Any]]:
    accounts = [_recovery_account(message, user) for user in users]
    names = {account.given_name for account in accounts}
    has_link = any(account.link for account in accounts)
    facts = {
        "accounts": accounts,
        "has_link": has_link,
        "minutes": minutes(recovery.LINK_LASTS),
        # A household may share a mailbox: then each account says whose it is.
        "given_name": names.pop() if len(names) == 1 else "",
        "by_helpdesk": bool(message.about.get("by_helpdesk")),
        **_reference(message),
    }
    return _("Your ESR username and a link to set your password") if has_link else _("Your ESR username"), facts


def _reference(message: OutboxMessage) -> dict[str, Any]:
    """Return the reference of the form that a mail answers, as its page has shown it; nothing where none led to it."""
    request = RecoveryRequest.objects.filter(pk=message.about.get("request")).first()
    return {"reference": request.reference} if request else {}


def _last_mails(message: OutboxMessage, address: str) -> dict[str, Any]:
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
        return dataclasses.replace(account, why_not=why_not.value, starts_on=starts_on, ends_on=ends_on)
    try:
        link = recovery.link_in_mail(message_id=message.pk, user=user)
    except recovery.LinkUnusable as unusable:
        if unusable.reason not in {"used", "password_changed"}:
            raise
        return dataclasses.replace(account, why_not=SET_SINCE)
    return dataclasses.replace(account, link=link.address, link_ends=_spoken_end(link.ends_at))


def _change(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    """Return what a mail says of a change to one login. Its row was added by the change itself."""
    return {
        "account": _account(users[0]),
        "changed_at": spoken_time(message.created_at),
        "changed_on": spoken_date(timezone.localdate(message.created_at)),
        "is_former_address": "former_email" in message.about,
        "not_me_address": _not_me_address(message, users[0]),
        "not_me_days": freezing.LASTS.days,
        "by_mail": _was_pressed_in_a_mail(message),
    }


def _not_me_address(message: OutboxMessage, user: User) -> str:
    """Return the address by which the reader says that what a mail tells of was not them, or "" where it has none.

    A new email address has none: it may have been mistyped, and its reader be a stranger.
    """
    goes_to_new_address = message.kind == Kind.EMAIL_CHANGED and "former_email" not in message.about
    if message.kind not in _MAY_NOT_BE_THEIRS or goes_to_new_address:
        return ""
    return freezing.link_in_mail(message_id=message.pk, user=user)


def _was_pressed_in_a_mail(message: OutboxMessage) -> bool:
    """Return whether the freeze that a mail tells of was asked for by the link of a mail."""
    frozen = SecurityEvent.objects.filter(pk=message.about.get("event"), reason=freezing.Reason.MAIL)
    return message.kind == Kind.FROZEN and frozen.exists()


def _lock(message: OutboxMessage, users: list[User]) -> dict[str, Any]:
    return {
        **_change(message, users),
        "used_up": lockout.are_used_up(user=users[0]),
        "most_in_a_row": lockout.MOST_IN_A_ROW,
        "minutes": minutes(lockout.DURATION),
        "has_care_identity": care_identities.of(user=users[0]) is not None,
    }


def _account(user: User) -> Account:
    organisation = user.organisation
    return Account(
        given_name=unlinked(user.given_name),
        username=user.username,
        organisation=unlinked(organisation.name),
        contact=organisation.support_email,
        inside_only=not internet_access.works_outside(user=user),
    )


def _contacts(users: list[User]) -> list[dict[str, str]]:
    """Return the contacts that the mail names, each organisation once."""
    organisations: dict[int, Organisation] = {user.organisation_id: user.organisation for user in users}
    return [{"organisation": unlinked(o.name), "email": o.support_email} for o in organisations.values()]


def _spoken_end(moment: datetime.datetime) -> str:
    """Return an hour of this day or the next, "2:35pm today, 22 November 2026": right also when it is read later."""
    day = timezone.localdate(moment)
    said = _("%(time)s today, %(date)s") if day == timezone.localdate() else _("%(time)s tomorrow, %(date)s")
    return said % {"time": spoken_time(moment), "date": spoken_date(day)}


def _tidy(text: str) -> str:
    """Return a rendered text without the blank lines that template tags leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
