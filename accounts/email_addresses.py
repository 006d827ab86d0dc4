"""Which email addresses mail can reach, as `identifiers.normalise_email` spells them."""

from __future__ import annotations

import enum
import functools
import re

from django.core.validators import EmailValidator

from accounts.identifiers import follows
from accounts.models.organisation import DOMAIN_FORM

# RFC 5321, 4.5.3.1: a path has at most 256 characters, two of which are its angle brackets, and a local part 64.
LONGEST = 254
LONGEST_LOCAL_PART = 64
_ADDRESS_FORM = EmailValidator()
# Most of them, in a tenth of the time.
_DOT_STRING = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class Fault(enum.Enum):
    """Why mail cannot reach an address."""

    NO_ADDRESS = enum.auto()
    TOO_LONG = enum.auto()
    LOCAL_PART_TOO_LONG = enum.auto()
    # A letter beyond ASCII before the @: it needs SMTPUTF8 (RFC 6531) at every relay on the way, which few have.
    LETTERS = enum.auto()
    # What follows the @ is no domain, or an address of a machine.
    DOMAIN = enum.auto()


def fault(email: str) -> Fault | None:
    """Return why mail cannot reach an address, or None where it can."""
    local_part, at, domain = email.rpartition("@")
    if not at or not local_part or not domain:
        return Fault.NO_ADDRESS
    if not local_part.isascii():
        return Fault.LETTERS
    if len(email) > LONGEST:
        return Fault.TOO_LONG
    if len(local_part) > LONGEST_LOCAL_PART:
        return Fault.LOCAL_PART_TOO_LONG
    # Dots and quotation marks in the local part: RFC 5321, 4.1.2.
    if not (_DOT_STRING.fullmatch(local_part) or follows(_ADDRESS_FORM, f"{local_part}@domain.example")):
        return Fault.NO_ADDRESS
    return None if _is_a_domain(domain) else Fault.DOMAIN


@functools.lru_cache(maxsize=1024)
def _is_a_domain(domain: str) -> bool:
    return follows(DOMAIN_FORM, domain)
