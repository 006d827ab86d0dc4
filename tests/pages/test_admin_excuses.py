"""Excuses from the second step in the admin: who gives them to whom, until when, and what is written down."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Organisation, SecondStepExcuse, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import second_step
from people.services import second_step_excuses
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent, messages, text
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

EXCUSES = "/admin/accounts/secondstepexcuse/"
DAY = datetime.timedelta(days=1)


def in_days(number: int) -> datetime.date:
    return timezone.localdate() + number * DAY


def typed(person: User, **more: Any) -> dict[str, Any]:
    return {"username": person.username, "reason": "Works without a phone.", "review_on": in_days(30), **more}


def excused(person: User, *, days: int = 30, **facts: Any) -> SecondStepExcuse:
    return SecondStepExcuse.objects.create(user=person, reason="No phone.", review_on=in_days(days), **facts)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(problems) for name, problems in response.context["adminform"].form.errors.items()}


def happened(person: User) -> list[tuple[str, str, int | None]]:
    rows = SecurityEvent.objects.filter(user=person, event__startswith="second_step_excuse").order_by("pk")
    return [(row.event, row.reason, row.by_id) for row in rows]


def test_an_excuse_is_given_changed_and_ended_and_each_is_written_down(desk: PortalClient, agent: User) -> None:
    Organisation.objects.update(second_step="required")
    person = make_user()
    assert second_step.is_required(user=person)
    assert desk.post(f"{EXCUSES}add/", typed(person, username=f" {person.username.lower()} ")).status_code == 302
    excuse = SecondStepExcuse.objects.get()
    assert (excuse.user, excuse.reason, excuse.made_by) == (person, "Works without a phone.", agent)
    assert not second_step.is_required(user=person)
    page = f"{EXCUSES}{excuse.pk}/change/"
    assert f"Until {in_days(30).day} " in text(desk, page)
    assert f"by {agent.username}" in text(desk, page)
    stale = {"initial-reason": excuse.reason, "initial-review_on": excuse.review_on}
    assert desk.post(page, stale | {"reason": "Still without.", "review_on": excuse.review_on}).status_code == 302
    assert desk.post(page, stale | {"reason": excuse.reason, "review_on": in_days(60)}).status_code == 302
    excuse.refresh_from_db()
    # The second page was older than the first change, and does not undo it.
    assert (excuse.reason, excuse.review_on) == ("Still without.", in_days(60))
    assert desk.post(f"{EXCUSES}{excuse.pk}/delete/", {"post": "yes"}).status_code == 302
    assert second_step.is_required(user=person)
    assert happened(person) == [
        (Event.SECOND_STEP_EXCUSED, f"until_{in_days(30)}", agent.pk),
        (Event.SECOND_STEP_EXCUSED, f"until_{in_days(30)}", agent.pk),
        (Event.SECOND_STEP_EXCUSED, f"until_{in_days(60)}", agent.pk),
        (Event.SECOND_STEP_EXCUSE_ENDED, "", agent.pk),
    ]


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"reason": " "}, "reason", "Fill this in."),
        ({"reason": "x" * 301}, "reason", "Make this shorter"),
        ({"review_on": ""}, "review_on", "Fill this in."),
        ({"review_on": "31/2/2027"}, "review_on", "Enter a date, like"),
        ({"in_days": 0}, "review_on", "Choose a day in the future."),
        ({"in_days": 367}, "review_on", "within a year"),
        ({"username": "999NOBODY01"}, "username", "no person with this username"),
        ({"username": "\0"}, "username", ""),
        ({"username": ""}, "username", "Fill this in."),
    ],
)
def test_what_cannot_be_is_said_beside_its_box(desk: PortalClient, more: dict[str, Any], field: str, says: str) -> None:
    # A day is counted now: between the collection of the tests and this one there may be midnight.
    day = {"review_on": in_days(more["in_days"])} if "in_days" in more else more
    response = desk.post(f"{EXCUSES}add/", typed(make_user(), **day))
    assert says in " ".join(errors(response)[field])
    assert not SecondStepExcuse.objects.exists()


def test_a_year_from_now_is_the_last_day_that_can_be(desk: PortalClient) -> None:
    assert desk.post(f"{EXCUSES}add/", typed(make_user(), review_on=in_days(366))).status_code == 302


def test_a_person_is_excused_once_at_a_time_and_a_past_excuse_is_replaced(desk: PortalClient) -> None:
    person = make_user()
    excuse = excused(person)
    assert "excused already, until" in str(errors(desk.post(f"{EXCUSES}add/", typed(person)))["username"])
    SecondStepExcuse.objects.update(review_on=in_days(-1))
    assert desk.post(f"{EXCUSES}add/", typed(person)).status_code == 302
    excuse.refresh_from_db()
    assert (excuse.reason, excuse.review_on) == ("Works without a phone.", in_days(30))


def test_a_past_excuse_is_listed_as_past_and_the_requirement_holds_again(desk: PortalClient) -> None:
    Organisation.objects.update(second_step="required")
    today, yesterday = make_user(family_name="Today"), make_user(family_name="Yesterday")
    excused(today, days=0)
    excused(yesterday, days=-1)
    assert (second_step.is_required(user=today), second_step.is_required(user=yesterday)) == (False, True)
    page = text(desk, EXCUSES)
    assert f"Past since {in_days(-1).day} " in page
    assert "the requirement holds again" in page
    assert "Jo Yesterday" not in text(desk, f"{EXCUSES}?state=now")
    assert "Jo Today" not in text(desk, f"{EXCUSES}?state=past")
    assert "Jo Today" in text(desk, f"{EXCUSES}?q=today+jo")
    assert "Jo Yesterday" not in text(desk, f"{EXCUSES}?q=today+jo")


def test_the_filter_finds_the_rows_whose_column_says_the_same(operators_desk: PortalClient) -> None:
    excused(make_user(family_name="Today"), days=0)
    excused(make_user(family_name="Yesterday"), days=-1)
    excused(make_agent(family_name="Agent"), days=30)
    excused(make_agent(family_name="Left"), days=-1)
    ones = {"now": "Until ", "past": "Past since ", "without_effect": "Without effect: "}
    listed: list[str] = []
    for state, begins in ones.items():
        table = BeautifulSoup(operators_desk.get(f"{EXCUSES}?state={state}").content, "html.parser")
        column = [cell.get_text() for cell in table.select("td.field-state")]
        assert column, state
        assert all(said.startswith(begins) for said in column), state
        listed += [cell.get_text() for cell in table.select("td.field-name")]
    assert [name.split()[-1] for name in listed] == ["Today", "Yesterday", "Left", "Agent"]
    in_effect = SecondStepExcuse.objects.in_effect()
    assert {row for row in SecondStepExcuse.objects.all() if row.is_in_effect} == set(in_effect)
    assert [row.user.family_name for row in in_effect] == ["Today"]


def test_the_form_has_the_username_of_the_page_that_led_to_it(desk: PortalClient) -> None:
    person = make_user()
    form = BeautifulSoup(desk.get(f"{EXCUSES}add/", {"username": person.username}).content, "html.parser")
    assert [box["value"] for box in form.select("input[name=username]")] == [person.username]


def test_what_became_impossible_meanwhile_is_said_in_a_sentence(
    desk: PortalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_user()
    monkeypatch.setattr(second_step_excuses, "staff_problem", lambda **_: "")
    real = second_step_excuses.excuse

    def after_they_became_staff(**given: Any) -> SecondStepExcuse:
        monkeypatch.undo()
        User.objects.filter(pk=person.pk).update(role=Role.AGENT)
        return real(**given)

    monkeypatch.setattr(second_step_excuses, "excuse", after_they_became_staff)
    assert desk.post(f"{EXCUSES}add/", typed(person)).status_code == 302
    assert "always need a second step" in messages(desk, EXCUSES)[0]
    assert not SecondStepExcuse.objects.exists()


def test_long_past_excuses_are_deleted_and_their_events_stay(desk: PortalClient) -> None:
    person = make_user()
    desk.post(f"{EXCUSES}add/", typed(person))
    SecondStepExcuse.objects.update(review_on=in_days(-90))
    kept = excused(make_user(), days=-89)
    call_command("tidy_up")
    assert SecondStepExcuse.objects.count() == 2
    SecondStepExcuse.objects.exclude(pk=kept.pk).update(review_on=in_days(-91))
    call_command("tidy_up")
    assert list(SecondStepExcuse.objects.all()) == [kept]
    assert len(happened(person)) == 1


def test_the_list_is_short_work_for_fifty_as_for_none(
    operators_desk: PortalClient, django_assert_max_num_queries: Any
) -> None:
    agent = make_agent()
    for _ in range(12):
        excused(make_user(), made_by=agent)
    with django_assert_max_num_queries(8):
        operators_desk.get(EXCUSES)
