"""The words that people are searched by follow from their names, whichever way a row is written."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from accounts.models.search_words import search_words
from accounts.services.search_words import refold
from people.services import people
from tests.support.factories import make_organisation, make_user
from tests.support.people_files import JO, jo, run

pytestmark = pytest.mark.django_db


def found(word: str) -> list[str]:
    """Return the usernames of the people who have a word that begins like this."""
    return sorted(User.objects.filter(search_words__has_word=word).values_list("username", flat=True))


def behind_the_portals_back(person: User, **facts: str) -> None:
    """Write as a process of the version before does, which knows nothing of the words."""
    assigned = ", ".join(f"{column} = %s" for column in facts)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {assigned} WHERE id = %s", [*facts.values(), person.pk])  # noqa: S608


def test_a_word_fits_from_its_beginning_and_never_from_its_middle() -> None:
    make_user(username="999COBRIEN01", given_name="Chloé", family_name="O’Brien-Évans")
    for word in ("o", "obrien", "obrienevans", "bri", "eva", "chlo", "chloe", "cobrien0"):
        assert found(word) == ["999COBRIEN01"], word
    for word in ("vans", "hloe", "999", "brix", "chloeobrien"):
        assert found(word) == [], word


def test_every_way_of_writing_a_name_writes_its_words() -> None:
    person = make_user(username="999JSMITH01", family_name="Smith")
    stored = User.objects.get(pk=person.pk)
    stored.family_name = "Évans"
    stored.save(update_fields=["family_name"])
    assert found("evans") == ["999JSMITH01"]
    stored.given_name = "Zoë"
    people.change(person=stored, by=None)
    assert found("zoe") == ["999JSMITH01"]
    stored.family_name = "Łukasz"
    stored.save()
    assert found("lukasz") == ["999JSMITH01"]
    assert found("evans") == []
    User.objects.bulk_create([_copy(stored, username="999JNEW01", employee_number="20000001", family_name="Ó Neill")])
    assert found("oneill") == ["999JNEW01"]


def _copy(person: User, **facts: Any) -> User:
    same = ("given_name", "family_name", "email", "date_of_birth", "organisation_id", "password")
    return User(**{name: getattr(person, name) for name in same} | facts)


def test_an_import_writes_the_words_of_those_it_adds_and_of_those_it_renames() -> None:
    make_organisation()
    run(JO, jo(employee_number="10000002", given_name="Anne-Marie", email="a@nhs.net"))
    assert found("annemarie") == ["999ASMITH01"]
    run(jo(family_name="Évans"), jo(employee_number="10000002", given_name="Bríd", email="b@nhs.net"))
    assert found("evans") == ["999JSMITH01"]
    assert found("brid") == ["999ASMITH01"]
    assert found("annemarie") == []
    assert refold() == 0


def test_names_cannot_be_written_without_their_words() -> None:
    person = make_user(family_name="Smith")
    with pytest.raises(ValueError, match="words"):
        User.objects.filter(pk=person.pk).update(family_name="Jones")
    person.family_name = "Jones"
    with pytest.raises(ValueError, match="words"), transaction.atomic():
        User.objects.bulk_update([person], ["family_name"])
    assert User.objects.get(pk=person.pk).family_name == "Smith"


def test_what_a_process_of_the_version_before_has_written_is_put_right_once_a_day() -> None:
    named, added, kept = (make_user(family_name=name) for name in ("Smith", "Jones", "Brown"))
    behind_the_portals_back(named, family_name="Évans")
    behind_the_portals_back(added, search_words="")
    call_command("tidy_up", stdout=(said := io.StringIO()))
    assert "did not follow from their names: 2 put right" in said.getvalue()
    assert found("evans") == [named.username]
    assert found("jones") == [added.username]
    assert refold() == 0
    assert User.objects.get(pk=kept.pk).search_words == kept.search_words


def test_a_name_that_changes_while_words_are_put_right_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user(given_name="Jo", family_name="Smith")
    behind_the_portals_back(person, family_name="Évans")

    def rename_meanwhile(**sources: str) -> str:
        monkeypatch.undo()
        again = User.objects.get(pk=person.pk)
        again.family_name = "Brown"
        again.save()
        return search_words(**sources)

    monkeypatch.setattr("accounts.services.search_words.search_words", rename_meanwhile)
    assert refold() == 0
    assert found("brown") == [person.username]
    assert found("evans") == []
