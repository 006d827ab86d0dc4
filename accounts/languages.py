"""The languages of the portal, and which of them a page is in.

Every answer is in a language, errors and refusals too, so it is decided by what the browser sends alone: no session is
read for it, and no query made (docs/decisions/0068-which-language-a-page-and-a-mail-are-in.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation.trans_real import parse_accept_lang_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENGLISH: str = "en-gb"
WELSH: str = "cy"
# Each is called what it calls itself: its readers look for that word. settings.LANGUAGES is this.
LANGUAGES: tuple[tuple[str, str], ...] = ((ENGLISH, "English"), (WELSH, "Cymraeg"))
_NAMES = dict(LANGUAGES)
# What the field for a language holds where none is known.
UNKNOWN = ""


def is_one(language: object) -> bool:
    """Return whether this is the code of a language of the portal, to the letter."""
    return isinstance(language, str) and language in _NAMES


def choose(*, account: str, browser: str, accepts: str) -> str:
    """Return the language of an answer: the first of these that says one of ours, else the portal's own.

    `account` is what the account chose whose person is logged in, `browser` what was chosen in this browser, `accepts`
    its Accept-Language. Any of them may be anything.
    """
    chosen = next((said for said in (account, browser) if is_one(said)), None)
    return chosen or _preferred(accepts) or of_the_portal()


def of_the_portal() -> str:
    """Return the language of what is for no person whose language is known."""
    return str(settings.LANGUAGE_CODE)


def _preferred(accepts: str) -> str | None:
    """Return which of our languages a browser asks for first, in whatever country; None is the portal's own."""
    for asked, quality in parse_accept_lang_header(accepts) if accepts else ():
        if quality > 0:
            kind = asked.partition("-")[0]
            if kind == WELSH:
                return WELSH
            # "*" is whatever there is.
            if kind in {"en", "*"}:
                return None
    return None


def current() -> str:
    """Return the language of the answer, or of the mail, that is being made; "" where it is none of the portal's."""
    language = get_language() or UNKNOWN
    return language if is_one(language) else UNKNOWN


def other() -> str:
    """Return the language to which a page in the current one leads."""
    return ENGLISH if current() == WELSH else WELSH


def name(language: str) -> str:
    """Return what a language calls itself."""
    return _NAMES[language]


def tag(language: str) -> str:
    """Return a language as pages and headers name it, "en-GB" (BCP 47)."""
    kind, _, country = language.partition("-")
    return f"{kind}-{country.upper()}" if country else kind


def piecewise(pieces: Iterable[bytes], *, language: str) -> Iterator[bytes]:
    """Give the pieces of an answer that are made as they are sent, each in the language of the answer."""
    made = iter(pieces)
    while True:
        with override(language):
            piece = next(made, None)
        if piece is None:
            return
        yield piece
