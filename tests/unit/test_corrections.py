"""A correction of the address on record: asked for by smartcard, confirmed by its owner, decided by an agent."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import FormerEmail, GivenAddress, Proposal, SecurityEvent, User
from accounts.models.given_address import Purpose
from accounts.models.proposal import Second, State
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.proof import Proof
from accounts.services import email_corrections, events, freezing, given_addresses
from helpdesk.services import corrections
from people.services import rights
from tests.support.care_identity import an_app, link, smartcard
from tests.support.corrections import NEW_EMAIL, asked_by_card
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_lead, make_operator
from tests.support.mails import token_in
from tests.support.remembered_browsers import CHROME
from tests.support.smtp import Inbox
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

WHY = "HR has this address too"


def ask(user: User, email: str = NEW_EMAIL) -> None:
    email_corrections.ask(user=user, proof=smartcard(), email=email)


def is_open(address: GivenAddress) -> bool:
    return email_corrections.open_ones().filter(pk=address.pk).exists()


# Asking ---------------------------------------------------------------------------------------------------------------


def test_it_is_a_request_once_the_owner_of_the_new_address_has_confirmed_it(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = link(make_user())
    ask(user)
    assert not email_corrections.open_ones().exists()
    deliver_mail()
    mail = inbox.only()
    assert mail.recipients == [NEW_EMAIL]
    for fact in (user.username, user.get_full_name(), user.email):
        assert fact not in mail.text
    given_addresses.confirm(digest=given_addresses.digest_in(written=token_in(mail.links[0])))
    assert email_corrections.open_ones().get().email == NEW_EMAIL
    assert User.objects.get(pk=user.pk).email == user.email
    deliver_mail()
    assert inbox.newest(user.email).subject == "A new email address was asked for your ESR account"


def test_the_mail_to_the_address_on_record_says_once_from_what_it_was_asked(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """Said twice, it looks as if two devices had been there."""
    user = link(make_user())
    ask(user)
    deliver_mail()
    with events.coming_from(events.Origin(address="192.0.2.7", user_agent=CHROME)):
        given_addresses.confirm(digest=given_addresses.digest_in(written=token_in(inbox.only().links[0])))
    deliver_mail()
    mail = inbox.newest(user.email)
    assert (mail.text.count("Device:"), mail.html.count("Device:")) == (1, 1)


@pytest.mark.parametrize(
    "proof",
    [
        lambda: None,
        an_app,
        functools.partial(smartcard, uid="555000000888"),
        functools.partial(smartcard, minutes_ago=16),
    ],
)
def test_without_a_smartcard_of_theirs_just_now_nothing_is_stored(
    proof: Callable[[], Proof | None],
) -> None:
    """Threat: a thief of a session asks, in whose name a smartcard was shown an hour ago or never."""
    user = link(make_user())
    with pytest.raises(email_corrections.NotProven):
        email_corrections.ask(user=user, proof=proof(), email=NEW_EMAIL)
    assert not GivenAddress.objects.exists()


def test_only_volunteers_may_have_any_address() -> None:
    with pytest.raises(email_corrections.Unusable):
        ask(link(make_user()), "jo@home.example")
    volunteer = link(make_user(person_type="volunteer"), uid="555000000777")
    email_corrections.ask(user=volunteer, proof=smartcard(uid="555000000777"), email="jo@home.example")


def test_the_address_on_record_is_no_correction() -> None:
    user = link(make_user())
    with pytest.raises(email_corrections.SameAddress):
        ask(user, user.email)


def test_there_are_never_two_open_ones_of_a_person() -> None:
    user = link(make_user())
    asked_by_card(user)
    with pytest.raises(given_addresses.AlreadyConfirmed):
        ask(user, "other@nhs.net")
    with pytest.raises(IntegrityError), transaction.atomic():
        asked_by_card(user, "other@nhs.net")


def test_the_database_takes_none_without_a_card() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        GivenAddress.objects.create(user=make_user(), purpose=Purpose.CORRECTION, email=NEW_EMAIL)


def test_it_is_over_after_a_day_without_a_confirmation_and_after_two_weeks_without_a_decision(travel: Travel) -> None:
    waits, asked = asked_by_card(make_user(), confirmed=False), asked_by_card(make_user())
    travel(days=1)
    assert email_corrections.erase_old() == 1
    assert not GivenAddress.objects.filter(pk=waits.pk).exists()
    travel(days=13)
    assert not is_open(asked)
    assert email_corrections.erase_old() == 1


def test_this_was_not_me_ends_it() -> None:
    """The old mailbox is told that another address was asked for, with a button."""
    user = make_user()
    asked = asked_by_card(user)
    freezing.freeze(user=user)
    assert not is_open(asked)


# Deciding -------------------------------------------------------------------------------------------------------------


def accept(asked: GivenAddress, by: User) -> Proposal:
    return corrections.accept(correction=asked, by=by, reason=WHY)


def test_one_agent_is_enough_and_both_addresses_are_told(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user, agent = link(make_user()), make_agent()
    old = user.email
    asked = asked_by_card(user)
    proposal = accept(asked, agent)
    assert (proposal.state, proposal.check_kind, proposal.second) == (State.DONE, "card", "")
    user.refresh_from_db()
    assert user.email == NEW_EMAIL
    # As after every change by one agent: decision 50.
    assert user.links_are_held()
    assert not GivenAddress.objects.exists()
    event = SecurityEvent.objects.get(event=Event.EMAIL_CORRECTION_ACCEPTED)
    assert (event.user_id, event.by_id, event.note) == (user.pk, agent.pk, WHY)
    deliver_mail()
    assert {inbox.newest(address).subject for address in (old, NEW_EMAIL)} == {"Your ESR email address was changed"}


def test_a_person_who_was_changed_lately_takes_two() -> None:
    """Threat: a thief has a card of theirs linked, and asks with it the same day."""
    user = link(make_user())
    SecurityEvent.objects.create(event=Event.CARE_IDENTITY_LINKED, user=user)
    proposal = accept(asked_by_card(user), make_agent())
    assert (proposal.state, proposal.second) == (State.WAITING, Second.CHANGED_LATELY)
    assert User.objects.get(pk=user.pk).email == user.email


@pytest.mark.parametrize(
    "event", [Event.CARE_IDENTITY_UNLINKED, Event.CARE_IDENTITY_LINKED, Event.RECOVERY_LINK_USED, Event.EMAIL_CONFIRMED]
)
def test_who_was_changed_since_the_card_was_shown_takes_two_however_long_it_waited(
    event: Event, travel: Travel
) -> None:
    """Threat: a thief asks with a stolen card; it is taken from the record, and an agent comes to the request later."""
    user = link(make_user())
    asked = asked_by_card(user)
    SecurityEvent.objects.create(event=event, user=user)
    travel(days=10)
    proposal = accept(asked, make_agent())
    assert (proposal.state, proposal.second) == (State.WAITING, Second.CHANGED_LATELY)
    assert User.objects.get(pk=user.pk).email == user.email


def test_a_person_with_a_role_takes_two_and_a_national_administrator() -> None:
    person = make_lead()
    asked = asked_by_card(person)
    with pytest.raises(rights.NotAllowed):
        accept(asked, make_agent())
    proposal = accept(asked, make_operator())
    assert (proposal.state, proposal.second) == (State.WAITING, Second.HAS_RIGHTS)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ORGANISATION_ADMIN])
def test_who_is_no_helpdesk_decides_nothing(role: Role) -> None:
    asked = asked_by_card(make_user())
    by = make_user(role=role)
    with pytest.raises(rights.NotAllowed):
        accept(asked, by)
    with pytest.raises(rights.NotAllowed):
        corrections.refuse(correction=asked, by=by, reason=WHY)
    assert is_open(asked)


def test_an_agent_decides_about_nobody_elsewhere_and_not_about_themselves() -> None:
    agent = make_agent()
    elsewhere = make_user(organisation=make_organisation(code="111", name="South"))
    same_mailbox = make_user(email=agent.email)
    for person in (elsewhere, agent, same_mailbox):
        asked = asked_by_card(person)
        with pytest.raises(rights.NotAllowed):
            accept(asked, agent)
        assert is_open(asked)


def test_an_agent_accepts_no_mailbox_of_their_own() -> None:
    """Threat: an agent has a stolen card and its PIN, and puts themselves on its owner's record."""
    agent, person = make_agent(), make_user()
    asked = asked_by_card(person, agent.email)
    with pytest.raises(rights.NotAllowed):
        accept(asked, agent)
    assert is_open(asked)


def test_a_refusal_leaves_the_record_and_tells_both_addresses(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user, agent = make_user(), make_agent()
    asked = asked_by_card(user)
    corrections.refuse(correction=asked, by=agent, reason=WHY)
    assert User.objects.get(pk=user.pk).email == user.email
    assert not GivenAddress.objects.exists()
    deliver_mail()
    on_record, new = inbox.newest(user.email), inbox.newest(NEW_EMAIL)
    assert on_record.subject == new.subject == "Your ESR email address was not changed"
    # The agent may have refused a thief: theirs has no button, and nothing says why.
    assert len(on_record.links) == 1
    assert new.links == []
    assert WHY not in on_record.text + new.text
    assert not FormerEmail.objects.exists()


def test_what_was_decided_or_given_anew_is_gone() -> None:
    user, agent = make_user(), make_agent()
    asked = asked_by_card(user)
    corrections.refuse(correction=asked, by=agent, reason=WHY)
    with pytest.raises(corrections.Gone):
        accept(asked, agent)


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_who_press_at_once_one_has_it() -> None:
    asked, agents = asked_by_card(make_user()), [make_agent(), make_agent()]
    came = all_at_once([functools.partial(accept, asked, by) for by in agents])
    assert sorted(type(each).__name__ for each in came) == ["Gone", "Proposal"]


def test_the_longest_waiting_stands_first() -> None:
    first, second = make_user(), make_user()
    later, earlier = asked_by_card(second), asked_by_card(first, "first@nhs.net")
    GivenAddress.objects.filter(pk=earlier.pk).update(confirmed_at=timezone.now() - datetime.timedelta(days=2))
    assert list(corrections.seen_by(agent=make_agent())) == [earlier, later]
