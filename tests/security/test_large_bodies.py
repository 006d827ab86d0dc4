"""Threat: a stranger sends a file of gigabytes to a form, and the server's disk is full or its workers are busy.

Django's limit is for fields alone: files go to the disk, however large.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.conf import settings

from esr_portal.last_headers import with_last_headers
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


class Upload(io.BytesIO):
    """A file that knows whether any of it was read."""

    def __init__(self, size: int) -> None:
        super().__init__(b"x" * size)
        self.was_read = False

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, and note that."""
        self.was_read = True
        return super().read(size)


@pytest.mark.parametrize("address", ["/log-in/", "/recovery/", "/password-check/", "/admin/", "/no-such-page/"])
def test_a_large_file_is_refused_without_reading_it(client: PortalClient, address: str) -> None:
    body = Upload(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    answer = client.generic(
        "POST",
        address,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        **{"wsgi.input": body},
    )
    assert answer.status_code == 413
    assert "too much" in answer.text
    assert "Content-Security-Policy" in answer.headers
    assert not body.was_read


def sent_by(status: str) -> dict[str, str]:
    """Return the headers that the web server is given with an answer of this status."""
    given: list[tuple[str, str]] = []
    application = with_last_headers(lambda _, start: (start(status, [("Allow", "GET")]), [b""])[1])
    start: Any = lambda _, headers, *__: given.extend(headers)  # noqa: E731
    list(application({}, start))
    return dict(given)


def test_after_a_refused_body_the_connection_is_closed() -> None:
    """Threat: the rest of the body is read to its end, or as the next request of another person behind the proxy."""
    assert sent_by("413 Request Entity Too Large") == {"Allow": "GET", "Server": "ESR", "Connection": "close"}


def test_the_web_server_does_not_say_what_it_is() -> None:
    """Threat: an attacker looks up the faults of this server's version."""
    assert sent_by("200 OK") == {"Allow": "GET", "Server": "ESR"}


def test_what_may_be_sent_is_kept_in_memory() -> None:
    """A file below the limit never touches the disk."""
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("length", ["", "-1", "x", "1e9", "９９９９９９９９９"])
def test_a_length_that_is_none_is_no_way_round(client: PortalClient, length: str) -> None:
    answer = client.post("/log-in/", {"username": "A", "password": "b"}, CONTENT_LENGTH=length)
    assert answer.status_code in {200, 400, 413}
