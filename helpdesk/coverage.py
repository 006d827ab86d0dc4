"""Second steps: which people have what, counted by organisation and person type for agents, operators and auditors.

Counted by the database, in one query: people with the same facts are one of its rows.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Case, Q, Value, When
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, CareIdentity, Organisation, RecoveryCodes, SecondStepExcuse, User
from accounts.models.organisation import SecondStepPolicy
from accounts.services.second_step import roll_out
from accounts.services.second_step.ways import ENOUGH
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

# What each row of a kind adds to a person's sum, of which each two digits say how many rows of that kind there are. A
# person has 20 passkeys at most, and of the others one.
BASE = 100
WEIGHTS = {
    name: BASE**place
    for place, name in enumerate(("apps", "passkeys", "codes", "care_identities", "excuses", "refused"))
}
# The facts that are in a person's own row, or follow from their organisation's.
FACTS = ("organisation_id", "person_type", "is_staff", "has_no_password", "is_required", "is_in_share")
REQUIRING = (SecondStepPolicy.REQUIRED, SecondStepPolicy.REQUIRED_OUTSIDE)


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How many people in force there are, and how many of them have what. A person counts in each that is true."""

    people: int = 0
    # A password, and neither a second step nor a Care Identity.
    password_only: int = 0
    app: int = 0
    passkey: int = 0
    care_identity: int = 0
    # An app or a passkey.
    second_step: int = 0
    # Ways of which one may be lost (accounts/services/second_step/ways.py).
    two_ways: int = 0
    # Required by the organisation or by their rights; a password, and no second step.
    required_and_none: int = 0
    excused: int = 0
    # Helpdesk and operators with neither a second step nor a Care Identity.
    staff_without: int = 0

    def __add__(self, other: Counts) -> Counts:
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return Counts(*(mine + theirs for mine, theirs in pairs))

    @property
    def second_step_share(self) -> int:
        """The percentage of people with a second step, rounded down: 100 is all of them."""
        return self._share(self.second_step)

    @property
    def two_ways_share(self) -> int:
        """The percentage of people with two ways, rounded down."""
        return self._share(self.two_ways)

    def _share(self, part: int) -> int:
        return 100 * part // self.people if self.people else 0


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """The counts of one person type at one organisation."""

    organisation: Organisation
    person_type: str
    counts: Counts


def lines(*, by: User | None) -> list[Line]:
    """Return the counts that `by` may see: of their organisation, or of all for an operator. Two queries.

    None is no person: the daily counting of all organisations.
    """
    organisations = {row.pk: row for row in _organisations(by)}
    found: dict[tuple[int, str], Counts] = {}
    for alike in _alike(by):
        key = (alike["organisation_id"], alike["person_type"])
        found[key] = found.get(key, Counts()) + _counts(alike)
    types = list(User._meta.get_field("person_type").flatchoices)
    return [
        Line(organisation=organisation, person_type=str(words), counts=found[pk, person_type])
        for pk, organisation in organisations.items()
        for person_type, words in types
        if (pk, person_type) in found
    ]


def total(of: Iterable[Line]) -> Counts:
    """Return all counts together."""
    return sum((line.counts for line in of), Counts())


def excuses(*, by: User) -> QuerySet[SecondStepExcuse]:
    """Return the excuses that `by` may see, past ones too, those that are reviewed first at the top."""
    rows = SecondStepExcuse.objects.select_related("user__organisation", "made_by").order_by("review_on", "pk")
    return rows if rights.is_operator(user=by) else rows.filter(user__organisation=by.organisation_id)


def in_force() -> Q:
    """Return the condition that people may enter today (User.may_enter)."""
    today = timezone.localdate()
    started = Q(starts_on__isnull=True) | Q(starts_on__lte=today)
    return Q(is_active=True) & started & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))


def _organisations(by: User | None) -> QuerySet[Organisation]:
    rows = Organisation.objects.by_name()
    return rows if by is None or rights.is_operator(user=by) else rows.filter(pk=by.organisation_id)


def _alike(by: User | None) -> Iterator[Mapping[str, Any]]:
    """Return how many people have the same facts, for each combination of facts that there is.

    What stands in tables of its own is added up for each person first, and joined once: as conditions in the list of
    columns, the database would look each of them up for one person after another.
    """
    people, of_people = _sql(_people(by))
    having, of_having = zip(*(_sql(rows) for rows in _having()), strict=True)
    columns = ", ".join(f"person.{name}" for name in FACTS)
    sql = (
        f"SELECT {columns}, COALESCE(has.ways, 0) AS ways, COUNT(*) AS people FROM ({people}) person "  # noqa: S608
        f"LEFT JOIN (SELECT user_id, SUM(weight) AS ways FROM ({' UNION ALL '.join(having)}) one GROUP BY user_id) has "
        f"ON has.user_id = person.id GROUP BY {columns}, has.ways"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*of_people, *itertools.chain(*of_having)])
        for row in cursor.fetchall():
            *facts, ways, number = row
            yield {**dict(zip(FACTS, facts, strict=True)), **_numbers(int(ways)), "people": number}


def _numbers(ways: int) -> dict[str, int]:
    """Return how many rows of each kind a sum of weights stands for."""
    return {name: ways // weight % BASE for name, weight in WEIGHTS.items()}


def _people(by: User | None) -> QuerySet[Any]:
    """Return the people in force whom `by` may see, with FACTS."""
    people: QuerySet[Any] = User.objects.filter(in_force())
    if by is not None and not rights.is_operator(user=by):
        people = people.filter(organisation=by.organisation_id)
    with_facts: QuerySet[Any] = (
        people.order_by()
        .alias(second_step_number=roll_out.Number())
        .annotate(
            has_no_password=_is_so(Q(password__startswith="!")),  # noqa: S106 (what stands where there is none)
            is_required=_is_so(Q(organisation__second_step__in=REQUIRING)),
            is_in_share=roll_out.is_in_share(),
        )
        .values("id", *FACTS)
    )
    return with_facts


def _having() -> Iterator[QuerySet[Any]]:
    """Return the rows of each kind in WEIGHTS: whose each is, and its weight."""
    rows = {
        "apps": Authenticator.objects.filter(confirmed=True),
        "passkeys": Passkey.objects.filter(confirmed=True),
        # Its counter went back. Its owner is asked for a second step all the same.
        "refused": Passkey.objects.filter(confirmed=False),
        "codes": RecoveryCodes.objects.filter(confirmed=True).exclude(sealed=[]),
        "care_identities": CareIdentity.objects.all(),
        "excuses": SecondStepExcuse.objects.in_effect(),
    }
    for name, weight in WEIGHTS.items():
        yield rows[name].order_by().values("user_id", weight=Value(weight, output_field=BigIntegerField()))


def _sql(queryset: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    sql, values = queryset.query.get_compiler(connection=connection).as_sql()
    return str(sql), values


def _is_so(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _counts(alike: Mapping[str, Any]) -> Counts:
    """Return what people with the same facts count in."""
    linked = alike["care_identities"] > 0
    second_step = alike["apps"] + alike["passkeys"] + alike["refused"] > 0
    by_password_alone = not (alike["has_no_password"] or second_step)
    # As accounts/services/second_step/ways.py counts them: several passkeys are several ways, several apps are one.
    ways = alike["passkeys"] + sum(alike[name] > 0 for name in ("apps", "codes", "care_identities"))
    counts_in = {
        "people": True,
        "password_only": by_password_alone and not linked,
        "app": alike["apps"] > 0,
        "passkey": alike["passkeys"] > 0,
        "care_identity": linked,
        "second_step": second_step,
        "two_ways": ways >= ENOUGH,
        "required_and_none": by_password_alone and _is_required(alike),
        "excused": alike["excuses"] > 0,
        "staff_without": bool(alike["is_staff"]) and not (second_step or linked),
    }
    return Counts(**{name: int(alike["people"]) for name, is_so in counts_in.items() if is_so})


def _is_required(alike: Mapping[str, Any]) -> bool:
    """Return what accounts/services/second_step/policy.py says of one person."""
    return bool(alike["is_staff"] or (alike["is_required"] and alike["is_in_share"] and not alike["excuses"]))
