"""Adding, renaming and removing a passkey, from the security page."""

from __future__ import annotations

import pytest
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import OutboxMessage, SwitchedOff, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.outbox import Kind
from accounts.models.switched_off import Part
from tests.pages.test_recovery_start import errors
from tests.pages.test_security import SECURITY, page, words
from tests.security.test_proving_again import CONFIRM, SIX_MINUTES, seen
from tests.support.authenticator import PhoneApp, show_second_step
from tests.support.factories import make_organisation, make_user
from tests.support.protection import add_passkey, browser_of
from tests.support.steps import PortalClient, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

ADD = f"{SECURITY}add-passkey/"


@pytest.fixture
def at_home(client: PortalClient, user: User) -> PortalClient:
    """Return the browser of `user`, who has just logged in by password and shows any second step that they have."""
    log_in(client, user)
    show_second_step(client)
    return client


def to(action: str, passkey: Passkey) -> str:
    return f"{SECURITY}passkeys/{passkey.pk}/{action}/"


def test_the_security_page_leads_to_each(at_home: PortalClient, user: User) -> None:
    passkey = add_passkey(user)
    links = {str(link["href"]) for link in page(at_home).select("main a[href]")}
    assert {ADD, to("rename", passkey), to("remove", passkey)} <= links


def test_one_is_added_where_that_is_offered(at_home: PortalClient, user: User) -> None:
    soup = page(at_home, ADD)
    (form,) = soup.select("form[data-passkey=make]")
    assert form.select(f"[name=next][value='{SECURITY}']")
    assert form.select("[name=about]")
    SwitchedOff.objects.create(part=Part.PASSKEYS)
    assert at_home.get(ADD)["Location"] == SECURITY
    SwitchedOff.objects.all().delete()
    user.organisation.second_step = SecondStepPolicy.OFF
    user.organisation.save()
    assert at_home.get(ADD)["Location"] == SECURITY


def test_one_gets_another_name(at_home: PortalClient, user: User) -> None:
    passkey = add_passkey(user)
    address = to("rename", passkey)
    assert page(at_home, address).select("#id_name[value=iPhone]")
    assert errors(send(at_home, address, {"name": "  "})) == {"#id_name": "Enter a name"}
    assert errors(send(at_home, address, {"name": "\u200b"})) == {"#id_name": "Enter a name"}
    too_long = errors(send(at_home, address, {"name": "x" * 61}))
    assert too_long == {"#id_name": "The name must be 60 characters or fewer"}
    assert send(at_home, address, {"name": " My  <b>phone</b> "})["Location"] == SECURITY
    passkey.refresh_from_db()
    assert passkey.name == "My <b>phone</b>"
    assert "My &lt;b&gt;phone&lt;/b&gt;" in at_home.get(SECURITY).text
    assert "<b>phone" not in at_home.get(to("remove", passkey)).text


def test_one_is_removed_after_a_question_and_the_other_browsers_are_out(at_home: PortalClient, user: User) -> None:
    passkey, other = add_passkey(user), browser_of(user)
    address = to("remove", passkey)
    assert "The passkey iPhone no longer lets you in." in words(at_home, address)
    assert Passkey.objects.count() == 1
    assert send(at_home, address)["Location"] == SECURITY
    assert "The passkey was removed. You were logged out everywhere else." in words(at_home)
    assert not Passkey.objects.exists()
    assert other.get("/my-esr/").status_code == 302
    assert [row.kind for row in OutboxMessage.objects.all()] == [Kind.SECOND_STEP_REMOVED]
    assert at_home.get(address).status_code == 404


def test_the_last_second_step_of_a_person_who_must_have_one_stays(at_home: PortalClient, user: User) -> None:
    passkey = add_passkey(user)
    user.organisation.second_step = SecondStepPolicy.REQUIRED
    user.organisation.save()
    send(at_home, to("remove", passkey))
    assert "Nothing was removed." in words(at_home)
    PhoneApp.of(user)
    send(at_home, to("remove", passkey))
    assert not Passkey.objects.exists()


def test_the_passkey_of_another_person_is_not_there(at_home: PortalClient) -> None:
    """Threat: a person puts the number of another's passkey into the address."""
    theirs = add_passkey(make_user(organisation=make_organisation()))
    for number in (theirs.pk, 0, 10**30):
        for action in ("rename", "remove"):
            address = f"{SECURITY}passkeys/{number}/{action}/"
            assert at_home.get(address).status_code == 404
            assert send(at_home, address, {"name": "Mine"}).status_code in {404, 409}
    theirs.refresh_from_db()
    assert theirs.name == "iPhone"


def test_a_passkey_is_the_first_way_to_confirm_where_there_is_one(
    at_home: PortalClient, user: User, travel: Travel
) -> None:
    travel(seconds=SIX_MINUTES)
    assert 'data-passkey="use"' not in seen(at_home, CONFIRM)
    passkey = add_passkey(user)
    shown = seen(at_home, f"{CONFIRM}?next={ADD}")
    assert shown.index('data-passkey="use"') < shown.index("Or with your password")
    assert shown.count(f'name="next" value="{ADD}"') == 2
    Passkey.objects.filter(pk=passkey.pk).update(confirmed=False)
    assert 'data-passkey="use"' not in seen(at_home, CONFIRM)
