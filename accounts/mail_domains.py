"""Well-known mail domains, and which of them a mistyped one was probably meant to be.

It goes by what was typed alone, never by who has which address here.
"""

from __future__ import annotations

from accounts.folding import is_one_slip_apart

# What staff and volunteers have most. For one slip a domain has to be long: of a short one, another that is right is
# too often one letter away ("me.com" and "we.com").
_MEANT = (
    *("nhs.net", "gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "yahoo.com"),
    *("yahoo.co.uk", "icloud.com", "live.co.uk", "btinternet.com", "virginmedia.com", "talktalk.net"),
    *("blueyonder.co.uk", "ntlworld.com", "protonmail.com", "doctors.org.uk"),
)
# Right as they are, though one letter away from one of those.
_RIGHT = frozenset({*_MEANT, "mail.com", "email.com", "ymail.com"})
# More than one slip away, and seen all the same: nhs.net is an address that people take for one of nhs.uk.
_TAKEN_FOR = dict.fromkeys(
    (
        "nhs.uk",
        "nhs.uk.net",
        "nhs.net.uk",
        "nhs.co.uk",
        "nhs.com",
        "nhs.org",
        "nhs.org.uk",
        "nhsmail.net",
        "nhs.net.com",
    ),
    "nhs.net",
)


def probably_meant(*, email: str) -> str | None:
    """Return the address that was probably meant by `email`, as `normalise_email` spells it; None where it looks right.

    One letter of the domain is wrong, missing or too many, two are in each other's place, or nhs.net has got an end of
    its web address.
    """
    local_part, _, domain = email.rpartition("@")
    if domain in _RIGHT:
        return None
    meant = _TAKEN_FOR.get(domain) or next((each for each in _MEANT if is_one_slip_apart(domain, each)), None)
    return f"{local_part}@{meant}" if meant else None
