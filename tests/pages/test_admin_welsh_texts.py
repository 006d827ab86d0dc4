"""The texts in Welsh in the admin: entered beside the English ones, by those who may change those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry
from django.utils import translation

from accounts.models import Organisation
from accounts.models.role import Role
from hub.models import Application, Notice
from tests.pages.test_admin_trusted_networks import form, page_of
from tests.security.test_notices_of_an_organisation import NOTICES, typed
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work
from tests.support.in_welsh import ENGLISH, WELSH, WORDS, make_welsh_organisation, reading_welsh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

APPLICATIONS = "/admin/hub/application/"
ROTA = {"name": "Rota", "address": "https://rota.example.nhs.uk", "description": "Shifts.", "position": "0"}


@pytest.fixture
def in_welsh(settings: Settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "cy"
    with translation.override("cy"):
        yield


def label(desk: PortalClient, address: str, field: str) -> str:
    found = BeautifulSoup(desk.get(address).content, "html.parser").select_one(f"label[for=id_{field}]")
    return found.get_text(strip=True).removesuffix(":") if found else ""


def test_an_operator_enters_the_name_and_the_words_for_leavers(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    assert label(operators_desk, page_of(organisation), "welsh_name") == "Name in Welsh (optional)"
    sent = form(organisation, welsh_name=WELSH, welsh_payslip_words=WORDS)
    assert operators_desk.post(page_of(organisation), sent).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.welsh_name, organisation.welsh_payslip_words) == (WELSH, WORDS)
    history = operators_desk.get(f"/admin/accounts/organisation/{organisation.pk}/history/").text
    assert "Name in Welsh (optional)" in history


def test_an_administrator_of_the_organisation_changes_the_words_alone() -> None:
    """Threat: with a name of their choice in Welsh, they have their organisation taken for another."""
    boss = make_user(role=Role.ORGANISATION_ADMIN, organisation=make_welsh_organisation())
    desk = at_work(boss)
    assert not label(desk, page_of(boss.organisation), "welsh_name")
    sent = form(boss.organisation, welsh_name="Bwrdd Iechyd Arall", welsh_payslip_words=WORDS)
    assert desk.post(page_of(boss.organisation), sent).status_code == 302
    stored = Organisation.objects.get()
    assert (stored.welsh_name, stored.welsh_payslip_words) == (WELSH, WORDS)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AGENT, Role.LEAD])
def test_others_read_them(role: Role) -> None:
    other = make_user(role=role, organisation=make_welsh_organisation())
    desk = at_work(other)
    assert WELSH in desk.get(page_of(other.organisation)).text
    assert desk.post(page_of(other.organisation), form(other.organisation, welsh_name="Arall")).status_code == 403
    assert Organisation.objects.get().welsh_name == WELSH


@pytest.mark.parametrize("role", [Role.NATIONAL_ADMIN, Role.ORGANISATION_ADMIN])
def test_a_notice_is_written_in_both_languages_or_in_english_alone(role: Role) -> None:
    writer = make_user(role=role)
    desk, sent = at_work(writer), typed(writer.organisation_id, "Car park")
    half = desk.post(f"{NOTICES}add/", sent | {"welsh_title": "Maes parcio"})
    assert "Write both the title and the text in Welsh, or neither." in half.text
    assert desk.post(f"{NOTICES}add/", sent).status_code == 302
    whole = sent | {"welsh_title": "Maes parcio", "welsh_text": "Ar gau."}
    assert desk.post(f"{NOTICES}{Notice.objects.get().pk}/change/", whole).status_code == 302
    notice = Notice.objects.get()
    assert (notice.title, notice.welsh_title, notice.welsh_text) == ("Car park", "Maes parcio", "Ar gau.")


@pytest.mark.parametrize("role", [Role.NATIONAL_ADMIN, Role.ORGANISATION_ADMIN, Role.AGENT, Role.LEAD])
def test_an_application_is_entered_in_both_languages(role: Role) -> None:
    writer = make_user(role=role)
    desk = at_work(writer)
    sent = {"organisation": writer.organisation_id, **ROTA, "welsh_name": "Rota waith"}
    assert desk.post(f"{APPLICATIONS}add/", sent).status_code == 302
    assert Application.objects.get().welsh_name == "Rota waith"
    again = desk.post(f"{APPLICATIONS}add/", sent | {"name": "Shifts"})
    assert "This organisation has an application with this name in Welsh already." in again.text
    assert [row.name for row in Application.objects.all()] == ["Rota"]


def test_the_lists_and_choices_of_a_page_in_welsh_have_the_welsh_names(in_welsh: None) -> None:
    organisation = make_welsh_organisation()
    Notice.objects.create(title="Flu", text="Come.", welsh_title="Ffliw", welsh_text="Dewch.")
    Application.objects.create(organisation=organisation, **ROTA, welsh_name="Rota waith")
    desk = reading_welsh(at_work(make_user(role=Role.NATIONAL_ADMIN)))
    for address, shown in {
        "/admin/accounts/organisation/?q=health+board": WELSH,
        "/admin/accounts/organisation/?q=bwrdd+iechyd": WELSH,
        page_of(organisation): f"{WELSH} (999)",
        f"{NOTICES}?q=ffliw": "Ffliw",
        f"{NOTICES}add/": f"{WELSH} (999)",
        f"{APPLICATIONS}?q=rota+waith": "Rota waith",
        APPLICATIONS: f"{WELSH} (999)",
        "/admin/accounts/user/": f"{WELSH} (999)",
        "/admin/desk/overview/": f"{WELSH} (999)",
        "/admin/desk/imports/new/": f"{WELSH} (999)",
    }.items():
        page = BeautifulSoup(desk.get(address).content, "html.parser").get_text(" ")
        assert shown in page, address
        assert address == page_of(organisation) or ENGLISH not in page, address


def test_the_list_of_organisations_is_in_the_order_of_the_names_that_are_shown(in_welsh: None) -> None:
    for code, name, welsh in (("101", "Alder", "Ywen"), ("102", "Yew", "Aethnen")):
        make_organisation(code=code, name=name, welsh_name=welsh)
    desk = reading_welsh(at_work(make_user(role=Role.NATIONAL_ADMIN)))
    page = BeautifulSoup(desk.get("/admin/accounts/organisation/").content, "html.parser")
    shown = [cell.get_text() for cell in page.select("#result_list tbody th a")]
    assert shown == ["Aethnen", "Northern Test Hospitals", "Ywen"]


def test_the_history_keeps_the_english_name(in_welsh: None) -> None:
    """What is stored is read by agents in both languages."""
    desk = reading_welsh(at_work(make_user(role=Role.NATIONAL_ADMIN)))
    organisation = make_organisation(code="111", name=ENGLISH, welsh_name=WELSH)
    desk.post(page_of(organisation), form(organisation, welsh_name=WELSH))
    desk.post(f"{APPLICATIONS}add/", {"organisation": organisation.pk, **ROTA, "welsh_name": "Rota waith"})
    desk.post(f"{APPLICATIONS}{Application.objects.get().pk}/delete/", {"post": "yes"})
    kept = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(kept) == [f"{ENGLISH} (111)", "Rota", "Rota"]
