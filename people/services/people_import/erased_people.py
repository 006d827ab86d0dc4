"""Lines about people who were erased: an old file brings nobody back unseen.

A person who has come back has a first day on or after the day on which they were erased, and gets a new record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import erased_digests
from accounts.models import ErasedPerson
from nhsuk.wording import spoken_date
from people.services import usernames
from people.services.people_import.faults import Fault

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from people.services.people_import.checking import Facts


def faults(new: Sequence[Facts]) -> list[Fault]:
    """Return what is said of each of these people, none of whom is on record, who were erased and are not back."""
    if not new or not ErasedPerson.objects.filter(organisation__in={each.organisation_id for each in new}).exists():
        return []
    by_digest = {digest: facts for facts in new for digest in _digests(facts)}
    erased: dict[int, tuple[Facts, datetime.date]] = {}
    rows = ErasedPerson.objects.filter(number_digest__in=by_digest).order_by("erased_at")
    for digest, at in rows.values_list("number_digest", "erased_at"):
        erased[by_digest[digest].line] = by_digest[digest], timezone.localdate(at)
    return [
        Fault(facts.line, "employee_number", _sentence(day))
        for facts, day in erased.values()
        if facts.starts_on is None or facts.starts_on < day
    ]


def faults_of_usernames(new: Sequence[Facts]) -> Iterator[Fault]:
    """Give a fault for each username in the file that was an erased person's."""
    wanted = [facts for facts in new if facts.username]
    erased = usernames.of_erased(codes={facts.organisation_code for facts in wanted}) if wanted else frozenset()
    for facts in wanted:
        if usernames.is_of_erased(facts.username, erased=erased):
            yield Fault(facts.line, "username", _("This was an erased person’s username. Leave the field empty."))


def _digests(facts: Facts) -> list[str]:
    return erased_digests.each_of_number(organisation_id=facts.organisation_id, employee_number=facts.employee_number)


def _sentence(day: datetime.date) -> str:
    return _(
        "The person with this ESR number was erased on %(day)s, and is not added again. If they have come back, put "
        "their new first day in starts_on."
    ) % {"day": spoken_date(day)}
