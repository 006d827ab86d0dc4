"""Welsh is longer: no page in it has anything sideways on a phone, and axe finds nothing in it.

The pages are those of tests/site/test_pages_in_welsh.py, in their states, as a browser shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils import translation

from tests.support.browser import PHONE
from tests.support.shown_pages import Shown
from tests.support.welsh_walker import WelshWalker

if TYPE_CHECKING:
    from playwright.sync_api import Route
    from pytest_django import Settings

    from tests.journeys.conftest import TypeOfPerson

# What has words and hides a part of them.
CUT_OFF = """() => [...document.querySelectorAll("nav, header a, .nhsuk-tag")]
  .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth)
  .map((each) => [each.className, each.textContent.trim(), each.scrollWidth, each.clientWidth].join(" "))"""

# English in the middle of a sentence that its mark has torn out of it.
TORN_OUT = """() => [...document.querySelectorAll("span[lang=en]")]
  .filter((each) => each.checkVisibility() && getComputedStyle(each).display !== "inline")
  .map((each) => each.parentElement.textContent.trim())"""


def test_each_page_fits_a_phone(somebody: TypeOfPerson, settings: Settings) -> None:
    person = somebody(kind=WelshWalker, size=PHONE)
    settings.LANGUAGE_CODE = "cy"
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    with translation.override("cy"):
        shown = list(Shown().pages.values())
    looked_at = [page for page in shown if page.startswith("<!DOCTYPE html>")]
    assert len(looked_at) > 80

    def show(route: Route) -> None:
        number = int(urlsplit(route.request.url).path.rpartition("/")[2])
        route.fulfill(body=looked_at[number], content_type="text/html; charset=utf-8")

    person.page.route("**/shown/*", show)
    # The log-in page asks for a passkey at once; its form is none of this browser's.
    person.page.route("**/passkeys/log-in/begin/", lambda route: route.abort("aborted"))
    for number in range(len(looked_at)):
        person.open(f"/shown/{number}")
        assert not person.page.evaluate(CUT_OFF)
        assert not person.page.evaluate(TORN_OUT)
