"""How many requests of one network address are answered: far more than a hospital needs, less than the server can.

A hospital is one address (5,000 log-ins in ten minutes), so this stops no person. It keeps a single machine from taking
all that the server has for pages that cost no password hash. What those cost is limited where they are computed.

Each process of the web server counts for itself, in memory: nothing is stored. Counted is by the generic cell rate
algorithm (ITU-T I.371), a bucket that is filled at a steady rate and remembers one number for each address.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings

from accounts.counted_log import CountedLog

# Requests a second, and at once, of one address in each process of the web server. 5,000 log-ins in ten minutes are 42
# requests a second to all processes together: form, post, My ESR, and two more pages each.
RATE = 100.0
AT_ONCE = 1000
# Addresses that are remembered; more ask at the same time only where an attacker has them.
MOST = 20_000
# A customer of version 6 has this much and more (RFC 6177), and may take another address for each request.
PREFIX_OF_VERSION_6 = 64


class Buckets:
    """A bucket for each address. `clock` returns seconds."""

    def __init__(self, *, rate: float = RATE, at_once: int = AT_ONCE, clock: Callable[[], float] = time.monotonic):
        self._between = 1 / rate
        self._ahead = (at_once - 1) / rate
        self._clock = clock
        self._lock = threading.Lock()
        # When the bucket of each will be full again.
        self._full_at: dict[str, float] = {}

    def seconds_to_wait(self, who: str) -> float:
        """Count a request of `who`; return 0.0, or where it is one too many, in how many seconds there is room."""
        now = self._clock()
        with self._lock:
            full_at = max(self._full_at.pop(who, now), now)
            too_soon = full_at - now - self._ahead
            if too_soon <= 0:
                full_at += self._between
                if len(self._full_at) >= MOST:
                    self._forget(now)
            # At the end: the first is the one that has not asked for longest.
            self._full_at[who] = full_at
        return max(too_soon, 0.0)

    def _forget(self, now: float) -> None:
        """Forget those whose buckets are full, and where there are none the half that has not asked for longest."""
        self._full_at = {who: at for who, at in self._full_at.items() if at > now}
        for who in list(self._full_at)[: max(len(self._full_at) - MOST // 2, 0)]:
            del self._full_at[who]


BUCKETS = Buckets()
_refused = CountedLog(logging.getLogger("esr_portal.flood"), message="too many requests", field="address")


def seconds_to_wait(*, address: str) -> float:
    """Count a request from `address`; return 0.0, or where it is one too many, in how many seconds there is room.

    Requests from nowhere known and from our own proxies are not counted: they would be many people's.
    """
    who = _counted_as(address, proxies=tuple(settings.TRUSTED_PROXIES))
    wait = BUCKETS.seconds_to_wait(who) if who else 0.0
    if wait:
        _refused.add(who)
    return wait


@functools.lru_cache(maxsize=1024)
def _counted_as(address: str, *, proxies: tuple[str, ...]) -> str:
    """Return what an address is counted under, or "" where it is not to be."""
    try:
        parsed = ipaddress.ip_address(address)
        ours = any(parsed in ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
    except ValueError:
        return ""
    if ours:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed.packed, PREFIX_OF_VERSION_6), strict=False))
