"""Imports of people from the desk, for their tests."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accounts.models import CareIdentity, PeopleUpload, User
from helpdesk.services.people_uploads import taking
from people.services import people
from tests.support.factories import make_user
from tests.support.helpdesk import about_of
from tests.support.people_files import HEADING, jo

if TYPE_CHECKING:
    from typing import Any

    from accounts.models import Organisation
    from tests.support.steps import PortalClient

NEW = "/admin/desk/imports/new/"
# Of an agent who is after the account of another person.
MINE = "mine@gmail.example"
UID = "555000000101"
WITH_CARD = f"{HEADING},care_identity"


def csv_of(*lines: str, heading: str = HEADING) -> bytes:
    """Return a CSV file of these lines."""
    return "\n".join([heading, *lines, ""]).encode()


def upload(content: bytes, *, by: User, name: str = "people.csv", into: Organisation | None = None) -> PeopleUpload:
    """Return what a file is kept as that `by` has uploaded for an organisation: their own, where none is given."""
    sealed_as = uuid.uuid4()
    pieces = [taking.seal_piece(content, sealed_as=sealed_as, number=0)]
    return taking.take(
        organisation=into or by.organisation,
        file_name=name,
        size=len(content),
        sealed_as=sealed_as,
        pieces=pieces,
        by=by,
    )


def work(row: PeopleUpload) -> PeopleUpload:
    """Let a worker do what is due; return the import as it is then."""
    call_command("work", once=True)
    row.refresh_from_db()
    return row


def looked_at(content: bytes, *, by: User, into: Organisation | None = None) -> PeopleUpload:
    """Return an import that is to be confirmed."""
    return work(upload(content, by=by, into=into))


def send_file(desk: PortalClient, content: bytes, name: str = "people.csv", **typed: Any) -> Any:
    """Upload a file on the desk's page; return the answer."""
    file = SimpleUploadedFile(name, content)
    return desk.post(NEW, {"about": about_of(desk), "file": file, **typed})


def page_of(row: PeopleUpload) -> str:
    """Return the address of the page of an import."""
    return f"/admin/desk/imports/{row.pk}/"


def press(desk: PortalClient, row: PeopleUpload, what: str, **typed: Any) -> Any:
    """Press a button on the page of an import, as that page is; return the answer."""
    return desk.post(f"{page_of(row)}{what}/", {"about": about_of(desk), "look": row.digest, **typed})


def victim(**facts: Any) -> User:
    """Return a person who may have any address: the easiest target."""
    return make_user(**{"employee_number": "10000001", "person_type": "volunteer", "email": "jo@home.example"} | facts)


def line_of(person: User, **facts: str) -> str:
    """Return the line of a person as they are, with other facts."""
    as_they_are = {
        "employee_number": person.employee_number,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "date_of_birth": person.date_of_birth.isoformat(),
        "person_type": person.person_type,
    }
    return jo(**as_they_are | facts)


def confirmed_alone(content: bytes, lead: User, desk: PortalClient) -> PeopleUpload:
    """Return an import that one agent has confirmed and a worker has done."""
    row = looked_at(content, by=lead)
    press(desk, row, "confirm", guarded="leave_out")
    return work(row)


def is_as_before(person: User) -> bool:
    """Return whether the record of a person is as it was, without a Care Identity."""
    now = User.objects.get(pk=person.pk)
    return (
        all(getattr(now, name) == getattr(person, name) for name in people.PERSON_FIELDS)
        and not CareIdentity.objects.filter(user=person).exists()
    )
