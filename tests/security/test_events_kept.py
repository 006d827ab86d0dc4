"""Threat: an administrator has the traces of what they did deleted, by keeping their organisation's events for less."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import FiledEvent, Organisation, SecurityEvent, User
from accounts.models.role import NO_ROLE, Role
from accounts.models.security_event import Event
from accounts.services import events_kept
from helpdesk.services import exporting
from people.services import organisations, people, rights
from tests.pages.test_admin_trusted_networks import form, page_of
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work
from tests.support.keeping_events import changed, file_and_seal, fine, keep, left
from tests.support.sealing_events import add
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def boss() -> User:
    return make_user(role=Role.ORGANISATION_ADMIN)


def lower(boss: User, days: int) -> None:
    organisation = Organisation.objects.get(pk=boss.organisation_id)
    organisation.events_kept_days = days
    organisations.save(organisation=organisation, by=boss)


def test_what_an_administrator_or_their_agents_did_stays(boss: User, travel: Travel) -> None:
    """Whatever is shortened of a kind goes where it happened by itself, and stays where an agent did it."""
    agent, person = make_user(role=Role.AGENT), make_user()
    by_agents = {
        add(event, days_ago=450, user=person, by=by).pk for event in events_kept.SHORTENED for by in (boss, agent)
    }
    for event in events_kept.SHORTENED:
        add(event, days_ago=450, user=person)
    lower(boss, 400)
    travel(days=8)
    file_and_seal()
    assert events_kept.delete_old() == len(events_kept.SHORTENED)
    assert by_agents < left()
    assert SecurityEvent.objects.filter(event=Event.EVENTS_KEPT_CHANGED).count() == 1
    fine()


def test_what_agents_did_stays_where_the_event_is_about_themselves(boss: User) -> None:
    """Exports and uploads are events about the agent, and say of no other who did it."""
    kinds = [Event.PEOPLE_EXPORTED, Event.EVENTS_EXPORTED, Event.PEOPLE_FILE_UPLOADED, Event.PEOPLE_FILE_CONFIRMED]
    kept = {add(event, days_ago=450, user=boss).pk for event in kinds}
    exporting.record_events(by=boss)
    assert SecurityEvent.objects.latest("pk").by is None
    keep(boss.organisation, 400)
    file_and_seal()
    assert events_kept.delete_old() == 0
    assert kept < left()


def test_what_happened_to_the_account_of_an_agent_stays_also_once_their_role_is_gone(boss: User) -> None:
    """Threat: who took over an agent's account gives the role up, and shortens what shows how they got in."""
    agent, former, person = make_user(role=Role.AGENT), make_user(role=Role.AGENT), make_user()
    kept = {changed(each, days_ago=450) for each in (boss, agent, former)}
    changed(person, days_ago=450)
    former.role = NO_ROLE
    assert people.change(person=former, by=boss)
    keep(boss.organisation, 400)
    file_and_seal()
    assert events_kept.delete_old() == 1
    assert kept < left()


def test_the_role_of_a_person_who_is_not_there_any_more_counts_by_its_events(boss: User) -> None:
    gone, agent = make_user(), make_user()
    add(Event.ROLE_GIVEN, days_ago=451, user=agent)
    kept = changed(agent, days_ago=450)
    changed(gone, days_ago=450)
    keep(boss.organisation, 400)
    file_and_seal()
    User.objects.filter(pk__in=[gone.pk, agent.pk])._raw_delete("default")
    assert events_kept.delete_old() == 1
    assert kept in left()


def test_who_did_it_is_read_from_the_event_and_not_from_what_the_search_reads(boss: User) -> None:
    """Threat: the rows of the search are not sealed. With some altered, the daily work deletes what it must not."""
    person = make_user()
    kept = {add(Event.PASSWORD_CHANGED, days_ago=450, user=person, by=boss).pk}
    kept |= {add(Event.PERSON_CHANGED, days_ago=450, user=person, by=boss).pk}
    kept |= {add(Event.ROLE_GIVEN, days_ago=450, user=make_user()).pk}
    keep(boss.organisation, 400)
    file_and_seal()
    FiledEvent.objects.update(by=None, kind=Event.PASSWORD_CHANGED)
    assert events_kept.delete_old() == 0
    assert kept == left()


def test_people_of_other_organisations_and_of_none_are_untouched(boss: User) -> None:
    stranger = make_user(organisation=make_organisation(code="111", name="South"))
    kept = {changed(each, days_ago=450) for each in (stranger, None)}
    changed(make_user(), days_ago=450)
    before = list(SecurityEvent.objects.filter(pk__in=kept).values())
    keep(boss.organisation, 400)
    file_and_seal()
    assert events_kept.delete_old() == 1
    assert list(SecurityEvent.objects.values()) == before
    fine()


def test_a_lower_number_is_an_event_with_both_numbers_and_who_did_it(boss: User) -> None:
    for days in (800, 400, 900):
        lower(boss, days)
    recorded = SecurityEvent.objects.filter(event=Event.EVENTS_KEPT_CHANGED).order_by("pk")
    assert list(recorded.values_list("reason", "by", "user")) == [
        (reason, boss.pk, boss.pk) for reason in ("999_none_to_800", "999_800_to_400", "999_400_to_900")
    ]


@pytest.mark.parametrize("role", [NO_ROLE, *(role for role in Role if role != Role.NATIONAL_ADMIN)])
def test_no_other_role_and_nobody_elsewhere_changes_the_number(role: str) -> None:
    organisation = make_organisation()
    elsewhere = make_organisation(code="111", name="South")
    for at in (organisation, elsewhere):
        may = (role, at) == (Role.ORGANISATION_ADMIN, organisation)
        caller = make_user(role=role, organisation=at)
        if role:
            at_work(caller).post(page_of(organisation), form(organisation, events_kept_days="400"))
            organisation.refresh_from_db()
            assert organisation.events_kept_days == (400 if may else None)
        wanted = Organisation.objects.get(pk=organisation.pk)
        wanted.events_kept_days = 500
        if not may:
            with pytest.raises(rights.NotAllowed):
                organisations.save(organisation=wanted, by=caller)
            assert not SecurityEvent.objects.filter(event=Event.EVENTS_KEPT_CHANGED, user=caller).exists()
        Organisation.objects.update(events_kept_days=None, events_kept_since=None)


def test_no_page_sets_the_moment_from_which_the_week_counts(boss: User) -> None:
    """Threat: an administrator posts a moment of long ago, and the number deletes the next night."""
    posted: dict[str, Any] = {"events_kept_days": "400"}
    posted |= {"events_kept_since": "2020-01-01", "events_kept_since_0": "2020-01-01", "events_kept_since_1": "00:00"}
    at_work(boss).post(page_of(boss.organisation), form(boss.organisation, **posted))
    changed(make_user(), days_ago=450)
    file_and_seal()
    assert Organisation.objects.get().events_kept_days == 400
    assert events_kept.delete_old() == 0


def test_a_filed_row_that_names_another_kind_has_no_event_deleted_behind_its_seal(boss: User) -> None:
    """Threat: what the search reads, altered, has the daily work delete an event whose own day is not sealed again."""
    person = make_user()
    frozen = add(Event.FROZEN, days_ago=450, user=person).pk
    changed(person, days_ago=450)
    keep(boss.organisation, 400)
    file_and_seal()
    FiledEvent.objects.filter(pk=frozen).update(kind=Event.PASSWORD_CHANGED)
    assert events_kept.delete_old() == 1
    assert left() == {frozen}
    fine()


def test_a_filed_row_that_names_another_organisation_has_nothing_deleted(boss: User) -> None:
    stranger = make_user(organisation=make_organisation(code="111", name="South"))
    theirs, ours = changed(stranger, days_ago=450), changed(make_user(), days_ago=450)
    keep(boss.organisation, 400)
    file_and_seal()
    FiledEvent.objects.update(organisation=boss.organisation_id)
    assert events_kept.delete_old() == 1
    assert left() == {theirs}
    assert ours not in left()
