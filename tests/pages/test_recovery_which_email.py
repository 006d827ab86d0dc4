"""The recovery form where the address looks like a slip: a question, and a way to send it as it was typed."""

from __future__ import annotations

import pytest

from accounts.models import RecoveryRequest
from tests.pages.test_recovery_start import RIGHT, START, errors, page
from tests.support.factories import make_user
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

TYPED, MEANT = "jo.smith@nhs.ent", "jo.smith@nhs.net"
MISTYPED = RIGHT | {"email": TYPED}
ASKED = {"#id_which_email": f"Did you mean {MEANT}? Select which email address is right"}


def test_a_slip_is_asked_about_and_nothing_is_lost_or_sent(client: PortalClient) -> None:
    answer = client.post(START, MISTYPED)
    assert errors(answer) == ASKED
    shown = page(answer)
    assert [box["value"] for box in shown.select("main [type=radio]")] == [MEANT, TYPED]
    assert not shown.select("main [checked]")
    boxes = {str(box["name"]): box["value"] for box in shown.select("main input:not([type=hidden], [type=radio])")}
    assert boxes == MISTYPED
    assert RecoveryRequest.objects.count() == 0


@pytest.mark.parametrize("answer", [TYPED, MEANT])
def test_either_answer_is_taken(client: PortalClient, answer: str) -> None:
    assert client.post(START, MISTYPED | {"which_email": answer}).status_code == 302
    assert RecoveryRequest.objects.get().email == answer


def test_an_answer_stays_while_something_else_is_wrong(client: PortalClient) -> None:
    answer = client.post(START, MISTYPED | {"which_email": MEANT, "date_of_birth_day": "32"})
    assert list(errors(answer)) == ["#id_date_of_birth_day"]
    assert [box["value"] for box in page(answer).select("main [checked]")] == [MEANT]


def test_an_answer_about_another_address_is_none(client: PortalClient) -> None:
    assert errors(client.post(START, MISTYPED | {"which_email": "jo.smyth@nhs.net"})) == ASKED
    # Nor does it change an address that there is no question about.
    assert client.post(START, RIGHT | {"which_email": "jo.smyth@nhs.net"}).status_code == 302
    assert RecoveryRequest.objects.get().email == RIGHT["email"]


def test_the_question_does_not_depend_on_who_is_here(client: PortalClient) -> None:
    before = errors(client.post(START, MISTYPED))
    make_user(email=MEANT)
    make_user(email=TYPED)
    assert errors(client.post(START, MISTYPED)) == before == ASKED
