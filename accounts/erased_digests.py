"""By what is known of an erased person: keyed digests of the ESR number and of the username."""

from __future__ import annotations

from accounts.identifiers import earlier_keyed_digests, keyed_digest

_NUMBER, _USERNAME = "erased_person.number", "erased_person.username"


def of_number(*, organisation_id: int, employee_number: str) -> str:
    """Return the digest of an ESR number at an organisation."""
    return keyed_digest(purpose=_NUMBER, value=f"{organisation_id} {employee_number}")


def of_username(username: str) -> str:
    """Return the digest of a username."""
    return keyed_digest(purpose=_USERNAME, value=username)


def each_of_number(*, organisation_id: int, employee_number: str) -> list[str]:
    """Return the digest of an ESR number under each key, while the keys are changed."""
    value = f"{organisation_id} {employee_number}"
    return [keyed_digest(purpose=_NUMBER, value=value), *earlier_keyed_digests(purpose=_NUMBER, value=value)]


def each_of_username(username: str) -> list[str]:
    """Return the digest of a username under each key, while the keys are changed."""
    return [of_username(username), *earlier_keyed_digests(purpose=_USERNAME, value=username)]
