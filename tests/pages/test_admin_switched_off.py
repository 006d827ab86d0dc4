"""The kill switch in the admin: for operators, at the next request, without a restart."""

from __future__ import annotations

import pytest

from accounts.models import SecurityEvent, SwitchedOff
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import switched_off
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_operator, messages, text
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/accounts/switchedoff/"


def test_an_operator_switches_passkeys_off_and_on_and_it_is_written_down(desk: PortalClient) -> None:
    operator = make_operator()
    works = at_work(operator)
    assert "On. While they are off no passkey is used or made." in text(works, PAGE)
    assert "switched off" not in text(desk, "/admin/")
    assert works.post(f"{PAGE}passkeys/off/", {"reason": "A fault in a browser."}).status_code == 302
    assert not switched_off.is_on(Part.PASSKEYS)
    assert messages(works, PAGE) == ["Passkeys: switched off for all."]
    page = text(works, PAGE)
    assert f"Switched off by {operator}. A fault in a browser." in page
    # Agents are asked by people whose passkeys do not work.
    assert "Passkeys are switched off for all, since" in text(desk, "/admin/")
    assert "A fault in a browser." in text(desk, "/admin/")
    works.post(f"{PAGE}passkeys/off/", {"reason": "Twice."})
    assert SwitchedOff.objects.get().reason == "A fault in a browser."
    assert works.post(f"{PAGE}passkeys/on/").status_code == 302
    assert switched_off.is_on(Part.PASSKEYS)
    assert "switched off" not in text(desk, "/admin/")
    events = SecurityEvent.objects.filter(event=Event.PASSKEYS_SWITCHED).order_by("pk")
    assert list(events.values_list("by", "reason")) == [(operator.pk, "off"), (operator.pk, "on")]


@pytest.mark.parametrize("reason", ["", " ", "x" * 301, "a\0b"])
def test_switching_off_takes_a_reason(operators_desk: PortalClient, reason: str) -> None:
    operators_desk.post(f"{PAGE}passkeys/off/", {"reason": reason})
    assert "say why" in messages(operators_desk, PAGE)[0]
    assert not SwitchedOff.objects.exists()


@pytest.mark.parametrize("address", ["", "passkeys/off/"])
def test_an_agent_and_people_have_no_switch(desk: PortalClient, client: PortalClient, address: str) -> None:
    """Threat: an agent of one organisation takes passkeys from all of them (OWASP ASVS 8.4.1)."""
    sent = {"reason": "Mine."}
    log_in(client, make_user())
    for browser in (desk, client):
        answer = browser.post(PAGE + address, sent) if address else browser.get(PAGE)
        assert answer.status_code == 403
    assert not SwitchedOff.objects.exists()
    assert b"switchedoff" not in desk.get("/admin/").content


@pytest.mark.parametrize(
    "address", ["logins/off/", "passkeys/away/", "passkeys/delete/", "add/", "passkeys/change/", "passkeys/history/"]
)
def test_there_is_no_other_switch(operators_desk: PortalClient, address: str) -> None:
    assert operators_desk.post(PAGE + address, {"reason": "x", "post": "yes"}).status_code == 404
    assert operators_desk.get(f"{PAGE}passkeys/off/").status_code == 405
    assert not SwitchedOff.objects.exists()
