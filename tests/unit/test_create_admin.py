"""manage.py create_admin."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from django.db import connections

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import recovery, second_step
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, make_organisation, make_user
from tests.support.steps import PortalClient, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

SOMEBODY_NEW = {
    "organisation": "999",
    "given_name": "Ada",
    "family_name": "O’Hara",
    "email": "Ada.OHara@NHS.net",
    "date_of_birth": "15/3/1984",
    "employee_number": "10000001",
}


def create_admin(**options: object) -> str:
    """Run the command; return what it prints."""
    printed = io.StringIO()
    call_command("create_admin", stdout=printed, **options)
    return printed.getvalue()


def token_in(printed: str) -> str:
    found = re.search(r"^https://esr\.example\.nhs\.uk/recovery/link/(\S+)/$", printed, re.MULTILINE)
    assert found, printed
    return found[1]


def test_the_first_admin_is_a_new_person_and_an_operator() -> None:
    make_organisation()
    printed = create_admin(**SOMEBODY_NEW)
    person = User.objects.get()
    assert (person.username, person.is_staff, person.is_superuser) == ("999AOHARA01", True, True)
    assert (person.email, person.has_usable_password()) == ("ada.ohara@nhs.net", False)
    assert "999AOHARA01, Ada O’Hara, is an operator, for every organisation." in printed
    assert recovery.link_for(token=token_in(printed)).user == person


def test_the_first_admin_sets_a_password_and_a_second_step_and_is_in_the_admin(client: PortalClient) -> None:
    make_organisation()
    address = token_in(create_admin(**SOMEBODY_NEW))
    page = client.get(f"/recovery/link/{address}/")["Location"]
    done = send(client, page, {"new_password": NEW_PASSWORD})
    assert done["Location"].startswith("/recovery/done/")
    person = User.objects.get()
    assert log_in(client, person, NEW_PASSWORD)["Location"] == "/second-step/set-up/"
    page = client.get("/second-step/set-up/app/").content.decode()
    app = PhoneApp.typed(re.search(r'portal-secret">([A-Z2-7 ]+)<', page)[1])  # type: ignore[index]
    send(client, "/second-step/set-up/app/", {"code": app.code()})
    send(client, "/second-step/set-up/codes/", {"saved": "yes"})
    assert client.get("/admin/accounts/user/").status_code == 200


def test_with_helpdesk_the_admin_is_for_one_organisation() -> None:
    make_organisation()
    printed = create_admin(**SOMEBODY_NEW, helpdesk=True)
    person = User.objects.get()
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert "is helpdesk of Northern Test Hospitals (999)" in printed


def test_run_again_it_gives_a_fresh_link_that_ends_the_older_one() -> None:
    make_organisation()
    older, fresh = token_in(create_admin(**SOMEBODY_NEW)), token_in(create_admin(**SOMEBODY_NEW))
    assert User.objects.count() == 1
    assert recovery.link_for(token=fresh)
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=older)


def test_the_link_ends_after_an_hour(travel: Travel) -> None:
    make_organisation()
    token = token_in(create_admin(**SOMEBODY_NEW))
    travel(minutes=61)
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=token)


def test_somebody_on_record_is_made_an_admin_however_the_username_is_typed() -> None:
    person = make_user()
    create_admin(username=f" {person.username.lower()} ")
    person.refresh_from_db()
    assert person.is_superuser
    happened = SecurityEvent.objects.filter(user=person, by=None).order_by("pk").values_list("event", "reason")
    assert list(happened) == [
        (Event.ROLE_GIVEN, "national_admin"),
        (Event.ADMIN_CREATED, ""),
    ]


def test_it_takes_no_rights_away() -> None:
    person = make_user(is_staff=True, is_superuser=True)
    create_admin(username=person.username, helpdesk=True)
    person.refresh_from_db()
    assert person.is_superuser


def test_an_unknown_username_is_an_error() -> None:
    with pytest.raises(CommandError, match="Nobody has the username 999NOBODY01"):
        create_admin(username="999NOBODY01")


@pytest.mark.parametrize(
    ("facts", "why"),
    [({"is_active": False}, "not active"), ({"care_identity_only": True}, "Care Identity only")],
)
def test_somebody_who_could_not_use_the_link_is_an_error(facts: dict[str, Any], why: str) -> None:
    person = make_user(**facts)
    with pytest.raises(CommandError, match=why):
        create_admin(username=person.username)
    person.refresh_from_db()
    assert not person.is_staff


def test_where_nobody_can_be_asked_everything_missing_is_named() -> None:
    with pytest.raises(CommandError, match=r"--email --date-of-birth --employee-number"):
        create_admin(organisation="999", given_name="Ada", family_name="Hara")


def test_on_a_terminal_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    make_organisation()
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "10000001"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    create_admin(**{**SOMEBODY_NEW, "employee_number": None})
    assert asked == ["ESR number (eight digits): "]
    assert User.objects.get().employee_number == "10000001"


def test_an_unknown_organisation_is_an_error_that_says_how_to_add_it() -> None:
    with pytest.raises(CommandError, match=r"manage\.py add_organisation --code 999"):
        create_admin(**SOMEBODY_NEW)


@pytest.mark.parametrize(
    ("fact", "typed", "says"),
    [
        ("given_name", "www.evil.example", "--given-name: This looks like a web or email address"),
        ("email", "ada@example.org", "--email: Only volunteers may have any address"),
        ("employee_number", "123", "--employee-number: An ESR number is eight digits"),
        ("date_of_birth", "31/2/1984", "--date-of-birth: There is no such day"),
        ("date_of_birth", "15/3/2984", "--date-of-birth: This date of birth is in the future"),
    ],
)
def test_a_fact_that_cannot_be_is_an_error_that_names_its_option(fact: str, typed: str, says: str) -> None:
    make_organisation()
    with pytest.raises(CommandError, match=re.escape(says)):
        create_admin(**{**SOMEBODY_NEW, fact: typed})
    assert not User.objects.exists()


def test_the_esr_number_of_somebody_else_is_an_error() -> None:
    other = make_user(employee_number="10000001")
    with pytest.raises(CommandError, match=f"--username {other.username}"):
        create_admin(**SOMEBODY_NEW)
    other.refresh_from_db()
    assert not other.is_staff


def test_a_lost_phone_is_taken_away_and_nothing_else() -> None:
    person = make_user(is_staff=True)
    PhoneApp.of(person)
    assert "is gone" in create_admin(username=person.username, new_second_step=True)
    person.refresh_from_db()
    assert not second_step.is_set_up(user=person)
    assert not person.is_superuser
    assert SecurityEvent.objects.get().event == Event.SECOND_STEP_REMOVED


def test_a_phone_that_was_never_there_cannot_be_taken_away() -> None:
    with pytest.raises(CommandError, match="has no second step"):
        create_admin(username=make_user().username, new_second_step=True)


def test_djangos_own_command_says_what_to_type_instead(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator without an organisation, a date of birth and a second step could not get in."""
    # A command that ends closes the connections of its process, which is ours.
    monkeypatch.setattr(connections, "close_all", lambda: None)
    for arguments in ([], ["--username", "admin", "--noinput"], ["--email=a@nhs.net"]):
        with pytest.raises(SystemExit):
            execute_from_command_line(["manage.py", "createsuperuser", *arguments])
        assert "Type: manage.py create_admin" in capsys.readouterr().err
    assert not User.objects.exists()
