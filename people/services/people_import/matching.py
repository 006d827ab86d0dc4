"""Which people of a file are on record already, what differs, and what only the database shows to be wrong."""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import User
from people.services import care_identity_links, person_facts
from people.services.people import PERSON_FIELDS
from people.services.people_import import erased_people
from people.services.people_import.batches import batches
from people.services.people_import.checking import Checked, Facts
from people.services.people_import.faults import Fault
from people.services.people_import.reading import OPTIONAL, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# By which a person is found, with the organisation: it is the same before and after.
_NUMBER = "employee_number"
# What an import may write to a person's record: what a file must have, and what it has at times.
_ALWAYS = tuple(field for field in PERSON_FIELDS if field in REQUIRED and field != _NUMBER)
_AT_TIMES = tuple(field for field in PERSON_FIELDS if field in OPTIONAL)
# Of a person on record. A new one gets what the file says.
_NOT_FROM_DESK = frozenset({"date_of_birth"})

Fact = str | datetime.date | None


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A person on record, the address they have until now, and those of their facts that differ in the file."""

    user_id: int
    former_email: str
    after: dict[str, Fact]
    # Of the same facts, what is on record until now.
    before: dict[str, Fact]
    # The Care Identity that the file links, where that is another than `former_care_identity`; each "" where none.
    care_identity: str
    former_care_identity: str
    line: int


@dataclasses.dataclass(slots=True)
class Plan:
    """What an import has to do, and the faults that keep it from doing it."""

    new: list[Facts] = dataclasses.field(default_factory=list)
    changes: list[Change] = dataclasses.field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = dataclasses.field(default_factory=list)
    # Lines about people who were erased: no fault of the file, and nothing is done for them.
    erased: list[Fault] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class _OnRecord:
    user_id: int
    username: str
    care_identity: str
    facts: dict[str, Fact]


def plan(*, checked: Checked, from_desk: bool = False) -> Plan:
    """Return what to do for the people of a checked file. Reads a few times for each thousand, and writes nothing.

    A Care Identity goes from one person to another where the file links another to the first. Not `from_desk`, so that
    what is planned for one person depends on no other line; and there a date of birth on record is compared with
    nothing, because an agent reads what would change.
    """
    kept = _NOT_FROM_DESK if from_desk else frozenset()
    columns = [column for column in _ALWAYS + _AT_TIMES if column in checked.columns - kept]
    planned = Plan()
    other_holders: list[tuple[Facts, User]] = []
    for batch in batches(checked.people):
        on_record = _on_record(batch)
        unknown = [facts for facts in batch if _key(facts) not in on_record]
        new = _without_erased(unknown, planned, from_desk=from_desk)
        planned.new += new
        planned.faults += _faults_of_new(new)
        for facts in batch:
            known = on_record.get(_key(facts))
            if known is not None:
                _compare(facts, known, columns, planned)
        other_holders += _other_holders(batch, on_record)
    planned.faults += _taken_care_identities(other_holders, () if from_desk else planned.changes)
    return planned


def _without_erased(unknown: Sequence[Facts], planned: Plan, *, from_desk: bool) -> list[Facts]:
    """Return who of these is to be added: not those who were erased, of whom the plan says so."""
    erased = erased_people.faults(unknown)
    # The desk leaves lines with a fault out, and names them.
    (planned.faults if from_desk else planned.erased).extend(erased)
    lines = {fault.line for fault in erased}
    return [facts for facts in unknown if facts.line not in lines]


def _faults_of_new(new: Sequence[Facts]) -> Iterator[Fault]:
    yield from _taken_usernames(new)
    yield from erased_people.faults_of_usernames(new)
    for facts in new:
        if facts.date_of_birth is None:
            problem = _("Missing: this person is not on record yet. Add the column.")
            yield Fault(facts.line, "date_of_birth", problem)


def _key(facts: Facts) -> tuple[int, str]:
    return facts.organisation_id, facts.employee_number


def _on_record(batch: Sequence[Facts]) -> dict[tuple[int, str], _OnRecord]:
    numbers: dict[int, list[str]] = defaultdict(list)
    for organisation_id, employee_number in map(_key, batch):
        numbers[organisation_id].append(employee_number)
    found = {}
    for organisation_id, wanted in numbers.items():
        rows = User.objects.filter(organisation_id=organisation_id, employee_number__in=wanted).order_by()
        names = ("pk", _NUMBER, "username", "care_identity__uid", *_ALWAYS, *_AT_TIMES)
        for pk, number, username, care_identity, *facts in rows.values_list(*names):
            by_name = dict(zip(_ALWAYS + _AT_TIMES, facts, strict=True))
            found[organisation_id, number] = _OnRecord(pk, username, care_identity or "", by_name)
    return found


def _taken_usernames(new: Sequence[Facts]) -> Iterator[Fault]:
    wanted = {facts.username: facts.line for facts in new if facts.username}
    for username in User.objects.filter(username__in=wanted).order_by().values_list("username", flat=True):
        yield Fault(
            wanted[username],
            "username",
            _("Somebody else has the username %(username)s already.") % {"username": username},
        )


def _other_holders(
    batch: Sequence[Facts], on_record: Mapping[tuple[int, str], _OnRecord]
) -> Iterator[tuple[Facts, User]]:
    """Give the people in the file whose Care Identity another person at the organisation has today, with that one."""
    to_link = {(facts.organisation_id, facts.care_identity): facts for facts in batch if facts.care_identity}
    keys = {key: on_record.get(_key(facts)) for key, facts in to_link.items()}
    wanted = {key: known.user_id if known else None for key, known in keys.items()}
    for key, other in care_identity_links.taken(wanted=wanted).items():
        yield to_link[key], other


def _taken_care_identities(other_holders: Sequence[tuple[Facts, User]], changes: Sequence[Change]) -> Iterator[Fault]:
    """Give a fault for each Care Identity that another person has, unless this file links another to that person."""
    given_up = {change.user_id for change in changes if change.care_identity}
    for facts, other in other_holders:
        if other.pk not in given_up:
            problem = _(
                "%(username)s at the same organisation has this Care Identity already. Take it away there first."
            ) % {"username": other.username}
            yield Fault(facts.line, "care_identity", problem)


def _compare(facts: Facts, known: _OnRecord, columns: Sequence[str], planned: Plan) -> None:
    """Put into the plan what the file says of a person on record."""
    if facts.username and facts.username != known.username:
        problem = _("This person has the username %(username)s. A username never changes: leave the field empty.") % {
            "username": known.username
        }
        planned.faults.append(Fault(facts.line, "username", problem))
        return
    change = _difference(facts, known, columns)
    problem = _problem_of_days(known.facts | change.after) if change.after else ""
    if problem:
        column = "ends_on" if "ends_on" in columns else "starts_on"
        planned.faults.append(
            Fault(facts.line, column, _("%(problem)s The other day is on record already.") % {"problem": problem})
        )
    elif change.after or change.care_identity:
        planned.changes.append(change)
    else:
        planned.unchanged += 1


def _difference(facts: Facts, known: _OnRecord, columns: Sequence[str]) -> Change:
    after = {column: getattr(facts, column) for column in columns if getattr(facts, column) != known.facts[column]}
    return Change(
        user_id=known.user_id,
        former_email=str(known.facts["email"]),
        after=after,
        before={column: known.facts[column] for column in after},
        # An empty cell says nothing: a Care Identity that is linked stays linked.
        care_identity=facts.care_identity if facts.care_identity != known.care_identity else "",
        former_care_identity=known.care_identity,
        line=facts.line,
    )


def _problem_of_days(facts: Mapping[str, Fact]) -> str:
    """Return what is wrong with the first and last day together: the file may have only one of the two."""
    return person_facts.last_day_problem(starts_on=_day(facts["starts_on"]), ends_on=_day(facts["ends_on"]))


def _day(fact: Fact) -> datetime.date | None:
    return fact if isinstance(fact, datetime.date) else None
