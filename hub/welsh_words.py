"""What Welsh brings to the search for an organisation: words of names in both languages, and mutations.

An organisation is found by either form of a place or of a common word, where it has one name alone too. The beginning
of a Welsh word changes by what stands before it (o Gaerdydd, yng Nghaerdydd, a Chaerdydd), and people type it as they
say it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from accounts.folding import pieces, words

if TYPE_CHECKING:
    from collections.abc import Iterable

# In the names of the bodies of the NHS in Wales.
_COMMON_WORDS = {
    "Ambulance": "Ambiwlans",
    "Board": "Bwrdd",
    "Health": "Iechyd",
    "Hospital": "Ysbyty",
    "Hospitals": "Ysbytai",
    "NHS": "GIG",
    "Service": "Gwasanaeth",
    "Services": "Gwasanaethau",
    "Trust": "Ymddiriedolaeth",
    "University": "Prifysgol",
}
# Counties: the Local Government (Wales) Act 1994, schedule 1. Towns: the Welsh Language Commissioner's list of names. A
# place whose name is the same in both languages is here for its mutations.
_PLACES = {
    "Abergavenny": "Y Fenni",
    "Ammanford": "Rhydaman",
    "Anglesey": "Ynys Môn",
    "Bangor": "Bangor",
    "Barry": "Y Barri",
    "Brecon": "Aberhonddu",
    "Bridgend": "Pen-y-bont ar Ogwr",
    "Builth Wells": "Llanfair-ym-Muallt",
    "Caerphilly": "Caerffili",
    "Cardiff": "Caerdydd",
    "Cardigan": "Aberteifi",
    "Carmarthen": "Caerfyrddin",
    "Carmarthenshire": "Sir Gaerfyrddin",
    "Ceredigion": "Ceredigion",
    "Chepstow": "Cas-gwent",
    "Conwy": "Conwy",
    "Denbigh": "Dinbych",
    "Denbighshire": "Sir Ddinbych",
    "Ebbw Vale": "Glynebwy",
    "Flint": "Y Fflint",
    "Flintshire": "Sir y Fflint",
    "Glamorgan": "Morgannwg",
    "Gwent": "Gwent",
    "Gwynedd": "Gwynedd",
    "Haverfordwest": "Hwlffordd",
    "Hereford": "Henffordd",
    "Holyhead": "Caergybi",
    "Holywell": "Treffynnon",
    "Llandovery": "Llanymddyfri",
    "Llandudno": "Llandudno",
    "Llanelli": "Llanelli",
    "Merthyr Tydfil": "Merthyr Tudful",
    "Milford Haven": "Aberdaugleddau",
    "Monmouth": "Trefynwy",
    "Monmouthshire": "Sir Fynwy",
    "Montgomery": "Trefaldwyn",
    "Neath": "Castell-nedd",
    "Newport": "Casnewydd",
    "Newtown": "Y Drenewydd",
    "Pembroke": "Penfro",
    "Pembrokeshire": "Sir Benfro",
    "Port Talbot": "Port Talbot",
    "Powys": "Powys",
    "Rhyl": "Y Rhyl",
    "Shrewsbury": "Amwythig",
    "Swansea": "Abertawe",
    "Tenby": "Dinbych-y-pysgod",
    "Vale of Glamorgan": "Bro Morgannwg",
    "Wales": "Cymru",
    "Welshpool": "Y Trallwng",
    "Wrexham": "Wrecsam",
}
# The nine letters that change, and what they become. A lost g is not here: the rest of the word is found as its middle.
_MUTATIONS = {
    "p": ("b", "mh", "ph"),
    "t": ("d", "nh", "th"),
    "c": ("g", "ngh", "ch"),
    "b": ("f", "m"),
    "d": ("dd", "n"),
    "g": ("ng",),
    "ll": ("l",),
    "m": ("f",),
    "rh": ("r",),
}
# Letters of their own, written with two, that never change.
_LETTERS_OF_TWO = ("ch", "dd", "ng", "ph", "th")


def mutated(word: str) -> tuple[str, ...]:
    """Return how a folded Welsh word begins behind others, or nothing where it does not change."""
    if word.startswith(_LETTERS_OF_TWO):
        return ()
    for length in (2, 1):
        begins = word[:length]
        if begins in _MUTATIONS:
            return tuple(other + word[length:] for other in _MUTATIONS[begins])
    return ()


def with_mutations(welsh: Iterable[str]) -> set[str]:
    """Return folded Welsh words, each as it is and as it begins behind others."""
    found = set(welsh)
    return found | {other for word in found for other in mutated(word)}


def in_both_languages(name: set[str]) -> set[str]:
    """Return the common words and places that a name has in it, in both languages; `name` are its folded words."""
    found: set[str] = set()
    for word in name:
        for needed, more in _by_word().get(word, ()):
            if needed <= name:
                found |= more
    return found


@functools.cache
def _by_word() -> dict[str, list[tuple[set[str], set[str]]]]:
    """Return, by one word of a form, all words that a name needs to have that form in it, and all that it stands for.

    The article of Y Barri may be missing.
    """
    found: dict[str, list[tuple[set[str], set[str]]]] = {}
    for english, welsh in (_COMMON_WORDS | _PLACES).items():
        more = (words(english) | with_mutations(words(welsh))) - {"y"}
        for form in (english, welsh):
            needed = {part for parts in pieces(form) for part in parts} - {"y"}
            found.setdefault(max(needed), []).append((needed, more))
    return found
