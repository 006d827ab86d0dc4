"""Every mail that the portal sends, in whichever language is active."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.core import mail as django_mail
from django.utils import translation

from accounts.models import FormerEmail, OutboxMessage
from accounts.models.outbox import Kind
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import caller_checks, events, mail, outbox
from accounts.services.mail_server import Connection
from helpdesk.services import doing
from people.services import people
from tests.support.factories import make_user
from tests.support.mails import joiners, of_corrections, of_leavers, of_second_steps, warned_of_dormancy
from tests.support.remembered_browsers import CHROME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User


def every_mail() -> Iterator[Any]:
    """Send a mail of each kind, and of each that reads otherwise in another case; yield each."""
    jo, both = make_user(password=None), [make_user(email="both@nhs.net") for _ in range(2)]
    former = FormerEmail.objects.create(user=jo, email="former@nhs.net")
    ended = make_user(ends_on=datetime.date(2020, 1, 1))
    others = {Kind.CARE_IDENTITY_CHANGED, Kind.CALLER_CODE, Kind.DONE_FOR_CALLER, Kind.DORMANT_SOON, Kind.WELCOME}
    others |= {Kind.LEAVING_SOON, Kind.CONFIRM_ADDRESS, Kind.ADDRESS_TOLD, Kind.STILL_OPEN, Kind.CORRECTION_REFUSED}
    check = caller_checks.begin(person=jo, agent=both[0])
    with events.coming_from(events.Origin(address="192.0.2.7", user_agent=CHROME)):
        event = events.record(event=Event.LOGGED_IN, user_id=jo.pk, by=both[0])
        with_others = events.record(event=Event.UNLOCKED, user_id=jo.pk, by=both[0], reason=events.AFTER_OUTAGE)
    wanted: list[tuple[Kind, list[User], dict[str, Any]]] = [
        *((kind, [jo], {}) for kind in _mails() if kind not in others),
        *((kind, [jo], {**about, "event": event.pk}) for kind, about in of_second_steps()),
        *((kind, [jo], {"event": event.pk}) for kind in (Kind.FROZEN, Kind.HELPED)),
        (Kind.DATA_HANDED_OUT, [jo], {"event": event.pk, "by_operator": True}),
        (Kind.HELPED, [jo], {"event": with_others.pk}),
        (Kind.CALLER_CODE, [jo], {"check": check.pk}),
        *((Kind.WELCOME, [joiner], {}) for joiner in joiners()),
        *of_leavers(),
        *of_corrections(),
        (Kind.DORMANT_SOON, [warned_of_dormancy()], {}),
        *((Kind.DONE_FOR_CALLER, [jo], {what: True}) for what in doing.TOLD_HERE.values()),
        (Kind.RECOVERY, [make_user(links_held_until=event.at + people.LINKS_HELD_FOR)], {}),
        (Kind.ROLE_CHANGED, [make_user(role=Role.LEAD)], {}),
        (Kind.RECOVERY, both, {}),
        (Kind.RECOVERY, [ended], {}),
        (Kind.EMAIL_CHANGED, [jo], {"former_email": former.pk}),
        *((Kind.CARE_IDENTITY_CHANGED, [jo], {"linked": linked}) for linked in (True, False)),
    ]
    for kind, users, about in wanted:
        outbox.add(kind=kind, about={"users": [user.pk for user in users], **about})
        message = OutboxMessage.objects.order_by("created_at", "pk").last()
        assert message
        django_mail.outbox = []
        with Connection() as connection:
            mail.send(message=message, connection=connection)
        yield from django_mail.outbox


def _mails() -> list[Kind]:
    """Return the kinds of outbox rows that are mails: their English labels say so."""
    with translation.override("en-gb"):
        return [kind for kind in Kind if kind.label.startswith("Mail")]
