"""The demo's parts in the database, each found by its mark: never by a code or number that others may have."""

from __future__ import annotations

from accounts.models import Organisation, User
from accounts.services import demo_parts
from demo.cast import Part
from demo.places import DemoOrganisation


class NotSeeded(Exception):
    """A person of the cast is not in the database: `manage.py seed_demo` was not run."""


class Taken(Exception):
    """A row that the demo did not make has a code or a number that a part of the demo needs; the message says which."""


def name_of(part: Part | DemoOrganisation) -> str:
    """Return what the row of a part is marked with."""
    if isinstance(part, DemoOrganisation):
        return f"organisation {part.code}"
    return f"person {part.organisation} {part.employee_number}"


def person(part: Part) -> User:
    """Return the login of `part`. Raises NotSeeded."""
    found = User.objects.select_related("organisation").filter(pk__in=demo_parts.key(name_of(part))).first()
    if found is None:
        raise NotSeeded
    return found


def organisation(wanted: DemoOrganisation) -> Organisation | None:
    """Return the organisation that the demo has made for `wanted`, or None.

    Raises Taken where another organisation has its code.
    """
    found = Organisation.objects.filter(pk__in=demo_parts.key(name_of(wanted))).first()
    if found is None and Organisation.objects.filter(code=wanted.code).exists():
        raise Taken(f"An organisation that the demo did not make has the code {wanted.code}.")
    return found


def refuse_taken(part: Part) -> None:
    """Raise Taken where a person that the demo did not make has the ESR number of `part`, which is still to be made."""
    if User.objects.filter(organisation__code=part.organisation, employee_number=part.employee_number).exists():
        raise Taken(
            f"A person that the demo did not make has the ESR number {part.employee_number} at organisation "
            f"{part.organisation}."
        )
