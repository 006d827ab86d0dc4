"""What an agent tries next where no person fits: read from what was typed alone, so that it tells of no person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.identifiers import normalise_username
from accounts.services.recovery import looking_up
from helpdesk import search

if TYPE_CHECKING:
    from collections.abc import Iterator


def what_next(*, typed: str, sees_all: bool) -> Iterator[str]:
    """Give what to try, one sentence or two at a time. `sees_all`: the agent looks after every organisation."""
    yield _for(typed)
    if not sees_all:
        yield _(
            "People of another organisation are not found here: ask where the caller works. Its helpdesk finds them."
        )


def _for(typed: str) -> str:
    squeezed = re.sub(r"[\W_]", "", typed)
    if len(typed) > search.LONGEST_FOUND:
        return _("That is longer than anything on record. Type a name, a username or an ESR number.")
    if "@" in typed:
        return _("No email address on record begins so. Ask which address ESR has, or try the name or the ESR number.")
    if squeezed.isdecimal():
        return _of_a_number(len(squeezed))
    if looking_up.reference_in(typed) and re.search(r"[0-9]", squeezed):
        return _(
            "There is no request with this reference. Ask for it again, letter by letter: it has 8 letters and "
            "numbers, and never I, L, O or U. Or try the name."
        )
    if re.match(r"[0-9]{3}[A-Z]", normalise_username(typed)):
        return _("No username begins so. Ask for it again letter by letter, or try the name or the ESR number.")
    if re.search(r"[0-9]", squeezed):
        return _("No name has a number in it. Type the letters alone, or the number alone.")
    if len(typed.split()) > 1:
        return _("Type fewer words: the family name alone, or its first letters. Or try the ESR number on the payslip.")
    return _("Type the first letters alone: the name may be spelt otherwise. Or try the ESR number on the payslip.")


def _of_a_number(digits: int) -> str:
    if digits == search.ESR_NUMBER_LENGTH:
        return _("No person has this ESR number. Ask for it again, number by number, or try the name.")
    if digits == search.CARE_IDENTITY_LENGTH:
        return _("This Care Identity is linked to no person. Try the name: it can be linked on the person’s record.")
    if digits == 3:
        return _("Three numbers begin the usernames of an organisation. Type more of the username, or the name.")
    if digits < search.ESR_NUMBER_LENGTH:
        return _("No ESR number begins so. A whole one has 8 numbers. Ask for it again, or try the name.")
    return _("An ESR number has 8 numbers, and a Care Identity 12. Count them again, or try the name.")
