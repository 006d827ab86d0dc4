"""Whose network an address is in."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from accounts.models import TrustedNetwork
from accounts.models.trusted_network import address_number

if TYPE_CHECKING:
    from accounts.models import Organisation


def trusting(*, address: str) -> frozenset[int]:
    """Return the ids of the organisations that have `address` in a trusted network; none where it is no address.

    One look-up for every username, so that it takes no longer for a real one.
    """
    try:
        number = address_number(ipaddress.ip_address(address))
    except ValueError:
        return frozenset()
    around = TrustedNetwork.objects.filter(first__lte=number, last__gte=number)
    return frozenset(around.values_list("organisation_id", flat=True))


def are_on_record(*, organisation: Organisation) -> bool:
    """Return whether any trusted network of `organisation` is known."""
    return TrustedNetwork.objects.filter(organisation=organisation).exists()
