"""Which leavers are erased, when, and why some stay (docs/decisions/0063-what-is-kept-of-a-person.md)."""

from __future__ import annotations

import datetime
import enum
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, PeopleUpload, Proposal, SecurityEvent, User
from accounts.models.erased_person import Why
from accounts.models.organisation import FEWEST_DAYS_LEAVERS_KEPT
from accounts.models.people_upload import OPEN as OPEN_UPLOADS
from accounts.models.proposal import OPEN as OPEN_PROPOSALS
from accounts.models.role import NO_ROLE
from accounts.models.security_event import Event
from accounts.services import erasing, events
from accounts.services.events_kept import HELD_FOR, OF_ROLES

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger("esr_portal.erasing")

# Each takes some hundredths of a second: minutes. The first run after an upgrade has very many, which take some days.
MOST_A_DAY = 5_000
# However long ago a last day is, it was on record for so long before it erases anyone: the person, who is kept out, and
# their organisation have that time to say that it is wrong. Events of it are kept for longer everywhere.
SETTLED_AFTER = datetime.timedelta(days=FEWEST_DAYS_LEAVERS_KEPT)


class Stays(enum.StrEnum):
    """Why a person is not erased, now or at all."""

    IN_FORCE = "in_force"
    HAS_ROLE = "has_role"
    # By whom something was done must not be lost before that it was done.
    HAD_ROLE = "had_role"
    # A change for them waits for a second agent.
    CHANGE_WAITS = "change_waits"
    # An import may add or change them at this moment, or hold a file that has them.
    IMPORT_IS_OPEN = "import_is_open"


class NotErased(Exception):
    """The person stays, and why."""

    def __init__(self, why: Stays) -> None:
        super().__init__(why.value)
        self.why = why


def note_change(*, organisation: Organisation, before: Organisation, by: User | None) -> bool:
    """Note on `organisation` when its number of days was lowered last; return whether it is another than `before`.

    The caller saves it, in the transaction. Records LEAVERS_KEPT_CHANGED, with both numbers.
    """
    was, days = before.leavers_kept_days, organisation.leavers_kept_days
    organisation.leavers_kept_since = before.leavers_kept_since
    if days == was:
        return False
    if _counted(days) < _counted(was) or (days is not None and before.leavers_kept_since is None):
        organisation.leavers_kept_since = timezone.now()
    elif days is None:
        organisation.leavers_kept_since = None
    reason = f"{organisation.code}_{was or 'none'}_to_{days or 'none'}"
    events.record(event=Event.LEAVERS_KEPT_CHANGED, user_id=by.pk if by else None, by=by, reason=reason)
    return True


def _counted(days: int | None) -> int:
    """Return the number of days that a setting means: as many as events are kept, where there is none."""
    return settings.SECURITY_EVENTS_KEPT[""].days if days is None else days


def why_not(*, user: User, but_proposal: int | None = None) -> Stays | None:
    """Return why `user` is not erased, or None where nothing speaks against it.

    `but_proposal` is the key of the proposal that asks for it.
    """
    if not user.has_ended():
        return Stays.IN_FORCE
    if user.role:
        return Stays.HAS_ROLE
    if SecurityEvent.objects.filter(user=user, event__in=OF_ROLES).exists():
        return Stays.HAD_ROLE
    others = Proposal.objects.exclude(pk=but_proposal) if but_proposal else Proposal.objects.all()
    if others.filter(user=user, state__in=OPEN_PROPOSALS).exists():
        return Stays.CHANGE_WAITS
    if PeopleUpload.objects.filter(organisation=user.organisation_id, state__in=OPEN_UPLOADS).exists():
        return Stays.IMPORT_IS_OPEN
    return None


def erase_by_order(*, user: User, by: User, proposal_id: int) -> None:
    """Erase `user`, as `by` asked and a second agent agreed to. Raises NotErased."""
    with transaction.atomic():
        why = why_not(user=user, but_proposal=proposal_id)
        if why is not None:
            raise NotErased(why)
        erasing.erase(user_id=user.pk, why=Why.ORDER, by=by)


def erase_due() -> int:
    """Erase the leavers who are past their time; return how many. Daily work.

    Each in a transaction of its own: a run that is killed has erased some, and the next goes on. MOST_A_DAY at most.
    """
    keys = list(_free().order_by("ends_on", "pk").values_list("pk", flat=True)[:MOST_A_DAY])
    return sum(_erase_if_still_due(pk) for pk in keys)


def staying() -> int:
    """Return how many leavers are past their time and stay for a reason; the log has their numbers. Daily work."""
    keys = list(_due().exclude(pk__in=_free().values("pk")).order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        user = User.objects.filter(pk=pk).first()
        why = why_not(user=user) if user else None
        logger.warning("not erased", extra={"user": pk, "reason": why.value if why else "changed_meanwhile"})
    return len(keys)


def _erase_if_still_due(pk: int) -> bool:
    with transaction.atomic():
        # An agent may have extended them meanwhile.
        is_due = erasing.hold(user_id=pk) is not None and _free().filter(pk=pk).exists()
        return is_due and erasing.erase(user_id=pk, why=Why.AGE)


def _due() -> QuerySet[User]:
    """Return those whose last day was so long ago. A number that was lowered within a week counts for nobody yet."""
    today, now = timezone.localdate(), timezone.now()
    longest = settings.SECURITY_EVENTS_KEPT[""]
    due = Q(organisation__leavers_kept_since__isnull=True, ends_on__lt=today - longest)
    settled = Organisation.objects.filter(leavers_kept_since__lte=now - HELD_FOR).order_by()
    for days in settled.values_list("leavers_kept_days", flat=True).distinct():
        age = longest if days is None else datetime.timedelta(days=days)
        due |= Q(
            organisation__leavers_kept_days=days,
            organisation__leavers_kept_since__lte=now - HELD_FOR,
            ends_on__lt=today - age,
        )
    return User.objects.filter(due, ~Exists(_last_day_was_put_lately(now)))


def _last_day_was_put_lately(now: datetime.datetime) -> QuerySet[SecurityEvent]:
    """Return the events of a person by which their last day came to be what it is, of the last SETTLED_AFTER.

    Else one agent, or a file with a wrong year, would erase people for good who are at work.
    """
    changed = Q(event=Event.PERSON_CHANGED, reason="ends_on")
    added = Q(event__in=(Event.PERSON_ADDED, Event.PERSON_IMPORTED))
    lately = SecurityEvent.objects.filter(changed | added, user=OuterRef("pk"), at__gt=now - SETTLED_AFTER)
    return lately.order_by()


def _free() -> QuerySet[User]:
    """Return those of them for whom `why_not` has no reason."""
    role = SecurityEvent.objects.filter(user=OuterRef("pk"), event__in=OF_ROLES).order_by()
    waits = Proposal.objects.filter(user=OuterRef("pk"), state__in=OPEN_PROPOSALS).order_by()
    imports = PeopleUpload.objects.filter(organisation=OuterRef("organisation"), state__in=OPEN_UPLOADS).order_by()
    return _due().filter(~Exists(role), ~Exists(waits), ~Exists(imports), role=NO_ROLE)
