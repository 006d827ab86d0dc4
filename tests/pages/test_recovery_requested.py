"""The page "Check your email": the address that was typed, and the ways to change it and to send the form again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import RecoveryRequest, Session
from tests.pages.test_recovery_start import RIGHT, START, page
from tests.support.factories import make_user
from tests.support.links import link_path
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

REQUESTED, AGAIN = "/recovery/requested/", "/recovery/again/"
ADDRESS = RIGHT["email"]
Goes = Callable[[PortalClient], None]


def shows(client: PortalClient) -> bool:
    """Return whether the page shows the address; it shows the reference in any case."""
    answer = client.get(REQUESTED)
    assert RecoveryRequest.objects.order_by("pk").last().reference in answer.text  # type: ignore[union-attr]
    assert ('action="/recovery/again/"' in answer.text) == (ADDRESS in answer.text)
    return ADDRESS in answer.text


def press(client: PortalClient, **button: str) -> str:
    """Press one of the page's buttons; return where it leads."""
    reference = page(client.get(REQUESTED)).select_one("main [name=reference]")
    assert reference is not None
    answer = client.post(AGAIN, {"reference": str(reference["value"]), **button})
    assert answer.status_code == 302
    return answer["Location"]


def boxes(client: PortalClient) -> list[str]:
    """Open the form; return what is in its four boxes."""
    shown = page(client.get(START)).select("main input:not([type=hidden])")
    return [str(box.get("value", "")) for box in shown]


def test_the_address_is_shown_as_it_was_typed_and_kept_in_no_row_and_unreadable(client: PortalClient) -> None:
    odd = "o'neil&co@nhs.net"
    assert client.post(START, RIGHT | {"email": odd})["Location"] == REQUESTED
    main = page(client.get(REQUESTED)).main
    assert main is not None
    assert f"If {odd} and your date of birth match" in main.get_text()
    client.post(START, RIGHT | {"email": ADDRESS.upper()})
    assert shows(client)
    assert Session.objects.count() == 0
    cookie = client.cookies["__Host-recovery"]
    assert "smith" not in cookie.value
    # It is gone with the browser's window; and no longer for a longer address.
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    client.post(START, RIGHT | {"email": "jo@nhs.net"})
    assert len(client.cookies["__Host-recovery"].value) == len(cookie.value)


def test_the_address_can_be_changed_and_the_date_is_typed_again(client: PortalClient) -> None:
    client.post(START, RIGHT)
    assert press(client) == START
    assert boxes(client) == [ADDRESS, "", "", ""]
    # Once, for the person who pressed the button: the next one at the same computer finds nothing.
    assert boxes(client) == ["", "", "", ""]
    assert not shows(client)


def test_it_is_sent_again_after_a_minute_and_the_reference_before_it_stays(
    client: PortalClient, travel: Travel
) -> None:
    client.post(START, RIGHT)
    first = RecoveryRequest.objects.get().reference
    too_soon = press(client, send_again="yes")
    assert too_soon == f"{REQUESTED}?too-soon"
    assert "You can send it again in " in client.get(too_soon).text
    assert boxes(client) == ["", "", "", ""]

    client.post(START, RIGHT)
    travel(seconds=61)
    assert "You can send it again in " not in client.get(too_soon).text
    assert press(client, send_again="yes") == START
    assert boxes(client) == [ADDRESS, "", "", ""]
    client.post(START, RIGHT)
    # The one before was dropped with the address, when the form was opened anew.
    references = [request.reference for request in RecoveryRequest.objects.order_by("pk")]
    text = client.get(REQUESTED).text
    assert [each in text for each in references] == [False, True, True]
    assert first == references[0]
    # Of another address it is no earlier one.
    client.post(START, RIGHT | {"email": "kim@nhs.net"})
    assert references[2] not in client.get(REQUESTED).text


def test_the_references_of_the_last_five_forms_are_shown(client: PortalClient) -> None:
    """Threat: a cookie that grows with each form, until no server takes it any more."""
    for _ in range(6):
        client.post(START, RIGHT)
    text = client.get(REQUESTED).text
    shown = [request.reference in text for request in RecoveryRequest.objects.order_by("pk")]
    assert shown == [False, True, True, True, True, True]


def open_the_form(client: PortalClient) -> None:
    client.get(START)


def open_a_link(client: PortalClient) -> None:
    client.get(link_path(make_user()))


def log_in_and_out(client: PortalClient) -> None:
    log_in(client, make_user())
    client.post("/log-out/")


@pytest.mark.parametrize("goes_on", [open_the_form, open_a_link, log_in_and_out])
def test_the_next_person_does_not_see_the_address(
    client: PortalClient, goes_on: Callable[[PortalClient], None]
) -> None:
    """Threat: the next person at the same computer presses Back until the page comes."""
    client.post(START, RIGHT)
    assert shows(client)
    goes_on(client)
    assert not shows(client)


def test_nor_is_it_seen_after_a_person_who_asked_has_logged_out_or_time_is_over(
    client: PortalClient, travel: Travel
) -> None:
    log_in(client, make_user())
    client.post(START, RIGHT)
    assert shows(client)
    client.post("/log-out/")
    assert not shows(client)
    client.post(START, RIGHT)
    travel(minutes=10, seconds=1)
    assert client.get(REQUESTED)["Location"] == START


def test_the_page_of_an_earlier_form_changes_nothing_of_the_last_one(client: PortalClient) -> None:
    """Threat: two tabs. The address of one person comes into the form that another has open."""
    client.post(START, RIGHT | {"email": "kim@nhs.net"})
    old = page(client.get(REQUESTED)).select_one("main [name=reference]")
    assert old is not None
    client.post(START, RIGHT)
    for said in ({"reference": str(old["value"])}, {}, {"reference": "x" * 1000}):
        assert client.post(AGAIN, said)["Location"] == REQUESTED
        assert boxes(PortalClient()) == ["", "", "", ""]
    assert PortalClient().post(AGAIN, {})["Location"] == START


@pytest.mark.parametrize("cookie", ["x", "CALL-0800:1x:abc", "gAAAAA", "ü" * 300])
def test_a_cookie_that_we_did_not_make_is_none(client: PortalClient, cookie: str) -> None:
    client.cookies["__Host-recovery"] = cookie
    assert client.get(REQUESTED)["Location"] == START
    assert client.get(START).status_code == 200
