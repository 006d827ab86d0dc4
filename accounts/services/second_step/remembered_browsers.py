"""Browsers in which a person is not asked for a second step for 30 days, because they ticked so.

A cookie in the browser shows the name of its series and a counter that grows at each use. A cookie with an older
counter is a copy: the series ends, and the person is told. Any other password, and any change to what the person can
show as a second step, ends it too. docs/decisions/0040-a-remembered-browser-counts.md says why, and what that costs.
"""

from __future__ import annotations

import dataclasses
import datetime
import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import trusted_networks, user_agents
from accounts.identifiers import keyed_digest
from accounts.models import Authenticator, RecoveryCodes, RememberedBrowser
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox
from accounts.services.second_step.ways import passkeys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

# Counted from the tick, however often the browser is used.
LASTS = datetime.timedelta(days=30)
# A laptop, a tablet and a phone, each with two browsers, and room. The oldest give way.
MOST = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What the cookie of a remembered browser shows: the name of its series, and how often it was used."""

    series: str
    counter: int


@dataclasses.dataclass(frozen=True, slots=True)
class Remembered:
    """A browser that is remembered: its primary key, what its cookie is to show from now on, and for how long.

    `ways` is a digest of what its person could show as a second step then.
    """

    pk: int
    shown: Shown
    lasts: datetime.timedelta
    ways: str


def may_remember(*, user: User, shared: bool) -> bool:
    """Return whether the browser that is asking now may be remembered for `user`.

    `shared` is whether the person said that other people use the computer too. Never there, nor in a network whose
    computers are shared, nor for a person who may use the admin or whose password is frozen.
    """
    return not _why_never(user=user, shared=shared) and are_asked_for()


def remember(*, user: User, in_place_of: str = "") -> Remembered | None:
    """Remember the browser that is asking now for `user`, who has just passed a second step in it.

    `in_place_of` is the series that this browser showed, or "": it ends. So do those that count no more, and the oldest
    beyond MOST. Returns None, and remembers nothing, where `may_remember` says so of a computer that is not shared.
    Records BROWSER_REMEMBERED.
    """
    if not may_remember(user=user, shared=False):
        return None
    shown = Shown(series=secrets.token_urlsafe(16), counter=0)
    with transaction.atomic():
        ways = _ways(user)
        new = RememberedBrowser.objects.create(
            user=user, series=_digest(shown.series), password_digest=_fingerprint(user, ways), device=_device()
        )
        theirs = RememberedBrowser.objects.filter(user=user)
        standing = theirs.filter(password_digest=new.password_digest, made_at__gt=timezone.now() - LASTS)
        newest = standing.exclude(series=_digest(in_place_of)).order_by("-used_at", "-pk")[:MOST]
        theirs.exclude(pk__in=newest.values("pk")).delete()
        events.record(event=Event.BROWSER_REMEMBERED, user_id=user.pk)
    return Remembered(pk=new.pk, shown=shown, lasts=LASTS, ways=_ways_digest(ways))


def are_asked_for() -> bool:
    """Return whether the cookie of a remembered browser is looked at where the caller is now.

    It is not in a network whose computers are shared: people are asked for the second step there, and a laptop that
    visits it is remembered at home again.
    """
    return not trusted_networks.SHARED.hold(events.origin().address)


def use(*, user: User, shown: Shown, shared: bool) -> Remembered | None:
    """Return the remembered browser of `user` whose cookie is `shown`, counted one further, or None where it is none.

    Of one cookie that is shown many times at once, one passes. An older counter is a copy: its series ends, the person
    is told by mail, and BROWSER_COPIED is recorded. What counts no more ends with BROWSER_FORGOTTEN. Where
    `are_asked_for` says no, nothing is looked at and nothing ends.
    """
    row = RememberedBrowser.objects.filter(user=user, series=_digest(shown.series)).first()
    if row is None or not are_asked_for():
        return None
    ways = _ways(user)
    ended = _why_ended(row, user=user, shared=shared, ways=ways)
    if ended:
        _end(row, event=Event.BROWSER_FORGOTTEN, reason=ended)
        return None
    now = timezone.now()
    same = RememberedBrowser.objects.filter(pk=row.pk, counter=shown.counter)
    if not same.update(counter=shown.counter + 1, used_at=now):
        _end(row, event=Event.BROWSER_COPIED)
        return None
    return Remembered(
        pk=row.pk,
        shown=Shown(shown.series, shown.counter + 1),
        lasts=row.made_at + LASTS - now,
        ways=_ways_digest(ways),
    )


def still_stands(*, user: User, pk: int, ways: str) -> bool:
    """Return whether the browser for which a log-in of `user` was not asked for a second step is remembered still.

    `ways` is the digest of its Remembered: the row of a browser whose person has changed their second step stays until
    it is used. A new password that the person was told to set in this very log-in does not hold it up.
    """
    if _why_never(user=user, shared=False) or not RememberedBrowser.objects.filter(user=user, pk=pk).exists():
        return False
    return constant_time_compare(_ways_digest(_ways(user)), ways)


def hold(*, user: User, pk: int, ways: str) -> bool:
    """Return what `still_stands` does, and lock the row in the caller's transaction: what ends it now is waited for."""
    RememberedBrowser.objects.select_for_update().filter(pk=pk).first()
    return still_stands(user=user, pk=pk, ways=ways)


def of(*, user: User) -> Sequence[RememberedBrowser]:
    """Return the browsers in which `user` is not asked for a second step, the one that was used last at the top."""
    if _why_never(user=user, shared=False):
        return []
    rows = RememberedBrowser.objects.filter(user=user, made_at__gt=timezone.now() - LASTS)
    return list(rows.filter(password_digest=_fingerprint(user, _ways(user))).order_by("-used_at", "-pk"))


def forget(*, user: User, pk: int) -> bool:
    """Forget one browser of `user`; return whether it was theirs. Records BROWSER_FORGOTTEN."""
    row = RememberedBrowser.objects.filter(user=user, pk=pk).first()
    return row is not None and _end(row, event=Event.BROWSER_FORGOTTEN)


def forget_series(*, user: User, series: str, reason: str) -> bool:
    """Forget the browser of `user` that shows `series`; return whether it was theirs. Records BROWSER_FORGOTTEN.

    `reason` is a short code.
    """
    row = RememberedBrowser.objects.filter(user=user, series=_digest(series)).first()
    return row is not None and _end(row, event=Event.BROWSER_FORGOTTEN, reason=reason)


def forget_all(*, user: User, reason: str) -> int:
    """Forget every browser of `user`; return how many. Records BROWSER_FORGOTTEN once, with `reason`, a short code."""
    with transaction.atomic():
        forgotten, _ = RememberedBrowser.objects.filter(user=user).delete()
        if forgotten:
            events.record(event=Event.BROWSER_FORGOTTEN, user_id=user.pk, reason=reason)
    return forgotten


def delete_old() -> int:
    """Delete the browsers that were remembered LASTS ago; return how many. Daily work."""
    deleted, _ = RememberedBrowser.objects.filter(made_at__lte=timezone.now() - LASTS).delete()
    return deleted


def _why_never(*, user: User, shared: bool) -> str:
    """Return why no browser is remembered for `user`, or for this tick, as a short code, or ""."""
    if shared:
        return "shared_computer"
    if user.is_staff:
        return "may_use_admin"
    return "password_frozen" if user.password_frozen_at is not None else ""


def _why_ended(row: RememberedBrowser, *, user: User, shared: bool, ways: str) -> str:
    """Return why `row` does not count any more in the browser that is asking now, as a short code, or ""."""
    if row.made_at <= timezone.now() - LASTS:
        return "thirty_days_over"
    if not constant_time_compare(row.password_digest, _fingerprint(user, ways)):
        return "password_or_second_step_changed"
    # A cookie does not walk from one kind of browser to another by itself.
    return _why_never(user=user, shared=shared) or ("" if row.device == _device() else "another_kind_of_browser")


def _end(row: RememberedBrowser, *, event: Event, reason: str = "") -> bool:
    """Delete `row` and record why; return False where it has ended meanwhile. A copy is told by mail."""
    with transaction.atomic():
        deleted, _ = RememberedBrowser.objects.filter(pk=row.pk).delete()
        if not deleted:
            return False
        recorded = events.record(event=event, user_id=row.user_id, reason=reason)
        if event is Event.BROWSER_COPIED:
            outbox.add(kind=Kind.BROWSER_COPIED, about={"users": [row.user_id], "event": recorded.pk})
    return True


def _device() -> str:
    return user_agents.describe(user_agent=events.origin().user_agent)


def _digest(series: str) -> str:
    return keyed_digest(purpose="remembered_browser.series", value=series)


def _fingerprint(user: User, ways: str) -> str:
    """Return what changes when the password of `user` does, or `ways`, what they can show as a second step."""
    return keyed_digest(purpose="remembered_browser.proofs", value=f"{user.password} {ways}")


def _ways_digest(ways: str) -> str:
    return keyed_digest(purpose="remembered_browser.ways", value=ways)


def _ways(user: User) -> str:
    """Return what `user` can show as a second step, as text that changes with any of it."""
    passkeys = passkeys_of(user).order_by("pk").values_list("pk", flat=True)
    apps = Authenticator.objects.confirmed(user.pk).order_by("pk").values_list("pk", flat=True)
    codes = RecoveryCodes.objects.filter(user=user, confirmed=True).values_list("made_at", flat=True).first()
    return f"{list(passkeys)} {list(apps)} {codes.isoformat() if codes else ''}"
