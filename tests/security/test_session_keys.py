"""Threat: a reader of a copy of the database (a back-up, a replica, a log of statements) takes over a session."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection

from accounts.browser import about
from accounts.models import Session, User
from accounts.models.session import stored_key
from accounts.services import sessions
from accounts.session_store import SessionStore
from tests.support.care_identity import log_in_by_care_identity, smartcard
from tests.support.factories import PASSWORD
from tests.support.steps import PortalClient, come_in, log_in
from tests.support.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

COOKIE = "__Host-session"


def is_in(client: PortalClient) -> bool:
    """Return whether the browser is logged in."""
    return client.get("/my-esr/").status_code == 200


def test_nothing_in_the_row_of_a_session_is_worth_anything_as_a_cookie(client: PortalClient, user: User) -> None:
    log_in_by_care_identity(client, user, smartcard(session="there-1"))
    key = client.cookies[COOKIE].value
    columns = [str(value) for value in Session.objects.values_list()[0]]
    assert not [value for value in columns if key in value]
    for value in columns:
        for cut in {value, value[:32], value[-32:]}:
            thief = PortalClient()
            thief.cookies[COOKIE] = cut.replace("\n", "")
            assert not is_in(thief), cut
    assert is_in(client)


def test_a_key_that_the_version_before_stored_in_clear_opens_nothing(user: User) -> None:
    """Threat: the rows of sessions from before the upgrade, in a back-up that was made then."""
    client = PortalClient()
    log_in(client, user)
    key = client.cookies[COOKIE].value
    Session.objects.update(session_key=key)
    assert not is_in(client)


def test_a_session_is_found_renamed_and_deleted_by_the_key_in_its_cookie() -> None:
    store = SessionStore()
    store["noted"] = 1
    store.save()
    first = str(store.session_key)
    assert [*Session.objects.values_list("pk")] == [(stored_key(first),)]
    assert store.exists(first)
    assert not store.exists(stored_key(first))
    assert SessionStore(first)["noted"] == 1
    store.cycle_key()
    second = str(store.session_key)
    assert [*Session.objects.values_list("pk")] == [(stored_key(second),)]
    assert (SessionStore(first).get("noted"), SessionStore(second).get("noted")) == (None, 1)
    SessionStore(second).delete()
    assert not Session.objects.exists()
    # A visitor without a session has none to delete.
    SessionStore().delete()


def test_what_a_row_is_stored_under_fits_its_column_and_is_no_key() -> None:
    longest = Session._meta.get_field("session_key").max_length
    assert len(stored_key("a" * 32)) == longest
    assert not SessionStore()._validate_session_key(stored_key("a" * 32))


@contextlib.contextmanager
def ended_meanwhile(user: User) -> Iterator[None]:
    """End the sessions of a person as soon as a request of theirs is about to store one: in another browser, say."""
    ended: list[int] = []

    def first(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "accounts_session"') and not ended:
            ended.append(sessions.end_all(user=user))
        return execute(sql, *rest)

    with connection.execute_wrapper(first):
        yield
    assert ended == [1]


def confirm(client: PortalClient) -> Any:
    """Prove the password once more, which gives the session a new key; return the answer."""
    held = about.person(User(pk=client.session[SESSION_KEY]))
    return client.post("/my-esr/security/confirm/", {"about": held, "current_password": PASSWORD})


def test_a_session_that_ends_while_its_person_proves_the_password_stays_ended(client: PortalClient, user: User) -> None:
    """Threat: a thief sends the password again and again, and is at it when the owner logs out everywhere else."""
    come_in(client, user)
    with ended_meanwhile(user):
        assert confirm(client)["Location"] == "/my-esr/"
    assert not Session.objects.filter(user_id=user.pk).exists()
    assert not is_in(client)


def test_a_session_that_ends_while_a_page_is_made_stays_ended(client: PortalClient, user: User, travel: Travel) -> None:
    come_in(client, user)
    travel(minutes=1)
    with ended_meanwhile(user):
        assert client.get("/my-esr/security/")["Location"] == "/my-esr/"
    assert not Session.objects.exists()
    assert client.get("/my-esr/")["Location"] == "/log-in/?next=/my-esr/"


def test_one_session_stays_one_where_its_person_proves_the_password_twice_at_once(
    client: PortalClient, user: User
) -> None:
    come_in(client, user)
    under_way = SessionStore(client.cookies[COOKIE].value)
    assert under_way["log_in_event"]
    assert confirm(client).status_code == 302
    with pytest.raises(SessionInterrupted):
        under_way.cycle_key()
    assert Session.objects.filter(user_id=user.pk).count() == 1
    assert is_in(client)


def test_a_visitor_whose_session_is_gone_is_given_another() -> None:
    """Whoever presses twice is let in by the second request too."""
    store = SessionStore()
    store["noted"] = 1
    store.save()
    Session.objects.all().delete()
    store.cycle_key()
    assert SessionStore(str(store.session_key))["noted"] == 1
