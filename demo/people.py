"""The cast as it is now: people may have logged in, been unlocked or changed a password since the start."""

from __future__ import annotations

import dataclasses
import functools
import time

from django.contrib.auth.hashers import check_password
from django.utils.translation import gettext as _
from django_otp.oath import TOTP

from accounts import sealing, trusted_networks
from accounts.models import Authenticator, Organisation, RecoveryCodes, User
from accounts.services import care_identities, internet_access, lockout
from accounts.services.second_step import recovery_codes
from demo import parts, stand_in
from demo.cast import CAST, PASSWORD, Part
from demo.situations import WITH_A_CODE, Situation
from nhsuk.wording import spoken_date, spoken_time

# More than these few make the row long, and each log-in uses one up.
CODES_SHOWN = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """One of the cast: the part they were given, and how they stand now.

    `password` is "" where it is not the demo's, `card` where no card lets them in, `code` where their second step is
    no app whose phone the demo has. A secret that was sealed with another key is no secret that the page can show.
    """

    part: Part
    situation: str
    user: User
    password: str
    why_no_password: str
    card: str
    code: str
    recovery_codes: list[str]
    date_of_birth: str
    now: str


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a browser is: the names of the demo's organisations in whose networks it is, and of the others."""

    inside: list[str]
    outside: list[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Code:
    """A code that the second step takes now, and when it stops doing so."""

    code: str
    good_for_seconds: int


def everybody() -> list[Shown]:
    """Return the cast, in order. Raises parts.NotSeeded."""
    return [_shown(part, parts.person(part)) for part in CAST]


def _shown(part: Part, user: User) -> Shown:
    has_password = user.has_usable_password()
    return Shown(
        part=part,
        situation=_(part.situation.value),
        user=user,
        password=PASSWORD if has_password and _is_still_the_first(user.password) else "",
        why_no_password=_("Password changed since") if has_password else _("No password yet"),
        card=_card(part, user),
        code=_code_now(part, user),
        recovery_codes=_recovery_codes(part, user),
        date_of_birth=spoken_date(user.date_of_birth),
        now=_now(part, user),
    )


@functools.lru_cache(maxsize=100)
def _is_still_the_first(encoded: str) -> bool:
    """Return whether this hash is that of the demo's password. Each is computed once: the page asks for ten."""
    return check_password(PASSWORD, encoded)


def _card(part: Part, user: User) -> str:
    """Return the number of the card of the stand-in that lets this person in, as it is printed on it, or ""."""
    uid = part.care_identity
    return f"{uid[:4]} {uid[4:8]} {uid[8:]}" if stand_in.address() and _has_their_card(part, user) else ""


def _has_their_card(part: Part, user: User) -> bool:
    linked = care_identities.of(user=user)
    return linked is not None and linked.uid == part.care_identity


def where(*, address: str) -> Place:
    """Return in whose networks `address` is."""
    trusting = trusted_networks.trusting(address=address)
    place = Place(inside=[], outside=[])
    for each in Organisation.objects.by_name():
        (place.inside if each.pk in trusting else place.outside).append(each.shown_name)
    return place


def _now(part: Part, user: User) -> str:
    """Return what is different from the situation that the part began in, or how long that still lasts; or ""."""
    locked_until = lockout.locked_until(username=user.username)
    if locked_until:
        return _("Locked until %(time)s.") % {"time": spoken_time(locked_until)}
    if part.situation is Situation.LOCKED:
        return _("No longer locked. Ten wrong passwords lock it again.")
    if part.situation is Situation.MUST_CHANGE and not user.must_change_password:
        return _("Has changed it.")
    if part.situation is Situation.DORMANT and not user.is_dormant():
        return _("Has woken it.")
    if part.care_identity and not _has_their_card(part, user):
        return _("The card was unlinked.")
    return _day_now(part, user) or _internet_access_now(part, user)


def _day_now(part: Part, user: User) -> str:
    if part.situation is Situation.NOT_YET_STARTED and user.starts_on:
        return _("Starts on %(day)s.") % {"day": spoken_date(user.starts_on)}
    if part.situation is Situation.LEAVING and user.ends_on:
        return _("Leaves on %(day)s.") % {"day": spoken_date(user.ends_on)}
    return ""


def _internet_access_now(part: Part, user: User) -> str:
    status = internet_access.status(user=user)
    if part.has_internet_access:
        return "" if status is internet_access.Status.ON else _("Has none any more.")
    match status:
        case internet_access.Status.ON:
            return _("Has internet access by now.")
        case internet_access.Status.WITHDRAWN:
            return _("Internet access was withdrawn.")
    return ""


def current_code() -> Code | None:
    """Return the helpdesk's code, or None where their second step was taken away or set up anew."""
    helpdesk = next(part for part in CAST if part.situation is Situation.HELPDESK)
    return _code_of(parts.person(helpdesk))


def _code_of(user: User) -> Code | None:
    """Return what the app of a person shows, or None where they have none that the demo can read.

    A code works once: when the current one was used, this is the next, which is taken a little early.
    """
    device = Authenticator.objects.confirmed(user.pk).first()
    if device is None:
        return None
    try:
        app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    except sealing.CannotOpen:
        return None
    app.time = time.time()
    unused = max(app.t(), device.last_t + 1)
    ends_at = device.t0 + (unused + 1 - device.drift) * device.step
    app.time = ends_at - 1
    return Code(code=f"{app.token():0{device.digits}}", good_for_seconds=int(ends_at - time.time()))


def _code_now(part: Part, user: User) -> str:
    """Return the code of the person who has the phone at hand, or ""."""
    code = _code_of(user) if part.situation in WITH_A_CODE else None
    return f"{code.code[:3]} {code.code[3:]}" if code else ""


def _recovery_codes(part: Part, user: User) -> list[str]:
    """Return the next recovery codes of the person who has lost the phone."""
    kept = RecoveryCodes.objects.filter(user=user).first() if part.situation is Situation.LOST_THE_PHONE else None
    if kept is None:
        return []
    try:
        codes = [sealing.unseal(each, of=RecoveryCodes.sealed_for(user.pk)) for each in kept.sealed[:CODES_SHOWN]]
    except sealing.CannotOpen:
        return []
    return [recovery_codes.as_read(code.decode()) for code in codes]
