"""What a typed username or email address is compared as: one spelling in import, look-up and counters.

A different spelling in any one of them is a way round the others (CVE-2026-97764).
"""

import re
import string
import unicodedata
from collections.abc import Callable

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.folding import latin_capital

# RFC 1035, 2.3.4: a domain has at most so many characters.
LONGEST_DOMAIN = 253
# Two invisible letters that names in some scripts are written with, in domains too (RFC 5892, appendix A).
JOINERS = "\u200c\u200d"
# Characters: room for three digits and what may stand around them. Unicode's putting in order of marks takes time that
# grows with the square of their number.
_LONGEST_READ_FOR_A_CODE = 100
# Of these letters and digits `normalise_username` changes none.
_IN_ITS_ONE_SPELLING = re.compile(r"[0-9A-Z]+")
_BEGINS_WITH_A_CODE = re.compile(r"([0-9]{3})(?![0-9])")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_SMALL_LETTERS = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_WITHOUT_JOINERS = str.maketrans("", "", JOINERS)
# What people type into a username that ESR leaves out of the name when it makes one: blanks, dashes, quotation marks
# (of which the apostrophe is one on most phones), accents, and letters that are apostrophes in other languages.
_LEFT_OUT_OF_USERNAMES = frozenset({"Zs", "Zl", "Zp", "Pd", "Pi", "Pf", "Mn", "Mc", "Me", "Lm", "Sk"})
# Apostrophe, prime, full stop (St. John) and the minus sign of a number pad.
_LEFT_OUT_TOO = frozenset("'\u2032.\u2212")


def without_blanks(typed: str) -> str:
    """Return `typed` without the leading and trailing blanks and invisible marks that come with copy and paste."""
    return _visible(typed).strip()


def follows(form: Callable[[str], None], text: str) -> bool:
    """Return whether `text` passes a validator, as those of models are."""
    try:
        form(text)
    except ValidationError:
        return False
    return True


class Username(str):
    """A username in its one spelling, so that it is spelt once and compared as it is from then on."""

    __slots__ = ()


def username_on_record(given: str) -> str:
    """Return how a username from a file or a form is stored: NFKC, no outer blanks, case-folded, in capitals.

    A mark inside is left, and refused by USERNAME_FORM: a record is corrected, not guessed at. Of all that this form
    lets through each is its own one spelling, so that `normalise_username` makes no two usernames one.
    """
    folded = unicodedata.normalize("NFKC", without_blanks(unicodedata.normalize("NFKC", given))).casefold()
    return folded.upper()


def normalise_username(typed: str) -> Username:
    """Return the one spelling of a typed username, by which people, counters and device cookies are looked up.

    Beyond `username_on_record`, blanks, apostrophes, hyphens, full stops and accents are left out wherever they stand,
    and letters such as ø are written in A to Z, as people/services/usernames.py does with a name. Any other character
    stays, and so finds no person.
    """
    return Username("".join(map(_of_a_username, unicodedata.normalize("NFKD", username_on_record(typed)))))


def organisation_code(typed: str) -> str:
    """Return the three digits that a typed username begins with, or "": those of an employer, if there is such a one.

    No row is asked, so that the answer is the same for real and made-up usernames. Digits alone, and more than three of
    them, are no username: eight are an ESR number.
    """
    found = _BEGINS_WITH_A_CODE.match(normalise_username(typed[:_LONGEST_READ_FOR_A_CODE]))
    return found[1] if found else ""


def as_username(text: str) -> Username:
    """Return `text` as it is where it is spelt already, as each username on record is, else in its one spelling."""
    if isinstance(text, Username):
        return text
    return Username(text) if _IN_ITS_ONE_SPELLING.fullmatch(text) else normalise_username(text)


def normalise_email(typed: str) -> str:
    """Return the one spelling of a typed email address, in which it is stored and compared.

    Without outer blanks and invisible marks, the letters A to Z in small ones, the domain as `normalise_domain` has it.
    What stands before the @ is folded no further: case folding and NFKC turn ß, ſ, ﬁ or ı into other letters, and with
    them one mailbox into another.
    """
    before, at, domain = typed.rpartition("@")
    if not at:
        return without_blanks(typed).translate(_SMALL_LETTERS)
    return f"{_visible(before).lstrip().translate(_SMALL_LETTERS)}@{normalise_domain(domain)}"


def normalise_domain(typed: str) -> str:
    """Return the one spelling of a typed mail domain: its A-labels ("xn--mnchen-3ya.example"), the name that DNS has.

    Browsers send a domain with letters beyond ASCII as A-labels or as it was typed (HTML, email state); mail without
    SMTPUTF8 takes A-labels alone. The mapping is that of UTS 46 without its transitional part, as browsers have it, and
    what it gives has to be valid by IDNA 2008. A label that is not is left as it was typed, which no address may have.
    Only the full stop of ASCII parts labels (RFC 6531, 3.3).
    """
    return ".".join(_a_label(label) for label in _visible(typed, but=JOINERS).strip().split(".")).strip()


def _a_label(label: str) -> str:
    """Return a label of a domain as DNS has it, or as it is where DNS cannot have it."""
    plain = label.translate(_WITHOUT_JOINERS).translate(_SMALL_LETTERS)
    # A joiner where no script has one came with copy and paste.
    for meant in (label, plain):
        if meant.isascii():
            return plain
        if len(meant) <= LONGEST_DOMAIN:
            try:
                return idna.alabel(idna.uts46_remap(meant, std3_rules=True)).decode()
            except ValueError:
                continue
    return plain


def normalise_care_identity(typed: str) -> str:
    """Return the one spelling of a typed Care Identity number: plain digits, without the blanks of "5550 0000 0101"."""
    return "".join(without_blanks(unicodedata.normalize("NFKC", typed)).split())


def keyed_digest(*, purpose: str, value: str) -> str:
    """Return a 64-character digest of `value`. Making it, or testing guesses on it, takes the portal's secret key.

    `purpose` keeps digests of one kind from being compared with another's.
    """
    return salted_hmac(f"esr-portal.{purpose}", value, algorithm="sha256").hexdigest()


def earlier_keyed_digests(*, purpose: str, value: str) -> list[str]:
    """Return what `keyed_digest` was under each key of SECRET_KEY_FALLBACKS, while the keys are changed."""
    earlier = settings.SECRET_KEY_FALLBACKS
    return [salted_hmac(f"esr-portal.{purpose}", value, key, algorithm="sha256").hexdigest() for key in earlier]


def is_keyed_digest(digest: str, *, purpose: str, value: str) -> bool:
    """Return whether `digest` is that of `value`, under the key of today or one of SECRET_KEY_FALLBACKS."""
    kept = [keyed_digest(purpose=purpose, value=value), *earlier_keyed_digests(purpose=purpose, value=value)]
    return any(constant_time_compare(digest, each) for each in kept)


def _of_a_username(character: str) -> str:
    """Return what a character, decomposed and in capitals, is in a username: A to Z, nothing, or else itself."""
    if character.isascii() and character.isalnum():
        return character
    if character in _LEFT_OUT_TOO or character.isspace() or unicodedata.category(character) in _LEFT_OUT_OF_USERNAMES:
        return ""
    return latin_capital(character) or character


def _visible(typed: str, *, but: str = "") -> str:
    """Return `typed` without control characters and invisible marks, those in `but` excepted."""
    if typed.isascii() and typed.isprintable():
        return typed
    return "".join(c for c in typed if unicodedata.category(c) not in _INVISIBLE or c in but)
