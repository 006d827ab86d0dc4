"""Addresses that the version before stored: their domains become what look-ups ask for, and no address another's."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.identifiers import normalise_email
from tests.support.versions import add_people, migrate

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


@pytest.mark.usefixtures("empty_database")
def test_domains_are_carried_over_and_nothing_before_the_at_sign() -> None:
    apps = migrate(BEFORE)
    add_people(apps, "999", {f"999JS{number:02}": {"email": email} for number, email in enumerate(STORED)})
    for number, user in enumerate(apps.get_model("accounts", "User").objects.order_by("username")):
        apps.get_model("accounts", "FormerEmail").objects.create(user=user, email=user.email)
        apps.get_model("accounts", "RecoveryLink").objects.create(
            user=user, email=user.email, token_digest=f"{number}", password_digest="x", expires_at=timezone.now()
        )
    apps = migrate(AFTER)
    expected = [after or before for before, after in STORED.items()]
    for name in ("User", "FormerEmail", "RecoveryLink"):
        stored = apps.get_model("accounts", name).objects.values_list("email", flat=True)
        assert sorted(stored) == sorted(expected)
    # The last is too long in the spelling of look-ups.
    assert [normalise_email(email) for email in expected[:-1]] == expected[:-1]
    assert migrate(BEFORE).get_model("accounts", "User").objects.count() == len(STORED)
