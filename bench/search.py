"""How long the helpdesk's search takes among many people: `python -m bench.search 200000`.

Server time is PostgreSQL's own ("Execution Time" and "Planning Time" of EXPLAIN ANALYZE), all statements of one search
together: that of the page of results and its count too.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bench import portal

PEOPLE = 200_000
ORGANISATIONS = 250
TIMES = 15
UNUSUAL = ("O'Brien", "O’Neill", "Évans", "Smith-Jones", "MacDonald", "Nuñez", "Møller", "Łukasiewicz", "van der Berg")
# What an agent types, and what kind of search it is.
KINDS = {
    "family name": "Evans",
    "most frequent family name": "smith",
    "given and family name": "Evans, Karen",
    "two frequent names": "john smith",
    "apostrophe": "O’Brien",
    "without the apostrophe": "obrien",
    "two letters": "sm",
    "one letter and a name": "j smith",
    "ESR number in groups": "1010 0103",
    "beginning of an ESR number": "10100",
    "username": "117JSMITH00",
    "username without its code": "jsmith01",
    "email address": "person1234@bench.example",
    "beginning of an email address": "person1234",
    "in no name": "zzyzx",
}


def main() -> None:
    """Make people in a database of our own, and print what each kind of search takes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with portal.database():
        began = time.perf_counter()
        make(count)
        print(f"{count:,} people at {ORGANISATIONS} organisations, made in {time.perf_counter() - began:.0f} s\n")
        print(f"  {'server time in ms, least of ' + str(TIMES):<36}{'operator':>10}{'agent':>10}{'found':>9}")
        for kind, typed in KINDS.items():
            (operators, found), (agents, _) = (_measure(typed, agent=agent) for agent in (False, True))
            print(f"  {kind:<36}{operators:>10.1f}{agents:>10.1f}{found:>9}", flush=True)


def make(count: int) -> None:
    """Add `count` people at ORGANISATIONS organisations, with names as frequent as they are."""
    from accounts.models import Organisation

    Organisation.objects.bulk_create(
        Organisation(code=f"{100 + n}", name=f"Organisation {n}", support_email=f"esr@{n}.example")
        for n in range(ORGANISATIONS)
    )
    keys = list(Organisation.objects.filter(code__lt=f"{100 + ORGANISATIONS}").values_list("pk", "code"))
    with without_words_index():
        _copy(_people(count, keys))


@contextmanager
def without_words_index() -> Iterator[None]:
    """Drop the index of words for as long as people are added."""
    from django.db import connection

    indexes = import_module("accounts.migrations.0014_words_of_people_on_record")
    with connection.schema_editor(atomic=False) as editor:
        indexes.drop_indexes(None, editor)
        yield
        indexes.add_indexes(None, editor)


def _copy(people: Iterator[dict[str, Any]]) -> None:
    """Write rows in the fastest way there is."""
    from django.db import connection

    from accounts.models import User
    from accounts.models.search_words import SOURCES, search_words

    fields = [field for field in User._meta.concrete_fields if not field.primary_key]
    template = User(password="!", date_of_birth=portal.DATE_OF_BIRTH)  # noqa: S106 - none.
    values = {field.attname: getattr(template, field.attname) for field in fields}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY accounts_user ({columns}) FROM STDIN") as copy:
        for facts in people:
            words = search_words(**{source: facts[source] for source in SOURCES})
            row = values | facts | {"search_words": words}
            copy.write_row([row[field.attname] for field in fields])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_user")


def _people(count: int, organisations: Sequence[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    """Give the facts of people whose names are as frequent as those of the lists are."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    chance = random.Random(1)  # noqa: S311 - names, no secret.
    family = [*(name.capitalize() for name in FREQUENCY_LISTS["surnames"]), *UNUSUAL]
    given = [name.capitalize() for name in (*FREQUENCY_LISTS["male_names"], *FREQUENCY_LISTS["female_names"])]
    drawn = zip(_drawn(given, count, chance), _drawn(family, count, chance), strict=True)
    for number, (given_name, family_name) in enumerate(drawn):
        key, code = organisations[number % len(organisations)]
        letters = "".join(c for c in family_name.upper() if "A" <= c <= "Z")
        yield {
            "username": f"{code}{given_name[0].upper()}{letters}{number // len(organisations):05}",
            "given_name": given_name,
            "family_name": family_name,
            "email": f"person{number}@bench.example",
            "employee_number": str(10_000_000 + number),
            "organisation_id": key,
        }


def _drawn(names: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """Return names by chance, the first ones of the list more often."""
    return chance.choices(names, weights=[1 / (rank + 10) for rank in range(len(names))], k=count)


def _measure(typed: str, *, agent: bool) -> tuple[float, int]:
    """Return the least server time (ms) of the statements of a search, and how many people it shows as found.

    The least: other work on the machine only adds to it.
    """
    from accounts.models import User
    from helpdesk import search

    people = User.objects.select_related("organisation").order_by("family_name", "given_name", "-pk")
    if agent:
        people = people.filter(organisation__code="117")
    took = [server_time(lambda: _list(search.find(people=people, typed=typed))) for _ in range(TIMES)]
    return min(took), _list(search.find(people=people, typed=typed))


def _list(found: Any) -> int:
    """Read what the list shows: how many there are, as far as it counts, and the first page."""
    from helpdesk.admin.base import MOST_COUNTED

    count: int = found.order_by()[:MOST_COUNTED].count()
    list(found[:50])
    return count


def server_time(do: Callable[[], object]) -> float:
    """Return PostgreSQL's own time (ms) for the statements of `do`."""
    from django.db import connection

    spent = 0.0

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        with context["cursor"].connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()[0]
        spent += plan["Planning Time"] + plan["Execution Time"]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        do()
    return spent


if __name__ == "__main__":
    main()
