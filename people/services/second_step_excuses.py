"""Excusing people from a second step that is required of them, each with a reason and a day of review.

Their organisation requires it, or their password was frozen (“this was not me”) and they have none.

An agent gives it to people of their organisation. All who may use the admin need a second step whatever their
organisation says (NHS England MFA policy, 2023), so no agent excuses themselves or a colleague. An excuse takes away
what is required, not what a person has set up.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import SecondStepExcuse, User
from accounts.models.security_event import Event
from accounts.services import events
from people.services import rights

# A year, leap or not: what was a good reason then is looked at again.
LONGEST = datetime.timedelta(days=366)
# How long a past excuse stays on the list. That there was one stays longer, as a security event.
KEPT_AFTER = datetime.timedelta(days=90)


class Refused(Exception):
    """This excuse cannot be: the message is a sentence for the agent."""


def excuse(*, person: User, reason: str, review_on: datetime.date, by: User) -> SecondStepExcuse:
    """Excuse `person` from a required second step until the end of `review_on`; return the excuse.

    One that the person has already gets this reason and this day. Records SECOND_STEP_EXCUSED where anything is new.
    Raises NotAllowed where `by` may not see the record of `person` or excuse any person, and Refused.
    """
    with transaction.atomic():
        # With the lock, of two excuses at the same time the second finds the first.
        person = User.objects.select_for_update().get(pk=person.pk)
        if not (rights.is_helpdesk(user=by) and rights.may_see(by=by, person=person)):
            raise rights.NotAllowed
        problem = staff_problem(person=person) or day_problem(review_on=review_on)
        if problem:
            raise Refused(problem)
        kept = SecondStepExcuse.objects.filter(user=person).first()
        if kept is not None and (kept.reason, kept.review_on) == (reason, review_on):
            return kept
        said = {"reason": reason, "review_on": review_on, "made_by": by, "made_at": timezone.now()}
        kept, _is_new = SecondStepExcuse.objects.update_or_create(user=person, defaults=said)
        events.record(
            event=Event.SECOND_STEP_EXCUSED, user_id=person.pk, by=by, reason=f"until_{review_on.isoformat()}"
        )
    return kept


def end(*, excuse: SecondStepExcuse, by: User) -> bool:
    """Take an excuse away, so that the requirement holds again at once; return whether it was still there.

    Records SECOND_STEP_EXCUSE_ENDED. Raises NotAllowed where `by` may not change the record of the person.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=excuse.user_id)
        if not rights.may_change(by=by, person=person):
            raise rights.NotAllowed
        deleted, _rows = SecondStepExcuse.objects.filter(pk=excuse.pk, user=person).delete()
        if deleted:
            events.record(event=Event.SECOND_STEP_EXCUSE_ENDED, user_id=person.pk, by=by)
    return deleted > 0


def staff_problem(*, person: User) -> str:
    """Return why `person` can never be excused, or ""."""
    if not person.is_staff:
        return ""
    return _("People with a role always need a second step: a person who may use this admin cannot be excused.")


def day_problem(*, review_on: datetime.date) -> str:
    """Return what is wrong with the last day of an excuse that is made today, or ""."""
    today = timezone.localdate()
    if review_on <= today:
        return _("Choose a day in the future. To end an excuse today, delete it.")
    if review_on > today + LONGEST:
        return _("Choose a day within a year from now. It can be made longer then.")
    return ""


def delete_past() -> int:
    """Delete the excuses that ended long ago; return how many. Daily work."""
    long_ago = timezone.localdate() - KEPT_AFTER
    deleted, _rows = SecondStepExcuse.objects.filter(review_on__lt=long_ago).delete()
    return deleted
