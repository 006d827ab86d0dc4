"""The address that Care Identity sends logout tokens to. No person ever sees it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from tests.support.care_identity import UID, log_in_by_care_identity, smartcard
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, come_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

ADDRESS = "/care-identity/back-channel-logout/"
FORM = "application/x-www-form-urlencoded"


def send(sender: PortalClient, token: str) -> Answer:
    """Send a logout token as Care Identity does."""
    return sender.post(ADDRESS, urlencode({"logout_token": token}), FORM)


@pytest.fixture
def inside(client: PortalClient, user: User, openid_provider: OpenIDProvider) -> PortalClient:
    """Return a browser in which the person came by Care Identity, in the session that it calls there-1."""
    log_in_by_care_identity(client, user, smartcard(session="there-1"))
    assert client.get("/my-esr/").status_code == 200
    return client


@pytest.fixture
def sender() -> PortalClient:
    """Return Care Identity's own server: it has no cookie of ours and no token of our forms."""
    return PortalClient(enforce_csrf_checks=True)


@pytest.mark.parametrize("named", [{"sid": "there-1"}, {"sub": UID}, {"sub": UID, "sid": "there-1"}])
def test_the_person_is_out_at_the_next_click(
    inside: PortalClient, sender: PortalClient, openid_provider: OpenIDProvider, user: User, named: dict[str, str]
) -> None:
    response = send(sender, openid_provider.logout_token(**named))
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies
    assert inside.get("/my-esr/").headers["Location"].startswith("/log-in/")
    assert SecurityEvent.objects.filter(user=user, event=Event.CARE_IDENTITY_LOGGED_OUT).count() == 1


def test_whoever_came_with_a_password_stays(
    client: PortalClient, sender: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    come_in(client, user)
    assert send(sender, openid_provider.logout_token(sub=UID)).status_code == 200
    assert client.get("/my-esr/").status_code == 200
    assert not SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_LOGGED_OUT).exists()


def test_a_token_about_nobody_here_is_taken(sender: PortalClient, openid_provider: OpenIDProvider) -> None:
    """As one about a person who is: the sender learns nothing of who is here."""
    response = send(sender, openid_provider.logout_token(sid="there-9"))
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("form", ["", "logout_token=", "logout_token=a.b.c", "another=a.b.c", "%00=%ff&&&=", "[]"])
def test_what_is_no_token_is_refused(sender: PortalClient, openid_provider: OpenIDProvider, form: str) -> None:
    response = sender.post(ADDRESS, form, FORM)
    assert response.status_code == 400
    assert response.json() == {"error": "invalid_request"}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_only_a_form_is_read(
    inside: PortalClient, sender: PortalClient, openid_provider: OpenIDProvider, kind: str
) -> None:
    """OpenID Connect Back-Channel Logout, 2.5."""
    token = openid_provider.logout_token(sid="there-1")
    assert sender.post(ADDRESS, f"logout_token={token}", kind).status_code == 400
    assert inside.get("/my-esr/").status_code == 200


def test_every_refusal_is_the_same_to_whoever_sent_it(inside: PortalClient, openid_provider: OpenIDProvider) -> None:
    sender = PortalClient()
    bad = [
        openid_provider.logout_token(sid="there-1", **change)
        for change in ({"aud": "x"}, {"iat": 1}, {"nonce": "n"}, {})
    ]
    assert send(sender, bad[-1]).status_code == 200
    answers = [send(sender, token) for token in bad]
    assert {(answer.status_code, answer.content) for answer in answers} == {(400, b'{"error": "invalid_request"}')}


def test_while_its_keys_cannot_be_read_it_is_told_to_come_again(
    inside: PortalClient, sender: PortalClient, openid_provider: OpenIDProvider
) -> None:
    token = openid_provider.logout_token(sid="there-1")
    keys = openid_provider.documents.pop("/keys")
    response = send(sender, token)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert response.headers["Cache-Control"] == "no-store"
    assert inside.get("/my-esr/").status_code == 200
    openid_provider.documents["/keys"] = keys
    assert send(sender, token).status_code == 200
    assert inside.get("/my-esr/").status_code == 302


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_it_is_only_sent_to(sender: PortalClient, openid_provider: OpenIDProvider, method: str) -> None:
    assert getattr(sender, method)(ADDRESS).status_code == 405


def test_where_care_identity_is_not_offered_there_is_no_such_page(sender: PortalClient) -> None:
    assert sender.post(ADDRESS, "logout_token=a.b.c", FORM).status_code == 404


def test_operators_read_why_a_token_was_refused(
    sender: PortalClient, openid_provider: OpenIDProvider, caplog: pytest.LogCaptureFixture
) -> None:
    token = openid_provider.logout_token(sid="there-1", aud="another")
    with caplog.at_level(logging.WARNING, logger="esr_portal"):
        send(sender, token)
    lines = [record for record in caplog.records if record.name == "esr_portal.care_identity"]
    assert [getattr(line, "reason", "") for line in lines] == ["logout_aud"]
    assert token not in caplog.text
