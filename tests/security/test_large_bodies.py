"""Threat: a stranger sends a file of gigabytes to a form, and the server's disk is full or its workers are busy.

Django's limit is for fields alone: files go to the disk, however large.
"""

from __future__ import annotations

import io
import tempfile
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import PeopleUpload
from accounts.models.role import Role
from esr_portal.last_headers import with_last_headers
from helpdesk.services.people_uploads import taking
from tests.support.factories import make_user
from tests.support.helpdesk import about_of, at_work, make_lead
from tests.support.imports import NEW, csv_of, send_file
from tests.support.people_files import JO, jo
from tests.support.steps import PortalClient, come_in

pytestmark = pytest.mark.django_db


class Upload(io.BytesIO):
    """A file that knows whether any of it was read."""

    def __init__(self, size: int) -> None:
        super().__init__(b"x" * size)
        self.was_read = False

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, and note that."""
        self.was_read = True
        return super().read(size)


@pytest.mark.parametrize("address", ["/log-in/", "/recovery/", "/password-check/", "/admin/", "/no-such-page/"])
def test_a_large_file_is_refused_without_reading_it(client: PortalClient, address: str) -> None:
    body = Upload(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    answer = client.generic(
        "POST",
        address,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        **{"wsgi.input": body},
    )
    assert answer.status_code == 413
    assert "too much" in answer.text
    assert "Content-Security-Policy" in answer.headers
    assert not body.was_read


def sent_by(status: str) -> dict[str, str]:
    """Return the headers that the web server is given with an answer of this status."""
    given: list[tuple[str, str]] = []
    application = with_last_headers(lambda _, start: (start(status, [("Allow", "GET")]), [b""])[1])
    start: Any = lambda _, headers, *__: given.extend(headers)  # noqa: E731
    list(application({}, start))
    return dict(given)


def test_after_a_refused_body_the_connection_is_closed() -> None:
    """Threat: the rest of the body is read to its end, or as the next request of another person behind the proxy."""
    assert sent_by("413 Request Entity Too Large") == {"Allow": "GET", "Server": "ESR", "Connection": "close"}


def test_the_web_server_does_not_say_what_it_is() -> None:
    """Threat: an attacker looks up the faults of this server's version."""
    assert sent_by("200 OK") == {"Allow": "GET", "Server": "ESR"}


def test_what_may_be_sent_is_kept_in_memory() -> None:
    """A file below the limit never touches the disk."""
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("length", ["", "-1", "x", "1e9", "９９９９９９９９９"])
def test_a_length_that_is_none_is_no_way_round(client: PortalClient, length: str) -> None:
    answer = client.post("/log-in/", {"username": "A", "password": "b"}, CONTENT_LENGTH=length)
    assert answer.status_code in {200, 400, 413}


# Files of people, which are larger --------------------------------------------------------------------------------


def send_large(client: PortalClient, size: int, address: str = NEW) -> tuple[int, bool]:
    """Return the status that a file of this size is answered with, and whether any of it was read."""
    body = Upload(size)
    kind = "multipart/form-data; boundary=x"
    sent = {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    return client.generic("POST", address, b"", content_type=kind, **sent).status_code, body.was_read


@pytest.mark.parametrize("role", [None, *(role for role in Role if role not in {Role.LEAD, Role.NATIONAL_ADMIN})])
def test_a_file_of_people_is_not_read_from_those_who_may_not_import(client: PortalClient, role: Role | None) -> None:
    sender = at_work(make_user(role=role)) if role else client
    assert send_large(sender, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1) == (413, False)


def test_nor_from_a_person_who_is_no_agent(client: PortalClient) -> None:
    assert send_large(come_in(client, make_user()), settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1) == (413, False)


def test_a_lead_sends_as_much_as_is_kept_to_this_address_alone() -> None:
    assert set(settings.LARGER_BODIES) == {NEW} == {reverse("admin:desk_import_new")}
    most = settings.LARGER_BODIES[NEW]
    assert taking.LARGEST < most < taking.LARGEST + 2**20
    desk = at_work(make_lead())
    assert send_large(desk, most + 1) == (413, False)
    assert send_large(desk, most, "/admin/desk/imports/") == (413, False)
    assert send_large(desk, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)[0] != 413


def test_without_a_token_nothing_of_a_file_is_kept() -> None:
    """Threat: a page elsewhere has a lead's browser upload a file."""
    desk = at_work(make_lead(), PortalClient(enforce_csrf_checks=True))
    answer = desk.post(NEW, {"about": about_of(desk), "file": SimpleUploadedFile("people.csv", csv_of(JO))})
    assert answer.status_code == 403
    assert not PeopleUpload.objects.exists()


def test_a_file_of_people_touches_the_disk_sealed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: dates of birth stay behind on the disk of a server that was switched off."""
    written = []

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return super().write(text)

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_, **__: Watched())
    lines = [jo(employee_number=f"1{n:07}") for n in range(60_000)]
    assert send_file(at_work(make_lead()), csv_of(*lines)).status_code == 302
    assert len(written) > 10
    assert all(len(piece) > 20 and "~" in piece[:20] for piece in written)
    # By chance a few of its characters are there: what is sealed has all letters and digits.
    assert "1980-04-23" in lines[0]
    assert "1980-04-23" not in "".join(written)


def test_a_second_file_in_a_form_is_not_kept() -> None:
    desk = at_work(make_lead())
    files = [SimpleUploadedFile("a.csv", csv_of(JO)), SimpleUploadedFile("b.csv", b"x" * 1000)]
    desk.post(NEW, {"about": about_of(desk), "file": files[0], "other": files[1]})
    assert PeopleUpload.objects.get().of == files[0].size
