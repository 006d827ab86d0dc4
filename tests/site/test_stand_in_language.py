"""The stand-in Care Identity speaks the language that the portal asks for, else that of the browser."""

from __future__ import annotations

import pytest

from tests.support.stand_in import StandIn

pytestmark = pytest.mark.own_processes

AMINA = "555000000101"
IN_WELSH, IN_ENGLISH = "NHS Care Identity ffug", "This is a stand-in for NHS Care Identity"


@pytest.mark.parametrize(
    ("asked", "browser", "is_welsh"),
    [
        ("cy en-GB", "", True),
        ("cy en-GB", "en-GB,en;q=0.9", True),
        ("fr cy-GB en", "", True),
        ("en-GB cy", "cy", False),
        ("fr", "cy,en;q=0.5", True),
        ("", "cy", True),
        ("", "fr,en", False),
        ("", "", False),
        (f"{'x' * 600} \0 --", "", False),
    ],
)
def test_it_speaks_the_first_language_that_it_knows(
    care_identity: StandIn, asked: str, browser: str, is_welsh: bool
) -> None:
    there = care_identity.browser()
    there.session.headers["Accept-Language"] = browser or "en"
    page = there.ask(ui_locales=asked)
    assert page.status == 200
    assert page.headers["Content-Language"] == ("cy" if is_welsh else "en-GB")
    assert ((IN_WELSH in page.text), (IN_ENGLISH in page.text)) == (is_welsh, not is_welsh)


def test_it_keeps_to_it_from_page_to_page_and_leads_back(care_identity: StandIn) -> None:
    there = care_identity.browser()
    there.session.headers["Accept-Language"] = "en"
    page = there.send(there.ask(ui_locales="cy en-GB"), method="smartcard")
    assert page.headers["Content-Language"] == "cy"
    wrong = there.send(page, card=AMINA, passcode="0000")
    assert "Nid dyma god y cerdyn hwn" in wrong.text
    assert there.log_in(AMINA, ui_locales="cy en-GB").parameters["code"]
    assert there.open("/").headers["Content-Language"] == "en-GB"


def test_it_says_which_languages_it_speaks(care_identity: StandIn) -> None:
    """OpenID Connect Discovery 1.0 (3)."""
    document = care_identity.answer("/.well-known/openid-configuration").json()
    assert document["ui_locales_supported"] == ["en-GB", "cy"]
