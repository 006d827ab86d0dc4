"""What the helpdesk sees and does about a person's Care Identity and internet access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import CareIdentity, OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import internet_access
from people.services import care_identity_links
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, form_of, lock, messages, page_of, text
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

UID, OTHER = "555000000101", "555000000202"
NUMBER = "care_identity_number"


@pytest.fixture(autouse=True)
def offered(settings: Settings) -> None:
    """Offer Care Identity, as a portal does that is connected to it."""
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care.example/.well-known/openid-configuration"


def linked(person: User) -> list[str]:
    return list(CareIdentity.objects.filter(user=person).values_list("uid", flat=True))


def with_card(**facts: Any) -> User:
    person = make_user(**facts)
    care_identity_links.link(user=person, uid=UID, by=None)
    OutboxMessage.objects.all().delete()
    return person


def at_home_only_with_internet_access(**facts: Any) -> User:
    """Return a person whose organisation asks for internet access outside its networks."""
    organisation = make_organisation()
    organisation.requires_internet_access = True
    organisation.save()
    return make_user(organisation=organisation, **facts)


def faults(desk: PortalClient, address: str, sent: dict[str, Any]) -> list[str]:
    response = desk.post(address, sent)
    assert response.status_code == 200
    return [
        e.get_text() for e in BeautifulSoup(response.content, "html.parser").select(f".field-{NUMBER} .errorlist li")
    ]


# The number -----------------------------------------------------------------------------------------------------------


def test_other_changes_leave_it_alone(desk: PortalClient) -> None:
    person = with_card()
    assert desk.post(page_of(person), form_of(person, family_name="Jones")).status_code == 302
    assert linked(person) == [UID]
    assert not OutboxMessage.objects.exists()


def test_somebody_new_can_have_one_at_once(desk: PortalClient, agent: User) -> None:
    sent = form_of(make_user(), employee_number="20000001", new_date_of_birth="1/1/1980", **{NUMBER: UID})
    assert desk.post(f"{PEOPLE}add/", {**sent, "organisation": agent.organisation_id}).status_code == 302
    assert linked(User.objects.get(employee_number="20000001")) == [UID]


def test_the_one_of_a_colleague_is_refused_beside_its_box(desk: PortalClient, agent: User) -> None:
    colleague = with_card()
    says = [f"{colleague.username} at this organisation has this Care Identity. Take it away there first."]
    new = form_of(make_user(), employee_number="20000001", new_date_of_birth="1/1/1980", **{NUMBER: UID})
    assert faults(desk, f"{PEOPLE}add/", {**new, "organisation": agent.organisation_id}) == says


def test_a_page_that_was_open_meanwhile_does_not_bring_a_former_one_back(desk: PortalClient) -> None:
    """Threat: a lost card is unlinked, and a page that was open saves the old number again."""
    person = with_card()
    sent = form_of(person, family_name="Jones")
    care_identity_links.unlink(user=person, by=None)
    assert desk.post(page_of(person), sent).status_code == 302
    assert linked(person) == []
    sent = form_of(person, family_name="Brown")
    care_identity_links.link(user=person, uid=OTHER, by=None)
    assert desk.post(page_of(person), sent).status_code == 302
    assert linked(person) == [OTHER]


def found(client: PortalClient, typed: str) -> set[str]:
    page = BeautifulSoup(client.get(PEOPLE, {"q": typed}).content, "html.parser")
    return {cell.get_text() for cell in page.select(".field-username")}


def test_a_person_is_found_by_the_whole_number(desk: PortalClient) -> None:
    person, _ = with_card(), make_user()
    for typed in (UID, "5550 0000 0101", f" {UID}\u200b"):
        assert found(desk, typed) == {person.username}
    assert found(desk, OTHER) == found(desk, UID[:11]) == set()


def test_nobody_elsewhere_is_found_by_it(desk: PortalClient) -> None:
    with_card(organisation=make_organisation(code="111", name="Southern"))
    assert found(desk, UID) == set()


# The diagnosis --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "Yes, with Care Identity or a password."),
        ({"must_change_password": True}, "or a password. They must set a new password at the next log-in with it."),
        ({"password": None}, "With Care Identity. They have no password: send the recovery email if they want one."),
        ({"password": None, "care_identity_only": True}, "With Care Identity only. They have no password"),
        ({"is_active": False}, "No: not active"),
    ],
)
def test_the_page_says_how_somebody_with_a_card_gets_in(desk: PortalClient, facts: dict[str, Any], says: str) -> None:
    page = text(desk, page_of(with_card(**facts)))
    assert says in page
    assert f"Care Identity: {UID}, linked on " in page


def test_a_lock_does_not_keep_a_card_out(desk: PortalClient) -> None:
    person = with_card()
    lock(person)
    assert "With Care Identity, which also unlocks them. With a password not now: locked" in text(desk, page_of(person))


def test_whoever_needs_a_card_and_has_none_linked_cannot_get_in(desk: PortalClient) -> None:
    page = text(desk, page_of(make_user(password=None, care_identity_only=True)))
    assert "No: they log in with Care Identity only, and none is linked. Link it on the desk." in page
    assert "Care Identity: None linked" in page


def test_a_card_lets_nobody_in_where_the_portal_is_not_connected(desk: PortalClient, settings: Settings) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = ""
    person = with_card(password=None, care_identity_only=True)
    assert "with Care Identity only, and this portal is not connected to it." in text(desk, page_of(person))


def test_the_page_says_that_a_password_works_inside_alone(desk: PortalClient) -> None:
    person = at_home_only_with_internet_access()
    inside = "Only from the organisation’s network: they have no internet access."
    assert f"Can get in: {inside}" in text(desk, page_of(person))
    assert "Internet access: None: they never asked for it" in text(desk, page_of(person))
    care_identity_links.link(user=person, uid=UID, by=None)
    assert "With Care Identity. With a password only from the organisation’s network" in text(desk, page_of(person))


def test_the_page_says_where_nobody_needs_internet_access(desk: PortalClient) -> None:
    page = text(desk, page_of(make_user()))
    assert "Internet access: Not needed: this organisation lets passwords in from anywhere" in page
    assert "Give internet access" not in page
    assert "Withdraw internet access" not in page


# Giving and withdrawing internet access -------------------------------------------------------------------------------


def test_internet_access_is_given_with_one_press(desk: PortalClient, agent: User) -> None:
    person = at_home_only_with_internet_access()
    assert "Give internet access" in text(desk, page_of(person))
    assert desk.post(f"{PEOPLE}{person.pk}/give_internet_access/")["Location"] == page_of(person)
    assert messages(desk, page_of(person)) == [f"{person} has internet access now, and is told by email."]
    person.refresh_from_db()
    assert internet_access.works_outside(user=person)
    event = SecurityEvent.objects.get(event=Event.INTERNET_ACCESS_GRANTED)
    assert (event.user_id, event.by_id) == (person.pk, agent.pk)
    assert OutboxMessage.objects.get().kind == Kind.INTERNET_ACCESS_GRANTED
    page = text(desk, page_of(person))
    assert "Can get in: Yes." in page
    assert f"Internet access: Yes, since {timezone.localdate().day} " in page
    assert "Give internet access" not in page


def test_internet_access_is_withdrawn_with_one_press(desk: PortalClient, agent: User) -> None:
    person = make_user(internet_access_since=timezone.now())
    assert "Withdraw internet access" in text(desk, page_of(person))
    desk.post(f"{PEOPLE}{person.pk}/withdraw_internet_access/")
    assert messages(desk, page_of(person)) == [f"{person} has no internet access any more, and is told by email."]
    person.refresh_from_db()
    assert internet_access.status(user=person) is internet_access.Status.WITHDRAWN
    event = SecurityEvent.objects.get(event=Event.INTERNET_ACCESS_WITHDRAWN)
    assert (event.user_id, event.by_id) == (person.pk, agent.pk)
    page = text(desk, page_of(person))
    assert "Internet access: Withdrawn on " in page
    assert "Give internet access" in page


def test_a_second_press_says_that_nothing_is_left_to_do(desk: PortalClient) -> None:
    person = make_user(internet_access_since=timezone.now())
    desk.post(f"{PEOPLE}{person.pk}/give_internet_access/")
    assert messages(desk) == [f"{person} has internet access already."]
    for _ in range(2):
        desk.post(f"{PEOPLE}{person.pk}/withdraw_internet_access/")
    assert messages(desk)[-1] == f"{person} had no internet access to withdraw."
    assert SecurityEvent.objects.filter(event=Event.INTERNET_ACCESS_WITHDRAWN).count() == 1


@pytest.mark.parametrize("button", ["give_internet_access", "withdraw_internet_access"])
def test_a_link_to_a_button_does_nothing(desk: PortalClient, button: str) -> None:
    person = make_user()
    assert desk.get(f"{PEOPLE}{person.pk}/{button}/").status_code == 405
    person.refresh_from_db()
    assert internet_access.status(user=person) is internet_access.Status.NOT_REQUESTED
