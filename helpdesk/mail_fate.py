"""What became of the mails to a person: waiting, being sent, sent, or refused and why, for the agent who is asked.

An agent sees of the mails that a recovery form led to no more than of what came of the form itself: otherwise the mails
would tell whether a date of birth was right (`looking_up`).
"""

from __future__ import annotations

import dataclasses
import enum
import re
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.jobs import DECIDING, LONG
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import outbox
from accounts.services.recovery import looking_up

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterable, Mapping

    from django.db.models import QuerySet
    from django_stubs_ext import StrPromise

    from accounts.models import Organisation, RecoveryRequest, User

MOST_SHOWN = 10
# Some of the newest may not be shown to an agent.
_MOST_READ = 50

_BOUNCES_ARE_NOT_KNOWN = gettext_lazy(
    "“Sent” means that the mail server has taken the mail. This page does not know of mails that came back after that."
)
_BOUNCES_ARE_KNOWN = gettext_lazy(
    "“Sent” means that the mail server has taken the mail, and that the portal has read no notice that it came back."
)


def on_bounces() -> str:
    """Return what "sent" means here: whether mails that come back are read."""
    return str(_BOUNCES_ARE_KNOWN if settings.BOUNCE_EMAIL else _BOUNCES_ARE_NOT_KNOWN)


KINDS: Mapping[Kind, StrPromise] = {
    Kind.RECOVERY: gettext_lazy("Username and link for a new password"),
    Kind.DATE_OF_BIRTH_DIFFERS: gettext_lazy("The date of birth did not match"),
    Kind.PASSWORD_CHANGED: gettext_lazy("Password changed"),
    Kind.LOCKED: gettext_lazy("Username locked"),
    Kind.EMAIL_CHANGED: gettext_lazy("Email address changed"),
    Kind.CARE_IDENTITY_CHANGED: gettext_lazy("Care Identity linked or unlinked"),
    Kind.INTERNET_ACCESS_GRANTED: gettext_lazy("Internet access given"),
    Kind.INTERNET_ACCESS_WITHDRAWN: gettext_lazy("Internet access withdrawn"),
    Kind.SECOND_STEP_ADDED: gettext_lazy("Second step added"),
    Kind.SECOND_STEP_REMOVED: gettext_lazy("Second step removed"),
    Kind.RECOVERY_CODES_MADE: gettext_lazy("Recovery codes made"),
    Kind.NEW_BROWSER: gettext_lazy("Log-in from a new browser"),
    Kind.WRONG_CODES: gettext_lazy("Wrong codes after a right password"),
    Kind.BROWSER_COPIED: gettext_lazy("Remembered browser copied"),
    Kind.HELPED: gettext_lazy("Done by the helpdesk"),
    Kind.LEAVING_SOON: gettext_lazy("Leaving soon: give a personal address"),
    Kind.CONFIRM_ADDRESS: gettext_lazy("To another address: confirm it"),
    Kind.ADDRESS_TOLD: gettext_lazy("Another address added or removed"),
    Kind.CORRECTION_REFUSED: gettext_lazy("Correction of the email address refused"),
    Kind.STILL_OPEN: gettext_lazy("To the personal address: what a leaver may still do"),
    Kind.WELCOME: gettext_lazy("Welcome, on the first day"),
    Kind.DORMANT_SOON: gettext_lazy("Password dormant soon"),
    Kind.CALLER_CODE: gettext_lazy("Code to read to the helpdesk"),
    Kind.DONE_FOR_CALLER: gettext_lazy("Done by the helpdesk for a caller"),
    Kind.ROLE_CHANGED: gettext_lazy("Role given or taken away"),
    Kind.FROZEN: gettext_lazy("Password frozen"),
    Kind.DATA_HANDED_OUT: gettext_lazy("Their data handed out as a file"),
    Kind.FROZEN_FOR_CONTACT: gettext_lazy("To the ESR contact: this was not me"),
}
# Those that go to an address beside the one on record.
_TO_ANOTHER_ADDRESS: Mapping[Kind, StrPromise] = {
    Kind.EMAIL_CHANGED: gettext_lazy("Email address changed: to the address before"),
    Kind.CORRECTION_REFUSED: gettext_lazy("Correction of the email address refused: to the address asked for"),
}
_NO_MAILS = DECIDING | LONG

# The whole words that the outbox keeps of a failure (accounts/services/mail_server.py, restoring.py).
_REFUSED = re.compile(r"SMTP(RecipientsRefused|DataError)((?: [0-9]{3})+)")
_RESTORED = "Not sent: the database was restored"


class State(enum.StrEnum):
    """How far a mail is."""

    WAITING = "waiting"
    BEING_SENT = "being_sent"
    SENT = "sent"
    # Tried, and to be tried again.
    FAILED = "failed"
    # Refused for good: a next try changes it only where the mailbox does.
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    # Sent, and returned by a mail server on the way.
    BOUNCED = "bounced"


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """One mail: what it is, when it was asked for, how far it is, when it is tried next, and why it has not gone."""

    kind: Kind
    words: str
    asked_at: datetime.datetime
    state: State
    sent_at: datetime.datetime | None
    next_try_at: datetime.datetime | None
    reason: str


def of(*, person: User) -> list[Mail]:
    """Return the last mails about `person` that an agent may know of, MOST_SHOWN at most, the newest first.

    The caller has asked `rights.may_see`.
    """
    rows = list(_rows().filter(_is_about_person(person.pk)).order_by("-created_at")[:_MOST_READ])
    rows = _that_an_agent_may_know_of(rows, person.organisation)
    return [_mail(row) for row in _one_of_each(rows)[:MOST_SHOWN]]


def of_requests(*, requests: Collection[RecoveryRequest], people: Mapping[str, Collection[int]]) -> dict[int, Mail]:
    """Return the mail that each of `requests` led to, by its primary key, in one query.

    `requests` are as `looking_up.requests` returns them; `people` are the primary keys of those whom the agent may see,
    by reference. A request whose mail the agent may not know of is left out, and so is one that led to none.
    """
    known = {request.pk: request for request in requests if looking_up.has_a_mail_to_tell_of(request)}
    if not known:
        return {}
    found: dict[int, Mail] = {}
    rows = _rows().filter(_is_about_requests(known)).order_by("-created_at")
    # First those that are about people whom the agent may see: of rows that took the place of one, each is another's.
    theirs = [row for row in rows if _is_about(row, people.get(known[row.about["request"]].reference, ()))]
    for row in _one_of_each(theirs):
        key, mail = row.about["request"], _mail(row)
        # Of several, the one that has not gone is what the caller asks about.
        if key not in found or found[key].state is State.SENT:
            found[key] = mail
    return found


def _is_about(row: OutboxMessage, people: Collection[int]) -> bool:
    return not set(row.about.get("users", ())).isdisjoint(people)


def _rows() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.exclude(kind__in=_NO_MAILS)


def _is_about_person(key: int) -> Q | RawSQL:
    if connection.vendor == "postgresql":
        return Q(about__contains={"users": [key]})
    # SQLite reads all rows, which are those of a month. The text is compared first: that is quicker than reading JSON.
    return RawSQL(
        "accounts_outboxmessage.about LIKE %s AND EXISTS "
        "(SELECT 1 FROM json_each(accounts_outboxmessage.about, '$.users') WHERE value = %s)",
        [f"%{int(key)}%", int(key)],
        output_field=BooleanField(),
    )


def _is_about_requests(keys: Iterable[int]) -> Q:
    if connection.vendor == "postgresql":
        return reduce(or_, (Q(about__contains={"request": key}) for key in keys))
    return Q(about__request__in=list(keys))


def _that_an_agent_may_know_of(rows: Iterable[OutboxMessage], organisation: Organisation) -> list[OutboxMessage]:
    rows = [row for row in rows if row.kind != Kind.DATE_OF_BIRTH_DIFFERS]
    closed = _not_to_tell_of({row.about["request"] for row in rows if "request" in row.about}, organisation)
    return [row for row in rows if row.about.get("request") not in closed]


def _not_to_tell_of(keys: set[int], organisation: Organisation) -> set[int]:
    """Return those primary keys of requests whose mails an agent of the organisation may not know of."""
    if not keys:
        return keys
    asked = looking_up.requests(organisation=organisation).filter(pk__in=keys)
    return keys - {request.pk for request in asked if looking_up.has_a_mail_to_tell_of(request)}


def _one_of_each(rows: Iterable[OutboxMessage]) -> list[OutboxMessage]:
    """Return `rows` without those that were replaced by a row for each address, which have their time and kind."""
    kept: dict[tuple[str, datetime.datetime], OutboxMessage] = {}
    for row in rows:
        same = kept.get((row.kind, row.created_at))
        if same is None or (same.sent_at is not None and (row.sent_at is None or row.sent_at > same.sent_at)):
            kept[row.kind, row.created_at] = row
    return list(kept.values())


def _mail(row: OutboxMessage) -> Mail:
    state = _state(row)
    kind = Kind(row.kind)
    is_elsewhere = "former_email" in row.about
    reason = _reason_of_bounce(row.bounce_status) if state is State.BOUNCED else _reason(row.last_error)
    return Mail(
        kind=kind,
        words=str(_TO_ANOTHER_ADDRESS[kind] if is_elsewhere else KINDS[kind]),
        asked_at=row.created_at,
        state=state,
        sent_at=row.sent_at if state in {State.SENT, State.BOUNCED} else None,
        next_try_at=row.due_at if state in {State.FAILED, State.REFUSED} else None,
        # The address on record may be right, so what is said of one that is not is nothing to ask the caller about.
        reason=_of_another_address(state) if is_elsewhere and state in {State.BOUNCED, State.REFUSED} else reason,
    )


def _of_another_address(state: State) -> str:
    if state is State.BOUNCED:
        return _("It came back. That says nothing of the address on record.")
    return _("The mail server refuses it there. That says nothing of the address on record.")


def _state(row: OutboxMessage) -> State:
    if row.bounced_at is not None:
        return State.BOUNCED
    if row.sent_at is not None:
        is_not_sent = row.last_error.startswith((_RESTORED, outbox.NOT_NEEDED))
        return State.NOT_SENT if is_not_sent else State.SENT
    if row.leased_until is not None and row.leased_until > timezone.now():
        return State.BEING_SENT
    if not row.last_error:
        return State.WAITING
    return State.REFUSED if _is_refused_for_good(row.last_error) else State.FAILED


def _is_refused_for_good(error: str) -> bool:
    refused = _REFUSED.fullmatch(error)
    return refused is not None and all(int(code) >= 500 for code in refused[2].split())


def _reason_of_bounce(status: str) -> str:
    """Return in plain words why a mail came back, by its status (RFC 3463, 3)."""
    if status.startswith("5.1."):
        return _("There is no such mailbox: the address may be mistyped or closed. Ask which address the person reads.")
    if status in {"5.2.2", "4.2.2"}:
        return _("The mailbox is full.")
    if status.startswith("5.7."):
        return _("The other mail server refuses our mail. The address may be right.")
    return _("The other mail server could not deliver it. The address may be wrong.")


def _reason(error: str) -> str:
    """Return in plain words why a mail has not gone, "" where nothing is wrong."""
    if not error:
        return ""
    if error.startswith(_RESTORED):
        return _("The portal was restored from a back-up before it went. Send it again.")
    if error == outbox.NOT_NEEDED:
        return _("It came too late to be of use, or there was no address left to send it to. Send it again if needed.")
    if error.startswith("Unreachable"):
        return _("Our mail server does not answer. The address may be right.")
    refused = _REFUSED.fullmatch(error)
    if refused is None:
        return _("Something failed on our side. The address may be right.")
    if not _is_refused_for_good(error):
        return _("The mail server says to try again later: the mailbox may be full.")
    if refused[1] == "DataError":
        return _("The mail server refuses this mail. The address may be right.")
    return _("The mail server refuses the address: it may be mistyped or closed. Ask which address the person reads.")
