"""Networks at which an organisation's computers are."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.organisation import Organisation

# As many digits as the largest IPv6 address has.
DIGITS = 39
# By version of IP. No organisation has more IPv4 addresses than the private network 10.0.0.0/8. A /16 of IPv6 leaves
# room above the largest parts that RIPE NCC gives out, /19, and holds less than fd00::/8, private in any network
# (RFC 4193).
WIDEST = {4: 8, 6: 16}
# IPv4 inside IPv6 (RFC 4291, 2.5.5.2).
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_network(text: str) -> Network:
    """Return the network that `text` says in CIDR notation. Raises ValidationError, with a sentence.

    It must be the only one that can be meant, and no wider than an organisation's own can be.
    """
    text = text.strip()
    try:
        network = ipaddress.ip_network(text, strict=False)
        address = ipaddress.ip_address(text.partition("/")[0])
    except ValueError:
        raise ValidationError(_("Write a network like 10.20.0.0/16 or 2001:db8:12::/48.")) from None
    meant: Network = network
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        bits = network.prefixlen - _MAPPED.prefixlen
        meant = ipaddress.ip_network(f"{network.network_address.ipv4_mapped}/{bits}")
    widest = WIDEST[meant.version]
    if meant.prefixlen < widest:
        raise ValidationError(
            _("This is too wide to be one organisation's network. The widest is a /%(widest)s.") % {"widest": widest}
        )
    if isinstance(meant, ipaddress.IPv6Network) and meant.overlaps(_MAPPED):
        raise ValidationError(_("This network holds every IPv4 address."))
    if meant != network:
        raise ValidationError(
            _("This is an IPv4 network written as IPv6. Write %(meant)s if you mean that.") % {"meant": meant}
        )
    if address != network.network_address:
        raise ValidationError(
            _("This is an address inside a network. Write %(network)s if you mean the whole network.")
            % {"network": network}
        )
    return network


def network_form(text: str) -> None:
    """Raise ValidationError where `read_network` does."""
    read_network(text)


def address_number(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Return an address as a number of DIGITS digits, by which text sorts as addresses do. IPv4 is mapped into IPv6."""
    as_v6 = address if isinstance(address, ipaddress.IPv6Address) else ipaddress.IPv6Address(f"::ffff:{address}")
    return f"{int(as_v6):0{DIGITS}d}"


class TrustedNetwork(models.Model):
    """A network of an organisation's own, in CIDR notation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="trusted_networks")
    network = models.CharField(
        max_length=43,
        validators=[network_form],
        help_text=gettext_lazy("Like 10.20.0.0/16: the addresses that the portal sees."),
    )
    is_shared = models.BooleanField(
        gettext_lazy("computers are shared"),
        default=False,
        db_default=False,
        help_text=gettext_lazy("The log-in page then begins with “This is a shared computer” ticked."),
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
        """Save with the first and last address of the network. Raises ValidationError where it is none."""
        network = read_network(self.network)
        self.network = str(network)
        self.first, self.last = address_number(network[0]), address_number(network[-1])
        super().save(*args, **kwargs)
