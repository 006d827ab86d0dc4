"""Threat: what may happen once is done twice at the same moment."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.models.session import stored_key
from tests.support import threads
from tests.support.at_care_identity import CHOOSE, REFUSED, bring_back, come_by, press
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, about_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def same_browser(client: PortalClient) -> PortalClient:
    """Return a client with the cookies of another: one more connection of the same browser."""
    copy = PortalClient()
    copy.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    copy.raise_request_exception = False
    return copy


def outcomes(answers: list[Any]) -> list[tuple[int, str]]:
    return sorted((answer.status_code, answer.headers.get("Location", "")) for answer in answers)


def test_one_answer_brought_many_times_at_once_lets_its_person_in_once(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    brought = openid_provider.visit(press(client))
    browsers = [same_browser(client) for _ in range(4)]
    answers = threads.all_at_once([functools.partial(bring_back, browser, brought) for browser in browsers])
    assert outcomes(answers).count((302, "/my-esr/")) == 1
    # The others are refused, or find that the session they came with has ended (400).
    assert set(outcomes(answers)) <= {(302, "/my-esr/"), (302, REFUSED), (400, "")}
    assert SecurityEvent.objects.filter(event=Event.LOGGED_IN).count() == 1
    assert Session.objects.filter(user_id=user.pk).count() == 1


def test_two_windows_that_finish_at_once_are_both_in_or_told_so(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    both = [openid_provider.visit(press(client)) for _ in range(2)]
    calls = [functools.partial(bring_back, same_browser(client), brought) for brought in both]
    answers = threads.all_at_once(calls)
    assert outcomes(answers).count((302, "/my-esr/")) >= 1
    assert set(outcomes(answers)) <= {(302, "/my-esr/"), (302, REFUSED), (400, "")}


def test_a_choice_made_many_times_at_once_opens_one_login(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    """Threat: two logins are open in one browser, and the pages of one show the other's."""
    elsewhere = link(make_user(organisation=make_organisation(code="998")))
    come_by(client, openid_provider)
    shown = about_in(client.get(CHOOSE))
    calls = [
        functools.partial(same_browser(client).post, CHOOSE, {**shown, "login": login.pk})
        for login in (user, elsewhere) * 2
    ]
    answers = threads.all_at_once(calls)
    # The others are refused, told that the browser has gone on (409), or find that their session has ended (400).
    assert set(outcomes(answers)) <= {(302, "/my-esr/"), (302, REFUSED), (409, ""), (400, "")}
    assert (302, "/my-esr/") in outcomes(answers)
    for answer in answers:
        cookie = answer.cookies.get("__Host-session")
        if answer.headers.get("Location") == "/my-esr/":
            assert Session.objects.get(pk=stored_key(cookie.value)).user_id in {user.pk, elsewhere.pk}
    assert not Session.objects.exclude(user_id__isnull=True).exclude(user_id__in=[user.pk, elsewhere.pk]).exists()
