"""`{% csrf_token %}` as every template has it: beside the token, a field whose name is another on each page.

Browsers put what was typed back into a form when a person presses Back, `no-store` or not: on a shared computer that
person may be the next one. Chromium and WebKit find the form again by its address and the names of its first two
fields, so that under a name that is never the same they find none, and the boxes stay empty. The boxes keep their own
names and `autocomplete`, by which a browser fills in a person's own details (WCAG 1.3.5). Firefox keeps nothing of a
page with `no-store`. See docs/decisions/0034-back-finds-empty-boxes.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.defaulttags import CsrfTokenNode

from nhsuk import new_form

if TYPE_CHECKING:
    from django.template.base import Parser, Token
    from django.template.context import Context
    from django.utils.safestring import SafeString

register = template.Library()


class NewFormNode(CsrfTokenNode):
    """Django's token, and before it the field that makes the form a new one to the browser."""

    def render(self, context: Context) -> SafeString:
        """Return both fields, or without a token the first alone; in a shell, the place where they are put later."""
        token = context.get("csrf_token", "")
        return token if isinstance(token, new_form.Later) else new_form.fields(str(token))


@register.tag
def csrf_token(parser: Parser, token: Token) -> NewFormNode:
    """Return the node for `{% csrf_token %}`."""
    return NewFormNode()
