"""Names that a program has damaged on their way here: what a database, a web page or a spreadsheet leaves in an export.

A username is made from the name for good, so such a name is refused, with what to do. A name may otherwise be in any
script, with any mark that names are written with.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

# Most names: nothing to look for, in a twentieth of the time. None of them looks like an address either.
PLAIN = re.compile(r"[A-Za-z]+([ '-][A-Za-z]+)*")
# What programs put in place of a letter that they could not read.
_LOST = re.compile(r"[?\ufffd]")
# Unassigned and private use; mathematical, currency and other signs.
_NO_LETTERS = frozenset({"Cn", "Co", "Sm", "Sc", "So"})
# "#N/A", "#REF!" and "####" of spreadsheets in any language, a formula, "Err:502" of LibreOffice, NULL of databases.
_NO_VALUE = re.compile(r"[#=].*|err:[0-9]+|n/a|[(<\[]null[)>\]]", re.IGNORECASE)
# A letter of a web page (HTML 4.01, 5.3), by number or by name. A number's semicolon may be lost.
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30};)", re.IGNORECASE)
# A letter as JSON, SQL and C have it, an address (RFC 3986, 2.1), a mail (RFC 2045, 6.7; RFC 2047, 4.2).
_ESCAPED = re.compile(r"\\|[%=][0-9A-F]{2}|=\?", re.IGNORECASE)
# What stands around a word. Names begin or end with an apostrophe ('t Hooft), but do not do both.
_AROUND = (('"', '"'), ("'", "'"), ("`", "'"), ("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"))


def _those_of(first: int, last: int) -> str:
    """Return the letters that the bytes from `first` to `last` are in Windows-1252 and Latin-1, as in a regex class."""
    found = bytes(range(first, last + 1))
    return re.escape(found.decode("cp1252", "ignore") + found.decode("latin-1"))


_FOLLOWING = _those_of(0x80, 0xBF)
# Those of them that names are written with after a capital letter, as in ANDRÉ–PAUL.
_IN_NAMES = "’‘–—ŠšŒœŽžŸªº"
# UTF-8 that was read as Windows-1252: two letters for é and other Latin ones (the first is Â, Ã, Ä or Å), two for
# Greek, Cyrillic and the like, three for other scripts and for ’. The second that à becomes is a blank, and is lost at
# the end of a field. As the Macintosh and DOS read it, ’ becomes the last three; other letters become signs there.
_MISREAD = re.compile(
    f"[Â-Å][{_FOLLOWING}]|[Æ-ß](?![{_IN_NAMES}])[{_FOLLOWING}]|[à-ô][{_FOLLOWING}]{{2}}|(?<=[a-z])[ÂÃ](?=\\s|$)|‚Ä|ΓÇ|ÔÇ"
)


def damage(name: str) -> str:
    """Return a sentence that says how a name is damaged and what to do, or "" where it is not."""
    if PLAIN.fullmatch(name):
        return ""
    return _no_value(name) or _escaped(name) or _misread(name) or _lost_letter(name) or _quoted(name)


def _no_value(name: str) -> str:
    if _NO_VALUE.fullmatch(name):
        return _("This is what a program shows in place of a value that it does not have. Type the name.")
    return ""


def _escaped(name: str) -> str:
    if _ENTITY.search(name):
        return _("There is a letter in this name that is written as in a web page, like &#39;. Type the letter itself.")
    if _ESCAPED.search(name):
        return _("There is a letter in this name that is written as programs write it. Type the letter itself.")
    return ""


def _misread(name: str) -> str:
    if _MISREAD.search(name):
        return _(
            "This name was saved in one way and read in another: a letter has become two or three "
            'others. Export it again as "CSV UTF-8", or type the name again.'
        )
    return ""


def _lost_letter(name: str) -> str:
    if _LOST.search(name):
        return _("A letter of this name was lost on the way: a question mark stands for it. Type the name again.")
    for character in name:
        if not character.isascii() and unicodedata.category(character) in _NO_LETTERS:
            return _("There is a character in this name that is no letter (U+%(code)s). Type the name again.") % {
                "code": f"{ord(character):04X}"
            }
    return ""


def _quoted(name: str) -> str:
    if len(name) > 1 and any(name.startswith(first) and name.endswith(last) for first, last in _AROUND):
        return _("There are quotation marks around this name. Take them away.")
    if name.count('"') == 1 and not name.strip('"').count('"'):
        return _("There is one quotation mark at an end of this name. Take it away.")
    return ""
