"""Threat: input made by a program. Each gets a page that says what to do, never a 500 and never a stored row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from accounts.models import RecoveryRequest
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, come_in, log_in, send

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

MEGABYTE = "x" * 1_000_000
FORM = "application/x-www-form-urlencoded"
RIGHT = {
    "email": "jo.smith@nhs.net",
    "date_of_birth_day": "23",
    "date_of_birth_month": "4",
    "date_of_birth_year": "1980",
}
ODD = {
    "nothing": "",
    "blanks": "   ",
    "a megabyte": MEGABYTE,
    "NUL": "\0",
    "NUL inside": "23\x001980",
    "an emoji": "🦄",
    "right-to-left marks": "\u202e\u200f23",
    "a tag": "<script>alert(1)</script>",
    "a number too large": "9" * 400,
    "a minus": "-1",
    "a fraction": "1.5",
    "an exponent": "1e3",
    "other digits": "٢٣",
    "a superscript": "²",
}


def alerts(answer: Answer) -> list[str]:
    """Return what the error summary says. The page must be one of ours, complete."""
    assert answer.status_code == 200
    parsed = BeautifulSoup(answer.content, "html.parser")
    assert parsed.title is not None
    assert parsed.title.text.startswith("Error: ")
    assert "<script>alert" not in answer.text
    return [link.get_text(strip=True) for link in parsed.select(".nhsuk-error-summary a")]


@pytest.mark.both_databases
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("field", RIGHT)
def test_odd_input_in_the_recovery_form_is_explained(client: PortalClient, field: str, odd: str) -> None:
    answer = client.post("/recovery/", RIGHT | {field: odd})
    if answer.status_code == 302:
        # Without marks, and in plain digits, these are numbers of a day or a month.
        assert odd in {ODD[kind] for kind in ("other digits", "right-to-left marks", "a superscript")}
        return
    assert alerts(answer)
    assert RecoveryRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "month", "year", "said"),
    [
        ("31", "2", "1980", "There is no 31 February 1980"),
        ("29", "2", "1981", "There is no 29 February 1981"),
        ("0", "4", "1980", "Day must be a number between 1 and 31"),
        ("23", "13", "1980", "Month must be a number between 1 and 12, or a name like March"),
        ("23", "4", "0", "Year must be 4 numbers, like 1984"),
        ("23", "4", "0000", "Year must be 1900 or later"),
        ("23", "4", "80", "Year must be 4 numbers, like 1984"),
        ("23", "4", "2999", "Date of birth must be in the past"),
        ("23", "", "1980", "Date of birth must include a month"),
    ],
)
def test_dates_that_cannot_be_are_named(client: PortalClient, day: str, month: str, year: str, said: str) -> None:
    typed = RIGHT | {"date_of_birth_day": day, "date_of_birth_month": month, "date_of_birth_year": year}
    assert alerts(client.post("/recovery/", typed)) == [said]


@pytest.mark.parametrize(
    "email",
    [
        "jo",
        "jo@",
        "@nhs.net",
        "jo@nhs",
        "jo@@nhs.net",
        "jo smith@nhs.net",
        "jo@nhs.net,sam@nhs.net",
        "jo@nhs.net\nBcc: x",
    ],
)
def test_what_is_no_address_is_said_in_one_sentence(client: PortalClient, email: str) -> None:
    assert alerts(client.post("/recovery/", RIGHT | {"email": email})) == [
        "Enter an email address in the correct format, like name@nhs.net"
    ]


@pytest.mark.both_databases
def test_an_address_that_grows_when_it_is_folded_is_refused_and_not_cut_off(client: PortalClient) -> None:
    """One letter can become two in the spelling that is stored, and the column has an end."""
    email = "ß" * 120 + "@" + "ß" * 60 + ".nhs.net"
    assert len(alerts(client.post("/recovery/", RIGHT | {"email": email}))) == 1
    fits = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".nh"
    assert client.post("/recovery/", RIGHT | {"email": fits}).status_code == 302


@pytest.mark.parametrize(
    "broken", [b"email=%ff%fe%80", b"email=%ED%A0%80@nhs.net", b"\xff\xfe\x00", b"&&&=&=", b"email"]
)
def test_bytes_that_are_no_text_are_explained(client: PortalClient, broken: bytes) -> None:
    """Lone surrogates and broken UTF-8 among them."""
    assert alerts(client.post("/recovery/", broken, content_type=FORM))


@pytest.mark.both_databases
def test_of_fields_sent_twice_the_last_one_counts(client: PortalClient) -> None:
    twice = "email=a@nhs.net&email=b@nhs.net&date_of_birth_day=23&date_of_birth_month=4&date_of_birth_year=1980"
    assert client.post("/recovery/", twice, content_type=FORM).status_code == 302
    assert RecoveryRequest.objects.get().email == "b@nhs.net"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", "x"])
def test_other_kinds_of_content_are_an_empty_form(client: PortalClient, content_type: str) -> None:
    answer = client.post("/recovery/", b'{"email": "jo@nhs.net"}', content_type=content_type)
    assert answer.status_code in {200, 400}


def test_more_than_any_form_holds_is_refused(client: PortalClient) -> None:
    too_much = client.post("/recovery/", RIGHT | {"email": MEGABYTE * 3})
    too_many = client.post("/recovery/", "&".join(f"x{n}=1" for n in range(1000)), content_type=FORM)
    assert {too_much.status_code, too_many.status_code} == {413}


@pytest.mark.parametrize("path", ["/recovery/", "/recovery/new-password/"])
def test_a_form_without_its_token_is_refused(csrf_client: PortalClient, path: str) -> None:
    """Threat: a form on another site sends this one."""
    origin = {"origin": "https://esr.example.nhs.uk"}
    assert csrf_client.post(path, RIGHT, headers=origin).status_code == 403
    assert RecoveryRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/recovery/", ["put", "delete", "patch", "options"]),
        ("/recovery/requested/", ["post", "put", "delete"]),
        ("/recovery/link/x/", ["post", "put", "delete"]),
        ("/recovery/new-password/", ["put", "delete", "patch"]),
        ("/recovery/done/", ["post", "put"]),
    ],
)
def test_a_wrong_method_is_refused_with_a_page(client: PortalClient, path: str, methods: list[str]) -> None:
    for method in methods:
        answer = getattr(client, method)(path)
        assert answer.status_code == 405
        assert "<h1" in answer.text


PASSWORDS = ODD | {
    "256 and one": "ab" * 128 + "c",
    "blanks enough": " " * 12,
    "fewer when composed": "a\u0301" * 8,
}


@pytest.mark.parametrize("odd", PASSWORDS.values(), ids=PASSWORDS)
def test_odd_new_passwords_by_link_are_explained(client: PortalClient, odd: str) -> None:
    user = make_user()
    answer = send(client, open_link(client, user), {"new_password": odd})
    if answer.status_code == 302:
        # A whole sentence of markup is a password like any other.
        assert odd == ODD["a tag"]
        return
    assert alerts(answer)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("odd", PASSWORDS.values(), ids=PASSWORDS)
def test_odd_passwords_in_the_change_form_are_explained(client: PortalClient, odd: str) -> None:
    user = make_user()
    come_in(client, user)
    for typed in [
        {"current_password": odd, "new_password": NEW_PASSWORD},
        {"current_password": odd, "new_password": odd},
    ]:
        assert alerts(send(client, "/change-password/", typed))
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("odd", PASSWORDS.values(), ids=PASSWORDS)
def test_the_live_check_answers_whatever_is_typed(client: PortalClient, odd: str) -> None:
    answer = client.post("/password-check/", {"password": odd})
    assert answer.status_code == 200
    assert answer.json()["broken"] or odd == ODD["a tag"]


@pytest.mark.both_databases
def test_a_password_of_unicode_works(client: PortalClient) -> None:
    user = make_user()
    page = open_link(client, user)
    password = "пароль 🦄 密码 ﬁord"
    assert send(client, page, {"new_password": password}).status_code == 302
    log_in(client, user, password)
