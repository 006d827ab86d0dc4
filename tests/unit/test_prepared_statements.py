"""Each prepared statement of the portal is what the ORM would write for the same values, and gives the same rows."""

from __future__ import annotations

import datetime
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.utils import timezone

import accounts
import hub
from accounts import prepared
from accounts.models import DeviceCookie, Lockout, SecurityEvent, TrustedNetwork, User
from accounts.models.session import stored_key
from accounts.prepared.names import adapted
from accounts.services import lockout, log_in
from accounts.session_store import SessionStore
from hub.models import Application, Notice

pytestmark = pytest.mark.django_db


def _statements() -> Iterator[tuple[str, prepared.Select[Any] | prepared.Delete | prepared.Update]]:
    """Yield each prepared statement of the portal, with its place."""
    for package in (accounts, hub):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name:
                continue
            for name, found in vars(importlib.import_module(module.name)).items():
                if isinstance(found, prepared.Select | prepared.Delete | prepared.Update):
                    yield f"{module.name}.{name}", found


STATEMENTS = dict(_statements())
SELECTS = [place for place, statement in STATEMENTS.items() if isinstance(statement, prepared.Select)]


@pytest.fixture
def values(user: User) -> dict[str, Any]:
    """Return values by name, for which each statement finds a row, and store those rows."""
    now = timezone.now()
    log_in.finish(user=user)
    around = TrustedNetwork.objects.create(organisation=user.organisation, network="10.0.0.0/8").first
    digest = lockout.username_digest(user.username)
    Lockout.objects.create(username_digest=digest, browser_digest="", failures=3, in_a_row=3, last_failure_at=now)
    fingerprint = log_in.fingerprint(user)
    for number in range(7):
        DeviceCookie.objects.create(user=user, digest=f"{number:064}", password_digest=fingerprint)
    Notice.objects.create(title="Planned downtime", text="On Sunday.", shown_from=now - datetime.timedelta(days=1))
    Application.objects.create(organisation=user.organisation, name="Rota", address="https://rota.nhs.uk/")
    User.objects.filter(pk=user.pk).update(wrong_passwords_before=2)
    session: SessionBase = SessionStore()
    session["greeting"] = "hello"
    session.save()
    return {
        "now": now,
        "lately": now - datetime.timedelta(days=30),
        "pk": user.pk,
        "user": user.pk,
        "user_id": user.pk,
        "organisation": user.organisation_id,
        "username": user.username,
        "browser": "",
        "number": around,
        "password_digest": fingerprint,
        "in_place_of": f"{6:064}",
        "key": stored_key(str(session.session_key)),
        "session_key": stored_key("another key"),
        "session_data": "other",
        "expire_date": now,
        "care_identity_uid": "123456789012",
        "care_identity_session": "theirs",
    }


# What a name stands for in one statement alone.
OTHERWISE: dict[str, dict[str, Callable[[User], Any]]] = {
    "accounts.services.lockout": {"username": lambda user: lockout.username_digest(user.username)},
    "accounts.services.log_in._LOG_IN_BEFORE": {"pk": lambda _: SecurityEvent.objects.latest("pk").pk + 1},
}
OF_THE_USERNAME = {"accounts.services.lockout._FORGET_BEFORE"}


def _given(place: str, values: dict[str, Any], user: User) -> dict[str, Any]:
    otherwise = (
        {} if place in OF_THE_USERNAME else OTHERWISE.get(place) or OTHERWISE.get(place.rpartition(".")[0]) or {}
    )
    names = STATEMENTS[place]._kinds
    return {name: otherwise[name](user) if name in otherwise else values[name] for name in names}


def _plain(row: Any) -> Any:
    """Return what is in a row: of a model all that was read, and what was read with it."""
    if not isinstance(row, models.Model):
        return row
    related = {name: _plain(other) for name, other in row._state.fields_cache.items()}
    return {**{name: value for name, value in vars(row).items() if name != "_state"}, "related": related}


@pytest.mark.parametrize("place", STATEMENTS)
def test_it_is_what_the_orm_writes(place: str, values: dict[str, Any], user: User) -> None:
    statement, given = STATEMENTS[place], _given(place, values, user)
    (text, parameters), _ = statement._written(given)
    on = connections[DEFAULT_DB_ALIAS]
    ready = statement.compiled(on)
    assert ready.sql == text
    assert tuple(ready.values_for(adapted(given, on))) == parameters


@pytest.mark.parametrize("place", SELECTS)
def test_it_gives_the_same_rows(place: str, values: dict[str, Any], user: User) -> None:
    statement, given = STATEMENTS[place], _given(place, values, user)
    assert isinstance(statement, prepared.Select)
    rows, theirs = statement.all(**given), list(statement._build(**given))
    assert rows, "the test has no row for it"
    assert [_plain(row) for row in rows] == [_plain(row) for row in theirs]
    assert [type(row) for row in rows] == [type(row) for row in theirs]


@pytest.mark.parametrize("place", [place for place in STATEMENTS if place not in SELECTS])
def test_it_changes_as_many_rows(place: str, values: dict[str, Any], user: User) -> None:
    statement, given = STATEMENTS[place], _given(place, values, user)
    assert not isinstance(statement, prepared.Select)
    built = statement._build(**given)
    rows = (built if isinstance(built, models.QuerySet) else built[0]).count()
    assert rows > 0, "the test has no row for it"
    assert statement.run(**given) == rows
