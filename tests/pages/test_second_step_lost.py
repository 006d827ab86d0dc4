"""What a person does who has lost their second step."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from pytest_django import Settings

from accounts.models import OutboxMessage, SecondStepRecord, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import bootstrap_codes, recovery_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, log_in, send

pytestmark = pytest.mark.django_db

CHALLENGE = "/log-in/second-step/"
PAGE = "/log-in/second-step/lost/"
APP = "/second-step/set-up/app/"
CODES = "/second-step/set-up/codes/"


@pytest.fixture
def user() -> User:
    user = make_user()
    PhoneApp.of(user)
    return user


@pytest.fixture
def codes(user: User) -> list[str]:
    return recovery_codes.make(user=user)


@pytest.fixture
def half_in(client: PortalClient, user: User, codes: list[str]) -> PortalClient:
    """Return a browser in which the password of a person with an app and codes was right."""
    assert log_in(client, user)["Location"] == CHALLENGE
    return client


def words(client: PortalClient, path: str = PAGE) -> str:
    page = BeautifulSoup(client.get(path).content, "html5lib").select_one("main")
    return " ".join(page.get_text().split()) if page else ""


def error(page: bytes) -> str:
    found = BeautifulSoup(page, "html.parser").select_one(".nhsuk-error-message")
    return " ".join(found.get_text().split()) if found else ""


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def begin_anew(client: PortalClient, user: User) -> str:
    """Log in with a bootstrap code; return the secret that the page for the app shows then."""
    code = bootstrap_codes.make(user=user, by=None)
    assert send(client, PAGE, {"bootstrap_code": code})["Location"] == "/second-step/set-up/"
    secret = BeautifulSoup(client.get(APP).content, "html.parser").select_one(".portal-secret")
    assert secret is not None
    return secret.get_text()


@pytest.mark.parametrize("page", [CHALLENGE, PAGE])
def test_a_recovery_code_lets_in_on_either_page(half_in: PortalClient, codes: list[str], page: str) -> None:
    assert send(half_in, page, {"code": f" {codes[0].upper()} "})["Location"] == "/my-esr/"
    assert is_in(half_in)


def test_at_two_left_the_person_is_told_to_make_new_ones(half_in: PortalClient, user: User, codes: list[str]) -> None:
    for code in codes[:7]:
        recovery_codes.use(user=user, code=code.replace("-", ""))
    send(half_in, PAGE, {"code": codes[7]})
    assert "You have 2 recovery codes left" in words(half_in, "/my-esr/")


def test_with_more_left_nothing_is_said(half_in: PortalClient, codes: list[str]) -> None:
    send(half_in, PAGE, {"code": codes[0]})
    assert "recovery code" not in words(half_in, "/my-esr/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter one of your recovery codes"),
        ("123456", "A recovery code is 10 letters and digits, like 7kqm9-x2vhd"),
        ("x" * 500, "A recovery code is 10 letters and digits, like 7kqm9-x2vhd"),
        ("2222222222", "That is none of your recovery codes, or it was used already. Try another one"),
    ],
)
def test_what_is_no_recovery_code_is_refused_in_words(half_in: PortalClient, typed: str, said: str) -> None:
    answer = send(half_in, PAGE, {"code": typed})
    assert error(answer.content).endswith(said)
    assert typed not in answer.text or not typed


def test_after_a_hundred_wrong_ones_the_page_says_what_opens_them_again(
    half_in: PortalClient, user: User, codes: list[str]
) -> None:
    SecondStepRecord.objects.create(user=user, wrong_recovery_in_a_row=100)
    assert "too many wrong recovery codes" in error(send(half_in, PAGE, {"code": codes[0]}).content)
    assert send(half_in, CHALLENGE, {"code": PhoneApp.of(user).code()})["Location"] == "/my-esr/"


def test_without_codes_the_page_offers_none_and_takes_none(client: PortalClient) -> None:
    user = make_user()
    PhoneApp.of(user)
    log_in(client, user)
    assert "With a recovery code" not in words(client)
    assert "no recovery codes left" in error(send(client, PAGE, {"code": "2222222222"}).content)


def test_an_ordinary_person_is_led_to_the_contact_of_their_organisation(half_in: PortalClient, user: User) -> None:
    page = BeautifulSoup(half_in.get(PAGE).content, "html.parser")
    assert page.select_one(f'main a[href="/help/?organisation={user.organisation.code}#find-your-organisation"]')


def test_a_smartcard_is_offered_where_it_works(
    client: PortalClient, user: User, settings: Settings, openid_provider: OpenIDProvider
) -> None:
    log_in(client, user)
    assert "Log in with my Care Identity" in words(client)
    settings.CARE_IDENTITY_DISCOVERY_URL = ""
    assert "Care Identity" not in words(client)


def test_a_bootstrap_code_sets_up_a_new_second_step_and_opens_nothing_else(half_in: PortalClient, user: User) -> None:
    secret = begin_anew(half_in, user)
    assert not is_in(half_in)
    assert half_in.get(f"{CODES}file/").status_code == 302
    for elsewhere in (CODES, CHALLENGE, PAGE):
        assert half_in.get(elsewhere)["Location"] == "/second-step/set-up/"
    assert half_in.post(CODES, {**half_in.shown[CHALLENGE], "saved": "yes"})["Location"] == "/second-step/set-up/"
    assert half_in.post(CODES, {**half_in.shown[CHALLENGE], "make": "yes"})["Location"] == "/second-step/set-up/"
    assert not is_in(half_in)
    assert send(half_in, APP, {"code": PhoneApp.typed(secret).code()})["Location"] == CODES
    assert send(half_in, CODES, {"saved": "yes"})["Location"] == "/my-esr/"


def test_what_was_lost_goes_when_the_new_way_is_confirmed_and_not_before(
    half_in: PortalClient, user: User, codes: list[str]
) -> None:
    """Threat: a caller talks a code out of the helpdesk, and the owner's second step is gone at once."""
    old = PhoneApp.of(user)
    secret = begin_anew(half_in, user)
    send(half_in, APP, {"code": PhoneApp.typed(secret).wrong_code()})
    assert second_step.check(user=user, code=old.code())
    assert recovery_codes.left(user=user) == 10
    send(half_in, APP, {"code": PhoneApp.typed(secret).code()})
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=user, code=old.next_code())
    with pytest.raises(second_step.WrongRecoveryCode):
        recovery_codes.use(user=user, code=codes[0].replace("-", ""))
    assert SecurityEvent.objects.filter(event=Event.SECOND_STEP_REMOVED, reason="lost").count() == 1
    assert OutboxMessage.objects.filter(kind=Kind.SECOND_STEP_REMOVED, about__what="all").count() == 1


def test_a_bootstrap_code_needs_the_password_too(client: PortalClient, user: User) -> None:
    code = bootstrap_codes.make(user=user, by=None)
    assert send(client, PAGE, {"bootstrap_code": code})["Location"] == "/log-in/"
    assert send(client, CHALLENGE, {"bootstrap_code": code})["Location"] == "/log-in/"


def test_a_wrong_bootstrap_code_is_explained(half_in: PortalClient) -> None:
    answer = send(half_in, PAGE, {"bootstrap_code": "1234 5678"})
    assert "That code is not right, was used already, or is older than an hour" in error(answer.content)
    assert "<title>Error: " in answer.text
    assert "like 1234 5678" in error(send(half_in, PAGE, {"bootstrap_code": "12"}).content)


def test_after_five_wrong_bootstrap_codes_the_log_in_begins_anew_and_the_code_stays(
    half_in: PortalClient, other_client: PortalClient, user: User
) -> None:
    """Threat: an attacker who knows the password guesses codes, until the owner's is gone."""
    code = bootstrap_codes.make(user=user, by=None)
    for _ in range(4):
        assert "After five wrong tries you have to log in again" in error(send(half_in, PAGE, wrong_code(code)).content)
    assert send(half_in, PAGE, wrong_code(code))["Location"] == "/log-in/"
    assert "Five codes from the helpdesk were wrong. Log in again." in words(half_in, "/log-in/")
    assert half_in.get(PAGE)["Location"] == "/log-in/"
    log_in(half_in, user)
    assert error(send(half_in, PAGE, wrong_code(code)).content)
    log_in(other_client, user)
    assert send(other_client, PAGE, {"bootstrap_code": code})["Location"] == "/second-step/set-up/"


def wrong_code(code: str) -> dict[str, str]:
    """Return what a person sends who types a code that `code` is not."""
    return {"bootstrap_code": f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"}


def test_the_boxes_are_told_apart_for_those_who_fill_them_in(half_in: PortalClient) -> None:
    page = BeautifulSoup(half_in.get(PAGE).content, "html.parser")
    recovery, bootstrap = page.select_one("input[name=code]"), page.select_one("input[name=bootstrap_code]")
    assert recovery is not None
    assert bootstrap is not None
    assert "inputmode" not in recovery.attrs
    assert bootstrap["inputmode"] == "numeric"


def test_required_and_not_set_up_opens_the_choice_first(client: PortalClient) -> None:
    user = make_user(organisation=make_organisation(code="997", second_step="required"))
    assert log_in(client, user)["Location"] == "/second-step/set-up/"
    page = words(client, "/second-step/set-up/")
    assert page.startswith("Set up a second step")
    assert "Logging in as" in page
    assert client.get(PAGE)["Location"] == "/second-step/set-up/"
