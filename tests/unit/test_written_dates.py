"""Dates as databases and people write them, at every door by which a date comes in."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import call_command

from accounts.models import User
from tests.support.factories import make_organisation
from tests.support.helpdesk import PEOPLE
from tests.support.people_files import HEADING, faults, jo, run
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

BORN = datetime.date(1980, 4, 23)
WRITTEN = [
    *("23-APR-1980", "23.04.1980", "1980-04-23 00:00:00", "1980-04-23T00:00:00.0000000", "23APR1980"),
    *("23/04/1980 00:00", "23 September 1980 00:00:00.000"),
]


@pytest.mark.parametrize("date", ["23APR1980", "23APR80", "23-APR-1980", "23.04.1980", "1980-04-23 00:00:00"])
def test_no_fault_repeats_a_date_that_a_database_wrote(date: str) -> None:
    """Threat: a date of birth that is printed stays in a terminal's history or a log."""
    make_organisation()
    mixed = f"{date},{date},Jo,Smith,{date},1980-04-23 07:00,{date},{date}"
    found = faults(mixed, heading=f"{HEADING},username")
    assert len(found) == 6
    assert not any("80" in fault or "APR" in fault for fault in found)


@pytest.mark.parametrize("date", WRITTEN[:-1])
def test_an_import_reads_them(date: str) -> None:
    make_organisation()
    assert run(f"{jo(date_of_birth=date)},{date}", heading=f"{HEADING},starts_on").added == 1
    user = User.objects.get()
    assert user.date_of_birth == user.starts_on == BORN


@pytest.mark.parametrize("date", WRITTEN)
def test_the_admin_reads_them(desk: PortalClient, agent: User, date: str) -> None:
    facts = {"given_name": "Jo", "family_name": "Smith", "email": "jo@nhs.net", "employee_number": "20000001"}
    typed = {"new_date_of_birth": date, "person_type": "staff", "organisation": agent.organisation_id}
    assert desk.post(f"{PEOPLE}add/", facts | typed).status_code == 302
    assert User.objects.get(employee_number="20000001").date_of_birth == BORN.replace(month=9 if "Sep" in date else 4)


@pytest.mark.parametrize("date", WRITTEN)
def test_create_admin_reads_them(date: str) -> None:
    make_organisation()
    facts = {"given_name": "Jo", "family_name": "Smith", "email": "jo@nhs.net", "employee_number": "20000001"}
    call_command("create_admin", **facts, organisation="999", date_of_birth=date)
    assert User.objects.get().date_of_birth == BORN.replace(month=9 if "Sep" in date else 4)
