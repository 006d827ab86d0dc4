"""My ESR, where people land when they are logged in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from accounts.models.role import Role
from hub.models import Application, Notice
from hub.services import notices
from tests.support.care_identity import link, log_in_by_care_identity, trust
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_operator
from tests.support.page_facts import tells
from tests.support.steps import PortalClient, come_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def _page(client: PortalClient) -> BeautifulSoup:
    response = client.get("/my-esr/")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def _words(client: PortalClient) -> str:
    return _page(client).get_text(" ", strip=True)


def test_a_stranger_is_sent_to_the_log_in_page_and_back(client: PortalClient) -> None:
    response = client.get("/my-esr/")
    assert (response.status_code, response["Location"]) == (302, "/log-in/?next=/my-esr/")


def test_it_says_who_you_are(client: PortalClient) -> None:
    user = make_user(given_name="Zoë", family_name="O’Hara")
    come_in(client, user)
    facts = {
        row.dt.get_text(strip=True): row.dd.get_text(strip=True)
        for row in _page(client).select("main dl > div")
        if row.dt and row.dd
    }
    assert facts == {
        "Name": "Zoë O’Hara",
        "ESR number": user.employee_number,
        "Organisation": "Northern Test Hospitals",
        "Username": user.username,
    }


def test_it_never_shows_the_date_of_birth_or_the_email_address(client: PortalClient) -> None:
    user = make_user(email="private@nhs.net")
    come_in(client, user)
    html = client.get("/my-esr/").content.decode()
    assert "private@nhs.net" not in html
    assert not tells(html, "1980")


def test_the_first_log_in_is_called_so(client: PortalClient) -> None:
    come_in(client, make_user())
    assert "This is the first time that you logged in" in _words(client)


def test_it_says_when_you_last_logged_in_and_from_what(
    client: PortalClient, other_client: PortalClient, travel: Travel
) -> None:
    user = make_user()
    travel.to(datetime.datetime(2026, 11, 22, 14, 35, 10, tzinfo=datetime.UTC))
    other_client.defaults["HTTP_USER_AGENT"] = CHROME
    come_in(other_client, user)
    travel(hours=20)
    come_in(client, user)
    words = _words(client)
    assert "You last logged in on 22 November 2026 at 2:35pm, from Chrome on Windows" in words
    assert "If this was not you" in words
    assert _page(client).select_one(f'main a[href^="mailto:{user.organisation.support_email}?"]')


def test_it_lists_the_applications_of_your_organisation_in_their_order(client: PortalClient) -> None:
    user = make_user()
    other = make_organisation(code="998", name="Southern Care")
    for position, name in [(2, "Expenses"), (1, "E-rostering"), (2, "Appraisals")]:
        Application.objects.create(
            organisation=user.organisation,
            name=name,
            address=f"https://apps.example/{name}?a=1&b=2",
            description=f"About {name}",
            position=position,
        )
    Application.objects.create(organisation=other, name="Not yours", address="https://apps.example/")
    come_in(client, user)
    links = {link.get_text(strip=True): link["href"] for link in _page(client).select(".portal-applications a")}
    assert links == {name: f"https://apps.example/{name}?a=1&b=2" for name in ["E-rostering", "Appraisals", "Expenses"]}
    assert list(links) == ["E-rostering", "Appraisals", "Expenses"]
    assert "About Expenses" in _words(client)
    assert "Not yours" not in _words(client)


def test_without_applications_it_says_so(client: PortalClient) -> None:
    come_in(client, make_user())
    assert "has not added any applications yet" in _words(client)


def test_it_shows_the_notices_and_leads_to_changing_the_password(client: PortalClient) -> None:
    Notice.objects.create(title="Payslips", text="x")
    come_in(client, make_user())
    soup = _page(client)
    assert "Payslips" in soup.get_text()
    assert soup.select_one('main a[href="/change-password/"]')


def test_a_notice_of_an_organisation_is_for_its_people_and_not_on_the_front_page(client: PortalClient) -> None:
    user, elsewhere = make_user(), make_organisation(code="111", name="Southern", domain="")
    Notice.objects.create(title="Car park closed", text="x", organisation=user.organisation)
    Notice.objects.create(title="Canteen closed", text="x", organisation=elsewhere)
    assert "closed" not in client.get("/").text
    come_in(client, user)
    assert "Car park closed" in _words(client)
    assert "Canteen closed" not in _words(client)


def test_applications_come_first_and_a_notice_folds_away_once_it_was_there_at_a_log_in(
    client: PortalClient, other_client: PortalClient, travel: Travel
) -> None:
    user = make_user()
    Notice.objects.create(title="Old news", text="Read it once.")
    come_in(client, user)
    assert [heading.get_text(strip=True) for heading in _page(client).select("main h2")][:2] == [
        "Your applications",
        "Notices",
    ]
    assert not _page(client).select("details")
    travel(minutes=5)
    Notice.objects.create(title="New news", text="Read me.")
    Notice.objects.create(title="On Sunday", text="From 10pm.", kind=Notice.Kind.PLANNED_DOWNTIME)
    # In any browser: it is the person who has read it.
    come_in(other_client, user)
    page = _page(other_client)
    folded = page.select("main details:not([open])")
    assert [each.summary.get_text(strip=True) for each in folded if each.summary] == ["Old news"]
    assert "Read it once." in folded[0].get_text()
    shown = [heading.get_text(" ", strip=True) for heading in page.select("main h3")]
    assert [title.rpartition(":")[2].strip() for title in shown] == ["On Sunday", "New news"]


def _folded(client: PortalClient) -> list[str]:
    """Return the titles of the notices that are folded away."""
    return [each.summary.get_text(strip=True) for each in _page(client).select("main details") if each.summary]


def test_a_notice_that_is_written_as_from_earlier_is_new_to_who_was_in_before_it_was_written(travel: Travel) -> None:
    """The form offers the moment at which it was opened, and an agent may type the beginning of the day."""
    user, writer = make_user(), make_user(role=Role.NATIONAL_ADMIN)
    come_in(PortalClient(), user)
    travel(minutes=10)
    began = timezone.localtime() - datetime.timedelta(hours=3)
    typed = {
        "title": "On Sunday",
        "text": "From 10pm.",
        "kind": "planned_downtime",
        "shown_until_0": "",
        "shown_until_1": "",
    }
    typed |= {"shown_from_0": f"{began:%d/%m/%Y}", "shown_from_1": f"{began:%H:%M}", "organisation": ""}
    desk = at_work(writer)
    assert desk.post("/admin/hub/notice/add/", typed).status_code == 302
    later = PortalClient()
    come_in(later, user)
    assert _folded(later) == []
    travel(minutes=5)
    again = PortalClient()
    come_in(again, user)
    assert _folded(again) == ["On Sunday"]


@pytest.mark.parametrize(
    ("changed", "folded"),
    [
        ({"text": "On Saturday."}, []),
        ({"kind": "planned_downtime"}, []),
        ({"shown_from": timezone.now() - datetime.timedelta(days=9)}, []),
        ({"shown_until": "later"}, ["Downtime"]),
    ],
)
def test_a_notice_that_says_something_else_is_new_once_more(
    travel: Travel, changed: dict[str, Any], folded: list[str]
) -> None:
    user = make_user()
    notice = Notice.objects.create(title="Downtime", text="On Sunday.")
    travel(minutes=5)
    come_in(PortalClient(), user)
    travel(minutes=5)
    notice.shown_until = timezone.now() + datetime.timedelta(days=9)
    for name in changed.keys() - {"shown_until"}:
        setattr(notice, name, changed[name])
    notices.save(notice=notice, changed=changed)
    later = PortalClient()
    come_in(later, user)
    assert _folded(later) == folded


def test_a_notice_that_had_ended_or_is_for_other_people_now_is_new_to_them(travel: Travel) -> None:
    user, elsewhere = make_user(), make_organisation(code="111", name="South")
    ended = Notice.objects.create(title="Ended", text="x", shown_until=timezone.now() + datetime.timedelta(minutes=1))
    moved = Notice.objects.create(title="Moved", text="x", organisation=elsewhere)
    travel(minutes=5)
    come_in(PortalClient(), user)
    travel(minutes=5)
    ended.shown_until, moved.organisation = None, user.organisation
    notices.save(notice=ended, changed={"shown_until"})
    notices.save(notice=moved, changed={"organisation"})
    later = PortalClient()
    come_in(later, user)
    assert _folded(later) == []
    assert {"Ended", "Moved"} <= set(_words(later).split())


def test_a_notice_of_before_this_was_kept_is_as_old_as_it_says(travel: Travel) -> None:
    user = make_user()
    notice = Notice.objects.create(title="Downtime", text="On Sunday.")
    Notice.objects.filter(pk=notice.pk).update(changed_at=None)
    travel(minutes=5)
    come_in(PortalClient(), user)
    travel(minutes=5)
    later = PortalClient()
    come_in(later, user)
    assert _folded(later) == ["Downtime"]


def test_those_who_work_for_the_helpdesk_find_it_here(client: PortalClient, other_client: PortalClient) -> None:
    agent = at_work(make_operator())
    link_to_it = _page(agent).select_one('main a[href="/admin/"]')
    assert link_to_it
    assert agent.get("/admin/").status_code == 200
    come_in(other_client, make_user())
    assert not _page(other_client).select('a[href^="/admin"]')


@pytest.mark.parametrize(
    ("asks", "says"),
    [(True, "work only on your organisation’s network"), (False, "Your username and password work anywhere")],
)
def test_it_says_where_a_password_works_and_leads_to_manage_internet_access(
    client: PortalClient, asks: bool, says: str
) -> None:
    user = make_user(organisation=make_organisation(requires_internet_access=asks))
    trust(user.organisation)
    come_in(client, user)
    assert says in _words(client)
    manage = _page(client).select_one('main a[href="/internet-access/"]')
    assert manage is not None
    assert manage.get_text(strip=True) == "Manage Internet Access"


def test_it_says_so_to_whoever_has_no_password(client: PortalClient) -> None:
    log_in_by_care_identity(client, link(make_user(password=None)))
    assert "You have no password yet" in _words(client)


def test_it_is_kept_by_no_cache(client: PortalClient) -> None:
    come_in(client, make_user())
    assert client.get("/my-esr/")["Cache-Control"] == "no-store"


def test_it_brings_the_warning_before_the_session_ends(client: PortalClient) -> None:
    come_in(client, make_user())
    dialog = _page(client).select_one("dialog#session-warning")
    assert dialog is not None
    assert not dialog.has_attr("open")
    assert 0 < int(str(dialog["data-warn-after-seconds"])) <= 13 * 60
    assert dialog["data-warning-seconds"] == "120"
    form = dialog.form
    assert form is not None
    assert form["action"] == "/session/keep/"
    assert form.select_one("[name=csrfmiddlewaretoken]")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "//elsewhere.example", "rota"])
def test_an_application_is_a_web_address(address: str) -> None:
    """Threat: a link runs a script with the rights of the person who presses it."""
    application = Application(organisation=make_organisation(), name="Rota", address=address)
    with pytest.raises(ValidationError):
        application.full_clean()
    with pytest.raises(IntegrityError):
        application.save()
