"""Threat: what two agents do in the same moment is done twice, or done after it was refused or taken back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Proposal, SecurityEvent, User
from accounts.models.proposal import Action, State
from accounts.models.security_event import Event
from accounts.services import caller_checks
from helpdesk.services import proposals
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent, make_lead
from tests.support.threads import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

NEW = "jo.newname@nhs.net"


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    return all_at_once(calls)


def faults(answers: list[Any]) -> list[type]:
    return [type(answer) for answer in answers if isinstance(answer, Exception)]


def asked(person: User, agent: User) -> Proposal:
    return proposals.ask(person=person, action=Action.CHANGE_EMAIL, by=agent, reason="Married", value=NEW)


def test_two_agree_and_it_is_done_once() -> None:
    proposal = asked(make_user(), make_agent())
    leads = [make_lead(), make_lead()]
    failures = at_once(*(functools.partial(proposals.approve, proposal=proposal, by=lead) for lead in leads))
    assert faults(failures) == [proposals.ChangedSince]
    assert SecurityEvent.objects.filter(event=Event.DONE_FOR_CALLER).count() == 1


def test_it_is_agreed_to_refused_or_taken_back_and_not_two_of_them() -> None:
    person, agent = make_user(), make_agent()
    proposal = asked(person, agent)
    failures = at_once(
        functools.partial(proposals.approve, proposal=proposal, by=make_lead()),
        functools.partial(proposals.refuse, proposal=proposal, by=make_lead(), decision="No"),
        functools.partial(proposals.withdraw, proposal=proposal, by=agent),
    )
    assert faults(failures) == [proposals.ChangedSince] * 2
    is_done = Proposal.objects.get().state == State.DONE
    assert (User.objects.get(pk=person.pk).email == NEW) is is_done


def test_two_ask_and_one_waits() -> None:
    person = make_user()
    failures = at_once(*(functools.partial(asked, person, make_agent()) for _ in range(3)))
    assert faults(failures) == [proposals.WaitsAlready] * 2
    assert Proposal.objects.count() == 1


def test_a_code_for_a_new_second_step_is_made_once_and_not_beside_a_new_address() -> None:
    person, agent = make_user(), make_agent()
    PhoneApp.of(person)
    caller_checks.pass_with_card(person=person, agent=agent)
    allowed = proposals.ask(person=person, action=Action.MAKE_BOOTSTRAP_CODE, by=agent, reason="Lost")
    failures = at_once(
        *[functools.partial(proposals.make_code, proposal=allowed, by=agent)] * 2,
        functools.partial(asked, person, agent),
    )
    made = SecurityEvent.objects.filter(event=Event.BOOTSTRAP_CODE_MADE).count()
    is_new = User.objects.get(pk=person.pk).email == NEW
    assert made + is_new == 1, failures


def test_a_code_that_is_typed_twice_passes_once_and_wrong_ones_are_counted_one_by_one() -> None:
    person, agent = make_user(), make_agent()
    caller_checks.begin(person=person, agent=agent)
    code = caller_checks.shown_to(person=person)[0].code
    passing = functools.partial(caller_checks.pass_with_code, person=person, agent=agent, typed=code)
    failures = at_once(passing, passing)
    assert faults(failures) == [caller_checks.Over]
    assert SecurityEvent.objects.filter(event=Event.CALLER_CHECKED).count() == 1
    other = make_user()
    caller_checks.begin(person=other, agent=agent)
    wrong = functools.partial(caller_checks.pass_with_code, person=other, agent=agent, typed="x")
    at_once(*[wrong] * 8)
    assert SecurityEvent.objects.filter(event=Event.CALLER_CHECK_FAILED).count() == caller_checks.MOST_WRONG_TRIES


def test_eight_presses_mail_five_codes() -> None:
    check = caller_checks.begin(person=make_user(), agent=make_agent())
    failures = at_once(*[functools.partial(caller_checks.mail_code, check=check)] * 8)
    assert faults(failures) == [caller_checks.TooManyMails] * 3
