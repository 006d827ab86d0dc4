"""Asking an address over the network as a stranger's browser would: by no proxy of the environment, one answer each."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import http.client
import ssl
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from helpdesk.doctor.findings import Finding

# For each step of a connection.
SECONDS = 5.0
# Bytes of an answer: a page has a few thousand.
LONGEST = 256 * 1024
# Where a machine renews it by itself, it does so a month before (RFC 8555 clients).
RENEWED_BEFORE = datetime.timedelta(days=21)
NEARLY_OVER = datetime.timedelta(days=7)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Sequence[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        """Return a header, "" where it is missing."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Return a header as often as it came."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


def ask(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what `url` answers. Raises OSError and http.client.HTTPException."""
    parts = urlsplit(url)
    with contextlib.closing(_connection(url)) as connection:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"User-Agent": "ESR Portal doctor", **(headers or {})})
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read(LONGEST).decode("utf-8", "replace"))


def why_not(error: BaseException) -> str:
    """Return in a few words why an address could not be asked, without what a server said."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "it speaks no TLS that we take"
    if isinstance(error, TimeoutError):
        return f"nothing came within {SECONDS:g} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return type(error).__name__


def certificate(url: str, *, whose: str) -> Iterator[Finding]:
    """Yield how long the certificate at `url` is good for. One that is not good at all is what `ask` fails with."""
    if urlsplit(url).scheme != "https":
        return
    with contextlib.closing(_connection(url)) as connection:
        connection.connect()
        shown = cast("ssl.SSLSocket", connection.sock).getpeercert() or {}
        ends = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    left = datetime.datetime.fromtimestamp(ends, datetime.UTC) - datetime.datetime.now(datetime.UTC)
    last = f"The certificate of {whose} is good until {datetime.datetime.fromtimestamp(ends, datetime.UTC):%Y-%m-%d}"
    if left < RENEWED_BEFORE:
        make = failure if left < NEARLY_OVER else warning
        yield make(f"{last}, {left.days} days from now.", "Renew it, and find out why it was not renewed by itself.")
    else:
        yield good(f"{last}.")


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
