"""Threat: an import of new addresses and cards has one human being behind it, or another content than was agreed to.

What lets people in is changed by a file when a second agent has seen each old and new value (decision 51).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounts.models import CareIdentity, PeopleUpload, PeopleUploadPiece, User
from accounts.models.people_upload import UploadState
from accounts.models.role import Role
from helpdesk.services.people_uploads import deciding, looking, taking
from people.services import rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, make_operator, text
from tests.support.imports import (
    MINE,
    UID,
    WITH_CARD,
    csv_of,
    is_as_before,
    line_of,
    looked_at,
    page_of,
    press,
    victim,
    work,
)
from tests.support.people_files import HEADING
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(lead: User) -> PortalClient:
    return at_work(lead)


def asked(lead: User, desk: PortalClient, *lines: str, heading: str = HEADING) -> PeopleUpload:
    """Return an import that waits for a second agent."""
    row = looked_at(csv_of(*lines, heading=heading), by=lead)
    assert press(desk, row, "confirm", guarded="ask", reason="New mail domain").status_code == 302
    row.refresh_from_db()
    assert row.state == UploadState.WAITING
    return row


def test_a_second_agent_does_not_agree_to_their_own_card(lead: User, desk: PortalClient) -> None:
    """Threat: a national administrator has a lead ask for what opens the account to them."""
    second = make_operator(organisation=make_organisation(code="111", name="South"))
    CareIdentity.objects.create(user=second, uid=UID)
    row = asked(lead, desk, f"{line_of(victim())},{UID}", heading=WITH_CARD)
    assert not deciding.may_agree(upload=row, by=second)
    with pytest.raises(rights.NotAllowed):
        deciding.agree(upload=row, by=second, digest=row.digest)


def test_a_second_agent_sees_old_and_new_and_agrees(
    lead: User, desk: PortalClient, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    person = victim()
    row = asked(lead, desk, line_of(person, email="jo@new.example"))
    work(row)
    assert is_as_before(person), "until they agree"
    second = at_work(make_lead(given_name="Sam"))
    page = text(second, page_of(row))
    for words in ("On record now jo@home.example", "To become jo@new.example", "New mail domain", "Do you agree?"):
        assert words in page
    press(second, row, "agree", decision="Seen the list")
    work(row)
    assert (row.state, row.changed) == (UploadState.APPLIED, 1)
    assert User.objects.get(pk=person.pk).email == "jo@new.example"
    deliver_mail()
    assert inbox.to("jo@home.example")
    assert inbox.to("jo@new.example")
    page = text(desk, page_of(row))
    assert "Decided by Sam Smith" in page
    assert "Their reason Seen the list" in page


def test_a_second_agent_sees_what_else_a_line_changes(lead: User, desk: PortalClient) -> None:
    """A name that becomes that of the mailbox's owner, shown as an address alone, would be agreed to unseen."""
    person = victim()
    row = asked(lead, desk, line_of(person, email="jo@new.example", family_name="Thief"))
    assert "Need a second agent 1" in text(desk, page_of(row))
    second = at_work(make_lead())
    page = text(second, page_of(row))
    assert "What Family name On record now" in page
    assert "To become Thief" in page


def test_an_import_that_waits_is_named_where_a_second_agent_looks(lead: User, desk: PortalClient) -> None:
    row = asked(lead, desk, line_of(victim(), email="jo@new.example"))
    second = at_work(make_lead())
    assert f'<a href="{page_of(row)}">' in second.get("/admin/desk/second-agent/").text
    assert "Nothing waits." not in text(second, "/admin/desk/second-agent/")
    for other in (make_agent(), make_lead(organisation=make_organisation(code="998"))):
        assert "Nothing waits." in text(at_work(other), "/admin/desk/second-agent/")


def test_a_care_identity_too(lead: User, desk: PortalClient) -> None:
    person = victim()
    row = asked(lead, desk, f"{line_of(person)},{UID}", heading=WITH_CARD)
    press(at_work(make_lead()), row, "agree")
    work(row)
    assert CareIdentity.objects.get(user=person).uid == UID


def test_the_first_agent_is_no_second(lead: User, desk: PortalClient) -> None:
    row = asked(lead, desk, line_of(victim(), email=MINE))
    assert "Do you agree?" not in text(desk, page_of(row))
    assert press(desk, row, "agree").status_code == 403
    assert press(desk, row, "refuse", decision="x").status_code == 403


def test_nor_is_the_one_who_uploaded_where_another_confirmed(lead: User, desk: PortalClient) -> None:
    """Threat: two leads take turns, and the file is the first one's."""
    person = victim()
    row = looked_at(csv_of(line_of(person, email=MINE)), by=lead)
    press(at_work(make_lead()), row, "confirm", guarded="ask", reason="x")
    row.refresh_from_db()
    assert press(desk, row, "agree").status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        PeopleUpload.objects.filter(pk=row.pk).update(decided_by=lead)


def test_nor_is_another_account_of_the_same_human_being(lead: User, desk: PortalClient) -> None:
    row = asked(lead, desk, line_of(victim(), email=MINE))
    twin = at_work(make_lead(email=lead.email))
    assert press(twin, row, "agree").status_code == 403


def test_nor_the_person_themselves_or_the_holder_of_the_new_mailbox(lead: User, desk: PortalClient) -> None:
    person = victim()
    row = asked(lead, desk, line_of(person, email="sam@nhs.net"))
    for email in (person.email, "sam@nhs.net"):
        assert press(at_work(make_lead(email=email)), row, "agree").status_code == 403


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.ORGANISATION_ADMIN])
def test_nor_a_person_who_may_not_approve(lead: User, desk: PortalClient, role: Role) -> None:
    row = asked(lead, desk, line_of(victim(), email=MINE))
    answer = press(at_work(make_user(role=role)), row, "agree")
    assert answer.status_code == (404 if role == Role.AGENT else 403)
    row.refresh_from_db()
    assert row.state == UploadState.WAITING


def test_nor_a_lead_of_another_organisation(lead: User, desk: PortalClient) -> None:
    row = asked(lead, desk, line_of(victim(), email=MINE))
    there = make_lead(organisation=make_organisation(code="111", name="South"))
    assert press(at_work(there), row, "agree").status_code == 404
    with pytest.raises(rights.NotAllowed):
        deciding.agree(upload=row, by=there, digest=row.digest)


def test_a_refusal_ends_it_and_needs_a_reason(lead: User, desk: PortalClient) -> None:
    person = victim()
    row = asked(lead, desk, line_of(person, email=MINE))
    second = at_work(make_lead())
    assert "Enter a reason" in press(second, row, "refuse").text
    press(second, row, "refuse", decision="Not on the list from HR")
    work(row)
    assert row.state == UploadState.REFUSED
    assert not PeopleUploadPiece.objects.exists()
    assert is_as_before(person)
    assert "Not on the list from HR" in text(desk, page_of(row))


def test_asking_needs_a_reason(lead: User, desk: PortalClient) -> None:
    row = looked_at(csv_of(line_of(victim(), email=MINE)), by=lead)
    assert "Choose what happens to these lines" in press(desk, row, "confirm").text
    assert "Tell the second agent why" in press(desk, row, "confirm", guarded="ask").text
    row.refresh_from_db()
    assert row.state == UploadState.READY


def test_what_was_agreed_to_is_done_as_it_was_seen_or_not_at_all(lead: User, desk: PortalClient) -> None:
    """Threat: the record is changed after the second agent has looked, so that another change would be done."""
    person = victim()
    row = asked(lead, desk, line_of(person, email="jo@new.example"))
    press(at_work(make_lead()), row, "agree")
    User.objects.filter(pk=person.pk).update(email="jo@third.example")
    work(row)
    assert (row.state, row.has_changed) == (UploadState.READY, True)
    assert (row.confirmed_by, row.decided_by) == (None, None)
    assert User.objects.get(pk=person.pk).email == "jo@third.example"


def test_an_agreement_to_one_look_is_none_to_another(lead: User, desk: PortalClient) -> None:
    row = asked(lead, desk, line_of(victim(), email=MINE))
    press(at_work(make_lead()), row, "agree", look="0" * 64)
    row.refresh_from_db()
    assert row.state == UploadState.WAITING


def test_the_database_refuses_an_import_of_ways_in_without_a_second_agent(lead: User, desk: PortalClient) -> None:
    row = asked(lead, desk, line_of(victim(), email=MINE))
    for state in (UploadState.APPLYING, UploadState.APPLIED):
        with pytest.raises(IntegrityError), transaction.atomic():
            PeopleUpload.objects.filter(pk=row.pk).update(state=state)


@pytest.mark.parametrize("who", ["first", "second"])
def test_who_lost_the_right_meanwhile_imports_nothing(lead: User, desk: PortalClient, who: str) -> None:
    person, second = victim(), make_lead()
    row = asked(lead, desk, line_of(person, email="jo@new.example"))
    press(at_work(second), row, "agree")
    gone = lead if who == "first" else second
    User.objects.filter(pk=gone.pk).update(role=Role.AGENT)
    work(row)
    assert row.state == UploadState.STOPPED
    assert (row.added, row.changed) == (0, 0)
    assert is_as_before(person)
    assert not PeopleUploadPiece.objects.exists()


def test_more_than_a_person_can_read_through_is_left_out(
    lead: User, desk: PortalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST_GUARDED", 1)
    first, second = victim(), make_user(employee_number="10000002", person_type="volunteer", email="a@home.example")
    row = asked(lead, desk, line_of(first, email="b@new.example"), line_of(second, email=MINE))
    assert row.left_out == 1
    press(at_work(make_lead()), row, "agree")
    work(row)
    assert (row.changed, row.left_out) == (1, 1)
    assert is_as_before(second)


def test_an_import_does_not_let_a_held_address_have_links(lead: User, desk: PortalClient) -> None:
    """What "this was not me" holds stays held, whatever two agents import."""
    person = victim()
    later = lead.created_at.replace(year=2100)
    User.objects.filter(pk=person.pk).update(links_held_until=later)
    row = asked(lead, desk, line_of(person, email="jo@new.example"))
    press(at_work(make_lead()), row, "agree")
    work(row)
    now = User.objects.get(pk=person.pk)
    assert (now.email, now.links_held_until) == ("jo@new.example", later)


def test_who_may_not_import_has_no_service_either(lead: User) -> None:
    row = looked_at(csv_of(line_of(victim(), family_name="Doe")), by=lead)
    there = make_lead(organisation=make_organisation(code="111", name="South"))
    for other in (make_agent(), there, make_user(role=Role.AUDITOR)):
        with pytest.raises(rights.NotAllowed):
            deciding.confirm(upload=row, by=other, digest=row.digest)
        with pytest.raises(rights.NotAllowed):
            deciding.cancel(upload=row, by=other)
        with pytest.raises(rights.NotAllowed):
            taking.take(
                organisation=lead.organisation, file_name="x", size=1, sealed_as=row.sealed_as, pieces=[], by=other
            )
