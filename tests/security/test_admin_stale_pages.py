"""Threat: two agents have one record open, and the page of the second undoes what the first one did.

An old page must not bring back a leaver, an address that was replaced, or a right that was taken away; nor of an
organisation a second step that nobody needs, a computer that is trusted, or days after which people are erased.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import Organisation, SecurityEvent, TrustedNetwork, User
from accounts.models.role import NO_ROLE, Role
from accounts.models.security_event import Event
from hub.models import Application, Notice
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_operator, page_of
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def form_on(desk: PortalClient, person: User) -> dict[str, Any]:
    """Return what a browser would send from the person's page as it is now."""
    return form_at(desk, page_of(person))


def form_at(desk: PortalClient, address: str) -> dict[str, Any]:
    """Return what a browser would send from a page of the admin as it is now."""
    return form_in(desk.get(address))


def form_in(answer: Any) -> dict[str, Any]:
    """Return what a browser would send from the page of an answer."""
    page = BeautifulSoup(answer.content, "html.parser")
    (form,) = page.select("form[id$=_form]")
    sent = {
        box["name"]: box.get("value", "on" if box.get("type") == "checkbox" else "")
        for box in form.select("input[name]")
        if box.get("type") not in {"checkbox", "submit"} or box.has_attr("checked")
    }
    # As a browser does, without the line break after the tag.
    sent |= {box["name"]: box.get_text().removeprefix("\n") for box in form.select("textarea[name]")}
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


NEXT_YEAR = timezone.now() + datetime.timedelta(days=365)
ORGANISATION = {
    "second_step": ("required", "optional"),
    "second_step_share": (100, 10),
    "care_identity_level": (3, 2),
    "requires_internet_access": (True, False),
    "dormant_after_days": (90, None),
    "events_kept_days": (None, 2000),
    "leavers_kept_days": (None, 2000),
    "it_support_email": ("it@northern.nhs.uk", "old@northern.nhs.uk"),
    "payslip_address": ("payslips@northern.nhs.uk", ""),
}


@pytest.mark.parametrize("field", ORGANISATION)
def test_an_old_page_of_an_organisation_undoes_nothing(field: str) -> None:
    after, before = ORGANISATION[field]
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    organisation, desk = boss.organisation, at_work(boss)
    organisation.trusted_networks.create(network="192.0.2.0/24")
    # The database wants to know since when.
    since = {f"{field.removesuffix('_days')}_since": timezone.now()} if field.endswith("kept_days") else {}
    Organisation.objects.update(**{field: before}, **since)
    page = f"/admin/accounts/organisation/{organisation.pk}/change/"
    old_page = form_at(desk, page)
    Organisation.objects.update(**{field: after}, **dict.fromkeys(since))
    assert desk.post(page, old_page | {"support_email": "changed@northern.nhs.uk"}).status_code == 302
    organisation.refresh_from_db()
    assert getattr(organisation, field) == after
    assert organisation.support_email == "changed@northern.nhs.uk"
    assert not SecurityEvent.objects.filter(event__in=[Event.EVENTS_KEPT_CHANGED, Event.LEAVERS_KEPT_CHANGED]).exists()


def test_what_was_changed_on_an_organisations_page_is_stored_and_can_be_emptied() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    organisation, desk = boss.organisation, at_work(boss)
    page = f"/admin/accounts/organisation/{organisation.pk}/change/"
    for typed, stored in (("500", 500), ("", None)):
        assert desk.post(page, form_at(desk, page) | {"leavers_kept_days": typed}).status_code == 302
        organisation.refresh_from_db()
        assert organisation.leavers_kept_days == stored
    assert SecurityEvent.objects.filter(event=Event.LEAVERS_KEPT_CHANGED).count() == 2


def test_an_old_page_of_an_organisation_brings_no_network_back() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    organisation, desk = boss.organisation, at_work(boss)
    wide, narrow = (organisation.trusted_networks.create(network=each) for each in ("10.0.0.0/8", "192.0.2.0/24"))
    page = f"/admin/accounts/organisation/{organisation.pk}/change/"
    old_page = form_at(desk, page)
    TrustedNetwork.objects.filter(pk=wide.pk).update(network="10.1.0.0/16")
    assert desk.post(page, old_page | {"support_email": "changed@northern.nhs.uk"}).status_code == 302
    assert set(organisation.trusted_networks.values_list("network", flat=True)) == {"10.1.0.0/16", "192.0.2.0/24"}
    narrow.delete()
    desk.post(page, old_page)
    assert set(organisation.trusted_networks.values_list("network", flat=True)) == {"10.1.0.0/16"}


@pytest.mark.parametrize(
    ("model", "facts", "field", "after"),
    [
        (Notice, {"title": "Downtime", "text": "Tonight."}, "text", "Tomorrow."),
        (Notice, {"title": "Downtime", "text": "Tonight."}, "shown_until", NEXT_YEAR),
        (Notice, {"title": "Downtime", "text": "Tonight.", "shown_until": NEXT_YEAR}, "shown_until", None),
        (Application, {"name": "Payslips", "address": "https://old.example"}, "address", "https://new.example"),
    ],
)
def test_an_old_page_of_a_notice_or_an_application_undoes_nothing(
    model: Any, facts: dict[str, Any], field: str, after: Any
) -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    row, desk = model.objects.create(organisation=boss.organisation, **facts), at_work(boss)
    page = f"/admin/hub/{model.__name__.lower()}/{row.pk}/change/"
    changed = {"title" if model is Notice else "name": "Changed"}
    old_page = form_at(desk, page)
    model.objects.update(**{field: after})
    assert desk.post(page, old_page | changed).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, field), row.title if model is Notice else row.name) == (after, "Changed")


@pytest.mark.parametrize(
    "changed",
    [
        {"shown_until_0": "", "shown_until_1": ""},
        {"shown_until_0": "01/02/2099", "shown_until_1": "10:30:00"},
        {"shown_from_0": "01/02/2020", "shown_from_1": "10:30:00"},
        {"text": "Changed."},
        {"kind": "planned_downtime"},
    ],
)
def test_what_was_changed_on_a_page_that_is_shown_again_with_an_error_is_stored(changed: dict[str, str]) -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    row, desk = (
        Notice.objects.create(organisation=boss.organisation, title="A", text="B", shown_until=NEXT_YEAR),
        at_work(boss),
    )
    page = f"/admin/hub/notice/{row.pk}/change/"
    before = form_at(desk, page)
    refused = desk.post(page, before | changed | {"title": ""})
    assert refused.status_code == 200
    again = form_in(refused)
    assert {name: value for name, value in again.items() if name.startswith("initial-")} == {
        name: value for name, value in before.items() if name.startswith("initial-")
    }
    assert desk.post(page, again | {"title": "A"}).status_code == 302
    after = form_at(desk, page)
    assert {name: after[name] for name in changed} == changed
