"""“This was not me”: one press that stops what another person may be doing with an account.

It ends every session and half-finished log-in, forgets the browsers that are not asked for a second step, and freezes
the password: a right one is answered like a wrong one until a new one has been set by recovery, or with a smartcard,
and the second step was shown (docs/decisions/0041-this-was-not-me.md has the states as a table). It takes no second
step away: a mailbox thief who presses keeps no person out who has one.

It is pressed in My ESR, or by a link in a mail that tells of a change. The link's token is derived, as that of a
recovery link is, and no row is kept for it: it works for LASTS, while nothing was frozen since, and no password was set
by recovery or with a smartcard. A new password that was set by the current one ends no link: a thief can set it.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import hashlib
import math
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import languages, written_tokens
from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, given_addresses, language, outbox, sessions
from accounts.services.second_step import bootstrap_codes, remembered_browsers

# How long after what a mail tells of its link works: a week's leave.
LASTS = datetime.timedelta(days=7)
# A mailbox thief who also recovers the account could go on and on.
BY_MAIL_A_DAY = 3
# Where an agent alone changed the address within LASTS: time for its owner to be found, and for two agents to agree.
LINKS_HELD_FOR = datetime.timedelta(days=30)
DAY = datetime.timedelta(days=1)

# Reasons of PASSWORD_CHANGED that end the links of older mails: more was shown than the password of before. Not
# `changed`, nor `must_change` at a log-in: a thief who knows the password does both.
_SET_BY_MORE_THAN_THE_PASSWORD = ("recovery", "care_identity", "internet_access")

# Bytes of a token: the mail's id, the person's key, when the mail was asked for, and a code that proves them. They are
# 45, which base 64 writes without padding; 128 bits is what the Web Security Testing Guide asks for.
_MESSAGE, _PERSON, _TIME, _CODE = 16, 6, 6, 17
_TOKEN_LENGTH = (_MESSAGE + _PERSON + _TIME + _CODE) * 4 // 3


class Reason(enum.StrEnum):
    """Where it was pressed."""

    MY_ESR = "my_esr"
    MAIL = "mail"
    # A caller said so, and an agent of the helpdesk pressed.
    HELPDESK = "helpdesk"


class LinkUnusable(written_tokens.LinkUnusable):
    """The link is mistyped, older than LASTS, or than a freeze or a password set by recovery or with a smartcard."""


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """What a link says, without what proves it: a session remembers it so. `made_at` is in milliseconds since 1970."""

    message_id: str
    user_id: int
    made_at: int
    token_digest: str

    @property
    def key(self) -> str:
        """What tells this link from every other, for the forms that are about it."""
        return f"{self.message_id} {self.user_id} {self.made_at}"


def link_in_mail(*, message_id: uuid.UUID, user: User) -> str:
    """Return the address by which `user` says in the mail `message_id` that it was not them, or "" where it has none.

    It has none where it would not work: for a person who is not in force or whose password is frozen already, and in a
    mail that was held up for longer than LASTS. A mail that is sent again carries what it carried.
    """
    asked_at = OutboxMessage.objects.filter(pk=message_id).values_list("created_at", flat=True).first()
    if asked_at is None or asked_at + LASTS <= timezone.now() or not user.may_enter() or user.password_is_frozen():
        return ""
    # Rounded up: a mail that tells of a new password was asked for right after it.
    token = _token(message_id=message_id, user=user, made_at=math.ceil(asked_at.timestamp() * 1000))
    # The configured origin, never what a request says its host is.
    return settings.BASE_URL + reverse("this_was_not_me_link", args=[token])


def read(*, token: str) -> Link:
    """Return what a link says, whatever stands around its token. Does nothing. Raises LinkUnusable."""
    written = written_tokens.read(token, length=_TOKEN_LENGTH)
    if written is None:
        raise LinkUnusable("unknown")
    said = base64.urlsafe_b64decode(written)
    message_id, said = uuid.UUID(bytes=said[:_MESSAGE]), said[_MESSAGE:]
    link = Link(
        message_id=str(message_id),
        user_id=int.from_bytes(said[:_PERSON]),
        made_at=int.from_bytes(said[_PERSON : _PERSON + _TIME]),
        token_digest=_digest(written),
    )
    whose(link=link)
    return link


def whose(*, link: Link) -> User:
    """Return the person whose link it is, their organisation with them. Raises LinkUnusable where it does not work."""
    user = User.objects.select_related("organisation").filter(pk=link.user_id).first()
    if user is None:
        raise LinkUnusable("unknown")
    _refuse(link, user)
    return user


def use(*, link: Link) -> User:
    """Freeze the account of a link's person, as `freeze` does; of many at once, one wins. Returns the person.

    Raises LinkUnusable, also where BY_MAIL_A_DAY links of this person were used in the last 24 hours.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=link.user_id).first()
        if user is None:
            raise LinkUnusable("unknown")
        _refuse(link, user)
        by_mail = user.security_events.filter(event=Event.FROZEN, reason=Reason.MAIL, at__gt=timezone.now() - DAY)
        if by_mail.count() >= BY_MAIL_A_DAY:
            raise LinkUnusable("too_many")
        _freeze(user, Reason.MAIL)
        language.note(user=user, language=languages.current())
    return user


def freeze(*, user: User, reason: Reason = Reason.MY_ESR, by: User | None = None) -> None:
    """Stop the account of `user`, who says that something was not them; tell them and their organisation by mail.

    `by` is the helpdesk's agent, where the person called. May be done again: it ends what has begun since. Records
    FROZEN.
    """
    with transaction.atomic():
        _freeze(User.objects.select_for_update().get(pk=user.pk), reason, by)


def lift(*, user: User) -> bool:
    """Let the new password of `user` work by itself again, once both steps were shown; return whether it was frozen.

    Called where a log-in is finished, or a smartcard has set a password. Does nothing while the password is the one
    that was frozen: a passkey or a smartcard opens the account then, and says nothing of who else knows the password.
    Records UNFROZEN.
    """
    frozen_at = user.password_frozen_at
    if frozen_at is None or user.password_is_frozen():
        return False
    with transaction.atomic():
        # A freeze of this very moment stays.
        theirs = User.objects.filter(pk=user.pk, password=user.password, password_frozen_at=frozen_at)
        lifted = bool(theirs.update(password_frozen_at=None))
        if lifted:
            events.record(event=Event.UNFROZEN, user_id=user.pk)
            user.password_frozen_at = None
    return lifted


def lift_by_helpdesk(*, user: User, by: User) -> bool:
    """Let the password of `user`, the one that was frozen too, work again; return whether it was frozen.

    For a person who has shown the helpdesk who they are (helpdesk/services/proposals.py), and who pressed by mistake.
    Call it in a transaction that holds their row. Records UNFROZEN.
    """
    if user.password_frozen_at is None:
        return False
    user.password_frozen_at = None
    user.save(update_fields=["password_frozen_at"])
    events.record(event=Event.UNFROZEN, user_id=user.pk, by=by)
    return True


def _freeze(user: User, reason: Reason, by: User | None = None) -> None:
    """Freeze the account of `user`, whose row the caller has locked."""
    user.password_frozen_at = timezone.now()
    if user.links_held_until is not None and user.links_held_until > timezone.now() - LASTS:
        # The owner may read the old address and a thief the new one, which would set the next password.
        user.links_held_until = timezone.now() + LINKS_HELD_FOR
    user.save(update_fields=["password_frozen_at", "links_held_until"])
    event = events.record(event=Event.FROZEN, user_id=user.pk, by=by, reason=reason)
    sessions.end_all(user=user)
    remembered_browsers.forget_all(user=user, reason="frozen")
    bootstrap_codes.delete(user=user)
    given_addresses.forget_doubtful(user=user, since=timezone.now() - LASTS)
    told = {"users": [user.pk], "event": event.pk}
    outbox.add(kind=Kind.FROZEN, about=told)
    outbox.add(kind=Kind.FROZEN_FOR_CONTACT, about=told)


def _refuse(link: Link, user: User) -> None:
    """Raise LinkUnusable where `link` is not one of ours for `user` as they are now."""
    if not _is_ours(link, user):
        raise LinkUnusable("unknown")
    made_at = datetime.datetime.fromtimestamp(link.made_at / 1000, tz=datetime.UTC)
    if made_at + LASTS <= timezone.now():
        raise LinkUnusable("expired")
    ended_by = "frozen" if user.password_is_frozen() else _ended_by(user, made_at)
    if ended_by:
        raise LinkUnusable(ended_by)
    if not user.may_enter():
        raise LinkUnusable("not_in_force")


def _is_ours(link: Link, user: User) -> bool:
    message_id = uuid.UUID(link.message_id)
    ours = [
        _digest(_token(message_id=message_id, user=user, made_at=link.made_at, secret=secret))
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return any(constant_time_compare(digest, link.token_digest) for digest in ours)


def _ended_by(user: User, made_at: datetime.datetime) -> str:
    """Return what has ended a link of `user` since its mail was asked for, as the name of an event, or ""."""
    frozen = Q(event=Event.FROZEN, at__gte=made_at)
    # The mail about a password that a thief has set by recovery is younger than that.
    new_password = Q(event=Event.PASSWORD_CHANGED, at__gt=made_at, reason__in=_SET_BY_MORE_THAN_THE_PASSWORD)
    return user.security_events.filter(frozen | new_password).values_list("event", flat=True).first() or ""


def _token(*, message_id: uuid.UUID, user: User, made_at: int, secret: str | None = None) -> str:
    says = message_id.bytes + user.pk.to_bytes(_PERSON) + made_at.to_bytes(_TIME)
    # Nothing in it changes with the password: a thief who sets one must not outrun the owner's link.
    code = salted_hmac("esr-portal.freezing.link", says.hex(), secret, algorithm="sha256").digest()[:_CODE]
    return base64.urlsafe_b64encode(says + code).decode("ascii")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()
