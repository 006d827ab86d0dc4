"""What security events cost to find, to seal, to verify and to hand out: `python -m bench.events [EVENTS]`.

Events of 400 days at 300 organisations, one of which is very small, with twenty events a person, in a PostgreSQL of our
own that goes afterwards. 20,000,000 events take 11 GB of disk and an hour. Server time is PostgreSQL's own, all
statements of a search together, as `bench.search` measures it. With `--plans` the plan of each statement is printed.
"""

from __future__ import annotations

import logging
import resource
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench import portal, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accounts.models import User
    from helpdesk.event_search import Wanted

EVENTS = 200_000
ORGANISATIONS = 300
EACH = 20
DAYS = 400
TIMES = 5
AT_ONCE = 1_000_000
# Left to the worker's own filing, to measure it beside indexes that are large already.
FILED_BY_WORKER = 0.05

# The organisation of the person with a number: the first have many people, the last but one few, and the last twenty.
_ORGANISATION = f"""CASE WHEN {{n}} < 20 THEN {ORGANISATIONS - 1}
    ELSE floor({ORGANISATIONS - 1} * power(({{n}} * 0.6180339887) % 1, 1.7)) END::int"""
_PEOPLE = """
INSERT INTO accounts_user ({columns})
SELECT {values} FROM accounts_user made, generate_series(0, {people} - 1) n WHERE made.username = '999BENCH00000'
"""
# Seven in ten come from one of the three addresses of the organisation's own network, the others from home.
_EVENTS = """
INSERT INTO accounts_securityevent (at, event, user_id, by_id, address, device, reason, reference)
SELECT now() - interval '{days} days' * (1 - n / {events}.0),
    CASE WHEN dice < 0.5 THEN 'logged_in' WHEN dice < 0.75 THEN 'logged_out' WHEN dice < 0.9 THEN 'second_step_passed'
         WHEN dice < 0.96 THEN 'log_in_failed' WHEN dice < 0.97 THEN 'locked' WHEN dice < 0.98 THEN 'unlocked'
         WHEN dice < 0.9999 THEN 'password_changed' ELSE 'frozen' END,
    CASE WHEN dice BETWEEN 0.94 AND 0.96 THEN NULL ELSE {first} + person END,
    CASE WHEN dice BETWEEN 0.97 AND 0.98 THEN {first} + person % 1000 END,
    CASE WHEN random() < 0.7
        THEN ('10.' || organisation / 250 || '.' || organisation % 250 || '.' || person % 3 + 1)::inet
        ELSE ('81.' || person % 200 || '.' || n % 250 || '.' || person / 200 % 250)::inet END,
    'Chrome on Windows', '', CASE WHEN dice BETWEEN 0.96 AND 0.97 THEN upper(
        substr(md5(n::text), 1, 4) || '-' || substr(md5(n::text), 5, 4)) ELSE '' END
FROM (SELECT n, person, random() AS dice, {organisation} AS organisation FROM (
    SELECT n, floor({people} * random())::int AS person FROM generate_series({begin}, {end}) n OFFSET 0
) drawn OFFSET 0) one
"""
_FILED = """
INSERT INTO accounts_filedevent (id, at, organisation, kind, address, "by")
SELECT event.id, event.at, COALESCE(person.organisation_id, 0), event.event, event.address, event.by_id
FROM accounts_securityevent event LEFT JOIN accounts_user person ON person.id = event.user_id WHERE event.id <= %s
"""


def main() -> None:
    """Make events in a database of our own, and print what each thing takes."""
    numbers = [int(argument.replace(",", "").replace("_", "")) for argument in sys.argv[1:] if argument[0].isdigit()]
    events = numbers[0] if numbers else EVENTS
    with portal.database():
        logging.disable(logging.WARNING)
        with taking("made") as said:
            _make(events, events // EACH)
            said.append(f"{events:,} events of {events // EACH:,} people at {ORGANISATIONS} organisations")
        _file(events)
        _print_sizes()
        _print_times()
        _seal_and_verify(events)
        _ship(events)


@contextmanager
def taking(what: str, count: int = 0) -> Iterator[list[str]]:
    """Print how long a block took, and how many a second, beside what it says."""
    said: list[str] = []
    began = time.perf_counter()
    yield said
    took = time.perf_counter() - began
    rate = f", {count / took:,.0f} a second" if count else ""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what}: {' '.join(said)} in {took:.1f} s{rate} (memory {memory} MB)", flush=True)


def _make(events: int, people: int) -> None:
    from django.db import connection

    from accounts.models import Organisation, SecurityEvent, User

    Organisation.objects.bulk_create(
        Organisation(code=f"{100 + n}", name=f"Organisation {n}", support_email=f"esr@{n}.example")
        for n in range(ORGANISATIONS)
    )
    first = Organisation.objects.get(code="100").pk
    facts = {
        "username": "'8' || lpad(n::text, 9, '0')",
        "email": "'person' || n || '@bench.example'",
        "employee_number": "(20000000 + n)::text",
        "organisation_id": f"{first} + {_ORGANISATION.format(n='n')}",
    }
    columns = [str(field.column) for field in User._meta.concrete_fields if not field.primary_key]
    values = [facts.get(column, f'made."{column}"') for column in columns]
    quoted = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        with search.without_words_index():
            cursor.execute(_PEOPLE.format(columns=quoted, values=", ".join(values), people=people))
        key = User.objects.get(username="8000000000").pk
        with _without_indexes(SecurityEvent):
            for begin in range(1, events + 1, AT_ONCE):
                where = {"begin": begin, "end": min(begin + AT_ONCE - 1, events), "first": key, "people": people}
                organisation = _ORGANISATION.format(n="person")
                cursor.execute(_EVENTS.format(**where, events=events, days=DAYS, organisation=organisation))
        cursor.execute("VACUUM ANALYZE accounts_user, accounts_securityevent, accounts_organisation")


@contextmanager
def _without_indexes(model: Any) -> Iterator[None]:
    """Drop the indexes of a table for as long as it is filled."""
    from django.db import connection

    with connection.schema_editor(atomic=False) as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
        yield
        for index in model._meta.indexes:
            editor.add_index(model, index)


def _file(events: int) -> None:
    from django.db import connection

    from accounts.models import FiledEvent, SecurityEvent
    from accounts.services import filing_events

    up_to = SecurityEvent.objects.latest("pk").pk - int(events * FILED_BY_WORKER)
    with _without_indexes(FiledEvent), connection.cursor() as cursor:
        cursor.execute(_FILED, [up_to])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_filedevent")
    with taking("filed by the worker", int(events * FILED_BY_WORKER)) as said:
        said.append(f"{filing_events.file_new():,}")


def _print_sizes() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("accounts_securityevent", "accounts_filedevent"):
            cursor.execute("SELECT pg_size_pretty(pg_table_size(%s)), pg_size_pretty(pg_indexes_size(%s))", [table] * 2)
            of_table, of_indexes = cursor.fetchone()
            print(f"{table}: {of_table}, its indexes {of_indexes}")


def _print_times() -> None:
    from accounts.models import User
    from helpdesk import event_search

    operator = User.objects.filter(username=portal.username(1)).get()
    operator.role, operator.is_staff, operator.is_superuser = "national_admin", True, True
    large, small = (
        User.objects.filter(organisation__code=code).select_related("organisation").order_by("pk")[0]
        for code in ("100", f"{100 + ORGANISATIONS - 1}")
    )
    for agent in (large, small):
        agent.role, agent.is_staff = "agent", True
    print(f"\n  {'server and clock time in ms, least of ' + str(TIMES):<44}{'operator':>16}{'large':>16}{'small':>16}")
    for kind, wanted in _searches().items():
        times = []
        for by, _ in ((operator, ""), (large, ""), (small, "")):
            look = _look(event_search.find, wanted, by)
            times.append(f"{min(search.server_time(look) for _ in range(TIMES)):.1f} {_clock(look):.0f}")
        print(f"  {kind:<44}{times[0]:>16}{times[1]:>16}{times[2]:>16}", flush=True)
        if "--plans" in sys.argv:
            for by in (operator, large, small):
                print_plans(_look(event_search.find, wanted, by))


def _look(find: Callable[..., object], wanted: Wanted, by: User) -> Callable[[], object]:
    return lambda: find(wanted=wanted, by=by)


def _clock(look: Callable[[], object]) -> float:
    """Return the least clock time (ms) of several looks, in Python and in the database."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        look()
        took.append(1000 * (time.perf_counter() - began))
    return min(took)


def _searches() -> dict[str, Wanted]:
    import datetime

    from django.utils import timezone

    from accounts.models import SecurityEvent
    from accounts.models.trusted_network import read_network
    from helpdesk.event_search import Wanted

    event = SecurityEvent.objects.filter(reference__gt="", user__isnull=False).select_related("user").order_by("pk")[7]
    unlocked = SecurityEvent.objects.filter(by__isnull=False).select_related("by").order_by("-at")[0]
    half_a_year = timezone.now() - datetime.timedelta(days=200)
    return {
        "nothing typed": Wanted(),
        "half a year ago": Wanted(until=half_a_year),
        "a person": Wanted(person=event.user.username if event.user else ""),
        "an agent": Wanted(agent=unlocked.by.username if unlocked.by else ""),
        "a reference": Wanted(reference=event.reference),
        "a frequent kind": Wanted(kind="logged_in"),
        "a rare kind": Wanted(kind="frozen"),
        "a kind that never happened": Wanted(kind="database_restored"),
        "an address of the large organisation": Wanted(network=read_network("10.0.0.1")),
        "its network": Wanted(network=read_network("10.0.0.0/24")),
        "a network of very many addresses": Wanted(network=read_network("81.1.0.0/16")),
        "a network that nobody has": Wanted(network=read_network("198.51.100.0/24")),
        "a rare kind in a network": Wanted(kind="frozen", network=read_network("10.0.0.0/24")),
        "a rare kind in very many addresses": Wanted(kind="frozen", network=read_network("81.1.0.0/16")),
        "a kind, half a year ago": Wanted(kind="locked", until=half_a_year),
    }


def print_plans(look: Callable[[], object]) -> None:
    """Print the plan of each statement."""
    from django.db import connection

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with context["cursor"].connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", params)
            print("\n".join("      " + line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        look()


def _seal_and_verify(events: int) -> None:
    from accounts.models import EventMarks, EventSeal
    from accounts.services import event_seals, verifying_events

    with taking("sealed", events) as said:
        said.append(f"{event_seals.seal_closed_days()} days")
    marks = sum(len(kept.marks) for kept in EventMarks.objects.iterator(chunk_size=100))
    print(f"{EventSeal.objects.count()} seals, marks {marks // 2**20} MB")
    with taking("verified", events) as said:
        said.append(f"{sum(isinstance(told, verifying_events.Finding) for told in verifying_events.verify())} findings")


def _ship(events: int) -> None:
    import datetime

    from accounts.models import SecurityEvent
    from accounts.services import shipping_events

    count = min(events, 1_000_000)
    after = SecurityEvent.objects.latest("pk").pk - count
    with taking("handed out as JSON", count) as said:
        batches = shipping_events.batches(after=after, within=datetime.timedelta(seconds=30))
        said.append(f"{sum(len(lines) for lines, _ in batches) / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
