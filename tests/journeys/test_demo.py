"""The demo in a browser: who to log in as, and a mail that is read and followed there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import browser as chromium
from tests import portal
from tests.portal import Running, wait_until

pytestmark = [pytest.mark.own_processes, pytest.mark.xdist_group("demo in a browser")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with portal.running(state=tmp_path_factory.mktemp("state"), variables={"DEMO": "1"}) as running:
        yield running


@pytest.mark.parametrize("size", [chromium.PHONE, chromium.DESKTOP], ids=["phone", "desktop"])
def test_the_mail_of_the_demo_is_read_and_followed(demo: Running, one_browser: Browser, size: Any) -> None:
    """Each page is looked at as every page is: axe, console, requests that leave, sideways scrolling."""
    context = one_browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    person = chromium.Walker(context.new_page(), url=f"http://localhost:{demo.port}", name=f"demo {size['width']}")
    person.open("/demo/")
    person.sees("Amina Okafor", "Locked until")
    mails = mails_in(demo)
    person.open("/recovery/")
    person.fill(Email_address="amina.okafor@nhsmail.example", Day="23", Month="4", Year="1988")
    person.press("Submit")
    wait_until(lambda: mails_in(demo) > mails)
    person.open("/demo/inbox/")
    person.follow("Your ESR username and a link to set your password", within="main")
    person.sees("amina.okafor@nhsmail.example")
    mail = person.page.frame_locator("iframe")
    mail.get_by_role("link", name="Set a password for 101AOKAFOR01").click()
    person.page.wait_for_url("**/recovery/new-password/")
    assert person.heading == "Set a new password"
    context.close()


def mails_in(demo: Running) -> int:
    return demo.get("/demo/inbox/").text.count("<li>\n")
