"""The doctor's page of the desk: for operators, and without waiting for anything slow."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import CheckUp
from accounts.pulse import Pulse
from helpdesk.doctor import asking
from helpdesk.services import check_ups
from tests.support.helpdesk import at_work, make_agent, make_operator, text
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

PAGE = "/admin/desk/doctor/"


def test_an_operator_sees_what_is_wrong_the_worst_first_and_how_to_mend_it(operators_desk: PortalClient) -> None:
    said = text(operators_desk, PAGE)
    wrong, _, good = said.partition("As it should be")
    assert "No worker has been seen at work: no mail goes out, no request is decided." in wrong
    assert wrong.index("Failure") < wrong.index("Warning") < wrong.index("Advice")
    assert "Back-ups cannot be seen from here." in wrong
    assert "Security events and their seals can be added, and not changed." in good


def test_what_is_mended_is_gone_when_the_page_is_opened_again(operators_desk: PortalClient) -> None:
    assert "No worker has been seen" in text(operators_desk, PAGE)
    Pulse().do_what_is_due()
    said = text(operators_desk, PAGE)
    assert "No worker has been seen" not in said
    assert "Workers at work: 1" in said


def test_the_page_asks_no_other_machine(operators_desk: PortalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: a server that is slow keeps every thread of the web server waiting."""

    def refuse(*_: object) -> None:
        raise AssertionError("the page asks another machine")

    monkeypatch.setattr(asking, "_connection", refuse)
    monkeypatch.setattr(mail, "get_connection", refuse)
    assert "What takes a network, or long, was never checked" in text(operators_desk, PAGE)


def test_what_a_worker_found_is_shown_with_its_age_and_machine(operators_desk: PortalClient) -> None:
    check_ups.begin()
    check_ups.end(
        findings=[
            {"check": "proxy", "severity": "failure", "what": "The <b>proxy</b> lies.", "mend": "Mend it."},
            # Of a version that is to come.
            {"check": "proxy", "severity": "dreadful", "what": "Unknown.", "mend": ""},
        ]
    )
    CheckUp.objects.update(machine="worker-7")
    said = text(operators_desk, PAGE)
    assert "by a worker on worker-7" in said
    assert "The <b>proxy</b> lies." in said
    assert "Unknown." not in said


def test_the_button_has_a_worker_check_and_the_page_says_so(operators_desk: PortalClient) -> None:
    answer = operators_desk.post(f"{PAGE}check/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "A worker has been asked to check." in text(operators_desk, PAGE)
    assert check_ups.begin()


def test_the_page_is_named_to_operators_alone() -> None:
    assert "Set-up" in at_work(make_operator()).get("/admin/desk/").content.decode()
    agents = at_work(make_agent())
    assert "Set-up" not in agents.get("/admin/desk/").content.decode()
    assert agents.get(PAGE).status_code == 403
    assert agents.post(f"{PAGE}check/").status_code == 403
    assert not CheckUp.objects.exists()
