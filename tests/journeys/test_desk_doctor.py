"""An operator sees what is wrong with the set-up of the portal, and has a worker look at what takes a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpdesk.doctor.findings import Found, advice, failure, good, warning
from helpdesk.services import check_ups
from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.helpdesk import at_work, make_operator

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson


def test_an_operator_reads_what_is_wrong_and_presses_the_button(somebody: TypeOfPerson) -> None:
    found = [
        Found("proxy", failure("X-Forwarded-For does not arrive: each person has the proxy's address.", "Set it.")),
        Found("proxy", warning("The certificate of BASE_URL is good until 2026-12-05, 8 days from now.", "Renew it.")),
        Found("bounces", advice("Mails that come back are not read.", "Set BOUNCE_EMAIL.")),
        Found("mail server", good("The mail server answers, with TLS.")),
    ]
    assert check_ups.begin()
    check_ups.end(findings=[each.as_json() for each in found])
    operator = somebody(size=DESKTOP, also=[PHONE])
    doing.go_on_from(operator, at_work(make_operator()))
    operator.open("/admin/desk/")
    operator.follow("Set-up")
    operator.look("what is wrong with the set-up")
    operator.sees("No worker has been seen at work", "X-Forwarded-For does not arrive", "with TLS")
    operator.press("Check the network now")
    operator.look("a worker is asked to check")
    operator.sees("A worker has been asked to check")
