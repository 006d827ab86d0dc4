"""Whose network an address is in, and whether people share its computers."""

from __future__ import annotations

import contextlib
import ipaddress
import math
import time
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts import prepared
from accounts.models import TrustedNetwork
from accounts.models.trusted_network import address_number

if TYPE_CHECKING:
    from accounts.models import Organisation


_AROUND = prepared.Select(
    lambda number: TrustedNetwork.objects.filter(first__lte=number, last__gte=number).values_list("organisation_id"),
    number=str,
)


def trusting(*, address: str) -> frozenset[int]:
    """Return the ids of the organisations that have `address` in a trusted network; none where it is no address.

    One look-up for every username, so that it takes no longer for a real one.
    """
    try:
        number = address_number(ipaddress.ip_address(address))
    except ValueError:
        return frozenset()
    return frozenset(organisation for (organisation,) in _AROUND.all(number=number))


class OwnNetworks:
    """The networks of one organisation, read in one query however many addresses are asked about."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation

    def hold(self, address: str | None) -> bool:
        """Return whether `address` is in one of them; False where it is no address."""
        try:
            number = address_number(ipaddress.ip_address(address or ""))
        except ValueError:
            return False
        return any(first <= number <= last for first, last in self._ranges)

    def in_words(self, address: str | None) -> str:
        """Return whose network `address` is in: the organisation's, by its name, or another."""
        if self.hold(address):
            return _("Network of %(organisation)s") % {"organisation": self._organisation.shown_name}
        return _("Another network")

    @cached_property
    def _ranges(self) -> tuple[tuple[str, str], ...]:
        theirs = TrustedNetwork.objects.filter(organisation=self._organisation)
        return tuple(theirs.values_list("first", "last"))


class SharedNetworks:
    """The networks whose computers people share, as their organisations say. They are read once a minute.

    The log-in page asks for each visitor, and what it ticks for them may be a minute old.
    """

    READ_EVERY = 60.0

    def __init__(self) -> None:
        self._read_at = -math.inf
        self._ranges: tuple[tuple[str, str], ...] = ()

    def hold(self, address: str) -> bool:
        """Return whether `address` is in one of them; False where it is no address."""
        if time.monotonic() - self._read_at >= self.READ_EVERY:
            self._read()
        try:
            number = address_number(ipaddress.ip_address(address)) if self._ranges else ""
        except ValueError:
            return False
        return any(first <= number <= last for first, last in self._ranges)

    def forget(self) -> None:
        """Read them anew at the next look."""
        self._read_at = -math.inf

    def _read(self) -> None:
        # First, so that while the database is away or slow one visitor a minute waits for it, and not each.
        self._read_at = time.monotonic()
        # The form needs no database, and what was read last is likely right still.
        with contextlib.suppress(OperationalError, InterfaceError):
            self._ranges = tuple(TrustedNetwork.objects.filter(is_shared=True).values_list("first", "last"))


SHARED = SharedNetworks()


def are_on_record(*, organisation: Organisation) -> bool:
    """Return whether any trusted network of `organisation` is known."""
    return TrustedNetwork.objects.filter(organisation=organisation).exists()
