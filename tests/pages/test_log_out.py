"""Logging out."""

import pytest

from accounts.models import SecurityEvent, Session
from accounts.models.security_event import Event
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def user_inside(client: PortalClient) -> int:
    user = make_user()
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302
    return user.pk


def test_logging_out_ends_the_session_on_the_server(client: PortalClient, user_inside: int) -> None:
    cookie = client.cookies["__Host-session"].value
    response = client.post("/log-out/", follow=True)
    assert "You are logged out" in response.content.decode()
    assert not Session.objects.filter(user_id=user_inside).exists()
    client.cookies["__Host-session"] = cookie
    assert client.get("/my-esr/").status_code == 302
    assert SecurityEvent.objects.filter(user_id=user_inside, event=Event.LOGGED_OUT).count() == 1


def test_a_link_alone_does_not_log_out(client: PortalClient, user_inside: int) -> None:
    page = client.get("/log-out/").content.decode()
    assert "You are logged in as" in page
    assert client.get("/my-esr/").status_code == 200


def test_a_visitor_reads_that_they_are_logged_out(client: PortalClient) -> None:
    assert "You are logged out" in client.get("/log-out/").content.decode()
    assert client.post("/log-out/").status_code == 302
