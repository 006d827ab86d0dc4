"""How each thing that an agent can ask for is done, once it may be (helpdesk/services/proposals.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from accounts.models.proposal import Action
from accounts.models.security_event import Event
from accounts.services import events, freezing, leavers, second_step
from helpdesk.services import erasing
from people.services import care_identity_links, people, usernames

if TYPE_CHECKING:
    from accounts.models import Proposal

# Of these no other mail tells the person: the flag that chooses the words.
TOLD_HERE: dict[str, str] = {
    Action.MAKE_BOOTSTRAP_CODE: "code_made",
    Action.UNFREEZE: "unfrozen",
    Action.CONFIRM_EMAIL: "email_confirmed",
}


def lock_organisation(*, person: User) -> None:
    """Lock the organisation of `person`, before the person, as everywhere."""
    usernames.lock(organisations=[person.organisation_id])


def refuse_impossible(row: Proposal) -> None:
    """Raise LinkedToAnotherPerson now rather than in front of the second agent; or asked_for.Unusable."""
    if row.action == Action.ERASE:
        erasing.refuse_impossible(row)
    if row.action != Action.LINK_CARE_IDENTITY:
        return
    other = care_identity_links.other_person_with(uid=row.value, organisation=row.user.organisation, but=row.user_id)
    if other is not None:
        raise care_identity_links.LinkedToAnotherPerson(other)


def do(row: Proposal, *, by: User) -> None:
    """Do it, in the caller's transaction; a code for a new second step is made by `proposals.make_code`.

    Raises NotAllowed, LinkedToAnotherPerson, and leavers.NotErased.
    """
    person = User.objects.select_related("organisation").get(pk=row.user_id)
    match Action(row.action):
        case Action.CHANGE_EMAIL:
            person.email = row.value
            people.change(person=person, by=by, caller_was_checked=True, confirmed=row.decided_by_id is not None)
        case Action.CONFIRM_EMAIL:
            person.links_held_until = None
            person.save(update_fields=["links_held_until"])
            events.record(event=Event.EMAIL_CONFIRMED, user_id=person.pk, by=by)
        case Action.LINK_CARE_IDENTITY:
            care_identity_links.link(user=person, uid=row.value, by=by)
        case Action.UNLINK_CARE_IDENTITY:
            care_identity_links.unlink(user=person, by=by)
        case Action.REMOVE_SECOND_STEP:
            second_step.remove(user=person, by=by)
        case Action.UNFREEZE:
            freezing.lift_by_helpdesk(user=person, by=by)
        case Action.ERASE:
            leavers.erase_by_order(user=person, by=by, proposal_id=row.pk)
