"""Threat: a reader of a copy of the database (a back-up, a replica, a log of statements) takes over a session."""

from __future__ import annotations

import pytest

from accounts.models import Session, User
from accounts.models.session import stored_key
from accounts.session_store import SessionStore
from tests.support.care_identity import log_in_by_care_identity, smartcard
from tests.support.steps import PortalClient, log_in

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
