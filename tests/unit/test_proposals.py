"""What could let a wrong person in is done after a strong check of the caller, or by two agents."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import CareIdentity, OutboxMessage, Proposal, SecurityEvent, User
from accounts.models.caller_check import CheckKind
from accounts.models.outbox import Kind
from accounts.models.proposal import Action, Second, State
from accounts.models.security_event import Event
from accounts.services import caller_checks, events, freezing, recovery
from helpdesk import asked_for
from helpdesk.services import proposals
from people.services import care_identity_links, people, rights
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_lead, make_operator
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

UID, OTHER = "555000000101", "555000000202"
NEW = "jo.newname@nhs.net"


def checked(person: User, agent: User, kind: CheckKind = CheckKind.CODE) -> None:
    """Let `agent` have checked the caller."""
    if kind is CheckKind.CODE:
        caller_checks.begin(person=person, agent=agent)
        code = caller_checks.shown_to(person=person)[0].code
        caller_checks.pass_with_code(person=person, agent=agent, typed=code)
    elif kind is CheckKind.CARD:
        caller_checks.pass_with_card(person=person, agent=agent)
    else:
        caller_checks.pass_with_call_back(person=person, agent=agent, number="01632 960001")


def ask(person: User, agent: User, action: Action = Action.CHANGE_EMAIL, value: str = NEW) -> Proposal:
    return proposals.ask(person=person, action=action, by=agent, reason="Married", value=value)


def email_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def frozen() -> User:
    person = make_user()
    freezing.freeze(user=person)
    return User.objects.get(pk=person.pk)


def with_app() -> User:
    person = make_user()
    PhoneApp.of(person)
    return person


def with_card() -> User:
    person = make_user()
    care_identity_links.link(user=person, uid=UID, by=None)
    return person


# Which check is enough ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "kind", "second"),
    [
        (Action.CHANGE_EMAIL, CheckKind.CODE, Second.NOT_NEEDED),
        (Action.CHANGE_EMAIL, CheckKind.CARD, Second.NOT_NEEDED),
        (Action.CHANGE_EMAIL, CheckKind.CALL_BACK, Second.WEAK_CHECK),
        (Action.CHANGE_EMAIL, None, Second.WEAK_CHECK),
        (Action.LINK_CARE_IDENTITY, CheckKind.CODE, Second.NOT_NEEDED),
        (Action.LINK_CARE_IDENTITY, CheckKind.CARD, Second.CARD_FOR_CARD),
        (Action.LINK_CARE_IDENTITY, CheckKind.CALL_BACK, Second.WEAK_CHECK),
    ],
)
def test_a_strong_check_is_enough_and_a_weak_one_needs_two(
    action: Action, kind: CheckKind | None, second: Second
) -> None:
    person, agent = make_user(), make_agent()
    if kind:
        checked(person, agent, kind)
    proposal = ask(person, agent, action, NEW if action is Action.CHANGE_EMAIL else UID)
    assert proposal.second == second
    assert proposal.state == (State.WAITING if second else State.DONE)
    is_done = email_of(person) == NEW or CareIdentity.objects.filter(user=person).exists()
    assert is_done == (not second)


@pytest.mark.parametrize(
    ("event", "reason", "by_desk"),
    [
        (Event.RECOVERY_LINK_USED, "", False),
        (Event.PERSON_CHANGED, "person_type", True),
        (Event.PERSON_CHANGED, "ends_on", True),
        (Event.PERSON_CHANGED, "is_active_on", True),
        (Event.PERSON_CHANGED, "date_of_birth", True),
        (Event.PERSON_CHANGED, "care_identity_only_off", True),
        (Event.CARE_IDENTITY_LINKED, "", True),
        (Event.SECOND_STEP_REMOVED, "", True),
        (Event.BOOTSTRAP_CODE_USED, "", False),
    ],
)
def test_after_a_recovery_or_a_change_it_takes_two_for_72_hours(
    event: Event, reason: str, by_desk: bool, travel: Travel
) -> None:
    person, agent = make_user(), make_agent()
    events.record(event=event, user_id=person.pk, by=agent if by_desk else None, reason=reason)
    checked(person, agent)
    assert ask(person, agent).second == Second.CHANGED_LATELY
    travel(hours=72, seconds=1)
    checked(person, agent)
    proposal = ask(person, agent)
    assert (proposal.second, email_of(person)) == ("", NEW)


@pytest.mark.parametrize(("event", "reason"), [(Event.PERSON_CHANGED, "family_name"), (Event.LOGGED_IN, "")])
def test_what_opens_nothing_leaves_one_agent_enough(event: Event, reason: str) -> None:
    person, agent = make_user(), make_agent()
    events.record(event=event, user_id=person.pk, by=agent, reason=reason)
    checked(person, agent)
    assert ask(person, agent).second == ""


@pytest.mark.parametrize("action", [Action.CHANGE_EMAIL, Action.LINK_CARE_IDENTITY, Action.REMOVE_SECOND_STEP])
def test_this_was_not_me_ends_what_waits_for_a_second_agent(action: Action) -> None:
    """Threat: a thief has asked, the owner presses the button of the mail, and a second agent agrees later."""
    person = with_app()
    value = {Action.CHANGE_EMAIL: NEW, Action.LINK_CARE_IDENTITY: UID}.get(action, "")
    asked = ask(person, make_agent(), action, value)
    freezing.freeze(user=person)
    with pytest.raises(proposals.ChangedSince):
        proposals.approve(proposal=asked, by=make_lead())
    assert email_of(person) == person.email


def test_for_a_person_with_rights_it_takes_two() -> None:
    person, operator = make_agent(), make_operator()
    checked(person, operator)
    assert ask(person, operator).second == Second.HAS_RIGHTS
    assert email_of(person) != NEW


# What is done ---------------------------------------------------------------------------------------------------------


def test_each_thing_is_done_and_told_and_written_down_with_the_check() -> None:
    agent = make_agent()
    for action, person, value, kind in (
        (Action.CHANGE_EMAIL, make_user(), NEW, Kind.EMAIL_CHANGED),
        (Action.LINK_CARE_IDENTITY, make_user(), OTHER, Kind.CARE_IDENTITY_CHANGED),
        (Action.REMOVE_SECOND_STEP, with_app(), "", Kind.SECOND_STEP_REMOVED),
        (Action.UNFREEZE, frozen(), "", Kind.DONE_FOR_CALLER),
    ):
        OutboxMessage.objects.all().delete()
        checked(person, agent)
        proposal = ask(person, agent, action, value)
        assert (proposal.state, proposal.check_kind) == (State.DONE, CheckKind.CODE), action
        assert kind in set(OutboxMessage.objects.values_list("kind", flat=True)), action
        event = SecurityEvent.objects.get(event=Event.DONE_FOR_CALLER, user=person)
        assert (event.by_id, event.reason, event.reference) == (agent.pk, action, f"D{proposal.pk}")


def test_a_card_is_taken_away_and_a_frozen_password_works_again(travel: Travel) -> None:
    agent, person, stopped = make_agent(), with_card(), frozen()
    travel(hours=73)
    for each, action in ((person, Action.UNLINK_CARE_IDENTITY), (stopped, Action.UNFREEZE)):
        checked(each, agent)
        assert ask(each, agent, action, "").state == State.DONE
    assert not CareIdentity.objects.filter(user=person).exists()
    assert not User.objects.get(pk=stopped.pk).password_is_frozen()


def test_the_code_for_a_new_second_step_is_made_once_by_the_agent_who_asked() -> None:
    person, agent = with_app(), make_agent()
    checked(person, agent)
    proposal = ask(person, agent, Action.MAKE_BOOTSTRAP_CODE, "")
    assert proposal.state == State.APPROVED
    with pytest.raises(rights.NotAllowed):
        proposals.make_code(proposal=proposal, by=make_agent())
    code = proposals.make_code(proposal=proposal, by=agent)
    second_step_code = code.replace(" ", "")
    assert len(second_step_code) == 8
    with pytest.raises(proposals.ChangedSince):
        proposals.make_code(proposal=proposal, by=agent)
    assert Proposal.objects.get().state == State.DONE


def test_the_new_address_gets_no_link_for_a_day(travel: Travel) -> None:
    person, agent = make_user(), make_agent()
    checked(person, agent)
    ask(person, agent)
    changed = User.objects.get(pk=person.pk)
    assert recovery.why_no_link(user=changed) is recovery.WhyNoLink.HELD
    travel(hours=24, seconds=1)
    assert recovery.why_no_link(user=changed) is None


def test_a_second_agent_confirms_the_address_and_the_link_goes_at_once() -> None:
    person, agent = make_user(), make_agent()
    checked(person, agent)
    ask(person, agent)
    proposal = ask(person, agent, Action.CONFIRM_EMAIL, "")
    assert proposal.second == Second.CONFIRMS
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=proposal, by=agent)
    proposals.approve(proposal=proposal, by=make_lead())
    assert recovery.why_no_link(user=User.objects.get(pk=person.pk)) is None


def test_an_address_that_two_agents_changed_gets_its_link_at_once() -> None:
    person, agent = make_user(), make_agent()
    proposal = ask(person, agent)
    proposals.approve(proposal=proposal, by=make_lead())
    changed = User.objects.get(pk=person.pk)
    assert changed.email == NEW
    assert recovery.why_no_link(user=changed) is None


def test_an_address_that_the_command_line_changed_is_not_held() -> None:
    person = make_user()
    person.email = NEW
    people.change(person=person, by=None)
    assert recovery.why_no_link(user=User.objects.get(pk=person.pk)) is None


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "value"), [(Action.CHANGE_EMAIL, "jo@gmail.com"), (Action.LINK_CARE_IDENTITY, "55500000010")]
)
def test_what_the_record_may_not_hold_is_refused_before_it_waits(action: Action, value: str) -> None:
    with pytest.raises(asked_for.Unusable):
        ask(make_user(), make_agent(), action, value)
    assert not Proposal.objects.exists()


def test_the_card_of_a_colleague_is_refused_before_it_waits() -> None:
    with_card()
    with pytest.raises(care_identity_links.LinkedToAnotherPerson):
        ask(make_user(), make_agent(), Action.LINK_CARE_IDENTITY, UID)


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.LINK_CARE_IDENTITY, Action.ERASE}))
def test_what_is_so_already_is_not_done_again(action: Action) -> None:
    person = make_user()
    with pytest.raises(proposals.NothingToDo):
        ask(person, make_agent(), action, person.email)


def test_no_agent_asks_for_themselves_for_a_colleague_or_for_a_person_elsewhere() -> None:
    agent = make_agent()
    for person in (agent, make_agent(), make_user(organisation=make_organisation(code="111", name="Southern"))):
        with pytest.raises(rights.NotAllowed):
            ask(person, agent)


@pytest.mark.parametrize(
    "facts",
    [
        {"state": State.DONE, "second": Second.WEAK_CHECK, "check_kind": ""},
        {"state": State.DONE, "second": "", "check_kind": CheckKind.CALL_BACK},
        {"state": State.APPROVED, "second": Second.CHANGED_LATELY, "check_kind": CheckKind.CODE},
        {"state": State.DONE, "action": Action.CONFIRM_EMAIL, "check_kind": CheckKind.CODE},
        {"state": State.REFUSED},
        {"reason": ""},
    ],
)
def test_the_database_refuses_what_was_done_on_one_agents_word(facts: dict[str, Any]) -> None:
    row = {"user": make_user(), "asked_by": make_agent(), "action": Action.CHANGE_EMAIL, "reason": "Married"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(**{**row, **facts})


def test_the_database_refuses_a_second_agent_who_is_the_first() -> None:
    agent = make_agent()
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(
            user=make_user(), asked_by=agent, decided_by=agent, action=Action.UNFREEZE, reason="x", state=State.DONE
        )


def test_addresses_and_numbers_are_forgotten_after_a_month_and_rows_after_a_year(travel: Travel) -> None:
    agent = make_agent()
    ask(make_user(), agent)
    assert proposals.end_old() == 0
    travel(days=31)
    assert proposals.end_old() == 2
    row = Proposal.objects.get()
    assert (row.state, row.value, row.before) == (State.OVER, "", "")
    travel(days=335)
    proposals.end_old()
    assert not Proposal.objects.exists()
