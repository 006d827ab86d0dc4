"""The browsers in which a person is logged in now: to look at, and to log out from elsewhere.

Source: OWASP ASVS 5.0, 7.5.2: a person sees their sessions and, having proved again who they are, ends any of them.
"""

from __future__ import annotations

import dataclasses
import hmac
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.identifiers import keyed_digest
from accounts.models.security_event import Event
from accounts.models.session import Session, stored_key
from accounts.services import events, sessions
from accounts.trusted_networks import OwnNetworks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from accounts.services.sessions import Began


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """One browser. `name` is what a form calls it by: a keyed digest, from which no key of a session can be found."""

    name: str
    began: Began
    network: str
    is_this_one: bool


def of(*, user: User, session_key: str | None) -> Sequence[SignedIn]:
    """Return the browsers in which `user` is logged in: the one whose cookie holds `session_key`, then as last seen."""
    networks = OwnNetworks(user.organisation)
    this_one = stored_key(session_key or "")
    found = []
    for row in Session.objects.filter(user_id=user.pk, expire_date__gt=timezone.now()):
        began = sessions.began(session=row.get_decoded(), user=user)
        if began is not None:
            is_this_one = row.session_key == this_one
            found.append(SignedIn(_name(user, row), began, networks.in_words(began.address), is_this_one))
    return sorted(found, key=lambda browser: (browser.is_this_one, browser.began.seen_at), reverse=True)


def end(*, user: User, name: str, but: str | None) -> bool:
    """Log out the browser of `user` that a form calls `name`; return whether there was one. Records SESSION_ENDED.

    The browser whose cookie holds `but` stays. Only the person's own rows are looked at, so no name, guessed or copied,
    ends the session of another person.
    """
    kept = stored_key(but or "")
    sent = name.encode("utf-8", "replace")
    with transaction.atomic():
        # Locked: a session that is given a new key at this moment has it before or after.
        for row in Session.objects.filter(user_id=user.pk).order_by("pk").select_for_update():
            if row.session_key != kept and hmac.compare_digest(sent, _name(user, row).encode()):
                row.delete()
                events.record(event=Event.SESSION_ENDED, user_id=user.pk, reason="one")
                return True
    return False


def end_others(*, user: User, but: str | None) -> int:
    """Log `user` out but in the browser whose cookie holds `but`; return of how many. Records SESSION_ENDED."""
    with transaction.atomic():
        ended = sessions.end_all(user=user, but=but)
        if ended:
            events.record(event=Event.SESSION_ENDED, user_id=user.pk, reason="all_others")
    return ended


def _name(user: User, row: Session) -> str:
    """Return what forms call the session of a row by: it stays the same where the session is given a new key."""
    began_with = sessions.log_in_event(session=row.get_decoded())
    return keyed_digest(purpose="signed_in", value=f"{user.pk} {began_with or row.session_key}")
