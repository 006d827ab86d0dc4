"""The page that asks for a code after the password."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from accounts.models import SecondStepRecord, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import second_step
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE = "/log-in/second-step/"
LOST = "/log-in/second-step/lost/"


@pytest.fixture
def admin() -> User:
    return make_user(is_staff=True)


@pytest.fixture
def app(admin: User) -> PhoneApp:
    return PhoneApp.of(admin)


@pytest.fixture
def half_in(client: PortalClient, admin: User, app: PhoneApp) -> PortalClient:
    """Return a browser in which the admin's password was right."""
    assert log_in(client, admin)["Location"] == PAGE
    return client


def typed(client: PortalClient, code: str) -> str:
    response = send(client, PAGE, {"code": code})
    assert response.status_code == 200
    return response.content.decode()


def error(page: str) -> str:
    found = BeautifulSoup(page, "html.parser").select_one(".nhsuk-error-message")
    return " ".join(found.get_text().split()) if found else ""


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def test_a_lost_phone_leads_to_the_people_who_run_the_portal(half_in: PortalClient, settings: Settings) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "the ESR team", "esr-team@north.nhs.example"
    words = "For a new second step, ask the people who run this portal"
    page = BeautifulSoup(half_in.get(LOST).content, "html5lib")
    assert f"{words} (the ESR team), at esr-team@north.nhs.example. They" in " ".join(page.get_text().split())
    assert page.select_one('main a[href^="mailto:esr-team@north.nhs.example?"]')


def test_the_password_alone_lets_no_admin_in(half_in: PortalClient) -> None:
    assert not is_in(half_in)
    assert not SecurityEvent.objects.filter(event=Event.LOGGED_IN).exists()


def test_a_right_code_lets_an_admin_in_with_the_second_step_on_the_session(
    half_in: PortalClient, app: PhoneApp
) -> None:
    response = send(half_in, PAGE, {"code": app.code()})
    assert response["Location"] == "/my-esr/"
    assert half_in.get("/admin/").status_code == 200


def test_the_address_that_was_asked_for_survives_the_second_step(
    client: PortalClient, admin: User, app: PhoneApp
) -> None:
    client.post("/log-in/", {"username": admin.username, "password": PASSWORD, "next": "/admin/accounts/user/"})
    assert send(client, PAGE, {"code": app.code()})["Location"] == "/admin/accounts/user/"


@pytest.mark.parametrize("form", ["{0} {1}", " {0}{1} ", "{0}-{1}", "{0}\u00a0{1}", "{0}\u200b{1}"])
def test_blanks_in_a_code_are_forgiven(half_in: PortalClient, app: PhoneApp, form: str) -> None:
    code = app.code()
    assert send(half_in, PAGE, {"code": form.format(code[:3], code[3:])}).status_code == 302


def test_full_width_digits_are_forgiven(half_in: PortalClient, app: PhoneApp) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in app.code())
    assert send(half_in, PAGE, {"code": wide}).status_code == 302


@pytest.mark.parametrize(
    "code", ["12345", "1234567", "12345a", "-12345", "+12345", "1_2345", "٠١٢٣٤٥", "😀", "1" * 1000]
)
def test_what_is_no_code_is_refused_in_words_and_counts_for_nothing(half_in: PortalClient, code: str) -> None:
    assert error(typed(half_in, code)).endswith("The code is 6 digits, like 123 456")
    assert not SecurityEvent.objects.filter(event=Event.SECOND_STEP_FAILED).exists()


def test_an_empty_box_is_asked_for(half_in: PortalClient) -> None:
    page = typed(half_in, "")
    assert error(page).endswith("Enter the code that your authenticator app shows")
    assert "<title>Error: " in page


def test_a_wrong_code_is_explained_and_not_repeated_in_the_box(half_in: PortalClient, app: PhoneApp) -> None:
    wrong = app.wrong_code()
    page = typed(half_in, wrong)
    assert "That code is not right, or it was used already" in error(page)
    assert wrong not in page
    assert not is_in(half_in)


def test_after_wrong_codes_the_page_says_how_long_to_wait(half_in: PortalClient, app: PhoneApp, travel: Travel) -> None:
    for _ in range(4):
        typed(half_in, app.wrong_code())
    assert error(typed(half_in, app.code())).endswith("You can try again in 30 seconds")
    for seconds in (31, 61, 121):
        travel(seconds=seconds)
        typed(half_in, app.wrong_code())
    assert re.search(r"You can try again at \d{1,2}(:\d\d)?(am|pm)( on .*)?$", error(typed(half_in, app.code())))


def test_after_a_hundred_wrong_codes_the_page_leads_to_another_way(
    half_in: PortalClient, admin: User, app: PhoneApp
) -> None:
    SecondStepRecord.objects.create(user=admin, wrong_in_a_row=100)
    assert "Choose “I have lost my second step”" in error(typed(half_in, app.code()))


def test_a_code_lets_one_browser_in_and_no_second(
    half_in: PortalClient, other_client: PortalClient, admin: User, app: PhoneApp
) -> None:
    """Threat: an attacker who knows the password reads the code over the admin's shoulder."""
    code = app.code()
    log_in(other_client, admin)
    assert send(half_in, PAGE, {"code": code}).status_code == 302
    assert "used already" in error(typed(other_client, code))
    assert not is_in(other_client)


def test_nobody_gets_to_the_page_without_the_password(client: PortalClient, app: PhoneApp) -> None:
    assert client.get(PAGE)["Location"] == "/log-in/"
    assert send(client, PAGE, {"code": app.code()})["Location"] == "/log-in/"
    assert not SecurityEvent.objects.filter(event__startswith="second_step").exists()


def test_somebody_without_a_second_step_is_not_asked_for_one(client: PortalClient) -> None:
    assert log_in(client, make_user())["Location"] == "/my-esr/"


def test_starting_again_drops_the_half_finished_log_in(half_in: PortalClient, app: PhoneApp) -> None:
    page = half_in.get(PAGE).content.decode()
    assert 'href="/log-in/"' in page
    half_in.get("/log-in/")
    assert send(half_in, PAGE, {"code": app.code()})["Location"] == "/log-in/"


def test_a_half_finished_log_in_ends_after_15_minutes(half_in: PortalClient, app: PhoneApp, travel: Travel) -> None:
    travel(minutes=15, seconds=5)
    assert send(half_in, PAGE, {"code": app.code()})["Location"] == "/log-in/"
    assert not is_in(half_in)


def test_a_password_change_ends_a_half_finished_log_in(half_in: PortalClient, admin: User, app: PhoneApp) -> None:
    """Threat: an attacker with the old password waits at the second step while the owner sets a new one."""
    User.objects.filter(pk=admin.pk).update(password=make_password(NEW_PASSWORD))
    assert send(half_in, PAGE, {"code": app.code()})["Location"] == "/log-in/"
    assert not SecurityEvent.objects.filter(event=Event.SECOND_STEP_PASSED).exists()


def test_deactivation_ends_a_half_finished_log_in(half_in: PortalClient, admin: User, app: PhoneApp) -> None:
    User.objects.filter(pk=admin.pk).update(is_active=False)
    assert send(half_in, PAGE, {"code": app.code()})["Location"] == "/log-in/"


def test_a_second_step_taken_away_meanwhile_begins_the_log_in_anew(half_in: PortalClient, admin: User) -> None:
    second_step.remove(user=admin, by=None)
    assert half_in.get(PAGE)["Location"] == "/log-in/"


def test_no_answer_of_the_page_is_kept_by_a_browser(half_in: PortalClient, app: PhoneApp) -> None:
    for response in (half_in.get(PAGE), send(half_in, PAGE, {"code": "1"}), send(half_in, PAGE, {"code": app.code()})):
        assert "no-store" in response["Cache-Control"]


def test_the_box_is_one_that_phones_fill_in(half_in: PortalClient) -> None:
    box = BeautifulSoup(half_in.get(PAGE).content, "html.parser").select_one("input[name=code]")
    assert box is not None
    assert (box["autocomplete"], box["inputmode"]) == ("one-time-code", "numeric")
