"""Threat: input made by a program, so that the log-in page fails, or is slow, or the lockout is gone round."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.models import Lockout
from accounts.services import lockout
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

MEGABYTE = 1_000_000
TYPED = {
    "empty": "",
    "blanks": " \t\n\u3000\u200b",
    "a megabyte": "A" * MEGABYTE,
    "NUL": "999JSMITH01\0",
    "emoji": "🦄👩‍⚕️",
    "right to left": "\u202e10HTIMSJ999\u202c",
    "combining marks": "Z\u0300\u0301\u0302" * 200,
    "markup": "<script>alert(1)</script><h1>",
    "template": "{{ 7*7 }}{% debug %}",
    "SQL": "' OR '1'='1' --",
    "format": "%s%s%n%(password)s",
    "line ends": "a\r\nSet-Cookie: x=y\r\n\r\n",
    "control characters": "\x01\x02\x1b[31m\x7f",
    "non-characters": "\ufffe\uffff\U0010ffff",
    "ligature that grows": "\ufdfa" * 80,
}
# Bytes that are no UTF-8, as a browser never sends them.
RAW = {
    "lone surrogate": b"username=%ED%A0%80&password=%ED%BF%BF",
    "not UTF-8": b"username=%FF%FE&password=%C3",
    "broken escapes": b"username=%&password=%zz",
    "no fields": b"",
    "only separators": b"&&&===;;;",
    "overlong": b"username=%C0%AF&password=%E0%80%AF",
    "unescaped": "username=Jürgen&password=ß".encode("latin-1"),
}


def assert_clear(response: Any, *, statuses: set[int]) -> BeautifulSoup:
    """Check that the answer is a page that people can read; return it."""
    assert response.status_code in statuses
    page = BeautifulSoup(response.content, "html.parser")
    assert len(page.select("h1")) == 1
    assert "Traceback" not in response.text
    return page


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED.keys())
def test_anything_may_be_typed_as_username(client: PortalClient, typed: str) -> None:
    page = assert_clear(client.post("/log-in/", {"username": typed, "password": "x"}), statuses={200})
    assert page.select(".nhsuk-error-summary")
    assert not page.select("script:not([src])")
    assert len(page.select("h1")) == 1


@pytest.mark.parametrize("path", ["/log-in/", "/help/why-cannot-i-get-in/"])
def test_no_long_text_is_normalised(client: PortalClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: a megabyte of marks in the wrong order is sorted for minutes, in which the process answers nobody."""
    marks = "A" + "\u0315" * 2_000 + "\u0327" * 2_000
    longest, normalize = [0], unicodedata.normalize

    def measured(form: Any, text: str) -> str:
        longest.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", measured)
    send = client.post if path == "/log-in/" else client.get
    assert_clear(send(path, {"username": marks, "password": "x", "organisation": marks}), statuses={200})
    assert max(longest) < len(marks)


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED.keys())
def test_anything_may_be_typed_as_password_and_is_never_shown(client: PortalClient, typed: str) -> None:
    user = make_user()
    response = client.post("/log-in/", {"username": user.username, "password": typed})
    page = assert_clear(response, statuses={200})
    (box,) = page.select("input[name=password]")
    assert not box.get("value")
    assert typed.strip() == "" or typed not in response.text


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED.keys())
@pytest.mark.parametrize("field", ["next", "csrfmiddlewaretoken", "something_else"])
def test_anything_may_stand_in_the_other_fields(client: PortalClient, field: str, typed: str) -> None:
    form = {"username": "999NOBODY01", "password": "x", field: typed}
    assert_clear(client.post("/log-in/", form), statuses={200})


@pytest.mark.both_databases
@pytest.mark.parametrize("body", RAW.values(), ids=RAW.keys())
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/json", "text/plain", "", "multipart/form-data"]
)
def test_any_bytes_may_be_sent(client: PortalClient, body: bytes, content_type: str) -> None:
    assert_clear(client.post("/log-in/", body, content_type=content_type), statuses={200, 400})


def test_a_form_in_another_encoding_is_answered(client: PortalClient) -> None:
    for charset in ("utf-16", "utf-7", "latin-1", "no-such-charset", "idna", "rot13", "undefined"):
        content_type = f"application/x-www-form-urlencoded; charset={charset}"
        response = client.generic("POST", "/log-in/", b"username=A&password=b", content_type=content_type)
        assert_clear(response, statuses={200, 400})


def test_broken_multipart_is_answered(client: PortalClient) -> None:
    for body, boundary in ((b"--x\r\nContent-Disposition: form-data; name=", "x"), (b"junk", "\u00e9"), (b"", "")):
        content_type = f"multipart/form-data; boundary={boundary}"
        assert_clear(client.post("/log-in/", body, content_type=content_type), statuses={200, 400})


def test_a_file_in_the_place_of_a_field_is_an_empty_field(client: PortalClient) -> None:
    import io

    files = {"username": io.BytesIO(b"999JSMITH01"), "password": io.BytesIO(b"x")}
    page = assert_clear(client.post("/log-in/", files), statuses={200})
    assert "Enter your username" in page.get_text()


def test_more_than_a_form_can_hold_gets_a_page_that_says_so(client: PortalClient) -> None:
    response = client.post("/log-in/", {"username": "A" * 3 * MEGABYTE, "password": "x"})
    assert "too much" in assert_clear(response, statuses={413}).get_text()
    response = client.post("/log-in/", {f"field{n}": "x" for n in range(500)})
    assert_clear(response, statuses={413})


@pytest.mark.both_databases
def test_a_field_sent_twice_is_one_try_for_one_name(client: PortalClient) -> None:
    """Threat: the lockout counts the one name, and the password is compared with the other's."""
    owner, other = make_user(), make_user()
    for _ in range(lockout.LIMIT):
        body = f"username={owner.username}&username={other.username}&password=x&password=y"
        client.post("/log-in/", body, content_type="application/x-www-form-urlencoded")
    assert Lockout.objects.count() == 1
    assert lockout.is_locked(username=other.username)
    assert not lockout.is_locked(username=owner.username)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "spelling",
    ["{0}", " {0} ", "{1}", "\u200b{0}", "{0}\u202e", "\ufeff{1}\u00a0", "{2}"],
    ids=["plain", "blanks", "small", "zero width", "right to left", "marks", "full width"],
)
def test_no_spelling_has_a_counter_of_its_own(client: PortalClient, spelling: str) -> None:
    """Threat: ten guesses for each way to write a name (CVE-2026-97764)."""
    user = make_user()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in user.username)
    typed = spelling.format(user.username, user.username.lower(), wide)
    for _ in range(lockout.LIMIT):
        client.post("/log-in/", {"username": typed, "password": "a guess"})
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 200
    assert Lockout.objects.count() == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options"])
def test_a_wrong_method_gets_a_page_that_says_what_to_do(client: PortalClient, method: str) -> None:
    response = getattr(client, method)("/log-in/")
    assert response.status_code == 405
    assert response.headers["Allow"]


@pytest.mark.parametrize("value", ["", "x", "\x00", "é" * 1000, "a:b:c", "x" * 8000])
@pytest.mark.parametrize("name", ["__Host-session", "__Host-csrf", "__Host-tries", "__Host-recovery"])
def test_any_cookie_may_be_sent(client: PortalClient, name: str, value: str) -> None:
    client.cookies[name] = value
    assert_clear(client.get("/log-in/"), statuses={200})
    assert_clear(client.post("/log-in/", {"username": "A", "password": "b"}), statuses={200})


@pytest.mark.parametrize(
    "query", ["next=%00", "next=%ED%A0%80", "next=%FF", "next[]=x", "ended=%00", "&&&", "next=" + "A" * 7000, "%"]
)
def test_any_query_may_be_sent(client: PortalClient, query: str) -> None:
    assert_clear(client.get(f"/log-in/?{query}"), statuses={200, 400})
