"""My ESR → Security: what protects the account, and where its person is logged in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import OutboxMessage, RecoveryCodes, RememberedBrowser, SecurityEvent, Session, SwitchedOff, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services.second_step import recovery_codes, remembered_browsers
from tests.support.authenticator import PhoneApp, show_second_step
from tests.support.care_identity import OUTSIDE, log_in_by_care_identity, trust
from tests.support.factories import make_organisation, make_user
from tests.support.protection import add_codes, add_passkey, browser_of
from tests.support.steps import PortalClient, come_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

SECURITY = "/my-esr/security/"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"


def page(client: PortalClient, path: str = SECURITY) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def words(client: PortalClient, path: str = SECURITY) -> str:
    main = page(client, path).main
    assert main is not None
    return main.get_text(" ", strip=True)


@pytest.fixture
def at_home(client: PortalClient, user: User) -> PortalClient:
    """Return the browser of `user`, who has just logged in by password and shows any second step that they have."""
    client.defaults |= {"HTTP_USER_AGENT": EDGE}
    come_in(client, user)
    show_second_step(client)
    return client


def test_it_is_for_those_who_are_logged_in_and_my_esr_leads_to_it(client: PortalClient, user: User) -> None:
    assert client.get(SECURITY)["Location"] == f"/log-in/?next={SECURITY}"
    come_in(client, user)
    assert page(client, "/my-esr/").select(f"a[href='{SECURITY}']")


def test_a_person_with_a_password_alone_is_told_how_to_add_a_second_step(at_home: PortalClient) -> None:
    seen = words(at_home)
    assert "Your account has no second step." in seen
    assert "Authenticator app Not set up Set up" in seen
    assert "With a passkey you log in by fingerprint" in seen
    # Codes alone are no second step.
    assert "Recovery codes" not in seen


def test_each_way_is_listed_with_what_a_person_knows_it_by(at_home: PortalClient, user: User) -> None:
    day = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
    User.objects.filter(pk=user.pk).update(password_changed_at=day)
    PhoneApp.of(user)
    user.totpdevice_set.update(created_at=day)
    for facts in ({}, {"name": "Windows Hello", "backup_state": False, "last_used_at": day}):
        Passkey.objects.filter(pk=add_passkey(user, **facts).pk).update(created_at=day)
    add_codes(user, left=7)
    seen = words(at_home)
    assert "Password Changed on 4 March 2026 Change" in seen
    assert "Care Identity Linked" in seen
    assert "Authenticator app Set up on 4 March 2026" in seen
    assert "Recovery codes 7 of 10 left" in seen
    assert "iPhone Added 4 March 2026 Last used Never Kept Synced between your devices" in seen
    assert "Windows Hello Added 4 March 2026 Last used 4 March 2026 Kept On one device only" in seen
    assert "only one second step" not in seen
    assert "Make new ones soon" not in seen


@pytest.mark.parametrize(("left", "is_warned"), [(3, False), (2, True), (0, True)])
def test_the_person_is_warned_at_two_codes(at_home: PortalClient, user: User, left: int, is_warned: bool) -> None:
    PhoneApp.of(user)
    add_codes(user, left=left)
    assert ("Make new ones soon" in words(at_home)) is is_warned


def test_with_one_way_the_page_says_to_add_another_and_how(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    PhoneApp.of(user)
    assert "You have only one second step." in words(client)
    assert "Add another: make recovery codes" in words(client)
    codes = add_codes(user, left=1)
    assert "You have only one second step." not in words(client)
    RecoveryCodes.objects.filter(pk=codes.pk).update(sealed=[])
    assert "You have used all your recovery codes." in words(client)


def test_where_the_policy_is_off_it_says_only_what_is_there(client: PortalClient) -> None:
    user = make_user(organisation=make_organisation(code="997", second_step=SecondStepPolicy.OFF))
    come_in(client, user)
    seen = words(client)
    assert not any(word in seen for word in ("second step", "Passkey", "passkey", "Authenticator", "Recovery codes"))
    PhoneApp.of(user)
    seen = words(client)
    assert "Authenticator app Set up on" in seen
    assert "Remove" in seen
    assert not any(word in seen for word in ("Replace", "Add another", "passkey"))


def test_a_refused_passkey_says_so_and_passkeys_switched_off_too(at_home: PortalClient, user: User) -> None:
    add_passkey(user, confirmed=False)
    assert "This passkey does not work any more" in words(at_home)
    SwitchedOff.objects.create(part=Part.PASSKEYS)
    assert "Passkeys cannot be used at the moment." in words(at_home)
    Passkey.objects.all().delete()
    assert "asskeys" not in words(at_home)


def test_a_person_without_a_password_reads_so(client: PortalClient, user: User) -> None:
    user.set_unusable_password()
    user.save()
    log_in_by_care_identity(client, user)
    assert "Password You have none Set up" in words(client)


def test_nothing_secret_is_on_the_page(at_home: PortalClient, user: User) -> None:
    app = PhoneApp.of(user)
    codes = add_codes(user)
    browser_of_another = make_user(email="private@nhs.net")
    html = at_home.get(SECURITY).text
    assert app._key.hex() not in html
    assert codes.sealed[0] not in html
    assert browser_of_another.username not in html
    for row in Session.objects.all():
        assert row.session_key not in html
    assert at_home.cookies[django_settings.SESSION_COOKIE_NAME].value not in html


def test_browsers_are_listed_and_one_is_logged_out(at_home: PortalClient, user: User) -> None:
    trust(user.organisation)
    phone = browser_of(user)
    other = browser_of(user, user_agent="")
    cards = [card.get_text(" ", strip=True) for card in page(at_home).select(".nhsuk-card")]
    assert cards[0].startswith("Edge on Windows This browser From Network of Northern Test Hospitals Logged in ")
    assert cards[1].startswith("A browser that is not known From Network of Northern Test Hospitals")
    assert "Last used" in cards[2]
    assert "Log out Safari on iPhone" in cards[2]
    names = [str(field["value"]) for field in page(at_home).select("[name=browser]")]
    about = str(page(at_home).select("[name=about]")[0]["value"])
    assert at_home.post(f"{SECURITY}log-out-browser/", {"about": about, "browser": names[1]})["Location"] == SECURITY
    assert "That browser was logged out." in words(at_home)
    # On its next request.
    assert phone.get("/my-esr/").status_code == 302
    assert [browser.get("/my-esr/").status_code for browser in (at_home, other)] == [200, 200]
    at_home.post(f"{SECURITY}log-out-browser/", {"about": about, "browser": names[1]})
    assert "That browser was logged out already." in words(at_home)
    at_home.post(f"{SECURITY}log-out-others/", {"about": about})
    assert "You were logged out everywhere but here." in words(at_home)
    assert other.get("/my-esr/").status_code == 302
    assert "Log out everywhere else" not in words(at_home)
    reasons = SecurityEvent.objects.filter(event=Event.SESSION_ENDED, user=user).order_by("pk")
    assert list(reasons.values_list("reason", flat=True)) == ["one", "all_others"]


def test_a_remembered_browser_is_forgotten_and_anothers_is_not(at_home: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    other = make_user()
    theirs, own = remembered_browsers.remember(user=other), remembered_browsers.remember(user=user)
    assert own
    assert theirs
    RememberedBrowser.objects.update(device="Safari on iPhone")
    assert "Ask again in Safari on iPhone" in words(at_home)
    about = str(page(at_home).select("[name=about]")[0]["value"])
    for pk in (theirs.pk, "x", "9" * 40, "-1", ""):
        at_home.post(f"{SECURITY}forget-browser/", {"about": about, "browser": pk})
        assert RememberedBrowser.objects.count() == 2
    at_home.post(f"{SECURITY}forget-browser/", {"about": about, "browser": own.pk})
    assert "That browser is asked for a second step again." in words(at_home)
    assert list(RememberedBrowser.objects.values_list("user_id", flat=True)) == [other.pk]


def test_the_app_is_removed_after_a_question_and_told_by_mail(at_home: PortalClient, user: User) -> None:
    address = f"{SECURITY}remove-app/"
    assert at_home.get(address)["Location"] == SECURITY
    PhoneApp.of(user)
    assert "Its codes no longer let you in." in words(at_home, address)
    assert send(at_home, address)["Location"] == SECURITY
    assert "Your authenticator app was removed." in words(at_home)
    assert [row.kind for row in OutboxMessage.objects.all()] == [Kind.SECOND_STEP_REMOVED]


def test_the_last_second_step_of_a_person_who_must_have_one_stays(at_home: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    user.organisation.second_step = SecondStepPolicy.REQUIRED
    user.organisation.save()
    send(at_home, f"{SECURITY}remove-app/")
    assert "Nothing was removed." in words(at_home)


def test_it_takes_as_many_queries_however_much_there_is(
    at_home: PortalClient, user: User, django_assert_num_queries: Any
) -> None:
    add_passkey(user)
    with django_assert_num_queries(13):
        at_home.get(SECURITY)
    for _ in range(3):
        add_passkey(user)
        remembered_browsers.remember(user=user)
        browser_of(user)
    with django_assert_num_queries(13):
        at_home.get(SECURITY)


def test_recent_activity_is_paged_and_says_when_and_from_what(
    at_home: PortalClient, user: User, travel: Travel
) -> None:
    address = f"{SECURITY}activity/"
    assert page(at_home).select(f"a[href='{address}']")
    seen = words(at_home, address)
    assert "You logged in with your password." in seen
    assert "Edge on Windows" in seen
    for _ in range(25):
        SecurityEvent.objects.create(event=Event.LOG_IN_FAILED, user=user, at=timezone.now(), address=OUTSIDE)
    soup = page(at_home, address)
    assert len(soup.select(".portal-activity > li")) == 20
    older = soup.select("a[rel=next]")[0]["href"]
    soup = page(at_home, str(older))
    assert len(soup.select(".portal-activity > li")) >= 6
    assert not soup.select("a[rel=next]")
    assert "Newest activity" in soup.get_text()
    assert "There is nothing older." in words(at_home, f"{address}?before=0-0")


def test_codes_of_the_service_are_counted_on_the_page(at_home: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    code = recovery_codes.make(user=user)[0]
    recovery_codes.use(user=user, code=recovery_codes.as_typed(code) or "")
    assert "9 of 10 left" in words(at_home)
