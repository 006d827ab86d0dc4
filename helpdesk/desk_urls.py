"""The addresses of the desk, below /admin/desk/. The admin site guards each of them (helpdesk/site.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpdesk import actions
from helpdesk.views import find, person, requests

if TYPE_CHECKING:
    from collections.abc import Callable

# The rest of the address, the view, and the name that `admin:` stands before.
PAGES: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("", find.find, "desk_find"),
    ("people/<int:key>/", person.person, "desk_person"),
    ("people/<int:key>/date_of_birth/", person.date_of_birth, "desk_date_of_birth"),
    ("people/<int:key>/last_day/", person.last_day, "desk_last_day"),
    *((f"people/<int:key>/{each.name}/", person.doing(each), f"desk_{each.name}") for each in actions.ALL if each.do),
    ("requests/", requests.requests, "desk_requests"),
)
