"""Whoever asked by smartcard for another address hears what became of it, also where nothing did."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import FormerEmail, GivenAddress, Proposal, SecurityEvent, User
from accounts.models.proposal import Action, State
from accounts.models.security_event import Event
from accounts.services import email_corrections
from helpdesk.services import corrections, proposals
from tests.support.care_identity import link
from tests.support.corrections import NEW_EMAIL, asked_by_card
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent, make_lead
from tests.support.smtp import Inbox
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

WHY = "HR has this address too"
NOT_DECIDED = "The helpdesk has not decided about it in time, and your record stays as it is."


@pytest.fixture
def user() -> User:
    return link(make_user())


@pytest.fixture
def waiting(user: User) -> Proposal:
    """Return what an agent has accepted, and a second one has to agree to."""
    SecurityEvent.objects.create(event=Event.CARE_IDENTITY_LINKED, user=user)
    proposal = corrections.accept(correction=asked_by_card(user), by=make_agent(), reason=WHY)
    assert proposal.state == State.WAITING
    return proposal


def told(user: User, inbox: Inbox, deliver_mail: Callable[[], None]) -> str:
    """Return what both addresses were told, once each."""
    deliver_mail()
    (old,), (new,) = inbox.to(user.email), inbox.to(NEW_EMAIL)
    assert old.subject == new.subject == "Your ESR email address was not changed"
    assert new.links == []
    assert WHY not in old.text + new.text
    assert not FormerEmail.objects.exists()
    assert User.objects.get(pk=user.pk).email == user.email
    return " ".join(old.text.split())


def test_a_second_agent_who_refuses(
    user: User, waiting: Proposal, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    proposals.refuse(proposal=waiting, by=make_lead(), decision="Not theirs")
    said = told(user, inbox, deliver_mail)
    assert "The helpdesk refused it at" in said
    assert "Not theirs" not in said


def test_an_agent_who_takes_it_back(
    user: User, waiting: Proposal, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    proposals.withdraw(proposal=waiting, by=waiting.asked_by)
    assert "The helpdesk refused it at" in told(user, inbox, deliver_mail)


def test_no_second_agent_in_time(
    user: User, waiting: Proposal, inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    travel(seconds=proposals.WAITS_FOR.total_seconds() + 1)
    assert proposals.end_old() == 1
    assert proposals.end_old() == 0
    waiting.refresh_from_db()
    assert waiting.state == State.OVER
    assert NOT_DECIDED in told(user, inbox, deliver_mail)


def test_no_agent_at_all_in_two_weeks(
    user: User, inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    asked_by_card(user)
    travel(seconds=email_corrections.WAITS_FOR.total_seconds() + 1)
    assert email_corrections.erase_old() == 1
    assert email_corrections.erase_old() == 0
    assert not GivenAddress.objects.exists()
    assert NOT_DECIDED in told(user, inbox, deliver_mail)


def test_a_person_who_has_left_meanwhile_is_not_told_to_ask_again(
    user: User, inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    asked_by_card(user)
    User.objects.update(ends_on=timezone.localdate() + datetime.timedelta(days=3))
    travel(seconds=email_corrections.WAITS_FOR.total_seconds() + 1)
    assert email_corrections.erase_old() == 1
    deliver_mail()
    assert inbox.to(user.email) == inbox.to(NEW_EMAIL) == []


def test_what_its_owner_never_confirmed_tells_no_address(
    user: User, inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    """Threat: with a stolen card, mails to any address, one for each that was typed."""
    asked_by_card(user, confirmed=False)
    travel(days=2)
    assert email_corrections.erase_old() == 1
    deliver_mail()
    assert inbox.to(user.email) == inbox.to(NEW_EMAIL) == []


def test_what_an_agent_asked_for_a_caller_ends_without_a_word_to_the_new_address(
    user: User, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """An address that was said on the telephone may be any stranger's."""
    proposal = proposals.ask(person=user, action=Action.CHANGE_EMAIL, by=make_agent(), reason=WHY, value=NEW_EMAIL)
    proposals.refuse(proposal=proposal, by=make_lead(), decision="Not theirs")
    deliver_mail()
    assert inbox.to(NEW_EMAIL) == []
