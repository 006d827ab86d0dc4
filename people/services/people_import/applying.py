"""From the facts of a file to rows of the database: in one transaction, and only where no line has a fault."""

from __future__ import annotations

import dataclasses
import operator
import secrets
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts import many_rows
from accounts.models import User
from accounts.models.outbox import Kind
from accounts.models.search_words import SOURCES, search_words
from accounts.models.security_event import Event
from accounts.services import events, outbox
from people.services import care_identity_links, people, usernames
from people.services.people_import.batches import batches
from people.services.people_import.checking import Checked, Facts
from people.services.people_import.faults import Fault, Faulty, Progress, no_progress
from people.services.people_import.matching import Change, Fact, Plan, plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# Another agent or import may add or change the same person between our read and our write; reading again shows it.
_TRIES = 3
# So that an operator sees how far it is; no row is a placeholder here.
_ADDED_AT_ONCE = 5000
_FACTS = (
    *("given_name", "family_name", "email", "date_of_birth", "employee_number", "person_type", "organisation_id"),
    *("starts_on", "ends_on"),
)
_AS_IN_THE_FILE = operator.attrgetter(*_FACTS)
_COLUMNS = (*_FACTS, "username", "search_words", "password")


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """How many people an import added, changed, and left unchanged; how many lines are hidden in the workbook.

    `erased` says of each line that was left out, because its person was erased, what to do.
    """

    added: int
    changed: int
    unchanged: int
    hidden: int = 0
    erased: tuple[Fault, ...] = ()


def apply(*, checked: Checked, by: User | None, progress: Progress) -> Result:
    """Add and change people as a checked file says; return how many.

    Records PERSON_IMPORTED, PERSON_CHANGED, and CARE_IDENTITY_LINKED as care_identity_links.link does.

    Raises Faulty, with the faults of the file and those that only the database shows, before anything is changed.
    """
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _apply(checked, by, progress)
        except IntegrityError:
            continue
    raise Faulty([Fault(0, "", _("Somebody else is changing the same people at this moment. Try again."))])


def _apply(checked: Checked, by: User | None, progress: Progress) -> Result:
    # From here on no other caller makes usernames there.
    usernames.lock(organisations={facts.organisation_id for facts in checked.people})
    planned = plan(checked=checked)
    faults = sorted(checked.faults + planned.faults, key=lambda fault: fault.line)
    if faults:
        raise Faulty(faults)
    write(planned=planned, by=by, progress=progress)
    return Result(
        added=len(planned.new),
        changed=len(planned.changes),
        unchanged=planned.unchanged,
        hidden=checked.unseen.lines,
        erased=tuple(planned.erased),
    )


def write(
    *, planned: Plan, by: User | None, progress: Progress = no_progress, numbers: usernames.Numbers | None = None
) -> None:
    """Do what is planned, in the caller's transaction, which holds the lock of the organisations.

    `numbers` knows the usernames that are taken there, where the caller has read them. Records what `apply` does.
    """
    added = _add(planned.new, progress, numbers)
    _change(planned.changes, progress)
    events.record_many(event=Event.PERSON_IMPORTED, about=[(pk, "") for pk in added], by=by)
    facts = [(change.user_id, fact) for change in planned.changes for fact in change.after]
    recorded = events.record_many(event=Event.PERSON_CHANGED, about=facts, by=by)
    former = {change.user_id: change.former_email for change in planned.changes if "email" in change.after}
    people.emails_changed(former=former, recorded={user_id: recorded[user_id, "email"] for user_id in former})
    if by is not None:
        _tell(recorded)
    _link(dict(zip(added, planned.new, strict=True)), planned.changes, by)


def _tell(recorded: Mapping[tuple[int, str], int]) -> None:
    """Tell people by mail what the desk's file has changed in how they get in; `recorded` is the event of each fact."""
    told = [(user_id, event) for (user_id, fact), event in recorded.items() if fact in people.TOLD]
    outbox.add_many(kind=Kind.HELPED, about=({"users": [pk], "event": event} for pk, event in told))


def numbers_taken(*, codes: Collection[str]) -> usernames.Numbers:
    """Return what hands out usernames at the organisations with these codes, after all that there are."""
    taken: set[str] = set()
    for code in codes:
        taken |= set(User.objects.filter(username__startswith=code).order_by().values_list("username", flat=True))
    return usernames.Numbers(taken=taken, erased=usernames.of_erased(codes=codes))


def _add(new: list[Facts], progress: Progress, numbers: usernames.Numbers | None) -> list[int]:
    """Add people; return their primary keys."""
    added: list[int] = []
    for batch in batches(_new_rows(new, numbers), size=_ADDED_AT_ONCE):
        added += many_rows.insert(model=User, columns=_COLUMNS, rows=batch)
        progress(step="Adding", done=len(added), of=len(new))
    return added


def _change(changes: list[Change], progress: Progress) -> None:
    """Write the facts that changed, and no others, which may be changing meanwhile."""
    _hold([change.user_id for change in changes])
    alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        if change.after:
            alike[tuple(change.after)].append(change)
    done = 0
    for columns, those in alike.items():
        for batch in batches(those):
            _write(batch, columns)
            done += len(batch)
            progress(step="Changing", done=done, of=len(changes))


def _hold(people: list[int]) -> None:
    """Lock people in the order in which tidying and recovery do, whatever the order of the file's lines.

    Two that wait for each other end in an error for one.
    """
    for batch in batches(sorted(people)):
        # No key: rows that refer to a person can still be added meanwhile.
        list(User.objects.select_for_update(no_key=True).filter(pk__in=batch).order_by("pk").values_list("pk"))


def _write(changes: list[Change], columns: tuple[str, ...]) -> None:
    """Write the same columns of many people.

    One statement sent many times takes a thirtieth of the time of bulk_update's CASE, which keeps others waiting.
    """
    named = SOURCES & set(columns)
    searched = _search_words(changes) if named else {}
    written = {*columns, "search_words"} if named else {*columns}
    fields = [field for field in User._meta.concrete_fields if field.name in written]
    quoted = connection.ops.quote_name
    assigned = ", ".join(f"{quoted(str(field.column))} = %s" for field in fields)
    update = f"UPDATE {quoted(User._meta.db_table)} SET {assigned} WHERE {quoted('id')} = %s"  # noqa: S608 (our names)
    facts = [(change.user_id, change.after | searched.get(change.user_id, {})) for change in changes]
    rows = [[*(field.get_db_prep_save(after[field.name], connection) for field in fields), pk] for pk, after in facts]
    with connection.cursor() as cursor:
        cursor.executemany(update, rows)


def _search_words(changes: list[Change]) -> dict[int, dict[str, Fact]]:
    """Return the words by which people are found under their new names, by primary key, as a fact to write."""
    found: dict[int, dict[str, Fact]] = {}
    people = User.objects.in_bulk([change.user_id for change in changes])
    for change in changes:
        sources = {source: change.after.get(source, getattr(people[change.user_id], source)) for source in SOURCES}
        found[change.user_id] = {"search_words": search_words(**{name: str(value) for name, value in sources.items()})}
    return found


def _link(new: dict[int, Facts], changes: list[Change], by: User | None) -> None:
    """Link Care Identities. A new person gets no mail: there is nothing yet that it could warn them about."""
    first = {user_id: facts.care_identity for user_id, facts in new.items() if facts.care_identity}
    if first:
        care_identity_links.link_many(uids=first, tell=False, by=by)
    linked = {change.user_id: change.care_identity for change in changes if change.care_identity}
    if linked:
        before = [change.user_id for change in changes if change.care_identity and change.former_care_identity]
        care_identity_links.link_many(uids=linked, linked_before=before, by=by)


def _new_rows(new: list[Facts], numbers: usernames.Numbers | None) -> Iterator[tuple[Any, ...]]:
    """Give the rows of the users to add: with a username, and without a password."""
    numbers = numbers or numbers_taken(codes={facts.organisation_code for facts in new})
    numbers.take(facts.username for facts in new if facts.username)
    for facts in new:
        start = usernames.beginning(
            organisation_code=facts.organisation_code, given_name=facts.given_name, family_name=facts.family_name
        )
        username = facts.username or numbers.next(start=start)
        found_by = search_words(given_name=facts.given_name, family_name=facts.family_name, username=username)
        # As set_unusable_password() makes it: no two are alike, so that nothing derived from them is.
        password = UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
        yield (*_AS_IN_THE_FILE(facts), username, found_by, password)
