"""What is kept of one person, as a file for them (GDPR, articles 15 and 20).

What is in it follows from the inventory (accounts/personal_data). The file that a person downloads in My ESR says no
more than their pages do: a thief of the session, who has proved to be the person, must find nothing in it by which a
date of birth can be guessed or an agent known. What is `in_full` besides is handed out by the operator, to a person who
has shown who they are (docs/decisions/0063-what-is-kept-of-a-person.md). The file is written a few rows at a time.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import user_agents
from accounts.activity_sentences import SHOWN
from accounts.models import OutboxMessage, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.personal_data import TABLES, Table
from accounts.services import activity, events, outbox, signed_in
from accounts.services.recovery.asking import email_digests
from accounts.trusted_networks import OwnNetworks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.db.models import QuerySet

# Enough for a person who lost the file; a thief of a session gets no stream of them.
DOWNLOADS_A_DAY = 5
DAY = datetime.timedelta(days=1)
# Rows that are in memory at once.
CHUNK = 2000
# Of what a recovery form led to, which mail was sent tells whether the date of birth was right.
_ANSWERS = (Kind.RECOVERY, Kind.DATE_OF_BIRTH_DIFFERS)
# These have rows that are found in another way than by their person's key, or are told in sentences.
_BY_HAND = frozenset({"accounts.SecurityEvent", "accounts.OutboxMessage", "accounts.RecoveryRequest"})


class TooManyDownloads(Exception):
    """The person has had the file as often as may be within a day."""


def hand_out(*, user: User) -> Iterator[str]:
    """Return the file of `user`, who has proved who they are, in pieces. Raises TooManyDownloads.

    Records DATA_HANDED_OUT, and tells the person by mail, before the first piece.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        lately = SecurityEvent.objects.filter(user=user, event=Event.DATA_HANDED_OUT, reason="my_esr")
        if lately.filter(at__gt=timezone.now() - DAY).count() >= DOWNLOADS_A_DAY:
            raise TooManyDownloads
        _note(user, reason="my_esr")
    return written(user=user, in_full=False)


def hand_out_by_operator(*, user: User, in_full: bool) -> Iterator[str]:
    """Return the file of `user` in pieces, for the command line. Records DATA_HANDED_OUT.

    The person is told by mail while they are in force: afterwards the address may be another person's.
    """
    with transaction.atomic():
        _note(user, reason="operator_in_full" if in_full else "operator")
    return written(user=user, in_full=in_full)


def written(*, user: User, in_full: bool) -> Iterator[str]:
    """Write the file: JSON, one row a line."""
    yield "{\n"
    about = {_("What this is"): _about(in_full), _("Written on"): _in_words(timezone.now())}
    for heading, text in about.items():
        yield f"{_json(heading)}: {_json(text)},\n"
    for number, (heading, rows) in enumerate(_sections(user, in_full)):
        yield f"{'' if number == 0 else ','}\n{_json(heading)}: ["
        for place, row in enumerate(rows):
            yield f"{',' if place else ''}\n  {_json(row)}"
        yield "]"
    yield "\n}\n"


def _note(user: User, *, reason: str) -> None:
    event = events.record(event=Event.DATA_HANDED_OUT, user_id=user.pk, reason=reason)
    if user.may_enter():
        about = {"users": [user.pk], "event": event.pk, "by_operator": reason != "my_esr"}
        outbox.add(kind=Kind.DATA_HANDED_OUT, about=about)


def _about(in_full: bool) -> list[str]:
    said = [
        _("This is what the ESR log-in portal keeps about you. What ESR itself holds, like your pay, is not in it."),
        _("It has no password and nothing that opens your account: of these we keep only what lets us check them."),
        _("Times are in UTC. Agents of the helpdesk are not named."),
    ]
    if in_full:
        return said
    return [
        *said,
        _("Your date of birth is kept too, and is not shown here: with this file a stranger could otherwise use it."),
        _(
            "Nor are the network addresses that you came from, what a request for a link led to, and the helpdesk's "
            "notes. Ask your organisation's ESR contact for them, and show who you are."
        ),
    ]


def _sections(user: User, in_full: bool) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Give each heading of the file with its rows. A table without rows is not left out: that is an answer too."""
    for table in TABLES.values():
        if table.handed_out(in_full=in_full) and table.label not in _BY_HAND:
            yield str(table.heading), _rows(table, user, in_full)
    yield _("Browsers in which you are logged in"), _browsers(user)
    yield str(TABLES["accounts.SecurityEvent"].heading), _events(user, in_full)
    yield str(TABLES["accounts.OutboxMessage"].heading), _mails(user, in_full)
    yield str(TABLES["accounts.RecoveryRequest"].heading), _requests(user, in_full)


def _rows(table: Table, user: User, in_full: bool) -> Iterator[Mapping[str, Any]]:
    model = apps.get_model(table.label)
    found = model._base_manager.filter(**{table.person: user.pk}).order_by("pk")
    for row in found.iterator(chunk_size=CHUNK):
        yield _as_told(table, row, in_full)


def _as_told(table: Table, row: Model, in_full: bool) -> Mapping[str, Any]:
    """Return the fields of a row that are handed out, by their names in words. What is empty is left out."""
    told = {}
    for name in table.handed_out(in_full=in_full):
        field = row._meta.get_field(name)
        display = getattr(row, f"get_{name}_display", None)
        value = display() if display else getattr(row, name)
        if value not in (None, ""):
            told[str(field.verbose_name)] = _in_words(value)  # type: ignore[union-attr]
    return told


def _browsers(user: User) -> Iterator[Mapping[str, Any]]:
    for browser in signed_in.of(user=user, session_key=None):
        yield {
            _("since"): _in_words(browser.began.at),
            _("device"): user_agents.in_words(browser.began.device) or _("not known"),
            _("network"): browser.network,
        }


def _events(user: User, in_full: bool) -> Iterator[Mapping[str, Any]]:
    """Give what happened as My ESR says it, of all times; in full with its codes, notes and addresses."""
    networks = OwnNetworks(user.organisation)
    found = SecurityEvent.objects.filter(user=user, event__in=list(Event if in_full else SHOWN))
    for row in found.order_by("at", "pk").iterator(chunk_size=CHUNK):
        told = {_("at"): _in_words(row.at)}
        if row.event in SHOWN:
            entry = activity.entry(row=row, networks=networks)
            facts = {_("what"): entry.sentence, _("device"): entry.device, _("network"): entry.network}
            told |= {name: fact for name, fact in facts.items() if fact}
        else:
            told[_("what")] = row.get_event_display()
        yield told | (_in_full(row) if in_full else {})


def _in_full(row: SecurityEvent) -> dict[str, Any]:
    # Where the helpdesk's own browser is, is not the person's to know, in full either.
    by_another = row.by_id is not None and row.by_id != row.user_id
    facts = {
        _("network address"): "" if by_another else row.address,
        _("code of the event"): row.event,
        _("reason"): row.reason,
        _("reference"): row.reference,
        _("note of the helpdesk"): row.note,
    }
    return {name: fact for name, fact in facts.items() if fact}


def _mails(user: User, in_full: bool) -> Iterator[Mapping[str, Any]]:
    table = TABLES["accounts.OutboxMessage"]
    found = to_person(user=user).exclude(kind=Kind.FROZEN_FOR_CONTACT)
    if not in_full:
        found = found.exclude(kind__in=_ANSWERS, about__has_key="request")
    for row in found.order_by("created_at").iterator(chunk_size=CHUNK):
        yield _as_told(table, row, in_full)


def _requests(user: User, in_full: bool) -> Iterator[Mapping[str, Any]]:
    table = TABLES["accounts.RecoveryRequest"]
    if User.objects.filter(email=user.email).exclude(pk=user.pk).exists():
        yield {_("left out"): _("Other people use your email address too: which requests were yours is not known.")}
        return
    for row in requests_for(email=user.email).order_by("created_at").iterator(chunk_size=CHUNK):
        yield _as_told(table, row, in_full)


def requests_for(*, email: str) -> QuerySet[RecoveryRequest]:
    """Return the requests for a link that were sent with an address, also those from before a new key."""
    return RecoveryRequest.objects.filter(email_digest__in=email_digests(email=email))


def to_person(*, user: User) -> QuerySet[OutboxMessage]:
    """Return the work and the mails that are for `user`, with others or alone."""
    if connection.vendor == "postgresql":
        return OutboxMessage.objects.filter(about__users__contains=[user.pk])
    # SQLite has no look-up in a list. Its databases are small.
    rows = OutboxMessage.objects.filter(about__has_key="users").values_list("pk", "about")
    return OutboxMessage.objects.filter(pk__in=[pk for pk, about in rows if user.pk in about["users"]])


def _in_words(value: object) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
