"""Pages in Welsh: they show the texts that an organisation has in Welsh."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from hub.models import Application, Notice
from tests.support.factories import make_user
from tests.support.in_welsh import ENGLISH, WELSH, make_welsh_organisation, reading_welsh
from tests.support.steps import PortalClient, come_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def welsh_client(client: PortalClient, settings: Settings) -> Iterator[PortalClient]:
    settings.LANGUAGE_CODE = "cy"
    with translation.override("cy"):
        yield reading_welsh(client)


@pytest.fixture(autouse=True)
def texts() -> None:
    organisation = make_welsh_organisation()
    Application.objects.create(
        organisation=organisation,
        name="Rota",
        address="https://rota.example.nhs.uk",
        description="See your shifts.",
        welsh_name="Rota waith",
        welsh_description="Gweld eich shifftiau.",
    )
    Notice.objects.create(
        title="Flu vaccinations", text="In the canteen.", welsh_title="Brechu rhag y ffliw", welsh_text="Yn y ffreutur."
    )


IN_ENGLISH = {ENGLISH, "Rota", "See your shifts.", "Flu vaccinations", "In the canteen."}
IN_WELSH = {WELSH, "Rota waith", "Gweld eich shifftiau.", "Brechu rhag y ffliw", "Yn y ffreutur."}


def texts_of(client: PortalClient, address: str) -> set[str]:
    """Return each piece of text of a page."""
    response = client.get(address)
    assert response.status_code == 200
    return set(BeautifulSoup(response.content, "html.parser").stripped_strings)


def test_my_esr_has_the_texts_in_welsh(welsh_client: PortalClient) -> None:
    come_in(welsh_client, make_user())
    read = texts_of(welsh_client, "/my-esr/")
    assert read >= IN_WELSH
    assert not read & IN_ENGLISH


def test_a_page_in_english_after_one_in_welsh_has_them_in_english(client: PortalClient) -> None:
    """Threat: a page that is kept in memory shows its next reader the other language."""
    come_in(client, make_user())
    with translation.override("cy"):
        texts_of(client, "/my-esr/")
    with translation.override("en-gb"):
        read = texts_of(client, "/my-esr/")
    assert read >= IN_ENGLISH
    assert not read & IN_WELSH


def test_the_front_page_has_the_notice_in_welsh(welsh_client: PortalClient) -> None:
    read = texts_of(welsh_client, "/")
    assert {"Brechu rhag y ffliw", "Yn y ffreutur."} <= read
    assert "Flu vaccinations" not in read


def test_what_an_organisation_has_in_english_alone_says_that_it_is_in_english(welsh_client: PortalClient) -> None:
    """With the words that the portal puts before it: a screen reader changes its voice once."""
    Notice.objects.update(welsh_title="", welsh_text="")
    Notice.objects.create(kind=Notice.Kind.PLANNED_DOWNTIME, title="Down on Sunday", text="From 8pm.")
    Application.objects.update(welsh_description="")
    come_in(welsh_client, make_user())
    for address in ("/", "/my-esr/"):
        page = BeautifulSoup(welsh_client.get(address).content, "html.parser")
        in_english = {text for part in page.find_all(lang="en") for text in part.stripped_strings}
        assert in_english >= {"Flu vaccinations", "In the canteen.", "Down on Sunday", "From 8pm."}
        assert {"Planned downtime:", "Notice:"} <= in_english
        assert ("See your shifts." in in_english) == (address == "/my-esr/")
        # Its name is in Welsh.
        assert "Rota waith" not in in_english


def test_an_application_without_any_welsh_is_english_as_a_whole(welsh_client: PortalClient) -> None:
    Application.objects.update(welsh_name="", welsh_description="")
    come_in(welsh_client, make_user())
    page = BeautifulSoup(welsh_client.get("/my-esr/").content, "html.parser")
    in_english = {text for part in page.find_all(lang="en") for text in part.stripped_strings}
    assert {"Rota", "See your shifts."} <= in_english


def test_a_page_in_english_says_so_once(client: PortalClient) -> None:
    Notice.objects.update(welsh_title="", welsh_text="")
    page = BeautifulSoup(client.get("/").content, "html.parser")
    assert "In the canteen." in page.get_text()
    assert [part.name for part in page.find_all(lang=re.compile("^en"))] == ["html"]


@pytest.mark.parametrize("typed", ["Glanymor", "health board", "bwrdd iechyd"])
def test_the_help_page_finds_it_by_either_name_and_shows_the_welsh_one(welsh_client: PortalClient, typed: str) -> None:
    read = texts_of(welsh_client, f"/help/?organisation={typed}")
    assert WELSH in read
    assert ENGLISH not in read


def test_no_template_shows_a_text_of_an_organisation_in_english_alone() -> None:
    in_english = re.compile(r"organisation\.(name|payslip_words)\b")
    templates = sorted((settings.BASE_DIR / "templates").rglob("*.*"))
    assert len(templates) > 100
    assert not [str(path) for path in templates if in_english.search(path.read_text(encoding="utf-8"))]


def test_my_esr_asks_the_database_no_more_in_welsh(client: PortalClient) -> None:
    come_in(client, make_user())
    counts = []
    for language in ("en-gb", "cy"):
        with translation.override(language), CaptureQueriesContext(connection) as asked:
            texts_of(client, "/my-esr/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
