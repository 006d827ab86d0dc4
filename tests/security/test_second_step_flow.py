"""Threats at the second step: ways round it, other people's tabs, what is left behind."""

from __future__ import annotations

import io
import logging

import pytest
from bs4 import BeautifulSoup
from django.db import connection

from accounts.models import RecoveryCodes, SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import bootstrap_codes, recovery_codes
from tests.support import addresses
from tests.support.authenticator import PhoneApp
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, about_in, log_in, send

pytestmark = pytest.mark.django_db

CHALLENGE = "/log-in/second-step/"
LOST = "/log-in/second-step/lost/"
CHOOSE = "/second-step/set-up/"
APP = "/second-step/set-up/app/"
CODES = "/second-step/set-up/codes/"
# What a person sees in the middle of such a log-in, and a visitor does not.
OF_THE_LOG_IN = {"second_step_enrol", "second_step_app"}


@pytest.fixture
def user() -> User:
    return make_user(organisation=make_organisation(code="997", second_step="required"))


def secret_in(client: PortalClient) -> str:
    found = BeautifulSoup(client.get(APP).content, "html.parser").select_one(".portal-secret")
    assert found is not None
    return found.get_text()


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def test_required_and_not_set_up_opens_no_other_page(user: User) -> None:
    """Threat: a person who has to set up a second step goes to another address instead, and is in with the password."""
    visitor, half_in = PortalClient(), PortalClient()
    for address in addresses.ours():
        # Some pages end a log-in under way.
        if half_in.get(CHOOSE).status_code != 200:
            assert log_in(half_in, user)["Location"] == CHOOSE
        answer, for_a_visitor = half_in.get(address.path), visitor.get(address.path)
        assert address.name in OF_THE_LOG_IN or answer.status_code == for_a_visitor.status_code, address
        assert answer.wsgi_request.user.is_anonymous, address
        assert user.get_full_name() not in answer.text, address
    assert not SecurityEvent.objects.filter(event=Event.LOGGED_IN).exists()


def test_set_up_raced_by_two_browsers_is_won_by_one(
    client: PortalClient, other_client: PortalClient, user: User
) -> None:
    """Threat: an attacker with the password stands on the page for the app, and then on that for the codes."""
    log_in(client, user)
    log_in(other_client, user)
    mine, theirs = PhoneApp.typed(secret_in(client)), PhoneApp.typed(secret_in(other_client))
    open_page = about_in(other_client.get(APP))
    assert send(client, APP, {"code": mine.code()})["Location"] == CODES
    for page, typed in ((APP, {"code": theirs.code()}), (CODES, {"make": "yes"}), (CODES, {"saved": "yes"})):
        assert other_client.post(page, {**open_page, **typed})["Location"] == CHALLENGE
    assert not is_in(other_client)
    assert send(client, CODES, {"saved": "yes"}).status_code == 302
    assert is_in(client)
    assert second_step.check(user=user, code=mine.next_code())


def test_the_tab_of_another_log_in_sets_nothing_up(client: PortalClient, user: User) -> None:
    """Threat: at a ward PC the page that one person left open sets up a phone for the next."""
    log_in(client, user)
    app, open_page = PhoneApp.typed(secret_in(client)), about_in(client.get(APP))
    next_person = make_user(organisation=user.organisation)
    log_in(client, next_person)
    assert client.post(APP, {**open_page, "code": app.code()}).status_code == 409
    assert not second_step.is_set_up(user=user)
    assert not second_step.is_set_up(user=next_person)


def test_a_second_step_of_one_log_in_is_not_that_of_another(client: PortalClient, user: User) -> None:
    """Threat: the pending second step of one person is passed with the code of another in the same browser."""
    first, second = PhoneApp.of(user), make_user(organisation=user.organisation)
    PhoneApp.of(second)
    log_in(client, user)
    open_page = about_in(client.get(CHALLENGE))
    log_in(client, second)
    assert client.post(CHALLENGE, {**open_page, "code": first.code()}).status_code == 409
    assert send(client, CHALLENGE, {"code": first.code()}).status_code == 200
    assert not is_in(client)


def test_what_an_attacker_set_up_is_gone_at_the_last_check_too(client: PortalClient, user: User) -> None:
    """Threat: the operator takes an attacker's phone away while the attacker is on the page with the codes."""
    log_in(client, user)
    assert send(client, APP, {"code": PhoneApp.typed(secret_in(client)).code()})["Location"] == CODES
    open_page = about_in(client.get(CODES))
    second_step.remove(user=user, by=None)
    client.post(CODES, {**open_page, "saved": "yes"})
    assert not is_in(client)


@pytest.mark.parametrize("page", [CODES, "/second-step/set-up/", APP, CHALLENGE])
def test_a_log_in_whose_new_second_step_was_taken_away_begins_anew(client: PortalClient, user: User, page: str) -> None:
    """No page leads to another that leads back."""
    log_in(client, user)
    assert send(client, APP, {"code": PhoneApp.typed(secret_in(client)).code()})["Location"] == CODES
    second_step.remove(user=user, by=None)
    answer = client.get(page, follow=True)
    assert answer.redirect_chain[-1][0] == "/log-in/"
    assert "Something about your account changed while you were logging in." in answer.text
    assert not is_in(client)


def test_a_renamed_account_keeps_its_second_step_and_gets_no_other(client: PortalClient, user: User) -> None:
    """Threat: an account is renamed to the name that another had, and is opened with the codes of the other."""
    other = make_user(organisation=user.organisation)
    [theirs, *_], app = recovery_codes.make(user=other), PhoneApp.of(user)
    PhoneApp.of(other)
    [mine, *_] = recovery_codes.make(user=user)
    name = other.username
    other.username = "997GONE01"
    other.save()
    user.username = name
    user.save()
    log_in(client, user)
    assert send(client, CHALLENGE, {"code": theirs}).status_code == 200
    assert send(client, CHALLENGE, {"code": PhoneApp.of(other).code()}).status_code == 200
    assert send(client, CHALLENGE, {"code": mine}).status_code == 302
    assert is_in(client)
    assert app.code()


def test_a_forged_address_does_not_go_round_the_second_step(client: PortalClient) -> None:
    """Threat: a caller outside says in a header that they are in the trusted network, where no code is asked for."""
    organisation = make_organisation(code="996", second_step="required_outside")
    organisation.trusted_networks.create(network="192.0.2.0/24")
    user = make_user(organisation=organisation)
    PhoneApp.of(user)
    typed = {"username": user.username, "password": PASSWORD}
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    answer = client.post("/log-in/", typed, headers=forged, REMOTE_ADDR="203.0.113.9")
    assert answer["Location"] == CHALLENGE
    assert client.get("/my-esr/", headers=forged, REMOTE_ADDR="203.0.113.9").status_code == 302
    inside = PortalClient().post("/log-in/", typed, REMOTE_ADDR="192.0.2.7")
    assert inside["Location"] == "/my-esr/"


def test_recovery_by_email_neither_bypasses_nor_removes_a_second_step(client: PortalClient, user: User) -> None:
    """Threat: a thief of the mailbox sets a new password, and is in without the phone."""
    app = PhoneApp.of(user)
    recovery_codes.make(user=user)
    page = open_link(client, user)
    send(client, page, {"new_password": "marble lantern orchard"})
    user.refresh_from_db()
    assert log_in(client, user, "marble lantern orchard")["Location"] == CHALLENGE
    assert not is_in(client)
    ways = second_step.ways_of(user=user)
    assert (ways.authenticator, ways.recovery_codes) == (True, 10)
    assert send(client, CHALLENGE, {"code": app.code()}).status_code == 302


def test_no_secret_and_no_code_is_in_the_log_the_database_or_a_session(
    client: PortalClient, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: a reader of logs, or of a copy of the database, makes or finds codes."""
    log, watched = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(log)
    watched.addHandler(handler)
    try:
        log_in(client, user)
        typed = secret_in(client)
        app = PhoneApp.typed(typed)
        send(client, APP, {"code": app.code()})
        page = BeautifulSoup(client.get(CODES).content, "html.parser")
        codes = [code.get_text() for code in page.select(".portal-recovery-codes code")]
        in_sessions = str([session.get_decoded() for session in Session.objects.all()])
        send(client, CODES, {"saved": "yes"})
        log_in(client, user)
        send(client, LOST, {"code": codes[0]})
        bootstrap = bootstrap_codes.make(user=user, by=None)
        log_in(client, user)
        send(client, LOST, {"bootstrap_code": bootstrap})
    finally:
        watched.removeHandler(handler)
    assert len(codes) == 10
    kept = "".join((log.getvalue(), caplog.text, in_sessions, dump()))
    hexadecimal = PhoneApp.typed(typed)._key.hex()
    for canary in (typed, typed.replace(" ", ""), hexadecimal, bootstrap, bootstrap.replace(" ", ""), *codes):
        assert canary not in kept
        assert canary.replace("-", "") not in kept
    assert RecoveryCodes.objects.get().sealed


def dump() -> str:
    """Return every row of every table, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (our own tables)
            rows.append(str(cursor.fetchall()))
    return "".join(rows)
