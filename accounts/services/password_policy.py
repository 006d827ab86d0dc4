"""The rules for passwords, on every path alike: recovery, change, forced change, command line.

Sources: the guide that staff are given (12 characters, not one of the last 4, not a common one); NIST SP 800-63B-4 (no
composition rules, no expiry, at least 64 characters allowed, NFKC); OWASP ASVS 6.2.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import common_passwords
from accounts import turns
from accounts.models import PasswordHistory
from accounts.personal_words import personal_words
from accounts.services import dormancy

if TYPE_CHECKING:
    from accounts.models import User

# The guide: "Minimum of 12 characters".
MINIMUM_LENGTH = 12
# NIST SP 800-63B-4 asks for 64 at least. These are as many as are read to judge a password; a longer one is an error,
# never cut off.
MAXIMUM_LENGTH = common_passwords.LONGEST_READ
# No NFKC form is shorter than a quarter of what was typed, so that nothing longer than this need be looked at.
_LONGEST_LOOKED_AT = 4 * MAXIMUM_LENGTH + 1
# The guide: "may not be the same as any of your previous 4 ESR passwords". The current one is the first of the four.
HISTORY_LENGTH = 4

# What people put at an end of the current password when a new one is wanted, and how many ways back are tried: each
# costs a hash.
_AT_THE_END, _IN_FRONT = re.compile(r"[\W\d_]{1,4}\Z"), re.compile(r"\A[\W\d_]{1,4}")
_LAST_NUMBER = re.compile(r"([1-9][0-9]{0,4})([\W_]*)\Z")
_MOST_WAYS_BACK = 7


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the page lists it: `sentence` ends "Your new password must …"."""

    code: str
    sentence: str


@dataclasses.dataclass(frozen=True, slots=True)
class BrokenRule:
    """What is wrong with a password: the rule's code, and a sentence that says what was seen and what would do."""

    code: str
    message: str


class PasswordRefused(Exception):
    """A password breaks the rules in `broken`."""

    def __init__(self, broken: list[BrokenRule]) -> None:
        super().__init__(", ".join(rule.code for rule in broken))
        self.broken = broken


def rules() -> list[Rule]:
    """Return the rules in the order in which the page lists them."""
    return [
        Rule("too_short", _("have at least %(least)s characters") % {"least": MINIMUM_LENGTH}),
        Rule("common", _("not be a common or leaked password, such as “password1”, also with things added")),
        Rule("personal", _("not be made of your name, your username or your organisation")),
        Rule(
            "used_before",
            _("not be one of your last %(number)s ESR passwords, or your current one with a small change")
            % {"number": HISTORY_LENGTH},
        ),
    ]


def broken_rules(*, password: str, user: User | None) -> list[BrokenRule]:
    """Return every rule that `password` breaks except the history's, cheaply: also for the live check.

    Length is counted in code points. Where NFKC, the form that is hashed, has another number of them than what was
    typed, the smaller must be enough and the greater not too much: one character that stands for a phrase is one.
    """
    if any("\ud800" <= c <= "\udfff" or c == "\0" for c in password[:_LONGEST_LOOKED_AT]):
        return [BrokenRule("not_text", _("This has a character that cannot be typed. Type the password again."))]
    lengths = (len(password), len(unicodedata.normalize("NFKC", password[:_LONGEST_LOOKED_AT])))
    is_short = min(lengths) < MINIMUM_LENGTH
    broken = []
    if is_short:
        broken.append(
            BrokenRule(
                "too_short",
                _("Use at least %(least)s characters. Three random words do well.") % {"least": MINIMUM_LENGTH},
            )
        )
    if max(lengths) > MAXIMUM_LENGTH:
        broken.append(
            BrokenRule(
                "too_long",
                _("Use %(most)s characters or fewer. Three random words are enough.") % {"most": MAXIMUM_LENGTH},
            )
        )
    for recognised in common_passwords.recognise(password=password, own_words=personal_words(user)):
        # "too_short" already says that there is too little in it.
        if not (is_short and recognised.only_too_little):
            code = "personal" if recognised.personal else "common"
            broken.append(
                BrokenRule(code, _("%(seen)s Use three random words instead.") % {"seen": recognised.sentence})
            )
    return broken


def used_before(*, password: str, user: User) -> bool:
    """Return whether `password` is the current one or one of the last HISTORY_LENGTH. Costs a hash each."""
    history = PasswordHistory.objects.filter(user=user).values_list("password", flat=True)[:HISTORY_LENGTH]
    # The current one is in the history too, unless it came with an import.
    last = list(dict.fromkeys([user.password, *history]))[:HISTORY_LENGTH]
    return any(check_password(password, old) for old in last)


def is_like_the_current_one(*, password: str, user: User) -> bool:
    """Return whether `password` is the current one with something added at an end, or with its last number one higher.

    Costs a hash for each way back, and none where there is nothing at either end.
    """
    if not user.has_usable_password():
        return False
    return any(check_password(before, user.password) for before in _ways_back(password))


def _ways_back(password: str) -> list[str]:
    """Return what a password may have been before something at its ends was changed, the likeliest first."""
    ways: list[str] = []
    if number := _LAST_NUMBER.search(password):
        before = int(number[1]) - 1
        # As a number, and with as many digits: 10 comes after 9 and after 09.
        spelt = dict.fromkeys((str(before), str(before).zfill(len(number[1]))))
        ways += (f"{password[: number.start()]}{each}{number[2]}" for each in spelt)
    in_front = _IN_FRONT.search(password)
    if in_front:
        ways.append(password[in_front.end() :])
    if added := _AT_THE_END.search(password):
        ways += (password[:end] for end in range(added.start(), len(password)))
    if in_front:
        # A part of it: a password may itself begin with a digit or a mark.
        ways += (password[begin:] for begin in range(1, in_front.end()))
    return ways[:_MOST_WAYS_BACK]


def check(*, password: str, user: User) -> None:
    """Raise PasswordRefused with every rule that `password` breaks for `user`.

    The history costs up to four hashes and what resembles the current one up to seven, so they are asked only about a
    password that is good otherwise.
    """
    broken = broken_rules(password=password, user=user)
    if not broken and used_before(password=password, user=user):
        message = _("This is one of your last %(number)s passwords. Use one that you have not had before.") % {
            "number": HISTORY_LENGTH
        }
        broken = [BrokenRule("used_before", message)]
    elif not broken and is_like_the_current_one(password=password, user=user):
        message = _("This is your current password with a small change at one end. Use one that is new.")
        broken = [BrokenRule("used_before", message)]
    if broken:
        raise PasswordRefused(broken)


def hash_allowed(*, user: User, password: str) -> str:
    """Return the hash of a password that keeps the rules, to be stored; raise PasswordRefused otherwise.

    Called before the transaction that stores it: a hash is slow, and the locks would hold up other requests meanwhile.
    Raises turns.Busy where too many wait for one.
    """
    with turns.wait():
        check(password=password, user=user)
        return make_password(password)


def store(*, user: User, hashed: str) -> None:
    """Make `hashed` the password of `user`, lift the must-change flag, and delete what the history no longer needs.

    A dormant password is so woken: no way leads to a new one with a dormant password alone.
    """
    with transaction.atomic():
        user.password = hashed
        user.password_changed_at = timezone.now()
        user.must_change_password = False
        user.save(update_fields=["password", "password_changed_at", "must_change_password"])
        dormancy.wake(user=user, by_way="new_password")
        PasswordHistory.objects.create(user=user, password=hashed)
        kept = PasswordHistory.objects.filter(user=user).values_list("pk", flat=True)[:HISTORY_LENGTH]
        PasswordHistory.objects.filter(user=user).exclude(pk__in=list(kept)).delete()


def set_password(*, user: User, password: str) -> None:
    """Check and set a password: the one way that a password is ever set. Raises PasswordRefused."""
    store(user=user, hashed=hash_allowed(user=user, password=password))
