"""Clearing a demo: what it has made is listed, and goes once it is said; before there were marks too."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import CommandError
from django.db import DatabaseError, connection

from accounts.models import (
    CountedDay,
    DailyCount,
    DemoMark,
    Organisation,
    User,
)
from accounts.services import demo_parts
from demo import parts
from demo.cast import CAST
from demo.situations import Situation
from tests.support.demo import clear, faults, mark_as_an_upgrade_does, real_organisation
from tests.support.factories import make_user

WITH_A_SECOND_STEP = {Situation.HAS_AN_APP, Situation.LOST_THE_PHONE, Situation.NEEDS_A_SECOND_STEP}
AT_THE_END = {Situation.DORMANT, Situation.LEAVING}
WITH_A_ROLE = {Situation.LEAD, Situation.AUDITOR, Situation.ADMINISTRATOR}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.mark.parametrize("error", [DatabaseError, None])
def test_a_database_that_does_not_answer_or_is_not_migrated_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    def names() -> list[str]:
        if error:
            raise error
        return []

    monkeypatch.setattr(connection.introspection, "table_names", names)
    assert faults() == []


def test_nothing_is_deleted_until_it_is_said() -> None:
    before = User.objects.count(), DemoMark.objects.count()
    with pytest.raises(CommandError, match="add --yes"):
        clear()
    assert (User.objects.count(), DemoMark.objects.count()) == before


def test_what_will_go_is_listed() -> None:
    said = clear("--yes")
    assert "101AOKAFOR01" in said
    assert "Riverside Hospitals NHS Trust (101)" in said
    assert "notices: 2" in said
    assert "applications: 8" in said


def test_people_added_to_its_organisations_stay_until_it_is_said() -> None:
    added = make_user(organisation=Organisation.objects.get(code="101"), email="jo.real@northern.nhs.uk")
    marks = DemoMark.objects.count()
    with pytest.raises(CommandError, match=r"people that the demo did not make are at its organisations \(1\)"):
        clear("--yes")
    assert User.objects.filter(pk=added.pk).exists()
    assert DemoMark.objects.count() == marks
    assert added.username in clear("--yes", "--with-people-added")
    assert not User.objects.exists()
    assert not Organisation.objects.exists()
    # The numbers of the month that it had made up for them.
    assert not DailyCount.objects.exists()
    assert not CountedDay.objects.exists()


def test_what_was_deleted_by_hand_is_no_obstacle() -> None:
    User.objects.all().delete()
    Organisation.objects.all().delete()
    clear("--yes")
    assert not DemoMark.objects.exists()


def test_an_upgrade_marks_what_the_version_before_put_into_a_production() -> None:
    """Threat: its operator with the published password stays, because there were no marks then."""
    _leave_out_what_came_later()
    marked = set(
        DemoMark.objects.filter(model__in=["accounts.User", "accounts.Organisation"]).values_list("part", "row")
    )
    DemoMark.objects.all().delete()
    real = make_user(organisation=real_organisation("303"), email="jo.real@northern.nhs.uk")
    mark_as_an_upgrade_does()
    assert marked <= set(DemoMark.objects.values_list("part", "row"))
    assert faults()
    assert not demo_parts.is_demo()
    clear("--yes")
    assert list(User.objects.all()) == [real]


def _leave_out_what_came_later() -> None:
    """Delete the people and the organisations that the cast has got since there are marks."""
    people = [parts.name_of(part) for part in CAST if part.situation in WITH_A_SECOND_STEP | AT_THE_END | WITH_A_ROLE]
    for name in (*people, "person 606 10000601", "organisation 505", "organisation 606"):
        (mark,) = DemoMark.objects.filter(part=name)
        apps.get_model(mark.model)._default_manager.filter(pk=mark.row).delete()
        mark.delete()
