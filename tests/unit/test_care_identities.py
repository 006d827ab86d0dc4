"""Which Care Identity opens which login: linking is giving a way in."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import CareIdentity, OutboxMessage, SecurityEvent, Session, User
from accounts.models.outbox import Kind
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import care_identities
from people.services import care_identity_links, rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_operator
from tests.support.smtp import Inbox
from tests.support.threads import all_at_once

pytestmark = pytest.mark.django_db

UID, OTHER = "555000000101", "555000000202"


def link(user: User, uid: str = UID, by: User | None = None) -> None:
    care_identity_links.link(user=user, uid=uid, by=by)


def uids(user: User) -> list[str]:
    return list(CareIdentity.objects.filter(user=user).values_list("uid", flat=True))


def events() -> list[tuple[str, int | None, int | None, str]]:
    return list(SecurityEvent.objects.order_by("pk").values_list("event", "user_id", "by_id", "reason"))


def session(user: User, came_by: str = "") -> str:
    """Add a session of the person, begun with a Care Identity or without; return its key."""
    row = Session.objects.create(
        session_key=uuid.uuid4().hex[:32],
        session_data="",
        expire_date=timezone.now() + datetime.timedelta(hours=1),
        user_id=user.pk,
        care_identity_uid=came_by,
    )
    return row.session_key


def test_a_linked_care_identity_opens_the_login() -> None:
    user = make_user()
    link(user)
    assert care_identities.is_linked(user=user, uid=UID)
    assert care_identities.logins(uid=UID) == [user]
    assert care_identities.of(user=user) == CareIdentity.objects.get()


@pytest.mark.parametrize(
    "typed", ["5550 0000 0101", " 555000000101 ", "５５５０００００0101", "555\u00a0000000101\u200b"]
)
def test_it_is_linked_however_it_is_typed(typed: str) -> None:
    user = make_user()
    link(user, typed)
    assert uids(user) == [UID]


@pytest.mark.parametrize(
    "typed", ["", "1", "55500000010", "5550000001011", "55500000010O", "٥٥٥٠٠٠٠٠٠١٠١", "5.55E+11", "\ud800"]
)
def test_what_is_no_number_is_refused_in_a_sentence(typed: str) -> None:
    user = make_user()
    with pytest.raises(care_identity_links.Unusable, match=r"\.$"):
        link(user, typed)
    assert not uids(user)


def test_it_is_written_down_with_who_did_it_and_without_the_number() -> None:
    agent, user = make_agent(), make_user()
    link(user, by=agent)
    care_identity_links.unlink(user=user, by=agent)
    assert events() == [
        (Event.CARE_IDENTITY_LINKED, user.pk, agent.pk, ""),
        (Event.CARE_IDENTITY_UNLINKED, user.pk, agent.pk, ""),
    ]
    assert UID not in str(list(SecurityEvent.objects.values()))


def test_another_one_takes_the_place_of_the_first() -> None:
    user = make_user()
    link(user)
    link(user, OTHER)
    assert uids(user) == [OTHER]
    assert [(event, reason) for event, _, _, reason in events()[1:]] == [
        (Event.CARE_IDENTITY_UNLINKED, "replaced"),
        (Event.CARE_IDENTITY_LINKED, ""),
    ]
    assert OutboxMessage.objects.count() == 2


def test_the_same_one_again_changes_nothing_and_is_told_to_nobody() -> None:
    user = make_user()
    link(user)
    linked_at = CareIdentity.objects.get().linked_at
    link(user)
    assert CareIdentity.objects.get().linked_at == linked_at
    assert (SecurityEvent.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_taking_away_what_is_not_there_is_nothing() -> None:
    care_identity_links.unlink(user=make_user(), by=None)
    assert not SecurityEvent.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_the_person_is_told_by_mail_both_times(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user = make_user(email="jo@nhs.net")
    link(user)
    deliver_mail()
    linked = inbox.newest("jo@nhs.net")
    assert linked.subject == "A Care Identity now opens your ESR account"
    care_identity_links.unlink(user=user, by=None)
    deliver_mail()
    unlinked = inbox.newest("jo@nhs.net")
    assert unlinked.subject == "Your Care Identity no longer opens your ESR account"
    assert "You can no longer log in with it." in unlinked.text
    for mail in (linked, unlinked):
        assert f"Username: {user.username}" in mail.text
        assert "Email esr@org999.nhs.example and state your Name and ESR number" in mail.text
        assert UID not in mail.text + mail.html
    assert UID not in str(list(OutboxMessage.objects.values()))


def test_sessions_that_came_by_another_care_identity_end() -> None:
    """Threat: the owner of a card that was linked by mistake stays logged in."""
    user, colleague = make_user(), make_user()
    link(user)
    by_password, by_card, theirs = session(user), session(user, UID), session(colleague, OTHER)
    care_identity_links.link(user=colleague, uid=OTHER, by=None)
    link(user, "555000000303")
    assert set(Session.objects.values_list("session_key", flat=True)) == {by_password, theirs}
    assert by_card not in Session.objects.values_list("session_key", flat=True)


def test_with_the_care_identity_end_the_sessions_that_came_by_it() -> None:
    user = make_user()
    link(user)
    by_password = session(user)
    session(user, UID)
    care_identity_links.unlink(user=user, by=None)
    assert list(Session.objects.values_list("session_key", flat=True)) == [by_password]


def test_one_care_identity_opens_the_logins_of_one_person_at_two_employers() -> None:
    here = make_user()
    there = make_user(organisation=make_organisation(code="111", name="A Southern Trust"))
    link(here)
    link(there)
    assert care_identities.logins(uid=UID) == [there, here]


def test_two_logins_of_one_organisation_never_have_the_same_care_identity() -> None:
    """Threat: a number typed on the wrong record lets a colleague in there."""
    first, second = make_user(), make_user()
    link(first)
    with pytest.raises(care_identity_links.LinkedToAnotherPerson) as refused:
        link(second)
    assert refused.value.user == first
    assert (
        str(refused.value) == f"{first.username} at this organisation has this Care Identity. Take it away there first."
    )
    assert not uids(second)
    assert OutboxMessage.objects.count() == 1
    care_identity_links.unlink(user=first, by=None)
    link(second)
    assert uids(second) == [UID]


@pytest.mark.django_db(transaction=True)
def test_nor_where_both_are_linked_at_the_same_moment() -> None:
    users = [make_user() for _ in range(4)]
    answers = all_at_once([lambda user=user: link(user) for user in users])  # type: ignore[misc]
    assert CareIdentity.objects.count() == 1
    assert sum(isinstance(answer, care_identity_links.LinkedToAnotherPerson) for answer in answers) == 3


def test_an_agent_links_nobody_elsewhere_no_colleague_and_not_themselves() -> None:
    """Threat: an agent links their own card to a record with more rights, and logs in with it (OWASP ASVS 8.4.1)."""
    agent = make_agent()
    elsewhere = make_organisation(code="111", name="Southern")
    for person in (make_user(organisation=elsewhere), make_agent(), make_operator(), agent):
        with pytest.raises(rights.NotAllowed):
            link(person, by=agent)
        link(person)
        with pytest.raises(rights.NotAllowed):
            care_identity_links.unlink(user=person, by=agent)
        assert uids(person) == [UID]
        care_identity_links.unlink(user=person, by=None)


def test_rights_count_as_they_are_now() -> None:
    """Threat: a colleague became an operator while their page was open at an agent's."""
    agent, colleague = make_agent(), make_user()
    User.objects.filter(pk=colleague.pk).update(role=Role.AGENT)
    with pytest.raises(rights.NotAllowed):
        link(colleague, by=agent)


def test_an_operator_links_anybody() -> None:
    operator = make_operator()
    for number, person in enumerate((make_agent(), make_operator(), make_user())):
        link(person, f"55500000040{number}", by=operator)
    assert CareIdentity.objects.count() == 3
    with pytest.raises(rights.NotAllowed):
        link(operator, "555000000409", by=operator)


def test_many_are_linked_in_few_queries(django_assert_max_num_queries: Callable[..., object]) -> None:
    users = [make_user(password=None) for _ in range(120)]
    for user in users[:110]:
        session(user, "555999999999")
    wanted = {user.pk: f"5551{number:08}" for number, user in enumerate(users)}
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        care_identity_links.link_many(uids=wanted, linked_before=[user.pk for user in users[:110]], by=None)
    assert dict(CareIdentity.objects.values_list("user_id", "uid")) == wanted
    assert not Session.objects.exists()
    assert OutboxMessage.objects.filter(kind=Kind.CARE_IDENTITY_CHANGED).count() == 120
