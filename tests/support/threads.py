"""Doing things at the same moment, as many people or one attacker would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def all_at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make every call in a thread and with a database connection of its own; return what each returned or raised.

    They start together. The test has `django_db(transaction=True)`, or the threads would not see its rows.
    """
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(timeout=60)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 (the test looks at each)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as threads:
        return list(threads.map(run, calls))
