"""The desk's page of one person: who, why they cannot get in, and what an agent does about it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import LONGEST_NOTE, Event
from accounts.models.session import Session
from accounts.services import events, lockout
from helpdesk import actions
from tests.support import situations
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import about_of, at_work, lock, make_agent, make_operator, text
from tests.support.shells import alike
from tests.support.steps import PortalClient, come_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

NOTE = "Jo Smith called from ward 4"


def page_of(person: User) -> str:
    return f"/admin/desk/people/{person.pk}/"


def press(desk: PortalClient, person: User, name: str, **typed: str) -> Answer:
    sent = {"about": about_of(desk), "note": NOTE, **typed}
    return desk.post(f"{page_of(person)}{name}/", sent, follow=True)


def told(answer: Answer) -> str:
    """Return what the banner says."""
    banner = BeautifulSoup(answer.content, "html.parser").select_one(".nhsuk-notification-banner__content")
    return " ".join(banner.get_text().split()) if banner else ""


def buttons(desk: PortalClient, person: User) -> list[str]:
    page = BeautifulSoup(desk.get(page_of(person)).content, "html.parser")
    return [" ".join(button.get_text().split()) for button in page.select("main form button[type=submit], main a")]


def test_the_page_says_who_why_and_what_to_do_first(
    desk: PortalClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_user(given_name="Jo", family_name="Smith")
    lock(person)
    desk.get(page_of(person))
    with django_assert_max_num_queries(30):
        page = BeautifulSoup(desk.get(page_of(person)).content, "html.parser")
    (heading,) = page.select("h1")
    assert heading.get_text() == "Jo Smith"
    assert page.select_one("#username").get_text() == person.username  # type: ignore[union-attr]
    said = text(desk, page_of(person))
    assert "Not now: locked after too many wrong passwords." in said
    assert "10 in other browsers, locked until" in said
    assert [button.get_text(strip=True) for button in page.select("button.desk-first")] == ["Unlock"]
    assert "Locked after too many wrong passwords" in page.select_one(".desk-events").get_text()  # type: ignore[union-attr]
    assert "What the record says" in said


def test_unlocking_is_one_press_noted_and_told_by_mail(desk: PortalClient, agent: User) -> None:
    person = make_user()
    lock(person)
    answer = press(desk, person, "unlock")
    assert answer.redirect_chain == [(page_of(person), 302)]
    assert told(answer) == f"{person} is unlocked and can log in now."
    assert not lockout.is_locked(username=person.username)
    event = SecurityEvent.objects.get(event=Event.UNLOCKED)
    assert (event.user_id, event.by_id, event.note) == (person.pk, agent.pk, NOTE)
    mail = OutboxMessage.objects.get(kind=Kind.HELPED)
    assert mail.about == {"users": [person.pk], "event": event.pk}
    assert f"by {agent.username}: {NOTE}" in " ".join(answer.text.split())
    assert told(press(desk, person, "unlock")) == f"{person} had no wrong passwords to forget."
    assert OutboxMessage.objects.filter(kind=Kind.HELPED).count() == 1


def test_nothing_is_done_without_a_reason(desk: PortalClient) -> None:
    person = make_user()
    lock(person)
    for note in ("", "  ", "x" * (LONGEST_NOTE + 1)):
        answer = press(desk, person, "unlock", note=note)
        assert "There is a problem" in answer.text
        assert answer.text.count("Error: ", 0, answer.text.index("</title>")) == 1
    assert lockout.is_locked(username=person.username)
    assert desk.get(f"{page_of(person)}unlock/").status_code == 405


def test_each_button_does_its_own_and_says_so(desk: PortalClient, agent: User) -> None:
    person = make_user()
    come_in(PortalClient(), person)
    mail = told(press(desk, person, "send_recovery_email"))
    assert mail == f"The recovery email for {person} is on its way to j•••••@nhs.net."
    assert "is logged out everywhere" in told(press(desk, person, "end_sessions"))
    assert "was not logged in anywhere" in told(press(desk, person, "end_sessions"))
    assert not Session.objects.filter(user_id=person.pk).exists()
    assert "must set a new password at the next log-in" in told(press(desk, person, "must_change"))
    assert "has internet access now" in told(press(desk, person, "give_internet_access"))
    assert "no internet access any more" in told(press(desk, person, "withdraw_internet_access"))
    assert "had no wrong codes to forget" in told(press(desk, person, "lift_wait"))
    assert "is frozen, they are logged out everywhere" in told(press(desk, person, "freeze"))
    person.refresh_from_db()
    assert person.must_change_password
    assert person.password_is_frozen()
    done = SecurityEvent.objects.filter(by=agent, user=person)
    assert set(done.values_list("note", flat=True)) == {NOTE}
    kinds = [Kind.RECOVERY, Kind.HELPED, Kind.HELPED, Kind.INTERNET_ACCESS_GRANTED, Kind.INTERNET_ACCESS_WITHDRAWN]
    sent = OutboxMessage.objects.exclude(kind=Kind.FROZEN_FOR_CONTACT).order_by("created_at")
    assert list(sent.values_list("kind", flat=True)) == [*kinds, Kind.FROZEN]


def test_the_sixth_recovery_email_of_a_day_is_not_sent(desk: PortalClient) -> None:
    person = make_user()
    for _ in range(5):
        press(desk, person, "send_recovery_email")
    assert told(press(desk, person, "send_recovery_email")).startswith(f"No email was sent to {person}: the helpdesk")
    assert OutboxMessage.objects.filter(kind=Kind.RECOVERY).count() == 5


def test_a_last_day_is_shown_old_and_new_before_it_is_changed(desk: PortalClient, agent: User) -> None:
    old, new = timezone.localdate() - datetime.timedelta(days=1), timezone.localdate() + datetime.timedelta(days=90)
    person = make_user(ends_on=old)
    assert "Change the last day" in buttons(desk, person)
    typed = {f"last_day_{part}": str(getattr(new, part)) for part in ("day", "month", "year")}
    sure = press(desk, person, "last_day", was=old.isoformat(), **typed)
    assert "It will be" in sure.text
    person.refresh_from_db()
    assert person.ends_on == old
    sent = {str(box["name"]): str(box.get("value", "")) for box in sure_form(sure).select("input[type=hidden]")}
    assert told(desk.post(f"{page_of(person)}last_day/", sent, follow=True)).startswith(f"The last day of {person} is")
    person.refresh_from_db()
    assert person.ends_on == new
    event = SecurityEvent.objects.get(event=Event.PERSON_CHANGED)
    assert (event.reason, event.by_id, event.note) == ("ends_on", agent.pk, NOTE)
    assert OutboxMessage.objects.get().kind == Kind.HELPED
    # The same page, opened again by Back: the record has another day by now.
    assert "has another last day by now" in told(desk.post(f"{page_of(person)}last_day/", sent, follow=True))


def sure_form(answer: Answer) -> BeautifulSoup:
    form = BeautifulSoup(answer.content, "html.parser").select_one("main form")
    assert form
    return BeautifulSoup(str(form), "html.parser")


def test_a_last_day_before_the_first_is_refused(desk: PortalClient) -> None:
    person = make_user(starts_on=datetime.date(2026, 1, 31))
    typed = {"last_day_day": "1", "last_day_month": "1", "last_day_year": "2026", "was": "", "sure": "yes"}
    assert told(press(desk, person, "last_day", **typed)).startswith("Not changed: ")
    person.refresh_from_db()
    assert person.ends_on is None


def test_a_date_of_birth_is_a_match_or_none_and_is_not_shown(desk: PortalClient, agent: User) -> None:
    person = make_user(date_of_birth=datetime.date(1980, 4, 23))
    for day, says in (("24", f"No match for {person}."), ("23", f"Match: it is the date of birth of {person}.")):
        typed = {"date_of_birth_day": day, "date_of_birth_month": "4", "date_of_birth_year": "1980"}
        answer = press(desk, person, "date_of_birth", **typed)
        assert told(answer) == says
        assert b"1980" not in alike(answer.content)
    compared = SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED).order_by("pk")
    assert [(each.by_id, each.reason, each.note) for each in compared] == [
        (agent.pk, "no_match", NOTE),
        (agent.pk, "match", NOTE),
    ]
    assert OutboxMessage.objects.filter(kind=Kind.HELPED).count() == 2


def test_networks_are_named_and_codes_are_not_shown(desk: PortalClient) -> None:
    person = make_user()
    with events.coming_from(events.Origin(address="192.0.2.7")):
        events.record(event=Event.LOG_IN_FAILED, user_id=person.pk, reason="wrong_password")
    said = text(desk, page_of(person))
    assert "Log-in failed (Another network" in said
    assert "wrong_password" not in said
    assert "192.0.2.7" not in said


@pytest.mark.parametrize("name", [each.name for each in actions.ALL if each.leads_to == ""])
def test_a_guessed_address_does_nothing_for_another_organisation_a_colleague_or_oneself(
    desk: PortalClient, agent: User, name: str
) -> None:
    """Threat: an agent changes the number in the address, to help themselves or to reach beyond their organisation."""
    elsewhere = make_user(organisation=make_organisation(code="111", name="Southern", domain=""))
    colleague = make_agent()
    for person, status in ((elsewhere, 404), (colleague, 403), (agent, 403)):
        assert press(desk, person, name).status_code == status
        assert desk.get(f"{page_of(person)}{name}/").status_code in {status, 405}
    assert not SecurityEvent.objects.filter(user__in=[elsewhere, colleague, agent], by=agent).exists()
    assert not OutboxMessage.objects.exists()


def test_the_page_of_a_colleague_and_of_oneself_has_no_buttons_and_says_why(desk: PortalClient, agent: User) -> None:
    colleague, elsewhere = make_agent(), make_user(organisation=make_organisation(code="111", domain=""))
    assert "do nothing for them here" in text(desk, page_of(colleague))
    assert "This is you." in text(desk, page_of(agent))
    assert buttons(desk, colleague) == buttons(desk, agent) == []
    assert desk.get(page_of(elsewhere)).status_code == 404
    assert desk.get("/admin/desk/people/0/").status_code == 404
    operator = make_operator()
    assert "This is you." in text(at_work(operator), page_of(operator))


def test_enter_in_the_box_does_nothing_where_nothing_is_recommended(desk: PortalClient) -> None:
    """A browser presses the first button of a form, and none if that one is disabled (HTML, implicit submission)."""
    person = make_user()
    page = BeautifulSoup(desk.get(page_of(person)).content, "html.parser")
    (box,) = page.select("#id_note")
    form = box.find_parent("form")
    assert form is not None
    first = form.select("button")[0]
    assert (first.has_attr("disabled"), first.has_attr("hidden")) == (True, True)
    lock(person)
    page = BeautifulSoup(desk.get(page_of(person)).content, "html.parser")
    button = page.select_one("main form:has(#id_note) button")
    assert button is not None
    assert button.get_text(strip=True) == "Unlock"


@pytest.mark.parametrize("name", ["unlock", "send_recovery_email", "freeze", "date_of_birth", "last_day"])
def test_a_form_of_another_agents_tab_is_out_of_date(desk: PortalClient, agent: User, name: str) -> None:
    """Threat: two agents share a computer, and what one has opened is done, and written down, in the other's name."""
    person, other = make_user(), at_work(make_agent())
    lock(person)
    pages = (page_of(person), f"{page_of(person)}{name}/" if name in {"date_of_birth", "last_day"} else None)
    for page in filter(None, pages):
        (box,) = BeautifulSoup(other.get(page).content, "html.parser").select('main input[name="about"]')
        assert box["value"] == about_of(other)
    typed = {"date_of_birth_day": "1", "date_of_birth_month": "1", "date_of_birth_year": "1980", "sure": "yes"}
    for sent in (about_of(other), ""):
        assert press(desk, person, name, about=sent, **typed).status_code == 409
    assert not SecurityEvent.objects.filter(by=agent).exists()
    assert lockout.is_locked(username=person.username)


def test_what_takes_a_check_of_the_caller_has_a_heading_where_there_is_any(desk: PortalClient) -> None:
    """Of a person whose mail came back the one such action is the first thing to do, above."""
    person = make_user()
    address = f"/admin/desk/people/{person.pk}/"
    assert "After a check of the caller Change the email address" in text(desk, address)
    situations.mailed(sent=True)(person)
    situations.came_back(person)
    assert "After a check" not in text(desk, address)
