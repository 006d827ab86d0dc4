"""The auditor's page: second steps, who has what, as a table and as CSV."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, Organisation, RecoveryCodes, SecondStepExcuse, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import policy, roll_out
from helpdesk import coverage
from people.spreadsheet_cells import without_formula
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAGE = "/admin/second-steps/"
DAY = datetime.timedelta(days=1)


def with_app(user: User) -> User:
    Authenticator.objects.create(user=user, name="test", confirmed=True)
    return user


def with_passkey(user: User, *, confirmed: bool = True) -> User:
    number = str(Passkey.objects.count()).rjust(64, "0")
    Passkey.objects.create(
        user=user, name="Phone", confirmed=confirmed, credential_id=b"1", credential_id_sha256=number, public_key=b"1"
    )
    return user


def with_codes(user: User, *sealed: str) -> User:
    RecoveryCodes.objects.create(user=user, name="codes", confirmed=True, sealed=list(sealed))
    return user


def excused(user: User, *, days: int = 1, reason: str = "No phone.") -> User:
    SecondStepExcuse.objects.create(user=user, reason=reason, review_on=timezone.localdate() + days * DAY)
    return user


def rows(client: PortalClient, query: str = "?format=csv") -> list[list[str]]:
    response = client.get(PAGE + query)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="second-step')
    assert "no-store" in response["Cache-Control"]
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def south(db: None) -> Organisation:
    """Return an organisation that requires a second step, with people in each state."""
    south = make_organisation(code="111", name="=Southern", domain="", second_step="required")

    def person(**facts: Any) -> User:
        return make_user(organisation=south, **facts)

    person(person_type="volunteer")
    with_app(person())
    with_codes(with_passkey(with_passkey(with_app(person()))), "sealed")
    with_codes(with_passkey(person()), "sealed")
    with_codes(with_passkey(person()))
    with_passkey(with_passkey(person()))
    link(person())
    link(with_app(person()))
    link(person(password=None), uid="555000009999")
    excused(person())
    excused(person(), days=0)
    excused(person(), days=-1)
    with_passkey(person(), confirmed=False)
    with_app(person(is_active=False))
    with_app(person(ends_on=timezone.localdate() - DAY))
    with_app(person(starts_on=timezone.localdate() + DAY))
    person(is_staff=True)
    excused(person(is_staff=True))
    return south


def test_people_are_counted_by_organisation_type_and_way(south: Organisation, operators_desk: PortalClient) -> None:
    heading, *lines = rows(operators_desk)
    staff, volunteers = (dict(zip(heading, line, strict=True)) for line in lines if line[1] == "111")
    assert volunteers | {"Organisation": "'=Southern", "Policy": "Required", "Person type": "Volunteer"} == volunteers
    assert (volunteers["People in force"], volunteers["Password only"], volunteers["Required and none"]) == ("1",) * 3
    assert {name: staff[name] for name in heading[5:]} == {
        "People in force": "14",
        "Password only": "5",
        "App": "3",
        "Passkey": "4",
        "Care Identity": "3",
        "Second step": "7",
        "Second step, percentage": "50",
        "Two ways": "4",
        "Two ways, percentage": "28",
        # The linked one with a password, the past excuse, and two of the helpdesk.
        "Required and none": "4",
        "Excused": "2",
        "Helpdesk without": "2",
    }


def test_the_counts_are_those_of_the_rules_for_one_person(south: Organisation, agent: User) -> None:
    """What the database counts, and what each log-in asks, stand in two places: they must not drift apart."""
    agent.role = Role.NATIONAL_ADMIN
    Organisation.objects.filter(pk=south.pk).update(second_step_share=60)
    people = [user for user in User.objects.filter(organisation=south) if user.may_enter()]
    counts = coverage.total(line for line in coverage.lines(by=agent) if line.organisation == south)
    ways = {user: second_step.ways_of(user=user) for user in people}
    assert counts.people == len(people)
    assert counts.second_step == sum(way.is_set_up for way in ways.values())
    assert counts.two_ways == sum(way.are_enough for way in ways.values())
    wanting = [
        u for u in people if second_step.is_required(user=u) and not ways[u].is_set_up and u.has_usable_password()
    ]
    assert counts.required_and_none == len(wanting)


def test_the_database_rolls_out_to_the_same_people_as_a_log_in() -> None:
    people = [make_user() for _ in range(20)]
    numbers = dict(User.objects.annotate(number=roll_out.Number()).values_list("pk", "number"))
    assert numbers == {user.pk: roll_out.number(user.pk) for user in people}
    for share in (0, 1, 50, 99, 100):
        Organisation.objects.update(second_step_share=share)
        counted = User.objects.alias(second_step_number=roll_out.Number()).filter(roll_out.is_in_share())
        theirs = {user.pk for user in User.objects.all() if policy.is_rolled_out_to(user=user)}
        assert set(counted.values_list("pk", flat=True)) == theirs


def test_the_page_shows_the_table_the_total_and_the_exceptions(
    south: Organisation, operators_desk: PortalClient
) -> None:
    page = BeautifulSoup(operators_desk.get(PAGE).content, "html.parser")
    assert [h1.get_text() for h1 in page.select("h1")] == ["Second steps: who has what"]
    said = " ".join(page.select("main")[0].get_text(" ").split())
    assert "=Southern (111) Required Staff 14 5 3 4 3 7 (50%) 4 (28%) 4 2 2" in said
    assert "All together 16 " in said
    assert "Past: the requirement holds again" in said
    assert "Without effect: people with a role" in said
    assert page.select('a[href="?format=csv"]')


def test_the_csv_of_exceptions_has_reason_and_review_date(south: Organisation, operators_desk: PortalClient) -> None:
    excused(make_user(organisation=south, given_name="Zoë"), days=9, reason='=HYPERLINK("https://evil.example")\tx')
    heading, *lines = rows(operators_desk, "?format=csv&of=exceptions")
    assert heading[:6] == ["Organisation", "Username", "Name", "Reason", "Review on", "Holds today"]
    assert [line[5] for line in lines] == ["no", "yes", "yes", "no", "yes"]
    last = dict(zip(heading, lines[-1], strict=True))
    assert (last["Organisation"], last["Name"]) == ("'=Southern", "Zoë Smith")
    assert last["Reason"] == '\'=HYPERLINK("https://evil.example")\tx'
    assert last["Review on"] == (timezone.localdate() + 9 * DAY).isoformat()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """Threat: a name or a reason runs as a formula in the auditor's spreadsheet (OWASP, CSV Injection)."""
    assert without_formula(cell) == f"'{cell}"
    assert without_formula(f"x{cell}") == f"x{cell}"
    assert without_formula(f" {cell.strip()}") == f"' {cell.strip()}"


def test_no_part_of_a_cell_is_a_formula_where_the_separator_is_a_semicolon(operators_desk: PortalClient) -> None:
    """Threat: a spreadsheet that reads semicolons cuts a reason in two, whatever quotes stand around it."""
    excused(make_user(), reason="x;=1+1; ＝2; a-b; see page 2")
    *_, line = operators_desk.get(f"{PAGE}?format=csv&of=exceptions").getvalue().decode().splitlines()
    assert "\"x;'=1+1;' ＝2; a-b; see page 2\"" in line
    assert line.count('"') == 2 * 8, "each cell stands in quotes"


def test_an_auditor_sees_their_own_organisation_alone(south: Organisation) -> None:
    """Threat: a reader learns of people elsewhere, however the page is asked for (OWASP ASVS 8.4.1)."""
    desk = at_work(make_user(role=Role.AUDITOR))
    excused(make_user(family_name="Ours"))
    for query in ("", "?organisation=111", "?format=csv", "?format=csv&of=exceptions"):
        answer = desk.get(PAGE + query)
        content = answer.getvalue().decode() if answer.streaming else answer.content.decode()
        assert "Southern" not in content
        assert "Northern Test Hospitals" in content
    assert len(rows(desk)) == 2
    assert [line[2] for line in rows(desk, "?format=csv&of=exceptions")] == ["Name", "Jo Ours"]


def test_an_agent_sees_the_page_and_downloads_nothing(south: Organisation, desk: PortalClient) -> None:
    page = desk.get(f"{PAGE}?organisation=111").content.decode()
    assert "Northern Test Hospitals" in page
    assert "Southern" not in page
    assert "Download" not in page
    assert desk.get(f"{PAGE}?format=csv").status_code == 403
    assert desk.get(f"{PAGE}?format=csv&of=exceptions").status_code == 403


def test_others_do_not_see_it(client: PortalClient, desk: PortalClient) -> None:
    assert client.get(PAGE).status_code == 302
    assert client.get(f"{PAGE}?format=csv").status_code == 302
    assert desk.post(PAGE).status_code == 405


@pytest.mark.parametrize(("query", "most"), [("", 7), ("?format=csv", 6), ("?format=csv&of=exceptions", 5)])
def test_however_many_people_there_are_the_database_is_asked_as_often(
    south: Organisation, django_assert_max_num_queries: Any, query: str, most: int
) -> None:
    desk = at_work(make_agent(organisation=south))
    for _ in range(20):
        excused(make_user(organisation=south))
    with django_assert_max_num_queries(most):
        answer = desk.get(PAGE + query)
        assert answer.getvalue() if answer.streaming else answer.content


def test_who_downloads_the_exceptions_is_on_record_with_how_many_people_it_names() -> None:
    """Threat: a list of people who have no second step is taken, and no event says by whom."""
    excused(make_user())
    auditor = make_user(role=Role.AUDITOR)
    rows(at_work(auditor), "?format=csv&of=exceptions")
    told = SecurityEvent.objects.filter(event=Event.PEOPLE_EXPORTED)
    assert list(told.values_list("user", "reason")) == [(auditor.pk, "exceptions_1")]
