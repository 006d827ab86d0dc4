"""A person whose address on record is old asks for its correction, by smartcard (decision 53).

The smartcard has just been shown, the owner of the new address confirms it by a link, and only then is it a request
that an agent of the helpdesk decides about (helpdesk/services/corrections.py). It changes nothing by itself.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import FormerEmail, GivenAddress, User
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.models.user import PersonType
from accounts.services import given_addresses, internet_access, outbox

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.proof import Proof
    from accounts.services.internet_access import Missing

# What is not confirmed by then, and what no agent has decided about.
CONFIRMED_WITHIN = datetime.timedelta(days=1)
WAITS_FOR = datetime.timedelta(days=14)


class NotProven(Exception):
    """The person has not just logged in with their smartcard."""


class Unusable(Exception):
    """The person cannot have this address: the organisation did not give it out."""


class SameAddress(Exception):
    """It is on record already."""


def what_is_missing(*, user: User, proof: Proof | None) -> list[Missing]:
    """Return what keeps `user` from asking: nothing where they have just used the smartcard that is linked to them."""
    return internet_access.missing_from_proof(user=user, proof=proof)


def of(*, user: User) -> GivenAddress | None:
    """Return the correction that `user` has asked for and that is not decided yet, confirmed or not, or None."""
    address = given_addresses.of(user=user, purpose=Purpose.CORRECTION)
    return address if address and not _over().filter(pk=address.pk).exists() else None


def ask(*, user: User, proof: Proof | None, email: str) -> None:
    """Take the new address of `user`, and mail it a link. Nothing is asked of the helpdesk before that was used.

    Raises NotProven, Unusable, SameAddress, and what given_addresses.give raises.
    """
    if what_is_missing(user=user, proof=proof):
        raise NotProven
    if email == user.email:
        raise SameAddress
    theirs = user.organisation.email_domains.filter(domain=email.rpartition("@")[2])
    if user.person_type != PersonType.VOLUNTEER and not theirs.exists():
        raise Unusable
    _over().filter(user=user).delete()
    given_addresses.give(user=user, purpose=Purpose.CORRECTION, email=email, card_shown_at=timezone.now())


def open_ones() -> QuerySet[GivenAddress]:
    """Return the corrections that an agent can decide about."""
    confirmed = GivenAddress.objects.filter(purpose=Purpose.CORRECTION, confirmed_at__isnull=False)
    return confirmed.exclude(pk__in=_over().values("pk"))


def tell_that_nothing_changes(*, user_id: int, email: str, event: int | None = None, undecided: bool = False) -> None:
    """Tell a person that their record stays as it is: at its address, and at `email`, which they asked for.

    `event` is the key of the refusal, where there is one; `undecided` is that no agent has decided in time. The caller
    holds the person. Tells nothing to a person who may not enter any more: they can ask for no other.
    """
    if not User.objects.get(pk=user_id).may_enter():
        return
    # Kept until the mail to it is out.
    told = FormerEmail.objects.create(user_id=user_id, email=email)
    about: dict[str, object] = {"users": [user_id]}
    if event is not None:
        about["event"] = event
    if undecided:
        about["undecided"] = True
    outbox.add(kind=Kind.CORRECTION_REFUSED, about=about)
    outbox.add(kind=Kind.CORRECTION_REFUSED, about={**about, "former_email": told.pk})


def erase_old() -> int:
    """Erase what was not confirmed in a day, or not decided in two weeks; return how many. Daily work.

    Who has waited for a decision is told that there was none.
    """
    erased = given_addresses.erase(addresses=_over().filter(confirmed_at__isnull=True))
    for address in list(_over()):
        with transaction.atomic():
            # The person first and the address second, as everywhere.
            User.objects.select_for_update().get(pk=address.user_id)
            if given_addresses.erase(addresses=_over().filter(pk=address.pk)):
                tell_that_nothing_changes(user_id=address.user_id, email=address.email, undecided=True)
                erased += 1
    return erased


def _over() -> QuerySet[GivenAddress]:
    now = timezone.now()
    not_confirmed = Q(confirmed_at__isnull=True, given_at__lte=now - CONFIRMED_WITHIN)
    not_decided = Q(confirmed_at__lte=now - WAITS_FOR)
    return GivenAddress.objects.filter(not_confirmed | not_decided, purpose=Purpose.CORRECTION)
