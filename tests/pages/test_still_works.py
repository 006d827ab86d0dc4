"""The question after a log-in: does your second step still work."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts import adapter
from accounts.models import Authenticator, SecondStepRecord, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import still_works
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity, smartcard, trust
from tests.support.factories import make_organisation, make_user
from tests.support.passkeys import registered
from tests.support.steps import PortalClient, about_in, answered, log_in, send
from tests.support.travel import Travel

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

PAGE = "/second-step/still-works/"
ASKED = f"{PAGE}?next=%2Fmy-esr%2F"


@pytest.fixture
def user() -> User:
    """Return a person whose authenticator app was set up four weeks and a minute ago, and not used since."""
    user = link(make_user())
    PhoneApp.of(user)
    long_ago = timezone.now() - datetime.timedelta(days=28, minutes=1)
    Authenticator.objects.update(created_at=long_ago, last_used_at=None)
    return user


def comes(client: PortalClient, user: User) -> str:
    """Log in with a smartcard, which asks for no code; return where that leads."""

    def enter(request: HttpRequest) -> HttpResponse:
        return adapter.enter_by_care_identity(request, user=user, proof=smartcard(), id_token="", next_url="")

    return answered(client, enter)["Location"]


def answers(user: User) -> list[str]:
    kept = SecurityEvent.objects.filter(user=user, event=Event.SECOND_STEP_KEPT).order_by("pk")
    return list(kept.values_list("reason", flat=True))


def press(client: PortalClient, page: str) -> Answer:
    return client.post(f"{PAGE}{page}/", about_in(client.get(PAGE)))


def test_a_log_in_without_it_after_four_weeks_leads_to_the_question(client: PortalClient) -> None:
    """Inside the networks of an organisation that requires one outside: the person is never asked there."""
    organisation = make_organisation(second_step="required_outside")

    trust(organisation)
    user = make_user(organisation=organisation)
    assert log_in(client, user)["Location"] == "/my-esr/"
    PhoneApp.of(user)
    assert log_in(client, user)["Location"] == "/my-esr/"
    Authenticator.objects.update(created_at=timezone.now() - still_works.ASK_AFTER)
    assert log_in(client, user)["Location"] == ASKED


def test_using_it_answers_the_question(client: PortalClient, user: User, travel: Travel) -> None:
    assert comes(client, user) == ASKED
    page = client.get(ASKED)
    assert "<h1" in page.text
    assert "You have not used it for 4 weeks or longer." in page.text
    wrong = send(client, PAGE, {"code": PhoneApp.of(user).wrong_code()})
    assert "That code is not right" in wrong.text
    answer = client.post(PAGE, {**about_in(page), "next": "/help/", "code": PhoneApp.of(user).code()})
    assert answer["Location"] == "/help/"
    assert "Your second step works." in client.get("/my-esr/").text
    assert answers(user) == ["used"]
    assert comes(client, user) == "/my-esr/"
    # The page that was left open is of no use, and of no harm.
    assert client.get(PAGE)["Location"] == "/my-esr/"
    travel(days=29)
    assert comes(client, user) == ASKED


def test_a_passkey_answers_it_and_proves_who_the_person_is(client: PortalClient, travel: Travel) -> None:
    user = link(make_user())
    authenticator, _ = registered(user)
    travel(days=28, minutes=1)
    log_in_by_care_identity(client, user)
    page = client.get(PAGE)
    assert f'action="{PAGE}passkey/"' in page.text
    assert 'name="code"' not in page.text
    options = client.post("/passkeys/again/begin/", about_in(page)).json()
    refused = client.post(f"{PAGE}passkey/", {**about_in(page), "credential": "{}"})
    assert refused["Location"] == ASKED
    options = client.post("/passkeys/again/begin/", about_in(page)).json()
    key = client.session.session_key
    answer = client.post(f"{PAGE}passkey/", {**about_in(page), "credential": authenticator.use(options)})
    assert answer["Location"] == "/my-esr/"
    # A copy of the cookie has no part in the proof.
    assert client.session.session_key != key
    assert answers(user) == ["used"]
    assert not still_works.is_to_be_asked(user=user)


def test_a_lost_one_leads_to_the_security_page_and_is_not_asked_for_again(client: PortalClient, user: User) -> None:
    comes(client, user)
    press(client, "lost")
    assert answers(user) == ["lost"]
    assert comes(client, user) == "/my-esr/"


def test_it_can_wait_once(client: PortalClient, user: User) -> None:
    comes(client, user)
    assert "Ask me next time" in client.get(PAGE).text
    assert press(client, "later")["Location"] == "/my-esr/"
    assert comes(client, user) == ASKED
    assert "Ask me next time" not in client.get(PAGE).text
    press(client, "later")
    assert answers(user) == ["ask_next_time"]
    send(client, PAGE, {"code": PhoneApp.of(user).code()})
    assert still_works.may_wait(user=user)


def test_the_answers_of_a_person_who_is_not_asked_leave_nothing_behind(client: PortalClient, user: User) -> None:
    """Threat: a person fills the list of events by pressing without end."""
    comes(client, user)
    asked = about_in(client.get(PAGE))
    for page in ("lost", "lost", "later", "later"):
        client.post(f"{PAGE}{page}/", asked)
    assert answers(user) == ["lost"]


def test_what_was_used_just_now_is_not_asked_for(client: PortalClient, user: User) -> None:
    log_in(client, user)
    answer = send(client, "/log-in/second-step/", {"code": PhoneApp.of(user).code()})
    assert answer["Location"] == "/my-esr/"
    assert SecondStepRecord.objects.get(user=user).shown_to_work_at is not None
    assert comes(client, user) == "/my-esr/"


def test_a_person_without_a_second_step_is_not_asked_in_one_query(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_user()
    with django_assert_num_queries(1):
        assert not still_works.is_to_be_asked(user=other)
    second_step.remove(user=user, by=None)
    assert not still_works.is_to_be_asked(user=user)


def test_the_answers_of_a_stale_page_are_no_answers(client: PortalClient, user: User) -> None:
    """Threat: the form of the person before answers for the next one at the same PC."""
    comes(client, user)
    old = about_in(client.get(PAGE))
    other = make_user()
    log_in(client, other)
    for page in ("", "passkey/", "lost/", "later/"):
        assert client.post(f"{PAGE}{page}", old).status_code == 409
    assert not SecurityEvent.objects.filter(event=Event.SECOND_STEP_KEPT).exists()
