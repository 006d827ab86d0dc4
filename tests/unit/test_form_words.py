"""What forms say is in the portal's own words: Django's say what a computer wants, and not what to do next."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.utils import translation

import accounts.forms
import care_identity.forms
import hub.forms
from accounts.services.second_step import Ways
from nhsuk.date_input import BOXES, DatePartsInput

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a form is made with besides what was sent.
MADE_WITH: dict[str, dict[str, Any]] = {
    "InternetAccessForm": {"masked_email": "j•••••@nhs.net", "email_digest": "", "contact": "esr@north.nhs.example"},
    "ChoiceForm": {"users": ()},
    "RememberForm": {"may_remember": True},
    "ChallengeForm": {"ways": Ways(1, authenticator=True, recovery_codes=1, care_identity=False), "may_remember": True},
}
BAD = ["", " ", "x" * 100_000, "9" * 300, "a\0b", "\0", "none of the choices", "x@", "😀", "\ud800", "31", "\u202e"]


def public_forms() -> Iterator[type[forms.Form]]:
    """Yield every form of the public pages: those that their apps' `forms` define, new ones too."""
    for package in (accounts.forms, care_identity.forms, hub.forms):
        names = [name for _, name, _ in pkgutil.iter_modules(getattr(package, "__path__", []), f"{package.__name__}.")]
        for module in (package, *map(importlib.import_module, names)):
            for _, found in inspect.getmembers(module, inspect.isclass):
                if issubclass(found, forms.Form) and found.__module__ == module.__name__:
                    yield found


def errors_of(kind: type[forms.Form], typed: str | None) -> dict[str, list[str]]:
    """Return what a form says where `typed` was sent in each of its boxes; None is a form of which nothing was sent."""
    more = MADE_WITH.get(kind.__name__, {})
    boxes: dict[str, str] = {}
    for name, field in kind(**more).fields.items():
        parts = [f"{name}_{box}" for box in BOXES] if isinstance(field.widget, DatePartsInput) else [name]
        boxes |= dict.fromkeys(parts, typed or "")
    form = kind({} if typed is None else boxes, **more)
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


@pytest.mark.parametrize("kind", list(public_forms()), ids=lambda kind: kind.__name__)
def test_no_form_says_what_django_says(kind: type[forms.Form]) -> None:
    """Django's own words are translated where the language is another, and the portal's are not: so they are told."""
    for typed in (None, *BAD):
        ours = errors_of(kind, typed)
        with translation.override("de"):
            assert errors_of(kind, typed) == ours, repr(typed and typed[:20])


def test_every_form_that_takes_words_was_tried() -> None:
    names = {kind.__name__ for kind in public_forms()}
    assert names >= {"LogInForm", "RecoveryForm", "CodeForm", "ChangePasswordForm", "OrganisationSearchForm"}
    said = {
        word for kind in public_forms() for typed in BAD for each in errors_of(kind, typed).values() for word in each
    }
    assert len(said) > 20
