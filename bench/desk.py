"""How long the helpdesk's desk takes among many people, events and mails: `python -m bench.desk [PEOPLE [LOG_INS]]`.

Server time is PostgreSQL's own, all statements of a page's service together, as `bench.search` measures it. With
`--plans` the plan of each statement is printed too.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Any

from bench import portal, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User

PEOPLE = 200_000
# Of a month, and of the 90 days for which requests are kept.
MAILS = 300_000
REQUESTS = 100_000
LOG_INS_EACH = 5
TYPED = {
    "given and family name": "Karen Evans",
    "family and given name": "Evans, Karen",
    "most frequent family name": "smith",
    "apostrophe": "O’Brien",
    "username": "117JSMITH00",
    "email address": "person1234@bench.example",
    "beginning of an ESR number": "10100",
    "ESR number in groups": "1001 0103",
    "Care Identity of nobody": "555500001111",
    "reference": "",
    "in no name": "zzyzx",
    "in no name, two words": "zzyzx karen",
    "ESR number of nobody": "99999999",
}

# Requests of the last 90 days, each for one person, and what came of each; the log-ins of all; mails of a month.
_MADE = (
    """INSERT INTO accounts_recoveryrequest
       (reference, created_at, email_digest, email, date_of_birth_digest, network, turn_at, outcome, decided_at)
       SELECT upper(substr(md5(n::text), 1, 4) || '-' || substr(md5(n::text), 5, 4)),
              now() - interval '90 days' * (1 - n / {requests}.0), md5((n % {people})::text), '', '', '',
              now(), 'mailed', now() FROM generate_series(1, {requests}) n ON CONFLICT DO NOTHING""",
    """INSERT INTO accounts_securityevent (at, event, user_id, device, reason, reference)
       SELECT r.created_at, 'recovery_decided', {first} + r.id % {people}, '', 'mailed', r.reference
       FROM accounts_recoveryrequest r""",
    """INSERT INTO accounts_securityevent (at, event, user_id, device, reason, reference)
       SELECT now() - interval '365 days' * random(), 'logged_in', {first} + n % {people}, 'Chrome on Windows', '', ''
       FROM generate_series(1, {log_ins}) n""",
    """INSERT INTO accounts_outboxmessage (id, kind, about, created_at, due_at, turn_at, attempts, last_error, sent_at)
       SELECT gen_random_uuid(), 'recovery',
              jsonb_build_object('request', n, 'users', jsonb_build_array({first} + n % {people})),
              now() - interval '30 days' * random(), now(), now(), 1, '', now() FROM generate_series(1, {mails}) n""",
    "VACUUM ANALYZE accounts_recoveryrequest, accounts_securityevent, accounts_outboxmessage",
)


def main() -> None:
    """Make people, requests, events and mails in a database of our own, and print what each look takes."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    people = numbers[0] if numbers else PEOPLE
    log_ins = numbers[1] if len(numbers) > 1 else people * LOG_INS_EACH
    with portal.database():
        logging.disable(logging.WARNING)
        began = time.perf_counter()
        search.make(people)
        _make_events(people, log_ins)
        print(f"{people:,} people, {log_ins:,} log-ins, {REQUESTS:,} requests and {MAILS:,} mails,")
        print(f"made in {time.perf_counter() - began:.0f} s")
        began = time.perf_counter()
        days = _count_days()
        print(f"{days} days counted for the overview in {time.perf_counter() - began:.0f} s\n")
        _print_times()


def _make_events(people: int, log_ins: int) -> None:
    from django.db import connection

    from accounts.models import User

    first = User.objects.filter(email="person0@bench.example").get().pk
    facts = {"people": people, "first": first, "requests": REQUESTS, "mails": MAILS, "log_ins": log_ins}
    with connection.cursor() as cursor:
        for statement in _MADE:
            cursor.execute(statement.format(**facts))


def _count_days() -> int:
    """Count each day that the overview shows, as a worker does; return how many."""
    from accounts.services import daily_counts
    from helpdesk.services import people_counts

    days = 0
    while daily_counts.count_next() is not None:
        days += 1
    people_counts.count()
    return days


def _print_times() -> None:
    from accounts.models import User

    operator = User.objects.filter(username=portal.username(1)).get()
    operator.is_staff = operator.is_superuser = True
    agent = User.objects.filter(organisation__code="117").select_related("organisation").order_by("pk")[0]
    agent.is_staff = True
    print(f"  {'server time in ms, least of ' + str(search.TIMES):<36}{'operator':>10}{'agent':>10}")
    for kind, look in _looks(agent).items():
        times = [_least(look, by) for by in (operator, agent)]
        print(f"  {kind:<36}{times[0]:>10.1f}{times[1]:>10.1f}", flush=True)
        if "--plans" in sys.argv:
            _print_plans(lambda: look(agent))  # noqa: B023 - called at once.


def _least(look: Callable[[User], object], by: User) -> float:
    """Return the least time (ms) of several looks: other work on the machine only adds to it."""
    return min(search.server_time(lambda: look(by)) for _ in range(search.TIMES))


def _looks(agent: User) -> dict[str, Callable[[User], object]]:
    """Return each look at the desk, as a function of who looks."""
    from accounts.models import SecurityEvent
    from accounts.models.security_event import Event
    from helpdesk import diagnosis, finding, happened, mail_fate, mails_waiting, recent_requests
    from helpdesk.overview import Overview

    decided = SecurityEvent.objects.filter(event=Event.RECOVERY_DECIDED, user__organisation=agent.organisation)
    typed = TYPED | {"reference": decided.order_by("-at")[0].reference}

    def find(words: str) -> Callable[[User], object]:
        return lambda by: finding.find(typed=words, by=by)

    looks = {f"find: {kind}": find(words) for kind, words in typed.items()}
    person = decided.order_by("-at")[0].user
    assert person is not None  # noqa: S101 - the request was for one.

    def open_person(by: User) -> None:
        diagnosis.diagnose(person=person)
        happened.last(person=person)

    def open_overview(by: User) -> None:
        Overview(organisation=None if by.is_superuser else agent.organisation)
        mails_waiting.now()

    return looks | {
        "person": open_person,
        "overview": open_overview,
        "requests of the last days": lambda by: recent_requests.newest(by=by),
        "mails of a person": lambda _: mail_fate.of(person=person),
    }


def _print_plans(look: Callable[[], object]) -> None:
    from django.db import connection

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT"):
            with context["cursor"].connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, SUMMARY ON) {sql}", params)
                print("\n".join(f"      {line}" for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        look()


if __name__ == "__main__":
    main()
