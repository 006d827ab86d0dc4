"""What each lever of a log-in saves: `python -m bench.levers [sqlite]`. The portal is measured whole, and without each.

As `bench.in_process` measures: processor time in this process. A lever is taken away by putting back what stands in
its place in Django or in argon2. What is left out here has no such place: one transaction a log-in, fewer statements,
and the line before the hash, which costs nothing but what it is for.
"""

from __future__ import annotations

import gc
import itertools
import logging
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bench import in_process, portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.in_process import Costs


@contextmanager
def connections_that_end() -> Iterator[None]:
    """Open the database anew for each request, as Django does unless it is told otherwise."""
    from django.db import connection

    connection.close()
    with patch.dict(connection.settings_dict, {"CONN_MAX_AGE": 0}):
        yield
        connection.close()
    connection.close()


@contextmanager
def memory_that_is_fetched_anew() -> Iterator[None]:
    """Compute hashes by argon2's plain call, in memory that the C library fetches and gives back each time."""
    from accounts.hash_memory import Memory
    from bench import hashing

    kept = Memory.hash

    def nothing_but_the_anchor(memory: Memory, *told: Any) -> bytes | None:
        return kept(memory, *told) if memory is hashing.MEMORY else None

    with patch.object(Memory, "hash", nothing_but_the_anchor):
        yield


@contextmanager
def letters_one_by_one() -> Iterator[None]:
    """Ask the system for each random letter of a form, as Django does."""
    from django.utils.crypto import get_random_string

    with patch("nhsuk.new_form.random_letters", get_random_string):
        yield


@contextmanager
def headers_made_anew() -> Iterator[None]:
    """Put the content security policy into words for each answer, as django-csp does."""
    from csp.middleware import CSPMiddleware

    from esr_portal.middleware import FixedContentSecurityPolicy

    kept = {name: vars(CSPMiddleware)[name] for name in ("process_request", "process_response")}
    with patch.multiple(FixedContentSecurityPolicy, **kept):
        yield


@contextmanager
def garbage_looked_through() -> Iterator[None]:
    """Let the search for garbage go through all that was loaded before the first request."""
    gc.unfreeze()
    try:
        yield
    finally:
        gc.freeze()


@contextmanager
def pages_rendered_anew() -> Iterator[None]:
    """Render each page as Django does."""
    from nhsuk import shells

    with patch.object(shells, "_from_shell", lambda *_: None):
        yield


@contextmanager
def statements_put_together_anew() -> Iterator[None]:
    """Let the ORM write each statement where it runs."""
    from accounts import prepared

    def insert(row: Any) -> Any:
        row.save(force_insert=True)
        return row

    def update(statement: Any, **values: Any) -> int:
        queryset, wanted = statement._build(**values)
        return int(queryset.update(**wanted))

    with ExitStack() as patches:
        patches.enter_context(patch.object(prepared, "insert", insert))
        patches.enter_context(patch.object(prepared.Select, "all", lambda s, **values: list(s._build(**values))))
        patches.enter_context(patch.object(prepared.Update, "run", update))
        patches.enter_context(patch.object(prepared.Delete, "run", lambda s, **values: s._build(**values).delete()[0]))
        yield


LEVERS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "a connection that is kept": connections_that_end,
    "memory of our own for the hash": memory_that_is_fetched_anew,
    "random text in one call": letters_one_by_one,
    "headers made once": headers_made_anew,
    "what is loaded, frozen": garbage_looked_through,
    "pages rendered once": pages_rendered_anew,
    "statements prepared": statements_put_together_anew,
}


def main() -> None:
    """Print what a log-in and a refused one cost with all levers, and how much more without each."""
    kind = "sqlite" if "sqlite" in sys.argv else "postgresql"
    with portal.database(kind):
        logging.disable(logging.INFO)
        rows = list(_measured())
        from django.db import connection

        connection.close()
    print(f"{kind}: milliseconds of processor time beyond the hash")
    print(f"  {'':42}{'whole log-in':>14}{'wrong password':>16}")
    for name, costs in rows:
        wrong = costs.of["wrong password"] - costs.hash
        print(f"  {name:42}{costs.log_in - costs.hash:14.2f}{wrong:16.2f}")


def _measured() -> Iterator[tuple[str, Costs]]:
    """Yield the costs of each, for people who have not logged in before."""
    first = itertools.count(step=in_process.WARM_UP + in_process.TRIES)
    yield "all levers", in_process.measure(first=next(first))
    for name, without in LEVERS.items():
        with without():
            yield f"without {name}", in_process.measure(first=next(first))
    yield "all levers, again", in_process.measure(first=next(first))


if __name__ == "__main__":
    main()
