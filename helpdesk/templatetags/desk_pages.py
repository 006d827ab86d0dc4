"""Which pages of the desk are named to the reader: those that they may open (people/services/rights.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from people.services import rights

if TYPE_CHECKING:
    from accounts.models import User

register = template.Library()


class Page(NamedTuple):
    """A page of the navigation, by the word with which a page says that it is this one."""

    word: str
    address: str
    name: str


@register.simple_tag
def pages_of_desk(user: User | None) -> list[Page]:
    """Return them in the order in which an agent works: the call, what waits for an agent, what happened, the rest."""
    pages = [
        Page("find", reverse("admin:desk_find"), _("Find a person")),
        Page("requests", reverse("admin:desk_requests"), _("Requests")),
        Page("approvals", reverse("admin:desk_proposals"), _("Second agent")),
        Page("corrections", reverse("admin:desk_corrections"), _("Corrections")),
        Page("events", reverse("admin:desk_events"), _("Events")),
        Page("overview", reverse("admin:desk_overview"), _("Overview")),
    ]
    if user is not None and rights.may_see_imports(by=user):
        pages.append(Page("imports", reverse("admin:desk_imports"), _("Imports")))
    if user is not None and rights.is_operator(user=user):
        pages.append(Page("doctor", reverse("admin:desk_doctor"), _("Set-up")))
    return [*pages, Page("tables", reverse("admin:index"), _("All tables"))]


@register.filter
def grouped(number: int) -> str:
    """Return a number of things as people write it: 12,345."""
    return f"{number:,}"
