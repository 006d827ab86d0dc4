"""Leavers: a personal address before the last day, and for a while after it a page with what they may still do.

The personal address is never a way in: recovery looks for people by the address on record alone, and gives a leaver who
typed their personal one a link to that page and nothing else (docs/decisions/0052-leavers.md).
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import welsh_texts
from accounts.models import GivenAddress, User
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, given_addresses, outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

# From so long before the last day an address may be given, and for so long after it is kept.
OPEN_BEFORE = datetime.timedelta(days=14)
KEPT_AFTER = datetime.timedelta(days=90)
_AT_ONCE = 500


class Unusable(Exception):
    """The address ends with the employment: it is one of the organisation's."""


@dataclasses.dataclass(frozen=True, slots=True)
class StillOpen:
    """What a leaver may still do, and until when this can be looked up. Of their record nothing.

    `words_in_english` is whether what the organisation says of payslips is in English on a page in Welsh.
    """

    organisation: str
    payslip_address: str
    payslip_words: str
    words_in_english: bool
    contact: str
    until: datetime.date


def is_leaving(*, user: User) -> bool:
    """Return whether `user` leaves within OPEN_BEFORE, or has left within KEPT_AFTER."""
    last, today = user.ends_on, timezone.localdate()
    return last is not None and today - KEPT_AFTER <= last <= today + OPEN_BEFORE


def is_offered(*, user: User) -> bool:
    """Return whether `user`, who is in, may give a personal address: where their organisation says what it is for."""
    return is_leaving(user=user) and user.may_enter() and bool(user.organisation.payslip_address)


def has_confirmed(*, user: User) -> bool:
    """Return whether `user`, who leaves, has confirmed a personal address. No query for those who do not leave."""
    if not is_leaving(user=user):
        return False
    address = given_addresses.of(user=user, purpose=Purpose.PERSONAL)
    return address is not None and address.confirmed_at is not None


def give(*, user: User, email: str) -> None:
    """Take the personal address of `user` and mail it a link. Raises Unusable, and what given_addresses.give raises."""
    if user.organisation.email_domains.filter(domain=email.rpartition("@")[2]).exists():
        raise Unusable
    given_addresses.give(user=user, purpose=Purpose.PERSONAL, email=email)


def ask() -> int:
    """Mail those who leave within OPEN_BEFORE that they can give an address, each once; return how many. Daily work.

    Once for a last day: a person whose last day was moved is asked again only where the one before has gone by. Not a
    person who was added when they had left, or whose organisation does not use this.
    """
    asked = 0
    while True:
        with transaction.atomic():
            rows = _to_ask().select_for_update(of=("self",)).values_list("pk", "ends_on")
            found = dict(rows[:_AT_ONCE])
            if not found:
                return asked
            for day in set(found.values()):
                User.objects.filter(pk__in=[key for key in found if found[key] == day]).update(leaving_mailed_for=day)
            outbox.add_many(kind=Kind.LEAVING_SOON, about=({"users": [key]} for key in found))
            asked += len(found)


def erase_old() -> int:
    """Erase personal addresses of people who are not leaving any more, or left KEPT_AFTER ago. Daily work."""
    today = timezone.localdate()
    theirs = Q(user__ends_on__gte=today - KEPT_AFTER, user__ends_on__lte=today + OPEN_BEFORE)
    return given_addresses.erase(addresses=GivenAddress.objects.filter(~theirs, purpose=Purpose.PERSONAL))


def keys_of_leavers(*, email: str) -> list[int]:
    """Return the primary keys of those who have left within KEPT_AFTER and confirmed `email` before.

    Not of people who are still in, nor of those who were switched off: these ask the contact.
    """
    today = timezone.localdate()
    return list(
        GivenAddress.objects.filter(
            purpose=Purpose.PERSONAL,
            email=email,
            confirmed_at__isnull=False,
            user__is_active=True,
            user__ends_on__lt=today,
            user__ends_on__gte=today - KEPT_AFTER,
        ).values_list("user_id", flat=True)
    )


def tell(*, asked: Mapping[str, object], users: Collection[User]) -> None:
    """Mail leavers, who have shown their date of birth, a link each to what they may still do.

    `asked` is what the outbox is to know of their request.
    """
    about = ({**asked, "users": [user.pk]} for user in users)
    outbox.add_many(kind=Kind.STILL_OPEN, about=about, is_waited_for=True)


def address_of_leaver(*, user: User) -> GivenAddress | None:
    """Return the confirmed personal address of `user` where they have left, and it may still be written to."""
    address = given_addresses.of(user=user, purpose=Purpose.PERSONAL)
    if address is None or user.pk not in keys_of_leavers(email=address.email):
        return None
    return address


def use_link(*, digest: str) -> GivenAddress:
    """Use up the link to the page of a leaver. Records LEAVER_PAGE_OPENED. Raises given_addresses.LinkUnusable."""
    with transaction.atomic():
        address = given_addresses.take_link(digest=digest)
        if address is None or still_open(address_id=address.pk) is None:
            raise given_addresses.LinkUnusable("unknown")
        events.record(event=Event.LEAVER_PAGE_OPENED, user_id=address.user_id)
    return address


def still_open(*, address_id: int) -> StillOpen | None:
    """Return what the leaver with this address may still do, or None where it is over or the address was removed."""
    address = GivenAddress.objects.select_related("user__organisation").filter(pk=address_id).first()
    if address is None or address_of_leaver(user=address.user) is None or address.user.ends_on is None:
        return None
    organisation = address.user.organisation
    return StillOpen(
        organisation=organisation.shown_name,
        payslip_address=organisation.payslip_address,
        payslip_words=organisation.shown_payslip_words,
        words_in_english=welsh_texts.is_shown_in_english(organisation, "payslip_words"),
        contact=organisation.support_email,
        until=address.user.ends_on + KEPT_AFTER,
    )


def _to_ask() -> QuerySet[User]:
    today = timezone.localdate()
    has_one = GivenAddress.objects.filter(user=OuterRef("pk"), purpose=Purpose.PERSONAL, confirmed_at__isnull=False)
    return (
        User.objects.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=today),
            Q(leaving_mailed_for__isnull=True) | Q(leaving_mailed_for__lt=today),
            ends_on__gte=today,
            ends_on__lte=today + OPEN_BEFORE,
            is_active=True,
        )
        .exclude(organisation__payslip_address="")
        .exclude(Exists(has_one))
        .order_by("pk")
    )
