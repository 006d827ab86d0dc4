"""Adding and updating people from a file."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import is_password_usable
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import FormerEmail, Organisation, OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import recovery
from people.services import people_import
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.helpdesk import make_agent
from tests.support.links import link_token
from tests.support.people_files import ANN, HEADING, JO, faults, jo, run
from tests.support.threads import all_at_once

pytestmark = pytest.mark.django_db

UNTOUCHED = ("username", "password", "is_active", "role", "is_staff", "is_superuser", "must_change_password")


@pytest.fixture(autouse=True)
def organisation() -> Organisation:
    return make_organisation()


def test_people_are_added_as_the_file_has_them(organisation: Organisation) -> None:
    assert run(JO, ANN) == people_import.Result(added=2, changed=0, unchanged=0)
    ann = User.objects.get(username="999AOBRIEN01")
    assert (ann.get_full_name(), ann.email, ann.person_type) == ("Ann O'Brien", "ann@example.org", "volunteer")
    assert (ann.date_of_birth, ann.organisation) == (datetime.date(1990, 4, 23), organisation)
    assert ann.is_active
    assert not ann.is_staff
    assert not ann.must_change_password


def test_nobody_gets_a_password_and_no_two_have_the_same_none() -> None:
    run(JO, ANN)
    stored = list(User.objects.values_list("password", flat=True))
    assert not any(is_password_usable(password) for password in stored)
    assert len(set(stored)) == 2


def test_the_same_file_twice_changes_nothing() -> None:
    run(JO, ANN)
    before = list(User.objects.order_by("pk").values())
    assert run(JO, ANN) == people_import.Result(added=0, changed=0, unchanged=2)
    assert list(User.objects.order_by("pk").values()) == before
    assert SecurityEvent.objects.count() == 2
    assert not OutboxMessage.objects.exists()


def test_an_import_that_is_overtaken_each_time_says_so_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("people.services.people_import.applying._apply", overtaken)
    assert faults(JO) == ["Somebody else is changing the same people at this moment. Try again."]
    assert not User.objects.exists()


def test_changed_facts_are_stored_and_nothing_else_is_touched() -> None:
    user = make_user(employee_number="10000001", must_change_password=True, is_active=False, is_staff=True)
    untouched = User.objects.filter(pk=user.pk).values(*UNTOUCHED).get()
    line = "999,10000001,Joanna,Smythe,joanna@nhs.net,1981-04-23,contractor,2026-01-01,2027-01-01"
    result = run(line, heading=f"{HEADING},starts_on,ends_on")
    assert result == people_import.Result(added=0, changed=1, unchanged=0)
    assert User.objects.filter(pk=user.pk).values(*UNTOUCHED).get() == untouched
    user.refresh_from_db()
    assert (user.get_full_name(), user.email, user.person_type) == ("Joanna Smythe", "joanna@nhs.net", "contractor")
    assert user.date_of_birth == datetime.date(1981, 4, 23)
    assert (user.starts_on, user.ends_on) == (datetime.date(2026, 1, 1), datetime.date(2027, 1, 1))
    assert user.check_password(PASSWORD)


def test_each_person_and_each_changed_fact_is_an_event() -> None:
    run(JO)
    run(jo(given_name="Joe", email="joe@nhs.net"))
    user = User.objects.get()
    events = SecurityEvent.objects.order_by("pk")
    assert [(event.event, event.user, event.by, event.reason) for event in events] == [
        (Event.PERSON_IMPORTED, user, None, ""),
        (Event.PERSON_CHANGED, user, None, "given_name"),
        (Event.PERSON_CHANGED, user, None, "email"),
    ]


def test_its_events_name_the_agent_who_imported() -> None:
    agent = make_agent(organisation=make_organisation(code="998", name="Southern Hospitals"))
    for line in (JO, jo(given_name="Joe")):
        people_import.run(file=io.BytesIO(f"{HEADING}\n{line}\n".encode()), by=agent)
    events = SecurityEvent.objects.filter(event__in=[Event.PERSON_IMPORTED, Event.PERSON_CHANGED])
    assert [event.by for event in events] == [agent, agent]


def test_a_new_address_and_the_former_one_are_told() -> None:
    run(JO)
    run(jo(email="new@nhs.net"))
    kept = FormerEmail.objects.get()
    assert kept.email == "jo.smith@nhs.net"
    rows = OutboxMessage.objects.filter(kind=Kind.EMAIL_CHANGED).values_list("about", flat=True)
    about = {"users": [kept.user_id], "event": SecurityEvent.objects.get(event=Event.PERSON_CHANGED).pk}
    assert sorted(rows, key=len) == [about, {**about, "former_email": kept.pk}]


def test_a_new_address_ends_the_links_sent_to_the_former_one() -> None:
    """Threat: a stranger who reads the former mailbox still gets in."""
    run(JO)
    user = User.objects.get()
    token = link_token(user)
    assert recovery.link_for(token=token)
    run(jo(email="new@nhs.net"))
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=token)


def test_days_stay_as_they_are_where_the_file_has_no_such_column() -> None:
    run(f"{JO},2026-01-01,2027-01-01", heading=f"{HEADING},starts_on,ends_on")
    assert run(JO).unchanged == 1
    assert run(f"{JO},", heading=f"{HEADING},ends_on").changed == 1
    user = User.objects.get()
    assert (user.starts_on, user.ends_on) == (datetime.date(2026, 1, 1), None)


def test_people_who_are_not_in_the_file_are_left_alone() -> None:
    other = make_user()
    run(JO)
    other.refresh_from_db()
    assert other.is_active


def test_one_esr_number_may_be_at_two_organisations() -> None:
    make_organisation(code="998", name="Southern Test Trust")
    assert run(JO, jo(organisation="998")).added == 2
    assert set(User.objects.values_list("username", flat=True)) == {"999JSMITH01", "998JSMITH01"}


def test_usernames_count_up_beside_those_on_record_and_those_in_the_file() -> None:
    make_user(username="999JSMITH05")
    lines = [f"{jo(employee_number=f'1000001{n}')},{'999jsmith07' if n == 2 else ''}" for n in range(4)]
    run(*lines, heading=f"{HEADING},username")
    made = User.objects.filter(employee_number__startswith="1000001").order_by("employee_number")
    assert list(made.values_list("username", flat=True)) == [
        "999JSMITH08",
        "999JSMITH09",
        "999JSMITH07",
        "999JSMITH10",
    ]


def test_names_are_stored_composed_and_addresses_folded() -> None:
    run(jo(given_name="  Zoe\u0308 ", email=" Jo.Smith@NHS.net\u200b"))
    user = User.objects.get()
    assert (user.given_name, user.email, user.username) == ("Zo\u00eb", "jo.smith@nhs.net", "999ZSMITH01")


def test_the_number_of_queries_does_not_grow_with_each_person() -> None:
    def lines(number: int) -> list[str]:
        return [jo(employee_number=f"{30_000_000 + n}", email=f"jo{n}@nhs.net") for n in range(number)]

    def queries(number: int, **facts: Any) -> int:
        with CaptureQueriesContext(connection, **facts) as captured:
            run(*lines(number))
        return len(captured)

    few = queries(2)
    assert queries(300) - few <= 40


def test_each_step_is_told() -> None:
    steps: list[tuple[str, int, int]] = []

    def note(*, step: str, done: int, of: int) -> None:
        steps.append((step, done, of))

    lines = [jo(employee_number=f"{30_000_000 + n}") for n in range(1001)]
    people_import.run(file=io.BytesIO("\n".join([HEADING, *lines]).encode()), progress=note)
    assert ("Adding", 1001, 1001) in steps


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_people_of_one_name_give_each_their_own_username() -> None:
    def load(first: int) -> Callable[[], people_import.Result]:
        lines = [jo(employee_number=f"{first + n}") for n in range(40)]
        return lambda: run(*lines)

    results = all_at_once([load(30_000_000 + 100 * n) for n in range(4)])
    assert results == [people_import.Result(added=40, changed=0, unchanged=0)] * 4
    numbers = sorted(int(name.removeprefix("999JSMITH")) for name in User.objects.values_list("username", flat=True))
    assert numbers == list(range(1, 161))


@pytest.mark.django_db(transaction=True)
def test_of_four_imports_of_one_file_one_adds() -> None:
    results = all_at_once([lambda: run(JO, ANN)] * 4)
    assert sorted(result.added for result in results if isinstance(result, people_import.Result)) == [0, 0, 0, 2]
