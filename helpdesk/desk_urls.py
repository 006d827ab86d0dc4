"""The addresses of the desk, below /admin/desk/. The admin site guards each of them (helpdesk/site.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.models import proposal
from helpdesk import actions
from helpdesk.views import (
    asking,
    corrections,
    doctor,
    events,
    find,
    imports,
    imports_new,
    overview,
    person,
    proposals,
    requests,
    unlock_many,
)

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
    ("overview/", overview.overview, "desk_overview"),
    ("doctor/", doctor.doctor, "desk_doctor"),
    ("doctor/check/", doctor.check_now, "desk_doctor_check"),
    ("unlock-many/", unlock_many.unlock_many, "desk_unlock_many"),
    ("unlock-many/<int:key>/", unlock_many.preview, "desk_unlock_many_preview"),
    ("unlock-many/<int:key>/do/", unlock_many.unlock, "desk_unlock_many_do"),
    ("events/", events.events, "desk_events"),
    *((f"people/<int:key>/{each.value}/", asking.asking(each), f"desk_{each.value}") for each in proposal.Action),
    ("corrections/", corrections.corrections_list, "desk_corrections"),
    ("corrections/<int:key>/", corrections.correction, "desk_correction"),
    ("corrections/<int:key>/accept/", corrections.accept, "desk_correction_accept"),
    ("corrections/<int:key>/refuse/", corrections.refuse, "desk_correction_refuse"),
    ("imports/", imports.imports_list, "desk_imports"),
    ("imports/new/", imports_new.new, "desk_import_new"),
    ("imports/<int:key>/", imports.one, "desk_import"),
    ("imports/<int:key>/confirm/", imports.confirm, "desk_import_confirm"),
    ("imports/<int:key>/cancel/", imports.cancel, "desk_import_cancel"),
    ("imports/<int:key>/agree/", imports.agree, "desk_import_agree"),
    ("imports/<int:key>/refuse/", imports.refuse, "desk_import_refuse"),
    ("second-agent/", proposals.proposals_list, "desk_proposals"),
    ("second-agent/<int:key>/", proposals.proposal, "desk_proposal"),
    ("second-agent/<int:key>/agree/", proposals.approve, "desk_proposal_approve"),
    ("second-agent/<int:key>/refuse/", proposals.refuse, "desk_proposal_refuse"),
    ("second-agent/<int:key>/take-back/", proposals.withdraw, "desk_proposal_withdraw"),
    ("second-agent/<int:key>/code/", proposals.make_code, "desk_proposal_code"),
)
