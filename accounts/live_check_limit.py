"""How often the rules may be tried out on a password while it is typed: scoring one costs milliseconds.

Kept in the cache, which may be lost: then a browser may ask a few times more.
"""

from __future__ import annotations

import datetime
import hashlib

from django.core.cache import cache

# A question every half second, which is as fast as the page asks, for all of a minute.
LIMIT = 120
WINDOW = datetime.timedelta(minutes=1)


def may_ask(*, who: str) -> bool:
    """Count a question by `who`, a person or a network address; return whether it is to be answered."""
    # A digest: a proxy may pass on as an address what no cache takes for a key.
    key = f"password-checks:{hashlib.sha256(who.encode()).hexdigest()}"
    cache.add(key, 0, timeout=WINDOW.total_seconds())
    try:
        return cache.incr(key) <= LIMIT
    except ValueError:  # It ended between the two.
        return True
