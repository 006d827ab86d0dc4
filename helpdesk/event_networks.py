"""Security events of a network: of each of its addresses that an event came from, the newest, by an index."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from django.db import connection

from accounts.models import FiledEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from accounts.models import Organisation
    from accounts.models.trusted_network import Network

# A network that more addresses were seen in is looked for among all events in the order of time: it is a wide one.
MOST_ADDRESSES = 200
# From each address to the next that is there: as many looks into the index as there are addresses, not rows.
_SEEN = """
WITH RECURSIVE seen(address) AS (
    (SELECT address FROM accounts_filedevent
     WHERE address IS NOT NULL {of_organisation} AND address >= %(first)s::inet AND address <= %(last)s::inet
     ORDER BY address LIMIT 1)
    UNION ALL
    SELECT (SELECT next.address FROM accounts_filedevent next
            WHERE next.address IS NOT NULL {of_organisation} AND next.address > seen.address
            AND next.address <= %(last)s::inet ORDER BY next.address LIMIT 1)
    FROM seen WHERE seen.address IS NOT NULL
)
SELECT host(address) FROM seen WHERE address IS NOT NULL LIMIT %(most)s
"""


def seen_in(network: Network, *, organisation: Organisation | None) -> list[str] | None:
    """Return the addresses of a network that filed events came from; None where they are more than MOST_ADDRESSES.

    `organisation` is whose people the events are about, or None for all.
    """
    first, last = str(network[0]), str(network[-1])
    if first == last:
        return [first]
    if connection.vendor != "postgresql":
        return _compared(network, organisation)
    of_organisation = "" if organisation is None else "AND organisation = %(organisation)s"
    facts: dict[str, str | int | None] = {"first": first, "last": last, "most": MOST_ADDRESSES + 1}
    facts["organisation"] = organisation.pk if organisation else None
    with connection.cursor() as cursor:
        cursor.execute(_SEEN.format(of_organisation=of_organisation), facts)
        seen = [address for (address,) in cursor.fetchall()]
    return seen if len(seen) <= MOST_ADDRESSES else None


def newest(filed: QuerySet[FiledEvent], *, addresses: Sequence[str], most: int) -> list[tuple[Any, ...]]:
    """Return time, key, kind and address of the newest `most` of each of the addresses, and of no more of all of them.

    `filed` is in the order of time.
    """
    rows = filed.values_list("at", "pk", "kind", "address")
    if connection.vendor != "postgresql" or len(addresses) < 2:
        return list(rows.filter(address__in=addresses)[:most])
    # By itself each is a look into the index of addresses; with "in" all rows of all of them would be sorted.
    first, *others = (rows.filter(address=address)[:most] for address in addresses)
    return list(first.union(*others, all=True).order_by("-at", "-pk")[:most])


def holds(network: Network, address: str | None) -> bool:
    """Return whether an address is in a network."""
    return address is not None and ipaddress.ip_address(address) in network


def _compared(network: Network, organisation: Organisation | None) -> list[str] | None:
    """Read every address there is, on SQLite, which has no networks."""
    filed = FiledEvent.objects.filter(address__isnull=False)
    if organisation is not None:
        filed = filed.filter(organisation=organisation.pk)
    every = filed.order_by().values_list("address", flat=True).distinct()
    seen = [str(address) for address in every.iterator() if holds(network, address)]
    return seen if len(seen) <= MOST_ADDRESSES else None
