"""Threat: an agent sends recovery forms with made-up dates and looks up what came of each, to learn a date of birth."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import OutboxMessage, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import outbox, recovery
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import PEOPLE, messages, part_of
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

REQUESTS, EVENTS = "/admin/accounts/recoveryrequest/", "/admin/accounts/securityevent/"
DIFFERS = "The date of birth did not match."
RECEIVED = "Received. It is for no person of your organisation."
MANY = "Received. There were more than 3 requests for this address within a day,"


@pytest.fixture
def stranger() -> User:
    """Return a person of another organisation."""
    elsewhere = make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk")
    return make_user(email="strange@south.nhs.uk", organisation=elsewhere)


def ask(email: str, *, days: int = 0) -> str:
    """Send the form with a date so many days off, have the worker look at it, and return the reference."""
    reference = recovery.ask(email=email, date_of_birth=DATE_OF_BIRTH + datetime.timedelta(days=days))
    while (row := outbox.claim(kinds={Kind.DECIDE_RECOVERY})) is not None:
        until = recovery.decide(request_id=row.about["request"])
        if until is None:
            outbox.finish(message=row)
        else:
            outbox.postpone(message=row, until=until)
    return reference


def rows(desk: PortalClient, address: str = REQUESTS, **query: Any) -> list[list[str]]:
    """Return what the cells of a list say."""
    response = desk.get(address, query)
    assert response.status_code == 200
    listed = part_of(response.text, "table").select("#result_list tbody tr")
    return [[" ".join(cell.get_text().split()) for cell in row.select("td, th")] for row in listed]


def said(desk: PortalClient, reference: str) -> list[str]:
    """Return what the look-up of a reference says of it: what came of it, and when."""
    (row,) = rows(desk, q=reference)
    assert row[-4] == reference
    return row[-2:]


@pytest.mark.parametrize("wrong_before", [0, 2, 4, 6])
def test_of_another_organisations_request_a_right_a_wrong_and_an_unknown_one_read_alike(
    desk: PortalClient, stranger: User, wrong_before: int
) -> None:
    """Also where the date decides whether the next request waits (four wrong ones before), or waits itself (six)."""
    other = make_user(email="other@south.nhs.uk", organisation=stranger.organisation)
    references = []
    for email, days in ((stranger.email, 0), (other.email, 99), ("nobody@south.nhs.uk", 0)):
        for number in range(wrong_before):
            ask(email, days=number + 1)
        references += [ask(email, days=days), ask(email, days=50)]
    answers = [said(desk, reference) for reference in references]
    assert answers == [answers[0]] * len(answers)
    assert answers[0][0].startswith(RECEIVED)
    assert answers[0][1] == "-"


@pytest.mark.parametrize("tries", [1, 2, 3, 5, 7])
def test_a_right_date_of_another_organisations_person_reads_as_a_wrong_one_where_they_share_a_mailbox(
    desk: PortalClient, stranger: User, agent: User, tries: int
) -> None:
    """Threat: an agent adds a record of their own with the stranger's address, which makes the requests theirs too."""
    other = make_user(email="other@south.nhs.uk", organisation=stranger.organisation)
    own = [
        make_user(email=user.email, organisation=agent.organisation, date_of_birth=datetime.date(1930, 1, 1))
        for user in (stranger, other)
    ]
    right = [ask(stranger.email, days=days) for days in [*range(1, tries), 0]]
    wrong = [ask(other.email, days=days) for days in [*range(1, tries), 99]]
    for one, another in zip(right, wrong, strict=True):
        assert said(desk, one)[0] == said(desk, another)[0]
    told = [
        [row[-2] for row in rows(desk, EVENTS, user__id__exact=user.pk, event__exact=Event.RECOVERY_DECIDED)]
        for user in own
    ]
    assert told[0] == told[1]
    assert bool(told[0]) is (tries <= 3)


def test_an_employee_of_two_organisations_is_shown_to_each_by_its_own_record(desk: PortalClient, agent: User) -> None:
    own = make_user(organisation=agent.organisation, email="shared@nhs.net")
    make_user(
        organisation=make_organisation(code="111"), email="shared@nhs.net", date_of_birth=datetime.date(1930, 1, 1)
    )
    assert said(desk, ask(own.email))[0] == "A mail with a way in was sent to the address on record"


def test_three_dates_of_ones_own_people_say_what_came_of_them(desk: PortalClient) -> None:
    """People mistype, and the agent who helps them has to see that."""
    person = make_user()
    wrong, right, again = ask(person.email, days=1), ask(person.email), ask(person.email, days=2)
    assert said(desk, wrong)[0] == DIFFERS
    assert said(desk, right)[0] == "A mail with a way in was sent to the address on record"
    assert said(desk, again)[0].startswith("The date of birth did not match")


@pytest.mark.parametrize("tries", [4, 5, 9])
def test_of_more_than_three_a_right_and_a_wrong_date_read_alike(
    desk: PortalClient, operators_desk: PortalClient, tries: int
) -> None:
    one, other = make_user(), make_user()
    references = {
        user: [*(ask(user.email, days=days) for days in range(1, tries)), ask(user.email, days=last)]
        for user, last in ((one, 0), (other, 99))
    }
    every = [reference for theirs in references.values() for reference in theirs]
    for at in (desk, operators_desk):
        answers = [said(at, reference) for reference in every]
        assert answers == [answers[0]] * len(every)
        assert answers[0][0].startswith(MANY)
    # The list itself has all of them, whether they were decided or wait.
    assert len(rows(desk)) == len(every)
    assert len(rows(desk, q=one.email)) == len(rows(desk, q=other.email)) == tries


def test_nor_do_filters_orders_or_events_tell_them_apart(desk: PortalClient, operators_desk: PortalClient) -> None:
    person = make_user()
    for days in range(6):
        ask(person.email, days=days)
    for at in (desk, operators_desk):
        for query in ({"outcome__exact": "mailed"}, {"outcome": "mailed"}, {"decided_at__isnull": "True"}):
            assert at.get(REQUESTS, query).status_code == 400
        unordered = [row[0] for row in rows(at)]
        assert [row[0] for row in rows(at, o="3")] == [row[0] for row in rows(at, o="-4")] == unordered
        assert not rows(at, EVENTS, event__exact=Event.RECOVERY_DECIDED)
        for request in RecoveryRequest.objects.all():
            page = at.get(f"{REQUESTS}{request.pk}/change/").text
            assert MANY in page
            assert "did not match" not in page


def test_the_dates_of_another_day_are_not_counted(desk: PortalClient, travel: Travel) -> None:
    person = make_user()
    for _ in range(2):
        references = [ask(person.email, days=days) for days in (1, 2, 3)]
        travel(hours=25)
    # The agent's own session has ended meanwhile.
    travel.back()
    assert [said(desk, reference)[0].startswith("Received") for reference in references] == [False] * 3


def test_what_was_hidden_stays_hidden_on_the_next_day(desk: PortalClient, travel: Travel) -> None:
    """Threat: the agent tries twenty dates, and reads what came of them when the day is over."""
    person = make_user()
    now = datetime.datetime.now(datetime.UTC)
    travel.to(now - datetime.timedelta(days=3))
    references = [ask(person.email, days=days) for days in range(5)]
    travel.back()
    assert all(said(desk, reference)[0].startswith(MANY) for reference in references)


def test_looking_one_up_is_recorded(desk: PortalClient, operators_desk: PortalClient, agent: User) -> None:
    reference = ask("nobody@nhs.net")
    for typed in ("", "999JSMITH01", reference.lower().replace("-", " "), "Nobody@nhs.net"):
        desk.get(REQUESTS, {"q": typed})
    looked_up = SecurityEvent.objects.filter(event=Event.RECOVERY_LOOKED_UP).order_by("pk")
    assert [(event.by_id, event.user_id, event.reason, event.reference) for event in looked_up] == [
        (agent.pk, None, "by_reference", reference),
        (agent.pk, None, "by_address", ""),
    ]
    assert len(rows(operators_desk, EVENTS, event__exact=Event.RECOVERY_LOOKED_UP)) == 2
    # The list of events is searched by it too.
    desk.get(EVENTS, {"q": reference})
    desk.get(EVENTS, {"q": reference, "p": "2"})
    assert looked_up.all().count() == 3
    assert not rows(desk, EVENTS, event__exact=Event.RECOVERY_LOOKED_UP)


def test_the_helpdesk_sends_one_person_five_recovery_emails_a_day(
    desk: PortalClient, operators_desk: PortalClient, agent: User
) -> None:
    """Threat: an agent fills a mailbox, or hides a mail of an attacker among many."""
    person, other = make_user(), make_user()
    press: Callable[[PortalClient, User], Any] = lambda at, whom: at.post(f"{PEOPLE}{whom.pk}/send_recovery_email/")  # noqa: E731
    for _ in range(3):
        press(desk, person)
    desk.get(PEOPLE)
    for _ in range(2):
        operators_desk.post(PEOPLE, {"action": "send_recovery_email", "_selected_action": [person.pk]})
    desk.post(PEOPLE, {"action": "send_recovery_email", "_selected_action": [person.pk, other.pk]})
    told = messages(desk)
    assert [text for text in told if text.startswith(f"No email was sent to {person}: the helpdesk has sent 5")]
    assert [text for text in told if text.startswith(f"The recovery email for {other} is on its way")]
    sent = [row.about["users"] for row in OutboxMessage.objects.filter(kind=Kind.RECOVERY)]
    assert sorted(sent) == sorted([[person.pk]] * 5 + [[other.pk]])
    # Those of the form are counted apart: the form's five may be used up, by a stranger.
    ask(person.email)
    assert OutboxMessage.objects.filter(kind=Kind.RECOVERY).count() == 7


def test_after_a_day_the_helpdesk_may_send_again(travel: Travel, agent: User) -> None:
    person = make_user()
    for _ in range(5):
        recovery.send_by_helpdesk(user=person, by=agent)
    with pytest.raises(recovery.TooManyMails):
        recovery.send_by_helpdesk(user=person, by=agent)
    travel(hours=24, seconds=1)
    recovery.send_by_helpdesk(user=person, by=agent)
