"""What Care Identity says has ended there ends here too: the sessions that are stored, and those that are on their way.

It names a person, one of their sessions there, or both (OpenID Connect Back-Channel Logout 1.0, 2.4).
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import proof, session_limits
from accounts.models import CareIdentityLogOut
from accounts.models.security_event import Event
from accounts.models.session import Session
from accounts.services import events


def end(*, uid: str, session: str, at: datetime.datetime) -> int:
    """End the sessions that began with what Care Identity says has ended there; return how many.

    `session` is Care Identity's name of one session, or "" for all that the Care Identity `uid` had; with both, both
    must be right, but a session that Care Identity gave no name may be any of that person's. `at` is when Care Identity
    said so: where what is named is not one session, what the person proved later goes on. A call that names neither
    raises IntegrityError and ends nothing, because sessions that began with a password have neither. Records
    CARE_IDENTITY_LOGGED_OUT for each person.

    A log-in that is half-finished now, and a session that is being saved at this moment, have no row to be found by:
    `have_ended` stops those.
    """
    with transaction.atomic():
        CareIdentityLogOut.objects.create(uid=uid, session=session, at=at)
        found = Session.objects.filter(_named(uid, session)).order_by("pk").select_for_update()
        rows = {row.pk: row.user_id for row in found if _is_it(row, session) or _is_of(row, at)}
        Session.objects.filter(pk__in=rows).delete()
        for user_id in sorted({user_id for user_id in rows.values() if user_id is not None}):
            events.record(event=Event.CARE_IDENTITY_LOGGED_OUT, user_id=user_id)
    return len(rows)


def _named(uid: str, session: str) -> Q:
    this_one = Q(care_identity_session=session) if session else Q()
    if not uid:
        return this_one
    return Q(care_identity_uid=uid) & (this_one | Q(care_identity_session="") if session else Q())


def _is_it(row: Session, session: str) -> bool:
    return bool(session) and row.care_identity_session == session


def _is_of(row: Session, at: datetime.datetime) -> bool:
    """Return whether a session began with what was proved by then: a log-out may come after another log-in."""
    by = proof.of_session(session=row.get_decoded())
    return by is None or by.authenticated_at <= at.timestamp()


def have_ended(*, by: proof.Proof) -> bool:
    """Return whether Care Identity has ended the session there that `by` was given in.

    A log-out of all that a person had there ends what they proved until that second, and not what they prove later. So
    does one of a session, for what was proved in one without a name.
    """
    proved_at = datetime.datetime.fromtimestamp(by.authenticated_at, tz=datetime.UTC)
    if not by.session:
        return CareIdentityLogOut.objects.filter(uid=by.uid, at__gte=proved_at).exists()
    this_one = Q(session=by.session, uid__in=["", by.uid])
    all_of_theirs = Q(session="", uid=by.uid, at__gte=proved_at)
    return CareIdentityLogOut.objects.filter(this_one | all_of_theirs).exists()


def forget_old() -> int:
    """Delete what Care Identity ended so long ago that no session can have begun with it; return how many. Daily."""
    deleted, _ = CareIdentityLogOut.objects.filter(
        at__lt=timezone.now() - 2 * session_limits.CARE_IDENTITY.absolute
    ).delete()
    return deleted
