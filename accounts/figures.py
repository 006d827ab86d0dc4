"""What this process counts for the operators' monitoring (docs/metrics.md), and what each series may be told apart by.

A label has few values, all written down in the code: never a name, an address, an organisation or what a visitor sent,
so that no stranger makes a series and no series tells of a person. Counting asks the database nothing. Where several
processes serve, each counts in a file of its own (esr_portal/metrics_folder.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

# The kinds of events are written as they are stored: models are not loaded yet where this is.
# Of our own: the library's default has figures of one process, which of several would be any.
REGISTRY = CollectorRegistry(auto_describe=True)
disable_created_metrics()  # type: ignore[no-untyped-call]

EVENTS = Counter("esr_events", "Security events recorded by the web server, by kind.", ["event"], registry=REGISTRY)
LOG_INS = Counter(
    "esr_log_ins", "Log-ins by way in and outcome: in, or why not.", ["way", "outcome"], registry=REGISTRY
)
SECOND_STEPS = Counter(
    "esr_second_steps", "Second steps by kind and outcome: passed or failed.", ["kind", "outcome"], registry=REGISTRY
)
TURNED_AWAY = Counter("esr_turned_away", "Forms sent away because too many waited for a hash.", registry=REGISTRY)
HASH_QUEUE = Gauge(
    "esr_hash_queue", "Requests that wait for their turn to hash.", multiprocess_mode="livesum", registry=REGISTRY
)
HASH_WAIT = Histogram(
    "esr_hash_wait_seconds",
    "How long a request waited for its turn to hash, also where it was sent away.",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0),
    registry=REGISTRY,
)
HASH_TIME = Histogram(
    "esr_hash_seconds",
    "How long one password hash took.",
    buckets=(0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.4, 0.8),
    registry=REGISTRY,
)

PASSWORD, PASSKEY, CARE_IDENTITY = "password", "passkey", "care_identity"
IN, REFUSED, OTHER = "in", "refused", "other"
PASSED, FAILED = "passed", "failed"
# Why a password let nobody in (accounts/services/log_in.py, lockout.py); a reason to come is OTHER until it is here.
REASONS = frozenset(
    {
        "wrong_password",
        "unknown_username",
        "locked",
        "locked_unknown_username",
        "too_many_in_a_row",
        "no_password_yet",
        "unreadable_hash",
        "not_in_force",
        "frozen",
        "dormant",
        "password_changed",
        "outside_network",
    }
)
_WAYS: Mapping[str, str] = {"": PASSWORD, PASSKEY: PASSKEY, CARE_IDENTITY: CARE_IDENTITY}
APP, RECOVERY_CODE, HELPDESK_CODE = "app", "recovery_code", "helpdesk_code"
_SECOND_STEPS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("second_step_passed", ""): (APP, PASSED),
    ("second_step_passed", "passkey"): (PASSKEY, PASSED),
    ("recovery_code_used", ""): (RECOVERY_CODE, PASSED),
    ("bootstrap_code_used", ""): (HELPDESK_CODE, PASSED),
    ("second_step_failed", "passkey"): (PASSKEY, FAILED),
    ("second_step_failed", "wrong_recovery_code"): (RECOVERY_CODE, FAILED),
    ("second_step_failed", "wrong_bootstrap_code"): (HELPDESK_CODE, FAILED),
    ("second_step_failed", "wrong_code"): (APP, FAILED),
    ("second_step_failed", "wrong_code_at_set_up"): (APP, FAILED),
}


def _show_from_the_start() -> None:
    """Show what alerts divide by at 0 from the start: the first of a kind would be no increase of anything."""
    for way in (PASSWORD, PASSKEY, CARE_IDENTITY):
        LOG_INS.labels(way, IN)
        LOG_INS.labels(way, REFUSED)
    for reason in REASONS:
        LOG_INS.labels(PASSWORD, reason)
    for event in ("locked", "recovery_requested", "recovery_link_used"):
        EVENTS.labels(event)


_show_from_the_start()


def count_event(event: str, *, reason: str, number: int = 1) -> None:
    """Count security events as they are recorded; `event` is the kind as it is stored.

    One whose transaction is then rolled back stays counted.
    """
    EVENTS.labels(event).inc(number)
    log_in = _as_log_in(event, reason)
    if log_in is not None:
        LOG_INS.labels(*log_in).inc(number)
    if event in _OF_SECOND_STEPS:
        outcome = FAILED if event == "second_step_failed" else PASSED
        SECOND_STEPS.labels(*_SECOND_STEPS.get((event, reason), (OTHER, outcome))).inc(number)


_OF_SECOND_STEPS = frozenset(event for event, _ in _SECOND_STEPS)


def _as_log_in(event: str, reason: str) -> tuple[str, str] | None:
    """Return way in and outcome, or None where an event is no log-in's end."""
    if event == "logged_in":
        return _WAYS.get(reason, OTHER), IN
    if event == "log_in_failed":
        return PASSWORD, reason if reason in REASONS else OTHER
    if event == "care_identity_refused":
        return CARE_IDENTITY, REFUSED
    # At the last check, of a password as of a passkey.
    return (OTHER, REFUSED) if event == "log_in_refused" else None
