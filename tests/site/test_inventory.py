"""The inventory of what is kept of people: no table and no field is missing in it, and the document says the same."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models

from accounts.personal_data import TABLES, AtErasure
from tests.support import data_table

# `demo.care_identity` has a database of its own, with made-up people.
MODELS = {
    model._meta.label: model
    for model in apps.get_models(include_auto_created=True)
    if not model._meta.proxy and model._meta.managed
}


def _fields(label: str) -> list[str]:
    return [field.name for field in MODELS[label]._meta.concrete_fields]


def test_every_table_is_in_the_inventory() -> None:
    """A table that is forgotten there is neither told to its people nor erased with them."""
    assert sorted(TABLES) == sorted(MODELS)


@pytest.mark.parametrize("label", sorted(MODELS))
def test_every_field_is_in_exactly_one_list(label: str) -> None:
    assert sorted(TABLES[label].fields) == sorted(_fields(label))


def test_a_table_is_about_people_exactly_where_something_is_said_of_its_erasure() -> None:
    nothing = {label for label, table in TABLES.items() if table.at_erasure is AtErasure.NOTHING}
    assert nothing == {label for label, table in TABLES.items() if not table.is_about_people}


def test_what_goes_with_the_person_is_found_by_them() -> None:
    goes = [table for table in TABLES.values() if table.at_erasure is AtErasure.GOES]
    assert goes
    for table in goes:
        found = MODELS[table.label]._base_manager.filter(**{table.person: 1})
        assert str(found.query), table.label


def test_each_reference_to_a_person_is_about_a_person() -> None:
    """Whatever else a row holds, the key of a person says that it is about them, or that they did it."""
    people = MODELS["accounts.User"]
    for label, model in MODELS.items():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.remote_field.model is people:
                table = TABLES[label]
                assert table.is_about_people, label
                # Of whom it is about, the file itself says it; who did it is another person.
                assert field.name in table.kept_back.split() or field.name == table.person, f"{label}.{field.name}"


def test_no_secret_is_among_what_is_handed_out() -> None:
    secret = re.compile("digest|^password$|sealed|^key$|_key|secret|token|handle|credential_id|session_data|series")
    handed_out = [(table, name) for table in TABLES.values() for name in table.handed_out(in_full=True)]
    assert not [f"{table.label}.{name}" for table, name in handed_out if secret.search(name)]


def test_the_document_has_the_table_of_today() -> None:
    document = data_table.DOCUMENT.read_text(encoding="utf-8")
    assert document == data_table.with_table(document)
    assert document.count(data_table.BEGIN) == document.count(data_table.END) == 1


def test_every_table_about_people_is_said_in_words_too() -> None:
    """Who reads it, how long and why is in no list: a row of the document says it."""
    document = data_table.DOCUMENT.read_text(encoding="utf-8").partition("## Field by field")[0]
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", document))
    # Rows of these belong to a row that is said, or are never made.
    without = {"EmailAddress", "EmailConfirmation", "User_groups", "User_user_permissions"}
    about = {label.partition(".")[2] for label, table in TABLES.items() if table.is_about_people}
    assert sorted(about - named - without) == []
