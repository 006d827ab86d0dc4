"""Seeding a demo again: it gets what it lacks, and what was done in it stays so."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import trusted_networks
from accounts.models import (
    CareIdentity,
    DemoMark,
    Organisation,
    OutboxMessage,
    User,
)
from accounts.models.people_upload import UploadState
from accounts.models.role import Role
from accounts.services import care_identities, internet_access, leaving, log_in, password_policy
from demo import ownership, parts, sample_file, seed
from demo.cast import CAST, PASSWORD
from demo.management.commands import seed_demo
from demo.situations import Situation
from helpdesk import tables
from helpdesk.services.people_uploads import deciding
from people.services import care_identity_links
from tests.support.database import is_sqlite
from tests.support.demo import everything, part, real_organisation, real_person
from tests.support.factories import make_user
from tests.support.imports import looked_at, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_everybody_has_the_card_of_their_part_and_nobody_gets_a_mail_about_it() -> None:
    for each in CAST:
        card = care_identities.of(user=parts.person(each))
        assert (card.uid if card else "") == each.care_identity
    assert {login.organisation.code for login in care_identities.logins(uid=part("Ewa").care_identity)} == {
        "101",
        "202",
    }
    assert not OutboxMessage.objects.exists()


def test_one_can_try_to_be_inside_and_outside_on_one_computer() -> None:
    """The browser of a demo is on the computer that it runs on."""
    for address in ("127.0.0.1", "::1"):
        assert trusted_networks.trusting(address=address) == {Organisation.objects.get(code="101").pk}
    smartcard_only = next(p for p in CAST if p.situation is Situation.CARE_IDENTITY_ONLY)
    assert (smartcard_only.organisation, bool(smartcard_only.care_identity)) == ("101", True)
    assert not internet_access.works_outside(user=parts.person(part("Ewa", "202")))
    assert internet_access.works_outside(user=parts.person(part("Dev")))


def test_what_was_done_in_the_demo_stays_so() -> None:
    amina, femi, jess = (parts.person(part(name)) for name in ("Amina", "Femi", "Jess"))
    care_identity_links.unlink(user=amina, by=None)
    care_identity_links.link(user=femi, uid=part("Amina").care_identity, by=jess)
    care_identity_links.unlink(user=jess, by=None)
    internet_access.withdraw(user=parts.person(part("Dev")), by=jess)
    before = [list(model._default_manager.order_by("pk").values()) for model in (User, CareIdentity, Organisation)]
    seed.seed()
    after = [list(model._default_manager.order_by("pk").values()) for model in (User, CareIdentity, Organisation)]
    assert after == before


def test_the_password_of_the_dormant_is_dormant_until_it_is_woken() -> None:
    quentin = parts.person(part("Quentin"))
    assert log_in.check_password(username=quentin.username, password=PASSWORD).user is None
    password_policy.set_password(user=quentin, password="harbour velvet biscuit")
    seed.seed()
    assert not parts.person(part("Quentin")).is_dormant()


def test_the_person_who_leaves_soon_does_so_again_where_the_day_went_by() -> None:
    ruth = parts.person(part("Ruth"))
    assert leaving.is_offered(user=ruth)
    User.objects.filter(pk=ruth.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    seed.seed()
    assert leaving.is_offered(user=parts.person(part("Ruth")))


def test_the_file_to_import_adds_a_person_changes_another_and_has_a_line_with_a_fault() -> None:
    lead = parts.person(part("Nadia"))
    row = looked_at(b"".join(tables.as_csv("people", sample_file.rows())), by=lead)
    assert (row.state, row.added, row.changed, row.left_out) == (UploadState.READY, 1, 1, 1)
    assert row.guarded == [], "the lead can import it alone"
    deciding.confirm(upload=row, by=lead, digest=row.digest)
    assert work(row).state == UploadState.APPLIED
    assert parts.person(part("Femi")).family_name == "Adeyemi-Cole"


@pytest.mark.parametrize("address", ["jo.real@northern.nhs.uk", "jo@home.example.org", "jo@example"])
def test_what_the_demo_of_the_version_before_mixed_with_real_people_is_not_a_demo(address: str) -> None:
    """Threat: `make run` on the SQLite file of a production into which the demo was seeded before there were marks."""
    make_user(organisation=Organisation.objects.get(code="101"), employee_number="20000001", email=address)
    DemoMark.objects.all().delete()
    with pytest.raises(ownership.NotTheDemos):
        seed.seed()


def test_nor_is_one_elsewhere_than_in_the_state_folder(settings: Any, tmp_path: Path) -> None:
    DemoMark.objects.all().delete()
    settings.STATE_DIR = tmp_path
    with pytest.raises(ownership.NotTheDemos):
        seed.seed()


@pytest.mark.skipif(not is_sqlite(), reason="make run had no other database")
def test_a_demo_of_the_version_before_goes_on_with_its_own_people_and_those_added() -> None:
    added = make_user(
        organisation=Organisation.objects.get(code="101"), employee_number="20000001", email="new@nhsmail.example"
    )
    User.objects.filter(employee_number="10000102").update(email="ben@elsewhere.example")
    Organisation.objects.filter(code="101").update(name="Renamed")
    marks = set(DemoMark.objects.values_list("part", "model", "row"))
    DemoMark.objects.all().delete()
    before = everything()
    seed.seed()
    assert set(DemoMark.objects.values_list("part", "model", "row")) == marks
    assert everything()[:-1] == before[:-1]
    assert User.objects.filter(pk=added.pk).exists()


def test_people_added_to_a_demo_are_welcome() -> None:
    real_person(real_organisation(code="303"))
    before = everything()
    seed.seed()
    assert everything() == before


def test_the_demo_takes_no_person_with_one_of_its_numbers_for_its_own() -> None:
    """Threat: a real person becomes a demo part: locked, or given internet access or a card that is public."""
    ben = parts.person(part("Ben"))
    organisation, number = ben.organisation, ben.employee_number
    ben.delete()
    real_person(organisation, number)
    before = everything()
    with pytest.raises(CommandError, match=r"10000102 at organisation 101\. Nothing was changed"):
        call_command(seed_demo.Command())
    assert everything() == before
    with pytest.raises(parts.NotSeeded):
        parts.person(part("Ben"))


def test_the_helpdesk_of_a_demo_from_before_there_were_roles_is_an_agent_afterwards() -> None:
    jess, priya = parts.person(part("Jess")), parts.person(part("Priya"))
    assert (jess.username, jess.role, priya.role) == ("101JTURNER01", Role.AGENT, Role.NATIONAL_ADMIN)
    priya.delete()
    User.objects.filter(pk=jess.pk).update(role=Role.NATIONAL_ADMIN)
    seed.seed()
    assert [parts.person(part(name)).role for name in ("Jess", "Nadia", "Owen", "Priya")] == [
        Role.AGENT,
        Role.LEAD,
        Role.AUDITOR,
        Role.NATIONAL_ADMIN,
    ]
    assert not OutboxMessage.objects.exists()
    User.objects.filter(pk=jess.pk).update(role=Role.NATIONAL_ADMIN)
    seed.seed()
    assert parts.person(part("Jess")).role == Role.NATIONAL_ADMIN, "what was done in the demo stays so"


def test_a_person_who_was_deleted_is_made_again() -> None:
    parts.person(part("Ben")).delete()
    seed.seed()
    assert parts.person(part("Ben")).given_name == "Ben"


def test_a_record_whose_number_and_code_were_changed_is_still_the_demos() -> None:
    Organisation.objects.filter(code="202").update(code="303")
    User.objects.filter(employee_number="10000202").update(employee_number="20000009")
    before = everything()
    seed.seed()
    assert everything() == before
