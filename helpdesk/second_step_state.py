"""A person's second step in sentences, for the agent who has their page open."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import SecondStepExcuse
from accounts.models.organisation import SecondStepPolicy
from accounts.models.switched_off import Part
from accounts.services import second_step, switched_off
from accounts.services.second_step import wrong_codes
from accounts.services.second_step.wrong_codes import Code
from nhsuk.wording import spoken_date, spoken_time

if TYPE_CHECKING:
    from accounts.models import User
    from accounts.services.second_step import TooManyWrongCodes


def describe(*, person: User) -> str:
    """Return what `person` has or needs, until when they are excused, and what they wait for."""
    sentences = [_what_they_have(person), excuse_in_words(person=person), wait_in_words(person=person)]
    return " ".join(sentence for sentence in sentences if sentence)


def is_missing(*, person: User) -> bool:
    """Return whether a second step is required of `person` who has none yet: the next log-in sets it up."""
    return second_step.is_required(user=person) and not second_step.is_set_up(user=person)


def is_asked_outside_alone(*, person: User) -> bool:
    """Return whether a second step is asked of `person` outside of the organisation's networks, and not in them."""
    is_frozen = person.password_frozen_at is not None
    return (
        not person.is_staff and not is_frozen and person.organisation.second_step == SecondStepPolicy.REQUIRED_OUTSIDE
    )


def may_be_excused(*, person: User) -> bool:
    """Return whether a second step is required of `person` from which an agent can excuse them.

    The organisation requires it, or they have none and their password was frozen.
    """
    if person.is_staff:
        return False
    return second_step.is_required(user=person) or _has_to_after_freeze(person)


def wait_in_words(*, person: User) -> str:
    """Return until when no code of `person`'s app, and whether no recovery code of theirs, is looked at, or ""."""
    found = waits(person=person)
    sentences = [_wait_of_app_in_words(found.app)] if found.app else []
    if found.recovery_codes_are_closed:
        sentences.append(
            _("No recovery code of theirs is looked at any more, after too many wrong ones: lift the wait.")
        )
    return " ".join(sentences)


@dataclasses.dataclass(frozen=True, slots=True)
class Waits:
    """Which codes of a person are not looked at now. Of recovery codes a right one passes in a wait that ends."""

    app: TooManyWrongCodes | None
    recovery_codes_are_closed: bool


def waits(*, person: User) -> Waits:
    """Return which codes of `person` are not looked at now, after wrong ones."""
    found = wrong_codes.waits(user=person)
    of_recovery = found.get(Code.RECOVERY)
    return Waits(found.get(Code.APP), of_recovery is not None and of_recovery.until is None)


def _wait_of_app_in_words(wait: TooManyWrongCodes) -> str:
    if wait.until is None:
        return _("No code of their app is looked at any more, after too many wrong ones: lift the wait.")
    at = timezone.localtime(wait.until)
    facts = {"time": spoken_time(at), "day": spoken_date(at.date())}
    return _("After wrong codes, none of their app is looked at until %(time)s on %(day)s.") % facts


def excuse_in_words(*, person: User) -> str:
    """Return until when `person` is excused, or ""."""
    excuse = SecondStepExcuse.objects.in_effect().filter(user=person).first()
    return _("Excused until %(day)s.") % {"day": spoken_date(excuse.review_on)} if excuse else ""


def _has_to_after_freeze(person: User) -> bool:
    return second_step.is_required_by_freeze(user=person) and not second_step.is_set_up(user=person)


def _what_they_need(person: User) -> str:
    """Return whether a person who has none set up needs one, and when they set it up."""
    if second_step.is_required(user=person) and is_asked_outside_alone(person=person):
        return _(
            "Required outside the organisation’s network, and none set up yet: the next log-in with the password "
            "from there sets it up."
        )
    if second_step.is_required(user=person):
        return _("Required, and none set up yet: the next log-in with the password sets it up.")
    if _has_to_after_freeze(person):
        return _(
            "None set up. Their password was frozen: they have to set one up at the next log-in with a password, "
            "or can be excused."
        )
    return _("None needed, and none set up.")


def _what_they_have(person: User) -> str:
    ways = second_step.ways_of(user=person)
    if not ways.is_set_up:
        return _what_they_need(person)
    having = []
    if ways.passkeys:
        having.append(ngettext("%(number)s passkey", "%(number)s passkeys", ways.passkeys) % {"number": ways.passkeys})
    if ways.authenticator:
        having.append(_("an authenticator app"))
    if ways.recovery_codes:
        left = ngettext("%(number)s recovery code left", "%(number)s recovery codes left", ways.recovery_codes)
        having.append(left % {"number": ways.recovery_codes})
    elif not ways.are_enough:
        having.append(_("no recovery codes"))
    sentence = _("Set up: %(ways)s.") % {"ways": ", ".join(having)}
    if ways.passkeys and not switched_off.is_on(Part.PASSKEYS):
        return f"{sentence} {_('Passkeys are switched off for all now.')}"
    return sentence
