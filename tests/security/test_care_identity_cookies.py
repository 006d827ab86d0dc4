"""Threats to a log-in with Care Identity under way, which lies in a signed cookie."""

from __future__ import annotations

import base64

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import signing

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from care_identity.models import SpentState
from care_identity.services import spent_states
from care_identity.services.refusals import Refused
from tests.support.at_care_identity import AGAIN, REFUSED, START, bring_back, come_by, press
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def care_identity(openid_provider: OpenIDProvider) -> OpenIDProvider:
    return openid_provider


def under_way(client: PortalClient) -> dict[str, str]:
    """Return the cookies of log-ins that were begun, by name."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items() if name.startswith("__Host-c")}
    return {name: value for name, value in cookies.items() if value and name != "__Host-csrf"}


def with_cookies(cookies: dict[str, str]) -> PortalClient:
    copy = PortalClient()
    copy.cookies.load(cookies)
    return copy


def was_refused(client: PortalClient, brought: dict[str, str]) -> bool:
    return bring_back(client, brought).headers["Location"] == REFUSED and SESSION_KEY not in client.session


def test_it_is_out_of_the_reach_of_scripts_and_other_sites_and_ends(client: PortalClient) -> None:
    (cookie,) = client.post(START).cookies.values()
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 15 * 60)


def test_a_copy_of_the_cookies_does_not_bring_an_answer_in_twice(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: cookies and address are read from a back-up of a browser, and the answer is brought once more.

    Also where Care Identity would take the code a second time.
    """
    brought, cookies = care_identity.visit(press(client)), under_way(client)
    assert bring_back(client, brought).headers["Location"] == "/my-esr/"
    assert under_way(client) == {}
    client.post("/log-out/")
    assert was_refused(with_cookies(cookies), brought)
    with pytest.raises(Refused):
        spent_states.spend(state=brought["state"])
    assert SecurityEvent.objects.filter(event=Event.LOGGED_IN).count() == 1


def test_a_cookie_that_was_made_up_or_changed_or_is_old_is_worth_nothing(
    client: PortalClient, care_identity: OpenIDProvider, user: User, travel: Travel
) -> None:
    brought = care_identity.visit(press(client))
    ((name, good),) = under_way(client).items()
    value, _, rest = good.partition(":")
    facts = base64.urlsafe_b64decode(value)
    changed = base64.urlsafe_b64encode(facts.replace(b'"user": null', b'"user": 1')).decode()
    of_another_kind = signing.TimestampSigner(salt="esr-portal.recovery.reference").sign(value)
    for bad in ("", "x", value, f"{changed}:{rest}", of_another_kind, "\0", "x" * 4000):
        assert was_refused(with_cookies({name: bad}), brought)
    travel(minutes=15, seconds=1)
    assert was_refused(with_cookies({name: good}), brought)
    assert care_identity.count("/token") == 0


def test_a_cookie_is_for_its_own_state_alone(client: PortalClient, care_identity: OpenIDProvider, user: User) -> None:
    """Threat: the answer to one log-in is taken under the cookie of another."""
    first = care_identity.visit(press(client))
    press(client)
    names = [*under_way(client)]
    values = under_way(client)
    swapped = {names[0]: values[names[1]], names[1]: values[names[0]]}
    assert was_refused(with_cookies(swapped), first)


def test_a_log_in_begun_by_one_person_is_not_finished_for_another(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat (shared PC): one person leaves in the middle of it, the next logs in, and is thrown out by the answer."""
    by_none = care_identity.visit(press(client))
    next_person = make_user()
    log_in(client, next_person)
    assert bring_back(client, by_none).headers["Location"] == REFUSED
    assert client.get("/my-esr/").context["person"] == next_person
    theirs = care_identity.visit(press(client, path=AGAIN))
    client.post("/log-out/")
    assert was_refused(client, theirs)
    assert care_identity.count("/token") == 0


@pytest.mark.parametrize("long", ["x" * 1900, "é" * 290, "🦄" * 290])
def test_five_are_remembered_and_nothing_long(
    client: PortalClient, care_identity: OpenIDProvider, user: User, long: str
) -> None:
    """Threat: so many cookies, or such long ones, that the proxy refuses each request of this browser."""
    link(user)
    for _ in range(8):
        press(client, next=f"/help/?{long}")
    assert len(under_way(client)) == 5
    assert sum(len(value) for value in under_way(client).values()) < 3000
    assert come_by(client, care_identity, next=f"/help/?{long}").headers["Location"] == "/my-esr/"
    assert come_by(PortalClient(), care_identity, next="/help/?" + "x" * 200).headers["Location"].startswith("/help/?")


def test_states_are_forgotten_when_their_cookies_have_ended(travel: Travel) -> None:
    spent_states.spend(state="x")
    assert spent_states.delete_spent() == 0
    travel(minutes=15, seconds=1)
    assert spent_states.delete_spent() == 1
    assert not SpentState.objects.exists()
