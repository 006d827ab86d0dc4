"""Postcodes of the United Kingdom, as people put them after the name of a town."""

from __future__ import annotations

import re

# Royal Mail, Programmers' Guide to PAF: the forms of a postcode, and the letters that its second half does not have.
_POSTCODE = re.compile(r"([a-z]{1,2})[0-9][0-9a-z]?[ -]?[0-9][abdefghjlnpqrstuwxyz]{2}")
_AREAS = """
    ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk
    fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn
    np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf tn tq tr ts
    tw ub w wa wc wd wf wn wr ws wv yo ze
"""
_KNOWN_AREAS = frozenset(_AREAS.split())


def postcodes_from(text: str, start: int) -> list[int]:
    """Return the end of the postcode that begins at `start`, or nothing where none does."""
    found = _POSTCODE.match(text, start)
    return [found.end()] if found and found[1] in _KNOWN_AREAS else []
