"""Bootstrap codes: from the helpdesk, for a person who has lost every second step.

One is good for setting up a new second step in a log-in whose password was right, and for nothing else: NIST SP
800-63B-4, 4.2, has the identity proved again before that, which the agent does who reads it to the person.
"""

from __future__ import annotations

import datetime
import re
import secrets

from django.db import transaction
from django.utils import timezone

from accounts import typed_codes
from accounts.identifiers import is_keyed_digest, keyed_digest
from accounts.models import BootstrapCode, User
from accounts.models.security_event import Event
from accounts.services import events

# Read over the phone.
DIGITS = 8
LASTS = datetime.timedelta(hours=1)
# Then the log-in begins anew, and the code stays: a few wrong tries of an attacker who knows the password must not take
# it from its owner.
MOST_WRONG_TRIES_A_LOG_IN = 5
# Then the code is deleted. So many guesses succeed with a chance of one in a million, and NIST SP 800-63B-4, 3.2.2,
# allows no more in a row.
MOST_WRONG_TRIES = 100
_PURPOSE = "second_step.bootstrap_code"


class WrongBootstrapCode(Exception):
    """The code is wrong, or used up, or over, or there is none: a caller is not told which."""


def make(*, user: User, by: User | None) -> str:
    """Make a code for `user`, which ends an older one; return it as it is read out: "1234 5678".

    It cannot be had again. `by` is the agent, or None at the command line. Records BOOTSTRAP_CODE_MADE.
    """
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    now = timezone.now()
    with transaction.atomic():
        BootstrapCode.objects.update_or_create(
            user=user,
            defaults={
                "digest": keyed_digest(purpose=_PURPOSE, value=_keyed(user, code)),
                "made_by": by,
                "made_at": now,
                "ends_at": now + LASTS,
                "wrong_tries": 0,
            },
        )
        events.record(event=Event.BOOTSTRAP_CODE_MADE, user_id=user.pk, by=by)
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"


def use(*, user: User, code: str) -> None:
    """Use up the code of `user`, in its one spelling.

    Of one code that is posted many times at once, one passes. Raises WrongBootstrapCode. Records BOOTSTRAP_CODE_USED or
    SECOND_STEP_FAILED.
    """
    with transaction.atomic():
        held = BootstrapCode.objects.select_for_update().filter(user=user).first()
        passed = (
            held is not None
            and timezone.now() < held.ends_at
            and is_keyed_digest(held.digest, purpose=_PURPOSE, value=_keyed(user, code))
        )
        if passed:
            events.record(event=Event.BOOTSTRAP_CODE_USED, user_id=user.pk)
        else:
            events.record_failure(event=Event.SECOND_STEP_FAILED, user_id=user.pk, reason="wrong_bootstrap_code")
        if held is not None:
            _count(held, passed=passed)
    # Raised outside: the count of wrong tries must stay.
    if not passed:
        raise WrongBootstrapCode


def as_typed(typed: str) -> str | None:
    """Return the one spelling of a typed code, or None where it is none by its form.

    Blanks, hyphens, invisible marks and full-width digits are forgiven.
    """
    code = typed_codes.plain(typed)
    return code if re.fullmatch(rf"[0-9]{{{DIGITS}}}", code) else None


def delete(*, user: User) -> None:
    """Delete the code of `user`, in the caller's transaction, where there is one."""
    BootstrapCode.objects.filter(user=user).delete()


def delete_ended() -> int:
    """Delete the codes that are over; return how many. Daily work."""
    deleted, _ = BootstrapCode.objects.filter(ends_at__lte=timezone.now()).delete()
    return deleted


def _count(held: BootstrapCode, *, passed: bool) -> None:
    held.wrong_tries += 1
    if passed or held.wrong_tries >= MOST_WRONG_TRIES or held.ends_at <= timezone.now():
        held.delete()
    else:
        held.save(update_fields=["wrong_tries"])


def _keyed(user: User, code: str) -> str:
    return f"{user.pk} {code}"
