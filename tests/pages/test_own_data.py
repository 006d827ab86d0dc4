"""A person downloads what is kept about them."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.browser import about
from accounts.models import OutboxMessage, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import own_data, recovery, sessions
from tests.support import steps
from tests.support.factories import DATE_OF_BIRTH, PASSWORD, make_user
from tests.support.helpdesk import make_agent
from tests.support.steps import PortalClient, come_in

if TYPE_CHECKING:
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE, FILE = "/my-esr/security/what-is-kept/", "/my-esr/security/what-is-kept/download/"
EVENTS, MAILS = "What happened to your account", "Emails to you"


def download(client: PortalClient) -> Any:
    response = steps.send(client, FILE)
    assert response.status_code == 200, response.headers
    return json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]


def test_the_file_has_the_record_and_what_happened_in_words(client: PortalClient, user: User) -> None:
    come_in(client, user)
    SecurityEvent.objects.create(event=Event.UNLOCKED, user=user, by=make_agent())
    told = download(client)
    (record,) = told["Your record"]
    assert record["given name"] == "Jo"
    assert record["username"] == user.username
    assert record["ESR number"] == user.employee_number
    assert "The helpdesk unlocked your username." in [row["what"] for row in told[EVENTS]]
    assert told["Your Care Identity"][0]["Care Identity"]
    assert len(told["Browsers in which you are logged in"]) == 1


def test_it_comes_as_a_file_that_no_cache_keeps(client: PortalClient, user: User) -> None:
    come_in(client, user)
    response = steps.send(client, FILE)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="ESR-what-is-kept')
    assert user.username not in response.headers["Content-Disposition"]


def test_without_a_proof_of_the_last_minutes_there_is_no_file(client: PortalClient, user: User, travel: Travel) -> None:
    """Threat: a stranger sits down at a PC at which the person is logged in still."""
    come_in(client, user)
    travel(seconds=sessions.PROOF_LASTS.total_seconds() + 1)
    for response in (client.get(PAGE), client.post(FILE, {"about": about.person(user)})):
        assert response.status_code == 302
        assert "/my-esr/security/confirm/" in response.headers["Location"]
    assert not SecurityEvent.objects.filter(event=Event.DATA_HANDED_OUT).exists()


def test_after_the_proof_the_person_is_back_at_the_page(client: PortalClient, user: User, travel: Travel) -> None:
    come_in(client, user)
    travel(seconds=sessions.PROOF_LASTS.total_seconds() + 1)
    asked = client.post(FILE, {"about": about.person(user)})
    proved = {"about": about.person(user), "next": FILE, "current_password": PASSWORD}
    answer = client.post(asked.headers["Location"], proved, follow=True)
    assert answer.redirect_chain[-1] == (PAGE, 302)
    assert answer.status_code == 200
    download(client)


def test_the_person_is_told_by_mail_and_it_is_an_event(client: PortalClient, user: User) -> None:
    come_in(client, user)
    download(client)
    event = SecurityEvent.objects.get(event=Event.DATA_HANDED_OUT)
    assert (event.user_id, event.reason) == (user.pk, "my_esr")
    mail = OutboxMessage.objects.get(kind=Kind.DATA_HANDED_OUT)
    assert mail.about == {"users": [user.pk], "event": event.pk, "by_operator": False}


def test_five_files_a_day_and_no_sixth(client: PortalClient, user: User, travel: Travel) -> None:
    come_in(client, user)
    for _ in range(own_data.DOWNLOADS_A_DAY):
        download(client)
    response = steps.send(client, FILE)
    assert response.status_code == 302
    assert response.headers["Location"] == PAGE
    assert "5 times within 24 hours" in client.get(PAGE).content.decode()
    travel(hours=24, minutes=1)
    download(come_in(PortalClient(), user))


def test_nothing_in_it_tells_whether_a_date_of_birth_was_right(client: PortalClient, user: User) -> None:
    """Threat: a thief of the session tries dates in the recovery form, and reads here which mail was sent."""
    come_in(client, user)
    seen = []
    for date in (DATE_OF_BIRTH, DATE_OF_BIRTH + datetime.timedelta(days=1)):
        recovery.ask(email=user.email, date_of_birth=date)
        recovery.decide(request_id=RecoveryRequest.objects.latest("pk").pk)
        told = download(client)
        assert not [mail for mail in told[MAILS] if "date of birth" in mail["kind"] or "link" in mail["kind"]]
        assert "Links to set a password" not in told
        seen.append((told["Requests for a link that were sent with your email address"][-1].keys(), told[EVENTS][-2]))
    (keys, last), (other_keys, other_last) = seen
    assert keys == other_keys == {"reference", "created at"}
    assert last["what"] == other_last["what"]


def test_requests_with_an_address_that_others_use_too_are_left_out(client: PortalClient, user: User) -> None:
    make_user(email=user.email)
    come_in(client, user)
    recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    (said,) = download(client)["Requests for a link that were sent with your email address"]
    assert said["left out"].startswith("Other people use your email address too")


def test_mails_to_another_person_are_not_in_it(client: PortalClient, user: User) -> None:
    other = make_user()
    OutboxMessage.objects.create(kind=Kind.WELCOME, about={"users": [other.pk]})
    OutboxMessage.objects.create(kind=Kind.LOCKED, about={"users": [other.pk, user.pk]}, sent_at=timezone.now())
    come_in(client, user)
    kinds = [mail["kind"] for mail in download(client)[MAILS]]
    assert "Mail: your username was locked" in kinds
    assert "Mail: welcome, and how to log in" not in kinds


def test_the_security_page_leads_there(client: PortalClient, user: User) -> None:
    come_in(client, user)
    assert f'href="{PAGE}"' in client.get("/my-esr/security/").content.decode()
    page = client.get(PAGE).content.decode()
    assert "Your date of birth" in page
    assert f'action="{FILE}"' in page
