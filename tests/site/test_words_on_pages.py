"""In a made-up language, in which each message stands in «…», nothing that a person reads stands outside.

It finds what no look at the code does: words that are put together, translated too early, or kept in one language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone, translation
from django.utils.html import escape

from accounts.activity_sentences import SHOWN
from accounts.models import Lockout, SecurityEvent
from accounts.services import internet_access, lockout
from accounts.services.second_step import remembered_browsers
from tests.conftest import UNCOLLECTED
from tests.pages.test_security import add_codes, add_passkey, browser_of
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity, smartcard, trust
from tests.support.every_mail import every_mail
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.freezing import not_me_path
from tests.support.helpdesk import make_agent
from tests.support.links import open_link
from tests.support.made_up_language import LANGUAGE, compile_into, outside
from tests.support.steps import PortalClient, about_in, come_in, log_in, send

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import DjangoDbBlocker


pytestmark = pytest.mark.django_db

BROKEN_PASSWORDS = (
    "short",
    "Password1234!",
    "drowssap drowssap 2026",
    "JoSmith-JoSmith",
    "qwertyuiopasdfgh",
    "x" * 300,
)
# What is data, and the names of services: people, organisations, usernames, addresses, references, secrets.
_DATA = re.compile(
    r"Jo Smith|Northern Test Hospitals|99[89][A-Z]+[0-9]*|\S+@\S+|https://\S+|__Host-\S+"
    r"|\b[A-Z0-9]{4}(?:[- ][A-Z0-9]{4})+\b|\bNHS\b|\bESR\b"
)


OFFERED = "https://care-identity.example/.well-known/openid-configuration"


class Shown:
    """Pages by what they show, and mails by their kinds, in the made-up language."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        for state in (_visitors, _recovering, _helped, _people, _securing, _at_work, _agents):
            for name, answer in state():
                self.pages[name] = answer.text
        self.mails = list(every_mail())


@pytest.fixture(scope="module")
def shown(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """Return the portal in the made-up language."""
    folder: Path = tmp_path_factory.mktemp("locale")
    compile_into(folder)
    made_up = override_settings(
        STORAGES=UNCOLLECTED, LANGUAGE_CODE=LANGUAGE, LOCALE_PATHS=[folder], CARE_IDENTITY_DISCOVERY_URL=OFFERED
    )
    with django_db_blocker.unblock(), made_up, translation.override(LANGUAGE), transaction.atomic():
        yield Shown()
        transaction.set_rollback(True)


def _visitors() -> Iterator[tuple[str, Any]]:
    client = PortalClient()
    yield "the front page", client.get("/")
    yield "log-in", client.get("/log-in/")
    yield "log-in after a time-out", client.get("/log-in/?ended")
    yield "log-in, empty", client.post("/log-in/", {})
    yield "log-in, too long", client.post("/log-in/", {"username": "x" * 300, "password": "\0"})
    for typed in ("jo@nhs.net", "90000001", "Jo Smith", "999JSMITH01\0"):
        yield f"log-in as {typed!a}", client.post("/log-in/", {"username": typed, "password": "wrong"})
    for number in range(lockout.LIMIT + 1):
        yield f"wrong password {number}", client.post("/log-in/", {"username": "999NOBODY", "password": "wrong"})
    strict = PortalClient(enforce_csrf_checks=True)
    yield "log-in without a cookie", strict.post("/log-in/", {"username": "999NOBODY"})
    strict.get("/log-in/")
    yield "log-in of an old page", strict.post("/log-in/", {"username": "999NOBODY"})
    yield "a form of an old page", strict.post("/change-password/", {})
    yield "logged out", client.get("/log-out/")
    yield "no such page", client.get("/no-such-page/")


def _recovering() -> Iterator[tuple[str, Any]]:
    client, today = PortalClient(), timezone.localdate()
    right = {"email": "jo@nhs.net", "date_of_birth_day": "23", "date_of_birth_month": "4", "date_of_birth_year": "1980"}
    yield "recovery", client.get("/recovery/")
    yield "recovery, empty", client.post("/recovery/", {})
    wrong: list[dict[str, str]] = [
        {"email": "jo"},
        {"email": "jö@nhs.net"},
        {"email": "jo@nhs.ent"},
        {"date_of_birth_day": "45", "date_of_birth_month": "Mar ch", "date_of_birth_year": "80"},
        {"date_of_birth_day": "31", "date_of_birth_month": "2"},
        {"date_of_birth_year": "1780"},
        {"date_of_birth_year": str(today.year + 1)},
        {"date_of_birth_day": "", "date_of_birth_year": ""},
    ]
    for each in wrong:
        yield f"recovery of {each}", client.post("/recovery/", right | each)
    yield "requested", client.post("/recovery/", right, follow=True)
    yield "sent again too soon", client.get("/recovery/requested/?too-soon")
    address = open_link(client, make_user())
    yield "new password", client.get(address)
    for password in ("", *BROKEN_PASSWORDS):
        yield f"new password {password[:30]!r}", send(client, address, {"new_password": password})
    yield "recovered", send(client, address, {"new_password": "marble lantern orchard"}, follow=True)
    yield "a dead link", client.get("/recovery/new-password/")
    address = client.get(not_me_path(make_user()))["Location"]
    yield "was it not you", client.get(address)
    yield "the account is stopped", send(client, address, follow=True)
    yield "a dead link of a change", client.get(address)


def _helped() -> Iterator[tuple[str, Any]]:
    client = PortalClient()
    for address in (
        *("/help/", "/help/?organisation=", "/help/?organisation=x", "/help/?organisation=northern"),
        *("/help/why-cannot-i-get-in/", "/accessibility/", "/privacy/", "/cookies/"),
    ):
        yield address, client.get(address)


def _people() -> Iterator[tuple[str, Any]]:
    user, client = make_user(), PortalClient()
    come_in(client, user)
    yield "My ESR", client.get("/my-esr/")
    yield "asked whether to stop the account", client.get("/my-esr/security/this-was-not-me/")
    yield "asked whether to log out", client.get("/log-out/")
    yield "Manage Internet Access, not proven", client.get("/internet-access/")
    change = "/change-password/"
    yield "change of password", client.get(change)
    yield "change of password, empty", send(client, change, {})
    typed = {"current_password": "wrong", "new_password": "short"}
    yield "change of password, wrong", send(client, change, typed)
    Lockout.objects.update(failures=lockout.LIMIT - 1)
    yield "change of password, locked", send(client, change, typed)
    other = PortalClient()
    told = make_user(must_change_password=True)
    log_in(other, told)
    yield "has to change the password", other.get("/log-in/change-password/")
    new = {"new_password": "marble lantern orchard"}
    yield "changed as told", send(other, "/log-in/change-password/", new, follow=True)
    again = {"current_password": "marble lantern orchard", "new_password": "marble lantern orchard"}
    yield "the same password", send(other, change, again)
    again["new_password"] = "marble lantern orchard 1"
    yield "nearly the same password", send(other, change, again)
    again["new_password"] = PASSWORD
    yield "a password of before", send(other, change, again)
    yield "changed", send(other, change, again | {"new_password": "velvet kettle monsoon"}, follow=True)


def _securing() -> Iterator[tuple[str, Any]]:
    user, client, security = link(make_user()), PortalClient(), "/my-esr/security/"
    come_in(client, user)
    yield "security, no second step", client.get(security)
    add_codes(user, left=1)
    yield "security, few codes", client.get(security)
    PhoneApp.of(user)
    remembered_browsers.remember(user=user)
    passkey = f"{security}passkeys/{add_passkey(user, name='Jo Smith').pk}"
    add_passkey(user, name="Jo Smith", confirmed=False, backup_state=False)
    browser_of(user)
    for event in SHOWN:
        SecurityEvent.objects.create(event=event, user=user, by=make_agent(), address="127.0.0.1")
        SecurityEvent.objects.create(event=event, user=user, address="127.0.0.1")
    yield "security", client.get(security)
    for number in range(6):
        page = client.get(f"{security}activity/", {"before": f"{10**16 - 1}-{20 * number}"})
        yield f"activity {number}", page
    for path in (f"{security}add-passkey/", f"{security}remove-app/", f"{passkey}/rename/", f"{passkey}/remove/"):
        yield path, client.get(path)
    yield "rename a passkey, empty", send(client, f"{passkey}/rename/", {"name": ""})
    yield "rename a passkey, too long", send(client, f"{passkey}/rename/", {"name": "x" * 61})
    yield "passkey renamed", send(client, f"{passkey}/rename/", {"name": "Jo Smith"}, follow=True)
    yield "passkey removed", send(client, f"{passkey}/remove/", follow=True)
    yield "app removed", send(client, f"{security}remove-app/", follow=True)
    about = about_in(client.get(security))
    for path in ("log-out-browser", "forget-browser", "log-out-others"):
        yield path, client.post(f"{security}{path}/", about, follow=True)
    session = client.session
    session["proved_at"] = 0.0
    session.save()
    yield "asked to confirm", client.post(f"{security}log-out-others/", about, follow=True)
    yield "confirmed wrongly", send(client, f"{security}confirm/", {"current_password": "wrong"})
    yield "not confirmed", send(client, f"{security}confirm/", {})


def _at_work() -> Iterator[tuple[str, Any]]:
    organisation = make_organisation(code="998", requires_internet_access=True)
    trust(organisation)
    frozen = link(make_user(password_frozen_at=timezone.now()), uid="555000000998")
    with_card = log_in_by_care_identity(PortalClient(), frozen, smartcard(uid="555000000998"))
    yield "My ESR while the password is frozen", with_card.get("/my-esr/")
    user = link(make_user(organisation=organisation, password=None))
    client, address = log_in_by_care_identity(PortalClient(), user), "/internet-access/"
    page = client.get(address)
    yield "Manage Internet Access", page
    shown = {"email_shown": internet_access.email_digest(user=user)}
    yield "Manage Internet Access, empty", send(client, address, shown)
    for answer, password in (("no", "short"), ("yes", "Password1234!"), ("yes", "marble lantern orchard")):
        typed = {**shown, "is_their_email": answer, "new_password": password}
        yield f"Manage Internet Access, {answer}, {password}", send(client, address, typed, follow=True)
    yield "giving it up", client.get("/internet-access/withdraw/")
    yield "given up", send(client, "/internet-access/withdraw/", follow=True)


def _agents() -> Iterator[tuple[str, Any]]:
    new, old = make_agent(), make_agent()
    PhoneApp.of(old)
    for user, address in ((new, "/second-step/set-up/app/"), (old, "/log-in/second-step/")):
        client = PortalClient()
        log_in(client, user)
        yield address, client.get(address)
        for code in ("", "12", "0" * 100, "000000", "000001"):
            yield f"{address} {code[:9]}", send(client, address, {"code": code})


def unknown(texts: list[str]) -> list[str]:
    """Return the texts that are more than data."""
    without = [_DATA.sub("", text) for text in texts]
    return [rest.strip() for rest in without if any(c.isalpha() for c in rest)]


def test_every_word_of_a_page_can_be_translated(shown: Shown) -> None:
    assert len(shown.pages) > 80
    found = {name: words for name, page in shown.pages.items() if (words := unknown(outside(page)))}
    assert not found


def test_every_word_of_a_mail_can_be_translated(shown: Shown) -> None:
    assert len(shown.mails) > 10
    found = {}
    for each in shown.mails:
        html = str(each.alternatives[0][0])
        if words := unknown(outside(html) + outside(escape(each.body)) + outside(each.subject)):
            found[each.subject] = words
    assert not found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>«Log in» now</p>", ["now"]),
        ("<p>«Log <a href='/'>in</a> now»</p>", []),
        ("<p>«You have «2 minutes» left»: 10</p>", []),
        ("<img alt='A card'><nav aria-label='«Pages»'></nav>", ["A card"]),
        ("<input type='submit' value='Go'><input type='text' value='Jo'>", ["Go"]),
        ("<template><p>Done:</p></template><!-- why --><script>let x</script>", ["Done:"]),
    ],
)
def test_what_stands_outside_is_found(html: str, found: list[str]) -> None:
    assert outside(html) == found
