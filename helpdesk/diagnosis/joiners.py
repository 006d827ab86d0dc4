"""What a joiner still lacks, in a line each for the agent: what it is, and whose it is to mend."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services import joining
from accounts.services.joining import Missing
from helpdesk import second_step_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django_stubs_ext import StrPromise

    from helpdesk.facts import Facts

# Later a person who was never in has other reasons than that they are new.
NEW_FOR = datetime.timedelta(days=14)

_SAID: Mapping[Missing, StrPromise] = {
    Missing.FIRST_DAY: _("Before the first day. HR corrects the date where it is wrong."),
    Missing.CARD_ON_RECORD: _("Still missing: a Care Identity on their record. The helpdesk links it."),
    Missing.SMARTCARD: _("They need their smartcard. IT gives and renews it."),
    Missing.PASSWORD: _("Still missing: a password. They set it themselves, by recovery, from their first day."),
    Missing.SECOND_STEP: _("Still missing: a second step. They set it up themselves, at the first log-in."),
    Missing.INTERNET_ACCESS: _(
        "Still missing: internet access, to log in from home. They set it up with a smartcard at the organisation, or "
        "the helpdesk gives it."
    ),
}


_SECOND_STEP_OUTSIDE = _(
    "Still missing: a second step. They set it up themselves, at the first log-in from outside the organisation’s "
    "network."
)


def lines(facts: Facts) -> Iterator[str]:
    """Yield what a person lacks who has not begun, or who has begun lately and was never in; of others nothing."""
    person = facts.person
    began = person.starts_on
    if began is None or person.has_ended() or facts.last_log_in is not None:
        return
    if began + NEW_FOR >= timezone.localdate(facts.now):
        outside = {Missing.SECOND_STEP} if second_step_state.is_asked_outside_alone(person=person) else set()
        for what in joining.missing(user=person):
            yield str(_SECOND_STEP_OUTSIDE if what in outside else _SAID[what])
