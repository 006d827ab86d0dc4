"""From what an action takes to what a year of people takes. Every assumption about people stands here alone.

Nothing here asks a database or a clock.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from bench.sizing.actions import IMPORTED
from esr_portal.event_ages import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sizing.meter import Cost

PEOPLE = 1_900_000
# How often a person does it in a year. Together 115 log-ins: 600,000 a day.
A_YEAR = {
    "log_in": 87.0,
    "new_browser": 3.0,
    "passkey": 5.0,
    "care_identity": 20.0,
    # The other sessions end by themselves.
    "log_out": 60.0,
    # As the shift change of `make attack` has it: 8 in 100.
    "wrong": 7.0,
    "recovery": 1.5,
    "change": 0.3,
    "unlock": 0.05,
    # One in seven people is new in a year.
    "import": 0.14 / IMPORTED,
}
LOG_INS = ("log_in", "new_browser", "passkey", "care_identity")
# The busiest ten minutes: a twentieth of a pay day, on which twice as many log in as on other days.
PAY_DAY, BUSIEST = 2.0, 1 / 20
TEN_MINUTES = 600.0
# A processor that is busier than this lets people wait.
USED = 0.6
# Seconds that a mail server takes for a mail.
MAIL_SERVER = 0.1
# Of each process of a web server, for two cores (docs/capacity.md): bytes, connections.
MEMORY, THREADS = 241 * 2**20, 60
CORES_OF_A_PROCESS = 2
CONNECTIONS_OF_A_WORKER = 5
# Through a pooler: so many connections for each that is busy in the mean, never fewer than deploy/pgbouncer.ini has.
SPARE, LEAST_POOL = 4, 40
# Days that rows are kept that are no events (docs/data.md): a session's eight hours, and until `tidy_up` a day later.
DAYS_KEPT = {
    "accounts_outboxmessage": 30.0,
    "accounts_recoveryrequest": 90.0,
    "accounts_recoverylink": 30.0,
    "accounts_session": 1.3,
    "accounts_lockout": 1.0,
    "accounts_spentchallenge": 1.0,
    "care_identity_spentstate": 1.0,
}
# Bytes of an event with its indexes, what is filed of it and its seals (`python -m bench.events 20000000`).
EVENT = 470.0
EVENTS = ("accounts_securityevent", "accounts_filedevent")
# What a person keeps of it, however often it is done: former passwords, and browsers that they are known in.
KEPT_OF_A_PERSON = {"accounts_passwordhistory": ("recovery", 3), "accounts_devicecookie": ("new_browser", 3)}
DAYS = 365.0


@dataclasses.dataclass(frozen=True, slots=True)
class Needs:
    """What so many people need. Bytes, seconds, numbers of cores and connections."""

    people: float
    log_ins_a_day: float
    log_ins_a_second: float
    web_cores: float
    processes: int
    memory: float
    connections: int
    pooled: int
    database_cores: float
    commits_a_second: float
    statements_a_second: float
    log_a_second: float
    log_a_day: tuple[float, float]
    events_a_day: float
    events: float
    disk_of_people: float
    disk_of_events: float
    disk_of_others: float
    growth: float
    mails_a_second: float
    workers: int

    @property
    def disk(self) -> float:
        """All of the database, once each kind of row has reached its age."""
        return self.disk_of_people + self.disk_of_events + self.disk_of_others


def needs(costs: Mapping[str, Cost], *, server: float, factor: float = 1) -> Needs:
    """Return what `factor` times today's people need.

    `server` is how much more a log-in takes in the web server than in one process by itself.
    """
    people = PEOPLE * factor
    a_day = {name: people * often / DAYS for name, often in A_YEAR.items()}
    peak = {name: number * PAY_DAY * BUSIEST / TEN_MINUTES for name, number in a_day.items()}
    web_cores = _sum(costs, peak, "web") * server / 1000 / USED
    processes = max(2, math.ceil(web_cores / CORES_OF_A_PROCESS))
    mails = _sum(costs, peak, "mails")
    workers = max(2, math.ceil((_sum(costs, peak, "worker") / 1000 + mails * MAIL_SERVER) / USED))
    busy = _sum(costs, peak, "in_statements") / 1000
    events = disk_of_events(costs, a_day)
    others = sum(
        costs[name].sizes.get(table, 0) * number * days
        for table, days in DAYS_KEPT.items()
        for name, number in a_day.items()
    )
    log = _sum(costs, a_day, "log")
    return Needs(
        people=people,
        log_ins_a_day=sum(a_day[name] for name in LOG_INS),
        log_ins_a_second=sum(peak[name] for name in LOG_INS),
        web_cores=web_cores,
        processes=processes,
        memory=processes * MEMORY,
        connections=processes * THREADS + workers * CONNECTIONS_OF_A_WORKER,
        pooled=max(LEAST_POOL, math.ceil(busy * SPARE)) + workers * CONNECTIONS_OF_A_WORKER,
        database_cores=_sum(costs, peak, "database") / 1000 / USED,
        commits_a_second=_sum(costs, peak, "commits"),
        statements_a_second=_sum(costs, peak, "statements"),
        log_a_second=_sum(costs, peak, "log"),
        log_a_day=(log, log + _sum(costs, a_day, "images")),
        events_a_day=sum(sum(costs[name].events.values()) * number for name, number in a_day.items()),
        events=kept_events(costs, a_day),
        disk_of_people=people * of_a_person(costs),
        disk_of_events=events,
        disk_of_others=others,
        growth=DAYS * EVENT * sum(sum(costs[name].events.values()) * n for name, n in a_day.items()),
        mails_a_second=mails,
        workers=workers,
    )


def of_a_person(costs: Mapping[str, Cost]) -> float:
    """Return the bytes that a person takes by being on record: as imported, and what they come to keep."""
    imported = sum(size for table, size in costs["import"].sizes.items() if table not in EVENTS) / IMPORTED
    return imported + sum(
        times * costs[name].sizes.get(table, 0) / max(1.0, costs[name].rows.get(table, 0))
        for table, (name, times) in KEPT_OF_A_PERSON.items()
    )


def kept_events(costs: Mapping[str, Cost], a_day: Mapping[str, float]) -> float:
    """Return how many events there are once each kind has reached its age, the last two log-ins of each left out."""
    return sum(
        each * number * KEPT.get(kind, KEPT[""]).days
        for name, number in a_day.items()
        for kind, each in costs[name].events.items()
    )


def disk_of_events(costs: Mapping[str, Cost], a_day: Mapping[str, float]) -> float:
    """Return the bytes of those."""
    return EVENT * kept_events(costs, a_day)


def _sum(costs: Mapping[str, Cost], times: Mapping[str, float], what: str) -> float:
    return float(sum(getattr(costs[name], what) * number for name, number in times.items()))
