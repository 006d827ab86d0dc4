"""Template tags for NHS.UK pages.

{% nhs "button" text="Continue" %}                       a component
{% nhsblock "details" summary="Why?" %}…{% endnhsblock %} a component around markup
{% error_summary form %}                                 the list of what went wrong, at the top of the page
{% page_language %}                                       "en-GB"
{{ moment|spoken_date }} at {{ moment|spoken_time }}     "22 November 2026 at 2:35pm"

A double underscore goes one level down: ``label__text="Name"`` is ``{"label": {"text": "Name"}}``.
"""

import datetime
import re
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils import timezone, translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from nhsuk import wording
from nhsuk.components import render_component
from nhsuk.form_rendering import error_list, field_component

register = template.Library()
register.filter("spoken_time", wording.spoken_time)
register.filter("spoken_minutes", wording.spoken_minutes)


register.simple_tag(wording.number_forms)


@register.filter
def spoken_date(day: datetime.date) -> str:
    """Return a date in words; of a moment, the date that it has here."""
    return wording.spoken_date(timezone.localtime(day) if isinstance(day, datetime.datetime) else day)


@register.filter
def breakable(address: str) -> SafeString:
    """Return an email address that goes on in the next line at its @ or a full stop, rather than within a word."""
    return mark_safe(re.sub(r"(@|(?<=.)\.)", r"<wbr>\1", conditional_escape(address)))  # noqa: S308


@register.simple_tag
def page_language() -> str:
    """Return the language of the page as markup names it, "en-GB" (BCP 47)."""
    kind, _, country = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")
    return f"{kind}-{country.upper()}" if country else kind


@register.simple_tag
def nhs_field(field: BoundField) -> SafeString:
    """Return a form field as the NHS.UK component for it. Raises UnknownWidget."""
    return field_component(field)


@register.simple_tag
def error_summary(form: BaseForm | None = None) -> SafeString:
    """Return the error summary of a form, or nothing where there is no form or no error in it."""
    errors = error_list(form) if form else []
    if not errors:
        return SafeString("")
    return render_component("error-summary", {"heading": _("There is a problem"), "errorList": errors})


class ComponentNode(template.Node):
    """A component; with what stands between the tags inside it for {% nhsblock %}, alone for {% nhs %}."""

    def __init__(self, component: str, params: dict[str, FilterExpression], inner: NodeList | None = None) -> None:
        self.component = component
        self.params = params
        self.nodelist = inner or NodeList()
        self._has_inner = inner is not None
        # With nothing but words in its tag a component always looks the same, so it is rendered once a language.
        self._never_changes = inner is None and not any(value.is_var or value.filters for value in params.values())
        self._rendered: dict[str | None, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """Return the markup. Raises UnknownComponent."""
        language = translation.get_language()
        if language in self._rendered:
            return self._rendered[language]
        params = _nested({name: expression.resolve(context) for name, expression in self.params.items()})
        inner = self.nodelist.render(context) if self._has_inner else None
        rendered = render_component(self.component, params, inner=inner)
        if self._never_changes:
            self._rendered[language] = rendered
        return rendered


@register.tag
def nhs(parser: Parser, token: Token) -> ComponentNode:
    """Parse {% nhs "component" name=value … %}. Raises TemplateSyntaxError."""
    return ComponentNode(*_arguments(parser, token))


@register.tag
def nhsblock(parser: Parser, token: Token) -> ComponentNode:
    """Parse {% nhsblock "component" name=value … %} … {% endnhsblock %}. Raises TemplateSyntaxError."""
    component, params = _arguments(parser, token)
    inner = parser.parse(["endnhsblock"])
    parser.delete_first_token()
    return ComponentNode(component, params, inner)


def _arguments(parser: Parser, token: Token) -> tuple[str, dict[str, FilterExpression]]:
    """Return what a tag was given: the component's name and its parameters. Raises TemplateSyntaxError."""
    tag, *bits = token.split_contents()
    if not bits or bits[0][:1] not in {'"', "'"}:
        raise template.TemplateSyntaxError(f'{tag} takes the name of a component first: {{% {tag} "panel" … %}}')
    component, *rest = bits
    params = token_kwargs(rest, parser)
    if rest:
        raise template.TemplateSyntaxError(f"{tag} takes name=value after the component, not {rest[0]}")
    return component[1:-1], params


def _nested(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with double underscores turned into levels."""
    nested: dict[str, Any] = {}
    for name, value in params.items():
        *levels, last = name.split("__")
        inner = nested
        for level in levels:
            inner = inner.setdefault(level, {})
        inner[last] = value
    return nested
