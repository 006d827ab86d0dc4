"""What happened to a person's account, in sentences for the person."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation

from accounts.activity_sentences import NOT_SHOWN, SHOWN
from accounts.models import SecurityEvent, User
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import activity, events, recovery
from accounts.services.events import Origin
from tests.support.care_identity import INSIDE, OUTSIDE, trust
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent

pytestmark = pytest.mark.django_db

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"


def happened(user: User, event: Event, **facts: Any) -> SecurityEvent:
    return SecurityEvent.objects.create(event=event, user=user, **facts)


def sentences(user: User, before: str = "") -> list[str]:
    return [entry.sentence for entry in activity.page(user=user, before=before).entries]


def test_for_every_kind_of_event_it_is_decided_whether_it_is_shown() -> None:
    assert set(Event) == set(SHOWN) | NOT_SHOWN
    assert not set(SHOWN) & NOT_SHOWN


def test_every_kind_that_is_shown_has_its_own_sentence(user: User) -> None:
    for event in Event:
        happened(user, event)
    page = activity.page(user=user)
    told = [entry.sentence for entry in page.entries]
    while page.older:
        page = activity.page(user=user, before=page.older)
        told += [entry.sentence for entry in page.entries]
    assert len(told) == len(SHOWN)
    assert all(sentence.endswith(".") for sentence in told)
    # An account is made by an import or by hand: the same to its person.
    assert len(set(told)) == len(told) - 1


def test_they_are_whole_sentences_of_the_readers_language(user: User) -> None:
    happened(user, Event.LOGGED_OUT)
    with translation.override(None):
        assert sentences(user) == ["You logged out."]


def test_device_and_network_are_said_in_words(user: User) -> None:
    trust(user.organisation)
    for address in (INSIDE, OUTSIDE, ""):
        with events.coming_from(Origin(address=address, user_agent=EDGE if address else "")):
            events.record(event=Event.LOG_IN_FAILED, user_id=user.pk, reason="wrong_password")
    found = activity.page(user=user).entries
    assert [(entry.device, entry.network) for entry in found] == [
        ("", ""),
        ("Edge on Windows", "Another network"),
        ("Edge on Windows", "Network of Northern Test Hospitals"),
    ]


def test_what_the_helpdesk_did_names_no_agent_nor_their_computer(user: User) -> None:
    agent = make_agent(username="999AGENT01", given_name="Kim", family_name="Agent")
    with events.coming_from(Origin(address=INSIDE, user_agent=EDGE)):
        events.record(event=Event.UNLOCKED, user_id=user.pk, by=agent)
        events.record(event=Event.PERSON_CHANGED, user_id=user.pk, by=agent, reason="email")
        events.record(event=Event.PERSON_CHANGED, user_id=user.pk, by=user, reason="email")
    own, changed, unlocked = activity.page(user=user).entries
    assert unlocked == activity.Entry("The helpdesk unlocked your username.", unlocked.at, device="", network="")
    assert changed.sentence == "The helpdesk changed your email address."
    assert (own.sentence, own.device) == ("Your email address was changed.", "Edge on Windows")


@pytest.mark.parametrize(
    ("event", "reasons"),
    [
        (Event.RECOVERY_DECIDED, [outcome.value for outcome in Outcome]),
        (Event.PERSON_CHANGED, ["date_of_birth", "given_name", "employee_number"]),
        (Event.LOG_IN_FAILED, ["wrong_password", "outside_network", "password_changed", "not_in_force", "locked"]),
        (Event.PROVING_AGAIN_FAILED, ["wrong_password", "not_in_force", "locked", "password_changed"]),
        (Event.PASSWORD_CHANGE_FAILED, ["wrong_password", "not_in_force", "locked", "password_changed"]),
        (Event.CARE_IDENTITY_REFUSED, ["not_in_force", "level_below_organisations"]),
    ],
)
def test_no_failure_says_what_was_right_in_it(user: User, event: Event, reasons: list[str]) -> None:
    """Threat: a thief of a session tries dates of birth or passwords elsewhere, and reads here which was right."""
    for reason in reasons:
        happened(user, event, reason=reason, reference="ABCD-EFGH")
    assert len(set(sentences(user))) == 1
    assert "ABCD" not in repr(activity.page(user=user))


@pytest.mark.parametrize(
    ("event", "reason", "sentence"),
    [
        (Event.SECOND_STEP_KEPT, "used", "You showed that your second step still works."),
        (Event.SECOND_STEP_KEPT, "lost", "You said that you have lost your second step."),
        (Event.SECOND_STEP_KEPT, "ask_next_time", "You put off showing that your second step still works."),
        (Event.SECOND_STEP_FAILED, "wrong_code", "A wrong code was given for your second step."),
        (Event.SECOND_STEP_FAILED, "passkey", "A passkey was tried as your second step and did not work."),
        (Event.SECOND_STEP_FAILED, "wrong_recovery_code", "A wrong recovery code was given."),
        (
            Event.SECOND_STEP_FAILED,
            "wrong_recovery_code_in_a_wait",
            "A wrong recovery code was given, soon after other wrong ones.",
        ),
        (
            Event.SECOND_STEP_FAILED,
            "recovery_codes_closed",
            "A recovery code was given after too many wrong ones, and was not looked at.",
        ),
        (Event.SECOND_STEP_FAILED, "wrong_bootstrap_code", "A wrong code from the helpdesk was given."),
        (Event.SECOND_STEP_FAILED, "wrong_code_at_set_up", "A wrong code was given to add an authenticator app."),
        (
            Event.SECOND_STEP_FAILED,
            "too_many_wrong_codes",
            "A code was given too soon after wrong ones, and was not looked at.",
        ),
        (Event.PROVED_AGAIN, "password", "You confirmed that it is you, to change your security settings."),
        (Event.PROVED_AGAIN, "passkey", "You confirmed with a passkey that it is you."),
        (Event.PROVED_AGAIN, "code", "You confirmed with a code that it is you."),
        (Event.PROVING_AGAIN_FAILED, "passkey", "A passkey was tried to confirm that it is you, and did not work."),
        (Event.PASSKEY_REFUSED, "counter", "A passkey of yours was refused, because there may be a copy of it."),
        (
            Event.PASSKEY_REFUSED,
            "device_stolen",
            "You said that a device may have been stolen: your passkeys were stopped.",
        ),
    ],
)
def test_the_sentence_says_which_way_was_tried_and_what_the_person_pressed(
    user: User, event: Event, reason: str, sentence: str
) -> None:
    happened(user, event, reason=reason)
    assert sentences(user) == [sentence]


def test_a_recovery_shows_the_same_whether_the_date_was_right_or_not(user: User) -> None:
    """The same threat, through the form."""
    for date in (user.date_of_birth, datetime.date(1931, 1, 1)):
        recovery.ask(email=user.email, date_of_birth=date)
    from django.core.management import call_command

    call_command("work", once=True)
    first, second = activity.page(user=user).entries
    assert (first.sentence, first.device, first.network) == (second.sentence, second.device, second.network)
    assert {row.reason for row in SecurityEvent.objects.filter(event=Event.RECOVERY_DECIDED)} == {
        "mailed",
        "date_differs",
    }


def test_it_is_of_ninety_days_and_of_the_person_alone(user: User) -> None:
    now = timezone.now()
    happened(user, Event.LOGGED_OUT, at=now - activity.SHOWN_FOR + datetime.timedelta(minutes=1))
    happened(user, Event.LOGGED_IN, at=now - activity.SHOWN_FOR - datetime.timedelta(minutes=1))
    happened(make_user(), Event.LOGGED_IN)
    assert sentences(user) == ["You logged out."]


def test_pages_of_twenty_hold_each_once_though_many_are_of_one_moment(user: User) -> None:
    at = timezone.now()
    reasons = [str(number) for number in range(50)]
    for number, reason in enumerate(reasons):
        moment = at if 10 <= number < 45 else at + datetime.timedelta(seconds=number - 20)
        happened(user, Event.LOG_IN_FAILED, at=moment, device=reason)
    found, before = [], ""
    for size in (20, 20, 10):
        page = activity.page(user=user, before=before)
        assert len(page.entries) == size
        found += [entry.device for entry in page.entries]
        before = page.older
    assert before == ""
    assert sorted(found, key=int) == reasons
    newest_first = SecurityEvent.objects.filter(user=user).order_by("-at", "-pk").values_list("device", flat=True)
    assert found == list(newest_first)


def test_the_next_page_is_named_by_its_moment_and_by_no_number_of_a_row(user: User) -> None:
    for _ in range(activity.A_PAGE + 1):
        last = happened(user, Event.LOGGED_OUT)
    older = activity.page(user=user).older
    assert str(last.pk) not in older.split("-")[1:]
    first = SecurityEvent.objects.filter(user=user).order_by("at")[1]
    assert older == f"{int(first.at.timestamp() * 1e6 + 0.5)}-1"


@pytest.mark.parametrize("before", ["x", "1", "-1", "1-2-3", "9" * 40 + "-1", "٣-1", "1-1\n", "é", "'; --"])
def test_what_is_no_place_gives_the_newest(user: User, before: str) -> None:
    happened(user, Event.LOGGED_OUT)
    assert sentences(user, before) == ["You logged out."]


def test_the_end_of_the_calendar_is_a_place(user: User) -> None:
    happened(user, Event.LOGGED_OUT)
    assert sentences(user, "9" * 16 + "-0") == ["You logged out."]
    assert sentences(user, "0-0") == []


def test_a_page_takes_two_queries_and_reads_the_index_of_the_person(user: User, django_assert_num_queries: Any) -> None:
    people = [user] * (activity.A_PAGE + 5) + [make_user()] * 2000
    SecurityEvent.objects.bulk_create([SecurityEvent(event=Event.LOGGED_IN, user=each) for each in people])
    happened(user, Event.LOG_IN_FAILED, address=OUTSIDE)
    user = User.objects.select_related("organisation").get(pk=user.pk)
    with django_assert_num_queries(2) as counted:
        activity.page(user=user)
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # So few rows of a person are put in order after they are read otherwise.
            cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(explain + counted.captured_queries[0]["sql"])
        assert "security_event_by_user" in str(cursor.fetchall())


def test_the_network_of_another_organisation_is_another_network(user: User) -> None:
    trust(make_organisation(code="998", name="Southern Test Hospitals"))
    happened(user, Event.LOGGED_IN, address=INSIDE)
    assert activity.page(user=user).entries[0].network == "Another network"
