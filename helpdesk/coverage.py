"""Second steps: which people have what, counted by organisation and person type for agents, operators and auditors.

Counted by the database, in one query: people with the same facts are one of its rows.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import BooleanField, Case, Count, Q, Value, When
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, CareIdentity, Organisation, RecoveryCodes, SecondStepExcuse, User
from accounts.models.organisation import SecondStepPolicy
from accounts.services.second_step import roll_out
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

# Of these facts a person needs two, so that one way may be lost.
WAYS = {"has_app", "has_passkey", "has_several_passkeys", "has_codes", "has_care_identity"}
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


def lines(*, by: User) -> list[Line]:
    """Return the counts that `by` may see: of their organisation, or of all for an operator. Two queries."""
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


def _organisations(by: User) -> QuerySet[Organisation]:
    rows = Organisation.objects.order_by("name", "code")
    return rows if rights.is_operator(user=by) else rows.filter(pk=by.organisation_id)


def _alike(by: User) -> Iterator[Mapping[str, Any]]:
    """Return how many people have the same facts, for each combination of facts that there is.

    Each fact that is in a table of its own is joined as a set of people: as a condition in the list of columns it would
    be looked up for one person after another.
    """
    people, of_people = _sql(_people(by))
    joins, values = [], [*of_people]
    for fact, having in _having().items():
        sql, of_fact = _sql(having)
        joins.append(f'LEFT JOIN ({sql}) "{fact}" ON "{fact}".user_id = person.id')
        values += of_fact
    facts = [f"person.{name}" for name in FACTS] + [f'"{fact}".user_id IS NOT NULL AS "{fact}"' for fact in _having()]
    columns, places = ", ".join(facts), ", ".join(str(place) for place in range(1, len(facts) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns}, COUNT(*) AS people FROM ({people}) person {' '.join(joins)} GROUP BY {places}",  # noqa: S608 (the ORM's own)
            values,
        )
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            yield dict(zip(names, row, strict=True))


def _people(by: User) -> QuerySet[Any]:
    """Return the people in force whom `by` may see, with FACTS."""
    people = User.objects.filter(in_force())
    if not rights.is_operator(user=by):
        people = people.filter(organisation=by.organisation_id)
    return (
        people.order_by()
        .alias(second_step_number=roll_out.Number())
        .annotate(
            has_no_password=_is_so(Q(password__startswith="!")),  # noqa: S106 (what stands where there is none)
            is_required=_is_so(Q(organisation__second_step__in=REQUIRING)),
            is_in_share=roll_out.is_in_share(),
        )
        .values("id", *FACTS)
    )


def _having() -> dict[str, QuerySet[Any]]:
    """Return for each fact that is in a table of its own the people of whom it is true, each once."""
    passkeys = Passkey.objects.filter(confirmed=True).order_by()
    several = passkeys.values("user_id").annotate(number=Count("pk")).filter(number__gt=1)
    excuses = SecondStepExcuse.objects.filter(review_on__gte=timezone.localdate())
    return {
        "has_app": Authenticator.objects.filter(confirmed=True).values("user_id").distinct(),
        "has_passkey": passkeys.values("user_id").distinct(),
        "has_several_passkeys": several.values("user_id"),
        "has_codes": RecoveryCodes.objects.filter(confirmed=True).exclude(sealed=[]).values("user_id").distinct(),
        "has_care_identity": CareIdentity.objects.values("user_id"),
        "is_excused": excuses.values("user_id"),
    }


def _sql(queryset: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    sql, values = queryset.query.get_compiler(connection=connection).as_sql()
    return str(sql), values


def _is_so(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _counts(alike: Mapping[str, Any]) -> Counts:
    """Return what people with the same facts count in."""
    # SQLite says 1 for what is true.
    has = {name for name in alike.keys() - {"organisation_id", "person_type", "people"} if alike[name]}
    second_step = bool(has & {"has_app", "has_passkey"})
    by_password_alone = "has_no_password" not in has and not second_step
    counts_in = {
        "people": True,
        "password_only": by_password_alone and "has_care_identity" not in has,
        "app": "has_app" in has,
        "passkey": "has_passkey" in has,
        "care_identity": "has_care_identity" in has,
        "second_step": second_step,
        "two_ways": len(has & WAYS) > 1,
        "required_and_none": by_password_alone and _is_required(has),
        "excused": _is_excused(has),
        "staff_without": "is_staff" in has and not has & {"has_app", "has_passkey", "has_care_identity"},
    }
    return Counts(**{name: int(alike["people"]) for name, is_so in counts_in.items() if is_so})


def _is_required(has: set[str]) -> bool:
    return "is_staff" in has or (has >= {"is_required", "is_in_share"} and not _is_excused(has))


def _is_excused(has: set[str]) -> bool:
    return "is_excused" in has and "is_staff" not in has
