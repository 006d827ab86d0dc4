"""In which order requests are decided: fair by network and by age (docs/decisions/0027-the-recovery-queue-is-fair.md).

Each network has a clock of its own. A request stands in the queue where that clock is, which is now or, after others
from the same network that are still to be decided, SPACING behind the last of them. So a burst stands behind every
other network's requests but its own first few, whenever those come. Where no others wait, a burst is decided as fast as
the workers can: SPACING is an order and no delay. (Fair queueing as routers do it, by start times: Goyal, Vin and
Cheng, 1996.)
"""

from __future__ import annotations

import datetime
import ipaddress

from django.utils import timezone

from accounts.identifiers import keyed_digest
from accounts.models import RecoveryRequest

# With so much between two requests of one network, a worker that decides 100 in a second keeps up with 1,000 networks
# which ask without a pause.
SPACING = datetime.timedelta(seconds=10)
# What one customer of a provider has, as a rule, or a few: RFC 6177 for version 6.
PREFIXES = {4: 24, 6: 48}


def network_digest(*, address: str) -> str:
    """Return the keyed digest of the network that `address` is in; all that are no address are in one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return keyed_digest(purpose="recovery.network", value="")
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    network = ipaddress.ip_network((parsed.packed, PREFIXES[parsed.version]), strict=False)
    return keyed_digest(purpose="recovery.network", value=str(network))


def turn_of_next(*, network: str) -> datetime.datetime:
    """Return where the next request from `network` stands in the queue. Reads nothing but what its own have left."""
    waiting = RecoveryRequest.objects.filter(network=network, decided_at__isnull=True).order_by("-turn_at")
    last, now = waiting.values_list("turn_at", flat=True).first(), timezone.now()
    return max(now, last + SPACING) if last else now
