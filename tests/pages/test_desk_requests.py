"""The desk's page of recovery requests."""

from __future__ import annotations

import datetime
import smtplib
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import RecoveryRequest
from accounts.models.outbox import Kind
from accounts.services import mail_server, outbox, recovery
from helpdesk import desk_addresses, recent_requests
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_operator

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

REQUESTS = "/admin/desk/requests/"
MANY = "There were more than 3 requests for this address within a day"


def ask(email: str, *, days: int = 0, decide: bool = True) -> str:
    reference = recovery.ask(email=email, date_of_birth=DATE_OF_BIRTH + datetime.timedelta(days=days))
    if decide:
        recovery.decide(request_id=RecoveryRequest.objects.get(reference=reference).pk)
    return reference


def rows(desk: PortalClient) -> list[list[str]]:
    """Return the cells of each row, without the names that a phone shows before them."""
    response = desk.get(REQUESTS)
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    listed = page.select("tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select(".desk-table__value")] for row in listed]


def test_each_request_says_whom_it_is_for_what_came_of_it_and_where_its_mail_is() -> None:
    person = make_user(given_name="Jo", family_name="Bloggs")
    waiting = ask(person.email, decide=False)
    differs = ask(person.email, days=1)
    mailed = ask(person.email)
    desk = at_work(make_agent())
    said = {row[0]: row[2:] for row in rows(desk)}
    name = f"Jo Bloggs {person.username}"
    assert said == {
        mailed: [name, "It matched: a mail with a way in", "Waiting to be sent"],
        differs: [name, "The date of birth did not match.", "None to show"],
        waiting: [name, "Not decided yet", "None to show"],
    }
    row = outbox.claim(kinds=[Kind.RECOVERY])
    assert row
    refused = smtplib.SMTPRecipientsRefused({person.email: (550, b"no")})
    outbox.fail(message=row, error=mail_server.describe(refused))
    page = BeautifulSoup(desk.get(REQUESTS).content, "html.parser")
    text = " ".join(page.get_text(" ").split())
    assert "Refused for good The mail server refuses the address: it may be mistyped or closed." in text
    assert "Next try on" in text
    assert "does not know of mails that came back" in text
    assert page.select_one(f'tbody a[href="{desk_addresses.of_person(key=person.pk)}"]')
    outbox.finish(message=row)
    assert "Sent on" in rows(desk)[0][4]


def test_more_dates_than_a_person_needs_close_what_came_of_all_and_of_their_mails() -> None:
    person = make_user()
    for days in range(4):
        ask(person.email, days=days)
    listed = rows(at_work(make_agent()))
    assert len(listed) == 4
    for row in listed:
        assert person.username in row[2]
        assert MANY in row[3]
        assert row[4] == "None to show"


def test_an_agent_sees_their_own_organisations_and_an_operator_all(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    elsewhere = make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk")
    stranger = make_user(email="strange@south.nhs.uk", organisation=elsewhere)
    shared = make_user(email=stranger.email)
    agent, operator = make_agent(), make_operator()
    theirs = [ask("only@south.nhs.uk"), ask(make_user(email="s2@south.nhs.uk", organisation=elsewhere).email)]
    theirs.append(ask(make_user(email="s3@south.nhs.uk", organisation=elsewhere).email, decide=False))
    both = ask(stranger.email)
    own = [ask(make_user().email), ask(make_user().email, decide=False)]
    with django_assert_num_queries(8):
        found = recent_requests.newest(by=agent)
    assert [each.reference for each in found] == [*own[::-1], both]
    assert [person.pk for person in found[-1].people] == [shared.pk]
    with django_assert_num_queries(6):
        found = recent_requests.newest(by=operator)
    assert {each.reference for each in found} == {*theirs, both, *own}


def test_older_requests_are_not_listed() -> None:
    person = make_user()
    reference = ask(person.email)
    old = timezone.now() - recent_requests.LAST - datetime.timedelta(minutes=1)
    RecoveryRequest.objects.filter(reference=reference).update(created_at=old)
    for who in (make_agent(), make_operator()):
        response = at_work(who).get(REQUESTS)
        assert reference not in response.text
        assert "There is none." in response.text
