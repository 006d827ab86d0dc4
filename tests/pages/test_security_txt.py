"""Where a person who finds a weakness can report it (RFC 9116)."""

from __future__ import annotations

import datetime

from django.utils import timezone
from pytest_django import Settings

from tests.support.steps import PortalClient

PAGE = "/.well-known/security.txt"


def test_it_says_where_to_write_and_until_when_that_is_so(client: PortalClient, settings: Settings) -> None:
    settings.OPERATOR_EMAIL = "a&b@esr.example.nhs.uk"
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:a%26b@esr.example.nhs.uk"
    assert fields["Canonical"] == "https://esr.example.nhs.uk/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "en"
    left = datetime.datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert datetime.timedelta(days=30) < left < datetime.timedelta(days=365)
