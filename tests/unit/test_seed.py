"""Seeding the demo: all of it is there at first, and no database with real people becomes one."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import (
    CareIdentity,
    Organisation,
    OutboxMessage,
    User,
)
from accounts.models.outbox import Kind
from accounts.services import daily_counts, demo_parts, internet_access
from demo import ownership, parts, seed
from demo.cast import CAST
from demo.management.commands import seed_demo
from demo.places import ORGANISATIONS
from people.organisation_facts import OrganisationFacts
from people.services import organisations, people
from tests.support.demo import everything, part, real_organisation, real_person

pytestmark = pytest.mark.django_db


def test_an_older_demo_gets_networks_cards_people_and_internet_access() -> None:
    demo_parts.claim()
    for organisation in ORGANISATIONS:
        contact = f"esr@{organisation.domain}"
        facts = OrganisationFacts(
            code=organisation.code, name="Renamed", support_email=contact, email_domains=["nhs.example"]
        )
        made = organisations.add(facts=facts).organisation
        demo_parts.mark(part=parts.name_of(organisation), row=made)
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
            demo_parts.mark(part=parts.name_of(each), row=people.add(person=person, by=None))
    seed.seed()
    assert CareIdentity.objects.count() == len([each for each in CAST if each.care_identity])
    assert Organisation.objects.get(code="202").requires_internet_access
    assert set(Organisation.objects.values_list("name", flat=True)) == {"Renamed"}
    assert internet_access.works_outside(user=parts.person(part("Dev")))
    assert [row.kind for row in OutboxMessage.objects.all()] == [Kind.INTERNET_ACCESS_GRANTED]


def test_a_database_with_real_people_is_left_as_it_is() -> None:
    """Threat: people with a published password, an operator among them, in a production database."""
    real_person(real_organisation(code="999"))
    before = everything()
    with pytest.raises(ownership.NotTheDemos):
        seed.seed()
    with pytest.raises(CommandError, match="no demo made") as refused:
        call_command(seed_demo.Command())
    assert "\n" not in str(refused.value)
    assert everything() == before


def test_an_organisation_without_people_is_real_too() -> None:
    real_organisation(code="999")
    with pytest.raises(ownership.NotTheDemos):
        seed.seed()


def test_nor_an_organisation_with_one_of_its_codes() -> None:
    demo_parts.claim()
    real = real_organisation(code="202")
    with pytest.raises(CommandError, match="has the code 202"):
        call_command(seed_demo.Command())
    assert list(Organisation.objects.all()) == [real]
    assert [row.domain for row in real.email_domains.all()] == ["northern.nhs.uk"]
    assert not real.trusted_networks.exists()


def test_nothing_stays_of_a_seeding_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed, "_give_internet_access", Mock(side_effect=RuntimeError))
    with pytest.raises(RuntimeError):
        seed.seed()
    assert not any(everything())


def test_the_month_before_today_has_numbers_for_the_overview_and_no_worker_counts_it_from_events() -> None:
    seed.seed()
    today = timezone.localdate()
    organisation = Organisation.objects.get(code="101")
    first = today - 30 * daily_counts.DAY
    counts = daily_counts.by_day(organisation=organisation, first=first, last=today)
    assert sorted(counts) == [first + n * daily_counts.DAY for n in range(30)]
    for numbers in counts.values():
        assert numbers["recovery/back_in"] <= numbers["recovery/mailed"] <= numbers["recovery/asked"]
    assert daily_counts.count_next() == today
    # Started again the next day, it changes no day that is there.
    seed.seed()
    assert daily_counts.count_next() is None
    assert daily_counts.by_day(organisation=organisation, first=first, last=today - daily_counts.DAY) == counts
