"""Who may get in with what Care Identity proved, and writing down who may not.

The match is on the number of the Care Identity alone, which the import or the helpdesk put on record: never on an email
address, and no login is ever made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models.security_event import Event
from accounts.services import care_identities, events
from care_identity.services import unasked
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from accounts.proof import Proof


def logins_for(*, proof: Proof) -> Sequence[User]:
    """Return the logins that `proof` opens today: in force, and at organisations for which its level is enough.

    Raises Refused where there is none; the refusal knows the logins that it is about.
    """
    theirs = care_identities.logins(uid=proof.uid)
    if not theirs:
        raise Refused(Page.NOT_LINKED, "not_linked", uid=proof.uid)
    in_force = [user for user in theirs if user.may_enter()]
    if not in_force:
        raise Refused(Page.NOT_IN_FORCE, "not_in_force", logins=theirs)
    enough = [user for user in in_force if care_identities.is_sure_enough(proof=proof, organisation=user.organisation)]
    if not enough:
        raise Refused(Page.LEVEL_TOO_LOW, "level_below_organisations", logins=in_force)
    return enough


def the_one_to_open(*, logins: Sequence[User], asked_by: int | None) -> User | None:
    """Return which of several logins to open without asking, or None where its person is to choose.

    The only one there is, or that of the person who is logged in (`asked_by`, a user id) and showed their Care Identity
    again.
    """
    if len(logins) == 1:
        return logins[0]
    return next((user for user in logins if user.pk == asked_by), None)


def record_refusal(*, refused: Refused) -> None:
    """Write down that a log-in with Care Identity was refused, for each login that it was about, and nothing more.

    What was not asked for is counted in the log and stores nothing.
    """
    if refused.unasked:
        unasked.COUNT.add(refused.reason)
        return
    about: list[int | None] = [user.pk for user in refused.logins]
    for user_id in about or [None]:
        events.record(event=Event.CARE_IDENTITY_REFUSED, user_id=user_id, reason=refused.reason)
