"""What agents download, and that they did so.

The list of people can be edited and imported again: its columns are those of an import. It has no date of birth and no
Care Identity: neither is needed to find a person by, and nobody can lose what they have not got.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models.security_event import Event
from accounts.services import events
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from accounts.models import User

# The heading of each column, as an import reads it, and where it is from.
COLUMNS = {
    "organisation": "organisation__code",
    "employee_number": "employee_number",
    "username": "username",
    "given_name": "given_name",
    "family_name": "family_name",
    "email": "email",
    "person_type": "person_type",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
}
_AT_ONCE = 2_000


def export(*, people: QuerySet[User], kind: str, by: User) -> Iterator[Sequence[object]]:
    """Return the rows of a table of `people`, the headings first. Records PEOPLE_EXPORTED, with how many there are.

    `people` are such as `by` may see, and `kind` is what the table becomes: csv or xlsx. Raises NotAllowed.
    """
    if not rights.may_export(by=by):
        raise rights.NotAllowed
    events.record(event=Event.PEOPLE_EXPORTED, user_id=by.pk, reason=f"{kind}_{people.count()}")
    return _rows(people)


def record_exceptions(*, number: int, by: User) -> None:
    """Record that `by` downloads `number` people who are excused from the second step, by name.

    Records PEOPLE_EXPORTED; raises NotAllowed.
    """
    if not rights.may_export(by=by):
        raise rights.NotAllowed
    events.record(event=Event.PEOPLE_EXPORTED, user_id=by.pk, reason=f"exceptions_{number}")


def record_events(*, by: User) -> None:
    """Record that `by` downloads security events. Records EVENTS_EXPORTED; raises NotAllowed."""
    if not rights.may_export(by=by):
        raise rights.NotAllowed
    events.record(event=Event.EVENTS_EXPORTED, user_id=by.pk)


def _rows(people: QuerySet[User]) -> Iterator[Sequence[object]]:
    yield tuple(COLUMNS)
    for row in people.values_list(*COLUMNS.values()).iterator(chunk_size=_AT_ONCE):
        yield tuple("" if fact is None else fact for fact in row)
