"""Recovery links: made when their mail is sent, used once.

A link is 256 bits that cannot be computed without the portal's key; the database keeps its SHA-256 (OWASP Forgot
Password; Web Security Testing Guide, "Weak Password Change or Reset Functionalities").
"""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import languages, written_tokens
from accounts.models import RecoveryLink, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import LINK_LASTS
from accounts.models.security_event import Event
from accounts.services import events, language, lockout, log_in, outbox, password_policy, sessions
from accounts.services.recovery.deciding import why_no_link
from accounts.services.second_step import passkeys

if TYPE_CHECKING:
    from django.db.models import QuerySet

# How long the row of a link is kept once it has ended, so that a late resend of its mail does not bring it back.
KEPT_AFTER_ITS_END = datetime.timedelta(days=30)


class LinkUnusable(written_tokens.LinkUnusable):
    """The link is mistyped, used, over an hour old, replaced by a newer one, or its person has changed since."""


def link_in_mail(*, message_id: uuid.UUID, user: User) -> written_tokens.MintedLink:
    """Return the link for `user` in the mail `message_id`, good for LINK_LASTS from now.

    It is the one that an earlier mail has, where that was made no longer than LINK_LASTS ago and still works: otherwise
    a stranger who knows address and date of birth could end each link before its owner opens it, by asking again. A
    mail that is sent again carries what it carried. Raises LinkUnusable, as `mint_link` does.
    """
    with transaction.atomic():
        now = User.objects.select_for_update().get(pk=user.pk)
        made = _made_for(message_id=message_id, user=now)
        link = mint_link(message_id=made, user=user)
        RecoveryLink.objects.filter(user=now, message_id=made, used_at__isnull=True).update(last_message_id=message_id)
    return link


def _made_for(*, message_id: uuid.UUID, user: User) -> uuid.UUID:
    """Return the mail whose link a mail is to carry: an earlier one, or itself."""
    carried = Q(last_message_id=message_id) | Q(created_at__gt=timezone.now() - LINK_LASTS)
    link = user.recovery_links.filter(carried, used_at__isnull=True, message_id__isnull=False).first()
    if link is None or link.message_id is None:
        return message_id
    works = link.email == user.email and constant_time_compare(link.password_digest, log_in.fingerprint(user))
    # Under another SECRET_KEY the same mail has another link.
    is_the_same = written_tokens.digest(_token(message_id=link.message_id, user=user)) == link.token_digest
    return link.message_id if works and is_the_same else message_id


def mint_link(*, message_id: uuid.UUID, user: User) -> written_tokens.MintedLink:
    """Return the link for `user` in the mail `message_id`, good for LINK_LASTS from now.

    It is the same whenever it is made for the same mail and address, so that a resend after a crash repeats it. Every
    other link of the person ends. The link is for the address that `user` was read with, the one that the mail goes to.
    Raises LinkUnusable where it is dead: it was used, the person has changed password since, the record has another
    address by now, or the person can be given no link.
    """
    token, mailed_to = _token(message_id=message_id, user=user), user.email
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        user.recovery_links.filter(used_at__isnull=True).exclude(token_digest=written_tokens.digest(token)).delete()
        link, is_new = user.recovery_links.get_or_create(
            token_digest=written_tokens.digest(token),
            defaults={
                "email": mailed_to,
                "password_digest": log_in.fingerprint(user),
                "message_id": message_id,
                "expires_at": timezone.now() + LINK_LASTS,
            },
        )
        if not is_new and link.used_at is None:
            link.expires_at = timezone.now() + LINK_LASTS
            link.save(update_fields=["expires_at"])
    ends_at = link_for(token=token).expires_at
    # The configured origin, never what a request says its host is.
    address = settings.BASE_URL + reverse("recovery_link", args=[token])
    return written_tokens.MintedLink(address=address, ends_at=ends_at)


def new_link_for_admin(*, user: User) -> str:
    """Return the address of a new link for a person who has just been made an admin. Raises LinkUnusable."""
    return mint_link(message_id=uuid.uuid4(), user=user).address


def link_for(*, token: str) -> RecoveryLink:
    """Return the link that a token opens, its user and organisation with it. Raises LinkUnusable.

    What mail programs and people put around a token, or into it at a line's end, is passed over: full stops, brackets,
    quotation marks, blanks, marks without a width, a second encoding.
    """
    return _usable(RecoveryLink.objects.filter(token_digest=written_tokens.digest(_token_in(token))))


def link_by_id(*, link_id: uuid.UUID) -> RecoveryLink:
    """Return the link with this id, as `link_for` does: what a session remembers. Raises LinkUnusable."""
    return _usable(RecoveryLink.objects.filter(pk=link_id))


def use(*, link_id: uuid.UUID, password: str, stop_passkeys: bool = False) -> User:
    """Set the password of a link's person, and use the link up; of many at once, one wins.

    Unlocks, ends every session of the person, clears "must change password", and tells them by mail. Starts no session.
    A second step stays what it is; `stop_passkeys` is whether the person says that a device may have been stolen.
    Raises LinkUnusable, and password_policy.PasswordRefused with every rule the password breaks.
    """
    link = link_by_id(link_id=link_id)
    # The slow part, before anything is locked.
    hashed = password_policy.hash_allowed(user=link.user, password=password)
    with transaction.atomic():
        # The person first and the link second, as in mint_link: two that wait for each other would wait for ever.
        user = User.objects.select_for_update().get(pk=link.user_id)
        now = timezone.now()
        unused = RecoveryLink.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=now)
        if not unused.update(used_at=now):
            raise LinkUnusable("used")
        _refuse_changed(link, user)
        password_policy.store(user=user, hashed=hashed)
        events.record(event=Event.RECOVERY_LINK_USED, user_id=user.pk)
        event = events.record(event=Event.PASSWORD_CHANGED, user_id=user.pk, reason="recovery")
        lockout.unlock(user=user, by=None)
        sessions.end_all(user=user)
        if stop_passkeys:
            passkeys.stop_all(user=user)
        # That of the page with the new password, in which the mail about it comes.
        language.note(user=user, language=languages.current())
        outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk], "event": event.pk})
    return user


def delete_expired_links() -> int:
    """Delete links that ended long ago; return how many. Daily work."""
    deleted, _ = RecoveryLink.objects.filter(expires_at__lt=timezone.now() - KEPT_AFTER_ITS_END).delete()
    return deleted


def _usable(links: QuerySet[RecoveryLink]) -> RecoveryLink:
    """Return the one link in `links` if it can be used now. Raises LinkUnusable."""
    link = links.select_related("user__organisation").first()
    if link is None:
        raise LinkUnusable("unknown")
    if link.used_at is not None:
        raise LinkUnusable("used")
    if link.expires_at <= timezone.now():
        raise LinkUnusable("expired")
    _refuse_changed(link, link.user)
    return link


def _refuse_changed(link: RecoveryLink, user: User) -> None:
    """Raise LinkUnusable where `user` is not as they were when the link was mailed."""
    if link.email != user.email:
        raise LinkUnusable("email_changed")
    if not constant_time_compare(link.password_digest, log_in.fingerprint(user)):
        raise LinkUnusable("password_changed")
    if why_no_link(user=user):
        raise LinkUnusable("no_link")


def _token(*, message_id: uuid.UUID, user: User) -> str:
    # With the address in it, a mail held up by a wrong address carries a fresh link once it goes to the right one.
    about = f"{message_id} {user.pk} {user.email}"
    return written_tokens.derive(purpose="recovery", about=about)


def _token_in(written: str) -> str:
    """Return the token in what stands in an address where it should be. Raises LinkUnusable where it is not whole."""
    token = written_tokens.read(written, length=written_tokens.LENGTH)
    if token is None:
        raise LinkUnusable("unknown")
    return token
