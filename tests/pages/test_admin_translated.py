"""The helpdesk's own sentences in another language, here a made-up one."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest
from django.contrib.admin.models import LogEntry
from pytest_django import Settings

from tests.support.factories import make_user
from tests.support.helpdesk import PEOPLE, lock, messages, page_of, text
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

SAID = (
    *("Unlocked.", "%(person)s is unlocked and can log in now.", "can get in", "None lately", "Getting in", "day"),
    *(
        "%(number)s in other browsers, locked until %(time)s",
        "A name, a username, an ESR number, an email address or a Care Identity.",
    ),
    "Not now: locked after too many wrong passwords. Unlock them, or send the recovery email.",
)


@pytest.fixture
def other_language(tmp_path: Path, settings: Settings) -> None:
    """Let each sentence stand between « and »."""
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue += [polib.POEntry(msgid=said, msgstr=f"«{said}»") for said in SAID]
    file = tmp_path / "en_GB" / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    catalogue.save_as_mofile(str(file))
    settings.LOCALE_PATHS = [tmp_path]


def test_the_helpdesk_is_read_in_the_readers_language(other_language: None, operators_desk: PortalClient) -> None:
    """What a button did is kept in English: a translation would be that of the agent who pressed it."""
    person = make_user()
    lock(person)
    page = text(operators_desk, page_of(person))
    assert "«Not now: locked after too many wrong passwords. Unlock them, or send the recovery email.»" in page
    assert "«10 in other browsers, locked until " in page
    assert "«can get in»" in page
    assert "«Getting in»" in page
    operators_desk.post(f"{PEOPLE}{person.pk}/unlock/")
    assert messages(operators_desk) == [f"«{person} is unlocked and can log in now.»"]
    assert "«None lately»" in text(operators_desk, page_of(person))
    assert LogEntry.objects.get().change_message == "Unlocked."
    assert "«Unlocked.»" in text(operators_desk, f"{PEOPLE}{person.pk}/history/")
    assert "«A name, a username" in text(operators_desk, PEOPLE)
    assert "By «day»" in text(operators_desk, "/admin/accounts/securityevent/")
