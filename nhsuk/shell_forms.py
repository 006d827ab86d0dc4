"""What a form looks like without the words in it, and another form that looks like it: for shells.py."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.utils import ErrorDict, ErrorList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclasses.dataclass(frozen=True, slots=True)
class Like:
    """A form without its words. `was_refused` is whether it has an error as a whole, which is a word too."""

    form: type[forms.Form]
    was_sent: bool
    was_refused: bool
    filled_in: tuple[str, ...]
    ticked: tuple[str, ...]


_ONE_LINE = (forms.TextInput, forms.EmailInput, forms.HiddenInput)


def read(form: forms.BaseForm) -> tuple[Like | None, list[str]]:
    """Return what a form is like, and its words; or None where it has something that no other form can be given.

    That is an error in a field, a field that only this one has, or a box of another kind that is not empty.
    """
    if not isinstance(form, forms.Form) or len(form.fields) != len(type(form).base_fields):
        return None, []
    filled = {name: value for name, field in form.fields.items() if (value := _value(form, name, field))}
    words, ticked = _with(_ONE_LINE, form, filled), _with(forms.CheckboxInput, form, filled)
    refusals = _refusals(form)
    if refusals is None or len(words) + len(ticked) != len(filled):
        return None, []
    like = Like(type(form), form.is_bound, bool(refusals), tuple(words), tuple(ticked))
    return like, [*(filled[name] for name in words), *refusals]


def _with(widget: Any, form: forms.Form, names: Iterable[str]) -> list[str]:
    """Return those of a form's fields that have this kind of widget."""
    return [name for name in names if isinstance(form.fields[name].widget, widget)]


def _refusals(form: forms.BaseForm) -> list[str] | None:
    """Return the error of a form as a whole, if any; None where there are others."""
    errors = dict(form.errors) if form.is_bound else {}
    refusals = [str(message) for message in errors.pop(NON_FIELD_ERRORS, ())]
    return None if errors or len(refusals) > 1 else refusals


def _value(form: forms.BaseForm, name: str, field: forms.Field) -> Any:
    """Return what a field shows. A password is never shown."""
    if isinstance(field.widget, forms.PasswordInput):
        return None
    if form.is_bound:
        return field.widget.value_from_datadict(form.data, form.files, name)
    return form.get_initial_for_field(field, name)


def form_like(like: Like, placeholder: Callable[[], str]) -> forms.Form:
    """Return a form that looks like another, with a placeholder for each of its words, in the order of `read`."""
    values: dict[str, Any] = {name: placeholder() for name in like.filled_in} | dict.fromkeys(like.ticked, True)
    if not like.was_sent:
        return like.form(initial=values)
    form = like.form(data=values)
    # So that the form is not looked at once more, with placeholders in it.
    refusals = [(NON_FIELD_ERRORS, ErrorList([placeholder()], "nonfield", form.renderer))] if like.was_refused else []
    form._errors = ErrorDict(refusals)  # type: ignore[attr-defined]  # noqa: SLF001
    return form
