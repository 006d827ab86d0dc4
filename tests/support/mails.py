"""Mails as their readers take them: the link in one, and what a link holds."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import FormerEmail, User
from accounts.models.outbox import Kind
from accounts.services import outbox
from tests.support.corrections import asked_by_card
from tests.support.factories import make_organisation, make_user
from tests.support.leavers import make_leaver, with_address
from tests.support.smtp import Mail

# What a second step that was added, or removed, can be; "" is what the mail says of another one.
ADDED = ("passkey", "authenticator")
REMOVED = tuple(sorted(outbox.SECOND_STEPS - {"recovery_codes"}))


def of_second_steps() -> list[tuple[Kind, dict[str, Any]]]:
    """Return each kind of mail that tells of a second step or a browser, and what its row is about besides a person."""
    return [
        *((Kind.SECOND_STEP_ADDED, {"what": what}) for what in ADDED),
        *((Kind.SECOND_STEP_REMOVED, {"what": what}) for what in REMOVED),
        (Kind.SECOND_STEP_ADDED, {}),
        (Kind.SECOND_STEP_REMOVED, {}),
        (Kind.RECOVERY_CODES_MADE, {}),
        (Kind.NEW_BROWSER, {}),
        (Kind.WRONG_CODES, {}),
        (Kind.WRONG_CODES, {"what": "recovery_codes"}),
        (Kind.BROWSER_COPIED, {}),
    ]


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def link_in(mail: Mail) -> str:
    """Return the one link in a mail that sets a password."""
    links = [link for link in mail.links if "/recovery/link/" in link]
    assert len(links) == 1, links
    return links[0]


def warned_of_dormancy() -> User:
    """Return a person who is warned that their password is dormant soon."""
    organisation = make_organisation(code="996", name="Western Care", dormant_after_days=90)
    now = timezone.now()
    return make_user(organisation=organisation, created_at=now - datetime.timedelta(days=70), dormancy_warned_at=now)


def joiners() -> list[User]:
    """Return people on their first day, one for each way in that a welcome has words for."""
    today = timezone.localdate()
    return [
        make_user(starts_on=today, password=None),
        make_user(starts_on=today),
        make_user(starts_on=today, password=None, care_identity_only=True),
    ]


def of_corrections() -> list[tuple[Kind, list[User], dict[str, Any]]]:
    """Return each kind of mail about a correction of the address on record."""
    asks = make_user()
    waits, former = asked_by_card(asks, confirmed=False), FormerEmail.objects.create(user=asks, email="new@nhs.net")
    return [
        (Kind.CONFIRM_ADDRESS, [asks], {"given_address": waits.pk, "correction": True}),
        (Kind.ADDRESS_TOLD, [asks], {"correction": True}),
        (Kind.ADDRESS_TOLD, [asks], {"correction": True, "removed": True}),
        (Kind.CORRECTION_REFUSED, [asks], {}),
        (Kind.CORRECTION_REFUSED, [asks], {"undecided": True}),
        (Kind.CORRECTION_REFUSED, [asks], {"former_email": former.pk}),
    ]


def of_leavers() -> list[tuple[Kind, list[User], dict[str, Any]]]:
    """Return each kind of mail to a person who leaves, or has left: kind, people, what its row is about besides."""
    leaves, waits, has_left = make_leaver(), make_leaver(), make_leaver(days=-3)
    with_address(has_left)
    return [
        (Kind.LEAVING_SOON, [leaves], {}),
        (Kind.CONFIRM_ADDRESS, [waits], {"given_address": with_address(waits, confirmed=False).pk}),
        (Kind.ADDRESS_TOLD, [leaves], {}),
        (Kind.ADDRESS_TOLD, [leaves], {"removed": True}),
        (Kind.STILL_OPEN, [has_left], {}),
        (Kind.DATE_OF_BIRTH_DIFFERS, [has_left], {"to_personal": True}),
    ]
