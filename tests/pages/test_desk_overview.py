"""The desk's overview of an organisation."""

from __future__ import annotations

import csv
import datetime
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CountedDay, DailyCount, Organisation, OutboxMessage
from accounts.models.outbox import Kind
from accounts.models.role import Role
from accounts.services import counting, daily_counts, outbox
from helpdesk.services import people_counts
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, make_operator, text

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OVERVIEW = "/admin/desk/overview/"


def on(days_ago: int, what: str, count: int, organisation: Organisation | None) -> None:
    day = timezone.localdate() - datetime.timedelta(days=days_ago)
    DailyCount.objects.create(day=day, organisation=organisation, what=what, count=count)


def figures(desk: PortalClient, address: str = OVERVIEW) -> dict[str, str]:
    page = BeautifulSoup(desk.get(address).content, "html.parser")
    return {row.dt.get_text(): row.dd.get_text() for row in page.select(".desk-figures > div") if row.dt and row.dd}


def test_it_adds_up_the_last_thirty_days_of_the_own_organisation() -> None:
    agent = make_agent()
    south = make_organisation(code="111", name="South")
    for days_ago, organisation in ((0, agent.organisation), (29, agent.organisation), (30, agent.organisation)):
        on(days_ago, "logged_in/password", 5, organisation)
    on(1, "logged_in/passkey", 7, agent.organisation)
    on(1, "logged_in/password", 1000, south)
    on(1, "log_in_failed/wrong_password", 3, agent.organisation)
    on(1, "log_in_failed/unknown_username", 1000, None)
    on(2, "locked", 2, agent.organisation)
    desk = at_work(agent)
    assert figures(desk) == {"Log-ins": "17", "Failed log-ins": "3", "Locked": "2", "Let back in by email": "0"}
    assert "Nothing of today is counted yet" in text(desk, OVERVIEW)


def test_each_chart_has_the_same_numbers_as_its_table() -> None:
    agent = make_agent()
    on(0, "logged_in/password", 40, agent.organisation)
    page = BeautifulSoup(at_work(agent).get(OVERVIEW).content, "html.parser")
    charts = page.select(".desk-chart")
    assert [chart.figcaption.get_text() for chart in charts if chart.figcaption] == [
        "Log-ins a day",
        "Failed log-ins a day",
        "Locked usernames a day",
        "People let back in by email a day",
    ]
    for chart in charts:
        assert len(chart.select("rect")) == len(chart.select("tbody tr")) == 30
    numbers = [cell.get_text() for cell in charts[0].select("tbody td")]
    assert numbers == ["0"] * 29 + ["40"]
    assert not page.select("main [style]")


def test_a_national_administrator_sees_all_or_one_and_others_get_no_other() -> None:
    here, south = make_organisation(), make_organisation(code="111", name="South")
    on(1, "logged_in/password", 4, here)
    on(1, "logged_in/password", 3, south)
    operator, lead = at_work(make_operator()), at_work(make_lead())
    assert figures(operator)["Log-ins"] == "7"
    assert figures(operator, f"{OVERVIEW}?organisation=111")["Log-ins"] == "3"
    assert operator.get(f"{OVERVIEW}?organisation=112").status_code == 404
    assert figures(lead, f"{OVERVIEW}?organisation=999")["Log-ins"] == "4"
    for code in ("111", "112", "x"):
        assert lead.get(f"{OVERVIEW}?organisation={code}").status_code == 404


def recovered(organisation: Organisation, *, mailed: int, back_in: int, days_ago: int = 5) -> None:
    on(days_ago, counting.ASKED, mailed, organisation)
    on(days_ago, counting.MAILED, mailed, organisation)
    on(days_ago, counting.BACK_IN, back_in, organisation)


@pytest.mark.parametrize(
    ("mailed", "back_in", "said"),
    [
        (100, 95, "95% got in: the goal of 95% is kept."),
        (1000, 949, "94% got in: below the goal of 95%."),
        (0, 0, "Nobody was mailed a way in"),
    ],
)
def test_it_says_whether_the_goal_of_getting_back_in_is_kept(mailed: int, back_in: int, said: str) -> None:
    agent = make_agent()
    recovered(agent.organisation, mailed=mailed, back_in=back_in)
    # Those of yesterday may still be on their way.
    recovered(agent.organisation, mailed=50, back_in=0, days_ago=1)
    assert said in text(at_work(agent), OVERVIEW)


@pytest.mark.parametrize(
    ("counted", "half", "nine"),
    [
        (((3, 2, 3), (4, 3, 3), (3, 10, 3), (3, 1440, 1)), "3 minutes", "10 minutes"),
        (((3, 1, 8), (4, 2, 2)), "1 minute", "2 minutes"),
    ],
)
def test_it_says_how_long_half_and_nine_of_ten_took(
    counted: tuple[tuple[int, int, int], ...], half: str, nine: str
) -> None:
    agent = make_agent()
    desk = at_work(agent)
    assert "Half of the people" not in text(desk, OVERVIEW)
    for days_ago, within, number in counted:
        on(days_ago, f"{counting.WITHIN}{within}", number, agent.organisation)
    said = text(desk, OVERVIEW)
    assert f"Half of the people were in within {half} of asking, and nine of ten within {nine}." in said


def test_the_causes_and_what_the_desk_did_are_in_words_the_most_frequent_first() -> None:
    agent = make_agent()
    on(1, "log_in_failed/outside_network", 2, agent.organisation)
    on(2, "log_in_failed/wrong_password", 9, agent.organisation)
    on(2, "log_in_failed/of_a_later_version", 1, agent.organisation)
    on(1, "desk/unlocked", 4, agent.organisation)
    on(1, "desk/of_a_later_version", 1, agent.organisation)
    said = text(at_work(agent), OVERVIEW)
    assert (
        "Wrong password 9 Right password, outside the network without internet access 2 "
        "Log-in failed for another reason 1" in said
    )
    assert "What the helpdesk did What Number Unlocked 4 Something else 1" in said


def test_it_warns_of_spraying_and_of_a_list_of_usernames_since_yesterday() -> None:
    agent = make_agent()
    on(2, counting.SPRAYED, 40, agent.organisation)
    on(2, counting.STUFFED, 400, None)
    desk = at_work(agent)
    for heading in ("Somebody is guessing passwords", "Somebody is trying a list of usernames"):
        assert heading not in text(desk, OVERVIEW)
    on(1, counting.SPRAYED, 25, agent.organisation)
    on(0, counting.STUFFED, 150, None)
    said = text(desk, OVERVIEW)
    assert "25 people were tried from a network" in said
    assert "150 usernames that nobody has were tried in one hour" in said


def test_an_agent_is_not_told_of_a_single_mail_that_waits() -> None:
    """Threat: an agent sends a form with a date of birth at night, and sees by a mail that waits that it matched."""
    agent = make_agent()
    desk, operator = at_work(agent), at_work(make_operator())
    before = text(desk, OVERVIEW)
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [agent.pk]})
    OutboxMessage.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1))
    assert text(desk, OVERVIEW) == before
    assert "Emails waiting 1 the oldest since" in text(operator, OVERVIEW)
    for _ in range(9):
        outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [agent.pk]})
    assert "Emails are held up" not in text(desk, OVERVIEW)
    OutboxMessage.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=16))
    assert "Emails are held up" in text(desk, OVERVIEW)


def test_mails_that_wait_rightly_are_not_held_up() -> None:
    """Else the banner stays for ever: closed mailboxes, files to confirm, the daily work's that stand behind."""
    operator = at_work(make_operator())
    about = [{"users": [1]}] * 12
    outbox.add_many(kind=Kind.DORMANT_SOON, about=about)
    outbox.add_many(kind=Kind.PASSWORD_CHANGED, about=about)
    outbox.add_many(kind=Kind.PEOPLE_FILE, about=[{"upload": 1}] * 12)
    OutboxMessage.objects.filter(kind=Kind.PASSWORD_CHANGED).update(last_error="SMTPRecipientsRefused 550")
    OutboxMessage.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=16))
    said = text(operator, OVERVIEW)
    assert "Emails are held up" not in said
    assert "Emails waiting 12 the oldest since" in said
    OutboxMessage.objects.filter(kind=Kind.PASSWORD_CHANGED).update(last_error="SMTPRecipientsRefused 450")
    assert "Emails are held up" in text(operator, OVERVIEW)


def test_second_steps_are_as_of_the_day_on_which_they_were_counted() -> None:
    agent = make_agent()
    desk = at_work(agent)
    assert "Not counted yet" in text(desk, OVERVIEW)
    for _ in range(3):
        make_user()
    PhoneApp.of(make_user())
    assert people_counts.count() == 1
    assert "Of 5 people, 40% have a second step and 0% a passkey" in text(desk, OVERVIEW)


def test_the_page_takes_as_many_queries_however_many_days_organisations_and_counts_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    operator = at_work(make_operator())
    operator.get(OVERVIEW)
    for number in range(3):
        organisation = make_organisation(code=f"21{number}", name=f"South {number}")
        for days_ago in range(number * 10):
            on(days_ago, "logged_in/password", 5, organisation)
            on(days_ago, "desk/unlocked", 5, organisation)
        # Session, person and role; the counts, the portal's, when they were counted, organisations, mails.
        with django_assert_num_queries(8):
            operator.get(OVERVIEW)


def test_it_reads_no_events() -> None:
    agent = make_agent()
    desk = at_work(agent)
    CountedDay.objects.create(day=timezone.localdate(), counted_at=timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert "Today is counted up to" in text(desk, OVERVIEW)
    assert not [query for query in queries if "accounts_securityevent" in query["sql"]]


def rows(desk: PortalClient, query: str = "") -> list[list[str]]:
    answer: Any = desk.get(f"{OVERVIEW}?format=csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))


def test_an_auditor_downloads_the_numbers_of_each_day_that_is_kept() -> None:
    auditor = make_user(role=Role.AUDITOR)
    Organisation.objects.filter(pk=auditor.organisation_id).update(name="=1+1")
    here = Organisation.objects.get(pk=auditor.organisation_id)
    on(0, f"{counting.WITHIN}240", 2, here)
    on(0, counting.ASKED, 3, here)
    on(300, "desk/unlocked", 1, here)
    on(1, "locked", 9, make_organisation(code="111", name="South"))
    on(0, f"{daily_counts.OF_PEOPLE}all", 9, here)
    today = timezone.localdate()
    assert rows(at_work(auditor)) == [
        ["Organisation", "Day", "What", "Number"],
        ["'=1+1", str(today), "People in force", "9"],
        ["'=1+1", str(today), "People for whom a recovery form was sent", "3"],
        ["'=1+1", str(today), "In within 4 hours of asking", "2"],
        ["'=1+1", str(today - datetime.timedelta(days=300)), "Unlocked", "1"],
    ]


def test_a_national_administrator_downloads_all_together_or_one() -> None:
    here, south = make_organisation(), make_organisation(code="111", name="South")
    on(0, "locked", 4, here)
    on(0, "locked", 3, south)
    operator = at_work(make_operator())
    assert [row[3] for row in rows(operator)[1:]] == ["7"]
    assert [row[0] for row in rows(operator, "&organisation=111")[1:]] == ["South"]


def test_an_agent_downloads_nothing() -> None:
    assert at_work(make_agent()).get(f"{OVERVIEW}?format=csv").status_code == 403


def test_where_the_database_goes_away_the_table_is_an_error_and_no_file_without_lines() -> None:
    desk = at_work(make_lead())
    desk.raise_request_exception = False

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if "dailycount" in sql.replace("_", "").lower():
            raise OperationalError
        return execute(sql, *rest)

    with connection.execute_wrapper(away):
        assert desk.get(f"{OVERVIEW}?format=csv").status_code == 503
