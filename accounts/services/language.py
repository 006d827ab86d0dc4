"""In which language a person is spoken to where no request of theirs says it: what they chose, or last came in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import languages
from accounts.models import User
from accounts.models.outbox import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import OutboxMessage

# Contacts are organisations, of which no language is known.
_TO_CONTACTS = frozenset({Kind.FROZEN_FOR_CONTACT})


class UnknownLanguage(Exception):
    """The portal is in no such language."""


def choose(*, user: User, language: str) -> None:
    """Remember the language that `user` chose while they were logged in. Raises UnknownLanguage."""
    if not languages.is_one(language):
        raise UnknownLanguage
    if user.language != language:
        User.objects.filter(pk=user.pk).update(language=language)
        user.language = language


def note(*, user: User, language: str) -> None:
    """Note the language in which `user` has just come in, or used a link that was mailed to them.

    For most it is that of the time before: nothing is written. Where none was noted it was the portal's own.
    """
    if language and language != (user.last_language or languages.of_the_portal()):
        User.objects.filter(pk=user.pk).update(last_language=language)
        user.last_language = language


def of_mail(*, message: OutboxMessage, users: Sequence[User]) -> str:
    """Return the language of a mail to `users`: that of the request in which it was asked for, else their own.

    It is never that of an agent, or of the process that sends it. People who share a mailbox have that of the first of
    them who has one.
    """
    if message.kind in _TO_CONTACTS:
        return languages.of_the_portal()
    theirs = (user.language or user.last_language for user in users)
    said = (message.about.get("language", languages.UNKNOWN), *theirs)
    return next((each for each in said if languages.is_one(each)), languages.of_the_portal())
