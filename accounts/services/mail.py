"""The mails: which people and addresses get them, and what they say. All is read at the time of sending.

A mail holds no personal data but given name, username and organisation. Its only link is one with a one-time token,
built from BASE_URL alone; every other way in is named in words, because people are told that ESR never mails them a
link to log in with (docs/decisions/0022-a-link-only-with-a-token.md). Nothing that was typed goes into a header:
subjects are fixed, and the one recipient is the bare stored address.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.encoding import punycode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import languages, mail_facts
from accounts.models import FormerEmail, GivenAddress, User
from accounts.models.outbox import Kind
from accounts.services import caller_checks, dormancy, language, leaving, outbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import OutboxMessage
    from accounts.services.mail_server import Connection

# RFC 3834: out-of-office assistants leave such mail alone; Exchange, which NHSmail is, wants its own header.
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}

# The subjects of the mails that tell of one thing that happened to one account.
_SUBJECTS = {
    Kind.PASSWORD_CHANGED: gettext_lazy("Your ESR password was changed"),
    Kind.EMAIL_CHANGED: gettext_lazy("Your ESR email address was changed"),
    Kind.ROLE_CHANGED: gettext_lazy("Your role at the ESR helpdesk was changed"),
    Kind.CARE_IDENTITY_CHANGED: gettext_lazy("Your Care Identity no longer opens your ESR account"),
    Kind.INTERNET_ACCESS_GRANTED: gettext_lazy("You have internet access to ESR"),
    Kind.INTERNET_ACCESS_WITHDRAWN: gettext_lazy("Your internet access to ESR was withdrawn"),
    Kind.LOCKED: gettext_lazy("Your ESR username was locked"),
    Kind.SECOND_STEP_ADDED: gettext_lazy("A second step was added to your ESR account"),
    Kind.SECOND_STEP_REMOVED: gettext_lazy("A second step was removed from your ESR account"),
    Kind.RECOVERY_CODES_MADE: gettext_lazy("New recovery codes for your ESR account"),
    Kind.NEW_BROWSER: gettext_lazy("A new browser was used for your ESR account"),
    Kind.WRONG_CODES: gettext_lazy("Too many wrong codes for your ESR account"),
    Kind.BROWSER_COPIED: gettext_lazy("A browser of yours may have been copied"),
    Kind.HELPED: gettext_lazy("The helpdesk did something for your ESR account"),
    Kind.FROZEN: gettext_lazy("Your ESR account is stopped"),
    Kind.CALLER_CODE: gettext_lazy("Your code for the ESR helpdesk"),
    Kind.DONE_FOR_CALLER: gettext_lazy("The ESR helpdesk changed your account"),
    Kind.LEAVING_SOON: gettext_lazy("You leave soon: give ESR a personal email address"),
    Kind.CONFIRM_ADDRESS: gettext_lazy("Confirm this email address for ESR"),
    Kind.ADDRESS_TOLD: gettext_lazy("A personal email address was added to your ESR account"),
    Kind.CORRECTION_REFUSED: gettext_lazy("Your ESR email address was not changed"),
    Kind.STILL_OPEN: gettext_lazy("What you may still do after you have left"),
    Kind.WELCOME: gettext_lazy("Welcome to ESR: how to log in"),
    Kind.DORMANT_SOON: gettext_lazy("Your ESR password will stop working unless you log in"),
    Kind.DATA_HANDED_OUT: gettext_lazy("What ESR keeps about you was handed out"),
    Kind.FROZEN_FOR_CONTACT: gettext_lazy("An ESR account was stopped: its person says that something was not them"),
}
# To an address that the person has given beside the one on record.
_TO_ANOTHER_ADDRESS = frozenset({Kind.CONFIRM_ADDRESS, Kind.STILL_OPEN})
# A closed mailbox is never told; its address is not kept for ever.
FORMER_EMAIL_KEPT_FOR = datetime.timedelta(days=30)
# What answers a form, or a call to the helpdesk: a person who waits for it has asked again by then. Sent later, it
# would go to the address that is on record then, whose reader may never have asked for a way in.
ANSWERED_WITHIN = datetime.timedelta(days=1)


def send(*, message: OutboxMessage, connection: Connection) -> None:
    """Compose and send the mail of an outbox row, to the address its people have now.

    Sends nothing where no recipient is left, and the row says so. People who by now have different addresses get a row
    each: none reads the other's mail, and a refused address does not hold up the rest. Raises what Connection.send
    raises.
    """
    by_address = _recipients(message)
    if not by_address:
        outbox.drop(message=message)
    if len(by_address) > 1:
        outbox.split(message=message, groups=[[user.pk for user in users] for users in by_address.values()])
        return
    for address, users in by_address.items():
        with translation.override(language.of_mail(message=message, users=users)):
            email = _email(message=message, address=address, users=users)
        connection.send(email)
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
    if _is_over(message, people):
        return {}
    if message.kind == Kind.FROZEN_FOR_CONTACT:
        return {user.organisation.support_email: [user] for user in people}
    if message.kind in _TO_ANOTHER_ADDRESS or message.about.get("to_personal"):
        return _of_given_address(message, people)
    by_address: dict[str, list[User]] = {}
    for user in people.order_by("organisation__name", "username"):
        by_address.setdefault(user.email, []).append(user)
    return by_address


def _of_given_address(message: OutboxMessage, people: Iterable[User]) -> dict[str, list[User]]:
    """Return the people by the address that they have given beside the one on record, where it is still there."""
    if message.kind == Kind.CONFIRM_ADDRESS:
        waiting = GivenAddress.objects.filter(pk=message.about["given_address"], confirmed_at__isnull=True).first()
        return {waiting.email: [user for user in people if user.pk == waiting.user_id]} if waiting else {}
    by_address: dict[str, list[User]] = {}
    for user in people:
        address = leaving.address_of_leaver(user=user)
        if address is not None:
            by_address.setdefault(address.email, []).append(user)
    return by_address


def _is_over(message: OutboxMessage, people: Iterable[User]) -> bool:
    """Return whether what a mail speaks of is past by now, so that it would be wrong to send it."""
    match message.kind:
        case Kind.CALLER_CODE:
            return not caller_checks.may_be_mailed(check_id=message.about["check"])
        case Kind.LEAVING_SOON:
            return not any(leaving.is_offered(user=user) for user in people)
        case Kind.WELCOME:
            return not any(user.may_enter() for user in people)
        case Kind.RECOVERY | Kind.DATE_OF_BIRTH_DIFFERS | Kind.STILL_OPEN:
            return message.created_at <= timezone.now() - ANSWERED_WITHIN
        case Kind.DORMANT_SOON:
            return not any(dormancy.dormant_on(user=user) for user in people)
    return False


def _email(*, message: OutboxMessage, address: str, users: list[User]) -> EmailMultiAlternatives:
    subject, facts = _subject_and_facts(message, users)
    context = {
        **facts,
        **mail_facts.last_mails(message, address),
        "subject": subject,
        "contacts": mail_facts.contacts(users),
    }
    email = EmailMultiAlternatives(
        subject=subject,
        body=_tidy(render_to_string(f"mail/{message.kind}.txt", context)),
        to=[address],
        # The envelope's sender, to which mail servers send what they cannot deliver (RFC 5321, 3.6.3).
        from_email=settings.BOUNCE_EMAIL or None,
        headers={**_HEADERS, **_own_headers(message)},
    )
    email.attach_alternative(render_to_string(f"mail/{message.kind}.html", context), "text/html")
    return email


def _subject_and_facts(message: OutboxMessage, users: list[User]) -> tuple[str, dict[str, Any]]:
    kind = Kind(message.kind)
    if kind is Kind.RECOVERY:
        facts = mail_facts.of_recovery(message, users)
        own = _("Your ESR username and a link to set your password") if facts["has_link"] else _("Your ESR username")
        return own, facts
    if kind is Kind.DATE_OF_BIRTH_DIFFERS:
        # No name and no username: the sender of the form has not shown that they are theirs.
        return _("The date of birth did not match your ESR record"), mail_facts.reference(message)
    if kind is Kind.CARE_IDENTITY_CHANGED and message.about["linked"]:
        return _("A Care Identity now opens your ESR account"), mail_facts.of_what_happened(message, users)
    facts = mail_facts.of_what_happened(message, users)
    if kind in mail_facts.OF_KIND:
        facts |= mail_facts.OF_KIND[kind](message, users)
    return str(_of_address(message) or _SUBJECTS[kind]), facts


def _of_address(message: OutboxMessage) -> str:
    """Return the subject of a mail about another address where it is no plain one of its kind."""
    if message.kind != Kind.ADDRESS_TOLD:
        return ""
    removed = message.about.get("removed")
    if message.about.get("correction"):
        return (
            _("A new email address for your ESR account was taken back")
            if removed
            else _("A new email address was asked for your ESR account")
        )
    return _("A personal email address was removed from your ESR account") if removed else ""


def _own_headers(message: OutboxMessage) -> dict[str, str]:
    return {
        "Message-ID": message_id(message),
        "From": settings.DEFAULT_FROM_EMAIL,
        "Content-Language": languages.tag(translation.get_language() or languages.of_the_portal()),
    }


def message_id(message: OutboxMessage) -> str:
    """Return the Message-ID of a row's mail: the same at each try, so that mail programs show two copies as one."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    # RFC 5322, 3.6.4: ASCII, and an address of IPv6 in brackets.
    return f"<{message.pk}@{f'[{host}]' if ':' in host else punycode(host)}>"


def _tidy(text: str) -> str:
    """Return a rendered text without the blank lines that template tags leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
