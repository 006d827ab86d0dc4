"""Networks at which an organisation's computers are."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models.organisation import Organisation

# As many digits as the largest IPv6 address has.
DIGITS = 39


def network_form(text: str) -> None:
    """Raise ValidationError where `text` is no network in CIDR notation, or one that trusts everybody."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise ValidationError("Write a network like 10.20.0.0/16 or 2001:db8:12::/48.") from None
    if network.prefixlen == 0:
        raise ValidationError("This network is the whole internet.")


def address_number(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Return an address as a number of DIGITS digits, by which text sorts as addresses do. IPv4 is mapped into IPv6."""
    as_v6 = address if isinstance(address, ipaddress.IPv6Address) else ipaddress.IPv6Address(f"::ffff:{address}")
    return f"{int(as_v6):0{DIGITS}d}"


class TrustedNetwork(models.Model):
    """A network of an organisation's own, in CIDR notation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="trusted_networks")
    network = models.CharField(
        max_length=43, validators=[network_form], help_text="Like 10.20.0.0/16: the addresses that the portal sees."
    )
    # The first and last address, so that one look at the index finds whose network an address is in.
    first = models.CharField(max_length=DIGITS, editable=False)
    last = models.CharField(max_length=DIGITS, editable=False)

    class Meta:
        ordering = ["first", "last"]
        indexes = [models.Index(fields=["first", "last"], name="trusted_network_by_address")]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "network"], name="trusted_network_once_an_organisation"),
            models.CheckConstraint(
                condition=models.Q(first__lte=models.F("last")), name="trusted_network_has_an_order"
            ),
        ]

    def __str__(self) -> str:
        return self.network

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the first and last address of the network. Raises ValueError where it is none."""
        network = ipaddress.ip_network(self.network)
        self.network = str(network)
        self.first, self.last = address_number(network[0]), address_number(network[-1])
        super().save(*args, **kwargs)
