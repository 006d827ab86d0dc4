"""How sure Care Identity is of a person: its levels, and the names (`acr`) of the ways to log in there.

Sources: NHS England's guidance for Care Identity Service 2 on acr values and levels; GPG 45 and NIST SP 800-63 for what
the levels mean.
"""

from __future__ import annotations

import re

from django.conf import settings

# How sure Care Identity must be that a person is who they say (`id_assurance_level`): their documents were seen.
LOWEST_IDENTITY_LEVEL = 3
# How sure it must be that this person is there now (`authentication_assurance_level`): two factors. Organisations ask
# for 3 unless they say otherwise.
LOWEST_LEVEL = 2
HIGHEST_LEVEL = 3

# The ways to log in that Care Identity can be asked for, with the levels that each can result in.
ACR_VALUES = {
    "AAL3_ANY": {3},
    "AAL2_OR_AAL3_ANY": {2, 3},
    "AAL2_ANY": {2},
    "AAL1_USERPASS": {1},
    "AAL3_IOS": {3},
    "AAL3_FIDO2": {3},
    "AAL3_N3_SMARTCARD": {3},
    "AAL3_CIS2_SMARTCARD": {3},
    "AAL3_SMARTCARD": {3},
    "AAL2_TOTP": {2},
    "AAL2_NHSMAIL": {2},
}
# Newer ways to log in are named by the same pattern.
_ACR = re.compile(r"AAL([1-3])_[A-Z0-9_]{1,60}")


def levels_of(acr: object) -> set[int]:
    """Return the levels that an `acr` can result in; an empty set where it is none of Care Identity's."""
    if not isinstance(acr, str):
        return set()
    named = _ACR.fullmatch(acr)
    return ACR_VALUES.get(acr) or ({int(named[1])} if named else set())


def lowest_asked_for() -> int:
    """Return the lowest level that Care Identity was asked for: what comes back may be higher, never lower."""
    asked = [level for acr in settings.CARE_IDENTITY_ACR_VALUES.split() for level in levels_of(acr)]
    return max(LOWEST_LEVEL, min(asked, default=HIGHEST_LEVEL))


def level(value: object) -> int | None:
    """Return the level that a claim states, as a number or in a digit (both occur), or None where it states none."""
    if isinstance(value, str) and re.fullmatch("[0-9]", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9:
        return value
    return None
