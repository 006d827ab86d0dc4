"""The pages on which a second step is set up: at the first log-in of an admin, and in a session."""

from __future__ import annotations

import base64
import urllib.parse

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.hashers import make_password

from accounts.browser import about
from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import second_step
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, make_organisation, make_user
from tests.support.steps import PortalClient, about_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CHOOSE = "/second-step/set-up/"
PAGE = "/second-step/set-up/app/"
CODES = "/second-step/set-up/codes/"


@pytest.fixture
def admin() -> User:
    return make_user(is_staff=True)


@pytest.fixture
def half_in(client: PortalClient, admin: User) -> PortalClient:
    """Return a browser in which the password of an admin without a second step was right."""
    assert log_in(client, admin)["Location"] == CHOOSE
    return client


def page_of(client: PortalClient) -> Tag:
    response = client.get(PAGE)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def typed_secret(client: PortalClient) -> str:
    secret = page_of(client).select_one(".portal-secret")
    assert secret is not None
    return secret.get_text()


def test_the_first_log_in_of_an_admin_sets_up_the_second_step_and_opens_the_admin(
    half_in: PortalClient, admin: User
) -> None:
    response = send(half_in, PAGE, {"code": PhoneApp.typed(typed_secret(half_in)).code()})
    assert response["Location"] == CODES
    assert half_in.get("/admin/").status_code == 302
    assert send(half_in, CODES, {"saved": "yes"})["Location"] == "/my-esr/"
    assert half_in.get("/admin/").status_code == 200
    assert second_step.is_set_up(user=admin)


def test_nothing_of_the_admin_opens_before(half_in: PortalClient) -> None:
    assert half_in.get("/admin/")["Location"] == "/log-in/?next=/admin/"
    assert half_in.get("/my-esr/").status_code == 302


def test_the_secret_is_a_picture_with_a_text_alternative_and_text_in_groups_of_four(half_in: PortalClient) -> None:
    page = page_of(half_in)
    picture = page.select_one("img.portal-qr-code")
    assert picture is not None
    assert str(picture["src"]).startswith("data:image/svg+xml")
    assert "QR code" in str(picture["alt"])
    assert [len(group) for group in typed_secret(half_in).split(" ")] == [4] * 8


def test_the_link_for_a_phone_carries_the_same_secret(half_in: PortalClient, admin: User) -> None:
    link = page_of(half_in).select_one("a[href^=otpauth]")
    assert link is not None
    address = urllib.parse.urlsplit(str(link["href"]))
    assert urllib.parse.parse_qs(address.query)["secret"] == [typed_secret(half_in).replace(" ", "")]
    assert urllib.parse.unquote(address.path) == f"/ESR Portal:{admin.username}"


def test_a_reload_and_a_wrong_code_show_the_same_secret(half_in: PortalClient) -> None:
    secret = typed_secret(half_in)
    assert typed_secret(half_in) == secret
    wrong = send(half_in, PAGE, {"code": PhoneApp.typed(secret).wrong_code()}).content.decode()
    assert "That code does not match" in wrong
    assert secret in wrong
    assert typed_secret(half_in) == secret


def test_each_log_in_has_a_secret_of_its_own(half_in: PortalClient, other_client: PortalClient, admin: User) -> None:
    """Threat: an attacker with the password looks at the secret first, and waits for the owner to confirm it."""
    seen = typed_secret(half_in)
    log_in(other_client, admin)
    assert typed_secret(other_client) != seen


def test_the_secret_of_one_log_in_is_not_confirmed_by_the_code_of_another(
    half_in: PortalClient, other_client: PortalClient, admin: User
) -> None:
    theirs = typed_secret(half_in)
    log_in(other_client, admin)
    assert send(other_client, PAGE, {"code": PhoneApp.typed(theirs).code()}).status_code == 200
    assert not second_step.is_set_up(user=admin)


def test_a_second_log_in_that_is_half_finished_cannot_replace_what_the_first_set_up(
    half_in: PortalClient, other_client: PortalClient, admin: User
) -> None:
    """Threat: an attacker with the password stands on this page while the owner finishes it."""
    theirs, open_page = typed_secret(half_in), about_in(half_in.get(PAGE))
    log_in(other_client, admin)
    mine = PhoneApp.typed(typed_secret(other_client))
    assert send(other_client, PAGE, {"code": mine.code()}).status_code == 302
    answer = half_in.post(PAGE, {**open_page, "code": PhoneApp.typed(theirs).code()})
    assert answer["Location"] == "/log-in/second-step/"
    assert send(half_in, "/log-in/second-step/", {"code": mine.next_code()}).status_code == 302


def test_nobody_sets_up_a_second_step_without_the_password(client: PortalClient) -> None:
    assert client.get(PAGE)["Location"] == "/log-in/"
    assert send(client, PAGE, {"code": "123456"})["Location"] == "/log-in/"


def test_somebody_who_has_a_second_step_is_not_offered_another(client: PortalClient, admin: User) -> None:
    PhoneApp.of(admin)
    log_in(client, admin)
    for page in (CHOOSE, PAGE, CODES, f"{CODES}file/"):
        assert client.get(page)["Location"] == "/log-in/second-step/"


def test_somebody_who_is_logged_in_sets_one_up_if_they_proved_lately_who_they_are(
    client: PortalClient, travel: Travel
) -> None:
    user = make_user()
    log_in(client, user)
    assert client.get(CHOOSE).status_code == 200
    app = PhoneApp.typed(typed_secret(client))
    travel(minutes=5, seconds=1)
    assert client.get(PAGE).status_code == 302
    assert send(client, PAGE, {"code": app.next_code(), "about": about.person(user)}).status_code == 302
    assert not second_step.is_set_up(user=user)


def test_in_a_session_a_new_app_takes_the_place_of_the_old_one_and_codes_follow(client: PortalClient) -> None:
    user = make_user()
    log_in(client, user)
    old = PhoneApp.typed(typed_secret(client))
    assert send(client, PAGE, {"code": old.code()})["Location"] == CODES
    new = PhoneApp.typed(typed_secret(client))
    assert "works until the new one is confirmed" in client.get(PAGE).content.decode()
    send(client, PAGE, {"code": new.code()})
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=user, code=old.next_code())
    assert second_step.check(user=user, code=new.next_code())


def test_an_organisation_that_has_switched_it_off_offers_nothing(client: PortalClient) -> None:
    log_in(client, make_user(organisation=make_organisation(code="998", second_step="off")))
    assert client.get(CHOOSE).status_code == 302
    assert client.get(PAGE).status_code == 302


def test_a_password_change_ends_the_setting_up(half_in: PortalClient, admin: User) -> None:
    """Threat: an attacker who knew the old password enrols a phone after the owner's recovery."""
    code = PhoneApp.typed(typed_secret(half_in)).code()
    User.objects.filter(pk=admin.pk).update(password=make_password(NEW_PASSWORD))
    assert send(half_in, PAGE, {"code": code})["Location"] == "/log-in/"
    assert not second_step.is_set_up(user=admin)


def test_setting_up_is_written_down(half_in: PortalClient, admin: User) -> None:
    send(half_in, PAGE, {"code": PhoneApp.typed(typed_secret(half_in)).wrong_code()})
    send(half_in, PAGE, {"code": PhoneApp.typed(typed_secret(half_in)).code()})
    happened = SecurityEvent.objects.filter(user=admin).order_by("pk").values_list("event", flat=True)
    assert list(happened) == [Event.SECOND_STEP_FAILED, Event.SECOND_STEP_ENROLLED, Event.RECOVERY_CODES_MADE]
    send(half_in, CODES, {"saved": "yes"})
    assert SecurityEvent.objects.filter(user=admin, event=Event.LOGGED_IN).count() == 1


def test_the_secret_does_not_stay_in_the_session_and_is_sealed_before(half_in: PortalClient) -> None:
    """Threat: a reader of the database makes codes from what half-finished log-ins leave in their sessions."""
    secret = typed_secret(half_in)
    in_session = str(dict(half_in.session))
    assert "secret" in in_session
    assert base64.b32decode(secret.replace(" ", "")).hex() not in in_session
    send(half_in, PAGE, {"code": PhoneApp.typed(secret).code()})
    assert "secret" not in str(dict(half_in.session))


def test_no_answer_of_the_page_is_kept_by_a_browser(half_in: PortalClient) -> None:
    assert "no-store" in half_in.get(PAGE)["Cache-Control"]
    assert "no-store" in send(half_in, PAGE, {"code": "1"})["Cache-Control"]
