"""Seeding the demo: all of it is there at first, and an older demo gets what it lacks with the next start."""

from __future__ import annotations

import pytest

from accounts import trusted_networks
from accounts.models import CareIdentity, Organisation, OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import care_identities, internet_access
from demo import seed
from demo.cast import CAST, ORGANISATIONS, Part, Situation
from people.organisation_facts import OrganisationFacts
from people.services import care_identity_links, organisations, people

pytestmark = pytest.mark.django_db


def part(given_name: str, organisation: str = "") -> Part:
    return next(p for p in CAST if p.given_name == given_name and organisation in p.organisation)


def test_everybody_has_the_card_of_their_part_and_nobody_gets_a_mail_about_it() -> None:
    seed.seed()
    for each in CAST:
        card = care_identities.of(user=seed.find(each))
        assert (card.uid if card else "") == each.care_identity
    assert {login.organisation.code for login in care_identities.logins(uid=part("Ewa").care_identity)} == {
        "101",
        "202",
    }
    assert not OutboxMessage.objects.exists()


def test_one_can_try_to_be_inside_and_outside_on_one_computer() -> None:
    """The browser of a demo is on the computer that it runs on."""
    seed.seed()
    for address in ("127.0.0.1", "::1"):
        assert trusted_networks.trusting(address=address) == {Organisation.objects.get(code="101").pk}
    smartcard_only = next(p for p in CAST if p.situation is Situation.CARE_IDENTITY_ONLY)
    assert (smartcard_only.organisation, bool(smartcard_only.care_identity)) == ("101", True)
    assert not internet_access.works_outside(user=seed.find(part("Ewa", "202")))
    assert internet_access.works_outside(user=seed.find(part("Dev")))


def test_an_older_demo_gets_networks_cards_people_and_internet_access() -> None:
    for organisation in ORGANISATIONS:
        contact = f"esr@{organisation.domain}"
        facts = OrganisationFacts(
            code=organisation.code, name="Renamed", support_email=contact, email_domains=["nhs.example"]
        )
        organisations.add(facts=facts)
    for each in CAST:
        if each.given_name != "Harjit":
            person = User(
                given_name=each.given_name,
                family_name=each.family_name,
                email=each.email,
                date_of_birth=each.date_of_birth,
                employee_number=each.employee_number,
                organisation=Organisation.objects.get(code=each.organisation),
            )
            people.add(person=person, by=None)
    seed.seed()
    assert CareIdentity.objects.count() == len([each for each in CAST if each.care_identity])
    assert Organisation.objects.get(code="202").requires_internet_access
    assert set(Organisation.objects.values_list("name", flat=True)) == {"Renamed"}
    assert internet_access.works_outside(user=seed.find(part("Dev")))
    assert [row.kind for row in OutboxMessage.objects.all()] == [Kind.INTERNET_ACCESS_GRANTED]


def test_what_was_done_in_the_demo_stays_so() -> None:
    seed.seed()
    amina, femi, jess = (seed.find(part(name)) for name in ("Amina", "Femi", "Jess"))
    care_identity_links.unlink(user=amina, by=None)
    care_identity_links.link(user=femi, uid=part("Amina").care_identity, by=jess)
    care_identity_links.unlink(user=jess, by=None)
    internet_access.withdraw(user=seed.find(part("Dev")), by=jess)
    before = [list(model._default_manager.order_by("pk").values()) for model in (User, CareIdentity, Organisation)]
    seed.seed()
    after = [list(model._default_manager.order_by("pk").values()) for model in (User, CareIdentity, Organisation)]
    assert after == before
