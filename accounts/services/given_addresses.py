"""Addresses that a person gives beside the one on record, and the links by which their owner confirms them.

A link's token is derived, as that of a recovery link is: the database keeps its digest, and a mail that is sent again
carries the same. GET never uses one up; of many who use it at once, one wins. No link here lets a person in.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts import languages, written_tokens
from accounts.models import GivenAddress, User
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.models.recovery_request import LINK_LASTS
from accounts.models.security_event import Event
from accounts.services import events, outbox

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

# So that no person fills a stranger's mailbox with links.
LINKS_A_DAY = 5
DAY = datetime.timedelta(days=1)


class TooMany(Exception):
    """The person has given as many addresses in a day as they may."""


class AlreadyConfirmed(Exception):
    """There is a confirmed address of this purpose: it is to be removed first."""


class LinkUnusable(written_tokens.LinkUnusable):
    """The link is mistyped, used, over an hour old, replaced by a newer one, or its person left or changed since."""


def of(*, user: User, purpose: Purpose) -> GivenAddress | None:
    """Return the address that `user` has given for a purpose, confirmed or not, or None."""
    return GivenAddress.objects.filter(user=user, purpose=purpose).first()


def give(*, user: User, purpose: Purpose, email: str, card_shown_at: datetime.datetime | None = None) -> GivenAddress:
    """Take an address of `user` and mail it a link; one that was given before and not confirmed goes.

    Records ADDRESS_GIVEN. Raises TooMany, and AlreadyConfirmed.
    """
    with transaction.atomic():
        # Locked, so that two tabs keep the limit, and leave one address.
        User.objects.select_for_update().get(pk=user.pk)
        given = user.security_events.filter(event=Event.ADDRESS_GIVEN, at__gt=timezone.now() - DAY)
        if given.count() >= LINKS_A_DAY:
            raise TooMany
        theirs = GivenAddress.objects.filter(user=user, purpose=purpose)
        if theirs.filter(confirmed_at__isnull=False).exists():
            raise AlreadyConfirmed
        theirs.delete()
        address = GivenAddress.objects.create(user=user, purpose=purpose, email=email, card_shown_at=card_shown_at)
        events.record(event=Event.ADDRESS_GIVEN, user_id=user.pk, reason=purpose.value)
        about = {
            "users": [user.pk],
            "given_address": address.pk,
            **_of_correction(address),
            **outbox.asked_in(languages.current()),
        }
        outbox.add(kind=Kind.CONFIRM_ADDRESS, about=about)
    return address


def link_in_mail(*, message_id: uuid.UUID, address: GivenAddress, page: str) -> written_tokens.MintedLink:
    """Return the link in the mail `message_id` to an address, to a page by its name, good for LINK_LASTS from now.

    It is the same whenever it is made for the same mail. The link of an earlier mail ends.
    """
    token = written_tokens.derive(purpose="given_address", about=f"{page} {message_id} {address.pk} {address.email}")
    ends_at = timezone.now() + LINK_LASTS
    GivenAddress.objects.filter(pk=address.pk).update(link_digest=written_tokens.digest(token), link_expires_at=ends_at)
    # The configured origin, never what a request says its host is.
    return written_tokens.MintedLink(address=settings.BASE_URL + reverse(page, args=[token]), ends_at=ends_at)


def digest_in(*, written: str) -> str:
    """Return the digest of the token in what stands in an address where it should be; does nothing.

    Raises LinkUnusable where it is not whole, or none that an address has now.
    """
    token = written_tokens.read(written, length=written_tokens.LENGTH)
    digest = written_tokens.digest(token) if token is not None else ""
    if not any(_with_link(digest, is_confirmed=is_confirmed).exists() for is_confirmed in (True, False)):
        raise LinkUnusable("unknown")
    return digest


def to_confirm(*, digest: str) -> GivenAddress:
    """Return the address that the link with this digest confirms. Does nothing. Raises LinkUnusable."""
    address = _with_link(digest, is_confirmed=False).select_related("user__organisation").first()
    if address is None:
        raise LinkUnusable("unknown")
    if not address.user.may_enter():
        raise LinkUnusable("not_in_force")
    return address


def confirm(*, digest: str) -> GivenAddress:
    """Note that the owner of an address has confirmed it, and tell its person at the address on record.

    Records ADDRESS_CONFIRMED. Raises LinkUnusable.
    """
    with transaction.atomic():
        found = to_confirm(digest=digest)
        # The person first and the address second, as everywhere.
        User.objects.select_for_update().get(pk=found.user_id)
        now = timezone.now()
        if not _with_link(digest, is_confirmed=False).update(confirmed_at=now, link_digest=None, link_expires_at=None):
            raise LinkUnusable("used")
        found.confirmed_at = now
        event = events.record(event=Event.ADDRESS_CONFIRMED, user_id=found.user_id, reason=found.purpose)
        about = {"users": [found.user_id], "event": event.pk, **_of_correction(found)}
        outbox.add(kind=Kind.ADDRESS_TOLD, about=about)
    return found


def take_link(*, digest: str) -> GivenAddress | None:
    """Use up the link to what a confirmed address is for; return the address, or None where the link is none."""
    with transaction.atomic():
        address = _with_link(digest, is_confirmed=True).select_for_update(of=("self",)).first()
        if address is not None:
            GivenAddress.objects.filter(pk=address.pk).update(link_digest=None, link_expires_at=None)
    return address


def leads_somewhere(*, digest: str) -> bool:
    """Return whether the link with this digest leads to what a confirmed address is for. Does nothing."""
    return _with_link(digest, is_confirmed=True).exists()


def remove(*, user: User, purpose: Purpose) -> bool:
    """Erase the address that `user` has given for a purpose; return whether there was one.

    Records ADDRESS_REMOVED, and tells the person of one that was confirmed.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        address = of(user=user, purpose=purpose)
        if address is None:
            return False
        address.delete()
        event = events.record(event=Event.ADDRESS_REMOVED, user_id=user.pk, reason=purpose.value)
        if address.confirmed_at is not None:
            about = {"users": [user.pk], "event": event.pk, "removed": True, **_of_correction(address)}
            outbox.add(kind=Kind.ADDRESS_TOLD, about=about)
    return True


def forget_doubtful(*, user: User, since: datetime.datetime) -> None:
    """Erase what another person may have given in the name of `user`: all corrections, and what is not confirmed yet.

    Of what was confirmed after `since` a mail has told with a button that still works, so that goes too. Records
    ADDRESS_REMOVED for such a personal one.
    """
    theirs = GivenAddress.objects.filter(user=user)
    theirs.filter(Q(confirmed_at__isnull=True) | Q(purpose=Purpose.CORRECTION)).delete()
    if theirs.filter(confirmed_at__gt=since).delete()[0]:
        events.record(event=Event.ADDRESS_REMOVED, user_id=user.pk, reason=f"{Purpose.PERSONAL}_doubtful")


def erase(*, addresses: QuerySet[GivenAddress]) -> int:
    """Erase addresses whose time is over; return how many. Records ADDRESS_REMOVED, and tells no person."""
    erased = 0
    for address in addresses.iterator():
        with transaction.atomic():
            if GivenAddress.objects.filter(pk=address.pk).delete()[0]:
                events.record(event=Event.ADDRESS_REMOVED, user_id=address.user_id, reason=f"{address.purpose}_over")
                erased += 1
    return erased


def _of_correction(address: GivenAddress) -> dict[str, bool]:
    """Return the flag that chooses the words of mails about a correction."""
    return {"correction": True} if address.purpose == Purpose.CORRECTION else {}


def _with_link(digest: str, *, is_confirmed: bool) -> QuerySet[GivenAddress]:
    return GivenAddress.objects.filter(
        link_digest=digest, link_expires_at__gt=timezone.now(), confirmed_at__isnull=not is_confirmed
    )
