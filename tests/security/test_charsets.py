"""Threat: a request that says its text is in another encoding, to make the portal fail, stall, or take in odd letters.

Django believes the header. Python has encodings that are none (hex), that make lone surrogates (utf-7), and one that
takes minutes for a megabyte (punycode); some fail before any page of ours could answer.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application

from esr_portal.content_type import read_as_utf_8
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a" * 32
CHARSETS = ["hex", "rot13", "undefined", "idna", "utf-7", "unicode_escape", "utf-16", "nonsense", "utf-8"]


def part(name: str, value: bytes) -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


def ask(method: str, address: str, content_type: str, body: bytes = b"") -> tuple[str, dict[str, str], str]:
    """Send a request as a web server hands it over; return the status, the headers and the page."""
    started: list[Any] = []
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "esr.example.nhs.uk",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "198.51.100.4",
        "HTTP_ORIGIN": "https://esr.example.nhs.uk",
        "HTTP_HOST": "esr.example.nhs.uk",
        "HTTP_COOKIE": f"__Host-csrf={TOKEN}",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }
    application: Callable[..., Any] = read_as_utf_8(get_wsgi_application())
    answer = application(environ, lambda status, headers, *_: started.extend((status, headers)))
    page = b"".join(answer).decode()
    answer.close()
    return started[0].split()[0], dict(started[1]), page


@pytest.mark.parametrize("charset", [f"charset={name}" for name in CHARSETS] + ["charset*=nonsense''x", "x" * 20_000])
def test_a_page_is_shown_whatever_the_encoding_is_said_to_be(charset: str) -> None:
    status, headers, page = ask("GET", "/help/?organisation=+2AA-AAA-%41", f"text/plain; {charset}")
    assert status == "200"
    assert "Content-Security-Policy" in headers
    assert "2AA-AAA-A" in page


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_form_is_read_as_utf_8_whatever_it_says(charset: str) -> None:
    body = part("csrfmiddlewaretoken", TOKEN.encode()) + part("username", "Zoë +2AA-".encode()) + b"--x--\r\n"
    status, _, page = ask("POST", "/log-in/", f"multipart/form-data; charset={charset}; boundary=x", body)
    assert status == "200"
    assert 'value="Zoë +2AA-"' in page


def test_no_encoding_takes_minutes_to_read() -> None:
    body = part("username", b"a" * 200_000 + b"-" + b"b9a" * 100_000) + b"--x--\r\n"
    began = time.process_time()
    ask("POST", "/log-in/", 'multipart/form-data; boundary="x"; charset=punycode', body)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("path", ["/", "/help/", "/log-in/", "/nowhere/"])
def test_too_many_fields_in_an_address_get_a_page(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """Threat: 400 bytes make the error page itself fail, and write a traceback into the log as a fault of ours."""
    query = "&".join(f"field{n}=1" for n in range(500))
    status, headers, page = ask("GET", f"{path}?{query}", "text/plain; charset=utf-8")
    assert status in {"200", "404", "413"}
    assert "Content-Security-Policy" in headers
    assert "<h1" in page
    assert [record.getMessage() for record in caplog.records if record.name == "esr_portal.errors"] == []
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("name", ["name*=nonsense''x", "name*=hex''x", "name*=utf-8''username"])
def test_a_field_whose_name_is_in_another_encoding_gets_a_page(client: PortalClient, name: str) -> None:
    client.raise_request_exception = False
    body = f"--x\r\nContent-Disposition: form-data; {name}\r\n\r\ny\r\n--x--\r\n".encode()
    answer = client.post("/log-in/", body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in {200, 400}
    assert "<h1" in answer.text
