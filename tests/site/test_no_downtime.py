"""Nobody notices that an instance is loaded anew or started again: the short form of `python -m bench.no_downtime`.

Skipped where nginx is not installed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from bench import no_downtime
from tests.support import nginx
from tests.support.database import database_url

pytestmark = [
    pytest.mark.own_processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not nginx.PROGRAM, reason=nginx.MISSING),
]


def test_no_request_fails_while_instances_are_loaded_anew_and_started_again(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: an upgrade at noon throws out people in the middle of a form, so that upgrades are put off."""
    told = {
        "BASE_URL": f"https://{nginx.HOST}",
        "ALLOWED_HOSTS": nginx.HOST,
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "STATE_DIR": str(state),
        # One instance answers where the other takes longer to load than that.
        "GRANIAN_RESPAWN_INTERVAL": "2",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert os.environ["DEMO"] == "0"
    seen = no_downtime.measure(times=1, people=(0, 2), touched=1)
    assert len(seen) == 2
    for way, what in seen.items():
        assert what.failed == [], way
        assert what.forms > 10, way
