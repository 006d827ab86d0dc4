"""Linking a Care Identity to a login: the import and the helpdesk do it, and the person at log-in never does.

To link a Care Identity is to give a way in. So it takes the same rights, records the same events and sends the same
mails as a change of the email address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.identifiers import normalise_care_identity
from accounts.models import CareIdentity, Session, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox
from people.services import person_facts, rights, usernames

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accounts.models import Organisation

# The reason of CARE_IDENTITY_UNLINKED where another one took its place.
REPLACED = "replaced"


class Unusable(Exception):
    """What was typed is not a Care Identity number; a sentence says so."""


class LinkedToAnotherPerson(Exception):
    """Another person at the same organisation, `user`, has this Care Identity."""

    def __init__(self, user: User) -> None:
        super().__init__(
            _("%(username)s at this organisation has this Care Identity. Take it away there first.")
            % {"username": user.username}
        )
        self.user = user


def taken(*, wanted: Mapping[tuple[int, str], int | None]) -> dict[tuple[int, str], User]:
    """Return which Care Identities other people have at the organisations where they are to be linked.

    `wanted` has, by the organisation's key and the uid, the key of the person to link it to (None: not on record yet);
    the answer has the other person by the same two. An organisation knows a person once, so a second login there with
    the same Care Identity is another person's by mistake. At another employer it is fine.
    """
    uids = {uid for _, uid in wanted}
    columns = ("uid", "user__username", "user__organisation_id")
    found = {}
    for row in CareIdentity.objects.filter(uid__in=uids).select_related("user").only(*columns):
        key = (row.user.organisation_id, row.uid)
        if key in wanted and row.user_id != wanted[key]:
            found[key] = row.user
    return found


def other_person_with(*, uid: str, organisation: Organisation, but: int | None) -> User | None:
    """Return the person at `organisation`, other than the one with the key `but`, who has the Care Identity `uid`.

    In a transaction, the answer stays true to its end: no other login is linked there meanwhile.
    """
    usernames.lock(organisations=[organisation.pk])
    key = (organisation.pk, uid)
    return taken(wanted={key: but}).get(key)


def link(*, user: User, uid: str, by: User | None) -> None:
    """Let the Care Identity `uid`, as people type it, open the login of `user`, in the place of any other.

    Ends the sessions that came by another, tells the person by mail, and records CARE_IDENTITY_LINKED (and
    CARE_IDENTITY_UNLINKED for the other). Does nothing where it is linked already. `by` is None at the command line.
    Raises NotAllowed, Unusable, and LinkedToAnotherPerson where `taken` says so.
    """
    uid = normalise_care_identity(uid)
    problem = person_facts.care_identity_problem(uid=uid)
    if problem:
        raise Unusable(problem)
    with transaction.atomic():
        # The organisation's lock before the person's, as everywhere.
        other = other_person_with(uid=uid, organisation=user.organisation, but=user.pk)
        former = _locked(user=user, by=by)
        if other is not None:
            raise LinkedToAnotherPerson(other)
        if former is None or former.uid != uid:
            link_many(uids={user.pk: uid}, linked_before={user.pk} if former else (), by=by)
    _read_anew(user)


def unlink(*, user: User, by: User | None) -> None:
    """Let no Care Identity open the login of `user` any more.

    Ends the sessions that came by it, tells the person by mail and records CARE_IDENTITY_UNLINKED. Does nothing where
    none is linked. `by` is None at the command line. Raises NotAllowed.
    """
    with transaction.atomic():
        usernames.lock(organisations=[user.organisation_id])
        former = _locked(user=user, by=by)
        if former is not None:
            former.delete()
            _end_sessions(among=[user.pk])
            event = events.record(event=Event.CARE_IDENTITY_UNLINKED, user_id=user.pk, by=by)
            about = {"users": [user.pk], "linked": False, "event": event.pk}
            outbox.add(kind=Kind.CARE_IDENTITY_CHANGED, about=about)
    _read_anew(user)


def link_many(
    *, uids: Mapping[int, str], linked_before: Collection[int] = (), tell: bool = True, by: User | None
) -> None:
    """Do for many people what `link` does: `uids` has their Care Identities by user id.

    Call it in a transaction that holds the lock of their organisations, with numbers that may be linked there.
    `linked_before` are the people who had another one. With `tell` off no mail is sent: the people themselves are new.
    """
    now = timezone.now()
    CareIdentity.objects.bulk_create(
        [CareIdentity(user_id=user_id, uid=uid, linked_at=now) for user_id, uid in uids.items()],
        batch_size=300,
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["uid", "linked_at"],
    )
    if linked_before:
        _end_sessions(among=linked_before)
    events.record_many(
        event=Event.CARE_IDENTITY_UNLINKED, about=[(user_id, REPLACED) for user_id in linked_before], by=by
    )
    recorded = events.record_many(event=Event.CARE_IDENTITY_LINKED, about=[(user_id, "") for user_id in uids], by=by)
    if tell:
        outbox.add_many(
            kind=Kind.CARE_IDENTITY_CHANGED,
            about=({"users": [user_id], "linked": True, "event": recorded[user_id, ""]} for user_id in uids),
        )


def _locked(*, user: User, by: User | None) -> CareIdentity | None:
    """Return what is linked to `user` by now, under a lock on their record. Raises NotAllowed."""
    now = User.objects.select_for_update().get(pk=user.pk)
    if by is not None and not rights.may_change(by=by, person=now):
        raise rights.NotAllowed
    return CareIdentity.objects.filter(user=now).first()


def _end_sessions(*, among: Collection[int]) -> None:
    """End the sessions of these people (user ids) that came by a Care Identity that is not theirs now."""
    theirs = CareIdentity.objects.filter(user_id=OuterRef("user_id"), uid=OuterRef("care_identity_uid"))
    came_so = Session.objects.exclude(care_identity_uid="").exclude(Exists(theirs))
    # A few people are named by key. For many, all sessions are looked at: none that began with a Care Identity which is
    # not the person's now may go on.
    if len(among) <= 100:
        came_so = came_so.filter(user_id__in=among)
    came_so.delete()


def _read_anew(user: User) -> None:
    """Have `user`, who may have been asked for their Care Identity before, read it again when next asked."""
    field = CareIdentity._meta.get_field("user").remote_field
    if field.is_cached(user):
        field.delete_cached_value(user)
