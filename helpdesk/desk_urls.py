"""The addresses of the desk, below /admin/desk/. The admin site guards each of them (helpdesk/site.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpdesk.views import asking, find, proposals, requests

if TYPE_CHECKING:
    from collections.abc import Callable

# The rest of the address, the view, and the name that `admin:` stands before.
PAGES: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("", find.find, "desk_find"),
    ("requests/", requests.requests, "desk_requests"),
    ("people/<int:key>/ask/<str:action>/", asking.ask, "desk_ask"),
    ("second-agent/", proposals.proposals_list, "desk_proposals"),
    ("second-agent/<int:key>/", proposals.proposal, "desk_proposal"),
    ("second-agent/<int:key>/agree/", proposals.approve, "desk_proposal_approve"),
    ("second-agent/<int:key>/refuse/", proposals.refuse, "desk_proposal_refuse"),
    ("second-agent/<int:key>/take-back/", proposals.withdraw, "desk_proposal_withdraw"),
    ("second-agent/<int:key>/code/", proposals.make_code, "desk_proposal_code"),
)
