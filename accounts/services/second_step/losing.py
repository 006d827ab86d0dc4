"""Ways that are lost: they go, all of them but the new one, and so does what they had opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, RecoveryCodes, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox, sessions
from accounts.services.second_step import bootstrap_codes, remembered_browsers, wrong_codes
from accounts.services.second_step.wrong_codes import Code

if TYPE_CHECKING:
    from django_otp.models import Device


def remove(*, user: User, by: User | None) -> bool:
    """Take away the second step of `user`, who has lost the phone and has proved who they are; end their sessions.

    `by` is the person who takes it away, or None at the command line. The next log-in sets up another. Returns
    whether there was one; SECOND_STEP_REMOVED is recorded only then.
    """
    return _take_away(user=user, but=None, by=by, reason="")


def replace_all(*, user: User, but: str) -> bool:
    """Take away every way of `user` but the new one, which the session knows by `but`; end their sessions.

    For a person who has shown a code of the helpdesk, once the new way is confirmed. Returns whether there was another;
    SECOND_STEP_REMOVED is recorded only then.
    """
    removed = _take_away(user=user, but=but, by=None, reason="lost")
    for code in Code:
        wrong_codes.begin_with_new(user=user, code=code)
    return removed


def _take_away(*, user: User, but: str | None, by: User | None, reason: str) -> bool:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        removed = 0
        for kind in (Authenticator, Passkey, RecoveryCodes):
            removed += _delete(kind, user, but)
        bootstrap_codes.delete(user=user)
        remembered_browsers.forget_all(user=user, reason="second_step_removed")
        if removed:
            sessions.end_all(user=user)
            event = events.record(event=Event.SECOND_STEP_REMOVED, user_id=user.pk, by=by, reason=reason)
            about = {"users": [user.pk], "event": event.pk, "what": "all"}
            outbox.add(kind=Kind.SECOND_STEP_REMOVED, about=about)
    return removed > 0


def _delete(kind: type[Device], user: User, but: str | None) -> int:
    gone = [device.pk for device in kind.objects.filter(user=user) if device.persistent_id != but]
    kind.objects.filter(pk__in=gone).delete()
    return len(gone)
