"""What a joiner still lacks, in sentences for themselves: on the page after their smartcard, and in mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.services import joining
from accounts.services.joining import Missing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django_stubs_ext import StrPromise

    from accounts.models import User

# Not the first day: wherever these are read it is said, and whom to ask where it is wrong.
_SAID: Mapping[Missing, StrPromise] = {
    Missing.CARD_ON_RECORD: _(
        "No smartcard is linked to your ESR record yet. Your organisation’s ESR contact does that: email %(contact)s."
    ),
    Missing.SMARTCARD: _(
        "You log in with a smartcard. If you have none yet, or it does not work, ask your organisation’s IT: email "
        "%(it)s."
    ),
    Missing.PASSWORD: _("You have no password yet. You set one yourself, from your first day."),
    Missing.SECOND_STEP: _(
        "You need a second step: a passkey, or a code from your phone. You set it up yourself when you first log in "
        "with your password, so have your phone with you."
    ),
    Missing.INTERNET_ACCESS: _(
        "Your password will work on your organisation’s network only. To log in from home, set up internet access with "
        "your smartcard at your organisation. Without a smartcard, your organisation’s ESR contact gives it to you: "
        "email %(contact)s."
    ),
}


def said_to(user: User, *, but: Collection[Missing] = ()) -> tuple[str, ...]:
    """Return what `user` still lacks, each in a sentence that says who mends it; nothing of what is in `but`."""
    whom = {"contact": user.organisation.support_email, "it": user.organisation.smartcard_contact}
    lacks = (each for each in joining.missing(user=user) if each in _SAID and each not in but)
    return tuple(str(_SAID[each]) % whom for each in lacks)
