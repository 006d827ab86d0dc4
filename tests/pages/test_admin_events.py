"""The admin's list of security events, where there are very many: the newest that fit, of which none is left out."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import filing_events
from helpdesk.admin import security_events
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent

if TYPE_CHECKING:
    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

EVENTS = "/admin/accounts/securityevent/"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_events, "MOST_FOUND", 3)


def add(user: User, event: Event, *, days: int) -> None:
    SecurityEvent.objects.create(user=user, event=event, at=timezone.now() - datetime.timedelta(days=days))


def kinds(desk: PortalClient, **query: str | int) -> list[str]:
    """Return what happened in each row."""
    page = BeautifulSoup(desk.get(EVENTS, query).content, "html.parser")
    return [cell.get_text() for cell in page.select("#result_list .field-event")]


def test_the_newest_of_the_agents_organisation_are_listed_and_what_is_filtered_is_not_among_them_alone() -> None:
    own, theirs, agent = make_user(), make_user(organisation=make_organisation(code="998")), make_agent()
    for days in range(5):
        add(own, Event.UNLOCKED, days=10 + days)
        add(theirs, Event.LOCKED, days=1)
    add(own, Event.FROZEN, days=30)
    filing_events.file_new()
    desk = at_work(agent)
    assert len(kinds(desk)) == 3
    assert kinds(desk, event__exact="unlocked") == ["Unlocked"] * 3
    assert kinds(desk, event__exact="frozen") == ["Password frozen: “this was not me”"]
    month = (timezone.now() - datetime.timedelta(days=20)).isoformat()
    assert kinds(desk, at__lt=month) == ["Password frozen: “this was not me”"]
    assert kinds(desk, user__id__exact=own.pk) == ["Unlocked"] * 3
    assert kinds(desk, user__id__exact=theirs.pk) == []
    assert kinds(desk, q=own.username) == ["Unlocked"] * 3
    assert kinds(desk, q=theirs.username) == []


@pytest.mark.parametrize("key", ["x", "9" * 30, "-1", "²"])
def test_a_key_that_is_none_finds_no_event_of_another(key: str) -> None:
    add(make_user(organisation=make_organisation(code="998")), Event.LOCKED, days=1)
    response = at_work(make_agent()).get(EVENTS, {"user__id__exact": key})
    assert response.status_code in {200, 302, 400}
    assert b"Locked after" not in response.content.partition(b'id="result_list"')[2]


@pytest.mark.parametrize("moment", ["x", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31 23:59:59-14:00"])
def test_a_moment_that_is_none_breaks_nothing(moment: str) -> None:
    desk = at_work(make_agent())
    for name in ("at__gte", "at__lt"):
        assert desk.get(EVENTS, {name: moment}).status_code in {200, 302, 400}, name
