"""What `make run` shows: the demo in processes of its own, walked through on a phone and seen at two more sizes.

With PICTURES set to a folder it leaves a picture of every step there: `python -m tests.support.pictures` does that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from demo.cast import CAST, PASSWORD
from demo.situations import Situation
from esr_portal import server
from tests.journeys import at_care_identity, doing
from tests.journeys.doing import LOG_IN, RECOVER
from tests.support import portal
from tests.support.browser import DESKTOP, PHONE, TABLET, Walker
from tests.support.factories import NEW_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.engines import Engine

pytestmark = pytest.mark.own_processes

# With as many web server processes as an operator has who says nothing else.
AS_AN_OPERATOR = {"DEMO": "1", "GRANIAN_WORKERS": server.OPTIONS["WORKERS"]}
WITH_A_LINK = "Your ESR username and a link to set your password"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[portal.Running]:
    """Return a running demo, as `make run` starts it."""
    with portal.running(state=tmp_path_factory.mktemp("state"), variables=AS_AN_OPERATOR) as running:
        yield running


@pytest.fixture
def visitor(one_browser: Engine, demo: portal.Running, request: pytest.FixtureRequest) -> Iterator[Walker]:
    """Return a person whose phone is new to the portal, and each of whose pages is seen on a tablet and a desktop too.

    A test that is of one size says which.
    """
    size = getattr(request, "param", PHONE)
    context = one_browser.new_context()
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.set_viewport_size(size)
    walker = Walker(
        page,
        engine=one_browser,
        url=f"http://localhost:{demo.port}",
        name=request.function.__name__.removeprefix("test_"),
        others=[f"http://localhost:{demo.port + 1000}"],
        also=[TABLET, DESKTOP] if size is PHONE else [],
    )
    yield walker
    walker.leave()


def username(visitor: Walker, situation: Situation) -> str:
    """Return the username that the page of the demo's people shows."""
    part = next(part for part in CAST if part.situation is situation)
    row = visitor.page.get_by_role("row").filter(has_text=f"{part.given_name} {part.family_name}")
    return row.first.locator(".demo-typed").first.inner_text().strip()


def height_of_the_mail(visitor: Walker, *, width: float) -> float:
    """Return how high the mail on this page is where it stands alone: its frame lets nothing be measured in it."""
    alone = visitor.page.context.new_page()
    alone.set_viewport_size({"width": int(width) - 2, "height": 100})
    alone.goto(visitor.url + str(visitor.page.locator("iframe").get_attribute("src")))
    mail = alone.locator("body").bounding_box()
    alone.close()
    assert mail
    return mail["height"]


def test_every_public_page(visitor: Walker) -> None:
    for path in ("/", "/help/", "/log-in/", "/recovery/", "/log-out/", "/demo/", "/demo/inbox/"):
        visitor.open(path)
    visitor.open("/help/?organisation=riverside")
    visitor.open("/help/?organisation=")
    visitor.open("/no-such-page", status=404)
    visitor.open("/recovery/link/nonsense/", status=410)


def test_somebody_locked_recovers_by_the_demo_inbox_and_is_in(visitor: Walker) -> None:
    locked = next(part for part in CAST if part.situation is Situation.LOCKED)
    visitor.open("/demo/")
    visitor.sees("Ben Carter", "Amina Okafor")
    name = username(visitor, Situation.LOCKED)
    visitor.open("/demo/inbox/")
    # A mail about a log-in of another test may still come.
    mails = visitor.page.locator("[data-refresh] li", has_text=WITH_A_LINK)
    before = mails.count()
    visitor.open("/")
    visitor.follow("Login to ESR", within="header")
    for _ in range(3):
        visitor.fill(username=name, password=doing.WRONG_PASSWORD)
        visitor.press(LOG_IN)
    visitor.follow(RECOVER)
    visitor.press("Submit")
    doing.fill_in_recovery(visitor, email=locked.email, date_of_birth=locked.date_of_birth)

    visitor.open("/demo/inbox/")
    expect(mails).to_have_count(before + 1, timeout=20_000)
    visitor.look("a mail has come")
    visitor.follow(WITH_A_LINK)
    frame = visitor.page.locator("iframe").bounding_box()
    assert frame
    assert height_of_the_mail(visitor, width=frame["width"]) <= frame["height"], "it is whole, without scrolling in it"
    visitor.page.frame_locator("iframe").locator("a[href*='/recovery/link/']").first.click()
    visitor.page.wait_for_url("**/recovery/new-password/?about=*")
    visitor.look("follow the link in the mail")

    password = f"{NEW_PASSWORD} {visitor.name}"
    visitor.fill(new_password="password1")
    visitor.press("Set password")
    visitor.fill(new_password=password)
    visitor.press("Set password")
    visitor.press("Login to ESR")
    visitor.fill(username=name, password=password)
    visitor.press(LOG_IN)
    say_not_now(visitor)
    assert visitor.path == "/my-esr/"
    visitor.press("Change password")
    visitor.press("Change password")
    visitor.press("Log out")


def say_not_now(visitor: Walker) -> None:
    """Go on without a passkey where one is offered on the way: it is once a month, and another test may have been."""
    if visitor.path.startswith("/passkeys/offer/"):
        visitor.press("Not now")


def test_a_demo_card_logs_in_and_out_again(visitor: Walker, demo: portal.Running) -> None:
    visitor.open("/demo/")
    visitor.sees("Amina Okafor")
    visitor.open("/log-in/")
    visitor.press(at_care_identity.LOG_IN, onward=f"http://localhost:{demo.port + 1000}/")
    at_care_identity.select(visitor, "Smartcard")
    at_care_identity.insert(visitor, at_care_identity.card_of("Amina"))
    assert visitor.path == "/my-esr/"
    visitor.press("Manage Internet Access")
    assert visitor.field("New password").count(), "the demo's computer is one of the organisation's"
    visitor.press("Log out")
    visitor.press("Log out of Care Identity", onward=f"{visitor.url}/log-out/")
    assert visitor.heading == "You are logged out"


def test_the_helpdesk_needs_a_code(visitor: Walker) -> None:
    visitor.open("/demo/")
    name = username(visitor, Situation.HELPDESK)
    visitor.open("/log-in/")
    visitor.fill(username=name, password=PASSWORD)
    visitor.press(LOG_IN)
    assert visitor.heading == "Enter your code"
    visitor.press("Continue")
    visitor.sees("Enter the code that your authenticator app shows")


@pytest.mark.parametrize("visitor", [DESKTOP], indirect=True)
def test_the_helpdesk_gets_in_with_the_code_on_the_demo_page(visitor: Walker) -> None:
    visitor.open("/demo/")
    name, code = username(visitor, Situation.HELPDESK), visitor.page.locator(".demo-code").inner_text()
    visitor.open("/admin/")
    visitor.fill(username=name, password=PASSWORD)
    visitor.press(LOG_IN)
    visitor.fill(**{"6-digit_code": code})
    visitor.press("Continue")
    say_not_now(visitor)
    assert visitor.path == "/admin/"
    visitor.follow("People")
