"""Threat: a person is erased while other agents are at their page, and it answers with an error and half a change."""

from __future__ import annotations

import datetime
import functools
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import ErasedPerson, Proposal, SecurityEvent, User
from accounts.models.proposal import Action
from accounts.models.security_event import Event
from helpdesk.services import proposals
from tests.support.factories import make_user
from tests.support.helpdesk import about_of, at_work, make_lead, make_operator
from tests.support.threads import all_at_once

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def make_leaver() -> User:
    return make_user(ends_on=timezone.localdate() - datetime.timedelta(days=10))


def asked_to_erase(person: User, operator: User) -> Proposal:
    return proposals.ask(person=person, action=Action.ERASE, by=operator, reason="They asked for it in a letter")


def opened(desk: PortalClient, page: str) -> dict[str, str]:
    """Return what the form of a page sends by itself."""
    box = BeautifulSoup(desk.get(page).content, "html.parser").select_one('input[name="about"]')
    return {"about": str(box["value"])} if box is not None else {"about": about_of(desk)}


def send(desk: PortalClient, address: str, typed: dict[str, str]) -> Answer:
    desk.raise_request_exception = False
    return desk.post(address, typed)


@pytest.mark.parametrize("other", ["agree", "refuse", "take-back"])
def test_of_two_who_decide_at_once_one_is_told_that_it_is_over(other: str) -> None:
    for _ in range(3):
        person, operator = make_leaver(), make_operator()
        proposal = asked_to_erase(person, operator)
        page = f"/admin/desk/second-agent/{proposal.pk}/"
        first, second = at_work(make_lead()), at_work(operator if other == "take-back" else make_lead())
        sent = [
            functools.partial(send, desk, f"{page}{what}/", {**opened(desk, page), "decision": "Not now"})
            for desk, what in ((first, "agree"), (second, other))
        ]
        answers = all_at_once(sent)
        assert [answer for answer in answers if getattr(answer, "status_code", 500) >= 500] == []
        is_erased = not User.objects.filter(pk=person.pk).exists()
        assert ErasedPerson.objects.count() == SecurityEvent.objects.filter(event=Event.PERSON_ERASED).count()
        assert ErasedPerson.objects.filter(pk=person.pk).exists() is is_erased


def test_what_is_asked_for_a_person_who_is_erased_meanwhile_is_not_there() -> None:
    for _ in range(3):
        person, operator = make_leaver(), make_operator()
        proposal = asked_to_erase(person, operator)
        desk = at_work(make_lead())
        page = f"/admin/desk/people/{person.pk}/"
        typed = {**opened(desk, f"{page}last_day/"), "day": "1", "month": "1", "year": "2030", "note": "Stays"}
        answers = all_at_once(
            [
                functools.partial(proposals.approve, proposal=proposal, by=make_lead()),
                functools.partial(send, desk, f"{page}end_sessions/", {**typed, "note": "Called"}),
                functools.partial(send, desk, f"{page}must_change/", {**typed, "note": "Called"}),
            ]
        )
        assert [each for each in answers[1:] if getattr(each, "status_code", 500) >= 500] == []
