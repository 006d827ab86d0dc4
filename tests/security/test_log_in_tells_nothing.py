"""Threat: an attacker tries names on the log-in page to learn who works here.

Unknown, wrong, locked, frozen, dormant, not in force and outside the network must be one answer: the same status,
headers, bytes, queries and number of hashes (OWASP ASVS 6.3.8).
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import Any

import argon2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import hash_memory
from accounts.hash_memory import Memory
from accounts.models import Organisation, SecurityEvent
from accounts.services import lockout, log_in
from tests.support.care_identity import OUTSIDE, trust
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.steps import PortalClient
from tests.support.steps import log_in as log_in_as
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

# Far from the end of a minute, so that the time on the page stays the same.
NOON = datetime.datetime(2026, 11, 23, 12, 0, 5, tzinfo=datetime.UTC)
YESTERDAY = datetime.timedelta(days=1)

Case = tuple[str, str]


def nobody() -> Case:
    return "999NOBODY01", PASSWORD


def a_wrong_password() -> Case:
    return make_user().username, "not the right one"


def a_very_long_password() -> Case:
    return make_user().username, "x" * 5000


def somebody_inactive() -> Case:
    return make_user(is_active=False).username, PASSWORD


def somebody_inactive_with_a_wrong_password() -> Case:
    return make_user(is_active=False).username, "not the right one"


def somebody_who_left() -> Case:
    return make_user(ends_on=timezone.localdate() - YESTERDAY).username, PASSWORD


def somebody_who_starts_later() -> Case:
    return make_user(starts_on=timezone.localdate() + YESTERDAY).username, PASSWORD


def somebody_without_a_password_yet() -> Case:
    return make_user(password=None).username, PASSWORD


def somebody_locked() -> Case:
    user = make_user()
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    return user.username, PASSWORD


def an_unknown_name_that_is_locked() -> Case:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username="999NOBODY02")
    return "999NOBODY02", PASSWORD


def somebody_whose_tries_are_used_up() -> Case:
    """A hundred wrong in a row, some days ago: the right password is refused, and every try looks like a first one."""
    return make_user(wrong_passwords_before=lockout.MOST_IN_A_ROW).username, PASSWORD


def somebody_whose_password_is_frozen() -> Case:
    """They said that something was not them: the thief, who knows the password, must not learn that they did."""
    return make_user(
        password_frozen_at=timezone.now(), password_changed_at=timezone.now() - YESTERDAY
    ).username, PASSWORD


def somebody_whose_password_is_dormant() -> Case:
    """A password that leaked years ago is tried: that it is right, and that its person is away, stays untold."""
    return make_user(dormant_since=timezone.now() - YESTERDAY).username, PASSWORD


def an_admin_with_a_wrong_password() -> Case:
    return make_user(is_staff=True, must_change_password=True).username, "not the right one"


def somebody_outside() -> Case:
    """Right in everything but where they are: the test client is in no network of their organisation."""
    return make_user(organisation=_which_asks()).username, PASSWORD


def somebody_outside_with_a_wrong_password() -> Case:
    return make_user(organisation=_which_asks()).username, "not the right one"


def somebody_outside_who_gave_up_internet_access() -> Case:
    return make_user(internet_access_withdrawn_at=timezone.now()).username, PASSWORD


def somebody_in_the_network_of_another_organisation() -> Case:
    trust(make_organisation(code="997", name="Eastern Care"))
    return make_user(organisation=_which_asks()).username, PASSWORD


def _which_asks() -> Organisation:
    return make_organisation(code="998", name="Southern Care", requires_internet_access=True)


CASES: list[Callable[[], Case]] = [
    a_wrong_password,
    a_very_long_password,
    somebody_inactive,
    somebody_inactive_with_a_wrong_password,
    somebody_who_left,
    somebody_who_starts_later,
    somebody_without_a_password_yet,
    somebody_locked,
    an_unknown_name_that_is_locked,
    somebody_whose_tries_are_used_up,
    somebody_whose_password_is_frozen,
    somebody_whose_password_is_dormant,
    an_admin_with_a_wrong_password,
    somebody_outside,
    somebody_outside_with_a_wrong_password,
    somebody_outside_who_gave_up_internet_access,
    somebody_in_the_network_of_another_organisation,
]


@pytest.fixture(autouse=True)
def noon(travel: Travel) -> None:
    """Make every try within one minute, because the page says a time."""
    travel.to(NOON)
    log_in.warm_up()


def everything_seen(client: PortalClient, username: str, password: str) -> dict[str, Any]:
    """Return all that a browser sees of one try, the token and what it typed itself aside, and what it cost."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.post("/log-in/", {"username": username, "password": password})
    return {
        "status": answer.status_code,
        "headers": sorted((name, value) for name, value in answer.headers.items() if name != "Content-Length"),
        "body": _without_token(_without_what_was_typed(answer.text, username)),
        "cookies": sorted((name, len(morsel.OutputString())) for name, morsel in answer.cookies.items()),
        "queries": len(queries),
    }


def _without_what_was_typed(page: str, username: str) -> str:
    """Return a page without the username, and without the code that it begins with in the way to the ESR contact."""
    page = page.replace(f'value="{username}"', 'value="USERNAME"')
    return page.replace(f"?organisation={username[:3]}", "?organisation=CODE")


def _without_token(page: str) -> str:
    return re.sub(r'(name="(?:csrfmiddlewaretoken" value="|page-))\w+', r"\1", page)


@functools.cache
def twelve_tries_of_nobody() -> list[dict[str, Any]]:
    """Return what an unknown name sees of twelve tries: what every other name must see."""
    client = PortalClient()
    return [everything_seen(client, *nobody()) for _ in range(12)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_twelve_tries_are_answered_alike(case: Callable[[], Case]) -> None:
    """The third points to recovery, the tenth locks, the others come while it is locked."""
    theirs, (username, password) = PortalClient(), case()
    for number, nobodys in enumerate(twelve_tries_of_nobody(), start=1):
        seen, expected = everything_seen(theirs, username, password), dict(nobodys)
        if number > 1 and case in {somebody_locked, an_unknown_name_that_is_locked}:
            # What locking writes down was written before.
            seen.pop("queries")
            expected.pop("queries")
        assert seen == expected


@pytest.mark.usefixtures("full_hashes")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_each_try_costs_one_hash_at_full_strength(case: Callable[[], Case], monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that skips the hash, or computes two, is told apart with a stop watch."""
    username, password = case()
    hashes: list[str] = []
    compute = Memory.hash

    def count(self: Memory, secret: bytes, salt: bytes, parameters: argon2.Parameters) -> bytes | None:
        hashes.append(hash_memory.encoded(b"", salt, parameters))
        return compute(self, secret, salt, parameters)

    # It goes on working; it is only counted.
    monkeypatch.setattr(Memory, "hash", count)
    PortalClient().post("/log-in/", {"username": username, "password": password})
    assert [hashed.split("p=1")[0] for hashed in hashes] == ["$argon2id$v=19$m=47104,t=1,"]


def everything_seen_from(where: str, username: str, password: str) -> dict[str, Any]:
    """Return what a browser at an address sees of its first try."""
    client = PortalClient()
    client.defaults["REMOTE_ADDR"] = where
    return everything_seen(client, username, password)


@functools.cache
def a_try_of_nobody_from(where: str) -> dict[str, Any]:
    """Return what an unknown name sees of a try from an address: what every other name must see."""
    return everything_seen_from(where, *nobody())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("where", [OUTSIDE, "", "no address"])
def test_it_is_alike_wherever_they_are(case: Callable[[], Case], where: str) -> None:
    """Whether an unknown address is looked up must not depend on the name."""
    assert everything_seen_from(where, *case()) == a_try_of_nobody_from(where)


@pytest.mark.parametrize("case", [somebody_outside, a_wrong_password, nobody], ids=lambda case: case.__name__)
def test_each_try_writes_one_event_and_the_tenth_two(case: Callable[[], Case]) -> None:
    """Threat: what is written down for one of them takes longer than for the others, or locks later."""
    client, (username, password) = PortalClient(), case()
    written = []
    for _ in range(11):
        before = SecurityEvent.objects.count()
        client.post("/log-in/", {"username": username, "password": password})
        written.append(SecurityEvent.objects.count() - before)
    assert written == [*[1] * 9, 2, 1]


def test_a_browser_that_knows_a_name_is_answered_like_one_that_knows_none(client: PortalClient) -> None:
    """The device cookie must not turn the page into one that tells whose cookie it is."""
    user = make_user()
    log_in_as(client, user)
    client.post("/log-out/")
    seen = everything_seen(client, user.username, "not the right one")
    assert seen["body"] == everything_seen(PortalClient(), *nobody())["body"]


def test_an_email_address_gets_the_same_hint_whoever_has_it() -> None:
    user = make_user()
    known = everything_seen(PortalClient(), user.email, PASSWORD)
    assert known == everything_seen(PortalClient(), "nobody@nowhere.example", PASSWORD)
