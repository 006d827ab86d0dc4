"""The addresses of the desk, below /admin/desk/. The admin site guards each of them (helpdesk/site.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpdesk.views import find

if TYPE_CHECKING:
    from collections.abc import Callable

# The rest of the address, the view, and the name that `admin:` stands before.
PAGES: tuple[tuple[str, Callable[..., Any], str], ...] = (("", find.find, "desk_find"),)
