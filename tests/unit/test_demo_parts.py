"""What the demo has made is found by its marks, and deleted by them: `manage.py clear_demo`."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from accounts.models import (
    CareIdentity,
    DemoMark,
    EmailDomain,
    Organisation,
    SecurityEvent,
    Session,
    TrustedNetwork,
    User,
)
from accounts.services import demo_parts
from demo import parts, seed
from demo.cast import CAST
from demo.places import ORGANISATIONS
from hub.models import Application, Notice
from people.organisation_facts import OrganisationFacts
from people.services import care_identity_links, organisations
from tests.support.demo import clear, faults, mark_as_an_upgrade_does, real_organisation
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db


def test_production_refuses_what_the_demo_has_made_and_names_the_command() -> None:
    """Threat: the demo's people, an operator among them, log in to production with a published password."""
    assert faults() == []
    seed.seed()
    (fault,) = faults()
    assert "manage.py clear_demo" in fault
    DemoMark.objects.filter(part=demo_parts.THE_DATABASE).delete()
    assert faults()
    DemoMark.objects.exclude(part="person 101 10000107").delete()
    assert faults()


def test_a_file_that_is_not_there_is_not_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "none.sqlite3"))
    demo_parts.claim()
    assert faults() == []
    assert not list(tmp_path.iterdir())


def test_a_path_that_no_file_can_have_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: a traceback with the path, from each command, where the folder is another user's or the name too long."""
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", "/tmp/" + "y" * 300)  # noqa: S108
    assert demo_parts.tables() == []


def test_all_that_the_demo_has_made_goes_and_nothing_else() -> None:
    real = make_user(organisation=real_organisation("303"), email="jo.real@northern.nhs.uk")
    DemoMark.objects.create(part=demo_parts.THE_DATABASE)
    notice = Notice.objects.create(title="Ours", text="Ours")
    seed.seed()
    Session.objects.create(
        session_key="k", session_data="", expire_date="2030-01-01T00:00Z", user_id=parts.person(CAST[0]).pk
    )
    events = SecurityEvent.objects.count()
    clear("--yes")
    assert list(User.objects.all()) == [real]
    assert list(Organisation.objects.all()) == [real.organisation]
    assert list(Notice.objects.all()) == [notice]
    assert EmailDomain.objects.count() == 1
    for model in (Application, TrustedNetwork, CareIdentity, DemoMark, Session):
        assert not model._default_manager.exists()
    assert SecurityEvent.objects.count() == events
    assert faults() == []


def test_where_there_is_nothing_it_says_so() -> None:
    assert "Nothing in this database was made by the demo." in clear("--yes")


def test_an_upgrade_takes_from_real_organisations_and_people_only_what_the_demo_gave_them() -> None:
    organisation = real_organisation(code="202")
    dev = make_user(organisation=organisation, employee_number="10000201", email="jo.real@northern.nhs.uk")
    ewa = make_user(organisation=organisation, employee_number="10000202", email="ewa@northern.nhs.uk")
    own_card = make_user(organisation=organisation, employee_number="10000203", email="own@northern.nhs.uk")
    care_identity_links.link(user=ewa, uid="555000000105", by=None)
    care_identity_links.link(user=own_card, uid="555000000101", by=None)
    organisations.add(
        facts=OrganisationFacts(
            code="202",
            name=organisation.name,
            support_email=organisation.support_email,
            email_domains=["moorland.nhs.example", "nhsmail.example"],
            trusted_networks=["10.0.0.0/8"],
            requires_internet_access=True,
        )
    )
    mark_as_an_upgrade_does()
    clear("--yes")
    assert set(User.objects.all()) == {dev, ewa, own_card}
    organisation.refresh_from_db()
    assert [row.domain for row in organisation.email_domains.all()] == ["northern.nhs.uk"]
    assert not organisation.trusted_networks.exists()
    assert not organisation.requires_internet_access
    assert list(CareIdentity.objects.values_list("user_id", flat=True)) == [own_card.pk]


def test_an_upgrade_marks_nothing_of_a_real_organisation_with_the_same_codes_and_numbers() -> None:
    for wanted in ORGANISATIONS:
        organisation = real_organisation(wanted.code, trusted_networks=wanted.trusted_networks)
        for part in CAST:
            if part.organisation == wanted.code:
                make_user(organisation=organisation, employee_number=part.employee_number)
    mark_as_an_upgrade_does()
    assert not DemoMark.objects.exists()
