"""Threat: two agents have one record open, and the page of the second undoes what the first one did.

An old page must not bring back a leaver, an address that was replaced, or a right that was taken away.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.models import SecurityEvent, User
from accounts.models.role import NO_ROLE, Role
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_operator, page_of
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def form_on(desk: PortalClient, person: User) -> dict[str, Any]:
    """Return what a browser would send from the person's page as it is now."""
    page = BeautifulSoup(desk.get(page_of(person)).content, "html.parser")
    (form,) = page.select("form#user_form")
    sent = {
        box["name"]: box.get("value", "on" if box.get("type") == "checkbox" else "")
        for box in form.select("input[name]")
        if box.get("type") not in {"checkbox", "submit"} or box.has_attr("checked")
    }
    chosen = {box["name"]: box.select_one("option[selected]") for box in form.select("select")}
    return {str(k): v for k, v in (sent | {k: o["value"] if o else "" for k, o in chosen.items()}).items()}


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("is_active", True, False),
        ("ends_on", None, datetime.date(2020, 1, 31)),
        ("email", "old.address@nhs.net", "new.address@nhs.net"),
        ("role", Role.AGENT, NO_ROLE),
        ("must_change_password", False, True),
        ("care_identity_only", False, True),
    ],
)
def test_an_old_page_undoes_nothing(field: str, before: Any, after: Any) -> None:
    desk, person = at_work(make_operator()), make_user(**{field: before})
    old_page = form_on(desk, person)
    User.objects.filter(pk=person.pk).update(**{field: after})
    response = desk.post(page_of(person), old_page | {"family_name": "Changed"})
    assert response.status_code == 302
    person.refresh_from_db()
    assert getattr(person, field) == after
    assert person.family_name == "Changed"


def test_what_was_changed_on_the_page_is_stored() -> None:
    desk, person = at_work(make_operator()), make_user()
    form = form_on(desk, person)
    del form["is_active"]
    assert desk.post(page_of(person), form).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    assert SecurityEvent.objects.filter(user=person, reason="is_active_off").exists()
