"""What a typed username or email address is compared as: one spelling in import, look-up and counters.

A different spelling in any one of them is a way round the others (CVE-2026-97764).
"""

import unicodedata

from django.utils.crypto import salted_hmac


def without_blanks(typed: str) -> str:
    """Return `typed` without the leading and trailing blanks and invisible marks that come with copy and paste."""
    kept = "".join(c for c in typed if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return kept.strip()


class Username(str):
    """A username in its one spelling, so that it is spelt once and compared as it is from then on."""

    __slots__ = ()


def normalise_username(typed: str) -> Username:
    """Return the one spelling of a typed username: NFKC, no outer blanks, case-folded, in capitals as ESR shows it.

    Full-width letters, as an East Asian keyboard sends them, become plain ones.
    """
    folded = unicodedata.normalize("NFKC", without_blanks(unicodedata.normalize("NFKC", typed))).casefold()
    return Username(folded.upper())


def as_username(text: str) -> Username:
    """Return `text` as it is where it is spelt already, else in its one spelling."""
    return text if isinstance(text, Username) else normalise_username(text)


def normalise_email(typed: str) -> str:
    """Return the one spelling of a typed email address: no outer blanks, case-folded.

    No NFKC here: it can turn one mailbox into another. Mail only ever goes to the stored address.
    """
    return without_blanks(typed).casefold()


def normalise_care_identity(typed: str) -> str:
    """Return the one spelling of a typed Care Identity number: plain digits, without the blanks of "5550 0000 0101"."""
    return "".join(without_blanks(unicodedata.normalize("NFKC", typed)).split())


def keyed_digest(*, purpose: str, value: str) -> str:
    """Return a 64-character digest of `value`. Making it, or testing guesses on it, takes the portal's secret key.

    `purpose` keeps digests of one kind from being compared with another's.
    """
    return salted_hmac(f"esr-portal.{purpose}", value, algorithm="sha256").hexdigest()
