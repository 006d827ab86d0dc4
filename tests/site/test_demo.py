"""The demo as `make run` starts it, in processes of its own: the tests themselves run as production, without it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from demo.cast import CAST, PASSCODE, PASSWORD, SHARED_DOMAIN, Part
from demo.situations import Situation
from tests.support.portal import Page, Running, Visitor, wait_until

pytestmark = pytest.mark.own_processes


@pytest.fixture
def visitor(demo: Running) -> Visitor:
    return Visitor(demo)


def part(situation: Situation) -> Part:
    return next(part for part in CAST if part.situation is situation)


def username(visitor: Visitor, whose: Part) -> str:
    """Return the username that the demo page shows for a person."""
    page = unescape(visitor.open("/demo/").text)
    row = page[page.index(f"<strong>{whose.given_name} {whose.family_name}</strong>") :]
    found = re.search(r"\b[0-9]{3}[A-Z]+[0-9]{2}\b", row)
    assert found
    return found[0]


def log_in(visitor: Visitor, situation: Situation, password: str = PASSWORD) -> Page:
    form = visitor.open("/log-in/")
    return visitor.send(form, username=username(visitor, part(situation)), password=password)


def ask(visitor: Visitor, situation: Situation) -> str:
    """Fill in the recovery form for a person; return the text of the mail that arrives for it in the inbox."""
    who = part(situation)
    before = mails(visitor)
    day = who.date_of_birth
    visitor.send(
        visitor.open("/recovery/"),
        email=who.email,
        date_of_birth_day=str(day.day),
        date_of_birth_month=str(day.month),
        date_of_birth_year=str(day.year),
    )
    wait_until(lambda: len(mails(visitor)) > len(before))
    return visitor.open(mails(visitor)[0]).text


def mails(visitor: Visitor) -> list[str]:
    """Return the addresses of the mails in the inbox but those about a log-in before, the newest first."""
    return re.findall(r'href="(/demo/inbox/[^"]+/)">(?!A new browser)', visitor.open("/demo/inbox/").text)


def test_the_demo_page_shows_somebody_for_each_situation(visitor: Visitor) -> None:
    page = unescape(visitor.open("/demo/").text)
    for situation in Situation:
        assert situation.value in page


def test_the_demo_page_shows_each_card_with_its_passcode_and_where_one_is(visitor: Visitor) -> None:
    page = unescape(visitor.open("/demo/").text)
    for uid in {each.care_identity for each in CAST if each.care_identity}:
        assert f"{uid[:4]} {uid[4:8]} {uid[8:]}" in page
    assert page.count(f'passcode <span class="demo-typed">{PASSCODE}<') == len([p for p in CAST if p.care_identity])
    assert "This device is in the network of Riverside Hospitals NHS Trust" in page
    assert "It is outside the network of Moorland Community Health" in page


@pytest.mark.parametrize("path", ["/demo/", "/demo/inbox/"])
def test_each_demo_page_says_that_it_is_a_demonstration(visitor: Visitor, path: str) -> None:
    assert "This is a demonstration" in visitor.open(path).text.partition("<main")[2]


def test_the_ordinary_person_gets_in(visitor: Visitor) -> None:
    log_in(visitor, Situation.ORDINARY)
    # A passkey may be offered on the way.
    landed = visitor.open("/my-esr/")
    assert landed.path == "/my-esr/"
    assert "Amina Okafor" in landed.text
    assert "Rota" in landed.text


def test_the_file_to_import_can_be_downloaded(visitor: Visitor) -> None:
    assert 'href="/demo/people-to-import/"' in visitor.open("/demo/").text
    assert "Whitfield" in visitor.open("/demo/people-to-import/").text


def test_the_planned_downtime_is_announced(visitor: Visitor) -> None:
    assert re.search(r"ESR will not be available on Sunday \d+ \w+ from 6am to 10am", visitor.open("/").text)


@pytest.mark.parametrize("situation", [Situation.LOCKED, Situation.ENDED, Situation.DORMANT])
def test_the_right_password_does_not_let_in(visitor: Visitor, situation: Situation) -> None:
    assert log_in(visitor, situation).path == "/log-in/"
    assert visitor.open("/my-esr/").path == "/log-in/"


def test_a_password_of_an_organisation_that_asks_for_internet_access_works_only_for_whoever_has_it(
    demo: Running,
) -> None:
    """The browser is outside the network of organisation 202: Dev has internet access, Ewa has none."""
    asking = [p for p in CAST if p.organisation == "202" and p.has_password]
    landed = {}
    for each in asking:
        visitor = Visitor(demo)
        page = unescape(visitor.open("/demo/").text)
        found = re.search(rf"\b202{each.given_name[0].upper()}{each.family_name.upper()}01\b", page)
        assert found
        visitor.send(visitor.open("/log-in/"), username=found[0], password=PASSWORD)
        landed[each.given_name] = visitor.open("/my-esr/").path
    assert landed == {"Dev": "/my-esr/", "Ewa": "/log-in/"}


def test_whoever_must_change_is_asked_for_a_new_password_first(visitor: Visitor) -> None:
    assert log_in(visitor, Situation.MUST_CHANGE).path == "/log-in/change-password/"


def test_the_code_on_the_demo_page_lets_the_helpdesk_into_the_admin_again_and_again(demo: Running) -> None:
    """A code works once; the page then shows one that has not been used."""
    for _ in range(2):
        visitor = Visitor(demo)
        second_step = log_in(visitor, Situation.HELPDESK)
        assert second_step.path == "/log-in/second-step/"
        code = re.search(r'class="demo-code">([0-9]{6})<', visitor.open("/demo/").text)
        assert code
        visitor.send(second_step, code=code[1])
        admin = visitor.open("/admin/")
        assert (admin.status, admin.path) == (200, "/admin/")


def test_two_employers_come_in_one_mail(visitor: Visitor) -> None:
    mail = ask(visitor, Situation.TWO_EMPLOYERS)
    assert f"ewa.nowak@{SHARED_DOMAIN}" in mail
    assert mail.count("/recovery/link/") >= 2


def test_the_volunteer_is_written_to_at_home(visitor: Visitor) -> None:
    assert "dev.patel@home.example" in ask(visitor, Situation.VOLUNTEER)


@pytest.mark.parametrize("situation", [Situation.NEVER_LOGGED_IN, Situation.LOCKED, Situation.DORMANT])
def test_whoever_cannot_get_in_gets_a_link(visitor: Visitor, situation: Situation) -> None:
    assert "/recovery/link/" in ask(visitor, situation)


@pytest.mark.parametrize("situation", [Situation.ENDED, Situation.CARE_IDENTITY_ONLY, Situation.NOT_YET_STARTED])
def test_whoever_may_not_get_in_gets_a_mail_without_a_link(visitor: Visitor, situation: Situation) -> None:
    assert "/recovery/link/" not in ask(visitor, situation)


def test_the_html_of_a_mail_can_do_nothing_but_style_itself(visitor: Visitor) -> None:
    """Threat: a mail is not a page of ours, and stands at our address."""
    page = ask(visitor, Situation.ORDINARY)
    frame = re.search(r'<iframe[^>]+src="([^"]+)"[^>]+sandbox="([^"]+)"', page)
    assert frame
    assert frame[2] == "allow-top-navigation-by-user-activation"
    policy = visitor.open(frame[1]).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy


def test_a_mail_that_is_not_there_is_not_found(visitor: Visitor) -> None:
    for key in ("1.M1P1.x", "..", "new", "%2e%2e%2fsecret-key"):
        assert visitor.open(f"/demo/inbox/{key}/").status == 404
