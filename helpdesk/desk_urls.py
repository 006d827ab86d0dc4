"""The addresses of the desk, below /admin/desk/. The admin site guards each of them (helpdesk/site.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.models import proposal
from helpdesk import actions
from helpdesk.views import asking, events, find, person, proposals, requests

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
    ("events/", events.events, "desk_events"),
    *((f"people/<int:key>/{each.value}/", asking.asking(each), f"desk_{each.value}") for each in proposal.Action),
    ("second-agent/", proposals.proposals_list, "desk_proposals"),
    ("second-agent/<int:key>/", proposals.proposal, "desk_proposal"),
    ("second-agent/<int:key>/agree/", proposals.approve, "desk_proposal_approve"),
    ("second-agent/<int:key>/refuse/", proposals.refuse, "desk_proposal_refuse"),
    ("second-agent/<int:key>/take-back/", proposals.withdraw, "desk_proposal_withdraw"),
    ("second-agent/<int:key>/code/", proposals.make_code, "desk_proposal_code"),
)
