"""The desk's pages of imports: what is counted, and how far the work is."""

from __future__ import annotations

import pytest

from accounts.models import PeopleUploadPiece, User
from accounts.models.people_upload import UploadState
from helpdesk.services.people_uploads import deciding, looking
from tests.pages.test_desk_imports import LIST, percent
from tests.support.helpdesk import at_work, make_lead, text
from tests.support.imports import csv_of, page_of, press, upload, work
from tests.support.people_files import JO, jo
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(lead: User) -> PortalClient:
    return at_work(lead)


def test_what_nobody_confirms_is_erased_after_a_day(desk: PortalClient, travel: Travel) -> None:
    row = work(upload(csv_of(JO), by=make_lead()))
    assert "If nobody confirms it, the file is erased on" in text(desk, page_of(row))
    travel(hours=24)
    desk = at_work(make_lead())
    assert "Nothing was done" in desk.get(press(desk, row, "confirm").url).text
    work(row)
    assert row.state == UploadState.OVER
    assert not PeopleUploadPiece.objects.exists()
    assert "Not confirmed in time" in text(desk, page_of(row))
    assert "Added 0 Changed 0" in text(desk, page_of(row))


def test_a_file_that_is_cancelled_counts_nothing_that_was_not_done(desk: PortalClient) -> None:
    row = work(upload(csv_of(JO), by=make_lead()))
    assert "Added 1 Changed 0" in text(desk, page_of(row))
    press(desk, row, "cancel")
    page = text(desk, page_of(row))
    assert "Cancelled" in page
    assert "Added 0 Changed 0" in page
    assert "0 added, 0 changed, 0 left out" in text(desk, LIST)


def test_a_file_that_is_being_checked_says_how_far_that_is(
    desk: PortalClient, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BETWEEN_NOTES", 0.0)
    row = upload(csv_of(*(jo(employee_number=f"1{number:07}") for number in range(3000))), by=lead)
    told = []
    looking.look(upload=row, keep=lambda: told.append(percent(desk, row)))
    assert any(0 < percent < 100 for percent in told), told
    row.refresh_from_db()
    deciding.confirm(upload=row, by=lead, digest=row.digest)
    assert percent(desk, row) == 0
