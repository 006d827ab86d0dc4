"""A caller is who they say they are once they have read out a code that only that person can see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.caller_words import WORDS
from accounts.models import CallerCheck, SecurityEvent, User
from accounts.models.caller_check import CheckKind
from accounts.models.security_event import Event
from accounts.services import caller_checks
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent
from tests.support.smtp import Inbox
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def code_for(person: User) -> str:
    return caller_checks.shown_to(person=person)[0].code


def wrong_code(person: User) -> str:
    return f"{(int(code_for(person).replace(' ', '')) + 1) % 10**6:06}"


def test_the_code_that_the_person_sees_passes_however_it_is_typed() -> None:
    person, agent = make_user(), make_agent()
    caller_checks.begin(person=person, agent=agent)
    typed = code_for(person).replace(" ", " - ")
    check = caller_checks.pass_with_code(person=person, agent=agent, typed=typed)
    assert check.kind == CheckKind.CODE
    assert caller_checks.passed(person=person, agent=agent) == check
    assert caller_checks.shown_to(person=person) == []
    event = SecurityEvent.objects.get(event=Event.CALLER_CHECKED)
    assert (event.user_id, event.by_id, event.reason) == (person.pk, agent.pk, "code")


def test_both_see_the_same_word_and_the_person_sees_who_asks() -> None:
    person, agent = make_user(), make_agent(given_name="Pat", family_name="Desk")
    check = caller_checks.begin(person=person, agent=agent)
    shown = caller_checks.shown_to(person=person)[0]
    assert shown.word == caller_checks.word_of(check=check)
    assert shown.word in WORDS
    assert shown.agent == "Pat"


def test_a_second_look_at_the_page_keeps_word_and_code() -> None:
    person, agent = make_user(), make_agent()
    assert caller_checks.begin(person=person, agent=agent) == caller_checks.begin(person=person, agent=agent)


def test_what_was_read_to_one_agent_is_worth_nothing_to_another() -> None:
    """Threat: two agents collude, or one listens, with one code of one caller."""
    person, agent, other = make_user(), make_agent(), make_agent()
    caller_checks.begin(person=person, agent=agent)
    code = code_for(person)
    caller_checks.begin(person=person, agent=other)
    assert code != caller_checks.shown_to(person=person)[0].code
    with pytest.raises(caller_checks.WrongCode):
        caller_checks.pass_with_code(person=person, agent=other, typed=code)
    caller_checks.pass_with_code(person=person, agent=agent, typed=code)
    assert caller_checks.passed(person=person, agent=other) is None


def test_it_is_worth_nothing_for_another_person() -> None:
    person, other, agent = make_user(), make_user(), make_agent()
    for each in (person, other):
        caller_checks.begin(person=each, agent=agent)
    with pytest.raises(caller_checks.WrongCode):
        caller_checks.pass_with_code(person=other, agent=agent, typed=code_for(person))


def test_five_wrong_codes_end_a_check_and_the_right_one_comes_too_late() -> None:
    person, agent = make_user(), make_agent()
    caller_checks.begin(person=person, agent=agent)
    code, wrong = code_for(person), wrong_code(person)
    for left in (4, 3, 2, 1):
        with pytest.raises(caller_checks.WrongCode) as refused:
            caller_checks.pass_with_code(person=person, agent=agent, typed=wrong)
        assert refused.value.left == left
    for typed in (wrong, code):
        with pytest.raises(caller_checks.Over):
            caller_checks.pass_with_code(person=person, agent=agent, typed=typed)


def test_twenty_wrong_codes_a_day_end_all_codes_for_that_person() -> None:
    """Threat: agents guess, each in their own checks, as often as they like."""
    person = make_user()
    for _ in range(4):
        agent = make_agent()
        for _ in range(caller_checks.MOST_WRONG_TRIES):
            caller_checks.begin(person=person, agent=agent)
            with pytest.raises(caller_checks.NotPassed):
                caller_checks.pass_with_code(person=person, agent=agent, typed=wrong_code(person))
    agent = make_agent()
    caller_checks.begin(person=person, agent=agent)
    with pytest.raises(caller_checks.TooManyWrongCodes):
        caller_checks.pass_with_code(person=person, agent=agent, typed=code_for(person))
    assert SecurityEvent.objects.filter(event=Event.CALLER_CHECK_FAILED).count() == caller_checks.WRONG_TRIES_A_DAY


def test_fifty_wrong_codes_a_day_end_all_codes_for_that_agent(travel: Travel) -> None:
    """Threat: an agent, alone, guesses a little for each of thousands of people until one code is right."""
    agent = make_agent()

    def guess(person: User, typed: str) -> None:
        caller_checks.begin(person=person, agent=agent)
        caller_checks.pass_with_code(person=person, agent=agent, typed=typed)

    for _ in range(10):
        person = make_user()
        for _ in range(caller_checks.MOST_WRONG_TRIES):
            with pytest.raises(caller_checks.NotPassed):
                guess(person, "x")
    person = make_user()
    caller_checks.begin(person=person, agent=agent)
    with pytest.raises(caller_checks.TooManyWrongCodes):
        guess(person, code_for(person))
    travel(days=1, seconds=1)
    caller_checks.begin(person=person, agent=agent)
    guess(person, code_for(person))


def test_a_code_is_good_for_a_quarter_of_an_hour_and_a_passed_check_for_half_an_hour(travel: Travel) -> None:
    person, agent = make_user(), make_agent()
    caller_checks.begin(person=person, agent=agent)
    code = code_for(person)
    travel(minutes=14, seconds=50)
    caller_checks.pass_with_code(person=person, agent=agent, typed=code)
    travel(minutes=29, seconds=50)
    assert caller_checks.passed(person=person, agent=agent) is not None
    travel(seconds=11)
    assert caller_checks.passed(person=person, agent=agent) is None
    caller_checks.begin(person=person, agent=agent)
    code = code_for(person)
    travel(minutes=15)
    with pytest.raises(caller_checks.Over):
        caller_checks.pass_with_code(person=person, agent=agent, typed=code)


def test_the_strongest_check_counts() -> None:
    person, agent = make_user(), make_agent()
    caller_checks.begin(person=person, agent=agent)
    caller_checks.pass_with_code(person=person, agent=agent, typed=code_for(person))
    caller_checks.pass_with_call_back(person=person, agent=agent, number="01632 960001")
    passed = caller_checks.passed(person=person, agent=agent)
    assert passed is not None
    assert passed.kind == CheckKind.CODE


@pytest.mark.parametrize("typed", ["", "HR", "12345", "+", "0" * 40, "01632 960001; DROP"])
def test_what_is_no_telephone_number_is_not_written_down_as_one(typed: str) -> None:
    person, agent = make_user(), make_agent()
    with pytest.raises(caller_checks.NoNumber):
        caller_checks.pass_with_call_back(person=person, agent=agent, number=typed)
    assert caller_checks.passed(person=person, agent=agent) is None


def test_the_mail_has_code_and_word_and_goes_to_the_address_on_record(
    deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    person, agent = make_user(), make_agent(given_name="https://evil.example")
    caller_checks.mail_code(check=caller_checks.begin(person=person, agent=agent))
    deliver_mail()
    mail, shown = inbox.only(), caller_checks.shown_to(person=person)[0]
    assert mail.recipients == [person.email]
    assert f"code: {shown.code}" in mail.text
    assert f"It is: {shown.word}" in mail.text
    assert "evil.example" not in mail.text


def test_a_code_that_comes_too_late_is_not_mailed(
    deliver_mail: Callable[[], None], inbox: Inbox, travel: Travel
) -> None:
    caller_checks.mail_code(check=caller_checks.begin(person=make_user(), agent=make_agent()))
    travel(minutes=15)
    deliver_mail()
    assert not inbox.mails


def test_no_more_than_five_codes_a_day_are_mailed() -> None:
    """Threat: an agent fills a mailbox."""
    person = make_user()
    for _ in range(caller_checks.MAILS_A_DAY):
        caller_checks.mail_code(check=caller_checks.begin(person=person, agent=make_agent()))
    with pytest.raises(caller_checks.TooManyMails):
        caller_checks.mail_code(check=caller_checks.begin(person=person, agent=make_agent()))


def test_the_database_knows_no_check_of_oneself_and_none_that_passed_by_nothing() -> None:
    person, agent = make_user(), make_agent()
    now = timezone.now()
    for facts in (
        {"user": agent, "agent": agent},
        {"user": person, "agent": agent, "passed_at": now},
        {"user": person, "agent": agent, "passed_at": now, "kind": "call_back"},
        {"user": person, "agent": agent, "passed_at": now, "kind": "code", "called": "01632 960001"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CallerCheck.objects.create(ends_at=now, **facts)


def test_no_row_holds_the_code_or_the_word() -> None:
    check = caller_checks.begin(person=make_user(), agent=make_agent())
    shown = caller_checks.shown_to(person=check.user)[0]
    kept = str(list(CallerCheck.objects.values_list()))
    assert shown.code.replace(" ", "") not in kept
    assert shown.word not in kept


def test_old_checks_are_tidied_up(travel: Travel) -> None:
    caller_checks.begin(person=make_user(), agent=make_agent())
    assert caller_checks.delete_old() == 0
    travel(days=2)
    assert caller_checks.delete_old() == 1
