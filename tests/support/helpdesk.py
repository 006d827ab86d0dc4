"""People at work in the admin, for its tests."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup

from accounts.browser import about
from accounts.models import CareIdentity, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import events, lockout, second_step
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.steps import PortalClient, come_in

PEOPLE = "/admin/accounts/user/"


def make_agent(**facts: Any) -> User:
    """Return an agent of Northern Test Hospitals, or of another `organisation`."""
    return make_user(role=Role.AGENT, **facts)


def make_lead(**facts: Any) -> User:
    """Return an agent who may approve what another asks for."""
    return make_user(role=Role.LEAD, **facts)


def make_operator(**facts: Any) -> User:
    """Return a national administrator, who looks after every organisation."""
    return make_user(role=Role.NATIONAL_ADMIN, **facts)


def at_work(user: User, client: PortalClient | None = None) -> PortalClient:
    """Return the browser of an agent or operator who has logged in with password and code; a new one, or `client`.

    With neither their pages nor their stages, which tests/pages/test_second_step.py shows.
    """
    device = second_step.check(user=user, code=PhoneApp.of(user).code())
    second_step.note_works(user)
    return come_in(client or PortalClient(), user, second_step=device)


def about_of(desk: PortalClient) -> str:
    """Return what the desk's forms are about that this browser has open now."""
    return about.person(User.objects.get(pk=desk.session["_auth_user_id"]))


def page_of(person: User) -> str:
    """Return the address of a person's page."""
    return f"{PEOPLE}{person.pk}/change/"


def form_of(person: User, **typed: Any) -> dict[str, Any]:
    """Return what the form on a person's page sends when `typed` was changed in it."""
    shown = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "employee_number": person.employee_number,
        "person_type": person.person_type,
        "starts_on": person.starts_on or "",
        "ends_on": person.ends_on or "",
        "is_active": person.is_active,
        "must_change_password": person.must_change_password,
        "care_identity_only": person.care_identity_only,
        "care_identity_number": "".join(CareIdentity.objects.filter(user=person).values_list("uid", flat=True)),
        "role": person.role,
    }
    # A box that is not ticked sends nothing. The page sends what it showed as well.
    sent = {name: value for name, value in (shown | typed).items() if value is not False}
    return sent | {f"initial-{name}": value for name, value in shown.items()}


def lock(person: User) -> None:
    """Use up the tries of a person, as wrong passwords do."""
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=person.username)
    events.record(event=Event.LOCKED, user_id=person.pk)


def text(client: PortalClient, address: str) -> str:
    """Return what a page says, in one line."""
    response = client.get(address)
    assert response.status_code == 200
    main = part_of(response.content.decode(), "main").select_one("main")
    assert main is not None
    # Where a long address may break is not where a word ends.
    for place in main.select("wbr"):
        place.unwrap()
    main.smooth()
    return " ".join(main.get_text(" ").split())


def part_of(page: str, name: str) -> BeautifulSoup:
    """Return what stands in a page from the first element of this name to its last: the rest takes as long to read."""
    start, end = page.find(f"<{name}"), page.rfind(f"</{name}>")
    return BeautifulSoup(page[start : end + len(name) + 3] if 0 <= start < end else "", "html.parser")


def messages(client: PortalClient, address: str = PEOPLE) -> list[str]:
    """Return what the admin says came of the last thing done."""
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return [" ".join(message.get_text().split()) for message in page.select(".messagelist li")]
