"""A role and the rights that it grants are stored together, and so while versions change."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.models.role import NO_ROLE, Role
from tests.support.database import is_sqlite
from tests.support.factories import make_user


@pytest.mark.django_db
@pytest.mark.skipif(is_sqlite(), reason="two versions run side by side on PostgreSQL alone")
def test_while_versions_change_the_role_follows_the_flags_that_the_one_before_writes() -> None:
    """Threat: in those minutes an operator takes rights away, and the new version still grants them."""
    person = make_user(role=Role.LEAD)

    def write(**flags: bool) -> str:
        columns = ", ".join(f"{flag} = {is_on}" for flag, is_on in flags.items())
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE accounts_user SET {columns}")  # noqa: S608 (written above)
        person.refresh_from_db()
        return person.role

    assert write(is_staff=True) == Role.LEAD
    assert write(is_superuser=True) == Role.NATIONAL_ADMIN
    assert write(is_superuser=False) == Role.AGENT
    assert write(is_staff=False) == NO_ROLE


@pytest.mark.django_db
def test_a_role_and_its_flags_are_stored_together() -> None:
    person = make_user()
    for role, flags in ((Role.NATIONAL_ADMIN, (True, True)), (Role.AUDITOR, (True, False)), (NO_ROLE, (False, False))):
        person.role = role
        person.save(update_fields=["role"])
        person.refresh_from_db()
        assert (person.is_staff, person.is_superuser) == flags
        User.objects.filter(pk=person.pk).update(role=NO_ROLE)
        User.objects.filter(pk=person.pk).update(role=role)
        person.refresh_from_db()
        assert (person.is_staff, person.is_superuser) == flags


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        "role = 'national_admin'",
        "role = 'auditor'",
        "role = 'owner', is_staff = true",
        "role = 'lead', is_superuser = true",
    ],
)
def test_the_database_refuses_a_role_that_is_unknown_or_grants_other_rights(written: str) -> None:
    make_user()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {written}")  # noqa: S608 (written above)
