"""The second step after a password: which people need one, the ways to show it, and losing it."""

from accounts.services.second_step import passkeys, remembered_browsers, still_works
from accounts.services.second_step.authenticators import (
    DIGITS,
    AlreadySetUp,
    NotSetUp,
    WrongCode,
    check,
    invitation,
    new_secret,
    remove_authenticator,
    set_up,
)
from accounts.services.second_step.bootstrap_codes import MOST_WRONG_TRIES_A_LOG_IN as MOST_WRONG_BOOTSTRAP_CODES
from accounts.services.second_step.bootstrap_codes import WrongBootstrapCode, delete_ended
from accounts.services.second_step.losing import remove, replace_all
from accounts.services.second_step.policy import (
    LastWay,
    is_needed,
    is_offered,
    is_required,
    is_required_by_freeze,
)
from accounts.services.second_step.records import PasswordChanged, note_works, other_way_used
from accounts.services.second_step.recovery_codes import NoRecoveryCodes, WrongRecoveryCode
from accounts.services.second_step.resealing import put_right, reseal
from accounts.services.second_step.ways import Ways, hold, is_set_up, is_there
from accounts.services.second_step.ways import of as ways_of
from accounts.services.second_step.wrong_codes import CannotBeChecked, TooManyWrongCodes

__all__ = [
    "DIGITS",
    "MOST_WRONG_BOOTSTRAP_CODES",
    "AlreadySetUp",
    "CannotBeChecked",
    "LastWay",
    "NoRecoveryCodes",
    "NotSetUp",
    "PasswordChanged",
    "TooManyWrongCodes",
    "Ways",
    "WrongBootstrapCode",
    "WrongCode",
    "WrongRecoveryCode",
    "check",
    "delete_ended",
    "hold",
    "invitation",
    "is_needed",
    "is_offered",
    "is_required",
    "is_required_by_freeze",
    "is_set_up",
    "is_there",
    "new_secret",
    "note_works",
    "other_way_used",
    "passkeys",
    "put_right",
    "remembered_browsers",
    "remove",
    "remove_authenticator",
    "replace_all",
    "reseal",
    "set_up",
    "still_works",
    "ways_of",
]
