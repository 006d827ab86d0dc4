"""Forms as NHS.UK components: with settings.FORM_RENDERER pointing here, ``{{ form }}`` is an NHS.UK form."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import loader
from django.utils.html import format_html_join
from django.utils.safestring import SafeData, SafeString
from django.utils.translation import get_language

from nhsuk.components import render_component
from nhsuk.date_input import BOXES, LABELS, DatePartsInput

# Attributes of a widget that are parameters of the components.
_PARAMETERS = {"autocomplete", "autocapitalize", "inputmode", "spellcheck"}
# What a widget writes as a word, the components want as a truth value.
_SWITCHES: dict[Any, Any] = {"true": True, "false": False}
# Left out: errors are ours to show, in words, so the browser's own checks are off; and a password that the
# browser cuts off while it is pasted is not the one that the person knows.
_LEFT_OUT = {"required", "maxlength", "minlength", "class", "id", "aria-describedby", "aria-invalid"}


class UnknownWidget(Exception):
    """No NHS.UK component is known for this widget."""


class NHSFormRenderer(DjangoTemplates):
    """Renders our forms and fields; single widgets, as the admin uses them, stay Django's own."""

    form_template_name = "components/form.html"
    field_template_name = "components/form_field.html"

    def get_template(self, template_name: str) -> Any:
        """Return our two templates from the project, and any other from Django."""
        if template_name in {self.form_template_name, self.field_template_name}:
            return loader.get_template(template_name)
        return super().get_template(template_name)


def field_component(field: forms.BoundField) -> SafeString:
    """Return the markup of a visible field: label, hint, error message and control. Raises UnknownWidget."""
    for widget, component in _COMPONENTS:
        if isinstance(field.field.widget, widget):
            name, params = component(field)
            return _untouched(name, params) if _is_untouched(field) else render_component(name, params)
    raise UnknownWidget(f"{type(field.field.widget).__name__} of the field {field.name}")


def _is_untouched(field: forms.BoundField) -> bool:
    """Return whether nothing was typed into a field and nothing is in it to begin with."""
    return not field.form.is_bound and field.initial in (None, "", [])


# An empty box looks the same on every page, and its macros take longer than the rest of the page.
_rendered: dict[tuple[str, str, str | None], SafeString] = {}
_MOST_RENDERED = 200


def _untouched(name: str, params: dict[str, Any]) -> SafeString:
    """Return the markup of an empty component, from memory where it was rendered before."""
    key = (name, repr(params), get_language())
    if key not in _rendered:
        if len(_rendered) >= _MOST_RENDERED:
            _rendered.clear()
        _rendered[key] = render_component(name, params)
    return _rendered[key]


def error_list(form: forms.BaseForm) -> list[dict[str, str]]:
    """Return what is wrong with a form, each with a link to the box that it is about."""
    visible = [form[name] for name in form.fields if not form[name].is_hidden]
    first = [f"#{_box_id(visible[0])}"] if visible else []
    listed = [{"text": str(message), **({"href": first[0]} if first else {})} for message in form.non_field_errors()]
    for field in visible:
        for error in field.errors.as_data():
            # A ValidationError joins its sentences; each of ours holds one.
            listed += [{"text": message, "href": f"#{_box_id(field, error)}"} for message in error.messages]
    return listed


def _box_id(field: forms.BoundField, error: Any = None) -> str:
    """Return the id of the box of a field that an error is about."""
    boxes = ((error.params or {}).get("boxes") if error else None) or ["day"]
    return f"{field.auto_id}_{boxes[0]}" if isinstance(field.field.widget, DatePartsInput) else field.auto_id


def _common(field: forms.BoundField) -> dict[str, Any]:
    """Return the parameters that every component takes."""
    # A lazy one is asked for its text first: that is what may be marked safe.
    hint = str(field.help_text)
    return {
        "id": field.auto_id,
        "name": field.html_name,
        # The help texts of allauth may be markup.
        "hint": {"html": hint} if isinstance(hint, SafeData) else {"text": hint},
        "errorMessage": _error_message(field),
        "classes": field.field.widget.attrs.get("class"),
    }


def _error_message(field: forms.BoundField) -> dict[str, Any] | None:
    """Return the error message parameter: every sentence on a line of its own."""
    if not field.errors:
        return None
    return {"html": format_html_join(SafeString("<br>"), "{}", ((message,) for message in list(field.errors)))}


def _attributes(field: forms.BoundField) -> dict[str, Any]:
    """Return the HTML attributes that the components have no parameter for."""
    attributes = {
        name: value
        for name, value in field.field.widget.attrs.items()
        if name not in _LEFT_OUT | _PARAMETERS and value is not False
    }
    if field.errors:
        attributes["aria-invalid"] = "true"
    return attributes


def _one_box(field: forms.BoundField) -> dict[str, Any]:
    """Return the parameters of a component that is one box with a label."""
    attrs = field.field.widget.attrs
    return {
        **_common(field),
        **{name: _SWITCHES.get(attrs[name], attrs[name]) for name in _PARAMETERS & attrs.keys()},
        "label": {"text": str(field.label), "size": "s"},
        "describedBy": attrs.get("aria-describedby"),
        "disabled": field.field.disabled or None,
        "attributes": _attributes(field),
    }


def _input(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    widget = field.field.widget
    params = _one_box(field) | {"type": widget.input_type, "value": widget.format_value(field.value())}
    if widget.input_type == "email":
        params = {"autocomplete": "email", "spellcheck": False} | params
    return "input", params


def _password_input(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    # Never a value, whatever the widget would do.
    return "password-input", _one_box(field)


def _select(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    return "select", _one_box(field) | {"items": _options(field, "selected")}


def _radios(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    return "radios", _group(field, _options(field, "checked"))


def _checkboxes(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    return "checkboxes", _group(field, _options(field, "checked"))


def _group(field: forms.BoundField, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the parameters of a component that is several boxes under one legend."""
    return {
        **_common(field),
        # The first box has it: errors link there.
        "id": None,
        "idPrefix": field.auto_id,
        "fieldset": {"legend": {"text": str(field.label), "size": "s"}},
        "items": items,
    }


def _checkbox(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    hint = _common(field)["hint"]
    item = {
        "value": "on",
        "text": str(field.label),
        "checked": bool(field.value()),
        "hint": hint,
        "attributes": _attributes(field),
    }
    params = _common(field) | {"id": None, "idPrefix": field.auto_id, "items": [item], "hint": None}
    return "checkboxes", params


def _date_input(field: forms.BoundField) -> tuple[str, dict[str, Any]]:
    values = field.field.widget.format_value(field.value())
    wrong = {box for error in field.errors.as_data() for box in (error.params or {}).get("boxes", BOXES)}
    items = [
        {
            "id": f"{field.auto_id}_{part}",
            "name": f"{field.html_name}_{part}",
            "label": str(LABELS[part]),
            "value": getattr(values, part),
            "width": 4 if part == "year" else 2,
            "autocomplete": f"bday-{part}",
            "error": part in wrong,
            "attributes": {"aria-invalid": "true"} if part in wrong else {},
        }
        for part in BOXES
    ]
    legend = {"text": str(field.label), "size": "s"}
    return "date-input", _common(field) | {"fieldset": {"legend": legend}, "items": items}


def _options(field: forms.BoundField, chosen: str) -> list[dict[str, Any]]:
    """Return the choices of a field; `chosen` is what the component calls a choice that is made."""
    widget = field.field.widget
    value = field.value()
    picked = {str(item) for item in (value if isinstance(value, list | tuple) else [value]) if item is not None}
    return [
        {"value": str(key), "text": str(text), chosen: str(key) in picked, "attributes": {}}
        for key, text in widget.choices
    ]


# The first that fits is used, so a special kind stands before a general one.
_COMPONENTS: list[tuple[type[forms.Widget], Callable[[forms.BoundField], tuple[str, dict[str, Any]]]]] = [
    (DatePartsInput, _date_input),
    (forms.PasswordInput, _password_input),
    (forms.CheckboxInput, _checkbox),
    (forms.CheckboxSelectMultiple, _checkboxes),
    (forms.RadioSelect, _radios),
    (forms.Select, _select),
    (forms.widgets.Input, _input),
]
