"""Threat: break the desk's pages with what no agent types: far too much of it, and what no column can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import OutageUnlock, PeopleUpload, Proposal, SecurityEvent, User
from accounts.models.proposal import Action
from helpdesk import actions
from helpdesk.outage_forms import beginning
from helpdesk.services import proposals
from helpdesk.services.people_uploads import deciding, taking
from tests.support.corrections import asked_by_card
from tests.support.factories import make_user
from tests.support.helpdesk import about_of, at_work, make_agent, make_lead, make_operator
from tests.support.imports import NEW, csv_of, line_of, looked_at, page_of, victim
from tests.support.people_files import JO
from tests.unit.test_outage import lock, preview, was_in

if TYPE_CHECKING:
    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TYPED = {"100 kB": "x" * 100_000, "1 MB": "ℝ " * 250_000, "NUL": "a\0b"}
ABOUT_A_PERSON = [*(each.name for each in actions.ALL if each.do), "date_of_birth", "last_day"]


@pytest.fixture(params=list(TYPED.values()), ids=list(TYPED))
def typed(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answers(desk: PortalClient, address: str, fields: dict[str, Any], typed: str) -> None:
    """Post a form once for each field, with `typed` in it; each answer is a page that says what is wrong."""
    for field in fields:
        answer = desk.post(address, {"about": about_of(desk), **fields, field: typed})
        # To go on is right where the field does not count for what was pressed.
        assert answer.status_code in {200, 302, 403, 404, 409, 413}, (address, field, answer.status_code)


def test_what_is_typed_about_a_person(typed: str) -> None:
    desk, person = at_work(make_lead()), make_user()
    for name in ABOUT_A_PERSON:
        answer = desk.post(f"/admin/desk/people/{person.pk}/{name}/", {"about": about_of(desk), "note": typed})
        assert answer.status_code in {200, 409}, name
        assert answer.status_code == 409 or "Error: " in answer.text
    assert not SecurityEvent.objects.filter(note__isnull=False).exclude(note="").exists()


@pytest.mark.parametrize("action", Action)
def test_what_is_asked_for_a_caller(action: Action, typed: str) -> None:
    desk, person = at_work(make_agent()), make_user()
    fields = {"how": "not_checked", "code": "", "number": "", "reason": "Married", "value": "jo.new@nhs.net"}
    answers(desk, f"/admin/desk/people/{person.pk}/{action.value}/", fields, typed)
    assert not Proposal.objects.exclude(reason="Married").exists()


def test_what_a_second_agent_types(typed: str) -> None:
    asked = proposals.ask(
        person=make_user(), action=Action.CHANGE_EMAIL, by=make_agent(), reason="Married", value="jo.new@nhs.net"
    )
    desk = at_work(make_lead())
    for what in ("refuse", "agree"):
        answers(desk, f"/admin/desk/second-agent/{asked.pk}/{what}/", {"decision": "No"}, typed)
    asked.refresh_from_db()
    assert len(asked.decision) <= 200
    assert "\0" not in asked.decision


def test_what_is_typed_about_a_correction(typed: str) -> None:
    found, desk = asked_by_card(make_user()), at_work(make_agent())
    for what in ("accept", "refuse"):
        answer = desk.post(f"/admin/desk/corrections/{found.pk}/{what}/", {"about": about_of(desk), "reason": typed})
        assert answer.status_code == 200
        assert "Error: " in answer.text
    # It is there still: one that is decided is deleted.
    found.refresh_from_db()


def test_what_is_typed_about_an_import(typed: str, lead: User) -> None:
    row = looked_at(csv_of(line_of(victim(), email="jo@new.example")), by=lead)
    desk, second = at_work(lead), at_work(make_lead())
    fields = {"look": row.digest, "guarded": "ask", "reason": "New domain"}
    answers(desk, f"{page_of(row)}confirm/", {"look": "0" * 64, **fields}, typed)
    PeopleUpload.objects.filter(state="ready").update(digest=row.digest)
    row.refresh_from_db()
    if row.state == "ready":
        deciding.confirm(upload=row, by=lead, digest=row.digest, with_guarded=True, reason="New domain")
    for what in ("refuse", "agree"):
        answers(second, f"{page_of(row)}{what}/", {"look": "0" * 64, "decision": "No"}, typed)
    row.refresh_from_db()
    for kept in (row.reason, row.decision):
        assert len(kept) <= 200
        assert "\0" not in kept


def test_a_file_of_any_name_is_taken_under_a_name_that_can_be_shown(typed: str, lead: User) -> None:
    desk = at_work(lead)
    file = SimpleUploadedFile("people.csv", csv_of(JO))
    # The class of uploads would tidy it; a browser of an attacker does not.
    file.__dict__["_name"] = f"{typed}.csv"
    answer = desk.post(NEW, {"about": about_of(desk), "file": file})
    assert answer.status_code in {200, 302, 400, 413}
    for row in PeopleUpload.objects.all():
        assert len(row.file_name) <= taking.LONGEST_FILE_NAME
        assert row.file_name.isprintable()
        assert desk.get(page_of(row)).status_code == 200


def test_which_organisation_a_file_is_for(typed: str) -> None:
    desk = at_work(make_operator())
    file = SimpleUploadedFile("people.csv", csv_of(JO))
    answer = desk.post(NEW, {"about": about_of(desk), "file": file, "organisation": typed})
    assert answer.status_code == 200
    assert "Error: " in answer.text


@pytest.mark.parametrize("is_operator", [False, True], ids=["lead", "operator"])
def test_what_is_typed_about_an_outage(typed: str, is_operator: bool) -> None:
    by, person = make_operator() if is_operator else make_lead(), make_user()
    desk = at_work(by)
    answers(desk, "/admin/desk/unlock-many/", {"organisation": "", **beginning()}, typed)
    was_in(person)
    lock(person)
    row = preview(by)
    answer = desk.post(f"/admin/desk/unlock-many/{row.pk}/do/", {"about": about_of(desk), "note": typed})
    assert answer.status_code == 200
    assert "Error: " in answer.text
    assert OutageUnlock.objects.get(pk=row.pk).confirmed_at is None


ADDRESSES = {
    "": ("q",),
    "events/": ("person", "agent", "kind", "network", "reference", "behind", "since_0", "format"),
    "overview/": ("organisation", "format"),
    "requests/": ("q",),
}


# Letters, each of which is three bytes in nine characters of an address at most: nginx answers 414 to longer ones.
LONGEST_IN_AN_ADDRESS = 6_000


def test_what_is_typed_into_an_address(typed: str) -> None:
    desk, typed = at_work(make_operator()), typed[:LONGEST_IN_AN_ADDRESS]
    for page, fields in ADDRESSES.items():
        for field in fields:
            assert desk.get(f"/admin/desk/{page}", {field: typed}).status_code in {200, 302, 400, 404}, (page, field)
