"""What an agent is told of a person whom they have unlocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from accounts.models import User


def said_of(person: User) -> str:
    """Return whether a person whose wrong passwords were forgotten can log in now, or what they need besides."""
    if person.why_not_in_force() is not None or not person.has_usable_password():
        sentence = _("%(person)s is unlocked, but cannot log in with a password: their page says why.")
    elif person.password_is_frozen():
        sentence = _("%(person)s is unlocked. Their password is frozen: send the recovery email.")
    elif person.is_dormant():
        sentence = _("%(person)s is unlocked. Their password is dormant: send the recovery email.")
    else:
        sentence = _("%(person)s is unlocked and can log in now.")
    return sentence % {"person": person}
