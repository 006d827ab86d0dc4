"""The public front page."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from accounts.services import password_policy
from hub.models import Notice
from tests.support.factories import make_user
from tests.support.steps import PortalClient, come_in, log_in

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


def _home(client: PortalClient) -> BeautifulSoup:
    response = client.get("/")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html5lib")


def _text(soup: BeautifulSoup) -> str:
    return soup.get_text(" ", strip=True)


def test_login_to_esr_stands_in_the_header_and_in_no_menu(client: PortalClient) -> None:
    soup = _home(client)
    links = soup.select("header nav a")
    assert [(link.get_text(strip=True), link["href"]) for link in links] == [("Login to ESR", "/log-in/")]
    assert not soup.select("header [hidden]")


def test_somebody_logged_in_gets_my_esr_and_log_out_instead(client: PortalClient) -> None:
    come_in(client, make_user())
    soup = _home(client)
    assert [link.get_text(strip=True) for link in soup.select("header nav a")] == ["My ESR"]
    form = soup.select_one("header nav form")
    assert form is not None
    assert (form["action"], form["method"]) == ("/log-out/", "post")
    assert form.select_one("[name=csrfmiddlewaretoken]")


def test_where_a_colleague_is_still_logged_in_it_says_so_and_what_comes_before_login_to_esr(
    client: PortalClient,
) -> None:
    colleague = make_user()
    said = f"This browser is logged in to ESR as {colleague.username} . If that is not you, choose Log out at the top"

    def said_on(path: str) -> bool:
        return said in _text(BeautifulSoup(client.get(path).content, "html5lib"))

    assert [said_on(path) for path in ("/", "/help/")] == [False, False]
    log_in(client, colleague)
    assert [said_on(path) for path in ("/", "/help/")] == [True, True]


def test_it_says_what_esr_is_for_and_how_to_log_in(client: PortalClient) -> None:
    soup = _home(client)
    assert [h1.get_text(strip=True) for h1 in soup.select("h1")] == ["Electronic Staff Record"]
    words = _text(soup)
    assert "Choose Login to ESR at the top right of this page" in words
    assert "Log in via Username Password" in words
    assert soup.find("a", string="Forgotten | Request Username/Password | Unlock Account")


def test_it_lists_the_rules_for_passwords_that_are_checked(client: PortalClient) -> None:
    words = _text(_home(client))
    for rule in password_policy.rules():
        assert rule.sentence in words


def test_an_organisation_can_be_looked_for_from_the_front_page(client: PortalClient) -> None:
    form = _home(client).select_one("main form")
    assert form is not None
    assert (form["method"], str(form["action"]).split("#")[0]) == ("get", "/help/")
    assert form.select_one("input[name=organisation]")


def test_a_stranger_gets_no_cookie_and_costs_one_query(
    client: PortalClient, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        response = client.get("/")
    assert not response.cookies


def test_notices_are_shown_from_their_beginning_to_their_end(client: PortalClient) -> None:
    now = timezone.now()
    Notice.objects.create(title="Shown for good", text="x", shown_from=now - HOUR)
    Notice.objects.create(title="Shown still", text="x", shown_from=now - HOUR, shown_until=now + HOUR)
    Notice.objects.create(title="Over", text="x", shown_from=now - 2 * HOUR, shown_until=now - HOUR)
    Notice.objects.create(title="To come", text="x", shown_from=now + HOUR)
    words = _text(_home(client))
    assert "Shown for good" in words
    assert "Shown still" in words
    assert "Over" not in words
    assert "To come" not in words


def test_planned_downtime_comes_first_and_is_called_so(client: PortalClient) -> None:
    now = timezone.now()
    Notice.objects.create(title="Closed on Sunday", text="x", kind="planned_downtime", shown_from=now - 2 * HOUR)
    Notice.objects.create(title="Payslips", text="x", shown_from=now - HOUR)
    titles = [h2.get_text(" ", strip=True) for h2 in _home(client).select("main h2")]
    assert titles[:2] == ["Planned downtime: Closed on Sunday", "Payslips"]


def test_a_notice_is_text_and_never_markup(client: PortalClient) -> None:
    """Threat: an operator writes a notice that runs a script in the browsers of all visitors."""
    text = "<script>alert(1)</script>\n\nSecond part"
    Notice.objects.create(title="<b>Bold</b>", text=text)
    Notice.objects.create(title="<b>Bold</b>", text=text, kind="planned_downtime")
    main = _home(client).select_one("main")
    assert main is not None
    assert not main.select("script, h2 b")
    assert "<script>alert(1)</script>" in main.get_text()


def test_a_notice_cannot_end_before_it_begins() -> None:
    now = timezone.now()
    notice = Notice(title="x", text="x", shown_from=now, shown_until=now - HOUR)
    with pytest.raises(ValidationError, match="A notice ends after it begins"):
        notice.full_clean()
    with pytest.raises(IntegrityError):
        notice.save()


def test_no_page_loads_anything_from_elsewhere_or_runs_anything_inline(client: PortalClient) -> None:
    soup = _home(client)
    assert not soup.select("[style], style, script:not([src]), [onclick], [onload]")
    for tag in soup.select("[src], link[href]"):
        assert str(tag.get("src") or tag["href"]).startswith("/static/")
