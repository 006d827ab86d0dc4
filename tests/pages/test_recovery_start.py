"""The page "Forgotten | Request Username/Password | Unlock Account"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from accounts.models import RecoveryRequest
from tests.support.factories import make_user
from tests.support.page_facts import tells
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

LABEL = "Forgotten | Request Username/Password | Unlock Account"
START = "/recovery/"
RIGHT = {
    "email": "jo.smith@nhs.net",
    "date_of_birth_day": "23",
    "date_of_birth_month": "4",
    "date_of_birth_year": "1980",
}


def page(answer: Answer) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def errors(answer: Answer) -> dict[str, str]:
    """Return the error summary: where each line leads, and what it says."""
    assert answer.status_code == 200
    summary = page(answer).select(".nhsuk-error-summary a")
    return {str(link["href"]): link.get_text(strip=True) for link in summary}


def test_the_page_has_the_labels_of_the_guide(client: PortalClient) -> None:
    answer = page(client.get(START))
    heading, caption = answer.h1, answer.select_one("main .nhsuk-caption-l")
    assert heading is not None
    assert caption is not None
    # As a person would say it, a joiner too; the guide's label above it says that this is the place.
    assert heading.get_text(strip=True) == "Get back into ESR, or get your first password"
    assert caption.get_text(strip=True) == LABEL
    assert answer.title is not None
    assert answer.title.text == "Get back into ESR – ESR Portal"
    assert [label.get_text(strip=True) for label in answer.select("label, legend")][:2] == [
        "Email address",
        "Date of Birth",
    ]
    assert [button.get_text(strip=True) for button in answer.select("main button")] == ["Submit"]


def test_the_hint_says_which_address_each_kind_of_person_uses(client: PortalClient) -> None:
    hint = page(client.get(START)).select_one("#id_email-hint")
    assert hint is not None
    assert "Staff, students and contractors: the NHS.net address provided by your organisation" in hint.text
    assert "Volunteers: the personal address that your organisation uses to communicate with you" in hint.text


def test_the_boxes_tell_the_browser_what_goes_into_them(client: PortalClient) -> None:
    boxes = page(client.get(START)).select("main form input[autocomplete]")
    assert [box["autocomplete"] for box in boxes] == ["email", "bday-day", "bday-month", "bday-year"]


def test_a_form_that_parses_is_answered_by_a_redirect(client: PortalClient) -> None:
    answer = client.post(START, RIGHT)
    assert (answer.status_code, answer["Location"]) == (302, "/recovery/requested/")
    assert RecoveryRequest.objects.count() == 1


def test_the_answer_page_says_what_happens_next_and_shows_the_reference(client: PortalClient) -> None:
    client.post(START, RIGHT)
    text = page(client.get(reverse("recovery_requested"))).get_text(" ", strip=True)
    assert RecoveryRequest.objects.get().reference in text
    for said in ["within a few minutes", "junk", "It must be the one on your ESR record", "60 minutes", "ESR contact"]:
        assert said in text
    # Reloading it asks for nothing again.
    assert RecoveryRequest.objects.get().reference in client.get(reverse("recovery_requested")).text
    assert RecoveryRequest.objects.count() == 1


def test_the_answer_page_is_nothing_without_a_request(client: PortalClient) -> None:
    assert client.get(reverse("recovery_requested"))["Location"] == START


def test_a_forged_reference_is_not_shown(client: PortalClient) -> None:
    """Threat: a page of ours that says what an attacker wrote."""
    client.cookies["__Host-recovery"] = "CALL-0800:1x:abc"
    assert client.get(reverse("recovery_requested"))["Location"] == START


def test_empty_boxes_are_named_one_by_one(client: PortalClient) -> None:
    answer = client.post(START, {})
    assert errors(answer) == {
        "#id_email": "Enter your email address",
        "#id_date_of_birth_day": "Enter your date of birth",
    }
    title = page(answer).title
    assert title is not None
    assert title.text.startswith("Error: ")


def test_what_was_typed_stays_in_the_boxes(client: PortalClient) -> None:
    answer = page(client.post(START, RIGHT | {"email": "jo.smith"}))
    assert {str(box["name"]): box.get("value") for box in answer.select("main form input:not([type=hidden])")} == (
        RIGHT | {"email": "jo.smith"}
    )
    assert RecoveryRequest.objects.count() == 0


@pytest.mark.parametrize("typed", [" JO.SMITH@NHS.NET ", "jo.smith@nhs.net\u200f", "\u202ajo.smith@nhs.net\u202c"])
def test_blanks_capitals_and_invisible_marks_around_an_address_are_forgiven(client: PortalClient, typed: str) -> None:
    client.post(START, RIGHT | {"email": typed})
    assert RecoveryRequest.objects.get().email == "jo.smith@nhs.net"


def test_a_form_that_was_mistyped_is_not_shown_again_once_the_next_was_sent(
    client: PortalClient, csrf_client: PortalClient
) -> None:
    """Threat: the next person goes back to the page with the mistakes, and has the browser send it once more."""

    def opened() -> dict[str, str]:
        mark = page(client.get(START)).select_one("main [name=opened]")
        assert mark is not None
        return {"opened": str(mark["value"])}

    mistyped = RIGHT | opened() | {"date_of_birth_day": "32"}
    assert RIGHT["email"] in client.post(START, mistyped).text
    assert client.post(START, RIGHT).status_code == 302
    for old in (mistyped, mistyped | {"opened": ""}, mistyped | {"opened": "x" * 1000}):
        again = client.post(START, old)
        assert (again.status_code, RIGHT["email"] in again.text, tells(again.text, "1980")) == (200, False, False)
    # Nor where the browser's token is another by then.
    csrf_client.cookies = client.cookies
    again = csrf_client.post(START, mistyped, headers={"origin": "https://esr.example.nhs.uk"})
    assert (again.status_code, RIGHT["email"] in again.text) == (403, False)
    # A page that is opened now keeps what is typed into it, and is sent as ever.
    assert RIGHT["email"] in client.post(START, mistyped | opened()).text
    assert client.post(START, RIGHT | opened()).status_code == 302


def test_somebody_logged_in_may_ask_too(client: PortalClient) -> None:
    client.force_login(make_user())
    assert client.post(START, RIGHT).status_code == 302
