"""What an agent who asks for an erasure is told of it, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services import erasing, leavers
from accounts.services.leavers import Stays
from helpdesk import asked_for

if TYPE_CHECKING:
    from accounts.models import Proposal

SENTENCES = {
    Stays.IN_FORCE: gettext_lazy("This person has not left. Give the record a last day; it is erased after that."),
    Stays.HAS_ROLE: gettext_lazy("This person has a role in the helpdesk’s pages. Take it away first."),
    Stays.HAD_ROLE: gettext_lazy(
        "This person had a role in the helpdesk’s pages. What they did is kept, and the record as long as that."
    ),
    Stays.CHANGE_WAITS: gettext_lazy("A change for this person waits for a second agent. Decide about it first."),
    Stays.IMPORT_IS_OPEN: gettext_lazy("The organisation has an import open. Finish or cancel it first."),
}


def refuse_impossible(row: Proposal) -> None:
    """Refuse what will not be done, and a reason that names the person. Raises asked_for.Unusable."""
    why = leavers.why_not(user=row.user, but_proposal=row.pk)
    if why is not None:
        raise asked_for.Unusable(str(SENTENCES[why]))
    if erasing.names(user=row.user, text=row.reason):
        raise asked_for.Unusable(_("Do not name the person in the reason: it is kept after the erasure."))
