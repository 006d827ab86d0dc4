"""Why a person cannot get in: the diagnosis, in sentences for the agent who is on the telephone with them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models.recovery_request import Outcome
from accounts.services.recovery import looking_up
from helpdesk.diagnosis import joiners
from helpdesk.diagnosis.on_record import (
    describe_care_identity,
    describe_counter,
    describe_internet_access,
    describe_locks,
    describe_log_in,
    describe_password,
)
from helpdesk.diagnosis.rules import STATE, TRIED, WAYS_IN, Cause, Rule
from helpdesk.facts import Facts
from nhsuk.wording import spoken_ago, spoken_moment

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from accounts.models import RecoveryRequest, User
    from helpdesk.actions import Action
    from helpdesk.mail_fate import Mail

__all__ = [
    "Cause",
    "Diagnosis",
    "describe",
    "describe_care_identity",
    "describe_internet_access",
    "describe_locks",
    "describe_log_in",
    "describe_password",
    "diagnose",
    "of_request",
]


_OF_WRONG_PASSWORDS = {
    *(Cause.USED_UP, Cause.LOCKED, Cause.WRONG_PASSWORDS),
    *(Cause.FROZEN, Cause.FROZEN_AND_HELD, Cause.FROZEN_BEFORE),
}
_WRONG_DATE = {Outcome.DATE_DIFFERS.value, Outcome.TOLD_DATE_DIFFERS.value}


@dataclasses.dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a person cannot get in, or how they can: one cause in words, what shows it, and what mends it."""

    cause: Cause
    sentence: str
    evidence: tuple[str, ...] = ()
    recommended: Action | None = None


def diagnose(*, person: User, now: datetime.datetime | None = None, facts: Facts | None = None) -> Diagnosis:
    """Return the diagnosis of `person` at `now`. A caller who has read their facts already gives them."""
    facts = facts or Facts(person=person, now=now or timezone.now())
    rule = _first((*STATE, *TRIED, *WAYS_IN), facts)
    return Diagnosis(rule.cause, rule.sentence(facts), tuple(_evidence(rule, facts)), rule.action)


def describe(*, person: User) -> str:
    """Return how `person` can get in today, or why they cannot and what to do, by what their record says alone."""
    facts = Facts(person=person, now=timezone.now())
    rule = _first((*STATE, *WAYS_IN), facts)
    sentence = rule.sentence(facts)
    if rule.cause is Cause.NONE_LINKED:
        return f"{sentence} {_('Link it on the desk.')}"
    return sentence


def of_request(*, request: RecoveryRequest) -> Diagnosis:
    """Return what an agent may know of a request that `looking_up.requests` returned; for no person: `RECEIVED`."""
    if not looking_up.is_open(request):
        return Diagnosis(Cause.RECEIVED, looking_up.said(request))
    undecided = request.outcome == Outcome.UNDECIDED
    return Diagnosis(Cause.WAITS_FOR_DECISION if undecided else Cause.DECIDED, looking_up.said(request))


def _first(rules: Sequence[Rule], facts: Facts) -> Rule:
    return next(rule for rule in rules if rule.holds(facts))


def _evidence(rule: Rule, facts: Facts) -> Iterator[str]:
    """Yield what shows a cause, and what else an agent should know before they act."""
    if rule.cause in _OF_WRONG_PASSWORDS:
        for each in facts.locks.counters:
            yield _("Wrong passwords: %(count)s.") % {"count": describe_counter(each)}
    if rule.cause is Cause.REFUSED_OUTSIDE and facts.refused_outside is not None:
        moment = spoken_moment(facts.refused_outside.at)
        yield _("Refused outside of the organisation’s network: %(moment)s.") % {"moment": moment}
    if rule.cause is not Cause.MANY_REQUESTS:
        yield from _of_request(facts)
    if facts.recovery_mail is not None:
        yield from _of_mail(facts.recovery_mail)
    yield from joiners.lines(facts)
    last = facts.last_log_in
    yield _("Last logged in %(ago)s.") % {"ago": spoken_ago(last.at, facts.now)} if last else _("Never logged in.")
    if facts.is_known_elsewhere:
        yield _("Also known here at another organisation: an email or a smartcard of theirs can be about that record.")


def _of_mail(mail: Mail) -> Iterator[str]:
    """Yield when the mail with the way in was asked for or sent, why it has not gone, and when it is tried next."""
    if mail.sent_at is not None:
        yield _("Recovery email sent: %(moment)s.") % {"moment": spoken_moment(mail.sent_at)}
    else:
        yield _("Recovery email asked for: %(moment)s.") % {"moment": spoken_moment(mail.asked_at)}
    if mail.reason:
        yield mail.reason
    if mail.next_try_at is not None:
        yield _("Tried next: %(moment)s.") % {"moment": spoken_moment(mail.next_try_at)}


def _of_request(facts: Facts) -> Iterator[str]:
    """Yield when the recovery form was last sent for them, and what came of it, where it may be told."""
    decided = facts.decided
    if decided is None:
        return
    moment = {"moment": spoken_moment(decided.at)}
    if decided.reason in _WRONG_DATE:
        yield _("The date of birth did not match: %(moment)s.") % moment
    elif decided.reason == Outcome.MAILED:
        yield _("They asked for a link, and a mail with it was made: %(moment)s.") % moment
