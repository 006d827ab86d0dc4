"""How long a person stays logged in, and ending their sessions everywhere.

Source: OWASP Session Management (idle and absolute limits); WCAG 2.2.1 (people are warned and can stay).
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import proof, session_limits, user_agents
from accounts.log_in_under_way import CameFrom
from accounts.models.session import Session, stored_key
from accounts.services import care_identity_log_outs, events

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from accounts.models import User
    from accounts.session_limits import Limits

# How long before the end the person is asked whether they are still there. WCAG 2.2.1 wants 20 seconds at least.
WARNING = datetime.timedelta(minutes=2)
# A request sooner than this after the last one noted writes nothing.
NOTED_EVERY = datetime.timedelta(seconds=30)
# So long after the end of a session it is likelier that the same person comes back than that another one sits there.
LATELY = datetime.timedelta(minutes=30)
# For so long after a proof what protects the account can be changed without another one.
PROOF_LASTS = datetime.timedelta(minutes=5)
# Seconds: the clock of a browser's refresh may be a little fast.
_TO_BE_SURE = 5
# What the person reads after their session has ended by itself.
ENDED = _("You were logged out to keep your account safe, because ESR was not used for a while. Log in to go on.")
ENDED_AT_LAST = _(
    "You were logged out to keep your account safe, because you had been logged in for as long as is allowed. "
    "Log in to go on."
)

_STARTED_AT = "started_at"
_SEEN_AT = "seen_at"
_LOG_IN = "log_in_event"
_SHARED = "shared_computer"
_PROVED_AT = "proved_at"
_SECOND_STEP_SHOWN = "second_step_shown"
_DEVICE = "device"
_ADDRESS = "address"


@dataclasses.dataclass(frozen=True, slots=True)
class Began:
    """When and where a session began: the device in words, and the network address, "" where they are not known."""

    at: datetime.datetime
    seen_at: datetime.datetime
    device: str
    address: str


def limits(*, user: User, session: Mapping[str, Any]) -> Limits:
    """Return the limits of a session of `user`.

    They are shorter for those who may use the admin, however they came, and at a shared computer.
    """
    if user.is_staff:
        most = session_limits.ADMINS
    else:
        most = session_limits.CARE_IDENTITY if proof.of_session(session=session) else session_limits.PEOPLE
    return most.idle_at_most(session_limits.SHARED_IDLE) if is_at_shared_computer(session=session) else most


def begin(
    *,
    session: MutableMapping[str, Any],
    log_in_event: int,
    by: proof.Proof | None = None,
    shared: bool = False,
    came_from: CameFrom | None = None,
    second_step_shown: str = "",
) -> None:
    """Start the clocks of a session that has just been logged in; note from where, and the event that says so.

    `by` is what Care Identity proved, where it was the way in. `shared` is whether other people use the computer.
    `came_from` is the session that the person has switched from without proving anything anew: its clocks go on.
    `second_step_shown` is by what the log-in showed more than a password, or "": see `note_second_step`.
    """
    now = timezone.now().timestamp()
    if by is not None:
        session[proof.KEY] = by.as_dict()
    session[_SEEN_AT] = now
    session[_STARTED_AT] = came_from.started_at if came_from else now
    session[_PROVED_AT] = came_from.proved_at if came_from else now
    session[_LOG_IN] = log_in_event
    where = events.origin()
    session[_ADDRESS], session[_DEVICE] = where.address, user_agents.describe(user_agent=where.user_agent)
    if shared:
        session[_SHARED] = True
    if second_step_shown:
        note_second_step(session=session, by=second_step_shown)


def left_for_another_account(*, session: Mapping[str, Any], user: User) -> CameFrom:
    """Return what the session of another account of the same person is to know of this one, which is `user`'s."""
    # The card opens the other account, and it proved what it did when the session began. What was proved since is of
    # this account alone, by its password or its passkey.
    proved_at = min(session.get(_PROVED_AT, 0.0), session[_STARTED_AT])
    return CameFrom(user.pk, session[_STARTED_AT], proved_at)


def note_proof(*, session: MutableMapping[str, Any]) -> None:
    """Note that the person has just proved again who they are: by passkey, password or Care Identity."""
    session[_PROVED_AT] = timezone.now().timestamp()


def note_second_step(*, session: MutableMapping[str, Any], by: str) -> None:
    """Note by what the person has shown a second step in this session: its persistent id, or proof.AS_SECOND_STEP."""
    session[_SECOND_STEP_SHOWN] = by


def second_step_shown(*, session: Mapping[str, Any]) -> str:
    """Return by what the person has shown a second step in this session, or ""."""
    return str(session.get(_SECOND_STEP_SHOWN, ""))


def is_proved_lately(*, session: Mapping[str, Any]) -> bool:
    """Return whether the person proved who they are no longer than PROOF_LASTS ago."""
    proved = session.get(_PROVED_AT)
    return isinstance(proved, float) and 0 <= timezone.now().timestamp() - proved <= PROOF_LASTS.total_seconds()


def is_at_shared_computer(*, session: Mapping[str, Any]) -> bool:
    """Return whether the person said, when they logged in, that other people use the computer too."""
    return session.get(_SHARED) is True


def log_in_event(*, session: MutableMapping[str, Any]) -> int | None:
    """Return the id of the LOGGED_IN event this session began with."""
    value = session.get(_LOG_IN)
    return value if isinstance(value, int) else None


def began(*, session: Mapping[str, Any], user: User) -> Began | None:
    """Return when and where a session of `user` began, or None where a limit is past or it has no clocks."""
    if _is_past_its_limits(session=session, user=user):
        return None
    at, seen_at = (datetime.datetime.fromtimestamp(session[key], tz=datetime.UTC) for key in (_STARTED_AT, _SEEN_AT))
    # A session of the version before does not say from where.
    return Began(at=at, seen_at=seen_at, device=session.get(_DEVICE, ""), address=session.get(_ADDRESS, ""))


def is_over(*, session: MutableMapping[str, Any], user: User) -> bool:
    """Return whether a limit is past, or Care Identity ended it. A session without its clocks is over."""
    if _is_past_its_limits(session=session, user=user):
        return True
    by = proof.of_session(session=session)
    return by is not None and care_identity_log_outs.have_ended(by=by)


def ended_lately(*, session: Mapping[str, Any], user: User) -> bool:
    """Return whether a session that its limits have ended, or that ends now, did so no longer than LATELY ago."""
    ends = _ends(session=session, user=user)
    return ends is not None and timezone.now().timestamp() - ends <= LATELY.total_seconds()


def _is_past_its_limits(*, session: Mapping[str, Any], user: User) -> bool:
    ends, idle = _ends(session=session, user=user), limits(user=user, session=session).idle.total_seconds()
    # A clock was ahead by a whole idle time where it ends later: how long it was left alone cannot be told.
    return ends is None or not 0 <= ends - timezone.now().timestamp() <= 2 * idle


def _ends(*, session: Mapping[str, Any], user: User) -> float | None:
    """Return when the limits end a session, in seconds since 1970, or None where it has no clocks."""
    latest, seen = _latest_end(session=session, user=user), session.get(_SEEN_AT)
    if latest is None or not isinstance(seen, float):
        return None
    return min(latest, seen + limits(user=user, session=session).idle.total_seconds())


def _latest_end(*, session: Mapping[str, Any], user: User) -> float | None:
    """Return when the absolute limit ends a session, in seconds since 1970, or None where it has no clocks."""
    started = session.get(_STARTED_AT)
    if not isinstance(started, float):
        return None
    return started + limits(user=user, session=session).absolute.total_seconds()


def ends_at_the_latest(*, session: Mapping[str, Any], user: User) -> datetime.datetime:
    """Return when a session ends however busy it is. One without its clocks has ended."""
    return datetime.datetime.fromtimestamp(_latest_end(session=session, user=user) or 0, tz=datetime.UTC)


def why_over(*, session: Mapping[str, Any], user: User) -> str:
    """Return the sentence that says why a session that is over has ended by itself."""
    ends = _ends(session=session, user=user)
    return str(ENDED_AT_LAST if ends and ends == _latest_end(session=session, user=user) else ENDED)


def note_seen(*, session: MutableMapping[str, Any], at_once: bool = False) -> None:
    """Note that the person is there. Writes at most every NOTED_EVERY, or always with `at_once`."""
    now = timezone.now().timestamp()
    if at_once or now - session.get(_SEEN_AT, 0) >= NOTED_EVERY.total_seconds():
        session[_SEEN_AT] = now


def used_seconds_ago(*, user: User, session: Mapping[str, Any]) -> int | None:
    """Return how long ago the person was there, or None where it is so long that a tab left alone finds its time up.

    The tab counts from when its page came, which was noted before. So what is later was in another tab.
    """
    ago = math.ceil(timezone.now().timestamp() - session.get(_SEEN_AT, 0))
    return ago if ago < (limits(user=user, session=session).idle - NOTED_EVERY).total_seconds() else None


def seconds_until_warning(*, user: User, session: Mapping[str, Any]) -> int:
    """Return how long after a page was loaded the warning appears; the session may end WARNING later, never sooner."""
    return int((limits(user=user, session=session).idle - NOTED_EVERY - WARNING).total_seconds())


def seconds_until_over(*, user: User, session: Mapping[str, Any]) -> int:
    """Return how long after a page was loaded its session is surely over, where no other page is."""
    return _seconds_until(_ends(session=session, user=user) or 0)


def seconds_until_over_at_the_latest(*, user: User, session: Mapping[str, Any]) -> int:
    """Return how long after a page was loaded its session is surely over, however busy it is."""
    return _seconds_until(_latest_end(session=session, user=user) or 0)


def _seconds_until(ends: float) -> int:
    return max(math.ceil(ends - timezone.now().timestamp()), 0) + _TO_BE_SURE


def end_all(*, user: User, but: str | None = None) -> int:
    """End every session of `user` except the one whose cookie holds `but`; return how many ended."""
    sessions = Session.objects.filter(user_id=user.pk)
    if but:
        sessions = sessions.exclude(session_key=stored_key(but))
    ended, _ = sessions.delete()
    return ended


def end_begun_with_password(*, user: User, but: str | None = None) -> int:
    """End every session of `user` that did not begin with Care Identity, except `but`; return how many ended."""
    begun_with_password = Session.objects.filter(user_id=user.pk, care_identity_uid="")
    ended, _ = begun_with_password.exclude(session_key=stored_key(but or "")).delete()
    return ended


def delete_expired() -> int:
    """Delete sessions past their absolute limit; return how many. Daily work."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted
