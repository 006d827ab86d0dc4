"""Threat: an agent, alone, lets themselves into another person's account.

The first landed admin let them do it in five presses: change the address, then send the recovery email. Each test tries
one way there, and none ends with a link or a way in that the agent holds, unless a second agent agreed or the person
themselves read out a code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import CareIdentity, RecoveryLink, User
from accounts.services import recovery
from helpdesk.services import proposals
from people.services import care_identity_links, people, rights
from tests.support.factories import make_user
from tests.support.helpdesk import PEOPLE, form_of, page_of
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

MINE = "mine@gmail.example"
UID = "555000000101"


def volunteer() -> User:
    """Return a person who may have any address: the easiest target."""
    return make_user(person_type="volunteer", email="jo@home.example")


def ask_alone(desk: PortalClient, person: User, action: str, how: str = "card", **typed: str) -> None:
    sent = {"reason": "Lost", "how": how, **({"number": "01632 960001"} if how == "call_back" else {}), **typed}
    send(desk, f"/admin/desk/people/{person.pk}/{action}/", sent)


def test_a_new_address_gets_no_link_and_the_old_one_is_told(
    desk: PortalClient, deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    """By a card that the agent says they saw: the address changes, and opens nothing for a day."""
    person = volunteer()
    ask_alone(desk, person, "change_email", value=MINE)
    assert User.objects.get(pk=person.pk).email == MINE
    desk.post(f"{PEOPLE}{person.pk}/send_recovery_email/")
    deliver_mail()
    assert not RecoveryLink.objects.exists()
    assert all("/recovery/link/" not in mail.text for mail in inbox.mails)
    told = inbox.newest("jo@home.example")
    assert "/this-was-not-me/link/" in told.text


def test_the_form_of_the_portal_gives_it_none_either(
    desk: PortalClient, client: PortalClient, deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    person = volunteer()
    ask_alone(desk, person, "change_email", value=MINE)
    born = person.date_of_birth
    date = {"date_of_birth_day": born.day, "date_of_birth_month": born.month, "date_of_birth_year": born.year}
    send(client, "/recovery/", {"email": MINE, **date})
    deliver_mail()
    (mail,) = [mail for mail in inbox.to(MINE) if "it is given no link before" in " ".join(mail.text.split())]
    assert "/recovery/link/" not in mail.text
    assert not RecoveryLink.objects.exists()


@pytest.mark.parametrize("how", ["call_back", "not_checked"])
def test_without_a_code_or_a_card_the_address_does_not_change(desk: PortalClient, how: str) -> None:
    person = volunteer()
    ask_alone(desk, person, "change_email", how, value=MINE)
    assert User.objects.get(pk=person.pk).email == person.email


@pytest.mark.parametrize("field", ["email", "care_identity_number"])
def test_the_form_of_the_record_changes_no_way_in(desk: PortalClient, field: str) -> None:
    """By the plain page of the record, with a field that it does not have."""
    person = volunteer()
    value = {"email": MINE, "care_identity_number": UID}[field]
    desk.post(page_of(person), form_of(person, **{field: value}, family_name="Jones"))
    now = User.objects.get(pk=person.pk)
    assert (now.family_name, now.email) == ("Jones", person.email)
    assert not CareIdentity.objects.exists()


def test_no_service_changes_an_address_for_an_agent_without_a_check(agent: User) -> None:
    person = volunteer()
    person.email = MINE
    with pytest.raises(rights.NotAllowed):
        people.change(person=person, by=agent)


@pytest.mark.parametrize("how", ["card", "call_back", "not_checked"])
def test_no_card_of_the_agents_is_linked_on_their_own_word(desk: PortalClient, how: str) -> None:
    person = volunteer()
    ask_alone(desk, person, "link_care_identity", how, value=UID)
    assert not CareIdentity.objects.exists()


@pytest.mark.parametrize("facts", [{"person_type": "volunteer"}, {"ends_on": ""}, {"is_active": True}])
def test_a_change_of_type_last_day_or_force_makes_the_next_step_need_two(
    desk: PortalClient, facts: dict[str, str], travel: Travel
) -> None:
    """By a record that could not be taken over as it was: first made fit for it, then taken."""
    before: dict[str, Any] = {"person_type": "staff", "ends_on": None, "is_active": True}
    if "ends_on" in facts:
        before["ends_on"] = "2020-01-01"
    if "is_active" in facts:
        before["is_active"] = False
    person = make_user(**before)
    person.refresh_from_db()
    assert desk.post(page_of(person), form_of(person, **facts)).status_code == 302
    ask_alone(desk, person, "change_email", value="other.name@nhs.net")
    assert User.objects.get(pk=person.pk).email == person.email


def test_a_second_change_within_three_days_needs_two(desk: PortalClient) -> None:
    person = make_user()
    ask_alone(desk, person, "change_email", value="first@nhs.net")
    ask_alone(desk, person, "change_email", value="second@nhs.net")
    assert User.objects.get(pk=person.pk).email == "first@nhs.net"


def test_an_address_is_not_confirmed_by_the_agent_who_changed_it(desk: PortalClient, agent: User) -> None:
    person = volunteer()
    ask_alone(desk, person, "change_email", value=MINE)
    ask_alone(desk, person, "confirm_email")
    (waiting,) = proposals.open_ones()
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=waiting, by=agent)
    assert recovery.why_no_link(user=User.objects.get(pk=person.pk)) is recovery.WhyNoLink.HELD


def test_the_second_step_of_a_person_is_not_taken_on_a_call_back(desk: PortalClient) -> None:
    person = volunteer()
    care_identity_links.link(user=person, uid=UID, by=None)
    for action in ("unlink_care_identity", "remove_second_step", "make_bootstrap_code"):
        ask_alone(desk, person, action, "call_back")
    assert CareIdentity.objects.filter(user=person).exists()
