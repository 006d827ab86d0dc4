"""The words of the admin's pages: Django's sentences are said in the portal's own way, and none is forgotten."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polib
import pytest

from accounts.models import Organisation, OutboxMessage, User
from accounts.models.security_event import Event
from accounts.services import events, recovery
from hub.models import Application, Notice
from tests.support import catalogues
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, page_of

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

OUTBOX, REQUESTS, EVENTS = (
    f"/admin/accounts/{name}/" for name in ("outboxmessage", "recoveryrequest", "securityevent")
)
ORGANISATION, APPLICATION, NOTICE = "/admin/accounts/organisation/", "/admin/hub/application/", "/admin/hub/notice/"
EXCUSE = "/admin/accounts/secondstepexcuse/"
AGENTS_LISTS = (PEOPLE, ORGANISATION, REQUESTS, EVENTS, EXCUSE, APPLICATION, NOTICE)
LISTS = (*AGENTS_LISTS, OUTBOX)
# Django's words that are plain as they are. A sentence is not: it says what to do next, or it is not said.
GOOD_AS_THEY_ARE = {
    *(
        " By %(filter_title)s ",
        "Any date",
        "Clear all filters",
        "Filter",
        "Past 7 days",
        "This month",
        "This year",
        "Today",
    ),
    *("Action", "Action:", "Add", "Add %(name)s", "Add %s", "Change", "Change %s", "Delete", "Go", "View", "View %s"),
    *("Added:", "Changed:", "Deleted:", "Change history: %s", "History", "Date:", "Time:", "Error:"),
    *("Breadcrumbs", "Close", "Home", "Save", "Save and add another", "Welcome,"),
}
# Names of fields begin with a small letter; names of days and months are the language's.
_NAMES_ARE_IN = {"dates.py", "dateformat.py", "timesince.py", "text.py", "defaultfilters.py", "models.py"}
_MARK = re.compile("⟦([0-9]+)⟧")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Put a mark with a number before what Django says, but what is in the portal's catalogue or good as it is.

    Return the folder of the catalogue, and the sentences, each at its number.
    """
    sentences: list[str] = []
    marks = polib.POFile()
    marks.metadata = {"Content-Type": "text/plain; charset=utf-8", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
    own = catalogues.ours()
    known = {entry.msgid for entry in own} | GOOD_AS_THEY_ARE
    for entry in [*own, *(entry for entry in catalogues.of_libraries() if _is_a_sentence(entry, known))]:
        if entry not in own:
            marked = f"⟦{len(sentences)}⟧{entry.msgid}"
            sentences.append(entry.msgid)
            entry.msgstr = "" if entry.msgid_plural else marked
            entry.msgstr_plural = {0: marked, 1: marked} if entry.msgid_plural else {}
            entry.flags = []
        marks.append(entry)
    folder = tmp_path_factory.mktemp("marks")
    messages = folder / "en_GB" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    marks.save_as_mofile(str(messages / "django.mo"))
    return folder, sentences


@pytest.fixture
def marked(catalogue: tuple[Path, list[str]], settings: Settings) -> list[str]:
    """Let pages have the marks; return the sentences, each at its number."""
    folder, sentences = catalogue
    settings.LOCALE_PATHS = [folder]
    return sentences


def _is_a_sentence(entry: polib.POEntry, known: set[str]) -> bool:
    files = {Path(file).name for file, _ in entry.occurrences}
    is_a_name = entry.msgid[:1].islower() or not re.search(r"[A-Za-z]{2}", entry.msgid) or files <= _NAMES_ARE_IN
    return not (is_a_name or entry.msgid in known or catalogues.is_of_the_product(entry.msgid))


class Reader:
    """Reads pages, and collects what is marked on them."""

    def __init__(self, desk: PortalClient, sentences: list[str]) -> None:
        self.desk = desk
        self._sentences = sentences
        self.found: dict[str, str] = {}

    def get(self, address: str, /, **query: str) -> None:
        """Open a page."""
        self._read(self.desk.get(address, query, follow=True), f"GET {address} {query or ''}")

    def post(self, address: str, /, **sent: Any) -> None:
        """Send a form, and read what answers it."""
        self._read(self.desk.post(address, sent, follow=True), f"POST {address}")

    def _read(self, response: Any, where: str) -> None:
        assert response.status_code == 200, where
        for number in _MARK.findall(response.content.decode()):
            self.found.setdefault(self._sentences[int(number)], where)


@pytest.fixture
def filled(db: None) -> Organisation:
    """Return an organisation with a row or more in each list, and more than a page of applications."""
    person = make_user()
    events.record(event=Event.UNLOCKED, user_id=person.pk, by=person)
    recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    Notice.objects.create(title="Downtime", text="Tonight.")
    rota = {"organisation": person.organisation, "address": "https://rota.nhs.example"}
    Application.objects.bulk_create(Application(name=f"Rota {n}", **rota) for n in range(51))
    return person.organisation


def test_the_lists_say_nothing_in_djangos_own_english(
    marked: list[str], operators_desk: PortalClient, agent: User
) -> None:
    """Empty, searched without a hit, sorted, filtered, and asked for what they do not have."""
    read = Reader(operators_desk, marked)
    own = ("/admin/second-steps/", "/admin/accounts/switchedoff/", "/admin/desk/", "/admin/desk/requests/")
    desk = ("/admin/desk/overview/", "/admin/desk/unlock-many/")
    for address in ("/admin/", "/admin/accounts/", "/admin/hub/", *own, *desk, *LISTS):
        read.get(address)
    for address in LISTS:
        read.get(address, q="no such words")
    read.get(EVENTS, at__gte="2020-01-01 00:00:00+00:00", o="1.2")
    read.get(EVENTS, at__gte="soon", e="1")
    read.get(APPLICATION, p="last")
    read.desk = at_work(agent)
    for address in ("/admin/", *AGENTS_LISTS):
        read.get(address)
    assert read.found == {}


def test_the_forms_say_nothing_in_djangos_own_english(
    marked: list[str], operators_desk: PortalClient, filled: Organisation, agent: User
) -> None:
    """Empty, wrong in each box, too long, out of date, and with what is on record already."""
    read = Reader(operators_desk, marked)
    long, nothing = "x" * 2000, {"position": ""}
    for address in (PEOPLE, ORGANISATION, EXCUSE, APPLICATION, NOTICE):
        read.get(f"{address}add/")
        read.post(f"{address}add/", **nothing, **_inlines("x", "x"))
    bad_dates = {
        "shown_from_0": "soon",
        "shown_from_1": "25:99",
        "shown_until_0": "29/3/2026",
        "shown_until_1": "01:30",
    }
    read.post(f"{NOTICE}add/", title=long, text=long, kind="none", **bad_dates)
    read.post(f"{APPLICATION}add/", name="Rota 1", organisation="0", address="\0", position="-1")
    read.post(f"{APPLICATION}add/", name="Rota 1", organisation=filled.pk, address="https://a.uk", position="99999999")
    read.post(f"{APPLICATION}add/", name="Rota 1", organisation=filled.pk, address="https://a.uk", position="1")
    too_much = {"care_identity_level": "9", "second_step": "always", "second_step_share": "101"}
    read.post(f"{ORGANISATION}add/", code="999", name=long, **too_much, **_inlines("a.uk", "a.uk"))
    read.post(f"{ORGANISATION}add/", code="111", name="South", email_domains="no management form")
    read.post(
        f"{PEOPLE}add/", organisation="x", person_type="boss", starts_on="1/1", ends_on="x", email=long, given_name=long
    )
    read.get(page_of(agent))
    read.post(page_of(agent), **form_of(agent, email="x", employee_number="", **{"initial-starts_on": "x"}))
    assert read.found == {}


def test_what_was_done_is_not_said_in_djangos_own_english(
    marked: list[str], operators_desk: PortalClient, filled: Organisation, agent: User
) -> None:
    read = Reader(operators_desk, marked)
    rota = {"organisation": filled.pk, "address": "https://rota.nhs.example", "position": 0, "description": ""}
    for pressed in ("_save", "_continue", "_addanother"):
        read.post(f"{APPLICATION}add/", name=f"New {pressed}", **rota, **{pressed: "1"})
        row = Application.objects.get(name=f"New {pressed}")
        read.post(f"{APPLICATION}{row.pk}/change/", name=f"Newer {pressed}", **rota, **{pressed: "1"})
    read.post(f"{APPLICATION}{row.pk}/change/", name="Newer _addanother", **rota)
    read.get(f"{APPLICATION}{row.pk}/history/")
    read.get(f"{APPLICATION}{row.pk}/delete/")
    read.post(f"{APPLICATION}{row.pk}/delete/", post="yes")
    ticked = list(Application.objects.values_list("pk", flat=True)[:2])
    read.post(APPLICATION, action="delete_selected", index="0")
    read.post(APPLICATION, action="", _selected_action=ticked)
    read.post(APPLICATION, action="delete_selected", _selected_action=ticked)
    read.post(APPLICATION, action="delete_selected", _selected_action=ticked, post="yes")
    for address, shown in ((PEOPLE, agent), (ORGANISATION, filled), (OUTBOX, OutboxMessage.objects.get())):
        read.get(f"{address}{shown.pk}/history/")
        read.get(f"{address}{shown.pk}/change/")
    read.post(
        f"{ORGANISATION}{filled.pk}/change/",
        name="Renamed",
        support_email=filled.support_email,
        care_identity_level="3",
        second_step="required",
        second_step_share="10",
        **_inlines("b.uk"),
    )
    read.get(f"{ORGANISATION}{filled.pk}/history/")
    read.get("/admin/")
    read.desk = at_work(agent)
    read.get(f"{NOTICE}{Notice.objects.get().pk}/change/")
    read.get(f"{ORGANISATION}{filled.pk}/change/")
    assert read.found == {}


def _inlines(*domains: str) -> dict[str, Any]:
    sent = {"email_domains-TOTAL_FORMS": len(domains), "email_domains-INITIAL_FORMS": 0}
    sent |= {"trusted_networks-TOTAL_FORMS": 0, "trusted_networks-INITIAL_FORMS": 0}
    return sent | {f"email_domains-{n}-domain": domain for n, domain in enumerate(domains)}


def test_the_admins_scripts_say_it_in_the_portals_words(operators_desk: PortalClient) -> None:
    said = operators_desk.get("/admin/jsi18n/").content.decode()
    assert "%(sel)s of %(cnt)s ticked" in said
    assert "jsi18n" in operators_desk.get(f"{NOTICE}add/").content.decode()


def test_a_list_is_headed_by_what_is_on_it(operators_desk: PortalClient) -> None:
    page = operators_desk.get(PEOPLE).content.decode()
    assert "<h1>People</h1>" in page
    assert "<title>People | ESR Portal helpdesk</title>" in page
