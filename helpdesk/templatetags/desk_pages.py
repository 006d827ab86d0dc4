"""Which pages of the desk are named to the reader: those that they may open (people/services/rights.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from people.services import rights

if TYPE_CHECKING:
    from accounts.models import User

register = template.Library()


@register.simple_tag
def may_see_imports(user: User | None) -> bool:
    """Return whether the page of imports is named."""
    return user is not None and rights.may_see_imports(by=user)


@register.filter
def grouped(number: int) -> str:
    """Return a number of things as people write it: 12,345."""
    return f"{number:,}"
