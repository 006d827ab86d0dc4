"""What the demo has made in this database: marking it, finding it, and deleting it. Production has none of it.

It stands here and not in demo/, which production does not load: production recognises the marks and clears them.
"""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, transaction

from accounts.models import CountedDay, DemoMark, Organisation, Session, User

if TYPE_CHECKING:
    from django.db import models

# The mark of a database that is a demo's as a whole.
THE_DATABASE = "database"


class OthersArePeopleThere(Exception):
    """People that the demo did not make are at its organisations. `count` is how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What carries a mark: the people and organisations by name, and of other rows how many there are of each kind."""

    people: list[str]
    organisations: list[str]
    others: dict[str, int]
    # At the demo's organisations, and not made by the demo.
    people_added: list[str]


def tables() -> list[str]:
    """Return the names of the tables of this database. Makes no file where SQLite's is not there: it has none then."""
    has_no_file = connection.vendor == "sqlite" and not os.path.exists(connection.settings_dict["NAME"])  # noqa: PTH110 (raises nothing)
    return [] if has_no_file else connection.introspection.table_names()


def is_demo() -> bool:
    """Return whether this database as a whole was marked as a demo's."""
    return _can_be_asked() and DemoMark.objects.filter(part=THE_DATABASE).exists()


def are_here() -> bool:
    """Return whether anything in this database carries a mark of the demo. One query of the table, and one for it.

    False where the database has not been migrated. Raises DatabaseError where it does not answer.
    """
    return _can_be_asked() and DemoMark.objects.exists()


def claim() -> None:
    """Mark this database as a demo's. Twice is once."""
    DemoMark.objects.get_or_create(part=THE_DATABASE)


def mark(*, part: str, row: models.Model) -> None:
    """Mark `row`, which the demo has made, as this part of it; a row that had the part before was deleted."""
    DemoMark.objects.update_or_create(part=part, defaults={"model": row._meta.label, "row": row.pk})


def key(part: str) -> models.QuerySet[DemoMark, Any]:
    """Return, for `pk__in`, the key of the row with this part; it has no row where none was made."""
    return DemoMark.objects.filter(part=part).values("row")


def found() -> Found:
    """Return what carries a mark and is still here, and the people who were added to the demo's organisations."""
    here: Counter[str] = Counter()
    for label, rows in _rows().items():
        model = apps.get_model(label)
        here[str(model._meta.verbose_name_plural)] = model._default_manager.filter(pk__in=rows).count()
    for model in (User, Organisation):
        del here[str(model._meta.verbose_name_plural)]
    organisations = Organisation.objects.filter(pk__in=_rows().get(Organisation._meta.label, []))
    return Found(
        people=list(_people().values_list("username", flat=True)),
        organisations=[str(organisation) for organisation in organisations],
        others=dict(+here),
        people_added=list(_people_added().values_list("username", flat=True)),
    )


def organisations() -> list[int]:
    """Return the primary keys of the organisations that the demo has made."""
    return _rows().get(Organisation._meta.label, [])


def delete(*, with_people_added: bool) -> None:
    """Delete every row that carries a mark, with what hangs on it, and the marks. Security events stay.

    An organisation that is not the demo's and loses its last trusted network asks for internet access no more: the demo
    had given it both. Raises OthersArePeopleThere where people were added to the demo's organisations, unless they are
    to go too.
    """
    with transaction.atomic():
        added = list(_people_added().values_list("pk", flat=True))
        if added and not with_people_added:
            raise OthersArePeopleThere(len(added))
        people = [*_people().values_list("pk", flat=True), *added]
        # No constraint of the database ties a session to its person.
        Session.objects.filter(user_id__in=people).delete()
        User.objects.filter(pk__in=people).delete()
        rows = _rows()
        networks = rows.get("accounts.TrustedNetwork", [])
        had_networks = list(Organisation.objects.filter(trusted_networks__in=networks).values_list("pk", flat=True))
        # People are at organisations, which the database lets go when they are empty.
        for label in sorted(rows, key=lambda label: label == Organisation._meta.label):
            apps.get_model(label)._default_manager.filter(pk__in=rows[label]).delete()
        # The demo had made the numbers of days up. Those of events are counted again.
        CountedDay.objects.all().delete()
        Organisation.objects.filter(pk__in=had_networks, trusted_networks=None).update(requires_internet_access=False)
        DemoMark.objects.all().delete()


def _can_be_asked() -> bool:
    """Return whether the table of marks is there. Asked first, because PostgreSQL ends a transaction at an error."""
    return DemoMark._meta.db_table in tables()


def _rows() -> dict[str, list[int]]:
    """Return the keys of the marked rows by their models."""
    rows: dict[str, list[int]] = {}
    for label, row in DemoMark.objects.order_by("pk").values_list("model", "row"):
        if row is not None:
            rows.setdefault(label, []).append(row)
    return rows


def _people() -> models.QuerySet[User]:
    return User.objects.filter(pk__in=_rows().get(User._meta.label, [])).order_by("username")


def _people_added() -> models.QuerySet[User]:
    rows = _rows()
    at_theirs = User.objects.filter(organisation_id__in=rows.get(Organisation._meta.label, []))
    return at_theirs.exclude(pk__in=rows.get(User._meta.label, [])).order_by("username")
