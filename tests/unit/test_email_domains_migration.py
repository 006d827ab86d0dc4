"""Addresses that the version before stored: their domains become what look-ups ask for, and no address another's."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.identifiers import normalise_email

BEFORE = ("accounts", "0006_last_login_is_gone")
AFTER = ("accounts", "0008_email_domains_as_dns_has_them")
# What was stored before, and what is stored after.
STORED = {
    "jo.smith@nhs.net": "jo.smith@nhs.net",
    "otto@münchen.example": "otto@xn--mnchen-3ya.example",
    "otto@xn--mnchen-3ya.example": "otto@xn--mnchen-3ya.example",
    # Of which letter these were folded, the row does not say.
    "anna.strasse@nhs.net": "anna.strasse@nhs.net",
    "x@fass.example": "x@fass.example",
    "x@βόλοσ.example": "x@xn--nxasmq6b.example",
    # Never to be reached: an agent mends it.
    "ıpek@nhs.net": "ıpek@nhs.net",
    "ıpek@münchen.example": "ıpek@xn--mnchen-3ya.example",
    "x@💩.example": "x@💩.example",
    # As a domain of DNS it would be too long for its column.
    "xxxxxxxx@" + "ü" * 50 + "." + ".".join(["b" * 60] * 3) + ".example": None,
}


def migrate(*targets: tuple[str, str]) -> Any:
    """Bring the database to these migrations; return the apps as they were then."""
    return MigrationExecutor(connection).migrate(list(targets)).apps


@pytest.fixture
def back_to_now(transactional_db: None) -> Iterator[None]:
    """Leave the database as the other tests need it, whatever became of this one."""
    yield
    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.mark.usefixtures("back_to_now")
def test_domains_are_carried_over_and_nothing_before_the_at_sign() -> None:
    apps = migrate(BEFORE)
    organisation = apps.get_model("accounts", "Organisation").objects.create(
        code="999", name="Northern", support_email="esr@nhs.net"
    )
    user_model = apps.get_model("accounts", "User")
    for number, email in enumerate(STORED):
        user = user_model.objects.create(
            username=f"999JS{number:02}",
            given_name="Jo",
            family_name="Smith",
            email=email,
            date_of_birth=datetime.date(1980, 4, 23),
            employee_number=f"{number:08}",
            organisation=organisation,
            password="!",
        )
        apps.get_model("accounts", "FormerEmail").objects.create(user=user, email=email)
        apps.get_model("accounts", "RecoveryLink").objects.create(
            user=user, email=email, token_digest=f"{number}", password_digest="x", expires_at=timezone.now()
        )
    apps = migrate(AFTER)
    expected = [after or before for before, after in STORED.items()]
    for name in ("User", "FormerEmail", "RecoveryLink"):
        stored = apps.get_model("accounts", name).objects.values_list("email", flat=True)
        assert sorted(stored) == sorted(expected)
    # The last is too long in the spelling of look-ups.
    assert [normalise_email(email) for email in expected[:-1]] == expected[:-1]
    assert migrate(BEFORE).get_model("accounts", "User").objects.count() == len(STORED)
