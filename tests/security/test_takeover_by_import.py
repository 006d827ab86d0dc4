"""Threat: an agent who may import lets themselves into another person's account by a file.

By hand, an address or a Care Identity on a record that is there takes a check of the caller or a second agent (decision
50). A file is a faster hand: what it may do alone is no more, for any number of people at once.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import CareIdentity, User
from accounts.models.people_upload import UploadState
from accounts.models.role import Role
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_operator, text
from tests.support.imports import (
    MINE,
    UID,
    WITH_CARD,
    confirmed_alone,
    csv_of,
    is_as_before,
    line_of,
    looked_at,
    page_of,
    press,
    victim,
    work,
)
from tests.support.people_files import HEADING, jo
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(lead: User) -> PortalClient:
    return at_work(lead)


def test_one_agent_changes_no_address_by_a_file(
    lead: User, desk: PortalClient, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    person, other = victim(), make_user(employee_number="10000002", family_name="Smyth")
    row = confirmed_alone(csv_of(line_of(person, email=MINE), line_of(other, family_name="Smith")), lead, desk)
    assert (row.state, row.changed, row.left_out) == (UploadState.APPLIED, 1, 1)
    assert is_as_before(person)
    assert User.objects.get(pk=other.pk).family_name == "Smith"
    assert "Another email address needs a second agent" in text(desk, page_of(row))
    deliver_mail()
    assert not inbox.to(MINE)


def test_a_person_is_told_of_each_fact_by_which_it_is_decided_who_gets_in(
    lead: User, desk: PortalClient, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """Threat: a thief of a lead's session brings a leaver back for a while, or ends all people, by one file."""
    heading = f"{HEADING},starts_on,ends_on"
    back, ended, renamed = (
        make_user(employee_number=f"1000000{n}", email=f"jo{n}@nhs.net", family_name="Smyth") for n in range(3)
    )
    lines = [f"{line_of(back, person_type='student')},,", f"{line_of(ended)},,2030-01-31"]
    row = confirmed_alone(csv_of(*lines, f"{line_of(renamed, family_name='Smith')},,", heading=heading), lead, desk)
    assert (row.state, row.changed) == (UploadState.APPLIED, 3)
    deliver_mail()
    assert [len(inbox.to(person.email)) for person in (back, ended, renamed)] == [1, 1, 0]


def test_nor_a_care_identity(lead: User, desk: PortalClient) -> None:
    """A card of the agent's opens the account that minute."""
    person = victim()
    row = confirmed_alone(csv_of(f"{line_of(person)},{UID}", heading=WITH_CARD), lead, desk)
    assert row.left_out == 1
    assert is_as_before(person)


@pytest.mark.parametrize(
    "facts",
    [
        {"email": MINE, "person_type": "volunteer"},
        {"email": MINE, "person_type": "volunteer", "family_name": "Doe"},
    ],
    ids=["type", "all"],
)
def test_an_address_with_a_type_is_left_out_whoever_agrees(
    lead: User, desk: PortalClient, facts: dict[str, str]
) -> None:
    """A volunteer may have any address: a second agent would see the address alone."""
    person = victim(person_type="staff", email="jo@nhs.net")
    row = looked_at(csv_of(line_of(person, **facts)), by=lead)
    assert (row.guarded, row.left_out) == ([], 1)
    press(desk, row, "confirm", guarded="ask", reason="x")
    work(row)
    assert is_as_before(person)


def test_an_address_and_a_card_do_not_change_together(lead: User) -> None:
    person = victim()
    row = looked_at(csv_of(f"{line_of(person, email=MINE)},{UID}", heading=WITH_CARD), by=lead)
    assert (row.guarded, row.left_out) == ([], 1)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.NATIONAL_ADMIN])
@pytest.mark.parametrize("facts", [{"email": MINE}, {"family_name": "Other"}, {"ends_on": "2020-01-01"}])
def test_nothing_about_a_person_with_a_role_changes(
    lead: User, desk: PortalClient, role: Role, facts: dict[str, str]
) -> None:
    person = victim(role=role)
    days = facts.get("ends_on", "")
    line = f"{line_of(person, **{name: fact for name, fact in facts.items() if name != 'ends_on'})},{days}"
    row = looked_at(csv_of(line, heading=f"{HEADING},ends_on"), by=lead)
    assert (row.changed, row.guarded, row.left_out) == (0, [], 1)
    press(desk, row, "confirm")
    work(row)
    assert is_as_before(person)


def test_nor_does_the_agents_own_record(lead: User, desk: PortalClient) -> None:
    row = confirmed_alone(csv_of(line_of(lead, family_name="Other")), lead, desk)
    assert (row.changed, row.left_out) == (0, 1)
    assert is_as_before(lead)


def test_an_agent_does_not_change_how_another_account_of_theirs_gets_in(lead: User) -> None:
    same = victim(email=lead.email)
    CareIdentity.objects.create(user=lead, uid=UID)
    row = looked_at(csv_of(line_of(same, email=MINE)), by=lead)
    assert (row.guarded, row.left_out) == ([], 1)


def test_nor_gives_a_person_their_own_mailbox(lead: User) -> None:
    row = looked_at(csv_of(line_of(victim(), email=lead.email)), by=lead)
    assert (row.guarded, row.left_out) == ([], 1)


def test_nor_their_own_card() -> None:
    """A national administrator's card is known at another organisation, so it is free at this one."""
    operator = make_operator(organisation=make_organisation(code="111", name="South"))
    CareIdentity.objects.create(user=operator, uid=UID)
    person = victim()
    row = looked_at(csv_of(f"{line_of(person)},{UID}", heading=WITH_CARD), by=operator, into=person.organisation)
    assert (row.guarded, row.left_out) == ([], 1)


def test_a_new_person_gets_no_username_of_the_agents_choice(lead: User) -> None:
    """By hand nobody chooses one."""
    row = looked_at(csv_of(f"{jo()},999ADMIN01", heading=f"{HEADING},username"), by=lead)
    assert (row.added, row.left_out) == (0, 1)


def test_a_card_of_another_person_is_not_moved(lead: User) -> None:
    holder, person = make_user(employee_number="10000002"), victim()
    CareIdentity.objects.create(user=holder, uid=UID)
    lines = [f"{line_of(person)},{UID}", f"{line_of(holder)},555000000202"]
    row = looked_at(csv_of(*lines, heading=WITH_CARD), by=lead)
    assert [each["person"] for each in row.guarded] == [holder.pk]
    assert row.left_out == 1


def test_nobody_learns_of_or_changes_another_organisation(lead: User, desk: PortalClient) -> None:
    there = make_user(organisation=make_organisation(code="111", name="South"), employee_number="10000001")
    mine, none = line_of(there, organisation="111", email=MINE), jo(organisation="111", employee_number="10000009")
    row = confirmed_alone(csv_of(mine, none), lead, desk)
    assert row.left_out == 2
    assert len({fault[2] for fault in row.faults}) == 1
    assert is_as_before(there)


def test_a_national_administrator_needs_a_second_agent_too() -> None:
    operator = make_operator()
    person = victim(organisation=operator.organisation)
    row = confirmed_alone(csv_of(line_of(person, email=MINE)), operator, at_work(operator))
    assert row.left_out == 1
    assert is_as_before(person)
