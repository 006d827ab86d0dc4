"""Whom a person is to ask whose account is not in force, or who cannot get in from where they are."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from accounts import joining_words, mail_links
from accounts.models.user import NotInForce
from nhsuk import wording

if TYPE_CHECKING:
    from accounts.models import User


@dataclasses.dataclass(frozen=True, slots=True)
class Contact:
    """The ESR contact for a login that a refusal is about, and why it is not in force, with the day, or "".

    `why` is a `NotInForce`, and the day is in words: the person has proven who they are, so they are told.
    """

    organisation: str
    email: str
    why: str = ""
    day: str = ""
    # Of an account that has not begun: what its person still lacks, in sentences.
    missing: tuple[str, ...] = ()

    @property
    def help_address(self) -> str:
        """A mailto: address of the contact, which already asks for name and ESR number."""
        return mail_links.asking_for_help(address=self.email)


def of(user: User) -> Contact:
    """Return the contact of `user`, whose organisation is read already."""
    why = user.why_not_in_force()
    day = user.day_of(why)
    return Contact(
        organisation=user.organisation.shown_name,
        email=user.organisation.support_email,
        why=why.value if why else "",
        day=wording.spoken_date(day) if day else "",
        missing=joining_words.said_to(user) if why is NotInForce.STARTS_LATER else (),
    )
