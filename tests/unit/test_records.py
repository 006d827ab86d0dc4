"""One person's record, added or changed by hand: what is stored, who is told, and what follows at once."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import FormerEmail, Organisation, OutboxMessage, SecurityEvent, Session, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import recovery
from people.services import people, rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_operator
from tests.support.links import link_token
from tests.support.smtp import Inbox

pytestmark = pytest.mark.django_db


def with_session(person: User) -> User:
    Session.objects.create(
        session_key=uuid.uuid4().hex,
        session_data="",
        expire_date=timezone.now() + datetime.timedelta(hours=1),
        user_id=person.pk,
    )
    return person


def is_logged_in(person: User) -> bool:
    return Session.objects.filter(user_id=person.pk).exists()


def new_person(**facts: object) -> User:
    return User(
        **{
            "organisation": make_organisation(),
            "given_name": "Siân",
            "family_name": "Ó Brien",
            "email": "sian@nhs.net",
            "date_of_birth": datetime.date(1984, 3, 15),
            "employee_number": "20000001",
            **facts,
        }
    )


def test_a_new_record_has_a_username_and_no_password() -> None:
    agent = make_agent()
    person = people.add(person=new_person(), by=agent)
    assert (person.username, person.has_usable_password()) == ("999SOBRIEN01", False)
    event = SecurityEvent.objects.get()
    assert (event.event, event.user_id, event.by_id) == (Event.PERSON_ADDED, person.pk, agent.pk)


def test_only_what_differs_is_written() -> None:
    person = make_user(family_name="Smith")
    User.objects.filter(pk=person.pk).update(password="!set meanwhile")
    person.family_name = "Jones"
    assert people.change(person=person, by=None) == ["family_name"]
    person.refresh_from_db()
    assert (person.family_name, person.password) == ("Jones", "!set meanwhile")


def test_nothing_is_written_where_nothing_differs() -> None:
    person = make_user()
    assert people.change(person=person, by=None) == []
    assert not SecurityEvent.objects.exists()


def test_neither_username_nor_organisation_is_ever_written() -> None:
    person = make_user()
    before = person.username
    person.username = "999CHANGED01"
    person.organisation = make_organisation(code="111", name="Southern")
    assert people.change(person=person, by=make_operator()) == []
    person.refresh_from_db()
    assert (person.username, person.organisation.code) == (before, "999")


def test_the_events_name_fields_and_ticks_and_no_value() -> None:
    person = make_user()
    person.is_active, person.email, person.date_of_birth = False, "new@nhs.net", datetime.date(1957, 10, 4)
    people.change(person=person, by=None)
    reasons = SecurityEvent.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["email", "date_of_birth", "is_active_off"]


def test_a_changed_address_is_told_to_the_old_and_the_new_one(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    person = make_user(email="former@nhs.net")
    person.email = " Newer@NHS.net "
    people.change(person=person, by=None)
    assert "nhs.net" not in str(list(OutboxMessage.objects.values()))
    deliver_mail()
    assert "It was changed to another one" in inbox.newest("former@nhs.net").text
    assert "newer@nhs.net" not in inbox.newest("former@nhs.net").text
    assert "has a new email address: this one" in inbox.newest("newer@nhs.net").text
    assert not FormerEmail.objects.exists()


def test_an_address_that_differs_in_capitals_alone_is_no_change() -> None:
    person = make_user(email="jo@nhs.net")
    person.email = "JO@nhs.net"
    assert people.change(person=person, by=None) == []


def test_a_changed_address_ends_the_links_that_were_mailed_to_the_old_one() -> None:
    """Threat: a stranger who reads the old mailbox uses a link that is still there."""
    person = make_user()
    token = link_token(person)
    person.email = "newer@nhs.net"
    people.change(person=person, by=None)
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=token)


@pytest.mark.parametrize(
    "facts",
    [
        {"is_active": False},
        {"ends_on": datetime.date(2020, 1, 1)},
        {"starts_on": datetime.date(2999, 1, 1)},
        {"role": Role.AGENT},
    ],
)
def test_sessions_end_with_the_right_to_them(facts: dict[str, object]) -> None:
    person, other = with_session(make_user()), with_session(make_user())
    for name, value in facts.items():
        setattr(person, name, value)
    people.change(person=person, by=None)
    assert not is_logged_in(person)
    assert is_logged_in(other)


def test_a_corrected_name_ends_no_session() -> None:
    person = with_session(make_user())
    person.given_name = "Joanna"
    people.change(person=person, by=None)
    assert is_logged_in(person)


def test_what_is_refused_changes_nothing_and_is_told_to_nobody() -> None:
    agent, colleague = make_agent(), make_agent(email="colleague@nhs.net")
    colleague.email = "mine@nhs.net"
    with pytest.raises(rights.NotAllowed):
        people.change(person=colleague, by=agent)
    colleague.refresh_from_db()
    assert colleague.email == "colleague@nhs.net"
    assert not OutboxMessage.objects.exists()
    assert not SecurityEvent.objects.exists()


def test_an_esr_number_is_taken_by_others_and_not_by_oneself() -> None:
    person = make_user(employee_number="20000001")
    elsewhere = make_organisation(code="111", name="Southern")

    def taken(organisation: Organisation, but: int | None) -> bool:
        return people.employee_number_is_taken(employee_number="20000001", organisation=organisation, but=but)

    assert taken(person.organisation, None)
    assert not taken(person.organisation, person.pk)
    assert not taken(elsewhere, None)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"date_of_birth": datetime.date(1979, 1, 31)}, "The helpdesk changed your record."),
        ({"person_type": "contractor"}, "The helpdesk changed what your record says you are"),
        ({"starts_on": datetime.date(2020, 5, 1)}, "The helpdesk changed your first day."),
        ({"ends_on": datetime.date(2099, 5, 1)}, "The helpdesk changed your last day."),
        ({"must_change_password": True}, "The helpdesk asked you to choose a new password."),
        ({"care_identity_only": True}, "The helpdesk had you log in with Care Identity alone."),
    ],
)
def test_the_person_is_told_what_an_agent_changes_of_who_may_get_in(
    facts: dict[str, object], said: str, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    person = make_user(email="jo@nhs.net")
    for name, value in facts.items():
        setattr(person, name, value)
    people.change(person=person, by=make_agent())
    deliver_mail()
    (mail,) = inbox.to("jo@nhs.net")
    assert said in " ".join(mail.text.split())
    assert "1979" not in mail.text


def test_of_a_name_and_at_the_command_line_no_mail_tells(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    person = make_user(email="jo@nhs.net")
    person.family_name = "Other"
    people.change(person=person, by=make_agent())
    person.ends_on = datetime.date(2099, 5, 1)
    people.change(person=person, by=None)
    deliver_mail()
    assert not inbox.to("jo@nhs.net")
