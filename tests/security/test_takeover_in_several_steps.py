"""Threat: an agent, alone, takes an account over with steps that are harmless each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import BootstrapCode, CareIdentity, Proposal, User
from accounts.models.proposal import Action, Second, State
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import caller_checks, events, freezing, lockout, recovery
from helpdesk.services import proposals
from people.services import care_identity_links, people, rights
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import about_of, at_work, make_agent, make_lead, make_operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.smtp import Inbox
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

MINE = "mine@nhs.net"
UID = "555000000101"


def ask(person: User, agent: User, action: Action, value: str = "") -> Proposal:
    return proposals.ask(person=person, action=action, by=agent, reason="Lost", value=value)


def with_app() -> User:
    person = make_user()
    PhoneApp.of(person)
    return person


def why_no_link(person: User) -> recovery.WhyNoLink | None:
    return recovery.why_no_link(user=User.objects.get(pk=person.pk))


def test_a_code_that_was_allowed_before_the_address_changed_is_not_made_after_it() -> None:
    """By an agent who says that they saw a card: the code is to wait until the new address gets its link."""
    person, agent = with_app(), make_agent()
    caller_checks.pass_with_card(person=person, agent=agent)
    allowed = ask(person, agent, Action.MAKE_BOOTSTRAP_CODE)
    assert allowed.state == State.APPROVED
    assert ask(person, agent, Action.CHANGE_EMAIL, MINE).state == State.DONE
    with pytest.raises(proposals.ChangedSince):
        proposals.make_code(proposal=allowed, by=agent)
    assert not BootstrapCode.objects.exists()


def test_a_code_that_two_allowed_is_not_made_after_this_was_not_me() -> None:
    person, agent = with_app(), make_agent()
    asked = ask(person, agent, Action.MAKE_BOOTSTRAP_CODE)
    proposals.approve(proposal=asked, by=make_lead())
    freezing.freeze(user=person)
    with pytest.raises(proposals.ChangedSince):
        proposals.make_code(proposal=asked, by=agent)


def test_after_this_was_not_me_the_next_change_needs_two() -> None:
    person, agent = make_user(), make_agent()
    freezing.freeze(user=person)
    caller_checks.pass_with_card(person=person, agent=agent)
    assert ask(person, agent, Action.CHANGE_EMAIL, MINE).second == Second.CHANGED_LATELY


def test_a_second_step_that_was_set_up_meanwhile_is_not_removed() -> None:
    person, agent = with_app(), make_agent()
    for action in (Action.REMOVE_SECOND_STEP, Action.MAKE_BOOTSTRAP_CODE):
        asked = ask(person, agent, action)
        events.record(event=Event.PASSKEY_ADDED, user_id=person.pk)
        with pytest.raises(proposals.ChangedSince):
            proposals.approve(proposal=asked, by=make_lead())


def test_an_address_that_the_record_may_not_hold_by_now_is_not_put_on_it() -> None:
    person, agent = make_user(person_type="volunteer"), make_agent()
    asked = ask(person, agent, Action.CHANGE_EMAIL, "jo@home.example")
    person.person_type = "staff"
    people.change(person=person, by=agent)
    with pytest.raises(proposals.ChangedSince):
        proposals.approve(proposal=asked, by=make_lead())


@pytest.mark.parametrize("by", ["mailbox", "card"])
@pytest.mark.parametrize("whose", ["agent", "person"])
def test_the_second_agent_is_another_human_being(by: str, whose: str) -> None:
    """Threat: an agent with accounts at two organisations agrees with themselves, or about themselves."""
    person, agent = make_user(), make_agent()
    second = make_operator(organisation=make_organisation(code="111", name="Southern"))
    same = {"agent": agent, "person": person}[whose]
    asked = ask(person, agent, Action.CHANGE_EMAIL, MINE)
    if by == "mailbox":
        User.objects.filter(pk=second.pk).update(email=same.email)
        second.refresh_from_db()
    else:
        for each in (same, second):
            care_identity_links.link(user=each, uid=UID, by=None)
    for decide in (proposals.approve, proposals.refuse):
        with pytest.raises(rights.NotAllowed):
            decide(proposal=asked, by=second, decision="Yes")
    assert Proposal.objects.get().state == State.WAITING


def test_no_agent_asks_for_an_account_of_their_own_elsewhere() -> None:
    operator = make_operator()
    person = make_user(organisation=make_organisation(code="111", name="Southern"))
    for each in (person, operator):
        CareIdentity.objects.create(user=each, uid=UID)
    with pytest.raises(rights.NotAllowed):
        ask(person, operator, Action.CHANGE_EMAIL, MINE)
    assert at_work(operator).get(f"/admin/desk/people/{person.pk}/change_email/").status_code == 403


def test_a_lead_whom_the_first_agent_has_just_made_does_not_count(travel: Travel) -> None:
    """Threat: a national administrator, alone, adds an account, gives it a role, and agrees with themselves."""
    person, operator, puppet = make_user(), make_operator(), make_user()
    puppet.role = Role.LEAD
    people.change(person=puppet, by=operator)
    asked = ask(person, operator, Action.CHANGE_EMAIL, MINE)
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=asked, by=puppet)
    travel(hours=71)
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=asked, by=puppet)
    proposals.approve(proposal=asked, by=make_lead())


def changed_on_the_word_of_one() -> tuple[User, User]:
    """Return a person whose address one agent has changed, and the agent."""
    person, agent = make_user(), make_agent()
    caller_checks.pass_with_card(person=person, agent=agent)
    assert ask(person, agent, Action.CHANGE_EMAIL, MINE).state == State.DONE
    return User.objects.get(pk=person.pk), agent


@pytest.mark.parametrize("days", [0, 3])
def test_this_was_not_me_holds_the_links_of_the_new_address_until_two_agents_agree(travel: Travel, days: int) -> None:
    """The owner presses in the mail to the old address: the new one would else set the next password."""
    person, agent = changed_on_the_word_of_one()
    travel(days=days)
    freezing.freeze(user=person, reason=freezing.Reason.MAIL)
    travel(days=3)
    assert why_no_link(person) is recovery.WhyNoLink.HELD
    # Nor is it let go by one agent who changes it once more.
    travel(hours=1)
    caller_checks.pass_with_card(person=person, agent=agent)
    assert ask(person, agent, Action.CHANGE_EMAIL, "mine.too@nhs.net").state == State.DONE
    travel(days=2)
    assert why_no_link(person) is recovery.WhyNoLink.HELD
    asked = ask(person, agent, Action.CHANGE_EMAIL, "jo@nhs.net")
    proposals.approve(proposal=asked, by=make_lead())
    assert why_no_link(person) is None


def test_this_was_not_me_holds_no_links_of_an_address_that_has_not_changed_lately(travel: Travel) -> None:
    person, (changed, _) = make_user(), changed_on_the_word_of_one()
    travel(days=9)
    for each in (person, changed):
        freezing.freeze(user=each)
        assert why_no_link(each) is None


def test_no_code_is_mailed_to_an_address_that_gets_no_link_yet(
    travel: Travel, deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    """Threat: the agent shows a second one that the caller "had the code", which they have mailed to themselves."""
    waits = make_user()
    caller_checks.mail_code(check=caller_checks.begin(person=waits, agent=make_agent()))
    User.objects.filter(pk=waits.pk).update(links_held_until=timezone.now() + people.LINKS_HELD_FOR)
    person, _ = changed_on_the_word_of_one()
    with pytest.raises(caller_checks.AddressHeld):
        caller_checks.mail_code(check=caller_checks.begin(person=person, agent=make_agent()))
    deliver_mail()
    assert not [mail for mail in inbox.mails if "code for the ESR" in mail.subject]
    travel(hours=25)
    caller_checks.mail_code(check=caller_checks.begin(person=person, agent=make_agent()))


@pytest.mark.parametrize("name", ["change_email", "unlock", "must_change", "last_day"])
def test_a_right_that_ends_while_the_form_is_sent_is_said_in_words(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The services ask again under their lock. What they say then was an error page of the portal for some forms."""
    person, agent = make_user(), make_agent()
    desk = at_work(agent)

    def without_right(**_: object) -> None:
        raise rights.NotAllowed

    for service, what in ((proposals, "ask"), (lockout, "unlock"), (people, "change")):
        monkeypatch.setattr(service, what, without_right)
    sent = {"about": about_of(desk), "how": "card", "reason": "Lost", "value": MINE, "note": "Jo called"}
    sent |= {"sure": "yes", "last_day_day": "1", "last_day_month": "1", "last_day_year": "2027"}
    assert desk.post(f"/admin/desk/people/{person.pk}/{name}/", sent).status_code == 403
