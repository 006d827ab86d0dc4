"""A hundred pages, in the states that have words of their own, and every mail: what tests of words read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.activity_sentences import SHOWN
from accounts.models import Lockout, SecurityEvent
from accounts.services import internet_access, lockout
from accounts.services.second_step import remembered_browsers
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity, smartcard, trust
from tests.support.every_mail import every_mail
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.freezing import not_me_path
from tests.support.helpdesk import make_agent
from tests.support.links import open_link
from tests.support.protection import add_codes, add_passkey, browser_of
from tests.support.steps import PortalClient, about_in, come_in, log_in, send

if TYPE_CHECKING:
    from collections.abc import Iterator

BROKEN_PASSWORDS = (
    "short",
    "Password1234!",
    "drowssap drowssap 2026",
    "JoSmith-JoSmith",
    "qwertyuiopasdfgh",
    "x" * 300,
)


class Shown:
    """Pages by what they show, and mails by their kinds, in the language that is active."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        for state in (_visitors, _recovering, _helped, _people, _securing, _at_work, _agents):
            for name, answer in state():
                self.pages[name] = answer.text
        self.mails = list(every_mail())


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
