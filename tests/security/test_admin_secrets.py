"""Threat: an operator reads or guesses in the admin what it hides: passwords, hashes, links, dates of birth, codes."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import OutboxMessage, RecoveryLink, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.services import recovery, second_step
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, make_agent, page_of
from tests.support.links import link_token
from tests.support.page_facts import tells
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

BORN = datetime.date(1957, 10, 4)
# Every way in which a page could write that day.
BORN_WRITTEN = ("1957", "4 October", "4 Oct", "04/10", "4/10", "October 4", "Oct. 4", "57-10-04")


NUMBER_OF_A_MAIL = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")


@pytest.fixture
def person() -> User:
    return make_user(username="999SECRET01", date_of_birth=BORN)


def every_page_about(person: User) -> list[str]:
    pages = ["", "accounts/", "accounts/organisation/", f"accounts/organisation/{person.organisation_id}/change/"]
    pages += ["accounts/user/", "accounts/user/?q=999SECRET01", f"accounts/user/{person.pk}/change/"]
    pages += [f"accounts/user/{person.pk}/history/", "accounts/user/add/", "accounts/securityevent/"]
    pages += [f"accounts/securityevent/{event.pk}/change/" for event in SecurityEvent.objects.all()]
    pages += [
        "accounts/outboxmessage/",
        *(f"accounts/outboxmessage/{m.pk}/change/" for m in OutboxMessage.objects.all()),
    ]
    pages += ["accounts/recoveryrequest/"]
    pages += [f"accounts/recoveryrequest/{r.pk}/change/" for r in RecoveryRequest.objects.all()]
    return [f"/admin/{page}" for page in pages]


def test_no_page_shows_a_hash_a_link_a_date_of_birth_a_secret_or_what_a_mail_says(
    operators_desk: PortalClient, person: User
) -> None:
    PhoneApp.of(person)
    recovery.ask(email=person.email, date_of_birth=BORN)
    request = RecoveryRequest.objects.get()
    recovery.decide(request_id=request.pk)
    token = link_token(person)
    recovery.ask(email="stranger@example.org", date_of_birth=BORN)
    operators_desk.post(page_of(person), form_of(person, email="changed@nhs.net", new_date_of_birth="4/10/1957"))
    operators_desk.post(f"{PEOPLE}{person.pk}/send_recovery_email/")
    person.refresh_from_db()
    device = person.totpdevice_set.get()
    link = RecoveryLink.objects.get()
    secrets = [person.password, "argon2", token, link.token_digest, device.key, request.email_digest]
    secrets += [second_step.invitation(user=person, secret=device.key).typed, "stranger@example.org"]
    for address in every_page_about(person):
        response = operators_desk.get(address)
        assert response.status_code == 200, address
        # The number of a mail holds any digits.
        page = NUMBER_OF_A_MAIL.sub("", response.content.decode())
        assert not [secret for secret in secrets if secret in page], address
        assert not [written for written in BORN_WRITTEN if tells(page, written)], address


def test_there_is_no_box_for_a_password(operators_desk: PortalClient, person: User) -> None:
    for address in (f"{PEOPLE}add/", page_of(person)):
        page = operators_desk.get(address).content.decode()
        assert 'type="password"' not in page
        assert 'name="password' not in page


def test_a_posted_password_is_not_set(operators_desk: PortalClient, person: User) -> None:
    before = person.password
    forged = {"password": "!", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    assert operators_desk.post(page_of(person), form_of(person, family_name="Jones", **forged)).status_code == 302
    person.refresh_from_db()
    assert (person.password, person.family_name) == (before, "Jones")


@pytest.mark.parametrize("page", ["password/", "change/password/", "password_change/"])
def test_the_page_of_the_stock_admin_that_sets_a_password_is_not_there(
    operators_desk: PortalClient, person: User, page: str
) -> None:
    response = operators_desk.post(
        f"{PEOPLE}{person.pk}/{page}", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )
    assert response.status_code in {302, 404}
    person.refresh_from_db()
    assert not person.check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    "lookup",
    [
        "password__startswith",
        "password",
        "password__regex",
        "date_of_birth",
        "date_of_birth__year",
        "date_of_birth__gte",
        "password_history__password__startswith",
        "recovery_links__token_digest__startswith",
        "recovery_links__isnull",
        "totpdevice__key__startswith",
        "organisation__people__password__startswith",
        "organisation__people__date_of_birth",
        "security_events__address",
        "email__startswith",
        "is_superuser__exact",
        "user_permissions__id__exact",
        "groups__id__exact",
    ],
)
def test_people_cannot_be_filtered_by_what_is_not_shown(
    operators_desk: PortalClient, person: User, lookup: str
) -> None:
    """Threat: guess a hash or a date of birth one letter at a time by whether the list is empty."""
    assert operators_desk.get(PEOPLE, {lookup: "1"}).status_code == 400


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("securityevent", "user__password__startswith"),
        ("securityevent", "user__date_of_birth"),
        ("securityevent", "by__password__startswith"),
        ("outboxmessage", "about__contains"),
        ("outboxmessage", "about__users__0"),
        ("recoveryrequest", "email_digest__startswith"),
        ("recoveryrequest", "date_of_birth_digest__startswith"),
        ("recoveryrequest", "email__startswith"),
        ("organisation", "people__password__startswith"),
        ("organisation", "people__date_of_birth"),
    ],
)
def test_other_lists_cannot_be_filtered_by_what_is_not_shown(
    operators_desk: PortalClient, page: str, lookup: str
) -> None:
    assert operators_desk.get(f"/admin/accounts/{page}/", {lookup: "1"}).status_code == 400


@pytest.mark.parametrize("typed", ["argon2", "1957", "1957-10-04", "4 October 1957"])
def test_people_cannot_be_searched_by_what_is_not_shown(operators_desk: PortalClient, person: User, typed: str) -> None:
    assert b"999SECRET01" not in operators_desk.get(PEOPLE, {"q": typed}).content


@pytest.mark.parametrize("field", ["password", "date_of_birth", "email"])
def test_an_object_is_not_found_by_another_field_than_its_key(
    operators_desk: PortalClient, person: User, field: str
) -> None:
    value = str(getattr(person, field))
    response = operators_desk.get(f"{PEOPLE}{value}/change/", {"_to_field": field})
    assert response.status_code in {400, 404}


def test_the_list_is_not_sorted_by_what_is_not_shown(operators_desk: PortalClient, person: User) -> None:
    """Threat: the order of the rows tells whose date of birth is earlier."""
    young = make_user(username="999ZYOUNG01", date_of_birth=datetime.date(2001, 1, 1), family_name="Smith")

    def order(query: dict[str, Any]) -> bool:
        page = operators_desk.get(PEOPLE, query).content
        return page.index(person.username.encode()) < page.index(young.username.encode())

    for number in range(1, 12):
        for sign in ("", "-"):
            query = {"o": f"{sign}{number}"}
            before = order(query)
            User.objects.filter(pk=person.pk).update(date_of_birth=datetime.date(2005, 1, 1), password="!a")
            User.objects.filter(pk=young.pk).update(password="!z")
            assert order(query) == before
            User.objects.filter(pk=person.pk).update(date_of_birth=BORN, password="!z")
            User.objects.filter(pk=young.pk).update(password="!a")


def test_what_the_history_keeps_are_names_of_fields(operators_desk: PortalClient, person: User) -> None:
    operators_desk.post(page_of(person), form_of(person, email="changed@nhs.net", new_date_of_birth="4/10/1958"))
    kept = str(list(LogEntry.objects.values_list("object_repr", "change_message")))
    assert "Date of birth" in kept
    assert "changed@nhs.net" not in kept
    assert "1958" not in kept


def test_an_agent_sees_no_outbox(person: User) -> None:
    OutboxMessage.objects.create(kind=Kind.RECOVERY, about={"users": [person.pk]}, created_at=timezone.now())
    desk = at_work(make_agent())
    assert desk.get("/admin/accounts/outboxmessage/").status_code == 403
    assert b"outboxmessage" not in desk.get("/admin/").content
