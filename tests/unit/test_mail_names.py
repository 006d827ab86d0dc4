"""Names that look like addresses, on record from before they were a fault: no mail shows one as a link."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils.html import urlize
from hypothesis import given
from hypothesis import strategies as st

from accounts.models.outbox import Kind
from accounts.names_in_mail import on_one_line, unlinked
from tests.support.factories import make_organisation, make_user
from tests.support.mails import link_in
from tests.support.smtp import Mail

pytestmark = pytest.mark.one_database

Send = Callable[..., Mail]

# Wider than any mail program's own rule: two words joined by a dot, a scheme, an address, a share of Windows.
_LOOKS_LIKE_A_LINK = re.compile(r"\w\.\w|[a-z]:\S|\S@\S|\\\\\S|www\.\S", re.IGNORECASE)
HOSTILE = [
    "https://evil.example/log-in",
    "HTTPS://EVIL.EXAMPLE",
    "www.evil.example",
    "evil.com",
    "bit.ly/3x",
    "Win a prize at evil.co.uk now",
    "helpdesk@evil.example",
    "mailto:jo@evil.example",
    "tel:0190123456",
    "evil\uff0ecom",
    "evil\u3002com",
    "evil\uff61com",
    "evil\u2024com",
    "jo\uff20evil.example",
    "https\uff1a//evil.example",
    "ev\u200bil.c\u200dom",
    "xn--evl-1ma.example",
    "192.0.2.7/log-in",
    "\\\\evil.example\\share",
    "https://" + "x" * 80 + ".example",
    "<https://evil.example>",
    '"https://evil.example',
    "http://localhost",
]
KINDS: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.RECOVERY, {}),
    (Kind.RECOVERY, {"by_helpdesk": True}),
    (Kind.DATE_OF_BIRTH_DIFFERS, {}),
    (Kind.PASSWORD_CHANGED, {}),
    (Kind.EMAIL_CHANGED, {}),
    (Kind.CARE_IDENTITY_CHANGED, {"linked": True}),
    (Kind.INTERNET_ACCESS_GRANTED, {}),
    (Kind.INTERNET_ACCESS_WITHDRAWN, {}),
    (Kind.FROZEN, {}),
    (Kind.FROZEN_FOR_CONTACT, {}),
]
# Where the links of ours lead that hold a token.
OURS = ("https://esr.example.nhs.uk/recovery/link/", "https://esr.example.nhs.uk/this-was-not-me/link/")


def linked_by_a_mail_program(text: str) -> list[str]:
    """Return what of `text` may become a link, as Django's own linker and a wider rule see it."""
    plain = "".join(_one_for_one(character) for character in text).replace("\u3002", ".")
    urls = [str(a["href"]) for a in BeautifulSoup(urlize(plain), "html.parser").find_all("a")]
    return urls + _LOOKS_LIKE_A_LINK.findall(plain)


def _one_for_one(character: str) -> str:
    # No program reads "㏂" as the four letters that NFKC makes of it.
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_looks_like_an_address_is_shown_as_none(name: str) -> None:
    assert linked_by_a_mail_program(name)
    assert linked_by_a_mail_program(unlinked(name)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "kind"), list(zip(HOSTILE, itertools.cycle(KINDS), strict=False)))
def test_no_mail_shows_a_name_as_a_link(send: Send, name: str, kind: tuple[Kind, dict[str, Any]]) -> None:
    """Threat: our letterhead, and under it a link of the attacker's own. Each kind of mail is given several names."""
    organisation = make_organisation(code="222", name=name)
    mail = send(kind[0], make_user(given_name=name, organisation=organisation), **kind[1])
    links = [link_in(mail)] if kind[0] is Kind.RECOVERY else mail.links
    assert [link for link in links if not link.startswith(OURS)] == []
    soup = BeautifulSoup(mail.html, "html5lib")
    assert soup.body is not None
    for said in (mail.text, soup.body.get_text(" ")):
        rest = said.replace("".join(links), "").replace(organisation.support_email, "")
        assert linked_by_a_mail_program(rest) == []


@pytest.mark.django_db
@pytest.mark.parametrize("names", [("https://evil.example", "Jo"), ("Jo", "evil.com")])
def test_nor_does_a_mail_to_a_household_that_lists_their_names(send: Send, names: tuple[str, str]) -> None:
    users = [make_user(email="family@nhs.net", given_name=name) for name in names]
    mail = send(Kind.RECOVERY, *users)
    assert {"evil.example", "evil.com"} & set(re.findall(r"[a-z]+\.[a-z]+", mail.text + mail.html)) == set()
    assert len(mail.links) == 2


@given(st.text(st.sampled_from("aZ9.:@/\\-。．＠： é\u200d")) | st.text())
def test_no_name_at_all_becomes_a_link(name: str) -> None:
    shown = unlinked(name)
    assert linked_by_a_mail_program(shown) == []
    assert "".join(shown.split()) == "".join(on_one_line(name).split())
    assert unlinked(shown) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jo", "Jo"),
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("St. John", "St. John"),
        ("Sammy Davis Jr.", "Sammy Davis Jr."),
        ("J.R.", "J. R."),
        ("Md.Rahman", "Md. Rahman"),
        ("王。", "王。"),
        ("Kaur/Singh", "Kaur/Singh"),
        ("https://evil.example", "https: //evil. example"),
    ],
)
def test_an_ordinary_name_is_shown_as_it_is_or_with_a_blank_after_its_full_stops(name: str, shown: str) -> None:
    assert unlinked(name) == shown


@pytest.mark.django_db
def test_the_html_asks_mail_programs_to_link_no_numbers_and_dates(send: Send) -> None:
    """Threat: a name that holds the telephone number of a thief, made into a link that rings them."""
    mail = send(Kind.PASSWORD_CHANGED, make_user(given_name="Call 01632 960000"))
    meta = BeautifulSoup(mail.html, "html5lib").find("meta", {"name": "format-detection"})
    assert meta is not None
    assert meta["content"] == "telephone=no, date=no, address=no"
