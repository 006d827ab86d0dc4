"""The desk's pages on which a lead lets in many people whom an outage has kept out."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.utils import timezone

from accounts.models import OutageUnlock, SecurityEvent, TrustedNetwork
from accounts.models.outage_unlock import Ending
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import lockout, log_in
from accounts.services.events import Origin, coming_from
from helpdesk.outage_forms import OutageForm, beginning
from helpdesk.services import outage
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import about_of, at_work, make_agent, make_lead, make_operator, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.support.smtp import Inbox
    from tests.support.steps import PortalClient
    from tests.support.travel import Travel

    Deliver = Callable[[], None]

pytestmark = pytest.mark.django_db

PAGE = "/admin/desk/unlock-many/"
INSIDE = "192.0.2.10"


def lock(user: User, address: str = INSIDE) -> None:
    TrustedNetwork.objects.get_or_create(organisation=user.organisation, network="192.0.2.0/24")
    with coming_from(Origin(address=address)):
        for _ in range(lockout.LIMIT):
            log_in.check_password(username=user.username, password="wrong")


def ask(desk: PortalClient, **typed: Any) -> Any:
    return desk.post(PAGE, {**beginning(), **typed, "about": about_of(desk)}, follow=True)


def do(desk: PortalClient, row: OutageUnlock, **typed: Any) -> Any:
    sent = {"note": "The database was away", "about": about_of(desk), **typed}
    return desk.post(f"{PAGE}{row.pk}/do/", sent, follow=True)


def said(answer: Any) -> str:
    main = BeautifulSoup(answer.content, "html.parser").main
    assert main is not None
    return " ".join(main.get_text(" ").split())


def test_a_lead_sees_who_it_would_be_and_lets_them_in() -> None:
    lead, agent = make_lead(given_name="Lee", family_name="Lead"), make_agent()
    desk = at_work(lead)
    people = [make_user(family_name=f"Name{n:02}") for n in range(21)]
    for person in [*people, agent]:
        lock(person)
    lock(guessed_at := make_user(), address="198.51.100.7")
    page = ask(desk)
    shown = said(page)
    assert "21 people can be let in" in shown
    assert "The first 20 by name" in shown
    assert "Jo Name19" in shown
    assert "Jo Name20" not in shown
    assert "it may be a stranger who guesses. They stay as they are, and get in by recovery, or by a call. 1" in shown
    assert "Accounts of your own: another agent does that. 1" in shown
    row = OutageUnlock.objects.get()
    assert lockout.is_locked(username=people[0].username)
    answer = said(do(desk, row))
    assert "21 people can get in again." in answer
    assert "21 people were let in" in answer
    assert not any(lockout.is_locked(username=person.username) for person in people)
    assert all(lockout.is_locked(username=person.username) for person in (agent, guessed_at))
    assert SecurityEvent.objects.filter(event=Event.UNLOCKED, by=lead, note="The database was away").count() == 21


def test_without_a_reason_nothing_is_done() -> None:
    desk, person = at_work(make_lead()), make_user()
    lock(person)
    ask(desk)
    answer = do(desk, OutageUnlock.objects.get(), note=" ")
    assert "Enter a reason" in said(answer)
    assert lockout.is_locked(username=person.username)


def test_a_page_that_is_about_another_person_at_this_browser_does_nothing() -> None:
    desk, person = at_work(make_lead()), make_user()
    lock(person)
    ask(desk)
    row = OutageUnlock.objects.get()
    assert do(desk, row, about="of another").status_code == 409
    assert ask(desk, about="x").status_code == 200
    assert desk.post(PAGE, {**beginning(), "about": "of another"}).status_code == 409
    assert lockout.is_locked(username=person.username)


def test_a_second_press_and_a_list_that_is_too_old_do_nothing(travel: Travel) -> None:
    desk = at_work(make_lead())
    lock(make_user())
    ask(desk)
    row = OutageUnlock.objects.get()
    do(desk, row)
    assert "it was done already, or this list is too old" in said(do(desk, row))
    assert SecurityEvent.objects.filter(event=Event.UNLOCKED).count() == 1
    old = OutageUnlock.objects.create(
        asked_by=row.asked_by,
        organisation=row.organisation,
        cause=row.cause,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        people=[row.asked_by_id],
        asked_at=timezone.now() - datetime.timedelta(minutes=16),
    )
    assert "This list is too old" in text(desk, f"{PAGE}{old.pk}/")


def test_where_there_are_others_by_now_the_new_list_is_shown_and_nothing_done() -> None:
    desk, person, late = at_work(make_lead()), make_user(), make_user()
    lock(person)
    ask(desk)
    row = OutageUnlock.objects.get()
    lock(late)
    answer = said(do(desk, row))
    assert "there are people by now who were not on the list" in answer
    assert "2 people can be let in" in answer
    assert lockout.is_locked(username=person.username)


def test_another_lead_sees_the_list_and_does_not_do_it() -> None:
    desk, other = at_work(make_lead()), at_work(make_lead())
    lock(make_user())
    ask(desk)
    row = OutageUnlock.objects.get()
    assert "or another lead’s. Begin again" in text(other, f"{PAGE}{row.pk}/")
    assert do(other, row).status_code == 403


def test_a_lead_of_another_organisation_finds_nothing_and_other_roles_are_refused() -> None:
    desk = at_work(make_lead())
    ask(desk)
    row = OutageUnlock.objects.get()
    elsewhere = at_work(make_lead(organisation=make_organisation(code="111", name="South")))
    assert elsewhere.get(f"{PAGE}{row.pk}/").status_code == 404
    assert do(elsewhere, row).status_code == 404
    for role in (Role.AGENT, Role.AUDITOR, Role.ORGANISATION_ADMIN):
        client = at_work(make_user(role=role))
        assert client.get(PAGE).status_code == ask(client).status_code == do(client, row).status_code == 403
        assert "Unlock many" not in text(client, "/admin/desk/overview/")
    assert OutageUnlock.objects.count() == 1


def test_a_lead_who_sends_another_organisation_gets_their_own() -> None:
    """Threat: the box of a national administrator is added to the form of a lead."""
    south = make_organisation(code="111", name="South")
    lead, there = make_lead(), make_user(organisation=south)
    lock(there)
    ask(at_work(lead), organisation="111")
    row = OutageUnlock.objects.get()
    assert (row.organisation, row.people) == (lead.organisation, [])


def test_a_national_administrator_chooses_one_organisation_or_all() -> None:
    south = make_organisation(code="111", name="South")
    here, there = make_user(), make_user(organisation=south)
    lock(here)
    lock(there)
    desk = at_work(make_operator())
    assert "2 people can be let in" in said(ask(desk, organisation=""))
    assert "1 person can be let in" in said(ask(desk, organisation="111"))
    assert "This is not one of the choices" in said(ask(desk, organisation="112"))


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        *(("8:15am", (8, 15)), ("08.15", (8, 15)), ("8 PM", (20, 0)), ("2015", (20, 15)), ("9", (9, 0))),
        *(("midday", (12, 0)), ("12am", (0, 0)), ("12:30pm", (12, 30)), ("midnight", (0, 0)), ("25:00", None)),
        *(("8:60", None), ("13pm", None), ("half past", None), ("", None), ("0am", None)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, time: tuple[int, int] | None) -> None:
    form = OutageForm({**beginning(), "begins": typed}, sees_all=False)
    assert form.is_valid() == (time is not None)
    if time is not None:
        assert form.cleaned_data["begins"] == datetime.time(*time)
    else:
        assert form.errors == {"begins": ["Enter the time from which people were kept out, like 8:15am or 14:30"]}


def test_an_outage_may_have_gone_on_past_midnight() -> None:
    lead = make_lead()
    form = OutageForm({**beginning(), "day": "yesterday", "begins": "23:00", "ends": "1:30"}, sees_all=False)
    assert form.is_valid()
    outage = form.outage(by=lead)
    assert outage["ends_at"] - outage["begins_at"] == datetime.timedelta(hours=2, minutes=30)
    assert timezone.localdate(outage["ends_at"]) == timezone.localdate()


def test_the_mail_says_that_it_was_us_and_not_that_they_called(deliver_mail: Deliver, inbox: Inbox) -> None:
    desk, person = at_work(make_lead()), make_user()
    lock(person)
    ask(desk)
    do(desk, OutageUnlock.objects.get())
    # The first one says that the username was locked.
    deliver_mail()
    sent = [mail for mail in inbox.to(person.email) if "let in many people" in mail.text]
    assert len(sent) == 1
    assert "Something in ESR did not work, and may have kept you out." in " ".join(sent[0].text.split())
    assert "you called" not in sent[0].text


def test_the_form_begins_with_times_as_the_pages_say_them(travel: Travel) -> None:
    travel.to(datetime.datetime(2026, 10, 5, 14, 29, tzinfo=datetime.UTC))
    assert (beginning()["begins"], beginning()["ends"]) == ("1:29pm", "3:30pm")


def test_each_time_that_is_missing_has_a_sentence_of_its_own() -> None:
    form = OutageForm({**beginning(), "begins": "", "ends": ""}, sees_all=False)
    assert len({sentence for sentences in form.errors.values() for sentence in sentences}) == 2


def test_where_nobody_was_kept_out_the_page_says_what_to_try() -> None:
    page = said(ask(at_work(make_lead())))
    assert "Nobody can be let in" in page
    assert "Try a longer time or the other cause." in page


@pytest.mark.parametrize(
    ("now", "begins", "ends", "said_as"),
    [
        # The clocks go forward at 1am: there is no 1:30am, and 2:15am is an hour and a quarter after midnight.
        *((datetime.datetime(2027, 3, 28, 3, tzinfo=datetime.UTC), "1:30", "2:15", ("00:30", "01:15")),),
        *((datetime.datetime(2027, 3, 28, 3, tzinfo=datetime.UTC), "1:15", "1:45", ("00:15", "01:45")),),
        # They go back at 2am: there are two of 1:30am.
        *((datetime.datetime(2027, 10, 31, 3, tzinfo=datetime.UTC), "1:10", "1:30", ("00:10", "01:30")),),
    ],
)
def test_where_the_clocks_are_changed_no_time_is_missed(
    travel: Travel, now: datetime.datetime, begins: str, ends: str, said_as: tuple[str, str]
) -> None:
    """Threat: an outage in the night of the change begins after its end, and the page fails."""
    travel.to(now)
    assert ask(at_work(make_lead()), day="today", begins=begins, ends=ends).status_code == 200
    row = OutageUnlock.objects.get()
    assert tuple(f"{at.astimezone(datetime.UTC):%H:%M}" for at in (row.begins_at, row.ends_at)) == said_as


def test_where_there_are_many_the_page_says_how_far_the_worker_is_and_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outage, "FEW", 1)
    lead = make_lead()
    desk, people = at_work(lead), [make_user() for _ in range(4)]
    for person in people:
        lock(person)
    ask(desk)
    row = OutageUnlock.objects.get()
    answer = do(desk, row)
    waiting = said(answer)
    assert "People are being let in" in waiting
    assert "0 percent is done." in waiting
    assert "Who it would be" not in waiting
    assert answer.headers["Refresh"] == f"3; url={PAGE}{row.pk}/?refreshed=1"
    assert BeautifulSoup(answer.content, "html.parser").find("form", action=f"{PAGE}{row.pk}/do/") is None
    # In another tab that still shows the list.
    assert do(desk, row, note="").headers["Refresh"] == answer.headers["Refresh"]
    OutageUnlock.objects.update(people=[people[3].pk], unlocked=3)
    assert "75 percent is done." in text(desk, f"{PAGE}{row.pk}/")
    call_command("work", once=True)
    done = desk.get(f"{PAGE}{row.pk}/")
    assert "4 people were let in" in said(done)
    assert "Refresh" not in done.headers


@pytest.mark.parametrize("why", Ending.values)
def test_an_end_before_its_time_is_told_with_what_to_do(why: str) -> None:
    desk = at_work(make_lead())
    lock(make_user())
    ask(desk)
    now = timezone.now()
    OutageUnlock.objects.update(confirmed_at=now, done_at=now, why_ended=why, people=[])
    page = text(desk, f"{PAGE}{OutageUnlock.objects.get().pk}/")
    assert "0 people were let in" in page
    assert {
        "grew": "there are people by now who were not on the list",
        "stopped": "may not unlock many people any more",
        "late": "the worker came to it only when those locks had ended",
    }[why] in page
    assert "Begin again" in page
