"""Which pages come from shells, in which states, with hostile words in all of them.

That each is what Django renders, byte for byte, is compared by tests/support/shells.py: here, and in every other test
that opens one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from accounts.browser import preferred_method, remembered_username
from accounts.services import lockout
from hub.models import Application, Notice
from nhsuk import shells
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.made_up_language import LANGUAGE, catalogue
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

# What those who run the portal, or an organisation, may have written.
WRITTEN = "News & <b>'\"{{ x }}\u202eabc</b>"
# What a person may have typed, or be called.
HOSTILE = """'"><b>&amp;{{ x }}{% y %}%(z)s%25\u202eabc\u202c\u0645 word0123456789abcdefn0&quot;/"""


@pytest.fixture(params=["en-gb", LANGUAGE])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Show the pages in English, and in the made-up language."""
    said = override_settings(LANGUAGE_CODE=request.param, LOCALE_PATHS=[*settings.LOCALE_PATHS, catalogue()])
    with said, translation.override(request.param):
        yield request.param


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[shells.Shell]:
    """Begin without shells; return those that are made or found from here on."""
    shells.forget()
    made: list[shells.Shell] = []
    fill = shells.Shell.filled

    def filled(shell: shells.Shell, *args: Any) -> list[bytes]:
        made.append(shell)
        return fill(shell, *args)

    monkeypatch.setattr(shells.Shell, "filled", filled)
    return made


def from_a_shell(page: Any) -> str:
    """Return what a page says that has to come from a shell, and did."""
    assert isinstance(page, shells.Page), page.request["PATH_INFO"]
    return page.text


@pytest.mark.usefixtures("language")
def test_the_pages_of_visitors(made: list[shells.Shell], monkeypatch: pytest.MonkeyPatch) -> None:
    Notice.objects.create(title=WRITTEN, text=f"{WRITTEN}\n\nsecond", kind=Notice.Kind.PLANNED_DOWNTIME)
    client, strange = PortalClient(), {"organisation": "999", "next": f"/my-esr/?{HOSTILE}"}
    statements = ("/accessibility/", "/privacy/", "/cookies/")
    for path in ("/", "/log-in/", "/recovery/", "/help/why-cannot-i-get-in/", *statements):
        from_a_shell(client.get(path))
        from_a_shell(client.get(path, strange))
    from_a_shell(client.get("/help/"))
    for typed in (f"999{HOSTILE}", "jo'&co@nhs.net", "90000001", *[HOSTILE] * (lockout.LIMIT + 1)):
        refused = {"username": typed, "password": HOSTILE, "next": f"/?{HOSTILE}"}
        page = from_a_shell(client.post("/log-in/", refused))
    assert "Locked until" in page
    asked = {"email": "jo'&co@nhs.net", "date_of_birth_day": 1, "date_of_birth_month": 2, "date_of_birth_year": 1980}
    assert client.post("/recovery/", asked).status_code == 302
    reference = client.get("/recovery/requested/").context["asked"].reference
    client.post(reverse("recovery_send_again"), {"reference": reference})
    assert "jo&#39;&amp;co@nhs.net" in from_a_shell(client.get("/recovery/"))
    monkeypatch.setattr(remembered_username, "by_choice", lambda _: HOSTILE)
    monkeypatch.setattr(preferred_method, "is_offered", lambda: True)
    from_a_shell(client.get("/log-in/"))
    monkeypatch.setattr(preferred_method, "is_care_identity", lambda _: True)
    from_a_shell(client.get("/log-in/", strange))
    assert_no_words_in(made, "word0123456789abcdefn", "jo&#39;&amp;co", "jo'", "/my-esr/?")


@pytest.mark.usefixtures("language")
def test_the_pages_of_a_person(made: list[shells.Shell]) -> None:
    organisation = make_organisation(name=f"Trust {HOSTILE}")
    there = Application.objects.filter(organisation=organisation)
    there.create(organisation=organisation, name=WRITTEN, address="https://rota.example/?a='&b", description="")
    there.create(organisation=organisation, name="Pay", address="https://pay.example/", description=WRITTEN)
    Notice.objects.create(title=WRITTEN, text=WRITTEN)
    people = [
        make_user(given_name=f"Jo{HOSTILE}", family_name=HOSTILE),
        make_user(given_name="Xyzzy"),
        make_agent(given_name="Xyzzy"),
    ]
    for user in (*people, *people[:2]):
        client = at_work(user) if user.is_staff else PortalClient()
        if not user.is_staff:
            log_in(client, user)
        assert user.username in from_a_shell(client.get("/my-esr/"))
        assert user.username in from_a_shell(client.get("/", {"x": HOSTILE}))
        from_a_shell(client.get("/help/why-cannot-i-get-in/"))
    assert len({id(shell) for shell in made}) < len(made)
    words = [word for user in people for word in (user.username, user.employee_number, user.email)]
    assert_no_words_in(made, "Xyzzy", "word0123456789abcdefn", "Trust", *words)


def assert_no_words_in(made: list[shells.Shell], *words: str) -> None:
    """Threat: what one person typed, or is called, is shown to another."""
    assert made
    for shell in made:
        for word in words:
            assert word.encode() not in b"".join(shell.pieces)
