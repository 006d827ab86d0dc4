"""People and organisations for tests, ordinary unless told otherwise."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.hashers import Argon2idPasswordHasher
from accounts.models import EmailDomain, Organisation, User
from accounts.models.role import NO_ROLE, Role

PASSWORD = "violet harbour tandem 7"
NEW_PASSWORD = "marble lantern orchard"
DATE_OF_BIRTH = datetime.date(1980, 4, 23)

# 999JSMITH01 is the example on the log-in page. Tests that no page has the year of birth look for its digits.
_number = (n for n in itertools.count(11) if "1980" not in str(n))
_hashes: dict[tuple[str, int], str] = {}


def make_organisation(
    *, code: str = "999", name: str = "Northern Test Hospitals", domain: str = "nhs.net", **facts: Any
) -> Organisation:
    """Return the organisation with this code, made where it is missing."""
    organisation = Organisation.objects.filter(code=code).first()
    is_new = organisation is None
    if organisation is None:
        facts.setdefault("support_email", f"esr@org{code}.nhs.example")
        organisation = Organisation.objects.create(code=code, name=name, **facts)
    # Most tests begin with one, and `get_or_create` takes a savepoint for each row.
    if domain and (is_new or not organisation.email_domains.filter(domain=domain).exists()):
        EmailDomain.objects.create(organisation=organisation, domain=domain)
    return organisation


def make_user(*, password: str | None = PASSWORD, **facts: Any) -> User:
    """Return a new person: Jo Smith at Northern Test Hospitals, with PASSWORD unless `password` is None.

    With `is_staff` they are an agent, with `is_superuser` as well a national administrator, where no `role` is given.
    """
    facts.setdefault("role", _role(**{flag: facts.pop(flag, False) for flag in ("is_staff", "is_superuser")}))
    user = _unsaved(facts.pop("organisation", None) or make_organisation(), password, facts)
    user.save()
    return user


def make_many(count: int) -> list[User]:
    """Return so many new people like that of `make_user`, stored at once."""
    organisation = make_organisation()
    return User.objects.bulk_create(_unsaved(organisation, PASSWORD, {}) for _ in range(count))


def _unsaved(organisation: Organisation, password: str | None, facts: dict[str, Any]) -> User:
    n = next(_number)
    return User(
        **{
            "username": f"{organisation.code}JSMITH{n:02}",
            "given_name": "Jo",
            "family_name": "Smith",
            "email": f"jo.smith{n}@nhs.net",
            "date_of_birth": DATE_OF_BIRTH,
            # Far from those that tests write themselves.
            "employee_number": f"{90_000_000 + n}",
            "organisation": organisation,
            "password": _hash(password) if password is not None else "",
            **facts,
        }
    )


def _role(*, is_staff: bool, is_superuser: bool) -> str:
    if is_superuser:
        return Role.NATIONAL_ADMIN
    return Role.AGENT if is_staff else NO_ROLE


def _hash(password: str) -> str:
    """Return a real hash of the strength that new ones have, computed once a run and password."""
    key = password, Argon2idPasswordHasher.memory_cost
    if key not in _hashes:
        _hashes[key] = make_password(password)
    return _hashes[key]
