"""Manage Internet Access: setting up a username and password for home."""

from __future__ import annotations

import re

import pytest
from django.test import override_settings

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import internet_access, lockout
from tests.pages.test_recovery_start import errors, page
from tests.support.care_identity import OUTSIDE, an_app, let_apps_in, link, log_in_by_care_identity, trust
from tests.support.factories import NEW_PASSWORD, make_organisation, make_user
from tests.support.steps import PortalClient, about_in, come_in, log_in, stay_logged_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

ADDRESS = "/internet-access/"
OFFERED = override_settings(
    CARE_IDENTITY_DISCOVERY_URL="https://care-identity.example/.well-known/openid-configuration"
)


@pytest.fixture
def user() -> User:
    """Return a person with a smartcard and no password, at an organisation that asks for internet access."""
    organisation = make_organisation(requires_internet_access=True)
    trust(organisation)
    return link(make_user(organisation=organisation, password=None, care_identity_only=True, email="jo.smith@nhs.net"))


@pytest.fixture
def at_work(client: PortalClient, user: User) -> PortalClient:
    """Return their browser at work, just logged in with the smartcard."""
    return log_in_by_care_identity(client, user)


def words(client: PortalClient, address: str = ADDRESS) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    main = page(answer).main
    assert main
    return main.get_text(" ", strip=True)


def form(client: PortalClient, **typed: str) -> dict[str, str]:
    """Return the form as its page makes a browser send it, filled in rightly unless told otherwise."""
    answer = client.get(ADDRESS)
    shown = page(answer).select_one("[name=email_shown]")
    assert shown
    hidden = {"email_shown": str(shown["value"]), **about_in(answer)}
    return {**hidden, "is_their_email": "yes", "new_password": NEW_PASSWORD, **typed}


def events_of(user: User) -> list[tuple[str, str]]:
    kinds = [Event.INTERNET_ACCESS_GRANTED, Event.INTERNET_ACCESS_WITHDRAWN, Event.PASSWORD_CHANGED]
    return list(SecurityEvent.objects.filter(user=user, event__in=kinds).order_by("pk").values_list("event", "reason"))


def test_it_is_for_those_who_are_logged_in(client: PortalClient) -> None:
    assert client.get(ADDRESS)["Location"] == "/log-in/?next=/internet-access/"


def test_it_says_what_it_is_where_it_works_and_how_one_stands(at_work: PortalClient, user: User) -> None:
    seen = words(at_work)
    assert "log in to ESR with your username and password anywhere" in seen
    assert "Not requested" in seen
    assert user.username in seen


def test_the_first_password_is_set_and_works_from_home(
    at_work: PortalClient, other_client: PortalClient, user: User
) -> None:
    assert at_work.post(ADDRESS, form(at_work))["Location"] == ADDRESS
    assert f"You can now log in from anywhere with username {user.username} and the password" in words(at_work)
    other_client.defaults["REMOTE_ADDR"] = OUTSIDE
    log_in(other_client, user, NEW_PASSWORD)
    assert other_client.get("/my-esr/").status_code == 200


def test_after_success_there_is_a_way_on_and_no_second_form_to_fill_in(at_work: PortalClient, user: User) -> None:
    assert len(page(at_work.get(ADDRESS)).select("main > * form, main form")) == 1
    at_work.post(ADDRESS, form(at_work))
    main = page(at_work.get(ADDRESS)).main
    assert main
    # The one that there is lies folded up.
    assert len(main.select("form")) == len(main.select("details:not([open]) form")) == 1
    assert main.select_one('a.nhsuk-button[href="/my-esr/"]')
    seen = main.get_text(" ", strip=True)
    assert "To log in from home" in seen
    for contradicts in ("work only on your organisation", "Set up", "Not requested"):
        assert contradicts not in seen
    refused = page(at_work.post(ADDRESS, form(at_work, new_password="short"))).main
    assert refused
    assert refused.select("details[open] form .nhsuk-error-message")


def test_a_password_that_worked_anywhere_before_is_not_said_to_do_so_only_now(client: PortalClient) -> None:
    person = link(make_user())
    trust(person.organisation)
    log_in_by_care_identity(client, person)
    assert "it works anywhere already" in words(client)
    for password in (NEW_PASSWORD, "harbour velvet biscuit"):
        client.post(ADDRESS, form(client, new_password=password))
        seen = words(client)
        assert "Your new password is set. You can log in from anywhere" in seen
        assert "You can now log in" not in seen


def test_it_is_recorded_and_told_by_mail(at_work: PortalClient, user: User) -> None:
    at_work.post(ADDRESS, form(at_work))
    assert events_of(user) == [("internet_access_granted", ""), ("password_changed", "internet_access")]
    event = SecurityEvent.objects.get(event=Event.INTERNET_ACCESS_GRANTED)
    assert [(row.kind, row.about) for row in OutboxMessage.objects.all()] == [
        (Kind.INTERNET_ACCESS_GRANTED, {"users": [user.pk], "event": event.pk})
    ]


def test_the_page_then_says_since_when_it_is_on(at_work: PortalClient, travel: Travel) -> None:
    at_work.post(ADDRESS, form(at_work))
    seen = words(at_work)
    assert re.search(r"On since \d+ \w+ 20\d\d", seen)
    assert "Withdraw internet access" in seen


def test_this_session_stays_with_what_care_identity_proved_and_the_others_end(
    at_work: PortalClient, other_client: PortalClient, user: User
) -> None:
    log_in_by_care_identity(other_client, user)
    at_work.post(ADDRESS, form(at_work))
    assert "Done" in words(at_work) or "Set a new password" in words(at_work)
    assert other_client.get("/my-esr/").status_code == 302


def test_it_lifts_a_lock_and_what_the_helpdesk_told_them_to_change(at_work: PortalClient, user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    at_work.post(ADDRESS, form(at_work))
    user.refresh_from_db()
    assert not lockout.is_locked(username=user.username)
    assert not user.must_change_password


def test_a_new_password_later_is_told_as_one_and_leaves_the_date(
    at_work: PortalClient, user: User, travel: Travel
) -> None:
    at_work.post(ADDRESS, form(at_work))
    user.refresh_from_db()
    since = user.internet_access_since
    travel(minutes=5)
    at_work.post(ADDRESS, form(at_work, new_password="harbour velvet biscuit"))
    user.refresh_from_db()
    assert user.check_password("harbour velvet biscuit")
    assert user.internet_access_since == since
    assert events_of(user)[2:] == [("password_changed", "internet_access")]
    assert OutboxMessage.objects.filter(kind=Kind.PASSWORD_CHANGED).count() == 1
    assert OutboxMessage.objects.filter(kind=Kind.INTERNET_ACCESS_GRANTED).count() == 1


def test_the_email_address_is_masked_and_asked_about(at_work: PortalClient) -> None:
    answer = page(at_work.get(ADDRESS))
    assert "j•••••@nhs.net" in answer.get_text()
    assert "jo.smith" not in answer.get_text()
    assert [label.get_text(strip=True) for label in answer.select(".nhsuk-radios label")] == ["Yes", "No"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("no", "Email esr@org999.nhs.example and state your Name and ESR number"),
        ("", "Select yes if this is your email address"),
        ("perhaps", "Select yes if this is your email address"),
    ],
)
def test_an_address_that_is_not_theirs_grants_nothing_and_says_whom_to_ask(
    at_work: PortalClient, user: User, answer: str, says: str
) -> None:
    found = errors(at_work.post(ADDRESS, form(at_work, is_their_email=answer)))
    assert says in found["#id_is_their_email"]
    user.refresh_from_db()
    assert internet_access.status(user=user) is internet_access.Status.NOT_REQUESTED
    assert not user.has_usable_password()
    assert events_of(user) == []


def test_an_address_changed_meanwhile_must_be_looked_at_again(at_work: PortalClient, user: User) -> None:
    """Threat: a person says yes to an address of theirs, and recovery goes to another one."""
    filled_in = form(at_work)
    User.objects.filter(pk=user.pk).update(email="somebody.else@nhs.net")
    assert "was changed somewhere else just now" in str(errors(at_work.post(ADDRESS, filled_in)))
    assert events_of(user) == []
    assert at_work.post(ADDRESS, form(at_work)).status_code == 302


@pytest.mark.parametrize("password", [NEW_PASSWORD, "short", ""])
def test_yes_to_one_address_is_not_yes_to_the_next(at_work: PortalClient, user: User, password: str) -> None:
    """Threat: the page comes again, for the password's sake, with another address to which yes is said already."""
    filled_in = form(at_work, new_password=password)
    User.objects.filter(pk=user.pk).update(email="somebody.else@nhs.net")
    answer = at_work.post(ADDRESS, filled_in)
    assert "was changed somewhere else just now" in str(errors(answer))
    assert not page(answer).select("input[name=is_their_email][checked]")
    assert events_of(user) == []


def test_every_broken_rule_is_shown_whatever_else_is_wrong(at_work: PortalClient) -> None:
    for says in ("yes", "no"):
        answer = at_work.post(ADDRESS, form(at_work, is_their_email=says, new_password="short"))
        assert "Use at least 12 characters" in page(answer).select(".nhsuk-error-summary")[0].get_text()
    assert errors(at_work.post(ADDRESS, form(at_work, new_password=""))) == {"#id_new_password": "Enter a new password"}


def test_what_was_typed_is_not_sent_back(at_work: PortalClient) -> None:
    answer = at_work.post(ADDRESS, form(at_work, new_password="2nd secret"))
    assert "2nd secret" not in answer.text


def test_the_boxes_tell_password_managers_what_goes_into_them(at_work: PortalClient, user: User) -> None:
    boxes = page(at_work.get(ADDRESS)).select("main form input[autocomplete]")
    assert [(box["autocomplete"], box.get("value")) for box in boxes] == [
        ("username", user.username),
        ("new-password", None),
    ]


def test_whoever_came_with_a_password_is_told_to_use_the_smartcard(client: PortalClient) -> None:
    person = make_user()
    trust(person.organisation)
    come_in(client, person)
    with OFFERED:
        seen = words(client)
        again = page(client.get(ADDRESS)).select_one('main form[action="/care-identity/again/"]')
    assert "You did not log in with your Care Identity" in seen
    assert "This device is on the network of Northern Test Hospitals" in seen
    assert again
    assert again.select_one('[name=next][value="/internet-access/"]')


def test_whoever_came_with_an_app_is_told_to_use_the_smartcard(client: PortalClient, user: User) -> None:
    with OFFERED:
        log_in_by_care_identity(client, let_apps_in(user), an_app())
        assert "with your Care Identity, but not with a smartcard" in words(client)


def test_after_fifteen_minutes_the_smartcard_is_asked_for_again(at_work: PortalClient, travel: Travel) -> None:
    travel(minutes=10)
    assert "Set up internet access" in words(at_work)
    travel(minutes=6)
    with OFFERED:
        assert "with your smartcard more than 15 minutes ago" in words(at_work)


def test_elsewhere_it_says_to_go_to_a_computer_of_the_organisation(at_work: PortalClient) -> None:
    at_work.defaults["REMOTE_ADDR"] = OUTSIDE
    with OFFERED:
        seen = words(at_work)
        assert not page(at_work.get(ADDRESS)).select("main form")
    assert "log in with your smartcard on an organisation’s computer" in seen
    assert "This device is not on the network of Northern Test Hospitals" in seen
    assert "You have just logged in with your smartcard" in seen
    assert "Go to a computer at your organisation" in seen


def test_where_no_network_is_known_it_says_whom_to_ask(client: PortalClient) -> None:
    person = link(make_user())
    log_in_by_care_identity(client, person)
    with OFFERED:
        seen = words(client)
    assert "Email esr@org999.nhs.example , state your Name and ESR number" in seen
    assert "networks are not on record" in seen


def test_where_care_identity_is_not_offered_it_says_whom_to_ask(client: PortalClient) -> None:
    person = make_user()
    trust(person.organisation)
    come_in(client, person)
    assert "cannot log in with your Care Identity here" in words(client)
    assert not page(client.get(ADDRESS)).select("main form")


def test_a_form_that_goes_stale_while_it_is_open_changes_nothing_and_says_so(
    at_work: PortalClient, user: User, travel: Travel
) -> None:
    filled_in = form(at_work)
    travel(minutes=14)
    stay_logged_in(at_work, user)
    travel(minutes=2)
    with OFFERED:
        answer = at_work.post(ADDRESS, filled_in)
        assert answer.status_code == 200
        assert "Nothing was changed" in page(answer).get_text()
        assert NEW_PASSWORD not in answer.text
    assert events_of(user) == []
    log_in_by_care_identity(at_work, user)
    assert at_work.post(ADDRESS, form(at_work)).status_code == 302
