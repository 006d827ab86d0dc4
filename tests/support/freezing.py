"""Accounts whose person said that something was not them, and the links by which they say it."""

from __future__ import annotations

from urllib.parse import urlsplit

from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import freezing, outbox, recovery
from tests.support.factories import NEW_PASSWORD
from tests.support.links import link_token
from tests.support.mails import token_in


def mail_about(user: User, kind: Kind = Kind.PASSWORD_CHANGED) -> OutboxMessage:
    """Return a mail to `user` that tells of a change."""
    return outbox.add(kind=kind, about={"users": [user.pk]})


def not_me_path(user: User, *, mail: OutboxMessage | None = None) -> str:
    """Return the address of the link in a mail to `user`, without the portal's own."""
    user.refresh_from_db()
    address = freezing.link_in_mail(message_id=(mail or mail_about(user)).pk, user=user)
    return urlsplit(address).path


def not_me_token(user: User, *, mail: OutboxMessage | None = None) -> str:
    """Return the token in a link of a mail to `user`."""
    return token_in(not_me_path(user, mail=mail))


def recover(user: User, password: str = NEW_PASSWORD, *, stop_passkeys: bool = False) -> None:
    """Set a new password by a recovery link, with or without the tick that says that a device was stolen."""
    link = recovery.link_for(token=link_token(User.objects.get(pk=user.pk)))
    recovery.use(link_id=link.pk, password=password, stop_passkeys=stop_passkeys)
    user.refresh_from_db()
