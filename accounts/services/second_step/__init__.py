"""The second step after a password: which people need one, the ways to show it, and losing it."""

from accounts.services.second_step import remembered_browsers
from accounts.services.second_step.authenticators import (
    DIGITS,
    AlreadySetUp,
    Invitation,
    NotSetUp,
    PasswordChanged,
    TooManyWrongCodes,
    WrongCode,
    check,
    invitation,
    new_secret,
    remove,
    set_up,
)
from accounts.services.second_step.policy import is_excused, is_needed, is_offered, is_required, is_rolled_out_to
from accounts.services.second_step.ways import Ways, is_set_up
from accounts.services.second_step.ways import of as ways_of

__all__ = [
    "DIGITS",
    "AlreadySetUp",
    "Invitation",
    "NotSetUp",
    "PasswordChanged",
    "TooManyWrongCodes",
    "Ways",
    "WrongCode",
    "check",
    "invitation",
    "is_excused",
    "is_needed",
    "is_offered",
    "is_required",
    "is_rolled_out_to",
    "is_set_up",
    "new_secret",
    "remembered_browsers",
    "remove",
    "set_up",
    "ways_of",
]
