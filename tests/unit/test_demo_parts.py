"""What the demo has made is found by its marks, and deleted by them: `manage.py clear_demo`."""

from __future__ import annotations

import importlib
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from accounts import checks
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
from demo.cast import CAST, ORGANISATIONS
from hub.models import Application, Notice
from people.organisation_facts import OrganisationFacts
from people.services import care_identity_links, organisations
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db

E020 = "esr_portal.E020"
migration = importlib.import_module("accounts.migrations.0007_demo_marks")


def clear(*options: str) -> str:
    printed = StringIO()
    call_command("clear_demo", *options, stdout=printed)
    return printed.getvalue()


def real_organisation(code: str = "303", **more: Any) -> Organisation:
    facts = OrganisationFacts(
        code=code,
        name="Northern Hospitals",
        support_email="esr@northern.nhs.uk",
        email_domains=["northern.nhs.uk"],
        **more,
    )
    return organisations.add(facts=facts).organisation


def faults() -> list[str]:
    """Return what production refuses about the database. The tests' own mail server is refused too."""
    return [f"{fault.id} {fault.hint}" for fault in checks.configuration_is_safe(None) if fault.id == E020]


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


@pytest.mark.parametrize("error", [DatabaseError, None])
def test_a_database_that_does_not_answer_or_is_not_migrated_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    def names() -> list[str]:
        if error:
            raise error
        return []

    seed.seed()
    monkeypatch.setattr(connection.introspection, "table_names", names)
    assert faults() == []


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


def test_nothing_is_deleted_until_it_is_said() -> None:
    seed.seed()
    before = User.objects.count(), DemoMark.objects.count()
    with pytest.raises(CommandError, match="add --yes"):
        clear()
    assert (User.objects.count(), DemoMark.objects.count()) == before


def test_what_will_go_is_listed() -> None:
    seed.seed()
    said = clear("--yes")
    assert "101AOKAFOR01" in said
    assert "Riverside Hospitals NHS Trust (101)" in said
    assert "notices: 2" in said
    assert "applications: 5" in said


def test_all_that_the_demo_has_made_goes_and_nothing_else() -> None:
    real = make_user(organisation=real_organisation(), email="jo.real@northern.nhs.uk")
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


def test_people_added_to_its_organisations_stay_until_it_is_said() -> None:
    seed.seed()
    added = make_user(organisation=Organisation.objects.get(code="101"), email="jo.real@northern.nhs.uk")
    marks = DemoMark.objects.count()
    with pytest.raises(CommandError, match=r"people that the demo did not make are at its organisations \(1\)"):
        clear("--yes")
    assert User.objects.filter(pk=added.pk).exists()
    assert DemoMark.objects.count() == marks
    assert added.username in clear("--yes", "--with-people-added")
    assert not User.objects.exists()
    assert not Organisation.objects.exists()


def test_where_there_is_nothing_it_says_so() -> None:
    assert "Nothing in this database was made by the demo." in clear("--yes")


def test_what_was_deleted_by_hand_is_no_obstacle() -> None:
    seed.seed()
    User.objects.all().delete()
    Organisation.objects.all().delete()
    clear("--yes")
    assert not DemoMark.objects.exists()


def mark_as_an_upgrade_does() -> None:
    migration._mark_what_the_demo_made(apps, SimpleNamespace(connection=connection))


def test_an_upgrade_marks_what_the_version_before_put_into_a_production() -> None:
    """Threat: its operator with the published password stays, because there were no marks then."""
    seed.seed()
    marked = set(
        DemoMark.objects.filter(model__in=["accounts.User", "accounts.Organisation"]).values_list("part", "row")
    )
    DemoMark.objects.all().delete()
    real = make_user(organisation=real_organisation(), email="jo.real@northern.nhs.uk")
    mark_as_an_upgrade_does()
    assert marked <= set(DemoMark.objects.values_list("part", "row"))
    assert faults()
    assert not demo_parts.is_demo()
    clear("--yes")
    assert list(User.objects.all()) == [real]


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
