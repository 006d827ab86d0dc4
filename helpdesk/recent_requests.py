"""The recovery requests of the last days: what came of each, as far as the agent may know, and where its mail is."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.models.recovery_request import Outcome
from accounts.services.recovery import looking_up
from helpdesk import finding, mail_fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

    from helpdesk.mail_fate import Mail

# A caller asks about a request of today or of the days before; older ones are found by their reference.
LAST = datetime.timedelta(days=7)
MOST_SHOWN = 50

# Whether the mail was sent is said beside it.
_BESIDE_A_MAIL: Mapping[Outcome | None, StrPromise] = {
    Outcome.MAILED: gettext_lazy("It matched: a mail with a way in"),
    Outcome.TOLD_WHY_NOT: gettext_lazy("It matched: a mail saying why there is no link"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One request: whom it is for, what came of it, and the mail that it led to, where the agent may know."""

    reference: str
    asked_at: datetime.datetime
    people: tuple[User, ...]
    outcome: str
    mail: Mail | None


def newest(*, by: User) -> list[Request]:
    """Return the newest requests of the last days that the agent `by` may see, MOST_SHOWN at most."""
    organisation = finding.looks_after(by=by)
    rows = looking_up.of_late(organisation=organisation, since=timezone.now() - LAST, most=MOST_SHOWN)
    keys = looking_up.people_of(references=[row.reference for row in rows], organisation=organisation)
    people = User.objects.select_related("organisation").in_bulk({key for each in keys.values() for key in each})
    mails = mail_fate.of_requests(requests=rows, people=keys)
    return [
        Request(
            reference=row.reference,
            asked_at=row.created_at,
            people=tuple(people[key] for key in dict.fromkeys(keys.get(row.reference, ())) if key in people),
            outcome=str(_BESIDE_A_MAIL.get(looking_up.outcome_told(row), "")) or looking_up.said(row),
            mail=mails.get(row.pk),
        )
        for row in rows
    ]
